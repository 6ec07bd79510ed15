"""An answer is graded by the level that matched and believed as far as it agrees with the question."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from directory.domain.addresses import Question
from directory.domain.geo import Point, Precision, Review
from directory.domain.geocodes import Bounds, better, is_centroid, is_surely_there, judged, misplaced, next_try
from directory.domain.grading import Answer, read_answer
from directory.domain.places import PlaceRow
from tests.factories import NOW

QUESTION = Question("full", "12 Heron Lane, Suite 4", "Saltmarsh", "PA", "19199")
THERE = Point(40.015, -75.005)
ANSWER = Answer(THERE, Precision.ROOFTOP, "label", "12", "Heron Ln", "PA", "19199")
AREA = PlaceRow("postcode", "19199", "PA", "Saltmarsh", 40.0, -75.0)


def graded(service: str, raw: dict[str, Any]) -> Answer:
    answer = read_answer(service, "label", THERE, raw, "12 Heron Lane")
    assert answer
    return answer


NUMBERED = {"house_number": "12", "road": "Heron Lane"}
LEVELS: list[tuple[str, dict[str, Any], Precision]] = [
    ("nominatim", {"place_rank": 30, "class": "building", "address": NUMBERED}, Precision.ROOFTOP),
    ("nominatim", {"place_rank": 30, "class": "amenity", "address": {"road": "Heron Lane"}}, Precision.STREET),
    ("nominatim", {"place_rank": 30, "type": "houses", "address": NUMBERED}, Precision.INTERPOLATED),
    ("nominatim", {"place_rank": 26, "class": "highway"}, Precision.STREET),
    ("nominatim", {"place_rank": 27, "class": "highway"}, Precision.STREET),
    ("nominatim", {"place_rank": 25, "class": "place"}, Precision.LOCALITY),
    ("nominatim", {"place_rank": 21, "type": "postcode"}, Precision.POSTCODE),
    ("nominatim", {"place_rank": 5, "addresstype": "postcode"}, Precision.POSTCODE),
    ("nominatim", {"place_rank": 19, "importance": 1.0}, Precision.LOCALITY),
    ("nominatim", {"place_rank": 13}, Precision.LOCALITY),
    ("nominatim", {"place_rank": 12}, Precision.REGION),
    ("nominatim", {"place_rank": 8}, Precision.REGION),
    ("nominatim", {"class": "building", "address": NUMBERED}, Precision.ROOFTOP),
    ("nominatim", {"class": "place"}, Precision.LOCALITY),
    ("nominatim", {}, Precision.LOCALITY),
    ("photon", {"properties": {"type": "house", "housenumber": "12"}}, Precision.ROOFTOP),
    ("photon", {"properties": {"type": "house", "name": "Blue Hall"}}, Precision.STREET),
    ("photon", {"properties": {"type": "street"}}, Precision.STREET),
    ("photon", {"properties": {"type": "city"}}, Precision.LOCALITY),
    ("photon", {"properties": {"type": "other", "osm_value": "postcode"}}, Precision.POSTCODE),
    ("photon", {"properties": {"type": "state"}}, Precision.REGION),
    ("photon", {}, Precision.LOCALITY),
    ("pelias", {"properties": {"layer": "address", "match_type": "exact"}}, Precision.ROOFTOP),
    ("pelias", {"properties": {"layer": "address", "match_type": "interpolated"}}, Precision.INTERPOLATED),
    ("pelias", {"properties": {"layer": "address", "match_type": "fallback"}}, Precision.STREET),
    ("pelias", {"properties": {"layer": "address", "accuracy": "centroid"}}, Precision.STREET),
    ("pelias", {"properties": {"layer": "street", "match_type": "fallback"}}, Precision.STREET),
    ("pelias", {"properties": {"layer": "postalcode", "confidence": 1}}, Precision.POSTCODE),
    ("pelias", {"properties": {"layer": "locality", "confidence": 1}}, Precision.LOCALITY),
    ("pelias", {"properties": {"layer": "region"}}, Precision.REGION),
    ("googlev3", {"geometry": {"location_type": "ROOFTOP"}}, Precision.ROOFTOP),
    ("googlev3", {"geometry": {"location_type": "ROOFTOP"}, "partial_match": True}, Precision.STREET),
    ("googlev3", {"geometry": {"location_type": "RANGE_INTERPOLATED"}}, Precision.INTERPOLATED),
    ("googlev3", {"geometry": {"location_type": "GEOMETRIC_CENTER"}, "types": ["route"]}, Precision.STREET),
    ("googlev3", {"geometry": {"location_type": "APPROXIMATE"}, "types": ["postal_code"]}, Precision.POSTCODE),
    ("googlev3", {"geometry": {"location_type": "APPROXIMATE"}, "types": ["locality"]}, Precision.LOCALITY),
    ("googlev3", {"types": ["administrative_area_level_1"]}, Precision.REGION),
    ("census", {"match": "Match", "match_type": "Exact"}, Precision.INTERPOLATED),
    ("arcgis", {"attributes": {"Addr_type": "PointAddress", "Score": 80}}, Precision.ROOFTOP),
    ("arcgis", {"attributes": {"Addr_type": "StreetAddress"}}, Precision.INTERPOLATED),
    ("arcgis", {"attributes": {"Addr_type": "StreetName", "Score": 100}}, Precision.STREET),
    ("arcgis", {"attributes": {"Addr_type": "Postal", "Score": 100}}, Precision.POSTCODE),
    ("arcgis", {"attributes": {"Addr_type": "Locality", "Score": 100}}, Precision.LOCALITY),
    ("moon", {"score": 1}, Precision.LOCALITY),
]


@pytest.mark.parametrize(("service", "raw", "precision"), LEVELS)
def test_the_grade_is_that_of_the_level_that_matched(service: str, raw: dict[str, Any], precision: Precision) -> None:
    assert graded(service, raw).precision == precision


@pytest.mark.parametrize(
    ("service", "raw", "score"),
    [
        ("pelias", {"properties": {"confidence": 0.9}}, 0.9),
        ("pelias", {"properties": {"confidence": True}}, None),
        ("arcgis", {"attributes": {"Score": 97}}, 0.97),
        ("nominatim", {"importance": 0.9}, None),
    ],
)
def test_a_vendors_score_is_only_kept_and_fame_is_not(service: str, raw: dict[str, Any], score: float | None) -> None:
    assert graded(service, raw).score == score


@pytest.mark.parametrize(
    ("label", "precision", "state", "code"),
    [
        ("12 Heron Lane, Saltmarsh, PA 19199, USA", Precision.STREET, "PA", "19199"),
        ("12 Heron Ln, Saltmarsh, Pennsylvania, 19199", Precision.STREET, "PA", "19199"),
        ("14 Heron Lane, Saltmarsh, PA", Precision.LOCALITY, "PA", ""),
        ("12 Oak Street, Saltmarsh", Precision.LOCALITY, "", ""),
        ("Saltmarsh, PA 19199", Precision.LOCALITY, "PA", "19199"),
        ("", Precision.LOCALITY, "", ""),
    ],
)
def test_a_service_that_is_not_known_is_read_by_its_label(
    label: str, precision: Precision, state: str, code: str
) -> None:
    answer = read_answer("moon", label, THERE, {}, "12 Heron Lane")
    assert answer
    assert (answer.precision, answer.state, answer.postal_code) == (precision, state, code)


def test_a_label_is_what_is_written_on_an_envelope() -> None:
    place = {
        "housenumber": "12",
        "street": "Heron Lane",
        "city": "Saltmarsh",
        "state": "Pennsylvania",
        "postcode": "19199",
    }
    assert graded("photon", {"properties": place}).label == "12 Heron Lane, Saltmarsh, Pennsylvania, 19199"
    assert graded("photon", {}).label == "label"


def test_the_capital_is_a_state_in_all_its_spellings_and_nowhere_is_no_place() -> None:
    for name in ("Washington, D.C.", "District of Columbia", "DC"):
        assert graded("photon", {"properties": {"state": name}}).state == "DC"
    assert graded("nominatim", {"address": {"ISO3166-2-lvl4": "US-PA", "state": "Pennsylvanie"}}).state == "PA"
    assert read_answer("photon", "label", Point(0, 0), {}, "12 Heron Lane") is None


@pytest.mark.parametrize("raw", [{}, {"address": None}, {"properties": []}, {"address_components": [None, {}]}])
@pytest.mark.parametrize("service", ["nominatim", "photon", "pelias", "googlev3", "census", "arcgis"])
def test_an_answer_with_holes_is_read_as_far_as_it_goes(service: str, raw: dict[str, Any]) -> None:
    assert graded(service, raw).street == ""


# --- agreement -----------------------------------------------------------------------------------------------------------

AGREEMENT: list[tuple[dict[str, Any], Review | None]] = [
    ({}, None),
    ({"street": "HERON LANE"}, None),
    ({"street": "Hern Lane"}, None),
    ({"postal_code": "", "state": ""}, None),
    ({"street": ""}, None),
    ({"number": "12A"}, None),
    ({"number": ""}, None),
    ({"point": None}, Review.TIE),
    ({"point": Point(50.0, -75.0)}, Review.OUTSIDE),
    ({"state": "NJ", "number": "14"}, Review.STATE),
    ({"postal_code": "19198", "street": "Oak Street"}, Review.POSTCODE),
    ({"precision": Precision.POSTCODE}, Review.COARSE),
    ({"precision": Precision.LOCALITY, "street": ""}, Review.COARSE),
    ({"street": "Oak Street", "number": "14"}, Review.STREET),
    ({"number": "14"}, Review.NUMBER),
]


@pytest.mark.parametrize(("given", "review"), AGREEMENT)
def test_number_zip_code_state_and_street_are_compared(given: dict[str, Any], review: Review | None) -> None:
    found = judged(QUESTION, replace(ANSWER, **given), "house", Bounds(39, -76, 41, -74))
    assert found.review == review
    assert found.is_good == (review is None)
    assert found.is_usable == (review in (None, Review.NUMBER))


def test_an_answer_without_the_number_is_a_street_and_no_disagreement() -> None:
    found = judged(QUESTION, replace(ANSWER, number=""), "house", None)
    assert (found.review, found.answer.precision) == (None, Precision.STREET)
    assert judged(QUESTION, replace(ANSWER, number="14"), "house", None).answer.precision == Precision.STREET
    assert judged(QUESTION, ANSWER, "house", None).answer.precision == Precision.ROOFTOP


def test_a_range_and_a_corner_agree_with_what_lies_in_them() -> None:
    block = replace(QUESTION, street="10-14 Heron Lane")
    assert judged(block, ANSWER, "house", None).review is None
    assert judged(block, replace(ANSWER, number="16"), "house", None).review == Review.NUMBER
    corner = replace(QUESTION, street="Oak Street & Heron Lane")
    assert judged(corner, replace(ANSWER, number=""), "house", None).review is None
    assert judged(corner, replace(ANSWER, street="Elm Street"), "house", None).review == Review.STREET


def test_abroad_neither_state_nor_postal_code_is_compared() -> None:
    abroad = replace(QUESTION, country="Canada", state="ON")
    assert judged(abroad, replace(ANSWER, postal_code="K0K 0K0"), "house", None).review is None


def test_of_two_answers_the_usable_and_then_the_finer_one_is_kept() -> None:
    town = judged(QUESTION, replace(ANSWER, precision=Precision.LOCALITY), "a", None)
    area = judged(QUESTION, replace(ANSWER, precision=Precision.POSTCODE), "b", None)
    near = judged(QUESTION, replace(ANSWER, number="14"), "c", None)
    assert better(None, town) is town
    assert better(town, area) is area
    assert better(area, town) is area
    assert better(area, near) is near
    assert better(near, replace(near, provider="d")).provider == "c"


# --- the cheap checks ----------------------------------------------------------------------------------------------------

NEXT = PlaceRow("postcode", "08001", "NJ", "Reedport", 40.0, -74.9)


@pytest.mark.parametrize(
    ("point", "area", "nearest", "review"),
    [
        (Point(40.05, -75.0), AREA, AREA, None),
        (Point(40.0, -74.9), AREA, NEXT, None),
        (Point(40.0, -74.0), AREA, NEXT, Review.STATE),
        (Point(40.0, -74.0), None, NEXT, Review.STATE),
        (Point(40.0, -74.0), None, None, Review.STATE),
        (Point(40.0, -74.0), None, AREA, None),
        (Point(41.0, -75.0), AREA, AREA, Review.POSTCODE),
        (Point(41.0, -75.0), replace(AREA, kind="locality"), AREA, Review.POSTCODE),
    ],
)
def test_a_point_is_compared_with_where_its_address_lies(
    point: Point, area: PlaceRow | None, nearest: PlaceRow | None, review: Review | None
) -> None:
    assert misplaced(point, "PA", area, nearest) == review


@pytest.mark.parametrize(
    ("lat", "area", "review"),
    [
        (40.1, AREA, None),
        (40.3, AREA, Review.POSTCODE),
        (40.3, replace(AREA, kind="locality"), Review.POSTCODE),
        (40.1, None, Review.POSTCODE),
    ],
)
def test_an_answer_without_the_zip_code_is_believed_close_by_alone(
    lat: float, area: PlaceRow | None, review: Review | None
) -> None:
    assert misplaced(Point(lat, -75.0), "PA", area, AREA, is_vouched=False) == review


def test_an_answer_vouches_for_itself_by_the_zip_code_that_was_asked() -> None:
    assert judged(QUESTION, ANSWER, "house", None).is_vouched
    assert not judged(QUESTION, replace(ANSWER, postal_code=""), "house", None).is_vouched
    assert not judged(replace(QUESTION, postal_code=""), ANSWER, "house", None).is_vouched


def test_a_point_beside_the_middle_of_its_area_needs_no_closer_look() -> None:
    assert is_surely_there(Point(40.05, -75.0), "PA", AREA)
    assert is_surely_there(Point(40.05, -75.0), "", AREA)
    assert not is_surely_there(Point(40.5, -75.0), "PA", AREA)
    assert not is_surely_there(Point(40.05, -75.0), "NJ", AREA)
    assert not is_surely_there(Point(40.05, -75.0), "PA", None)


def test_many_streets_make_a_middle_and_many_houses_of_one_do_not() -> None:
    assert is_centroid(["12 Heron Lane", "1 Oak Street", "5 Elm Avenue, Suite 3", "Ash Road"])
    assert not is_centroid([f"{number} Heron Lane" for number in range(20)])
    assert not is_centroid(["12 Heron Lane", "12 heron ln", "14 Heron Lane #2", "1 Oak Street", "1 Oak St.", ""])


def test_bounds_hold_what_lies_inside_also_across_the_date_line() -> None:
    assert Bounds(40, -76, 41, -75).hold(Point(40.5, -75.5))
    assert not Bounds(40, -76, 41, -75).hold(Point(40.5, -74.5))
    aleutians = Bounds(51, 172, 53, -170)
    assert aleutians.hold(Point(52, 179.6))
    assert aleutians.hold(Point(52, -175))
    assert not aleutians.hold(Point(52, -150))


def test_each_try_waits_four_times_as_long_as_the_one_before() -> None:
    waits = [next_try(tries, NOW) - NOW for tries in range(5)]
    assert waits == [timedelta(minutes=minutes) for minutes in (15, 15, 60, 240, 960)]
