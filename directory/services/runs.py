"""Applies a run that is compared, in short transactions. All that it needs stands in the database, so that another process can go on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from directory.domain.differences import PLACE, Differences
from directory.services.comparing import BATCH
from directory.services.geocoding import Placer
from directory.services.writing import Writer
from directory.settings import Settings
from directory.storage import changes, db, drafts, geocode_review, imports, listings, locations, records, sources
from directory.storage.codes import code_table
from directory.storage.drafts import Said
from directory.storage.imports import Staged

MUCH = 1000
"""After so many changes the database looks at its tables again."""

_IN_ORDER = (imports.NOTE, imports.ADD, imports.CHANGE, imports.RETURN, imports.REMOVE)


def lock_of(source: str) -> str:
    """The name of the lock that whoever changes the listings of a source holds, for as long as the run lasts."""
    return f"import {source}"


async def run_apply(
    *, run: int, clock: Callable[[], datetime], settings: Settings, progress: Callable[[int], None] = lambda _: None
) -> None:
    """Writes what a run has staged, and closes it. The caller holds the source's lock. Once more does no harm."""
    await run_close(row=await run_write(run=run, clock=clock, settings=settings, progress=progress), now=clock())


async def run_write(
    *, run: int, clock: Callable[[], datetime], settings: Settings, progress: Callable[[int], None] = lambda _: None
) -> dict[str, Any]:
    """Writes what a run has staged, and returns the run's record. What is left of it is `run_close`."""
    row = await imports.find(run)
    assert row is not None
    writer: Writer | None = None
    done = 0
    for action in _IN_ORDER:
        after = 0
        while batch := await imports.next_staged(run, action, after, BATCH):
            after = batch[-1][0]
            writer = writer or await writer_of(row, clock, settings)
            # Rows leave the stage together with what they do, so that nothing is done twice.
            async with db.staging() if action == imports.NOTE else db.transaction():
                await _write(row, action, [staged for _, staged in batch], writer)
                await imports.unstage([id for id, _ in batch])
            done += len(batch)
            progress(done)
    return row


async def writer_of(run: dict[str, Any], clock: Callable[[], datetime], settings: Settings) -> Writer:
    """What writes the listings of a run's source."""
    return Writer(run["source_id"], run["source"], await code_table(), Placer(settings), clock)


async def _write(run: dict[str, Any], action: str, rows: list[Staged], writer: Writer) -> None:
    known = await imports.known(run["source_id"], [row.key for row in rows])
    old = {known[row.key].id: row for row in rows if row.key in known}
    found = await locations.found_for(old) if action == imports.CHANGE else {}
    if action == imports.REMOVE:
        await listings.remove(list(old), writer.clock())
    elif action == imports.NOTE:
        return await drafts.keep_in_mind({id: _said(row) for id, row in old.items()})
    else:
        new = [row for row in rows if row.key not in known]
        ids = await writer.add([_said(row) for row in new])
        await writer.change({id: _said(row) for id, row in old.items()})
        old |= dict(zip(ids, new, strict=True))
    done = [(id, action, _with_place(row.differences, found.get(id))) for id, row in old.items()]
    await changes.add(run["id"], done)


def _with_place(differences: Differences | None, found: Mapping[str, Any] | None) -> Differences | None:
    """With what a geocoder had found for the address as it was, so that it can be put back."""
    is_moved = any(name.startswith("address.") for name in differences or ())
    return {**differences, PLACE: [found, None]} if differences and found and is_moved else differences


def _said(row: Staged) -> Said:
    return Said(row.key, row.draft, row.hash, row.record)


async def run_close(*, row: dict[str, Any], now: datetime) -> None:
    """Notes that all of a run is written, with its audit entry. Where it fails nothing that was written is lost: once more does no harm."""
    counts = {name: row[name] for name in imports.COUNTS}
    if counts["added"] + counts["changed"]:
        await geocode_review.downgrade_shared()  # a source may give one point for many streets
    async with db.transaction():
        await sources.checked(row["source_id"], now, **row["options"].get("facts", {}))
        await imports.note(row["id"], status=imports.DONE, finished_at=now)
        await imports.clear(row["id"])
        details = {"run": row["id"], "format": row["format"], "file_sha256": row["file_hash"], **counts}
        await audited(row, "import", by=row["by"], now=now, details=details)
    if counts["added"] + counts["changed"] + counts["removed"] >= MUCH:
        await listings.settle()


async def audited(run: dict[str, Any], action: str, *, by: str, now: datetime, details: dict[str, object]) -> None:
    """Writes what became of a run into the audit trail. Needs the transaction that does it."""
    await records.audit(at=now, by=by, action=action, subject=f"source {run['source']}", details=details)
