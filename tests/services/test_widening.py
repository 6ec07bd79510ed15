"""Ways out of an empty answer, each tried on a real database before it is offered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import parse_qsl

import pytest

from directory.domain.errors import PlaceNotFound
from directory.domain.geo import Point
from directory.domain.listings import Capacity, ListingDraft
from directory.domain.search import Query, parse
from directory.domain.taxonomy import Code
from directory.services import widening
from directory.services.search import search_run
from directory.services.widening import Widened, search_widen
from directory.storage import db
from tests.factories import LOS_ANGELES, NOW, draft, import_drafts, meeting, settings_for, world_made

MILE = 1 / 69.095
"""Degrees of latitude."""


def asked(*params: tuple[str, str], **more: str) -> Query:
    query, problems = parse([*params, *more.items()])
    assert problems == []
    return query


async def widen(url: str, *params: tuple[str, str], **more: str) -> Widened:
    """The ways out of a question that finds nothing."""
    settings = settings_for(url)
    result = await search_run(query=asked(*params, **more), now=NOW, settings=settings)
    assert result.total == 0
    return await search_widen(result=result, settings=settings)


def ways(found: Widened) -> list[tuple[str, str, str, int]]:
    return [(way.what, way.field, way.value, way.total) for way in found.options]


def north(miles: float, key: str, **more: object) -> ListingDraft:
    """A listing so many miles from Saltmarsh."""
    return draft(key, point=Point(40.0 + miles * MILE, -75.0), **more)


async def filled(url: str, *drafts: ListingDraft) -> None:
    await world_made()
    await import_drafts(url, drafts)


async def test_the_nearest_circle_that_finds_something_comes_first_then_one_that_finds_more(database: str) -> None:
    await filled(database, north(60, "a"), north(70, "b"), north(200, "c"), north(400, "d"))
    found = await widen(database, near="19199")
    assert ways(found) == [("within", "within", "100", 2), ("within", "within", "250", 3)]
    assert [way.changes for way in found.options] == [{"within": 100.0}, {"within": 250.0}]


async def test_a_circle_that_finds_no_more_than_a_smaller_one_is_no_way_out(database: str) -> None:
    await filled(database, north(40, "a"), north(400, "b"))
    assert ways(await widen(database, near="19199")) == [("within", "within", "50", 1), ("within", "within", "500", 2)]


@pytest.mark.parametrize(("miles", "within"), [(1.5, "2"), (9, "10"), (60, "100"), (480, "500")])
async def test_from_the_smallest_circle_too_the_next_is_no_larger_than_it_must_be(
    database: str, miles: float, within: str
) -> None:
    await filled(database, north(miles, "far"))
    assert ways(await widen(database, near="19199", within="1")) == [("within", "within", within, 1)]


async def test_the_three_nearest_beyond_the_circle_are_shown_whatever_the_order_asked_for(database: str) -> None:
    drafts = [
        north(30 + number, key, name=f"{name} Lamp")
        for number, (key, name) in enumerate(zip("abcd", "ZYXA", strict=True))
    ]
    await filled(database, *drafts)
    found = await widen(database, near="19199", sort="name")
    assert [card.source_key for card in found.cards] == ["a", "b", "c"]
    assert [round(card.distance_miles or 0) for card in found.cards] == [30, 31, 32]


async def test_of_the_three_nearest_the_third_may_be_far_beyond_the_circles_that_are_offered(database: str) -> None:
    await filled(database, north(30, "a"), north(60, "b"), north(300, "c"), north(301, "d"))
    found = await widen(database, near="19199")
    assert ways(found) == [("within", "within", "50", 1), ("within", "within", "100", 2)]
    assert [card.source_key for card in found.cards] == ["a", "b", "c"]


async def test_a_question_within_the_widest_but_one_grows_to_the_widest(database: str) -> None:
    await filled(database, north(300, "a"))
    assert ways(await widen(database, near="19199", within="250")) == [("within", "within", "500", 1)]


@pytest.mark.parametrize(("within", "circles"), [("25", ["100"]), ("100", [])])
async def test_what_is_on_now_is_looked_for_no_further_than_somebody_gets_in_time(
    database: str, within: str, circles: list[str]
) -> None:
    at_this_hour = meeting(1, "17:00")
    far = {"timezone": "UTC", "kind": "meeting", "windows": (at_this_hour,)}
    await filled(database, north(90, "a", **far) if circles else north(110, "a", **far), north(150, "b", **far))
    found = await widen(database, near="19199", kind="meeting", time="now", within=within)
    assert [way.value for way in found.options if way.what == "within"] == circles
    assert [card.source_key for card in found.cards] == ["a"] * len(circles)
    later = await widen(database, near="19199", kind="meeting", day="1", within=within)
    assert ("within", "250") in [(way.what, way.value) for way in later.options]


@pytest.mark.parametrize(
    ("params", "way"),
    [
        ({"q": "zebra"}, ("q", "zebra")),
        ({"q": '"zebra crossing"'}, ("q", '"zebra crossing"')),
        ({"day": "3"}, ("day", "3")),
        ({"time": "night"}, ("time", "night")),
        ({"open": "now"}, ("open", "now")),
        ({"day": "3", "time": "night"}, ("time", "")),
        ({"openings": "1"}, ("openings", "1")),
        ({"type": "aa:C"}, ("type", "aa:C")),
        ({"pay": "free"}, ("pay", "free")),
        ({"language": "vi"}, ("language", "vi")),
        ({"program": "na"}, ("program", "na")),
        ({"attendance": "hybrid"}, ("attendance", "hybrid")),
        ({"kind": "legal"}, ("kind", "legal")),
    ],
)
async def test_the_filter_that_is_in_the_way_is_named_with_what_is_found_without_it(
    database: str, params: dict[str, str], way: tuple[str, str]
) -> None:
    await filled(
        database,
        draft(
            "a",
            program="aa",
            codes=(Code("aa", "", "O"),),
            pay=("medicaid",),
            languages=("en",),
            windows=(meeting(1, "19:00"),),
        ),
        draft("b", program="aa", windows=(meeting(2, "19:00"),)),
    )
    query = asked(near="19199", **params)
    found = await widen(database, near="19199", **params)
    assert ways(found) == [("without", *way, 2)]
    again = asked(*parse_qsl(query.url_query(**found.options[0].changes)))
    assert again == asked(near="19199")


async def test_a_filter_with_several_values_goes_as_a_whole(database: str) -> None:
    await filled(database, draft(pay=("medicaid",)))
    found = await widen(database, ("near", "19199"), ("pay", "free"), ("pay", "medicare"))
    assert ways(found) == [("without", "pay", "", 1)]


async def test_the_filter_whose_absence_finds_most_comes_first_but_the_kind_last(database: str) -> None:
    both = [draft(f"b{number}", pay=("free",), access=()) for number in range(2)]
    await filled(database, *both, draft("a", access=("wheelchair",), pay=()), *(legal(number) for number in range(4)))
    found = await widen(database, near="19199", pay="free", access="wheelchair", kind="meeting")
    assert ways(found) == [
        ("without", "access", "wheelchair", 2),
        ("without", "pay", "free", 1),
        ("without", "kind", "meeting", 4),
    ]


def legal(number: int) -> ListingDraft:
    return draft(f"l{number}", kind="legal", program=None, pay=("free",), access=("wheelchair",))


@pytest.mark.parametrize(
    ("params", "way"),
    [
        ({"kind": "meeting", "q": "zebra", "pay": "free", "day": "3"}, [("only", "kind", "meeting", 1)]),
        ({"q": "zebra", "pay": "free", "language": "vi"}, [("only", "kind", "", 1)]),
        ({"kind": "meeting", "q": "zebra"}, [("without", "q", "zebra", 1)]),
    ],
)
async def test_where_several_filters_are_in_the_way_all_go_but_the_kind(
    database: str, params: dict[str, str], way: list[tuple[str, str, str, int]]
) -> None:
    await filled(database, draft(kind="meeting"))
    assert ways(await widen(database, near="19199", **params)) == way


async def test_a_question_that_would_ask_for_nothing_is_no_way_out(database: str) -> None:
    await filled(database, draft())
    assert await widen(database, q="zebra") == Widened()
    assert ways(await widen(database, q="zebra", kind="meeting")) == [("without", "q", "zebra", 1)]


async def test_what_can_be_joined_from_anywhere_is_a_way_out_where_nobody_asked_how_to_attend(database: str) -> None:
    far = {"point": Point(34.05, -118.25), "timezone": LOS_ANGELES}
    await filled(database, draft("both", attendance="hybrid", **far))
    assert ways(await widen(database, near="19199")) == [("online", "attendance", "online", 1)]
    assert ways(await widen(database, near="19199", attendance="hybrid")) == []


async def test_what_stands_elsewhere_on_the_page_is_not_offered_again(database: str) -> None:
    await filled(database, draft("screen", attendance="online"), north(40, "a", kind="legal"))
    found = await widen(database, near="19199")
    assert ways(found) == [("within", "within", "50", 1)]


async def test_no_more_than_six_ways_are_offered(database: str) -> None:
    await filled(
        database,
        *(missing(name) for name in ("pay", "access", "languages", "attendance", "codes")),
        north(40, "near", **FULL),
        north(80, "far", **FULL),
    )
    found = await widen(
        database, near="19199", pay="free", access="wheelchair", language="es", attendance="in-person", type="aa:O"
    )
    assert len(found.options) == widening.MOST_OPTIONS == 6
    assert [way.what for way in found.options] == ["within", "within", *["without"] * 4]


FULL: dict[str, object] = {
    "program": "aa", "attendance": "in-person", "pay": ("free",), "access": ("wheelchair",), "languages": ("es",),
    "codes": (Code("aa", "", "O"),),
}  # fmt: skip


def missing(name: str) -> ListingDraft:
    """What answers all but one filter."""
    other = {"attendance": "online", "pay": ("medicaid",), "access": ("childcare",), "languages": ("en",), "codes": ()}
    return draft(name, **{**FULL, name: other[name]})


async def test_a_point_is_widened_around_itself(database: str) -> None:
    await filled(database, north(40, "a"))
    found = await widen(database, lat="40", lon="-75")
    assert ways(found) == [("within", "within", "50", 1)]


async def test_the_moment_asked_for_stays_the_moment(database: str) -> None:
    """At seven on Monday in New York; on the clock of this test it is noon."""
    await filled(
        database, north(40, "now", windows=(meeting(1, "19:00"),)), north(41, "noon", windows=(meeting(1, "12:00"),))
    )
    found = await widen(database, near="19199", time="now", at="2026-03-02T19:00")
    assert [card.source_key for card in found.cards] == ["now"]
    assert ways(found)[0] == ("within", "within", "50", 1)


async def test_openings_are_those_of_the_last_three_days_in_every_circle(database: str) -> None:
    def bed(hours: int) -> Sequence[Capacity]:
        return (Capacity("bed", 2, 10, NOW - timedelta(hours=hours)),)

    await filled(database, north(40, "old", capacities=bed(100)), north(90, "new", capacities=bed(3)))
    found = await widen(database, near="19199", openings="1")
    assert ways(found) == [("within", "within", "100", 1)]
    assert [card.source_key for card in found.cards] == ["new"]


async def test_a_place_is_not_looked_up_again(database: str) -> None:
    """Where an operator lets a stranger find places, each look-up would tell it what a visitor asks."""
    await filled(database, north(40, "a"))
    settings = settings_for(database)
    result = await search_run(query=asked(near="19199"), now=NOW, settings=settings)
    async with db.transaction():
        await db.execute("DELETE FROM place")
    with pytest.raises(PlaceNotFound):
        await search_run(query=asked(near="19199"), now=NOW, settings=settings)
    assert ways(await search_widen(result=result, settings=settings)) == [("within", "within", "50", 1)]
