"""Slows guessing down: each try is counted before it is made, under keyed hashes that name nobody."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from directory.domain.people import TooSoon
from directory.domain.sign_in import OF_ACCOUNT, OF_PREFIX, Pace, counted, fold_email, pause, prefix_of
from directory.services.credentials import device_number, try_key
from directory.settings import Settings
from directory.storage import db
from directory.storage import sessions as storage

Paces = Mapping[str, Pace]
"""Under which names a try is counted, and how fast each may go."""


def paces_of(email: str, address: str, settings: Settings, *, known: str = "") -> dict[str, Pace]:
    """A try of a password counts against the account and its part of the network; on a known device against that device alone.

    So strangers who guess on and on cannot keep the owner out (OWASP, "Slow Down Online Guessing Attacks with Device Cookies").
    """
    if number := device_number(known, fold_email(email), settings):
        return {f"device {number}": OF_ACCOUNT}
    return {f"account {fold_email(email)}": OF_ACCOUNT, f"network {prefix_of(address)}": OF_PREFIX}


SAME_TIME, SAME_TIME_IN_TESTS = 0.5, 0.05
"""Seconds: several times what it takes to queue a letter."""


@asynccontextmanager
async def same_time(settings: Settings) -> AsyncIterator[None]:
    """Lasts equally long whatever is done inside, so that nobody can tell from the time of an answer what that was."""
    loop = asyncio.get_running_loop()
    until = loop.time() + (SAME_TIME_IN_TESTS if settings.env == "test" else SAME_TIME)
    try:
        yield
    finally:
        await asyncio.sleep(until - loop.time())


async def slow_down(paces: Paces, *, settings: Settings, now: datetime) -> None:
    """Counts one try under each name before it is made, or raises TooSoon where one has to wait; then nothing is counted."""
    keys = {try_key(name, settings): pace for name, pace in paces.items()}
    async with db.staging():
        await storage.tries_tidy(now)
        known = await storage.tries(list(keys))
        wait = max((pause(known.get(key), pace, now) for key, pace in keys.items()), default=timedelta())
        if wait > timedelta():
            raise TooSoon(wait)
        for key in keys:
            await storage.tries_put(key, counted(known.get(key), now))


async def forgive(paces: Paces, *, settings: Settings) -> None:
    """After a right one: no try counts any more, but for a network, which gets back only this one. Needs a transaction.

    So an office that comes to work at nine is not slowed down, and nobody forgets their guesses by signing in themselves.
    """
    for name, pace in paces.items():
        key = try_key(name, settings)
        if pace is not OF_PREFIX:
            await storage.tries_forget(key)
        elif tries := (await storage.tries([key])).get(key):
            await storage.tries_put(key, replace(tries, count=max(tries.count - 1, 0.0)))
