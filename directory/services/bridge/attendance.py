"""Who came to a group: one tap for each person, and a count of the others, of whom nothing is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from directory.domain.access import Actor
from directory.domain.bridge.groups import ABSENT, CAME, CANCELLED, MOST_OTHERS, SEAT, TAKEN, WAITING
from directory.domain.errors import NotFound, Problem
from directory.domain.people import UnfitFields
from directory.services.bridge.group_access import group_allowed
from directory.services.bridge.seats import SeatRefused
from directory.services.waitlist.clients import called, client_audit
from directory.services.waitlist.plumbing import chain_of
from directory.settings import Settings
from directory.storage import db, records
from directory.storage.bridge import groups as groups_stored
from directory.storage.bridge import seats as storage
from directory.storage.bridge.groups import GroupNow, MeetingNow
from directory.storage.bridge.seats import SeatLine
from directory.storage.waitlist import clients

EARLY = timedelta(hours=1)
"""So long before its beginning people may be there already."""
MARKS = (CAME, ABSENT, SEAT)
"""What can be said of a seat; the last takes back what was said."""


async def attendance_mark(*, meeting: int, seat: int, status: str, by: Actor, now: datetime) -> bool:
    """Says that somebody came (`came`) or not (`absent`), or takes that back (`seat`); whether that was news.

    Who still waited for a seat and came has one. Raises NotFound, Denied, SeatRefused before it begins and where it did not take place.
    """
    found, _group = await _begun(meeting=meeting, by=by, now=now)
    if status not in MARKS:
        raise NotFound(status=status)
    async with db.staging():
        own = await storage.seat_by_id(seat)
        if own is None or own.meeting != found.id or own.status not in (*TAKEN, WAITING):
            raise NotFound(seat=seat)
        if own.status == status or (own.status == WAITING and status != CAME):
            return False
        if not await storage.seat_move(own.id, own.status, status, by=by.label, now=now):
            return False
        if own.status == WAITING:
            await storage.room_take(found.id, beyond=True)
        row = await clients.by_id(own.client)
        assert row is not None
        details = {"meeting": found.id, "status": status}
        await client_audit(row, "group-attendance", details, by=by.label, now=now)
    return True


async def others_count(*, meeting: int, number: int | None, version: int, by: Actor, now: datetime) -> bool:
    """Says how many others came, of whom nothing is kept; None takes it back. Whether nobody had changed it since `version`.

    Raises NotFound, Denied, SeatRefused, UnfitFields.
    """
    found, group = await _begun(meeting=meeting, by=by, now=now)
    if number is not None and not 0 <= number <= MOST_OTHERS:
        raise UnfitFields([Problem("others", "not-a-number", str(number))])
    async with db.staging():
        if not await groups_stored.meeting_set(found.id, version, others=number):
            return False
        details: dict[str, object] = {"meeting": found.id, "others": number}
        subject, chain = f"group {group.id}", chain_of(group.agency)
        await records.audit(at=now, by=by.label, action="group-others", subject=subject, details=details, chain=chain)
    return True


@dataclass(frozen=True, slots=True)
class Seated:
    """Who has a seat, or waits for one. `called` and `upi` are "" for somebody whose place another agency keeps, of whom no more is told."""

    seat: int
    status: str
    called: str
    upi: str
    agency_name: str


@dataclass(frozen=True, slots=True)
class MeetingPage:
    """A meeting with who has a seat. `has_begun`: it can be said who came; `is_to_come`: it can still be changed."""

    group: GroupNow
    meeting: MeetingNow
    seats: tuple[Seated, ...]
    has_begun: bool
    is_to_come: bool


async def meeting_show(*, group: int, meeting: int, by: Actor, now: datetime, settings: Settings) -> MeetingPage:
    """A meeting for whoever keeps the group, with a line in the access log. Raises NotFound, Denied."""
    kept, found = await group_allowed(id=group, by=by, now=now), await groups_stored.meeting(meeting)
    if found is None or found.group != kept.id:
        raise NotFound(meeting=meeting)
    seats = [_seated(line, kept, settings) for line in await storage.seats_of(meeting)]
    details = {"meeting": meeting, "seats": len(seats)}
    await records.access_log(at=now, by=by.label, action="see-group", subject=f"group {group}", details=details)
    is_on = found.status != CANCELLED
    return MeetingPage(kept, found, tuple(seats), is_on and found.starts_at - EARLY <= now, found.starts_at > now)


def _seated(line: SeatLine, group: GroupNow, settings: Settings) -> Seated:
    is_own = line.agency == group.agency
    name = called(line.sealed, settings) if is_own else ""
    return Seated(line.seat.id, line.seat.status, name, line.upi if is_own else "", line.agency_name)


async def _begun(*, meeting: int, by: Actor, now: datetime) -> tuple[MeetingNow, GroupNow]:
    """A meeting of a group that somebody keeps, once people may be there. Raises NotFound, Denied, SeatRefused."""
    found = await groups_stored.meeting(meeting)
    if found is None:
        raise NotFound(meeting=meeting)
    group = await group_allowed(id=found.group, by=by, now=now)
    if found.status == CANCELLED or found.starts_at - EARLY > now:
        raise SeatRefused(meeting=meeting)
    return found, group
