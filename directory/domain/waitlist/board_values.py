"""What the board of a peer is made of: people with their open places as the rules look at them, and the lines that come of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from directory.domain.bridge.check_ins import Check
from directory.domain.bridge.handoffs import FollowUp
from directory.domain.waitlist.states import Entry, Offer


class Why(StrEnum):
    """Why somebody is on the board. Declared in the order in which they are urgent."""

    CRISIS = "crisis"
    TEXT_NOW = "text-now"
    CALL_ME = "call-me"
    TAKING_ON = "taking-on"
    PREGNANT = "pregnant"
    INTERIM = "interim"
    ADMIT_BY = "admit-by"
    OFFER = "offer"
    TO_ARRIVE = "to-arrive"
    ARRIVAL = "arrival"
    PUT_RIGHT = "put-right"
    OVER = "over"
    FOLLOW_UP = "follow-up"
    CHECK_IN = "check-in"
    CONTACT = "contact"
    HOLD = "hold"
    TALK = "talk"
    ASK_AGAIN = "ask-again"
    CONSENT = "consent"
    ADMIT_LATER = "admit-later"


RANKS: Mapping[Why, int] = {why: rank for rank, why in enumerate(Why)}
NOT_DUE = frozenset({Why.TO_ARRIVE, Why.ADMIT_LATER})
"""What is told and asks for nothing today."""
TO_CALL = frozenset(
    {
        Why.CRISIS,
        Why.TEXT_NOW,
        Why.INTERIM,
        Why.OFFER,
        Why.CALL_ME,
        Why.FOLLOW_UP,
        Why.CHECK_IN,
        Why.CONTACT,
        Why.HOLD,
        Why.TALK,
        Why.ASK_AGAIN,
        Why.CONSENT,
    }
)
"""What is done by calling somebody."""


@dataclass(frozen=True, slots=True)
class Held:
    """A live offer. Moments are aware; `free_on` is the local day from which the place is free, None where nobody said so."""

    id: int
    status: Offer
    expires_at: datetime
    accepted_at: datetime | None = None
    free_on: date | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """One open entry. `requested_on`, `today` and `no_capacity_on` are local days of its line; `declined` when offers were declined,
    `missed_at` when the last one ended that was not answered, or (`has_not_come`) that nobody came to.

    Somebody is to be reached every `contact_days`; `target_hours` is within how long the rules of the line want somebody of this tier admitted.
    """

    entry: int
    line: str
    zone: str
    status: Entry
    tier: int
    requested_at: datetime
    requested_on: date
    today: date
    contact_days: int
    no_capacity_on: date | None = None
    review_on: date | None = None
    offer: Held | None = None
    declined: tuple[datetime, ...] = ()
    missed_at: datetime | None = None
    has_not_come: bool = False
    target_hours: int | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact as the board needs it: local days."""

    code: str
    value: str
    observed_on: date
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with their open entries; without one their taking on is not finished, unless they have waited before. `today` is the day of `zone`, that of their line or agency.

    `reached_at`: the last sign of them, `talked_at` the last talk, `asked_at` the last "call me", `tried_at` the last try; `to_right_at` when the
    first of their appeals was overturned of which nothing has come yet.
    `offered` are the interim services that were offered, by item and moment. `consent_until` is the last day of the consent that holds
    longest; None with `has_consent` is one that ends with an event. `follow_ups` are those to be asked now, also of who has a place by now,
    `check` is what is to be done about check-ins.
    """

    client: int
    created_at: datetime
    today: date
    zone: str = "UTC"
    places: tuple[Place, ...] = ()
    reached_at: datetime | None = None
    talked_at: datetime | None = None
    asked_at: datetime | None = None
    tried_at: datetime | None = None
    to_right_at: datetime | None = None
    facts: tuple[Fact, ...] = ()
    offered: tuple[tuple[str, datetime], ...] = ()
    has_consent: bool = False
    consent_until: date | None = None
    follow_ups: tuple[FollowUp, ...] = ()
    check: Check = Check()
    has_waited: bool = False

    @property
    def known(self) -> frozenset[str]:
        """The facts that are known to be so."""
        return frozenset(fact.code for fact in self.facts if fact.value == "yes")


@dataclass(frozen=True, slots=True)
class Line:
    """One reason. `at` is its moment or `on` its local day; `codes` say more: facts that decide, or are to be asked. `place` is what it is about."""

    why: Why
    at: datetime | None = None
    on: date | None = None
    codes: tuple[str, ...] = ()
    place: Place | None = field(default=None, compare=False)
    is_late: bool = False

    @property
    def order(self) -> tuple[int, str]:
        """What lines are sorted by: how urgent their kind is, then their moment."""
        moment = self.at.isoformat() if self.at else self.on.isoformat() if self.on else ""
        return RANKS[self.why], moment

    @property
    def is_due(self) -> bool:
        """Whether something is to be done now."""
        return self.why not in NOT_DUE
