"""What is asked of a second person in words: what would be done, about whom, who asks for it and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from directory.domain.waitlist.tiers import OTHERS
from directory.i18n import N_, a_date, a_number, gettext, ngettext
from directory.services.waitlist.second_words import BACK_DATE, CANNOT_LOCATE, IMPORT, LOWER_TIER, OUT_OF_ORDER
from directory.services.waitlist.word_pages import WordCard
from directory.web.presenters import Fact, Link
from directory.web.waitlist.joining import REASONS as BACK_DATES
from directory.web.waitlist.presenters_offers import OUT_OF_TURN
from directory.web.waitlist.presenters_slots import slot_title, tier_words
from directory.web.wording import age_words

_ = gettext

KINDS = {
    OUT_OF_ORDER: N_("Offer an opening out of turn"),
    BACK_DATE: N_("Date a request back"),
    CANNOT_LOCATE: N_("Take somebody off a line who cannot be found"),
    LOWER_TIER: N_("Put somebody in a later group of their line"),
    IMPORT: N_("Put people from a spreadsheet into a line"),
}
REASONS = {
    **OUT_OF_TURN,
    **BACK_DATES,
    "cannot-locate": N_("All that has to be tried was tried"),
    "facts-changed": N_("What is known of them has changed"),
    "run-out": N_("What put them first has run out, and nobody has asked again"),
    "spreadsheet": N_("A list from before"),
}
STATES = {
    "open": N_("Waits for a second person"),
    "agreed": N_("Agreed and done"),
    "refused": N_("Not agreed to; nothing was changed"),
    "overtaken": N_("Could not be done any more; nothing was changed"),
}


@dataclass(frozen=True, slots=True)
class WordView:
    """A wish on the page. `look` is where to see more before one answers; a list of people
    can be answered there alone."""

    id: int
    title: str
    called: str
    facts: tuple[Fact, ...]
    state: str
    look: Link | None
    may_settle: bool


def word_view(card: WordCard, names: Mapping[str, str], now: datetime) -> WordView:
    """A wish with all that one has to know to answer it."""
    word = card.word
    facts = [Fact(_("Asked by"), names.get(word.by, _("the site"))), Fact(_("Asked"), age_words(word.at, now))]
    if word.reason in REASONS:
        facts.append(Fact(_("Why"), _(REASONS[word.reason])))
    if card.note:
        facts.append(Fact(_("Note"), card.note))
    if word.settled_by:
        facts.append(Fact(_("Answered by"), names.get(word.settled_by, _("the site"))))
    return WordView(
        id=word.id,
        title=_(KINDS[word.kind]),
        called=card.person.called if card.person else "",
        facts=(*_about(card), *facts),
        state=_(STATES[word.status]),
        look=_look(card),
        may_settle=card.may_settle and word.kind != IMPORT,
    )


def _about(card: WordCard) -> list[Fact]:
    """What would be done: which opening, which day, which line."""
    found = []
    if card.slot:
        found.append(Fact(_("Opening"), slot_title(card.slot)))
    if card.line:
        found.append(Fact(_("Line"), card.line))
    found += [Fact(_("Passed over"), text) for text in _passed(card)]
    if card.word.kind == BACK_DATE and card.entry:
        zone = ZoneInfo(card.entry.timezone)
        asked = datetime.fromisoformat(str(card.word.details["requested_at"]))
        found.append(Fact(_("From"), a_date(card.entry.requested_at.astimezone(zone).date())))
        found.append(Fact(_("To"), a_date(asked.astimezone(zone).date())))
    if card.word.kind == LOWER_TIER:
        now, then = card.entry.tier if card.entry else OTHERS, int(str(card.word.details.get("tier", OTHERS)))
        found.append(Fact(_("From"), tier_words(now, card.rules, card.today)))
        found.append(Fact(_("To"), tier_words(then, card.rules, card.today)))
    return found


def _passed(card: WordCard) -> list[str]:
    """Who goes before them, each with why; of those who are not named, how many there are."""
    words = _("%(name)s (%(order)s)")
    found = [
        words
        % {
            "name": each.called or _("Somebody in another line"),
            "order": tier_words(each.tier, card.rules, card.today),
        }
        for each in card.passed
    ]
    if more := card.passed_count - len(card.passed):
        found.append(ngettext("%(n)s more person", "%(n)s more people", more) % {"n": a_number(more)})
    return found


def _look(card: WordCard) -> Link | None:
    if card.word.kind == OUT_OF_ORDER and card.slot and card.entry:
        return Link(_("See the line"), f"/slots/{card.slot.id}?line={card.entry.pool}")
    if card.word.kind == IMPORT:
        return Link(_("See the spreadsheet"), f"/line-imports/{card.word.import_id}")
    return Link(_("See their page"), f"/clients/{card.person.upi}") if card.person else None
