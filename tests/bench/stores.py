"""The databases of a run: migrated, seeded, and filled through the product's own code, on both engines."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from directory.domain.listings import PlacedListing
from directory.services import seeding
from directory.settings import Settings
from directory.storage import db, sources
from directory.storage.codes import code_table
from directory.storage.listings import add, settle
from directory.storage.schema import migrate
from tests import databases, servers
from tests.bench.listings import NOW, Map, listings

ENGINES = ("sqlite", "postgres")
SOURCE = "bench"
BATCH = 1000


@contextmanager
def open_run() -> Iterator[Path]:
    """A folder for all that a run writes. A PostgreSQL that is started for it ends with it."""
    folder = servers.open_run()
    try:
        yield folder
    finally:
        if os.environ.get("TEST_POSTGRES_URL"):
            databases.drop_template(folder)
        servers.close_run(folder)


@contextmanager
def fresh(engine: str, run: Path) -> Iterator[str]:
    """The address of a migrated database with the codes and the gazetteer, that is gone after the block."""
    folder = Path(tempfile.mkdtemp(dir=run))
    with databases.fresh(engine, folder, run=run, migrate=_migrate) as url:
        asyncio.run(seed(url))
        yield url


@contextmanager
def empty(engine: str, run: Path) -> Iterator[str]:
    """The address of a migrated database with nothing in it, that is gone after the block."""
    with databases.fresh(engine, Path(tempfile.mkdtemp(dir=run)), run=run, migrate=_migrate) as url:
        yield url


@contextmanager
def filled(engine: str, run: Path, map: Map, size: int) -> Iterator[str]:
    """The same with so many generated listings."""
    with fresh(engine, run) as url:
        asyncio.run(fill(url, map, size))
        yield url


async def _migrate(url: str) -> None:
    await migrate(url)


async def seed(url: str) -> None:
    """Adds the codes, the gazetteer and the national numbers."""
    async with db.connect(url):
        await seeding.seeds_load(clock=lambda: NOW, settings=Settings(env="test", database_url=url))


async def fill(url: str, map: Map, size: int) -> None:
    """Adds generated listings as an import does, but for the file."""
    async with db.connect(url):
        codes = await code_table()
        types = sorted(code for code in codes if code.system == "aa")
        async with db.transaction():
            source_id = await sources.ensure(SOURCE, format="bench", now=NOW)
        for batch in _batches(listings(map, size, types)):
            async with db.transaction():
                await add(source_id, SOURCE, batch, codes, NOW)
        await settle()


def _batches(items: Iterable[PlacedListing]) -> Iterator[list[PlacedListing]]:
    waiting = iter(items)
    while batch := list(islice(waiting, BATCH)):
        yield batch
