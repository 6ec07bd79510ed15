from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from directory.domain.geo import Point
from directory.domain.listings import LONGEST_KEY, fold, natural_key, slug_for, squeeze, street_key
from tests.factories import draft, meeting


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Château  d'Été!", "chateau d ete"),
        ("  St. John's—Hall ", "st john s hall"),
        ("ÑANDÚ #5", "nandu 5"),
        ("Straße", "strasse"),
        ("12-Step", "12 step"),
        ("日本語 – ПРИВЕТ", "日本語 привет"),
        ("", ""),
    ],
)
def test_words_are_compared_without_case_accents_and_signs(text: str, expected: str) -> None:
    assert fold(text) == expected


def test_names_are_keyed_without_blanks() -> None:
    assert squeeze("O'Fallon") == squeeze("O Fallon") == squeeze("OFALLON") == "ofallon"


def test_a_slug_reads_as_name_and_city_and_ends_in_what_its_key_makes() -> None:
    slug = slug_for("world", "lamp", "Quiet Lamp Group", "Saltmarsh")
    assert re.fullmatch(r"quiet-lamp-group-saltmarsh-[a-z2-7]{8}", slug)
    assert slug_for("world", "lamp", "Quiet Lamp Group", None) == slug.replace("-saltmarsh", "")


def test_a_slug_is_the_same_at_every_import_and_differs_by_source_and_key() -> None:
    assert slug_for("a", "k", "Name") == slug_for("a", "k", "Name")
    assert len({slug_for(source, key, "Name") for source in ("a", "b") for key in ("k", "l")}) == 4


def test_the_address_of_a_listing_ends_in_chance_where_it_is_given() -> None:
    slug = slug_for("world", "1 oak st", "Safe Reeds", chance=b"abcde")
    assert (
        slug
        == slug_for("feed", "2 elm st", "Safe Reeds", chance=b"abcde")
        != slug_for("world", "1 oak st", "Safe Reeds")
    )


@pytest.mark.parametrize("name", ["日本語", "!!!", "", "x" * 300, "-" * 70 + "a", "a " * 200])
def test_any_name_makes_a_slug_that_fits_an_address(name: str) -> None:
    slug = slug_for("world", "lamp", name)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug)
    assert len(slug) <= 100


def test_letters_of_other_scripts_are_kept_as_words_but_not_in_addresses() -> None:
    assert fold("Группа «Надежда», Öst") == "группа надежда ost"
    assert slug_for("feed", "1", "Группа Hope") == slug_for("feed", "1", "Hope")


# --- known again by what it is ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("12 Heron Lane", "12 HERON LN."),
        ("12 North Heron Street", "12 N Heron St"),
        ("1 Court Place, Suite 4", "1 ct pl ste 4"),
    ],
)
def test_a_street_is_one_street_however_it_is_spelled(one: str, other: str) -> None:
    assert street_key(one) == street_key(other)


@pytest.mark.parametrize(
    "given",
    [
        {"key": "id77"},
        {"name": "QUIET lamp  group!"},
        {"street": "12 HERON LN."},
        {"postal_code": "19199-0001"},
        {"point": Point(40.02, -75.0)},
        {"description": "Ring twice.", "attendance": "hybrid", "program": "na"},
        {"windows": (meeting(1, "19:00", 90),)},
    ],
)
def test_a_listing_is_known_again_by_its_name_place_day_and_time_alone(given: dict[str, Any]) -> None:
    assert natural_key(draft(**given)) == natural_key(draft())


@pytest.mark.parametrize(
    "given",
    [
        {"name": "Loud Lamp Group"},
        {"street": "14 Heron Lane"},
        {"city": "Farshore"},
        {"windows": (meeting(2, "19:00"),)},
        {"windows": (meeting(1, "19:30"),)},
        {"windows": (meeting(1, "19:00", week=2),)},
        {"windows": (meeting(1, "19:00"), meeting(2, "19:00"))},
    ],
)
def test_another_name_place_day_or_time_is_another_listing(given: dict[str, Any]) -> None:
    assert natural_key(draft(**given)) != natural_key(draft())


def test_days_have_no_order_and_a_place_without_a_street_is_its_point_or_where_one_joins() -> None:
    windows = (meeting(1, "19:00"), meeting(3, "19:00"))
    assert natural_key(draft(windows=windows)) == natural_key(draft(windows=windows[::-1]))
    bare = {"street": None, "city": None, "postal_code": None}
    here, near, far = (natural_key(draft(**bare, point=Point(lat, -75))) for lat in (40.001, 40.002, 40.1))
    assert here == near != far
    online = draft(**bare, attendance="online", conference_url="https://zoom.us/j/1")
    assert natural_key(online) != natural_key(replace(online, conference_url="https://zoom.us/j/2"))


def test_a_long_key_is_cut_and_still_told_apart() -> None:
    keys = {natural_key(draft(name="lamp " * 50, street="heron " * 40 + end)) for end in ("1", "2")}
    assert len(keys) == 2
    assert {len(key) for key in keys} == {LONGEST_KEY}
