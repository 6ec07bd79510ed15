"""What a visitor may say is wrong with a listing: the reasons, the limits, and when two people have said the same."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from directory.domain.errors import Problem
from directory.domain.listings import fold

REASONS = ("phone", "address", "hours", "closed", "terms", "other")
"""`terms` is who it is for and how to pay."""
OTHER = "other"
LONGEST = 1_000
"""Characters of the words, as typed."""
MOST_OF_ONE = 20
MOST_IN_ALL = 2_000
"""Open corrections of one listing and of all: what a person can still look through. A flood ends here, and nobody has to be
followed to stop it."""


@dataclass(frozen=True, slots=True)
class Remark:
    """What somebody says is wrong: one of REASONS, and words that only `other` must have."""

    reason: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class Correction:
    """A remark in the queue. `times` counts how often it came in; the moments of the first and of the last time are aware."""

    id: int
    slug: str
    name: str
    remark: Remark
    times: int
    created_at: datetime
    updated_at: datetime


def parse(reason: str, words: str) -> tuple[Remark | None, tuple[Problem, ...]]:
    """The remark, or what has to be put right first, in the order of the form."""
    words = words.strip()
    problems = []
    if reason not in REASONS:
        problems.append(Problem("reason", "missing", reason, REASONS))
    if len(words) > LONGEST:
        problems.append(Problem("words", "too-long", str(len(words)), (str(LONGEST),)))
    elif reason == OTHER and not fold(words):
        problems.append(Problem("words", "missing", words))
    return (None, tuple(problems)) if problems else (Remark(reason, words), ())


def fingerprint(words: str) -> str:
    """The same for the same words, however they are written: a second tap or another visitor adds no second row."""
    return hashlib.sha256(fold(words).encode()).hexdigest()
