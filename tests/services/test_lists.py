"""Lists to take along, and files of all that is found: in which order, how much of it, and what is not known or gone."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import pytest

from directory.domain.errors import BadQuery, PlaceNotFound
from directory.domain.geo import Point
from directory.domain.listings import ListingDraft, Visibility
from directory.domain.search import Query
from directory.services.lists import MOST_EXPORTED, TakenList, list_export, list_show
from directory.services.search import search_run
from tests.factories import LOS_ANGELES, NOW, draft, hours, import_drafts, meeting, one_value, settings_for, world_made

LAMP = draft("lamp", name="Quiet Lamp", point=Point(40.02, -75.0), windows=(meeting(2, "19:00"),))
NEAR = draft("near", name="Aster House", point=Point(40.01, -75.0), windows=(meeting(4, "19:00"),))
OPEN = draft("open", kind="food", name="Marsh Kitchen", point=Point(40.03, -75.0), windows=(hours(1, "09:00", 600),))
WORLD = (LAMP, NEAR, OPEN)


async def made(url: str, drafts: Sequence[ListingDraft] = WORLD) -> None:
    await world_made()
    await import_drafts(url, drafts)


async def slugs(*keys: str) -> tuple[str, ...]:
    return tuple([str(await one_value("SELECT slug FROM listing WHERE source_key = {0}", key)) for key in keys])


async def shown(url: str, taken: Sequence[str], order: str = "", **asked: object) -> TakenList:
    query = Query(taken=tuple(taken), **asked)  # type: ignore[arg-type]
    return await list_show(query=query, now=NOW, settings=settings_for(url), order=order)


def names(taken: TakenList) -> list[str]:
    return [detail.card.name for detail in taken.details]


# --- a list to take along --------------------------------------------------------------------------------------------


async def test_a_list_stands_in_the_order_in_which_it_was_made(database: str) -> None:
    await made(database)
    assert names(await shown(database, await slugs("open", "lamp", "near"))) == [
        "Marsh Kitchen",
        "Quiet Lamp",
        "Aster House",
    ]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("distance", ["Aster House", "Quiet Lamp", "Marsh Kitchen"]),
        ("time", ["Marsh Kitchen", "Quiet Lamp", "Aster House"]),  # open now, then Tuesday, then Thursday
        ("name", ["Aster House", "Marsh Kitchen", "Quiet Lamp"]),
    ],
)
async def test_a_list_can_be_sorted(database: str, order: str, expected: list[str]) -> None:
    await made(database)
    taken = await slugs("lamp", "near", "open")
    assert names(await shown(database, taken, order, near="19199")) == expected


async def test_without_a_place_there_are_no_distances_and_the_order_stays(database: str) -> None:
    await made(database)
    found = await shown(database, await slugs("lamp", "near"), "distance")
    assert names(found) == ["Quiet Lamp", "Aster House"]
    assert [detail.card.distance_miles for detail in found.details] == [None, None]


async def test_the_filters_of_the_search_take_nothing_off_a_list(database: str) -> None:
    await made(database)
    found = await shown(database, await slugs("open"), near="19199", within=1, kinds=("meeting",), words=("nothing",))
    assert names(found) == ["Marsh Kitchen"]
    assert found.query.kinds == ("meeting",)


async def test_a_place_that_nobody_knows_does_not_spoil_a_list(database: str) -> None:
    await made(database)
    found = await shown(database, await slugs("lamp"), near="Nowhere At All, PA")
    assert found.place is None
    assert names(found) == ["Quiet Lamp"]


async def test_what_is_not_known_is_counted_and_left_out(database: str) -> None:
    await made(database)
    (lamp,) = await slugs("lamp")
    found = await shown(database, ["never-was-abc23456", lamp, "nor-this-abc23457"])
    assert (names(found), found.unknown, found.query.taken) == (["Quiet Lamp"], 2, (lamp,))


async def test_what_is_gone_is_named(database: str) -> None:
    await made(database)
    taken = await slugs("lamp", "near")
    await import_drafts(database, [NEAR, OPEN])
    found = await shown(database, taken)
    assert names(found) == ["Aster House"]
    assert [(gone.slug, gone.name) for gone in found.gone] == [(taken[0], "Quiet Lamp")]
    assert found.query.taken == taken


async def test_an_empty_list_is_no_error(database: str) -> None:
    found = await shown(database, ())
    assert (found.details, found.gone, found.unknown) == ((), (), 0)


async def test_a_list_says_all_that_is_known(database: str) -> None:
    full = draft("full", fees="By income.", notes="Side door.", street_2="Rear", conference_phone="555-555-0199")
    await made(database, [full])
    (detail,) = (await shown(database, await slugs("full"), near="19199")).details
    assert (detail.fees, detail.place_notes, detail.street_2) == ("By income.", "Side door.", "Rear")
    assert detail.conference_phone == "555-555-0199"
    assert detail.card.distance_miles == pytest.approx(0.69, abs=0.01)


async def test_a_hidden_address_stays_hidden_on_a_list(database: str) -> None:
    hidden = draft("hidden", visibility=Visibility.HIDDEN, notes="Blue door.", street_2="Rear")
    await made(database, [hidden])
    (detail,) = (await shown(database, await slugs("hidden"), near="19199")).details
    assert (detail.card.street, detail.card.city, detail.street_2, detail.place_notes) == (None, None, None, None)
    assert detail.card.point is None


async def test_online_times_are_told_on_the_clock_of_the_place_searched(database: str) -> None:
    await made(database, [draft(attendance="online")])
    (detail,) = (await shown(database, await slugs("lamp"), near="93999")).details
    assert detail.card.shown_zone == LOS_ANGELES
    assert str(detail.card.next_start) == "2026-03-02 16:00:00-08:00"


# --- files of all that is found --------------------------------------------------------------------------------------


async def test_a_file_holds_what_the_pages_show_in_their_order(database: str) -> None:
    await made(database, [draft(str(n), name=f"Lamp {n}", point=Point(40 + n / 1000, -75.0)) for n in range(230)])
    query, settings = Query(near="19199", page=3, per_page=10), settings_for(database)
    export = await list_export(query=query, now=NOW, settings=settings)
    assert export.total == 230
    assert [detail.card.name for detail in export.details] == [f"Lamp {n}" for n in range(230)]
    page = await search_run(query=query, now=NOW, settings=settings, counts=False)
    assert [detail.card for detail in export.details][20:30] == list(page.cards)


async def test_a_file_ends_after_a_thousand(database: str) -> None:
    await made(database, [draft(str(n), name=f"Lamp {n:04}") for n in range(MOST_EXPORTED + 5)])
    export = await list_export(query=Query(sort="name"), now=NOW, settings=settings_for(database))
    assert (len(export.details), export.total) == (MOST_EXPORTED, MOST_EXPORTED + 5)
    assert export.details[-1].card.name == f"Lamp {MOST_EXPORTED - 1:04}"


async def test_a_file_takes_a_few_statements_and_not_one_for_each_listing(
    database: str, caplog: pytest.LogCaptureFixture
) -> None:
    await made(database, [draft(str(n), name=f"Lamp {n}") for n in range(150)])
    with caplog.at_level(logging.DEBUG, "tortoise.db_client"):
        export = await list_export(query=Query(), now=NOW, settings=settings_for(database))
    assert len(export.details) == 150
    assert 2 <= len(caplog.records) <= 30


async def test_a_place_that_is_not_known_is_said_at_once(database: str) -> None:
    await made(database)
    with pytest.raises(PlaceNotFound):
        await list_export(query=Query(near="Nowhere At All, PA"), now=NOW, settings=settings_for(database))


async def test_a_code_that_nobody_has_is_refused(database: str) -> None:
    await made(database)
    with pytest.raises(BadQuery):
        await list_export(query=Query(types=(("aa", "ZZZ"),)), now=NOW, settings=settings_for(database))
