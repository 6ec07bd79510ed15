"""Named locks, on both engines: one holder at a time, and never so many that nobody can work."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest

from directory.storage import db, locks


async def test_a_lock_has_one_holder_and_is_free_after_that(database: str) -> None:
    async with locks.only_one("import world"):
        with pytest.raises(locks.Held):
            async with locks.only_one("import world"):
                pytest.fail("two hold it")
    async with locks.only_one("import world"):
        pass


@pytest.mark.parametrize("engine", ["postgres"])
async def test_however_many_locks_are_held_there_is_a_connection_left_to_work_with(database: str) -> None:
    held = 0
    async with AsyncExitStack() as stack:
        for number in range(10):
            try:
                await stack.enter_async_context(locks.only_one(f"import {number}"))
                held += 1
            except locks.Held:
                continue
        assert held == 4
        async with asyncio.timeout(5), db.staging():
            assert await db.rows("SELECT 1 AS one") == [{"one": 1}]
    async with locks.only_one("import 9"):
        pass
