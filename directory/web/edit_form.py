"""The form of a listing as values and as it is typed: one way there and one back, so that nothing is lost between the pages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from directory.domain.edits import CHOICES, FIELDS, NEEDED, OLDEST, TEXTS
from directory.domain.errors import Problem
from directory.domain.places import state_code
from directory.domain.taxonomy import FACETS
from directory.formats import addresses
from directory.formats.phones import read_phones
from directory.formats.text import scrub
from directory.web.edit_rows import PARTS, Typed, is_web, rows_in, typed_rows, values_in, with_scheme

NONE = "none"
"""The choice "none of these" of a list, which is not the same as not knowing."""
LONG = (
    "description",
    "hours_text",
    "eligibility",
    "application_process",
    "fees",
    "required_documents",
    "conference_notes",
    "address.notes",
)
"""Texts of several lines."""
AGES = ("minimum_age", "maximum_age")
STATE, ZIP = "address.state", "address.postal_code"


def name_of(field: str) -> str:
    """The name of a field in the form, which is also its id."""
    return field.replace(".", "-").replace("_", "-")


def typed_of(values: Mapping[str, Any]) -> dict[str, list[str]]:
    """Values of a listing as the form would send them. Raises ValueError for what no listing holds."""
    found: dict[str, list[str]] = {}
    for field, value in values.items():
        try:
            found |= _typed(field, value)
        except (TypeError, KeyError, AttributeError, IndexError) as error:
            raise ValueError(field) from error
    return found


def _typed(field: str, value: Any) -> dict[str, list[str]]:
    if field in PARTS:
        return typed_rows(field, value or ())
    if field in FACETS:
        return {name_of(field): [NONE] if value == [] else list(value or ())}
    if field == "languages":
        return {name_of(field): list(value or ())}
    text = "" if value is None else str(value)
    # In a field of one line a browser would run the words of two together.
    return {name_of(field): [text if field in LONG else " ".join(text.split())]}


def values_of(
    typed: Typed, seen: Mapping[str, Any], fields: Iterable[str] = FIELDS
) -> tuple[dict[str, Any], list[Problem]]:
    """What the form says of these fields, and what is wrong with it, by the name of the field in the form.

    What stands as it was `seen` stays as it is, whatever a source may have written there.
    """
    values, problems = {}, []
    as_seen = typed_of({field: seen.get(field) for field in fields})
    at_home = not any(_home(field, str(seen.get(field) or "")) == "" and seen.get(field) for field in (STATE, ZIP))
    for field in fields:
        if _stands(field, typed, as_seen):
            values[field] = seen.get(field)
            if field in NEEDED and values[field] is None:
                problems.append(Problem(name_of(field), "missing", ""))
            continue
        values[field], wrong = _value(field, typed, as_seen, at_home)
        problems += wrong
    problems += _ages_problem(values)
    return values, problems


def _stands(field: str, typed: Typed, as_seen: Typed) -> bool:
    if field in PARTS:
        return list(rows_in(typed, field).values()) == list(rows_in(as_seen, field).values())
    name = name_of(field)
    if field in FACETS or field == "languages":
        return set(typed.get(name, ())) == set(as_seen.get(name, ()))
    return _text(field, typed) == _text(field, as_seen)


def _text(field: str, typed: Typed) -> str:
    text = scrub((typed.get(name_of(field)) or [""])[-1]).strip()
    return text if field in LONG else " ".join(text.split())


def _value(field: str, typed: Typed, as_seen: Typed, at_home: bool) -> tuple[Any, list[Problem]]:
    """`at_home`: the address is none of another country, so that its state and its ZIP code are looked up."""
    if field in PARTS:
        values, problems = values_in(typed, field, list(rows_in(as_seen, field).values()))
        return values or None, problems
    name = name_of(field)
    if field in FACETS or field == "languages":
        return _several(field, typed.get(name, ()))
    text = _text(field, typed)
    if field.endswith("_url"):
        text = with_scheme(text)
    code, allowed = _problem(field, text)
    if field in (STATE, ZIP) and text and at_home and not code:
        code, text = ("", found) if (found := _home(field, text)) else (_ODD[field], text)
    problems = [Problem(name, code, text[:80], allowed)] if code else []
    if not text:
        return None, problems
    return (int(text) if field in AGES and not code else text), problems


def _home(field: str, text: str) -> str:
    """A state or a ZIP code of the United States, or of Canada, as imports write it; "" for what is none."""
    if field == STATE:
        return state_code(text) or addresses.state_code(text) or ""
    code = addresses.us_zip(text)
    # Of a file a short one has lost its zeros; of a person it is a slip.
    return code if code and text.startswith(code) else addresses.canadian_postal_code(text) or ""


_ODD = {STATE: "not-a-state", ZIP: "not-a-zip"}


def _several(field: str, chosen: Sequence[str]) -> tuple[list[str] | None, list[Problem]]:
    if not chosen:
        return None, []
    known = FACETS.get(field)
    if known is None:
        odd = [value for value in chosen if not re.fullmatch(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*", value)]
        return list(dict.fromkeys(chosen)), [Problem(name_of(field), "unknown-value", "")] if odd else []
    if NONE in chosen and len(chosen) > 1:
        return [value for value in known if value in chosen], [Problem(name_of(field), "none-or-some", "")]
    odd = [value for value in chosen if value not in known and value != NONE]
    problems = [Problem(name_of(field), "unknown-value", "")] if odd else []
    return [value for value in known if value in chosen], problems


def _problem(field: str, text: str) -> tuple[str, tuple[str, ...]]:
    """What is wrong with one text, and what would have been right."""
    if not text:
        return ("missing", ()) if field in NEEDED else ("", ())
    if field in TEXTS and len(text) > TEXTS[field]:
        return "too-long", (str(TEXTS[field]),)
    if field in CHOICES and text not in CHOICES[field]:
        return "unknown-value", ()
    if field in AGES and not (text.isascii() and text.isdigit() and len(text) < 4 and int(text) <= OLDEST):
        return "not-an-age", (str(OLDEST),)
    if field.endswith("_url") and not is_web(text):
        return "not-a-link", ()
    if field == "conference_phone" and not read_phones(text):
        return "not-a-number", ()
    if field == "verified_on" and not _is_date(text):
        return "not-a-date", ()
    return "", ()


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == 10


def _ages_problem(values: Mapping[str, Any]) -> list[Problem]:
    low, high = (values.get(name) for name in AGES)
    if isinstance(low, int) and isinstance(high, int) and high < low:
        return [Problem(name_of("maximum_age"), "ages-crossed", str(high))]
    return []
