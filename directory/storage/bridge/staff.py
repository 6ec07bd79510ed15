"""Who works in an agency today, and what of theirs ends there once they do not: whom they supervise, who supervises them, and standing in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from directory.domain.access import Role
from directory.storage import db
from directory.storage.encoding import to_column

_ROLES = ", ".join(f"'{role.value}'" for role in (Role.PEER, Role.COORDINATOR))


def works(person: str, agency: str) -> str:
    """SQL: that a person goes with people of an agency today, or coordinates it, and can sign in. Both are columns or parameters."""
    return (
        "EXISTS (SELECT 1 FROM role_grant g JOIN person w ON w.id = g.person_id "
        f"WHERE g.person_id = {person} AND g.agency_id = {agency} AND g.role IN ({_ROLES}) "
        "AND g.ended_at IS NULL AND w.disabled_at IS NULL)"
    )


@dataclass(frozen=True, slots=True)
class Ended:
    """Something that has ended. `person` is the peer who was supervised, or who was away."""

    id: int
    agency: int
    person: int


async def supervisions_end(person: int, now: datetime) -> list[Ended]:
    """Ends every supervision in whose agency one of the two, this person, works no more. Needs a transaction."""
    return await _end("supervision", "peer_id", "supervisor_id", person, now)


async def covers_end(person: int, now: datetime) -> list[Ended]:
    """Ends all standing in by this person, or for them, in agencies where they work no more. Needs a transaction."""
    return await _end("cover", "away_id", "stand_in_id", person, now)


async def _end(table: str, one: str, other: str, person: int, now: datetime) -> list[Ended]:
    sql = db.Sql()
    text = (
        f"UPDATE {table} SET ended_at = {sql(to_column(now))} WHERE ended_at IS NULL "
        f"AND ({one} = {sql(person)} OR {other} = {sql(person)}) AND NOT {works(sql(person), f'{table}.agency_id')} "
        f"RETURNING id, agency_id, {one} AS person"
    )
    return [Ended(row["id"], row["agency_id"], row["person"]) for row in await db.rows(text, sql.values)]
