"""How the records are put into words: breaches with the days that count, and to whom something was told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, tzinfo

from directory.domain.people import Agency
from directory.domain.waitlist.disclosures import EMERGENCY
from directory.i18n import N_, a_date, a_number, gettext, ngettext
from directory.services.waitlist.disclosures import Told
from directory.services.waitlist.records import REASONS, Breach
from directory.web.fields import Field, FormView
from directory.web.presenters_form import Choice
from directory.web.waitlist.presenters_words import scope_words

_ = gettext

REASON_WORDS = {
    "court": N_("A court case, or an order of a court"),
    "counsel": N_("Counsel asks for it"),
    "complaint": N_("A complaint is being looked at"),
    "other": N_("Another reason"),
}


@dataclass(frozen=True, slots=True)
class DueLine:
    """Whom to tell: by when, or on which day that was done."""

    text: str
    is_late: bool


@dataclass(frozen=True, slots=True)
class BreachCard:
    """A breach in words."""

    id: int
    title: str
    what: str
    people: str
    upis: tuple[str, ...]
    lines: tuple[DueLine, ...]
    is_open: bool


def breach_card(breach: Breach) -> BreachCard:
    """A breach with what is due."""
    row = breach.row
    people = ngettext("%(n)s person is touched by it.", "%(n)s people are touched by it.", len(breach.upis))
    whom = (
        (_("The people"), breach.due.people, row.people_told_on),
        (_("The Department of Health and Human Services"), breach.due.department, row.department_told_on),
        (_("The media"), breach.due.media, row.media_told_on),
    )
    return BreachCard(
        row.id,
        _("Found on %(day)s") % {"day": a_date(row.found_on)},
        breach.what or _("What happened was cleared after its time."),
        people % {"n": a_number(len(breach.upis))},
        breach.upis,
        tuple(_due(name, due, told, breach.today) for name, due, told in whom if due or told),
        row.closed_at is None,
    )


def _due(name: str, due: date | None, told: date | None, today: date) -> DueLine:
    if told is not None:
        return DueLine(_("%(whom)s: told on %(day)s") % {"whom": name, "day": a_date(told)}, False)
    assert due is not None
    if due < today:
        return DueLine(_("%(whom)s: was to be told by %(day)s") % {"whom": name, "day": a_date(due)}, True)
    return DueLine(_("%(whom)s: to be told by %(day)s") % {"whom": name, "day": a_date(due)}, False)


def new_breach_view(agencies: Sequence[Agency], once: str) -> FormView:
    """The form for something new; which agency it is of is asked only where there are several."""
    choices = tuple(Choice(str(each.id), each.name, False) for each in agencies)
    fields: tuple[Field, ...] = (
        Field("what", _("What happened"), "textarea", hint=_("What came to whom, and what you did about it.")),
        Field("clients", _("Whom it touches"), hint=_("Their numbers, with blanks between. Names do not belong here.")),
        Field("happened_on", _("When it happened, if you know"), "date"),
        Field("found_on", _("When it was found"), "date"),
    )
    hidden = {"once": once}
    if len(choices) == 1:
        hidden["agency"] = choices[0].value
    else:
        fields = (Field("agency", _("Agency"), choices=choices), *fields)
    return FormView("/records/breaches", _("Write it down"), fields, hidden=hidden)


def breach_view(breach: Breach) -> FormView:
    """The form with the days on which somebody was told."""
    row = breach.row
    days = (
        ("people_told_on", _("The people were told on"), row.people_told_on),
        ("department_told_on", _("The Department was told on"), row.department_told_on),
        ("media_told_on", _("The media were told on"), row.media_told_on),
    )
    fields = tuple(Field(name, label, "date", value=day.isoformat() if day else "") for name, label, day in days)
    close = Field("closed", _("All of it is done"), choices=(Choice("yes", _("Close it"), False),), many=True)
    return FormView(f"/records/breaches/{row.id}", _("Save"), (*fields, close), hidden={"version": str(row.version)})


def reasons() -> Field:
    """Why somebody's records are held back, or let go."""
    choices = (Choice("", _("Choose"), True), *(Choice(code, _(REASON_WORDS[code]), False) for code in REASONS))
    return Field("reason", _("Why?"), choices=choices)


@dataclass(frozen=True, slots=True)
class ToldRow:
    """One disclosure: the day, to whom, and what."""

    day: str
    to: str
    what: str


def told_rows(told: Sequence[Told], zone: tzinfo) -> list[ToldRow]:
    """The list that somebody may ask for (42 CFR 2.24, 2.25): name, date, brief description."""
    return [ToldRow(a_date(each.at.astimezone(zone).date()), each.to or _("nobody"), _what(each)) for each in told]


def _what(told: Told) -> str:
    said = scope_words(told.scope) or _("what was needed")
    if told.basis != EMERGENCY:
        return said
    return _("%(what)s, in a medical emergency: %(nature)s") % {"what": said, "nature": told.nature}
