"""Spreadsheets of people who wait, from the reading of a file until its last row is in. What stands in the rows lies sealed here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from directory.storage import db
from directory.storage.encoding import dumps, to_column

WAITING, AGREED, DONE, REFUSED = "waiting", "agreed", "done", "refused"
UNREAD = "unread"
"""Agreed to, but its seal does not open."""


@dataclass(frozen=True, slots=True)
class ImportNow:
    """A file that was read. `report` are its figures, `sealed` its rows, `done_rows` how many of these are in. `word` is the second word about it
    that is open."""

    id: int
    agency: int
    name: str
    sha256: str
    sealed: str | None
    report: Mapping[str, Any]
    status: str
    by: str
    at: datetime
    settled_by: str | None
    settled_at: datetime | None
    done_rows: int
    word: int | None


_IMPORT = "SELECT i.*, (SELECT w.id FROM second_word w WHERE w.import_id = i.id AND w.status = 'open') AS word FROM line_import i"


async def line_import(id: int) -> ImportNow | None:
    """The file with this id."""
    sql = db.Sql()
    found = await _imports(sql, f"i.id = {sql(id)}")
    return found[0] if found else None


async def of_agencies(agencies: Sequence[int], limit: int) -> list[ImportNow]:
    """The files of these agencies, the newest first."""
    sql = db.Sql()
    return await _imports(sql, f"i.agency_id IN ({sql.list(agencies) or 'NULL'})", limit)


async def waiting(agencies: Sequence[int], not_by: str) -> int:
    """How many files of these agencies wait for a word of somebody other than this label."""
    sql = db.Sql()
    text = (
        f"SELECT COUNT(*) AS n FROM line_import WHERE agency_id IN ({sql.list(agencies) or 'NULL'}) AND status = {sql(WAITING)} "
        f"AND by <> {sql(not_by)}"
    )
    return int((await db.rows(text, sql.values))[0]["n"])


async def same_file(agency: int, sha256: str) -> ImportNow | None:
    """The file with these very bytes that an agency has sent before and that was not refused."""
    sql = db.Sql()
    found = await _imports(sql, f"i.agency_id = {sql(agency)} AND i.sha256 = {sql(sha256)} AND i.status <> '{REFUSED}'")
    return found[0] if found else None


async def agreed() -> list[ImportNow]:
    """The files whose rows are to be put in, the oldest first, and those among them whose seal did not open."""
    sql = db.Sql()
    return list(reversed(await _imports(sql, f"i.status IN ({sql.list((AGREED, UNREAD))})")))


async def _imports(sql: db.Sql, where: str, limit: int = 100) -> list[ImportNow]:
    found = await db.rows(f"{_IMPORT} WHERE {where} ORDER BY i.id DESC LIMIT {int(limit)}", sql.values)
    return [_import(row) for row in found]


def _import(row: Mapping[str, Any]) -> ImportNow:
    return ImportNow(
        id=row["id"],
        agency=row["agency_id"],
        name=row["name"],
        sha256=row["sha256"],
        sealed=row["sealed"],
        report=db.from_json(row["report"]),
        status=row["status"],
        by=row["by"],
        at=db.as_moment(row["at"]),
        settled_by=row["settled_by"],
        settled_at=db.as_moment(row["settled_at"]) if row["settled_at"] else None,
        done_rows=row["done_rows"],
        word=row["word"],
    )


async def add(
    *, agency: int, name: str, sha256: str, sealed: str, report: Mapping[str, object], by: str, now: datetime
) -> int:
    """The id of a file that was read. Needs a transaction."""
    sql = db.Sql()
    values = (agency, name, sha256, sealed, dumps(dict(report)), WAITING, by, to_column(now))
    text = (
        "INSERT INTO line_import (agency_id, name, sha256, sealed, report, status, by, at) "
        f"VALUES ({sql.list(values)}) RETURNING id"
    )
    return int((await db.rows(text, sql.values))[0]["id"])


async def agree(id: int, *, by: str, now: datetime) -> bool:
    """Whether this call let the rows of a file be put in. Needs a transaction."""
    return await _moved(id, WAITING, AGREED, settled_by=by, settled_at=to_column(now))


async def rows_take(id: int, before: int, after: int) -> bool:
    """Whether the rows from `before` to `after` are this transaction's to put in: nobody else's, and not twice."""
    sql = db.Sql()
    text = (
        f"UPDATE line_import SET done_rows = {sql(after)} WHERE id = {sql(id)} AND status = '{AGREED}' "
        f"AND done_rows = {sql(before)} RETURNING id"
    )
    return bool(await db.rows(text, sql.values))


async def mark(id: int, before: str, after: str) -> bool:
    """Whether this call moved a file from one state to the other. Needs a transaction."""
    return await _moved(id, before, after)


async def turn_away(id: int, *, sealed: str, report: Mapping[str, object]) -> None:
    """Keeps what a file comes to after rows of it were turned away. Needs the transaction that takes these rows."""
    sql = db.Sql()
    text = f"UPDATE line_import SET sealed = {sql(sealed)}, report = {sql(dumps(dict(report)))} WHERE id = {sql(id)}"
    await db.execute(text, sql.values)


async def finish(id: int, *, sealed: str | None) -> bool:
    """Whether this call ended the putting in; what stays sealed are the rows that were turned away. Needs a transaction."""
    return await _moved(id, AGREED, DONE, sealed=sealed)


async def refused_forget() -> int:
    """Empties the files to which a second person said no, and says how many. Needs a transaction."""
    found = await db.rows(
        f"UPDATE line_import SET status = '{REFUSED}', sealed = NULL WHERE status = '{WAITING}' AND EXISTS "
        "(SELECT 1 FROM second_word w WHERE w.import_id = line_import.id AND w.status IN ('refused', 'overtaken')) RETURNING id"
    )
    return len(found)


async def _moved(id: int, before: str, after: str, **columns: object) -> bool:
    sql = db.Sql()
    sets = ", ".join(f"{name} = {sql(value)}" for name, value in {"status": after, **columns}.items())
    text = f"UPDATE line_import SET {sets} WHERE id = {sql(id)} AND status = {sql(before)} RETURNING id"
    return bool(await db.rows(text, sql.values))
