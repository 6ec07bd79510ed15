"""In which direction a place lies."""

from __future__ import annotations

from math import atan, cos, degrees, radians, sin

import pytest

from directory.domain.compass import DIRECTIONS, bearing, direction
from directory.domain.geo import Point

HERE = Point(40.0, -75.0)


@pytest.mark.parametrize(
    ("there", "said"),
    [
        (Point(40.1, -75.0), "north"),
        (Point(40.1, -74.87), "north-east"),
        (Point(40.0, -74.9), "east"),
        (Point(39.9, -74.87), "south-east"),
        (Point(39.9, -75.0), "south"),
        (Point(39.9, -75.13), "south-west"),
        (Point(40.0, -75.1), "west"),
        (Point(40.1, -75.13), "north-west"),
    ],
)
def test_each_of_the_eight_directions_is_found(there: Point, said: str) -> None:
    assert direction(HERE, there) == said


@pytest.mark.parametrize(("angle", "said"), [(22, "north"), (23, "north-east"), (337, "north-west"), (338, "north")])
def test_a_direction_reaches_half_way_to_the_next(angle: float, said: str) -> None:
    there = Point(cos(radians(angle)) / 100, sin(radians(angle)) / 100)
    assert direction(Point(0, 0), there) == said


def test_a_bearing_is_where_a_great_circle_sets_out_and_not_where_the_other_lies_on_a_flat_map() -> None:
    # Due east on a map, from 45 to 135 degrees along the parallel of 35: tan(bearing) = 1 / sin(35 degrees).
    assert bearing(Point(35, 45), Point(35, 135)) == pytest.approx(degrees(atan(1 / sin(radians(35)))))


def test_east_is_east_across_the_antimeridian() -> None:
    assert direction(Point(51.9, 179.9), Point(51.9, -179.9)) == "east"
    assert direction(Point(51.9, -179.9), Point(51.9, 179.9)) == "west"


def test_from_a_point_to_itself_there_is_no_error() -> None:
    assert direction(HERE, HERE) in DIRECTIONS
