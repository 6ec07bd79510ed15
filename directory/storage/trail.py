"""The audit trail and the access log, a page at a time, the newest first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from directory.domain.trail import PAGE, READING, Asked, Line
from directory.storage import db
from directory.storage.encoding import to_column


async def page(asked: Asked) -> list[Line]:
    """The entries that are asked for, and one more where there are more."""
    sql = db.Sql()
    table = "access_entry" if asked.log == READING else "audit_entry"
    text = (
        f"SELECT id, at, by, action, subject, details, seq FROM {table} WHERE {_where(asked, sql)} "
        f"ORDER BY id DESC LIMIT {PAGE + 1}"
    )
    return [_line(row) for row in await db.rows(text, sql.values)]


def _where(asked: Asked, sql: db.Sql) -> str:
    parts = ["1 = 1"]
    for name in ("by", "action", "subject"):
        if value := getattr(asked, name):
            parts.append(f"{name} = {sql(value)}")
    if asked.since:
        parts.append(f"at >= {sql(to_column(asked.since))}")
    if asked.until:
        parts.append(f"at < {sql(to_column(asked.until))}")
    if asked.before:
        parts.append(f"id < {sql(asked.before)}")
    return " AND ".join(parts)


def _line(row: Mapping[str, Any]) -> Line:
    return Line(
        id=int(row["id"]),
        at=db.as_moment(row["at"]),
        by=row["by"],
        action=row["action"],
        subject=row["subject"],
        details=db.from_json(row["details"]),
        seq=None if row["seq"] is None else int(row["seq"]),
    )


async def names(people: Iterable[int]) -> dict[int, str]:
    """What these people are called, by number."""
    sql = db.Sql()
    text = f"SELECT id, name FROM person WHERE id IN ({sql.list(sorted(people)) or 'NULL'})"
    return {int(row["id"]): row["name"] for row in await db.rows(text, sql.values)}
