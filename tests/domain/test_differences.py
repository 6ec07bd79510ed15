from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from directory.domain.differences import differences, names_of, published, taken_back, with_values
from directory.domain.geo import Point
from directory.domain.listings import Capacity, ListingDraft, Status
from directory.storage.encoding import draft_from_json, draft_to_json, dumps
from tests.factories import draft, meeting


def words(made: ListingDraft) -> dict[str, Any]:
    """A draft as it is kept."""
    found = json.loads(dumps(draft_to_json(made)))
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({}, []),
        ({"name": "Other"}, ["name"]),
        ({"windows": (meeting(1, "19:30"),)}, ["windows"]),
        ({"description": "Ring."}, ["description"]),
        ({"care": ()}, ["care"]),
        ({"status": Status.INACTIVE}, ["status"]),
        ({"street": "14 Heron Lane", "city": "Farshore"}, ["address.city", "address.street"]),
        ({"point": None}, ["address.point"]),
        ({"point": Point(40.02, -75.0)}, ["address.point"]),
        ({"point": Point(40.0101, -75.0)}, []),
        ({"street": "12 HERON LN."}, []),
        ({"source_url": "https://list.example.org/1"}, []),
    ],
)
def test_what_makes_it_another_listing_is_named_and_a_geocoders_rewriting_is_not(
    given: dict[str, Any], names: list[str]
) -> None:
    assert sorted(published(differences(words(draft()), words(draft(**given))))) == names


@pytest.mark.parametrize(("available", "names"), [(None, []), (3, ["capacities"])])
def test_the_date_of_a_list_of_licences_says_nothing_and_that_of_a_report_of_openings_does(
    available: int | None, names: list[str]
) -> None:
    told = [Capacity("bed", available, 20, datetime(2026, 3, day, tzinfo=UTC)) for day in (1, 2)]
    found = differences(*(words(draft("a", capacities=(each,))) for each in told))
    assert list(found) == ["capacities"]
    assert list(published(found)) == names


def test_an_unpublished_difference_is_no_other_listing_and_is_taken_back_all_the_same() -> None:
    before, after = words(draft("a")), words(replace(draft("b"), source_url="https://list.example.org/b"))
    found = differences(before, after)
    assert (sorted(found), published(found), names_of(found)) == (["key", "source_url"], {}, [])
    assert taken_back(after, found) == (before, [])


@pytest.mark.parametrize(
    "given",
    [
        {"name": "Other", "windows": (), "care": ("detox",), "point": None, "street_2": "Room 2", "fees": "none"},
        {"description": "Ring.", "minimum_age": 18, "approximate": True},
        {},
    ],
)
def test_taking_back_all_differences_gives_what_was_before(given: dict[str, Any]) -> None:
    before, after = words(draft(fees="some")), words(draft(**{"fees": "some"} | given))
    back, kept = taken_back(after, differences(before, after))
    assert (back, kept) == (before, [])
    assert draft_from_json(back) == draft(fees="some")


def test_what_has_been_changed_since_stays_and_is_named() -> None:
    before, after = words(draft(name="First", fees="some")), words(draft(name="Second", fees="none"))
    now = with_values(after, {"name": "Third"})
    assert taken_back(now, differences(before, after)) == ({**before, "name": "Third"}, ["name"])


def test_a_value_of_none_takes_a_field_away_and_nothing_that_was_given_is_touched() -> None:
    given = words(draft(fees="some"))
    kept = json.loads(json.dumps(given))
    made = with_values(given, {"fees": None, "address.street": "1 Far Street"})
    assert (made.get("fees"), made["address"]["street"]) == (None, "1 Far Street")
    assert given == kept
