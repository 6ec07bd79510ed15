"""What the outcomes are counted from: the waits of the lines of a scope, with every sign, who came to a group, arrivals and follow-ups."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from directory.domain.bridge.outcomes import Case, Wait
from directory.storage import db
from directory.storage.encoding import to_column
from directory.storage.waitlist.moves import OPEN
from directory.storage.waitlist.oversight import SIGNS, Scope, by_client


@dataclass(frozen=True, slots=True)
class FollowedUp:
    """That a follow-up came due, and what came of it; None where nobody has asked."""

    client: int
    tier: int
    line: str
    which: str
    outcome: str | None


async def waits(scope: Scope, names: Mapping[int, str]) -> list[Wait]:
    """All places that were open at any time within the scope. `names` are those of its lines, no two the same."""
    sql = db.Sql()
    since, until = sql(to_column(scope.since)), sql(to_column(scope.until))
    text = (
        "SELECT e.client_id, e.tier, e.pool_id, e.requested_at, c.created_at, e.status, e.close_reason, "
        "(SELECT MAX(x.at) FROM entry_event x WHERE x.entry_id = e.id AND x.after = e.status) AS changed_at "
        "FROM entry e JOIN pool p ON p.id = e.pool_id JOIN client c ON c.id = e.client_id "
        f"WHERE {scope.lines(sql)} AND e.requested_at < {until} AND (e.status IN {OPEN} OR EXISTS "
        f"(SELECT 1 FROM entry_event x WHERE x.entry_id = e.id AND x.after = e.status AND x.at >= {since})) ORDER BY e.id"
    )
    rows = await db.rows(text, sql.values)
    clients = {row["client_id"] for row in rows}
    signs, came = await _signs(clients), await _came(scope, clients)
    return [
        Wait(
            client=row["client_id"],
            tier=row["tier"],
            line=names[row["pool_id"]],
            requested_at=db.as_moment(row["requested_at"]),
            met_at=db.as_moment(row["created_at"]),
            ended_at=db.as_moment(row["changed_at"]) if row["status"] in ("placed", "closed") else None,
            is_placed=row["status"] == "placed",
            close_reason=row["close_reason"] if row["status"] == "closed" else None,
            signs=tuple(signs.get(row["client_id"], ())),
            came_to_group=row["client_id"] in came,
        )
        for row in rows
    ]


async def _signs(clients: Collection[int]) -> dict[int, list[datetime]]:
    found: dict[int, list[datetime]] = {}
    head = f"SELECT client_id, at FROM contact_attempt WHERE outcome IN ({SIGNS}) AND"
    for client, at in await by_client(head, clients, " ORDER BY at"):
        found.setdefault(client, []).append(db.as_moment(at))
    return found


async def _came(scope: Scope, clients: Collection[int]) -> set[int]:
    """Who of these came to a group within the scope."""
    found = await by_client(
        "SELECT client_id, m.starts_at FROM group_seat s JOIN group_meeting m ON m.id = s.meeting_id "
        "WHERE s.status = 'came' AND",
        clients,
    )
    return {client for client, at in found if scope.since <= db.as_moment(at) < scope.until}


async def arrivals(scope: Scope, names: Mapping[int, str]) -> list[Case]:
    """The hand-offs that came to an arrival, or to nobody coming, within the scope."""
    sql = db.Sql()
    text = (
        f"SELECT h.client_id, e.tier, e.pool_id, h.status FROM handoff h {_OFFERED} WHERE {scope.lines(sql)} "
        f"AND h.status IN ('arrived', 'no-show') AND {scope.within(sql, 'COALESCE(h.arrived_at, h.ended_at)')} ORDER BY h.id"
    )
    return [
        Case(row["client_id"], row["tier"], names[row["pool_id"]], row["status"] == "arrived")
        for row in await db.rows(text, sql.values)
    ]


async def follow_ups(scope: Scope, now: datetime, names: Mapping[int, str]) -> list[FollowedUp]:
    """The follow-ups whose days were over within the scope: those that were settled, and those for which it is too late by now."""
    sql = db.Sql()
    text = (
        "SELECT h.client_id, e.tier, e.pool_id, f.which, f.outcome FROM follow_up f JOIN handoff h ON h.id = f.handoff_id "
        f"{_OFFERED} WHERE {scope.lines(sql)} AND {scope.within(sql, 'f.due_from')} "
        f"AND (f.done_at IS NOT NULL OR f.due_at <= {sql(to_column(now))}) "
        "ORDER BY f.id"
    )
    found = await db.rows(text, sql.values)
    return [
        FollowedUp(row["client_id"], row["tier"], names[row["pool_id"]], row["which"], row["outcome"]) for row in found
    ]


_OFFERED = (
    "JOIN offer o ON o.id = h.offer_id JOIN entry e ON e.id = o.entry_id JOIN pool p ON p.id = e.pool_id "
    "JOIN client c ON c.id = e.client_id"
)
