"""What was said of suggested listings, as rows: only ever added, each for one client."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from directory.domain.bridge.marks import Mark
from directory.storage import db
from directory.storage.encoding import to_column


@dataclass(frozen=True, slots=True)
class MarkLine:
    """What was said of a listing that was suggested to somebody, with its name."""

    name: str
    what: str
    at: datetime


async def of_client(client: int) -> list[Mark]:
    """All marks of a client in the order in which they were set."""
    sql = db.Sql()
    text = f"SELECT listing_id, what, at FROM plan_mark WHERE client_id = {sql(client)} ORDER BY id"
    rows = await db.rows(text, sql.values)
    return [Mark(row["listing_id"], row["what"], db.as_moment(row["at"])) for row in rows]


async def named(client: int) -> list[MarkLine]:
    """All that was said of listings for a client, the earliest first."""
    sql = db.Sql()
    text = (
        "SELECT l.name, m.what, m.at FROM plan_mark m JOIN listing l ON l.id = m.listing_id "
        f"WHERE m.client_id = {sql(client)} ORDER BY m.id"
    )
    return [MarkLine(row["name"], row["what"], db.as_moment(row["at"])) for row in await db.rows(text, sql.values)]


async def add(client: int, mark: Mark, *, by: str) -> int:
    """The id of a new mark. Needs a transaction."""
    sql = db.Sql()
    values = sql.list((client, mark.listing, mark.what, to_column(mark.at), by))
    text = f"INSERT INTO plan_mark (client_id, listing_id, what, at, by) VALUES ({values}) RETURNING id"
    return int((await db.rows(text, sql.values))[0]["id"])
