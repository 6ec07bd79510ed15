"""What a listing that people add needs beside its own rows: a source that belongs to an agency."""

from __future__ import annotations

from directory.storage import db


async def source_belongs(source_id: int, agency: int) -> None:
    """Notes whose own source it is, so that all its listings are that agency's. Needs a transaction."""
    sql = db.Sql()
    await db.execute(f"UPDATE source SET agency_id = {sql(agency)} WHERE id = {sql(source_id)}", sql.values)
