"""Groups in words: how often they meet, and what of a seat or an address is said to whom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from directory import i18n
from directory.services.bridge.groups import GroupNow, MeetingNow
from directory.services.bridge.seats import Sitting
from directory.storage.bridge.seats import SeatNow
from directory.web.bridge.presenters_group_form import empty, minute_typed, typed_group
from directory.web.bridge.presenters_groups import (
    came_words,
    seats_words,
    series_words,
    sitting_view,
    taken_words,
    way_words,
    where_words,
)
from tests.services.bridge.grouped import LOCAL
from tests.services.waitlist.world import NOW

HOUR = timedelta(hours=1)
MEETING = MeetingNow(5, 1, date(2026, 3, 2), NOW + HOUR, NOW + 2 * HOUR, "planned", 3, 1, None, 1)
GROUP = GroupNow(1, 2, "Marsh Peers", LOCAL, None, False, False, None, 1)


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    i18n.use("en")
    yield
    i18n.use("en")


@pytest.mark.parametrize(
    ("series", "english", "spanish"),
    [
        ({}, "Every Monday", "Cada lunes"),
        ({"every": "fortnightly"}, "Every two weeks on Monday", "Cada dos semanas, el lunes"),
        ({"every": "monthly", "week": 2}, "Second Monday of the month", "Segundo lunes del mes"),
        ({"every": "once"}, "Once", "Una vez"),
        ({"until": date(2026, 6, 1)}, "Every Monday, until Jun 1, 2026", "Cada lunes, hasta el 1 jun 2026"),
    ],
)
def test_how_often_a_group_meets_is_said_in_both_languages(series: dict[str, Any], english: str, spanish: str) -> None:
    values = replace(LOCAL, series=replace(LOCAL.series, **series))
    assert series_words(values) == english
    i18n.use("es")
    assert series_words(values).lower() == spanish.lower()


@pytest.mark.parametrize(
    ("change", "left", "taken"),
    [
        ({}, "2 seats left", "1 of 3 seats taken"),
        ({"taken": 2}, "1 seat left", "2 of 3 seats taken"),
        ({"taken": 4}, "full, you can wait for a seat", "4 of 3 seats taken"),
        ({"capacity": None}, "there is room for everybody", "1 seat taken"),
        ({"status": "cancelled"}, "does not take place", "1 of 3 seats taken"),
    ],
)
def test_how_many_seats_are_left_is_said(change: dict[str, Any], left: str, taken: str) -> None:
    meeting = replace(MEETING, **change)
    assert (seats_words(meeting), taken_words(meeting)) == (left, taken)


@pytest.mark.parametrize(
    ("seated", "others", "said"),
    [
        (0, 0, []),
        (4, 0, ["4 came"]),
        (0, 2, ["2 others came"]),
        (4, 1, ["4 with a seat came", "1 other came"]),
    ],
)
def test_who_came_is_told_apart_by_whether_they_had_a_seat(seated: int, others: int, said: list[str]) -> None:
    assert came_words(seated, others) == said


def test_an_address_is_told_as_far_as_the_reader_may_know_it() -> None:
    partial = replace(LOCAL, where=replace(LOCAL.where, visibility="partial"))
    assert where_words(LOCAL) == "Heron Hall, 12 Heron Lane, Saltmarsh, PA 19199"
    assert where_words(partial) == "Saltmarsh, PA"
    assert where_words(partial, is_own=True, is_named=False) == "12 Heron Lane, Saltmarsh, PA 19199"
    assert where_words(replace(partial, attendance="hybrid")) == "Saltmarsh, PA, and online"
    assert where_words(replace(LOCAL, attendance="online")) == "Online"
    found = replace(partial, where=replace(partial.where, notes="The blue door"))
    assert (way_words(found), way_words(found, is_own=True)) == ("", "The blue door")


@pytest.mark.parametrize(
    ("status", "now", "to_client", "button"),
    [
        ("", NOW, False, "Take a seat"),
        ("left", NOW, False, "Take a seat"),
        ("seat", NOW, True, "Give up the seat"),
        ("waiting", NOW, True, "Wait no more"),
        ("seat", NOW + HOUR, False, ""),
        ("", NOW + HOUR, False, "Take a seat"),
        ("", NOW + HOUR, True, ""),
        ("came", NOW + HOUR, False, ""),
        ("", NOW + 2 * HOUR, False, ""),
    ],
)
def test_the_button_is_what_can_be_done_now(status: str, now: datetime, to_client: bool, button: str) -> None:
    seat = SeatNow(9, 5, 7, status, NOW) if status else None
    assert sitting_view(Sitting(GROUP, MEETING, seat), now, to_client=to_client).button == button


def test_somebody_themselves_is_not_told_whose_group_it_is_nor_the_name_of_the_place() -> None:
    view = sitting_view(Sitting(GROUP, MEETING, SeatNow(9, 5, 7, "seat", NOW)), NOW, to_client=True)
    assert (view.by, view.where, view.state) == ("", "12 Heron Lane, Saltmarsh, PA 19199", "You have a seat.")


@pytest.mark.parametrize(
    ("text", "minute"), [("19:00", 1140), ("00:05", 5), ("7", -1), ("24:00", -1), ("12:60", -1), ("é:00", -1), ("", -1)]
)
def test_a_time_is_read_as_it_was_typed(text: str, minute: int) -> None:
    assert minute_typed(text) == minute


def test_an_empty_form_lacks_what_a_group_needs_and_nothing_else() -> None:
    given, problems = typed_group({name: [value] for name, value in empty("UTC", "2026-03-03").items()})
    assert problems == []
    assert (given.series.every, given.series.minute, given.capacity, given.people) == ("weekly", 1140, None, None)
    assert [each.code for each in typed_group({})[1]] == ["missing"]
