"""Import runs as people see them on pages: those of the sources within their reach, what one would do or did, and taking it back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from directory.domain.access import Action, Actor, demand, reach_of
from directory.domain.errors import RunRefused
from directory.domain.proposals import publishes
from directory.services.confirming import AT_ONCE, run_decidable, upload_seen
from directory.services.history import LATEST, RunRecord, record_of
from directory.services.runs import audited
from directory.services.undo import run_undo
from directory.settings import Settings
from directory.storage import db, imports, uploads
from directory.storage.uploads import Shown

__all__ = ["PAGE", "PARTS", "RunPage", "Shown", "run_page", "run_take_back", "runs_seen"]

PAGE = 50
"""Rows of one page."""
ADDED, CHANGED, GONE, REJECTED, WARNINGS = "added", "changed", "gone", "rejected", "warnings"
PARTS = (CHANGED, ADDED, GONE, REJECTED, WARNINGS)
_ACTIONS = {ADDED: (imports.ADD, imports.RETURN), CHANGED: (imports.CHANGE,), GONE: (imports.REMOVE,)}


@dataclass(frozen=True, slots=True)
class RunPage:
    """A run with one page of one part of it. `part` is one of PARTS, "" where there is nothing; `sizes` are of all of them.

    `rows` are listings, `lines` pairs of a line of the file (0 where it is in the words) and a reason or warning; `is_decidable`, whether
    whoever looks may put it in and take it back.
    """

    run: RunRecord
    part: str
    sizes: dict[str, int]
    page: int
    pages: int
    rows: list[Shown]
    lines: list[tuple[int, str]]
    left: int
    is_decidable: bool


async def runs_seen(*, by: Actor, source: str | None, now: datetime) -> list[RunRecord]:
    """The latest runs of the sources within reach, the newest first; of one of them where it is named. Raises Denied."""
    demand(by, Action.UPLOAD, now=now)
    reach = reach_of(by, Action.UPLOAD)
    return [record_of(row) for row in await imports.latest(source, LATEST, agencies=reach)]


async def run_page(*, by: Actor, run: int, part: str, page: int, now: datetime) -> RunPage:
    """A run as somebody looks at it: what it would do while it waits, else what it did. Raises Denied and NotFound."""
    row = await upload_seen(by=by, run=run, now=now)
    record = record_of(row)
    sizes = {ADDED: row["added"], CHANGED: row["changed"], GONE: row["removed"]}
    sizes |= {REJECTED: len(record.rejected), WARNINGS: len(record.warnings)}
    part = part if part in PARTS and sizes[part] else next((each for each in PARTS if sizes[each]), "")
    size = sizes.get(part, 0)
    pages = max(1, -(-size // PAGE))
    page = min(max(page, 1), pages)
    rows = await _rows(row["id"], row["source_id"], row["status"], part, (page - 1) * PAGE) if part else []
    lines = _lines(record, part)[(page - 1) * PAGE : page * PAGE]
    left, is_decidable = row["rejected"] - len(record.rejected), publishes(by, row["agency_id"])
    return RunPage(record, part, sizes, page, pages, rows, lines, left, is_decidable)


async def _rows(run: int, source: int, status: str, part: str, offset: int) -> list[Shown]:
    actions = _ACTIONS.get(part, ())
    if not actions:
        return []
    if status in imports.WAITING:
        return await uploads.staged_page(run, source, actions, offset, PAGE)
    return await uploads.run_changes(run, actions, offset, PAGE)


def _lines(record: RunRecord, part: str) -> list[tuple[int, str]]:
    if part == REJECTED:
        return [(each["line"], each["reason"]) for each in record.rejected]
    return [(0, text) for text in record.warnings] if part == WARNINGS else []


async def run_take_back(*, by: Actor, run: int, clock: Callable[[], datetime], settings: Settings) -> None:
    """Takes a finished run back, a large one by the worker. Once more does no harm. Raises Denied, NotFound and RunRefused."""
    row = await run_decidable(by=by, run=run, now=clock())
    if row["status"] in (imports.UNDONE, imports.UNDO_ASKED, imports.UNDOING):
        return
    if row["added"] + row["changed"] + row["removed"] <= AT_ONCE:
        await run_undo(run=run, by=by.label, clock=clock, settings=settings)
        return
    async with db.staging():
        current = await imports.find(run)
        if current is None or current["status"] != imports.DONE:
            raise RunRefused(run=run, status=current["status"] if current else "gone")
        await imports.note(run, status=imports.UNDO_ASKED, undone_by=by.label)
        await audited(current, "import-undo-asked", by=by.label, now=clock(), details={"run": run})
