"""Entries, openings and offers. Every change of state is one UPDATE that names the state before: who gets no row back came second."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from directory.domain.waitlist.states import Entry, Offer, Slot
from directory.storage import db
from directory.storage.encoding import dumps, to_column


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


@dataclass(frozen=True, slots=True)
class OfferNow:
    """An offer with the agencies on both sides: `agency` keeps the client's place, `program_agency` has the opening."""

    id: int
    slot: int
    entry: int
    client: int
    upi: str
    agency: int
    program_agency: int
    status: Offer
    expires_at: datetime
    acknowledged_at: datetime | None


@dataclass(frozen=True, slots=True)
class SlotNow:
    """An opening with its level and the agency that has it. `restrictions` are pairs of rule and what it allows."""

    id: int
    level: int
    agency: int
    status: Slot
    restrictions: tuple[tuple[str, tuple[str, ...]], ...]


# --- entries ---------------------------------------------------------------------------------------------------------

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
    return bool(await _move("entry", id, before, after, columns))


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


# --- openings --------------------------------------------------------------------------------------------------------


async def slot(id: int) -> SlotNow | None:
    """The opening with this id."""
    sql = db.Sql()
    text = (
        "SELECT s.*, g.agency_id FROM slot s JOIN program_level l ON l.id = s.level_id JOIN program g ON g.id = l.program_id "
        f"WHERE s.id = {sql(id)}"
    )
    found = await db.rows(text, sql.values)
    if not found:
        return None
    row = found[0]
    asked = tuple((rule, tuple(allowed)) for rule, allowed in db.from_json(row["restrictions"]))
    return SlotNow(row["id"], row["level_id"], row["agency_id"], Slot(row["status"]), asked)


async def slot_add(
    *, level: int, restrictions: Sequence[tuple[str, Sequence[str]]], free_on: date | None, by: str, now: datetime
) -> int:
    """The id of a new opening. Needs a transaction."""
    sql = db.Sql()
    asked = dumps([[rule, list(allowed)] for rule, allowed in restrictions])
    values = (level, Slot.OPEN.value, asked, to_column(free_on), by, to_column(now), 1)
    text = (
        "INSERT INTO slot (level_id, status, restrictions, free_on, created_by, created_at, version) "
        f"VALUES ({sql.list(values)}) RETURNING id"
    )
    return int((await db.rows(text, sql.values))[0]["id"])


async def slot_move(id: int, before: Iterable[Slot], after: Slot, **columns: object) -> bool:
    """Whether the opening went from one of these states to another. Needs a transaction."""
    return bool(await _move("slot", id, before, after, columns))


# --- offers ----------------------------------------------------------------------------------------------------------

_OFFER = (
    "SELECT o.*, c.upi, c.agency_id, g.agency_id AS program_agency FROM offer o JOIN client c ON c.id = o.client_id "
    "JOIN slot s ON s.id = o.slot_id JOIN program_level l ON l.id = s.level_id JOIN program g ON g.id = l.program_id"
)


async def offer(id: int) -> OfferNow | None:
    """The offer with this id."""
    sql = db.Sql()
    found = await db.rows(f"{_OFFER} WHERE o.id = {sql(id)}", sql.values)
    return _offer(found[0]) if found else None


async def live_offers(*, entry: int | None = None, slot: int | None = None) -> list[OfferNow]:
    """The live offer of an entry or of an opening: one at most."""
    sql = db.Sql()
    where = f"o.entry_id = {sql(entry)}" if entry is not None else f"o.slot_id = {sql(slot)}"
    found = await db.rows(f"{_OFFER} WHERE {where} AND o.status IN ('pending', 'accepted')", sql.values)
    return [_offer(row) for row in found]


async def offers_over(now: datetime, limit: int) -> list[OfferNow]:
    """Offers that nobody has answered and whose time is over, the oldest first."""
    sql = db.Sql()
    text = (
        f"{_OFFER} WHERE o.status = {sql(Offer.PENDING.value)} AND o.expires_at <= {sql(to_column(now))} "
        f"ORDER BY o.expires_at, o.id LIMIT {int(limit)}"
    )
    return [_offer(row) for row in await db.rows(text, sql.values)]


def _offer(row: Mapping[str, Any]) -> OfferNow:
    return OfferNow(
        id=row["id"],
        slot=row["slot_id"],
        entry=row["entry_id"],
        client=row["client_id"],
        upi=row["upi"],
        agency=row["agency_id"],
        program_agency=row["program_agency"],
        status=Offer(row["status"]),
        expires_at=db.as_moment(row["expires_at"]),
        acknowledged_at=db.as_moment(row["acknowledged_at"]) if row["acknowledged_at"] else None,
    )


async def offer_add(**columns: object) -> int | None:
    """The id of a new pending offer; None where the opening or the client has a live one. Needs a transaction."""
    sql = db.Sql()
    values = [to_column(value) for value in columns.values()]
    text = (
        f"INSERT INTO offer (status, version, {', '.join(columns)}) VALUES ('{Offer.PENDING.value}', 1, {sql.list(values)}) "
        "ON CONFLICT DO NOTHING RETURNING id"
    )
    found = await db.rows(text, sql.values)
    return int(found[0]["id"]) if found else None


async def offer_move(
    id: int, before: Iterable[Offer], after: Offer, *, alive_at: datetime | None = None, **columns: object
) -> bool:
    """Whether the offer went from one of these states to another; with `alive_at` only if it had not ended by then. Needs a transaction."""
    return bool(await _move("offer", id, before, after, columns, alive_at))


async def offer_acknowledge(id: int, now: datetime) -> bool:
    """Whether an agency saw the offer for the first time. Needs a transaction."""
    sql = db.Sql()
    text = (
        f"UPDATE offer SET acknowledged_at = {sql(to_column(now))}, version = version + 1 "
        f"WHERE id = {sql(id)} AND acknowledged_at IS NULL AND status IN ('pending', 'accepted') RETURNING id"
    )
    return bool(await db.rows(text, sql.values))


# --- the line --------------------------------------------------------------------------------------------------------


async def line(pool: int) -> list[dict[str, Any]]:
    """Everybody who stands in a line: `id`, `client_id`, `status`, `tier`, `requested_at`, `tie`, `hold_reason`, `live` (has an offer anywhere)."""
    sql = db.Sql()
    text = (
        "SELECT e.id, e.client_id, e.status, e.tier, e.requested_at, e.tie, e.hold_reason, o.id AS live FROM entry e "
        "LEFT JOIN offer o ON o.client_id = e.client_id AND o.status IN ('pending', 'accepted') "
        f"WHERE e.pool_id = {sql(pool)} AND e.status IN ('waiting', 'on-hold', 'offered', 'accepted')"
    )
    found = await db.rows(text, sql.values)
    return [{**row, "requested_at": db.as_moment(row["requested_at"])} for row in found]


async def facts_in(pool: int) -> dict[int, dict[str, str]]:
    """What is known of those in a line, by client and code; of several facts of one code the latest."""
    sql = db.Sql()
    text = (
        "SELECT f.client_id, f.code, f.value FROM client_fact f JOIN entry e ON e.client_id = f.client_id "
        f"WHERE e.pool_id = {sql(pool)} AND e.status IN ('waiting', 'on-hold', 'offered', 'accepted') "
        "AND f.ended_at IS NULL ORDER BY f.id"
    )
    found: dict[int, dict[str, str]] = {}
    for client, code, value in await db.tuples(text, sql.values):
        found.setdefault(client, {})[code] = value
    return found


async def facts_of(client: int) -> dict[str, str]:
    """What is known of a client, by code."""
    sql = db.Sql()
    text = f"SELECT code, value FROM client_fact WHERE client_id = {sql(client)} AND ended_at IS NULL ORDER BY id"
    return {row["code"]: row["value"] for row in await db.rows(text, sql.values)}


async def consented_in(pool: int, agency: int, today: date) -> set[int]:
    """The clients in a line with a consent that names this agency and has neither ended nor been revoked."""
    sql = db.Sql()
    text = (
        "SELECT DISTINCT n.client_id, n.agencies FROM consent n JOIN entry e ON e.client_id = n.client_id "
        f"WHERE e.pool_id = {sql(pool)} AND e.status IN ('waiting', 'on-hold', 'offered', 'accepted') AND n.revoked_at IS NULL "
        f"AND (n.expires_on IS NULL OR n.expires_on >= {sql(to_column(today))})"
    )
    if not db.is_sqlite():  # json has no equality there
        text = text.replace("n.agencies", "CAST(n.agencies AS text) AS agencies", 1)
    return {row["client_id"] for row in await db.rows(text, sql.values) if agency in json.loads(row["agencies"])}


# --- plumbing --------------------------------------------------------------------------------------------------------


def _assigned(sql: db.Sql, columns: Mapping[str, object]) -> str:
    return ", ".join(f"{name} = {sql(to_column(value))}" for name, value in columns.items())


async def _move(
    table: str,
    id: int,
    before: Iterable[Entry | Offer | Slot],
    after: Entry | Offer | Slot,
    columns: Mapping[str, object],
    alive_at: datetime | None = None,
) -> list[dict[str, Any]]:
    sql = db.Sql()
    sets = _assigned(sql, {"status": after.value, **columns})
    where = f"id = {sql(id)} AND status IN ({sql.list(each.value for each in before)})"
    where += f" AND expires_at > {sql(to_column(alive_at))}" if alive_at else ""
    return await db.rows(f"UPDATE {table} SET {sets}, version = version + 1 WHERE {where} RETURNING id", sql.values)
