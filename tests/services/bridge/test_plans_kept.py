"""What becomes of a plan when two clients are one person, when their time is over, and when they ask for a copy."""

from __future__ import annotations

from datetime import timedelta

import pytest

from directory.domain.bridge.marks import Mark
from directory.domain.bridge.plans import Plan
from directory.domain.errors import NotFound
from directory.services.bridge.copies import bridge_copy
from directory.services.waitlist.clients import client_found
from directory.services.waitlist.merging import clients_merge, merged_tidy
from directory.services.waitlist.retention import retention_run
from directory.storage import db
from directory.storage.bridge import marks
from directory.storage.waitlist import checks, clients
from tests.services.bridge.suggesting import accompanied, upi_of
from tests.services.bridge.test_plans import PLAN, SECRET, colleague, saved, shown
from tests.services.waitlist import twins, world
from tests.services.waitlist.world import NOW, SETTINGS, TODAY, World

DAY = timedelta(days=1)


async def test_two_plans_of_one_person_become_one_and_marks_go_with_them(database: str) -> None:
    made = await world.made()
    one, other = await twins.twins(made)
    await planned(made, one, Plan(matters="My girl", shown=("bad-night",)))
    await planned(made, other, Plan(matters="My own door", bad_night=("Call Wren",), people=PLAN.people))
    await merged(made, one, other)
    assert await shown(await upi_of(one), made.coordinator) == Plan(
        matters=f"My girl\n\n{TODAY.isoformat()}:\nMy own door",
        bad_night=("Call Wren",),
        people=PLAN.people,
        shown=("bad-night",),
    )
    assert [(row["client_id"]) for row in await db.rows("SELECT client_id FROM plan")] == [one]
    assert len(await marks.of_client(one)) == 2
    with pytest.raises(NotFound):
        await shown(await upi_of(other), made.coordinator)


async def test_the_only_plan_of_two_goes_to_the_one_who_stays(database: str) -> None:
    made = await world.made()
    one, other = await twins.twins(made)
    await planned(made, other, PLAN)
    await merged(made, one, other)
    assert await shown(await upi_of(one), made.coordinator) == PLAN


async def test_a_plan_that_was_saved_in_the_very_moment_of_a_merging_is_brought_over(database: str) -> None:
    made = await world.made()
    one, other = await twins.twins(made)
    await planned(made, one, Plan(matters="My girl"))
    upi = await upi_of(other)
    await merged(made, one, other)
    async with db.staging():
        await db.execute(f"UPDATE client SET merged_into_id = NULL WHERE id = {other}")
    await planned(made, other, Plan(helps="The river"))
    async with db.staging():
        await db.execute(f"UPDATE client SET merged_into_id = {one} WHERE id = {other}")
    assert await merged_tidy(now=NOW, settings=SETTINGS) == 1
    found = await shown(await upi_of(one), made.coordinator)
    assert (found.matters, found.helps) == ("My girl", f"{TODAY.isoformat()}:\nThe river")
    with pytest.raises(NotFound):
        await shown(upi, made.coordinator)


async def planned(made: World, client: int, plan: Plan) -> None:
    """Gives a client a plan, and a mark on the clinic's listing."""
    await saved(made, await upi_of(client), plan, by=made.coordinator)
    (row,) = await db.rows(f"SELECT listing_id FROM program WHERE agency_id = {made.clinic}")
    async with db.staging():
        await marks.add(client, Mark(row["listing_id"], "pinned", NOW), by="test")


async def merged(made: World, one: int, other: int) -> None:
    pair = await twins.pair_of(one, other)
    await clients_merge(
        pair=pair,
        keep=one,
        versions=await twins.versions(one, other),
        by=made.coordinator,
        now=NOW,
        settings=SETTINGS,
    )


async def test_with_the_person_the_plan_goes_and_nobody_writes_another(database: str) -> None:
    made = await world.made()
    upi = await accompanied(made)
    row = await clients.by_upi(upi)
    assert row is not None
    await planned(made, row.id, Plan(matters=SECRET, shown=("bad-night",)))
    await retention_run(by="test", now=NOW + 366 * DAY)
    (left,) = await db.rows("SELECT sealed, is_by_code FROM plan")
    assert (left["sealed"], bool(left["is_by_code"])) == (None, False)
    assert await marks.of_client(row.id) == []
    with pytest.raises(NotFound):
        await saved(made, upi, PLAN, 1)
    assert await checks.broken() == {}


async def test_a_plan_about_somebody_who_was_cleared_is_found(database: str) -> None:
    made = await world.made()
    upi = await accompanied(made)
    await saved(made, upi)
    (row,) = await db.rows("SELECT sealed, client_id FROM plan")
    await retention_run(by="test", now=NOW + 366 * DAY)
    async with db.staging():
        await db.execute(f"UPDATE plan SET sealed = '{row['sealed']}'")
    assert await checks.broken() == {"cleared-but-with-a-plan": [row["client_id"]]}


async def test_the_copy_has_the_plan_for_those_alone_who_read_it(database: str) -> None:
    made = await world.made()
    upi = await accompanied(made)
    row = await clients.by_upi(upi)
    assert row is not None
    await planned(made, row.id, PLAN)
    who = await client_found(upi=upi, by=made.peer, now=NOW, settings=SETTINGS)
    found = await bridge_copy(who=who, by=made.peer, now=NOW, settings=SETTINGS)
    assert found is not None
    assert found.kept.plan == PLAN
    assert [(each.name, each.what) for each in found.marks] == [("Reed House", "pinned")]
    assert await bridge_copy(who=who, by=await colleague(made), now=NOW, settings=SETTINGS) is None
