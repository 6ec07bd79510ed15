"""Openings of levels of care that an agency closes: they are closed with it, and one that is held for somebody once that offer has ended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from directory.domain.access import Actor
from directory.domain.waitlist.states import Slot
from directory.services.waitlist import plumbing
from directory.storage.waitlist import offers as stored


async def openings_leave(*, levels: Sequence[int], by: Actor, now: datetime) -> int:
    """Closes the openings of these levels that are offered to nobody, and says how many are held. Needs a transaction; who asks has been
    looked at. Once that has set the levels, nobody takes one of them in between."""
    for slot, agency in await stored.slots_at(levels, Slot.OPEN):
        await plumbing.slot_leave(slot, agency, by=by.label, now=now)
    return len(await stored.slots_at(levels, Slot.HELD))
