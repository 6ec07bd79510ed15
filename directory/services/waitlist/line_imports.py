"""From today's spreadsheet into the lines: a file is read and reported row by row, a coordinator agrees once, and its people are put in.

Nothing of a row lies open meanwhile. The rows go in by chunks, each in one transaction with the marker of how far it is, so that
whatever ends in between loses no row and doubles none.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, BinaryIO

from directory.domain.access import Action, Actor, reach_of
from directory.domain.errors import FootbridgeError, NotFound
from directory.domain.waitlist.facts import DOCUMENT, Fact
from directory.domain.waitlist.known import Known, to_sealed
from directory.domain.waitlist.routes import CALL, EMAIL, Way
from directory.domain.waitlist.states import Entry
from directory.formats.rows import Rejected
from directory.formats.waitlist_map import LineMap
from directory.services.clock import local_day
from directory.services.sealing import opened, seal
from directory.services.tasks import task_clear, task_open
from directory.services.waitlist import plumbing
from directory.services.waitlist.estimates import standings_first
from directory.services.waitlist.keys import found_by_write
from directory.services.waitlist.line_rows import CLOSED, Read, file_hash, row_cells, rows_read, turned_row
from directory.services.waitlist.plumbing import demand_near
from directory.services.waitlist.routes import way_columns
from directory.services.waitlist.second_words import IMPORT, word_ask
from directory.services.waitlist.taking_on import new_upi
from directory.services.waitlist.tiers import tier_of
from directory.settings import Settings
from directory.storage import accounts, db, locks, records
from directory.storage.waitlist import clients, facts, pools, routes
from directory.storage.waitlist import entries as places
from directory.storage.waitlist import line_imports as storage
from directory.storage.waitlist.line_imports import ImportNow
from directory.storage.waitlist.second_words import Word

CHUNK = 20
"""Rows of one transaction."""
SHOWN = 50
"""Files on the page of all of them."""
TIES = 2**31
LONGEST_NAME = 120
"""Characters that are kept of what a file is called."""
Kept = ImportNow
"""A file as it is kept, for those who show it."""


class ReadBefore(FootbridgeError):
    """These very bytes were read before: as the import of this number, which stands in this state."""

    code = "read-before"
    status = 409

    def __init__(self, id: int, state: str) -> None:
        super().__init__(id=id, state=state)
        self.id, self.state = id, state


class NoSuchLine(FootbridgeError):
    """An agency or a line of it has no such name. `what` is agency or line."""

    code = "no-such-line"
    status = 422

    def __init__(self, what: str, name: str) -> None:
        super().__init__(what=what, name=name)
        self.what, self.name = what, name


@dataclass(frozen=True, slots=True)
class Report:
    """What came of reading a file; `id` is that of the import, None for a trial."""

    id: int | None
    agency: str
    file: str
    dry_run: bool
    read: Read

    def as_json(self) -> dict[str, object]:
        """As the command prints it, and as it is kept beside the rows: figures, lines of the file and reasons."""
        first, last = self.read.days
        return {
            "import": self.id,
            "agency": self.agency,
            "file": self.file,
            "dry_run": self.dry_run,
            "read": len(self.read.rows) + len(self.read.turned),
            "accepted": len(self.read.rows),
            "lines": self.read.counts,
            "first_request": first.isoformat() if first else None,
            "last_request": last.isoformat() if last else None,
            "rejected": [{"line": each["line"], "reason": each["reason"]} for each in self.read.turned],
        }


async def import_read(
    *,
    stream: BinaryIO,
    file: str,
    agency: str,
    line: str,
    layout: LineMap | None,
    by: str,
    now: datetime,
    settings: Settings,
    dry_run: bool = False,
) -> Report:
    """Reads a file for a peer agency, by its name, and asks a coordinator for their word; a trial keeps nothing.

    `line` is the name of the line for rows that name none. Raises UnreadableFile, ReadBefore, NoSuchLine.
    """
    home = next((each for each in await accounts.agencies() if each.name == agency and each.kind == "peer"), None)
    if home is None:
        raise NoSuchLine("agency", agency)
    lines = await pools.pools_of([home.id], is_open=True)
    usual = next((pool for pool in lines if pool.name == line), None)
    if line and usual is None:
        raise NoSuchLine("line", line)
    digest = file_hash(stream)
    async with locks.only_one(f"line-import {home.id} {digest}"):
        if (before := await storage.same_file(home.id, digest)) is not None:
            raise ReadBefore(before.id, before.status)
        read = await rows_read(stream, layout, lines, usual, now)
        id = None if dry_run else await _keep(read, home.id, agency, file, digest, by, now, settings)
    return Report(id, agency, file, dry_run, read)


async def _keep(
    read: Read, agency: int, name: str, file: str, digest: str, by: str, now: datetime, settings: Settings
) -> int:
    report = Report(None, name, file, False, read).as_json()
    sealed = seal({"rows": read.rows, "turned": read.turned}, settings)
    async with db.staging():
        id = await storage.add(
            agency=agency, name=file[:LONGEST_NAME], sha256=digest, sealed=sealed, report=report, by=by, now=now
        )
        await _audit(id, agency, "line-import-read", _figures(report) | {"sha256": digest}, by, now)
        await word_ask(
            kind=IMPORT, agency=agency, reason="spreadsheet", by=by, now=now, settings=settings, import_id=id
        )
    return id


def _figures(report: Mapping[str, Any]) -> dict[str, object]:
    return {"read": report["read"], "accepted": report["accepted"], "rejected": len(report["rejected"])}


async def _audit(id: int, agency: int, action: str, details: Mapping[str, object], by: str, now: datetime) -> None:
    chain = plumbing.chain_of(agency)
    await records.audit(at=now, by=by, action=action, subject=f"line import {id}", details=details, chain=chain)


# --- looking at one --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ImportShown:
    """A file for a coordinator: its row, and what was sealed of it. `rows` are empty once they are in."""

    row: Kept
    rows: tuple[Mapping[str, Any], ...]
    turned: tuple[Mapping[str, Any], ...]
    pools: Mapping[int, str] = field(default_factory=dict)


async def imports_list(*, by: Actor, now: datetime) -> list[Kept]:
    """The files of one's agencies, the newest first, with figures alone. Raises Denied."""
    own = reach_of(by, Action.SECOND_WORD) or ()
    demand_near(by, Action.SECOND_WORD, own[0] if own else 0, now=now)
    return await storage.of_agencies(own, SHOWN)


async def line_imports_waiting(*, by: Actor, now: datetime) -> int:
    """How many files wait for this person's word: not those that they have sent themselves."""
    return await storage.waiting(reach_of(by, Action.SECOND_WORD) or (), by.label)


async def import_show(*, id: int, by: Actor, now: datetime, settings: Settings) -> ImportShown:
    """A file with its rows, as its agency's coordinators see it; that somebody looked is logged. Raises NotFound, Denied."""
    row = await storage.line_import(id)
    if row is None:
        raise NotFound(line_import=id)
    demand_near(by, Action.SECOND_WORD, row.agency, now=now)
    known = opened(row.sealed, settings)
    rows, turned = known.get("rows", ()), known.get("turned", ())
    await records.access_log(
        at=now, by=by.label, action="see-line-import", subject=f"line import {id}", details={"rows": len(rows)}
    )
    names = {pool.id: pool.name for pool in await pools.pools_of([row.agency])}
    return ImportShown(row, tuple(rows), tuple(turned), names)


# --- putting in ------------------------------------------------------------------------------------------------------


async def import_agreed(*, word: Word, by: Actor, now: datetime, settings: Settings) -> None:
    """What the second word does: the rows may be put in, which the worker goes on with. Raises NotFound where it is too late."""
    if word.import_id is None or not await storage.agree(word.import_id, by=by.label, now=now):
        raise NotFound(line_import=word.import_id)


async def imports_continue(*, now: datetime, settings: Settings) -> int:
    """Puts in what coordinators have agreed to, from where it stands, and says how many rows. Files that were refused are emptied.

    One whose seal does not open is marked, asks somebody to look, and holds up no other; it goes on by itself once its seal opens.
    """
    async with db.staging():
        await storage.refused_forget()
    return sum([await _continue(each, now, settings) for each in await storage.agreed()])


async def _continue(row: ImportNow, now: datetime, settings: Settings) -> int:
    known: Mapping[str, Any] = opened(row.sealed, settings)
    if await _is_unread(row, "rows" not in known, now):
        return 0
    rows: Sequence[Mapping[str, Any]] = known["rows"]
    done = 0
    for start in range(row.done_rows, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        async with db.staging():
            if not await storage.rows_take(row.id, start, start + len(chunk)):
                return done  # another worker is at it
            zones = {pool: await places.zone_of_open(pool) for pool in {each["pool"] for each in chunk}}
            if shut := [each for each in chunk if zones[each["pool"]] is None]:
                row, known = await _turn_away(row, known, shut, settings)
            entries = [await _put_in(each, row, zone, now, settings) for each in chunk if (zone := zones[each["pool"]])]
            await _joined(entries, row, now)
        done += len(entries)
    await _finish(row, known, now, settings)
    return done


async def _turn_away(
    row: ImportNow, known: Mapping[str, Any], shut: Sequence[Mapping[str, Any]], settings: Settings
) -> tuple[ImportNow, Mapping[str, Any]]:
    """Keeps rows whose line was closed since the file was read among those that were turned away. Needs the transaction of their chunk."""
    away = [turned_row(Rejected(each["line"], CLOSED), row_cells(each)) for each in shut]
    reasons = [{"line": each["line"], "reason": each["reason"]} for each in away]
    names = {pool.id: pool.name for pool in await pools.pools_of([row.agency])}
    lines = Counter(row.report["lines"]) - Counter(names[each["pool"]] for each in shut)
    accepted = row.report["accepted"] - len(away)
    report = {**row.report, "accepted": accepted, "lines": lines, "rejected": [*row.report["rejected"], *reasons]}
    known = {**known, "turned": [*known.get("turned", ()), *away]}
    sealed = seal(known, settings)
    await storage.turn_away(row.id, sealed=sealed, report=report)
    return replace(row, sealed=sealed, report=report), known


async def _is_unread(row: ImportNow, is_unread: bool, now: datetime) -> bool:
    """Marks a file whose seal does not open, once, and takes the mark away where it does; says whether it does not."""
    if is_unread == (row.status == storage.UNREAD):
        return is_unread
    before, after = (storage.AGREED, storage.UNREAD) if is_unread else (storage.UNREAD, storage.AGREED)
    key = f"line-import-unread {row.id}"
    async with db.staging():
        if not await storage.mark(row.id, before, after):
            return True  # another worker is at it
        if is_unread:
            address = f"/line-imports/{row.id}"
            await task_open(kind="line-import-unread", key=key, words={}, address=address, agency=row.agency, now=now)
        else:
            await task_clear(key=key, now=now)
        await _audit(row.id, row.agency, f"line-import-{after}", {}, "system", now)
    return is_unread


async def _put_in(given: Mapping[str, Any], row: ImportNow, zone: str, now: datetime, settings: Settings) -> int:
    """The id of the entry of one row, whose request keeps its date, in a line of this zone. Whom they may be the same as goes to a coordinator by itself."""
    by = row.settled_by or row.by
    told = Known(
        given["called"], given["name"], date.fromisoformat(given["born"]) if given["born"] else None, given["note"]
    )
    client = await clients.add(
        upi=new_upi(),
        agency=row.agency,
        peer=None,
        sealed=seal(to_sealed(told), settings),
        language=given["language"],
        by=by,
        now=now,
    )
    for channel, to in ((CALL, given["phone"]), (EMAIL, given["email"])):
        if to:
            await routes.add(client, way_columns(Way(channel, to), settings))
    for code, value in given["facts"]:
        on = date.fromisoformat(given["requested_on"])
        await facts.add(client, Fact(code, value, DOCUMENT, on), by=by, now=now)
    await found_by_write(client=client, now=now, settings=settings)
    asked_at = datetime.fromisoformat(given["requested_at"])
    # of what the file says, though it may have run out since: nobody comes further back by that alone (WAITLIST 3.5)
    tier = await tier_of(pool=given["pool"], facts=dict(given["facts"]), on=await local_day(zone, now))
    entry = await places.entry_add(
        client=client,
        pool=given["pool"],
        tier=tier,
        requested_at=asked_at,
        tie=secrets.randbelow(TIES),
        by=by,
        now=now,
    )
    assert entry is not None  # a client who is new stands in no line
    return entry


async def _joined(entries: Sequence[int], row: ImportNow, now: datetime) -> None:
    """Gives those who were put in their standing, as whoever joins has one at once, and notes each. Needs the transaction of their chunk."""
    found = [each for each in [await places.entry(entry) for entry in entries] if each is not None]
    for pool in sorted({each.pool for each in found}):
        await standings_first(pool=pool, entries=[each.id for each in found if each.pool == pool], now=now)
    for each in found:
        details = {"requested_at": each.requested_at.isoformat(), "tier": each.tier, "import": row.id}
        await plumbing.note(each, "joined", by=row.settled_by or row.by, now=now, after=Entry.WAITING, details=details)


async def _finish(row: ImportNow, known: Mapping[str, Any], now: datetime, settings: Settings) -> None:
    """Ends it: of the file only what was turned away stays, sealed, for whoever puts it right by hand."""
    turned = known.get("turned")
    sealed = seal({"turned": turned}, settings) if turned else None
    async with db.staging():
        if await storage.finish(row.id, sealed=sealed):
            figures = _figures(row.report)
            await _audit(row.id, row.agency, "line-import-done", figures, row.settled_by or row.by, now)
