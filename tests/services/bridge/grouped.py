"""A group in the small invented waitlist of tests/services/waitlist/world.py, with people who want a seat in it."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date
from typing import Any

from directory.domain.bridge.groups import GroupValues, Series, Where, group_fields
from directory.services.bridge.groups import group_add
from directory.services.bridge.seats import seat_leave, seat_take
from directory.services.sealing import seal
from directory.storage import db
from directory.storage.bridge import groups
from directory.storage.bridge.groups import MeetingNow
from directory.storage.waitlist import clients, routes
from tests.services.waitlist import world
from tests.services.waitlist.world import NOW, SETTINGS, World

SERIES = Series(date(2026, 3, 3), 19 * 60, 90, "UTC")
"""Tuesdays at 7 pm; NOW is a Monday."""
VALUES = GroupValues(
    name="Marsh evenings",
    sort="group",
    attendance="in-person",
    series=SERIES,
    where=Where("Heron Hall", "12 Heron Lane", "Saltmarsh", "PA", "19199"),
    capacity=2,
    people=("women",),
    access=("wheelchair",),
)
LOCAL = replace(VALUES, series=replace(SERIES, starts_on=NOW.date(), minute=10 * 60 + 30, timezone="America/New_York"))
"""The same on the clock of the agencies of the tests of pages: the first one begins half an hour after NOW."""
_forms = itertools.count(1)


def form() -> str:
    """The token of a form that nobody has sent."""
    return f"group{next(_forms):038}"


def varied(*, series: dict[str, Any] | None = None, where: dict[str, Any] | None = None, **change: Any) -> GroupValues:
    """The usual group with something else."""
    return replace(
        VALUES, series=replace(SERIES, **(series or {})), where=replace(VALUES.where, **(where or {})), **change
    )


async def added(made: World, values: GroupValues = VALUES, settings: Any = SETTINGS, now: Any = NOW) -> int:
    """The id of a new group of the peer agency."""
    id = await group_add(agency=made.agency, values=values, form=form(), by=made.peer, now=now, settings=settings)
    assert id is not None
    return id


async def meetings(group: int, now: Any = NOW) -> list[MeetingNow]:
    """Its meetings to come."""
    return await groups.meetings_of(group, now)


async def first(group: int) -> MeetingNow:
    """The next one."""
    return (await meetings(group))[0]


async def somebody(made: World) -> tuple[int, str]:
    """A new client, by id and number."""
    client = await world.client(made)
    return client, await upi_of(client)


async def upi_of(client: int) -> str:
    """The number of a client."""
    row = await clients.by_id(client)
    assert row is not None
    return row.upi


async def agreed(client: int) -> None:
    """Has somebody agree to text messages."""
    sealed = seal({"to": "555-555-0107", "times": "", "note": ""}, SETTINGS)
    flags = {"may_leave_word": True, "is_shared": False, "is_agreed": True, "asks_agreed": False}
    async with db.staging():
        await routes.add(client, {"channel": "text", "sealed": sealed} | flags)


async def takes(made: World, upi: str, meeting: int, now: Any = NOW) -> str | None:
    """What comes of a seat that their peer asks for."""
    return await seat_take(upi=upi, meeting=meeting, form=form(), by=made.peer, now=now, settings=SETTINGS)


async def leaves(made: World, upi: str, meeting: int, now: Any = NOW) -> bool:
    """Whether they had something to give up."""
    return await seat_leave(upi=upi, meeting=meeting, form=form(), by=made.peer, now=now, settings=SETTINGS)


async def seated(meeting: int) -> dict[int, str]:
    """The states of the seats of a meeting, by client."""
    found = await db.rows(f"SELECT client_id, status FROM group_seat WHERE meeting_id = {meeting} ORDER BY turn, id")
    return {row["client_id"]: row["status"] for row in found}


async def taken(meeting: int) -> int:
    """How many seats are counted as taken."""
    found = await groups.meeting(meeting)
    assert found is not None
    return found.taken


def typed(values: GroupValues = LOCAL) -> dict[str, str]:
    """A group as its form sends it, but for what can be ticked several times."""
    return {name: value for name, value in group_fields(values).items() if value}


async def in_agency(agency: int) -> dict[str, str]:
    """A new group of this agency by number, with its first meeting, the day of the next one, and a seat in the first,
    which begins soon."""
    here = await world.made(agency)
    group = await added(here, LOCAL)
    meeting, following, *_ = await meetings(group)
    client, upi = await somebody(here)
    await takes(here, upi, meeting.id)
    (row,) = await db.rows(f"SELECT id FROM group_seat WHERE client_id = {client}")
    numbers = {"id": group, "meeting": meeting.id, "seat": row["id"], "day": following.day}
    return {name: str(number) for name, number in numbers.items()}
