"""The fields of a listing in words: their names, what stands in them, and what a change makes of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from directory import labels
from directory.domain.edits import FIELDS
from directory.domain.listings import Phone
from directory.domain.merging import are_same
from directory.domain.schedule import DAY, WEEK
from directory.domain.taxonomy import FACETS
from directory.i18n import N_, a_date, a_weekday, gettext
from directory.web.wording import clock_words, languages_words, phone_words, span_words, values_words

_ = gettext

NAMES: Mapping[str, str] = {
    "name": N_("Name"),
    "kind": N_("What it is"),
    "organization": N_("Organization"),
    "description": N_("Description"),
    "status": N_("Shown to visitors"),
    "program": N_("Meeting program"),
    "care": N_("Type of care"),
    "medication": N_("Medication"),
    "windows": N_("Days and times"),
    "hours_text": N_("Hours in words"),
    "verified_on": N_("Last confirmed on"),
    "coverage": N_("Area it serves"),
    "address.name": N_("Name of the place"),
    "address.street": N_("Street and number"),
    "address.street_2": N_("Suite, floor or room"),
    "address.city": N_("Town or city"),
    "address.state": N_("State"),
    "address.postal_code": N_("ZIP code"),
    "address.notes": N_("How to find the door"),
    "address.visibility": N_("Who may see the address"),
    "phones": N_("Phone numbers"),
    "urls": N_("Websites"),
    "people": N_("Who it is for"),
    "minimum_age": N_("Youngest age"),
    "maximum_age": N_("Oldest age"),
    "languages": N_("Languages"),
    "access": N_("Access"),
    "pay": N_("Ways to pay"),
    "fees": N_("What it costs"),
    "eligibility": N_("Who can come, in words"),
    "application_process": N_("How to apply"),
    "required_documents": N_("What to bring"),
    "attendance": N_("How to attend"),
    "conference_url": N_("Link to join"),
    "conference_phone": N_("Phone number to join"),
    "conference_notes": N_("Notes on joining"),
}
STATUS = {
    "active": N_("Yes, visitors see it"),
    "inactive": N_("No: do not show it in the search"),
    "temporarily closed": N_("Yes, as closed for now"),
}
VISIBILITY = {
    "full": N_("Everybody: the whole address"),
    "partial": N_("Everybody sees the town only"),
    "hidden": N_("Nobody: visitors call to ask"),
}
PHONE_TYPE = {
    "voice": N_("Voice"),
    "text": N_("Text"),
    "fax": N_("Fax"),
    "textphone": N_("Text telephone (TTY)"),
}
SORT_OF_TIME = {
    "meeting": N_("Meeting or group: people come at the start"),
    "hours": N_("Open hours: come at any time"),
}
TABLES = {**labels.TABLES, "kind": labels.KIND_OF_ONE, "status": STATUS, "address.visibility": VISIBILITY}


@dataclass(frozen=True, slots=True)
class Difference:
    """One field before and after, each as lines."""

    field: str
    name: str
    before: tuple[str, ...]
    after: tuple[str, ...]


def field_name(field: str) -> str:
    """The name of a field."""
    return _(NAMES[field]) if field in NAMES else field


def field_names(fields: Iterable[str]) -> str:
    """The names of fields, in the order of the form, with commas; those that the form does not have are left out."""
    wanted = set(fields)
    return ", ".join(field_name(field) for field in NAMES if field in wanted)


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Difference, ...]:
    """The fields of `after` that are not as before, in the order of the form."""
    return tuple(
        Difference(field, field_name(field), value_lines(field, before.get(field)), value_lines(field, after[field]))
        for field in (*NAMES, *(each for each in FIELDS if each not in NAMES))
        if field in after and not are_same(field, before.get(field), after[field])
    )


def value_lines(field: str, value: Any) -> tuple[str, ...]:
    """What stands in a field; "not known" where nothing does. A source may have written anything."""
    try:
        return _lines(field, value)
    except (TypeError, ValueError, KeyError, AttributeError, IndexError):
        return (str(value),)


def _lines(field: str, value: Any) -> tuple[str, ...]:
    if value is None or (value == [] and field not in FACETS):
        return (_("Not known"),)
    if field in FACETS:
        return (values_words(field, value) if value else _("None of these"),)
    if field == "windows":
        return tuple(window_words(each) for each in value)
    if field == "phones":
        return tuple(_phone_line(each) for each in value)
    if field == "urls":
        return tuple(f"{each['label']}: {each['url']}" if each["label"] else each["url"] for each in value)
    if field == "languages":
        return (languages_words(value),)
    if field == "verified_on":
        return (a_date(date.fromisoformat(value)),)
    if field in TABLES:
        text = TABLES[field].get(value)
        return (_(text) if text else str(value),)
    return tuple(line for line in str(value).split("\n") if line.strip())


def window_words(value: Mapping[str, Any]) -> str:
    """Such as "Second Tuesday of the month, 6 pm to 7 pm (meeting), from Jan 4, 2027"."""
    what = _("meeting") if value["sort"] == "meeting" else _("open")
    parts = [f"{_when(value)} ({what})"]
    if value["valid_from"]:
        parts.append(_("from %(day)s") % {"day": a_date(date.fromisoformat(value["valid_from"]))})
    if value["valid_to"]:
        parts.append(_("until %(day)s") % {"day": a_date(date.fromisoformat(value["valid_to"]))})
    return ", ".join(parts)


def _when(value: Mapping[str, Any]) -> str:
    start, minutes, week = value["start"], value["minutes"], value["week"]
    if minutes == WEEK:
        return _("All the time")
    day = a_weekday(value["day"])
    if week is not None:
        day = _(labels.WEEK_OF_MONTH[week]) % {"day": day}
    begin, end = (time(at % DAY // 60, at % 60) for at in (start, start + minutes))
    if minutes <= DAY:
        return f"{day}, {span_words(begin, end)}"
    last = f"{a_weekday((value['day'] + (start + minutes) // DAY) % 7)}, {clock_words(end)}"
    return _("%(start)s to %(end)s") % {"start": f"{day}, {clock_words(begin)}", "end": last}


def _phone_line(value: Mapping[str, Any]) -> str:
    phone = Phone(**value)
    number = phone_words(phone)
    what = phone.description or (_(PHONE_TYPE[phone.type]) if phone.type != "voice" else "")
    return f"{number} ({what})" if what else number


def shown_choices(names: Mapping[str, str], values: Sequence[str]) -> list[tuple[str, str]]:
    """Values with their words, for a list to choose from."""
    return [(value, _(names[value]) if value in names else value) for value in values]
