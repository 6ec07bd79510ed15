"""The rows of the offline gazetteer, made from the `zipcodes` package (coordinates from GeoNames, CC BY 4.0) and a table of our own.

It is read when a database is set up, never to answer a visitor: the package unpacks to some 40 MB in the process.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version as version_of
from importlib.resources import files
from statistics import median
from typing import Any

import zipcodes

from directory.domain.geo import Point, distance_miles, is_point
from directory.domain.listings import fold
from directory.domain.places import STATES, PlaceKind, PlaceRow, place_key
from directory.gateways.zones import zone_at

RULES = 1
"""Raised whenever the rules of this module change what `rows` yields."""

ONE_PLACE_MILES = 40
"""An alternative name whose ZIP codes lie further than this from their middle is the name of two places."""

CORRECTIONS = {
    "96960": Point(7.0801, 171.1569),  # Majuro: the package has the longitude west of Greenwich, in the open sea
    "99723": Point(71.2906, -156.7886),  # Utqiagvik (Barrow): the package's latitude is a whole degree too far south
}
"""ZIP codes whose coordinates are plainly wrong in the package, each with the reason."""


@dataclass(frozen=True, slots=True)
class _Zip:
    """One ZIP code area as the package has it. `ordinary`: the post delivers to homes in it, today."""

    code: str
    state: str
    city: str
    other_names: tuple[str, ...]
    point: Point
    timezone: str | None
    county: str | None
    active: bool
    ordinary: bool


def version() -> str:
    """What the rows are made from. Storage loads them anew when this differs from what it loaded last."""
    names = zlib.crc32(_table().encode())
    return f"{version_of('zipcodes')}/{version_of('tzfpy')}/{RULES}/{names:08x}"


def rows() -> Iterator[PlaceRow]:
    """Every ZIP code in use that has a place, and every town: state by state, so that little is held at a time.

    Military ZIP codes are left out: their coordinates are no place to search from. So are the names that the post turns down.
    """
    for state in STATES:
        zips = sorted(_zips(state), key=lambda item: item.code)
        yield from (_row("postcode", item.code, item.city, [item]) for item in zips if item.active)
        yield from _localities(state, zips)


def _zips(state: str) -> Iterator[_Zip]:
    for record in zipcodes.filter_by(state=state):  # type: ignore[no-untyped-call]
        point = CORRECTIONS.get(record["zip_code"]) or _point(record)
        if point and record["zip_code_type"] != "MILITARY":
            yield _Zip(
                code=record["zip_code"],
                state=state,
                city=record["city"],
                other_names=tuple(record["acceptable_cities"]),
                point=point,
                timezone=zone_at(point.lat, point.lon, fallback=record["timezone"]),
                county=record["county"] or None,
                active=record["active"],
                ordinary=record["active"] and record["zip_code_type"] == "STANDARD",
            )


def _point(record: dict[str, Any]) -> Point | None:
    """The coordinates, which the package gives as text, "" or zeros where it has none."""
    try:
        point = Point(float(record["lat"]), float(record["long"]))
    except ValueError:
        return None
    return point if is_point(point.lat, point.lon) else None


def _localities(state: str, zips: list[_Zip]) -> Iterator[PlaceRow]:
    """The towns of a state under each of their names. Our own names come first, then the post's main ones, then the rest."""
    own = {place_key(name): (shown, _within(zips, ranges)) for name, shown, ranges in _own_names().get(state, ())}
    for key, (shown, members) in own.items():
        yield _row("locality", key, shown, members)
    main = _by_key((item.city, item.city, item) for item in zips)
    for key, (shown, members) in main.items():
        if key not in own:
            yield _row("locality", key, shown, members)
    others = _by_key((name, _full_name(name, item), item) for item in zips for name in item.other_names)
    for key, (shown, members) in others.items():
        if key not in own and key not in main and _is_one_place(members):
            yield _row("locality", key, shown, members)


def _by_key(named: Iterable[tuple[str, str, _Zip]]) -> dict[str, tuple[str, list[_Zip]]]:
    """From (name, name to show, ZIP code): the name to show, the one given most often, and the ZIP codes of each key."""
    shown: dict[str, Counter[str]] = {}
    members: dict[str, list[_Zip]] = {}
    for name, show, item in named:
        key = place_key(name)
        shown.setdefault(key, Counter())[show] += 1
        members.setdefault(key, []).append(item)
    return {key: (shown[key].most_common(1)[0][0], members[key]) for key in shown}


def _full_name(name: str, item: _Zip) -> str:
    """The town that an alternative name abbreviates ("Phila", "Long Is City"), else the name itself.

    An abbreviation has the letters of the full name in their order, not all of its words, and the same first letter.
    """
    words = set(fold(name).split())
    for full in sorted((item.city, *item.other_names), key=len, reverse=True):
        if (
            len(full) > len(name)
            and not words <= set(fold(full).split())
            and _is_short_for(place_key(name), place_key(full))
        ):
            return full
    return name


def _is_short_for(short: str, full: str) -> bool:
    letters = iter(full)
    return short[:1] == full[:1] and all(letter in letters for letter in short)


def _is_one_place(zips: list[_Zip]) -> bool:
    best = _best(zips)
    middle = _middle(best)
    return all(distance_miles(middle, item.point) <= ONE_PLACE_MILES for item in best)


def _best(zips: list[_Zip]) -> list[_Zip]:
    """The ZIP codes that say where a town is: the ordinary ones where there are any, else those in use, else all."""
    return [item for item in zips if item.ordinary] or [item for item in zips if item.active] or zips


def _middle(zips: list[_Zip]) -> Point:
    """The median of latitudes and of longitudes: a far-off post office box does not move it."""
    return Point(round(median(item.point.lat for item in zips), 5), round(median(item.point.lon for item in zips), 5))


def _row(kind: PlaceKind, key: str, name: str, zips: list[_Zip]) -> PlaceRow:
    best = _best(zips)
    middle = _middle(best)
    county = Counter(item.county for item in best).most_common(1)[0][0]
    zone = Counter(item.timezone for item in best).most_common(1)[0][0]
    weight = sum(item.ordinary for item in zips)
    return PlaceRow(kind, key, best[0].state, name, middle.lat, middle.lon, zone, county, weight)


def _within(zips: list[_Zip], ranges: str) -> list[_Zip]:
    """The ZIP codes of a text such as "19102-19154 19019"."""
    wanted = [(first, last or first) for first, _, last in (part.partition("-") for part in ranges.split())]
    return [item for item in zips if any(first <= item.code <= last for first, last in wanted)]


@cache
def _table() -> str:
    return files("directory.gateways").joinpath("gazetteer_names.tsv").read_text(encoding="utf-8")


def _own_names() -> dict[str, list[tuple[str, str, str]]]:
    """Our own names by state: (name, name to show, ranges of ZIP codes)."""
    found: dict[str, list[tuple[str, str, str]]] = {}
    lines = [line for line in _table().splitlines() if line and not line.startswith("#")]
    for line in lines[1:]:
        name, state, shown, ranges = line.split("\t")
        found.setdefault(state, []).append((name, shown, ranges))
    return found
