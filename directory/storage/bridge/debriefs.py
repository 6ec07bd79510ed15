"""That a peer is asked how they are themselves after a crisis of somebody they go with."""

from __future__ import annotations

from datetime import datetime

from directory.storage import db
from directory.storage.encoding import to_column


async def debrief_add(*, agency: int, person: int, check_in: int, now: datetime) -> bool:
    """Has a peer asked after this check-in; False where that is so already. Needs a transaction."""
    sql = db.Sql()
    values = sql.list((agency, person, check_in, to_column(now)))
    text = (
        f"INSERT INTO debrief (agency_id, person_id, check_in_id, at) VALUES ({values}) "
        "ON CONFLICT (check_in_id) DO NOTHING RETURNING id"
    )
    return bool(await db.rows(text, sql.values))
