"""The connection, transactions, and raw SQL for both engines."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from starlette.applications import Starlette
from tortoise import Tortoise
from tortoise.backends.base.client import BaseDBAsyncClient, TransactionalDBClient
from tortoise.backends.base.config_generator import expand_db_url
from tortoise.context import get_current_context
from tortoise.contrib.starlette import RegisterTortoise
from tortoise.transactions import in_transaction

from directory.settings import Settings

# At DEBUG they write every statement with its values, names and telephone numbers included, into the log.
for _name in ("tortoise", "tortoise.db_client", "aiosqlite", "asyncpg"):
    logging.getLogger(_name).setLevel(logging.WARNING)

SQLITE_OPTIONS = "busy_timeout=20000&synchronous=NORMAL&cache_size=-8000&secure_delete=ON"
"""The last: what is cleared of a person leaves the file too, whatever SQLite was built with (WAITLIST 4.4)."""


def _postgres(url: str) -> dict[str, Any]:
    found = expand_db_url(url)
    found["credentials"]["reset"] = _as_it_is
    return found


async def _as_it_is(connection: object) -> None:
    """How a connection goes back to the pool. asyncpg would reset its session, which costs as much as a short statement.

    Nothing here changes a session beyond a transaction, which asyncpg ends by itself, but for the locks, which are given back
    where they are taken (storage/locks.py).
    """


def config(url: str) -> dict[str, Any]:
    """Tortoise's configuration for a database address."""
    return {
        "connections": {"default": url if url.startswith("sqlite://") else _postgres(url)},
        "apps": {
            "directory": {
                "models": ["directory.storage.models"],
                "default_connection": "default",
                "migrations": "directory.storage.migrations",
            }
        },
        "use_tz": True,
        "timezone": "UTC",
    }


TORTOISE = config("sqlite://:memory:")
"""For Tortoise's own command line, which only compares models with migrations here."""


def sqlite_path(url: str) -> Path | None:
    """The file of an SQLite address; None for PostgreSQL and for a database in memory."""
    if not url.startswith("sqlite://"):
        return None
    name = url.removeprefix("sqlite://").partition("?")[0]
    return None if name in ("", ":memory:") else Path(name)


def with_options(url: str, options: str) -> str:
    """The address with more engine options."""
    return f"{url}{'&' if '?' in url else '?'}{options}"


def opened(url: str) -> str:
    """The address as it is opened: with our options for SQLite, and Tortoise's name for PostgreSQL."""
    if url.startswith("sqlite://"):
        return with_options(url, SQLITE_OPTIONS)
    parts = urlsplit(url)
    return url if parts.scheme == "asyncpg" else url.replace(f"{parts.scheme}://", "asyncpg://", 1)


@asynccontextmanager
async def connect(url: str) -> AsyncIterator[None]:
    """Opens the database for a block, and always closes it: an open connection would keep the process alive."""
    try:
        await Tortoise.init(config=config(opened(url)), _enable_global_fallback=True)
        yield
    finally:
        _ENGINES.clear()  # the next database may be of the other engine
        await Tortoise.close_connections()


@asynccontextmanager
async def lifespan(app: Starlette, settings: Settings) -> AsyncIterator[None]:
    """Opens the database for the life of the application."""
    register = RegisterTortoise(app, config=config(opened(settings.database_url)))
    try:
        async with register:
            yield
    finally:
        _ENGINES.clear()  # the next database may be of the other engine
        await Tortoise.close_connections()


# --- raw SQL ---------------------------------------------------------------------------------------------------------


def connection() -> BaseDBAsyncClient:
    """The connection of the running task: inside a transaction, that one's."""
    return Tortoise.get_connection("default")


def is_in_transaction() -> bool:
    """Whether the running task is inside one."""
    return isinstance(connection(), TransactionalDBClient)


_ENGINES: WeakKeyDictionary[object, str] = WeakKeyDictionary()


def is_sqlite() -> bool:
    """Which of the two engines is in use: noted once for each open database, since a search asks it a dozen times."""
    context = get_current_context()
    if context not in _ENGINES:
        _ENGINES[context] = connection().capabilities.dialect
    return _ENGINES[context] == "sqlite"


class Sql:
    """Collects the values of one statement and gives each its marker: `?1` on SQLite, `$1` on PostgreSQL.

    Markers carry numbers on both engines, so pieces of a statement may be made in any order and used twice.
    """

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._sign = marker(1)[0]

    def __call__(self, value: object) -> str:
        """The marker for this value."""
        self.values.append(value)
        return f"{self._sign}{len(self.values)}"

    def list(self, values: Iterable[object]) -> str:
        """The markers for these values, with commas between."""
        return ",".join(self(value) for value in values)

    def ids(self, ids: Iterable[int]) -> str:
        """The markers of ids for IN, NULL where there are none. The last is repeated until their number is a power of two: so few texts
        differ, each of which an engine has to read and plan anew."""
        known = [*ids]
        known += known[-1:] * ((1 << (len(known) - 1).bit_length()) - len(known)) if known else []
        return self.list(known) or "NULL"


async def rows(text: str, values: Sequence[object] = ()) -> list[dict[str, Any]]:
    """The rows of a SELECT as dictionaries."""
    found = await connection().execute_query_dict(text, list(values))
    return found


async def tuples(text: str, values: Sequence[object] = ()) -> Sequence[Iterable[Any]]:
    """The rows of a SELECT as plain sequences of their columns: what many rows are read as, since dictionaries take twice as long."""
    _, found = await connection().execute_query(text, list(values))
    return found


async def execute(text: str, values: Sequence[object] = ()) -> None:
    """Runs one statement."""
    await connection().execute_query(text, list(values))


def marker(number: int) -> str:
    """The marker of one value, counted from 1: `?1` on SQLite, `$1` on PostgreSQL."""
    return f"{'?' if is_sqlite() else '$'}{number}"


def markers(count: int) -> str:
    """The markers of so many values, with commas between."""
    return ",".join(marker(number) for number in range(1, count + 1))


async def insert_many(table: str, columns: Sequence[str], values: Sequence[Sequence[object]]) -> None:
    """Adds rows in one go. Column and table names come from code, never from outside."""
    if values:
        text = f"INSERT INTO {table} ({','.join(columns)}) VALUES ({markers(len(columns))})"
        await connection().execute_many(text, [list(row) for row in values])


def from_json(value: Any) -> Any:
    """A JSON column as Python values, whichever engine gave it."""
    return json.loads(value) if isinstance(value, str) else value


def as_moment(value: Any) -> datetime:
    """A timestamp column as an aware datetime, whichever engine gave it."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value


# --- transactions ----------------------------------------------------------------------------------------------------


@asynccontextmanager
async def transaction() -> AsyncIterator[None]:
    """One transaction that begins with a write.

    On SQLite a transaction that reads first and writes later fails at once when another process has written in between;
    touching a row first makes it wait its turn instead. The same row numbers the versions of the data.
    """
    global _writes
    try:
        async with in_transaction("default"):
            await execute("UPDATE state SET number = number + 1 WHERE name = 'data-version'")
            yield
    finally:
        _writes += 1


_writes = 0


def writes() -> int:
    """How many transactions this process has ended: what it remembers from before may no longer be so."""
    return _writes


@asynccontextmanager
async def snapshot() -> AsyncIterator[None]:
    """Reads that all see the data as they are at one moment, whoever writes beside them."""
    async with in_transaction("default"):
        if not is_sqlite():  # where a transaction that reads sees one moment anyway
            await execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


@asynccontextmanager
async def staging() -> AsyncIterator[None]:
    """A transaction for rows that no visitor sees, which therefore leaves the version of the data alone."""
    async with in_transaction("default"):
        await execute("UPDATE state SET number = number + 1 WHERE name = 'staging'")
        yield
