"""The form of a listing as it is drawn: groups that open, rows with a few empty ones below, and what is wrong beside each field."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from directory import labels
from directory.domain.edits import CHOICES, FIELDS, PHONE_TYPES
from directory.domain.errors import Problem
from directory.domain.taxonomy import FACETS
from directory.i18n import N_, a_language, a_number, a_weekday, gettext
from directory.web.corrections import Mistake
from directory.web.edit_form import AGES, LONG, NONE, name_of
from directory.web.edit_rows import MOST_ROWS, PARTS, Typed, rows_in
from directory.web.fields import Field
from directory.web.presenters_edit import PHONE_TYPE, SORT_OF_TIME, TABLES, field_name, shown_choices
from directory.web.presenters_form import Choice

_ = gettext

SPARE, MORE = 2, 5
"""Empty rows below those that are filled in, and how many one tap adds."""
GROUPS: Sequence[tuple[str, str, tuple[str, ...]]] = (
    (
        "what",
        N_("Name and description"),
        ("name", "kind", "organization", "description", "program", "care", "medication", "status"),
    ),
    ("when", N_("When"), ("windows", "hours_text", "verified_on")),
    (
        "where",
        N_("Where"),
        (
            "address.name",
            "address.street",
            "address.street_2",
            "address.city",
            "address.state",
            "address.postal_code",
            "address.notes",
            "address.visibility",
            "coverage",
        ),
    ),
    ("contact", N_("Contact"), ("phones", "urls")),
    (
        "terms",
        N_("Who and how to pay"),
        (
            "people",
            "minimum_age",
            "maximum_age",
            "languages",
            "access",
            "pay",
            "fees",
            "eligibility",
            "application_process",
            "required_documents",
        ),
    ),
    ("online", N_("Online"), ("attendance", "conference_url", "conference_phone", "conference_notes")),
)
LANGUAGES = ("en", "es", "ase", "ar", "fr", "ht", "ko", "ne", "pt", "ru", "so", "sw", "tl", "uk", "vi", "zh")
"""Offered beside those that the listing has."""
HINTS = {
    "coverage": N_("A county, a state, or “nationwide”. Leave it empty for a place that people come to."),
    "address.visibility": N_("A place whose address is not public is searched by the middle of its ZIP code."),
    "address.postal_code": N_("Five figures"),
    "conference_url": N_("Anyone with this link can join."),
    "windows": N_("Tick all days on which the same time holds. Leave a row empty to take it out."),
    "phones": N_("One row for each number. Leave a row empty to take it out."),
    "urls": N_("One row for each link. Leave a row empty to take it out."),
    "until": N_("Only if it goes on for more than a day"),
}
PROBLEMS = {
    "missing": N_("Fill this in."),
    "too-long": N_("Make this shorter: %(most)s characters are the most that we can take."),
    "unknown-value": N_("Choose one of the list."),
    "none-or-some": N_("Tick “None of these”, or what there is, not both."),
    "not-an-age": N_("Write an age in years, from 0 to %(most)s."),
    "ages-crossed": N_("The oldest age is below the youngest."),
    "not-a-state": N_("Write a state, such as VT or Vermont."),
    "not-a-zip": N_("Write a ZIP code of five figures, such as 05401."),
    "not-a-time": N_("Write a time, such as 19:00 or 7 pm."),
    "not-a-date": N_("Write a day, such as 2027-01-31."),
    "ends-before": N_("The last day is before the first."),
    "not-a-number": N_("Write a whole phone number, such as 802-555-0142."),
    "too-many": N_("There is room for %(most)s of these. Leave out what is beyond."),
    "many-here": N_(
        "%(most)s changes of yours to this listing wait to be looked at. Wait for one, or take one back first."
    ),
    "many-waiting": N_("%(most)s changes of yours wait to be looked at. Wait for some, or take some back first."),
    "not-a-link": N_("Write a web address, such as https://www.example.org."),
}
"""What to do about a field, by the code of its problem."""
_PART_NAMES = {
    "sort": N_("What happens"),
    "day": N_("Days"),
    "start": N_("Starts at"),
    "end": N_("Ends at"),
    "until": N_("Ends on another day"),
    "week": N_("How often"),
    "from": N_("First day, if it starts later"),
    "to": N_("Last day, if it ends"),
    "type": N_("Kind of line"),
    "number": N_("Number"),
    "extension": N_("Extension"),
    "description": N_("What this line is for"),
    "url": N_("Web address"),
    "label": N_("Name of the link"),
}
_ROW_NAMES = {"windows": N_("Time %(n)s"), "phones": N_("Number %(n)s"), "urls": N_("Link %(n)s")}
_INPUTS = {"start": "time", "end": "time", "from": "date", "to": "date", "number": "tel"}


@dataclass(frozen=True, slots=True)
class RowView:
    """One row of times, numbers or links."""

    legend: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """All rows of one name, and what the button says that adds more."""

    name: str
    title: str
    hint: str
    rows: tuple[RowView, ...]
    more: str


@dataclass(frozen=True, slots=True)
class Group:
    """A part of the form that opens. `parts` are fields and rows, in order."""

    id: str
    title: str
    is_open: bool
    rows: tuple[Rows, ...]
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class EditView:
    """The whole form, and what is wrong with it, each with a link to its field."""

    groups: tuple[Group, ...]
    mistakes: tuple[Mistake, ...]


def edit_view(
    typed: Typed,
    problems: Iterable[Problem] = (),
    *,
    fields: Collection[str] = FIELDS,
    more: Mapping[str, int] | None = None,
    opened: str = "what",
) -> EditView:
    """The form with what was typed. `fields` are those that it has, `more` counts further empty rows, `opened` is the part that is open."""
    said = {problem.field: sentence(problem) for problem in reversed(list(problems))}
    groups = tuple(
        _group(id, title, [each for each in names if each in fields], typed, said, more or {}, opened)
        for id, title, names in GROUPS
        if any(each in fields for each in names)
    )
    shown = [
        each
        for group in groups
        for each in (*(part for rows in group.rows for row in rows.rows for part in row.fields), *group.fields)
    ]
    mistakes = [Mistake(each.name, f"{each.label}: {each.mistake}", f"#{each.name}") for each in shown if each.mistake]
    return EditView(groups, tuple(mistakes))


def sentence(problem: Problem) -> str:
    """What to do about a field."""
    text = _(PROBLEMS[problem.code])
    return text % {"most": a_number(int(problem.allowed[0]))} if problem.allowed else text


def _group(
    id: str,
    title: str,
    names: Sequence[str],
    typed: Typed,
    said: Mapping[str, str],
    more: Mapping[str, int],
    opened: str,
) -> Group:
    rows = tuple(_rows(each, typed, said, more.get(each, 0)) for each in names if each in PARTS)
    fields = tuple(_field(each, typed, said.get(name_of(each), "")) for each in names if each not in PARTS)
    is_wrong = any(each.mistake for each in fields) or any(
        each.mistake for block in rows for row in block.rows for each in row.fields
    )
    return Group(id, _(title), id == opened or is_wrong, rows, fields)


def _field(field: str, typed: Typed, mistake: str) -> Field:
    name = name_of(field)
    chosen = typed.get(name, ())
    label, hint = field_name(field), _(HINTS[field]) if field in HINTS else ""
    if field in FACETS or field == "languages":
        return Field(name, label, choices=_several(field, chosen), many=True, hint=hint, mistake=mistake)
    value = chosen[-1] if chosen else ""
    if field in CHOICES:
        return Field(name, label, choices=_one(field, value), hint=hint, mistake=mistake)
    if field in LONG:
        return Field(name, label, "textarea", value, hint, mistake=mistake)
    sort = "date" if field == "verified_on" else "text"
    return Field(name, label, sort, value, hint, numeric=field in AGES, mistake=mistake)


def _several(field: str, chosen: Sequence[str]) -> tuple[Choice, ...]:
    if field == "languages":
        tags = (*LANGUAGES, *(tag for tag in dict.fromkeys(chosen) if tag not in LANGUAGES))
        return tuple(Choice(tag, a_language(tag), tag in chosen) for tag in tags)
    values = [(value, labels.label(field, value)) for value in FACETS[field]]
    values += [(value, value) for value in chosen if value not in FACETS[field] and value != NONE]
    return tuple(
        Choice(value, text, value in chosen) for value, text in (*values, (NONE, _("None of these, that is known")))
    )


def _one(field: str, chosen: str) -> tuple[Choice, ...]:
    values = shown_choices(TABLES[field], CHOICES[field])
    if chosen and chosen not in CHOICES[field]:  # a source may have written anything
        values.append((chosen, chosen))
    empty = [("", _("Not known"))] if field in ("attendance", "program") or not chosen else []
    return tuple(Choice(value, text, value == chosen) for value, text in (*empty, *values))


# --- rows ------------------------------------------------------------------------------------------------------------


def _rows(name: str, typed: Typed, said: Mapping[str, str], more: int) -> Rows:
    filled, new = rows_in(typed, name), _new_row(typed)
    places = [*filled, *range(max(filled, default=-1) + 1, MOST_ROWS)][: len(filled) + SPARE + more]
    rows = tuple(
        RowView(
            _(_ROW_NAMES[name]) % {"n": a_number(number)},
            tuple(_part(name, place, part, filled.get(place, new), said) for part in PARTS[name]),
        )
        for number, place in enumerate(places, 1)
    )
    return Rows(name, field_name(name), _(HINTS[name]), rows, _("More rows"))


def _new_row(typed: Typed) -> dict[str, str]:
    """What an empty row says: people come to a meeting at its start, to all else in its hours; unknown as long as it may be either."""
    kind = (typed.get("kind") or [""])[-1]
    return {"sort": ("meeting" if kind == "meeting" else "hours") if kind else ""}


def _part(name: str, place: int, part: str, row: Mapping[str, str], said: Mapping[str, str]) -> Field:
    id, value = f"{name}-{place}-{part}", row.get(part, "")
    if part == "day":
        days = tuple(Choice(str(day), a_weekday(day), str(day) in value.split()) for day in range(7))
        return Field(id, _(_PART_NAMES[part]), choices=days, many=True, mistake=said.get(id, ""))
    choices = tuple(Choice(each, text, each == value) for each, text in _choices(part, value))
    hint = _(HINTS[part]) if part == "until" else ""
    sort = _INPUTS.get(part, "text")
    if sort in ("time", "date") and said.get(id):
        sort = "text"  # what a browser cannot read as a time it would not show again
    return Field(id, _(_PART_NAMES[part]), sort, value, hint, choices=choices, mistake=said.get(id, ""))


def _choices(part: str, value: str) -> list[tuple[str, str]]:
    """The list to choose from; empty for what is typed."""
    if part == "sort":
        first = [] if value in SORT_OF_TIME else [("", _("Choose one"))]
        return [*first, *((sort, _(text)) for sort, text in SORT_OF_TIME.items())]
    if part == "until":
        return [("", _("No")), *((str(day), a_weekday(day)) for day in range(7))]
    if part == "week":
        weeks = {1: _("first"), 2: _("second"), 3: _("third"), 4: _("fourth"), 5: _("fifth"), -1: _("last")}
        monthly = _("The %(which)s one of the month")
        return [("", _("Every week")), *((str(week), monthly % {"which": which}) for week, which in weeks.items())]
    return [(kind, _(PHONE_TYPE[kind])) for kind in PHONE_TYPES] if part == "type" else []
