"""Somebody who said yes to an opening, on their way to it: on top of the small world of the waitlist."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from directory.domain.access import Actor
from directory.domain.waitlist.consents import Scope
from directory.services.bridge import follow_ups
from directory.services.bridge.handoffs import Handed, HandoffPage, handoff_show
from directory.settings import Settings
from directory.storage import db
from directory.storage.waitlist import clients
from tests.accounts import SETTINGS
from tests.services.waitlist import agency, world
from tests.services.waitlist.world import NOW, World

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ALL = tuple(scope.value for scope in Scope)


@dataclass
class Journey:
    """The offer that somebody said yes to, and their number. `made.peer` goes with them."""

    made: World
    offer: int
    client: int
    upi: str
    settings: Settings = SETTINGS

    async def page(self, after: timedelta = timedelta(0), by: Actor | None = None) -> HandoffPage:
        return await handoff_show(upi=self.upi, by=by or self.made.peer, now=NOW + after, settings=self.settings)

    async def now(self, after: timedelta = timedelta(0), by: Actor | None = None) -> Handed:
        found = (await self.page(after, by)).now
        assert found is not None
        return found

    async def asked(self, id: int, after: timedelta, **given: Any) -> bool:
        """What came of asking how it goes."""
        said = {"reached": "yes", "outcome": "there", "route": "call", "note": "", "form": f"{id:043}"} | given
        by = said.pop("by", self.made.peer)
        return await follow_ups.follow_up_note(
            upi=self.upi, id=id, by=by, now=NOW + after, settings=self.settings, **said
        )


async def begun(
    made: World | None = None,
    scope: tuple[str, ...] = ALL,
    *,
    now: datetime = NOW,
    mine: bool = True,
    settings: Settings = SETTINGS,
) -> Journey:
    """Somebody who has just said yes, on a consent of this scope; `mine`: the peer goes with them."""
    made = made or await world.made()
    offer = await agency.offered(made, scope=scope, accepted=True, now=now, settings=settings)
    client = await agency.client_of(offer)
    row = await clients.by_id(client)
    assert row is not None
    if mine:
        async with db.staging():
            await clients.change(client, row.version, peer_id=await world.account(made.peer))
    return Journey(made, offer, client, row.upi, settings)
