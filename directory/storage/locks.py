"""One at a time: a named lock that ends with the process that holds it, however that ends."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tortoise import Tortoise

from directory.storage import db

_POOL = 5
"""Connections of a process, where its driver does not say: Tortoise's own default."""


class Held(Exception):
    """Somebody else holds the lock."""


@asynccontextmanager
async def only_one(name: str) -> AsyncIterator[None]:
    """Holds the lock of this name for the block. Raises Held at once where another process or task has it.

    PostgreSQL keeps such locks for a session, so one connection is set aside. Of those that a process has one is always left for
    the work itself, or all who hold a lock would wait for each other: whoever comes after that many finds it held. For SQLite the lock
    is on a file beside the database, which the system lets go when its holder dies.
    """
    holding = _in_file(name) if db.is_sqlite() else _in_session(name)
    async with holding:
        yield


_sessions = 0
"""How many connections of this process are set aside for locks."""


@asynccontextmanager
async def _in_session(name: str) -> AsyncIterator[None]:
    global _sessions
    if _sessions >= max(1, getattr(db.connection(), "pool_maxsize", _POOL) - 1):
        raise Held(name)
    _sessions += 1
    try:
        async with _locked(name):
            yield
    finally:
        _sessions -= 1


@asynccontextmanager
async def _locked(name: str) -> AsyncIterator[None]:
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
    async with Tortoise.get_connection("default").acquire_connection() as session:
        if not await session.fetchval("SELECT pg_try_advisory_lock($1)", number):
            raise Held(name)
        try:
            yield
        finally:
            await session.execute("SELECT pg_advisory_unlock($1)", number)


@asynccontextmanager
async def _in_file(name: str) -> AsyncIterator[None]:
    found = await db.rows("PRAGMA database_list")
    path = f"{found[0]['file']}.{hashlib.sha256(name.encode()).hexdigest()[:12]}.lock"
    # Opening and locking without waiting is quick, and the loop has nothing to gain from a thread here.
    handle = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Held(name) from None
        yield
    finally:
        os.close(handle)
