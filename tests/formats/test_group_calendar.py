"""The calendar file of groups, read back as a phone would read it: it comes to the same days as the group itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from icalendar import Calendar, Event

from directory.domain.bridge.groups import (
    FORTNIGHTLY,
    MONTHLY,
    ONCE,
    WEEKLY,
    GroupValues,
    Other,
    Series,
    Where,
    meets_at,
    series_days,
)
from directory.domain.schedule import LAST
from directory.formats.group_calendar import GroupEvents, write_groups

NEW_YORK = "America/New_York"
NOW = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
MONDAY = date(2026, 3, 2)
SITE = "https://help.example.org"
VALUES = GroupValues(
    "Marsh evenings",
    "group",
    "in-person",
    Series(MONDAY, 19 * 60, 90, NEW_YORK),
    Where("Heron Hall", "12 Heron Lane", "Saltmarsh", "PA", "19199"),
    words="Bring a cup.",
)
YEAR = timedelta(days=365)


def group(*others: Other, series: dict[str, Any] | None = None, **change: Any) -> GroupEvents:
    return GroupEvents(7, 3, replace(VALUES, series=replace(VALUES.series, **(series or {})), **change), others)


def events(*groups: GroupEvents) -> list[Event]:
    return list(Calendar.from_ical(write_groups(groups, now=NOW, base_url=SITE)).walk("VEVENT"))


def starts(event: Event) -> list[datetime]:
    """When it begins within a year, as a phone works it out."""
    first = event["dtstart"].dt
    rule = rrulestr(event["rrule"].to_ical().decode(), dtstart=first)
    return list(rule.between(first - YEAR, first + YEAR, inc=True))


@pytest.mark.parametrize(
    "series",
    [
        {"every": WEEKLY},
        {"every": FORTNIGHTLY},
        {"every": MONTHLY, "week": 1},
        {"every": MONTHLY, "week": 4},
        {"every": MONTHLY, "week": LAST},
        {"every": WEEKLY, "until": date(2026, 11, 2)},
        {"every": FORTNIGHTLY, "until": date(2026, 11, 2), "minute": 23 * 60 + 30},
        {"every": WEEKLY, "starts_on": date(2026, 3, 1), "minute": 150, "timezone": "America/Chicago"},
    ],
)
def test_the_rule_comes_to_the_days_and_hours_of_the_group_over_a_year_and_both_changes_of_the_clocks(
    series: dict[str, Any],
) -> None:
    given = group(series=series)
    (event,) = events(given)
    found, own = starts(event), given.values.series
    first = event["dtstart"].dt.date()
    wanted = [meets_at(own, day)[0] for day in series_days(own, first, first + YEAR)]
    assert [each.astimezone(UTC) for each in found] == [each.astimezone(UTC) for each in wanted]
    assert len(found) > 10


def test_an_event_says_what_everybody_may_know_and_is_the_same_at_every_download() -> None:
    (event,) = events(group())
    assert event["uid"] == "group-7@help.example.org"
    assert (event["sequence"], event["dtstamp"].dt) == (3, NOW)
    assert event["dtstart"].params["TZID"] == NEW_YORK
    assert event["duration"].dt == timedelta(minutes=90)
    assert event["location"] == "Heron Hall, 12 Heron Lane, Saltmarsh, PA 19199"
    assert event["url"] == "https://help.example.org/groups/7"
    assert "description" not in event


def test_an_address_and_a_way_in_that_are_not_for_everybody_are_left_out() -> None:
    url = "https://meet.example.org/marsh"
    where = replace(VALUES.where, visibility="partial")
    (hidden,) = events(group(attendance="hybrid", url=url, where=where))
    assert "location" not in hidden
    assert "description" not in hidden
    (shown,) = events(group(attendance="hybrid", url=url, is_url_shown=True))
    assert shown["description"] == url
    (online,) = events(group(attendance="online", url=url, is_url_shown=True))
    assert "location" not in online


def test_a_meeting_that_is_called_off_or_moved_is_told_beside_the_series() -> None:
    off, moved = date(2026, 3, 9), date(2026, 3, 16)
    series, other = events(group(Other(off, None), Other(moved, datetime(2026, 3, 17, 18, 0))))
    assert [each.dt.date() for each in series["exdate"].dts] == [off]
    assert other["recurrence-id"].dt == datetime(2026, 3, 16, 19, 0, tzinfo=ZoneInfo(NEW_YORK))
    assert other["dtstart"].dt == datetime(2026, 3, 17, 18, 0, tzinfo=ZoneInfo(NEW_YORK))
    assert other["uid"] == series["uid"]


@pytest.mark.parametrize(
    ("others", "day", "status"),
    [
        ((), MONDAY, None),
        ((Other(MONDAY, datetime(2026, 3, 4, 18, 0)),), date(2026, 3, 4), None),
        ((Other(MONDAY, None),), MONDAY, "CANCELLED"),
    ],
)
def test_what_is_once_is_one_event_without_a_rule(others: tuple[Other, ...], day: date, status: str | None) -> None:
    (event,) = events(group(*others, series={"every": ONCE}))
    assert "rrule" not in event
    assert (event["dtstart"].dt.date(), event.get("status")) == (day, status)


def test_a_file_of_no_group_is_still_a_calendar_and_one_of_several_has_each_zone_once() -> None:
    assert events() == []
    several = write_groups([group(), group(), group(series={"timezone": "America/Chicago"})], now=NOW, base_url=SITE)
    zones = [str(each["tzid"]) for each in Calendar.from_ical(several).walk("VTIMEZONE")]
    assert zones == [NEW_YORK, "America/Chicago"]
    assert several.endswith(b"\r\n")


def test_the_file_knows_the_clocks_from_the_first_meeting_on() -> None:
    """RFC 5545, 3.6.5: before the first onset of a zone there is no offset."""
    old = write_groups([group(), group(series={"starts_on": date(2023, 11, 6)})], now=NOW, base_url=SITE)
    (zone,) = Calendar.from_ical(old).walk("VTIMEZONE")
    onsets = [part["dtstart"].dt for part in (*zone.standard, *zone.daylight)]
    assert min(onsets) < datetime(2023, 11, 6)
    assert max(each.dt for part in zone.daylight for each in part["rdate"].dts).year == 2035


def test_a_series_that_never_meets_has_no_event() -> None:
    assert events(group(series={"every": MONTHLY, "week": 2, "until": date(2026, 3, 3)})) == []
