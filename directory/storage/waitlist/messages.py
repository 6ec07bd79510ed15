"""What has gone out to people who wait, and whom nobody has heard of for long."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from directory.domain.notices import SENDING, SENT, WAITING
from directory.domain.waitlist.clocks import ANSWERED
from directory.storage import db
from directory.storage.encoding import to_column


@dataclass(frozen=True, slots=True)
class Due:
    """Somebody to ask whether they still wait, the way by which they agreed to be asked, and every how many days they are asked at the most."""

    client: int
    route: int
    every_days: int


def of_way(way: int) -> str:
    """How the keys of the messages begin that go one way."""
    return f"client-message {way} "


async def sent(keys: Iterable[str], template: str = "") -> int:
    """How many messages of these keys, and of one template if it is given, are in the outbox, whatever became of them."""
    sql = db.Sql()
    text = f"SELECT COUNT(*) AS n FROM outbox WHERE dedup_key IN ({sql.list(keys)})"
    if template:
        text += f" AND template = {sql(template)}"
    return int((await db.rows(text, sql.values))[0]["n"])


async def went_out(ways: Iterable[int], template: str, since: datetime) -> bool:
    """Whether a message of this template has gone out by one of these ways from this moment on."""
    sql = db.Sql()
    keys = " OR ".join(f"dedup_key LIKE {sql(of_way(way) + '%')}" for way in ways)
    if not keys:
        return False
    text = (
        f"SELECT 1 FROM outbox WHERE state = {sql(SENT)} AND template = {sql(template)} "
        f"AND ended_at >= {sql(to_column(since))} AND ({keys}) LIMIT 1"
    )
    return bool(await db.rows(text, sql.values))


async def is_held_open(way: int) -> bool:
    """Whether this way is neither stopped nor ended, and stays so until the transaction ends: whoever says stop meanwhile finds what it queued."""
    sql = db.Sql()
    kept = "" if db.is_sqlite() else " FOR SHARE"  # SQLite has one writer at a time anyway
    text = f"SELECT 1 FROM contact_route WHERE id = {sql(way)} AND stopped_at IS NULL AND ended_at IS NULL{kept}"
    return bool(await db.rows(text, sql.values))


async def drop(way: int) -> int:
    """Takes what has not gone out yet by this way out of the outbox, what is being sent too, so that it is not tried again. Says how many.

    Needs a transaction.
    """
    sql = db.Sql()
    text = (
        f"DELETE FROM outbox WHERE state IN ({sql.list((WAITING, SENDING))}) "
        f"AND dedup_key LIKE {sql(of_way(way) + '%')} RETURNING id"
    )
    return len(await db.rows(text, sql.values))


ASKED_EVERY = 14
"""Days between two questions to somebody of whom nobody has heard for long."""
_AGREED = (
    "r.channel = 'text' AND r.asks_agreed = {yes} AND r.is_shared = {no} AND r.stopped_at IS NULL AND r.ended_at IS NULL "
    "AND c.cleared_at IS NULL AND c.merged_into_id IS NULL"
)


async def to_check_in(until: datetime) -> list[Due]:
    """Those who stand in a line, agreed to be asked, and whose check-in by text is due by this moment and not missed yet."""
    sql = db.Sql()
    agreed = _AGREED.format(yes=sql(True), no=sql(False))
    text = (
        "SELECT c.id AS client, r.id AS route, h.every_days FROM check_rhythm h JOIN client c ON c.id = h.client_id "
        f"JOIN contact_route r ON r.client_id = c.id AND {agreed} WHERE h.channel = 'text' AND h.step = 0 "
        f"AND h.due_at <= {sql(to_column(until))} AND EXISTS "
        "(SELECT 1 FROM entry e WHERE e.client_id = c.id AND e.status IN ('waiting', 'on-hold')) ORDER BY r.id"
    )
    return [Due(row["client"], row["route"], row["every_days"]) for row in await db.rows(text, sql.values)]


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
        f"WHERE {_AGREED.format(yes=sql(True), no=sql(False))} "
        "GROUP BY c.id, r.id ORDER BY r.id"
    )
    return [
        Due(row["client"], row["route"], ASKED_EVERY) for row in await db.rows(text, sql.values) if _is_due(row, now)
    ]


def _is_due(row: dict[str, object], now: datetime) -> bool:
    last = max(db.as_moment(row[name]) for name in ("asked", "heard") if row[name])
    return now - last > 1.5 * timedelta(days=int(str(row["days"])))
