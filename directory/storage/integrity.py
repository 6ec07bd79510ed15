"""Whether the tables themselves are whole: every migration, every index and guard, and no row that refers to one that is gone."""

from __future__ import annotations

from directory.storage import db, guards, schema

MIGRATION_DUE, UNGUARDED, WITHOUT_INDEXES = "migration-due", "unguarded", "without-indexes"
DAMAGED, DANGLING = "damaged", "dangling-rows"


async def faults() -> list[str]:
    """What is wrong, as codes; empty where nothing is. Reads alone, and mends nothing (`footbridge migrate` does)."""
    if await schema.pending_migrations():
        return [MIGRATION_DUE]
    found = [UNGUARDED] if await guards.unguarded() else []
    if not found and not await guards.is_whole():
        found.append(WITHOUT_INDEXES)
    return found + (await _sqlite_faults() if db.is_sqlite() else [])


async def _sqlite_faults() -> list[str]:
    """What PostgreSQL looks after by itself."""
    (verdict,) = await db.rows("PRAGMA quick_check(1)")
    found = [] if verdict["quick_check"] == "ok" else [DAMAGED]
    return [*found, DANGLING] if await db.rows("PRAGMA foreign_key_check") else found
