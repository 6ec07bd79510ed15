"""The card for a crisis: real help around where somebody waits, and the person whom the peer tells."""

from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import count

import pytest

from directory.domain.access import Grant, Role
from directory.domain.bridge.plans import Plan
from directory.domain.search import Query
from directory.services.bridge.check_ins import Answer, check_in_note
from directory.services.bridge.crises import Crisis, crisis_show
from directory.services.bridge.plans import plan_save
from directory.services.bridge.supervision import supervisor_set
from directory.services.waitlist import entries
from directory.storage import db
from directory.storage.accounts import grant_add
from directory.storage.waitlist import clients
from tests.county import county
from tests.factories import NOW
from tests.services.bridge.suggesting import accompanied, all_found
from tests.services.waitlist import world
from tests.services.waitlist.world import SETTINGS, World

DANGER = Answer("visit", is_reached=True, safety=("overdose",))
numbers = count(1)


@pytest.fixture(scope="module")
def larkspur(tmp_path_factory: pytest.TempPathFactory) -> str:
    return county(tmp_path_factory.mktemp("county"))


@pytest.fixture
async def made(larkspur: str) -> AsyncIterator[World]:
    async with db.connect(larkspur):
        yield await world.made()


async def card(made: World, upi: str) -> Crisis:
    """The card that a check-in with this client opens."""
    given = {"upi": upi, "by": made.peer, "now": NOW, "settings": SETTINGS}
    id = await check_in_note(answer=DANGER, form=f"{next(numbers):043}", **given)  # type: ignore[arg-type]
    assert id is not None
    return await crisis_show(check_in=id, **given)  # type: ignore[arg-type]


async def test_it_shows_the_nearest_crisis_services_and_naloxone_around_the_place_of_the_plan(made: World) -> None:
    upi = await accompanied(made)
    await plan_save(upi=upi, plan=Plan(where="00101"), version=0, by=made.peer, now=NOW, settings=SETTINGS)
    found = await card(made, upi)
    assert found.near
    assert found.naloxone
    for kind, cards in (("crisis", found.near), ("harm-reduction", found.naloxone)):
        rows = await all_found(Query(near="00101", kinds=(kind,)), NOW)
        assert {each.kind for each in cards} == {kind}
        assert [rows[each.slug].distance_miles for each in cards] == [each.distance_miles for each in cards]
        assert [each.distance_miles for each in cards] == sorted(each.distance_miles or 0 for each in cards)
    assert any("988" in each.name for each in found.lines)


async def test_without_a_place_it_looks_around_that_of_their_line_and_else_shows_national_numbers(made: World) -> None:
    upi = await accompanied(made)
    row = await clients.by_upi(upi)
    assert row is not None
    alone = await card(made, upi)
    assert (alone.near, alone.naloxone) == ((), ())
    assert alone.lines
    await entries.entry_join(client=row.id, pool=made.pool, tie=1, by=made.peer, now=NOW)
    (place,) = await db.rows(
        "SELECT o.public_lat, o.public_lon FROM listing l JOIN location o ON o.id = l.location_id "
        "WHERE l.kind = 'crisis' AND o.public_lat IS NOT NULL ORDER BY l.id LIMIT 1"
    )
    await db.execute(
        "UPDATE location SET public_lat = {public_lat}, public_lon = {public_lon} WHERE id = (SELECT l.location_id "
        "FROM listing l JOIN program p ON p.listing_id = l.id JOIN program_level v ON v.program_id = p.id ".format(
            **place
        )
        + f"WHERE v.id = {made.level})"
    )
    found = await card(made, upi)
    assert found.near[0].distance_miles == pytest.approx(0, abs=0.01)


async def test_whoever_does_not_read_the_plan_is_told_no_distance_from_its_place(made: World) -> None:
    upi = await accompanied(made)
    await plan_save(upi=upi, plan=Plan(where="00101"), version=0, by=made.peer, now=NOW, settings=SETTINGS)
    assert (await card(made, upi)).near
    await db.execute(f"UPDATE client SET peer_id = NULL WHERE upi = '{upi}'")
    found = await card(made, upi)
    assert (found.near, found.naloxone) == ((), ())
    assert found.lines


async def test_the_supervisor_of_the_peer_is_told_first_and_the_coordinators_besides(made: World) -> None:
    upi = await accompanied(made)
    assert (await card(made, upi)).people == ()
    async with db.staging():
        boss = await world.account(made.coordinator)
        await db.execute(f"UPDATE person SET name = 'Cora Reed' WHERE id = {boss}")
        other = await world.account(made.clerk)
        await db.execute(f"UPDATE person SET name = 'Bea Marsh' WHERE id = {other}")
        for person, role in ((boss, Role.COORDINATOR), (other, Role.COORDINATOR), (made.peer.person, Role.PEER)):
            await grant_add(person or 0, Grant(role, made.agency), by="test", now=NOW)
    assert (await card(made, upi)).people == ("Bea Marsh", "Cora Reed")
    await supervisor_set(agency=made.agency, peer=made.peer.person or 0, supervisor=boss, by=made.coordinator, now=NOW)
    assert (await card(made, upi)).people == ("Cora Reed", "Bea Marsh")
