"""What a visitor may say is wrong with a listing: the reasons, the limits, when two people have said the same, and what came of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from directory.domain.errors import Problem
from directory.domain.listings import fold
from directory.domain.notices import is_mail_address
from directory.domain.sign_in import Pace, fold_email

REASONS = ("phone", "address", "hours", "closed", "terms", "other")
"""`terms` is who it is for and how to pay."""
OTHER = "other"
LONGEST = 1_000
"""Characters of the words, as typed."""
MOST_OF_ONE = 20
MOST_IN_ALL = 2_000
"""Open corrections of one listing and of all: what a person can still look through. A flood ends here, and nobody has to be
followed to stop it."""
OF_REPORTS = Pace(10, timedelta(minutes=10))
"""From one part of the network, which is forgotten within a day: an office may tell ten things at once, a program has to wait."""
MOST_REPLIES = 20
"""Addresses that are kept of people who have told the same."""

NEW, FIXED, RIGHT, SPAM = "new", "fixed", "right", "spam"
OUTCOMES = (FIXED, RIGHT, SPAM)
"""What came of it: it was wrong and is put right, it is right as it is, or it is no report at all."""
LONGEST_ANSWER = 1_000
TOLD_AGAIN = timedelta(days=7)
"""Each time the same comes in again it moves up in the queue as if it had waited so much longer."""
MOST_TOLD = 3
"""Up to so many times: nobody is followed, so that one visitor and eight cannot be told apart."""


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
    listing: int = 0
    status: str = NEW
    version: int = 1
    settled_by: str | None = None
    settled_at: datetime | None = None
    answer: str | None = None
    waits: bool = False
    """Whether somebody has left an address to hear what came of it."""

    @property
    def urgency(self) -> tuple[datetime, int]:
        """What the queue is sorted by: the oldest first, and the sooner the more often it was told."""
        return self.created_at - TOLD_AGAIN * (min(self.times, MOST_TOLD) - 1), self.id


def parse_address(text: str) -> tuple[str, tuple[Problem, ...]]:
    """The address of who wants to hear what came of it, "" for nobody; or what has to be put right first."""
    address = fold_email(text)
    if not address or is_mail_address(address):
        return address, ()
    return "", (Problem("email", "not-an-email", text),)


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
