"""One statement for the search page gives what its two halves give."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from directory.domain.geo import Point
from directory.domain.listings import Capacity, ListingDraft
from directory.domain.schedule import Change, TimeFilter
from directory.domain.taxonomy import Code
from directory.storage import facets, pages, search
from directory.storage.search_sql import Wanted
from tests.factories import NEW_YORK, NOW, draft, import_drafts, meeting, world_made

HERE = Point(40.0, -75.0)
ASKED: tuple[dict[str, Any], ...] = (
    {},
    {"limit": 2, "offset": 1},
    {"kinds": ("meeting",), "facets": {"pay": ("free",)}},
    {"facets": {"pay": ("free",), "access": ("wheelchair",)}, "languages": ("es",)},
    {"openings": True, "programs": ("aa",)},
    {"time": TimeFilter(open_now=True), "facets": {"pay": ("free",)}},
    {"time": TimeFilter(day=1), "order": "time"},
    {"order": "time", "limit": 3},
    {"order": "name", "point": None, "kinds": ("housing",)},
    {"attendance": ("in-person",), "openings": True, "facets": {"people": ("women",)}},
)


def listings() -> list[ListingDraft]:
    """Some that say much and some that say nothing, with times that need dates among them; three in one spot."""
    bed = (Capacity("bed", 2, 9, NOW - timedelta(hours=1)), Capacity("place", 1, 2, NOW))
    none = (Capacity("bed", 0, 9, NOW - timedelta(hours=1)),)
    monday, last = meeting(1, "12:00"), meeting(1, "19:00", week=-1)
    closed = (Change(on=NOW.date()),)
    return [
        draft(
            "a",
            pay=("free",),
            access=("wheelchair",),
            languages=("es",),
            windows=(monday,),
            codes=(Code("aa", "", "O"),),
        ),
        draft("b", pay=None, access=("wheelchair",), languages=("es",), windows=(last,)),
        draft("c", pay=("medicaid",), windows=(monday,), changes=closed, program="aa"),
        draft("d", kind="housing", pay=None, capacities=bed, windows=(), people=("women",)),
        draft("e", kind="housing", pay=("free",), capacities=none, windows=(), people=None),
        draft("f", kind="housing", pay=("free",), windows=(), point=Point(40.1, -75.0)),
        draft(
            "g",
            pay=("free",),
            languages=("es", "a language without a code"),
            access=None,
            windows=(monday, last),
            changes=closed,
            people=("women",),
        ),
    ]


@pytest.mark.parametrize("given", ASKED)
async def test_a_page_and_its_counts_are_those_of_a_search_and_a_count(database: str, given: dict[str, Any]) -> None:
    await world_made()
    await import_drafts(database, listings())
    usual = {"now": NOW, "zone": NEW_YORK, "point": HERE, "within": 25.0}
    wanted = Wanted(**{**usual, "order": "distance", **given})
    found, counted = await pages.find(wanted)
    assert found == await search.find(wanted)
    assert counted == await facets.count(wanted)
    assert counted.counts["kind"]


async def test_a_language_of_several_words_is_counted_as_one_value(database: str) -> None:
    await world_made()
    await import_drafts(database, listings())
    languages = (await facets.count(Wanted(now=NOW))).counts["language"]
    assert [(each.code, each.count) for each in languages] == [("es", 3), ("a language without a code", 1)]
