"""Openings as the agency that has them tells of them: once each, for whom, and still there or not."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from directory.domain.access import Denied
from directory.domain.errors import NotFound
from directory.domain.openings import Numbers, Restrictions
from directory.domain.people import UnfitFields
from directory.domain.waitlist.states import NoSuchMove
from directory.services.openings import openings_report
from directory.services.waitlist.agency_answers import opening_end
from directory.services.waitlist.agency_slots import (
    AgencyLevel,
    agency_level,
    agency_levels,
    agency_slots_waiting,
    is_old,
    opening_still,
    openings_tell,
)
from directory.storage import db
from directory.storage.encoding import to_column
from tests.accounts import SETTINGS
from tests.services.waitlist import agency, world
from tests.services.waitlist.agency import day
from tests.services.waitlist.world import NOW, World

WOMEN = Restrictions(sex="women", youngest=18)
LATE = timedelta(hours=72)


async def told(
    made: World,
    *,
    count: int = 1,
    whom: Restrictions | None = WOMEN,
    free_on: date | None = None,
    form: str = "f" * 43,
    level: int | None = None,
) -> int:
    return await openings_tell(
        level=level or made.level, count=count, whom=whom, free_on=free_on, form=form, by=made.clerk, now=NOW
    )


async def level(made: World) -> AgencyLevel:
    return await agency_level(id=made.level, by=made.clerk, now=NOW)


async def test_several_openings_are_told_of_at_once_and_a_second_tap_adds_none(database: str) -> None:
    made = await world.made()
    assert await told(made, count=3, free_on=day(2)) == 3
    assert await told(made, count=3, free_on=day(2)) == 0
    found = await level(made)
    assert [(each.free_on, each.offer) for each in found.slots] == [(day(2), None)] * 3
    written = await db.rows("SELECT details FROM audit_entry WHERE action = 'slot-opened'")
    assert len(written) == 3


async def test_the_next_opening_begins_with_whom_the_last_one_was_for(database: str) -> None:
    made = await world.made()
    assert not (await level(made)).was_told
    await told(made)
    assert (await level(made)).whom == WOMEN
    await told(made, whom=None, form="g" * 43)
    found = await level(made)
    assert [each.restrictions for each in found.slots] == [found.slots[0].restrictions] * 2


async def test_the_first_opening_begins_with_whom_the_last_report_named(database: str) -> None:
    made = await world.made()
    numbers = Numbers(available=1, restrictions=Restrictions(sex="men", moud=True))
    await openings_report(by=made.clerk, id=made.level, numbers=numbers, now=NOW)
    assert (await level(made)).whom == numbers.restrictions


async def test_what_cannot_be_changes_nothing(database: str) -> None:
    made = await world.made()
    with pytest.raises(UnfitFields):
        await told(made, count=0)
    assert await told(made) == 1  # its form is still good


@pytest.mark.parametrize(("available", "hours", "expected"), [(1, 0, 1), (2, 0, None), (None, 0, None), (1, 72, None)])
async def test_more_openings_than_the_last_report_knows_of_are_said_to_be_so(
    database: str, available: int | None, hours: int, expected: int | None
) -> None:
    made = await world.made()
    numbers = Numbers(available=available, accepting="capacity")
    await openings_report(by=made.clerk, id=made.level, numbers=numbers, now=NOW)
    await told(made, count=2)
    assert (await level(made)).too_many(NOW + timedelta(hours=hours)) == expected


async def test_an_opening_of_three_days_ago_is_asked_about_until_it_is_said_to_be_there(database: str) -> None:
    """WAITLIST 3.4."""
    made = await world.made()
    await told(made)
    (slot,) = (await level(made)).slots
    assert await agency_slots_waiting(by=made.clerk, now=NOW + LATE - timedelta(seconds=1)) == 0
    assert await agency_slots_waiting(by=made.clerk, now=NOW + LATE + timedelta(seconds=1)) == 1
    assert is_old(slot, NOW + LATE)
    assert await agency_slots_waiting(by=made.peer, now=NOW + 2 * LATE) == 0
    assert await opening_still(slot=slot.id, by=made.clerk, now=NOW + LATE)
    assert not await opening_still(slot=slot.id, by=made.clerk, now=NOW + LATE)
    (slot,) = (await level(made)).slots
    assert not is_old(slot, NOW + LATE)
    assert await agency_slots_waiting(by=made.clerk, now=NOW + LATE + timedelta(hours=1)) == 0


async def test_what_is_held_or_gone_is_not_said_to_be_there_still(database: str) -> None:
    made = await world.made()
    await agency.offered(made)
    (held,) = (await level(made)).slots
    assert held.offer is not None
    with pytest.raises(NoSuchMove):
        await opening_still(slot=held.id, by=made.clerk, now=NOW)
    await opening_end(slot=held.id, reason="staff", by=made.clerk, now=NOW, settings=SETTINGS)
    with pytest.raises(NoSuchMove):
        await opening_still(slot=held.id, by=made.clerk, now=NOW)
    assert (await level(made)).slots == ()


async def test_nobody_sees_or_changes_openings_of_another_agency(database: str) -> None:
    made, other = await world.made(), await world.made()
    await told(made)
    (slot,) = (await level(made)).slots
    assert [each.level.id for each in await agency_levels(by=other.clerk, now=NOW)] == [other.level]
    with pytest.raises(NotFound):
        await openings_tell(level=made.level, count=1, whom=None, free_on=None, form="h" * 43, by=other.clerk, now=NOW)
    with pytest.raises(NotFound):
        await opening_still(slot=slot.id, by=other.clerk, now=NOW)
    with pytest.raises(NotFound):
        await opening_end(slot=slot.id, reason="staff", by=other.clerk, now=NOW, settings=SETTINGS)
    for by in (made.peer, made.coordinator):
        with pytest.raises(Denied):
            await agency_levels(by=by, now=NOW)


async def test_a_level_from_which_no_line_takes_is_said_to_be_so(database: str) -> None:
    made = await world.made()
    assert (await level(made)).is_in_line
    async with db.staging():
        sql = db.Sql()
        await db.execute(f"UPDATE pool SET closed_at = {sql(to_column(NOW))} WHERE id = {made.pool}", sql.values)
    assert not (await level(made)).is_in_line


async def test_of_a_level_whose_listing_is_another_agencys_by_now_nothing_more_is_told(database: str) -> None:
    made, other = await world.made(), await world.made()
    async with db.staging():
        sql = db.Sql()
        listing = f"(SELECT g.listing_id FROM program g JOIN program_level v ON v.program_id = g.id WHERE v.id = {made.level})"
        await db.execute(
            "INSERT INTO claim (agency_id, listing_id, status, asked_by, asked_at) "
            f"VALUES ({other.clinic}, {listing}, 'approved', 'test', {sql(to_column(NOW))})",
            sql.values,
        )
    with pytest.raises(NotFound):
        await level(made)
    assert await agency_levels(by=made.clerk, now=NOW) == ()


async def test_openings_of_a_level_that_has_closed_are_not_asked_about(database: str) -> None:
    made = await world.made()
    await told(made)
    async with db.staging():
        sql = db.Sql()
        moment = sql(to_column(NOW))
        await db.execute(f"UPDATE program_level SET closed_at = {moment} WHERE id = {made.level}", sql.values)
    assert await agency_slots_waiting(by=made.clerk, now=NOW + 2 * LATE) == 0
