"""Takes a whole run back, whatever has been done since: what something else has changed in the meantime stays as that has it."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from directory.domain.differences import PLACE, RECORD, names_of, taken_back
from directory.domain.errors import NotFound, RunRefused
from directory.domain.listings import Capacity
from directory.services.comparing import BATCH, hash_of
from directory.services.runs import MUCH, audited, lock_of, writer_of
from directory.services.writing import Writer
from directory.settings import Settings
from directory.storage import changes, db, drafts, geocode_review, imports, listings, locks, stewards
from directory.storage.changes import Change
from directory.storage.drafts import Said
from directory.storage.encoding import capacity_from_json, dumps

ALL = "*"
"""Stands for every field of a listing of which nobody knows what it was before, or that is another agency's by now."""

_CAN_BE = (imports.DONE, imports.UNDO_ASKED, imports.UNDOING)


@dataclass(frozen=True, slots=True)
class Undone:
    """What taking a run back did. `kept` holds {slug, field} of what something has changed since, which stays."""

    run: int
    source: str
    taken_out: int
    restored: int
    returned: int
    kept: list[dict[str, str]]


async def run_undo(
    *,
    run: int,
    by: str,
    clock: Callable[[], datetime],
    settings: Settings,
    progress: Callable[[int], None] = lambda _: None,
) -> Undone:
    """Takes a finished run back. Raises NotFound, or RunRefused with `status`: the run's where it cannot be taken back, or "busy"
    while an import of its source is at work. What is stopped half-way goes on with the next command.
    """
    row = await imports.find(run)
    if row is None:
        raise NotFound(run=run)
    try:
        async with locks.only_one(lock_of(row["source"])):
            async with db.staging():
                row = await imports.find(run)  # it may have come to another end while the lock was not ours
                if row is None or row["status"] not in _CAN_BE:
                    raise RunRefused(run=run, status=row["status"] if row else "gone")
                await imports.note(run, status=imports.UNDOING, undone_by=by)
            return await undo_finish(row=row, by=by, clock=clock, settings=settings, progress=progress)
    except locks.Held:
        raise RunRefused(run=run, status="busy") from None


async def undo_finish(
    *,
    row: dict[str, Any],
    by: str,
    clock: Callable[[], datetime],
    settings: Settings,
    progress: Callable[[int], None] = lambda _: None,
) -> Undone:
    """Takes back what a run has done and closes it. The caller holds the source's lock. Once more does no harm."""
    writer, report, after, done = await writer_of(row, clock, settings), dict(row["report"]), 0, 0
    report.setdefault("kept", [])
    while batch := await changes.next_to_undo(row["id"], after, BATCH):
        after = batch[-1].id
        async with db.transaction():
            ids = [change.listing_id for change in batch]
            plan = _Plan.of(batch, await drafts.said(ids), await stewards.of_another(ids))
            await plan.carry_out(writer)
            await changes.mark_undone([change.id for change in batch])
            if plan.kept:
                report["kept"] += plan.kept
                await imports.note(row["id"], report=report)
        done += len(batch)
        progress(done)
    return await _close(row, report["kept"], by, clock())


async def _close(row: dict[str, Any], kept: list[dict[str, str]], by: str, now: datetime) -> Undone:
    counts = await changes.counts(row["id"])
    taken_out = counts.get(imports.ADD, 0) + counts.get(imports.RETURN, 0)
    undone = Undone(
        row["id"], row["source"], taken_out, counts.get(imports.CHANGE, 0), counts.get(imports.REMOVE, 0), kept
    )
    await geocode_review.downgrade_shared()
    async with db.transaction():
        await imports.note(row["id"], status=imports.UNDONE, undone_at=now, undone_by=by)
        await imports.clear(row["id"])
        details = {"run": undone.run, "taken_out": taken_out, "restored": undone.restored, "returned": undone.returned}
        await audited(row, "import-undone", by=by, now=now, details={**details, "kept": len(kept)})
    if sum(counts.values()) >= MUCH:
        await listings.settle()
    return undone


@dataclass(slots=True)
class _Plan:
    """What is to be done about some listings: by id those that are written anew, those of which only the source's words are kept in
    mind since they are not on show, those that go, and the reports of openings that the run had added."""

    anew: dict[int, Said] = field(default_factory=dict)
    in_mind: dict[int, Said] = field(default_factory=dict)
    gone: list[int] = field(default_factory=list)
    reports: list[tuple[int, Capacity]] = field(default_factory=list)
    places: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    kept: list[dict[str, str]] = field(default_factory=list)

    @classmethod
    def of(cls, batch: Sequence[Change], said: Mapping[int, Said], others: Container[int]) -> _Plan:
        """What comes of these changes. `others` are listings that belong to another agency by now: they stay as they are."""
        plan = cls()
        for change in batch:
            if change.listing_id in others:
                plan._keep(change, [ALL])
            else:
                plan._take(change, said.get(change.listing_id))
        return plan

    def _take(self, change: Change, said: Said | None) -> None:
        comes, goes = change.action in (imports.ADD, imports.RETURN), change.action == imports.REMOVE
        is_out = change.out_without if comes or goes else change.removed
        if comes and is_out and not change.removed:
            self.gone.append(change.listing_id)
        elif (comes and not is_out) or (goes and is_out):
            self._keep(change, ["status"])  # another run says the same of it
        if change.action == imports.ADD or (goes and (is_out or not change.removed)):
            return
        if said is None or change.differences == changes.UNKNOWN:
            return self._keep(change, [ALL])
        before = self._before(change, said)
        where = self.in_mind if is_out else self.anew
        where[change.listing_id] = before

    def _before(self, change: Change, said: Said) -> Said:
        """The source's words without what the run has changed."""
        draft, kept = taken_back(said.draft, change.differences)
        self._keep(change, names_of(kept))
        if "capacities" in change.differences and "capacities" not in kept:
            old, new = ([capacity_from_json(each) for each in side or ()] for side in change.differences["capacities"])
            self.reports += [(change.listing_id, report) for report in new if report not in old]
        if PLACE in change.differences:
            self.places[change.listing_id] = change.differences[PLACE][0]
        # The raw row goes along where all of it is as it was.
        record = said.record if kept else change.differences.get(RECORD, [said.record])[0]
        return Said(said.key, dumps(draft), hash_of(draft, said.key), record)

    def _keep(self, change: Change, fields: Sequence[str]) -> None:
        self.kept += [{"slug": change.slug, "field": name} for name in fields]

    async def carry_out(self, writer: Writer) -> None:
        await listings.withdraw_reports(self.reports)
        await writer.change(self.anew, self.places)
        await drafts.keep_in_mind(self.in_mind)
        await listings.remove(self.gone, writer.clock())
