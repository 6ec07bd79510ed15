"""Seats in groups: who gets one, who waits for one, and who is told that one has come free. Who tells it has found out that it may be.

The last seat goes to whoever is first to have it counted; all others wait in the order in which they asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from directory.domain.access import Action, Actor
from directory.domain.bridge.groups import LEFT, SEAT, TAKEN, WAITING
from directory.domain.errors import FootbridgeError, NotFound
from directory.services.links import form_take
from directory.services.tasks import SYSTEM, task_clear, task_open
from directory.services.waitlist.clients import Somebody, client_audit, client_found, client_open, client_read
from directory.services.waitlist.messages import update_queue
from directory.services.waitlist.status import CLIENT, card_of
from directory.settings import Settings
from directory.storage import db
from directory.storage.bridge import groups as groups_stored
from directory.storage.bridge import seats as storage
from directory.storage.bridge.groups import GroupNow, MeetingNow
from directory.storage.bridge.seats import SeatNow, Sitting
from directory.storage.waitlist import clients
from directory.storage.waitlist.clients import ClientNow

__all__ = [
    "Coming",
    "SeatRefused",
    "Sitting",
    "coming_of_card",
    "seat_leave",
    "seat_leave_by_card",
    "seat_take",
    "seat_take_by_card",
    "seats_fill",
    "seats_kept",
    "seats_merged",
    "seats_show",
    "seats_tell",
]

AHEAD = timedelta(days=14)
"""So far ahead somebody is shown what they can come to."""
SHOWN = 30
TAKE, LEAVE = "take", "leave"
TOLD, REMINDED, MOVED_UP = "group-told", "group-reminder", "group-seat"
"""Kinds of tasks: no message reaches some of whom something has changed for, who have a seat tomorrow, or who has moved up."""


class SeatRefused(FootbridgeError):
    """A seat cannot be had or given up: the meeting has begun, or does not take place any more."""

    code = "seat-refused"
    status = 409


@dataclass(frozen=True, slots=True)
class Coming:
    """What somebody has in groups, and what they can come to: `own` and `before` are theirs, `free` what they have not asked for."""

    who: Somebody
    own: tuple[Sitting, ...]
    free: tuple[Sitting, ...]
    before: tuple[Sitting, ...]


# --- as a peer -------------------------------------------------------------------------------------------------------


async def seats_show(*, upi: str, by: Actor, now: datetime, settings: Settings) -> Coming:
    """What somebody has in groups and can come to, for every peer of their agency. Raises NotFound, Denied."""
    who = await client_read(upi=upi, what="groups", by=by, now=now, settings=settings)
    own = await storage.sittings_of(who.row.id)
    found = await storage.open_to(who.row.id, who.row.agency, now, now + AHEAD, SHOWN)
    return Coming(
        who,
        tuple(each for each in reversed(own) if _is_on(each) and each.meeting.ends_at > now),
        tuple(each for each in found if not _is_on(each)),
        tuple(each for each in own if _is_on(each) and each.meeting.ends_at <= now),
    )


def _is_on(sitting: Sitting) -> bool:
    return sitting.seat is not None and sitting.seat.status != LEFT


async def seats_kept(*, client: int) -> tuple[Sitting, ...]:
    """All that is kept of a client in groups, the latest first. Whoever calls has found out that they may read it, and has logged it."""
    return tuple(await storage.sittings_of(client))


async def seat_take(*, upi: str, meeting: int, form: str, by: Actor, now: datetime, settings: Settings) -> str | None:
    """Takes a seat for somebody, also while the group goes on; where none is left they wait for one.

    What they have now: seat or waiting; None for a form that was taken before. Raises NotFound for what they may not come to, SeatRefused.
    """
    row = (await client_found(upi=upi, by=by, now=now, settings=settings, action=Action.KEEP_CLIENTS)).row
    return await _taken(row, meeting, form, by.label, now)


async def seat_leave(*, upi: str, meeting: int, form: str, by: Actor, now: datetime, settings: Settings) -> bool:
    """Gives up somebody's seat, or their place among those who wait; whether they had one. Raises NotFound, SeatRefused."""
    row = (await client_found(upi=upi, by=by, now=now, settings=settings, action=Action.KEEP_CLIENTS)).row
    return await _left(row, meeting, form, by.label, now, settings)


# --- with the code of a card -----------------------------------------------------------------------------------------


async def coming_of_card(*, session: str, now: datetime, settings: Settings) -> tuple[Sitting, ...]:
    """What the owner of a card has in groups that are to come, and can come to; nothing for a session that is over."""
    card = await card_of(session=session, now=now, settings=settings)
    if card is None:
        return ()
    found = await storage.open_to(card.client, card.agency, now, now + AHEAD, SHOWN)
    return tuple(sorted((each for each in found if each.meeting.starts_at > now), key=lambda each: not _is_on(each)))


async def seat_take_by_card(*, session: str, meeting: int, form: str, now: datetime, settings: Settings) -> str | None:
    """The same as `seat_take` for the owner of a card; None too where the session is over. Raises NotFound, SeatRefused."""
    row = await _of_card(session, now, settings)
    return await _taken(row, meeting, form, CLIENT, now, begun=False) if row else None


async def seat_leave_by_card(*, session: str, meeting: int, form: str, now: datetime, settings: Settings) -> bool:
    """The same as `seat_leave` for the owner of a card. Raises NotFound, SeatRefused."""
    row = await _of_card(session, now, settings)
    return row is not None and await _left(row, meeting, form, CLIENT, now, settings)


async def _of_card(session: str, now: datetime, settings: Settings) -> ClientNow | None:
    card = await card_of(session=session, now=now, settings=settings)
    return await clients.by_id(card.client) if card else None


# --- the seats themselves --------------------------------------------------------------------------------------------


async def _taken(row: ClientNow, meeting: int, form: str, by: str, now: datetime, *, begun: bool = True) -> str | None:
    async with db.staging():
        await client_open(client=row.id)
        if not await form_take(token=form, now=now):
            return None
        found = await storage.open_to(row.id, row.agency, now, now + timedelta(days=365), 1, meeting=meeting)
        if not found:
            raise NotFound(meeting=meeting)
        if not begun and found[0].meeting.starts_at <= now:
            raise SeatRefused(meeting=meeting)
        own = found[0].seat
        if own is not None and own.status != LEFT:
            return SEAT if own.status in TAKEN else WAITING
        if not await storage.meeting_hold(meeting):  # it was called off since it was looked at
            raise SeatRefused(meeting=meeting)
        status = SEAT if await storage.room_take(meeting) else WAITING
        await storage.seat_put(meeting, row.id, status, by=by, now=now)
        await _noted(row, meeting, status, by, now)
    return status


async def _left(row: ClientNow, meeting: int, form: str, by: str, now: datetime, settings: Settings) -> bool:
    async with db.staging():
        await client_open(client=row.id)
        own, found = await storage.seat(meeting, row.id), await groups_stored.meeting(meeting)
        if own is None or found is None or not await form_take(token=form, now=now):
            return False
        if found.starts_at <= now:
            raise SeatRefused(meeting=meeting)
        given = await _given_up(own, by, now)
        if given == SEAT:
            await task_clear(key=f"{MOVED_UP} {own.id}", now=now, by=by)
            await storage.room_give(meeting)
            await seats_fill(meeting=meeting, now=now, settings=settings)
        if given:
            await _noted(row, meeting, LEFT, by, now)
    return bool(given)


async def _given_up(own: SeatNow, by: str, now: datetime) -> str:
    """What somebody had who has left from now on: a seat, or their turn; "" for neither. Who waited may have moved up in this very moment."""
    for _ in range(2):
        if own.status not in (SEAT, WAITING):
            return ""
        if await storage.seat_move(own.id, own.status, LEFT, by=by, now=now):
            return own.status
        own = await storage.seat_by_id(own.id) or replace(own, status=LEFT)
    return ""


async def seats_fill(*, meeting: int, now: datetime, settings: Settings) -> None:
    """Gives the seats that are free to those who wait, the first who asked first, and tells them. Needs a transaction."""
    while (first := await storage.first_waiting(meeting)) and await storage.room_take(meeting):
        if not await storage.seat_move(first.id, WAITING, SEAT, by=SYSTEM, now=now):
            await storage.room_give(meeting)
            break
        row = await clients.by_id(first.client)
        assert row is not None
        if not await update_queue(client=row.id, key=f"seat {first.id}", now=now, settings=settings):
            await _ask_to_tell(row, first, now)
        await _noted(row, meeting, SEAT, SYSTEM, now)


async def _ask_to_tell(row: ClientNow, seat: SeatNow, now: datetime) -> None:
    """Asks the peers of who has moved up to tell them, since no message does."""
    meeting = await groups_stored.meeting(seat.meeting)
    await task_open(
        kind=MOVED_UP,
        key=f"{MOVED_UP} {seat.id}",
        words={},
        address=f"/clients/{row.upi}/groups",
        agency=row.agency,
        due_at=meeting.starts_at if meeting else None,
        now=now,
    )


async def seats_tell(
    *,
    group: GroupNow,
    meeting: MeetingNow,
    key: str,
    now: datetime,
    settings: Settings,
    statuses: Sequence[str] = (SEAT, WAITING),
    kind: str = TOLD,
) -> None:
    """Tells those who have a seat, or wait, that there is something new; whom no message reaches, the peers of the group are asked to tell,
    in one task of this kind. Needs a transaction.
    """
    seats = [each for each in await storage.seats_of(meeting.id) if each.seat.status in statuses]
    told = [await update_queue(client=each.seat.client, key=key, now=now, settings=settings) > 0 for each in seats]
    if not all(told):
        await task_open(
            kind=kind,
            key=f"{kind} {key}",
            words={"n": told.count(False)},
            address=f"/desk/groups/{group.id}/meetings/{meeting.id}",
            agency=group.agency,
            due_at=meeting.starts_at,
            now=now,
        )


async def seats_merged(*, kept: int, gone: int, now: datetime, settings: Settings) -> None:
    """Leaves one seat in each meeting of two clients who are one person, and gives the other to who waits. Needs the transaction of the merging."""
    for id in await storage.seats_single(kept, gone):
        meeting = await groups_stored.meeting(id)
        if meeting is not None and meeting.starts_at > now:
            await seats_fill(meeting=id, now=now, settings=settings)


async def _noted(row: ClientNow, meeting: int, status: str, by: str, now: datetime) -> None:
    await client_audit(row, "group-seat", {"meeting": meeting, "status": status}, by=by, now=now)
