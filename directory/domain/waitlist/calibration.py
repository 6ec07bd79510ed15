"""Whether the ranges that people were told came true: the score of each, and the share of all with its own uncertainty."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import sqrt

from directory.domain.estimate import LONGEST

TOO_LOW, ENOUGH = 0.65, 40
"""If the estimate is right, 0.8 of the waits lie between the 10th and the 90th percentile. Below this share something is wrong, once so
many people have been placed (WAITLIST 2.4)."""
LOOK_BACK_DAYS = 90
Z95 = 1.96


class Outcome(StrEnum):
    """What came of what somebody was told. CENSORED: they left without a placement, so nobody knows."""

    INSIDE = "inside"
    EARLY = "early"
    LATE = "late"
    CENSORED = "censored"


def score(days: float, q10: float, q90: float) -> Outcome:
    """Where a wait of so many days fell. Over a year counts as a year, as it did when the range was made."""
    waited = min(days, LONGEST)
    if waited < q10:
        return Outcome.EARLY
    return Outcome.INSIDE if waited <= q90 else Outcome.LATE


def wilson(share: float, number: int, z: float = Z95) -> tuple[float, float]:
    """The interval in which the true share lies, at 95 of 100 (Wilson 1927); 0 to 1 where nothing was seen."""
    if number <= 0:
        return 0.0, 1.0
    centre = share + z * z / (2 * number)
    side = z * sqrt(share * (1 - share) / number + z * z / (4 * number * number))
    whole = 1 + z * z / number
    return max(0.0, (centre - side) / whole), min(1.0, (centre + side) / whole)


@dataclass(frozen=True, slots=True)
class Coverage:
    """How the ranges of those who were placed came out, as shares of `placed` people; `left` is how many left without a placement.

    `low` and `high` are the interval of `inside`.
    """

    placed: int
    left: int
    inside: float = 0.0
    early: float = 0.0
    late: float = 0.0
    low: float = 0.0
    high: float = 1.0

    @property
    def is_too_low(self) -> bool:
        """Whether the ranges are too narrow, or beside the point, as far as can be told."""
        return self.placed >= ENOUGH and self.inside < TOO_LOW


def coverage(outcomes: Iterable[Mapping[str, int]]) -> Coverage:
    """The coverage over people, from how often each was told something that came out in which way.

    Each person counts once, however many days they were told something: their days are not independent, and the interval would be too narrow.
    """
    shares, left = [], 0
    for each in outcomes:
        known = {outcome: number for outcome, number in each.items() if outcome != Outcome.CENSORED and number}
        left += not known
        if known:
            total = sum(known.values())
            shares.append({outcome: number / total for outcome, number in known.items()})
    placed = len(shares)
    if not placed:
        return Coverage(0, left)
    inside, early, late = (
        sum(each.get(outcome, 0.0) for each in shares) / placed
        for outcome in (Outcome.INSIDE.value, Outcome.EARLY.value, Outcome.LATE.value)
    )
    return Coverage(placed, left, inside, early, late, *wilson(inside, placed))
