"""What a visitor types is understood, and nothing is read into it that it does not say."""

from __future__ import annotations

import pytest

from directory.domain.listings import Address
from directory.domain.places import STATES, PlaceQuery, PlaceRow, parse, place_key, query_of, state_code

TYPED = [
    ("19107", PlaceQuery("19107")),
    (" 19107 ", PlaceQuery("19107")),
    ("19107-1234", PlaceQuery("19107")),
    ("191071234", PlaceQuery("19107")),
    ("19107 1234", PlaceQuery("19107")),
    ("Burlington, VT", PlaceQuery(city="Burlington", state="VT")),
    ("Burlington,VT", PlaceQuery(city="Burlington", state="VT")),
    ("burlington vt", PlaceQuery(city="burlington", state="VT", whole="burlington vt")),
    ("Burlington Vermont", PlaceQuery(city="Burlington", state="VT", whole="Burlington Vermont")),
    ("Burlington, Vermont", PlaceQuery(city="Burlington", state="VT")),
    ("Burlington", PlaceQuery(city="Burlington")),
    ("Winston-Salem, NC", PlaceQuery(city="Winston-Salem", state="NC")),
    ("Carson City, Nev.", PlaceQuery(city="Carson City", state="NV")),
    ("Washington, D.C.", PlaceQuery(city="Washington", state="DC")),
    ("Elk Hollow, ZZ", PlaceQuery(city="Elk Hollow", state="ZZ")),
    ("St. Croix, U.S. Virgin Islands", PlaceQuery(city="St. Croix", state="VI")),
    ("San Juan, 00901, Puerto Rico", PlaceQuery("00901", "San Juan", "PR")),
    ("05401 Burlington, VT", PlaceQuery("05401", "Burlington", "VT")),
    ("05819 St. Johnsbury, VT", PlaceQuery("05819", "St. Johnsbury", "VT")),
    ("Woodlyn, Delaware County, PA 19094", PlaceQuery("19094", "Woodlyn", "PA")),
    ("Bucks County, PA", PlaceQuery(city="Bucks County", state="PA")),
    ("", PlaceQuery()),
    (" ,, ; ", PlaceQuery()),
]

ADDRESSES = [
    ("1937 MacDade Blvd, Woodlyn, PA 19094, USA", PlaceQuery("19094", "Woodlyn", "PA", "1937 MacDade Blvd")),
    ("12345 Main St, Burlington, VT", PlaceQuery("", "Burlington", "VT", "12345 Main St")),
    (
        "100 Main St, Suite 5, Burlington, VT 05401-1234",
        PlaceQuery("05401", "Burlington", "VT", "100 Main St, Suite 5"),
    ),
    ("12 Main St, Burlington", PlaceQuery(city="Burlington", street="12 Main St")),
    (
        "12345 Main St Burlington VT",
        PlaceQuery("", "Burlington", "VT", "12345 Main St", whole="12345 Main St Burlington VT"),
    ),
    (
        "100 Main St St Johnsbury VT 05819",
        PlaceQuery("05819", "St Johnsbury", "VT", "100 Main St", whole="100 Main St St Johnsbury VT"),
    ),
]


@pytest.mark.parametrize(("text", "asked"), TYPED)
def test_a_town_or_zip_code_is_understood_in_the_ways_people_write_it(text: str, asked: PlaceQuery) -> None:
    assert parse(text) == asked


@pytest.mark.parametrize(("text", "asked"), ADDRESSES)
def test_the_street_of_an_address_is_set_aside_and_its_number_is_no_zip_code(text: str, asked: PlaceQuery) -> None:
    assert parse(text) == asked


@pytest.mark.parametrize(
    ("text", "city", "state"),
    [
        ("New York", "New York", "NY"),
        ("New York, New York", "New York", "NY"),
        ("Vermont", "Vermont", "VT"),
        ("PA", "PA", "PA"),
        ("West Virginia", "West Virginia", "WV"),
        ("Charleston West Virginia", "Charleston", "WV"),
        ("Kansas City", "Kansas City", ""),
        ("Kansas City Kansas", "Kansas City", "KS"),
    ],
)
def test_a_name_of_a_state_is_told_from_a_town_that_has_it_in_its_name(text: str, city: str, state: str) -> None:
    asked = parse(text)
    assert (asked.city, asked.state) == (city, state)


def test_a_town_that_ends_in_the_name_of_a_state_is_kept_whole_as_well() -> None:
    asked = parse("Port Washington")
    assert (asked.city, asked.state, asked.whole) == ("Port", "WA", "Port Washington")
    assert parse("Port Washington, NY") == PlaceQuery(city="Port Washington", state="NY")


@pytest.mark.parametrize(
    ("text", "region"),
    [("Burlington, Ontario", "Ontario"), ("Burlington, Vermnt", "Vermnt"), ("Toronto, ON M5V 2T6, Canada", "Canada")],
)
def test_what_stands_where_a_state_should_is_kept_apart(text: str, region: str) -> None:
    asked = parse(text)
    assert (asked.region, asked.state, asked.postal_code) == (region, "", "")


@pytest.mark.parametrize("text", ["39.9487,-75.1593", "3.14159 19107.5", "room 191070"])
def test_other_numbers_are_not_taken_for_zip_codes(text: str) -> None:
    assert parse(text).postal_code == ""


def test_of_a_very_long_text_the_end_is_read_and_quickly() -> None:
    assert parse("1 " + "very long street " * 5_000 + ", Woodlyn, PA 19094").postal_code == "19094"
    assert parse("1 st " * 100_000).postal_code == ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("O'Fallon", "O Fallon"),
        ("OFallon", "o fallon"),
        ("St. Johnsbury", "Saint Johnsbury"),
        ("Sault Ste. Marie", "Sault Sainte Marie"),
        ("Mt. Vernon", "Mount Vernon"),
        ("Ft Myers Bch", "Fort Myers Beach"),
        ("N. Charleston", "North Charleston"),
        ("Winston-Salem", "WINSTON SALEM"),
        ("Cañon City", "Canon City"),
        ("The Bronx", "Bronx"),
        ("Freehold Twp", "Freehold Township"),
    ],
)
def test_spellings_of_one_name_have_one_key(one: str, other: str) -> None:
    assert place_key(one) == place_key(other) != ""


@pytest.mark.parametrize(
    ("one", "other"), [("Stratford", "Saintratford"), ("The", ""), ("N", "North"), ("Eaton", "Easton")]
)
def test_letters_within_a_word_are_no_abbreviation(one: str, other: str) -> None:
    assert place_key(one) != place_key(other)


def test_states_are_known_by_code_and_name_and_nothing_else_is_one() -> None:
    assert len(STATES) == 59
    assert all(state_code(code.lower()) == state_code(name.upper()) == code for code, name in STATES.items())
    assert [state_code(text) for text in ("N.Y.", "Penna.", "zz", "AE", "Ontario", "")] == [
        "NY",
        "PA",
        "ZZ",
        "",
        "",
        "",
    ]


@pytest.mark.parametrize(
    ("address", "asked"),
    [
        (Address(city="Barre", state="VT", postal_code="5641"), PlaceQuery("05641", "Barre", "VT")),
        (Address(city="Barre", state="Vermont", postal_code="05641-0012"), PlaceQuery("05641", "Barre", "VT")),
        (Address(city="Adjuntas", state="PR", postal_code="601"), PlaceQuery("00601", "Adjuntas", "PR")),
        (
            Address(street="5 Elm St", city="Toronto", state="ON", postal_code="M5V 2T6"),
            PlaceQuery("", "Toronto", "", "5 Elm St", "ON"),
        ),
        (Address(city="Paris", country="FR"), PlaceQuery(city="Paris", region="FR")),
        (Address(), PlaceQuery()),
    ],
)
def test_an_address_is_looked_up_by_its_parts(address: Address, asked: PlaceQuery) -> None:
    assert query_of(address) == asked


def test_what_was_looked_up_can_be_said_in_words() -> None:
    assert parse("1937 MacDade Blvd, Woodlyn, Pennsylvania 19094").text == "Woodlyn, PA 19094"
    assert [parse(text).text for text in ("19094", "Burlington", "Burlington, Vermnt")] == [
        "19094",
        "Burlington",
        "Burlington, Vermnt",
    ]


def test_a_place_is_labelled_as_on_an_envelope() -> None:
    assert PlaceRow("postcode", "19107", "PA", "Philadelphia", 39.9487, -75.1593).label == "Philadelphia, PA 19107"
    assert PlaceRow("locality", "burlington", "VT", "Burlington", 44.48, -73.22).label == "Burlington, VT"
