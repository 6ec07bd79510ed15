"""Offers in words for the peers of the people: until when, what came of it, what to do next, and why it was not somebody else's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from directory.domain.waitlist.consents import Scope
from directory.domain.waitlist.declines import Next, next_steps
from directory.domain.waitlist.slots import OfferSeen
from directory.domain.waitlist.states import LIVE_OFFERS, Offer, Slot
from directory.i18n import N_, a_number, gettext
from directory.services.waitlist.offer_pages import Decision, OfferCard, OfferPage, Why
from directory.web.presenters import Action, Fact, Link, phone_actions, where_words
from directory.web.presenters_form import Choice
from directory.web.waitlist.presenters_agency_offers import RULES, due_words, reason_words, to_choose
from directory.web.waitlist.presenters_slots import (
    ask_link,
    code_words,
    slot_facts,
    slot_title,
    state_words,
    tier_words,
)
from directory.web.waitlist.presenters_take_on import WayCard, way_card
from directory.web.waitlist.presenters_words import OFFERS, scope_words
from directory.web.wording import moment_words

_ = gettext

DECLINE_WORDS = {
    "not-now": N_("Not now: another time would be right"),
    "too-far": N_("Too far away"),
    "not-this-place": N_("Not this place"),
    "health-safety": N_("Not safe for them, or not good for their health"),
    "other-place": N_("They have a place somewhere else"),
    "ineligible": N_("It does not fit them after all"),
    "refused": N_("They do not want this kind of care any more"),
    "other": N_("Another reason"),
}
CANCEL_WORDS = {
    "changed-mind": N_("They changed their mind"),
    "ill": N_("They are ill"),
    "no-transport": N_("They cannot get there"),
    "other-place": N_("They have a place somewhere else"),
    "agency-cannot": N_("The agency says that it cannot be"),
    "other": N_("Another reason"),
}
STEPS = {
    Next.TALK: N_(
        "They have said no twice or more. Ask them what they would say yes to. Nobody is taken off a line for saying no."
    ),
    Next.HOLD: N_("Ask whether their place should be on hold for a while. It is kept as it is."),
    Next.CLOSE: N_("If they have a place, say so on their page, so that others move up."),
    Next.FACTS: N_("Ask again what decides, so that the next offer fits."),
}
OUT_OF_TURN = {
    "unreachable-today": N_("Those before could not be reached today"),
    "client-preference": N_("Those before do not want it"),
    "agency-refused": N_("The agency would not take those before"),
    "asked-for": N_("The agency asked for this person"),
    "safety": N_("It would not be safe for those before"),
    "other": N_("Another reason"),
}
KEPT = N_("Their place in line is kept as it was.")


def choices(words: Mapping[str, str]) -> tuple[Choice, ...]:
    """The reasons of a list, none of them chosen to begin with."""
    return to_choose({code: _(text) for code, text in words.items()})


# --- the list --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OfferLine:
    """An offer in the list. `due` is until when they can answer; "" once that is settled."""

    url: str
    called: str
    what: str
    state: str
    due: str
    is_live: bool


def offer_line(card: OfferCard, now: datetime) -> OfferLine:
    """An offer with its person and how far it is."""
    offer = card.offer
    return OfferLine(
        url=f"/offers/{offer.id}",
        called=card.person.called,
        what=slot_title(offer.slot),
        state=_(OFFERS[offer.status]),
        due=due_words(offer, now),
        is_live=offer.status in LIVE_OFFERS,
    )


# --- one offer -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OfferView:
    """One offer on its page. `ways` reach the person, `place` is where they go, once they have said yes, and `calls` its telephones.
    `steps` are what to do next, each a sentence with a link; `passed` says of those who stood before why it was not
    theirs, with how many those are."""

    id: int
    called: str
    client_url: str
    title: str
    agency: str
    state: str
    reason: str
    kept: str
    due: str
    ways: tuple[WayCard, ...]
    place: str
    calls: tuple[Action, ...]
    seen: str
    agreed: str
    facts: tuple[Fact, ...]
    told: tuple[str, ...]
    passed: tuple[str, ...]
    steps: tuple[tuple[str, Link], ...]
    again: Link | None
    is_pending: bool
    is_accepted: bool


def offer_view(found: OfferPage, now: datetime) -> OfferView:
    """An offer with what became of it."""
    offer = found.offer
    slot, upi = offer.slot, offer.upi
    is_over = offer.status not in LIVE_OFFERS
    return OfferView(
        id=offer.id,
        called=found.person.called,
        client_url=f"/clients/{upi}",
        title=slot_title(slot),
        agency=slot.agency_name,
        state=_(OFFERS[offer.status]),
        reason=end_words(offer),
        kept=_(KEPT) if is_over and offer.status is not Offer.ADMITTED else "",
        due=due_words(offer, now),
        ways=tuple(way_card(number, way, is_stopped=False) for number, way in enumerate(found.ways)),
        place=where_words(found.place.card, found.place.street_2) if found.place else "",
        calls=phone_actions(found.place.card.phones) if found.place else (),
        seen=_said(_("The agency saw it %(when)s."), offer.acknowledged_at, offer, now),
        agreed=_said(_("The agency says that it takes them (%(when)s)."), offer.agreed_at, offer, now),
        facts=_facts(found, now),
        told=tuple(_told(found, now)),
        passed=tuple(_passed(offer)),
        steps=_steps(found) if offer.status is Offer.DECLINED else (),
        again=Link(_("Look at the opening and its line again"), f"/slots/{slot.id}?line={offer.pool}")
        if is_over and slot.status is Slot.OPEN
        else None,
        is_pending=offer.status is Offer.PENDING,
        is_accepted=offer.status is Offer.ACCEPTED,
    )


def end_words(offer: OfferSeen) -> str:
    """Why an offer ended, in words; "" where nothing was said."""
    code = offer.end_reason or ""
    if offer.status is Offer.DECLINED and code in DECLINE_WORDS:
        return _(DECLINE_WORDS[code])
    if offer.status is Offer.CANCELLED and code in CANCEL_WORDS:
        return _(CANCEL_WORDS[code])
    said = reason_words(code)
    return _("The agency says: %(reason)s") % {"reason": said} if said else ""


def _said(words: str, moment: datetime | None, offer: OfferSeen, now: datetime) -> str:
    return words % {"when": _when(moment, offer, now)} if moment else ""


def _when(moment: datetime, offer: OfferSeen, now: datetime) -> str:
    return moment_words(moment.astimezone(ZoneInfo(offer.zone)), now)


def _facts(found: OfferPage, now: datetime) -> tuple[Fact, ...]:
    offer = found.offer
    facts = [
        Fact(_("Line"), offer.pool_name),
        Fact(_("Offered"), _when(offer.at, offer, now)),
        Fact(_("Offered by"), found.names.get(offer.by, "")),
    ]
    if offer.second_by:
        facts.append(Fact(_("Agreed to by a second person"), found.names.get(offer.second_by, "")))
    if offer.reason:
        facts.append(Fact(_("Out of turn because"), _(OUT_OF_TURN.get(offer.reason, OUT_OF_TURN["other"]))))
    if offer.ended_at:
        facts.append(Fact(_("Ended"), _when(offer.ended_at, offer, now)))
    return (*facts, *slot_facts(offer.slot))


def _told(found: OfferPage, now: datetime) -> list[str]:
    words = _("%(when)s: %(what)s")
    return [
        words % {"when": _when(at, found.offer, now), "what": scope_words([Scope(code) for code in scope])}
        for at, scope in found.told
    ]


def _passed(offer: OfferSeen) -> list[str]:
    """Nobody is named: how many stood before, and of each reason how often it was."""
    counted = Counter(code for _entry, code in offer.passed_over)
    return [
        _("%(n)s: %(reason)s") % {"n": a_number(n), "reason": code_words(code)} for code, n in counted.most_common()
    ]


def _steps(found: OfferPage) -> tuple[tuple[str, Link], ...]:
    upi = found.offer.upi
    links = {
        Next.TALK: Link(_("Note a talk on their page"), f"/clients/{upi}"),
        Next.HOLD: Link(_("Put their place on hold"), f"/clients/{upi}"),
        Next.CLOSE: Link(_("Close their place"), f"/clients/{upi}"),
        Next.FACTS: Link(_("Ask what decides"), f"/clients/{upi}/facts"),
    }
    steps = next_steps(found.offer.end_reason or "", found.declined)
    return tuple((_(STEPS[step]), links[step]) for step in steps)


# --- why not me ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WhyView:
    """Why an opening goes to somebody or does not. `rules` are what the opening asks for with yes, no or not known."""

    called: str
    client_url: str
    slot_url: str
    title: str
    place: str
    order: str
    state: str
    ask: Link | None
    rules: tuple[Fact, ...]
    decisions: tuple[str, ...]


FITS = {"yes": N_("It fits."), "no": N_("It does not fit."), "cannot-tell": N_("Not known yet.")}


def why_view(found: Why, now: datetime) -> WhyView:
    """The place, each rule, and what was decided, without a word about anybody else."""
    slot, ranked = found.slot, found.ranked
    place = _("Place %(place)s of %(n)s in %(line)s")
    return WhyView(
        called=found.person.called,
        client_url=f"/clients/{found.person.upi}",
        slot_url=f"/slots/{slot.id}?line={found.pool.id}",
        title=slot_title(slot),
        place=place % {"place": a_number(ranked.place), "n": a_number(found.considered), "line": found.pool.name},
        order=tier_words(ranked.candidate.tier, found.rules, found.today),
        state=state_words(ranked),
        ask=ask_link(ranked, found.person.upi, None),
        rules=tuple(Fact(_(RULES[each.rule]), _(FITS[each.fit])) for each in ranked.answers),
        decisions=tuple(_decision(each, found.pool.timezone, now) for each in found.decisions),
    )


def _decision(each: Decision, zone: str, now: datetime) -> str:
    when = moment_words(each.at.astimezone(ZoneInfo(zone)), now)
    if each.is_own:
        said = _("%(when)s: it was offered to them.") % {"when": when}
    elif each.code:
        said = _("%(when)s: it went to somebody further back. %(why)s") % {"when": when, "why": code_words(each.code)}
    else:
        said = _("%(when)s: it was offered to somebody who stands before them.") % {"when": when}
    by = _("Decided by %(name)s.") % {"name": each.by} if each.by else ""
    second = _("Agreed to by %(name)s.") % {"name": each.second_by} if each.second_by else ""
    return " ".join(part for part in (said, by, second) if part)
