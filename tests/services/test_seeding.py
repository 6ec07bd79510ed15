from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path

import pytest

from directory.domain.results import freshness
from directory.domain.search import parse
from directory.services.demo_people import demo_actors
from directory.services.desk import desk_show
from directory.services.geocoding import place_find
from directory.services.listings import lines_list, site_show
from directory.services.search import search_run
from directory.services.seeding import Seeded, demo_load, demo_remove, seeds_load
from directory.storage import db
from directory.storage.codes import book_of, code_table
from tests.conftest import RUN
from tests.factories import NOW, draft, import_drafts, one_value, seeded_template, seeds_copied, settings_for, snapshot


def now() -> datetime:
    return NOW


@pytest.fixture
def seeded(
    engine: str, tmp_path: Path, new_database: Callable[[str, Path], AbstractContextManager[str]]
) -> Iterator[str]:
    """A database that has had the codes and a little of the gazetteer, but not the national numbers."""
    template = seeded_template(Path(os.environ[RUN]))

    async def copy(url: str) -> None:
        async with db.connect(url):
            await seeds_copied(template, ["VT"])
            await db.execute("DELETE FROM state WHERE name = 'national'")

    with new_database(engine, tmp_path) as url:
        asyncio.run(copy(url))
        yield url


@pytest.mark.may_block("as a command does")
@pytest.mark.parametrize("engine", ["postgres"])
async def test_all_of_seeds_fits_the_stricter_engine_and_loading_it_again_changes_nothing(database: str) -> None:
    settings = settings_for(database)
    first = await seeds_load(clock=now, settings=settings)
    assert first.codes > 2000
    assert first.places > 70_000
    assert first.listings > 5
    before = await snapshot(without=("place",))
    assert await seeds_load(clock=now, settings=settings) == Seeded(0, 0, 0)
    assert await snapshot(without=("place",)) == before
    assert (await place_find(text="05401", settings=settings)).label == "Burlington, VT 05401"
    assert (await place_find(text="Philadelphia, PA", settings=settings)).timezone == "America/New_York"


@pytest.mark.may_block("as a command does")
async def test_the_national_numbers_are_there_for_everybody_and_no_place(seeded: str) -> None:
    async with db.connect(seeded):
        settings = settings_for(seeded)
        assert (await seeds_load(clock=now, settings=settings)).listings > 5
        lines = await lines_list(now=NOW, settings=settings)
        numbers = {phone.number for line in lines for phone in line.phones}
        assert {"988", "1-800-662-4357"} <= {number.replace("(", "").replace(") ", "-") for number in numbers}
        assert {line.source_name for line in lines} == {"national"}
        assert not (await site_show(now=NOW)).has_demo
        audits = await one_value("SELECT COUNT(*) FROM audit_entry")
        assert await seeds_load(clock=now, settings=settings) == Seeded(0, 0, 0)
        assert await one_value("SELECT COUNT(*) FROM audit_entry") == audits


@pytest.mark.may_block("as a command does")
async def test_the_codes_of_every_edition_say_what_they_mean(seeded: str) -> None:
    async with db.connect(seeded):
        book = book_of(await code_table())
        detox = book.find("samhsa", "DT", "2024")
        wheelchair = book.find("aa", "x")
        assert detox
        assert wheelchair
        assert ("care", "detox") in detox.facets
        assert wheelchair.label("es") != wheelchair.label("en")
        assert ("access", "wheelchair") in wheelchair.facets


async def _work_waits_for_everybody() -> None:
    """What each queue of the demonstration holds, and how old the openings of the first editor's agency are."""
    actors = await demo_actors()
    cora, ada = [(await desk_show(by=actors[key], now=NOW)).waiting for key in ("coordinator", "administrator")]
    one_each = ("notices", "proposals", "claims", "uploads", "doubts", "conflicts", "duplicates")
    assert {name: cora[name] for name in one_each} == dict.fromkeys(one_each, 1)
    assert (cora["reports"], ada["messages"]) == (4, 1)
    assert cora["tasks"] == 3  # one is of the county, two are of people who wait
    assert cora["checks"] > 2
    desk = await desk_show(by=actors["editor"], now=NOW)
    ages = {level.name: freshness(level.latest.as_of, NOW) for level in desk.levels if level.latest}
    assert ages == {"Detox": "fresh", "Medication": "ask-first", "Rest after detox": "old"}
    assert len(desk.listings) > 2
    trusted = {key: actors[key].grants[0].trusted for key in ("editor", "ria", "ned")}
    assert trusted == {"editor": True, "ria": True, "ned": False}


@pytest.mark.may_block("as a command does")
async def test_the_invented_county_goes_into_an_empty_database_and_out_again_without_a_trace(seeded: str) -> None:
    async with db.connect(seeded):
        settings = settings_for(seeded)
        await seeds_load(clock=now, settings=settings)
        left_alone = ("audit_entry", "audit_head", "state", "zone")
        before = await snapshot(without=left_alone)
        report = await demo_load(clock=now, settings=settings)
        assert report
        assert report.added >= 60
        assert report.rejected == []
        assert (await site_show(now=NOW)).has_demo
        query, _ = parse([("near", "Larkspur City, ZZ"), ("within", "40"), ("per_page", "100")])
        found = await search_run(query=query, now=NOW, settings=settings)
        assert found.total > 30
        assert all(card.is_demo for card in found.cards)
        assert len({card.kind for card in found.cards}) >= 8
        assert await demo_load(clock=now, settings=settings, only_if_empty=True) is None
        await _work_waits_for_everybody()
        await demo_load(clock=now, settings=settings)  # made fresh, and not doubled
        await _work_waits_for_everybody()
        assert await demo_remove(now=NOW, by="test") == report.added
        assert not (await site_show(now=NOW)).has_demo
        assert await snapshot(without=left_alone) == before
        assert await demo_remove(now=NOW, by="test") == 0


@pytest.mark.may_block("as a command does")
async def test_no_invented_listing_is_put_beside_a_real_one(seeded: str) -> None:
    async with db.connect(seeded):
        await import_drafts(seeded, [draft()])
        assert await demo_load(clock=now, settings=settings_for(seeded)) is None
        assert await one_value("SELECT COUNT(*) FROM listing") == 1
        assert await one_value("SELECT COUNT(*) FROM place WHERE demo = {0}", True) == 0
