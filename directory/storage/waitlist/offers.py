"""Openings and the offers of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from directory.domain.waitlist.ranking import Restriction
from directory.domain.waitlist.states import Offer, Slot
from directory.storage import db
from directory.storage.encoding import dumps, to_column
from directory.storage.waitlist.moves import moved


@dataclass(frozen=True, slots=True)
class SlotNow:
    """An opening with its level and the agency that has it."""

    id: int
    level: int
    agency: int
    status: Slot
    restrictions: tuple[Restriction, ...]


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
    return SlotNow(
        row["id"], row["level_id"], row["agency_id"], Slot(row["status"]), restrictions_read(row["restrictions"])
    )


def restrictions_read(value: Any) -> tuple[Restriction, ...]:
    """What an opening asks for, as its column has it."""
    return tuple(Restriction(rule, tuple(allowed)) for rule, allowed in db.from_json(value))


async def is_level_closed(slot: int) -> bool:
    """Whether the level of care of an opening has closed, or its whole program."""
    sql = db.Sql()
    text = (
        "SELECT 1 AS one FROM slot s JOIN program_level l ON l.id = s.level_id JOIN program g ON g.id = l.program_id "
        f"WHERE s.id = {sql(slot)} AND (l.closed_at IS NOT NULL OR g.closed_at IS NOT NULL)"
    )
    return bool(await db.rows(text, sql.values))


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


async def slots_at(levels: Iterable[int], status: Slot) -> list[tuple[int, int]]:
    """The openings of these levels in this state, as pairs of id and the agency that has them."""
    sql = db.Sql()
    text = (
        "SELECT s.id, g.agency_id FROM slot s JOIN program_level l ON l.id = s.level_id JOIN program g ON g.id = l.program_id "
        f"WHERE s.level_id IN ({sql.list(levels) or 'NULL'}) AND s.status = {sql(status.value)} ORDER BY s.id"
    )
    return [(row["id"], row["agency_id"]) for row in await db.rows(text, sql.values)]


async def slot_move(id: int, before: Iterable[Slot], after: Slot, **columns: object) -> bool:
    """Whether the opening went from one of these states to another. Needs a transaction."""
    return bool(await moved("slot", id, before, after, columns))


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
    return bool(await moved("offer", id, before, after, columns, alive_at))


async def offer_acknowledge(id: int, now: datetime) -> bool:
    """Whether an agency saw the offer for the first time. Needs a transaction."""
    sql = db.Sql()
    text = (
        f"UPDATE offer SET acknowledged_at = {sql(to_column(now))}, version = version + 1 "
        f"WHERE id = {sql(id)} AND acknowledged_at IS NULL AND status IN ('pending', 'accepted') RETURNING id"
    )
    return bool(await db.rows(text, sql.values))
