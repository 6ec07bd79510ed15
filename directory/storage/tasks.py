"""What somebody has to look at: one row for each occasion, open until it is done or has gone away by itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from directory.storage import db
from directory.storage.encoding import dumps, to_column

MOST = 200
"""So many are shown at a time."""
NONE: Mapping[str, Sequence[int]] = MappingProxyType({})
_COLUMNS = "id, kind, key, agency_id, words, address, due_at, created_at, done_at, done_by, note"


@dataclass(frozen=True, slots=True)
class Task:
    """One of them. `words` are the values of its sentence, `address` the page where it is done, `agency` whose it is (None: the site's)."""

    id: int
    kind: str
    key: str
    agency: int | None
    words: Mapping[str, Any]
    address: str
    due_at: datetime | None
    created_at: datetime
    done_at: datetime | None
    done_by: str | None
    note: str | None


async def add(
    *,
    kind: str,
    key: str,
    words: Mapping[str, object],
    address: str,
    agency: int | None,
    due_at: datetime | None,
    now: datetime,
) -> bool:
    """Adds one, unless one with this key is open. Says whether it was added. Needs a transaction."""
    sql = db.Sql()
    moments = (to_column(due_at) if due_at else None, to_column(now))
    values = (kind, key, agency, dumps(dict(words)), address, *moments)
    found = await db.rows(
        "INSERT INTO task (kind, key, agency_id, words, address, due_at, created_at) "
        f"VALUES ({sql.list(values)}) ON CONFLICT (key) WHERE done_at IS NULL DO NOTHING RETURNING id",
        sql.values,
    )
    return bool(found)


async def finish(condition: Mapping[str, object], *, by: str, note: str | None, now: datetime) -> list[str]:
    """Closes what is open and has these values (`id`, `key`), and returns the keys of what that was. Needs a transaction."""
    sql = db.Sql()
    sets = f"done_at = {sql(to_column(now))}, done_by = {sql(by)}, note = {sql(note)}"
    where = " AND ".join(f"{name} = {sql(value)}" for name, value in condition.items())
    text = f"UPDATE task SET {sets} WHERE done_at IS NULL AND {where} RETURNING key"
    return [row["key"] for row in await db.rows(text, sql.values)]


async def find(id: int) -> Task | None:
    """The one with this id."""
    sql = db.Sql()
    found = await db.rows(f"SELECT {_COLUMNS} FROM task WHERE id = {sql(id)}", sql.values)
    return _task(found[0]) if found else None


async def pending(
    agencies: Sequence[int] | None, without: Sequence[str] = (), only: Mapping[str, Sequence[int]] = NONE
) -> list[Task]:
    """What is open, the earliest due first and what has no date last; of these agencies, or all (None), `without` some kinds.

    Of the kinds in `only` it is those alone that belong to these agencies.
    """
    sql = db.Sql()
    text = (
        f"SELECT {_COLUMNS} FROM task WHERE done_at IS NULL{_of(agencies, sql)}{_but(without, sql)}{_only(only, sql)} "
        f"ORDER BY CASE WHEN due_at IS NULL THEN 1 ELSE 0 END, due_at, id LIMIT {MOST}"
    )
    return [_task(row) for row in await db.rows(text, sql.values)]


async def done(
    agencies: Sequence[int] | None,
    limit: int,
    without: Sequence[str] = (),
    only: Mapping[str, Sequence[int]] = NONE,
) -> list[Task]:
    """What was done last, the latest first."""
    sql = db.Sql()
    kinds = f"{_but(without, sql)}{_only(only, sql)}"
    text = (
        f"SELECT {_COLUMNS} FROM task WHERE done_at IS NOT NULL{_of(agencies, sql)}{kinds} "
        f"ORDER BY done_at DESC, id DESC LIMIT {int(limit)}"
    )
    return [_task(row) for row in await db.rows(text, sql.values)]


async def count(
    agencies: Sequence[int] | None, without: Sequence[str] = (), only: Mapping[str, Sequence[int]] = NONE
) -> int:
    """How many are open."""
    sql = db.Sql()
    kinds = f"{_but(without, sql)}{_only(only, sql)}"
    text = f"SELECT COUNT(*) AS n FROM task WHERE done_at IS NULL{_of(agencies, sql)}{kinds}"
    return int((await db.rows(text, sql.values))[0]["n"])


def _of(agencies: Iterable[int] | None, sql: db.Sql) -> str:
    return "" if agencies is None else f" AND agency_id IN ({sql.list(agencies) or 'NULL'})"


def _but(kinds: Sequence[str], sql: db.Sql) -> str:
    return f" AND kind NOT IN ({sql.list(kinds)})" if kinds else ""


def _only(kinds: Mapping[str, Sequence[int]], sql: db.Sql) -> str:
    return "".join(
        f" AND (kind <> {sql(kind)} OR agency_id IN ({sql.list(agencies) or 'NULL'}))"
        for kind, agencies in kinds.items()
    )


def _task(row: Mapping[str, Any]) -> Task:
    moments = {name: db.as_moment(row[name]) if row[name] else None for name in ("due_at", "done_at")}
    return Task(
        row["id"],
        row["kind"],
        row["key"],
        row["agency_id"],
        db.from_json(row["words"]),
        row["address"],
        moments["due_at"],
        db.as_moment(row["created_at"]),
        moments["done_at"],
        row["done_by"],
        row["note"],
    )
