"""Pairs that may be one listing are found once, decided by a person, and the decision can be taken back."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from directory.domain.access import Actor, Denied, Grant, Role
from directory.domain.duplicates import DIFFERENT, OPEN, SAME
from directory.domain.errors import NotFound, Settled
from directory.domain.geo import Point
from directory.domain.listings import ListingDraft, Phone, Visibility
from directory.services import duplicate_search, duplicates
from directory.services.duplicate_search import duplicates_find
from directory.services.edits import listing_edit
from directory.storage import db
from directory.storage import duplicates as storage
from tests.factories import NOW, draft, import_drafts, meeting, one_value, settings_for, world_made

BY = Actor(7, (Grant(Role.COORDINATOR, 1),))
OTHER = Actor(8, (Grant(Role.COORDINATOR, 1),))
PHONE = (Phone("(555) 555-0100"),)


def clinic(key: str = "clinic", **given: Any) -> ListingDraft:
    return draft(key, **{"kind": "treatment", "name": "Far Shore Clinic", "phones": PHONE, "windows": (), **given})


def clock() -> Any:
    return NOW


async def find() -> int:
    return await duplicates_find(clock=clock)


async def a_pair(url: str, *, one: ListingDraft | None = None, two: ListingDraft | None = None) -> duplicates.Pair:
    """Two sources, each with its listing of one clinic, and the pair that is found."""
    await world_made()
    await import_drafts(url, [one or clinic()], source="one")
    await import_drafts(url, [two or clinic("again")], source="two")
    assert await find() == 1
    (pair,), _ = await duplicates.duplicates_list(by=BY, now=NOW)
    return pair


async def merge(url: str, pair: duplicates.Pair, keep: int | None = None, by: Actor = BY) -> None:
    await duplicates.duplicate_merge(id=pair.id, keep=keep or pair.one, by=by, clock=clock, settings=settings_for(url))


async def reopen(url: str, pair: duplicates.Pair) -> None:
    await duplicates.duplicate_reopen(id=pair.id, by=BY, clock=clock, settings=settings_for(url))


async def waiting() -> int:
    return await duplicates.duplicates_waiting(by=BY, now=NOW)


async def status_of(id: int) -> str:
    return str(await one_value("SELECT status FROM listing WHERE id = {0}", id))


# --- finding -------------------------------------------------------------------------------------------------------------


async def test_two_sources_that_list_one_place_make_a_pair_and_say_why(database: str) -> None:
    pair = await a_pair(database, two=clinic("again", name="Farshore Clinic", street="12 Heron Ln."))
    assert (pair.names, pair.score, set(pair.reasons)) == (
        ("Far Shore Clinic", "Farshore Clinic"),
        0.8,
        {"alike", "street", "phone"},
    )
    assert (pair.status, pair.is_shown) == (OPEN, True)
    assert await find() == 0


async def test_the_surest_pair_comes_first(database: str) -> None:
    await world_made()
    unsure = [clinic("b", street="5 Oak Street", phones=(), point=None, name="Marsh House")]
    await import_drafts(database, [clinic("a"), *unsure], source="one")
    await import_drafts(database, [clinic("a"), replace(unsure[0], name="Marsh Hause")], source="two")
    assert await find() == 2
    found, _ = await duplicates.duplicates_list(by=BY, now=NOW)
    assert [pair.score for pair in found] == [0.95, 0.55]


async def test_groups_at_other_times_the_parts_of_a_register_and_a_crowd_behind_one_number_are_no_pairs(
    database: str,
) -> None:
    await world_made()
    number = duplicate_search.MOST_TOGETHER + 1
    chain = [
        clinic(
            f"chain{each}", kind="health", name=f"Branch {each}", street=None, city=None, point=None, postal_code=None
        )
        for each in range(number)
    ]
    first = [draft("lamp"), clinic("substance|clinic"), *chain]
    await import_drafts(database, first, source="one", format="samhsa")
    second = [draft("lamp", windows=(meeting(3, "19:00"),)), clinic("mental|clinic")]
    await import_drafts(database, second, source="two", format="samhsa")
    assert await find() == 0


@pytest.mark.parametrize("visibility", [Visibility.PARTIAL, Visibility.HIDDEN])
async def test_what_is_not_public_of_an_address_suggests_nothing(database: str, visibility: Visibility) -> None:
    await world_made()
    await import_drafts(database, [clinic(phones=(), name="Safe Reeds", visibility=visibility)], source="one")
    await import_drafts(database, [clinic("again", phones=(), name="Safe Reed")], source="two")
    await import_drafts(
        database, [clinic("third", phones=(), name="Safe Reeds Home", visibility=visibility)], source="three"
    )
    assert await find() == 0
    traits = await storage.traits_after(0, 10)
    assert [(each.street, each.building, each.point) for each in traits if "Reeds" in each.name] == [("", "", None)] * 2


async def test_an_open_pair_that_nothing_speaks_for_any_more_goes_and_one_that_has_changed_says_so(
    database: str,
) -> None:
    await a_pair(database)
    await import_drafts(database, [clinic("again", name="Far Shore Klinic")], source="two")
    assert await find() == 0
    (pair,), _ = await duplicates.duplicates_list(by=BY, now=NOW)
    assert "alike" in pair.reasons
    await import_drafts(database, [clinic("again", street="5 Oak Street", point=Point(40.1, -75.2))], source="two")
    assert await find() == 0
    assert await waiting() == 0


async def test_a_pair_of_which_one_is_gone_rests_until_it_comes_back(database: str) -> None:
    await a_pair(database)
    await import_drafts(database, [], source="two")
    assert (await find(), await waiting()) == (0, 0)
    await import_drafts(database, [clinic("again")], source="two")
    assert (await find(), await waiting()) == (0, 1)


# --- deciding ------------------------------------------------------------------------------------------------------------


async def test_what_is_the_same_leaves_the_search_for_good_and_its_address_leads_to_the_one_that_stays(
    database: str,
) -> None:
    pair = await a_pair(database)
    await merge(database, pair, pair.other)
    await import_drafts(database, [clinic(fees="none")], source="one")
    assert (await status_of(pair.one), await status_of(pair.other)) == ("inactive", "active")
    assert await storage.kept_for(pair.slugs) == {pair.slugs[0]: pair.slugs[1]}
    assert (await waiting(), await find()) == (0, 0)
    _, (decided,) = await duplicates.duplicates_list(by=BY, now=NOW)
    assert (decided.status, decided.kept, decided.settled_by) == (SAME, pair.other, "person 7")
    entry = (await db.rows("SELECT * FROM audit_entry WHERE action LIKE 'duplicate-%'"))[0]
    assert (entry["by"], entry["action"], entry["subject"]) == ("person 7", "duplicate-same", f"pair {pair.id}")


async def test_a_decision_that_is_taken_back_brings_the_other_listing_back_as_it_was(database: str) -> None:
    pair = await a_pair(database)
    given = {"by": "robin", "reason": None, "clock": clock, "settings": settings_for(database)}
    await listing_edit(slug=pair.slugs[1], values={"status": "temporarily closed"}, **given)
    await merge(database, pair)
    await reopen(database, pair)
    assert await status_of(pair.other) == "temporarily closed"
    assert (await storage.kept_for(pair.slugs), await waiting()) == ({}, 1)
    await merge(database, pair, pair.other)
    await reopen(database, pair)
    assert await status_of(pair.one) == "active"
    assert await one_value("SELECT COUNT(*) FROM hand_value WHERE listing_id = {0}", pair.one) == 0


async def test_what_somebody_has_set_since_is_left_alone_when_a_decision_is_taken_back(database: str) -> None:
    pair = await a_pair(database)
    await merge(database, pair)
    given = {"by": "robin", "reason": None, "clock": clock, "settings": settings_for(database)}
    await listing_edit(slug=pair.slugs[1], values={"status": "temporarily closed"}, **given)
    assert await storage.kept_for(pair.slugs) == {}, "it is shown again"
    await reopen(database, pair)
    assert await status_of(pair.other) == "temporarily closed"


async def test_two_different_ones_are_not_asked_about_again_until_that_is_taken_back(database: str) -> None:
    pair = await a_pair(database)
    await duplicates.duplicate_differ(id=pair.id, by=BY, clock=clock)
    assert (await find(), await waiting()) == (0, 0)
    assert [await status_of(id) for id in (pair.one, pair.other)] == ["active", "active"]
    _, (decided,) = await duplicates.duplicates_list(by=BY, now=NOW)
    assert decided.status == DIFFERENT
    await reopen(database, pair)
    assert await waiting() == 1


async def test_what_was_kept_for_is_found_over_several_decisions(database: str) -> None:
    first = await a_pair(database)
    await merge(database, first)
    await import_drafts(database, [clinic("third")], source="three")
    assert await find() == 1
    (second,), _ = await duplicates.duplicates_list(by=BY, now=NOW)
    await merge(database, second, second.other)
    assert await storage.kept_for([first.slugs[1]]) == {first.slugs[1]: second.slugs[1]}


async def test_a_listing_comes_back_when_the_one_that_was_kept_is_taken_out_by_its_source(database: str) -> None:
    pair = await a_pair(database)
    await merge(database, pair)
    given = {"clock": clock, "settings": settings_for(database)}
    assert await duplicates.duplicates_left_alone(**given) == 0
    await import_drafts(database, [], source="one")
    assert await duplicates.duplicates_left_alone(**given) == 1
    assert await status_of(pair.other) == "active"
    assert await waiting() == 0, "it rests, since one is gone"


@pytest.mark.parametrize("engine", ["postgres"])
async def test_of_two_people_who_decide_one_pair_at_once_one_is_told(database: str) -> None:
    pair = await a_pair(database)
    answers = await asyncio.gather(
        merge(database, pair, pair.one),
        merge(database, pair, pair.other, OTHER),
        duplicates.duplicate_differ(id=pair.id, by=OTHER, clock=clock),
        return_exceptions=True,
    )
    assert sorted(type(each).__name__ for each in answers) == ["NoneType", "Settled", "Settled"]
    gone = sum([await status_of(id) == "inactive" for id in (pair.one, pair.other)])
    decided = await one_value("SELECT status FROM duplicate_pair")
    assert (decided, gone) in ((SAME, 1), (DIFFERENT, 0))


async def test_what_cannot_be_decided_is_refused_and_changes_nothing(database: str) -> None:
    pair = await a_pair(database)
    with pytest.raises(NotFound):
        await merge(database, pair, keep=pair.other + 1)
    with pytest.raises(NotFound):
        await merge(database, replace(pair, id=pair.id + 1))
    with pytest.raises(Settled):
        await reopen(database, pair)
    await merge(database, pair)
    with pytest.raises(Settled):
        await merge(database, pair, pair.other)
    assert [await status_of(id) for id in (pair.one, pair.other)] == ["active", "inactive"]


async def test_only_who_keeps_the_directory_decides_what_is_a_duplicate(database: str) -> None:
    pair = await a_pair(database)
    for role in (Role.PEER, Role.EDITOR, Role.ADMINISTRATOR):
        by = Actor(9, (Grant(role, None if role is Role.ADMINISTRATOR else 1),))
        assert await duplicates.duplicates_waiting(by=by, now=NOW) == 0
        with pytest.raises(Denied):
            await duplicates.duplicates_list(by=by, now=NOW)
        with pytest.raises(Denied):
            await merge(database, pair, by=by)
        with pytest.raises(Denied):
            await duplicates.duplicate_differ(id=pair.id, by=by, clock=clock)
    assert await waiting() == 1
