"""The gazetteer's rows, made from the real package: what must be in them, where, and what must not."""

from __future__ import annotations

import zlib
from collections import Counter
from importlib import resources

import pytest
import zipcodes

from directory.domain.geo import Point, distance_miles, is_point
from directory.domain.places import STATES, PlaceRow, place_key
from directory.gateways import gazetteer_data
from directory.gateways.zones import is_zone


@pytest.fixture(scope="module")
def rows() -> list[PlaceRow]:
    return list(gazetteer_data.rows())


@pytest.fixture(scope="module")
def codes(rows: list[PlaceRow]) -> dict[str, PlaceRow]:
    return {row.key: row for row in rows if row.kind == "postcode"}


@pytest.fixture(scope="module")
def towns(rows: list[PlaceRow]) -> dict[tuple[str, str], PlaceRow]:
    return {(row.key, row.state): row for row in rows if row.kind == "locality"}


def test_all_zip_codes_in_use_with_a_place_are_there(codes: dict[str, PlaceRow]) -> None:
    assert 41_000 <= len(codes) <= 45_000
    assert codes["19107"] == PlaceRow(
        "postcode", "19107", "PA", "Philadelphia", 39.9487, -75.1593, "America/New_York", "Philadelphia County", 1
    )
    assert codes["05401"].label == "Burlington, VT 05401"
    assert codes["00901"].timezone == "America/Puerto_Rico"


def test_every_row_has_a_point_a_key_and_a_zone_and_stands_once(rows: list[PlaceRow]) -> None:
    assert [row for row in rows if not (row.key and row.name and is_point(row.lat, row.lon))] == []
    assert [row for row in rows if not (row.timezone and is_zone(row.timezone))] == []
    assert {row.state for row in rows} == set(STATES) - {"FM"}, "the package has no coordinates in Micronesia"
    assert Counter((row.kind, row.key, row.state) for row in rows).most_common(1)[0][1] == 1
    assert not any(row.demo for row in rows)


def test_military_and_retired_zip_codes_are_left_out(codes: dict[str, PlaceRow]) -> None:
    left_out = [r["zip_code"] for r in zipcodes.list_all() if r["zip_code_type"] == "MILITARY" or not r["active"]]
    assert len(left_out) > 1_000
    assert codes.keys().isdisjoint(left_out)


@pytest.mark.parametrize(
    ("town", "state", "lat", "lon", "miles"),
    [
        ("Burlington", "VT", 44.476, -73.212, 3),
        ("Philadelphia", "PA", 39.953, -75.164, 4),
        ("St. Johnsbury", "VT", 44.419, -72.015, 3),
        ("O'Fallon", "MO", 38.811, -90.700, 5),
        ("Winston-Salem", "NC", 36.100, -80.244, 5),
        ("Queens", "NY", 40.728, -73.795, 4),
        ("The Bronx", "NY", 40.845, -73.865, 3),
        ("Manhattan", "NY", 40.771, -73.974, 4),
        ("Brooklyn", "NY", 40.650, -73.950, 4),
        ("Staten Island", "NY", 40.580, -74.150, 4),
        ("Paradise", "NV", 36.097, -115.147, 4),
        ("Hollywood", "CA", 34.098, -118.329, 3),
        ("Kensington", "PA", 39.990, -75.120, 2),
        ("Utqiagvik", "AK", 71.291, -156.789, 3),
        ("St. Croix", "VI", 17.727, -64.747, 6),
    ],
)
def test_a_town_is_where_it_is(
    towns: dict[tuple[str, str], PlaceRow], town: str, state: str, lat: float, lon: float, miles: float
) -> None:
    assert distance_miles(towns[place_key(town), state].point, Point(lat, lon)) <= miles


def test_a_town_lies_at_the_median_of_its_ordinary_zip_codes(
    towns: dict[tuple[str, str], PlaceRow], codes: dict[str, PlaceRow]
) -> None:
    """Manchester has five; its boxes and its large receivers have four more, which neither place nor weigh it."""
    ordinary = [codes[code] for code in ("03101", "03102", "03103", "03104", "03109")]
    manchester = towns["manchester", "NH"]
    assert manchester.lat == sorted(row.lat for row in ordinary)[2]
    assert manchester.lon == sorted(row.lon for row in ordinary)[2]
    assert manchester.weight == 5


def test_weight_orders_towns_as_size_does(towns: dict[tuple[str, str], PlaceRow]) -> None:
    order = [
        towns[key] for key in (("houston", "TX"), ("philadelphia", "PA"), ("burlington", "VT"), ("utqiagvik", "AK"))
    ]
    weights = [row.weight for row in order]
    assert weights == sorted(weights, reverse=True)
    assert len(set(weights)) == 4


def test_abbreviations_lead_to_the_full_name_and_other_towns_keep_their_own(
    towns: dict[tuple[str, str], PlaceRow],
) -> None:
    assert towns["phila", "PA"].label == "Philadelphia, PA"
    assert towns[place_key("Long Is City"), "NY"].label == "Long Island City, NY"
    assert towns["essex", "VT"].label == "Essex, VT"


def test_names_that_the_post_turns_down_are_left_out(towns: dict[tuple[str, str], PlaceRow]) -> None:
    assert ("internalrevenueservice", "NY") not in towns
    assert ("burlngtn", "VT") not in towns


def test_an_alternative_name_of_two_far_places_is_left_out(towns: dict[tuple[str, str], PlaceRow]) -> None:
    listed = [r for r in zipcodes.filter_by(state="PA") if "Monroe Township" in r["acceptable_cities"] and r["active"]]
    points = [Point(float(r["lat"]), float(r["long"])) for r in listed]
    assert max(distance_miles(points[0], point) for point in points) > gazetteer_data.ONE_PLACE_MILES
    assert ("monroetownship", "PA") not in towns


def test_coordinates_that_are_plainly_wrong_are_put_right(codes: dict[str, PlaceRow]) -> None:
    assert distance_miles(codes["96960"].point, Point(7.09, 171.38)) < 20
    assert codes["96960"].timezone == "Pacific/Majuro"


def test_every_name_of_our_own_has_its_zip_codes_in_one_place(towns: dict[tuple[str, str], PlaceRow]) -> None:
    lines = [line for line in gazetteer_data._table().splitlines() if not line.startswith("#")][1:]
    assert len(lines) > 50
    for line in lines:
        name, state, shown, ranges = line.split("\t")
        assert towns[place_key(name), state].name == shown
        zips = gazetteer_data._within(list(gazetteer_data._zips(state)), ranges)
        assert zips, name
        assert gazetteer_data._is_one_place(zips), name


def test_the_version_names_the_packages_and_changes_with_our_own_table() -> None:
    table = resources.files("directory.gateways").joinpath("gazetteer_names.tsv").read_bytes()
    version = gazetteer_data.version()
    assert version.startswith(f"{zipcodes.__version__}/")
    assert version.endswith(f"{zlib.crc32(table):08x}")
    assert len(version) <= 40
