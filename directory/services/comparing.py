"""Reads a file to its end and tells what it changes, row by row; that is kept aside, and no visitor sees any of it."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from directory.domain.differences import (
    MOVED_MILES,
    RECORD,
    Differences,
    differences,
    published,
    reported,
    with_values,
)
from directory.domain.errors import UnreadableFile
from directory.domain.geo import distance_miles
from directory.domain.listings import Address, ListingDraft, natural_key, street_key
from directory.formats.rows import MOST_ROWS, Rejected, Row, Rows
from directory.services.report import Report
from directory.storage import changes, db, drafts, imports, sources, stewards
from directory.storage.drafts import Said
from directory.storage.encoding import draft_to_json, dumps

BATCH = 250
"""Rows a transaction: about a tenth of a second on the slower engine, far below what a reader would notice."""
MOST_REMOVED = 0.2
"""A file without so large a share of its source's listings may be a broken one: somebody has to look."""
ANOTHERS = "left out: this listing belongs to another agency now"
"""The warning of a row of an agency's own file that changes nothing any more."""
KEY, NATURE = "key", "nature"
"""By what a row is known again: the source's own key, or what people know it by."""


class _NotYet(Exception):
    """Takes back all that concluding would have written."""


@dataclass(slots=True)
class Comparison:
    """One file against its source. The caller holds the source's lock, and calls `read`, then `conclude`.

    `is_preview`: somebody is to look at it first. Then all that the file says is staged, so that it can be compared once more.
    """

    run_id: int
    source_id: int
    match_by: str
    report: Report
    progress: Callable[[int], None]
    is_preview: bool = False
    _new_keys: dict[str, tuple[int, str]] = field(default_factory=dict)
    _old_ids: set[int] = field(default_factory=set)

    async def matched(self, before: str) -> None:
        """Where the source was matched in another way until now: what its listings will be known by."""
        if before != self.match_by:
            self._new_keys = await drafts.keys_by(self.source_id, self.match_by)
            self._old_ids = {id for id, _ in self._new_keys.values()}

    # --- reading -------------------------------------------------------------------------------------------------------

    async def read(self, rows: Rows) -> None:
        """Tells of each row whether it is new, another one or as it was, and stages it. Raises UnreadableFile for too many."""
        # In a thread, so that a page is not held up by somebody's file.
        while batch := await asyncio.to_thread(lambda: list(islice(rows, BATCH))):
            await self._compare([row for row in batch if isinstance(row, Row)])
            for row in batch:
                if isinstance(row, Rejected):
                    self.report.reject(row.line, row.reason, is_slip=not row.is_meant)
            if self.report.read > MOST_ROWS:
                raise UnreadableFile("too-large", f"more than {MOST_ROWS} records")
            self.progress(self.report.read)
        self.report.rejected.sort(key=lambda one: one["line"])

    async def _compare(self, batch: list[Row]) -> None:
        rows = await self._without_doubles([(self._key(row.draft), row) for row in batch])
        if not rows:
            return
        known = await self._known(list(rows))
        fresh = [_Fresh.of(key, row) for key, row in rows.items()]
        for one in fresh:
            for warning in one.row.warnings:
                self.report.warn(one.row.line, warning)
        doubtful = await self._doubtful(fresh, known)
        said = await drafts.said(doubtful.values()) if doubtful else {}
        staged = [
            self._staged(one, known.get(one.key), said)
            if one.key in doubtful or one.key not in known
            else self._kept(one)
            for one in fresh
        ]
        self.report.unchanged += len(known) - len(doubtful)
        async with db.staging():
            await imports.stage(self.run_id, staged)

    async def _doubtful(self, fresh: Sequence[_Fresh], known: Mapping[str, imports.Known]) -> dict[str, int]:
        """By key the listings that may become others; not those of another agency, of which there is a warning."""
        found = {one.key: known[one.key].id for one in fresh if one.key in known and not one.is_as(known[one.key])}
        others = await stewards.of_another(found.values()) if found else ()
        for one in fresh:
            if found.get(one.key) in others:
                del found[one.key]
                self.report.warn(one.row.line, ANOTHERS)
        return found

    def _key(self, draft: ListingDraft) -> str:
        return natural_key(draft) if self.match_by == NATURE else draft.key

    async def _without_doubles(self, rows: list[tuple[str, Row]]) -> dict[str, Row]:
        """Turns away a key that the file holds already, naming the line where it stands first."""
        lines = await imports.staged_lines(self.run_id, [key for key, _ in rows]) if rows else {}
        kept = {}
        for key, row in rows:
            first = lines.setdefault(key, row.line)
            if first == row.line:
                kept[key] = row
            else:
                self.report.reject(row.line, f"same key as line {first}: {key}")
        return kept

    async def _known(self, keys: list[str]) -> dict[str, imports.Known]:
        """The listings that these keys stand for, also those that are known by another one until the run is applied."""
        if not self._new_keys:
            return await imports.known(self.source_id, keys)
        renamed = {key: self._new_keys[key][1] for key in keys if key in self._new_keys}
        found = await imports.known(self.source_id, [*renamed.values(), *(key for key in keys if key not in renamed)])
        own = {key: one for key, one in found.items() if key in keys and one.id not in self._old_ids}
        return own | {key: found[old] for key, old in renamed.items()}

    def _staged(self, fresh: _Fresh, known: imports.Known | None, said: Mapping[int, Said]) -> imports.Staged:
        before = said.get(known.id) if known else None
        text = dumps(fresh.payload)
        action, found = fresh.against(known, before, text)
        if action in (imports.KEEP, imports.NOTE):
            self.report.unchanged += 1
        elif action == imports.CHANGE:
            self.report.changed += 1
        else:
            self.report.added += 1
        if action == imports.KEEP:
            return self._kept(fresh)
        if action == imports.NOTE and before:
            # What is stored stays the first of all small shifts, so that a drift is seen once it has become a move.
            text = dumps(with_values(before.draft, {"key": fresh.row.draft.key}))
        return imports.Staged(fresh.key, fresh.row.line, action, text, fresh.hash, dumps(fresh.row.raw), found)

    def _kept(self, fresh: _Fresh) -> imports.Staged:
        """A row that changes nothing; what it says is of use only to a later comparison."""
        if not self.is_preview:
            return imports.Staged(fresh.key, fresh.row.line, imports.KEEP)
        text, record = dumps(fresh.payload), dumps(fresh.row.raw)
        return imports.Staged(fresh.key, fresh.row.line, imports.KEEP, text, fresh.hash, record)

    # --- concluding ----------------------------------------------------------------------------------------------------

    async def conclude(
        self,
        *,
        partial: bool,
        allow_removals: bool,
        options: dict[str, Any],
        then: Callable[[dict[str, Any]], Awaitable[None]] | None = None,
    ) -> bool:
        """Tells what is missing, and hands the run over to be applied, or to be looked at. False where it is not: a trial, or a file
        taken for a mishap, about which a preview asks. `then` gets the run's record last, in the same transaction.
        """
        try:
            # Other keys are seen by visitors, all else is not.
            async with db.transaction() if self._new_keys else db.staging():
                await drafts.rekey(self._new_keys)
                await sources.match(self.source_id, self.match_by)
                active = await imports.active_count(self.source_id)
                if not partial:
                    self.report.removed = await imports.stage_missing(self.run_id, self.source_id)
                if self.is_preview:
                    options = options | self._asked(active)
                elif not allow_removals:
                    self._look_for_mishaps(active)
                self._tell_of_slips()
                if self.report.dry_run or self.report.error:
                    raise _NotYet
                lines = self.report.details()
                status = imports.PREVIEW if self.is_preview else imports.APPLYING
                await imports.note(self.run_id, status=status, options=options, report=lines, **self.report.counts())
                if then:
                    row = await imports.find(self.run_id)
                    assert row is not None
                    await then(row)
        except _NotYet:
            return False
        return True

    def _tell_of_slips(self) -> None:
        slips, removed = self.report.slips, self.report.removed
        if slips and removed and not self.report.error:
            told = f"a listing whose row is rejected counts as missing: {slips} rejected, {removed} removed"
            self.report.warnings.append(told)

    def _asked(self, active: int) -> dict[str, Any]:
        """What somebody has to say yes to, and what is told of the file's rows beside their lines."""
        report = self.report
        question = [report.removed, active] if report.removed > MOST_REMOVED * active else None
        usable = report.read - report.turned_away
        told = {"turned_away": report.turned_away, "slips": report.slips, "untold": report.untold}
        return {"question": question, "usable": usable, "told": told}

    def _look_for_mishaps(self, active: int) -> None:
        removed, usable = self.report.removed, self.report.read - self.report.turned_away
        if removed and not usable:
            self.report.refuse(f"no-rows: no usable row, and {removed} listings of this source would go")
            return
        if removed > MOST_REMOVED * active:
            question = "look at the file, then give --allow-removals"
            self.report.refuse(f"removals: {removed} of {active} listings would be removed; {question}")


@dataclass(frozen=True, slots=True)
class _Fresh:
    """A row of the file, ready to be compared: its draft as plain values, and their fingerprint."""

    key: str
    row: Row
    payload: dict[str, Any]
    hash: str

    @classmethod
    def of(cls, key: str, row: Row) -> _Fresh:
        payload = draft_to_json(row.draft)
        return cls(key, row, payload, hash_of(payload, key))

    def is_as(self, known: imports.Known) -> bool:
        """Whether it is beyond doubt what the listing says already."""
        return known.has_draft and not known.removed and self._seems(known)

    def _seems(self, known: imports.Known) -> bool:
        return known.content_hash == self.hash and not _moved(self.row.draft.address, known)

    def against(self, known: imports.Known | None, before: Said | None, text: str) -> tuple[str, Differences | None]:
        """What it does, and what it changes. `text` is its draft as JSON."""
        if known is None:
            return imports.ADD, None
        if before is None:
            if known.removed:
                return imports.RETURN, changes.UNKNOWN
            return (imports.NOTE, None) if self._seems(known) else (imports.CHANGE, changes.UNKNOWN)
        found = differences(before.draft, json.loads(text))
        if known.removed:
            return imports.RETURN, found | {RECORD: [before.record, None]}
        if published(found):
            return imports.CHANGE, found | {RECORD: [before.record, None]}
        return (imports.KEEP if known.content_hash == self.hash else imports.NOTE), None


def _moved(address: Address, known: imports.Known) -> bool:
    """Whether the source's point is another one than the one in use, by more than a geocoder's second thoughts."""
    if address.point is None:
        return known.from_source
    if known.point is None or not known.from_source:
        return True
    return distance_miles(address.point, known.point) > MOVED_MILES


_NOT_CONTENT = ("source_url", "address", "key")


def hash_of(payload: Mapping[str, Any], key: str) -> str:
    """The fingerprint of what a listing publishes, the same however a geocoder spells its address.

    `payload` is its draft as JSON values, `key` what it is known by.
    """
    content = {name: value for name, value in payload.items() if name not in _NOT_CONTENT}
    parts = {name: value for name, value in payload["address"].items() if name != "point"}
    if parts.get("street"):
        parts["street"] = street_key(parts["street"])
    content |= {"address": parts, "key": key}
    if "capacities" in content:
        content["capacities"] = reported(content["capacities"])
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.blake2b(re.sub(r"\s+", " ", text).encode(), digest_size=16).hexdigest()
