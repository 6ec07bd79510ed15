"""A whole line at once, with what is known of the people in it."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from directory.storage import db
from directory.storage.encoding import to_column


async def line(pool: int) -> list[dict[str, Any]]:
    """Everybody who stands in a line: `id`, `client_id`, `status`, `tier`, `requested_at`, `tie`, `hold_reason`, `live` (has an offer anywhere)."""
    sql = db.Sql()
    text = (
        "SELECT e.id, e.client_id, e.status, e.tier, e.requested_at, e.tie, e.hold_reason, o.id AS live FROM entry e "
        "LEFT JOIN offer o ON o.client_id = e.client_id AND o.status IN ('pending', 'accepted') "
        f"WHERE e.pool_id = {sql(pool)} AND e.status IN ('waiting', 'on-hold', 'offered', 'accepted')"
    )
    found = await db.rows(text, sql.values)
    return [{**row, "requested_at": db.as_moment(row["requested_at"])} for row in found]


async def facts_in(pool: int) -> dict[int, dict[str, str]]:
    """What is known of those in a line, by client and code; of several facts of one code the latest."""
    sql = db.Sql()
    text = (
        "SELECT f.client_id, f.code, f.value FROM client_fact f JOIN entry e ON e.client_id = f.client_id "
        f"WHERE e.pool_id = {sql(pool)} AND e.status IN ('waiting', 'on-hold', 'offered', 'accepted') "
        "AND f.ended_at IS NULL ORDER BY f.id"
    )
    found: dict[int, dict[str, str]] = {}
    for client, code, value in await db.tuples(text, sql.values):
        found.setdefault(client, {})[code] = value
    return found


async def facts_of(client: int) -> dict[str, str]:
    """What is known of a client, by code."""
    sql = db.Sql()
    text = f"SELECT code, value FROM client_fact WHERE client_id = {sql(client)} AND ended_at IS NULL ORDER BY id"
    return {row["code"]: row["value"] for row in await db.rows(text, sql.values)}


async def consented_in(pool: int, agency: int, today: date) -> set[int]:
    """The clients in a line with a consent that names this agency and has neither ended nor been revoked."""
    sql = db.Sql()
    text = (
        "SELECT DISTINCT n.client_id, n.agencies FROM consent n JOIN entry e ON e.client_id = n.client_id "
        f"WHERE e.pool_id = {sql(pool)} AND e.status IN ('waiting', 'on-hold', 'offered', 'accepted') AND n.revoked_at IS NULL "
        f"AND (n.expires_on IS NULL OR n.expires_on >= {sql(to_column(today))})"
    )
    if not db.is_sqlite():  # json has no equality there
        text = text.replace("n.agencies", "CAST(n.agencies AS text) AS agencies", 1)
    return {row["client_id"] for row in await db.rows(text, sql.values) if agency in json.loads(row["agencies"])}
