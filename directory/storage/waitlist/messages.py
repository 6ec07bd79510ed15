"""What has gone out to people who wait, and whom nobody has heard of for long."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from directory.domain.waitlist.clocks import ANSWERED
from directory.storage import db


@dataclass(frozen=True, slots=True)
class Due:
    """Somebody to ask whether they still wait, and the way by which they agreed to be asked."""

    client: int
    route: int


async def sent(keys: Iterable[str]) -> int:
    """How many messages of these keys are in the outbox, whatever became of them."""
    sql = db.Sql()
    found = await db.rows(f"SELECT COUNT(*) AS n FROM outbox WHERE dedup_key IN ({sql.list(keys)})", sql.values)
    return int(found[0]["n"])


async def to_ask(now: datetime) -> list[Due]:
    """Those who stand in a line, agreed to be asked, and were last heard of longer ago than one and a half times the days of their line."""
    sql = db.Sql()
    heard = (
        "(SELECT MAX(a.at) FROM contact_attempt a WHERE a.client_id = c.id AND "
        f"a.outcome IN ({sql.list(sorted(ANSWERED))})) AS heard"
    )
    text = (
        f"SELECT c.id AS client, r.id AS route, MIN(p.contact_days) AS days, MAX(e.requested_at) AS asked, {heard} "
        "FROM contact_route r JOIN client c ON c.id = r.client_id "
        "JOIN entry e ON e.client_id = c.id AND e.status IN ('waiting', 'on-hold') JOIN pool p ON p.id = e.pool_id "
        f"WHERE r.channel = 'text' AND r.asks_agreed = {sql(True)} AND r.is_shared = {sql(False)} "
        "AND r.stopped_at IS NULL AND r.ended_at IS NULL AND c.cleared_at IS NULL AND c.merged_into_id IS NULL "
        "GROUP BY c.id, r.id ORDER BY r.id"
    )
    return [Due(row["client"], row["route"]) for row in await db.rows(text, sql.values) if _is_due(row, now)]


def _is_due(row: dict[str, object], now: datetime) -> bool:
    last = max(db.as_moment(row[name]) for name in ("asked", "heard") if row[name])
    return now - last > 1.5 * timedelta(days=int(str(row["days"])))
