"""Lines and the people in them within an agency that there is already, for the tests of pages."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from directory.domain.access import Actor, Grant, Role
from directory.domain.waitlist.tiers import USUAL, ordered, rules_text, tier_of
from directory.services.sealing import seal
from directory.services.waitlist.keys import client_keys
from directory.services.waitlist.rules import rules_preview
from directory.settings import Settings
from directory.storage import db
from directory.storage.encoding import to_column
from directory.storage.waitlist import clients, entries, pairs, pools
from directory.storage.waitlist import routes as ways
from tests.accounts import NOW, SETTINGS

_numbers = itertools.count(1)


async def line_in(agency: int, care: str = "residential") -> int:
    """The id of a new line of this agency."""
    async with db.staging():
        return await pools.pool_add(
            agency=agency, name=f"Line of Larkspur {next(_numbers)}", care=care, timezone="America/New_York",
            minutes=1440, now=NOW,
        )  # fmt: skip


async def person_in(
    agency: int, settings: Settings, known: Mapping[str, Any], *, phone: str = "", **facts: str
) -> tuple[int, str]:
    """The id and number of a new client of this agency, with what is known of them and these facts."""
    upi = f"LIN{next(_numbers):09}"
    async with db.staging():
        id = await clients.add(
            upi=upi, agency=agency, peer=None, sealed=seal(known, settings), language="en", by="test", now=NOW
        )
        if phone:
            await ways.add(id, _route(phone, settings))
        await clients.keys_replace(id, client_keys(known, [("call", phone)] if phone else [], settings))
        for code, value in facts.items():
            await _fact(id, code.replace("_", "-"), value)
    return id, upi


def _route(phone: str, settings: Settings) -> dict[str, object]:
    flags = dict.fromkeys(("may_leave_word", "is_shared", "is_agreed", "asks_agreed"), False)
    return {"channel": "call", "sealed": seal({"to": phone}, settings), **flags}


async def _fact(client: int, code: str, value: str) -> None:
    sql = db.Sql()
    values = (client, code, value, "client", to_column(NOW.date()), "test", to_column(NOW))
    columns = "client_id, code, value, source, observed_on, by, at"
    await db.execute(f"INSERT INTO client_fact ({columns}) VALUES ({sql.list(values)})", sql.values)


async def stands_in(pool: int, client: int, *, hours_ago: int = 0, **facts: str) -> int:
    """The entry of a client who asked so many hours ago, of whom these facts are known."""
    asked = NOW - timedelta(hours=hours_ago)
    tier = tier_of({code.replace("_", "-"): value for code, value in facts.items()}, USUAL, date(2026, 3, 2))
    async with db.staging():
        entry = await entries.entry_add(
            client=client, pool=pool, tier=tier, requested_at=asked, tie=1, by="test", now=NOW
        )
        assert entry is not None
        await entries.event_add(entry, "joined", by="test", now=asked, after="waiting")
    return entry


async def waits_in(
    agency: int, pool: int, settings: Settings, called: str, *, hours_ago: int = 0, **facts: str
) -> tuple[int, str]:
    """The entry and number of somebody new in a line."""
    client, upi = await person_in(agency, settings, {"called": called}, **facts)
    return await stands_in(pool, client, hours_ago=hours_ago, **facts), upi


async def pair_in(agency: int, settings: Settings, now: datetime = NOW) -> tuple[int, tuple[int, int]]:
    """A pair that waits, and the ids of both, who share a telephone number."""
    phone = f"555-01{next(_numbers) % 100:02}"
    one, _ = await person_in(
        agency, settings, {"name": "Rosa Reed", "called": "Rosa", "note": "Quiet voice"}, phone=phone
    )
    other, _ = await person_in(agency, settings, {"name": "R. Reed", "born": "1990-04-02"}, phone=phone)
    async with db.staging():
        await pairs.put(one, other, ("phone",), now)
    rows = await db.rows(f"SELECT id FROM client_pair WHERE one_id = {one} AND other_id = {other}")
    return int(rows[0]["id"]), (one, other)


async def looked_at(agency: int) -> dict[str, str]:
    """A new line of this agency with what its pages send, and a pair of its clients."""
    pool = await line_in(agency)
    rules = ordered(USUAL)
    by = Actor(1, (Grant(Role.COORDINATOR, agency),))
    seen = await rules_preview(id=pool, rules=rules, by=by, now=NOW)
    pair, _ = await pair_in(agency, SETTINGS)
    return {"line": str(pool), "pair": str(pair), "rules": rules_text(rules), "token": seen.token}
