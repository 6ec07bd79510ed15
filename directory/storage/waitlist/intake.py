"""People who asked to be called, as rows: what they wrote stays sealed here, and goes when it is settled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from directory.storage import db
from directory.storage.encoding import to_column

WAITING, TAKEN, SETTLED = "waiting", "taken", "settled"
TOOK_ON, NOT_REACHED, NOTHING_WANTED = "took-on", "not-reached", "nothing-wanted"


@dataclass(frozen=True, slots=True)
class IntakeNow:
    """That somebody asked to be called. `outcome` of one that still waits is what came of the last try."""

    id: int
    sealed: str | None
    language: str
    status: str
    at: datetime
    taken_by: str | None
    outcome: str | None


async def add(*, sealed: str, language: str, now: datetime) -> int:
    """The id of a new one. Needs a transaction."""
    sql = db.Sql()
    values = sql.list((sealed, language, WAITING, to_column(now), 1))
    text = f"INSERT INTO intake (sealed, language, status, at, version) VALUES ({values}) RETURNING id"
    return int((await db.rows(text, sql.values))[0]["id"])


async def count_open() -> int:
    """How many nobody has settled."""
    sql = db.Sql()
    found = await db.rows(f"SELECT COUNT(*) AS n FROM intake WHERE status <> {sql(SETTLED)}", sql.values)
    return int(found[0]["n"])


async def count_waiting() -> int:
    """How many nobody has taken up."""
    sql = db.Sql()
    found = await db.rows(f"SELECT COUNT(*) AS n FROM intake WHERE status = {sql(WAITING)}", sql.values)
    return int(found[0]["n"])


async def waiting(limit: int) -> list[IntakeNow]:
    """Those that nobody has taken up, the oldest first."""
    sql = db.Sql()
    text = f"SELECT * FROM intake WHERE status = {sql(WAITING)} ORDER BY at, id LIMIT {int(limit)}"
    return [_intake(row) for row in await db.rows(text, sql.values)]


async def taken(by: str) -> list[IntakeNow]:
    """Those that this person has taken up and not settled, the oldest first."""
    sql = db.Sql()
    text = f"SELECT * FROM intake WHERE status = {sql(TAKEN)} AND taken_by = {sql(by)} ORDER BY at, id"
    return [_intake(row) for row in await db.rows(text, sql.values)]


async def intake(id: int) -> IntakeNow | None:
    """The one with this id."""
    sql = db.Sql()
    found = await db.rows(f"SELECT * FROM intake WHERE id = {sql(id)}", sql.values)
    return _intake(found[0]) if found else None


async def take(id: int, *, by: str, now: datetime) -> bool:
    """Whether this person was the first to take it up. Needs a transaction."""
    return await _move(id, WAITING, None, {"status": TAKEN, "taken_by": by, "taken_at": to_column(now)})


async def left(before: datetime) -> list[int]:
    """Puts those back that somebody took up before this moment and never settled, and says which. Needs a transaction."""
    sql = db.Sql()
    text = (
        f"UPDATE intake SET status = {sql(WAITING)}, taken_by = NULL, taken_at = NULL, version = version + 1 "
        f"WHERE status = {sql(TAKEN)} AND taken_at < {sql(to_column(before))} RETURNING id"
    )
    return sorted(row["id"] for row in await db.rows(text, sql.values))


async def give_back(id: int, *, by: str) -> bool:
    """Puts one back that this person took up and could not reach. Needs a transaction."""
    return await _move(id, TAKEN, by, {"status": WAITING, "taken_by": None, "taken_at": None, "outcome": NOT_REACHED})


async def settle(id: int, *, by: str, outcome: str, now: datetime) -> bool:
    """Settles one that this person took up, and forgets what was written in it. Needs a transaction."""
    columns = {"status": SETTLED, "sealed": None, "outcome": outcome, "settled_at": to_column(now)}
    return await _move(id, TAKEN, by, columns)


async def belongs(id: int, client: int) -> None:
    """Notes who was taken on with it. Needs the transaction that settles it."""
    sql = db.Sql()
    await db.execute(f"UPDATE intake SET client_id = {sql(client)} WHERE id = {sql(id)}", sql.values)


@dataclass(frozen=True, slots=True)
class CallNow:
    """That a client had asked to be called, and when."""

    id: int
    at: datetime


async def call_of(client: int, since: datetime) -> CallNow | None:
    """With which call a client was taken on, where that was after this moment; of several the first."""
    sql = db.Sql()
    text = (
        f"SELECT id, at FROM intake WHERE client_id = {sql(client)} AND outcome = {sql(TOOK_ON)} "
        f"AND settled_at > {sql(to_column(since))} ORDER BY at, id LIMIT 1"
    )
    found = await db.rows(text, sql.values)
    return CallNow(found[0]["id"], db.as_moment(found[0]["at"])) if found else None


async def _move(id: int, before: str, by: str | None, columns: Mapping[str, object]) -> bool:
    sql = db.Sql()
    sets = ", ".join(f"{name} = {sql(value)}" for name, value in columns.items())
    whose = f" AND taken_by = {sql(by)}" if by is not None else ""
    text = (
        f"UPDATE intake SET {sets}, version = version + 1 WHERE id = {sql(id)} AND status = {sql(before)}{whose} "
        "RETURNING id"
    )
    return bool(await db.rows(text, sql.values))


def _intake(row: Mapping[str, Any]) -> IntakeNow:
    return IntakeNow(
        id=row["id"],
        sealed=row["sealed"],
        language=row["language"],
        status=row["status"],
        at=db.as_moment(row["at"]),
        taken_by=row["taken_by"],
        outcome=row["outcome"],
    )
