"""In which direction one point lies from another, in eighths of the compass: what a person can follow on paper."""

from __future__ import annotations

from math import atan2, cos, degrees, radians, sin

from directory.domain.geo import Point

DIRECTIONS = ("north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west")


def bearing(start: Point, end: Point) -> float:
    """Degrees clockwise from north, 0 to under 360, in which a great circle sets out from one point to the other."""
    south, north = radians(start.lat), radians(end.lat)
    east = radians(end.lon - start.lon)
    across = sin(east) * cos(north)
    along = cos(south) * sin(north) - sin(south) * cos(north) * cos(east)
    return degrees(atan2(across, along)) % 360


def direction(start: Point, end: Point) -> str:
    """One of DIRECTIONS, the nearest."""
    return DIRECTIONS[round(bearing(start, end) / 45) % 8]
