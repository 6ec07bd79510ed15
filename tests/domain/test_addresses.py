"""Addresses are cleaned before anybody is asked about them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from directory.domain.addresses import (
    address_hash,
    are_alike,
    clean_street,
    crossing,
    house_numbers,
    questions,
    street_name,
    without_unit,
)
from directory.domain.listings import Address


def address(street: str | None = "12 Heron Lane", **more: Any) -> Address:
    return Address(**{"street": street, "city": "Saltmarsh", "state": "PA", "postal_code": "19199", **more})


CLEANED = [
    ("12 Heron Lane", "12 Heron Lane", "12 Heron Lane"),
    ("  12  Heron   Lane , ", "12 Heron Lane", "12 Heron Lane"),
    ("12 Heron Lane (upstairs)", "12 Heron Lane", "12 Heron Lane"),
    ("12 Heron Lane (enter by the yard", "12 Heron Lane", "12 Heron Lane"),
    ("12 Heron Lane [hall]", "12 Heron Lane", "12 Heron Lane"),
    ("12 Heron Lane upstairs", "12 Heron Lane", "12 Heron Lane"),
    ("12 Heron Lane, in the basement", "12 Heron Lane", "12 Heron Lane"),
    ("12 Heron Lane, lower level", "12 Heron Lane", "12 Heron Lane"),
    ("12 Heron Lane, rear door", "12 Heron Lane", "12 Heron Lane"),
    ("12 Heron Lane @ the Blue Hall, rear", "12 Heron Lane", "12 Heron Lane"),
    ("12 Rear Admiral Way", "12 Rear Admiral Way", "12 Rear Admiral Way"),
    ("12 Heron Lane Suite 4", "12 Heron Lane Suite 4", "12 Heron Lane"),
    ("12 Heron Lane, Ste. B", "12 Heron Lane, Ste. B", "12 Heron Lane"),
    ("12 Heron Lane #4", "12 Heron Lane #4", "12 Heron Lane"),
    ("12 Heron Lane Apt A-12", "12 Heron Lane Apt A-12", "12 Heron Lane"),
    ("12 Heron Lane, 2nd Floor", "12 Heron Lane, 2nd Floor", "12 Heron Lane"),
    ("12 Heron Lane, Floor 2", "12 Heron Lane, Floor 2", "12 Heron Lane"),
    ("12 Heron Lane, Bldg. C, Rm 101", "12 Heron Lane, Bldg. C, Rm 101", "12 Heron Lane"),
    ("12 Heron Lane, Rooms 5 & 6", "12 Heron Lane, Rooms 5 & 6", "12 Heron Lane"),
    ("12 Heron Lane - Suite 5", "12 Heron Lane - Suite 5", "12 Heron Lane"),
    ("Unit 5, 12 Heron Lane", "Unit 5, 12 Heron Lane", "12 Heron Lane"),
    ("Ste Genevieve Avenue", "Ste Genevieve Avenue", "Ste Genevieve Avenue"),
    ("12 Level Road", "12 Level Road", "12 Level Road"),
    ("8 Office Park Drive", "8 Office Park Drive", "8 Office Park Drive"),
    ("P.O. Box 12, 12 Heron Lane", "12 Heron Lane", "12 Heron Lane"),
    ("12 Heron Lane PO Box 5", "12 Heron Lane", "12 Heron Lane"),
    ("PO Box 12", "", ""),
    ("Post Office Box 12", "", ""),
    ("Box 7", "", ""),
    ("RR 2 Box 15", "", ""),
    ("TBD", "", ""),
    ("Online", "", ""),
    ("Confidential location", "", ""),
    ("12", "", ""),
    ("", "", ""),
]


@pytest.mark.parametrize(("written", "cleaned", "bare"), CLEANED)
def test_what_says_where_inside_is_cut_and_what_is_no_street_is_none(written: str, cleaned: str, bare: str) -> None:
    assert clean_street(written) == cleaned
    assert without_unit(cleaned) == bare


PIECES = st.sampled_from(
    "12 Heron Lane Suite 4 # ( ) @ hall , ; - & and upstairs P.O. PO Box rear floor 2nd Fl Bldg. C [ ] / corner of in the RR".split()
)


@settings(max_examples=100, deadline=None)
@given(st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=12).map(" ".join)))
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    once = clean_street(text)
    assert clean_street(once) == once
    assert without_unit(without_unit(once)) == without_unit(once)


@pytest.mark.parametrize(
    ("street", "meeting"),
    [
        ("corner of Oak & Elm", "Oak & Elm"),
        ("NW Corner of 5th and Main Street", "5th & Main Street"),
        ("Corner Oak at Elm", "Oak & Elm"),
        ("Oak Street / Elm Avenue", "Oak Street & Elm Avenue"),
        ("5th & Vine", "5th & Vine"),
        ("Hope and Light Church", ""),
        ("12 Oak & Vine Street", ""),
        ("Oak Street", ""),
        ("Oak & Elm & Ash Street", ""),
    ],
)
def test_two_streets_that_meet_are_told_from_a_name_with_an_and_in_it(street: str, meeting: str) -> None:
    assert crossing(street) == meeting


def asked(**given: Any) -> list[tuple[str, str]]:
    return [(each.attempt, each.text) for each in questions(address(**given))]


def test_an_address_is_asked_for_in_full_and_then_without_its_unit() -> None:
    tail = "Saltmarsh, PA 19199"
    assert asked() == [("full", f"12 Heron Lane, {tail}")]
    assert asked(street="12 Heron Lane, Suite 4") == [
        ("full", f"12 Heron Lane, Suite 4, {tail}"),
        ("without-unit", f"12 Heron Lane, {tail}"),
    ]
    assert asked(street_2="Suite 4") == [
        ("full", f"12 Heron Lane, Suite 4, {tail}"),
        ("without-unit", f"12 Heron Lane, {tail}"),
    ]
    assert asked(street_2="The Blue Hall") == [("full", f"12 Heron Lane, {tail}")]
    assert asked(street="corner of Oak & Elm") == [("intersection", f"Oak & Elm, {tail}")]
    assert asked(state="Pennsylvania", postal_code=None) == [("full", "12 Heron Lane, Saltmarsh, PA")]
    assert asked(postal_code="1234-5678")[0][1].endswith("PA 01234")


def test_what_names_no_street_or_no_place_is_not_asked_for() -> None:
    assert asked(street="PO Box 12") == asked(street=None) == asked(street="TBD") == []
    assert asked(city=None, postal_code=None) == asked(state=None, postal_code=None) == []
    assert asked(city=None) == [("full", "12 Heron Lane, PA 19199")]


def test_an_address_abroad_names_its_country_and_is_not_at_home() -> None:
    abroad = address(city="Fernhaven", state="ON", postal_code="K0K  0K0", country="CA")
    (question,) = questions(abroad)
    assert question.text == "12 Heron Lane, Fernhaven, ON K0K 0K0, Canada"
    assert not question.is_at_home
    assert address_hash(abroad) != address_hash(address(city="Fernhaven", state="ON", postal_code=None, country="CA"))
    assert questions(address())[0].is_at_home


@pytest.mark.parametrize(
    "other",
    [
        {"street": "12 heron ln"},
        {"street": "12 Heron Lane, Suite 4"},
        {"street": "12 Heron Lane (upstairs)"},
        {"street_2": "Floor 2"},
        {"state": "Pennsylvania"},
        {"postal_code": "19199-1234"},
        {"city": "SALTMARSH"},
    ],
)
def test_one_building_has_one_hash_however_it_is_written(other: dict[str, Any]) -> None:
    assert address_hash(address(**other)) == address_hash(address())


@pytest.mark.parametrize(
    "other", [{"street": "14 Heron Lane"}, {"city": "Farshore"}, {"postal_code": "19198"}, {"state": "NJ"}]
)
def test_another_building_has_another_hash(other: dict[str, Any]) -> None:
    assert address_hash(address(**other)) != address_hash(address())
    assert len(address_hash(address(**other))) == 32


@pytest.mark.parametrize(
    ("street", "numbers"),
    [
        ("12 Heron Lane", [12]),
        ("12B Heron Lane", [12]),
        ("12 1/2 Heron Lane", [12]),
        ("100-104 Heron Lane", [100, 101, 102, 103, 104]),
        ("37-10 Heron Lane", [3710]),
        ("5th Avenue", None),
        ("Heron Lane", None),
        ("", None),
    ],
)
def test_house_numbers_are_read_with_their_ranges(street: str, numbers: list[int] | None) -> None:
    found = house_numbers(street)
    assert (list(found) if found else None) == numbers


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("12 Heron Lane", "HERON LN", True),
        ("12 Hern Lane", "Heron Lane", True),
        ("12 N Main St", "Main Street", True),
        ("12 Fifth Avenue", "5th Ave", True),
        ("12 5th Avenue", "6th Avenue", False),
        ("12 Heron Lane", "Oak Lane", False),
        ("12 Oak Lane", "Elm Lane", False),
    ],
)
def test_streets_are_compared_by_name(one: str, other: str, alike: bool) -> None:
    assert are_alike(one, other) is alike
    assert are_alike(other, one) is alike


def test_the_houses_of_a_street_share_its_name() -> None:
    assert street_name("12 Heron Lane") == street_name("104-106 heron ln.") == "heron ln"
