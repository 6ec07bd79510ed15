from __future__ import annotations

import pytest

from directory.domain.coverage import areas_around, areas_of


@pytest.mark.parametrize(
    ("text", "areas"),
    [
        ("nationwide", ("us",)), ("Nationwide", ("us",)), ("Vermont", ("vt",)), ("VT", ("vt",)), ("n. carolina", ()),
        ("Delaware County, PA", ("pa/delawarecounty",)), ("St. Landry Parish, Louisiana", ("la/saintlandryparish",)),
        ("Vermont; Clinton County, NY;; VT", ("vt", "ny/clintoncounty")), ("Larkspur County, ZZ", ("zz/larkspurcounty",)),
        ("the whole valley", ()), ("Paris, France", ()), ("", ()), (None, ()),
    ],
)  # fmt: skip
def test_areas_are_read_from_words_and_what_is_no_area_is_none(text: str | None, areas: tuple[str, ...]) -> None:
    assert areas_of(text) == areas


def test_a_place_lies_in_its_county_its_state_and_the_country() -> None:
    assert areas_around("PA", "Delaware County") == ("us", "pa", "pa/delawarecounty")
    assert areas_around("pa", None) == ("us", "pa")
    assert areas_around("", None) == ("us",)
    assert areas_around("", "Delaware County") == ("us",)


def test_what_serves_a_county_serves_the_places_in_it() -> None:
    for county, state in (("St. Louis City", "MO"), ("DeKalb County", "GA"), ("Prince George's County", "MD")):
        assert set(areas_of(f"{county}, {state}")) <= set(areas_around(state, county))
