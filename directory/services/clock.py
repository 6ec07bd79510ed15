"""The time, as everything that needs it is given it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from directory.settings import Settings, read_clock

Clock = Callable[[], datetime]


def clock_of(settings: Settings) -> Clock:
    """The clock of these settings: the machine's, or the file that DIRECTORY_CLOCK names, read at each call."""
    if settings.clock:
        return lambda: read_clock(settings.clock).astimezone(UTC)
    return lambda: datetime.now(UTC)
