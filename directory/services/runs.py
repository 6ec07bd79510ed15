"""One run of an import: what a file changes, and how that is written in short transactions."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, BinaryIO

from directory.domain.geo import distance_miles
from directory.domain.listings import Address, fold
from directory.domain.taxonomy import CodeBook
from directory.formats.rows import Rejected, Row, Rows
from directory.services.geocoding import Placer
from directory.storage import db, imports, listings, records, sources
from directory.storage.codes import CodeTable
from directory.storage.encoding import draft_from_json, draft_to_json

BATCH = 250
"""Rows a transaction: about a tenth of a second on the slower engine, far below what a reader would notice."""
MUCH = 1000
"""After so many changes the database looks at its tables again."""
MOVED_MILES = 0.25
"""Coordinates that shift by less than this under the same address are a geocoder's rewriting, not a move."""
MOST_WARNINGS = 1000

Reader = Callable[[BinaryIO, CodeBook], Rows]

_COUNTED = ("added", "changed", "unchanged", "removed")
_KEYS = ("run", "source", "format", "dry_run", *_COUNTED, "rejected", "warnings")


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
    untold: int = 0

    @property
    def read(self) -> int:
        """How many records the file held."""
        return self.added + self.changed + self.unchanged + len(self.rejected)

    def counts(self) -> dict[str, int]:
        """The figures of the run's record."""
        return {name: getattr(self, name) for name in _COUNTED} | {"rejected": len(self.rejected)}

    def warn(self, line: int, text: str) -> None:
        """Adds a warning; beyond a thousand only the number of them is told."""
        if len(self.warnings) < MOST_WARNINGS:
            self.warnings.append(f"line {line}: {text}")
        else:
            self.untold += 1

    def as_json(self) -> dict[str, Any]:
        """The object of the contract."""
        found = {name: getattr(self, name) for name in _KEYS}
        if self.untold:
            found["warnings"] = [*self.warnings, f"and {self.untold} more warnings"]
        return found | ({"error": self.error} if self.error else {})


@dataclass(slots=True)
class Run:
    """One import under way. The caller holds the source's lock, and calls in this order: compare, look_for_missing, then
    apply and finish, or forget; stop when something goes wrong."""

    id: int
    source_id: int
    facts: dict[str, Any]
    by: str
    file_hash: str
    report: Report
    codes: CodeTable
    placer: Placer
    clock: Callable[[], datetime]
    progress: Callable[[int], None]
    _missing: list[int] = field(default_factory=list)

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
        whole = {"draft": payload, "hash": content_hash, "record": row.raw}
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

    async def look_for_missing(self, *, partial: bool) -> None:
        """Tells what the file no longer holds. A file that would leave nothing of its source is taken for a mishap."""
        self._missing = [] if partial else await imports.missing(self.id, self.source_id)
        usable = self.report.read - len(self.report.rejected)
        if self._missing and not usable:
            self.report.error = f"no-rows: no usable row, and {len(self._missing)} listings of this source would go"
        else:
            self.report.removed = len(self._missing)

    async def finish(self) -> None:
        """Takes out what is missing, and writes the run's record and its one audit entry."""
        for start in range(0, len(self._missing), BATCH):
            async with db.transaction():
                await listings.remove(self._missing[start : start + BATCH], self.clock())
        async with db.transaction():
            await sources.checked(self.source_id, self.clock(), **self.facts)
            await self._close(imports.DONE, "import")
        if self.report.added + self.report.changed + self.report.removed >= MUCH:
            await listings.settle()

    async def stop(self) -> None:
        """Closes a run that was cut short."""
        async with db.staging():
            await self._close(imports.STOPPED, "import-stopped")

    async def _close(self, status: str, action: str) -> None:
        now, counts = self.clock(), self.report.counts()
        await imports.finish(self.id, status, counts, now)
        details = {"run": self.id, "format": self.report.format, "file_sha256": self.file_hash, **counts}
        await records.audit(at=now, by=self.by, action=action, subject=f"source {self.report.source}", details=details)

    async def forget(self) -> None:
        """Leaves no trace of a trial, or of a file that could not be read."""
        async with db.staging():
            await imports.forget(self.id)
            await sources.forget_if_new(self.source_id)


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
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.blake2b(re.sub(r"\s+", " ", text).encode(), digest_size=16).hexdigest()
