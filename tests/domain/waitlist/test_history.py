"""The history of a line: every placement, answer, arrival and day of waiting counted once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from directory.domain.waitlist.history import Step, ended, history_of, person_days, weekly

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def step(entry: int, days: float, what: str, before: str | None, after: str, *, tier: int = 9) -> Step:
    return Step(entry, ago(days), what, before, after, tier, ago(300))


def life(entry: int, *moves: tuple[float, str, str]) -> list[Step]:
    """The steps of an entry: so many days ago, what, and the state after; the state before follows."""
    found, before = [], None
    for days, what, after in moves:
        found.append(step(entry, days, what, before, after))
        before = after
    return found


PLACED = ((20, "joined", "waiting"), (8, "offered", "offered"), (7, "offer-accepted", "accepted"))


def test_days_waited_are_those_between_joining_and_the_end_without_holds() -> None:
    placed = life(1, *PLACED, (6, "offer-admitted", "placed"))
    assert person_days(placed, ago(90), NOW) == pytest.approx(14)
    held = life(2, (20, "joined", "waiting"), (15, "held", "on-hold"), (5, "resumed", "waiting"))
    assert person_days(held, ago(90), NOW) == pytest.approx(10)
    assert person_days([*placed, *held], ago(90), NOW) == pytest.approx(24)


def test_days_waited_are_cut_at_both_ends_of_the_window() -> None:
    long_ago = life(1, (200, "joined", "waiting"), (40, "closed", "closed"))
    assert person_days(long_ago, ago(90), NOW) == pytest.approx(50)
    assert person_days(long_ago, ago(30), NOW) == 0
    assert person_days(life(2, (200, "joined", "waiting")), ago(90), NOW) == pytest.approx(90)


def test_who_stood_in_line_before_the_first_step_that_is_known_waited_until_then() -> None:
    assert person_days([step(1, 10, "closed", "waiting", "closed")], ago(90), NOW) == pytest.approx(80)
    assert person_days([step(1, 10, "resumed", "on-hold", "waiting")], ago(90), NOW) == pytest.approx(10)


def test_the_figures_of_a_line_are_those_of_its_window() -> None:
    steps = [
        *life(1, *PLACED, (6, "offer-admitted", "placed")),
        *life(2, (30, "joined", "waiting"), (9, "offered", "offered"), (8, "offer-declined", "waiting")),
        *life(3, (40, "joined", "waiting"), (9, "offered", "offered"), (5, "offer-expired", "waiting")),
        *life(4, (50, "joined", "waiting"), (20, "closed", "closed")),
        *life(5, (50, "joined", "waiting"), (9, "offered", "offered"), (4, "offer-withdrawn", "waiting")),
        *life(6, (300, "joined", "waiting"), (290, "closed", "closed"), (3, "reinstated", "waiting")),
    ]
    requests = [(9, ago(20)), (9, ago(30)), (3, ago(40)), (9, ago(120))]
    found = history_of(steps, requests, quiet=2, begun=ago(100), now=NOW)
    assert found.window == 100, "too few placements for a shorter one, and the line is no older"
    assert (found.placed, found.offers, found.dropped) == (1, 3, 1)
    assert found.arrivals == {9: 3, 3: 1}
    assert found.exposure == pytest.approx(14 + 30 + 40 + 30 + 50 + 3 + 2 * 100)
    assert found.phi == 1.0


def test_the_placements_of_a_week_are_those_of_seven_whole_days() -> None:
    placed = [ago(days) for days in (0.5, 6.9, 7.1, 20, 27.9)]
    assert weekly(placed, 28, NOW) == (2, 1, 1, 1)
    assert weekly(placed, 27, NOW) == (2, 1, 1)


def test_who_has_ended_since_is_whoever_has_not_come_back() -> None:
    steps = [
        *life(1, *PLACED, (6, "offer-admitted", "placed")),
        *life(2, (50, "joined", "waiting"), (4, "closed", "closed"), (3, "reinstated", "waiting")),
        *life(3, (50, "joined", "waiting"), (5, "closed", "closed")),
        *life(4, (50, "joined", "waiting"), (30, "closed", "closed")),
    ]
    assert {entry: last.after for entry, last in ended(steps, ago(10)).items()} == {1: "placed", 3: "closed"}
