"""Rhythms of check-ins for many at once: who has none yet, whose has ended, what was missed, and two that become one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from directory.storage import db
from directory.storage.bridge.check_ins import rhythm
from directory.storage.encoding import to_column
from directory.storage.waitlist.moves import OPEN

_HERE = "c.merged_into_id IS NULL AND c.cleared_at IS NULL"
_IN_LINE = f"EXISTS (SELECT 1 FROM entry e WHERE e.client_id = c.id AND e.status IN {OPEN})"
_FOLLOWED = "EXISTS (SELECT 1 FROM follow_up f JOIN handoff h ON h.id = f.handoff_id WHERE h.client_id = c.id AND f.done_at IS NULL)"


# --- rounds ----------------------------------------------------------------------------------------------------------


async def rhythms_end() -> list[int]:
    """Ends the rhythms of those who stand in no line and are followed up no more; the ids of the clients. Needs a transaction."""
    text = (
        "DELETE FROM check_rhythm WHERE NOT EXISTS (SELECT 1 FROM client c WHERE c.id = check_rhythm.client_id "
        f"AND {_HERE} AND ({_IN_LINE} OR {_FOLLOWED})) RETURNING client_id"
    )
    return [row["client_id"] for row in await db.rows(text)]


@dataclass(frozen=True, slots=True)
class Without:
    """Somebody in a line who has no rhythm: when they asked, and when there was last a sign of them. `zone` is that of their agency."""

    client: int
    zone: str
    asked_at: datetime
    heard_at: datetime | None


async def without_rhythm(limit: int) -> list[Without]:
    """Those who stand in a line and have no rhythm yet, by their ids."""
    text = (
        "SELECT c.id, a.timezone, (SELECT MIN(e.requested_at) FROM entry e WHERE e.client_id = c.id "
        f"AND e.status IN {OPEN}) AS asked, "
        "(SELECT MAX(n.at) FROM contact_attempt n WHERE n.client_id = c.id "
        "AND n.outcome IN ('reached', 'came', 'still-waiting', 'call-me')) AS heard "
        f"FROM client c JOIN agency a ON a.id = c.agency_id WHERE {_HERE} AND {_IN_LINE} "
        f"AND NOT EXISTS (SELECT 1 FROM check_rhythm r WHERE r.client_id = c.id) ORDER BY c.id LIMIT {int(limit)}"
    )
    return [
        Without(row["id"], row["timezone"], db.as_moment(row["asked"]), _moment(row["heard"]))
        for row in await db.rows(text)
    ]


@dataclass(frozen=True, slots=True)
class Missed:
    """A rhythm whose check-in may be missed, with the number and the agency of the client."""

    client: int
    upi: str
    agency: int
    due_at: datetime
    step: int
    step_at: datetime | None


async def overdue(before: datetime, limit: int) -> list[Missed]:
    """The check-ins of people in a line that were due before this moment and about which not all has been done, the oldest first."""
    sql = db.Sql()
    text = (
        "SELECT c.id, c.upi, c.agency_id, r.due_at, r.step, r.step_at FROM check_rhythm r JOIN client c ON c.id = r.client_id "
        f"WHERE {_HERE} AND r.due_at <= {sql(to_column(before))} AND r.step < 2 AND {_IN_LINE} "
        f"ORDER BY r.due_at, c.id LIMIT {int(limit)}"
    )
    return [
        Missed(
            row["id"], row["upi"], row["agency_id"], db.as_moment(row["due_at"]), row["step"], _moment(row["step_at"])
        )
        for row in await db.rows(text, sql.values)
    ]


async def miss_add(client: int, due: datetime, step: int, now: datetime) -> None:
    """Notes that a step was begun about a missed check-in. Needs a transaction."""
    sql = db.Sql()
    values = sql.list((client, to_column(due), step, to_column(now)))
    await db.execute(
        f"INSERT INTO check_miss (client_id, due_at, step, at) VALUES ({values}) "
        "ON CONFLICT (client_id, due_at, step) DO NOTHING",
        sql.values,
    )


# --- two clients who are one -----------------------------------------------------------------------------------------


async def rhythms_merge(gone: int, kept: int, now: datetime) -> None:
    """Leaves of two rhythms the one whose check-in is due first, and of two notes of one missed check-in one. Needs a transaction."""
    own, other = await rhythm(kept), await rhythm(gone)
    if other is not None:
        if own is not None:
            await _drop(kept if other.due_at < own.due_at else gone)
        sql = db.Sql()
        text = (
            f"UPDATE check_rhythm SET client_id = {sql(kept)}, step = CASE WHEN step = 2 THEN 1 ELSE step END, "
            f"step_at = CASE WHEN step = 2 THEN {sql(to_column(now))} ELSE step_at END WHERE client_id = {sql(gone)}"
        )
        await db.execute(text, sql.values)
    await _misses_merge(gone, kept)


async def _drop(client: int) -> None:
    sql = db.Sql()
    await db.execute(f"DELETE FROM check_rhythm WHERE client_id = {sql(client)}", sql.values)


async def _misses_merge(gone: int, kept: int) -> None:
    sql = db.Sql()
    old, new = sql(gone), sql(kept)
    await db.execute(
        f"DELETE FROM check_miss WHERE client_id = {old} AND EXISTS (SELECT 1 FROM check_miss m WHERE m.client_id = {new} "
        "AND m.due_at = check_miss.due_at AND m.step = check_miss.step)",
        sql.values,
    )
    await db.execute(f"UPDATE check_miss SET client_id = {new} WHERE client_id = {old}", sql.values)


def _moment(value: Any) -> datetime | None:
    return db.as_moment(value) if value else None
