"""Imports: a file is read and compared first, then applied in short transactions, so that readers never wait long.

A file is the complete content of its source: what is missing from it is taken out, unless it is `partial`.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, BinaryIO

from directory.domain.errors import UnreadableFile
from directory.domain.taxonomy import CodeBook
from directory.formats import meeting_guide, samhsa
from directory.formats.rows import Row, Rows
from directory.services.geocoding import Placer
from directory.services.runs import BATCH, Reader, Report, Run
from directory.settings import Settings
from directory.storage import db, imports, locks, records, sources
from directory.storage.codes import book_of, code_table

__all__ = ["BATCH", "FORMATS", "Order", "Report", "import_run", "reader_of"]

FORMATS = ("meeting-guide", "samhsa")
SPEC_FELLOWSHIP = "aa"
"""Whose code table Meeting Guide itself defines."""
TITLES = {
    "samhsa": "SAMHSA, National Directory of Drug and Alcohol Use and of Mental Health Treatment Facilities",
    "meeting-guide": "Meeting list of its service office",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be imported, and how. `stream` is seekable and opened in binary.

    `about` are facts of the source (title, licence, is_demo); `progress` is told how many rows are done.
    """

    stream: BinaryIO
    reader: Reader
    format: str
    source: str
    by: str
    clock: Callable[[], datetime]
    settings: Settings
    fellowship: str | None
    partial: bool
    dry_run: bool
    about: dict[str, Any]
    progress: Callable[[int], None]

    def report(self, error: str | None = None) -> Report:
        """A report on which nothing stands yet but perhaps an error."""
        return Report(None, self.source, self.format, self.dry_run, error=error)


def reader_of(format: str, fellowship: str | None) -> Reader:
    """The reader of a format. Raises ValueError for a format that there is none for.

    A meeting list whose fellowship nobody has named is read by the code table of Meeting Guide itself; whose meetings they
    are stays unknown.
    """
    if format == "meeting-guide":
        return functools.partial(_meetings, fellowship=fellowship)
    if format == "samhsa":
        return samhsa.read
    raise ValueError(format)


def _meetings(stream: BinaryIO, codes: CodeBook, *, fellowship: str | None) -> Rows:
    rows = meeting_guide.read(stream, codes, fellowship or SPEC_FELLOWSHIP)
    if fellowship:
        return rows
    return (replace(row, draft=replace(row.draft, program=None)) if isinstance(row, Row) else row for row in rows)


async def import_run(
    *,
    stream: BinaryIO,
    reader: Reader,
    format: str,
    source: str,
    by: str,
    clock: Callable[[], datetime],
    settings: Settings,
    fellowship: str | None = None,
    partial: bool = False,
    dry_run: bool = False,
    about: dict[str, Any] | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Report:
    """Brings a source up to date with a file and reports what that did; see `Order` for the arguments.

    A file that cannot be read, or that would leave nothing of a source, changes nothing and comes back as a report with
    `error`; so does one for a source that another import is at work on.
    """
    order = Order(
        stream=stream,
        reader=reader,
        format=format,
        source=source,
        by=by,
        clock=clock,
        settings=settings,
        fellowship=fellowship,
        partial=partial,
        dry_run=dry_run,
        about=about or {},
        progress=progress,
    )
    try:
        async with locks.only_one(f"import {source}"):
            return await _carried_out(order)
    except locks.Held:
        return order.report(f"busy: another import of {source} is at work; wait until it is done")


async def _carried_out(order: Order) -> Report:
    run = await _begun(order)
    codes = book_of(run.codes)
    try:
        await run.compare(order.reader(order.stream, codes))
        await run.look_for_missing(partial=order.partial)
        if order.dry_run or run.report.error:
            await run.forget()
            return run.report
        await run.apply()
        await run.finish()
    except UnreadableFile as error:
        await run.forget()
        return order.report(f"{error.reason}: {error.detail}".rstrip(": "))
    except BaseException:
        # What is applied so far stands, row by row true to the file; the next import goes on from there.
        await run.stop()
        raise
    run.report.run = run.id
    return run.report


async def _begun(order: Order) -> Run:
    """Opens a run, and closes those of the source that died: the lock is ours, so nobody is at work on them."""
    codes = await code_table()
    file_hash = _hash_of_file(order.stream)
    facts = {"format": order.format, "fellowship": order.fellowship, **order.about}
    async with db.staging():
        now = order.clock()
        source_id = await sources.ensure(order.source, now=now, **{"title": TITLES.get(order.format)} | facts)
        for dead in await imports.left_behind(source_id):
            await imports.close(dead, now)
            subject = f"source {order.source}"
            await records.audit(at=now, by=order.by, action="import-died", subject=subject, details={"run": dead})
        run_id = await imports.begin(source_id, format=order.format, file_hash=file_hash, by=order.by, now=now)
    return Run(
        run_id,
        source_id,
        facts,
        order.by,
        file_hash,
        order.report(),
        codes,
        Placer(order.settings),
        order.clock,
        order.progress,
    )


def _hash_of_file(stream: BinaryIO) -> str:
    digest = hashlib.sha256()
    while block := stream.read(1 << 20):
        digest.update(block)
    stream.seek(0)
    return digest.hexdigest()
