"""Facts about people who wait, as rows: one ends and another takes its place, and none is ever deleted but with its person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from directory.domain.waitlist.facts import Fact
from directory.storage import db
from directory.storage.encoding import as_date, to_column


@dataclass(frozen=True, slots=True)
class FactNow:
    """A fact as it is kept. `expires_on` is the last local day on which it counts; `ended_at` when another took its place."""

    id: int
    code: str
    value: str
    source: str
    observed_on: date
    expires_on: date | None
    by: str
    at: datetime
    ended_at: datetime | None


async def of_client(client: int) -> dict[str, FactNow]:
    """What is known of a client now, by code: those that have run out too, until somebody has asked again."""
    sql = db.Sql()
    text = f"SELECT * FROM client_fact WHERE client_id = {sql(client)} AND ended_at IS NULL ORDER BY id"
    return {row["code"]: _fact(row) for row in await db.rows(text, sql.values)}


async def history(client: int) -> list[FactNow]:
    """All that was ever known of a client, the latest first."""
    sql = db.Sql()
    text = f"SELECT * FROM client_fact WHERE client_id = {sql(client)} ORDER BY id DESC"
    return [_fact(row) for row in await db.rows(text, sql.values)]


async def add(client: int, fact: Fact, *, by: str, now: datetime) -> int:
    """The id of a new row, which takes the place of what was known before. Needs a transaction."""
    await end(client, fact.code, now)
    sql = db.Sql()
    values = (client, fact.code, fact.value, fact.source, fact.on, fact.expires_on, by, now)
    text = (
        "INSERT INTO client_fact (client_id, code, value, source, observed_on, expires_on, by, at) "
        f"VALUES ({sql.list([to_column(value) for value in values])}) RETURNING id"
    )
    return int((await db.rows(text, sql.values))[0]["id"])


async def end(client: int, code: str, now: datetime) -> bool:
    """Whether this made something unknown again that was known. Needs a transaction."""
    sql = db.Sql()
    text = (
        f"UPDATE client_fact SET ended_at = {sql(to_column(now))} WHERE client_id = {sql(client)} "
        f"AND code = {sql(code)} AND ended_at IS NULL RETURNING id"
    )
    return bool(await db.rows(text, sql.values))


async def version(client: int) -> int:
    """A number that grows with every change to what is known of a client."""
    sql = db.Sql()
    text = f"SELECT COALESCE(MAX(id), 0) + COUNT(ended_at) AS number FROM client_fact WHERE client_id = {sql(client)}"
    return int((await db.rows(text, sql.values))[0]["number"])


def _fact(row: Mapping[str, Any]) -> FactNow:
    observed = as_date(row["observed_on"])
    assert observed is not None
    return FactNow(
        id=row["id"],
        code=row["code"],
        value=row["value"],
        source=row["source"],
        observed_on=observed,
        expires_on=as_date(row["expires_on"]),
        by=row["by"],
        at=db.as_moment(row["at"]),
        ended_at=db.as_moment(row["ended_at"]) if row["ended_at"] else None,
    )
