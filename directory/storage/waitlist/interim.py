"""Interim services that were offered to people who wait. Rows are only ever added."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from directory.storage import db
from directory.storage.encoding import to_column


@dataclass(frozen=True, slots=True)
class InterimNow:
    """That an item was offered, and, where `status` says so, accepted or declined."""

    item: str
    status: str
    at: datetime
    by: str


async def items_add(client: int, items: Mapping[str, str], *, by: str, now: datetime) -> None:
    """Notes items with what became of each. Needs a transaction."""
    rows = [(client, item, status, to_column(now), by) for item, status in items.items()]
    await db.insert_many("interim_service", ("client_id", "item", "status", "at", "by"), rows)


async def items_of(client: int) -> list[InterimNow]:
    """All that was noted of a client, the oldest first."""
    sql = db.Sql()
    text = f"SELECT item, status, at, by FROM interim_service WHERE client_id = {sql(client)} ORDER BY at, id"
    found = await db.rows(text, sql.values)
    return [InterimNow(row["item"], row["status"], db.as_moment(row["at"]), row["by"]) for row in found]
