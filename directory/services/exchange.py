"""Imports: a file is read and compared first, then applied in short transactions, so that readers never wait long.

A file is the complete content of its source: what is missing from it is taken out, unless it is `partial`.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, BinaryIO

from directory.domain.errors import UnreadableFile
from directory.domain.geo import distance_miles
from directory.domain.listings import Address, fold
from directory.domain.taxonomy import CodeBook
from directory.formats import meeting_guide, samhsa
from directory.formats.rows import Rejected, Row, Rows
from directory.services.geocoding import Placer
from directory.settings import Settings
from directory.storage import db, imports, listings, records, sources
from directory.storage.codes import CodeTable, book_of, code_table
from directory.storage.encoding import draft_from_json, draft_to_json

FORMATS = ("meeting-guide", "samhsa")
BATCH = 250
"""Rows a transaction: about a tenth of a second on the slower engine, far below what a reader would notice."""
MOVED_MILES = 0.25
"""Coordinates that shift by less than this under the same address are a geocoder's rewriting, not a move."""
MOST_WARNINGS = 1000

Reader = Callable[[BinaryIO, CodeBook], Rows]
Progress = Callable[[int], None]


@dataclass(slots=True)
class Report:
    """What an import did. `rejected` holds {line, reason}; `error` is set when the file could not be read at all."""

    run: int | None
    source: str
    format: str
    dry_run: bool
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    rejected: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    error: str | None = None

    @property
    def read(self) -> int:
        """How many records the file held."""
        return self.added + self.changed + self.unchanged + len(self.rejected)

    def counts(self) -> dict[str, int]:
        """The figures of the run's record."""
        rejected = len(self.rejected)
        return {name: getattr(self, name) for name in ("added", "changed", "unchanged", "removed")} | {
            "rejected": rejected
        }

    def warn(self, line: int, text: str) -> None:
        """Adds a warning; beyond a thousand only the number of them is told."""
        if len(self.warnings) < MOST_WARNINGS:
            self.warnings.append(f"line {line}: {text}")

    def as_json(self) -> dict[str, Any]:
        """The object of the contract."""
        names = (
            "run",
            "source",
            "format",
            "dry_run",
            "added",
            "changed",
            "unchanged",
            "removed",
            "rejected",
            "warnings",
        )
        found = {name: getattr(self, name) for name in names}
        return found | ({"error": self.error} if self.error else {})


def reader_of(format: str, fellowship: str | None) -> Reader:
    """The reader of a format. Raises ValueError for a format that there is none for."""
    if format == "meeting-guide":
        return lambda stream, codes: meeting_guide.read(stream, codes, fellowship or "aa")
    if format == "samhsa":
        return samhsa.read
    raise ValueError(format)


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
    progress: Progress = lambda _: None,
) -> Report:
    """Brings a source up to date with a file (seekable, opened in binary) and reports what that did.

    A file that cannot be read changes nothing and comes back as a report with `error`. `about` are facts of the source (title,
    licence, is_demo). `progress` is told how many rows are done.
    """
    report = Report(None, source, format, dry_run)
    codes = await code_table()
    file_hash = _hash_of_file(stream)
    facts = {"format": format, "fellowship": fellowship, **(about or {})}
    async with db.staging():
        source_id = await sources.ensure(source, now=clock(), **facts)
        run_id = await imports.begin(source_id, format=format, file_hash=file_hash, by=by, now=clock())
    run = _Run(run_id, source_id, facts, report, codes, Placer(settings), clock, progress)
    try:
        await run.compare(reader(stream, book_of(codes)))
        if dry_run:
            report.removed = 0 if partial else len(await imports.missing(run_id, source_id))
            await run.forget()
            return report
        await run.apply()
        await run.finish(partial=partial, by=by, file_hash=file_hash)
    except UnreadableFile as error:
        report = Report(None, source, format, dry_run, error=f"{error.reason}: {error.detail}".rstrip(": "))
        await run.forget()
        return report
    except BaseException:
        # What is applied so far stands, row by row true to the file; the next import goes on from there.
        await run.stop()
        raise
    report.run = run_id
    return report


def _hash_of_file(stream: BinaryIO) -> str:
    digest = hashlib.sha256()
    while block := stream.read(1 << 20):
        digest.update(block)
    stream.seek(0)
    return digest.hexdigest()


@dataclass(slots=True)
class _Run:
    id: int
    source_id: int
    facts: dict[str, Any]
    report: Report
    codes: CodeTable
    placer: Placer
    clock: Callable[[], datetime]
    progress: Progress

    async def compare(self, rows: Rows) -> None:
        """Reads the whole file, tells what is new, changed and as it was, and keeps that aside."""
        while batch := list(islice(rows, BATCH)):
            await self._compare(batch)
            self.progress(self.report.read)

    async def _compare(self, batch: list[Row | Rejected]) -> None:
        good = [row for row in batch if isinstance(row, Row)]
        self.report.rejected += [{"line": row.line, "reason": row.reason} for row in batch if isinstance(row, Rejected)]
        good = await self._without_doubles(good)
        known = await imports.known(self.source_id, [row.draft.key for row in good]) if good else {}
        staged = [self._staged(row, known.get(row.draft.key)) for row in good]
        self.report.rejected.sort(key=lambda one: one["line"])
        if staged:
            async with db.staging():
                await imports.stage(self.id, staged)

    async def _without_doubles(self, rows: list[Row]) -> list[Row]:
        """Turns away a key that the file holds already, naming the line where it stands first."""
        lines = await imports.staged_lines(self.id, [row.draft.key for row in rows]) if rows else {}
        kept = []
        for row in rows:
            first = lines.setdefault(row.draft.key, row.line)
            if first == row.line:
                kept.append(row)
            else:
                reason = f"same key as line {first}: {row.draft.key}"
                self.report.rejected.append({"line": row.line, "reason": reason})
        return kept

    def _staged(self, row: Row, known: imports.Known | None) -> imports.Staged:
        for warning in row.warnings:
            self.report.warn(row.line, warning)
        payload = draft_to_json(row.draft)
        content_hash = hash_of(payload, row.draft.address)
        if known and not known.removed and known.content_hash == content_hash and not _moved(row.draft.address, known):
            self.report.unchanged += 1
            return imports.Staged(row.draft.key, row.line, "keep")
        if known:
            self.report.changed += 1
        else:
            self.report.added += 1
        whole = {"draft": _plain(payload), "hash": content_hash, "record": row.raw}
        return imports.Staged(row.draft.key, row.line, "change" if known else "add", whole)

    async def apply(self) -> None:
        """Writes what was kept aside, in the order of the file, a short transaction at a time."""
        done, after = 0, 0
        while batch := await imports.next_staged(self.id, after, BATCH):
            after = batch[-1][0]
            rows = [staged for _, staged in batch]
            placed = await self.placer.place(
                [
                    (draft_from_json(row.payload["draft"]), row.payload["hash"], row.payload["record"])
                    for row in rows
                    if row.payload
                ]
            )
            async with db.transaction():
                known = await imports.known(self.source_id, [row.key for row in rows])
                new = [item for item in placed if item.draft.key not in known]
                old = {known[item.draft.key].id: item for item in placed if item.draft.key in known}
                await listings.add(self.source_id, self.report.source, new, self.codes, self.clock())
                await listings.change(self.source_id, old, self.codes, self.clock())
            done += len(batch)
            self.progress(done)

    async def finish(self, *, partial: bool, by: str, file_hash: str) -> None:
        """Takes out what is missing, and writes the run's record and its one audit entry."""
        gone = [] if partial else await imports.missing(self.id, self.source_id)
        for start in range(0, len(gone), BATCH):
            async with db.transaction():
                await listings.remove(gone[start : start + BATCH], self.clock())
        self.report.removed = len(gone)
        async with db.transaction():
            now = self.clock()
            await sources.checked(self.source_id, now, **self.facts)
            await imports.finish(self.id, imports.DONE, self.report.counts(), now)
            details = {"run": self.id, "format": self.report.format, "file_sha256": file_hash, **self.report.counts()}
            await records.audit(at=now, by=by, action="import", subject=f"source {self.report.source}", details=details)

    async def stop(self) -> None:
        """Closes a run that was cut short."""
        async with db.staging():
            await imports.finish(self.id, imports.STOPPED, self.report.counts(), self.clock())

    async def forget(self) -> None:
        """Leaves no trace of a trial, or of a file that could not be read."""
        async with db.staging():
            await imports.forget(self.id)
            await sources.forget_if_new(self.source_id)


def _plain(payload: dict[str, Any]) -> dict[str, Any]:
    """The draft with dates as text, as it will come back."""
    return dict(json.loads(json.dumps(payload, default=str)))


def _moved(address: Address, known: imports.Known) -> bool:
    """Whether the source's point is another one than before, by more than a geocoder's second thoughts."""
    if address.point is None:
        return known.from_source
    if known.point is None or not known.from_source:
        return True
    return distance_miles(address.point, known.point) > MOVED_MILES


_NOT_CONTENT = ("source_url",)
_SHORT = {
    "street": "st",
    "avenue": "ave",
    "boulevard": "blvd",
    "road": "rd",
    "drive": "dr",
    "lane": "ln",
    "court": "ct",
    "place": "pl",
    "square": "sq",
    "highway": "hwy",
    "parkway": "pkwy",
    "pike": "pike",
    "terrace": "ter",
    "circle": "cir",
    "suite": "ste",
    "north": "n",
    "south": "s",
    "east": "e",
    "west": "w",
}


def hash_of(payload: dict[str, Any], address: Address) -> str:
    """The fingerprint of what a listing publishes, the same however a geocoder spells its address."""
    content = {name: value for name, value in payload.items() if name not in _NOT_CONTENT}
    parts = {name: value for name, value in payload["address"].items() if name != "point"}
    if address.street:
        parts["street"] = " ".join(_SHORT.get(word, word) for word in fold(address.street).split())
    content["address"] = parts
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.blake2b(re.sub(r"\s+", " ", text).encode(), digest_size=16).hexdigest()
