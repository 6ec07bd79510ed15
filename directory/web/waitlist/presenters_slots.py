"""Openings and the lines that they go to in words: whose turn it is, and for everybody else why it is not theirs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from directory.domain.waitlist.clocks import Tier
from directory.domain.waitlist.ranking import Answer, Fit, Ranked
from directory.domain.waitlist.slots import SlotSeen
from directory.domain.waitlist.states import Slot
from directory.domain.waitlist.tiers import Rules, tier_at
from directory.domain.waitlist.whom import ASK_AFTER, whom_of
from directory.i18n import N_, a_date, a_list, a_number, gettext, ngettext
from directory.services.waitlist.slots import NextUp, Row, SlotCard, SlotPage
from directory.web.paging import Pages
from directory.web.presenters import Fact, Link
from directory.web.presenters_openings import restriction_facts
from directory.web.waitlist.presenters_agency_offers import RULES
from directory.web.waitlist.presenters_words import tier_name
from directory.web.wording import age_words, day_words, moment_words

_ = gettext

TIERS = {
    Tier.PREGNANT_INJECTING: N_("First by law: pregnant, and injected in the last 30 days"),
    Tier.PREGNANT: N_("First by law: pregnant"),
    Tier.INJECTING: N_("First by law: injected in the last 30 days"),
    Tier.OTHERS: N_("In the order of asking"),
}
STATES = {
    Slot.OPEN: N_("Open: offer it to somebody"),
    Slot.HELD: N_("Held for somebody"),
    Slot.FILLED: N_("Filled"),
    Slot.CLOSED: N_("Taken back by the agency"),
}
BARRIERS = {
    "on-hold": N_("Their place is on hold now."),
    "live-offer": N_("They have an offer already."),
    "no-consent": N_("They have not agreed that this agency is told about them."),
    "agency-refused": N_("The agency has not taken them for this opening."),
}
HAD = {
    "declined": N_("They had this opening before and said no."),
    "expired": N_("They had this opening before, and nobody answered in time."),
    "no-show": N_("They had this opening before and did not come."),
    "cancelled": N_("They had this opening before, and it did not come about."),
    "withdrawn": N_("They had this opening before, and the agency took it back."),
}
CODES = {
    **BARRIERS,
    **{f"had-{code}": words for code, words in HAD.items()},
    "unreachable-today": N_("They could not be reached that day."),
    "client-preference": N_("They did not want it."),
    "asked-for": N_("The agency asked for somebody else."),
    "safety": N_("It was not safe for them there."),
    "other": N_("For another reason, which a second person has read."),
    "passed-over": N_("No reason was kept."),
}
"""Why somebody who stood before was not offered it, by the code that is kept with the offer; rules have their own words."""


def code_words(code: str) -> str:
    """Why somebody was passed over, in a sentence."""
    if code in CODES:
        return _(CODES[code])
    rule = code.removeprefix("cannot-tell-")
    told = _("Not known: %(what)s.") if code != rule else _("It does not fit: %(what)s.")
    return told % {"what": _(RULES[rule]) if rule in RULES else ""}


def tier_words(tier: int, rules: Rules, on: date) -> str:
    """Why somebody stands where they stand: the federal order, a rule of the State or of the line, or the order of asking."""
    if tier in set(Tier):
        return _(TIERS[Tier(tier)])
    found = tier_at(tier, rules, on)
    return (
        _("First by the rules of this line: %(rule)s") % {"rule": tier_name(found)} if found else _(TIERS[Tier.OTHERS])
    )


# --- the list --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SlotLine:
    """An opening in the list. `next` says in a sentence for each line who is next; `offer_url` leads to the offer that it is held for."""

    id: int
    title: str
    place: str
    state: str
    age: str
    facts: tuple[Fact, ...]
    next: tuple[str, ...]
    is_open: bool
    offer_url: str


def slot_line(card: SlotCard, now: datetime) -> SlotLine:
    """An opening with who is next for it."""
    slot = card.slot
    return SlotLine(
        id=slot.id,
        title=slot.level_name,
        place=f"{slot.program}, {slot.agency_name}",
        state=_(STATES[slot.status]),
        age=age_sentence(slot, now),
        facts=slot_facts(slot),
        next=tuple(_next_words(each, several=len(card.lines) > 1) for each in card.lines),
        is_open=slot.status is Slot.OPEN,
        offer_url=f"/offers/{card.offer.id}" if card.offer else "",
    )


def age_sentence(slot: SlotSeen, now: datetime) -> str:
    """How long ago the agency said that an opening is there; where that is too long to rely on it, one calls first (WAITLIST 3.4)."""
    told = _("Reported %(age)s") % {"age": age_words(slot.said_at, now)}
    if slot.status is not Slot.OPEN or now - slot.said_at < ASK_AFTER:
        return told
    return _("%(reported)s; call first to hear whether it is still there") % {"reported": told}


def slot_title(slot: SlotSeen) -> str:
    """An opening in one line: its level, program and agency."""
    return f"{slot.level_name}, {slot.program}, {slot.agency_name}"


def slot_facts(slot: SlotSeen) -> tuple[Fact, ...]:
    """From when it is free, and whom it takes."""
    free = (Fact(_("Free from"), day_words(slot.free_on)),) if slot.free_on else ()
    whom = restriction_facts(whom_of(slot.restrictions))
    return (*free, *(whom or (Fact(_("Whom it takes"), _("Everybody")),)))


def _next_words(line: NextUp, *, several: bool) -> str:
    words = _("Ask %(name)s first") if line.must_ask else _("Next: %(name)s")
    who = words % {"name": line.person.called} if line.person else _("Nobody is next for it now")
    return _("%(line)s: %(who)s") % {"line": line.name, "who": who} if several else who


# --- one opening -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RowView:
    """Somebody in the line. `state` says whether they can be offered it and why not, `ask` leads to where that is settled. `again_url` offers
    it once more to who had it before, `turn_url` is where one asks to offer it out of turn; "" where that cannot be."""

    place: str
    called: str
    url: str
    why_url: str
    order: str
    state: str
    ask: Link | None
    again_url: str
    turn_url: str
    is_asked: bool


@dataclass(frozen=True, slots=True)
class SlotView:
    """An opening with a line. `before` says how many stand before the next one, and `to_agree` leads to those of them who only have to agree that
    the agency is told. `rows` end with the next one; `later` are those after them. `first` is who it can be offered to at once: their number and what they are called. `ask` is who has to be
    asked first; `is_elsewhere`: somebody in another line goes first by law."""

    id: int
    title: str
    facts: tuple[Fact, ...]
    state: str
    age: str
    is_open: bool
    first: tuple[str, str] | None
    before: str
    to_agree: tuple[Link, ...]
    ask: str
    is_elsewhere: bool
    pool: int
    pool_name: str
    considered: str
    others: tuple[Link, ...]
    rows: tuple[RowView, ...]
    later: tuple[RowView, ...]
    history: tuple[Link, ...]
    pages: Pages


def slot_view(found: SlotPage, page: int, now: datetime) -> SlotView:
    """An opening with its line in order."""
    slot, chosen = found.slot, found.chosen
    is_open = slot.status is Slot.OPEN
    rows, end = [_row(each, found) for each in found.rows], _end(found)
    return SlotView(
        id=slot.id,
        title=slot.level_name,
        facts=(Fact(_("Where"), f"{slot.program}, {slot.agency_name}"), *slot_facts(slot)),
        state=_(STATES[slot.status]),
        age=age_sentence(slot, now),
        is_open=is_open,
        first=(chosen.person.upi, chosen.person.called)
        if is_open and chosen.turn and chosen.person and not found.is_elsewhere
        else None,
        before=_before_words(found) if is_open else "",
        to_agree=_to_agree(found) if is_open else (),
        ask=chosen.person.called if is_open and chosen.must_ask and chosen.person else "",
        is_elsewhere=is_open and found.is_elsewhere,
        pool=chosen.pool,
        pool_name=chosen.name,
        considered=ngettext("%(n)s person stands in this line.", "%(n)s people stand in this line.", found.considered)
        % {"n": a_number(found.considered)},
        others=tuple(
            Link(_next_words(each, several=True), f"/slots/{slot.id}?line={each.pool}")
            for each in found.lines
            if each.pool != chosen.pool
        ),
        rows=tuple(rows[:end]),
        later=tuple(rows[end:]),
        history=tuple(_history(found, now)),
        pages=_pages(found, page),
    )


def _history(found: SlotPage, now: datetime) -> list[Link]:
    zone = ZoneInfo(found.zone)
    words = _("Offered %(when)s")
    return [
        Link(words % {"when": moment_words(each.at.astimezone(zone), now)}, f"/offers/{each.id}")
        for each in found.offers
    ]


def _pages(found: SlotPage, page: int) -> Pages:
    here = f"/slots/{found.slot.id}?line={found.chosen.pool}&page="
    return Pages(f"{here}{page - 1}" if page > 1 else "", f"{here}{page + 1}" if found.is_more else "")


def _end(found: SlotPage) -> int:
    """How many rows stand up to the next one; all of them where the next one is not on this page."""
    turn = found.chosen.turn
    places = [each.ranked.place for each in found.rows]
    return places.index(turn.place) + 1 if turn and turn.place in places else len(places)


def _before_words(found: SlotPage) -> str:
    turn, person = found.chosen.turn, found.chosen.person
    if turn is None or person is None or turn.place < 2:
        return ""
    words = ngettext("%(n)s person stands before %(name)s.", "%(n)s people stand before %(name)s.", turn.place - 1)
    # A name that ends in a full stop ends the sentence too.
    return words % {"n": a_number(turn.place - 1), "name": person.called.removesuffix(".")}


def _to_agree(found: SlotPage) -> tuple[Link, ...]:
    """Those of this page before the next one whom nothing but a consent keeps from it."""
    turn = found.chosen.turn
    return tuple(
        Link(row.person.called, f"/clients/{row.person.upi}/consent")
        for row in found.rows
        if turn
        and row.ranked.place < turn.place
        and row.ranked.candidate.barrier == "no-consent"
        and row.ranked.fit is not Fit.NO
    )


def _row(row: Row, found: SlotPage) -> RowView:
    ranked, upi = row.ranked, row.person.upi
    entry = ranked.candidate.entry
    turn = found.chosen.turn
    is_first = turn is not None and turn.candidate.entry == entry and not row.is_behind
    can_have = ranked.may_be_offered and found.slot.status is Slot.OPEN and not is_first
    asked_on = _("asked on %(day)s") % {
        "day": a_date(ranked.candidate.requested_at.astimezone(ZoneInfo(found.zone)).date())
    }
    return RowView(
        place=a_number(ranked.place),
        called=row.person.called,
        url=f"/clients/{upi}",
        why_url=f"/clients/{upi}/why/{found.slot.id}",
        order=f"{tier_words(ranked.candidate.tier, found.rules, found.today)}; {asked_on}",
        state=_("It is their turn.") if is_first else state_words(ranked),
        ask=ask_link(ranked, upi, row.person.offer),
        again_url=f"/slots/{found.slot.id}/offer/{upi}" if can_have and not row.is_behind else "",
        turn_url=f"/slots/{found.slot.id}/out-of-turn/{upi}" if can_have and row.is_behind else "",
        is_asked=entry in found.asked,
    )


def state_words(ranked: Ranked) -> str:
    """Whether somebody can be offered an opening, and why not: what is not known is said to be that, and never taken for a no."""
    if ranked.candidate.barrier:
        return _(BARRIERS[ranked.candidate.barrier])
    if ranked.fit is Fit.NO:
        return _("It does not fit: %(what)s.") % {"what": _rules(ranked.answers, Fit.NO)}
    if ranked.fit is Fit.UNKNOWN:
        return _("We cannot tell. Not known: %(what)s.") % {"what": _rules(ranked.answers, Fit.UNKNOWN)}
    if ranked.candidate.had:
        return " ".join((_(HAD[ranked.candidate.had]), _("They can have it again.")))
    return _("Can be offered it.")


def _rules(answers: Sequence[Answer], fit: Fit) -> str:
    return a_list([_(RULES[each.rule]) for each in answers if each.fit is fit])


def ask_link(ranked: Ranked, upi: str, offer: int | None) -> Link | None:
    """Where what is in the way is settled; None where there is nothing to do about it."""
    barrier = ranked.candidate.barrier
    if barrier == "live-offer" and offer:
        return Link(_("See that offer"), f"/offers/{offer}")
    if barrier == "no-consent":
        return Link(_("Ask for their consent"), f"/clients/{upi}/consent")
    if barrier == "on-hold":
        return Link(_("Look at the hold"), f"/clients/{upi}")
    if not barrier and ranked.fit is Fit.UNKNOWN:
        return Link(_("Ask them"), f"/clients/{upi}/facts")
    return None
