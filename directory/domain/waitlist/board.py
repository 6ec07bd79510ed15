"""A peer's board: what is due for somebody who waits, why, and in what order. Values in, values out; the words are elsewhere.

Each line names its moment and has one next thing to do. What is not known makes no line that says no.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from directory.domain.bridge.check_ins import Step
from directory.domain.bridge.handoffs import next_follow_up
from directory.domain.waitlist.board_values import NOT_DUE, TO_CALL, Fact, Held, Line, Person, Place, Why
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

__all__ = [
    "COORDINATOR",
    "NOT_DUE",
    "OWN_LIMIT",
    "SECOND_WAY",
    "TEXT_CAME",
    "TO_CALL",
    "Fact",
    "Held",
    "Line",
    "Person",
    "Place",
    "Why",
    "lines_of",
]

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


def lines_of(person: Person, now: datetime) -> tuple[Line, ...]:
    """Why somebody is on the board at this aware moment, the most urgent first; empty where nothing is due and nothing has a date."""
    if person.places:
        return _by_urgency([line for rule in _RULES for line in rule(person, now)])
    # Danger, and a wish to be called, wait for nobody's place.
    urgent = [line for rule in (_crisis, _text_now, _asked) for line in rule(person, now)]
    if person.follow_ups:
        return _by_urgency([*urgent, *_follow_up(person, now)])
    if person.has_waited:
        return _by_urgency(urgent)
    taking_on = Line(Why.TAKING_ON, at=person.created_at, is_late=now - person.created_at > INTERIM_WITHIN)
    return _by_urgency([*urgent, taking_on])


def _by_urgency(found: Iterable[Line]) -> tuple[Line, ...]:
    """The lines of one person in their order, but an offer that ends before interim services are due stands before those."""
    lines = sorted(found, key=lambda line: line.order)
    interim = next((line for line in lines if line.why is Why.INTERIM), None)
    if interim is None or interim.at is None:
        return tuple(lines)
    by = interim.at
    sooner = [line for line in lines if line.why is Why.OFFER and not line.is_late and line.at and line.at < by]
    rest = [line for line in lines if line not in sooner]
    place = rest.index(interim)
    return (*rest[:place], *sooner, *rest[place:])


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
        said = ("missed", "not-come") if place.has_not_come else ("missed",)
        yield Line(Why.CONTACT, at=place.missed_at, place=place, codes=said, is_late=True)
        return
    place = min(person.places, key=lambda each: each.contact_days)
    last = person.reached_at or max(person.created_at, min(each.requested_at for each in person.places))
    due = last + timedelta(days=place.contact_days)
    if due <= now:
        codes = ("tried",) if person.tried_at and person.tried_at > last else ()
        yield Line(Why.CONTACT, at=due, place=place, codes=codes, is_late=True)


def _follow_up(person: Person, now: datetime) -> Iterable[Line]:
    """Somebody who has arrived is asked how it goes (WAITLIST 1.8): one line, for the one that is due first."""
    row = next_follow_up(person.follow_ups, now)
    if row is not None:
        yield Line(Why.FOLLOW_UP, at=row.due_at, codes=(row.which.value, str(row.id)), is_late=row.is_late(now))


TEXT_CAME, SECOND_WAY, COORDINATOR = "text", "second-way", "coordinator"
"""Codes of a line about a check-in, beside none at all for one that is due."""


def _check_in(person: Person, now: datetime) -> Iterable[Line]:
    """A text that nobody has read, and the check-in that is due today or was missed, with how far that went."""
    check = person.check
    if check.text_at is not None and check.now_at is None:
        late = now - check.text_at > timedelta(days=1)
        yield Line(Why.CHECK_IN, at=check.text_at, codes=(TEXT_CAME,), is_late=late)
    if check.is_due(person.today, person.zone):
        codes = {Step.SECOND_WAY: (SECOND_WAY,), Step.COORDINATOR: (COORDINATOR,)}.get(Step(check.step), ())
        yield Line(Why.CHECK_IN, at=check.due_at, codes=codes, is_late=bool(codes) or check.is_missed(now))


def _crisis(person: Person, now: datetime) -> Iterable[Line]:
    """Something was said that is seen to on the same day, whoever of the agency does it."""
    check = person.check
    if check.crisis_at is not None:
        late = check.crisis_at.astimezone(ZoneInfo(person.zone)).date() < person.today
        yield Line(Why.CRISIS, at=check.crisis_at, codes=(str(check.crisis),), is_late=late)


def _text_now(person: Person, now: datetime) -> Iterable[Line]:
    """A text has words that may mean danger, so somebody reads it before all else, and at least on the same day."""
    at = person.check.now_at
    if at is not None:
        late = at.astimezone(ZoneInfo(person.zone)).date() < person.today
        yield Line(Why.TEXT_NOW, at=at, is_late=late)


def _over(person: Person, now: datetime) -> Iterable[Line]:
    """They said that they wait no more: nothing ends by that, so somebody looks at their places with them."""
    at = person.check.over_at
    if at is not None:
        yield Line(Why.OVER, at=at, is_late=now - at > timedelta(days=1))


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
    _crisis,
    _text_now,
    _pregnant,
    _interim,
    _admission,
    _offers,
    _asked,
    _to_right,
    _over,
    _follow_up,
    _check_in,
    _contact,
    _holds,
    _talk,
    _ask_again,
    _consent,
)
