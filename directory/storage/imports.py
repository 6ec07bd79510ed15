"""Import runs: what is staged, what it is compared with, and how it is applied piece by piece."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from directory.domain.geo import Point
from directory.domain.listings import Status
from directory.storage import db
from directory.storage.encoding import dumps, to_column

RUNNING, DONE, STOPPED = "running", "done", "stopped"


@dataclass(frozen=True, slots=True)
class Known:
    """A listing of the source as it is now: enough to tell whether a row changes it."""

    id: int
    content_hash: str
    point: Point | None
    from_source: bool
    removed: bool


@dataclass(frozen=True, slots=True)
class Staged:
    """One compared row: `action` is add, change or keep; `payload` is empty for what is kept."""

    key: str
    line: int
    action: str
    payload: dict[str, Any] | None = None


async def begin(source_id: int, *, format: str, file_hash: str, by: str, now: datetime) -> int:
    """Opens a run. Needs a transaction."""
    sql = db.Sql()
    values = (source_id, format, file_hash, by, RUNNING, to_column(now), 0, 0, 0, 0, 0)
    columns = "source_id, format, file_hash, by, status, started_at, added, changed, unchanged, removed, rejected"
    found = await db.rows(f"INSERT INTO import_run ({columns}) VALUES ({sql.list(values)}) RETURNING id", sql.values)
    return int(found[0]["id"])


async def finish(run_id: int, status: str, counts: Mapping[str, int], now: datetime) -> None:
    """Closes a run with its figures and clears what it staged. Needs a transaction."""
    sql = db.Sql()
    sets = ", ".join(f"{name} = {sql(number)}" for name, number in counts.items())
    await db.execute(
        f"UPDATE import_run SET status = {sql(status)}, finished_at = {sql(to_column(now))}, {sets} WHERE id = {sql(run_id)}",
        sql.values,
    )
    await clear(run_id)


async def left_behind(source_id: int) -> list[int]:
    """The runs of a source that never came to an end. For the holder of the source's lock these are runs that died."""
    sql = db.Sql()
    text = f"SELECT id FROM import_run WHERE source_id = {sql(source_id)} AND status = {sql(RUNNING)} ORDER BY id"
    return [row["id"] for row in await db.rows(text, sql.values)]


async def close(run_id: int, now: datetime) -> None:
    """Closes a run that died, whose figures nobody knows. Needs a transaction."""
    sql = db.Sql()
    sets = f"status = {sql(STOPPED)}, finished_at = {sql(to_column(now))}"
    await db.execute(f"UPDATE import_run SET {sets} WHERE id = {sql(run_id)}", sql.values)
    await clear(run_id)


async def clear(run_id: int) -> None:
    """Forgets what a run has staged. Needs a transaction."""
    sql = db.Sql()
    await db.execute(f"DELETE FROM import_stage WHERE run_id = {sql(run_id)}", sql.values)


async def forget(run_id: int) -> None:
    """Takes a run out as if it had not been: for a trial. Needs a transaction."""
    sql = db.Sql()
    await db.execute(f"DELETE FROM import_run WHERE id = {sql(run_id)}", sql.values)


async def known(source_id: int, keys: Sequence[str]) -> dict[str, Known]:
    """The listings of a source with these keys."""
    sql = db.Sql()
    text = (
        "SELECT l.source_key, l.id, l.content_hash, l.status, p.lat, p.lon, p.geocode_provider FROM listing l "
        f"JOIN location p ON p.id = l.location_id WHERE l.source_id = {sql(source_id)} AND l.source_key IN ({sql.list(keys)})"
    )
    return {
        row["source_key"]: Known(
            row["id"],
            row["content_hash"],
            Point(row["lat"], row["lon"]) if row["lat"] is not None else None,
            row["geocode_provider"] == "source",
            row["status"] == Status.REMOVED.value,
        )
        for row in await db.rows(text, sql.values)
    }


async def staged_lines(run_id: int, keys: Sequence[str]) -> dict[str, int]:
    """The lines on which these keys were met before in this run."""
    sql = db.Sql()
    text = (
        f"SELECT source_key, line FROM import_stage WHERE run_id = {sql(run_id)} AND source_key IN ({sql.list(keys)})"
    )
    return {row["source_key"]: row["line"] for row in await db.rows(text, sql.values)}


async def stage(run_id: int, rows: Sequence[Staged]) -> None:
    """Keeps compared rows until the whole file is read. Needs a transaction."""
    values = [(run_id, row.key, row.line, row.action, dumps(row.payload) if row.payload else None) for row in rows]
    await db.insert_many("import_stage", ("run_id", "source_key", "line", "action", "payload"), values)


async def next_staged(run_id: int, after: int, limit: int) -> list[tuple[int, Staged]]:
    """The next rows that write something, in the order of the file, with their stage ids."""
    sql = db.Sql()
    found: list[dict[str, Any]] = []
    for action in ("add", "change"):
        sql = db.Sql()
        text = (
            f"SELECT id, source_key, line, action, payload FROM import_stage WHERE run_id = {sql(run_id)} "
            f"AND action = {sql(action)} AND id > {sql(after)} ORDER BY id LIMIT {int(limit)}"
        )
        found += await db.rows(text, sql.values)
    found.sort(key=lambda row: int(row["id"]))
    return [
        (row["id"], Staged(row["source_key"], row["line"], row["action"], json.loads(row["payload"])))
        for row in found[:limit]
    ]


async def missing(run_id: int, source_id: int) -> list[int]:
    """The ids of the source's listings that the run's file does not hold."""
    sql = db.Sql()
    text = (
        f"SELECT l.id FROM listing l WHERE l.source_id = {sql(source_id)} AND l.status <> {sql(Status.REMOVED.value)} "
        f"AND NOT EXISTS (SELECT 1 FROM import_stage t WHERE t.run_id = {sql(run_id)} AND t.source_key = l.source_key) ORDER BY l.id"
    )
    return [row["id"] for row in await db.rows(text, sql.values)]
