"""Hand-offs and what was done about each of their steps. Words stay sealed here, and go in and out as they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from directory.domain.bridge.handoffs import Handoff, State, Step
from directory.storage import db
from directory.storage.encoding import to_column
from directory.storage.waitlist.moves import assigned


@dataclass(frozen=True, slots=True)
class HandoffNow:
    """A hand-off with both sides: `agency` keeps the client's place (its `zone` is that of the page), `clinic` has the opening.

    `arrives_at` is when they are expected, `arrived_by` who said that they came; moments are aware.
    """

    id: int
    offer: int
    client: int
    upi: str
    agency: int
    zone: str
    clinic: int
    clinic_name: str
    level_name: str
    status: Handoff
    sealed: str | None
    arrives_at: datetime | None
    arrived_at: datetime | None
    arrived_by: str | None
    ended_at: datetime | None
    opened_at: datetime
    version: int


_FROM = (
    "FROM handoff h JOIN client c ON c.id = h.client_id JOIN agency p ON p.id = c.agency_id JOIN offer o ON o.id = h.offer_id "
    "JOIN slot s ON s.id = o.slot_id JOIN program_level v ON v.id = s.level_id JOIN program g ON g.id = v.program_id "
    "JOIN agency a ON a.id = g.agency_id"
)
_COLUMNS = (
    "h.*, c.upi, c.agency_id AS keeper, p.timezone AS zone, g.agency_id AS clinic, a.name AS clinic_name, "
    "v.name AS level_name"
)
_HANDOFF = f"SELECT {_COLUMNS} {_FROM}"


async def of_client(client: int) -> list[HandoffNow]:
    """The hand-offs of a client, the one that is open before the others, then the latest first."""
    sql = db.Sql()
    text = f"{_HANDOFF} WHERE h.client_id = {sql(client)} ORDER BY CASE WHEN h.status = 'open' THEN 0 ELSE 1 END, h.id DESC"
    return [_handoff(row) for row in await db.rows(text, sql.values)]


async def of_offer(offer: int) -> HandoffNow | None:
    """The hand-off of an offer."""
    sql = db.Sql()
    found = await db.rows(f"{_HANDOFF} WHERE h.offer_id = {sql(offer)}", sql.values)
    return _handoff(found[0]) if found else None


def _handoff(row: Mapping[str, Any]) -> HandoffNow:
    moments = {
        name: db.as_moment(row[name]) if row[name] else None for name in ("arrives_at", "arrived_at", "ended_at")
    }
    return HandoffNow(
        id=row["id"],
        offer=row["offer_id"],
        client=row["client_id"],
        upi=row["upi"],
        agency=row["keeper"],
        zone=row["zone"],
        clinic=row["clinic"],
        clinic_name=row["clinic_name"],
        level_name=row["level_name"],
        status=Handoff(row["status"]),
        sealed=row["sealed"],
        arrived_by=row["arrived_by"],
        opened_at=db.as_moment(row["opened_at"]),
        version=row["version"],
        **moments,
    )


# --- how far it is ---------------------------------------------------------------------------------------------------


async def add(*, offer: int, client: int, agency: int, now: datetime) -> bool:
    """Opens the hand-off of an offer; False where there is one. Needs a transaction."""
    sql = db.Sql()
    values = sql.list((offer, client, agency, Handoff.OPEN.value, to_column(now), 1))
    text = (
        f"INSERT INTO handoff (offer_id, client_id, agency_id, status, opened_at, version) VALUES ({values}) "
        "ON CONFLICT (offer_id) DO NOTHING RETURNING id"
    )
    return bool(await db.rows(text, sql.values))


async def end(offer: int, after: Handoff, **columns: object) -> int | None:
    """The id of the hand-off of an offer that was open and is so no more; None where none was. Needs a transaction."""
    sql = db.Sql()
    sets = assigned(sql, {"status": after.value, **columns})
    text = f"UPDATE handoff SET {sets}, version = version + 1 WHERE offer_id = {sql(offer)} AND status = 'open' RETURNING id"
    found = await db.rows(text, sql.values)
    return int(found[0]["id"]) if found else None


async def change(id: int, version: int, **columns: object) -> bool:
    """Whether an open hand-off was set to this: not where somebody else has changed it since `version`. Needs a transaction."""
    sql = db.Sql()
    sets = assigned(sql, columns)
    where = f"id = {sql(id)} AND version = {sql(version)} AND status = 'open'"
    return bool(
        await db.rows(f"UPDATE handoff SET {sets}, version = version + 1 WHERE {where} RETURNING id", sql.values)
    )


async def hold(id: int) -> bool:
    """Whether the hand-off is open, and stays so until this transaction has ended."""
    sql = db.Sql()
    text = f"UPDATE handoff SET status = status WHERE id = {sql(id)} AND status = 'open' RETURNING id"
    return bool(await db.rows(text, sql.values))


@dataclass(frozen=True, slots=True)
class Missing:
    """An offer that somebody said yes to without a hand-off, with its client and their agency."""

    offer: int
    client: int
    agency: int


async def missing(limit: int) -> list[Missing]:
    """Accepted offers without a hand-off, as from before there were any, the oldest first."""
    text = (
        "SELECT o.id AS offer, o.client_id AS client, c.agency_id AS agency FROM offer o JOIN client c ON c.id = o.client_id "
        f"WHERE o.status = 'accepted' AND NOT EXISTS (SELECT 1 FROM handoff h WHERE h.offer_id = o.id) "
        f"ORDER BY o.id LIMIT {int(limit)}"
    )
    return [Missing(**row) for row in await db.rows(text)]


# --- steps -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StepNow:
    """What was said of one step, when and by whom."""

    handoff: int
    step: str
    state: str
    at: datetime
    by: str


async def steps_of(handoffs: Iterable[int]) -> dict[int, list[StepNow]]:
    """What was said of the steps of these hand-offs, by hand-off, the oldest first."""
    sql = db.Sql()
    text = f"SELECT handoff_id, step, status, at, by FROM handoff_step WHERE handoff_id IN ({sql.list(handoffs)}) ORDER BY id"
    found: dict[int, list[StepNow]] = {}
    for row in await db.rows(text, sql.values) if sql.values else []:
        said = StepNow(row["handoff_id"], row["step"], row["status"], db.as_moment(row["at"]), row["by"])
        found.setdefault(said.handoff, []).append(said)
    return found


async def step_add(handoff: int, step: Step, state: State, *, by: str, now: datetime) -> None:
    """Notes what was done about a step. Needs a transaction that holds the hand-off."""
    sql = db.Sql()
    values = sql.list((handoff, step.value, state.value, to_column(now), by))
    await db.execute(f"INSERT INTO handoff_step (handoff_id, step, status, at, by) VALUES ({values})", sql.values)


# --- the list --------------------------------------------------------------------------------------------------------

UNDER_WAY, TO_FOLLOW, DONE = "under-way", "to-follow", "done"
"""The three parts of the list."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A hand-off in the list of an agency: its part, what is sealed of the person, and the earliest follow-up that is open."""

    row: HandoffNow
    part: str
    person: str | None
    next_from: datetime | None
    next_by: datetime | None


async def listed(agencies: Sequence[int], *, ended_since: datetime, limit: int, offset: int) -> list[Listed]:
    """The hand-offs of the clients of these agencies: those under way by when somebody is expected, those to be followed up by when that is due, and
    what has ended since, the latest first."""
    sql = db.Sql()
    open_one = "f.handoff_id = h.id AND f.done_at IS NULL"
    part = (
        f"CASE WHEN h.status = 'open' THEN '{UNDER_WAY}' WHEN EXISTS (SELECT 1 FROM follow_up f WHERE {open_one}) "
        f"THEN '{TO_FOLLOW}' ELSE '{DONE}' END"
    )
    columns = (
        f"SELECT {_COLUMNS}, "
        f"c.sealed AS person, {part} AS part, (SELECT MIN(f.due_from) FROM follow_up f WHERE {open_one}) AS next_from, "
        f"(SELECT MIN(f.due_at) FROM follow_up f WHERE {open_one}) AS next_by {_FROM}"
    )
    text = (
        f"SELECT * FROM ({columns} WHERE c.agency_id IN ({sql.list(agencies) or 'NULL'}) AND c.merged_into_id IS NULL "
        f"AND c.cleared_at IS NULL) x WHERE part <> '{DONE}' OR COALESCE(ended_at, arrived_at) >= {sql(to_column(ended_since))} "
        f"ORDER BY CASE part WHEN '{UNDER_WAY}' THEN 0 WHEN '{TO_FOLLOW}' THEN 1 ELSE 2 END, "
        f"CASE part WHEN '{UNDER_WAY}' THEN COALESCE(arrives_at, opened_at) WHEN '{TO_FOLLOW}' THEN next_by END, id DESC "
        f"LIMIT {int(limit)} OFFSET {int(offset)}"
    )
    return [_listed(row) for row in await db.rows(text, sql.values)]


def _listed(row: Mapping[str, Any]) -> Listed:
    ends = (db.as_moment(row[name]) if row[name] else None for name in ("next_from", "next_by"))
    return Listed(_handoff(row), row["part"], row["person"], *ends)
