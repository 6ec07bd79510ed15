from __future__ import annotations

import random
from collections.abc import Iterator
from math import asin, atan2, cos, degrees, pi, radians, sin

import pytest
from geopy.distance import great_circle

from directory.domain import geo
from directory.domain.geo import EARTH_RADIUS_MILES, Box, Point, Precision

CENTRES = (
    Point(39.9487, -75.1593),
    Point(0.0, 0.0),
    Point(61.2, -149.9),
    Point(51.95, 179.6),
    Point(-14.3, -179.99),
    Point(12.0, 180.0),
    Point(12.0, -180.0),
    Point(89.9, 10.0),
    Point(-89.95, -170.0),
    Point(90.0, 0.0),
    Point(-90.0, 0.0),
    Point(82.9, 179.0),
    Point(-83.0, -120.0),
)
RADII = (1.0, 25.0, 500.0)


def at_distance(centre: Point, miles: float, bearing: float) -> Point:
    """The point that lies this far in this direction (the direct problem on a sphere)."""
    angle, lat = miles / EARTH_RADIUS_MILES, radians(centre.lat)
    north = asin(max(-1.0, min(1.0, sin(lat) * cos(angle) + cos(lat) * sin(angle) * cos(bearing))))
    east = atan2(sin(bearing) * sin(angle) * cos(lat), cos(angle) - sin(lat) * sin(north))
    lon = (centre.lon + degrees(east) + 540) % 360 - 180
    return Point(degrees(north), lon)


def holds(box: Box, point: Point) -> bool:
    """Whether the search would read this point's row."""
    return geo.band(point.lat) in box.bands and any(west <= point.lon <= east for west, east in box.longitudes)


def random_pairs(count: int) -> Iterator[tuple[Point, Point]]:
    rng = random.Random(7)
    for _ in range(count):
        one = Point(rng.uniform(-90, 90), rng.uniform(-180, 180))
        if rng.random() < 0.5:
            yield one, at_distance(one, rng.uniform(0, 600), rng.uniform(0, 2 * pi))
        else:
            yield one, Point(rng.uniform(-90, 90), rng.uniform(-180, 180))


def test_distances_are_those_of_geopys_great_circle() -> None:
    for one, other in random_pairs(2000):
        kilometres = great_circle((one.lat, one.lon), (other.lat, other.lon), radius=EARTH_RADIUS_MILES).km
        assert geo.distance_miles(one, other) == pytest.approx(kilometres, rel=1e-6, abs=1e-6), (one, other)


def test_a_distance_is_the_same_both_ways_and_none_to_itself() -> None:
    for one, other in random_pairs(200):
        assert geo.distance_miles(one, other) == geo.distance_miles(other, one)
        assert geo.distance_miles(one, one) == 0


def test_opposite_ends_of_the_earth_are_half_its_girth_apart() -> None:
    assert geo.distance_miles(Point(30, 40), Point(-30, -140)) == pytest.approx(pi * EARTH_RADIUS_MILES)


@pytest.mark.parametrize("miles", RADII)
@pytest.mark.parametrize("centre", CENTRES, ids=str)
def test_the_box_holds_every_point_of_the_circle(centre: Point, miles: float) -> None:
    rng = random.Random(int(miles))
    box = geo.box(centre, miles)
    for step in range(720):
        on_the_edge = at_distance(centre, miles * (1 - 1e-9), 2 * pi * step / 720)
        inside = at_distance(centre, rng.uniform(0, miles), rng.uniform(0, 2 * pi))
        assert holds(box, on_the_edge), on_the_edge
        assert holds(box, inside), inside
    assert holds(box, centre)


@pytest.mark.parametrize("lon", [180.0, -180.0])
def test_both_names_of_the_antimeridian_are_within_reach_of_either_side(lon: float) -> None:
    for centre in (Point(52.0, 179.9), Point(52.0, -179.9), Point(52.0, 180.0), Point(52.0, -180.0)):
        assert holds(geo.box(centre, 25), Point(52.0, lon))


@pytest.mark.parametrize("centre", [Point(39.9, -75.2), Point(51.95, 179.6), Point(61.2, -149.9)], ids=str)
def test_the_box_is_not_much_larger_than_its_circle(centre: Point) -> None:
    box = geo.box(centre, 25)
    width = sum(east - west for west, east in box.longitudes)
    half = degrees(25 / EARTH_RADIUS_MILES) / cos(radians(centre.lat))
    assert width < 2.02 * half
    assert len(box.bands) <= 4


def test_every_point_lies_in_the_band_of_its_latitude() -> None:
    assert [geo.band(lat) for lat in (-90, -0.1, 0, 0.2499, 0.25, 39.9487, 90)] == [-360, -1, 0, 0, 1, 159, 360]


def test_chords_grow_with_the_distance_and_lead_back_to_it() -> None:
    distances = [0, 1e-6, 0.01, 0.5, 1, 5, 25, 100, 500, 3000, 6000, 12000, pi * EARTH_RADIUS_MILES]
    chords = [geo.chord2(miles) for miles in distances]
    assert chords == sorted(chords)
    assert len(set(chords)) == len(chords)
    for miles, chord in zip(distances, chords, strict=True):
        assert geo.miles_of_chord2(chord) == pytest.approx(miles, rel=1e-7)


def test_a_chord_longer_than_the_earth_is_wide_or_below_nothing_is_cut() -> None:
    assert geo.chord2(50_000) == pytest.approx(4)
    assert geo.miles_of_chord2(4.1) == pytest.approx(pi * EARTH_RADIUS_MILES)
    assert geo.miles_of_chord2(-1e-18) == 0


def test_the_chord_of_two_points_is_the_chord_of_their_distance() -> None:
    for one, other in random_pairs(500):
        a, b = geo.vector(one), geo.vector(other)
        chord = (a.x - b.x) ** 2 + (a.y - b.y) ** 2 + (a.z - b.z) ** 2
        assert chord == pytest.approx(geo.chord2(geo.distance_miles(one, other)), rel=1e-6, abs=1e-12)


@pytest.mark.parametrize(
    ("lat", "lon", "expected"),
    [
        (39.9, -75.2, True),
        (90, 180, True),
        (-90, -180, True),
        (0.0, 0.0, False),
        (0.009, -0.009, False),
        (0.02, 0.0, True),
        (90.01, 0, False),
        (0, 180.5, False),
        (float("nan"), 1, False),
    ],
)
def test_which_numbers_are_a_place(lat: float, lon: float, expected: bool) -> None:
    assert geo.is_point(lat, lon) is expected


def test_coarser_than_a_street_is_about() -> None:
    assert {each.value for each in Precision if each.is_approximate} == {"postcode", "locality", "region"}
