"""People on the board of an invented agency, for the tests of services and pages."""

from __future__ import annotations

from typing import Any

from directory.domain.waitlist.known import Known
from directory.services.waitlist import entries, taking_on
from directory.storage import db
from tests.accounts import SETTINGS
from tests.services.waitlist import world
from tests.services.waitlist.world import NOW, World


async def somebody(
    made: World, called: str = "Ana", *, mine: bool = True, joins: bool = True, consent: bool = True, **more: Any
) -> int:
    """The id of a new client of the peer (or of nobody), in the line unless `joins` is no."""
    ways = more.pop("ways", ())
    known = Known(called, more.pop("name", ""), more.pop("born", None))
    async with db.staging():
        id = await taking_on.client_add(
            agency=made.agency,
            known=known,
            language="en",
            ways=ways,
            peer=await world.account(made.peer) if mine else None,
            by=made.peer,
            now=more.pop("now", NOW),
            settings=SETTINGS,
        )
        if consent:
            await world.consent_add(id, made.clinic)
        for code, value in more.items():
            await world.fact_add(id, code.replace("_", "-"), value)
    if joins:
        await entries.entry_join(client=id, pool=made.pool, tie=id, by=made.peer, now=NOW)
    return id
