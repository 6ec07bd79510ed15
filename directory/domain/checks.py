"""Whether a listing still holds: for how long a check is good, what is asked first, and when nobody could be reached.

The sum of the risk is also made in SQL (storage/checks.py), from the tables here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import takewhile

from directory.domain.taxonomy import KINDS

CONFIRMED, CHANGED, NO_ANSWER, CLOSED = "confirmed", "changed", "no-answer", "closed"
NO_NUMBER = "no-number"
CALL_OUTCOMES = (CONFIRMED, CHANGED, NO_ANSWER, NO_NUMBER, CLOSED)
"""What can come of a call. Only `confirmed` makes a listing checked: what has changed is put right first, then confirmed."""
KEPT, HIDDEN, SHOWN = "kept", "hidden", "shown"
REVIEW_OUTCOMES = (KEPT, HIDDEN, SHOWN)
"""What a coordinator decides of a place that nobody can reach or that is said to be closed, and that it is shown again."""
OUTCOMES = (*CALL_OUTCOMES, *REVIEW_OUTCOMES)
LONGEST_NOTE = 1_000

SOON, SLOW = timedelta(days=90), timedelta(days=180)
HOLDS: Mapping[str, timedelta] = {kind: SOON if kind in ("crisis", "treatment", "housing") else SLOW for kind in KINDS}
"""How long a check is good. Beds, intake lines and house rules change with staff and money, several times a year, and somebody sets out
at night on what is said of them; a weekly meeting or a food pantry stays where it is for years, and half a year finds those that ended.
A choice of ours: the standards of information and referral services (Inform USA, once AIRS) ask for once a year at least."""
TONIGHT = frozenset(kind for kind, holds in HOLDS.items() if holds == SOON)
"""The kinds whose number decides where somebody is tonight."""

OLDEST = 4.0
"""So many times as old as it may be, a check weighs no more: else what was never asked would hide what is reported today."""
TONIGHT_WEIGHT = 1.5
MOST_REPORTS = 4
"""Each open report weighs as much as one whole period without a check, up to so many."""
MUCH_USED = 40.0
"""Openings of its page (halved each week) at which use weighs as much as one report; below that in proportion."""
USED = 10.0
"""From here on use is named among the reasons."""

MOST_TRIES = 3
TRIES_LAST = timedelta(days=2)
"""Nobody counts as out of reach before three calls, the last at least two days after the first."""
RESTS: Mapping[str, timedelta] = {
    NO_ANSWER: timedelta(hours=12),
    CHANGED: timedelta(hours=12),
    KEPT: timedelta(days=30),
}
"""How long a listing stays off the list after what settles nothing, so that two people do not call one after the other."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check: `outcome` of OUTCOMES, `tries` calls in a row without an answer, `by` a label of the audit trail, `at` aware.

    `id` is 0 for one that is not written down yet. `counts` is not written down: whether a call in vain came late enough to count.
    """

    outcome: str
    tries: int
    via: str
    note: str | None
    by: str
    at: datetime
    id: int = 0
    counts: bool = True


@dataclass(frozen=True, slots=True)
class Risk:
    """How much it matters that somebody asks soon, and why: `overdue` or `never`, `reported`, `tonight`, `used`; or it is `hidden`."""

    score: float
    reasons: tuple[str, ...]


def risk(*, kind: str, days: int, reports: int, opened: float, is_never: bool = False) -> Risk:
    """The risk that a listing of this kind is wrong and leads somebody astray.

    `days` since the last check, or since it came here where it never was (`is_never`); `reports` are open ones; `opened` is how often
    its page was opened, halved each week.
    """
    holds = HOLDS[kind].days
    age = min(max(days, 0) / holds, OLDEST) * (TONIGHT_WEIGHT if kind in TONIGHT else 1.0)
    score = age + min(reports, MOST_REPORTS) + min(opened, MUCH_USED) / MUCH_USED
    found = {
        "never" if is_never else "overdue": days >= holds,
        "reported": reports > 0,
        "tonight": kind in TONIGHT,
        "used": opened >= USED,
    }
    return Risk(score, tuple(reason for reason, holds_here in found.items() if holds_here))


def is_overdue(kind: str, last: date | None, since: date | None, today: date) -> bool:
    """Whether its last check, or where there is none its coming here, is longer ago than a check of its kind holds."""
    start = last or since
    return start is not None and today - start >= HOLDS[kind]


def tries_before(past: Sequence[Check]) -> list[Check]:
    """The calls in a row that nobody answered, the latest first; `past` is the latest first too.

    A call before the time from which it makes sense to call again does not count: who is out at noon is out a minute later.
    """
    found: list[Check] = []
    for check in reversed([*takewhile(lambda each: each.outcome == NO_ANSWER, past)]):
        if not found or check.at >= _again(found):
            found.insert(0, check)
    return found


def needs_review(past: Sequence[Check]) -> bool:
    """Whether a coordinator has to decide: it is said to be closed, its number does not work, or nobody answered three times over two days.

    `past` is the latest first.
    """
    if past and past[0].outcome in (CLOSED, NO_NUMBER):
        return True
    missed = tries_before(past)
    return len(missed) >= MOST_TRIES and missed[0].at - missed[-1].at >= TRIES_LAST


def next_call(past: Sequence[Check]) -> datetime | None:
    """From when on it makes sense to call again after calls without an answer; None where there were none."""
    missed = tries_before(past)
    return _again(missed) if missed else None


def _again(missed: Sequence[Check]) -> datetime:
    """From when on a call counts after these, the latest first."""
    rested = missed[0].at + RESTS[NO_ANSWER]
    return max(rested, missed[-1].at + TRIES_LAST) if len(missed) >= MOST_TRIES - 1 else rested


def hidden_for(past: Sequence[Check]) -> str:
    """What was known of a listing when it was hidden after review: CLOSED where that was said, else NO_ANSWER; "" where it is not hidden.

    `past` is the latest first.
    """
    reviews = [number for number, check in enumerate(past) if check.outcome in (HIDDEN, SHOWN)]
    if not reviews or past[reviews[0]].outcome == SHOWN:
        return ""
    calls = (check.outcome for check in past[reviews[0] :] if check.outcome in CALL_OUTCOMES)
    return CLOSED if next(calls, "") == CLOSED else NO_ANSWER
