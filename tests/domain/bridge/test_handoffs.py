"""The way from a yes to a bed: its steps, how far it is, and when somebody is asked afterwards how it goes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from directory.domain.bridge.handoffs import (
    AFTER_OFFER,
    ARRANGED,
    FollowUp,
    Handoff,
    Outcome,
    State,
    Step,
    Which,
    may_be,
    next_follow_up,
    progress,
    windows,
)
from directory.domain.waitlist.states import AFTER_OFFER as ENTRY_AFTER
from directory.domain.waitlist.states import OFFER_MOVES, Entry, Offer

NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


# --- steps -----------------------------------------------------------------------------------------------------------


def test_the_steps_are_those_of_a_warm_hand_off_and_end_with_the_arrival() -> None:
    """WAITLIST 1.8."""
    assert [step.value for step in Step] == [
        "told-what",
        "told-where",
        "told-when",
        "transport",
        "belongings",
        "medication",
        "papers",
        "insurance",
        "three-way-call",
        "who-goes",
        "arrival",
    ]


@pytest.mark.parametrize(
    ("step", "state", "may"),
    [
        (Step.WHAT, State.DONE, True),
        (Step.WHAT, State.NOT_NEEDED, False),
        (Step.WHERE, State.NOT_NEEDED, False),
        (Step.WHEN, State.NOT_NEEDED, False),
        (Step.WHEN, State.OPEN, True),
        (Step.TRANSPORT, State.NOT_NEEDED, True),
        (Step.COMPANION, State.NOT_NEEDED, True),
        (Step.ARRIVAL, State.DONE, False),
        (Step.ARRIVAL, State.NOT_NEEDED, False),
    ],
)
def test_nobody_goes_untold_and_no_tick_says_that_they_came(step: Step, state: State, may: bool) -> None:
    assert may_be(step, state) is may


@pytest.mark.parametrize(
    ("said", "status", "settled", "following"),
    [
        ([], Handoff.OPEN, 0, Step.WHAT),
        ([("told-what", "done")], Handoff.OPEN, 1, Step.WHERE),
        ([("told-what", "done"), ("told-what", "open")], Handoff.OPEN, 0, Step.WHAT),
        ([("told-where", "done")], Handoff.OPEN, 1, Step.WHAT),
        ([("told-what", "done"), ("transport", "not-needed")], Handoff.OPEN, 2, Step.WHERE),
        ([(step.value, "done") for step in ARRANGED], Handoff.OPEN, 10, Step.ARRIVAL),
        ([(step.value, "done") for step in ARRANGED], Handoff.ARRIVED, 11, None),
        ([], Handoff.ARRIVED, 1, Step.WHAT),
        ([("sung-to", "done"), ("told-what", "half")], Handoff.OPEN, 0, Step.WHAT),
    ],
)
def test_the_last_word_on_a_step_counts_and_the_first_open_one_is_next(
    said: list[tuple[str, str]], status: Handoff, settled: int, following: Step | None
) -> None:
    found = progress(said, status)
    assert (found.settled, found.next, found.all) == (settled, following, 11)


def test_a_hand_off_stands_wherever_its_offer_can_come_to_from_a_yes() -> None:
    assert set(AFTER_OFFER) == {Offer.ACCEPTED} | OFFER_MOVES[Offer.ACCEPTED]
    for offer, status in AFTER_OFFER.items():
        assert (status is Handoff.ARRIVED) is (ENTRY_AFTER[offer][0] is Entry.PLACED)
        assert (status is Handoff.OPEN) is (ENTRY_AFTER[offer][0] is Entry.ACCEPTED)


# --- afterwards ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arrived", "zone", "week"),
    [
        (datetime(2026, 3, 2, 17, 0, tzinfo=UTC), "UTC", datetime(2026, 3, 9, 17, 0, tzinfo=UTC)),
        # The clocks go forward in New York on 8 March 2026, and back on 1 November.
        (datetime(2026, 3, 5, 17, 0, tzinfo=UTC), "America/New_York", datetime(2026, 3, 12, 16, 0, tzinfo=UTC)),
        (datetime(2026, 10, 29, 16, 0, tzinfo=UTC), "America/New_York", datetime(2026, 11, 5, 17, 0, tzinfo=UTC)),
    ],
)
def test_the_first_window_is_told_in_hours_and_the_later_ones_in_days_of_the_calendar(
    arrived: datetime, zone: str, week: datetime
) -> None:
    """WAITLIST 1.8: 24 to 72 hours, 7 days, 30 days; 4.1: hours that pass, also where the clocks change."""
    first, second, third = windows(arrived, zone)
    assert (first.which, first.due_from, first.due_at) == (Which.DAYS_3, arrived + 24 * HOUR, arrived + 72 * HOUR)
    assert (second.which, second.due_from) == (Which.WEEK, week)
    assert second.due_at - second.due_from == 2 * DAY
    assert (third.which, third.due_at - third.due_from) == (Which.MONTH, 5 * DAY)
    assert timedelta(days=30) - HOUR <= third.due_from - arrived <= timedelta(days=30) + HOUR


def test_a_window_that_begins_in_the_hour_that_is_not_there_has_a_moment_all_the_same() -> None:
    """2:30 on 8 March 2026 is no time in New York."""
    arrived = datetime(2026, 3, 1, 7, 30, tzinfo=UTC)
    assert windows(arrived, "America/New_York")[1].due_from == datetime(2026, 3, 8, 7, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "following", "is_late"),
    [(23, None, False), (24, Which.DAYS_3, False), (72, Which.DAYS_3, False), (73, Which.DAYS_3, True)],
)
def test_what_is_to_be_asked_moves_with_the_clock(hours: int, following: Which | None, is_late: bool) -> None:
    rows = [
        FollowUp(number, each.which, each.due_from, each.due_at) for number, each in enumerate(windows(NOON, "UTC"))
    ]
    now = NOON + hours * HOUR
    found = next_follow_up(rows, now)
    assert (found.which if found else None) is following
    assert (found is not None and found.is_late(now)) is is_late


def test_what_was_asked_is_not_asked_again() -> None:
    first, second, _third = windows(NOON, "UTC")
    asked = FollowUp(1, first.which, first.due_from, first.due_at, Outcome.THERE, NOON + 30 * HOUR)
    rows = [asked, FollowUp(2, second.which, second.due_from, second.due_at)]
    assert next_follow_up(rows, NOON + 40 * HOUR) is None
    found = next_follow_up(rows, NOON + 8 * DAY)
    assert found is not None
    assert found.id == 2
