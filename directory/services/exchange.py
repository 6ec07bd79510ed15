"""Imports: a file is read and compared first, then applied in short transactions, so that readers never wait long.

A file is the complete content of its source: what is missing from it is taken out, unless it is `partial`.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO

from directory.domain.errors import RunRefused, UnreadableFile
from directory.formats.rows import Reader, Rows
from directory.services.comparing import BATCH, KEY, Comparison
from directory.services.readers import TITLES
from directory.services.recovery import forget, recover_source
from directory.services.report import Report
from directory.services.runs import lock_of, run_apply
from directory.settings import Settings
from directory.storage import db, imports, locks, sources, uploads
from directory.storage.codes import book_of, code_table

__all__ = ["BATCH", "Order", "Report", "Watch", "import_preview", "import_run"]


@dataclass(slots=True)
class Watch:
    """Who waits for a file to be read. `run` is its number as soon as it has one; `is_left`: they have gone to its page meanwhile."""

    run: int | None = None
    is_left: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be imported, and how. `stream` is seekable and opened in binary.

    `origin` is the name of the file or its address, without secrets. `match_by` is "key" or "nature" (`Source`), None to go on as the
    source is noted. `about` are facts of the source (title, licence, is_demo); `progress` is told how many rows are done.
    """

    stream: BinaryIO
    reader: Reader
    format: str
    source: str
    by: str
    clock: Callable[[], datetime]
    settings: Settings
    origin: str | None
    fellowship: str | None
    partial: bool
    dry_run: bool
    allow_removals: bool
    match_by: str | None
    about: dict[str, Any]
    progress: Callable[[int], None]

    def report(self, error: str | None = None) -> Report:
        """A report on which nothing stands yet but perhaps an error."""
        return Report(None, self.source, self.format, self.dry_run, error=error)

    def facts(self) -> dict[str, Any]:
        """What the file says of its source."""
        return {"format": self.format, "fellowship": self.fellowship, **self.about}


async def import_run(
    *,
    stream: BinaryIO,
    reader: Reader,
    format: str,
    source: str,
    by: str,
    clock: Callable[[], datetime],
    settings: Settings,
    origin: str | None = None,
    fellowship: str | None = None,
    partial: bool = False,
    dry_run: bool = False,
    allow_removals: bool = False,
    match_by: str | None = None,
    about: dict[str, Any] | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Report:
    """Brings a source up to date with a file and reports what that did; see `Order` for the arguments.

    A file that cannot be read, or that would leave nothing of a source or take out more than a fifth of it (unless
    `allow_removals`), changes nothing and comes back as a report with `error`; so does one for a source that another import is at
    work on. A run that something stops half-way is finished by the next one, or by `run_recover`.
    """
    order = Order(
        stream=stream,
        reader=reader,
        format=format,
        source=source,
        by=by,
        clock=clock,
        settings=settings,
        origin=origin,
        fellowship=fellowship,
        partial=partial,
        dry_run=dry_run,
        allow_removals=allow_removals,
        match_by=match_by,
        about=about or {},
        progress=progress,
    )
    try:
        async with locks.only_one(lock_of(source)):
            return await _carried_out(order)
    except locks.Held:
        return order.report(f"busy: another import of {source} is at work; wait until it is done")


async def _carried_out(order: Order) -> Report:
    comparison = await _begun(order)
    options = {"partial": order.partial, "allow_removals": order.allow_removals, "match_by": comparison.match_by}
    try:
        await comparison.read(await _rows_of(order))
        goes_on = await comparison.conclude(
            partial=order.partial, allow_removals=order.allow_removals, options={**options, "facts": order.facts()}
        )
    except UnreadableFile as error:
        await forget(comparison.run_id, comparison.source_id)
        return order.report(f"{error.reason}: {error.detail}".rstrip(": "))
    except BaseException:
        await forget(comparison.run_id, comparison.source_id)
        raise
    if not goes_on:
        await forget(comparison.run_id, comparison.source_id)
        return comparison.report
    await run_apply(run=comparison.run_id, clock=order.clock, settings=order.settings, progress=order.progress)
    comparison.report.run = comparison.run_id
    return comparison.report


async def import_preview(
    *, order: Order, then: Callable[[dict[str, Any]], Awaitable[None]], watch: Watch | None = None
) -> int:
    """Reads and compares a file as `import_run` does, and leaves what it would do to be looked at; the number of that run.

    `then` gets its record in the transaction that leaves it. Raises UnreadableFile, and RunRefused with "busy" while an import of the
    source is at work; both leave no trace, but for the one whose sender has gone to its page: that says why.
    """
    try:
        async with locks.only_one(lock_of(order.source)):
            comparison = await _begun(order, is_preview=True)
            watch = watch or Watch()
            watch.run = comparison.run_id
            try:
                await _looked_at(order, comparison, then)
            except UnreadableFile as error:
                await _turned_away(comparison, error, order.clock(), watch)
                raise
            except BaseException:
                await forget(comparison.run_id, comparison.source_id)
                raise
            return comparison.run_id
    except locks.Held:
        raise RunRefused(run=None, status="busy") from None


async def _turned_away(comparison: Comparison, error: UnreadableFile, now: datetime, watch: Watch) -> None:
    if not watch.is_left:
        return await forget(comparison.run_id, comparison.source_id)
    async with db.staging():
        report = {"error": error.reason}
        await imports.note(comparison.run_id, status=imports.DISCARDED, finished_at=now, report=report)
        await imports.clear(comparison.run_id)


async def _looked_at(order: Order, comparison: Comparison, then: Callable[[dict[str, Any]], Awaitable[None]]) -> None:
    # The mark is of before: what somebody changes while the file is read may have been seen or not.
    options = {"partial": order.partial, "facts": order.facts(), "mark": await uploads.mark(comparison.source_id)}
    await comparison.read(await _rows_of(order))
    await comparison.conclude(partial=order.partial, allow_removals=True, options=options, then=then)


async def _rows_of(order: Order) -> Rows:
    """The rows of the file; some readers take all of it before they give the first."""
    return await asyncio.to_thread(order.reader, order.stream, book_of(await code_table()))


async def _begun(order: Order, *, is_preview: bool = False) -> Comparison:
    """Opens a run, once those of the source that died have come to their end: the lock is ours, so nobody is at work on them."""
    known = await sources.find(order.source)
    if known:
        await recover_source(known["id"], clock=order.clock, settings=order.settings, by=order.by)
    file_hash = await asyncio.to_thread(hash_of_file, order.stream)
    async with db.staging():
        now = order.clock()
        source_id = await sources.ensure(order.source, now=now, **{"title": TITLES.get(order.format)} | order.facts())
        run_id = await imports.begin(
            source_id, format=order.format, origin=order.origin, file_hash=file_hash, by=order.by, now=now
        )
    before = known["match_by"] if known else KEY
    comparison = Comparison(
        run_id, source_id, order.match_by or before, order.report(), order.progress, is_preview=is_preview
    )
    await comparison.matched(before)
    return comparison


def hash_of_file(stream: BinaryIO) -> str:
    """The fingerprint by which a file is known again; the stream is at its start again after that."""
    digest = hashlib.sha256()
    while block := stream.read(1 << 20):
        digest.update(block)
    stream.seek(0)
    return digest.hexdigest()
