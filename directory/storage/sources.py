"""The sources of listings."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from directory.domain.listings import Status
from directory.storage import db
from directory.storage.encoding import to_column

BY_HAND = "people"
"""The source of what is added by hand for the directory itself."""


async def find(name: str) -> dict[str, Any] | None:
    """The source of this name, if there is one."""
    sql = db.Sql()
    found = await db.rows(f"SELECT * FROM source WHERE name = {sql(name)}", sql.values)
    return found[0] if found else None


async def ensure(
    name: str,
    *,
    format: str,
    now: datetime,
    fellowship: str | None = None,
    title: str | None = None,
    licence: str | None = None,
    url: str | None = None,
    is_demo: bool = False,
) -> int:
    """The id of the source of this name, which is added if it is new."""
    sql = db.Sql()
    columns = ("name", "format", "fellowship", "title", "licence", "url", "is_demo", "match_by", "created_at")
    values = (name, format, fellowship, title, licence, url, is_demo, "key", to_column(now))
    await db.execute(
        f"INSERT INTO source ({','.join(columns)}) VALUES ({sql.list(values)}) ON CONFLICT (name) DO NOTHING",
        sql.values,
    )
    found = await find(name)
    assert found is not None
    return int(found["id"])


async def match(source_id: int, match_by: str) -> None:
    """Notes how the rows of a source are known again: by their "key" or their "nature". Needs a transaction."""
    sql = db.Sql()
    by = sql(match_by)
    await db.execute(f"UPDATE source SET match_by = {by} WHERE id = {sql(source_id)} AND match_by <> {by}", sql.values)


async def forget_if_new(source_id: int) -> None:
    """Takes a source out again that nothing has come from. Needs a transaction."""
    sql = db.Sql()
    id = sql(source_id)
    await db.execute(
        f"DELETE FROM source WHERE id = {id} AND NOT EXISTS (SELECT 1 FROM listing WHERE source_id = {id}) "
        f"AND NOT EXISTS (SELECT 1 FROM import_run WHERE source_id = {id})",
        sql.values,
    )


async def checked(source_id: int, now: datetime, **facts: object) -> None:
    """Notes when a source was last read, and what its file said of it. Needs a transaction."""
    sql = db.Sql()
    values = {"checked_at": to_column(now), **{name: value for name, value in facts.items() if value is not None}}
    sets = ", ".join(f"{name} = {sql(value)}" for name, value in values.items())
    await db.execute(f"UPDATE source SET {sets} WHERE id = {sql(source_id)}", sql.values)


async def has_demo() -> bool:
    """Whether any invented listing is on show."""
    sql = db.Sql()
    text = (
        f"SELECT 1 AS one FROM source s WHERE s.is_demo = {sql(True)} AND EXISTS "
        f"(SELECT 1 FROM listing l WHERE l.source_id = s.id AND l.status = {sql(Status.ACTIVE.value)}) LIMIT 1"
    )
    return bool(await db.rows(text, sql.values))


async def has_listings() -> bool:
    """Whether the directory holds anything but the national numbers."""
    sql = db.Sql()
    text = (
        f"SELECT 1 AS one FROM listing l JOIN source s ON s.id = l.source_id WHERE s.name <> {sql('national')} LIMIT 1"
    )
    return bool(await db.rows(text, sql.values))


async def overview() -> list[dict[str, Any]]:
    """Each source that anything has come from, with the number of its active listings."""
    sql = db.Sql()
    found = await db.rows(
        "SELECT s.name, s.title, s.licence, s.url, s.format, s.checked_at, COUNT(l.id) AS listings FROM source s "
        f"LEFT JOIN listing l ON l.source_id = s.id AND l.status = {sql(Status.ACTIVE.value)} "
        "GROUP BY s.id, s.name, s.title, s.licence, s.url, s.format, s.checked_at "
        "HAVING COUNT(l.id) > 0 OR s.checked_at IS NOT NULL ORDER BY s.name",
        sql.values,
    )
    return [{**row, "checked_at": db.as_moment(row["checked_at"]) if row["checked_at"] else None} for row in found]
