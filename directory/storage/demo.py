"""What the demonstration adds beside its listings and people, and how all of it is taken out again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from directory.domain.geo import GeocodeStatus, Review
from directory.storage import db
from directory.storage.demo_waitlist import lines_erase
from directory.storage.listings import erase_source

_DEMO_AGENCIES = "SELECT id FROM agency WHERE is_demo"
_DEMO_LISTINGS = "SELECT l.id FROM listing l JOIN source s ON s.id = l.source_id WHERE s.is_demo"


async def slugs(source: str) -> dict[str, str]:
    """The slug of each listing of a source that is not gone, by the source's key."""
    sql = db.Sql()
    text = (
        "SELECT l.source_key, l.slug FROM listing l JOIN source s ON s.id = l.source_id "
        f"WHERE s.name = {sql(source)} AND l.status <> 'removed'"
    )
    return {row["source_key"]: row["slug"] for row in await db.rows(text, sql.values)}


async def has_work() -> bool:
    """Whether the invented agencies have programs."""
    return bool(await db.rows(f"SELECT 1 AS one FROM program WHERE agency_id IN ({_DEMO_AGENCIES}) LIMIT 1"))


async def levels() -> dict[str, tuple[int, int]]:
    """The levels of care of the invented agencies by name: id and agency."""
    found = await db.rows(
        "SELECT v.id, v.name, p.agency_id FROM program_level v JOIN program p ON p.id = v.program_id "
        f"WHERE p.agency_id IN ({_DEMO_AGENCIES})"
    )
    return {row["name"]: (row["id"], row["agency_id"]) for row in found}


async def work_erase(now: datetime) -> None:
    """Takes out the programs of the invented agencies with their lines, reports, claims, files and messages, and what is said of invented listings.

    What people have set by hand on those stays. Needs a transaction of the data, since openings are seen by visitors.
    """
    await lines_erase(now)
    levels = (
        "SELECT v.id FROM program_level v JOIN program p ON p.id = v.program_id "
        f"WHERE p.agency_id IN ({_DEMO_AGENCIES})"
    )
    await db.execute(f"DELETE FROM capacity_report WHERE level_id IN ({levels})")
    for table in ("program", "claim", "task"):
        await db.execute(f"DELETE FROM {table} WHERE agency_id IN ({_DEMO_AGENCIES})")
    for table in ("proposal", "correction", "conflict", "listing_check"):
        await db.execute(f"DELETE FROM {table} WHERE listing_id IN ({_DEMO_LISTINGS})")
    calls = f"SELECT '/checks/' || slug FROM listing WHERE id IN ({_DEMO_LISTINGS})"
    await db.execute(f"DELETE FROM task WHERE address IN ({calls})")
    await db.execute("DELETE FROM outbox WHERE recipient LIKE '%@demo.example'")
    for row in await db.rows(f"SELECT name FROM source WHERE agency_id IN ({_DEMO_AGENCIES})"):
        await erase_source(row["name"])


async def doubt(slug: str) -> None:
    """Makes the place of a listing one that somebody should look at. Needs a transaction."""
    sql = db.Sql()
    await db.execute(
        f"UPDATE location SET geocode_status = {sql(GeocodeStatus.NEEDS_REVIEW.value)}, "
        f"geocode_review = {sql(Review.STREET.value)} "
        f"WHERE id = (SELECT location_id FROM listing WHERE slug = {sql(slug)})",
        sql.values,
    )


async def links_erase(keys: Sequence[str]) -> None:
    """Deletes links by their keys. Needs a transaction."""
    sql = db.Sql()
    await db.execute(f"DELETE FROM link WHERE key IN ({sql.list(keys) or 'NULL'})", sql.values)
