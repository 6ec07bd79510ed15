"""The audit trail and the access log as an administrator looks through them: what was asked for, and what was found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

CHANGES, READING = "changes", "reading"
LOGS = (CHANGES, READING)
"""Who changed what, and who read what about whom."""
PAGE = 50
"""Entries on one page."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which entries: of these aware moments (the end is left out), by this label, of this action, about this thing; "" is any.

    `before` is the number of an entry: only older ones.
    """

    log: str = CHANGES
    since: datetime | None = None
    until: datetime | None = None
    by: str = ""
    action: str = ""
    subject: str = ""
    before: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One entry. `id` is its number in the database, `seq` the one in its chain: None where it stands in none yet."""

    id: int
    at: datetime
    by: str
    action: str
    subject: str
    details: Mapping[str, object]
    seq: int | None


def label_of(text: str) -> str:
    """Who is meant: a number alone is that of a person, as the trail names people."""
    words = " ".join(text.split())
    return f"person {words}" if words.isascii() and words.isdigit() else words
