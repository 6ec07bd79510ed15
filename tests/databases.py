"""A fresh, migrated database for each test: a copy of one that is migrated once a run by the real migrations."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import uuid
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

from tests import guards, servers

Migrate = Callable[[str], Awaitable[None]]


@contextmanager
def fresh(engine: str, folder: Path, *, run: Path, migrate: Migrate) -> Iterator[str]:
    """The address, in Tortoise's form, of a database that is nobody's any more when the block ends. `run` is shared by all workers."""
    if engine == "sqlite":
        yield _fresh_sqlite(run, folder, migrate)
    else:
        with _fresh_postgres(run, migrate) as url:
            yield url


def _fresh_sqlite(run: Path, folder: Path, migrate: Migrate) -> str:
    template = run / "template.sqlite3"
    with servers.locked(run, "template.sqlite3"):
        if not template.exists():
            unfinished = run / "unfinished.sqlite3"
            unfinished.unlink(missing_ok=True)
            finish(migrate(f"sqlite://{unfinished}"))
            with closing(sqlite3.connect(unfinished)) as connection:  # all of it into the one file that is copied
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            unfinished.rename(template)
    copy = folder / "database.sqlite3"
    shutil.copyfile(template, copy)
    return f"sqlite://{copy}"


@contextmanager
def _fresh_postgres(run: Path, migrate: Migrate) -> Iterator[str]:
    server = servers.postgres_url(run)
    template, name = run.name, f"{run.name}-{uuid.uuid4().hex[:12]}"
    with servers.locked(run, "template.postgres"):
        if not (run / "template.postgres").exists():
            finish(_execute(server, f'DROP DATABASE IF EXISTS "{template}"', f'CREATE DATABASE "{template}"'))
            finish(migrate(_with_name(server, template)))
            (run / "template.postgres").touch()
    # What was left before goes now: a connection for that alone takes as long as a third of the copy.
    gone = [f'DROP DATABASE "{_left.pop()}" WITH (FORCE)' for _ in range(len(_left))]
    finish(_execute(server, *gone, f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY'))
    try:
        yield _with_name(server, name)
    finally:
        _left.append(name)


_left: list[str] = []
"""Databases of this process that nobody needs any more."""


def drop_template(run: Path) -> None:
    """Leaves nothing behind on a server that is not ours. To be called while it can still be reached."""
    if (run / "template.postgres").exists():
        finish(_drop_all(servers.postgres_url(run), run.name))


async def _drop_all(url: str, beginning: str) -> None:
    connection = await asyncpg.connect(_plain(url))
    try:
        for row in await connection.fetch("SELECT datname FROM pg_database WHERE starts_with(datname, $1)", beginning):
            await connection.execute(f'DROP DATABASE "{row["datname"]}" WITH (FORCE)')
    finally:
        await connection.close()


def _with_name(url: str, database: str) -> str:
    return urlsplit(url)._replace(path=f"/{database}").geturl()


def _plain(url: str) -> str:
    """The address as asyncpg itself wants it."""
    return urlsplit(url)._replace(scheme="postgresql").geturl()


async def _execute(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(_plain(url))
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


def finish(work: Awaitable[None]) -> None:
    """Runs it to its end in a loop of its own, in a thread, since a loop of the test or of its browser may be running in this one."""

    async def run() -> None:
        await work

    with guards.loop_may_block(), ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, run()).result()
