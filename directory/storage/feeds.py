"""The addresses that sources are read from: what each said when it was last asked, and when to ask again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from directory.storage import db, imports, sources
from directory.storage.encoding import to_column

_ORDER = (
    "address format fellowship column_map partial every_hours etag last_modified fetched_at next_at tries error".split()
)
_ENDED = (imports.DONE, imports.UNDO_ASKED, imports.UNDOING, imports.UNDONE)
_COLUMNS = ", ".join(f"f.{name}" for name in _ORDER)


@dataclass(frozen=True, slots=True)
class Feed:
    """One address of a source. `every_hours` None: it is read on demand only; `error` is of the last try, None if all went well.

    `etag` and `last_modified` are of the file that the last import was of. `address` may hold a key: it is told nowhere.
    """

    source: str
    address: str
    format: str
    fellowship: str | None = None
    column_map: str | None = None
    partial: bool = False
    every_hours: int | None = None
    etag: str | None = None
    last_modified: str | None = None
    fetched_at: datetime | None = None
    next_at: datetime | None = None
    tries: int = 0
    error: str | None = None


@dataclass(frozen=True, slots=True)
class LastRun:
    """The latest import of a source that came to its end."""

    id: int
    origin: str | None
    file_hash: str
    finished_at: datetime
    is_undone: bool


async def find(source: str) -> Feed | None:
    """The address of this source, if it has one."""
    sql = db.Sql()
    found = await _feeds(f"s.name = {sql(source)}", sql.values)
    return found[0] if found else None


async def every() -> list[Feed]:
    """All of them, in the order of their sources' names."""
    return await _feeds("1 = 1")


async def due(now: datetime) -> list[Feed]:
    """Those that are to be read by now, the one that has waited longest first."""
    sql = db.Sql()
    found = await _feeds(f"f.next_at <= {sql(to_column(now))}", sql.values)
    return sorted(found, key=lambda feed: (feed.next_at or now, feed.source))


async def keep(feed: Feed, now: datetime) -> None:
    """Writes all that is known of a feed, in the place of what was; nothing where its source is not there. Needs a transaction."""
    source = await sources.find(feed.source)
    if source is None:
        return
    sql = db.Sql()
    values = [source["id"], *(to_column(getattr(feed, name)) for name in _ORDER), to_column(now)]
    sets = ", ".join(f"{name} = excluded.{name}" for name in _ORDER)
    await db.execute(
        f"INSERT INTO feed (source_id, {', '.join(_ORDER)}, created_at) VALUES ({sql.list(values)}) "
        f"ON CONFLICT (source_id) DO UPDATE SET {sets}",
        sql.values,
    )


async def last_run(source: str) -> LastRun | None:
    """The latest import of this source that came to its end; it may have been taken back since."""
    sql = db.Sql()
    text = (
        "SELECT r.id, r.origin, r.file_hash, r.finished_at, r.undone_at FROM import_run r JOIN source s ON s.id = r.source_id "
        f"WHERE s.name = {sql(source)} AND r.status IN ({sql.list(_ENDED)}) ORDER BY r.id DESC LIMIT 1"
    )
    found = await db.rows(text, sql.values)
    if not found:
        return None
    row = found[0]
    moment = db.as_moment(row["finished_at"])
    return LastRun(row["id"], row["origin"], row["file_hash"], moment, row["undone_at"] is not None)


async def _feeds(condition: str, values: Sequence[object] = ()) -> list[Feed]:
    text = f"SELECT s.name AS source, {_COLUMNS} FROM feed f JOIN source s ON s.id = f.source_id WHERE {condition} ORDER BY s.name"
    return [_feed(row) for row in await db.rows(text, values)]


def _feed(row: dict[str, Any]) -> Feed:
    moments = {name: db.as_moment(row[name]) if row[name] else None for name in ("fetched_at", "next_at")}
    return Feed(**row | moments | {"partial": bool(row["partial"])})
