"""Plans as rows: what stands in one stays sealed here, and goes in and out as it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from directory.storage import db
from directory.storage.encoding import to_column


@dataclass(frozen=True, slots=True)
class PlanRow:
    """Somebody's plan as it was saved last: by whom, and when."""

    sealed: str | None
    is_by_code: bool
    by: str
    at: datetime
    version: int


async def plan(client: int) -> PlanRow | None:
    """The plan of a client."""
    sql = db.Sql()
    text = f"SELECT sealed, is_by_code, by, at, version FROM plan WHERE client_id = {sql(client)}"
    found = await db.rows(text, sql.values)
    return _plan(found[0]) if found else None


def _plan(row: Mapping[str, Any]) -> PlanRow:
    return PlanRow(
        sealed=row["sealed"],
        is_by_code=bool(row["is_by_code"]),
        by=row["by"],
        at=db.as_moment(row["at"]),
        version=row["version"],
    )


async def put(client: int, version: int, sealed: str, *, is_by_code: bool, by: str, now: datetime) -> bool:
    """Whether a plan was saved over the one of this version; 0 is none yet. Needs a transaction."""
    sql = db.Sql()
    if not version:
        values = sql.list((client, sealed, is_by_code, by, to_column(now), 1))
        text = (
            f"INSERT INTO plan (client_id, sealed, is_by_code, by, at, version) VALUES ({values}) "
            "ON CONFLICT (client_id) DO NOTHING RETURNING id"
        )
        return bool(await db.rows(text, sql.values))
    text = (
        f"UPDATE plan SET sealed = {sql(sealed)}, is_by_code = {sql(is_by_code)}, by = {sql(by)}, at = {sql(to_column(now))}, "
        f"version = version + 1 WHERE client_id = {sql(client)} AND version = {sql(version)} RETURNING id"
    )
    return bool(await db.rows(text, sql.values))


async def move(gone: int, kept: int) -> None:
    """Has the plan of one client be that of another, who has none. Needs a transaction."""
    sql = db.Sql()
    text = f"UPDATE plan SET client_id = {sql(kept)}, version = version + 1 WHERE client_id = {sql(gone)}"
    await db.execute(text, sql.values)


async def drop(client: int) -> None:
    """Takes a plan away whose words stand in another one by now. Needs a transaction."""
    sql = db.Sql()
    await db.execute(f"DELETE FROM plan WHERE client_id = {sql(client)}", sql.values)
