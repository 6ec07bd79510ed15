"""Somebody who asked to be called, for the tests of who may go where."""

from __future__ import annotations

from directory.services.sealing import seal
from directory.storage import db
from directory.storage.waitlist import intake
from tests.accounts import NOW
from tests.services.waitlist.world import SETTINGS


async def asked(*, is_again: bool) -> int:
    """The number of somebody new who waits for a call. `is_again`: somebody has tried and reached nobody."""
    words = {"name": "Ben", "phone": "215-555-0133", "times": "", "for_whom": "self", "note": ""}
    async with db.staging():
        id = await intake.add(sealed=seal(words, SETTINGS), language="en", now=NOW)
        if is_again:
            await intake.take(id, by="test", now=NOW)
            await intake.give_back(id, by="test")
    return id
