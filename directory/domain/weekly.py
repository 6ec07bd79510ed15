"""The usual week of a timetable put together: days that follow each other with the same times are one stretch."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from directory.domain.schedule import DAY, Window

MONDAY_FIRST = (1, 2, 3, 4, 5, 6, 0)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days from `first` to `last` (Sunday = 0, in a week that begins on Monday) with the same times.

    A time is (start, minutes): minutes after midnight, and how long, a whole day (1440) at most.
    """

    first: int
    last: int
    times: tuple[tuple[int, int], ...]

    @property
    def days(self) -> int:
        """How many days it covers, 1 to 7."""
        return MONDAY_FIRST.index(self.last) - MONDAY_FIRST.index(self.first) + 1


def weekly(windows: Iterable[Window]) -> tuple[Stretch, ...]:
    """What comes every week, from Monday on; what is monthly or has dates is left to `unlike_others`."""
    times = _times_by_day(window for window in windows if window.is_plain)
    found: list[Stretch] = []
    before: int | None = None
    for day in MONDAY_FIRST:
        if day not in times:
            before = None
            continue
        last = found[-1] if before is not None else None
        if last and last.times == times[day]:
            found[-1] = Stretch(last.first, day, last.times)
        else:
            found.append(Stretch(day, day, times[day]))
        before = day
    return tuple(found)


def unlike_others(windows: Iterable[Window], today: date) -> tuple[Window, ...]:
    """What is in one week of the month, or for some part of the year that is not over."""
    return tuple(
        window for window in windows if not window.is_plain and (window.valid_to is None or window.valid_to >= today)
    )


def _times_by_day(windows: Iterable[Window]) -> dict[int, tuple[tuple[int, int], ...]]:
    """What is longer than a day is one time on each of its days."""
    found: dict[int, set[tuple[int, int]]] = {}
    for window in windows:
        for offset in range(0, window.minutes, DAY):
            day = (window.day + offset // DAY) % 7
            found.setdefault(day, set()).add((window.start, min(DAY, window.minutes - offset)))
    return {day: tuple(sorted(times)) for day, times in found.items()}
