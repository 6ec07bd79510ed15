"""How often the pages of listings are opened: one rough number for each, halved every week. Nothing about anybody."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from directory.storage import cards, db
from directory.storage.encoding import to_column

HALVED_EVERY = timedelta(days=7)
FORGOTTEN = 0.5
"""Below this a listing counts as never opened."""


async def add(opened: Mapping[str, int], now: datetime) -> None:
    """Adds openings by slug; one that nobody has is left out. The day is kept, never the time: the first may be one person's. Needs a transaction."""
    known = await cards.by_slugs(list(opened))
    sql, day = db.markers(3), now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    values = [[known[slug][0], float(number), to_column(day)] for slug, number in opened.items() if slug in known]
    if values:
        await db.connection().execute_many(
            f"INSERT INTO listing_use (id, opened, at) VALUES ({sql}) "
            "ON CONFLICT (id) DO UPDATE SET opened = listing_use.opened + excluded.opened",
            values,
        )


async def halve(now: datetime) -> int:
    """Halves what was last halved a week ago, forgets what is hardly anything by then, and says how many it halved. Needs a transaction."""
    sql = db.Sql()
    found = await db.rows(
        f"UPDATE listing_use SET opened = opened / 2, at = {sql(to_column(now))} "
        f"WHERE at <= {sql(to_column(now - HALVED_EVERY))} RETURNING id",
        sql.values,
    )
    await db.execute(f"DELETE FROM listing_use WHERE opened < {FORGOTTEN} OR id NOT IN (SELECT id FROM listing)")
    return len(found)
