"""The hourly round over hand-offs: those that are missing, follow-ups whose time is over, and kind calls that were made."""

from __future__ import annotations

from datetime import datetime

from directory.services.tasks import SYSTEM, task_clear, task_open
from directory.services.waitlist.clients import client_audit
from directory.storage import db
from directory.storage.bridge import follow_ups
from directory.storage.bridge import handoffs as storage
from directory.storage.waitlist import clients

LATE = "follow-up-late"
"""The kind of a task: nobody has asked how it goes."""
ROUND = 200
"""Rows of each sort that one round looks at."""


async def handoffs_tidy(*, now: datetime) -> int:
    """All of the round. Says how much it did; once more does no harm."""
    done = await handoffs_missing_open(now=now)
    for late in await follow_ups.late(now, ROUND):
        async with db.staging():
            done += await task_open(
                kind=LATE,
                key=f"follow-up {late.id}",
                words={},
                address=f"/clients/{late.upi}/handoff#follow",
                agency=late.agency,
                due_at=late.due_at,
                now=now,
            )
    for offer in await follow_ups.talked_since(ROUND):
        async with db.staging():
            done += await task_clear(key=f"handoff {offer}", now=now)
    return done


async def handoffs_missing_open(*, now: datetime) -> int:
    """Opens a hand-off for each yes that has none, as from before there were any, and writes it into the trail of each client's agency."""
    opened = 0
    for each in await storage.missing(ROUND):
        async with db.staging():
            row = await clients.by_id(each.client)
            if row and await storage.add(offer=each.offer, client=each.client, agency=each.agency, now=now):
                await client_audit(row, "handoff-opened", {"offer": each.offer}, by=SYSTEM, now=now)
                opened += 1
    return opened
