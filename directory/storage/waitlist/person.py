"""What a person's page shows beside their own rows: who stands before them, the offers that there were, what is open, and who could go with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from directory.domain.access import Role
from directory.domain.waitlist.states import Offer
from directory.storage import db
from directory.storage.encoding import as_date, to_column
from directory.storage.waitlist.entries import EntryNow
from directory.storage.waitlist.moves import OPEN


@dataclass(frozen=True, slots=True)
class Before:
    """How many in the same line and state stand before somebody, of how many there are."""

    status: str
    ahead: int
    all: int


async def before(entry: EntryNow) -> list[Before]:
    """Those who stand in the line of an entry, by their state: one walk through the index of that line alone."""
    sql = db.Sql()
    tier, asked, tie = sql(entry.tier), sql(to_column(entry.requested_at)), sql(entry.tie)
    earlier = (
        f"tier < {tier} OR (tier = {tier} AND (requested_at < {asked} OR (requested_at = {asked} AND tie < {tie})))"
    )
    text = (
        f"SELECT status, COUNT(*) AS n, SUM(CASE WHEN {earlier} THEN 1 ELSE 0 END) AS ahead FROM entry "
        f"WHERE pool_id = {sql(entry.pool)} AND status IN {OPEN} GROUP BY status"
    )
    found = await db.rows(text, sql.values)
    return [Before(row["status"], int(row["ahead"]), int(row["n"])) for row in found]


@dataclass(frozen=True, slots=True)
class OfferLine:
    """An offer with the names of what was offered. `timezone` is that of its line; `ended_at` is None for a live one."""

    id: int
    entry: int
    status: Offer
    at: datetime
    expires_at: datetime
    ended_at: datetime | None
    end_reason: str | None
    level: str
    agency: str
    timezone: str


async def offers_of(client: int) -> list[OfferLine]:
    """All offers to a client, the latest first."""
    sql = db.Sql()
    text = (
        "SELECT o.id, o.entry_id, o.status, o.at, o.expires_at, o.ended_at, o.end_reason, l.name AS level, "
        "a.name AS agency, p.timezone FROM offer o JOIN slot s ON s.id = o.slot_id JOIN program_level l ON l.id = s.level_id "
        "JOIN program g ON g.id = l.program_id JOIN agency a ON a.id = g.agency_id JOIN entry e ON e.id = o.entry_id "
        f"JOIN pool p ON p.id = e.pool_id WHERE o.entry_id IN (SELECT id FROM entry WHERE client_id = {sql(client)}) "
        "ORDER BY o.id DESC"
    )
    return [
        OfferLine(
            id=row["id"],
            entry=row["entry_id"],
            status=Offer(row["status"]),
            at=db.as_moment(row["at"]),
            expires_at=db.as_moment(row["expires_at"]),
            ended_at=db.as_moment(row["ended_at"]) if row["ended_at"] else None,
            end_reason=row["end_reason"],
            level=row["level"],
            agency=row["agency"],
            timezone=row["timezone"],
        )
        for row in await db.rows(text, sql.values)
    ]


@dataclass(frozen=True, slots=True)
class Opening:
    """An opening that nobody holds. `restrictions` are pairs of rule and what it allows."""

    id: int
    level: str
    agency: str
    free_on: date | None
    restrictions: tuple[tuple[str, tuple[str, ...]], ...]


async def openings_for(pool: int, limit: int) -> list[Opening]:
    """The openings that can go to the people of a line now, the oldest first."""
    sql = db.Sql()
    text = (
        "SELECT s.id, s.restrictions, s.free_on, l.name AS level, a.name AS agency FROM slot s "
        "JOIN pool_level pl ON pl.level_id = s.level_id JOIN program_level l ON l.id = s.level_id "
        "JOIN program g ON g.id = l.program_id JOIN agency a ON a.id = g.agency_id "
        f"WHERE pl.pool_id = {sql(pool)} AND s.status = 'open' ORDER BY s.id LIMIT {int(limit)}"
    )
    return [
        Opening(
            row["id"],
            row["level"],
            row["agency"],
            as_date(row["free_on"]),
            tuple((rule, tuple(allowed)) for rule, allowed in db.from_json(row["restrictions"])),
        )
        for row in await db.rows(text, sql.values)
    ]


async def peers_of(agency: int) -> list[tuple[int, str]]:
    """The people of an agency who keep places, with their names, by name."""
    sql = db.Sql()
    roles = sql.list((Role.PEER.value, Role.COORDINATOR.value))
    text = (
        "SELECT DISTINCT p.id, p.name FROM person p JOIN role_grant g ON g.person_id = p.id "
        f"WHERE g.role IN ({roles}) AND g.agency_id = {sql(agency)} AND g.ended_at IS NULL ORDER BY p.name, p.id"
    )
    return [(row["id"], row["name"]) for row in await db.rows(text, sql.values)]
