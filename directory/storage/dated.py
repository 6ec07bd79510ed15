"""Asks the timetables of single listings what no weekly time can tell: monthly meetings, holidays, times of a season."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial

from directory.domain import schedule
from directory.domain.schedule import TimeFilter, Timetable
from directory.storage.cards import Times, timetables_of
from directory.storage.memory import memory
from directory.storage.search_sql import Wanted

Read = Callable[[Sequence[int]], Awaitable[dict[int, Times]]]
"""Gives the timetables of listings."""
_AT_ONCE = 500


async def matching(ids: Sequence[int], wanted: Wanted, read: Read = timetables_of) -> dict[int, Timetable]:
    """Those of these listings that answer what is asked of the time, with their timetables."""
    tables: dict[int, Times] = {}
    for start in range(0, len(ids), _AT_ONCE):
        tables |= await read(ids[start : start + _AT_ONCE])
    # Many listings share a timetable (storage/cards.py `_one`); by its address, since to hash one takes longer.
    told = {(id(table), online): (table, online) for table, online in tables.values()}
    answers = memory().at_minute(wanted.time, wanted.now, partial(_matches, wanted.time))
    right = {key for key, (table, online) in told.items() if answers(table, wanted.zone if online else None)}
    return {listing: table for listing, (table, online) in tables.items() if (id(table), online) in right}


def _matches(asked: TimeFilter, table: Timetable, now: datetime, seen_from: str | None) -> bool:
    return schedule.matches(table, asked, now, seen_from=seen_from)
