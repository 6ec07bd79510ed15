"""Counts how often a listing's page is opened, so that what many rely on is checked first. It keeps a number for each listing, and no word
about anybody: not who, not when to the minute, not from where.
"""

from __future__ import annotations

import logging
import time
from collections import Counter

from directory.services.clock import Clock
from directory.storage import db
from directory.storage import uses as storage

log = logging.getLogger("footbridge")

PAUSE_SECONDS = 60.0
"""So long openings stay in memory at the least, where those of many visitors become one number."""
MOST_LISTINGS = 5_000
"""Listings that are counted in memory at a time; openings of others are not counted until these are written."""


class Uses:
    """The openings that one process has counted since it last wrote them down. What is not written when it stops is lost: it is rough anyway."""

    def __init__(self) -> None:
        self._opened: Counter[str] = Counter()
        self._written_at = time.monotonic()

    def note(self, slug: str) -> None:
        """Counts one opening."""
        if slug in self._opened or len(self._opened) < MOST_LISTINGS:
            self._opened[slug] += 1

    @property
    def is_due(self) -> bool:
        """Whether it is time to write."""
        return bool(self._opened) and time.monotonic() - self._written_at >= PAUSE_SECONDS

    async def write(self, clock: Clock) -> None:
        """Writes down what was counted. Where that cannot be done now it is for the next time: no visitor's page depends on it."""
        taken, self._opened, self._written_at = self._opened, Counter(), time.monotonic()
        try:
            async with db.staging():
                await storage.add(taken, clock())
        except Exception as error:
            self._opened.update(taken)
            log.warning("openings of pages were not written: %s", type(error).__name__)


async def uses_halve(*, clock: Clock) -> int:
    """Halves each count once a week, so that it says what is used lately."""
    async with db.staging():
        return await storage.halve(clock())
