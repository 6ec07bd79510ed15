"""Addresses in the forms that feeds really use, here with invented streets."""

from __future__ import annotations

import pytest

from directory.formats.addresses import (
    Parts,
    canadian_postal_code,
    country_code,
    foreign_postal_code,
    split_address,
    state_code,
    us_zip,
    without_aside,
)


@pytest.mark.parametrize(
    ("written", "parts"),
    [
        (
            "1937 West Juniper Boulevard, Woodend, PA 19094, USA",
            Parts("1937 West Juniper Boulevard", None, None, "Woodend", "PA", "19094", "US"),
        ),
        (
            "8318 104 St, Fairmont, Alberta, T6E 4E8, Canada",
            Parts("8318 104 St", None, None, "Fairmont", "AB", "T6E 4E8", "CA"),
        ),
        (
            "15108 76 Ave , Fairmont , Alberta, T5R2Z9, Canada",
            Parts("15108 76 Ave", None, None, "Fairmont", "AB", "T5R 2Z9", "CA"),
        ),
        ("2203 Harmony rd. Elverdon, PA. 19520", Parts("2203 Harmony rd.", None, None, "Elverdon", "PA", "19520")),
        ("2632 Dicker St. Cedar Falls PA 19146", Parts("2632 Dicker St.", None, None, "Cedar Falls", "PA", "19146")),
        (
            "26 Chester Ave Upper Woods, PA  19061 United States",
            Parts("26 Chester Ave", None, None, "Upper Woods", "PA", "19061", "US"),
        ),
        ("100 5th Ave NW Cedar Falls, DC 20001", Parts("100 5th Ave NW", None, None, "Cedar Falls", "DC", "20001")),
        ("12 Main St. St. Paul, MN 55101", Parts("12 Main St.", None, None, "St. Paul", "MN", "55101")),
        ("3800 Vaux St, Cedar Falls, PA 19129", Parts("3800 Vaux St", None, None, "Cedar Falls", "PA", "19129")),
        (
            "979 West Line Road, Hatbury, PA, 19040-1234, USA",
            Parts("979 West Line Road", None, None, "Hatbury", "PA", "19040", "US"),
        ),
        (
            "800 Easton Road, #7, Oldtown, PA 18902, USA",
            Parts("800 Easton Road", "#7", None, "Oldtown", "PA", "18902", "US"),
        ),
        (
            "Pine State Park, North entrance, 62 Josh Rd, Oldtown, PA 19034, USA",
            Parts("62 Josh Rd", None, "Pine State Park, North entrance", "Oldtown", "PA", "19034", "US"),
        ),
        (
            "Lane & Station Avenue, Oldtown, PA, 19020, USA",
            Parts("Lane & Station Avenue", None, None, "Oldtown", "PA", "19020", "US"),
        ),
        ("Cedar Falls, PA, USA", Parts(None, None, None, "Cedar Falls", "PA", None, "US")),
        (
            "Fairmont, Alberta, Canada , Fairmont, Alberta, Canada",
            Parts(None, None, None, "Fairmont", "AB", None, "CA"),
        ),
        ("New York, NY, USA", Parts(None, None, None, "New York", "NY", None, "US")),
        ("100 Main St NE", Parts("100 Main St NE")),
        ("100 Main St NE, PA 19106", Parts("100 Main St NE", None, None, None, "PA", "19106")),
        ("100 Main St Apt 4, PA 19106", Parts("100 Main St Apt 4", None, None, None, "PA", "19106")),
        ("100 Main St Upstairs", Parts("100 Main St Upstairs")),
        ("51st & Wornall,  ", Parts("51st & Wornall")),
        ("USA", Parts(country="US")),
        (" , ,", Parts()),
    ],
)
def test_an_address_on_one_line_comes_apart(written: str, parts: Parts) -> None:
    assert split_address(written) == parts


@pytest.mark.parametrize(
    ("written", "cut"),
    [
        ("3 Elm Street @ the corner", "3 Elm Street"),
        ("3 Elm Street @ Oak, Oldtown, MA", "3 Elm Street, Oldtown, MA"),
        ("@ 3 Elm Street", "3 Elm Street"),
        ("3 Elm Street", "3 Elm Street"),
    ],
)
def test_what_follows_an_at_sign_is_no_address(written: str, cut: str) -> None:
    assert without_aside(written) == cut


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("PA", "PA"),
        ("pa.", "PA"),
        ("Pennsylvania", "PA"),
        ("D.C.", "DC"),
        ("Québec", "QC"),
        ("British Columbia", "BC"),
        ("Bavaria", None),
    ],
)
def test_states_and_provinces_have_codes(text: str, code: str | None) -> None:
    assert state_code(text) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("5641", "05641"),
        ("501", "00501"),
        ("19094", "19094"),
        ("19094-1234", "19094"),
        ("190941234", "19094"),
        ("56410012", "05641"),
        ("5641.0", "05641"),
        ("PA 19094", "19094"),
        ("T6E 4E8", None),
        ("12", None),
        ("", None),
    ],
)
def test_a_zip_code_gets_its_zeros_back(text: str, code: str | None) -> None:
    assert us_zip(text) == code


@pytest.mark.parametrize(
    ("text", "state", "code"),
    [
        ("1960", "MA", "01960"),
        ("1960.0", "MA", "01960"),
        ("7030", "NJ", "07030"),
        ("601", "PR", "00601"),
        ("6390", "NY", "06390"),
        ("19600000", "MA", "01960"),
        ("1960", "PA", None),
        ("601", "MA", None),
        ("19600000", "PA", None),
        ("01960", "PA", "01960"),
        ("1960", "ON", "01960"),
        ("19801-", "DE", "19801"),
        ("19801 - 0000", "DE", "19801"),
        ("198010000", "DE", "19801"),
        ("198010000.0", "DE", "19801"),
    ],
)
def test_zeros_come_back_only_where_the_state_has_such_codes(text: str, state: str, code: str | None) -> None:
    assert us_zip(text, state) == code


def test_postal_codes_of_other_countries_are_kept() -> None:
    assert canadian_postal_code("t6e4e8") == "T6E 4E8"
    assert canadian_postal_code("19094") is None
    assert foreign_postal_code("sw1a 1aa") == "SW1A 1AA"
    assert foreign_postal_code("see notes!") is None


def test_countries_are_known_by_code_and_by_name() -> None:
    given = ("USA", "us", "U.S.A.", "Canada", "UK", "France", "Freedonia")
    assert [country_code(name) for name in given] == ["US", "US", "US", "CA", "GB", "FR", None]
