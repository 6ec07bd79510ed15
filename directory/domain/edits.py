"""What a person may set on a listing by hand, and which values a field can hold. Names and values are those of a listing's JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from directory.domain.errors import Problem
from directory.domain.links import host_of
from directory.domain.listings import Status, Visibility
from directory.domain.schedule import DAY, LAST, WEEK
from directory.domain.taxonomy import ATTENDANCE, FACETS, KINDS, PROGRAMS

OLDEST = 120
TEXTS = {
    "name": 255,
    "organization": 255,
    "description": 8000,
    "hours_text": 2000,
    "eligibility": 4000,
    "application_process": 4000,
    "fees": 2000,
    "required_documents": 2000,
    "coverage": 120,
    "conference_url": 2000,
    "conference_phone": 80,
    "conference_notes": 2000,
    "address.name": 255,
    "address.street": 255,
    "address.street_2": 255,
    "address.city": 120,
    "address.state": 40,
    "address.postal_code": 20,
    "address.notes": 2000,
}
"""Texts, and how many characters each may have."""
LINKS = ("conference_url",)
"""Texts that a page links to."""
CHOICES: dict[str, Sequence[str]] = {
    "kind": KINDS,
    "status": tuple(status.value for status in Status if status != Status.REMOVED),
    "attendance": ATTENDANCE,
    "program": PROGRAMS,
    "address.visibility": tuple(visibility.value for visibility in Visibility),
}
PHONE_TYPES = ("voice", "text", "fax", "textphone")
MOST = {"windows": 200, "phones": 30, "urls": 30, "languages": 50}
"""Lists, and how many values each may have: several times what the fullest listing needs."""
NEEDED = ("name", "kind", "status", "address.visibility")
"""What no listing is without."""


def problems(values: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with these values, field by field; none where they can be set."""
    found = []
    for field, value in values.items():
        code, allowed = _problem(field, value)
        if code:
            found.append(Problem(field, code, "" if value is None else str(value)[:80], tuple(allowed)))
    return found


def _problem(field: str, value: Any) -> tuple[str, Sequence[str]]:
    """A code and what would have been right; "" where nothing is wrong."""
    if field not in FIELDS:
        return "unknown-field", FIELDS
    if value is None:
        return ("missing", ()) if field in NEEDED else ("", ())
    if field in CHOICES:
        return ("", ()) if value in CHOICES[field] else ("unknown-value", CHOICES[field])
    if field in FACETS:
        known = (
            isinstance(value, list)
            and len(value) <= len(FACETS[field])
            and all(each in FACETS[field] for each in value)
        )
        return ("", ()) if known else ("unknown-value", FACETS[field])
    if field in TEXTS:
        return _text_problem(field, value)
    if field in MOST and isinstance(value, list) and len(value) > MOST[field]:
        return "too-many", (str(MOST[field]),)
    return ("", ()) if _fits(_OTHERS[field], value) else ("unknown-value", ())


def _text_problem(field: str, value: Any) -> tuple[str, Sequence[str]]:
    if not _is_text(value, TEXTS[field]):
        return "not-a-text", (f"1 to {TEXTS[field]} characters",)
    if field in LINKS and host_of(value) is None:
        return "not-a-link", ("https://www.example.org",)
    return "", ()


def _fits(check: Callable[[Any], bool], value: Any) -> bool:
    try:
        return check(value)
    except (TypeError, ValueError, KeyError, AttributeError):
        return False


def _is_text(value: Any, longest: int) -> bool:
    return isinstance(value, str) and len(value.strip()) > 0 and len(value) <= longest and "\0" not in value


def _is_age(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= OLDEST


def _is_day(value: Any) -> bool:
    return value is None or bool(date.fromisoformat(value))


def _is_window(value: Any) -> bool:
    names = {"sort", "day", "start", "minutes", "week", "valid_from", "valid_to"}
    return (
        set(value) == names
        and value["sort"] in ("meeting", "hours")
        and value["day"] in range(7)
        and value["start"] in range(DAY)
        and value["minutes"] in range(1, WEEK + 1)
        and value["week"] in (None, 1, 2, 3, 4, 5, LAST)
        and all(type(value[name]) is int for name in ("day", "start", "minutes"))
        and _is_day(value["valid_from"])
        and _is_day(value["valid_to"])
    )


def _is_phone(value: Any) -> bool:
    texts = (value["number"], value["extension"] or "-", value["description"] or "-")
    return len(value) == 4 and value["type"] in PHONE_TYPES and all(_is_text(each, 80) for each in texts)


def _is_link(value: Any) -> bool:
    is_address = _is_text(value["url"], 2000) and host_of(value["url"]) is not None
    return len(value) == 2 and is_address and _is_text(value["label"] or "-", 200)


def _each(check: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda values: isinstance(values, list) and all(check(value) for value in values)


_OTHERS: dict[str, Callable[[Any], bool]] = {
    "languages": _each(lambda value: _is_text(value, 40)),
    "minimum_age": _is_age,
    "maximum_age": _is_age,
    "verified_on": _is_day,
    "windows": _each(_is_window),
    "phones": _each(_is_phone),
    "urls": _each(_is_link),
}
FIELDS = (*TEXTS, *CHOICES, *FACETS, *_OTHERS)
"""All that can be set by hand. A point is set by a pin, and a report of openings is a report of its own."""
