"""The whole demonstration in a database file, made once a run: to load it takes a second, which no test has to spare."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path
from shutil import copyfile

from directory.services import seeding
from directory.storage import db
from tests import databases, servers
from tests.conftest import RUN
from tests.factories import NOW, seeded_template, settings_for

_FILE = "county.sqlite3"


def county(folder: Path) -> str:
    """The address of a copy of one's own in this folder. All of it was loaded at NOW."""
    run = Path(os.environ[RUN])
    seeded = seeded_template(run)
    with servers.locked(run, _FILE):
        if not (run / _FILE).exists():
            unfinished = run / "county-unfinished.sqlite3"
            copyfile(seeded, unfinished)
            databases.finish(_load(f"sqlite://{unfinished}"))
            with closing(sqlite3.connect(unfinished)) as connection:  # all of it into the one file that is copied
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            unfinished.rename(run / _FILE)
    copyfile(run / _FILE, folder / _FILE)
    return f"sqlite://{folder / _FILE}"


def clock() -> datetime:
    """The moment at which it was loaded."""
    return NOW


async def _load(url: str) -> None:
    async with db.connect(url):
        await seeding.demo_load(clock=clock, settings=settings_for(url))
