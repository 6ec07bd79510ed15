"""What the card for a crisis has to know besides: around where somebody waits, and who of the agency can be asked."""

from __future__ import annotations

from directory.domain.access import Role
from directory.domain.geo import Point
from directory.storage import db
from directory.storage.locations import point_of
from directory.storage.waitlist.moves import OPEN


async def point_of_line(client: int) -> Point | None:
    """A point that everybody may see of a program to whose openings one of somebody's lines leads; None where there is none."""
    sql = db.Sql()
    text = (
        "SELECT o.public_lat, o.public_lon FROM entry e JOIN pool_level x ON x.pool_id = e.pool_id "
        "JOIN program_level v ON v.id = x.level_id JOIN program p ON p.id = v.program_id "
        "JOIN listing l ON l.id = p.listing_id JOIN location o ON o.id = l.location_id "
        f"WHERE e.client_id = {sql(client)} AND e.status IN {OPEN} AND o.public_lat IS NOT NULL ORDER BY e.id, v.id LIMIT 1"
    )
    found = await db.rows(text, sql.values)
    return point_of(found[0]["public_lat"], found[0]["public_lon"]) if found else None


async def coordinators_of(agency: int, but: int | None) -> list[str]:
    """The names of the coordinators of an agency, without this person, who is not told by themselves."""
    sql = db.Sql()
    text = (
        "SELECT DISTINCT p.name FROM person p JOIN role_grant g ON g.person_id = p.id "
        f"WHERE g.role = {sql(Role.COORDINATOR.value)} AND g.agency_id = {sql(agency)} AND g.ended_at IS NULL AND p.disabled_at IS NULL "
        f"AND p.id <> {sql(but or 0)} ORDER BY p.name"
    )
    return [row["name"] for row in await db.rows(text, sql.values)]


async def is_open(key: str) -> bool:
    """Whether the task of this occasion is open still."""
    sql = db.Sql()
    return bool(await db.rows(f"SELECT 1 FROM task WHERE key = {sql(key)} AND done_at IS NULL", sql.values))
