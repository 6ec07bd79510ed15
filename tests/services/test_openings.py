from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from directory.domain.access import Actor, Denied, Grant, Role
from directory.domain.errors import NotFound
from directory.domain.listings import Capacity
from directory.domain.openings import Level, ReportedSince
from directory.domain.people import UnfitFields
from directory.domain.search import Query
from directory.services.openings import (
    openings_level,
    openings_levels,
    openings_renew,
    openings_report,
    openings_waiting,
)
from directory.services.search import search_run
from directory.storage import db
from directory.storage import openings as storage
from directory.storage.memory import memory
from tests import accounts, agencies
from tests.factories import draft, import_drafts, one_value, settings_for, world_made
from tests.openings import NOW, PEER, editor, level, numbers, reported

HOUR = timedelta(hours=1)
ADMINISTRATOR = Actor(903, (Grant(Role.ADMINISTRATOR),))
HOUSE: dict[str, Any] = {"kind": "treatment", "name": "Reed House", "attendance": None, "program": None, "windows": ()}


async def house(database: str, **given: Any) -> str:
    """The slug of the one listing there is."""
    await world_made()
    await import_drafts(database, [draft("reed", **HOUSE | {"care": ("detox",)} | given)])
    return str(await one_value("SELECT slug FROM listing"))


async def made(database: str, **given: Any) -> Level:
    """A level of the house, of an agency."""
    return await level(await accounts.agency(), await house(database), **given)


async def now_of(id: int) -> Level:
    found = await storage.level(id)
    assert found is not None
    return found


async def found_with_openings(database: str, now: Any = NOW) -> list[tuple[str, int | None]]:
    """What visitors find with an opening, and how many are shown there."""
    asked = Query(near="19199", openings=True)
    result = await search_run(query=asked, now=now, settings=settings_for(database))
    return [(card.name, card.openings.available if card.openings else None) for card in result.cards]


async def test_a_report_is_kept_whole_with_who_gave_it_and_how(database: str) -> None:
    here = await made(database)
    given = numbers(
        2, occupied=7, held=1, licensed=12, expected=3, accepting="assess", note=" Ring twice. ", sex="women",
        youngest=18, oldest=64, moud=True, pay=("medicaid",), wheelchair=False, children=True, languages=("en", "es"),
    )  # fmt: skip
    report = await reported(here, given)
    latest = (await now_of(here.id)).latest
    assert latest is not None
    assert (latest.id, latest.as_of, latest.by, latest.via) == (report, NOW, "person 902", "web")
    assert latest.numbers == replace(given, note="Ring twice.")


async def test_what_nobody_says_stays_unknown(database: str) -> None:
    here = await made(database)
    await reported(here, numbers(None, staffed=None, accepting="assess"))
    latest = (await now_of(here.id)).latest
    assert latest is not None
    assert latest.numbers == numbers(None, staffed=None, accepting="assess")
    assert await found_with_openings(database) == []


async def test_visitors_see_a_new_report_at_once_even_in_the_same_moment(database: str) -> None:
    here = await made(database)
    shown = []
    for available in (2, 5, 0, 1):
        await reported(here, numbers(available))
        (card,) = (await memory().cards([here.listing], NOW)).values()
        shown.append((card.openings and card.openings.available, await found_with_openings(database)))
    assert shown == [(2, [("Reed House", 2)]), (5, [("Reed House", 5)]), (0, []), (1, [("Reed House", 1)])]


@pytest.mark.parametrize(
    ("hours", "given", "is_found"),
    [(0, {}, True), (71.9, {}, True), (72, {}, False), (0, {"accepting": "no-capacity"}, False),
     (0, {"accepting": "waitlist"}, True), (0, {"available": 0, "accepting": "waitlist"}, False)],
)  # fmt: skip
async def test_an_opening_is_found_until_it_is_three_days_old_and_where_somebody_is_taken(
    database: str, hours: float, given: dict[str, Any], is_found: bool
) -> None:
    here = await made(database)
    await reported(here, numbers(**given), now=NOW - hours * HOUR)
    assert bool(await found_with_openings(database)) is is_found
    (card,) = (await memory().cards([here.listing], NOW)).values()
    assert card.openings is not None
    assert card.openings.available == (0 if given.get("accepting") == "no-capacity" else given.get("available", 2))


async def test_who_says_that_nobody_is_taken_is_not_among_those_who_say_nothing(database: str) -> None:
    here = await made(database)
    asked, unknown = Query(near="19199", openings=True), []
    for accepting in ("assess", "capacity", "no-capacity"):
        await reported(here, numbers(None, accepting=accepting))
        result = await search_run(query=asked, now=NOW, settings=settings_for(database))
        unknown.append((result.total, dict(result.unknown)))
    assert unknown == [(0, {"openings": 1}), (0, {"openings": 1}), (0, {"openings": 0})]


async def test_two_levels_of_one_care_in_one_listing_are_two_things(database: str) -> None:
    women = await made(database, name="Women")
    men = await level(women.agency, women.slug, name="Men")
    await reported(women, numbers(2), now=NOW - HOUR)
    await reported(men, numbers(0))
    assert await found_with_openings(database) == [("Reed House", 2)]
    (card,) = (await memory().cards([women.listing], NOW)).values()
    assert [(each.name, each.available) for each in card.reports] == [("Women", 2), ("Men", 0)]
    await reported(women, numbers(0))
    assert await found_with_openings(database) == []


async def test_a_level_that_was_closed_is_neither_found_nor_reported_on(database: str) -> None:
    here = await made(database)
    await reported(here)
    async with db.transaction():
        await db.execute(f"UPDATE program_level SET closed_at = created_at WHERE id = {here.id}")
        await storage.touch(here.listing)
    assert await found_with_openings(database) == []
    (card,) = (await memory().cards([here.listing], NOW)).values()
    assert card.reports == ()
    assert await openings_levels(by=PEER, now=NOW) == ()
    with pytest.raises(NotFound):
        await reported(here, numbers(3))


async def shown(here: Level) -> list[tuple[str | None, int | None]]:
    """What is told of the listing: its own level as "level", of the source the level of care, each with how many are open."""
    (card,) = (await memory().cards([here.listing], NOW)).values()
    return [("level" if each.level else each.care, each.available) for each in card.reports]


async def test_a_report_of_people_replaces_what_the_source_says_of_the_same_care_alone_as_long_as_the_level_is_open(
    database: str,
) -> None:
    own = (
        Capacity("bed", 2, None, NOW, "detox"),
        Capacity("bed", 3, None, NOW),
        Capacity("bed", 0, None, NOW, "residential"),
    )
    here = await level(await accounts.agency(), await house(database, capacities=own))
    source = [("detox", 2), (None, 3), ("residential", 0)]
    assert await shown(here) == source
    await reported(here, numbers(1), now=NOW - HOUR)
    await import_drafts(database, [draft("reed", **HOUSE, care=("detox",), capacities=own, description="New words.")])
    assert await one_value("SELECT COUNT(*) FROM capacity_report") == 4
    assert await shown(here) == [("level", 1), *source[1:]]
    async with db.transaction():
        await db.execute(f"UPDATE program_level SET closed_at = created_at WHERE id = {here.id}")
        await storage.touch(here.listing)
    assert await shown(here) == source


async def test_visitors_do_not_find_by_a_source_what_its_agency_says_is_full(database: str) -> None:
    own = (Capacity("bed", 2, None, NOW, "detox"),)
    here = await level(await accounts.agency(), await house(database, capacities=own))
    found = [await found_with_openings(database)]
    await reported(here, numbers(0, accepting="waitlist"))
    assert [*found, await found_with_openings(database)] == [[("Reed House", 2)], []]


# --- when a report is not taken --------------------------------------------------------------------------------------


async def refused(here: Level, given: Any, **more: Any) -> list[tuple[str, str]]:
    before = await one_value("SELECT COUNT(*) FROM capacity_report")
    with pytest.raises(UnfitFields) as error:
        await reported(here, given, **more)
    assert await one_value("SELECT COUNT(*) FROM capacity_report") == before
    return [(each.field, each.code) for each in error.value.problems]


async def test_numbers_that_do_not_add_up_are_refused_and_nothing_is_written(database: str) -> None:
    here = await made(database)
    assert await refused(here, numbers(4, occupied=7, held=1)) == [("available", "sum")]


async def test_a_report_of_an_earlier_moment_than_the_newest_is_refused_and_one_of_the_future(database: str) -> None:
    here = await made(database)
    await reported(here, as_of=NOW - 2 * HOUR)
    assert await refused(here, numbers(), as_of=NOW - 3 * HOUR) == [("as_of", "older")]
    assert await refused(here, numbers(), as_of=NOW + HOUR) == [("as_of", "future")]
    await reported(here, as_of=NOW - HOUR)
    assert await one_value("SELECT COUNT(*) FROM capacity_report") == 2


async def test_of_two_tabs_the_second_is_shown_what_the_first_has_said(database: str) -> None:
    here = await made(database)
    first = await reported(here)
    second = await reported(here, numbers(1), seen=first)
    with pytest.raises(ReportedSince) as error:
        await reported(here, numbers(5), seen=first)
    assert error.value.level.latest is not None
    assert (error.value.level.seen, error.value.level.latest.numbers.available) == (second, 1)
    with pytest.raises(ReportedSince):
        await openings_renew(by=editor(here.agency), id=here.id, seen=first, now=NOW)
    assert (await now_of(here.id)).seen == second
    assert await reported(here, numbers(5), seen=second)


async def test_one_tap_says_the_same_again_and_a_double_tap_says_it_once(database: str) -> None:
    here = await made(database)
    seen = await reported(here, numbers(2, sex="women", note="Ring."), now=NOW - 30 * HOUR)
    tap = {"by": editor(here.agency), "id": here.id, "seen": seen, "now": NOW, "form": "f" * 43}
    assert [await openings_renew(**tap), await openings_renew(**tap)] == [seen + 1, None]
    latest = (await now_of(here.id)).latest
    assert latest is not None
    assert (latest.id, latest.as_of, latest.via) == (seen + 1, NOW, "web")
    assert latest.numbers == numbers(2, sex="women", note="Ring.")
    rows = await db.rows("SELECT as_of FROM capacity_report ORDER BY id")
    assert [db.as_moment(row["as_of"]) for row in rows] == [NOW - 30 * HOUR, NOW]  # what was said stays as it was


async def test_nothing_can_be_the_same_where_nothing_was_said(database: str) -> None:
    here = await made(database)
    with pytest.raises(NotFound):
        await openings_renew(by=PEER, id=here.id, seen=0, now=NOW)


async def test_a_form_that_comes_twice_is_taken_once(database: str) -> None:
    here = await made(database)
    given = {"by": PEER, "id": here.id, "numbers": numbers(), "now": NOW, "form": "f" * 43}
    assert [bool(await openings_report(**given)) for _ in range(2)] == [True, False]
    assert await one_value("SELECT COUNT(*) FROM capacity_report") == 1


# --- who may ---------------------------------------------------------------------------------------------------------


async def test_editors_see_the_levels_of_their_own_agency_and_peers_all(database: str) -> None:
    here = await made(database)
    other = await level(await accounts.agency("Farshore House", "treatment"), here.slug, program="Far House")
    names = {
        actor: [each.agency_name for each in await openings_levels(by=actor, now=NOW)]
        for actor in (PEER, editor(here.agency), editor(other.agency), editor(7_777))
    }
    assert list(names.values()) == [["Farshore House", "Marsh Peers"], ["Marsh Peers"], ["Farshore House"], []]
    with pytest.raises(Denied):
        await openings_level(by=editor(other.agency), id=here.id, now=NOW)
    with pytest.raises(Denied):
        await reported(here, by=editor(other.agency))
    with pytest.raises(Denied):
        await openings_levels(by=ADMINISTRATOR, now=NOW)
    with pytest.raises(Denied):
        await openings_level(by=ADMINISTRATOR, id=7_777, now=NOW)


@pytest.mark.parametrize("why", ["given away", "agency closed"])
async def test_an_agency_reports_nothing_of_a_listing_that_is_another_agencys_by_now(database: str, why: str) -> None:
    here = await made(database)
    seen = await reported(here)
    other = await accounts.agency("Farshore House", "treatment")
    await agencies.claimed(here.agency if why == "agency closed" else other, here.slug, approved=True)
    if why == "agency closed":
        await db.execute(f"UPDATE agency SET closed_at = created_at WHERE id = {here.agency}")
    for actor in (editor(here.agency), editor(other)):
        assert await openings_levels(by=actor, now=NOW) == ()
        assert await openings_waiting(by=actor, now=NOW + 24 * HOUR) == 0
        with pytest.raises((Denied, NotFound)):
            await reported(here, by=actor)
        with pytest.raises((Denied, NotFound)):
            await openings_renew(by=actor, id=here.id, seen=seen, now=NOW)
    assert (await now_of(here.id)).seen == seen
    assert [each.id for each in await openings_levels(by=PEER, now=NOW)] == ([here.id] if why == "given away" else [])


async def test_an_agency_goes_on_reporting_of_what_it_has_claimed(database: str) -> None:
    here = await made(database)
    await agencies.claimed(here.agency, here.slug, approved=True)
    assert [each.id for each in await openings_levels(by=editor(here.agency), now=NOW)] == [here.id]
    assert await reported(here)


async def test_a_report_of_a_peer_came_by_phone(database: str) -> None:
    here = await made(database)
    await reported(here, by=PEER)
    latest = (await now_of(here.id)).latest
    assert latest is not None
    assert (latest.via, latest.by) == ("phone", "person 901")


async def test_a_level_waits_until_it_has_a_fresh_report(database: str) -> None:
    here = await made(database)
    waits = [await openings_waiting(by=PEER, now=NOW)]
    await reported(here)
    waits += [await openings_waiting(by=PEER, now=NOW + hours * HOUR) for hours in (0, 23.9, 24)]
    assert waits == [1, 0, 0, 1]
    assert await openings_waiting(by=ADMINISTRATOR, now=NOW + 24 * HOUR) == 0
    assert await openings_waiting(by=editor(7_777), now=NOW + 24 * HOUR) == 0


async def test_each_report_has_its_entry_in_the_audit_trail_without_its_words(database: str) -> None:
    here = await made(database)
    report = await reported(here, numbers(2, note="Ring for Ana."))
    sql = db.Sql()
    text = f"SELECT by, subject, details FROM audit_entry WHERE action = {sql('openings-report')}"
    (entry,) = await db.rows(text, sql.values)
    assert (entry["by"], entry["subject"]) == ("person 902", f"level {here.id}")
    details = db.from_json(entry["details"])
    assert (details["report"], details["available"], details["via"]) == (report, 2, "web")
    assert "Ana" not in str(details)


# --- at once ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ["postgres"])
async def test_twenty_reports_at_once_are_all_kept_in_order_with_one_open_notice(database: str) -> None:
    here = await made(database)
    late = [NOW + timedelta(milliseconds=20 - number) for number in range(20)]  # who was first to ask may come last
    found = await asyncio.gather(
        *(reported(here, numbers(0, occupied=10, held=0, expected=number), now=now) for number, now in enumerate(late))
    )
    assert len(set(found)) == 20
    rows = await db.rows("SELECT id, as_of, expected FROM capacity_report ORDER BY id")
    moments = [db.as_moment(row["as_of"]) for row in rows]
    assert moments == sorted(moments)
    assert sorted(row["expected"] for row in rows) == list(range(20))
    assert await one_value("SELECT COUNT(*) FROM capacity_notice") == 1


@pytest.mark.parametrize("engine", ["postgres"])
async def test_of_twenty_who_have_seen_the_same_numbers_one_is_taken_and_the_others_are_told(database: str) -> None:
    here = await made(database)
    seen = await reported(here)
    tries = (reported(here, numbers(number % 9), seen=seen) for number in range(20))
    found = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(each, int) for each in found) == 1
    assert sum(isinstance(each, ReportedSince) for each in found) == 19
    assert await one_value("SELECT COUNT(*) FROM capacity_report") == 2
