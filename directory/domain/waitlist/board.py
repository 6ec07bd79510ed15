"""A peer's board: what is due for somebody who waits, why, and in what order. Values in, values out; the words are elsewhere.

Each line names its moment and has one next thing to do. What is not known makes no line that says no.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from directory.domain.waitlist.clocks import (
    ADMIT_WITHIN,
    INJECTING,
    INTERIM_WITHIN,
    PREGNANT,
    Clock,
    Limit,
    Tier,
    admit_by,
    interim_first,
    interim_offered_at,
)
from directory.domain.waitlist.facts import INJECTING_FOR
from directory.domain.waitlist.states import DECLINES_BEFORE_A_TALK, Entry, Offer

ADMIT_SOON = timedelta(days=7)
"""An admit-by date that is nearer than that stands among what is urgent; one further off is only told."""
CONSENT_SOON = timedelta(days=14)
ARRIVED_AFTER = timedelta(hours=24)
"""After a yes without a day on which the place is free: then somebody asks whether they came."""
ASK_AGAIN: Mapping[str, timedelta] = {INJECTING: INJECTING_FOR, PREGNANT: timedelta(days=280)}
"""Facts that do not last, and after how long they are asked again where nobody said until when they count (WAITLIST 3.5)."""
OWN_LIMIT = "own"
"""The code of a limit that the rules of a line set, beside those of clocks.Limit."""
PRIORITY = (Tier.PREGNANT_INJECTING, Tier.PREGNANT, Tier.INJECTING)


class Why(StrEnum):
    """Why somebody is on the board. Declared in the order in which they are urgent."""

    TAKING_ON = "taking-on"
    PREGNANT = "pregnant"
    INTERIM = "interim"
    ADMIT_BY = "admit-by"
    OFFER = "offer"
    TO_ARRIVE = "to-arrive"
    ARRIVAL = "arrival"
    CALL_ME = "call-me"
    PUT_RIGHT = "put-right"
    CONTACT = "contact"
    HOLD = "hold"
    TALK = "talk"
    ASK_AGAIN = "ask-again"
    CONSENT = "consent"
    ADMIT_LATER = "admit-later"


RANKS: Mapping[Why, int] = {why: rank for rank, why in enumerate(Why)}
NOT_DUE = frozenset({Why.TO_ARRIVE, Why.ADMIT_LATER})
"""What is told and asks for nothing today."""
TO_CALL = frozenset({Why.INTERIM, Why.OFFER, Why.CALL_ME, Why.CONTACT, Why.HOLD, Why.TALK, Why.ASK_AGAIN, Why.CONSENT})
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
    `missed_at` when the last one ended that was not answered, or that nobody came to.

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
    """Somebody with their open entries; without one their taking on is not finished. `today` is the day of `zone`, that of their line or agency.

    `reached_at`: the last sign of them, `talked_at` the last talk, `asked_at` the last "call me", `tried_at` the last try; `to_right_at` when the
    first of their appeals was overturned of which nothing has come yet.
    `offered` are the interim services that were offered, by item and moment. `consent_until` is the last day of the consent that holds
    longest; None with `has_consent` is one that ends with an event.
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


def lines_of(person: Person, now: datetime) -> tuple[Line, ...]:
    """Why somebody is on the board at this aware moment, the most urgent first; empty where nothing is due and nothing has a date."""
    if not person.places:
        return (Line(Why.TAKING_ON, at=person.created_at, is_late=now - person.created_at > INTERIM_WITHIN),)
    found = [line for rule in _RULES for line in rule(person, now)]
    return tuple(sorted(found, key=lambda line: line.order))


# --- what the law asks for -------------------------------------------------------------------------------------------


def _interim_at(person: Person, place: Place) -> datetime | None:
    """When the last of the interim services that are due was offered for this request."""
    if not person.offered:
        return None
    return interim_offered_at(interim_first(person.offered, place.requested_at), person.known & {PREGNANT})


def _clock(person: Person, place: Place) -> Clock:
    return Clock(place.requested_at, place.requested_on, place.no_capacity_on, _interim_at(person, place))


def _pregnant(person: Person, now: datetime) -> Iterable[Line]:
    """45 CFR 96.131: no time in which she could wait, so the line stands until something is offered."""
    for place in person.places:
        if place.tier in (Tier.PREGNANT_INJECTING, Tier.PREGNANT) and place.status is Entry.WAITING:
            since = now - place.requested_at
            yield Line(Why.PREGNANT, at=place.requested_at, place=place, is_late=since > INTERIM_WITHIN)


def _interim(person: Person, now: datetime) -> Iterable[Line]:
    """45 CFR 96.126(b)(2), 96.131(d): within 48 hours of the request. One line, for the request whose time is over first."""
    open_ones = [
        place
        for place in person.places
        if place.tier in PRIORITY and place.status is not Entry.ACCEPTED and _interim_at(person, place) is None
    ]
    if open_ones:
        place = min(open_ones, key=lambda each: each.requested_at)
        due = place.requested_at + INTERIM_WITHIN
        yield Line(Why.INTERIM, at=due, place=place, is_late=now > due)


def _admission(person: Person, now: datetime) -> Iterable[Line]:
    """45 CFR 96.126(b): 14 or 120 days, with the facts that decide; or sooner, where a State's own tier wants it (WAITLIST 1.4)."""
    for place in person.places:
        if place.status is Entry.ACCEPTED or (place.tier == Tier.OTHERS and place.target_hours is None):
            continue
        due = admit_by(place.tier, _clock(person, place))
        at, codes = due.at, (due.limit.value, *due.missing)
        own = _own_limit(place)
        if own is not None and (at is None or own < at):
            at, codes = own, (OWN_LIMIT, str(place.target_hours))
        if at is None or due.limit is Limit.AT_ONCE:
            continue
        why = Why.ADMIT_BY if at - now <= ADMIT_SOON else Why.ADMIT_LATER
        yield Line(why, at=at, codes=codes, place=place, is_late=now > at)


def _own_limit(place: Place) -> datetime | None:
    """By when the line's own rules want somebody admitted. The 14 days that stand with the federal tier are the law's, which knows when
    they are 120."""
    hours = place.target_hours
    if hours is None or place.tier in (Tier.PREGNANT_INJECTING, Tier.PREGNANT):
        return None
    limit = timedelta(hours=hours)
    return None if place.tier == Tier.INJECTING and limit >= ADMIT_WITHIN else place.requested_at + limit


# --- offers ----------------------------------------------------------------------------------------------------------


def _offers(person: Person, now: datetime) -> Iterable[Line]:
    for place in person.places:
        if place.offer is None:
            continue
        if place.offer.status is Offer.PENDING:
            yield Line(Why.OFFER, at=place.offer.expires_at, place=place, is_late=now >= place.offer.expires_at)
        else:
            yield _arrival(place, place.offer, now)


def _arrival(place: Place, offer: Held, now: datetime) -> Line:
    """Somebody said yes: they come on the day from which the place is free, and then somebody asks whether they did."""
    if offer.free_on is not None and offer.free_on > place.today:
        return Line(Why.TO_ARRIVE, on=offer.free_on, place=place)
    asked_from = (offer.accepted_at or offer.expires_at) + ARRIVED_AFTER
    if offer.free_on is None and now < asked_from:
        return Line(Why.TO_ARRIVE, at=asked_from, place=place)
    if offer.free_on is not None:
        return Line(Why.ARRIVAL, on=offer.free_on, place=place, is_late=offer.free_on < place.today)
    return Line(Why.ARRIVAL, at=asked_from, place=place, is_late=now - asked_from > ARRIVED_AFTER)


def _talk(person: Person, now: datetime) -> Iterable[Line]:
    """After two offers that somebody declined a talk is due, and never a removal (WAITLIST 3.2)."""
    for place in person.places:
        last = max(place.declined, default=None)
        if len(place.declined) < DECLINES_BEFORE_A_TALK or last is None or place.status is not Entry.WAITING:
            continue
        if not _talked_since(person, last):
            yield Line(Why.TALK, at=last, place=place, codes=(str(len(place.declined)),))


# --- contacts and papers ---------------------------------------------------------------------------------------------


def _talked_since(person: Person, moment: datetime) -> bool:
    return person.talked_at is not None and person.talked_at > moment


def _asked(person: Person, now: datetime) -> Iterable[Line]:
    if person.asked_at and not _talked_since(person, person.asked_at):
        yield Line(Why.CALL_ME, at=person.asked_at, is_late=now - person.asked_at > timedelta(days=1))


def _to_right(person: Person, now: datetime) -> Iterable[Line]:
    """An appeal was right, and what follows from it is still to be done."""
    if person.to_right_at is not None:
        yield Line(Why.PUT_RIGHT, at=person.to_right_at, is_late=now - person.to_right_at > timedelta(days=1))


def _contact(person: Person, now: datetime) -> Iterable[Line]:
    """Due once an offer went by without a word from them; and once nobody has reached them for as many days as the strictest of their lines
    allows."""
    missed = [place for place in person.places if place.missed_at and not _talked_since(person, place.missed_at)]
    if missed:
        place = min(missed, key=lambda each: each.missed_at or now)
        yield Line(Why.CONTACT, at=place.missed_at, place=place, codes=("missed",), is_late=True)
        return
    place = min(person.places, key=lambda each: each.contact_days)
    last = person.reached_at or max(person.created_at, min(each.requested_at for each in person.places))
    due = last + timedelta(days=place.contact_days)
    if due <= now:
        codes = ("tried",) if person.tried_at and person.tried_at > last else ()
        yield Line(Why.CONTACT, at=due, place=place, codes=codes, is_late=True)


def _holds(person: Person, now: datetime) -> Iterable[Line]:
    for place in person.places:
        if place.status is Entry.ON_HOLD and place.review_on is not None and place.review_on <= place.today:
            yield Line(Why.HOLD, on=place.review_on, place=place, is_late=place.review_on < place.today)


def _ask_again(person: Person, now: datetime) -> Iterable[Line]:
    """Facts that have run out. Nobody loses a place by it: they are asked (WAITLIST 3.5)."""
    ended = {fact.code: end for fact in person.facts if (end := _ends_on(fact)) and end < person.today}
    if ended:
        yield Line(Why.ASK_AGAIN, on=min(ended.values()), codes=tuple(sorted(ended)))


def _ends_on(fact: Fact) -> date | None:
    """The last day on which a fact counts; a no and what lasts have none."""
    span = ASK_AGAIN.get(fact.code) if fact.value == "yes" else None
    return fact.expires_on or (fact.observed_on + span if span else None)


def _consent(person: Person, now: datetime) -> Iterable[Line]:
    """Without a consent nothing can be told, and so nothing be offered (42 CFR 2.31(c))."""
    if not person.has_consent:
        yield Line(Why.CONSENT, codes=("none",))
    elif person.consent_until is not None and person.consent_until <= person.today + CONSENT_SOON:
        ended = person.consent_until < person.today
        yield Line(Why.CONSENT, on=person.consent_until, codes=("ended" if ended else "ends",), is_late=ended)


_RULES: Sequence[Callable[[Person, datetime], Iterable[Line]]] = (
    _pregnant,
    _interim,
    _admission,
    _offers,
    _asked,
    _to_right,
    _contact,
    _holds,
    _talk,
    _ask_again,
    _consent,
)
