"""Brings runs that died to an end: what was only being read is forgotten, what was being applied or taken back is gone on with."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from directory.services.runs import audited, lock_of, run_close, run_write
from directory.services.tasks import task_open
from directory.services.undo import undo_finish
from directory.settings import Settings
from directory.storage import db, imports, locks, sources

logger = logging.getLogger("footbridge")

OPERATOR = "recovery"
"""In whose name a run is brought to an end that nobody asked for by name."""


@dataclass(frozen=True, slots=True)
class Recovered:
    """A run that had died, and what has become of it: "forgotten", "finished", "undone" or, where it could not be finished, "rolled-back"."""

    run: int
    source: str
    outcome: str


async def run_recover(*, clock: Callable[[], datetime], settings: Settings, by: str = OPERATOR) -> list[Recovered]:
    """Looks for runs that died and brings each to its end. One whose source is locked is alive; it is left alone.

    Every command asks this first, and the server when it starts, so that nothing stays half done. It never stops them: what cannot
    be brought to an end is logged, without a word of what it holds, and tried again the next time.
    """
    try:
        dead = await imports.unfinished()
    except Exception as error:  # a server starts before its database is reachable, or brought up to date
        logger.error("import runs could not be looked up: %s", type(error).__qualname__)
        return []
    found = []
    for run in dead:
        try:
            async with locks.only_one(lock_of(run["source"])):
                now = await imports.find(run["id"])
                if now and now["status"] in imports.UNFINISHED:
                    found.append(await recover(now, clock=clock, settings=settings, by=by))
        except locks.Held:
            continue
        except Exception as error:
            logger.error("import run %s could not be brought to an end: %s", run["id"], type(error).__qualname__)
    return found


async def recover(run: dict[str, Any], *, clock: Callable[[], datetime], settings: Settings, by: str) -> Recovered:
    """Brings one run to its end. The caller holds its source's lock."""
    if run["status"] in (imports.READING, imports.RUNNING):
        await _given_up(run, by, clock())
        outcome = "forgotten"
    elif run["status"] == imports.APPLYING:
        outcome = await run_finish(run=run, clock=clock, settings=settings, by=by)
    else:
        await undo_finish(row=run, by=run["undone_by"] or by, clock=clock, settings=settings)
        outcome = "undone"
    # A command says so on standard error, the server in its log.
    logger.warning("import run %s of source %s had been cut short: it is now %s", run["id"], run["source"], outcome)
    return Recovered(run["id"], run["source"], outcome)


async def recover_source(source_id: int, *, clock: Callable[[], datetime], settings: Settings, by: str) -> None:
    """Brings all runs of a source to their end. The caller holds its lock, so nobody is at work on them."""
    for dead in await imports.unfinished(source_id):
        await recover(dead, clock=clock, settings=settings, by=by)


async def run_finish(*, run: dict[str, Any], clock: Callable[[], datetime], settings: Settings, by: str) -> str:
    """Writes what a run has staged; what cannot be written is taken back, since it must not stay half done. The caller holds the lock.

    The outcome is "finished", or "rolled-back", which becomes a task. All that is written is not taken back because the run cannot be
    closed, as where the key of the audit trail is missing: that error goes on to the caller, and the run is closed the next time.
    """
    try:
        row = await run_write(run=run["id"], clock=clock, settings=settings)
    except Exception as error:
        logger.error("import run %s could not be finished, it is taken back: %s", run["id"], type(error).__qualname__)
        report = run["report"] | {"error": type(error).__name__}
        async with db.staging():
            await imports.note(run["id"], status=imports.UNDOING, undone_by=by, report=report)
            words, address = {"source": run["source"]}, f"/runs/{run['id']}"
            await task_open(kind="import-error", key=f"run {run['id']}", words=words, address=address, now=clock())
        await undo_finish(row=run | {"report": report}, by=by, clock=clock, settings=settings)
        return "rolled-back"
    await run_close(row=row, now=clock())
    return "finished"


async def _given_up(run: dict[str, Any], by: str, now: datetime) -> None:
    async with db.staging():
        if run["status"] == imports.RUNNING:  # of a version that wrote its changes without a record of them
            await imports.note(run["id"], status=imports.STOPPED, finished_at=now)
            await imports.clear(run["id"])
        else:
            await _forget(run["id"], run["source_id"])
        await audited(run, "import-died", by=by, now=now, details={"run": run["id"]})


async def forget(run_id: int, source_id: int) -> None:
    """Leaves no trace of a trial, or of a file that could not be read."""
    async with db.staging():
        await _forget(run_id, source_id)


async def _forget(run_id: int, source_id: int) -> None:
    await imports.forget(run_id)
    await sources.forget_if_new(source_id)
