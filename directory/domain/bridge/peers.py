"""What holds peers themselves: when one may stand in for another, and when what they learned has to be renewed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

LONGEST_COVER = timedelta(days=90)
"""Whoever is away for longer hands their people over for good."""
REMIND_BEFORE = (60, 30, 7)
"""Days before something ends, at which its holder is reminded."""
TRAINING, CERTIFICATION = "training", "certification"
KINDS = (TRAINING, CERTIFICATION)
LONGEST_NAME, LONGEST_NOTE = 120, 2000
MOST_PEOPLE = 200
"""No peer goes with more than that; whoever types it has mistyped."""
DONE, MOVED, ASKED, OTHER = "done", "moved", "asked", "other"
PAIR_ENDS = (DONE, MOVED, ASKED, OTHER)
"""Why a pairing ends: its time was over, one of them moved on, one of them asked for it, or something else. Nobody has to say more."""
TALK, NOTE, FINE, NOT_NOW = "talk", "note", "fine", "not-now"
DEBRIEFS = (TALK, NOTE, FINE, NOT_NOW)
"""What a peer may answer when they are asked how they are themselves: each is right."""


@dataclass(frozen=True, slots=True)
class Span:
    """That `stand_in` goes with the people of `away`, from one local day to another, both included."""

    away: int
    stand_in: int
    from_on: date
    until_on: date

    def meets(self, other: Span) -> bool:
        """Whether the two have a day in common."""
        return self.from_on <= other.until_on and other.from_on <= self.until_on


def cover_refused(wish: Span, others: Iterable[Span], today: date) -> tuple[str, str] | None:
    """Why nobody can stand in like that, as the field and the code of it; None where they can.

    Whoever stands in is there themselves: so there are no chains and no circles, and nobody's people are left with somebody who is away.
    """
    if wish.away == wish.stand_in:
        return "stand_in", "stands-in-for-self"
    if wish.until_on < wish.from_on:
        return "until", "ends-before"
    if wish.until_on < today:
        return "until", "over"
    if wish.until_on - wish.from_on > LONGEST_COVER:
        return "until", "too-long-away"
    for other in others:
        if not wish.meets(other):
            continue
        if other.away == wish.away:
            return "from", "covered-already"
        if other.away == wish.stand_in:
            return "stand_in", "stand-in-is-away"
        if other.stand_in == wish.away:
            return "from", "stands-in-then"
    return None


def reminders_due(expires_on: date, today: date) -> int:
    """How many of the reminders of REMIND_BEFORE have come due by a day; none any more once it is over."""
    left = (expires_on - today).days
    return sum(left <= days for days in REMIND_BEFORE) if left >= 0 else 0
