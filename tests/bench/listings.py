"""Generated listings for the search: as many as asked for, always the same, clustered as people live, all invented.

A point is a ZIP code area drawn by how many others lie around it, and a few miles beside its middle. How often they are what
says `shares.py`.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from math import cos, floor, radians
from typing import Any

from directory.domain.geo import Point, Precision
from directory.domain.listings import Address, Capacity, Geocode, ListingDraft, Phone, PlacedListing
from directory.domain.places import PlaceRow
from directory.domain.schedule import Change, Window
from directory.domain.taxonomy import Code
from directory.gateways import gazetteer_data
from tests.bench.shares import (
    COVERAGE,
    DESCRIBED,
    FIRST,
    KINDS,
    LAST,
    MEETING,
    MEETING_ATTENDANCE,
    PROGRAMS,
    RARE,
    REPORTS_OPENINGS,
    SERVICE,
    SPANISH_MEETINGS,
    TELLS_LANGUAGES,
    TREATMENT,
    TREATMENT_LANGUAGES,
    WORDS,
    Shares,
)

SEED = 20260302
NOW = datetime(2026, 3, 2, 19, 0, tzinfo=UTC)
"""A Monday; two in the afternoon in New York."""
ZONE = "America/New_York"
CROWDED, CLUSTERING = 100, 1.3
"""A place is drawn by the number of its neighbours, up to so many, to this power. Of 250,000 listings a place so drawn then has
102 / 969 / 4,442 / 10,790 within 25 miles (p10 / p50 / p90 / p99, counted). How strongly people really cluster is an estimate:
the gazetteer has no populations."""

_STARTS = (7 * 60, 12 * 60, 17 * 60 + 30, 18 * 60, 19 * 60, 19 * 60 + 30, 20 * 60)
_WORD_SUMS = tuple(accumulate(1 / place for place in range(1, len(WORDS) + 1)))


@dataclass(frozen=True, slots=True)
class Map:
    """Places with the share of listings that each gets, summed up from the first."""

    places: tuple[PlaceRow, ...]
    sums: tuple[float, ...]

    def draw(self, rng: random.Random, count: int) -> list[PlaceRow]:
        """Places as people live in them."""
        return rng.choices(self.places, cum_weights=self.sums, k=count)


def read_map(state: str = "") -> Map:
    """The ordinary ZIP codes of the gazetteer, or of one state, each weighted by its neighbours within about 20 miles."""
    rows = (row for row in gazetteer_data.rows() if state in ("", row.state))
    places = [row for row in rows if row.kind == "postcode" and row.weight]
    cells = Counter(_cell(place) for place in places)
    sums, total = [], 0.0
    for place in places:
        row, column = _cell(place)
        around = sum(cells[row + down, column + right] for down in (-1, 0, 1) for right in (-1, 0, 1))
        total += min(around, CROWDED) ** CLUSTERING
        sums.append(total)
    return Map(tuple(places), tuple(sums))


def _cell(place: PlaceRow) -> tuple[int, int]:
    return floor(place.lat * 4), floor(place.lon * 4)


def beside(place: PlaceRow, rng: random.Random) -> Point:
    """A point some two miles (one standard deviation) from the middle of a place."""
    lat = place.lat + rng.gauss(0, 0.03)
    return Point(round(lat, 6), round(place.lon + rng.gauss(0, 0.03) / cos(radians(lat)), 6))


def listings(map: Map, count: int, types: Sequence[Code] = ()) -> Iterator[PlacedListing]:
    """So many listings, one after the other. `types` are codes of meeting types, of which a meeting carries two."""
    rng = random.Random(SEED)
    make: dict[str, Callable[..., ListingDraft]] = {"meeting": _meeting, "treatment": _treatment}
    kinds = rng.choices(list(KINDS), list(KINDS.values()), k=count)
    for number, (kind, place) in enumerate(zip(kinds, map.draw(rng, count), strict=True)):
        # Half of the programs come without coordinates, as in SAMHSA's file, and stand at the middle of their ZIP code.
        exact = kind != "treatment" or rng.random() < 0.5
        point = beside(place, rng) if exact else place.point
        draft = make.get(kind, _service)(rng, number, kind, place, _address(rng, place, point if exact else None))
        if kind == "meeting" and types:
            draft = replace(draft, codes=tuple(rng.sample(types, 2)))
        yield _placed(draft, place, point, f"{number:032x}")


def _placed(draft: ListingDraft, place: PlaceRow, point: Point, content_hash: str) -> PlacedListing:
    if draft.attendance == "online":
        geocode, public = Geocode("gazetteer", None, None, ""), None
    else:
        exact = draft.address.point is not None
        precision = Precision.STREET if exact else Precision.POSTCODE
        geocode, public = Geocode("source" if exact else "gazetteer", precision, point, ""), point
    approximate = public is not None and draft.address.point is None
    return PlacedListing(draft, geocode, public, approximate, place.timezone or ZONE, content_hash)


def _address(rng: random.Random, place: PlaceRow, point: Point | None) -> Address:
    street = f"{rng.randrange(1, 990)} {rng.choice(FIRST)} Street"
    return Address(street=street, city=place.name, state=place.state, postal_code=place.key, point=point)


def _common(rng: random.Random, number: int, kind: str, shares: dict[str, Shares]) -> dict[str, Any]:
    facets = {facet: _some(rng, values) for facet, values in shares.items()}
    name = f"{rng.choice(FIRST)} {rng.choice(LAST)}"
    phones = (Phone(f"(555) 555-01{rng.randrange(100):02d}"),)
    described = _description(rng, number)
    return {"key": f"bench-{number}", "kind": kind, "name": name, "phones": phones, "description": described, **facets}


def _some(rng: random.Random, shares: Shares) -> tuple[str, ...] | None:
    """The values that a listing reports; None where it reports none, which is how unknown looks."""
    return tuple(value for value, share in shares.items() if rng.random() < share) or None


def _description(rng: random.Random, number: int) -> str | None:
    """Some 25 words; None where there are none. The rare word is in every thousandth."""
    rare = [RARE] if number % 1000 == 500 else []
    if not rare and rng.random() >= DESCRIBED:
        return None
    words = rng.choices(WORDS, cum_weights=_WORD_SUMS, k=rng.randint(20, 30))
    return " ".join([*words, *rare]).capitalize() + "."


def _meeting(rng: random.Random, number: int, kind: str, place: PlaceRow, address: Address) -> ListingDraft:
    program = rng.choices(list(PROGRAMS), list(PROGRAMS.values()))[0]
    attendance = rng.choices(list(MEETING_ATTENDANCE), list(MEETING_ATTENDANCE.values()))[0]
    # Every thirtieth meets once a month: the database alone cannot answer for it.
    week = rng.choice((1, 2, 3, 4, -1)) if rng.random() < 0.03 else None
    days = rng.sample(range(7), rng.choice((1, 1, 2)))
    return ListingDraft(
        **_common(rng, number, kind, MEETING),
        address=replace(address, street=None, point=None) if attendance == "online" else address,
        program=program,
        attendance=attendance,
        windows=tuple(Window("meeting", day, rng.choice(_STARTS), 60, week) for day in days),
        languages=("es",) if rng.random() < SPANISH_MEETINGS else None,
    )


def _treatment(rng: random.Random, number: int, kind: str, place: PlaceRow, address: Address) -> ListingDraft:
    languages = ("en", *(_some(rng, TREATMENT_LANGUAGES) or ())) if rng.random() < TELLS_LANGUAGES else None
    return ListingDraft(
        **_common(rng, number, kind, TREATMENT),
        address=address,
        attendance="hybrid" if rng.random() < 0.8 else "in-person",
        languages=languages,
        capacities=_openings(rng),
        **_hours(rng),
    )


def _service(rng: random.Random, number: int, kind: str, place: PlaceRow, address: Address) -> ListingDraft:
    return ListingDraft(
        **_common(rng, number, kind, SERVICE),
        address=address,
        attendance="in-person",
        coverage=_coverage(rng, place),
        capacities=_openings(rng) if kind == "housing" else (),
        **_hours(rng),
    )


def _openings(rng: random.Random) -> tuple[Capacity, ...]:
    """A report of the last three days, which may be of no opening at all; mostly there is none."""
    if rng.random() >= REPORTS_OPENINGS:
        return ()
    as_of = NOW - timedelta(minutes=rng.randrange(10, 71 * 60))
    return (Capacity("bed", rng.choice((0, 1, 1, 2, 3, 6)), 20, as_of),)


def _coverage(rng: random.Random, place: PlaceRow) -> str | None:
    """The area that a service is there for as a whole; mostly it is there for whoever comes."""
    areas = {"county": f"{place.county}, {place.state}" if place.county else None, "state": place.state}
    chance = rng.random()
    for reach, share in COVERAGE.items():
        if chance < share:
            return areas.get(reach, reach)
        chance -= share
    return None


def _hours(rng: random.Random) -> dict[str, Any]:
    """Monday to Friday, around the clock, or not known; some close on a holiday, which the database alone cannot answer."""
    chance = rng.random()
    if chance < 0.25:
        return {}
    if chance < 0.35:
        return {"windows": tuple(Window("hours", day, 0, 24 * 60) for day in range(7))}
    opens, length = rng.choice((480, 510, 540)), rng.choice((480, 510, 540))
    changes: tuple[Change, ...] = (Change(holiday="thanksgiving"),) if rng.random() < 0.04 else ()
    if changes and rng.random() < 0.25:
        changes += (Change(on=date(2026, 12, 24), windows=((9 * 60, 180),)),)
    return {"windows": tuple(Window("hours", day, opens, length) for day in range(1, 6)), "changes": changes}
