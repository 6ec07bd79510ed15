"""Openings of what an agency closes: they go with it, and nobody loses an offer by it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from directory.domain.levels import LevelValues, ProgramValues
from directory.domain.people import UnfitFields
from directory.domain.waitlist.answers import GONE
from directory.domain.waitlist.states import Slot
from directory.services import programs as service
from directory.services.waitlist import agency_answers, offers
from directory.storage import db
from directory.storage import programs as stored_programs
from directory.storage.waitlist import checks
from directory.storage.waitlist import offers as stored
from tests import lines
from tests.accounts import SETTINGS
from tests.services.waitlist import world
from tests.services.waitlist.world import NOW, World

Close = Callable[[World], Awaitable[None]]
WING = LevelValues("Quiet wing", "residential", "bed")


async def close_level(made: World) -> None:
    found = await stored_programs.level(made.level)
    assert found is not None
    await service.level_change(
        by=made.coordinator, id=made.level, version=found.version, values=WING, is_closed=True, now=NOW
    )


async def close_program(made: World) -> None:
    found = await stored_programs.level(made.level)
    assert found is not None
    (program,) = await stored_programs.programs(id=found.program)
    await service.program_change(
        by=made.coordinator,
        id=program.id,
        version=program.version,
        values=ProgramValues("Beds", is_funded=True),
        is_closed=True,
        now=NOW,
    )


async def status(slot: int) -> Slot:
    found = await stored.slot(slot)
    assert found is not None
    return found.status


@pytest.mark.parametrize("close", [close_level, close_program])
async def test_an_opening_closes_with_its_level_or_program(database: str, close: Close) -> None:
    made = await world.made()
    slot, other = await lines.opening(made), await lines.opening(await world.made())
    await close(made)
    assert (await status(slot), await status(other)) == (Slot.CLOSED, Slot.OPEN)
    (row,) = await db.rows(f"SELECT closed_reason FROM slot WHERE id = {slot}")
    assert row["closed_reason"] == "level-closed"
    (noted,) = await db.rows(
        f"SELECT action, by FROM audit_entry WHERE subject = 'slot {slot}' AND action <> 'slot-opened'"
    )
    assert (noted["action"], noted["by"]) == ("slot-closed", made.coordinator.label)


async def left(made: World) -> None:
    """The agency is no more, or its listing is another's: nobody asks who has an offer."""
    async with db.transaction():
        closed = await stored_programs.close_all(made.clinic, NOW)
        await service.programs_leave(by=made.coordinator, closed=closed, now=NOW)


@pytest.mark.parametrize("close", [close_level, close_program])
async def test_what_has_an_opening_held_for_somebody_is_closed_once_that_offer_has_ended(
    database: str, close: Close
) -> None:
    made = await world.made()
    offer, free = await lines.offered(made), await lines.opening(made)
    with pytest.raises(UnfitFields) as unfit:
        await close(made)
    assert [(each.field, each.code) for each in unfit.value.problems] == [("state", "held-openings")]
    assert await status(free) is Slot.OPEN
    level = await stored_programs.level(made.level)
    assert level is not None
    assert level.closed_at is None
    await offers.offer_withdraw(offer=offer, reason="gone", by=made.clerk, now=NOW, settings=SETTINGS)
    await close(made)
    assert await status(free) is Slot.CLOSED
    assert await checks.broken() == {}


async def test_what_is_held_when_an_agency_leaves_is_not_offered_again_after_that_offer(database: str) -> None:
    """An agency that closes, or has lost its listing, cannot be asked to wait; whoever has an offer keeps it."""
    made = await world.made()
    offer = await lines.offered(made)
    (held,) = await stored.slots_at([made.level], Slot.HELD)
    free = await lines.opening(made)
    await left(made)
    assert (await status(held[0]), await status(free)) == (Slot.HELD, Slot.CLOSED)
    late = NOW + timedelta(minutes=world.WINDOW)
    assert await offers.offer_expire(offer=offer, now=late, settings=SETTINGS)
    assert await status(held[0]) is Slot.CLOSED
    assert await checks.broken() == {}


async def test_an_agency_that_leaves_can_still_take_back_what_somebody_has_accepted(database: str) -> None:
    made = await world.made()
    offer = await lines.offered(made)
    ((held, _),) = await stored.slots_at([made.level], Slot.HELD)
    await offers.offer_accept(offer=offer, by=made.peer, now=NOW, settings=SETTINGS)
    await left(made)
    await agency_answers.opening_end(slot=held, reason=GONE[0], by=made.clerk, now=NOW, settings=SETTINGS)
    assert await status(held) is Slot.CLOSED
    assert await checks.broken() == {}
