"""When somebody has to look at a feed: it could not be read three times in a row, or will not be by itself, or much would go."""

from __future__ import annotations

import re
from datetime import datetime

from directory.services.tasks import SYSTEM, task_clear, task_open
from directory.storage.feeds import Feed

PATIENCE = 3
"""Failures in a row after which it does not look like a passing trouble any more."""
_PASSING = ("unreachable", "too-slow", "broken-off", "status-429", "status-5")
"""How the error of a trouble begins that may well be over at the next try."""
_REMOVALS = re.compile(r"removals: (\d+) of (\d+) listings")


async def trouble_told(feed: Feed, now: datetime) -> None:
    """Opens a task where the trouble of a feed needs somebody. Needs a transaction."""
    error, address = feed.error or "", f"/feeds/{feed.source}"
    if found := _REMOVALS.match(error):
        words: dict[str, object] = {"source": feed.source, "gone": int(found[1]), "active": int(found[2])}
        key = f"feed-removals {feed.source}"
        await task_open(kind="feed-removals", key=key, words=words, address=address, now=now)
    elif feed.tries >= PATIENCE or feed.next_at is None or not error.startswith(_PASSING):
        words = {"source": feed.source, "tries": feed.tries}
        await task_open(kind="feed-failed", key=f"feed {feed.source}", words=words, address=address, now=now)


async def trouble_over(source: str, now: datetime, by: str = SYSTEM) -> None:
    """Closes what was open about a feed that is read well again, or that somebody (`by`) has stopped. Needs a transaction."""
    for key in (f"feed {source}", f"feed-removals {source}"):
        await task_clear(key=key, now=now, by=by)
