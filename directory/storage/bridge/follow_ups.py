"""Asking, after somebody has arrived, how it goes: when it is due, and what came of it. Notes stay sealed here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from directory.domain.bridge.handoffs import FollowUp, Outcome, Which, Window
from directory.storage import db
from directory.storage.encoding import to_column
from directory.storage.waitlist.moves import assigned


async def add(handoff: int, windows: Sequence[Window]) -> None:
    """Has somebody asked in these windows, each of them once. Needs a transaction."""
    sql = db.Sql()
    rows = ", ".join(
        f"({sql.list((handoff, each.which.value, to_column(each.due_from), to_column(each.due_at)))})"
        for each in windows
    )
    text = f"INSERT INTO follow_up (handoff_id, which, due_from, due_at) VALUES {rows} ON CONFLICT (handoff_id, which) DO NOTHING"
    await db.execute(text, sql.values)


async def of_handoffs(handoffs: Iterable[int]) -> dict[int, list[FollowUp]]:
    """The follow-ups of these hand-offs, by hand-off, the earliest first."""
    sql = db.Sql()
    text = f"SELECT * FROM follow_up WHERE handoff_id IN ({sql.list(handoffs)}) ORDER BY due_at, id"
    found: dict[int, list[FollowUp]] = {}
    for row in await db.rows(text, sql.values) if sql.values else []:
        found.setdefault(row["handoff_id"], []).append(_follow_up(row))
    return found


async def of_client(id: int, client: int) -> tuple[int, FollowUp] | None:
    """The follow-up with this id, and the id of its hand-off, where it is about this client."""
    sql = db.Sql()
    text = f"SELECT f.* FROM follow_up f JOIN handoff h ON h.id = f.handoff_id WHERE f.id = {sql(id)} AND h.client_id = {sql(client)}"
    found = await db.rows(text, sql.values)
    return (found[0]["handoff_id"], _follow_up(found[0])) if found else None


async def due_of(clients: Iterable[int], now: datetime) -> dict[int, list[FollowUp]]:
    """The follow-ups that are to be asked now, by client, the earliest first."""
    sql = db.Sql()
    text = (
        "SELECT f.*, h.client_id FROM follow_up f JOIN handoff h ON h.id = f.handoff_id "
        f"WHERE h.client_id IN ({sql.list(clients)}) AND f.done_at IS NULL AND f.due_from <= "
    )
    if not sql.values:
        return {}
    found: dict[int, list[FollowUp]] = {}
    for row in await db.rows(f"{text}{sql(to_column(now))} ORDER BY f.due_at, f.id", sql.values):
        found.setdefault(row["client_id"], []).append(_follow_up(row))
    return found


def is_due_for(client: str, now: str) -> str:
    """SQL: there is something to ask this client about now (a column and a marker)."""
    return (
        "EXISTS (SELECT 1 FROM follow_up f JOIN handoff h ON h.id = f.handoff_id "
        f"WHERE h.client_id = {client} AND f.done_at IS NULL AND f.due_from <= {now})"
    )


async def settle(id: int, outcome: Outcome, *, by: str, now: datetime, **columns: object) -> bool:
    """Whether this was the first word on a follow-up, which then has these columns too. Needs a transaction."""
    sql = db.Sql()
    sets = assigned(sql, {"outcome": outcome.value, "done_at": now, "by": by, **columns})
    text = f"UPDATE follow_up SET {sets} WHERE id = {sql(id)} AND done_at IS NULL RETURNING id"
    return bool(await db.rows(text, sql.values))


async def try_keep(id: int, sealed: str | None) -> bool:
    """Keeps the note of a try beside a follow-up that is still to be asked; False where it was asked meanwhile. Needs a transaction."""
    sql = db.Sql()
    text = f"UPDATE follow_up SET sealed = COALESCE({sql(sealed)}, sealed) WHERE id = {sql(id)} AND done_at IS NULL RETURNING id"
    return bool(await db.rows(text, sql.values))


# --- what the hourly round looks at ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Late:
    """A follow-up whose time is over, with whom it is about."""

    id: int
    upi: str
    agency: int
    due_at: datetime


async def late(now: datetime, limit: int) -> list[Late]:
    """Follow-ups whose time is over and that nobody was told of yet, the oldest first."""
    sql = db.Sql()
    text = (
        "SELECT f.id, f.due_at, c.upi, c.agency_id FROM follow_up f JOIN handoff h ON h.id = f.handoff_id "
        f"JOIN client c ON c.id = h.client_id WHERE f.done_at IS NULL AND f.due_at < {sql(to_column(now))} "
        "AND c.merged_into_id IS NULL AND c.cleared_at IS NULL "
        "AND NOT EXISTS (SELECT 1 FROM task t WHERE t.key = 'follow-up ' || f.id) "
        f"ORDER BY f.due_at, f.id LIMIT {int(limit)}"
    )
    return [
        Late(row["id"], row["upi"], row["agency_id"], db.as_moment(row["due_at"]))
        for row in await db.rows(text, sql.values)
    ]


async def talked_since(limit: int) -> list[int]:
    """The offers that somebody did not come to whose kind call was made: the task is open, and they were talked to since."""
    text = (
        "SELECT h.offer_id FROM handoff h JOIN task t ON t.key = 'handoff ' || h.offer_id AND t.done_at IS NULL "
        "WHERE h.status = 'no-show' AND EXISTS (SELECT 1 FROM contact_attempt x WHERE x.client_id = h.client_id "
        f"AND x.outcome IN ('reached', 'came') AND x.at > h.ended_at) ORDER BY h.offer_id LIMIT {int(limit)}"
    )
    return [row["offer_id"] for row in await db.rows(text)]


def _follow_up(row: Mapping[str, Any]) -> FollowUp:
    return FollowUp(
        id=row["id"],
        which=Which(row["which"]),
        due_from=db.as_moment(row["due_from"]),
        due_at=db.as_moment(row["due_at"]),
        outcome=Outcome(row["outcome"]) if row["outcome"] else None,
        done_at=db.as_moment(row["done_at"]) if row["done_at"] else None,
        by=row["by"],
        sealed=row["sealed"],
    )
