"""Openings as the people see them who keep the lines that they go to, and offers with all that belongs to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from directory.domain.waitlist.slots import OfferSeen, SlotSeen
from directory.domain.waitlist.states import Entry, Offer, Slot
from directory.storage import db
from directory.storage.encoding import as_date, to_column
from directory.storage.waitlist.moves import OPEN
from directory.storage.waitlist.offers import restrictions_read

_NAMES = (
    "v.name AS level_name, v.care, g.name AS program, g.agency_id AS clinic, a.name AS agency_name, i.slug, "
    "w.timezone AS place_zone"
)
_PLACE = (
    "JOIN program_level v ON v.id = s.level_id JOIN program g ON g.id = v.program_id JOIN agency a ON a.id = g.agency_id "
    "JOIN listing i ON i.id = g.listing_id JOIN location w ON w.id = i.location_id"
)


async def slots_for(agencies: Sequence[int], *, ended_since: datetime, limit: int, offset: int) -> list[SlotSeen]:
    """Openings that the lines of these agencies can use: the open ones first, then those held, then what was filled or closed since."""
    sql = db.Sql()
    ours = (
        "EXISTS (SELECT 1 FROM pool_level l JOIN pool p ON p.id = l.pool_id WHERE l.level_id = s.level_id "
        f"AND p.closed_at IS NULL AND p.agency_id IN ({sql.list(agencies) or 'NULL'}))"
    )
    text = (
        f"SELECT s.*, {_NAMES} FROM slot s {_PLACE} WHERE {ours} "
        f"AND (s.status IN ('open', 'held') OR s.created_at >= {sql(to_column(ended_since))}) "
        "ORDER BY CASE s.status WHEN 'open' THEN 0 WHEN 'held' THEN 1 ELSE 2 END, s.id DESC "
        f"LIMIT {int(limit)} OFFSET {int(offset)}"
    )
    return [_slot(row) for row in await db.rows(text, sql.values)]


async def open_slots(agencies: Sequence[int]) -> int:
    """How many openings there are to offer to the lines of these agencies."""
    sql = db.Sql()
    text = (
        "SELECT COUNT(DISTINCT s.id) AS n FROM slot s JOIN pool_level l ON l.level_id = s.level_id "
        "JOIN pool p ON p.id = l.pool_id WHERE s.status = 'open' AND p.closed_at IS NULL "
        f"AND p.agency_id IN ({sql.list(agencies) or 'NULL'})"
    )
    return int((await db.rows(text, sql.values))[0]["n"])


async def slot_seen(id: int) -> SlotSeen | None:
    """The opening with this id."""
    sql = db.Sql()
    found = await db.rows(f"SELECT s.*, {_NAMES} FROM slot s {_PLACE} WHERE s.id = {sql(id)}", sql.values)
    return _slot(found[0]) if found else None


def _slot(row: Mapping[str, Any]) -> SlotSeen:
    return SlotSeen(
        id=row["id"],
        level=row["level_id"],
        agency=row["clinic"],
        status=Slot(row["status"]),
        restrictions=restrictions_read(row["restrictions"]),
        level_name=row["level_name"],
        care=row["care"],
        program=row["program"],
        agency_name=row["agency_name"],
        slug=row["slug"],
        zone=row["place_zone"],
        free_on=as_date(row["free_on"]),
        closed_reason=row["closed_reason"],
        said_at=db.as_moment(row["confirmed_at"] or row["created_at"]),
    )


async def pools_for(level: int, agencies: Sequence[int]) -> list[int]:
    """The open lines of these agencies that get openings of a level, by name."""
    sql = db.Sql()
    text = (
        f"SELECT p.id FROM pool p JOIN pool_level l ON l.pool_id = p.id WHERE l.level_id = {sql(level)} "
        f"AND p.closed_at IS NULL AND p.agency_id IN ({sql.list(agencies) or 'NULL'}) ORDER BY p.name, p.id"
    )
    return [row["id"] for row in await db.rows(text, sql.values)]


# --- the people in a line --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Waits:
    """Somebody behind an entry; what tells who they are is sealed. `live` is their live offer, whatever it is for."""

    entry: int
    client: int
    upi: str
    sealed: str | None
    live: int | None


async def people_of(entries: Iterable[int]) -> dict[int, Waits]:
    """The people behind these entries."""
    sql = db.Sql()
    text = (
        "SELECT e.id, e.client_id, c.upi, c.sealed, o.id AS live FROM entry e JOIN client c ON c.id = e.client_id "
        "LEFT JOIN offer o ON o.client_id = c.id AND o.status IN ('pending', 'accepted') "
        f"WHERE e.id IN ({sql.list(entries) or 'NULL'})"
    )
    return {
        row["id"]: Waits(row["id"], row["client_id"], row["upi"], row["sealed"], row["live"])
        for row in await db.rows(text, sql.values)
    }


async def client_in(upi: str, agencies: Sequence[int]) -> int | None:
    """The client with this number, if one of these agencies keeps their place."""
    sql = db.Sql()
    text = f"SELECT id FROM client WHERE upi = {sql(upi)} AND agency_id IN ({sql.list(agencies) or 'NULL'})"
    found = await db.rows(text, sql.values)
    return found[0]["id"] if found else None


async def entry_in(client: int, pools: Sequence[int]) -> list[tuple[int, int]]:
    """The open entries of a client in these lines, as pairs of entry and line."""
    sql = db.Sql()
    text = (
        f"SELECT id, pool_id FROM entry WHERE client_id = {sql(client)} AND pool_id IN ({sql.list(pools) or 'NULL'}) "
        f"AND status IN {OPEN} ORDER BY id"
    )
    return [(row["id"], row["pool_id"]) for row in await db.rows(text, sql.values)]


# --- an offer with all that belongs to it ----------------------------------------------------------------------------


_SEEN = (
    "SELECT s.*, s.status AS slot_status, o.id AS offer_id, o.status AS offer_status, o.entry_id, o.client_id, o.considered, "
    "o.passed_over, o.facts, o.rules_sha256, o.reason, o.second_by, o.by AS offered_by, o.at AS offered_at, o.expires_at, "
    "o.acknowledged_at, o.agreed_at, o.ended_at, o.end_reason, e.status AS entry_status, e.pool_id, p.name AS pool_name, "
    f"p.timezone AS pool_zone, c.upi, c.sealed, c.agency_id AS keeper, {_NAMES} FROM offer o JOIN slot s ON s.id = o.slot_id "
    f"{_PLACE} JOIN entry e ON e.id = o.entry_id JOIN pool p ON p.id = e.pool_id JOIN client c ON c.id = o.client_id"
)


async def offer_seen(id: int) -> OfferSeen | None:
    """The offer with this id."""
    sql = db.Sql()
    found = await db.rows(f"{_SEEN} WHERE o.id = {sql(id)}", sql.values)
    return _seen(found[0]) if found else None


async def offers_seen(agencies: Sequence[int], *, since: datetime, limit: int, offset: int) -> list[OfferSeen]:
    """Offers to the clients of these agencies: those that are live, what ends first before the others, then what has ended since."""
    sql = db.Sql()
    text = (
        f"{_SEEN} WHERE c.agency_id IN ({sql.list(agencies) or 'NULL'}) "
        f"AND (o.status IN ('pending', 'accepted') OR o.ended_at >= {sql(to_column(since))}) "
        "ORDER BY CASE o.status WHEN 'pending' THEN 0 WHEN 'accepted' THEN 1 ELSE 2 END, "
        "CASE WHEN o.status IN ('pending', 'accepted') THEN o.expires_at END, o.id DESC "
        f"LIMIT {int(limit)} OFFSET {int(offset)}"
    )
    return [_seen(row) for row in await db.rows(text, sql.values)]


async def offers_of_slot(slot: int, agencies: Sequence[int]) -> list[OfferSeen]:
    """All offers of an opening to clients of these agencies, the latest first."""
    sql = db.Sql()
    text = (
        f"{_SEEN} WHERE o.slot_id = {sql(slot)} AND c.agency_id IN ({sql.list(agencies) or 'NULL'}) ORDER BY o.id DESC"
    )
    return [_seen(row) for row in await db.rows(text, sql.values)]


def _seen(row: Mapping[str, Any]) -> OfferSeen:
    return OfferSeen(
        id=row["offer_id"],
        status=Offer(row["offer_status"]),
        slot=_slot(row),
        entry=row["entry_id"],
        entry_status=Entry(row["entry_status"]),
        client=row["client_id"],
        upi=row["upi"],
        sealed=row["sealed"],
        agency=row["keeper"],
        pool=row["pool_id"],
        pool_name=row["pool_name"],
        zone=row["pool_zone"],
        considered=row["considered"],
        passed_over=tuple((entry, code) for entry, code in db.from_json(row["passed_over"])),
        facts=db.from_json(row["facts"]),
        rules_sha256=row["rules_sha256"],
        reason=row["reason"],
        second_by=row["second_by"],
        by=row["offered_by"],
        at=db.as_moment(row["offered_at"]),
        expires_at=db.as_moment(row["expires_at"]),
        acknowledged_at=_moment(row["acknowledged_at"]),
        agreed_at=_moment(row["agreed_at"]),
        ended_at=_moment(row["ended_at"]),
        end_reason=row["end_reason"],
    )


def _moment(value: Any) -> datetime | None:
    return db.as_moment(value) if value else None


async def declined_by(client: int, reasons: Iterable[str]) -> int:
    """How many offers a client has said no to for one of these reasons: one also ends so where a place is closed, or a consent taken back."""
    sql = db.Sql()
    text = (
        f"SELECT COUNT(*) AS n FROM offer WHERE client_id = {sql(client)} AND status = 'declined' "
        f"AND end_reason IN ({sql.list(reasons)})"
    )
    return int((await db.rows(text, sql.values))[0]["n"])


async def told_of(offer: int) -> list[tuple[datetime, tuple[str, ...]]]:
    """What the agency was told about somebody with an offer, and when, the earliest first."""
    sql = db.Sql()
    text = f"SELECT at, scope FROM disclosure WHERE offer_id = {sql(offer)} ORDER BY id"
    return [(db.as_moment(row["at"]), tuple(db.from_json(row["scope"]))) for row in await db.rows(text, sql.values)]
