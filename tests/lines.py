"""Invented people in a line of an agency that is there already, with openings, offers and wishes, for the tests of pages."""

from __future__ import annotations

from itertools import count

from directory.domain.access import Actor, Grant, Role
from directory.services.sealing import seal
from directory.services.waitlist import entries, offers, out_of_order, slots
from directory.settings import Settings
from directory.storage import db
from directory.storage.waitlist import slots as stored
from tests.services.waitlist import world
from tests.services.waitlist.world import NOW, World

SETTINGS = Settings(env="test", hosts=("localhost",), base_url="http://localhost")
ties = count(1)


async def waits(made: World, called: str, *, consent: bool = True, **facts: str) -> tuple[int, str]:
    """The entry and the number of somebody new in the line."""
    client = await world.client(made, consent=consent, **facts)
    sql = db.Sql()
    sealed = sql(seal({"name": f"{called} Reed", "called": called, "born": "", "note": ""}, SETTINGS))
    async with db.staging():
        await db.execute(f"UPDATE client SET sealed = {sealed} WHERE id = {sql(client)}", sql.values)
    entry = await entries.entry_join(client=client, pool=made.pool, tie=next(ties), by=made.peer, now=NOW)
    return entry, (await stored.people_of([entry]))[entry].upi


async def opening(made: World, *restrictions: tuple[str, tuple[str, ...]]) -> int:
    """The number of a new opening that the line gets."""
    return await slots.slot_open(level=made.level, restrictions=restrictions, by=made.clerk, now=NOW)


async def offered(made: World, called: str = "Wren") -> int:
    """The number of an offer to somebody new."""
    entry, _ = await waits(made, called, pregnant="yes", injecting_30d="yes")
    slot = await opening(made)
    return await offers.offer_make(slot=slot, entry=entry, by=made.peer, now=NOW, settings=SETTINGS)


async def wished(made: World, by: Actor | None = None) -> int:
    """The number of a wish to offer an opening to the second in line."""
    await waits(made, "Wren", pregnant="yes")
    entry, _ = await waits(made, "Lark")
    slot = await opening(made)
    return await out_of_order.offer_ask(
        slot=slot, entry=entry, reason="asked-for", note="", by=by or made.peer, now=NOW, settings=SETTINGS
    )


async def placed(agency: int, row: str) -> dict[str, str]:
    """What stands in the addresses of openings, offers and wishes of this agency's line, for a row of tests/test_access.py."""
    made = await world.made(agency)
    if "/second-words" in row:
        return {"id": str(await wished(made))}
    if "/offers" in row:
        offer = await offered(made)
        if "/cancel" in row:
            await offers.offer_accept(offer=offer, by=made.peer, now=NOW, settings=SETTINGS)
        return {"id": str(offer)}
    (_, first), (_, second) = await waits(made, "Wren", pregnant="yes"), await waits(made, "Lark")
    return {"slot": str(await opening(made)), "upi": first if "/offer/" in row else second}


def colleague(made: World, person: int = 900_001) -> Actor:
    """Another peer of the agency."""
    return Actor(person, (Grant(Role.PEER, made.agency),))
