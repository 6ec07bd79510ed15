"""The one page for the team that receives somebody, in words: what a consent covers, in their own words."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from directory.domain.waitlist.disclosures import SHOWN_AFTER
from directory.i18n import a_date, a_language, a_moment, gettext
from directory.services.bridge.handoffs import WORDS
from directory.services.bridge.summaries import Summary
from directory.web.bridge.presenters_handoffs import WORD_LABELS
from directory.web.presenters import Action, Fact, phone_actions
from directory.web.waitlist.presenters_agency_offers import consent_words
from directory.web.wording import clock_words

_ = gettext


@dataclass(frozen=True, slots=True)
class SummaryView:
    """The page. `words` are pairs of label and text in their own words; `consents` say what the team was told on (2.32(b)); `until` is when it
    goes again, "" while they are on the way."""

    facts: tuple[Fact, ...]
    words: tuple[tuple[str, str], ...]
    peers: str
    peer: str
    calls: tuple[Action, ...]
    consents: tuple[str, ...]
    until: str


def summary_view(found: Summary) -> SummaryView:
    """The summary; what nobody wrote is left out, since not known is no answer."""
    until = a_moment((found.ended_at + SHOWN_AFTER).astimezone(ZoneInfo(found.zone))) if found.ended_at else ""
    return SummaryView(
        facts=_facts(found),
        words=tuple((_(WORD_LABELS[name]), found.words[name]) for name in WORDS if found.words[name]),
        peers=found.peers,
        peer=found.peer,
        calls=phone_actions(found.phones),
        consents=tuple(consent_words(each) for each in found.consents),
        until=until,
    )


def _facts(found: Summary) -> tuple[Fact, ...]:
    facts = [Fact(_("Wants to be called"), found.called)] if found.called else []
    facts += [Fact(_("Name"), found.name)] if found.name and found.name != found.called else []
    facts.append(Fact(_("Number"), found.upi))
    facts.append(Fact(_("Language"), a_language(found.language)))
    if found.arrives_at:
        local = found.arrives_at.astimezone(ZoneInfo(found.zone))
        facts.append(Fact(_("Expected"), f"{a_date(local.date())}, {clock_words(local)}"))
    facts.append(Fact(_("Place"), f"{found.clinic}, {found.level}"))
    return tuple(facts)
