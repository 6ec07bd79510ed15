"""The one UPDATE by which an entry, an offer or an opening changes its state: it names the state before, so who gets no row back came second."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from directory.domain.waitlist.states import OPEN_ENTRIES, Entry, Offer, Slot
from directory.storage import db
from directory.storage.encoding import to_column

OPEN = "('" + "', '".join(each.value for each in Entry if each in OPEN_ENTRIES) + "')"
"""SQL: the states of an entry that stands in a line."""


def assigned(sql: db.Sql, columns: Mapping[str, object]) -> str:
    """The columns of an UPDATE with their new values."""
    return ", ".join(f"{name} = {sql(to_column(value))}" for name, value in columns.items())


async def moved(
    table: str,
    id: int,
    before: Iterable[Entry | Offer | Slot],
    after: Entry | Offer | Slot,
    columns: Mapping[str, object],
    alive_at: datetime | None = None,
    client: int | None = None,
) -> list[dict[str, Any]]:
    """The rows that went from one of these states to another: one or none. With `alive_at` only what had not ended by then, with `client` only
    what is still theirs. Needs a transaction."""
    sql = db.Sql()
    sets = assigned(sql, {"status": after.value, **columns})
    where = f"id = {sql(id)} AND status IN ({sql.list(each.value for each in before)})"
    where += f" AND expires_at > {sql(to_column(alive_at))}" if alive_at else ""
    where += f" AND client_id = {sql(client)}" if client is not None else ""
    return await db.rows(f"UPDATE {table} SET {sets}, version = version + 1 WHERE {where} RETURNING id", sql.values)
