"""On which days a group meets, at which moments, and what a form may say of one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from directory.domain.bridge.groups import (
    FORTNIGHTLY,
    MONTHLY,
    ONCE,
    WEEKLY,
    GroupValues,
    Other,
    Series,
    Where,
    changes_of,
    group_fields,
    group_problems,
    is_of_groups,
    meets_at,
    series_days,
    source_of,
    week_of,
    windows_of,
)
from directory.domain.schedule import LAST, Timetable, aware, occurrences

NEW_YORK = "America/New_York"
MONDAY = date(2026, 3, 2)
SERIES = Series(MONDAY, 19 * 60, 90, NEW_YORK)
VALUES = GroupValues("Marsh evenings", "group", "in-person", SERIES, Where(city="Saltmarsh"))


@pytest.mark.parametrize(
    ("change", "days"),
    [
        ({}, ["2026-03-02", "2026-03-09", "2026-03-16", "2026-03-23", "2026-03-30"]),
        ({"every": FORTNIGHTLY}, ["2026-03-02", "2026-03-16", "2026-03-30"]),
        ({"every": ONCE}, ["2026-03-02"]),
        ({"every": MONTHLY, "week": 1}, ["2026-03-02"]),
        ({"every": MONTHLY, "week": 3}, ["2026-03-16"]),
        ({"every": MONTHLY, "week": LAST}, ["2026-03-30"]),
        ({"until": date(2026, 3, 16)}, ["2026-03-02", "2026-03-09", "2026-03-16"]),
        ({"starts_on": date(2026, 3, 16)}, ["2026-03-16", "2026-03-23", "2026-03-30"]),
        ({"starts_on": date(2026, 4, 6)}, []),
        ({"until": date(2026, 2, 1)}, []),
    ],
)
def test_a_group_meets_on_the_days_of_its_series(change: dict[str, Any], days: list[str]) -> None:
    found = series_days(replace(SERIES, **change), date(2026, 3, 1), date(2026, 3, 31))
    assert [day.isoformat() for day in found] == days


def test_every_two_weeks_stays_so_wherever_one_begins_to_look() -> None:
    series = replace(SERIES, every=FORTNIGHTLY)
    whole = series_days(series, MONDAY, MONDAY + timedelta(days=365))
    pieces = [day for number in range(366) for day in series_days(series, MONDAY + timedelta(days=number), MONDAY + timedelta(days=number))]  # fmt: skip
    assert whole == pieces
    assert {later - earlier for earlier, later in pairwise(whole)} == {timedelta(days=14)}


def test_a_group_at_seven_stays_at_seven_when_the_clocks_change() -> None:
    """They go forward on 8 March 2026."""
    before, after = (meets_at(SERIES, day)[0] for day in (MONDAY, MONDAY + timedelta(days=7)))
    assert (before.hour, after.hour) == (19, 19)
    assert [each.astimezone(UTC).hour for each in (before, after)] == [0, 23]


def test_a_meeting_lasts_as_long_as_it_lasts_in_the_night_of_the_change() -> None:
    start, end = meets_at(replace(SERIES, minute=90, minutes=120), date(2026, 3, 8))
    assert (start.hour, start.minute, end.hour, end.minute) == (1, 30, 4, 30)
    assert end.astimezone(UTC) - start.astimezone(UTC) == timedelta(hours=2)


@pytest.mark.parametrize(
    ("day", "week"),
    [(date(2026, 3, 2), 1), (date(2026, 3, 9), 2), (date(2026, 3, 23), 4), (date(2026, 3, 30), LAST)],
)
def test_a_fifth_week_of_a_month_is_the_last_one(day: date, week: int) -> None:
    assert week_of(day) == week


@pytest.mark.parametrize("every", [WEEKLY, FORTNIGHTLY, MONTHLY, ONCE])
def test_the_listing_of_a_group_meets_when_the_group_does(every: str) -> None:
    series = replace(SERIES, every=every, week=1 if every == MONTHLY else None, until=date(2026, 12, 31))
    planned = series_days(series, MONDAY, MONDAY + timedelta(days=56))
    windows = windows_of(series, planned, MONDAY)
    table = Timetable(windows, NEW_YORK)
    assert [found.start.date() for found in occurrences(table, MONDAY, 57)] == planned


def test_a_meeting_that_is_called_off_or_moved_is_so_in_its_listing() -> None:
    days = series_days(SERIES, MONDAY, MONDAY + timedelta(days=21))
    others = [
        Other(days[1], None),
        Other(days[2], datetime(2026, 3, 18, 18, 30)),
        Other(days[3], datetime(2026, 3, 23, 20, 0)),
    ]
    table = Timetable(windows_of(SERIES, days, MONDAY), NEW_YORK, changes_of(SERIES, others))
    found = [each.start.isoformat() for each in occurrences(table, MONDAY, 22)]
    assert found == ["2026-03-02T19:00:00", "2026-03-18T18:30:00", "2026-03-23T20:00:00"]


def test_a_meeting_that_is_moved_to_a_day_of_the_series_leaves_that_day_its_own() -> None:
    days = series_days(SERIES, MONDAY, MONDAY + timedelta(days=7))
    others = [Other(days[0], datetime(2026, 3, 9, 12, 0))]
    table = Timetable(windows_of(SERIES, days, MONDAY), NEW_YORK, changes_of(SERIES, others))
    found = [each.start.isoformat() for each in occurrences(table, MONDAY, 8)]
    assert found == ["2026-03-09T12:00:00", "2026-03-09T19:00:00"]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"name": " "}, ("name", "missing")),
        ({"name": "x" * 121}, ("name", "too-long")),
        ({"sort": "party"}, ("sort", "choose")),
        ({"attendance": "hybrid"}, ("url", "missing")),
        ({"attendance": "hybrid", "url": "meet me"}, ("url", "not-a-link")),
        ({"where": Where()}, ("city", "missing")),
        ({"where": Where(city="Saltmarsh", visibility="hidden")}, ("visibility", "choose")),
        ({"series": replace(SERIES, every="daily")}, ("every", "choose")),
        ({"series": replace(SERIES, timezone="Europe/Paris")}, ("timezone", "choose")),
        ({"series": replace(SERIES, minute=1440)}, ("time", "not-a-time")),
        ({"series": replace(SERIES, minutes=0)}, ("minutes", "not-within")),
        ({"series": replace(SERIES, minutes=721)}, ("minutes", "not-within")),
        ({"series": replace(SERIES, until=date(2026, 3, 1))}, ("until", "ends-before")),
        ({"capacity": 0}, ("capacity", "not-within")),
        ({"capacity": 1001}, ("capacity", "not-within")),
        ({"language": "tlh"}, ("language", "choose")),
        ({"people": ("everybody",)}, ("people", "choose")),
        ({"access": ("lift",)}, ("access", "choose")),
        ({"words": "x" * 1001}, ("words", "too-long")),
    ],
)
def test_what_is_no_group_is_said_field_by_field(change: dict[str, Any], problem: tuple[str, str]) -> None:
    assert [(each.field, each.code) for each in group_problems(replace(VALUES, **change))] == [problem]


def test_a_group_that_is_online_needs_no_town() -> None:
    online = replace(VALUES, attendance="online", where=Where(), url="https://meet.example.org/marsh", capacity=12)
    assert group_problems(online) == []
    assert group_problems(VALUES) == []


def test_the_zone_of_the_agency_can_be_chosen_beside_the_usual_ones() -> None:
    values = replace(VALUES, series=replace(SERIES, timezone="UTC"))
    assert [each.field for each in group_problems(values)] == ["timezone"]
    assert group_problems(values, zone="UTC") == []


def test_the_form_of_a_group_says_its_last_week_and_its_time() -> None:
    fields = group_fields(replace(VALUES, series=replace(SERIES, every=MONTHLY, week=LAST, minute=545), capacity=8))
    assert (fields["every"], fields["time"], fields["capacity"]) == ("monthly-last", "09:05", "8")


@pytest.mark.parametrize(("source", "is_ours"), [(source_of(7), True), ("agency-7-people", False), ("county", False)])
def test_the_listings_of_groups_are_known_by_their_source(source: str, is_ours: bool) -> None:
    assert is_of_groups(source) is is_ours


def test_a_clock_that_skips_an_hour_moves_a_meeting_into_the_next() -> None:
    start, _end = meets_at(replace(SERIES, minute=150), date(2026, 3, 8))
    assert start == aware(datetime(2026, 3, 8, 3, 30), NEW_YORK)
