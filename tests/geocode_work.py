"""The queue of addresses worked off in a process of its own, which can be killed on the way."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from multiprocessing.process import BaseProcess

from directory.services.geocode_queue import geocode_run
from directory.settings import Settings
from directory.storage import db

_SPAWN = multiprocessing.get_context("forkserver")
_SPAWN.set_forkserver_preload(["tests.geocode_work"])  # so that a process starts in a hundredth of a second


@contextmanager
def working(settings: Settings, now: datetime) -> Iterator[BaseProcess]:
    """A process that works off what is due at this time; killed at the end of the block, if it still lives."""
    process = _SPAWN.Process(target=_work, args=(settings, now))
    process.start()
    try:
        yield process
    finally:
        process.kill()
        process.join()


def _work(settings: Settings, now: datetime) -> None:
    async def run() -> None:
        async with db.connect(settings.database_url):
            await geocode_run(by="killed", clock=lambda: now, settings=settings)

    asyncio.run(run())
