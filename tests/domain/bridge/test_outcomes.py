"""What each figure of the outcomes counts, and that nothing small is told."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random

import pytest

from directory.domain.bridge.outcomes import (
    ARRIVED,
    GROUP,
    LOST,
    MEASURES,
    REACHED,
    REFERENCES,
    WEEKLY,
    Case,
    Wait,
    cases,
    of_line,
    outcome_sheets,
)
from directory.domain.waitlist.reports import ALL, Sheet, Told, Value, times_sheet

SINCE = datetime(2026, 3, 1, tzinfo=UTC)
UNTIL = datetime(2026, 4, 1, tzinfo=UTC)
NOW = datetime(2026, 3, 20, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
ASKED = SINCE + DAY
people = count(1)


def wait(**changes: object) -> Wait:
    values: dict[str, object] = {
        "client": 1,
        "tier": 3,
        "line": "Beds",
        "requested_at": ASKED,
        "met_at": ASKED + 5 * DAY,
        "ended_at": None,
        "is_placed": False,
        "close_reason": None,
    }
    return Wait(**(values | changes))  # type: ignore[arg-type]


def said(measure: str, one: Wait, now: datetime = NOW) -> list[bool]:
    return [case.is_so for case in cases([one], since=SINCE, until=UNTIL, now=now)[measure]]


@pytest.mark.parametrize(
    ("changes", "now", "found"),
    [
        ({"signs": (ASKED + 48 * HOUR,)}, NOW, [True]),
        ({"signs": (ASKED + 49 * HOUR,)}, NOW, [False]),
        ({"signs": (ASKED - HOUR,)}, NOW, [False]),
        ({"met_at": ASKED}, NOW, [True]),
        ({"met_at": ASKED - 90 * DAY}, NOW, [False]),
        ({"met_at": ASKED - 90 * DAY, "signs": (ASKED + HOUR,)}, NOW, [True]),
        ({}, ASKED + 47 * HOUR, []),
        ({}, ASKED + 48 * HOUR, [False]),
        ({"requested_at": SINCE - DAY}, NOW, []),
        ({"close_reason": "in-error", "met_at": ASKED}, NOW, []),
    ],
)
def test_reached_is_who_was_spoken_with_within_48_hours_of_the_request(
    changes: dict[str, object], now: datetime, found: list[bool]
) -> None:
    assert said(REACHED, wait(**changes), now) == found


@pytest.mark.parametrize(
    ("days", "ended", "found"),
    [
        ((7, 14), None, [True]),
        ((8, 16), None, [True]),
        ((9, 16), None, [False]),
        ((), None, [False]),
        ((), 6, []),
        ((), 8, [True]),
    ],
)
def test_weekly_contact_is_kept_by_who_was_never_longer_than_a_week_and_a_day_without_a_sign(
    days: tuple[int, ...], ended: int | None, found: list[bool]
) -> None:
    one = wait(signs=tuple(ASKED + day * DAY for day in days), ended_at=ASKED + ended * DAY if ended else None)
    assert said(WEEKLY, one) == found


@pytest.mark.parametrize(
    ("reason", "placed", "found"),
    [
        ("cannot-locate", False, [True]),
        ("withdrew", False, [True]),
        ("refused", False, [True]),
        ("admitted-elsewhere", False, [False]),
        (None, True, [False]),
        ("merged", False, []),
    ],
)
def test_lost_is_of_those_whose_wait_ended_who_wanted_it_no_more_or_was_not_found(
    reason: str | None, placed: bool, found: list[bool]
) -> None:
    assert said(LOST, wait(close_reason=reason, is_placed=placed, ended_at=ASKED + 9 * DAY)) == found
    assert said(LOST, wait()) == []


def test_whoever_came_to_a_group_counts_among_all_who_waited() -> None:
    assert said(GROUP, wait(came_to_group=True)) + said(GROUP, wait()) == [True, False]


def rows(found: dict[str, list[Case]], sheet: int) -> dict[tuple[Value, Value], tuple[Value, ...]]:
    return {(row[0], row[1]): row for row in outcome_sheets(found)[sheet].rows}


def many(tier: int, yes: int, no: int, line: str = "Beds") -> list[Case]:
    """Cases of so many people, each of whom stands in this line alone."""
    return [Case(next(people), tier, line, is_so=number < yes) for number in range(yes + no)]


def test_a_share_is_told_of_each_group_and_of_all_where_nothing_of_it_is_small() -> None:
    found = {ARRIVED: many(3, 30, 20) + many(4, 60, 40)}
    told = rows(found, 1)
    assert told[ARRIVED, 3] == (ARRIVED, 3, 50, 30, 60)
    assert told[ARRIVED, ALL] == (ARRIVED, ALL, 150, 90, 60)
    whole = {row[0]: row for row in outcome_sheets(found)[0].rows}
    assert whole[ARRIVED] == (ARRIVED, 150, 90, 60)
    assert set(whole) == {*MEASURES, *REFERENCES}


@pytest.mark.parametrize(("yes", "no"), [(5, 45), (45, 5), (3, 4), (10, 40)])
def test_neither_a_small_yes_nor_a_small_no_is_told_nor_can_it_be_worked_out(yes: int, no: int) -> None:
    told = rows({ARRIVED: many(3, yes, no) + many(4, 60, 40)}, 1)
    small = told[ARRIVED, 3]
    assert small[4] is Told.HIDDEN
    assert small[3] is Told.HIDDEN
    assert told[ARRIVED, 4][3] is Told.HIDDEN or told[ARRIVED, ALL][3] is Told.HIDDEN


def test_where_there_is_nobody_a_figure_says_so_and_divides_by_nothing() -> None:
    assert rows({}, 1)[ARRIVED, ALL] == (ARRIVED, ALL, 0, 0, None)
    assert len(outcome_sheets({})[2].rows) == len(MEASURES)


@pytest.mark.parametrize("seed", range(60))
def test_of_any_groups_the_sheets_agree_on_all_and_no_small_number_can_be_worked_out(seed: int) -> None:
    rng = Random(seed)
    sizes = [(rng.choice((0, 3, 12, 40)), rng.choice((0, 2, 11, 30))) for _ in range(rng.randint(1, 5))]
    found = {ARRIVED: [case for tier, (yes, no) in enumerate(sizes) for case in many(tier, yes, no, str(tier % 2))]}
    whole, by_tier, by_line = outcome_sheets(found)
    totals = {tuple(row[-3:]) for sheet in (by_tier, by_line) for row in sheet.rows if row[:2] == (ARRIVED, ALL)}
    assert totals == {row[1:] for row in whole.rows if row[0] == ARRIVED}
    rows = [row for row in by_tier.rows if row[0] == ARRIVED and row[1] != ALL]
    told = [row for row in rows if row[2] is not Told.HIDDEN]
    assert not any(number in range(1, 11) for row in told for number in (row[2], row[3], _less(row)))
    hidden = [sizes[int(str(row[1]))] for row in rows if row[2] is Told.HIDDEN]
    ((people, yes, _percent),) = totals
    if hidden and people is not Told.HIDDEN:
        assert len(hidden) >= 2 or len(rows) == 1
        sums = [sum(each) for each in zip(*hidden, strict=True)]
        assert yes is Told.HIDDEN or not any(number in range(1, 11) for number in sums)
        assert sum(sums) > 10


@pytest.mark.parametrize("seed", range(60))
def test_of_people_who_stand_in_several_lines_no_small_number_is_left_of_all(seed: int) -> None:
    rng = Random(seed)
    stands = {
        line: rng.sample(range(rng.choice((30, 60))), rng.choice((4, 15, 25, 30)))
        for line in "ABCD"[: rng.randint(2, 4)]
    }
    so = {client: rng.random() < rng.choice((0.1, 0.5)) for client in range(60)}
    found = [Case(client, 3, line, is_so=so[client]) for line, clients in stands.items() for client in clients]
    whole, _tiers, by_line = outcome_sheets({ARRIVED: found})
    everybody = {client for clients in stands.values() for client in clients}
    told = [row for row in by_line.rows if row[0] == ARRIVED and row[1] != ALL and row[2] is not Told.HIDDEN]
    ((people, yes, _percent),) = [row[1:] for row in whole.rows if row[0] == ARRIVED]
    assert people in (len(everybody), Told.HIDDEN)
    if people is Told.HIDDEN or len(told) == len(stands):
        return
    others = everybody - {client for row in told for client in stands[str(row[1])]}
    numbers = [len(others), len(everybody) - sum(int(str(row[2])) for row in told)]
    if yes is not Told.HIDDEN:
        numbers += [sum(so[client] for client in others), int(str(yes)) - sum(int(str(row[3])) for row in told)]
    assert not any(number in range(1, 11) for number in numbers)


def test_whoever_stands_in_two_lines_is_one_of_the_people_of_each_and_one_of_all() -> None:
    twice = [Case(client, 3, line, is_so=True) for client in range(1000, 1020) for line in ("Beds", "Days")]
    told = {row[1]: row[2:] for row in outcome_sheets({WEEKLY: twice})[2].rows if row[0] == WEEKLY}
    assert told == {"Beds": (20, 20, 100), "Days": (20, 20, 100), ALL: (20, 20, 100)}


def test_who_has_several_places_counts_where_it_is_so_of_each() -> None:
    once_no = [Case(client, 3, line, line == "Beds") for client in range(1000, 1020) for line in ("Beds", "Days")]
    told = {row[1]: row[2:] for row in outcome_sheets({WEEKLY: once_no})[2].rows if row[0] == WEEKLY}
    assert told == {"Beds": (20, 20, 100), "Days": (20, 0, 0), ALL: (20, 0, 0)}


def everything(found: dict[str, list[Case]], days: dict[tuple[str, int | str], list[float]]) -> list[Sheet]:
    return [*outcome_sheets(found), times_sheet(days, ("s",), by="line")]


def told_of(sheets: Iterable[Sheet]) -> dict[Value, tuple[Value, ...]]:
    return {row[0]: row[1:] for sheet in sheets for row in sheet.rows if sheet.code == "outcomes"}


def test_a_line_alone_is_told_as_among_the_others_so_that_choosing_one_tells_no_small_number() -> None:
    found = {ARRIVED: many(3, 4, 12, "A") + many(3, 15, 20, "B") + many(3, 30, 30, "C")}
    sheets = everything(found, {("s", "A"): [1.0] * 4, ("s", "C"): [2.0] * 20})
    for line in ("A", "B"):
        assert told_of(of_line(sheets, line))[ARRIVED] == (Told.HIDDEN,) * 3
    assert told_of(of_line(sheets, "C"))[ARRIVED] == (60, 30, 50)
    assert [sheet.code for sheet in of_line(sheets, "C")] == ["outcomes", "times-line"]
    assert [row[2:] for row in of_line(sheets, "A")[1].rows] == [(Told.HIDDEN,) * 3]
    assert told_of(of_line(sheets, "D"))[ARRIVED] == (0, 0, None)
    assert set(told_of(of_line(sheets, "C"))) == {*MEASURES, *REFERENCES}


def test_of_how_many_the_second_reference_is_a_share_is_not_told() -> None:
    told = told_of(outcome_sheets({}))
    assert told["lost-before-assessment"] == (1822, None, 45)
    assert told["lost-before-enrolment"] == (None, None, 32)


def _less(row: tuple[Value, ...]) -> int:
    assert isinstance(row[2], int)
    assert isinstance(row[3], int)
    return row[2] - row[3]
