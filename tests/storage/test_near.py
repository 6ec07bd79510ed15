"""What tiles answer is what the database answers; and when there are any, and how long."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from math import inf
from typing import Any

import pytest

from directory.domain.geo import Point
from directory.domain.schedule import TimeFilter, TimeRange
from directory.storage import db, pages, search
from directory.storage import tiles as storage
from directory.storage.cards import Times, timetables_of
from directory.storage.memory import memory
from directory.storage.search import Found, zones_of
from directory.storage.search_sql import Wanted
from directory.storage.tallies import Counted
from directory.storage.tiles import tiles
from tests.factories import NEW_YORK, NOW, draft, import_drafts, meeting, world_made
from tests.storage.test_pages import ASKED, HERE, listings

CIRCLES = (0.5, 2.0, 10.0)
EVENING = TimeRange(17 * 60, 22 * 60)
ALL_NIGHT = TimeRange(22 * 60, 4 * 60)
MORE: tuple[dict[str, Any], ...] = (
    {"kinds": ("meeting", "housing"), "programs": ("aa", "na"), "attendance": ("in-person", "online")},
    {"attendance": ("hybrid",), "languages": ("ES", "no such language")},
    {"openings": True, "facets": {"pay": ("medicaid",), "care": ("detox",)}},
    {"time": TimeFilter(now=True)},
    {"time": TimeFilter(day=1, within=EVENING)},
    {"time": TimeFilter(date_offset=0, within=ALL_NIGHT), "order": "time"},
    {"time": TimeFilter(date_offset=1), "openings": True},
    {"time": TimeFilter(within=ALL_NIGHT), "facets": {"people": ("women",)}},
    {"time": TimeFilter(open_now=True, day=1), "order": "time", "offset": 1, "limit": 2},
    {"facets": {"pay": ("free",), "people": ("women",)}, "openings": True, "languages": ("es",)},
    {"offset": 1000},
    {"within": 0.5},
    {"within": 60.0, "zone": "America/Los_Angeles", "order": "time"},
    {"point": Point(-10.0, 100.0)},
)


def asked(**given: Any) -> Wanted:
    return Wanted(**{"now": NOW, "zone": NEW_YORK, "point": HERE, "within": 25.0, "order": "distance", **given})


async def by_statement(wanted: Wanted) -> tuple[Found, Counted]:
    return await pages.find_by_statement(wanted, await zones_of(wanted))


@pytest.fixture
def rested(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits until the data have rested."""
    monkeypatch.setattr(storage, "RESTED", 0.0)


async def made(wanted: Wanted | None = None) -> int:
    """How many tiles hold something around a question, once it has been asked for the second time."""
    wanted = wanted or asked()
    assert wanted.point is not None
    await tiles().around(wanted.point, wanted.within)
    found = await tiles().around(wanted.point, wanted.within)
    assert found is not None
    return len(found)


@pytest.mark.usefixtures("rested")
@pytest.mark.parametrize("given", [each for each in (*ASKED, *MORE) if each.get("point", HERE)])
async def test_tiles_answer_as_the_database_does(database: str, given: dict[str, Any]) -> None:
    await world_made()
    await import_drafts(database, listings())
    wanted = asked(**given)
    expected = await by_statement(wanted)
    await made(wanted)
    assert await pages.find(wanted) == expected
    circles = CIRCLES if wanted.order == "distance" else ()
    assert await pages.find_only(wanted, circles) == await search.find(wanted, circles)
    assert tiles().version == expected[0].version


async def test_the_first_question_is_the_databases_and_so_is_the_second_while_the_data_have_not_rested(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await import_drafts(database, listings())
    assert [await tiles().around(HERE, 25) for _ in range(3)] == [None] * 3
    monkeypatch.setattr(storage, "RESTED", 0.0)
    assert await tiles().around(HERE, 25) is not None
    assert await tiles().around(Point(41.5, -80.5), 5) is None, "nobody asked there before"


@pytest.mark.usefixtures("rested")
async def test_a_change_is_seen_at_once_by_the_process_that_made_it(database: str) -> None:
    await world_made()
    await import_drafts(database, listings())
    await made()
    before = (await pages.find(asked()))[0].total
    await import_drafts(database, [*listings(), draft("new")])
    assert (await pages.find(asked()))[0].total == before + 1
    await made()
    assert (await pages.find(asked()))[0].total == before + 1


@pytest.mark.usefixtures("rested")
async def test_a_change_by_another_process_is_seen_when_the_version_is_read_again(database: str) -> None:
    await world_made()
    await import_drafts(database, listings())
    await made()
    before = (await pages.find(asked()))[0]
    async with db.staging():  # which this process does not count as a change
        await db.execute(f"DELETE FROM search_row WHERE id = {before.ids[0]}")
        await db.execute("UPDATE state SET number = number + 1 WHERE name = 'data-version'")
    memory().doubt()
    after = (await pages.find(asked()))[0]
    assert after.ids == before.ids[1:]
    assert after.version == before.version + 1


@pytest.mark.usefixtures("rested")
async def test_within_a_transaction_one_sees_what_one_has_written(database: str) -> None:
    await world_made()
    await import_drafts(database, listings())
    await made()
    before = (await pages.find(asked()))[0]
    async with db.transaction():
        for _ in range(3):
            await pages.find(asked())
        await db.execute(f"DELETE FROM search_row WHERE id = {before.ids[0]}")
        assert (await pages.find(asked()))[0].ids == before.ids[1:]


@pytest.mark.usefixtures("rested")
async def test_an_opening_counts_for_as_long_as_it_is_young(database: str) -> None:
    await world_made()
    await import_drafts(database, listings())
    await made()
    for hours in (1, 70, 71, 72, 73, 100):
        wanted = replace(asked(openings=True), now=NOW + timedelta(hours=hours))
        assert await pages.find(wanted) == await by_statement(wanted), hours


@pytest.mark.usefixtures("rested")
async def test_a_question_of_many_degrees_is_the_databases(database: str) -> None:
    await import_drafts(database, listings())
    assert [await tiles().around(HERE, 400) for _ in range(3)] == [None] * 3


@pytest.mark.usefixtures("rested")
async def test_what_there_is_no_room_for_is_the_databases(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    await world_made()
    await import_drafts(database, listings())
    await made()
    before = tiles().listings
    await made(asked(point=Point(-10.0, 100.0)))
    assert tiles().listings > before, "an empty tile takes room too"
    monkeypatch.setattr(storage, "MOST_LISTINGS", 1)
    assert await tiles().around(HERE, 25) is not None, "what is there stays"
    assert [await tiles().around(Point(41.5, -80.5), 5) for _ in range(3)] == [None] * 3


@pytest.mark.usefixtures("rested")
async def test_while_tiles_are_made_others_ask_the_database(database: str) -> None:
    await world_made()
    await import_drafts(database, listings())
    await tiles().around(HERE, 25)
    found = await asyncio.gather(*(tiles().around(HERE, 25) for _ in range(4)))
    assert [each is not None for each in found].count(True) == 1
    assert await tiles().around(HERE, 25) is not None


@pytest.mark.usefixtures("rested")
@pytest.mark.parametrize("place", [Point(10.2, 179.9), Point(10.2, -179.9), Point(-0.1, 0.1), Point(89.9, 0.0)])
async def test_tiles_go_round_the_globe(database: str, place: Point, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside the antimeridian, the equator and the first meridian; and at a pole, where they would be 360."""
    for most in ("MOST_AT_ONCE", "MOST_MADE"):
        monkeypatch.setattr(storage, most, inf)
    await world_made()
    points = [
        Point(10.2, 179.95),
        Point(10.2, -179.95),
        Point(10.0, 180.0),
        Point(-0.2, -0.2),
        Point(0.2, 0.2),
        Point(89.8, 170.0),
    ]
    await import_drafts(database, [draft(f"at {number}", point=point) for number, point in enumerate(points)])
    wanted = asked(point=place, within=40.0)
    expected = await by_statement(wanted)
    assert expected[0].total > 0
    await made(wanted)
    assert await pages.find(wanted) == expected


@pytest.mark.usefixtures("rested")
async def test_timetables_with_dates_are_read_once_for_as_long_as_the_data_are_the_same(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world_made()
    monthly = meeting(1, "19:00", week=1)
    await import_drafts(database, [draft("a", windows=(monthly,)), draft("b", windows=(monthly,))])
    read: list[int] = []

    async def noting(ids: Sequence[int]) -> dict[int, Times]:
        read.extend(ids)
        return await timetables_of(ids)

    monkeypatch.setattr(storage, "timetables_of", noting)
    await made()
    first, second = (await pages.find_only(asked())).ids
    assert list(await tiles().timetables([first, 999_999])) == [first]
    assert list(await tiles().timetables([first, second])) == [first, second]
    assert read == [first, 999_999, second]
    noon = meeting(2, "12:00")
    await import_drafts(database, [draft("a", windows=(noon,)), draft("b", windows=(monthly,))])
    await made()
    (table, is_online) = (await tiles().timetables([first]))[first]
    assert (table.windows, is_online) == ((noon,), False)


@pytest.mark.usefixtures("rested")
async def test_who_waits_for_a_timetable_gets_the_others_too_where_all_is_forgotten_meanwhile(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world_made()
    await import_drafts(database, listings())
    await made()
    first, second, *_ = (await pages.find_only(asked())).ids

    async def forgetting(ids: Sequence[int]) -> dict[int, Times]:
        tiles()._forget(tiles().version + 1)
        return await timetables_of(ids)

    await tiles().timetables([first])
    monkeypatch.setattr(storage, "timetables_of", forgetting)
    assert set(await tiles().timetables([first, second])) == {first, second}
    assert tiles()._tables == {}


async def test_no_more_timetables_are_kept_than_fit(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    await world_made()
    await import_drafts(database, listings())
    monkeypatch.setattr(storage, "MOST_TABLES", 1)
    ids = [row["id"] for row in await db.rows("SELECT id FROM listing ORDER BY id")]
    assert sorted(await tiles().timetables(ids)) == ids
    assert tiles()._tables == {}
