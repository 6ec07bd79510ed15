"""The ways to reach people who wait, as rows: number, address and times stay sealed here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from directory.storage import db
from directory.storage.encoding import to_column


@dataclass(frozen=True, slots=True)
class RouteNow:
    """A way to reach a client (models/clients.py, ContactRoute). One with `ended_at` is used no more."""

    id: int
    client: int
    channel: str
    sealed: str | None
    may_leave_word: bool
    is_shared: bool
    is_agreed: bool
    asks_agreed: bool
    stopped_at: datetime | None
    ended_at: datetime | None


async def of_client(client: int) -> list[RouteNow]:
    """The ways to reach somebody that are in use, in the order in which they want them."""
    sql = db.Sql()
    where = f"client_id = {sql(client)} AND ended_at IS NULL ORDER BY sort, id"
    return [_route(row) for row in await db.rows(f"SELECT * FROM contact_route WHERE {where}", sql.values)]


async def route(id: int) -> RouteNow | None:
    """The one with this id, ended or not."""
    sql = db.Sql()
    found = await db.rows(f"SELECT * FROM contact_route WHERE id = {sql(id)}", sql.values)
    return _route(found[0]) if found else None


async def add(client: int, columns: Mapping[str, object]) -> int:
    """The id of a new way, after those that there are. Needs a transaction."""
    sql = db.Sql()
    last = f"(SELECT COALESCE(MAX(sort), 0) + 1 FROM contact_route WHERE client_id = {sql(client)})"
    values = sql.list([client, *columns.values()])
    text = f"INSERT INTO contact_route (client_id, {', '.join(columns)}, sort) VALUES ({values}, {last}) RETURNING id"
    return int((await db.rows(text, sql.values))[0]["id"])


async def change(id: int, columns: Mapping[str, object]) -> bool:
    """Whether a way that is in use was set to this. Needs a transaction."""
    sql = db.Sql()
    sets = ", ".join(f"{name} = {sql(to_column(value))}" for name, value in columns.items())
    text = f"UPDATE contact_route SET {sets} WHERE id = {sql(id)} AND ended_at IS NULL RETURNING id"
    return bool(await db.rows(text, sql.values))


def _route(row: Mapping[str, Any]) -> RouteNow:
    return RouteNow(
        id=row["id"],
        client=row["client_id"],
        channel=row["channel"],
        sealed=row["sealed"],
        may_leave_word=bool(row["may_leave_word"]),
        is_shared=bool(row["is_shared"]),
        is_agreed=bool(row["is_agreed"]),
        asks_agreed=bool(row["asks_agreed"]),
        stopped_at=db.as_moment(row["stopped_at"]) if row["stopped_at"] else None,
        ended_at=db.as_moment(row["ended_at"]) if row["ended_at"] else None,
    )
