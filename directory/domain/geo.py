"""Points on the globe: how exactly one is known, distance in miles, the box round one, and the chord by which a database compares."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import asin, cos, degrees, floor, pi, radians, sin, sqrt

EARTH_RADIUS_MILES = 3958.8
"""Mean radius of the Earth in miles (6371.0 km), the figure that the search contract names."""

BANDS_PER_DEGREE = 4
"""Latitude is cut into bands of a quarter degree, about 17 miles, for the search index."""


class Precision(StrEnum):
    """How exactly a place is known, best first."""

    ROOFTOP = "rooftop"
    INTERPOLATED = "interpolated"
    STREET = "street"
    POSTCODE = "postcode"
    LOCALITY = "locality"
    REGION = "region"

    @property
    def is_approximate(self) -> bool:
        """Distances from a point coarser than a street read "about"."""
        return self in (Precision.POSTCODE, Precision.LOCALITY, Precision.REGION)


class GeocodeStatus(StrEnum):
    """How far the placing of an address has come (Location.geocode_status)."""

    PENDING = "pending"
    OK = "ok"
    NEEDS_REVIEW = "needs_review"
    FAILED = "failed"
    NOT_APPLICABLE = "not_applicable"


class Review(StrEnum):
    """Why somebody should look at a place, what matters most first: how far off it may be, and how surely it is wrong."""

    STATE = "state"
    OUTSIDE = "outside"
    MOVED = "moved"
    POSTCODE = "postcode"
    STREET = "street"
    NUMBER = "number"
    TIE = "tie"
    SHARED = "shared"
    NO_PLACE = "no-place"
    COARSE = "coarse"
    NOT_FOUND = "not-found"


@dataclass(frozen=True, slots=True)
class Point:
    """Degrees, WGS 84: latitude -90..90, longitude -180..180."""

    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class Vector:
    """A point as a unit vector from the middle of the Earth."""

    x: float
    y: float
    z: float


@dataclass(frozen=True, slots=True)
class Box:
    """Bands of latitude and ranges of longitude (two where the antimeridian is crossed) that hold a circle."""

    bands: tuple[int, ...]
    longitudes: tuple[tuple[float, float], ...]


def is_point(lat: float, lon: float) -> bool:
    """Whether these can be a place on land: inside the ranges, and not 0/0, which stands for "not known" in real data."""
    return -90 <= lat <= 90 and -180 <= lon <= 180 and (abs(lat) > 0.01 or abs(lon) > 0.01)


def distance_miles(a: Point, b: Point) -> float:
    """Great-circle distance in miles by the haversine formula, unrounded."""
    half = (
        sin(radians(b.lat - a.lat) / 2) ** 2
        + cos(radians(a.lat)) * cos(radians(b.lat)) * sin(radians(b.lon - a.lon) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_MILES * asin(min(1.0, sqrt(half)))


def band(lat: float) -> int:
    """The index band of a latitude."""
    return floor(lat * BANDS_PER_DEGREE)


def vector(point: Point) -> Vector:
    """The point as a unit vector, so that a database can compare distances with products alone."""
    lat, lon = radians(point.lat), radians(point.lon)
    return Vector(cos(lat) * cos(lon), cos(lat) * sin(lon), sin(lat))


def chord2(miles: float) -> float:
    """The square of the straight line between two unit vectors that lie this many great-circle miles apart.

    chord = 2 sin(angle / 2); it grows with the distance, so comparing chords compares distances.
    """
    return 4 * sin(min(miles / EARTH_RADIUS_MILES, pi) / 2) ** 2


def miles_of_chord2(value: float) -> float:
    """The great-circle miles of a squared chord: the inverse of `chord2`."""
    return 2 * EARTH_RADIUS_MILES * asin(min(1.0, sqrt(max(value, 0.0)) / 2))


def box(centre: Point, miles: float) -> Box:
    """The bands and longitudes that hold every point within `miles` of the centre."""
    reach = degrees(miles / EARTH_RADIUS_MILES) + 1e-9
    south, north = max(centre.lat - reach, -90.0), min(centre.lat + reach, 90.0)
    bands = tuple(range(band(south), band(north) + 1))
    if south <= -90 or north >= 90:
        return Box(bands, ((-180.0, 180.0),))
    # The meridians touch the circle nearer the pole than its middle: asin(sin r / cos lat), not r / cos lat.
    spread = degrees(asin(min(1.0, sin(radians(reach)) / cos(radians(centre.lat))))) + 1e-9
    west, east = centre.lon - spread, centre.lon + spread
    if spread >= 180:
        return Box(bands, ((-180.0, 180.0),))
    if west < -180:
        return Box(bands, ((west + 360, 180.0), (-180.0, east)))
    if east > 180:
        return Box(bands, ((west, 180.0), (-180.0, east - 360)))
    return Box(bands, ((west, east),))
