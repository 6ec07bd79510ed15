"""Import runs: what is staged, what it is compared with, and how it is applied piece by piece.

A run is READING until its whole file is compared; then APPLYING, when all that is needed to go on is in the database; then DONE.
A run that is taken back is UNDOING, then UNDONE. RUNNING and STOPPED are of databases from before.

One that somebody is to look at first is a PREVIEW after it is compared, until they discard it (DISCARDED) or confirm it. CONFIRMED and
UNDO_ASKED are large ones that the worker takes up. Nobody is at work on any of these, so a recovery leaves them alone.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from directory.domain.differences import Differences
from directory.domain.geo import Point
from directory.domain.listings import Status
from directory.storage import db, sources, stewards
from directory.storage.encoding import dumps, to_column

READING, APPLYING, DONE, UNDOING, UNDONE = "reading", "applying", "done", "undoing", "undone"
RUNNING, STOPPED = "running", "stopped"
PREVIEW, CONFIRMED, UNDO_ASKED, DISCARDED = "preview", "confirmed", "undo-asked", "discarded"
WAITING = (PREVIEW, CONFIRMED)
UNFINISHED = (READING, APPLYING, UNDOING, RUNNING)

KEEP, ADD, CHANGE, RETURN, NOTE, REMOVE = "keep", "add", "change", "return", "note", "remove"
"""What a row does: nothing; a new listing; other words; a listing that was gone comes back; the same in another form, which is only
kept in mind; and what the file no longer holds."""
COUNTS = ("added", "changed", "unchanged", "removed", "rejected")


@dataclass(frozen=True, slots=True)
class Known:
    """A listing of the source as it is now: enough to tell whether a row may change it.

    `has_draft`: the words of its source are kept, which they are not of a listing from before they were.
    """

    id: int
    content_hash: str
    point: Point | None
    from_source: bool
    removed: bool
    has_draft: bool


@dataclass(frozen=True, slots=True)
class Staged:
    """One compared row. `draft` is its source's words and `record` the raw row, both as JSON; `hash` is the fingerprint of the former.

    All are empty for what is kept or removed.
    """

    key: str
    line: int
    action: str
    draft: str = ""
    hash: str = ""
    record: str | None = None
    differences: Differences | None = None


# --- runs --------------------------------------------------------------------------------------------------------------


async def begin(source_id: int, *, format: str, origin: str | None, file_hash: str, by: str, now: datetime) -> int:
    """Opens a run. Needs a transaction."""
    sql = db.Sql()
    values = (source_id, format, origin, file_hash, by, READING, to_column(now), *(0 for _ in COUNTS))
    columns = f"source_id, format, origin, file_hash, by, status, started_at, {', '.join(COUNTS)}"
    found = await db.rows(f"INSERT INTO import_run ({columns}) VALUES ({sql.list(values)}) RETURNING id", sql.values)
    return int(found[0]["id"])


async def note(run_id: int, **values: object) -> None:
    """Writes columns of a run. Needs a transaction."""
    sql = db.Sql()
    sets = ", ".join(f"{name} = {sql(_column(value))}" for name, value in values.items())
    await db.execute(f"UPDATE import_run SET {sets} WHERE id = {sql(run_id)}", sql.values)


def _column(value: object) -> object:
    return dumps(value) if isinstance(value, dict) else to_column(value)


async def find(run_id: int) -> dict[str, Any] | None:
    """A run with the name of its source as `source`; options and report as values."""
    sql = db.Sql()
    found = await db.rows(f"{_RUNS} WHERE r.id = {sql(run_id)}", sql.values)
    return _run(found[0]) if found else None


async def unfinished(source_id: int | None = None) -> list[dict[str, Any]]:
    """The runs that have not come to an end. For the holder of a source's lock those of the source are runs that died."""
    sql = db.Sql()
    text = f"{_RUNS} WHERE r.status IN ({sql.list(UNFINISHED)})"
    text += f" AND r.source_id = {sql(source_id)}" if source_id is not None else ""
    return [_run(row) for row in await db.rows(f"{text} ORDER BY r.id", sql.values)]


async def latest(
    source: str | None, limit: int, *, agencies: Sequence[int] | None = None, statuses: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """The latest runs, the newest first; of one source where it is named, of the sources of these `agencies`, with these `statuses`."""
    sql = db.Sql()
    parts = [f"s.name = {sql(source)}"] if source else []
    parts += [f"s.agency_id IN ({sql.list(agencies) or 'NULL'})"] if agencies is not None else []
    parts += [f"r.status IN ({sql.list(statuses)})"] if statuses else []
    where = f" WHERE {' AND '.join(parts)}" if parts else ""
    found = await db.rows(f"{_RUNS}{where} ORDER BY r.id DESC LIMIT {int(limit)}", sql.values)
    return [_run(row) for row in found]


_RUNS = "SELECT r.*, s.name AS source, s.title AS source_title, s.agency_id FROM import_run r JOIN source s ON s.id = r.source_id"


def _run(row: dict[str, Any]) -> dict[str, Any]:
    made = {name: json.loads(row[name]) if row[name] else {} for name in ("options", "report")}
    moments = ("started_at", "finished_at", "undone_at")
    return {**row, **made, **{name: db.as_moment(row[name]) if row[name] else None for name in moments}}


async def clear(run_id: int) -> None:
    """Forgets what a run has staged. Needs a transaction."""
    sql = db.Sql()
    await db.execute(f"DELETE FROM import_stage WHERE run_id = {sql(run_id)}", sql.values)


async def forget(run_id: int) -> None:
    """Takes a run out as if it had not been: for a trial. Needs a transaction."""
    sql = db.Sql()
    await db.execute(f"DELETE FROM import_run WHERE id = {sql(run_id)}", sql.values)


# --- what is compared --------------------------------------------------------------------------------------------------


async def known(source_id: int, keys: Sequence[str]) -> dict[str, Known]:
    """The listings of a source with these keys."""
    sql = db.Sql()
    text = (
        "SELECT l.source_key, l.id, l.content_hash, l.status, p.lat, p.lon, p.geocode_provider, d.id AS draft_id "
        "FROM listing l JOIN location p ON p.id = l.location_id LEFT JOIN source_draft d ON d.id = l.id "
        f"WHERE l.source_id = {sql(source_id)} AND l.source_key IN ({sql.list(keys)})"
    )
    return {
        row["source_key"]: Known(
            row["id"],
            row["content_hash"],
            Point(row["lat"], row["lon"]) if row["lat"] is not None else None,
            row["geocode_provider"] == "source",
            row["status"] == Status.REMOVED.value,
            row["draft_id"] is not None,
        )
        for row in await db.rows(text, sql.values)
    }


_OF_FILES = (
    "(l.source_record IS NOT NULL OR NOT EXISTS (SELECT 1 FROM source s WHERE s.id = l.source_id "
    f"AND (s.agency_id IS NOT NULL OR s.name = '{sources.BY_HAND}'))) AND NOT {stewards.OF_ANOTHER}"
)
"""SQL: whether `listing l` is one that a file of its source must hold. No file has what people have added by hand, for an agency or for
the directory, and none of an agency takes out what is another one's by now."""


async def active_count(source_id: int) -> int:
    """How many listings of a source have not been taken out, but for those that its files know nothing of."""
    sql = db.Sql()
    text = (
        f"SELECT COUNT(*) AS n FROM listing l WHERE l.source_id = {sql(source_id)} "
        f"AND l.status <> {sql(Status.REMOVED.value)} AND {_OF_FILES}"
    )
    return int((await db.rows(text, sql.values))[0]["n"])


# --- what is staged ----------------------------------------------------------------------------------------------------


async def staged_lines(run_id: int, keys: Sequence[str]) -> dict[str, int]:
    """The lines on which these keys were met before in this run."""
    sql = db.Sql()
    text = (
        f"SELECT source_key, line FROM import_stage WHERE run_id = {sql(run_id)} AND source_key IN ({sql.list(keys)})"
    )
    return {row["source_key"]: row["line"] for row in await db.rows(text, sql.values)}


async def stage(run_id: int, rows: Sequence[Staged]) -> None:
    """Keeps compared rows until the whole file is read. Needs a transaction."""
    values = [(run_id, row.key, row.line, row.action, _payload(row)) for row in rows]
    await db.insert_many("import_stage", ("run_id", "source_key", "line", "action", "payload"), values)


def _payload(row: Staged) -> str | None:
    """Three lines, so that what is kept as it is need not be read in order to be written again."""
    if not row.draft:
        return None
    return f"{row.draft}\n{row.record or ''}\n{dumps([row.hash, row.differences])}"


async def stage_missing(run_id: int, source_id: int) -> int:
    """Stages what the source has and the run's file does not, and returns how many that are. Needs a transaction."""
    sql = db.Sql()
    run = sql(run_id)
    text = (
        f"INSERT INTO import_stage (run_id, source_key, line, action) SELECT {run}, l.source_key, 0, '{REMOVE}' FROM listing l "
        f"WHERE l.source_id = {sql(source_id)} AND l.status <> {sql(Status.REMOVED.value)} AND {_OF_FILES} AND NOT EXISTS "
        f"(SELECT 1 FROM import_stage t WHERE t.run_id = {run} AND t.source_key = l.source_key) ORDER BY l.id"
    )
    await db.execute(text, sql.values)
    sql = db.Sql()
    text = f"SELECT COUNT(*) AS n FROM import_stage WHERE run_id = {sql(run_id)} AND action = '{REMOVE}'"
    return int((await db.rows(text, sql.values))[0]["n"])


async def next_staged(run_id: int, action: str, after: int, limit: int) -> list[tuple[int, Staged]]:
    """The next rows of one sort in the order of the file, with their stage ids."""
    sql = db.Sql()
    text = (
        f"SELECT id, source_key, line, payload FROM import_stage WHERE run_id = {sql(run_id)} "
        f"AND action = {sql(action)} AND id > {sql(after)} ORDER BY id LIMIT {int(limit)}"
    )
    return [(row["id"], staged_of(row, action)) for row in await db.rows(text, sql.values)]


def staged_of(row: dict[str, Any], action: str) -> Staged:
    """A row of the stage as it was put there."""
    if not row["payload"]:
        return Staged(row["source_key"], row["line"], action)
    draft, record, rest = row["payload"].split("\n")
    hash, differences = json.loads(rest)
    return Staged(row["source_key"], row["line"], action, draft, hash, record or None, differences)


async def unstage(ids: Sequence[int]) -> None:
    """Takes rows that are applied off the stage. Needs the transaction that applies them."""
    sql = db.Sql()
    await db.execute(f"DELETE FROM import_stage WHERE id IN ({sql.list(ids)})", sql.values)
