"""The form of a report of openings: its fields with what was said last, and what somebody typed as values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from directory.domain.errors import Problem
from directory.domain.openings import ACCEPTING, MOST, OLDEST, Level, Numbers, Restrictions
from directory.domain.people import UnfitFields
from directory.domain.schedule import aware
from directory.domain.taxonomy import PAY
from directory.i18n import a_language, gettext
from directory.labels import label
from directory.web.fields import Field, FormView, filled
from directory.web.presenters import Link
from directory.web.presenters_form import Choice
from directory.web.presenters_openings import ACCEPTING as ACCEPTING_WORDS
from directory.web.presenters_openings import CHILDREN, MOUD, NUMBERS, SEX, WHEELCHAIR, problem_words

_ = gettext

LANGUAGES = ("en", "es", "ase", "ar", "fr", "ht", "ko", "pt", "ru", "vi", "zh")
"""What is offered to tick; what was reported besides is offered too."""
FIRST_YEAR = 2000
"""Somebody who writes an earlier one has mistyped it."""
YES_NO: dict[str, bool | None] = {"yes": True, "no": False}


def report_view(
    level: Level, address: str, hidden: Mapping[str, str], links: Sequence[Link] = (), *, has_note: bool = True
) -> FormView:
    """The form with the values of the latest report. The note is for those who are signed in alone: without `has_note` it is left out."""
    note = _note(level) if has_note else ()
    fields = (*_numbers(level), *_whom(level), *note, _when())
    return FormView(address, _("Report this"), fields, hidden=hidden, links=tuple(links))


@dataclass(frozen=True, slots=True)
class Parts:
    """The fields of the form as they stand on the page: the numbers with a button, whom it takes folded away unless something of it is
    said (`is_open`), and the rest."""

    numbers: tuple[Field, ...]
    whom: tuple[Field, ...]
    rest: tuple[Field, ...]
    is_open: bool


def parts_of(view: FormView) -> Parts:
    """The form in its parts."""
    numbers = tuple(each for each in view.fields if each.name in ("accepting", *NUMBERS))
    whom = tuple(each for each in view.fields if each.name in Restrictions.__slots__)
    rest = tuple(each for each in view.fields if each not in (*numbers, *whom))
    return Parts(numbers, whom, rest, any(_is_said(each) or each.mistake for each in whom))


def _is_said(field: Field) -> bool:
    return bool(field.value) or any(choice.chosen and choice.value for choice in field.choices)


def _numbers(level: Level) -> tuple[Field, ...]:
    start = level.start
    accepting = _choices({code: ACCEPTING_WORDS[code] for code in ACCEPTING}, start.accepting)
    hint = _("Leave empty what you do not know. Nothing is worked out from an empty field.")
    numbers = [
        Field(name, _(words), value="" if getattr(start, name) is None else str(getattr(start, name)), numeric=True)
        for name, words in NUMBERS.items()
    ]
    return (Field("accepting", _("Can somebody come?"), choices=accepting, hint=hint), *numbers)


def _whom(level: Level) -> tuple[Field, ...]:
    given = level.start.restrictions
    tags = (*LANGUAGES, *(tag for tag in given.languages or () if tag not in LANGUAGES))
    pay = tuple(Choice(code, label("pay", code), code in (given.pay or ())) for code in PAY)
    languages = tuple(Choice(tag, a_language(tag), tag in (given.languages or ())) for tag in tags)
    return (
        Field("sex", _("Women or men?"), choices=_choices(SEX, given.sex)),
        Field("youngest", _("Youngest age"), value="" if given.youngest is None else str(given.youngest), numeric=True),
        Field("oldest", _("Oldest age"), value="" if given.oldest is None else str(given.oldest), numeric=True),
        Field("moud", _("Methadone or buprenorphine?"), choices=_yes_no(MOUD, given.moud)),
        Field("pay", _("Ways to pay"), choices=pay, many=True, hint=_("None ticked means that it is not known.")),
        Field("wheelchair", _("Wheelchair?"), choices=_yes_no(WHEELCHAIR, given.wheelchair)),
        Field("children", _("Children?"), choices=_yes_no(CHILDREN, given.children)),
        Field(
            "languages",
            _("Languages spoken"),
            choices=languages,
            many=True,
            hint=_("None ticked means that it is not known."),
        ),
    )


def _note(level: Level) -> tuple[Field, ...]:
    hint = _("For those who work here. Visitors do not see it. Write no names of people.")
    return (Field("note", _("Note"), "textarea", level.start.note or "", hint=hint),)


def _when() -> Field:
    hint = _("Leave empty for now. On the clock of the place.")
    return Field("as_of", _("When was this true?"), "datetime-local", hint=hint)


def _choices(words: Mapping[str, str], chosen: str | None) -> tuple[Choice, ...]:
    unknown = Choice("", _("Not known"), chosen is None)
    return (unknown, *(Choice(code, _(text), code == chosen) for code, text in words.items()))


def _yes_no(words: Mapping[bool, str], chosen: bool | None) -> tuple[Choice, ...]:
    code = None if chosen is None else "yes" if chosen else "no"
    return _choices({"yes": words[True], "no": words[False]}, code)


# --- what was typed --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Typed:
    """A report as it was typed. `as_of` None is now; `seen` is the report that the form was made from."""

    numbers: Numbers
    as_of: datetime | None
    seen: int


def typed_report(values: Mapping[str, str], lists: Mapping[str, Sequence[str]], level: Level) -> Typed:
    """What was typed. Raises UnfitFields for what is no number, no choice and no moment."""
    problems: list[Problem] = []

    def number(name: str) -> int | None:
        text = values.get(name, "").strip()
        if text.isascii() and text.isdigit() and len(text) < 7:
            return int(text)
        if text:
            problems.append(Problem(name, "number", text, (str(MOST if name in NUMBERS else OLDEST),)))
        return None

    whom = Restrictions(
        sex=values.get("sex") or None,
        youngest=number("youngest"),
        oldest=number("oldest"),
        moud=YES_NO.get(values.get("moud", "")),
        pay=tuple(lists.get("pay", ())) or None,
        wheelchair=YES_NO.get(values.get("wheelchair", "")),
        children=YES_NO.get(values.get("children", "")),
        languages=_languages(lists.get("languages", ()), level),
    )
    numbers = Numbers(
        **{name: number(name) for name in NUMBERS},
        accepting=values.get("accepting") or None,
        restrictions=whom,
        note=values.get("note", "").strip() or None,
    )
    as_of = moment_typed("as_of", values, level.zone, problems)
    if problems:
        raise UnfitFields(problems)
    return Typed(numbers, as_of, seen_of(values))


def _languages(given: Sequence[str], level: Level) -> tuple[str, ...] | None:
    """Those of the languages that were offered; no browser sends others."""
    offered = {*LANGUAGES, *(level.start.restrictions.languages or ())}
    return tuple(tag for tag in given if tag in offered) or None


def moment_typed(name: str, values: Mapping[str, str], zone: str, problems: list[Problem]) -> datetime | None:
    """The moment that was typed on the clock of a place, in UTC; None for none. What is no moment, or before FIRST_YEAR, is noted as a problem."""
    text = values.get(name, "").strip()
    if not text:
        return None
    try:
        wall = datetime.fromisoformat(text)
        moment = (aware(wall, zone) if wall.tzinfo is None else wall).astimezone(UTC)
    except (ValueError, OverflowError):
        moment = None
    if moment is None or moment.year < FIRST_YEAR:
        problems.append(Problem(name, "moment", text))
        return None
    return moment


def seen_of(values: Mapping[str, str]) -> int:
    """The number of the report that a form was made from; -1, which fits none, for what is no number."""
    text = values.get("seen", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else -1


def again(
    view: FormView,
    values: Mapping[str, str],
    lists: Mapping[str, Sequence[str]],
    problems: Sequence[Problem],
    zone: str,
) -> FormView:
    """The form with what was typed, and what is wrong beside each field."""
    said = {problem.field: problem_words(problem, zone) for problem in reversed(problems)}
    view = filled(view, values, lists)
    return replace(view, fields=tuple(replace(each, mistake=said.get(each.name, "")) for each in view.fields))
