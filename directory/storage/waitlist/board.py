"""What a board is made of, in a few statements however many people it shows: who waits, their offers, contacts, facts and consents.

Names stay sealed until it is known who is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from directory.domain.waitlist.states import Entry, Offer
from directory.storage import db
from directory.storage.bridge.check_ins import is_danger_for
from directory.storage.bridge.follow_ups import is_due_for
from directory.storage.encoding import as_date, to_column
from directory.storage.waitlist.moves import OPEN

MOST = 1500
"""Entries of which one board is made. Who comes after them in their lines is found by the filter for one line, and by the search."""


@dataclass(frozen=True, slots=True)
class EntryRow:
    """An open entry with its line. Moments are aware."""

    id: int
    pool: int
    line: str
    zone: str
    contact_days: int
    status: Entry
    tier: int
    requested_at: datetime
    no_capacity_on: date | None
    review_on: date | None


@dataclass(frozen=True, slots=True)
class OfferRow:
    """An offer as far as the board goes; `ended_at` is None for a live one."""

    id: int
    entry: int
    status: Offer
    expires_at: datetime
    ended_at: datetime | None
    accepted_at: datetime | None
    free_on: date | None


@dataclass(frozen=True, slots=True)
class ClientRow:
    """Somebody with their open entries; `has_waited` where they stand, or stood, in a line."""

    id: int
    upi: str
    agency: int
    peer: int | None
    created_at: datetime
    entries: list[EntryRow] = field(default_factory=list)
    has_waited: bool = False


@dataclass(slots=True)
class Told:
    """What is known of somebody: facts (code, value, observed on, expires on), the ends of consents that stand (None for an event), contacts by
    outcome with their latest moment, interim services with when they were offered, and when the first appeal was overturned of which nothing
    has come yet."""

    facts: list[tuple[str, str, date, date | None]] = field(default_factory=list)
    consents: list[date | None] = field(default_factory=list)
    contacts: dict[str, datetime] = field(default_factory=dict)
    interim: list[tuple[str, datetime]] = field(default_factory=list)
    to_right_at: datetime | None = None


async def clients(
    agencies: Sequence[int], now: datetime, *, peers: Iterable[int] | None = None, pool: int | None = None
) -> list[ClientRow]:
    """Everybody of these agencies who stands in a line, was never put into one, is to be asked now how it goes after they arrived, or told of
    danger that nobody has seen to yet; of these peers, or of one line. Who goes first comes first."""
    sql = db.Sql()
    where = f"c.agency_id IN ({sql.list(agencies)}) AND c.merged_into_id IS NULL AND c.cleared_at IS NULL"
    where += f" AND c.peer_id IN ({sql.list(sorted(peers)) or 'NULL'})" if peers is not None else ""
    if pool is not None:
        where += f" AND e.pool_id = {sql(pool)} AND e.status IN {OPEN}"
    else:
        where += " AND (e.id IS NOT NULL OR NOT EXISTS (SELECT 1 FROM entry x WHERE x.client_id = c.id) OR "
        where += f"{is_due_for('c.id', sql(to_column(now)))} OR {is_danger_for('c.id')})"
    text = (
        "SELECT c.id AS client, c.upi, c.agency_id, c.peer_id, c.created_at, e.id, e.pool_id, p.name AS line, p.timezone AS zone, "
        "p.contact_days, e.status, e.tier, e.requested_at, e.no_capacity_on, e.review_on, "
        "e.id IS NOT NULL OR EXISTS (SELECT 1 FROM entry x WHERE x.client_id = c.id) AS has_waited FROM client c "
        f"LEFT JOIN entry e ON e.client_id = c.id AND e.status IN {OPEN} LEFT JOIN pool p ON p.id = e.pool_id "
        f"WHERE {where} ORDER BY COALESCE(e.tier, 0), e.requested_at, c.id, e.id LIMIT {MOST}"
    )
    found: dict[int, ClientRow] = {}
    for row in await db.rows(text, sql.values):
        client = found.get(row["client"])
        if client is None:
            created = db.as_moment(row["created_at"])
            has_waited = bool(row["has_waited"])
            client = ClientRow(
                row["client"], row["upi"], row["agency_id"], row["peer_id"], created, has_waited=has_waited
            )
            found[client.id] = client
        if row["id"] is not None:
            client.entries.append(_entry(row))
    return list(found.values())


def _entry(row: Mapping[str, Any]) -> EntryRow:
    return EntryRow(
        id=row["id"],
        pool=row["pool_id"],
        line=row["line"],
        zone=row["zone"],
        contact_days=row["contact_days"],
        status=Entry(row["status"]),
        tier=row["tier"],
        requested_at=db.as_moment(row["requested_at"]),
        no_capacity_on=as_date(row["no_capacity_on"]),
        review_on=as_date(row["review_on"]),
    )


async def offers(entries: Iterable[int]) -> dict[int, list[OfferRow]]:
    """The offers of these entries that say something of what is to be done, by entry, the oldest first."""
    sql = db.Sql()
    text = (
        "SELECT o.id, o.entry_id, o.status, o.expires_at, o.ended_at, s.free_on, CASE WHEN o.status = 'accepted' THEN "
        "(SELECT MAX(v.at) FROM entry_event v WHERE v.entry_id = o.entry_id AND v.offer_id = o.id AND v.after = 'accepted') "
        f"END AS accepted_at FROM offer o JOIN slot s ON s.id = o.slot_id WHERE o.entry_id IN ({sql.list(entries)}) "
        "AND o.status IN ('pending', 'accepted', 'declined', 'expired', 'no-show') ORDER BY o.id"
    )
    found: dict[int, list[OfferRow]] = {}
    for row in await db.rows(text, sql.values) if sql.values else []:
        ended, accepted = (db.as_moment(row[name]) if row[name] else None for name in ("ended_at", "accepted_at"))
        offer = OfferRow(
            row["id"],
            row["entry_id"],
            Offer(row["status"]),
            db.as_moment(row["expires_at"]),
            ended,
            accepted,
            as_date(row["free_on"]),
        )
        found.setdefault(offer.entry, []).append(offer)
    return found


async def rules_of(pools: Iterable[int]) -> dict[int, str]:
    """The rules that were published for these lines, as their JSON, by line; those without any have the usual ones."""
    sql = db.Sql()
    text = (
        "SELECT p.id, r.rules FROM pool p JOIN rule_version r ON r.id = p.rules_id "
        f"WHERE p.id IN ({sql.list(sorted(set(pools)))})"
    )
    return {row["id"]: row["rules"] for row in await db.rows(text, sql.values)} if sql.values else {}


async def told(clients: Sequence[int]) -> dict[int, Told]:
    """What is known of these clients, in two statements: what has a moment, and what has a day."""
    found = {client: Told() for client in clients}
    if not clients:
        return found
    sql = db.Sql()
    ids = sql.list(clients)
    moments = (
        f"SELECT client_id, outcome, 'contact', MAX(at) FROM contact_attempt WHERE client_id IN ({ids}) GROUP BY client_id, outcome "
        f"UNION ALL SELECT client_id, item, 'interim', at FROM interim_service WHERE client_id IN ({ids}) "
        "UNION ALL SELECT e.client_id, '', 'appeal', MIN(a.settled_at) FROM appeal a JOIN entry e ON e.id = a.entry_id "
        f"WHERE a.status = 'overturned' AND e.client_id IN ({ids}) GROUP BY e.client_id"
    )
    for client, code, sort, at in await db.tuples(moments, sql.values):
        if sort == "contact":
            found[client].contacts[code] = db.as_moment(at)
        elif sort == "interim":
            found[client].interim.append((code, db.as_moment(at)))
        else:
            found[client].to_right_at = db.as_moment(at)
    days = (
        "SELECT client_id, code, value, observed_on, expires_on FROM client_fact "
        f"WHERE client_id IN ({ids}) AND ended_at IS NULL UNION ALL "
        f"SELECT client_id, '', '', signed_on, expires_on FROM consent WHERE client_id IN ({ids}) AND revoked_at IS NULL"
    )
    for client, code, value, first, last in await db.tuples(days, sql.values):
        if code:
            found[client].facts.append((code, value, as_date(first) or date.min, as_date(last)))
        else:
            found[client].consents.append(as_date(last))
    return found


async def sealed_of(clients: Iterable[int]) -> dict[int, str | None]:
    """What is sealed of these clients, and nothing of anybody else."""
    sql = db.Sql()
    text = f"SELECT id, sealed FROM client WHERE id IN ({sql.list(clients)})"
    return {row["id"]: row["sealed"] for row in await db.rows(text, sql.values)} if sql.values else {}


@dataclass(frozen=True, slots=True)
class RouteRow:
    """A telephone as it was noted; `sealed` holds its number and when it is safe."""

    client: int
    channel: str
    sealed: str | None
    may_leave_word: bool
    is_shared: bool


async def telephones(clients: Iterable[int]) -> dict[int, list[RouteRow]]:
    """The telephones of these clients that are in use, by client, the one to try first before the others."""
    sql = db.Sql()
    text = (
        "SELECT client_id, channel, sealed, may_leave_word, is_shared FROM contact_route "
        f"WHERE client_id IN ({sql.list(clients)}) AND channel IN ('call', 'text') AND ended_at IS NULL "
        "AND stopped_at IS NULL ORDER BY sort, id"
    )
    found: dict[int, list[RouteRow]] = {}
    for row in await db.rows(text, sql.values) if sql.values else []:
        route = RouteRow(
            row["client_id"],
            row["channel"],
            row["sealed"],
            bool(row["may_leave_word"]),
            bool(row["is_shared"]),
        )
        found.setdefault(route.client, []).append(route)
    return found


async def beside(agencies: Sequence[int], *, by: str, person: int | None, is_coordinator: bool) -> tuple[int, int, int]:
    """What else waits for somebody: second words that others ask for in their agencies, callers whom they have taken up, and how often they
    are asked how they are themselves."""
    sql = db.Sql()
    kinds = "" if is_coordinator else " AND kind = 'out-of-order'"
    text = (
        f"SELECT (SELECT COUNT(*) FROM second_word WHERE agency_id IN ({sql.list(agencies)}) AND status = 'open' "
        f"AND by <> {sql(by)}{kinds}) AS words, (SELECT COUNT(*) FROM intake WHERE status = 'taken' AND taken_by = {sql(by)}) AS callers, "
        f"(SELECT COUNT(*) FROM debrief WHERE person_id = {sql(person)} AND done_at IS NULL) AS debriefs"
    )
    found = (await db.rows(text, sql.values))[0]
    return int(found["words"]), int(found["callers"]), int(found["debriefs"])
