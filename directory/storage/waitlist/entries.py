"""Places in line, and what happened to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from directory.domain.waitlist.states import Entry
from directory.storage import db
from directory.storage.encoding import dumps, to_column
from directory.storage.waitlist.moves import moved


@dataclass(frozen=True, slots=True)
class EntryNow:
    """An entry with the client and the peer agency that it belongs to. `timezone` is that of its pool."""

    id: int
    client: int
    upi: str
    agency: int
    pool: int
    status: Entry
    tier: int
    requested_at: datetime
    closed_at: datetime | None
    close_reason: str | None
    hold_reason: str | None
    timezone: str
    version: int


_ENTRY = (
    "SELECT e.*, c.upi, c.agency_id, p.timezone FROM entry e JOIN client c ON c.id = e.client_id "
    "JOIN pool p ON p.id = e.pool_id"
)


async def entry(id: int) -> EntryNow | None:
    """The entry with this id."""
    sql = db.Sql()
    found = await db.rows(f"{_ENTRY} WHERE e.id = {sql(id)}", sql.values)
    return _entry(found[0]) if found else None


async def entries_of(client: int) -> list[EntryNow]:
    """All entries of a client, the oldest first."""
    sql = db.Sql()
    found = await db.rows(f"{_ENTRY} WHERE e.client_id = {sql(client)} ORDER BY e.id", sql.values)
    return [_entry(row) for row in found]


def _entry(row: Mapping[str, Any]) -> EntryNow:
    return EntryNow(
        id=row["id"],
        client=row["client_id"],
        upi=row["upi"],
        agency=row["agency_id"],
        pool=row["pool_id"],
        status=Entry(row["status"]),
        tier=row["tier"],
        requested_at=db.as_moment(row["requested_at"]),
        closed_at=db.as_moment(row["closed_at"]) if row["closed_at"] else None,
        close_reason=row["close_reason"],
        hold_reason=row["hold_reason"],
        timezone=row["timezone"],
        version=row["version"],
    )


async def entry_add(
    *, client: int, pool: int, tier: int, requested_at: datetime, tie: int, by: str, now: datetime
) -> int | None:
    """The id of a new entry; None where this client stands in this line already. Needs a transaction."""
    sql = db.Sql()
    values = (client, pool, Entry.WAITING.value, tier, to_column(requested_at), tie, by, to_column(now), 1)
    text = (
        "INSERT INTO entry (client_id, pool_id, status, tier, requested_at, tie, created_by, created_at, version) "
        f"VALUES ({sql.list(values)}) ON CONFLICT DO NOTHING RETURNING id"
    )
    found = await db.rows(text, sql.values)
    return int(found[0]["id"]) if found else None


async def has_open_entry(client: int, pool: int) -> bool:
    """Whether somebody stands in a line."""
    sql = db.Sql()
    text = (
        f"SELECT 1 FROM entry WHERE client_id = {sql(client)} AND pool_id = {sql(pool)} "
        "AND status IN ('waiting', 'on-hold', 'offered', 'accepted')"
    )
    return bool(await db.rows(text, sql.values))


async def agency_of_client(client: int) -> int | None:
    """The peer agency that keeps a client's place; None for one who is not there, or no more."""
    sql = db.Sql()
    text = f"SELECT agency_id FROM client WHERE id = {sql(client)} AND merged_into_id IS NULL AND cleared_at IS NULL"
    found = await db.rows(text, sql.values)
    return found[0]["agency_id"] if found else None


async def pool_is_open(pool: int) -> bool:
    """Whether people can still join a line."""
    sql = db.Sql()
    return bool(await db.rows(f"SELECT 1 FROM pool WHERE id = {sql(pool)} AND closed_at IS NULL", sql.values))


async def entry_move(id: int, before: Iterable[Entry], after: Entry, **columns: object) -> bool:
    """Whether the entry went from one of these states to another. Needs a transaction."""
    return bool(await moved("entry", id, before, after, columns))


async def event_add(
    entry: int,
    what: str,
    *,
    by: str,
    now: datetime,
    before: str | None = None,
    after: str | None = None,
    offer: int | None = None,
    details: Mapping[str, object] | None = None,
) -> None:
    """Notes what happened to an entry. Needs the transaction that does it."""
    columns = ("entry_id", "at", "by", "what", "before", "after", "offer_id", "details")
    values = (entry, to_column(now), by, what, before, after, offer, dumps(dict(details or {})))
    await db.insert_many("entry_event", columns, [values])
