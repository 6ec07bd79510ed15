"""Consents in words, and the form for one: each element of 42 CFR 2.31(a) as a plain question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from directory.domain.waitlist.consents import Purpose, Scope
from directory.i18n import N_, a_date, a_list, gettext
from directory.services.waitlist.consents import PAPER, SCREEN, Kept
from directory.web.fields import Field
from directory.web.presenters import Fact
from directory.web.presenters_form import Choice

_ = gettext

SCOPES = {
    Scope.NAME: N_("Their name"),
    Scope.CONTACT: N_("How to reach them"),
    Scope.ELIGIBILITY: N_("What shows whether an opening fits them"),
    Scope.PRIORITY: N_("Why the law has them admitted earlier"),
    Scope.CARE: N_("Which care was recommended to them"),
    Scope.HAND_OFF: N_(
        "What helps when they arrive: their own words, medication, belongings, language, who comes along, when they are expected, the name of their peer, and their number here"
    ),
}
PURPOSES = {
    Purpose.PLACEMENT: N_("To find an opening and get them in"),
    Purpose.TREATMENT_PAYMENT_OPERATIONS: N_("Care, payment and running the service, also later on"),
}
FORMS = {SCREEN: N_("On this screen, with their name"), PAPER: N_("On paper, by hand")}


def consent_fields(
    feeding: Sequence[tuple[int, str]], *, discloser: str, has_name: bool, today: date, expires_on: date
) -> tuple[Field, ...]:
    """The form for a consent. No agency is chosen before; the whole name is asked where it is not known."""
    name = () if has_name else (Field("name", _("Their whole name")),)
    agencies = tuple(Choice(str(id), title, False) for id, title in feeding)
    scopes = tuple(Choice(each.value, _(words), False) for each, words in SCOPES.items())
    purposes = tuple(Choice(each.value, _(words), each is Purpose.PLACEMENT) for each, words in PURPOSES.items())
    forms = tuple(Choice(code, _(words), code == SCREEN) for code, words in FORMS.items())
    return (
        *name,
        Field("agencies", _("Who may be told?"), choices=agencies, many=True),
        Field("scope", _("What may they be told?"), choices=scopes, many=True),
        Field("discloser", _("Who may tell it?"), value=discloser),
        Field("purpose", _("What for?"), choices=purposes),
        Field("expires_on", _("Until which day?"), "date", expires_on.isoformat()),
        Field("expires_when", _("Or until something happens"), hint=_("Such as: when I have moved in")),
        _tick("right-to-revoke", _("They know that they can take it back at any time, by telling us or in writing.")),
        _tick("redisclosure", _("They know that whoever gets it may pass it on for care and payment.")),
        _tick("consequences", _("They know what follows if they do not sign: nothing for their place in line.")),
        Field("form", _("How do they sign?"), choices=forms),
        Field("signed_by", _("Signature: they write their name here"), hint=_("On paper: who signed it")),
        Field("paper_at", _("On paper: where does it lie?")),
        Field("signed_on", _("Day of the signature"), "date", today.isoformat()),
    )


def _tick(name: str, words: str) -> Field:
    return Field(name, words, choices=(Choice("yes", words, False),), many=True)


@dataclass(frozen=True, slots=True)
class ConsentCard:
    """One consent in words. `holds`: something may be told on it today; `state` says so, or since when not."""

    id: int
    title: str
    state: str
    holds: bool
    facts: tuple[Fact, ...]


def consent_cards(kept: Sequence[Kept]) -> list[ConsentCard]:
    """The consents of somebody, the latest first."""
    return [consent_card(each) for each in kept]


def consent_card(kept: Kept) -> ConsentCard:
    """One consent with its scope, as it goes with whatever is told on it (2.32(b))."""
    consent = kept.consent
    scopes = a_list([_(words) for scope, words in SCOPES.items() if scope in consent.scope])
    facts = [Fact(_("What"), scopes), Fact(_("Who tells"), consent.discloser)]
    if consent.purpose:
        facts.append(Fact(_("What for"), _(PURPOSES[consent.purpose])))
    facts.append(Fact(_("Until"), until_words(consent.expires_on, consent.expires_when)))
    if consent.signed_on:
        facts.append(Fact(_("Signed"), a_date(consent.signed_on)))
    if kept.paper_at:
        facts.append(Fact(_("Paper"), kept.paper_at))
    return ConsentCard(kept.id, a_list(sorted(kept.names.values())), state_words(kept), kept.holds, tuple(facts))


def until_words(expires_on: date | None, expires_when: str) -> str:
    """When a consent ends."""
    said = [a_date(expires_on)] if expires_on else []
    said += [expires_when] if expires_when else []
    return ", ".join(said) or _("No end was set")


def state_words(kept: Kept) -> str:
    """Whether something may be told on a consent today."""
    if kept.revoked_on:
        return _("Taken back on %(day)s. Nothing is told on it.") % {"day": a_date(kept.revoked_on)}
    return _("It holds.") if kept.holds else _("It does not hold now. Nothing is told on it.")


def uncovered(feeding: Sequence[tuple[int, str]], kept: Sequence[Kept]) -> list[str]:
    """The agencies whose openings cannot be offered, since no consent that holds names them."""
    named = {agency for each in kept if each.holds for agency in each.consent.agencies}
    return [title for id, title in feeding if id not in named]
