"""Doubtful places, disputed fields and pairs of listings, for tests that walk over what is done about them."""

from __future__ import annotations

from directory.domain.access import Actor, Grant, Role
from directory.domain.duplicates import OPEN, Likeness
from directory.domain.geo import Point
from directory.services import conflicts, geocode_review
from directory.services.edits import listing_edit
from directory.storage import db, duplicates, edits
from directory.storage.edits import Hand
from tests.factories import NOW, one_value, settings_for

COORDINATOR = Actor(1, (Grant(Role.COORDINATOR, 1),))


async def doubted(slug: str) -> str:
    """Makes the place of a listing doubtful, and returns what is `seen` of it."""
    where = "id = (SELECT location_id FROM listing WHERE slug = {0})"
    sql = db.Sql()
    sets = "geocode_status = 'needs_review', geocode_review = 'postcode'"
    await db.execute(f"UPDATE location SET {sets} WHERE {where.format(sql(slug))}", sql.values)
    return (await geocode_review.place_show(slug=slug, by=COORDINATOR, now=NOW)).seen


async def pinned(slug: str) -> None:
    """Sets a pin on a listing, by the command line."""
    given = {"by": "robin", "clock": lambda: NOW, "settings": settings_for("")}
    await geocode_review.geocode_pin(slug=slug, point=Point(40.01, -75.0), **given)  # type: ignore[arg-type]


async def disputed(slug: str) -> tuple[int, str]:
    """Opens the question what a listing costs, and returns its number and what is `seen` of it."""
    given = {"by": "robin", "reason": None, "clock": lambda: NOW, "settings": settings_for("")}
    await listing_edit(slug=slug, values={"fees": "Nothing at all"}, **given)  # type: ignore[arg-type]
    id = await one_value("SELECT id FROM listing WHERE slug = {0}", slug)
    async with db.transaction():
        await edits.put(id, {"fees": Hand("Nothing at all", None)}, by="robin", reason=None, now=NOW)
        await edits.open_conflict(id, "fees", "Nothing at all", "A dollar", NOW)
    found, _ = await conflicts.disputes_list(by=COORDINATOR, now=NOW)
    return next((each.id, each.seen) for each in found if each.slug == slug)


async def paired(status: str = OPEN) -> int:
    """The number of a pair of the first two listings, in this status."""
    (one, other) = sorted(row["id"] for row in await db.rows("SELECT id FROM listing ORDER BY id LIMIT 2"))
    async with db.staging():
        await duplicates.add({(one, other): Likeness(0.9, ("name", "street"))}, NOW)
        sql = db.Sql()
        await db.execute(f"UPDATE duplicate_pair SET status = {sql(status)}", sql.values)
    return int(await one_value("SELECT id FROM duplicate_pair"))
