from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from directory.domain.access import Actor, Denied, Grant, Role
from directory.domain.errors import NotFound, PlaceNotFound
from directory.domain.geo import Point
from directory.domain.listings import Capacity
from directory.domain.openings import Level
from directory.domain.people import UnfitFields
from directory.domain.search import Query, parse
from directory.services.opening_search import openings_search
from directory.services.opening_watches import question, watch_add, watch_end, watch_list, watched, watches_tell
from directory.services.people import person_disable
from directory.services.work import Outcome, work_once
from directory.settings import CONSOLE, Settings
from directory.storage import db
from tests import accounts
from tests.factories import draft, import_drafts, one_value, settings_for, world_made
from tests.openings import NOW, PEER, editor, level, numbers, reported
from tests.services.test_openings import HOUSE, house, made

HOUR = timedelta(hours=1)
DETOX = Query(near="19199", facets={"care": ("detox",)})


def asked(**given: str) -> Query:
    return parse([("near", "19199"), *given.items()])[0]


async def found(database: str, now: datetime = NOW, **given: str) -> list[tuple[str, list[tuple[str, ...]]]]:
    """The openings that a peer finds: the name of each place, and of each opening what nobody has said."""
    result = await openings_search(by=PEER, query=asked(**given), now=now, settings=settings_for(database))
    return [(each.card.name, [fitting.unknown for fitting in each.fitting]) for each in result.found]


# --- the search ------------------------------------------------------------------------------------------------------


async def test_a_peer_finds_what_is_open_now_nearest_first(database: str) -> None:
    far = {"point": Point(40.15, -75.0), "name": "Far House", "street": "9 Far Street"}
    here = await made(database)
    await import_drafts(database, [draft("reed", **HOUSE, care=("detox",)), draft("far", **HOUSE | far)])
    there = await level(
        here.agency, await one_value("SELECT slug FROM listing WHERE name = 'Far House'"), program="Far"
    )
    assert await found(database) == []
    for each in (there, here):
        await reported(each)
    assert await found(database) == [("Reed House", [()]), ("Far House", [()])]
    assert await found(database, within="5") == [("Reed House", [()])]
    assert await found(database, now=NOW + 72 * HOUR) == []


@pytest.mark.parametrize(
    ("whom", "listed", "expected"),
    [
        ({"sex": "women", "pay": ("medicaid",)}, {}, [()]),
        ({"sex": "men", "pay": ("medicaid",)}, {}, None),
        ({}, {}, [("people", "pay")]),
        ({"sex": "women"}, {"people": ("men",)}, [("pay",)]),
    ],
)
async def test_detox_for_a_woman_with_medicaid_now(
    database: str, whom: dict[str, Any], listed: dict[str, Any], expected: list[tuple[str, ...]] | None
) -> None:
    here = await level(await accounts.agency(), await house(database, **listed))
    await reported(here, numbers(**whom))
    wanted = [("Reed House", expected)] if expected else []
    assert await found(database, care="detox", people="women", pay="medicaid") == wanted


async def test_each_level_answers_for_itself(database: str) -> None:
    women = await made(database, name="Women")
    men = await level(women.agency, women.slug, name="Men")
    home = await level(women.agency, women.slug, name="Home", care="residential")
    await reported(women, numbers(sex="women"))
    await reported(men, numbers(sex="men"))
    await reported(home, numbers(sex="women"))
    result = await openings_search(
        by=PEER, query=asked(care="detox", people="women"), now=NOW, settings=settings_for(database)
    )
    assert [[fitting.openings.name for fitting in each.fitting] for each in result.found] == [["Women"]]


async def test_what_a_source_reports_is_found_too_and_what_it_does_not_say_is_named(database: str) -> None:
    await house(database, care=None, capacities=(Capacity("bed", 2, None, NOW),))
    assert await found(database) == [("Reed House", [()])]
    assert await found(database, care="detox", pay="medicaid") == [("Reed House", [("care", "pay")])]


@pytest.mark.parametrize(
    ("kind", "care", "expected"),
    [
        ("health", "detox", [("care",)]),
        ("food", "detox", None),
        ("housing", "detox", None),
        ("housing", "recovery-housing", [("care",)]),
        ("legal", "recovery-housing", None),
    ],
)
async def test_a_place_of_a_kind_that_never_gives_a_care_is_no_answer_to_who_asks_for_it(
    database: str, kind: str, care: str, expected: list[tuple[str, ...]] | None
) -> None:
    await house(database, kind=kind, care=None, capacities=(Capacity("bed", 2, None, NOW),))
    assert await found(database, care=care) == ([("Reed House", expected)] if expected else [])


async def test_without_a_place_what_was_reported_last_comes_first(database: str) -> None:
    drafts = [
        draft(name, **HOUSE | {"name": name}, capacities=(Capacity("bed", 2, None, NOW - hours * HOUR),))
        for name, hours in (("Ash House", 30), ("Birch House", 1), ("Cedar House", 8))
    ]
    await world_made()
    await import_drafts(database, drafts)
    result = await openings_search(by=PEER, query=Query(), now=NOW, settings=settings_for(database))
    assert [each.card.name for each in result.found] == ["Birch House", "Cedar House", "Ash House"]


async def test_what_fits_is_found_behind_a_hundred_nearer_places_that_do_not(database: str) -> None:
    near = {"people": ("men",), "capacities": (Capacity("bed", 2, None, NOW),)}
    far = near | {"people": ("women",), "name": "Far House", "street": "9 Far Street", "point": Point(40.15, -75.0)}
    await world_made()
    drafts = [draft(f"near {number}", **HOUSE | near | {"name": f"Near House {number}"}) for number in range(100)]
    await import_drafts(database, [*drafts, draft("far", **HOUSE | far)])
    assert await found(database, people="women") == [("Far House", [()])]


async def test_only_peers_and_coordinators_search_so(database: str) -> None:
    settings = settings_for(database)
    with pytest.raises(Denied):
        await openings_search(by=editor(1), query=Query(), now=NOW, settings=settings)
    with pytest.raises(PlaceNotFound):
        await openings_search(by=PEER, query=Query(near="Nowhere at all"), now=NOW, settings=settings)


# --- being told ------------------------------------------------------------------------------------------------------


async def watching(query: Query = DETOX, email: str = "ana@example.org") -> Actor:
    """A peer who is told of this."""
    agency = await accounts.agency("Peers of the Marsh")
    person = (await accounts.joined(Role.PEER, agency, email)).id
    actor = Actor(person, (Grant(Role.PEER, agency),))
    await watch_add(by=actor, query=query, now=NOW)
    return actor


def posting(database: str) -> Settings:
    return settings_for(database, smtp_url=CONSOLE, base_url="https://help.example.org")


async def tell(database: str, now: datetime = NOW) -> int:
    return await watches_tell(now=now, settings=posting(database))


async def letters() -> list[tuple[str, str]]:
    found = await db.rows("SELECT recipient, words FROM outbox WHERE template = 'openings-watch' ORDER BY id")
    return [(row["recipient"], db.from_json(row["words"])["link"]) for row in found]


async def test_a_peer_is_told_when_an_opening_appears_and_the_letter_says_nothing_of_it(database: str) -> None:
    here = await made(database)
    await reported(here, numbers(0))
    await watching()
    assert await tell(database) == 0
    await reported(here, numbers(2))
    assert [await tell(database), await tell(database)] == [1, 0]
    id = await one_value("SELECT id FROM opening_watch")
    assert await letters() == [("ana@example.org", f"https://help.example.org/openings?watch={id}")]


async def test_the_work_that_falls_due_tells_and_sends_the_letter(database: str) -> None:
    here = await made(database)
    await watching()
    await reported(here)
    done = await work_once(clock=lambda: NOW, settings=posting(database))
    assert Outcome("tell-of-openings", 1) in done
    assert await one_value("SELECT COUNT(*) FROM outbox WHERE template = 'openings-watch' AND state = 'sent'") == 1


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ([(0, 2)], 1),
        ([(0, 2), (1, 2), (30, 3)], 1),  # said again
        ([(0, 2), (72, 2)], 2),  # it had grown too old to count
        ([(0, 2), (2, 0), (3, 2)], 2),  # it was gone
        ([(0, 2), (0.2, 0), (0.5, 2)], 1),  # within the hour: there is one letter
        ([(0, 0)], 0),
    ],
)
async def test_what_is_only_said_again_is_not_new(database: str, changes: list[tuple[float, int]], told: int) -> None:
    here = await made(database)
    await watching()
    total = 0
    for hours, available in changes:
        await reported(here, numbers(available), now=NOW + hours * HOUR)
        total += await tell(database, NOW + hours * HOUR)
    assert total == told


async def test_what_appears_within_the_hour_is_told_after_it(database: str) -> None:
    here = await made(database)
    other = await level(here.agency, here.slug, name="Second")
    await watching()
    await reported(here)
    assert await tell(database) == 1
    await reported(other, now=NOW + HOUR / 2)
    assert [await tell(database, NOW + hours * HOUR) for hours in (0.5, 0.9, 1, 1.1)] == [0, 0, 1, 0]


async def test_nobody_is_told_of_what_their_search_does_not_find(database: str) -> None:
    here = await made(database)
    actor = await watching(replace(DETOX, facets={"care": ("outpatient",)}))
    for query in (
        replace(DETOX, facets={"people": ("women",)}),
        replace(DETOX, near="60699"),
        replace(DETOX, near="93999"),
    ):
        await watch_add(by=actor, query=query, now=NOW)
    await db.execute("DELETE FROM place WHERE key = '93999'")  # a place that is known no more
    report = await reported(here, numbers(sex="men"))
    assert await tell(database) == 0
    assert [each.seen for each in await watch_list(by=actor, now=NOW)] == [report] * 4


async def test_a_watch_ends_after_30_days_by_hand_and_with_its_account(database: str) -> None:
    here = await made(database)
    one, other = await watching(), await watching(email="eva@example.org")
    third = await watching(email="ida@example.org")
    (own,) = await watch_list(by=one, now=NOW)
    assert (own.ends_at, question(own)) == (NOW + timedelta(days=30), DETOX)
    with pytest.raises(NotFound):
        await watch_end(by=other, id=own.id, now=NOW)
    await watch_end(by=one, id=own.id, now=NOW)
    with pytest.raises(NotFound):
        await watch_end(by=one, id=own.id, now=NOW)
    await person_disable(by="test", email="ida@example.org", now=NOW)
    await reported(here)
    assert await tell(database) == 1
    assert [to for to, _ in await letters()] == ["eva@example.org"]
    assert await watch_list(by=one, now=NOW) == ()
    assert len(await watch_list(by=third, now=NOW)) == 1
    await reported(here, now=NOW + timedelta(days=31))
    assert await tell(database, NOW + timedelta(days=31)) == 0


async def test_of_a_watch_that_has_ended_nothing_is_kept_but_that_it_was_there(database: str) -> None:
    await world_made()
    actor = await watching()
    (own,) = await watch_list(by=actor, now=NOW)
    await watch_end(by=actor, id=own.id, now=NOW)
    assert await one_value("SELECT COUNT(*) FROM opening_watch") == 0
    await watch_add(by=actor, query=DETOX, now=NOW)
    await tell(database, NOW + timedelta(days=30) - HOUR)
    assert await one_value("SELECT COUNT(*) FROM opening_watch") == 1
    await tell(database, NOW + timedelta(days=30))
    assert await one_value("SELECT COUNT(*) FROM opening_watch") == 0
    assert await one_value("SELECT COUNT(*) FROM audit_entry WHERE action = 'watch-openings'") == 2


async def test_the_same_question_twice_is_one_watch_that_lasts_longer_and_a_form_counts_once(database: str) -> None:
    await world_made()
    actor = await watching()
    (first,) = await watch_list(by=actor, now=NOW)
    later = NOW + timedelta(days=2)
    assert await watch_add(by=actor, query=replace(DETOX, near="19199-0101"), now=later, form="f" * 43) == first.id
    assert await watch_add(by=actor, query=asked(care="inpatient"), now=later, form="f" * 43) is None
    (again,) = await watch_list(by=actor, now=later)
    assert again.ends_at == later + timedelta(days=30)


async def test_nobody_has_more_than_20(database: str) -> None:
    await world_made()
    actor = await watching()
    for miles in range(1, 20):
        await watch_add(by=actor, query=replace(DETOX, within=float(miles)), now=NOW)
    with pytest.raises(UnfitFields) as error:
        await watch_add(by=actor, query=replace(DETOX, within=99.0), now=NOW)
    assert [(each.field, each.code) for each in error.value.problems] == [("watch", "most")]
    assert len(await watch_list(by=actor, now=NOW)) == 20


def test_of_a_question_no_words_and_no_point_are_kept() -> None:
    given = Query(words=("ana",), text="ana", near="19199", point=Point(40.0, -75.0), facets={"care": ("detox",), "access": ("wheelchair",)})  # fmt: skip
    assert watched(given) == DETOX


async def test_no_street_is_kept(database: str) -> None:
    await world_made()
    actor = await watching()
    with pytest.raises(UnfitFields) as error:
        await watch_add(by=actor, query=Query(near="12 Heron Lane"), now=NOW)
    assert [(each.field, each.code) for each in error.value.problems] == [("near", "street")]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("19199", "19199"),
        ("19199-0101", "19199"),
        ("saltmarsh pa", "Saltmarsh, PA"),
        ("Ana Reed, Saltmarsh, PA", "Saltmarsh, PA"),
        ("Ana Reed, Heron Lane, back door", None),
    ],
)
async def test_of_a_place_a_watch_keeps_its_zip_code_or_town_and_no_other_word(
    database: str, typed: str, kept: str | None
) -> None:
    await world_made()
    actor = Actor((await accounts.joined(Role.PEER, await accounts.agency(), "ana@example.org")).id, PEER.grants)
    if kept is None:
        with pytest.raises(PlaceNotFound):
            await watch_add(by=actor, query=Query(near=typed), now=NOW)
    else:
        await watch_add(by=actor, query=Query(near=typed), now=NOW)
    assert [question(each).near for each in await watch_list(by=actor, now=NOW)] == ([kept] if kept else [])


@pytest.mark.parametrize("engine", ["postgres"])
async def test_several_processes_that_look_at_once_send_one_letter(database: str) -> None:
    here: Level = await made(database)
    await watching()
    await reported(here)
    assert sorted(await asyncio.gather(*(tell(database) for _ in range(6)))) == [0] * 5 + [1]
    assert len(await letters()) == 1
