"""The records of a year of invented lines: what it is played with, and what comes of it (simulation.py)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from directory.domain.waitlist.people_made import Made
from directory.domain.waitlist.ranking import Restriction
from directory.domain.waitlist.states import Entry, Offer, Slot
from directory.domain.waitlist.tiers import Rules
from directory.domain.waitlist.windows import OfferWindow

PENDING, ACCEPTED, OPEN = "pending", "accepted", "open"
"""What comes of an opening of the last days: nobody has answered yet, somebody is about to arrive, or it was offered to nobody yet."""


@dataclass(frozen=True, slots=True)
class Source:
    """A level of care whose openings go to a line: so many a `week`, for those whom `asks` lets through. `agency` has it, `editor` answers."""

    level: int
    agency: int
    editor: str
    week: float
    asks: tuple[Restriction, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A line with its rules. It begins with `start` people; `week` is how many come in one; `last` is what comes of its last openings, with the
    hours since then."""

    rules: Rules
    window: OfferWindow
    start: int
    week: float
    sources: tuple[Source, ...]
    last: tuple[tuple[str, float], ...] = ()


@dataclass(slots=True)
class Event:
    """One step of a place, as the history has it. `offer` is the number of one in the result."""

    at: datetime
    by: str
    what: str
    before: Entry | None = None
    after: Entry | None = None
    offer: int | None = None
    details: dict[str, object] = field(default_factory=dict)


@dataclass(slots=True)
class Place:
    """A place in line of the person with this number."""

    number: int
    person: int
    line: int
    tier: int
    requested_at: datetime
    tie: int
    status: Entry = Entry.WAITING
    hold_reason: str | None = None
    review_on: date | None = None
    closed_at: datetime | None = None
    close_reason: str | None = None
    events: list[Event] = field(default_factory=list)


@dataclass(slots=True)
class Opening:
    """An opening of a source of a line. `last` is what is to come of it, where that was said beforehand."""

    number: int
    line: int
    source: Source
    created_at: datetime
    last: str = ""
    status: Slot = Slot.OPEN
    closed_reason: str | None = None
    had: dict[int, str] = field(default_factory=dict)


@dataclass(slots=True)
class Offering:
    """An offer of an opening to a place, both by number. `passed` are pairs of place and code."""

    number: int
    opening: int
    place: int
    by: str
    at: datetime
    expires_at: datetime
    considered: int
    passed: tuple[tuple[int, str], ...]
    facts: dict[str, str]
    reason: str | None = None
    second: str | None = None
    status: Offer = Offer.PENDING
    acknowledged_at: datetime | None = None
    accepted_at: datetime | None = None
    ended_at: datetime | None = None
    end_reason: str | None = None


@dataclass(slots=True)
class Year:
    """All that happened, each list in the order of its numbers."""

    people: list[Made] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    openings: list[Opening] = field(default_factory=list)
    offers: list[Offering] = field(default_factory=list)
