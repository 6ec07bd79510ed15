"""Listings as JSON and as the columns of their tables, and back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from directory.domain.geo import Point
from directory.domain.listings import Address, Capacity, Link, ListingDraft, Phone, Status, Visibility
from directory.domain.openings import Restrictions
from directory.domain.schedule import Change, Window
from directory.domain.taxonomy import Code
from directory.storage import db

_NESTED = ("windows", "changes", "phones", "urls", "capacities")
_LISTS = ("languages", "care", "pay", "people", "medication", "access")


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=str)


def dumps(value: object) -> str:
    """JSON text without blanks."""
    return _ENCODER.encode(value)


def draft_to_json(draft: ListingDraft) -> dict[str, Any]:
    """A draft as plain JSON values; what is empty is left out, but for a facet known to have no value, which is not unknown."""
    given = _values(draft).items()
    found = {name: value for name, value in given if value is not None and (value != () or name in _LISTS)}
    point = draft.address.point
    found["address"] = _values(draft.address) | {"point": _values(point) if point else None}
    if draft.codes:
        found["codes"] = [(code.system, code.edition, code.code) for code in draft.codes]
    return found | {name: tuple(_values(item) for item in found[name]) for name in _NESTED if name in found}


def _values(item: Any) -> dict[str, Any]:
    """The fields of a value by name, one level deep: `asdict` copies every leaf, which was a quarter of an import."""
    return {name: getattr(item, name) for name in item.__slots__}


def draft_from_json(given: dict[str, Any]) -> ListingDraft:
    """The draft that `draft_to_json` made."""
    address = dict(given["address"])
    address["visibility"] = Visibility(address["visibility"])
    address["point"] = Point(**address["point"]) if address.get("point") else None
    values = {
        **given,
        "address": Address(**address),
        "status": Status(given["status"]),
        "codes": tuple(Code(*code) for code in given.get("codes", ())),
        "windows": tuple(window_from_json(window) for window in given.get("windows", ())),
        "changes": tuple(change_from_json(change) for change in given.get("changes", ())),
        "phones": tuple(Phone(**phone) for phone in given.get("phones", ())),
        "urls": tuple(Link(**link) for link in given.get("urls", ())),
        "capacities": tuple(capacity_from_json(report) for report in given.get("capacities", ())),
        "verified_on": _date(given.get("verified_on")),
    }
    return ListingDraft(**values | {name: tuple(given[name]) for name in _LISTS if name in given})


def capacity_from_json(given: Mapping[str, Any]) -> Capacity:
    """A report of openings whose moment is a text."""
    return Capacity(**{**given, "as_of": datetime.fromisoformat(given["as_of"])})


def restrictions_to_json(given: Restrictions) -> str:
    """Whom a level takes; what is not known is left out."""
    return dumps({name: value for name, value in _values(given).items() if value is not None})


def restrictions_of(given: Mapping[str, Any] | None) -> Restrictions:
    """What `restrictions_to_json` made; without anything nothing is known."""
    values = dict(given or {})
    return Restrictions(**values | {name: tuple(values[name]) for name in ("pay", "languages") if name in values})


def window_from_json(given: dict[str, Any]) -> Window:
    """A window whose dates are texts."""
    return Window(**given | {"valid_from": _date(given["valid_from"]), "valid_to": _date(given["valid_to"])})


def change_from_json(given: dict[str, Any]) -> Change:
    """A changed day whose date is a text."""
    windows = tuple((int(start), int(minutes)) for start, minutes in given["windows"])
    return Change(on=_date(given["on"]), holiday=given["holiday"], windows=windows)


def _date(value: object) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if value is None or isinstance(value, date):
        return value
    return date.fromisoformat(str(value)[:10])


def as_date(value: object) -> date | None:
    """A date column as a date, whichever engine gave it."""
    return _date(value)


def to_column(value: object) -> object:
    """A value as the engine in use takes it: SQLite keeps dates and moments as text, all in UTC so that texts sort as times do."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(" ") if db.is_sqlite() else value
    if isinstance(value, date):
        return value.isoformat() if db.is_sqlite() else value
    return value


def list_column(values: Iterable[str] | None) -> str | None:
    """A facet as its column."""
    return None if values is None else dumps(list(values))
