"""The messages that go out, for an administrator: what waits, what was given up, and what becomes of that."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from directory.domain.access import SITE, Action, Actor, Refused, demand, may
from directory.domain.notices import DEAD
from directory.services.notices import Overview, notice_find, notice_revive, notices_overview
from directory.settings import Settings
from directory.storage import db, outbox, records


async def messages_overview(*, by: Actor, settings: Settings, now: datetime) -> Overview:
    """What was given up, then what still waits. Raises Denied. Addresses are in it, if masked: that somebody looked is in the access log."""
    demand(by, Action.SEE_MESSAGES, SITE, now=now)
    dead = await notices_overview(dead=True, settings=settings)  # by themselves: thousands may wait, newer than these
    others = [each for each in (await notices_overview(settings=settings)).notices if each.state != DEAD]
    found = replace(dead, notices=(*dead.notices, *others))
    details = {"number": len(found.notices)}
    await records.access_log(at=now, by=by.label, action="see", subject="messages", details=details)
    return found


async def messages_waiting(*, by: Actor, now: datetime) -> int:
    """How many messages were given up; 0 for whoever may not see them."""
    if isinstance(may(by, Action.SEE_MESSAGES, SITE, now=now), Refused):
        return 0
    return (await outbox.counts()).get(DEAD, 0)


async def message_retry(*, by: Actor, id: int, now: datetime) -> bool:
    """Lets a message that was given up start over. False where it cannot. Raises Denied, or NotFound where there is none such."""
    demand(by, Action.SEE_MESSAGES, SITE, now=now)
    async with db.staging():
        row = await notice_find(id=id)
        if not await notice_revive(row=row, now=now):
            return False
        await _note(by, "message-retry", id, row.template, now)
    return True


async def message_drop(*, by: Actor, id: int, now: datetime) -> bool:
    """Deletes a message that was given up. False where it was not given up. Raises Denied, or NotFound where there is none such."""
    demand(by, Action.SEE_MESSAGES, SITE, now=now)
    async with db.staging():
        row = await notice_find(id=id)
        if not await outbox.drop(id):
            return False
        await _note(by, "message-drop", id, row.template, now)
    return True


async def _note(by: Actor, action: str, id: int, template: str, now: datetime) -> None:
    details = {"template": template}
    await records.audit(at=now, by=by.label, action=action, subject=f"message {id}", details=details)
