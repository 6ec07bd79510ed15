"""Brings runs that died to an end: what was only being read is forgotten, what was being applied or taken back is gone on with."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from directory.services.runs import audited, lock_of, run_close, run_write
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
        outcome = await _applied(run, clock, settings, by)
    else:
        await undo_finish(row=run, by=run["undone_by"] or by, clock=clock, settings=settings)
        outcome = "undone"
    # A command says so on standard error, the server in its log.
    logger.warning("import run %s of source %s had been cut short: it is now %s", run["id"], run["source"], outcome)
    return Recovered(run["id"], run["source"], outcome)


async def _applied(run: dict[str, Any], clock: Callable[[], datetime], settings: Settings, by: str) -> str:
    """Finishes it; what cannot be written is taken back, since it must not stay half done.

    All that is written is not taken back because the run cannot be closed, as where the key of the audit trail is missing: that error
    goes on to the caller, and the run is closed the next time.
    """
    try:
        row = await run_write(run=run["id"], clock=clock, settings=settings)
    except Exception as error:
        logger.error("import run %s could not be finished, it is taken back: %s", run["id"], type(error).__qualname__)
        async with db.staging():
            await imports.note(run["id"], status=imports.UNDOING, undone_by=by)
        await undo_finish(row=run, by=by, clock=clock, settings=settings)
        return "rolled-back"
    await run_close(row=row, now=clock())
    return "finished"


async def _given_up(run: dict[str, Any], by: str, now: datetime) -> None:
    async with db.staging():
        await audited(run, "import-died", by=by, now=now, details={"run": run["id"]})
        if run["status"] == imports.RUNNING:  # of a version that wrote its changes without a record of them
            await imports.note(run["id"], status=imports.STOPPED, finished_at=now)
            return await imports.clear(run["id"])
        await _forget(run["id"], run["source_id"])


async def forget(run_id: int, source_id: int) -> None:
    """Leaves no trace of a trial, or of a file that could not be read."""
    async with db.staging():
        await _forget(run_id, source_id)


async def _forget(run_id: int, source_id: int) -> None:
    await imports.forget(run_id)
    await sources.forget_if_new(source_id)
