"""The meetings of groups: planned eight weeks ahead, moved or cancelled one by one, and remembered on the day before."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from directory.domain.access import Actor
from directory.domain.bridge.groups import (
    AHEAD,
    CANCELLED,
    MOST_SEATS,
    PLANNED,
    SEAT,
    meets_at,
    series_days,
)
from directory.domain.errors import NotFound, Problem
from directory.domain.people import UnfitFields
from directory.domain.schedule import DAY
from directory.services.bridge.group_access import group_allowed
from directory.services.bridge.group_listings import listing_follow, listing_lags
from directory.services.bridge.seats import REMINDED, SeatRefused, seats_fill, seats_tell
from directory.services.clock import local_day
from directory.services.tasks import SYSTEM
from directory.services.waitlist.plumbing import chain_of
from directory.settings import Settings
from directory.storage import db, records
from directory.storage.bridge import groups as storage
from directory.storage.bridge import seats as seats_stored
from directory.storage.bridge.groups import GroupNow, MeetingNow

REMINDED_HOURS = range(9, 20)
"""Hours of the group's own day in which people are reminded of the next one: never at night."""


async def meetings_plan(*, group: GroupNow, now: datetime) -> int:
    """Plans a group for the coming eight weeks, where it is not planned already, and says how many meetings are new. Needs a transaction."""
    series = group.values.series
    today = await local_day(series.timezone, now)
    if group.ended_at is not None or group.is_closed:
        return 0
    times = {day: meets_at(series, day) for day in series_days(series, today, today + AHEAD)}
    coming = {day: each for day, each in times.items() if each[1] > now}
    return await storage.meetings_add(group.id, coming, group.values.capacity)


async def groups_plan(*, now: datetime, settings: Settings) -> int:
    """Plans all groups, has their listings say what is planned, and notes which meetings were held. How many meetings are new.

    Once more does no harm, however many processes are at it.
    """
    planned = 0
    for each in await storage.running():
        async with db.staging():
            group = await storage.group(each.id) or each  # as it is by now: it may have been ended since
            planned += await meetings_plan(group=group, now=now)
        if await listing_lags(group=group, now=now):
            async with db.transaction():
                await listing_follow(group=group, by=SYSTEM, now=now, settings=settings)
    async with db.staging():
        await storage.meetings_hold(now)
        for meeting in await seats_stored.to_fill(now):
            await seats_fill(meeting=meeting, now=now, settings=settings)
    return planned


async def groups_remind(*, now: datetime, settings: Settings) -> int:
    """Reminds those who have a seat on the day before, by the ways that they agreed to, and says of how many meetings.

    Whom no message reaches, the peers of the group are asked to remind: one task for each meeting.
    """
    done = 0
    for meeting, zone in await storage.to_remind(now, now + timedelta(days=2)):
        local, today = now.astimezone(ZoneInfo(zone)), await local_day(zone, now)
        tomorrow = meeting.starts_at.astimezone(ZoneInfo(zone)).date() == today + timedelta(days=1)
        if tomorrow and local.hour in REMINDED_HOURS:
            done += await _reminded(meeting, now, settings)
    return done


async def _reminded(meeting: MeetingNow, now: datetime, settings: Settings) -> int:
    async with db.staging():
        if not await storage.reminded(meeting.id, now):
            return 0
        group = await storage.group(meeting.group)
        assert group is not None
        key = f"reminder {meeting.id}"
        await seats_tell(
            group=group, meeting=meeting, key=key, now=now, settings=settings, statuses=(SEAT,), kind=REMINDED
        )
    return 1


# --- what changes ----------------------------------------------------------------------------------------------------


async def meetings_follow(*, before: GroupNow, after: GroupNow, now: datetime, settings: Settings) -> None:
    """Has the meetings to come follow what was changed of their group: one that was moved by itself stays, one that nobody wanted goes.

    Needs a transaction, after which new ones are to be planned.
    """
    series = after.values.series
    for meeting in await storage.meetings_of(before.id, now):
        if meeting.starts_at <= now:
            continue
        if not series_days(series, meeting.day, meeting.day):
            await _called_off(after, meeting, now, settings)
            continue
        columns = _followed(before, after, meeting)
        if not columns or not await storage.meeting_set(meeting.id, meeting.version, **columns):
            continue
        if "starts_at" in columns and meeting.status == PLANNED:
            await _told(after, meeting, now, settings)
        await seats_fill(meeting=meeting.id, now=now, settings=settings)


def _followed(before: GroupNow, after: GroupNow, meeting: MeetingNow) -> dict[str, object]:
    """What of a meeting is set anew because its group was."""
    columns: dict[str, object] = {}
    times = meets_at(after.values.series, meeting.day)
    if meeting.starts_at == meets_at(before.values.series, meeting.day)[0] and times != (
        meeting.starts_at,
        meeting.ends_at,
    ):
        columns = {"starts_at": times[0], "ends_at": times[1], "reminded_at": None}
    if meeting.capacity == before.values.capacity != after.values.capacity:
        columns["capacity"] = after.values.capacity
    return columns


async def meetings_end(*, group: GroupNow, now: datetime, settings: Settings) -> None:
    """Calls off all meetings of a group that are to come. Needs a transaction."""
    for meeting in await storage.meetings_of(group.id, now):
        if meeting.starts_at > now:
            await _called_off(group, meeting, now, settings)


async def _called_off(group: GroupNow, meeting: MeetingNow, now: datetime, settings: Settings) -> None:
    if meeting.status != PLANNED or await storage.meeting_drop(meeting.id):
        return
    if await storage.meeting_set(meeting.id, meeting.version, status=CANCELLED):
        await _told(group, meeting, now, settings)


async def _told(group: GroupNow, before: MeetingNow, now: datetime, settings: Settings) -> None:
    """Tells of a meeting that was just set to something else: before it would have begun, and before it does now."""
    after = await storage.meeting(before.id)
    assert after is not None
    meeting = replace(after, starts_at=min(before.starts_at, after.starts_at))
    key = f"meeting {meeting.id} {meeting.version}"
    await seats_tell(group=group, meeting=meeting, key=key, now=now, settings=settings)


async def meeting_change(
    *,
    id: int,
    version: int,
    day: date,
    minute: int,
    is_on: bool,
    capacity: int | None,
    by: Actor,
    now: datetime,
    settings: Settings,
) -> bool:
    """Moves one meeting to this local day and minute, calls it off, or has it take place after all; who has a seat is told.

    Whether nobody had changed it since `version`. Raises NotFound, Denied, UnfitFields, and SeatRefused once it has begun.
    """
    meeting = await storage.meeting(id)
    if meeting is None:
        raise NotFound(meeting=id)
    group = await group_allowed(id=meeting.group, by=by, now=now)
    if meeting.starts_at <= now or group.ended_at is not None:
        raise SeatRefused(meeting=id)
    columns = _asked(group, meeting, day, minute, is_on, capacity, now)
    async with db.transaction():
        if not await storage.meeting_set(id, version, **columns):
            return False
        is_news = any(columns[name] != getattr(meeting, name) for name in ("starts_at", "status"))
        if is_news:
            await _told(group, meeting, now, settings)
        await seats_fill(meeting=id, now=now, settings=settings)
        await listing_follow(group=group, by=by.label, now=now, settings=settings)
        details: dict[str, object] = {"meeting": id, "status": str(columns["status"]), "told": is_news}
        subject, chain = f"group {group.id}", chain_of(group.agency)
        await records.audit(
            at=now, by=by.label, action="group-meeting-changed", subject=subject, details=details, chain=chain
        )
    return True


def _asked(
    group: GroupNow, meeting: MeetingNow, day: date, minute: int, is_on: bool, capacity: int | None, now: datetime
) -> dict[str, object]:
    """What a meeting is to be set to. Raises UnfitFields."""
    problems = [] if 0 <= minute < DAY else [Problem("time", "not-a-time", "")]
    if capacity is not None and not 1 <= capacity <= MOST_SEATS:
        problems.append(Problem("capacity", "not-within", str(capacity), (str(MOST_SEATS),)))
    if is_on and not now - 2 * AHEAD < datetime.combine(day, time(), UTC) < now + 3 * AHEAD:
        raise UnfitFields([*problems, Problem("day", "not-coming", day.isoformat())])
    starts_at, ends_at = meets_at(group.values.series, day if is_on else meeting.day, minute if not problems else 0)
    if is_on and not problems and not now < starts_at < now + 2 * AHEAD:
        problems.append(Problem("day", "not-coming", day.isoformat()))
    if problems:
        raise UnfitFields(problems)
    if not is_on:
        return {"status": CANCELLED, "starts_at": meeting.starts_at, "capacity": capacity}
    columns: dict[str, object] = {
        "status": PLANNED,
        "starts_at": starts_at,
        "ends_at": ends_at,
        "capacity": capacity,
    }
    return columns | ({"reminded_at": None} if starts_at != meeting.starts_at else {})
