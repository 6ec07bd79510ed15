"""Offers in words, for the agency that has the opening: how far each is, what may be known of the person, and what can be answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from directory.domain.waitlist.agency import AgencyOfferNow
from directory.domain.waitlist.answers import CLIENT_CANCELLED, GONE, refusals
from directory.domain.waitlist.consents import Consent, Purpose, Scope
from directory.domain.waitlist.disclosures import SHOWN_AFTER
from directory.domain.waitlist.routes import Way
from directory.domain.waitlist.slots import OfferSeen
from directory.domain.waitlist.states import LIVE_OFFERS, Offer
from directory.i18n import N_, a_date, a_list, a_moment, gettext
from directory.services.waitlist.agency_offers import AgencyOffer, Known
from directory.web.presenters import Action, Fact, phone_actions
from directory.web.presenters_form import Choice
from directory.web.waitlist.presenters_take_on import way_url
from directory.web.waitlist.presenters_words import fact_name, fact_value, scope_words
from directory.web.wording import ages_words, moment_words, zone_words

_ = gettext

STATES = {
    Offer.PENDING: N_("The person has not answered yet"),
    Offer.ACCEPTED: N_("The person said yes"),
    Offer.DECLINED: N_("The person said no"),
    Offer.REJECTED: N_("You did not take this person"),
    Offer.EXPIRED: N_("Nobody answered in time"),
    Offer.WITHDRAWN: N_("You took the opening back"),
    Offer.ADMITTED: N_("The person has come"),
    Offer.NO_SHOW: N_("The person did not come"),
    Offer.CANCELLED: N_("The person does not come after all"),
}
RULES = {
    "sex": N_("Women or men"),
    "age": N_("Ages"),
    "payer": N_("Ways to pay"),
    "language": N_("Languages"),
    "medication": N_("Methadone or buprenorphine"),
    "wheelchair": N_("Wheelchair"),
    "children": N_("Children who come too"),
    "level": N_("Level of care"),
}
REASONS = {
    "full-after-all": N_("The opening is gone after all"),
    "staff": N_("There are not enough people to look after somebody"),
    "closed-for-now": N_("We are closed for now"),
    "mistake": N_("It was told by mistake"),
    "cannot-meet-medical": N_("We cannot give the medical care that is needed"),
    "cannot-meet-mental": N_("We cannot give the mental health care that is needed"),
    "cannot-meet-access": N_("Our building does not fit"),
    "cannot-meet-safety": N_("It would not be safe for somebody here"),
    "other": N_("Something else: we call the peers about it"),
    CLIENT_CANCELLED: N_("They told you so"),
    "consent-revoked": N_("They took their consent back"),
}
"""Why somebody is not taken, or an opening is gone, by code; of a rule that does not fit it says which (RULES)."""
PURPOSES = {
    Purpose.PLACEMENT: N_("to find them a place"),
    Purpose.TREATMENT_PAYMENT_OPERATIONS: N_("for care, paying for it, and running it"),
}
CHANNELS = {
    "call": N_("Call"),
    "text": N_("Text"),
    "email": N_("E-mail"),
    "mail": N_("Letter"),
    "visit": N_("In person"),
}


@dataclass(frozen=True, slots=True)
class OfferCard:
    """An offer in the list. `name` is "" where it may not be seen. `due` is until when the person can answer; "" once that is settled. `ended` is when it
    was over. `is_new`: nobody has said that it was seen. `is_to_come`: the person said yes, and nobody has said yet whether they came."""

    id: int
    number: str
    name: str
    state: str
    due: str
    ended: str
    facts: tuple[Fact, ...]
    is_new: bool
    is_live: bool
    is_to_come: bool


def offer_card(row: AgencyOfferNow, now: datetime, name: str = "") -> OfferCard:
    """An offer by its number: without a `name` that may be seen nothing in it tells who that is."""
    zone = ZoneInfo(row.zone)
    facts = [Fact(_("Opening"), f"{row.level_name}, {row.program}"), Fact(_("Offered by"), row.peers)]
    facts.append(Fact(_("Offered"), moment_words(row.at.astimezone(zone), now)))
    ended = moment_words(row.ended_at.astimezone(zone), now) if row.ended_at else ""
    if ended:
        facts.append(Fact(_("Ended"), ended))
    return OfferCard(
        id=row.id,
        number=row.upi,
        name=name,
        state=_(STATES[row.status]),
        due=due_words(row, now),
        ended=ended,
        facts=tuple(facts),
        is_new=row.status in LIVE_OFFERS and row.acknowledged_at is None,
        is_live=row.status in LIVE_OFFERS,
        is_to_come=row.status is Offer.ACCEPTED,
    )


def due_words(row: AgencyOfferNow | OfferSeen, now: datetime) -> str:
    """Until when the person can answer, on the clock of the place, or of the line for peers, which is named; "" where that is settled."""
    if row.status is not Offer.PENDING:
        return ""
    when = moment_words(row.expires_at.astimezone(ZoneInfo(row.zone)), now)
    return _("They can answer until %(when)s (%(zone)s).") % {"when": when, "zone": zone_words(row.zone, now)}


def reason_words(code: str | None) -> str:
    """Why an offer ended, in words; "" where nothing was said, or it is not the agency's to know."""
    rule = (code or "").removeprefix("not-eligible-")
    if code and code != rule:
        return _("It does not fit: %(what)s") % {"what": _(RULES[rule])}
    return _(REASONS[code]) if code in REASONS else ""


def to_choose(reasons: Mapping[str, str], chosen: str = "") -> tuple[Choice, ...]:
    """Reasons to choose from, in words by their code, none of them chosen to begin with."""
    found = tuple(Choice(code, text, code == chosen) for code, text in reasons.items())
    return (Choice("", _("Choose a reason"), not chosen), *found)


def refusal_choices(row: AgencyOfferNow, chosen: str) -> tuple[Choice, ...]:
    """The reasons for which this person may not be taken."""
    return to_choose({code: reason_words(code) for code in refusals(row.restrictions)}, chosen)


def gone_choices() -> tuple[Choice, ...]:
    """Why an opening is gone."""
    return to_choose({code: reason_words(code) for code in GONE})


# --- one offer -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RouteView:
    """A way to reach somebody, with what makes it safe in a sentence each. `url` calls or writes; "" where no telephone does."""

    title: str
    to: str
    url: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KnownView:
    """What the agency was told of the person, and what each consent says of that. `until` is when it goes again; "" while it stays."""

    facts: tuple[Fact, ...]
    routes: tuple[RouteView, ...]
    consents: tuple[str, ...]
    until: str


@dataclass(frozen=True, slots=True)
class OfferView:
    """One offer on its page. `has_summary`: a page for the team that receives them can be read too."""

    card: OfferCard
    slot: int
    reason: str
    seen: str
    agreed: str
    facts: tuple[Fact, ...]
    known: KnownView | None
    calls: tuple[Action, ...]
    peers: str
    can_agree: bool
    is_accepted: bool
    has_summary: bool


def offer_view(found: AgencyOffer, now: datetime) -> OfferView:
    """An offer with what may be seen of the person."""
    row = found.row
    card = offer_card(row, now)
    return OfferView(
        card=card,
        slot=row.slot,
        reason=reason_words(row.end_reason),
        seen=_moment(row.acknowledged_at, row, now),
        agreed=_moment(row.agreed_at, row, now),
        facts=(Fact(_("Number"), row.upi), *card.facts, *_person_facts(found)),
        known=_known_view(found.known, row, now) if found.known else None,
        calls=phone_actions(found.phones),
        peers=row.peers,
        can_agree=card.is_live and row.agreed_at is None,
        is_accepted=row.status is Offer.ACCEPTED,
        has_summary=found.has_summary,
    )


def _moment(moment: datetime | None, row: AgencyOfferNow, now: datetime) -> str:
    return moment_words(moment.astimezone(ZoneInfo(row.zone)), now) if moment else ""


def _person_facts(found: AgencyOffer) -> tuple[Fact, ...]:
    ages = (Fact(_("Age"), ages_words(*found.ages)),) if found.ages else ()
    return (*ages, *(Fact(_(RULES[rule]), fact_value(rule, value)) for rule, value in found.facts.items()))


def _known_view(known: Known, row: AgencyOfferNow, now: datetime) -> KnownView:
    until = a_moment((row.ended_at + SHOWN_AFTER).astimezone(ZoneInfo(row.zone))) if row.ended_at else ""
    return KnownView(
        facts=tuple(_told_facts(known)),
        routes=tuple(_route_view(each) for each in known.routes),
        consents=tuple(consent_words(each) for each in known.consents),
        until=until,
    )


def _told_facts(known: Known) -> Iterable[Fact]:
    if Scope.NAME in known.scope:
        yield Fact(_("Name"), known.name)
        if known.called != known.name:
            yield Fact(_("Wants to be called"), known.called)
    if known.priority:
        yield Fact(_("The law puts first"), a_list([fact_name(code) for code in known.priority]))
    asam, edition, by = known.recommended
    if asam:
        level = _("ASAM %(level)s, edition %(edition)s") % {"level": asam, "edition": edition}
        yield Fact(_("Recommended level"), f"{level} ({by})" if by else level)


def _route_view(route: Way) -> RouteView:
    notes = [_("Best times: %(times)s") % {"times": route.times}] if route.times else []
    if route.channel == "call":
        notes.append(_("You can leave a message.") if route.may_leave_word else _("Leave no message."))
    if route.is_shared:
        notes.append(_("Others use this telephone too. Ask for the person, and say no more."))
    notes += [route.note] if route.note else []
    return RouteView(_(CHANNELS[route.channel]), route.to, way_url(route), tuple(notes))


def consent_words(consent: Consent) -> str:
    """What a consent lets be told, by whom, what for, since when and until when (2.32(b))."""
    said = {
        "who": consent.discloser,
        "what": scope_words(tuple(consent.scope)),
        "purpose": _(PURPOSES[consent.purpose]) if consent.purpose else "",
        "signed": a_date(consent.signed_on) if consent.signed_on else "",
        "end": _end_words(consent),
    }
    return _("%(who)s may tell you %(what)s, %(purpose)s. Signed on %(signed)s. %(end)s") % said


def _end_words(consent: Consent) -> str:
    if consent.expires_on:
        return _("It ends after %(day)s.") % {"day": a_date(consent.expires_on)}
    return _("It ends: %(when)s.") % {"when": consent.expires_when} if consent.expires_when else _("It has no end.")


def cards(rows: Sequence[AgencyOfferNow], now: datetime, names: Mapping[int, str]) -> Mapping[str, list[OfferCard]]:
    """The offers of a page: those that live, and those that are over. `names` are those that may be seen, by offer."""
    found = [offer_card(row, now, names.get(row.id, "")) for row in rows]
    return {"live": [each for each in found if each.is_live], "ended": [each for each in found if not each.is_live]}
