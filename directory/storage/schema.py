"""Brings the tables up to date: Tortoise's migrations, and around them what keeps an SQLite file whole."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from tortoise import Tortoise
from tortoise.exceptions import OperationalError
from tortoise.migrations.api import migrate as apply_migrations

from directory.storage import beginning, db, derived, guards

log = logging.getLogger("footbridge.database")

SEEDED = ("data-version", "staging")
SEEDS = tuple(
    f"INSERT INTO state (name, number, text) VALUES ('{name}', 1, '') ON CONFLICT (name) DO NOTHING" for name in SEEDED
)


class BrokenDatabase(Exception):
    """After a migration the database does not hold together. The text says how, and where the backup lies."""


MIGRATIONS = sorted(path.stem for path in (Path(__file__).parent / "migrations").glob("[0-9]*.py"))
"""The names of all there are, in order."""


async def pending_migrations() -> list[str]:
    """The names of the migrations that this database has not had. Needs an open connection."""
    try:
        done = {row["name"] for row in await db.rows("SELECT name FROM tortoise_migrations WHERE app = 'directory'")}
    except OperationalError:  # no such table yet
        return MIGRATIONS
    return [name for name in MIGRATIONS if name not in done]


async def migrate(url: str) -> list[str]:
    """Brings the schema up to date and returns what was applied. An SQLite file is copied first when there is anything to apply. A new
    database gets its tables at once (storage/beginning.py).

    Words, languages and areas of the listings are made anew where they are in an older form (storage/derived.py). What stands around
    the tables is made wherever any of it is missing, also where nothing is to be applied: an earlier start may have been killed.

    SQLite rebuilds a table to alter a column and then loses its indexes, and with foreign keys on it empties the tables that
    refer to it. So foreign keys are off here, storage/guards.py makes the indexes again, and the result is checked before use.
    """
    path = db.sqlite_path(url)
    if path:
        path.parent.mkdir(parents=True, exist_ok=True)
    async with db.connect(url):
        todo, refill_due = await pending_migrations(), await derived.is_due()
        is_whole = not todo and await _is_whole()
        worth_keeping = bool(path and await db.rows("SELECT 1 FROM sqlite_master LIMIT 1"))
        if todo == MIGRATIONS and await beginning.is_new():
            await beginning.make_tables(MIGRATIONS)
    if is_whole and not refill_due:
        return []
    backup = _backup(path) if path and worth_keeping and todo else None
    opened_url = db.with_options(db.opened(url), "foreign_keys=OFF") if path else db.opened(url)
    try:
        await apply_migrations(config=db.config(opened_url))
        await guards.put_back()
        if refill_due:
            await derived.clear()
        await guards.add_own()
        for statement in SEEDS:
            await db.execute(statement)
        if refill_due:
            await derived.run()
        if path:
            await _check_sqlite(backup)
    finally:
        await Tortoise.close_connections()
    return todo


async def is_current(url: str) -> bool:
    """Whether a database has had every migration, for whoever wants to see it as it was found, before anything is mended."""
    if path := db.sqlite_path(url):
        path.parent.mkdir(parents=True, exist_ok=True)
    async with db.connect(url):
        return not await pending_migrations()


async def _is_whole() -> bool:
    """Whether what stands around the tables is all there. Says so where the audit trail is without a guard."""
    if missing := await guards.unguarded():
        log.warning("the record of changes was without %s: put back now", ", ".join(missing))
    names = {row["name"] for row in await db.rows("SELECT name FROM state")}
    return not missing and names.issuperset(SEEDED) and await guards.is_whole()


def _backup(path: Path) -> Path:
    """A copy of a live SQLite file beside it, named after the moment."""
    copy = path.with_name(f"{path.name}.before-migration-{datetime.now(UTC):%Y%m%d-%H%M%S}")
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    return copy


async def _check_sqlite(backup: Path | None) -> None:
    broken = await db.rows("PRAGMA foreign_key_check")
    verdict = await db.rows("PRAGMA integrity_check")
    if broken or verdict[0]["integrity_check"] != "ok":
        kept = f" The data from before are in {backup}." if backup else ""
        raise BrokenDatabase(f"After the migration {len(broken)} rows refer to rows that are gone.{kept}")
