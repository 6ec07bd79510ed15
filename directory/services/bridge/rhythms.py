"""How often somebody is asked how they are: set by a peer, begun by itself for everybody in a line, and what follows when it was missed."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from directory.domain.access import Actor
from directory.domain.bridge.check_ins import (
    GRACE,
    USUAL_DAYS,
    Step,
    due_after_pause,
    next_due,
    rhythm_problems,
    step_due,
    usual_channel,
)
from directory.domain.people import UnfitFields
from directory.services.bridge.signs import missed_key
from directory.services.clock import local_day
from directory.services.tasks import SYSTEM, task_clear, task_open
from directory.services.waitlist.clients import client_audit, client_found, client_open, zone_of
from directory.settings import Settings
from directory.storage import db
from directory.storage.bridge import check_ins as storage
from directory.storage.bridge import rhythms as rounds
from directory.storage.bridge.check_ins import Rhythm
from directory.storage.bridge.rhythms import Missed, Without
from directory.storage.waitlist import clients, routes
from directory.storage.waitlist.clients import ClientNow

ROUND = 200
"""Clients that one round of a job looks at; the next one goes on."""


async def rhythm_set(
    *,
    upi: str,
    every_days: int | None,
    channel: str,
    paused_until: date | None,
    version: int,
    by: Actor,
    now: datetime,
    settings: Settings,
) -> bool:
    """Sets how often and by which way a client is asked, and until which day not at all. `version` is 0 where there was no rhythm to look at.

    False where somebody has changed it since. Raises UnfitFields, NotFound, Denied.
    """
    row = (await client_found(upi=upi, by=by, now=now, settings=settings)).row
    zone = await zone_of(row.agency)
    today = await local_day(zone, now)
    if problems := rhythm_problems(every_days=every_days, channel=channel, paused_until=paused_until, today=today):
        raise UnfitFields(problems)
    assert every_days is not None
    async with db.staging():
        await client_open(client=row.id)
        before = await storage.rhythm(row.id)
        due = _due(before, every_days, paused_until, zone, now, today)
        columns: dict[str, object] = {"every_days": every_days, "channel": channel, "due_at": due}
        if not await _set(row, before, columns | {"paused_until": paused_until}, version, by.label, now):
            return False
        details = {"every_days": every_days, "channel": channel, "paused": paused_until is not None}
        await client_audit(row, "rhythm-set", details, by=by.label, now=now)
    return True


def _due(
    before: Rhythm | None, days: int, paused_until: date | None, zone: str, now: datetime, today: date
) -> datetime:
    """When the next one is due. A new rhythm never puts off what is due already; a pause does, and its end brings it back."""
    usual = next_due(now, days, zone)
    is_paused = before is not None and before.paused_until is not None and before.paused_until >= today
    due = usual if before is None or is_paused else min(before.due_at, usual)
    return due_after_pause(paused_until, due, zone) if paused_until else due


async def _set(
    row: ClientNow, before: Rhythm | None, columns: dict[str, object], version: int, by: str, now: datetime
) -> bool:
    said = {"by": by, "at": now} | columns
    if before is None:
        return version == 0 and await _added(row.id, columns, by, now) and await storage.rhythm_change(row.id, 1, said)
    is_moved = columns["due_at"] != before.due_at  # what was begun about a missed one ends with it
    if not await storage.rhythm_change(row.id, version, said | ({"step": 0, "step_at": None} if is_moved else {})):
        return False
    if is_moved:
        await task_clear(key=missed_key(row.id), now=now, by=by)
    return True


async def _added(client: int, columns: dict[str, object], by: str, now: datetime) -> bool:
    return await storage.rhythm_add(
        client=client,
        every_days=int(str(columns["every_days"])),
        channel=str(columns["channel"]),
        due_at=now,
        by=by,
        now=now,
    )


# --- by itself -------------------------------------------------------------------------------------------------------


async def rhythms_keep(*, now: datetime) -> int:
    """Begins a weekly rhythm for everybody who stands in a line and has none, and ends those of people who stand in none and are followed up no
    more. Says how many."""
    done = sum([await _begin(each, now) for each in await rounds.without_rhythm(ROUND)])
    async with db.staging():
        ended = await rounds.rhythms_end()
        for client in ended:
            await task_clear(key=missed_key(client), now=now)
            if row := await clients.by_id(client):
                await client_audit(row, "rhythm-ended", {}, by=SYSTEM, now=now)
    return done + len(ended)


async def _begin(found: Without, now: datetime) -> bool:
    """A week after somebody was last heard of; nobody is overdue on the first day."""
    await local_day(found.zone, now)  # by which the rules of the zone are read from their file, and not in the loop
    heard = max(each for each in (found.asked_at, found.heard_at) if each)
    ways = tuple(route.channel for route in await routes.of_client(found.client) if route.stopped_at is None)
    due, channel = max(next_due(heard, USUAL_DAYS, found.zone), now), usual_channel(ways)
    async with db.staging():
        row = await clients.by_id(found.client)
        if row is None or row.merged_into is not None or row.cleared_at is not None:
            return False
        added = await storage.rhythm_add(
            client=row.id, every_days=USUAL_DAYS, channel=channel, due_at=due, by=SYSTEM, now=now
        )
        if added:
            details = {"every_days": USUAL_DAYS, "channel": channel}
            await client_audit(row, "rhythm-set", details, by=SYSTEM, now=now)
    return added


async def check_ins_missed(*, now: datetime) -> int:
    """Goes on with every missed check-in: a second way after a day, a coordinator two days later. Says how many steps were begun."""
    return sum([await _step(each, now) for each in await rounds.overdue(now - GRACE, ROUND * 10)])


async def _step(missed: Missed, now: datetime) -> bool:
    step = step_due(missed.step, missed.due_at, missed.step_at, now)
    if step is None:
        return False
    async with db.staging():
        if not await storage.rhythm_step(missed.client, missed.due_at, missed.step, step, now):
            return False
        row = await clients.by_id(missed.client)
        assert row is not None
        await rounds.miss_add(row.id, missed.due_at, step, now)
        if step is Step.COORDINATOR:
            await task_open(
                kind="check-in-missed",
                key=missed_key(row.id),
                words={},
                address=f"/clients/{row.upi}/check-ins",
                agency=row.agency,
                due_at=now + timedelta(days=1),
                now=now,
            )
        await client_audit(row, "check-in-missed", {"step": int(step)}, by=SYSTEM, now=now)
    return True
