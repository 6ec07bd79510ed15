"""Imports and undos in processes of their own, which can be killed on the way, over editions of one source that tell every half-done row.

An edition adds a sixth of its listings, changes a third, and takes a sixth out. Name, time and description of a listing all say
which edition wrote it, so that one that is not whole shows.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from directory.domain.listings import ListingDraft
from directory.services.recovery import Recovered, run_recover
from directory.services.undo import run_undo
from directory.storage import db, imports
from tests.factories import HELD, NOW, draft, import_drafts, meeting, settings_for

PATIENCE = 30.0
_SPAWN = multiprocessing.get_context("forkserver")
_SPAWN.set_forkserver_preload(["tests.kills"])  # so that a process starts in a hundredth of a second


def edition(number: int, size: int) -> list[ListingDraft]:
    """The listings of one edition."""
    assert HELD
    step = size // 6
    return [_listing(key, number if key % 3 == number % 3 else 0) for key in range(number * step, number * step + size)]


def _listing(key: int, written: int) -> ListingDraft:
    day, hour = written % 7, written // 7 % 24
    return draft(
        f"k{key}",
        name=f"Group {key} of {written}",
        description=f"edition{written}",
        windows=(meeting(day, f"{hour}:00"),),
    )


@contextmanager
def importing(url: str, number: int, size: int) -> Iterator[tuple[BaseProcess, Connection]]:
    """A process that imports an edition, and what it tells: a number for each batch that it has read or written, then the report."""
    with _process(_import, url, number, size) as started:
        yield started


@contextmanager
def undoing(url: str, run: int) -> Iterator[tuple[BaseProcess, Connection]]:
    """A process that takes a run back, and what it tells."""
    with _process(_undo, url, run) as started:
        yield started


@contextmanager
def _process(work: Any, *arguments: Any) -> Iterator[tuple[BaseProcess, Connection]]:
    ours, theirs = _SPAWN.Pipe(duplex=False)
    process = _SPAWN.Process(target=work, args=(*arguments, theirs))
    process.start()
    theirs.close()
    try:
        yield process, ours
    finally:
        process.kill()
        process.join()
        process.close()
        ours.close()


def _import(url: str, number: int, size: int, told: Connection) -> None:
    async def run() -> None:
        async with db.connect(url):
            report = await import_drafts(url, edition(number, size), progress=told.send)
            told.send(report.as_json())

    asyncio.run(run())


def _undo(url: str, run: int, told: Connection) -> None:
    async def work() -> None:
        async with db.connect(url):
            await run_undo(run=run, by="tester", clock=lambda: NOW, settings=settings_for(url), progress=told.send)
            told.send("done")

    asyncio.run(work())


def killed(process: BaseProcess, told: Connection, after: int, seconds: float) -> bool:
    """Kills it so long after it has told so much. False where it had come to its end by itself."""
    for _ in range(after):
        if not told.poll(PATIENCE):
            raise TimeoutError("nothing is told")
        try:
            told.recv()
        except EOFError:
            break
    time.sleep(seconds)
    alive = process.is_alive()
    process.kill()
    process.join()
    return alive


async def recovered(url: str) -> list[Recovered]:
    """What the next command does. An engine may need a moment to notice that a process is dead and to let its lock go."""
    found: list[Recovered] = []
    deadline = time.monotonic() + PATIENCE
    while await imports.unfinished() and time.monotonic() < deadline:
        found += await run_recover(clock=lambda: NOW, settings=settings_for(url))
    return found


async def shown() -> dict[str, str]:
    """The names of the listings on show by their keys. Fails where one of them is not whole."""
    async with db.snapshot():
        rows = await db.rows(
            "SELECT l.id, l.source_key, l.name, l.description, s.starts, r.name_key, w.words FROM listing l "
            "LEFT JOIN schedule s ON s.listing_id = l.id LEFT JOIN search_row r ON r.id = l.id "
            "LEFT JOIN listing_words w ON w.id = l.id WHERE l.status = 'active' "
            "AND l.source_id IN (SELECT id FROM source WHERE name = 'world')"
        )
        (odd,) = await db.rows(
            "SELECT COUNT(*) AS n FROM search_row r JOIN listing l ON l.id = r.id WHERE l.status <> 'active'"
        )
    assert odd["n"] == 0
    assert len({row["id"] for row in rows}) == len(rows)
    for row in rows:
        written = int(row["name"].rsplit(" ", 1)[1])
        assert row["description"] == f"edition{written}", row
        assert row["starts"] == written % 7 * 1440 + written // 7 % 24 * 60, row
        assert row["name_key"].startswith(row["name"].lower() + "\x1f"), row
        assert f"edition{written}" in row["words"], row
    return {row["source_key"]: row["name"] for row in rows}


def named(number: int, size: int) -> dict[str, str]:
    """What `shown` gives when an edition is whole."""
    return {each.key: each.name for each in edition(number, size)}
