from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from directory.domain.errors import Gone, NotFound
from directory.domain.geo import Point
from directory.domain.listings import ListingDraft, Status, Visibility
from directory.domain.results import Detail
from directory.domain.search import Query, parse
from directory.services.listings import (
    is_ready,
    lines_list,
    listing_instead,
    listing_show,
    site_show,
)
from directory.services.search import search_run
from directory.storage import db
from tests.factories import (
    LOS_ANGELES,
    NOW,
    draft,
    import_drafts,
    meeting,
    one_value,
    settings_for,
    world_made,
)
from tests.web.world import site


async def slug_of(key: str) -> str:
    return str(await one_value("SELECT slug FROM listing WHERE source_key = {0}", key))


async def show(url: str, key: str, now: datetime = NOW, **settings: str) -> Detail:
    return await listing_show(slug=await slug_of(key), now=now, settings=settings_for(url, **settings))


# --- one listing -----------------------------------------------------------------------------------------------------


async def test_a_listing_is_shown_with_its_next_three_times(database: str) -> None:
    await world_made()
    await import_drafts(database, [draft(windows=(meeting(1, "19:00"), meeting(0, "10:00", week=2)))])
    found = await show(database, "lamp")
    assert [(str(start), (end - start).seconds) for start, end in found.next_times] == [
        ("2026-03-02 19:00:00-05:00", 3600),
        ("2026-03-08 10:00:00-04:00", 3600),
        ("2026-03-09 19:00:00-04:00", 3600),
    ]
    assert (found.card.is_open, found.card.next_start) == (False, found.next_times[0][0])


async def test_an_online_meeting_is_shown_on_the_clock_of_the_site(database: str) -> None:
    await world_made()
    await import_drafts(database, [draft(attendance="online")])
    found = await show(database, "lamp", timezone=LOS_ANGELES)
    assert str(found.next_times[0][0]) == "2026-03-02 16:00:00-08:00"
    assert found.card.shown_zone == LOS_ANGELES


async def test_a_listing_that_is_closed_for_now_is_shown_without_times(database: str) -> None:
    await world_made()
    await import_drafts(database, [draft(status=Status.TEMPORARILY_CLOSED)])
    found = await show(database, "lamp", NOW + timedelta(hours=7, minutes=10))
    assert (found.card.status, found.next_times, found.card.next_start, found.card.is_open) == (
        Status.TEMPORARILY_CLOSED, (), None, None,
    )  # fmt: skip


async def test_a_listing_that_never_was_is_not_found_and_one_that_was_is_gone(database: str) -> None:
    await world_made()
    await import_drafts(database, [draft(), draft("other")])
    slug = await slug_of("lamp")
    await import_drafts(database, [draft("other")])
    with pytest.raises(NotFound):
        await listing_show(slug="never-was", now=NOW, settings=settings_for(database))
    with pytest.raises(Gone) as gone:
        await listing_show(slug=slug, now=NOW, settings=settings_for(database))
    assert (gone.value.status, gone.value.values) == (410, {"slug": slug})


async def test_instead_of_one_that_is_gone_what_is_near_it_and_of_its_kind_is_offered(database: str) -> None:
    await world_made()
    near = [draft(f"near{number}", point=Point(40.01 + number / 100, -75.0)) for number in range(6)]
    others = [draft("house", kind="housing"), draft("far", point=Point(34.05, -118.25))]
    await import_drafts(database, [draft(), *near, *others])
    slug = await slug_of("lamp")
    await import_drafts(database, [*near, *others])
    found = await listing_instead(slug=slug, now=NOW, settings=settings_for(database))
    assert found
    assert [card.source_key for card in found.cards] == ["near0", "near1", "near2", "near3", "near4"]
    assert await listing_instead(slug="never-was", now=NOW, settings=settings_for(database)) is None


async def test_nothing_is_offered_instead_of_what_nobody_knew_the_place_of(database: str) -> None:
    await world_made()
    await import_drafts(database, [draft(attendance="online"), draft("room")])
    slug = await slug_of("lamp")
    await import_drafts(database, [draft("room")])
    assert await listing_instead(slug=slug, now=NOW, settings=settings_for(database)) is None


# --- the site --------------------------------------------------------------------------------------------------------


async def test_the_site_counts_what_is_active_by_source_and_says_whether_any_is_invented(database: str) -> None:
    await world_made()
    await import_drafts(
        database, [draft("a"), draft("b", status=Status.INACTIVE)], about={"title": "World", "licence": "CC0"}
    )
    facts = await site_show(now=NOW)
    assert (facts.listings, facts.has_demo) == (1, False)
    assert [
        (source.name, source.title, source.licence, source.listings, source.checked_at) for source in facts.sources
    ] == [("world", "World", "CC0", 1, NOW)]
    await import_drafts(database, [draft("c")], "demo", about={"is_demo": True})
    assert (await site_show(now=NOW)).has_demo
    assert (await site_show(now=NOW)).data_version > facts.data_version
    await import_drafts(database, [draft("c", status=Status.INACTIVE)], "demo")
    assert not (await site_show(now=NOW)).has_demo


async def test_the_national_numbers_come_in_the_order_of_their_file(database: str) -> None:
    await world_made()
    drafts = [draft(key, kind="crisis", windows=(), attendance=None) for key in ("z", "a", "m")]
    await import_drafts(database, drafts, "national")
    await import_drafts(database, [draft("other")])
    found = await lines_list(now=NOW, settings=settings_for(database))
    assert [card.source_key for card in found] == ["z", "a", "m"]


async def test_a_database_with_all_its_tables_is_ready(database: str) -> None:
    assert await is_ready()
    await db.execute("DELETE FROM tortoise_migrations")
    assert not await is_ready()


# --- hidden means hidden ---------------------------------------------------------------------------------------------

SECRET = replace(
    draft(
        "shelter", kind="housing", name="Safe Reeds", visibility=Visibility.HIDDEN, street="99 Nightjar Road",
        street_2="Rear", notes="Blue door", timezone=None, windows=(meeting(1, "19:00"),),
    ),
)  # fmt: skip
PARTLY = draft(
    "house", kind="housing", name="Half Reeds", visibility=Visibility.PARTIAL, street="98 Nightjar Road", timezone=None
)
TRUE_POINTS = (Point(40.031, -75.044), Point(39.972, -74.961))


def world_at(point: Point) -> list[ListingDraft]:
    """A world in which two hidden places are here; everything else is the same in all of them."""
    hidden = [
        replace(one, address=replace(one.address, name="Nightjar Hall", point=point), coverage=coverage)
        for one, coverage in ((SECRET, "PA"), (PARTLY, "Saltmarsh County, PA"))
    ]
    return [
        draft("lamp", name="Middle", point=Point(40.0, -75.0)),
        *hidden,
        draft("bell", name="Bell", point=Point(40.05, -75.0)),
    ]


def questions() -> list[list[tuple[str, str]]]:
    """Searches from all around, in every order, at radii that would tell near from far."""
    asked = [
        [("lat", f"{lat:.3f}"), ("lon", f"{lon:.3f}"), ("within", within), ("sort", sort)]
        for lat in (39.95, 39.972, 40.0, 40.031, 40.1)
        for lon in (-75.08, -75.044, -75.0, -74.961)
        for within, sort in (("1", "distance"), ("2.5", "name"), ("25", "distance"), ("25", "time"))
    ]
    words = ("reeds", "nightjar", "99", "rear", "blue", "saltmarsh", "hall", "19199")
    return [
        *asked,
        *([("q", word)] for word in words),
        [("near", "19199")],
        [("open", "now"), ("at", "2026-03-02T19:30")],
    ]


def pages(url: str, slugs: list[str]) -> list[tuple[str, int, bytes]]:
    """Everything that a visitor can be told."""
    paths = [f"/listings/{slug}{end}" for slug in slugs for end in ("", ".ics")] + [
        f"/api/listings/{slug}" for slug in slugs
    ]
    found = []
    with site(url, NOW) as visitor:
        for path in paths:
            answer = visitor.get(path)
            found.append((path, answer.status_code, answer.content))
        for params in questions()[::7]:
            listed = [*params, *(("take", slug) for slug in slugs), ("by", "distance")]
            asked = [(path, params) for path in ("/search", "/api/listings", "/search.csv", "/search.ics")]
            for path, given in (*asked, *((path, listed) for path in ("/list", "/list.csv", "/list.ics"))):
                answer = visitor.get(path, params=given)
                found.append((f"{path} {given}", answer.status_code, answer.content))
    return found


async def told(url: str, point: Point) -> tuple[list[str], list[str]]:
    """What the services answer about a world, and the slugs of its hidden places."""
    async with db.connect(url):
        await world_made()
        await import_drafts(url, world_at(point))
        # Their addresses end in chance, which is no word of where they are.
        await db.execute("UPDATE listing SET slug = source_key || '-abc23456' WHERE source_key IN ('shelter', 'house')")
        slugs = [await slug_of("shelter"), await slug_of("house")]
        answers = []
        for params in questions():
            query, problems = parse(params)
            assert problems == []
            found = await search_run(query=query, now=NOW, settings=settings_for(url))
            answers.append(repr((found.total, found.unknown, found.cards, found.facets, found.elsewhere)))
        for slug in slugs:
            answers.append(repr(await listing_show(slug=slug, now=NOW, settings=settings_for(url))))
        return answers, slugs


def test_no_answer_depends_on_where_a_hidden_place_really_is(
    engine: str, tmp_path: Path, new_database: Callable[[str, Path], AbstractContextManager[str]]
) -> None:
    everything = []
    for number, point in enumerate(TRUE_POINTS):
        folder = tmp_path / str(number)
        folder.mkdir()
        with new_database(engine, folder) as url:
            answers, slugs = asyncio.run(told(url, point))
            everything.append((answers, pages(url, slugs)))
    (first, first_pages), (second, second_pages) = everything
    assert first == second
    assert first_pages == second_pages
    assert sum("Safe Reeds" in answer for answer in first) > 20
    assert {status for _, status, _ in first_pages} == {200}
    shown = [
        content.decode()
        for path, _, content in first_pages
        if path.startswith("/listings/") or ".csv" in path or ".ics" in path
    ]
    for text in [*first, *shown]:
        assert [secret for secret in ("Nightjar", "Rear", "Blue door", "40.031", "75.044") if secret in text] == []


@pytest.mark.parametrize("word", ["nightjar", "rear", "hall", "blue", "99"])
async def test_no_word_of_a_hidden_address_leads_to_it(database: str, word: str) -> None:
    await world_made()
    await import_drafts(database, world_at(TRUE_POINTS[0]))
    settings = settings_for(database)
    found = await search_run(query=Query(words=(word,), text=word), now=NOW, settings=settings)
    # "hall" is forgiven as a slip of "half", which stands in a name; the word itself is nowhere.
    assert found.total == 0 or set(found.spelled) == {word}
    assert (await search_run(query=Query(phrases=(word,), text=f'"{word}"'), now=NOW, settings=settings)).total == 0


async def test_a_hidden_place_is_not_found_by_its_town_but_a_partly_hidden_one_is(database: str) -> None:
    await world_made()
    await import_drafts(database, world_at(TRUE_POINTS[0]))
    found = await search_run(query=Query(words=("saltmarsh", "reeds")), now=NOW, settings=settings_for(database))
    assert [card.name for card in found.cards] == ["Half Reeds"]


async def test_a_hidden_place_that_nobody_can_even_roughly_place_is_in_no_search_by_distance(database: str) -> None:
    await world_made()
    nowhere = replace(SECRET, address=replace(SECRET.address, city="Nowhere", postal_code=None, point=TRUE_POINTS[0]))
    await import_drafts(database, [nowhere])
    for within in (1.0, 500.0):
        found = await search_run(
            query=Query(point=TRUE_POINTS[0], within=within), now=NOW, settings=settings_for(database)
        )
        assert found.total == 0
    assert (await search_run(query=Query(), now=NOW, settings=settings_for(database))).total == 1
