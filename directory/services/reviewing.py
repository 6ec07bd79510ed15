"""Previews of files beyond the looking: compared once more where listings have changed, put away, and the large ones carried out."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from directory.domain.errors import RunRefused
from directory.formats.rows import Row
from directory.services.comparing import ANOTHERS, Comparison
from directory.services.recovery import forget, recover_source, run_finish
from directory.services.report import Report
from directory.services.runs import audited, lock_of
from directory.services.tasks import task_clear, task_open
from directory.services.undo import run_undo
from directory.settings import Settings
from directory.storage import db, imports, locks, sources, uploads
from directory.storage.encoding import draft_from_json
from directory.storage.imports import Staged


async def discarded(row: dict[str, Any], *, by: str, now: datetime, instead: int | None = None) -> None:
    """Puts a preview away, for another run `instead` of it where there is one. Needs a transaction."""
    options = row["options"] | ({"instead": instead} if instead else {})
    await imports.note(row["id"], status=imports.DISCARDED, finished_at=now, undone_by=by, options=options)
    await imports.clear(row["id"])
    await look_over(row["id"], now, by)


async def look_asked(row: dict[str, Any], now: datetime) -> None:
    """Asks coordinators to look at a preview, since nobody has sent it whose files are put in at once. Needs a transaction."""
    await imports.note(row["id"], options=row["options"] | {"asked": True})
    words, address = {"source": row["source_title"] or row["source"]}, f"/runs/{row['id']}"
    await task_open(kind="import-look", key=_look(row["id"]), words=words, address=address, now=now)


async def look_over(run: int, now: datetime, by: str) -> None:
    """Closes that question where it is open. Needs a transaction."""
    await task_clear(key=_look(run), now=now, by=by)


def _look(run: int) -> str:
    return f"look at run {run}"


async def compared_anew(row: dict[str, Any], *, by: str, clock: Callable[[], datetime], settings: Settings) -> int:
    """The number of a new preview of the same file, with the listings as they are now; the old one is put away.

    The caller holds the source's lock. The file is gone by now: its rows are read from the stage.
    """
    known = await sources.find(row["source"])
    rows = [_row(staged) for staged in await uploads.staged_rows(row["id"])]
    mark = await uploads.mark(row["source_id"])
    async with db.staging():
        about = {"format": row["format"], "origin": row["origin"], "file_hash": row["file_hash"]}
        run = await imports.begin(row["source_id"], **about, by=row["by"], now=clock())
    match_by = known["match_by"] if known else "key"
    comparison = Comparison(run, row["source_id"], match_by, _report(row), lambda _: None, is_preview=True)

    async def then(new: dict[str, Any]) -> None:
        now = await imports.find(row["id"])
        if now is None or now["status"] not in imports.WAITING:  # somebody has put it away meanwhile
            raise RunRefused(run=row["id"], status=now["status"] if now else "gone")
        await discarded(row, by=by, now=clock(), instead=run)
        if row["options"].get("asked"):
            await look_asked(new, clock())
        await audited(new, "upload-again", by=by, now=clock(), details={"run": run, "before": row["id"]})

    kept = {name: row["options"][name] for name in ("partial", "facts")}
    options = kept | {"mark": mark, "is_again": True}
    try:
        await comparison.read(iter(rows))
        await comparison.conclude(partial=kept["partial"], allow_removals=True, options=options, then=then)
    except BaseException:
        await forget(run, row["source_id"])
        raise
    return run


def _row(staged: Staged) -> Row:
    return Row(staged.line, draft_from_json(json.loads(staged.draft)), json.loads(staged.record or "{}"))


def _report(row: dict[str, Any]) -> Report:
    """What the first reading told of the file alone: the rows that it turned away, and its warnings."""
    report = Report(None, row["source"], row["format"], False, rejected=list(row["report"]["rejected"]))
    told = [text for text in row["report"]["warnings"] if text.startswith("line ")]
    # What belongs to another agency is told anew, where it is still so.
    report.warnings = [text for text in told if not text.endswith(ANOTHERS)]
    counted = row["options"]["told"]
    report.turned_away, report.slips, report.untold = (counted[name] for name in ("turned_away", "slips", "untold"))
    return report


# --- by the worker ---------------------------------------------------------------------------------------------------


async def runs_carry_out(*, clock: Callable[[], datetime], settings: Settings) -> int:
    """Does what has been confirmed, or is to be taken back, and was too large to wait for; how many runs that were."""
    number = 0
    for row in await imports.latest(None, 100, statuses=(imports.CONFIRMED, imports.UNDO_ASKED)):
        try:
            if row["status"] == imports.UNDO_ASKED:
                await run_undo(run=row["id"], by=row["undone_by"], clock=clock, settings=settings)
            else:
                await _carry_out(row["id"], row["source"], clock, settings)
        except (locks.Held, RunRefused):  # somebody else is at work on the source: next time
            continue
        number += 1
    return number


async def _carry_out(run: int, source: str, clock: Callable[[], datetime], settings: Settings) -> None:
    async with locks.only_one(lock_of(source)):
        row = await imports.find(run)
        if row is None or row["status"] != imports.CONFIRMED:
            return
        by = row["options"]["confirmed_by"]
        await recover_source(row["source_id"], clock=clock, settings=settings, by=by)
        if await uploads.mark(row["source_id"]) != row["options"]["mark"]:
            await compared_anew(row, by=by, clock=clock, settings=settings)
            return
        async with db.staging():
            now = await imports.find(run)
            if now is None or now["status"] != imports.CONFIRMED:
                return
            await imports.note(run, status=imports.APPLYING)
        await run_finish(run=row, clock=clock, settings=settings, by=by)
