"""Generated listings for the search: as many as asked for, always the same, clustered as people live, all invented.

A point is a ZIP code area drawn by how many others lie around it, and a few miles beside its middle. What a treatment program
reports has the frequencies of SAMHSA's directory of 2024 (substance-use list); kinds and times are set to what a directory of
meetings and services holds.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from math import cos, floor, radians

from directory.domain.geo import Point, Precision
from directory.domain.listings import Address, Geocode, ListingDraft, Phone, PlacedListing
from directory.domain.places import PlaceRow
from directory.domain.schedule import Change, Window
from directory.domain.taxonomy import Code
from directory.gateways import gazetteer_data

SEED = 20260302
ZONE = "America/New_York"
CROWDED, CLUSTERING = 100, 1.3
"""A place is drawn by the number of its neighbours, up to so many, to this power. Of 250,000 listings a place so drawn then has
102 / 969 / 4,442 / 10,790 within 25 miles (p10 / p50 / p90 / p99, counted). How strongly people really cluster is an estimate:
the gazetteer has no populations."""

KINDS = {
    "meeting": 45,
    "treatment": 14,
    "housing": 9,
    "recovery-support": 8,
    "health": 8,
    "food": 6,
    "employment": 3,
    "harm-reduction": 2,
    "legal": 2,
    "crisis": 1,
    "family": 1,
    "transport": 1,
}
PROGRAMS = {"aa": 62, "na": 20, "al-anon": 9, "smart": 3, "rd": 2, "ca": 2, "aca": 2}

Shares = dict[str, float]
TREATMENT: dict[str, Shares] = {
    "care": {
        "detox": 0.21,
        "outpatient": 0.84,
        "intensive-outpatient": 0.46,
        "day-treatment": 0.15,
        "residential": 0.24,
        "inpatient": 0.06,
        "medication": 0.48,
        "recovery-housing": 0.09,
    },
    "pay": {
        "medicaid": 0.77,
        "medicare": 0.48,
        "private": 0.78,
        "military": 0.43,
        "self-pay": 0.92,
        "sliding-fee": 0.38,
    },
    "people": {
        "women": 0.58,
        "men": 0.57,
        "pregnant": 0.35,
        "veterans": 0.34,
        "youth": 0.25,
        "young-adults": 0.39,
        "seniors": 0.36,
        "lgbtq": 0.38,
        "justice": 0.47,
        "co-occurring": 0.64,
    },
    "medication": {"buprenorphine": 0.58, "methadone": 0.11, "naltrexone": 0.55},
    "access": {"sign-language": 0.41, "childcare": 0.05},
}
MEETING: dict[str, Shares] = {
    "people": {"women": 0.09, "men": 0.08, "youth": 0.04, "lgbtq": 0.04},
    "access": {"wheelchair": 0.25, "childcare": 0.03},
}
SERVICE: dict[str, Shares] = {
    "pay": {"medicaid": 0.25, "self-pay": 0.2, "sliding-fee": 0.15, "free": 0.35},
    "people": {"women": 0.2, "men": 0.15, "parents": 0.15, "veterans": 0.1, "youth": 0.1},
    "access": {"wheelchair": 0.3},
}

_FIRST = "Quiet Open Early Lantern River Harbor Cedar Stone Maple Orchard Bridge Meadow North Lamp Heron Willow".split()
_LAST = "Circle Step House Center Table Path Room Garden Group Haven Place Porch Light Field Gate Landing".split()
_STARTS = (7 * 60, 12 * 60, 17 * 60 + 30, 18 * 60, 19 * 60, 19 * 60 + 30, 20 * 60)


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
        draft = make.get(kind, _service)(rng, number, kind, _address(rng, place, point if exact else None))
        if kind == "meeting" and types:
            draft = _typed(draft, rng.sample(types, 2))
        geocode = Geocode(
            "source" if exact else "gazetteer", Precision.STREET if exact else Precision.POSTCODE, point, ""
        )
        yield PlacedListing(draft, geocode, point, not exact, place.timezone or ZONE, f"{number:032x}")


def _address(rng: random.Random, place: PlaceRow, point: Point | None) -> Address:
    street = f"{rng.randrange(1, 990)} {rng.choice(_FIRST)} Street"
    return Address(street=street, city=place.name, state=place.state, postal_code=place.key, point=point)


def _common(rng: random.Random, number: int, kind: str, shares: dict[str, Shares]) -> dict[str, object]:
    facets = {facet: _some(rng, values) for facet, values in shares.items()}
    name = f"{rng.choice(_FIRST)} {rng.choice(_LAST)}"
    phones = (Phone(f"(555) 555-01{rng.randrange(100):02d}"),)
    return {"key": f"bench-{number}", "kind": kind, "name": name, "phones": phones, **facets}


def _some(rng: random.Random, shares: Shares) -> tuple[str, ...] | None:
    """The values that a listing reports; None where it reports none, which is how unknown looks."""
    return tuple(value for value, share in shares.items() if rng.random() < share) or None


def _meeting(rng: random.Random, number: int, kind: str, address: Address) -> ListingDraft:
    program = rng.choices(list(PROGRAMS), list(PROGRAMS.values()))[0]
    attendance = rng.choices(("in-person", "hybrid", "online"), (75, 12, 13))[0]
    # Every thirtieth meets once a month: the database alone cannot answer for it.
    week = rng.choice((1, 2, 3, 4, -1)) if rng.random() < 0.03 else None
    days = rng.sample(range(7), rng.choice((1, 1, 2)))
    windows = tuple(Window("meeting", day, rng.choice(_STARTS), 60, week) for day in days)
    common = _common(rng, number, kind, MEETING)
    return ListingDraft(**common, address=address, program=program, attendance=attendance, windows=windows)  # type: ignore[arg-type]


def _treatment(rng: random.Random, number: int, kind: str, address: Address) -> ListingDraft:
    common = _common(rng, number, kind, TREATMENT)
    attendance = "hybrid" if rng.random() < 0.8 else "in-person"
    return ListingDraft(**common, address=address, attendance=attendance, **_hours(rng))  # type: ignore[arg-type]


def _service(rng: random.Random, number: int, kind: str, address: Address) -> ListingDraft:
    return ListingDraft(**_common(rng, number, kind, SERVICE), address=address, attendance="in-person", **_hours(rng))  # type: ignore[arg-type]


def _hours(rng: random.Random) -> dict[str, object]:
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


def _typed(draft: ListingDraft, codes: list[Code]) -> ListingDraft:
    values = {name: getattr(draft, name) for name in ListingDraft.__slots__}
    return ListingDraft(**values | {"codes": tuple(codes)})
