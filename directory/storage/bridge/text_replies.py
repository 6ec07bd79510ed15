"""Text messages that came in, each kept once, and whose number it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from directory.storage import db
from directory.storage.encoding import to_column


@dataclass(frozen=True, slots=True)
class Owner:
    """Somebody who may be reached at a number; `zone` is that of their agency."""

    client: int
    upi: str
    agency: int
    zone: str


@dataclass(frozen=True, slots=True)
class ReplyNow:
    """One text. `sealed` are its words; None where they need not be read, or were. `is_now`: it is to be read before others."""

    id: int
    client: int | None
    kind: str
    sealed: str | None
    at: datetime
    settled_at: datetime | None
    is_now: bool = False


async def owners(kind: str, hash: str) -> list[Owner]:
    """Those who are found by this key, by their ids."""
    sql = db.Sql()
    text = (
        "SELECT c.id, c.upi, c.agency_id, a.timezone FROM client_key k JOIN client c ON c.id = k.client_id "
        f"JOIN agency a ON a.id = c.agency_id WHERE k.kind = {sql(kind)} AND k.hash = {sql(hash)} "
        "AND c.merged_into_id IS NULL AND c.cleared_at IS NULL ORDER BY c.id"
    )
    return [Owner(*row.values()) for row in await db.rows(text, sql.values)]


async def add(
    *, message: str, client: int | None, kind: str, sealed: str | None, is_settled: bool, now: datetime
) -> int | None:
    """The id of a new text; None where it came in before. Needs a transaction."""
    sql = db.Sql()
    at = to_column(now)
    values = sql.list((message, client, kind, sealed, at, at if is_settled else None))
    text = (
        f"INSERT INTO text_reply (message, client_id, kind, sealed, at, settled_at) VALUES ({values}) "
        "ON CONFLICT (message) DO NOTHING RETURNING id"
    )
    found = await db.rows(text, sql.values)
    return int(found[0]["id"]) if found else None


async def open_of(client: int) -> list[ReplyNow]:
    """The texts of somebody that nobody has read yet, the oldest first."""
    sql = db.Sql()
    text = (
        "SELECT r.*, t.id AS task FROM text_reply r LEFT JOIN task t ON t.key = 'text-came-in ' || r.id AND t.kind = 'text-now' "
        f"AND t.done_at IS NULL WHERE r.client_id = {sql(client)} AND r.settled_at IS NULL ORDER BY r.id"
    )
    return [_reply(row) for row in await db.rows(text, sql.values)]


async def of_client(client: int) -> list[ReplyNow]:
    """All texts of somebody, the newest first."""
    sql = db.Sql()
    text = f"SELECT * FROM text_reply WHERE client_id = {sql(client)} ORDER BY at DESC, id DESC LIMIT 200"
    return [_reply(row) for row in await db.rows(text, sql.values)]


async def settle(id: int, client: int, *, by: str, now: datetime) -> bool:
    """Whether a text of somebody is settled from here on; its words go. Needs a transaction."""
    sql = db.Sql()
    text = (
        f"UPDATE text_reply SET settled_at = {sql(to_column(now))}, settled_by = {sql(by)}, sealed = NULL "
        f"WHERE id = {sql(id)} AND client_id = {sql(client)} AND settled_at IS NULL RETURNING id"
    )
    return bool(await db.rows(text, sql.values))


def _reply(row: Mapping[str, Any]) -> ReplyNow:
    settled = db.as_moment(row["settled_at"]) if row["settled_at"] else None
    kept = {name: row[name] for name in ("id", "kind", "sealed")}
    is_now = row.get("task") is not None
    return ReplyNow(client=row["client_id"], at=db.as_moment(row["at"]), settled_at=settled, is_now=is_now, **kept)
