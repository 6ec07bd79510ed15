from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from directory.domain import schedule
from directory.domain.holidays import US_HOLIDAYS, holidays_of
from directory.domain.schedule import DAY, LAST, Change, Occurrence, TimeFilter, TimeRange, Timetable, Window
from directory.domain.search import TIMES_OF_DAY
from tests.factories import LOS_ANGELES, NEW_YORK, every_day, hours, meeting, times

LATE = times(meeting(1, "23:00", 90))  # Monday 23:00 to Tuesday 00:30
SATURDAY = times(meeting(6, "23:30", 60))
OFFICE = times(*(hours(day, "09:00", 480) for day in range(1, 6)))
SHELTER = times(*every_day("22:00", 480))  # 22:00 to 06:00
WEEKEND = times(hours(5, "18:00", 62 * 60))  # Friday 18:00 to Monday 08:00
ALWAYS = times(*every_day("00:00", DAY))
ROUND_THE_CLOCK = times(*every_day("22:00", DAY))
SECOND_TUESDAY = times(meeting(2, "19:00", week=2))
LAST_FRIDAY = times(meeting(5, "19:00", week=LAST))
FIFTH_TUESDAY = times(meeting(2, "19:00", week=5))
SEASON = times(meeting(1, "23:00", 90, valid_from=date(2026, 3, 9), valid_to=date(2026, 3, 16)))
CLOSED_ONCE = times(*every_day("09:00", 480), changes=(Change(on=date(2026, 3, 4)),))
OTHER_HOURS = times(*every_day("09:00", 480), changes=(Change(on=date(2026, 3, 4), windows=((600, 60), (840, 60))),))
NOT_AT_CHRISTMAS = times(*every_day("00:00", DAY), changes=(Change(holiday="christmas"),))
LONG_NIGHT = times(hours(1, "09:00", 60), changes=(Change(on=date(2026, 3, 4), windows=((1200, 2000),)),))
UNKNOWN = times()


def at(text: str, zone: str = NEW_YORK) -> datetime:
    """A wall time on the wall of this zone."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("table", "moment", "expected"),
    [
        (LATE, "2026-03-02T22:59", False),
        (LATE, "2026-03-02T23:00", True),
        (LATE, "2026-03-03T00:10", True),
        (LATE, "2026-03-03T00:29:59", True),
        (LATE, "2026-03-03T00:30", False),
        (LATE, "2026-03-02T00:10", False),
        (SATURDAY, "2026-03-01T00:15", True),
        (SATURDAY, "2026-03-01T00:30", False),
        (OFFICE, "2026-03-02T16:59", True),
        (OFFICE, "2026-03-02T17:00", False),
        (OFFICE, "2026-03-01T12:00", False),
        (SHELTER, "2026-03-02T05:59", True),
        (SHELTER, "2026-03-02T06:00", False),
        (WEEKEND, "2026-03-02T07:59", True),
        (WEEKEND, "2026-03-02T08:00", False),
        (ALWAYS, "2026-03-01T00:00", True),
        (ROUND_THE_CLOCK, "2026-03-01T21:59", True),
        (SECOND_TUESDAY, "2026-03-10T19:30", True),
        (SECOND_TUESDAY, "2026-03-03T19:30", False),
        (SECOND_TUESDAY, "2026-03-17T19:30", False),
        (LAST_FRIDAY, "2026-03-27T19:30", True),
        (LAST_FRIDAY, "2026-05-22T19:30", False),
        (LAST_FRIDAY, "2026-05-29T19:30", True),
        (LAST_FRIDAY, "2026-04-24T19:30", True),
        (LAST_FRIDAY, "2026-07-24T19:30", False),
        (SEASON, "2026-03-02T23:30", False),
        (SEASON, "2026-03-09T23:30", True),
        (SEASON, "2026-03-17T00:10", True),
        (SEASON, "2026-03-23T23:30", False),
        (CLOSED_ONCE, "2026-03-04T10:00", False),
        (CLOSED_ONCE, "2026-03-11T10:00", True),
        (OTHER_HOURS, "2026-03-04T10:30", True),
        (OTHER_HOURS, "2026-03-04T12:00", False),
        (NOT_AT_CHRISTMAS, "2026-12-25T12:00", False),
        (NOT_AT_CHRISTMAS, "2027-12-25T12:00", False),
        (NOT_AT_CHRISTMAS, "2026-12-26T00:00", True),
        (LONG_NIGHT, "2026-03-06T05:19", True),
        (LONG_NIGHT, "2026-03-06T05:20", False),
        (UNKNOWN, "2026-03-02T12:00", None),
    ],
)
def test_what_is_open_or_in_progress(table: Timetable, moment: str, expected: bool | None) -> None:
    assert schedule.is_open(table, at(moment)) is expected


@pytest.mark.parametrize(
    ("table", "moment", "expected"),
    [
        (LATE, "2026-03-02T23:00", "2026-03-02T23:00-05:00"),
        (LATE, "2026-03-02T23:01", "2026-03-09T23:00-04:00"),
        (SATURDAY, "2026-02-28T23:31", "2026-03-07T23:30-05:00"),
        (OFFICE, "2026-03-06T09:01", "2026-03-09T09:00-04:00"),
        (SECOND_TUESDAY, "2026-03-10T19:01", "2026-04-14T19:00-04:00"),
        (LAST_FRIDAY, "2026-02-27T20:00", "2026-03-27T19:00-04:00"),
        (FIFTH_TUESDAY, "2026-04-01T00:00", "2026-06-30T19:00-04:00"),
        (SEASON, "2026-03-02T12:00", "2026-03-09T23:00-04:00"),
        (SEASON, "2026-03-17T00:00", None),
        (CLOSED_ONCE, "2026-03-03T20:00", "2026-03-05T09:00-05:00"),
        (OTHER_HOURS, "2026-03-04T10:30", "2026-03-04T14:00-05:00"),
        (NOT_AT_CHRISTMAS, "2026-12-24T00:01", "2026-12-26T00:00-05:00"),
        (UNKNOWN, "2026-03-02T12:00", None),
    ],
)
def test_when_it_next_starts(table: Timetable, moment: str, expected: str | None) -> None:
    found = schedule.next_start(table, at(moment))
    assert (found.isoformat() if found else None) == (
        datetime.fromisoformat(expected).isoformat() if expected else None
    )


@pytest.mark.parametrize(
    ("table", "moment", "expected"),
    [
        (LATE, "2026-03-03T00:10", "2026-03-03T00:30-05:00"),
        (LATE, "2026-03-03T00:30", None),
        (SATURDAY, "2026-03-01T00:00", "2026-03-01T00:30-05:00"),
        (OFFICE, "2026-03-02T09:00", "2026-03-02T17:00-05:00"),
        (WEEKEND, "2026-02-28T12:00", "2026-03-02T08:00-05:00"),
        (times(hours(1, "09:00", 120), hours(1, "11:00", 60)), "2026-03-02T09:30", "2026-03-02T12:00-05:00"),
        (times(hours(1, "09:00", 120), hours(1, "10:00", 30)), "2026-03-02T10:15", "2026-03-02T11:00-05:00"),
        (times(hours(1, "09:00", 120), hours(1, "11:01", 60)), "2026-03-02T09:30", "2026-03-02T11:00-05:00"),
        (times(*every_day("00:00", 23 * 60), hours(1, "23:00", 60)), "2026-03-02T10:00", "2026-03-03T23:00-05:00"),
        (ALWAYS, "2026-03-02T12:00", None),
        (ROUND_THE_CLOCK, "2026-03-02T12:00", None),
        (NOT_AT_CHRISTMAS, "2026-12-01T12:00", "2026-12-25T00:00-05:00"),
        (NOT_AT_CHRISTMAS, "2026-03-02T12:00", None),
        (UNKNOWN, "2026-03-02T12:00", None),
    ],
)
def test_how_long_it_is_open_with_touching_hours_joined(table: Timetable, moment: str, expected: str | None) -> None:
    found = schedule.open_until(table, at(moment))
    assert (found.isoformat() if found else None) == (
        datetime.fromisoformat(expected).isoformat() if expected else None
    )


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        (ALWAYS, True),
        (ROUND_THE_CLOCK, True),
        (times(hours(3, "12:00", 7 * DAY)), True),
        (times(*every_day("00:00", DAY - 1)), False),
        (times(*(hours(day, "00:00", DAY) for day in range(6))), False),
        (NOT_AT_CHRISTMAS, False),
        (UNKNOWN, False),
    ],
)
def test_what_never_closes(table: Timetable, expected: bool) -> None:
    assert schedule.is_always_open(table) is expected


# --- when the clocks change ------------------------------------------------------------------------------------------

EVERY_EVENING = times(*(meeting(day, "19:00") for day in range(7)))


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-03-07T20:01", "2026-03-08T19:00-04:00"),
        ("2026-03-08T01:59", "2026-03-08T19:00-04:00"),
        ("2026-10-31T20:01", "2026-11-01T19:00-05:00"),
        ("2026-11-01T03:00", "2026-11-01T19:00-05:00"),
    ],
)
def test_seven_in_the_evening_stays_seven_when_the_clocks_change(moment: str, expected: str) -> None:
    found = schedule.next_start(EVERY_EVENING, at(moment))
    assert found is not None
    assert found.isoformat() == datetime.fromisoformat(expected).isoformat()


@pytest.mark.parametrize(
    ("evening", "closes", "hours_long"),
    [
        ("2026-03-07T22:00", "2026-03-08T06:00-04:00", 7),
        ("2026-10-31T22:00", "2026-11-01T06:00-05:00", 9),
        ("2026-03-14T22:00", "2026-03-15T06:00-04:00", 8),
    ],
)
def test_a_night_shelter_closes_at_six_whatever_the_night_is_long(evening: str, closes: str, hours_long: int) -> None:
    opens, end = at(evening), datetime.fromisoformat(closes)
    assert schedule.open_until(SHELTER, opens) == end
    assert (end - opens) / timedelta(hours=1) == hours_long or opens.utcoffset() != end.utcoffset()
    assert (end.astimezone(UTC) - opens.astimezone(UTC)) == timedelta(hours=hours_long)
    assert schedule.is_open(SHELTER, end - timedelta(minutes=1))
    assert not schedule.is_open(SHELTER, end)


def test_a_meeting_at_half_past_two_is_at_half_past_three_in_the_night_without_it() -> None:
    small_hours = times(*(meeting(day, "02:30", 30) for day in range(7)))
    found = [schedule.next_start(small_hours, at(f"2026-03-{day:02}T00:00")) for day in (7, 8, 9)]
    assert [str(each) for each in found] == [
        "2026-03-07 02:30:00-05:00",
        "2026-03-08 03:30:00-04:00",
        "2026-03-09 02:30:00-04:00",
    ]


def test_a_time_that_comes_twice_is_its_first_coming() -> None:
    assert str(schedule.aware(datetime(2026, 11, 1, 1, 30), NEW_YORK)) == "2026-11-01 01:30:00-04:00"


# --- lists by time ---------------------------------------------------------------------------------------------------


def test_the_list_at_ten_to_midnight_on_saturday_begins_ten_minutes_ago_and_goes_on_with_sunday() -> None:
    tables = {
        "Saturday 23:39": times(meeting(6, "23:39")),
        "Saturday 23:40": times(meeting(6, "23:40")),
        "Saturday 23:45": times(meeting(6, "23:45")),
        "Sunday 00:00": times(meeting(0, "00:00")),
        "Sunday 08:00": times(meeting(0, "08:00")),
        "Monday 07:00": times(meeting(1, "07:00")),
        "Saturday 19:00": times(meeting(6, "19:00")),
        "never": UNKNOWN,
    }
    now = at("2026-02-28T23:50")
    waits = {name: schedule.minutes_until_worth_going(table, now) for name, table in tables.items()}
    order = sorted(tables, key=lambda name: (waits[name] is None, waits[name]))
    assert order == [
        "Saturday 23:40", "Saturday 23:45", "Sunday 00:00", "Sunday 08:00", "Monday 07:00", "Saturday 19:00", "Saturday 23:39", "never",
    ]  # fmt: skip
    assert (waits["Saturday 23:40"], waits["Sunday 00:00"], waits["never"]) == (0, 20, None)


@pytest.mark.parametrize(
    ("table", "moment", "expected"),
    [
        (OFFICE, "2026-03-02T12:00:30", 10),
        (OFFICE, "2026-03-02T09:05", 10),
        (OFFICE, "2026-03-02T08:00", 70),
        (EVERY_EVENING, "2026-03-02T19:05:59", 5),
        (EVERY_EVENING, "2026-03-02T19:10", 0),
        (EVERY_EVENING, "2026-03-02T19:11", 24 * 60 - 1),
        (times(hours(1, "09:00", 600), meeting(1, "12:00")), "2026-03-02T12:04", 6),
        (times(hours(1, "09:00", 600), meeting(1, "12:00")), "2026-03-02T11:30", 10),
    ],
)
def test_the_sort_by_time_counts_open_hours_as_starting_now(table: Timetable, moment: str, expected: int) -> None:
    assert schedule.minutes_until_worth_going(table, at(moment)) == expected


def test_the_next_times_of_a_listing_come_in_order_and_only_as_many_as_asked() -> None:
    table = times(meeting(3, "07:00"), meeting(1, "19:00"), meeting(2, "19:00", week=2))
    found = schedule.next_occurrences(table, at("2026-03-02T19:05"), 5)
    assert [f"{each.start:%a %d %H:%M}" for each in found] == [
        "Wed 04 07:00", "Mon 09 19:00", "Tue 10 19:00", "Wed 11 07:00", "Mon 16 19:00",
    ]  # fmt: skip
    with_grace = schedule.next_occurrences(table, at("2026-03-02T19:05"), 1, grace=10)
    assert with_grace == [Occurrence(datetime(2026, 3, 2, 19), datetime(2026, 3, 2, 20), "meeting")]


# --- filters ---------------------------------------------------------------------------------------------------------

MORNING, NIGHT = TIMES_OF_DAY["morning"], TIMES_OF_DAY["night"]
NOON_MONDAY = "2026-03-02T12:00"


@pytest.mark.parametrize(
    ("table", "wanted", "moment", "expected"),
    [
        (LATE, TimeFilter(day=1), NOON_MONDAY, True),
        (LATE, TimeFilter(day=2), NOON_MONDAY, False),
        (LATE, TimeFilter(date_offset=0), NOON_MONDAY, True),
        (LATE, TimeFilter(date_offset=1), NOON_MONDAY, False),
        (LATE, TimeFilter(date_offset=1), "2026-03-01T12:00", True),
        (LATE, TimeFilter(within=NIGHT), NOON_MONDAY, True),
        (LATE, TimeFilter(day=1, within=MORNING), NOON_MONDAY, False),
        (times(meeting(1, "07:00"), meeting(2, "23:00")), TimeFilter(day=1, within=NIGHT), NOON_MONDAY, False),
        (EVERY_EVENING, TimeFilter(within=TimeRange(18 * 60, 19 * 60)), NOON_MONDAY, False),
        (EVERY_EVENING, TimeFilter(within=TimeRange(19 * 60, 19 * 60 + 1)), NOON_MONDAY, True),
        (EVERY_EVENING, TimeFilter(within=TimeRange(22 * 60, 19 * 60 + 30)), NOON_MONDAY, True),
        (SHELTER, TimeFilter(within=MORNING), NOON_MONDAY, True),
        (SHELTER, TimeFilter(day=1, within=MORNING), NOON_MONDAY, False),
        (SHELTER, TimeFilter(day=1, within=NIGHT), NOON_MONDAY, True),
        (OFFICE, TimeFilter(within=TimeRange(16 * 60, 20 * 60)), NOON_MONDAY, True),
        (OFFICE, TimeFilter(within=TimeRange(17 * 60, 20 * 60)), NOON_MONDAY, False),
        (OFFICE, TimeFilter(open_now=True), NOON_MONDAY, True),
        (OFFICE, TimeFilter(open_now=True), "2026-03-01T12:00", False),
        (LATE, TimeFilter(now=True), "2026-03-02T21:59", False),
        (LATE, TimeFilter(now=True), "2026-03-02T22:00", True),
        (LATE, TimeFilter(now=True), "2026-03-03T00:29", True),
        (LATE, TimeFilter(now=True), "2026-03-03T00:30", False),
        (times(meeting(1, "12:00", 5)), TimeFilter(now=True), "2026-03-02T12:10", True),
        (times(meeting(1, "12:00", 5)), TimeFilter(now=True), "2026-03-02T12:11", False),
        (SATURDAY, TimeFilter(now=True), "2026-02-28T22:45", True),
        (times(meeting(0, "00:20")), TimeFilter(now=True), "2026-02-28T23:50", True),
        (SECOND_TUESDAY, TimeFilter(day=2), NOON_MONDAY, True),
        (SECOND_TUESDAY, TimeFilter(date_offset=1), NOON_MONDAY, False),
        (SECOND_TUESDAY, TimeFilter(date_offset=1), "2026-03-09T12:00", True),
        (FIFTH_TUESDAY, TimeFilter(day=2), "2026-04-01T12:00", True),
        (SEASON, TimeFilter(day=1), "2026-03-16T12:00", True),
        (SEASON, TimeFilter(day=1), "2026-03-17T12:00", False),
        (CLOSED_ONCE, TimeFilter(date_offset=0), "2026-03-04T12:00", False),
        (UNKNOWN, TimeFilter(), NOON_MONDAY, True),
        (UNKNOWN, TimeFilter(day=1), NOON_MONDAY, False),
        (UNKNOWN, TimeFilter(open_now=True), NOON_MONDAY, False),
    ],
)
def test_what_answers_a_filter_of_time(table: Timetable, wanted: TimeFilter, moment: str, expected: bool) -> None:
    assert schedule.matches(table, wanted, at(moment)) is expected


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (TimeFilter(day=2), False),  # Tuesday 00:30 in New York is Monday 21:30 in Los Angeles
        (TimeFilter(day=1), True),
        (TimeFilter(within=NIGHT), True),
        (TimeFilter(day=1, within=TimeRange(21 * 60, 22 * 60)), True),
        (TimeFilter(date_offset=0), True),
        (TimeFilter(date_offset=1), False),
    ],
)
def test_an_online_meeting_in_new_york_is_three_hours_earlier_in_los_angeles(
    wanted: TimeFilter, expected: bool
) -> None:
    online = times(meeting(2, "00:30"))
    now = at("2026-03-02T12:00", LOS_ANGELES)
    assert schedule.matches(online, wanted, now, seen_from=LOS_ANGELES) is expected


@pytest.mark.parametrize(
    ("moment", "there", "here", "shift"),
    [
        ("2026-03-02T17:00+00:00", NEW_YORK, LOS_ANGELES, -180),
        ("2026-03-02T17:00+00:00", LOS_ANGELES, NEW_YORK, 180),
        ("2026-03-08T08:00+00:00", NEW_YORK, LOS_ANGELES, -240),  # New York has changed, Los Angeles not yet
        ("2026-07-01T12:00+00:00", "America/Phoenix", LOS_ANGELES, 0),
        ("2026-03-02T17:00+00:00", "Asia/Kathmandu", "UTC", -345),
    ],
)
def test_how_far_two_clocks_are_apart(moment: str, there: str, here: str, shift: int) -> None:
    assert schedule.zone_shift(datetime.fromisoformat(moment), there, here) == shift


@pytest.mark.parametrize(
    ("given", "minute", "inside"),
    [
        (TimeRange(240, 660), 240, True),
        (TimeRange(240, 660), 660, False),
        (TimeRange(1260, 240), 1259, False),
        (TimeRange(1260, 240), 1260, True),
        (TimeRange(1260, 240), 0, True),
        (TimeRange(1260, 240), 240, False),
        (TimeRange(0, 1440), 1439, True),
    ],
)
def test_a_range_of_the_day_ends_before_its_end_and_may_run_past_midnight(
    given: TimeRange, minute: int, inside: bool
) -> None:
    assert given.holds(minute) is inside
    assert any(start <= minute < end for start, end in given.pieces()) is inside


# --- holidays --------------------------------------------------------------------------------------------------------

# The moving ones in the order of US_HOLIDAYS: King, Washington, Memorial, Labor, Columbus, Thanksgiving.
MOVING = {
    2024: "01-15 02-19 05-27 09-02 10-14 11-28",
    2025: "01-20 02-17 05-26 09-01 10-13 11-27",
    2026: "01-19 02-16 05-25 09-07 10-12 11-26",
    2027: "01-18 02-15 05-31 09-06 10-11 11-25",
    2028: "01-17 02-21 05-29 09-04 10-09 11-23",
    2029: "01-15 02-19 05-28 09-03 10-08 11-22",
    2030: "01-21 02-18 05-27 09-02 10-14 11-28",
}
FIXED = {
    "new-years-day": "01-01",
    "juneteenth": "06-19",
    "independence-day": "07-04",
    "veterans-day": "11-11",
    "christmas": "12-25",
}


@pytest.mark.parametrize("year", MOVING)
def test_the_federal_holidays_of_a_year(year: int) -> None:
    moving = [name for name in US_HOLIDAYS if name not in FIXED]
    expected = FIXED | dict(zip(moving, MOVING[year].split(), strict=True))
    assert {name: f"{day:%m-%d}" for day, names in holidays_of(year).items() for name in names} == expected
    assert {day.year for day in holidays_of(year)} == {year}


def test_a_meeting_on_a_day_with_other_times_is_still_a_meeting() -> None:
    table = times(meeting(3, "19:00"), changes=(Change(holiday="veterans-day", windows=((600, 60),)),))
    (found,) = schedule.occurrences(table, date(2026, 11, 11), 1)
    assert found == Occurrence(datetime(2026, 11, 11, 10), datetime(2026, 11, 11, 11), "meeting")


# --- against a slow oracle that paints every minute ------------------------------------------------------------------


class Painted:
    """The wall clock around a moment, minute by minute: which are open, and where something starts."""

    def __init__(self, table: Timetable, wall: datetime, back: int = 10, ahead: int = 25) -> None:
        self.open: set[datetime] = set()
        self.open_hours: set[datetime] = set()
        self.starts: list[tuple[datetime, Window]] = []
        for offset in range(-back, ahead):
            midnight = datetime.combine(wall.date() + timedelta(days=offset), datetime.min.time())
            for window in self._of_day(table, midnight.date()):
                start = midnight + timedelta(minutes=window.start)
                self.starts.append((start, window))
                painted = {start + timedelta(minutes=minute) for minute in range(window.minutes)}
                self.open |= painted
                if window.sort == "hours":
                    self.open_hours |= painted

    def _of_day(self, table: Timetable, day: date) -> Iterator[Window]:
        for change in table.changes:
            if change.on == day:
                for start, length in change.windows:
                    sort = "hours" if any(window.sort == "hours" for window in table.windows) else "meeting"
                    yield Window(sort, 0, start, length)
                return
        for window in table.windows:
            if self._falls(window, day):
                yield window

    def _falls(self, window: Window, day: date) -> bool:
        if (day.weekday() + 1) % 7 != window.day:
            return False
        if window.valid_from is not None and day < window.valid_from:
            return False
        if window.valid_to is not None and day > window.valid_to:
            return False
        same = [number for number in range(1, 32) if _weekday_or_none(day.year, day.month, number) == day.weekday()]
        if window.week is None:
            return True
        return (
            day.day == same[-1] if window.week == -1 else window.week <= len(same) and day.day == same[window.week - 1]
        )

    def answers(self, wanted: TimeFilter, wall: datetime, shift: int) -> bool:
        """What `schedule.matches` should say."""
        near = {wall + timedelta(minutes=minute) for minute in range(-10, 61)}
        if wanted.open_now and wall not in self.open:
            return False
        if wanted.now and wall not in self.open and not any(start in near for start, _ in self.starts):
            return False
        if wanted.day is None and wanted.date_offset is None and wanted.within is None:
            return True
        today = (wall + timedelta(minutes=shift)).date()
        return any(self._fits(start + timedelta(minutes=shift), window, wanted, today) for start, window in self.starts)

    def _fits(self, start: datetime, window: Window, wanted: TimeFilter, today: date) -> bool:
        if not today <= start.date() <= today + timedelta(days=7):
            return False
        if wanted.date_offset is not None and start.date() != today + timedelta(days=wanted.date_offset):
            return False
        if wanted.day is not None and (start.weekday() + 1) % 7 != wanted.day:
            return False
        if wanted.within is None:
            return True
        if window.sort == "meeting":
            return wanted.within.holds(start.hour * 60 + start.minute)
        of_one_day = wanted.day is not None or wanted.date_offset is not None
        lived = [start + timedelta(minutes=minute) for minute in range(window.minutes)]
        return any(
            wanted.within.holds(minute.hour * 60 + minute.minute)
            for minute in lived
            if not of_one_day or minute.date() == start.date()
        )


def _weekday_or_none(year: int, month: int, day: int) -> int | None:
    try:
        return date(year, month, day).weekday()
    except ValueError:
        return None


ZONES = (NEW_YORK, LOS_ANGELES, "America/Phoenix", "Pacific/Honolulu", "Asia/Kathmandu")
MOMENTS = (
    datetime(2026, 3, 8, 5, 0, tzinfo=UTC),
    datetime(2026, 11, 1, 4, 0, tzinfo=UTC),
    datetime(2026, 2, 28, 20, 0, tzinfo=UTC),
    datetime(2028, 2, 29, 12, 0, tzinfo=UTC),
)


def random_window(rng: random.Random) -> Window:
    sort = rng.choice(("meeting", "hours"))
    length = rng.choice((1, 30, 60, 90, 480, 1440)) if sort == "meeting" else rng.choice((60, 480, 720, 1440, 3000))
    return Window(sort, rng.randrange(7), rng.choice((0, 5, 600, 1140, 1320, 1380, 1435, rng.randrange(1440))), length)


def random_table(rng: random.Random, around: date, *, plain: bool) -> Timetable:
    windows = [random_window(rng) for _ in range(rng.randint(1, 4))]
    if plain:
        return times(*windows, zone=rng.choice(ZONES))
    for number, window in enumerate(windows):
        week = rng.choice((None, None, 1, 2, 3, 4, 5, LAST))
        first, last = (rng.choice((None, around + timedelta(days=rng.randint(-9, 9)))) for _ in range(2))
        windows[number] = Window(window.sort, window.day, window.start, window.minutes, week, first, last)
    on = [around + timedelta(days=rng.randint(-2, 3)) for _ in range(rng.randint(0, 2))]
    changes = [Change(on=day, windows=rng.choice(((), ((600, 120),), ((0, 60), (1380, 600))))) for day in on]
    return times(*windows, zone=rng.choice(ZONES), changes=tuple(changes))


def random_filter(rng: random.Random) -> TimeFilter:
    day, offset = rng.choice(((None, None), (rng.randrange(7), None), (None, rng.randint(0, 1))))
    within = rng.choice(
        (None, *TIMES_OF_DAY.values(), TimeRange(rng.randrange(720), rng.randint(721, 1440)), TimeRange(1200, 60))
    )
    return TimeFilter(day, offset, within, now=rng.random() < 0.2, open_now=rng.random() < 0.2)


@pytest.mark.parametrize("seed", range(4))
def test_every_answer_is_what_a_slow_reading_of_the_wall_clock_gives(seed: int) -> None:
    rng = random.Random(seed)
    for round_number in range(80):
        now = rng.choice(MOMENTS) + timedelta(minutes=rng.randrange(3 * DAY))
        plain = round_number % 2 == 0
        table = random_table(rng, now.date(), plain=plain)
        wall = now.astimezone(ZoneInfo(table.zone)).replace(tzinfo=None)
        slow, told = Painted(table, wall), f"{table} at {wall}"

        assert schedule.is_open(table, now) is (wall in slow.open), told

        coming = min((start for start, _ in slow.starts if start >= wall), default=None)
        found = schedule.next_occurrences(table, now, 1)
        if coming is not None:
            assert found[0].start == coming, told
        else:
            assert not found or found[0].start >= wall + timedelta(days=20), told

        end = wall
        while end in slow.open and end - wall < timedelta(days=14):
            end += timedelta(minutes=1)
        if end - wall < timedelta(days=14):
            until = schedule.open_until(table, now)
            expected = end.replace(tzinfo=ZoneInfo(table.zone)) if end > wall else None
            assert until == (expected.astimezone(UTC) if expected else None), told

        if coming is not None:
            waits = [
                int((start - wall) / timedelta(minutes=1))
                for start, _ in slow.starts
                if start >= wall - timedelta(minutes=10)
            ]
            if wall not in slow.open_hours:
                assert schedule.minutes_until_worth_going(table, now) == min(waits) + 10, told
            else:
                assert 0 <= schedule.minutes_until_worth_going(table, now) <= 10, told

        wanted = random_filter(rng)
        seen_from = rng.choice((None, *ZONES))
        here = now.astimezone(ZoneInfo(seen_from)).replace(tzinfo=None) if seen_from else wall
        asked = slow.answers(wanted, wall, int((here - wall) / timedelta(minutes=1)))
        answer = schedule.matches(table, wanted, now, seen_from=seen_from)
        if plain or wanted.date_offset is not None or (wanted.day is None and wanted.within is None):
            assert answer is asked, f"{told} {wanted} seen from {seen_from}"
        else:  # what needs dates is looked for further ahead than is painted
            assert answer or not asked, f"{told} {wanted} seen from {seen_from}"
