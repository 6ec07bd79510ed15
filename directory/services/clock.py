"""The time, as everything that needs it is given it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from directory.settings import Settings, read_clock

Clock = Callable[[], datetime]


def clock_of(settings: Settings) -> Clock:
    """The clock of these settings: the machine's, or the file that DIRECTORY_CLOCK names, read at each call."""
    if settings.clock:
        return lambda: read_clock(settings.clock).astimezone(UTC)
    return lambda: datetime.now(UTC)


async def local_day(zone: str, now: datetime) -> date:
    """The day on the calendar of a zone. Its rules are read from a file once, and not in the loop."""
    if zone not in _zones:
        _zones[zone] = await asyncio.to_thread(ZoneInfo, zone)
    return now.astimezone(_zones[zone]).date()


_zones: dict[str, ZoneInfo] = {}
