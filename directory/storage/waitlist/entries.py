"""Places in line, and what happened to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from directory.domain.waitlist.states import Entry
from directory.storage import db
from directory.storage.encoding import as_date, dumps, to_column
from directory.storage.waitlist.moves import OPEN, assigned, moved


@dataclass(frozen=True, slots=True)
class EntryNow:
    """An entry with the client and the peer agency that it belongs to. `timezone` is that of its pool, as are its name and days."""

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
    tie: int
    review_on: date | None
    no_capacity_on: date | None
    asam: str | None
    edition: str | None
    recommended_by: str | None
    pool_name: str
    hold_days: int
    contact_days: int


_ENTRY = (
    "SELECT e.*, c.upi, c.agency_id, p.timezone, p.name AS pool_name, p.hold_days, p.contact_days FROM entry e "
    "JOIN client c ON c.id = e.client_id "
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
        tie=row["tie"],
        review_on=as_date(row["review_on"]),
        no_capacity_on=as_date(row["no_capacity_on"]),
        asam=row["asam"],
        edition=row["edition"],
        recommended_by=row["recommended_by"],
        pool_name=row["pool_name"],
        hold_days=row["hold_days"],
        contact_days=row["contact_days"],
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
    text = f"SELECT 1 FROM entry WHERE client_id = {sql(client)} AND pool_id = {sql(pool)} AND status IN {OPEN}"
    return bool(await db.rows(text, sql.values))


async def left(client: int, pool: int, since: datetime, asked_at: datetime) -> int | None:
    """The place that a client had in a line in which they do not stand now: one that was closed since then, of a request that is not later."""
    sql = db.Sql()
    own, line = sql(client), sql(pool)
    text = (
        f"SELECT e.id FROM entry e WHERE e.client_id = {own} AND e.pool_id = {line} AND e.status = 'closed' "
        f"AND e.close_reason <> 'merged' AND e.closed_at >= {sql(to_column(since))} AND e.requested_at <= {sql(to_column(asked_at))} "
        f"AND NOT EXISTS (SELECT 1 FROM entry x WHERE x.client_id = {own} AND x.pool_id = {line} "
        f"AND x.status IN {OPEN}) ORDER BY e.requested_at, e.id LIMIT 1"
    )
    found = await db.rows(text, sql.values)
    return found[0]["id"] if found else None


async def agency_of_client(client: int) -> int | None:
    """The peer agency that keeps a client's place; None for one who is not there, or no more."""
    sql = db.Sql()
    text = f"SELECT agency_id FROM client WHERE id = {sql(client)} AND merged_into_id IS NULL AND cleared_at IS NULL"
    found = await db.rows(text, sql.values)
    return found[0]["agency_id"] if found else None


async def zone_of_open(pool: int) -> str | None:
    """The time zone of a line that people can still join; None for any other."""
    sql = db.Sql()
    found = await db.rows(f"SELECT timezone FROM pool WHERE id = {sql(pool)} AND closed_at IS NULL", sql.values)
    return found[0]["timezone"] if found else None


async def entry_move(id: int, before: Iterable[Entry], after: Entry, **columns: object) -> bool:
    """Whether the entry went from one of these states to another. Needs a transaction."""
    return bool(await moved("entry", id, before, after, columns))


async def entry_offer(id: int, *, client: int) -> bool:
    """Whether an entry that waits, and is still this client's, was offered something. Needs a transaction."""
    return bool(await moved("entry", id, (Entry.WAITING,), Entry.OFFERED, {}, client=client))


async def entry_set(id: int, version: int, **columns: object) -> bool:
    """Whether these columns of an open entry were set: not where it has changed since `version`. Needs a transaction."""
    sql = db.Sql()
    text = (
        f"UPDATE entry SET {assigned(sql, columns)}, version = version + 1 WHERE id = {sql(id)} "
        f"AND version = {sql(version)} AND status IN {OPEN} RETURNING id"
    )
    return bool(await db.rows(text, sql.values))


@dataclass(frozen=True, slots=True)
class EventNow:
    """One step of the history of an entry."""

    id: int
    entry: int
    at: datetime
    by: str
    what: str
    offer: int | None
    details: Mapping[str, Any]


async def events_of(client: int, limit: int = 500) -> list[EventNow]:
    """What happened to all entries of a client, the latest first."""
    sql = db.Sql()
    text = (
        "SELECT v.id, v.entry_id, v.at, v.by, v.what, v.offer_id, v.details FROM entry_event v JOIN entry e ON e.id = v.entry_id "
        f"WHERE e.client_id = {sql(client)} ORDER BY v.at DESC, v.id DESC LIMIT {int(limit)}"
    )
    return [_event(row) for row in await db.rows(text, sql.values)]


async def last_event(entry: int, what: str) -> EventNow | None:
    """The last step of this kind in the history of an entry."""
    sql = db.Sql()
    text = (
        "SELECT id, entry_id, at, by, what, offer_id, details FROM entry_event "
        f"WHERE entry_id = {sql(entry)} AND what = {sql(what)} ORDER BY id DESC LIMIT 1"
    )
    found = await db.rows(text, sql.values)
    return _event(found[0]) if found else None


def _event(row: Mapping[str, Any]) -> EventNow:
    at, details = db.as_moment(row["at"]), db.from_json(row["details"]) or {}
    return EventNow(row["id"], row["entry_id"], at, row["by"], row["what"], row["offer_id"], details)


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
