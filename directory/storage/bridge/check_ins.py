"""Check-ins as rows: the rhythm of each client, what came of each check-in, and how far a missed one went."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from directory.domain.bridge.check_ins import Check
from directory.storage import db
from directory.storage.encoding import as_date, to_column
from directory.storage.waitlist.moves import assigned

# --- the rhythm ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often a client is asked (models/bridge.py, CheckRhythm). Moments are aware, `paused_until` is a local day."""

    client: int
    every_days: int
    channel: str
    due_at: datetime
    step: int
    step_at: datetime | None
    paused_until: date | None
    version: int


async def rhythm(client: int) -> Rhythm | None:
    """The rhythm of a client; None for whoever has none."""
    sql = db.Sql()
    found = await db.rows(f"SELECT * FROM check_rhythm WHERE client_id = {sql(client)}", sql.values)
    return _rhythm(found[0]) if found else None


async def rhythm_add(*, client: int, every_days: int, channel: str, due_at: datetime, by: str, now: datetime) -> bool:
    """Gives a client a rhythm; False where they have one. Needs a transaction."""
    sql = db.Sql()
    values = sql.list((client, every_days, channel, to_column(due_at), 0, by, to_column(now), 1))
    text = (
        "INSERT INTO check_rhythm (client_id, every_days, channel, due_at, step, by, at, version) "
        f"VALUES ({values}) ON CONFLICT (client_id) DO NOTHING RETURNING id"
    )
    return bool(await db.rows(text, sql.values))


async def rhythm_change(client: int, version: int, columns: Mapping[str, object]) -> bool:
    """Whether a rhythm that still has this version was set to this. Needs a transaction."""
    sql = db.Sql()
    text = (
        f"UPDATE check_rhythm SET {assigned(sql, columns)}, version = version + 1 "
        f"WHERE client_id = {sql(client)} AND version = {sql(version)} RETURNING id"
    )
    return bool(await db.rows(text, sql.values))


async def rhythm_move(client: int, before: datetime, after: datetime) -> bool:
    """Whether a check-in that was due at one moment is due at another from here on, with nothing done about it yet: of two who have asked at
    once, one moves it. A pause ends by it. Needs a transaction."""
    sql = db.Sql()
    columns = {"due_at": after, "step": 0, "step_at": None, "paused_until": None}
    text = (
        f"UPDATE check_rhythm SET {assigned(sql, columns)} WHERE client_id = {sql(client)} "
        f"AND due_at = {sql(to_column(before))} RETURNING id"
    )
    return bool(await db.rows(text, sql.values))


async def rhythm_step(client: int, due: datetime, before: int, after: int, now: datetime) -> bool:
    """Whether a missed check-in went from one step to the next; False where it was answered, or somebody else was quicker. Needs a transaction."""
    sql = db.Sql()
    text = (
        f"UPDATE check_rhythm SET step = {sql(after)}, step_at = {sql(to_column(now))} WHERE client_id = {sql(client)} "
        f"AND step = {sql(before)} AND due_at = {sql(to_column(due))} RETURNING id"
    )
    return bool(await db.rows(text, sql.values))


async def checks_of(clients: Iterable[int]) -> dict[int, Check]:
    """What is to be done about the check-ins of these clients, by client; those of whom nothing is known are left out."""
    sql = db.Sql()
    ids = sql.list(clients)
    if not ids:
        return {}
    text = (
        f"SELECT client_id, 'rhythm', due_at, step FROM check_rhythm WHERE client_id IN ({ids}) UNION ALL "
        "SELECT client_id, 'text', MIN(at), 0 FROM text_reply WHERE settled_at IS NULL "
        f"AND client_id IN ({ids}) GROUP BY client_id "
        f"UNION ALL SELECT r.client_id, 'now', MIN(r.at), 0 {_NOW} AND r.client_id IN ({ids}) GROUP BY r.client_id "
        f"UNION ALL SELECT k.client_id, 'crisis', MIN(k.at), MIN(k.id) {_CRISES} AND k.client_id IN ({ids}) GROUP BY k.client_id "
        f"UNION ALL {_OVER} AND k.client_id IN ({ids}) GROUP BY k.client_id"
    )
    found: dict[int, Check] = {}
    for client, sort, at, number in await db.tuples(text, sql.values):
        found[client] = _with(found.get(client, Check()), sort, db.as_moment(at), number)
    return found


_CRISES = "FROM check_in k JOIN task t ON t.key = 'check-in ' || k.id WHERE t.done_at IS NULL AND k.is_crisis"
"""SQL: the check-ins that opened a card for a crisis whose task is open (services/bridge/check_ins.py `crisis_key`)."""
_NOW = (
    "FROM text_reply r JOIN task t ON t.key = 'text-came-in ' || r.id "
    "WHERE r.settled_at IS NULL AND t.done_at IS NULL AND t.kind = 'text-now'"
)
"""SQL: the texts that are to be read before others (services/bridge/text_replies.py `text_key`)."""


def is_danger_for(client: str) -> str:
    """SQL: this client (a column) told of danger, in a check-in or by a text, and nobody has seen to it yet."""
    return f"(EXISTS (SELECT 1 {_CRISES} AND k.client_id = {client}) OR EXISTS (SELECT 1 {_NOW} AND r.client_id = {client}))"


_OVER = (
    "SELECT k.client_id, 'over', MAX(k.at), 0 FROM check_in k WHERE k.waiting = 'no' "
    "AND NOT EXISTS (SELECT 1 FROM check_in y WHERE y.client_id = k.client_id AND y.waiting = 'yes' AND y.at > k.at) "
    "AND NOT EXISTS (SELECT 1 FROM entry e WHERE e.client_id = k.client_id AND e.closed_at > k.at)"
)
"""SQL: who said that they wait no more, and has not said otherwise since; once one of their places has ended, that was looked at."""


def _with(check: Check, sort: str, at: datetime, number: int) -> Check:
    """What is known, with one row more."""
    if sort == "rhythm":
        return replace(check, due_at=at, step=number)
    if sort == "crisis":
        return replace(check, crisis_at=at, crisis=number)
    if sort == "over":
        return replace(check, over_at=at)
    return replace(check, now_at=at) if sort == "now" else replace(check, text_at=at)


# --- what came of it -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CheckInNow:
    """One check-in (models/bridge.py, CheckIn). `sealed` holds note and safety answers."""

    id: int
    client: int
    at: datetime
    channel: str
    is_reached: bool
    feeling: int | None
    waiting: str | None
    is_crisis: bool
    sealed: str | None
    due_at: datetime | None
    by: str


async def add(columns: Mapping[str, object]) -> int:
    """The id of a new check-in. Needs a transaction."""
    sql = db.Sql()
    values = sql.list([to_column(value) for value in columns.values()])
    text = f"INSERT INTO check_in ({', '.join(columns)}) VALUES ({values}) RETURNING id"
    return int((await db.rows(text, sql.values))[0]["id"])


async def of_client(client: int, limit: int = 100) -> list[CheckInNow]:
    """The check-ins of a client, the newest first."""
    sql = db.Sql()
    text = f"SELECT * FROM check_in WHERE client_id = {sql(client)} ORDER BY at DESC, id DESC LIMIT {int(limit)}"
    return [_check_in(row) for row in await db.rows(text, sql.values)]


async def one(id: int) -> CheckInNow | None:
    """The one with this id."""
    sql = db.Sql()
    found = await db.rows(f"SELECT * FROM check_in WHERE id = {sql(id)}", sql.values)
    return _check_in(found[0]) if found else None


async def told_since(client: int, by: str, since: datetime) -> bool:
    """Whether somebody in whose name this is said how they feel, from this moment on."""
    sql = db.Sql()
    text = (
        f"SELECT 1 FROM check_in WHERE client_id = {sql(client)} AND by = {sql(by)} AND feeling IS NOT NULL "
        f"AND at >= {sql(to_column(since))} LIMIT 1"
    )
    return bool(await db.rows(text, sql.values))


# --- rows ------------------------------------------------------------------------------------------------------------


def _moment(value: Any) -> datetime | None:
    return db.as_moment(value) if value else None


def _rhythm(row: Mapping[str, Any]) -> Rhythm:
    return Rhythm(
        client=row["client_id"],
        every_days=row["every_days"],
        channel=row["channel"],
        due_at=db.as_moment(row["due_at"]),
        step=row["step"],
        step_at=_moment(row["step_at"]),
        paused_until=as_date(row["paused_until"]),
        version=row["version"],
    )


def _check_in(row: Mapping[str, Any]) -> CheckInNow:
    kept = {name: row[name] for name in ("id", "channel", "feeling", "waiting", "sealed", "by")}
    return CheckInNow(
        client=row["client_id"],
        at=db.as_moment(row["at"]),
        is_reached=bool(row["is_reached"]),
        is_crisis=bool(row["is_crisis"]),
        due_at=_moment(row["due_at"]),
        **kept,
    )
