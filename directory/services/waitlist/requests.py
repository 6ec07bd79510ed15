"""What belongs to a request beside its place: that no program had room on its day, and the level of care that a clinician named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from directory.domain.access import Actor
from directory.domain.errors import FootbridgeError, Problem
from directory.domain.levels import asam_level
from directory.domain.people import UnfitFields
from directory.domain.results import FRESH_HOURS, STALE_HOURS
from directory.domain.waitlist.states import NoSuchMove
from directory.services.clock import local_day
from directory.services.waitlist import plumbing
from directory.services.waitlist.entries import entry_allowed
from directory.storage import db
from directory.storage.waitlist import entries as places
from directory.storage.waitlist import requests as storage
from directory.storage.waitlist.entries import EntryNow
from directory.storage.waitlist.requests import Room

__all__ = [
    "WAYS",
    "Looked",
    "NobodyToAsk",
    "NotTheDay",
    "Room",
    "ThereIsRoom",
    "capacity_looked",
    "capacity_note",
    "level_recommend",
]

LONGEST_WHO = 80
WAYS = ("phone", "visit", "written")
"""How a program was asked whether it has room today: by telephone, there, or in writing."""


class NotTheDay(FootbridgeError):
    """That no program had room counts on the day of the request alone (45 CFR 96.126(b)(2))."""

    code = "not-the-day"
    status = 409


class NobodyToAsk(FootbridgeError):
    """No program gives openings to this line, so nothing can be said of their room."""

    code = "nobody-to-ask"
    status = 409


class ThereIsRoom(FootbridgeError):
    """A program of this line has reported room in the last days, or holds out an opening."""

    code = "there-is-room"
    status = 409


@dataclass(frozen=True, slots=True)
class Looked:
    """What there is to look at before somebody says that no program has room. `is_the_day`: it is still the day of the request.

    `to_ask` are those of whom no report of this day says that they have none: of these somebody has to say how they asked.
    """

    rooms: tuple[Room, ...]
    with_room: tuple[Room, ...]
    to_ask: tuple[Room, ...]
    is_the_day: bool


async def capacity_looked(*, found: EntryNow, now: datetime) -> Looked:
    """What the programs of a line say of their room now, for an entry of it."""
    rooms = tuple(await storage.rooms_of(found.pool))
    asked_on = await local_day(found.timezone, found.requested_at)
    is_the_day = asked_on == await local_day(found.timezone, now)
    with_room = tuple(each for each in rooms if _has_room(each, now))
    to_ask = tuple(each for each in rooms if each not in with_room and not _is_full(each, now))
    return Looked(rooms, with_room, to_ask, is_the_day)


def _is_full(room: Room, now: datetime) -> bool:
    """No free place in a report that is fresh: what an older one says, or none at all, is not known to be so today."""
    return room.available == 0 and room.as_of is not None and now - room.as_of < timedelta(hours=FRESH_HOURS)


def _has_room(room: Room, now: datetime) -> bool:
    """An opening that is held out, or free places in a report that is not too old to be counted."""
    if room.openings:
        return True
    is_counted = room.as_of is not None and (now - room.as_of).total_seconds() < STALE_HOURS * 3600
    return bool(is_counted and room.available)


async def capacity_note(
    *, entry: int, upi: str, by: Actor, now: datetime, asked: Mapping[int, str] | None = None
) -> None:
    """Notes that on the day of the request no program of the line had room, with what was looked at (45 CFR 96.126(b)(2)).

    `asked` says by level how those were asked of whom no fresh report says so (a code of WAYS): silence is no room, and no lack of it
    (WAITLIST 3.4). Once more on the same day does no harm. Raises NotTheDay, ThereIsRoom, NobodyToAsk, UnfitFields, NoSuchMove, NotFound,
    Denied.
    """
    async with db.staging():
        found = await entry_allowed(entry=entry, upi=upi, by=by, now=now)
        looked = await capacity_looked(found=found, now=now)
        if not looked.is_the_day:
            raise NotTheDay()
        if looked.with_room:
            raise ThereIsRoom()
        today = await local_day(found.timezone, now)
        if found.no_capacity_on == today:
            return
        told = _asked(looked, asked or {})
        if not await places.entry_set(found.id, found.version, no_capacity_on=today):
            raise NoSuchMove(found.status, found.status)
        details = {"on": today.isoformat(), "looked_at": _looked(looked.rooms), "asked": told}
        await plumbing.note(found, "no-capacity", by=by.label, now=now, details=details)


def _asked(looked: Looked, asked: Mapping[int, str]) -> list[list[object]]:
    """The levels that were asked, each with the way. Raises NobodyToAsk, and UnfitFields where one of them was not asked."""
    if not looked.rooms:
        raise NobodyToAsk()
    given = [(room.level, asked.get(room.level, "")) for room in looked.to_ask]
    if problems := [Problem(f"asked-{level}", "choose", way) for level, way in given if way not in WAYS]:
        raise UnfitFields(problems)
    return [[level, way] for level, way in given]


def _looked(rooms: Sequence[Room]) -> list[list[object]]:
    """The levels by number, each with the free places of its latest report and when that was."""
    return [[room.level, room.available, room.as_of.isoformat() if room.as_of else None] for room in rooms]


async def level_recommend(
    *, entry: int, upi: str, asam: str, edition: str, recommended_by: str, version: int, by: Actor, now: datetime
) -> None:
    """Writes down the level of care that a clinician or assessor named; a peer records it and assigns none. "" takes it back.

    Raises UnfitFields, NoSuchMove where the entry has changed since `version`, NotFound, Denied.
    """
    who = recommended_by.strip()
    problems = []
    if asam and asam_level(edition, asam) is None:
        problems.append(Problem("asam", "choose", asam))
    if asam and not who:
        problems.append(Problem("recommended_by", "missing", ""))
    if len(who) > LONGEST_WHO:
        problems.append(Problem("recommended_by", "too-long", "", (str(LONGEST_WHO),)))
    if problems:
        raise UnfitFields(problems)
    async with db.staging():
        found = await entry_allowed(entry=entry, upi=upi, by=by, now=now)
        columns = {"asam": asam or None, "edition": edition if asam else None, "recommended_by": who if asam else None}
        if not await places.entry_set(found.id, version, **columns):
            raise NoSuchMove(found.status, found.status)
        details: dict[str, object] = {"level": f"{edition}:{asam}" if asam else ""}
        await plumbing.note(found, "level-named", by=by.label, now=now, details=details)
