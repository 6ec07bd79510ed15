"""When a check-in is due, when it counts as missed, and what is no answer to it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from directory.domain.bridge.check_ins import (
    Check,
    Step,
    answer_problems,
    due_after_pause,
    end_of_day,
    next_due,
    rhythm_problems,
    second_way,
    step_due,
    usual_channel,
)

DUE = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
ZONE = "America/New_York"


@pytest.mark.parametrize(
    ("step", "since", "wanted"),
    [
        (Step.NONE, 24 * HOUR - SECOND, None),
        (Step.NONE, 24 * HOUR, Step.SECOND_WAY),
        (Step.NONE, 900 * HOUR, Step.SECOND_WAY),
        (Step.SECOND_WAY, 48 * HOUR - SECOND, None),
        (Step.SECOND_WAY, 48 * HOUR, Step.COORDINATOR),
        (Step.COORDINATOR, 900 * HOUR, None),
    ],
)
def test_a_missed_check_in_goes_on_step_by_step_and_each_has_its_whole_time(
    step: Step, since: timedelta, wanted: Step | None
) -> None:
    """Of the second step the time counts from when the first was begun, however late that was."""
    assert step_due(step, DUE, DUE if step else None, DUE + since) is wanted


def test_a_step_that_began_late_leaves_as_much_time_for_the_next() -> None:
    late = DUE + 200 * HOUR
    assert step_due(Step.SECOND_WAY, DUE, late, late + 47 * HOUR) is None
    assert step_due(Step.SECOND_WAY, DUE, late, late + 48 * HOUR) is Step.COORDINATOR


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 3, 5), 7 * 24 - 1), (date(2026, 10, 29), 7 * 24 + 1), (date(2026, 5, 5), 7 * 24)]
)
def test_a_weekly_check_in_stays_at_its_hour_when_the_clocks_change(day: date, hours: int) -> None:
    """In New York the clocks went forward on March 8 and back on November 1, 2026."""
    at = datetime(day.year, day.month, day.day, 10, 30, tzinfo=ZoneInfo(ZONE)).astimezone(UTC)
    due = next_due(at, 7, ZONE)
    assert due.astimezone(ZoneInfo(ZONE)).strftime("%a %H:%M") == at.astimezone(ZoneInfo(ZONE)).strftime("%a %H:%M")
    assert due - at == timedelta(hours=hours)


def test_a_day_of_grace_is_24_hours_though_the_clocks_change_in_it() -> None:
    due = datetime(2026, 3, 7, 20, 0, tzinfo=ZoneInfo(ZONE)).astimezone(UTC)
    assert not Check(due).is_missed(due + 24 * HOUR - SECOND)
    assert Check(due).is_missed(due + 24 * HOUR)


@pytest.mark.parametrize(("hour", "is_due"), [(0, True), (23, True), (24, False)])
def test_a_check_in_stands_on_the_board_from_the_morning_of_its_day(hour: int, is_due: bool) -> None:
    midnight = datetime(2026, 3, 2, tzinfo=ZoneInfo(ZONE))
    assert Check(midnight + hour * HOUR).is_due(date(2026, 3, 2), ZONE) is is_due


def test_a_pause_ends_on_the_morning_after_its_last_day_and_brings_nothing_forward() -> None:
    due = datetime(2026, 3, 3, 14, 0, tzinfo=ZoneInfo(ZONE)).astimezone(UTC)
    after = due_after_pause(date(2026, 3, 10), due, ZONE).astimezone(ZoneInfo(ZONE))
    assert (after.date(), after.hour) == (date(2026, 3, 11), 14)
    assert due_after_pause(date(2026, 3, 1), due, ZONE) == due


def test_a_day_ends_a_second_before_midnight_of_its_own_clock() -> None:
    end = end_of_day(date(2026, 3, 8), ZONE)
    assert (end.astimezone(UTC).isoformat(), end.tzinfo) == ("2026-03-09T03:59:59+00:00", ZoneInfo(ZONE))


@pytest.mark.parametrize(
    ("ways", "usual", "second"),
    [
        (("text", "call"), "text", "call"),
        (("email", "call", "text"), "call", "email"),
        (("call",), "call", None),
        (("call", "call"), "call", None),
        ((), "visit", None),
        (("email",), "visit", "email"),
    ],
)
def test_the_second_way_is_the_next_of_theirs_that_is_another_one(
    ways: tuple[str, ...], usual: str, second: str | None
) -> None:
    assert usual_channel(ways) == usual
    assert second_way(usual, ways) == second


TODAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("days", "channel", "until", "wrong"),
    [
        (1, "call", None, []),
        (30, "status", TODAY, []),
        (7, "visit", TODAY + timedelta(days=60), []),
        (0, "call", None, ["every_days"]),
        (31, "call", None, ["every_days"]),
        (None, "call", None, ["every_days"]),
        (7, "pigeon", None, ["way"]),
        (7, "text", TODAY - timedelta(days=1), ["paused_until"]),
        (7, "text", TODAY + timedelta(days=61), ["paused_until"]),
    ],
)
def test_a_rhythm_is_of_1_to_30_days_with_a_pause_of_60_at_the_most(
    days: int | None, channel: str, until: date | None, wrong: list[str]
) -> None:
    found = rhythm_problems(every_days=days, channel=channel, paused_until=until, today=TODAY)
    assert [each.field for each in found] == wrong


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({}, []),
        ({"feeling": None, "waiting": ""}, []),
        ({"is_reached": False, "feeling": None, "waiting": ""}, []),
        ({"channel": "status"}, ["channel"]),
        ({"feeling": 0}, ["feeling"]),
        ({"feeling": 6}, ["feeling"]),
        ({"waiting": "maybe"}, ["waiting"]),
        ({"safety": ("hunger",)}, ["safety"]),
        ({"note": "x" * 1001}, ["note"]),
        ({"is_reached": False}, ["feeling", "waiting"]),
        ({"is_reached": False, "feeling": None, "waiting": "", "safety": ("overdose",)}, []),
    ],
)
def test_a_check_in_is_what_somebody_can_have_said(changes: dict[str, object], wrong: list[str]) -> None:
    said: dict[str, object] = {
        "channel": "call", "is_reached": True, "feeling": 3, "waiting": "yes", "safety": ("suicide",), "note": ""
    }  # fmt: skip
    if changes.get("is_reached") is False:
        said["safety"] = ()
    assert [each.field for each in answer_problems(**said | changes)] == wrong  # type: ignore[arg-type]
