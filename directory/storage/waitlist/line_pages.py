"""Lines as they are looked at: how many stand in each, and who stands where in one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from directory.domain.waitlist.pools import Figures
from directory.storage import db
from directory.storage.waitlist.moves import OPEN


@dataclass(frozen=True, slots=True)
class Placed:
    """Somebody in a line. `place` counts from 1 over all who stand in it, `agency` is the peer agency that keeps their place."""

    place: int
    entry: int
    client: int
    upi: str
    sealed: str | None
    agency: int
    status: str
    tier: int
    requested_at: datetime


async def figures(pools: Sequence[int], now: datetime) -> dict[int, Figures]:
    """How many stand in each of these lines; those in which nobody does are left out."""
    sql = db.Sql()
    text = (
        "SELECT pool_id, status, COUNT(*) AS n, MIN(requested_at) AS first FROM entry "
        f"WHERE pool_id IN ({sql.list(pools) or 'NULL'}) AND status IN {OPEN} GROUP BY pool_id, status"
    )
    counts: dict[int, dict[str, int]] = {}
    first: dict[int, datetime] = {}
    for row in await db.rows(text, sql.values):
        counts.setdefault(row["pool_id"], {})[row["status"]] = row["n"]
        moment = db.as_moment(row["first"])
        first[row["pool_id"]] = min(first.get(row["pool_id"], moment), moment)
    return {id: _figures(found, now - first[id]) for id, found in counts.items()}


def _figures(found: dict[str, int], oldest: timedelta) -> Figures:
    waiting, on_hold, offered, accepted = (
        found.get(status, 0) for status in ("waiting", "on-hold", "offered", "accepted")
    )
    return Figures(waiting, on_hold, offered, accepted, oldest)


async def order(pool: int, *, skip: int, limit: int) -> list[Placed]:
    """Who stands in a line, in their order, from the place after `skip` on."""
    sql = db.Sql()
    text = (
        "SELECT e.id, e.client_id, c.upi, c.sealed, c.agency_id, e.status, e.tier, e.requested_at FROM entry e "
        f"JOIN client c ON c.id = e.client_id WHERE e.pool_id = {sql(pool)} AND e.status IN {OPEN} "
        f"ORDER BY e.tier, e.requested_at, e.tie LIMIT {int(limit)} OFFSET {int(skip)}"
    )
    return [
        Placed(
            place,
            row["id"],
            row["client_id"],
            row["upi"],
            row["sealed"],
            row["agency_id"],
            row["status"],
            row["tier"],
            db.as_moment(row["requested_at"]),
        )
        for place, row in enumerate(await db.rows(text, sql.values), skip + 1)
    ]
