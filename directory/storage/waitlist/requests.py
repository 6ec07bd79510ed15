"""What programs say of their room, as far as it decides how long a request may wait."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from directory.storage import db


@dataclass(frozen=True, slots=True)
class Room:
    """A level whose openings go to a line: the free places of its latest report with their moment, and the openings that are offered now.

    `available` and `as_of` are None where nothing was ever reported.
    """

    level: int
    name: str
    agency: str
    available: int | None
    as_of: datetime | None
    openings: int


async def rooms_of(pool: int) -> list[Room]:
    """The levels that a line gets openings from, by agency and name."""
    sql = db.Sql()
    text = (
        "SELECT l.id, l.name, a.name AS agency, c.available, c.as_of, "
        "(SELECT COUNT(*) FROM slot s WHERE s.level_id = l.id AND s.status = 'open') AS openings "
        "FROM pool_level pl JOIN program_level l ON l.id = pl.level_id JOIN program g ON g.id = l.program_id "
        "JOIN agency a ON a.id = g.agency_id LEFT JOIN capacity_report c ON c.id = "
        "(SELECT x.id FROM capacity_report x WHERE x.level_id = l.id ORDER BY x.id DESC LIMIT 1) "
        f"WHERE pl.pool_id = {sql(pool)} AND l.closed_at IS NULL AND g.closed_at IS NULL ORDER BY a.name, l.name, l.id"
    )
    return [
        Room(
            row["id"],
            row["name"],
            row["agency"],
            row["available"],
            db.as_moment(row["as_of"]) if row["as_of"] else None,
            row["openings"],
        )
        for row in await db.rows(text, sql.values)
    ]
