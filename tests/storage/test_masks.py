from __future__ import annotations

import pytest

from directory.domain.schedule import Change
from directory.domain.taxonomy import ATTENDANCE, FACETS, PROGRAMS
from directory.storage import masks
from tests.factories import draft, meeting

PLACES = {
    "care": 2, "pay": 12, "people": 20, "medication": 34, "access": 38,
    "care?": 42, "pay?": 43, "people?": 44, "medication?": 45, "access?": 46, "language?": 47,
}  # fmt: skip
"""Where each facet's values begin, and the bits that say "known": stored in every row, so they must never move."""


def test_every_value_has_a_bit_of_its_own_and_all_fit_a_bigint() -> None:
    bits = [masks.IN_PERSON, masks.ONLINE, masks.HOURS_KNOWN, masks.DATED, masks.OTHER_TIMES]
    bits += [masks.of_values(facet, [value]) for facet, values in FACETS.items() for value in values]
    bits += [masks.known(facet) for facet in (*FACETS, "language")]
    assert all(bit.bit_count() == 1 for bit in bits)
    assert len(set(bits)) == len(bits)
    assert max(bits) < 1 << 63


def test_the_bits_stand_where_stored_rows_have_them() -> None:
    firsts = {facet: masks.of_values(facet, values[:1]) for facet, values in FACETS.items()}
    known = {f"{facet}?": masks.known(facet) for facet in (*FACETS, "language")}
    assert {name: bit.bit_length() - 1 for name, bit in (firsts | known).items()} == PLACES
    assert (masks.IN_PERSON, masks.ONLINE, masks.HOURS_KNOWN) == (1, 2, 1 << 48)


@pytest.mark.parametrize("facet", FACETS)
def test_a_listing_has_the_bits_of_its_values_and_that_they_are_known(facet: str) -> None:
    silent = masks.of_listing(draft())
    for values in ((), FACETS[facet][:1], FACETS[facet]):
        expected = silent | masks.known(facet) | masks.of_values(facet, values)
        assert masks.of_listing(draft(**{facet: values})) == expected
    assert silent & masks.known(facet) == 0


@pytest.mark.parametrize(
    ("way", "bits"),
    [
        ("in-person", masks.IN_PERSON),
        ("online", masks.ONLINE),
        ("hybrid", masks.IN_PERSON | masks.ONLINE),
        (None, masks.IN_PERSON),
    ],
)
def test_a_listing_that_does_not_say_how_it_meets_is_a_place_to_go_to(way: str | None, bits: int) -> None:
    assert masks.of_listing(draft(attendance=way)) & (masks.IN_PERSON | masks.ONLINE) == bits


@pytest.mark.parametrize(
    "asked", [("in-person",), ("online",), ("hybrid",), ATTENDANCE, ("online", "hybrid"), ("in-person", "hybrid")]
)
@pytest.mark.parametrize("way", ATTENDANCE)
def test_a_hybrid_listing_counts_for_both_ways(asked: tuple[str, ...], way: str) -> None:
    bits, all_needed = masks.of_attendance(asked)
    has = masks.of_listing(draft(attendance=way))
    found = has & bits == bits if all_needed else has & bits != 0
    assert found is (way in asked or (way == "hybrid" and bool({"in-person", "online"}.intersection(asked))))


@pytest.mark.parametrize(
    ("given", "bits"),
    [
        ({"windows": ()}, 0),
        ({}, masks.HOURS_KNOWN),
        ({"windows": (meeting(1, "19:00", week=2),)}, masks.HOURS_KNOWN | masks.DATED),
        ({"changes": (Change(holiday="christmas"),)}, masks.HOURS_KNOWN | masks.DATED),
        (
            {"changes": (Change(holiday="christmas", windows=((600, 60),)),)},
            masks.HOURS_KNOWN | masks.DATED | masks.OTHER_TIMES,
        ),
    ],
)
def test_a_listing_says_whether_the_database_alone_can_tell_its_times(given: dict[str, object], bits: int) -> None:
    assert masks.of_listing(draft(**given)) & (masks.HOURS_KNOWN | masks.DATED | masks.OTHER_TIMES) == bits


def test_languages_are_known_or_not() -> None:
    assert masks.of_listing(draft(languages=("es",))) & masks.known("language")
    assert not masks.of_listing(draft(languages=None)) & masks.known("language")


def test_fellowships_have_numbers_that_differ_and_none_has_zero() -> None:
    assert [masks.program_number(program) for program in PROGRAMS] == list(range(1, len(PROGRAMS) + 1))
    assert masks.program_number(None) == 0
    assert PROGRAMS[:3] == ("aa", "na", "smart")
