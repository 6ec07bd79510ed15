"""What makes one listing another: its source's words of before and after, field by field, as the plain values of their JSON.

A field of the address goes by a name such as "address.street".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from directory.domain.geo import Point, distance_miles
from directory.domain.listings import street_key

MOVED_MILES = 0.25
"""Coordinates that shift by less than this are a geocoder's rewriting, not a move."""
RECORD = "record"
"""The raw row as it was, which goes along with the fields so that it can be put back. What it is now stands with the listing."""
PLACE = "place"
"""The point that a geocoder had found for the address as it was, which goes along too."""
UNPUBLISHED = frozenset(("key", "source_url", RECORD, PLACE))
"""What may differ without the listing being another one (DESIGN 4.1): the source's own ids and links, its raw row, and what was found."""

Draft = Mapping[str, Any]
Differences = dict[str, list[Any]]


def flat(draft: Draft) -> dict[str, Any]:
    """The fields by name; what is not said is left out."""
    found = {name: value for name, value in draft.items() if name != "address"}
    found |= {f"address.{name}": value for name, value in draft["address"].items()}
    return {name: value for name, value in found.items() if value is not None}


def differences(before: Draft, after: Draft) -> Differences:
    """Each field that is not the same: name -> [before, after], None for what is not said."""
    old, new = flat(before), flat(after)
    names = sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))
    return {name: [old.get(name), new.get(name)] for name in names}


def published(found: Differences) -> Differences:
    """Those that make it another listing: not a geocoder's rewriting of an address, and nothing that no page shows."""
    return {name: pair for name, pair in found.items() if name not in UNPUBLISHED and not _is_rewriting(name, *pair)}


def _is_rewriting(name: str, before: Any, after: Any) -> bool:
    if before is None or after is None:
        return False
    if name == "address.street":
        return street_key(before) == street_key(after)
    if name == "address.point":
        return distance_miles(Point(**before), Point(**after)) <= MOVED_MILES
    return name == "capacities" and reported(before) == reported(after)


def reported(capacities: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What the reports of a draft say. Where nobody reports openings, as in a list of licences, their date is that of the list: each edition has
    another one, and says nothing new by it.
    """
    return [
        {name: value for name, value in each.items() if name != "as_of" or each.get("available") is not None}
        for each in capacities
    ]


def with_values(draft: Draft, values: Mapping[str, Any]) -> dict[str, Any]:
    """The draft with these fields as given; None takes one away."""
    made: dict[str, Any] = {**draft, "address": dict(draft["address"])}
    for name, value in values.items():
        if name.startswith("address."):
            made["address"][name.removeprefix("address.")] = value
        elif value is None:
            made.pop(name, None)
        else:
            made[name] = value
    return made


def taken_back(draft: Draft, found: Differences) -> tuple[dict[str, Any], list[str]]:
    """The draft with each of these differences undone, and the names of those that something has changed since, which stay."""
    now = flat(draft)
    kept = [name for name, (_, after) in found.items() if name not in (RECORD, PLACE) and now.get(name) != after]
    undone = {name: before for name, (before, _) in found.items() if name not in (RECORD, PLACE, *kept)}
    return with_values(draft, undone), kept


def names_of(found: Iterable[str]) -> list[str]:
    """The names that a person is told, in order."""
    return [name for name in sorted(found) if name not in UNPUBLISHED]
