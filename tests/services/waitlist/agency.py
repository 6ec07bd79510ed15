"""Invented people with names, telephones and consents, whom an agency is offered: on top of the small world of the waitlist."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from directory.domain.access import Actor, Grant, Role
from directory.services.sealing import seal
from directory.services.waitlist import entries, offers, slots
from directory.settings import Settings
from directory.storage import db
from directory.storage.encoding import dumps
from directory.storage.waitlist import clients, consents, pools, routes
from tests import openings
from tests.accounts import SETTINGS
from tests.services.waitlist import world
from tests.services.waitlist.world import NOW, TODAY, World

NAME, CALLED, PHONE = "Wren Sallow", "Wren", "555-0142"
ALL = ("name", "contact", "eligibility", "priority", "care-wanted", "hand-off")
HOUR = timedelta(hours=1)
_houses = count(1)


async def consent(
    client: int, agency: int, scope: tuple[str, ...] = ALL, settings: Settings = SETTINGS, **given: Any
) -> int:
    """The id of a consent with every element of 42 CFR 2.31(a), but for what is given."""
    columns = {
        "client_id": client,
        "scope": dumps(list(scope)),
        "agencies": dumps([agency]),
        "purpose": "placement",
        "form": "screen",
        "sealed": seal({"signed_by": NAME, "discloser": "Marsh Peers", "paper_at": ""}, settings),
        "signed_on": TODAY,
        "expires_on": TODAY + timedelta(days=90),
        "until_event": False,
        "may_revoke_told": True,
        "consequences_told": False,
        "redisclosure_told": False,
        "by": "test",
        "at": NOW - HOUR,
    }
    async with db.staging():
        return await consents.add(columns | given)


async def somebody(made: World, settings: Settings = SETTINGS, **facts: str) -> int:
    """The id of a client with a name and a telephone that others use too, without a consent."""
    client = await world.client(made, consent=False, **facts)
    async with db.staging():
        row = await clients.by_id(client)
        assert row is not None
        sealed = seal({"name": NAME, "called": CALLED, "born": "1991-05-07", "note": "Ask for Wren."}, settings)
        await clients.change(client, row.version, sealed=sealed)
        way = {"channel": "call", "sealed": seal({"to": PHONE, "times": "after 5 pm", "note": ""}, settings)}
        way |= {"may_leave_word": False, "is_shared": True, "is_agreed": False, "asks_agreed": False}
        await routes.add(client, way)
    return client


async def offered(
    made: World,
    *restrictions: tuple[str, tuple[str, ...]],
    client: int | None = None,
    scope: tuple[str, ...] = ALL,
    accepted: bool = False,
    settings: Settings = SETTINGS,
    now: datetime = NOW,
    **facts: str,
) -> int:
    """The id of an offer of a new opening to somebody who agreed to this; with `accepted` they said yes."""
    if client is None:
        client = await somebody(made, settings, **facts)
        await consent(client, made.clinic, scope, settings)
    entry = await entries.entry_join(client=client, pool=made.pool, tie=0, by=made.peer, now=now)
    slot = await slots.slot_open(level=made.level, restrictions=restrictions, by=made.clerk, now=now)
    agreed = {"reason": "asked-for", "second": made.coordinator}  # whoever else stands in the line by now
    offer = await offers.offer_make(slot=slot, entry=entry, by=made.peer, now=now, settings=settings, **agreed)
    if accepted:
        await offers.offer_accept(offer=offer, by=made.peer, now=now, settings=settings)
    return offer


async def client_of(offer: int) -> int:
    """Whom an offer is made to."""
    (row,) = await db.rows(f"SELECT client_id FROM offer WHERE id = {int(offer)}")
    return int(row["client_id"])


def day(offset: int) -> date:
    """The day so many days from the world's."""
    return TODAY + timedelta(days=offset)


async def house(clinic: int, peers: int, slug: str, clerk: int = 701) -> World:
    """A line of these peers that takes from a new level of this clinic's, shown as the listing with this slug."""
    number = next(_houses)
    level = await openings.level(clinic, slug, name=f"Wing {number}", program=f"Reed {number}", care="residential")
    async with db.staging():
        pool = await pools.pool_add(
            agency=peers, name=f"Line {number}", care="residential", timezone="UTC", minutes=world.WINDOW, now=NOW
        )
        await pools.level_join(pool, level.id)
    roles = ((801, Role.PEER, peers), (802, Role.COORDINATOR, peers), (clerk, Role.EDITOR, clinic), (803, Role.PEER, 0))
    return World(peers, clinic, pool, level.id, *(Actor(id, (Grant(role, home),)) for id, role, home in roles))


async def opened(clinic: int, peers: int, slug: str) -> dict[str, str]:
    """The numbers of a new level of this clinic's, of an opening of it, and of the offer that it is held for."""
    made = await house(clinic, peers, slug)
    offer = await offered(made)
    (row,) = await db.rows(f"SELECT slot_id FROM offer WHERE id = {offer}")
    return {"level": str(made.level), "slot": str(row["slot_id"]), "offer": str(offer)}
