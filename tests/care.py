"""Invented people who wait, and what is kept about them, in agencies that there are."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

from directory.services.sealing import seal
from directory.settings import Settings
from directory.storage import db
from directory.storage.waitlist import clients, records
from tests.accounts import NOW

SETTINGS = Settings(env="test")
_numbers = count(1)


async def client_in(agency: int) -> tuple[int, str]:
    """The id and the number of a new client of an agency."""
    upi = f"CARE{next(_numbers):08}"
    known = {"name": "Robin Reed", "called": "Robin", "born": "", "note": ""}
    async with db.staging():
        id = await clients.add(
            upi=upi, agency=agency, peer=None, sealed=seal(known, SETTINGS), language="en", by="test", now=NOW
        )
    return id, upi


async def upi_in(agency: int) -> str:
    """The number alone."""
    return (await client_in(agency))[1]


async def breach_in(agency: int, people: int = 1, days_ago: int = 0) -> int:
    """The id of a new breach that touches so many new people of an agency, found so many days ago."""
    ids = [(await client_in(agency))[0] for _ in range(people)]
    async with db.staging():
        return await records.breach_add(
            agency=agency,
            sealed=seal({"what": "A list lay in a bus."}, SETTINGS),
            clients=ids,
            happened_on=None,
            found_on=NOW.date() - timedelta(days=days_ago),
            by="test",
            now=NOW,
        )
