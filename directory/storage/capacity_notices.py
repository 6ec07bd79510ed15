"""The notices at 90 percent: at most one of a level is open at a time, and none is ever deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from directory.domain.openings import NOTICE_DAYS, Notice
from directory.storage import db
from directory.storage.encoding import to_column

_NOTICE = (
    "SELECT n.id, n.level_id, n.share, n.reached_at, n.due_at, n.sent_at, n.sent_to, n.closed_at, v.name AS level, "
    "p.name AS program, p.agency_id, a.name AS agency_name, o.timezone, c.staffed, c.occupied, c.held "
    "FROM capacity_notice n JOIN program_level v ON v.id = n.level_id JOIN program p ON p.id = v.program_id "
    "JOIN agency a ON a.id = p.agency_id JOIN listing l ON l.id = p.listing_id JOIN location o ON o.id = l.location_id "
    "JOIN capacity_report c ON c.id = n.report_id"
)


async def open_of(level: int) -> int | None:
    """The number of the notice of this level that is open."""
    sql = db.Sql()
    text = f"SELECT id FROM capacity_notice WHERE level_id = {sql(level)} AND closed_at IS NULL"
    found = await db.rows(text, sql.values)
    return int(found[0]["id"]) if found else None


async def begin(*, level: int, report: int, share: int, reached_at: datetime) -> int:
    """Opens a notice of a level and gives its number. Needs a transaction."""
    sql = db.Sql()
    due = reached_at + timedelta(days=NOTICE_DAYS)
    values = (level, report, share, to_column(reached_at), to_column(due))
    text = (
        "INSERT INTO capacity_notice (level_id, report_id, share, reached_at, due_at) "
        f"VALUES ({sql.list(values)}) RETURNING id"
    )
    return int((await db.rows(text, sql.values))[0]["id"])


async def close(id: int, at: datetime) -> None:
    """Notes that the level fell below again. Needs a transaction."""
    sql = db.Sql()
    await db.execute(f"UPDATE capacity_notice SET closed_at = {sql(to_column(at))} WHERE id = {sql(id)}", sql.values)


async def send(id: int, *, at: datetime, to: str, by: str) -> bool:
    """Notes when and to whom a notice went; False where that is noted already. Needs a transaction."""
    sql = db.Sql()
    found = await db.rows(
        f"UPDATE capacity_notice SET sent_at = {sql(to_column(at))}, sent_to = {sql(to)}, sent_by = {sql(by)} "
        f"WHERE id = {sql(id)} AND sent_at IS NULL RETURNING id",
        sql.values,
    )
    return bool(found)


async def listed(agencies: Sequence[int] | None, *, sent_since: datetime) -> list[Notice]:
    """The notices of these agencies, or of all: those that have not been sent by when they are due, then those sent lately."""
    sql = db.Sql()
    text = (
        f"{_NOTICE} WHERE (n.sent_at IS NULL OR n.sent_at >= {sql(to_column(sent_since))}){_of(sql, agencies)} "
        "ORDER BY CASE WHEN n.sent_at IS NULL THEN 0 ELSE 1 END, n.due_at, n.id"
    )
    return [_notice(row) for row in await db.rows(text, sql.values)]


async def one(id: int) -> Notice | None:
    """The notice with this number."""
    sql = db.Sql()
    found = await db.rows(f"{_NOTICE} WHERE n.id = {sql(id)}", sql.values)
    return _notice(found[0]) if found else None


async def unsent(agencies: Sequence[int] | None) -> int:
    """How many notices of these agencies, or of all, have not been sent."""
    sql = db.Sql()
    text = (
        "SELECT COUNT(*) AS n FROM capacity_notice n JOIN program_level v ON v.id = n.level_id "
        f"JOIN program p ON p.id = v.program_id WHERE n.sent_at IS NULL{_of(sql, agencies)}"
    )
    return int((await db.rows(text, sql.values))[0]["n"])


def _of(sql: db.Sql, agencies: Sequence[int] | None) -> str:
    return "" if agencies is None else f" AND p.agency_id IN ({sql.list(agencies) or 'NULL'})"


def _notice(row: Mapping[str, Any]) -> Notice:
    return Notice(
        id=row["id"],
        level=row["level"],
        program=row["program"],
        agency=row["agency_id"],
        agency_name=row["agency_name"],
        zone=row["timezone"],
        share=row["share"],
        staffed=row["staffed"],
        taken=(row["occupied"] or 0) + (row["held"] or 0),
        reached_at=db.as_moment(row["reached_at"]),
        due_at=db.as_moment(row["due_at"]),
        sent_at=db.as_moment(row["sent_at"]),
        sent_to=row["sent_to"] or "",
        closed_at=db.as_moment(row["closed_at"]),
    )
