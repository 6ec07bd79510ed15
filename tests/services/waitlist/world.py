"""A small invented waitlist: a peer agency with one line, a clinic with openings, and people to move about."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from directory.domain.access import Actor, Grant, Role
from directory.services.sealing import seal
from directory.settings import Settings
from directory.storage import db
from directory.storage.encoding import dumps, to_column
from directory.storage.waitlist import pools

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
TODAY = date(2026, 3, 2)
SETTINGS = Settings(env="test", hosts=("localhost",), base_url="http://localhost")
WINDOW = 240
"""Minutes for which an offer holds."""
_numbers = itertools.count(1)


@dataclass
class World:
    """Ids of what there is, and the people who act. `peer` and `coordinator` are of the peer agency, `clerk` of the clinic."""

    agency: int
    clinic: int
    pool: int
    level: int
    peer: Actor
    coordinator: Actor
    clerk: Actor
    stranger: Actor
    clients: list[int] = field(default_factory=list)


async def emptied() -> None:
    """Takes out everybody who waits, so that a sequence of steps is not led astray by the one before."""
    async with db.staging():
        for table in (
            "second_word",
            "client_pair",
            "follow_up",
            "handoff_step",
            "handoff",
            "offer",
            "entry_event",
            "entry",
            "slot",
            "consent",
            "client_fact",
            "client",
        ):
            await db.execute(f"DELETE FROM {table}")


async def made(agency: int | None = None) -> World:
    """A world of its own in the open database; the line is that of `agency` where one is given."""
    number = next(_numbers)
    name = f"Line {number}" if agency is None else f"Another line {number}"
    async with db.staging():
        agency = agency or await _row(
            "agency", name=f"Marsh Peers {number}", kind="peer", timezone="UTC", is_demo=False, **_CREATED
        )
        clinic = await _row(
            "agency", name=f"Reed House {number}", kind="treatment", timezone="UTC", is_demo=False, **_CREATED
        )
        listing = await _listing(number)
        program = await _row(
            "program", agency_id=clinic, listing_id=listing, name="Beds", is_funded=True, version=1, **_CREATED
        )
        level = await _row(
            "program_level",
            program_id=program,
            name="Quiet wing",
            care="residential",
            unit="bed",
            reminders=True,
            version=1,
            **_CREATED,
        )
        pool = await pools.pool_add(
            agency=agency, name=name, care="residential", timezone="UTC", minutes=WINDOW, now=NOW
        )
        await pools.level_join(pool, level)
    people = [
        Actor(10 * number + place, (Grant(role, home),))
        for place, (role, home) in enumerate(
            ((Role.PEER, agency), (Role.COORDINATOR, agency), (Role.EDITOR, clinic), (Role.PEER, clinic))
        )
    ]
    return World(agency, clinic, pool, level, *people)


async def client(world: World, *, consent: bool = True, **facts: str) -> int:
    """The id of a new client, with a consent that names the clinic, and with these facts."""
    number = next(_numbers)
    async with db.staging():
        id = await _row(
            "client",
            upi=f"UPI{number:09}",
            agency_id=world.agency,
            language="en",
            is_demo=False,
            created_by="test",
            legal_hold=False,
            version=1,
            **_CREATED,
        )
        for code, value in facts.items():
            await fact_add(id, code.replace("_", "-"), value)
        if consent:
            await consent_add(id, world.clinic)
    world.clients.append(id)
    return id


async def account(actor: Actor) -> int:
    """The account of somebody who acts here, who can then be the peer of people. Needs a transaction."""
    assert actor.person is not None
    if await db.rows(f"SELECT 1 FROM person WHERE id = {actor.person}"):
        return actor.person
    return await _row(
        "person",
        id=actor.person,
        email=f"peer{actor.person}@example.org",
        name="Ana Reed",
        language="en",
        is_demo=False,
        version=1,
        **_CREATED,
    )


async def fact_add(client: int, code: str, value: str) -> int:
    """The id of a fact that the client told today. Needs a transaction."""
    return await _row(
        "client_fact",
        client_id=client,
        code=code,
        value=value,
        source="client",
        observed_on=TODAY,
        by="test",
        at=NOW,
    )


async def consent_add(client: int, agency: int) -> int:
    """The id of a consent of three months. Needs a transaction."""
    return await _row(
        "consent",
        client_id=client,
        scope=dumps(["name"]),
        agencies=dumps([agency]),
        purpose="placement",
        form="screen",
        sealed=seal({"signed_by": "Ana Reed", "discloser": "Marsh Peers", "paper_at": ""}, SETTINGS),
        signed_on=TODAY,
        expires_on=TODAY + timedelta(days=90),
        until_event=False,
        may_revoke_told=True,
        consequences_told=False,
        redisclosure_told=False,
        by="test",
        at=NOW - timedelta(days=1),
    )


_CREATED = {"created_at": NOW}


async def _listing(number: int) -> int:
    source = await _row("source", name=f"world {number}", format="seed", is_demo=False, **_CREATED)
    location = await _row("location", country="US", visibility="full", timezone="UTC", approximate=False)
    return await _row(
        "listing",
        slug=f"reed-house-{number}",
        source_id=source,
        source_key="1",
        location_id=location,
        kind="treatment",
        name="Reed House",
        status="active",
        changes="[]",
        phones="[]",
        urls="[]",
        content_hash="",
        version=1,
        updated_at=NOW,
        **_CREATED,
    )


async def _row(table: str, **columns: object) -> int:
    sql = db.Sql()
    values = sql.list([to_column(value) for value in columns.values()])
    text = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({values}) RETURNING id"
    return int((await db.rows(text, sql.values))[0]["id"])
