"""Clients who may be one person, within the world of world.py: each with a name, a number, and the keys by which they are found."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from directory.domain.access import Actor, Grant, Role
from directory.services.sealing import seal
from directory.services.waitlist import entries, pairs
from directory.services.waitlist.keys import client_keys
from directory.storage import db
from directory.storage.waitlist import clients
from directory.storage.waitlist import routes as ways
from tests.accounts import SETTINGS
from tests.services.waitlist import world
from tests.services.waitlist.world import NOW, World

ROSA = {"name": "Rosa Reed", "called": "Rosa", "born": "1990-04-02"}


async def somebody(made: World, known: Mapping[str, Any] | None = None, *, phone: str = "", **facts: str) -> int:
    """A new client of whom this is known, with the keys that follow from it, and a number."""
    client = await world.client(made, **facts)
    said = dict(known or {})
    async with db.staging():
        sql = db.Sql()
        await db.execute(f"UPDATE client SET sealed = {sql(seal(said, SETTINGS))} WHERE id = {sql(client)}", sql.values)
        if phone:
            await way(client, phone)
        await clients.keys_replace(client, client_keys(said, [("call", phone)] if phone else [], SETTINGS))
    return client


async def way(client: int, to: str, **more: object) -> None:
    columns: dict[str, object] = {"channel": "call", "sealed": seal({"to": to}, SETTINGS), "may_leave_word": True}
    rest = {"is_shared": False, "is_agreed": True, "asks_agreed": False}
    await ways.add(client, columns | rest | more)


async def found_for(client: int) -> int:
    async with db.staging():
        return await pairs.pairs_find(client=client, now=NOW)


async def pair_of(one: int, other: int) -> int:
    """The number of the pair of these two."""
    await found_for(other)
    first, second = sorted((one, other))
    rows = await db.rows(f"SELECT id FROM client_pair WHERE one_id = {first} AND other_id = {second}")
    return int(rows[0]["id"])


async def versions(*ids: int) -> dict[int, int]:
    found = [await clients.by_id(id) for id in ids]
    return {each.id: each.version for each in found if each}


async def joined(made: World, client: int, at: datetime = NOW) -> int:
    return await entries.entry_join(client=client, pool=made.pool, tie=1, by=made.peer, now=at)


def colleague(made: World) -> Actor:
    """Another coordinator of the agency."""
    return Actor(98, (Grant(Role.COORDINATOR, made.agency),))


async def twins(made: World, **facts: str) -> tuple[int, int]:
    """Two clients with one name and birthday."""
    return await somebody(made, ROSA, phone="555-0101"), await somebody(made, ROSA, phone="555-0102", **facts)
