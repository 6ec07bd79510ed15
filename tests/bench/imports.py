"""How fast a file is taken in, against the least that any import of these rows would have to do."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

import asyncpg

from directory.services.exchange import Report, import_run
from directory.services.readers import reader_of
from directory.settings import Settings
from directory.storage import db
from tests.bench.listings import NOW
from tests.bench.stores import SOURCE


@dataclass(frozen=True, slots=True)
class Rates:
    """Rows a second: of the import, and of bare `executemany` of the same rows of `listing` into a table without an index."""

    imported: float
    bare: float

    @property
    def share(self) -> float:
        """The import's part of the bare rate."""
        return self.imported / self.bare


def rates(url: str, file: Path) -> Rates:
    """Both rates on one engine, one right after the other. The database is migrated and seeded and has no listings of ours."""
    before = perf_counter()
    report = asyncio.run(take_in(url, file))
    seconds = perf_counter() - before
    assert report.added == report.read, report.rejected[:3]
    return Rates(report.added / seconds, max(_bare(url, file.parent) for _ in range(BARE)))


BARE = 3
"""How often the bare table is written, of which the best counts: it takes under a second, and anything else holds it up."""


def _bare(url: str, folder: Path) -> float:
    return asyncio.run(_bare_postgres(url)) if db.sqlite_path(url) is None else _bare_sqlite(url, folder)


async def take_in(url: str, file: Path) -> Report:
    """One import of a file, as the command does it."""
    settings = Settings(env="test", database_url=url)
    async with db.connect(url):
        with file.open("rb") as stream:
            return await import_run(
                stream=stream,
                reader=reader_of("samhsa"),
                format="samhsa",
                source=SOURCE,
                by="bench",
                clock=lambda: NOW,
                settings=settings,
            )


def _bare_sqlite(url: str, folder: Path) -> float:
    path = db.sqlite_path(url)
    with closing(sqlite3.connect(folder / "bare.sqlite3", isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("ATTACH ? AS full", [str(path)])
        connection.execute("DROP TABLE IF EXISTS bare")
        connection.execute("CREATE TABLE bare AS SELECT * FROM full.listing WHERE 0")
        rows = connection.execute("SELECT * FROM full.listing").fetchall()
        before = perf_counter()
        connection.execute("BEGIN")
        connection.executemany(f"INSERT INTO bare VALUES ({','.join('?' * len(rows[0]))})", rows)
        connection.execute("COMMIT")
        return len(rows) / (perf_counter() - before)


async def _bare_postgres(url: str) -> float:
    connection = await asyncpg.connect(urlsplit(url)._replace(scheme="postgresql").geturl())
    try:
        await connection.execute("DROP TABLE IF EXISTS bare; CREATE TABLE bare (LIKE listing)")
        rows: Sequence[Any] = await connection.fetch("SELECT * FROM listing")
        values = [tuple(row) for row in rows]
        marks = ",".join(f"${number}" for number in range(1, len(values[0]) + 1))
        before = perf_counter()
        await connection.executemany(f"INSERT INTO bare VALUES ({marks})", values)
        return len(values) / (perf_counter() - before)
    finally:
        await connection.close()
