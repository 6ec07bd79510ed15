"""The lines that somebody can join, and those in which they stand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from directory.storage import db
from directory.storage.waitlist.moves import OPEN


@dataclass(frozen=True, slots=True)
class OpenLine:
    """A line of an agency that people can join. `since` is when this client asked for it, where they stand in it with `entry`."""

    id: int
    name: str
    care: str
    timezone: str
    entry: int | None
    since: datetime | None


async def open_lines(agency: int, client: int) -> list[OpenLine]:
    """The lines of an agency that people can join, by name, with the places that a client has in them."""
    sql = db.Sql()
    text = (
        "SELECT p.id, p.name, p.care, p.timezone, e.id AS entry, e.requested_at FROM pool p LEFT JOIN entry e ON e.pool_id = p.id "
        f"AND e.client_id = {sql(client)} AND e.status IN {OPEN} "
        f"WHERE p.agency_id = {sql(agency)} AND p.closed_at IS NULL ORDER BY p.name, p.id"
    )
    return [
        OpenLine(
            id=row["id"],
            name=row["name"],
            care=row["care"],
            timezone=row["timezone"],
            entry=row["entry"],
            since=db.as_moment(row["requested_at"]) if row["requested_at"] else None,
        )
        for row in await db.rows(text, sql.values)
    ]
