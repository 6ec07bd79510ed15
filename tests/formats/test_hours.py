"""Opening hours as people write them: read where they are clear, left as text where anything would be a guess."""

from __future__ import annotations

import time

import pytest

from directory.domain.schedule import DAY, LAST, Window
from directory.formats.hours import (
    LONGEST,
    clear_minute_of,
    day_of,
    minute_of,
    minute_of_number,
    minutes_of,
    read_days,
    read_hours,
)

WEEKDAYS = "12345"
ALL = "0123456"


def told(windows: tuple[Window, ...] | None) -> str | None:
    """Such as "12345 09:00-17:00, 6 10:00-14:00"; the days that share a time stand together."""
    if windows is None:
        return None
    found: dict[str, str] = {}
    for window in windows:
        start, end = window.start, window.start + window.minutes
        span = f"{start // 60:02}:{start % 60:02}-{end // 60:02}:{end % 60:02}"
        found[span] = found.get(span, "") + str(window.day)
    return ", ".join(f"{days} {span}" for span, days in found.items())


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("9-5 M-F", f"{WEEKDAYS} 09:00-17:00"),
        ("M-F 9 to 5", f"{WEEKDAYS} 09:00-17:00"),
        ("Mon-Fri 8:30am-5pm; Sat 10-2", f"{WEEKDAYS} 08:30-17:00, 6 10:00-14:00"),
        ("Mon - Fri: 9:00 a.m. – 5:00 p.m.", f"{WEEKDAYS} 09:00-17:00"),
        ("7:00 am - 6:00 pm, Monday - Friday", f"{WEEKDAYS} 07:00-18:00"),
        ("Monday: 9am-5pm Tuesday: 10am-5pm", "1 09:00-17:00, 2 10:00-17:00"),
        ("Weekdays 8a-4:30p", f"{WEEKDAYS} 08:00-16:30"),
        ("weekends 10am-2pm", "06 10:00-14:00"),
        ("MWF 9am-noon", "135 09:00-12:00"),
        ("T/Th 6-8pm", "24 18:00-20:00"),
        ("mtwtf 8-4:30", f"{WEEKDAYS} 08:00-16:30"),
        ("Tuesdays and Thursdays 9:30am-11:30am & 1pm-3pm", "24 09:30-11:30, 24 13:00-15:00"),
        ("Daily 12 noon to 12 midnight", f"{ALL} 12:00-24:00"),
        ("Every day 7am to 7pm", f"{ALL} 07:00-19:00"),
        ("24/7", f"{ALL} 00:00-24:00"),
        ("Open 24 hours", f"{ALL} 00:00-24:00"),
        ("24 hours a day, 7 days a week", f"{ALL} 00:00-24:00"),
        ("Mon-Fri 24 hours", f"{WEEKDAYS} 00:00-24:00"),
        ("Fri-Mon 9pm-9am", "0156 21:00-33:00"),
        ("Mon 10:00 - 22:00", "1 10:00-22:00"),
        ("0900-1700 M-F", f"{WEEKDAYS} 09:00-17:00"),
        ("900-1700 Mon", "1 09:00-17:00"),
        ("Mon 00:00-23:59", "1 00:00-24:00"),
        ("Sun 9am-11:59pm", "0 09:00-24:00"),
        ("Mon 12-1pm", "1 12:00-13:00"),
        ("Mon 10pm-6", "1 22:00-30:00"),
        ("Mon-Fri 9-5, closed Wed", "1245 09:00-17:00"),
        ("Mon-Fri 9-5; Sat-Sun CLOSED", f"{WEEKDAYS} 09:00-17:00"),
        ("M-F 9-12", f"{WEEKDAYS} 09:00-12:00"),
    ],
)
def test_hours_are_read_where_they_are_clear(text: str, read: str) -> None:
    windows = read_hours(text)
    assert windows is not None
    assert sorted((told(windows) or "").split(", ")) == sorted(read.split(", "))
    assert all(window.sort == "hours" and 0 < window.minutes <= DAY and 0 <= window.start < DAY for window in windows)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "by appointment",
        "Mon-Fri 9-5 by appointment",
        "Mon-Fri 9-5, closed holidays",
        "Mon-Fri 9am-5pm (closed 12-1)",
        "Call for hours",
        "9am-5pm",
        "Sun 11am",
        "M-F 7-7",
        "M-F 5-9",
        "Mon 12-1",
        "Mon-Fri 08:00-05:00",
        "M-F 8-5 EST",
        "9-5 MT",
        "every other Tue 6pm-7pm",
        "Thursday 25-5",
        "Mon 9:75am-5pm",
        "closed Sunday",
        "Mon-Fri 9am-5pm; closed 1st Mon",
        "Mon-Fri 9am-5pm Sat",
        "S 9-5",
        "Intake: Mon-Fri 9-5",
        "Mon 9-5 " * 100,
    ],
)
def test_what_is_not_understood_whole_gives_no_times(text: str) -> None:
    assert read_hours(text) is None


@pytest.mark.parametrize(("text", "is_read"), [("Mon 8-6", False), ("Mon 8am-6pm", True), ("Mon 8pm-6am", True)])
def test_where_it_may_be_the_night_only_what_says_am_or_pm_is_read(text: str, is_read: bool) -> None:
    assert (read_hours(text, by_day=False) is not None) is is_read


def test_weeks_of_the_month_are_kept() -> None:
    assert read_hours("1st and last Tue 6-7:30pm of each month") is None
    assert read_hours("1st and last Tue of the month 6-7:30pm", sort="meeting") == (
        Window("meeting", 2, 18 * 60, 90, LAST),
        Window("meeting", 2, 18 * 60, 90, 1),
    )


@pytest.mark.parametrize(
    ("text", "minute"),
    [
        ("9:00am", 540),
        ("12 noon", 720),
        ("midday", 720),
        ("midnight", 0),
        ("12:00 midnight", 0),
        ("7 pm", 1140),
        ("19:30:00", 1170),
        ("7", None),
        ("25:00", None),
        ("13 am", None),
        ("later", None),
    ],
)
def test_a_time_of_day_is_minutes_after_midnight(text: str, minute: int | None) -> None:
    assert minute_of(text) == minute


@pytest.mark.parametrize(
    ("text", "minute"),
    [("7:00", None), ("12:30", None), ("07:00", 420), ("19:00", 1140), ("7:00 pm", 1140), ("0:30", 30)],
)
def test_a_bare_time_may_be_either_half_of_the_day(text: str, minute: int | None) -> None:
    assert clear_minute_of(text) == minute


@pytest.mark.parametrize(
    ("text", "minute"),
    [
        ("900", 540),
        ("0", 0),
        ("2359", DAY),
        ("2400", DAY),
        ("1730", 1050),
        ("1260", None),
        ("2500", None),
        ("9:00", None),
    ],
)
def test_a_time_may_be_one_number(text: str, minute: int | None) -> None:
    assert minute_of_number(text) == minute


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("1hr 30mins", 90),
        ("2 hours", 120),
        ("1 h", 60),
        ("45 min", 45),
        ("90", 90),
        ("1:30", 90),
        ("01:15:00", 75),
        ("0", None),
        ("", None),
        ("long", None),
        ("25 hours", None),
    ],
)
def test_a_length_is_minutes(text: str, minutes: int | None) -> None:
    assert minutes_of(text) == minutes


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("Wednesday", (3,)),
        ("Mon, Wed & Fri", (1, 3, 5)),
        ("M-F", (1, 2, 3, 4, 5)),
        ("Sat-Mon", (0, 1, 6)),
        ("thurs.", (4,)),
        ("daily", tuple(range(7))),
        ("1st Tue", None),
        ("Mon 9am-5pm", None),
        ("someday", None),
        ("", None),
    ],
)
def test_days_are_read_where_all_of_it_is_days(text: str, days: tuple[int, ...] | None) -> None:
    assert read_days(text) == days


@pytest.mark.parametrize(("text", "day"), [("sundays", 0), ("Tues.", 2), ("THU", 4), ("mo", None), ("the", None)])
def test_one_day_is_read_by_its_name(text: str, day: int | None) -> None:
    assert day_of(text) == day


@pytest.mark.parametrize(
    "sign", ["1", "1 ", "mon ", "m", "9-", "-", "9am", "1st ", "closed ", "24 ", "(", "1st,", "th"]
)
def test_no_text_takes_long_to_read(sign: str) -> None:
    started = time.process_time()
    for length in (LONGEST, 20 * LONGEST):
        read_hours(sign * (length // len(sign)))
        read_days(sign * (length // len(sign)))
    assert time.process_time() - started < 2
