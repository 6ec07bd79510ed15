"""A person's page in words: each place with its reasons, and all that is known, for the people of their peer agency and for their own copy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from directory.domain.waitlist.board import Why
from directory.domain.waitlist.states import LIVE_OFFERS, Offer
from directory.i18n import a_date, a_language, a_list, gettext
from directory.services.waitlist.appeals import OPEN, OVERTURNED, Appeal
from directory.services.waitlist.consents import Kept
from directory.services.waitlist.disclosures import Told
from directory.services.waitlist.interim import Interim
from directory.services.waitlist.person import FactNow, OfferLine, Person
from directory.web.bridge.presenters_peers import people_words
from directory.web.presenters import Link
from directory.web.presenters_form import Choice
from directory.web.waitlist import presenters_words as words
from directory.web.waitlist.presenters_consent import consent_card
from directory.web.waitlist.presenters_due import LineView, line_view
from directory.web.waitlist.presenters_history import step_item
from directory.web.waitlist.presenters_offers import CANCEL_WORDS, DECLINE_WORDS
from directory.web.waitlist.presenters_spots import Item, SpotView, spot_view
from directory.web.waitlist.presenters_take_on import CHANNEL_WORDS, way_card

_ = gettext

TALKS = (Why.CALL_ME, Why.CONTACT, Why.TALK)
"""What is done by calling somebody, and noting it."""


@dataclass(frozen=True, slots=True)
class AppealView:
    """An appeal with its words and answer. `can_withdraw` while it is open; `to_right` where something follows from it."""

    id: int
    text: str
    small: str
    words: str
    answer: str
    can_withdraw: bool
    to_right: bool


@dataclass(frozen=True, slots=True)
class PersonView:
    """All of the page. `is_to_call`: what is due is done by talking to them, so that the form for a contact stands open.
    `to_move`: whom to ask to have another peer go with them, "" for who may say so."""

    upi: str
    called: str
    about: str
    version: int
    next: LineView | None
    later: tuple[LineView, ...]
    links: tuple[Link, ...]
    spots: tuple[SpotView, ...]
    offers: tuple[Item, ...]
    ways: tuple[Item, ...]
    contacts: tuple[Item, ...]
    is_to_call: bool
    interim: tuple[Item, ...]
    interim_lead: str
    facts: tuple[Item, ...]
    to_ask: str
    consents: tuple[Item, ...]
    told: tuple[Item, ...]
    appeals: tuple[AppealView, ...]
    history: tuple[Item, ...]
    peers: tuple[Choice, ...]
    to_move: str
    may_overfill: bool
    has_records: bool


def person_view(person: Person, now: datetime) -> PersonView:
    """The page of somebody."""
    row, zone = person.who.row, person.zone
    lines = [line_view(line, row.upi, zone, now) for line in person.lines]
    lines_by_entry = {spot.entry.id: spot.entry.pool_name for spot in person.spots}
    return PersonView(
        upi=row.upi,
        called=person.who.called or _("Somebody without a name"),
        about=_about(person),
        version=row.version,
        next=lines[0] if lines else None,
        later=tuple(lines[1:]),
        links=() if row.cleared_at else while_waiting(row.upi, has_plan=person.has_plan),
        spots=tuple(spot_view(spot, person, now) for spot in person.spots),
        offers=tuple(_offer(offer) for offer in person.offers),
        ways=_ways(person),
        contacts=_contacts(person),
        is_to_call=any(line.why in TALKS for line in person.lines),
        interim=interim_items(person.interim, person.names, zone),
        interim_lead=interim_lead(person.interim, zone, now),
        facts=tuple(fact_item(fact, person) for fact in person.facts.values()),
        to_ask=a_list([words.fact_name(code) for code in person.to_ask]),
        consents=tuple(_consent(kept) for kept in person.consents),
        told=tuple(told_item(told, person) for told in person.told),
        appeals=tuple(appeal_view(appeal, person.zone) for appeal in person.appeals),
        history=tuple(Item(*step_item(step, zone, lines_by_entry)) for step in person.steps),
        peers=_peers(person),
        to_move="" if person.may_move else _("Ask %(name)s or a coordinator to change that.") % {"name": person.peer},
        may_overfill=person.may_overfill and any(each.most is not None for each in person.peers),
        has_records=person.has_records,
    )


def while_waiting(upi: str, *, has_plan: bool) -> tuple[Link, ...]:
    """The pages of what holds somebody while they wait."""
    pages = (
        (_("Plan") if has_plan else _("Make a plan"), "plan"),
        (_("Check-in"), "check-ins"),
        (_("Goals"), "goals"),
        (_("Groups"), "groups"),
        (_("Going there"), "handoff"),
    )
    return tuple(Link(text, f"/clients/{upi}/{name}") for text, name in pages)


def _about(person: Person) -> str:
    goes = _("%(name)s goes with them") % {"name": person.peer} if person.peer else _("Nobody goes with them yet")
    speaks = _("messages in %(language)s") % {"language": a_language(person.who.row.language)}
    number = _("number %(upi)s") % {"upi": person.who.row.upi}
    return " · ".join((goes, speaks, number))


def _peers(person: Person) -> tuple[Choice, ...]:
    """Who may go with them, each with how many people they go with."""
    own = person.who.row.peer
    nobody = Choice("", _("Nobody for now"), own is None)
    return (
        nobody,
        *(Choice(str(each.id), f"{each.name} ({people_words(each)})", each.id == own) for each in person.peers),
    )


# --- what is known ---------------------------------------------------------------------------------------------------


def _offer(offer: OfferLine) -> Item:
    title = f"{offer.level}, {offer.agency}"
    if offer.status in LIVE_OFFERS:
        said = {"state": _(words.OFFERS[offer.status]), "when": words.moment(offer.expires_at, offer.timezone)}
        small = _("%(state)s. It holds until %(when)s.") % said if offer.status == "pending" else said["state"]
        return Item(title, small, f"/offers/{offer.id}", offer.id, _("Now"))
    when = words.moment(offer.ended_at or offer.at, offer.timezone)
    parts = (_(words.OFFERS[offer.status]), _end_words(offer), when)
    return Item(title, " · ".join(part for part in parts if part), f"/offers/{offer.id}", offer.id)


def _end_words(offer: OfferLine) -> str:
    """Why they said no, or why nothing came of it; "" where nothing was said."""
    table = {Offer.DECLINED: DECLINE_WORDS, Offer.CANCELLED: CANCEL_WORDS}.get(offer.status, {})
    return _(table[offer.end_reason]) if offer.end_reason in table else ""


def _ways(person: Person) -> tuple[Item, ...]:
    found = []
    for way in person.ways:
        card = way_card(0, way, is_stopped=False)
        said = " · ".join(part for part in (card.times, card.said, way.note) if part)
        found.append(Item(f"{card.title}: {card.to}", said, card.url))
    return tuple(found)


def _contacts(person: Person) -> tuple[Item, ...]:
    found = []
    for each in person.contacts:
        route = _(CHANNEL_WORDS[each.row.route]) if each.row.route in CHANNEL_WORDS else _("Own page")
        title = f"{route}: {words.word(words.OUTCOMES, each.row.outcome)}"
        small = f"{words.moment(each.row.at, person.zone)}, {words.someone(each.by)}"
        found.append(Item(title, " · ".join(part for part in (small, each.note) if part), id=each.row.id))
    return tuple(found)


def interim_items(interim: Interim, names: Mapping[str, str], zone: str) -> tuple[Item, ...]:
    """The services for the wait: those that are due first, each with what was said to it last. `names` are those of labels."""
    return tuple(interim_item(item, interim, names, zone) for item in dict.fromkeys((*interim.due, *interim.latest)))


def interim_item(item: str, interim: Interim, names: Mapping[str, str], zone: str) -> Item:
    """One service for the wait."""
    latest = interim.latest.get(item)
    small = _("Not offered yet")
    if latest is not None:
        who = words.someone(names.get(latest.by, latest.by))
        small = f"{word_of_state(latest.status)}, {words.moment(latest.at, zone)}, {who}"
    tag = _("Still to offer") if item in interim.missing and interim.since else ""
    return Item(words.word(words.ITEMS, item), small, tag=tag)


def word_of_state(status: str) -> str:
    """What became of a service."""
    return words.word(words.ITEM_STATES, status)


def interim_lead(interim: Interim, zone: str, now: datetime) -> str:
    """The clock of the services for the wait, in words."""
    if interim.since is None or interim.due_at is None:
        return _("They stand in no line, so no clock runs.")
    by = {"when": words.moment(interim.due_at, zone)}
    if interim.offered_at is not None and interim.offered_at <= interim.due_at:
        return _("All were offered in time, by %(when)s.") % by
    if interim.offered_at is not None:
        return _("All were offered, but later than %(when)s.") % by
    if now > interim.due_at:
        return _("The 48 hours were over on %(when)s. Offer what is missing today.") % by
    return _("To be offered by %(when)s, 48 hours after they asked. Offering is what counts.") % by


def fact_item(fact: FactNow, person: Person) -> Item:
    """A fact with who says so and when, and until when it counts."""
    text = f"{words.fact_name(fact.code)}: {words.fact_value(fact.code, fact.value)}"
    small = f"{words.word(words.SOURCES, fact.source)}, {a_date(fact.observed_on)}"
    if fact.expires_on is not None:
        small += " · " + _("to be asked again by %(day)s") % {"day": a_date(fact.expires_on)}
    if by := person.names.get(fact.by):
        small += " · " + _("written down by %(name)s") % {"name": by}
    return Item(text, small, id=fact.id)


def _consent(kept: Kept) -> Item:
    """A consent with its scope; `id` is 0 for one that was taken back already."""
    card = consent_card(kept)
    said = " · ".join((card.state, *(f"{fact.name}: {fact.value}" for fact in card.facts)))
    return Item(card.title, said, id=0 if kept.consent.revoked_at else card.id, tag=_("Holds") if card.holds else "")


def told_item(told: Told, person: Person) -> Item:
    """One disclosure as the client may ask for it (42 CFR 2.24, 2.25): to whom, when, and what."""
    scope = words.scope_words(told.scope)
    text = _("To %(name)s: %(scope)s") % {"name": told.to or _("nobody"), "scope": scope or _("what was needed")}
    parts = [words.moment(told.at, person.zone)]
    if told.basis == "emergency":
        parts += [_("medical emergency"), told.facility, told.nature, told.who]
    elif by := person.names.get(told.by):
        parts.append(by)
    return Item(text, " · ".join(part for part in parts if part), id=told.id)


def appeal_view(appeal: Appeal, zone: str) -> AppealView:
    """An appeal with what became of it."""
    row = appeal.row
    small = f"{words.word(words.APPEALS, row.status)} · {words.moment(row.settled_at or row.at, zone)}"
    return AppealView(
        row.id,
        f"{words.word(words.ABOUT, row.about)} ({row.line})",
        small,
        appeal.words,
        appeal.answer,
        row.status == OPEN,
        row.status == OVERTURNED,
    )
