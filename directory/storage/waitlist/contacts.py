"""Tries to reach people who wait, and signs from them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from directory.storage import db
from directory.storage.encoding import to_column


@dataclass(frozen=True, slots=True)
class ContactNow:
    """One contact as it was noted. `sealed` is its note."""

    id: int
    at: datetime
    route: str
    outcome: str
    by: str
    sealed: str | None


async def attempt_add(
    *, client: int, route: str, outcome: str, by: str, now: datetime, sealed: str | None = None
) -> int:
    """The id of a new contact; `by` is "client" where it comes from the status page. Needs a transaction."""
    sql = db.Sql()
    values = sql.list((client, to_column(now), route, outcome, by, sealed))
    text = f"INSERT INTO contact_attempt (client_id, at, route, outcome, by, sealed) VALUES ({values}) RETURNING id"
    return int((await db.rows(text, sql.values))[0]["id"])


async def contacts_of(client: int, limit: int = 200) -> list[ContactNow]:
    """The contacts of a client, the newest first."""
    sql = db.Sql()
    text = (
        "SELECT id, at, route, outcome, by, sealed FROM contact_attempt "
        f"WHERE client_id = {sql(client)} ORDER BY at DESC, id DESC LIMIT {int(limit)}"
    )
    found = await db.rows(text, sql.values)
    return [
        ContactNow(row["id"], db.as_moment(row["at"]), row["route"], row["outcome"], row["by"], row["sealed"])
        for row in found
    ]
