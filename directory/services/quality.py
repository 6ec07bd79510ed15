"""How true the directory is, for everybody to see: how much was checked lately, how old the rest is, and how well places are known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from directory.domain.geo import GeocodeStatus, Precision
from directory.domain.taxonomy import KINDS
from directory.storage import quality as storage

LATELY = 90
"""Days: what was checked within them counts as checked lately, for every kind, so that the kinds can be compared."""
DOOR, STREET, AREA, DOUBT, UNKNOWN = "door", "street", "area", "doubt", "unknown"
GRADES = (DOOR, STREET, AREA, DOUBT, UNKNOWN)
"""How well a place is known: the house, the street, its ZIP code or town, known but in doubt, not known."""
_GRADE = {Precision.ROOFTOP: DOOR, Precision.INTERPOLATED: DOOR, Precision.STREET: STREET}


@dataclass(frozen=True, slots=True)
class Checked:
    """The active listings of a kind: how many, how many of them were checked lately, and never. `median` is in days since the last check,
    of those that were ever checked; None where none was.
    """

    listings: int
    lately: int
    never: int
    median: float | None


@dataclass(frozen=True, slots=True)
class Quality:
    """All of it. `kinds` has only those of which there are listings, in the usual order; `places` is by GRADES, without what has no place."""

    kinds: Mapping[str, Checked]
    total: Checked
    reports: int
    places: Mapping[str, int]
    at: datetime


async def quality_show(*, now: datetime) -> Quality:
    """The figures as they are now: some tenths of a second for hundreds of thousands of listings, so that a page keeps them for minutes."""
    found = await storage.figures(now)
    by_kind: dict[str, dict[int | None, int]] = {}
    total: dict[int | None, int] = {}
    for (kind, days), number in found.ages.items():
        by_kind.setdefault(kind, {})[days] = number
        total[days] = total.get(days, 0) + number
    places = dict.fromkeys(GRADES, 0)
    for (precision, status), number in found.places.items():
        if status != GeocodeStatus.NOT_APPLICABLE:
            places[grade_of(precision, status)] += number
    kinds = {kind: checked_of(by_kind[kind]) for kind in KINDS if kind in by_kind}
    return Quality(kinds, checked_of(total), found.reports, places, now)


def checked_of(ages: Mapping[int | None, int]) -> Checked:
    """What the numbers by days since the last check (None: never) come to."""
    known = {days: number for days, number in ages.items() if days is not None}
    lately = sum(number for days, number in known.items() if days <= LATELY)
    return Checked(sum(ages.values()), lately, ages.get(None, 0), _median(known))


def _median(ages: Mapping[int, int]) -> float | None:
    number = sum(ages.values())
    if not number:
        return None
    return (_nth(ages, (number - 1) // 2) + _nth(ages, number // 2)) / 2


def _nth(ages: Mapping[int, int], place: int) -> int:
    """The value at this place (from 0) of all values in order."""
    seen = 0
    for days in sorted(ages):
        seen += ages[days]
        if seen > place:
            return days
    raise IndexError(place)


def grade_of(precision: str, status: str) -> str:
    """How well a place is known, by what its geocode says."""
    if status == GeocodeStatus.NEEDS_REVIEW:
        return DOUBT
    if status != GeocodeStatus.OK or not precision:
        return UNKNOWN
    return _GRADE.get(Precision(precision), AREA)
