"""The way from a yes to a bed: what is to be arranged, how far it is, and when somebody is asked afterwards how it goes (WAITLIST 1.8).

A hand-off is made together with the person and never decides for them. It follows what becomes of its offer and has no moves of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from directory.domain.waitlist.states import Offer


class Handoff(StrEnum):
    """How far a hand-off is."""

    OPEN = "open"
    ARRIVED = "arrived"
    NO_SHOW = "no-show"
    ENDED = "ended"


AFTER_OFFER: Mapping[Offer, Handoff] = {
    Offer.ACCEPTED: Handoff.OPEN,
    Offer.ADMITTED: Handoff.ARRIVED,
    Offer.NO_SHOW: Handoff.NO_SHOW,
    Offer.REJECTED: Handoff.ENDED,
    Offer.CANCELLED: Handoff.ENDED,
}
"""Where a hand-off stands once its offer has come to a state. To an offer that nobody has said yes to there is none."""

# --- what is to be arranged ------------------------------------------------------------------------------------------


class Step(StrEnum):
    """One thing to arrange, in the order in which it is asked (WAITLIST 1.8). That they came is the last, and follows from the offer."""

    WHAT = "told-what"
    WHERE = "told-where"
    WHEN = "told-when"
    TRANSPORT = "transport"
    BELONGINGS = "belongings"
    MEDICATION = "medication"
    PAPERS = "papers"
    INSURANCE = "insurance"
    CALL = "three-way-call"
    COMPANION = "who-goes"
    ARRIVAL = "arrival"


class State(StrEnum):
    """How a step is."""

    OPEN = "open"
    DONE = "done"
    NOT_NEEDED = "not-needed"


ARRANGED = tuple(step for step in Step if step is not Step.ARRIVAL)
"""The steps that a peer ticks."""
ALWAYS = frozenset({Step.WHAT, Step.WHERE, Step.WHEN})
"""Nobody goes anywhere without being told what, where and when: these are never "not needed"."""


def may_be(step: Step, state: State) -> bool:
    """Whether a peer can say this of a step."""
    return step in ARRANGED and not (step in ALWAYS and state is State.NOT_NEEDED)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a hand-off is: each step with its state, how many of them are settled, and the next open one (None: all is done)."""

    states: tuple[tuple[Step, State], ...]
    settled: int
    next: Step | None

    @property
    def all(self) -> int:
        """How many steps there are."""
        return len(self.states)


def progress(said: Iterable[tuple[str, str]], status: Handoff) -> Progress:
    """How far it is, from what was said of the steps, the oldest first, as pairs of codes: the last word on a step counts.

    Codes of another version of this program are passed over.
    """
    last = {Step(step): State(state) for step, state in said if step in set(ARRANGED) and state in set(State)}
    last[Step.ARRIVAL] = State.DONE if status is Handoff.ARRIVED else State.OPEN
    states = tuple((step, last.get(step, State.OPEN)) for step in Step)
    open_ones = [step for step, state in states if state is State.OPEN]
    return Progress(states, len(states) - len(open_ones), open_ones[0] if open_ones else None)


# --- how it goes afterwards ------------------------------------------------------------------------------------------


class Which(StrEnum):
    """One of the three times at which somebody is asked how it goes (WAITLIST 1.8)."""

    DAYS_3 = "72h"
    WEEK = "7d"
    MONTH = "30d"


class Outcome(StrEnum):
    """What came of asking. The last is theirs to say at any time: from then on nobody asks."""

    THERE = "there"
    LEFT = "left"
    MOVED_ON = "moved-on"
    BACK = "back-in-line"
    NOT_REACHED = "not-reached"
    OTHER = "other"
    NO_MORE = "no-more"


REACHED = frozenset(Outcome) - {Outcome.NOT_REACHED}
"""Outcomes that somebody has told."""
FIRST_AFTER, FIRST_BY = timedelta(hours=24), timedelta(hours=72)
_DAYS: Mapping[Which, tuple[int, int]] = {Which.WEEK: (7, 9), Which.MONTH: (30, 35)}
"""From which day to which after the arrival; that there are some days for it is ours, so that a weekend makes nothing late."""


@dataclass(frozen=True, slots=True)
class Window:
    """When somebody is to be asked: aware moments."""

    which: Which
    due_from: datetime
    due_at: datetime


def windows(arrived_at: datetime, zone: str) -> tuple[Window, ...]:
    """The three windows after an arrival (an aware moment): the first in hours that pass, the others in days on the calendar of `zone`, at
    the same time of day, also where the clocks have changed in between."""
    local = arrived_at.astimezone(ZoneInfo(zone))
    first = Window(Which.DAYS_3, arrived_at + FIRST_AFTER, arrived_at + FIRST_BY)
    later = [
        Window(which, *((local + timedelta(days=days)).astimezone(arrived_at.tzinfo) for days in ends))
        for which, ends in _DAYS.items()
    ]
    return (first, *later)


@dataclass(frozen=True, slots=True)
class FollowUp:
    """One follow-up as it is kept. `sealed` is its note; `outcome` and `done_at` are None while it is to be asked."""

    id: int
    which: Which
    due_from: datetime
    due_at: datetime
    outcome: Outcome | None = None
    done_at: datetime | None = None
    by: str | None = None
    sealed: str | None = None

    def is_due(self, now: datetime) -> bool:
        """Whether it is to be asked now."""
        return self.done_at is None and self.due_from <= now

    def is_late(self, now: datetime) -> bool:
        """Whether it should have been asked by now."""
        return self.done_at is None and self.due_at < now


def next_follow_up(rows: Sequence[FollowUp], now: datetime) -> FollowUp | None:
    """The one to ask now, the earliest first; None where none is due."""
    return min((row for row in rows if row.is_due(now)), key=lambda row: row.due_at, default=None)
