"""Two listings are suggested to be one by what they share, and never where they are surely two."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from directory.domain.duplicates import NEAR_MILES, Traits, keys, likeness
from directory.domain.geo import Point, distance_miles

HERE, A_FEW_STEPS_AWAY, TWO_STREETS_AWAY = Point(40.01, -75.0), Point(40.011, -75.0), Point(40.02, -75.0)
MONDAY, WEDNESDAY = (0, 1440 + 1140), (0, 3 * 1440 + 1140)
ADDRESS = {"building": "ab", "street": "12 Heron Lane", "city": "Saltmarsh", "state": "PA", "point": HERE}
NOWHERE = {"building": "", "street": "", "city": "", "state": "", "point": None}
CLINIC = Traits(1, "treatment", "Far Shore Clinic", 1, phones=frozenset({"5555550100"}), **ADDRESS)
GROUP = Traits(1, "meeting", "Quiet Lamp Group", 1, program="aa", times=frozenset({MONDAY}), **ADDRESS)


def other(one: Traits, **given: Any) -> Traits:
    """The same of another source, but for what is given."""
    return replace(one, **{"id": 2, "source": 2, **given})


LATER = {"times": frozenset({WEDNESDAY})}
ELSEWHERE = {"building": "cd", "street": "9 Oak Street", "point": TWO_STREETS_AWAY}
CLOSE = {"building": "cd", "street": "Heron Ln & Oak St", "point": A_FEW_STEPS_AWAY}
ONLINE = {"is_online": True, "link": "https://meet.example.org/1", **NOWHERE}
NO_PHONE = {"phones": frozenset[str]()}

SHARED: list[tuple[Traits, Traits, float, set[str]]] = [
    (CLINIC, other(CLINIC), 0.95, {"name", "street", "phone"}),
    (CLINIC, other(CLINIC, name="FAR SHORE CLÍNIC", **NO_PHONE), 0.7, {"name", "street"}),
    (CLINIC, other(CLINIC, name="The Far Shore Clinic Center, Inc."), 0.8, {"alike", "street", "phone"}),
    (CLINIC, other(CLINIC, name="Far Shore Klinic", **NO_PHONE), 0.55, {"alike", "street"}),
    (CLINIC, other(CLINIC, building="", street="12 heron ln., Suite 4", point=None), 0.95, {"name", "street", "phone"}),
    (CLINIC, other(CLINIC, name="Somebody Else"), 0.55, {"street", "phone"}),
    (CLINIC, other(CLINIC, **CLOSE, **NO_PHONE), 0.6, {"name", "near"}),
    (CLINIC, other(CLINIC, **NOWHERE), 0.65, {"name", "phone"}),
    (CLINIC, other(CLINIC, **{**NOWHERE, "city": "Saltmarsh"}, **NO_PHONE), 0.5, {"name", "town"}),
    (CLINIC, other(CLINIC, source=1), 0.75, {"name", "street", "phone"}),
    (GROUP, other(GROUP), 0.9, {"name", "street", "times"}),
    (GROUP, other(GROUP, name="Lamp of the Marsh"), 0.5, {"street", "times"}),
    (GROUP, other(GROUP, times=frozenset({MONDAY, WEDNESDAY})), 0.9, {"name", "street", "times"}),
    (GROUP, other(GROUP, program=""), 0.9, {"name", "street", "times"}),
    (replace(GROUP, **ONLINE), other(GROUP, **ONLINE), 0.9, {"name", "link", "times"}),
    (replace(GROUP, **ONLINE), other(GROUP, name="Morning Light", **ONLINE), 0.5, {"link", "times"}),
]


@pytest.mark.parametrize(("one", "two", "score", "reasons"), SHARED)
def test_a_likeness_says_how_sure_it_is_and_why(one: Traits, two: Traits, score: float, reasons: set[str]) -> None:
    for found in (likeness(one, two), likeness(two, one)):
        assert found is not None
        assert (found.score, set(found.reasons)) == (score, reasons)
    assert set(keys(one)) & set(keys(two)), "nobody would compare them"


TWO: list[tuple[str, Traits, Traits]] = [
    ("of two kinds", CLINIC, other(CLINIC, kind="health")),
    ("parts of one register", replace(CLINIC, section="samhsa substance"), other(CLINIC, section="samhsa mental")),
    ("branches of a chain", CLINIC, other(CLINIC, **ELSEWHERE)),
    ("in two towns", replace(CLINIC, **{**NOWHERE, "city": "Saltmarsh"}), other(CLINIC, **{**NOWHERE, "city": "Reedport"})),
    ("in two states", replace(CLINIC, **{**NOWHERE, "state": "PA"}), other(CLINIC, **{**NOWHERE, "state": "VT"})),
    ("of one group at two times", GROUP, other(GROUP, **LATER)),
    ("of two fellowships in one room", GROUP, other(GROUP, program="na")),
    ("of one group in two places", GROUP, other(GROUP, **ELSEWHERE)),
    ("two rooms by one source", GROUP, other(GROUP, name="Morning Light", source=1)),
    ("numbered", replace(CLINIC, name="Marsh House 1"), other(CLINIC, name="Marsh House 2", **NO_PHONE)),
    ("of one name and hour", replace(GROUP, **NOWHERE), other(GROUP, **NOWHERE)),
    ("with nothing in common but the house", CLINIC, other(CLINIC, name="Somebody Else", **NO_PHONE)),
]  # fmt: skip


@pytest.mark.parametrize(("one", "two"), [(one, two) for _, one, two in TWO], ids=[name for name, _, _ in TWO])
def test_what_is_surely_two_is_never_suggested(one: Traits, two: Traits) -> None:
    assert likeness(one, two) is None
    assert likeness(two, one) is None


@pytest.mark.parametrize("lat", [0.0, 40.0, 61.2, -33.9])
def test_neighbours_share_a_key_on_whichever_side_of_a_border_of_the_grid_they_lie(lat: float) -> None:
    step = NEAR_MILES / 69.1 * 0.99
    for number in range(40):
        here = Point(lat + number * 0.0003, -75.0 - number * 0.0007)
        for there in (
            Point(here.lat + step, here.lon),
            Point(here.lat, here.lon + step),
            Point(here.lat - step, here.lon),
        ):
            assert distance_miles(here, there) <= NEAR_MILES
            one, two = (other(CLINIC, **NOWHERE | {"point": point}, **NO_PHONE) for point in (here, there))
            assert set(keys(one)) & set(keys(two))


def test_a_listing_whose_address_is_not_public_has_no_key_of_a_place() -> None:
    found = set(keys(replace(CLINIC, **NOWHERE)))
    assert found == {"phone treatment 5555550100"}
