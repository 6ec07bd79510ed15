"""Every point on land gets the zone in force there, by a name that Python knows."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
import tzfpy

from directory.gateways.zones import is_zone, zone_at


@pytest.mark.parametrize(
    ("place", "lat", "lon", "zone"),
    [
        ("Burlington VT", 44.476, -73.212, "America/New_York"),
        ("Phoenix AZ, without daylight saving", 33.45, -112.07, "America/Phoenix"),
        ("Window Rock, Navajo Nation, with it", 35.68, -109.05, "America/Denver"),
        ("Hopi villages within, without it", 35.90, -110.40, "America/Phoenix"),
        ("El Paso TX", 31.76, -106.49, "America/Denver"),
        ("Indianapolis IN", 39.77, -86.16, "America/Indiana/Indianapolis"),
        ("Knox IN", 41.30, -86.60, "America/Indiana/Knox"),
        ("Knoxville TN", 35.96, -83.92, "America/New_York"),
        ("Nashville TN", 36.16, -86.78, "America/Chicago"),
        ("Honolulu HI", 21.31, -157.86, "Pacific/Honolulu"),
        ("Anchorage AK", 61.22, -149.90, "America/Anchorage"),
        ("San Juan PR", 18.46, -66.11, "America/Puerto_Rico"),
        ("Edmonton AB", 53.54, -113.49, "America/Edmonton"),
        ("Majuro MH", 7.09, 171.38, "Pacific/Majuro"),
    ],
)
def test_a_place_has_the_zone_in_force_there(place: str, lat: float, lon: float, zone: str) -> None:
    assert zone_at(lat, lon) == zone, place


def test_a_point_at_sea_takes_the_zone_of_the_place_it_belongs_to() -> None:
    assert zone_at(35.0, -128.0, fallback="America/Los_Angeles") == "America/Los_Angeles"
    assert zone_at(35.0, -128.0) is None


def test_a_point_on_land_keeps_its_own_zone_whatever_else_is_said() -> None:
    assert zone_at(44.476, -73.212, fallback="America/Chicago") == "America/New_York"


@pytest.mark.parametrize(("lat", "lon"), [(90.1, 0.0), (0.0, 180.1), (float("nan"), 0.0)])
def test_what_is_no_point_has_no_zone(lat: float, lon: float) -> None:
    assert zone_at(lat, lon) is None


def test_a_zone_that_does_not_exist_is_never_returned() -> None:
    assert zone_at(35.0, -128.0, fallback="Napakiak") is None
    assert not is_zone("../etc/passwd")


def test_every_zone_of_the_boundaries_is_known_to_python() -> None:
    names = [name for name in tzfpy.timezonenames() if not name.startswith("Etc/")]
    assert len(names) > 400
    assert [name for name in names if not is_zone(name)] == []
    assert ZoneInfo("America/New_York").key == "America/New_York"
