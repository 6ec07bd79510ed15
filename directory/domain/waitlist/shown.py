"""What somebody who waits is shown of their place and of the time: never a date, never a number that points at people (WAITLIST 2.2, 2.3)."""

from __future__ import annotations

from dataclasses import dataclass

from directory.domain.waitlist.ranking import BANDS, EXACT_FROM, Place

DAYS, WEEKS, MONTHS = "days", "weeks", "months"
WEEKS_FROM, MONTHS_FROM = 14, 84
"""Days from which a span is told in weeks, and in months."""
IN_UNIT = {WEEKS: (1, 7), MONTHS: (12, 365)}
"""How many of a unit are how many days."""


def place_shown(*, ahead: int, waiting: int, exact: bool) -> Place:
    """The place of somebody with so many `ahead` in a line of so many: a number only in one of 11 or more, and where the line tells numbers."""
    of = max(waiting, ahead + 1)
    if exact and of >= EXACT_FROM:
        return Place(number=ahead + 1, of=of)
    return Place(band=next((name for most, name in BANDS if ahead <= most), "10-or-more"))


@dataclass(frozen=True, slots=True)
class Span:
    """A time as it is told: so many of a unit."""

    unit: str
    number: int


def span(days: int, *, is_end: bool) -> Span:
    """Days in the unit that fits: the beginning of a range rounded down, its end up, so that it never promises too much."""
    if days < WEEKS_FROM:
        return Span(DAYS, days)
    unit = MONTHS if days >= MONTHS_FROM else WEEKS
    number, of_days = IN_UNIT[unit]
    return Span(unit, -(-days * number // of_days) if is_end else days * number // of_days)
