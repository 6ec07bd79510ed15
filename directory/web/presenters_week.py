"""The times of one listing on its page: the week row by row, what is monthly, the days unlike the others, what comes next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from directory import labels
from directory.domain.holidays import holidays_of
from directory.domain.schedule import (
    DAY,
    HORIZON_DAYS,
    Change,
    Occurrence,
    Timetable,
    Window,
    aware,
    occurrences,
    wall_time,
)
from directory.i18n import a_weekday, gettext
from directory.web.presenters import Fact
from directory.web.presenters_time import DAYS_BACK
from directory.web.wording import day_span_words, day_words, span_words

_ = gettext

NEXT_TIMES = 3


@dataclass(frozen=True, slots=True)
class Day:
    """One row of the week. `times` is empty on a closed day; `note` says why the day differs. `is_over`: today, and no more."""

    name: str
    times: tuple[str, ...]
    is_today: bool
    is_over: bool = False
    note: str = ""


def has_hours(timetable: Timetable) -> bool:
    """Whether there are times in which one may come."""
    return any(window.sort == "hours" for window in timetable.windows)


def has_meetings(timetable: Timetable) -> bool:
    """Whether there are starts that matter."""
    return any(window.sort == "meeting" for window in timetable.windows)


def week(timetable: Timetable, zone: str, now: datetime) -> Iterator[Day]:
    """Seven days from today on, on the clock of `zone`; of a meeting only the days on which it is held, or would be."""
    if not timetable.windows:
        return
    here, is_place = ZoneInfo(zone), has_hours(timetable)
    today = now.astimezone(here).date()
    rows: dict[date, list[tuple[datetime, datetime]]] = defaultdict(list)
    for start, end in _pieces(timetable, here, today):
        rows[start.date()].append((start, end))
    for offset in range(7):
        day = today + timedelta(days=offset)
        times, change = rows[day], _change_of(timetable, day)
        if times or is_place or (change and any(window.falls_on(day) for window in timetable.windows)):
            is_over = not offset and bool(times) and not is_place and all(end <= now for _start, end in times)
            yield Day(
                day_words(day),
                tuple(span_words(*both) for both in times),
                is_today=not offset,
                is_over=is_over,
                note=_why(change, day) if change else "",
            )


def _pieces(timetable: Timetable, here: ZoneInfo, today: date) -> Iterator[tuple[datetime, datetime]]:
    """All times of these days on the clock shown; hours longer than a day are cut at each midnight.

    A day either side: a time of the listing's day can fall on another day of the visitor's.
    """
    for found in occurrences(timetable, today - timedelta(days=DAYS_BACK), DAYS_BACK + 8):
        for start, end in _cut(found):
            yield (
                aware(start, timetable.zone).astimezone(here),
                aware(end, timetable.zone).astimezone(here),
            )


def _cut(found: Occurrence) -> Iterator[tuple[datetime, datetime]]:
    start = found.start
    while found.end - start > timedelta(minutes=DAY):
        midnight = datetime.combine(start.date() + timedelta(days=1), time())
        yield start, midnight
        start = midnight
    yield start, found.end


def _change_of(timetable: Timetable, day: date) -> Change | None:
    return next((change for change in timetable.changes if change.covers(day)), None)


def _why(change: Change, day: date) -> str:
    """The holiday for which the day differs; "" where the source gives none."""
    names = (change.holiday,) if change.holiday else holidays_of(day.year).get(day, ())
    return _(labels.HOLIDAY[names[0]]) if names and names[0] in labels.HOLIDAY else ""


def special(timetable: Timetable, now: datetime) -> Iterator[Fact]:
    """The days unlike the others that are still to come, in order of their next date."""
    today = wall_time(now, timetable.zone).date()
    coming = [(day, change) for change in timetable.changes if (day := _next_date(change, today))]
    for day, change in sorted(coming, key=lambda each: each[0]):
        name = ", ".join(part for part in (_why(change, day), _unbroken(day_words(day))) if part)
        yield Fact(name, ", ".join(_minutes_words(*window) for window in change.windows) or _("closed"))


def _unbroken(words: str) -> str:
    return words.replace(" ", "\N{NO-BREAK SPACE}")


def _next_date(change: Change, today: date) -> date | None:
    if change.on:
        return change.on if change.on >= today else None
    years = (today.year, today.year + 1)
    days = (day for year in years for day, names in holidays_of(year).items() if change.holiday in names)
    return min((day for day in days if day >= today), default=None)


def next_words(timetable: Timetable, zone: str, now: datetime) -> tuple[str, ...]:
    """The next three meetings; what is open needs none, its week says it."""
    if not has_meetings(timetable):
        return ()
    wall, here = wall_time(now, timetable.zone), ZoneInfo(zone)
    held = (each for each in occurrences(timetable, wall.date(), HORIZON_DAYS) if each.sort == "meeting")
    coming = [each for each in held if each.start >= wall][:NEXT_TIMES]

    def seen(moment: datetime) -> datetime:
        return aware(moment, timetable.zone).astimezone(here)

    return tuple(day_span_words(seen(each.start), seen(each.end), now) for each in coming)


def monthly_words(timetable: Timetable) -> tuple[str, ...]:
    """What is held in one week of the month, in the listing's own time."""
    return tuple(_window_words(window) for window in timetable.windows if window.week is not None)


def usual_words(timetable: Timetable) -> tuple[str, ...]:
    """All its times by weekday, without a date on which to go."""
    return tuple(_window_words(window) for window in sorted(timetable.windows, key=_by_day))


def _by_day(window: Window) -> tuple[int, int]:
    return window.day, window.start


def _window_words(window: Window) -> str:
    """Such as "Second Tuesday of the month, 6 pm to 7 pm"."""
    day = a_weekday(window.day)
    if window.week is not None:
        day = _(labels.WEEK_OF_MONTH[window.week]) % {"day": day}
    return f"{day}, {_minutes_words(window.start, window.minutes)}"


def _minutes_words(start: int, minutes: int) -> str:
    end = (start + minutes) % DAY
    return span_words(time(start // 60, start % 60), time(end // 60, end % 60))
