"""When a place is open and when a meeting starts, in the wall time of the place.

Every question is asked in local wall time and only the answer is put into a time zone, so a meeting at
19:00 stays at 19:00 when the clocks change. Lengths are minutes of the wall clock: a night shelter open
22:00-06:00 closes at 06:00 also on the night that has 23 hours.

Weekdays count from Sunday = 0, as in Meeting Guide. Minutes count from midnight; a window that runs past
midnight belongs to the day on which it starts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from directory.domain.holidays import holidays_of

Sort = Literal["meeting", "hours"]
"""A meeting has a start that matters; hours are a time in which one may come."""

DAY = 24 * 60
WEEK = 7 * DAY
GRACE_MINUTES = 10
"""A meeting that began less than this long ago is still worth walking to (FORMATS, Meeting Guide readers)."""
SOON_MINUTES = 60
LAST = -1
"""The `week` of "the last Friday of the month"."""
HORIZON_DAYS = 122
"""How far ahead a next start is looked for: four months hold every monthly meeting, that of a fifth Tuesday too (119 days apart)."""


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """One repeated time: every week, or in one week of the month when `week` is 1-5 or LAST.

    `start` is minutes after midnight (0-1439), `minutes` the length (1-1440 for a meeting, up to a week for hours).
    Dates bound it, both inclusive; None leaves that side open.
    """

    sort: Sort
    day: int
    start: int
    minutes: int
    week: int | None = None
    valid_from: date | None = None
    valid_to: date | None = None

    @property
    def is_plain(self) -> bool:
        """Whether it simply repeats every week: what a database can answer without dates."""
        return self.week is None and self.valid_from is None and self.valid_to is None

    def falls_on(self, day: date) -> bool:
        """Whether it starts on this date."""
        if weekday(day) != self.day:
            return False
        if (self.valid_from and day < self.valid_from) or (self.valid_to and day > self.valid_to):
            return False
        if self.week is None:
            return True
        if self.week == LAST:
            return (day + timedelta(days=7)).month != day.month
        return (day.day - 1) // 7 + 1 == self.week


@dataclass(frozen=True, slots=True)
class Change:
    """A day unlike the others: closed, or other hours. The day is a date, or a holiday that comes every year.

    `windows` are (start, minutes) pairs that replace the regular ones; empty means closed.
    """

    on: date | None = None
    holiday: str | None = None
    windows: tuple[tuple[int, int], ...] = ()

    def covers(self, day: date) -> bool:
        """Whether the change is for this date."""
        return self.on == day or (self.holiday is not None and self.holiday in holidays_of(day.year).get(day, ()))


@dataclass(frozen=True, slots=True)
class Timetable:
    """All the times of one listing, in the wall time of `zone` (an IANA name)."""

    windows: tuple[Window, ...]
    zone: str
    changes: tuple[Change, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Whether every week is like every other."""
        return not self.changes and all(window.is_plain for window in self.windows)


@dataclass(frozen=True, slots=True, order=True)
class Occurrence:
    """One time it happens: wall-clock start and end (naive), and which sort of window it comes from."""

    start: datetime
    end: datetime
    sort: Sort

    def holds(self, wall: datetime) -> bool:
        """Whether it is going on at this wall time. The end is exclusive."""
        return self.start <= wall < self.end


@dataclass(frozen=True, slots=True)
class TimeRange:
    """Minutes of the day, end exclusive; an end at or before the start wraps past midnight."""

    start: int
    end: int

    def holds(self, minute: int) -> bool:
        """Whether a minute of the day lies in the range."""
        if self.start < self.end:
            return self.start <= minute < self.end
        return minute >= self.start or minute < self.end

    def pieces(self) -> tuple[tuple[int, int], ...]:
        """The range as one or two (start, end) pieces inside one day."""
        if self.start < self.end:
            return ((self.start, self.end),)
        return tuple(piece for piece in ((self.start, DAY), (0, self.end)) if piece[0] < piece[1])


def weekday(day: date) -> int:
    """Sunday = 0 to Saturday = 6."""
    return day.isoweekday() % 7


def week_minute(wall: datetime) -> int:
    """Minutes since Sunday 00:00 on the wall clock."""
    return weekday(wall.date()) * DAY + wall.hour * 60 + wall.minute


def wall_time(moment: datetime, zone: str) -> datetime:
    """An aware moment as naive wall time in a zone."""
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def aware(wall: datetime, zone: str) -> datetime:
    """Naive wall time put into its zone.

    A time that the clocks skip (02:30 on the night they go forward) is read as the same moment after the
    change (03:30); one that comes twice is the first of the two (PEP 495, fold=0).
    """
    there = wall.replace(tzinfo=ZoneInfo(zone))
    return there.astimezone(UTC).astimezone(ZoneInfo(zone))


def zone_shift(moment: datetime, there: str, here: str) -> int:
    """Minutes to add to a wall time in `there` to read it on a clock in `here`, at this moment."""
    difference = wall_time(moment, here) - wall_time(moment, there)
    return round(difference.total_seconds() / 60)


def _starts_on(timetable: Timetable, day: date, windows: Iterable[Window]) -> Iterator[tuple[int, int, Sort]]:
    """(start, minutes, sort) of all that starts on this date; `windows` are those of its weekday."""
    for change in timetable.changes:
        if change.covers(day):
            # A meeting does not become open hours because its day has other times.
            only_meets = bool(timetable.windows) and all(window.sort == "meeting" for window in timetable.windows)
            sort: Sort = "meeting" if only_meets else "hours"
            yield from ((start, minutes, sort) for start, minutes in change.windows)
            return
    for window in windows:
        if window.is_plain or window.falls_on(day):
            yield window.start, window.minutes, window.sort


def occurrences(timetable: Timetable, first: date, days: int) -> list[Occurrence]:
    """All that starts on `days` dates from `first` on, in order of start."""
    found = []
    by_weekday: dict[int, list[Window]] = {}
    for window in timetable.windows:
        by_weekday.setdefault(window.day, []).append(window)
    begins = weekday(first)
    for offset in range(days):
        windows = by_weekday.get((begins + offset) % 7, ())
        if not windows and not timetable.changes:
            continue  # on most days of most listings there is nothing, and a page asks for hundreds of days
        day = first + timedelta(days=offset)
        midnight = datetime(day.year, day.month, day.day)
        for start, minutes, sort in _starts_on(timetable, day, windows):
            begin = midnight + timedelta(minutes=start)
            found.append(Occurrence(begin, begin + timedelta(minutes=minutes), sort))
    return sorted(found)


def _around(timetable: Timetable, wall: datetime, ahead: int = 1) -> list[Occurrence]:
    """What started in the days before this wall time and may still be going on, and `ahead` days from it."""
    lengths = [window.minutes for window in timetable.windows]
    lengths += [minutes for change in timetable.changes for _, minutes in change.windows]
    longest = max(lengths, default=0)
    back = longest // DAY + 1
    return occurrences(timetable, wall.date() - timedelta(days=back), back + 1 + ahead)


def is_open(timetable: Timetable, now: datetime) -> bool | None:
    """Whether it is open, or in progress, at this moment. None when no times are known."""
    if not timetable.windows:
        return None
    wall = wall_time(now, timetable.zone)
    return any(found.holds(wall) for found in _around(timetable, wall, ahead=0))


def open_until(timetable: Timetable, now: datetime) -> datetime | None:
    """When what is open now ends, as an aware time in the listing's zone; windows that touch are joined.

    None when it is closed, when no times are known, when it never closes (see `is_always_open`), or not in the next months.
    """
    if not timetable.windows or is_always_open(timetable):
        return None
    wall = wall_time(now, timetable.zone)
    for days in (7, HORIZON_DAYS):
        end = _end_of(_around(timetable, wall, ahead=days), wall)
        if end is None or end.date() <= wall.date() + timedelta(days=days):
            return aware(end, timetable.zone) if end else None
    return None


def _end_of(around: Iterable[Occurrence], wall: datetime) -> datetime | None:
    """When what holds at this wall time ends, in the order of their starts, joined with what follows without a gap."""
    end: datetime | None = None
    for found in around:
        if found.holds(wall) or (end is not None and found.start <= end):
            end = max(end or found.end, found.end)
    return end


def is_always_open(timetable: Timetable) -> bool:
    """Whether it is open at every minute of every week (and never has a different day)."""
    if not timetable.is_plain:
        return False
    covered = 0
    starts = [(window.day * DAY + window.start, window.minutes) for window in timetable.windows]
    # What began at the end of the last week runs into this one.
    for start, minutes in sorted([*starts, *((start - WEEK, minutes) for start, minutes in starts)]):
        if start > covered:
            return False
        covered = max(covered, start + minutes)
    return covered >= WEEK


def next_occurrences(timetable: Timetable, now: datetime, count: int, *, grace: int = 0) -> list[Occurrence]:
    """The next `count` that start at or after `now` less `grace` minutes, looking `HORIZON_DAYS` ahead. Wall times."""
    wall = wall_time(now, timetable.zone) - timedelta(minutes=grace)
    found: list[Occurrence] = []
    for offset in range(0, HORIZON_DAYS, 7):
        week = occurrences(timetable, wall.date() + timedelta(days=offset), 7)
        found += [occurrence for occurrence in week if occurrence.start >= wall]
        if len(found) >= count:
            break
    return found[:count]


def next_start(timetable: Timetable, now: datetime, *, grace: int = 0) -> datetime | None:
    """When it next starts or opens, as an aware time in the listing's zone; None when that is not known."""
    coming = next_occurrences(timetable, now, 1, grace=grace)
    return aware(coming[0].start, timetable.zone) if coming else None


def minutes_until_worth_going(timetable: Timetable, now: datetime) -> int | None:
    """What "sorted by time" sorts by: minutes until the next start, from the ten minutes of grace on.

    Zero is ten minutes ago. Open hours that hold now count as starting now. None sorts last.
    """
    now = now.replace(second=0, microsecond=0)
    wall = wall_time(now, timetable.zone)
    around = _around(timetable, wall, ahead=0)
    going_on = [found for found in around if found.sort == "hours" and found.holds(wall)]
    if going_on:
        # A meeting that has just begun in a place that is open comes before the place.
        starts = [found.start for found in around if found.start < wall and found not in going_on]
    else:
        starts = [found.start for found in next_occurrences(timetable, now, 1, grace=GRACE_MINUTES)]
    minutes = [int((start - wall).total_seconds() // 60) + GRACE_MINUTES for start in starts]
    minutes = [number for number in minutes if number >= 0] + ([GRACE_MINUTES] if going_on else [])
    return min(minutes, default=None)


@dataclass(frozen=True, slots=True)
class TimeFilter:
    """What a visitor asks of the time.

    `day` is a weekday, `date_offset` 0 for today and 1 for tomorrow, `within` a range of the day: day and range must hold
    of one and the same occurrence. `now` asks for what is in progress or about to start, `open_now` for what is open or
    in progress.
    """

    day: int | None = None
    date_offset: int | None = None
    within: TimeRange | None = None
    now: bool = False
    open_now: bool = False

    @property
    def is_set(self) -> bool:
        """Whether anything is asked."""
        return self != TimeFilter()


def matches(timetable: Timetable, wanted: TimeFilter, now: datetime, *, seen_from: str | None = None) -> bool:
    """Whether the listing answers the filter at this moment.

    `seen_from` is the visitor's zone for what happens online: days and times are then read on the visitor's clock, by
    the difference that the two zones have at `now`.
    """
    if not timetable.windows:
        return not wanted.is_set
    wall = wall_time(now, timetable.zone).replace(second=0, microsecond=0)
    if wanted.open_now and not is_open(timetable, now):
        return False
    if wanted.now and not any(_is_now(found, wall) for found in _around(timetable, wall)):
        return False
    if wanted.day is None and wanted.date_offset is None and wanted.within is None:
        return True
    shift = timedelta(minutes=zone_shift(now, timetable.zone, seen_from) if seen_from else 0)
    today = (wall + shift).date()
    return any(
        _fits(Occurrence(found.start + shift, found.end + shift, found.sort), wanted, today)
        for found in occurrences(timetable, today - timedelta(days=2), _days_to_ask(timetable, wanted))
    )


def _days_to_ask(timetable: Timetable, wanted: TimeFilter) -> int:
    """A week answers for what is the same every week; a date needs only the days around it; months need months."""
    if wanted.date_offset is not None:
        return 6
    return 10 if timetable.is_plain else HORIZON_DAYS


def _is_now(found: Occurrence, wall: datetime) -> bool:
    until = (found.start - wall).total_seconds() / 60
    return found.holds(wall) or -GRACE_MINUTES <= until <= SOON_MINUTES


def _fits(found: Occurrence, wanted: TimeFilter, today: date) -> bool:
    day = found.start.date()
    if (wanted.day is not None or wanted.date_offset is not None) and day < today:
        return False  # what will not come again is no answer to "on Monday"
    if wanted.date_offset is not None:
        if day != today + timedelta(days=wanted.date_offset):
            return False
    elif wanted.day is not None and weekday(day) != wanted.day:
        return False
    if wanted.within is None:
        return True
    start = found.start.hour * 60 + found.start.minute
    if found.sort == "meeting":
        return wanted.within.holds(start)
    minutes = int((found.end - found.start).total_seconds() // 60)
    on_one_day = wanted.day is not None or wanted.date_offset is not None
    return overlaps(start, minutes, wanted.within, on_one_day=on_one_day)


def overlaps(start: int, minutes: int, within: TimeRange, *, on_one_day: bool) -> bool:
    """Whether open hours share any minute with a range of the day.

    `on_one_day`: only the part of them before the next midnight counts, because a visitor who asks for Monday morning
    does not mean the morning after a place that opens on Monday night. Otherwise every day that they run into counts.
    """
    end = min(start + minutes, DAY) if on_one_day else start + minutes
    days = range(0, end // DAY + 1)
    return any(
        start < piece_end + offset * DAY and piece_start + offset * DAY < end
        for piece_start, piece_end in within.pieces()
        for offset in days
    )
