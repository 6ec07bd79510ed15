"""Facts as a form: one question each in plain words, with who says so and on which day, folded away until they matter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from directory.domain.errors import Problem
from directory.domain.taxonomy import CARE, PAY
from directory.domain.waitlist.clocks import PREGNANT
from directory.domain.waitlist.facts import (
    BIRTH_MONTH,
    CLIENT,
    CODES,
    FIT,
    LANGUAGE,
    LEVEL,
    NO,
    PAYER,
    PRIORITY,
    SEVERAL,
    SEX,
    SEXES,
    SOURCES,
    YES,
    Fact,
    due_of,
    joined,
)
from directory.i18n import N_, a_date, a_language, gettext
from directory.labels import label
from directory.services.waitlist.facts import FactNow
from directory.web.fields import Field, FormView, last_of
from directory.web.openings_form import LANGUAGES
from directory.web.presenters_form import Choice
from directory.web.waitlist.steps import day_typed

_ = gettext

QUESTIONS = {
    "pregnant": N_("Are they pregnant?"),
    "injecting-30d": N_("Did they inject drugs in the last 30 days?"),
    "overdose-risk": N_("Is there a high risk of an overdose?"),
    "child-protection": N_("Were they sent by child protection?"),
    "dependents": N_("Do children depend on them?"),
    "veteran": N_("Did they serve in the military?"),
    SEX: N_("Woman or man, as they tell it?"),
    BIRTH_MONTH: N_("Month of birth"),
    PAYER: N_("How can it be paid?"),
    "medication": N_("Do they take methadone or buprenorphine?"),
    "wheelchair": N_("Do they use a wheelchair?"),
    "children": N_("Do children come with them?"),
    LANGUAGE: N_("Which languages do they speak?"),
    LEVEL: N_("Which care do they want?"),
}
SEX_WORDS = {"female": N_("Woman"), "male": N_("Man"), "other": N_("Neither, or something else")}
SOURCE_WORDS = {
    CLIENT: N_("They say so"),
    "clinician": N_("A clinician wrote it"),
    "document": N_("A paper shows it"),
}
NOT_KNOWN = N_("Not known, or not said")


@dataclass(frozen=True, slots=True)
class Question:
    """One fact: its question, the fields folded away beside it (`is_open` where one of them is wrong), and when it was told."""

    code: str
    main: Field
    due: Field | None
    more: tuple[Field, ...]
    told: str
    is_open: bool
    is_due: bool


def fact_fields(known: Mapping[str, FactNow], today: date) -> tuple[Field, ...]:
    """All fields of the form, four for each fact at the most."""
    fields: list[Field] = []
    for code in CODES:
        fields += _fields(code, known.get(code), today)
    return tuple(fields)


def _fields(code: str, fact: FactNow | None, today: date) -> list[Field]:
    source = fact.source if fact else CLIENT
    sources = tuple(Choice(each, _(SOURCE_WORDS[each]), each == source) for each in SOURCES)
    on = (fact.observed_on if fact else today).isoformat()
    found = [_value_field(code, fact.value if fact else "")]
    if code == PREGNANT:
        due = due_of(code, fact.observed_on, fact.expires_on) if fact else None
        hint = _(
            "About is fine. It counts until a year after that day. Not known: leave it empty, and ask again in 3 months."
        )
        text = due.isoformat() if due else ""
        found.append(Field(f"due-{code}", _("If yes: when is the child due?"), "date", text, hint=hint))
    more = [
        Field(f"source-{code}", _("Who says so?"), choices=sources),
        Field(f"on-{code}", _("On which day was it told or shown?"), "date", on),
    ]
    return found + more


def _value_field(code: str, value: str) -> Field:
    name, question = f"value-{code}", _(QUESTIONS[code])
    if code in SEVERAL:
        hint = _("None ticked means that it is not known.")
        return Field(name, question, choices=_several(code, value.split(",") if value else []), many=True, hint=hint)
    if code == BIRTH_MONTH:
        return Field(name, question, "text", value, hint=_("Year and month, such as 1990-04. It gives the age."))
    words = {each: SEX_WORDS[each] for each in SEXES} if code == SEX else {YES: N_("Yes"), NO: N_("No")}
    choices = (
        Choice("", _(NOT_KNOWN), not value),
        *(Choice(each, _(text), each == value) for each, text in words.items()),
    )
    return Field(name, question, choices=choices)


def _several(code: str, chosen: Sequence[str]) -> tuple[Choice, ...]:
    if code == LANGUAGE:
        tags = (*LANGUAGES, *(tag for tag in chosen if tag not in LANGUAGES))
        return tuple(Choice(tag, a_language(tag), tag in chosen) for tag in tags)
    facet, values = {PAYER: ("pay", PAY), LEVEL: ("care", CARE)}[code]
    return tuple(Choice(each, label(facet, each), each in chosen) for each in values)


def questions(
    view: FormView, known: Mapping[str, FactNow], again: Sequence[str]
) -> tuple[tuple[Question, ...], tuple[Question, ...]]:
    """The questions that decide the order of a line, and those of what fits. `again` are the codes to ask once more."""
    fields = {each.name: each for each in view.fields}
    priority, fit = (
        [_question(code, fields, known.get(code), code in again) for code in codes] for codes in (PRIORITY, FIT)
    )
    return tuple(priority), tuple(fit)


def _question(code: str, fields: Mapping[str, Field], fact: FactNow | None, is_due: bool) -> Question:
    more = (fields[f"source-{code}"], fields[f"on-{code}"])
    told = ""
    if fact:
        words = {"who": _(SOURCE_WORDS[fact.source]), "day": a_date(fact.observed_on)}
        told = _("%(who)s, %(day)s") % words
    is_open = any(each.mistake for each in more)
    return Question(code, fields[f"value-{code}"], fields.get(f"due-{code}"), more, told, is_open, is_due)


# --- what was typed --------------------------------------------------------------------------------------------------


def facts_typed(
    lists: Mapping[str, Sequence[str]], today: date, problems: list[Problem]
) -> tuple[list[Fact], list[str]]:
    """The facts that were typed, and the codes of those that are not known. What is no day is noted as a problem."""
    facts, unknown = [], []
    values = last_of(lists)
    for code in CODES:
        if value := _value(code, lists):
            on = day_typed(f"on-{code}", values, problems) or today
            due = day_typed(f"due-{code}", values, problems) if code == PREGNANT and value == YES else None
            facts.append(Fact(code, value, values.get(f"source-{code}", CLIENT), on, due))
        else:
            unknown.append(code)
    return facts, unknown


def _value(code: str, lists: Mapping[str, Sequence[str]]) -> str:
    given = lists.get(f"value-{code}", ())
    return joined(given) if code in SEVERAL else (given[-1].strip() if given else "")
