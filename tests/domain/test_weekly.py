"""The usual week put together: which days are one stretch, and what is left to its own line."""

from __future__ import annotations

from datetime import date

import pytest

from directory.domain.schedule import DAY, LAST, WEEK, Window
from directory.domain.weekly import Stretch, unlike_others, weekly

NINE_TO_FIVE = (9 * 60, 8 * 60)
ALL_DAY = (0, DAY)
SUN, MON, TUE, WED, THU, FRI, SAT = range(7)


def hours(day: int, start: int = 9 * 60, minutes: int = 8 * 60, **more: object) -> Window:
    return Window("hours", day, start, minutes, **more)  # type: ignore[arg-type]


def test_days_in_a_row_with_the_same_times_are_one_stretch() -> None:
    (found,) = weekly([hours(day) for day in (FRI, MON, WED, TUE, THU)])
    assert found == Stretch(MON, FRI, (NINE_TO_FIVE,))
    assert found.days == 5


def test_a_day_between_that_is_closed_or_differs_ends_a_stretch() -> None:
    found = weekly([hours(MON), hours(TUE), hours(THU), hours(FRI, minutes=60), hours(SAT)])
    assert [(each.first, each.last) for each in found] == [(MON, TUE), (THU, THU), (FRI, FRI), (SAT, SAT)]


def test_the_week_begins_on_monday_and_ends_with_sunday() -> None:
    found = weekly([hours(SUN), hours(MON), hours(SAT)])
    assert [(each.first, each.last) for each in found] == [(MON, MON), (SAT, SUN)]


def test_all_times_of_a_day_have_to_be_the_same() -> None:
    with_break = [hours(MON, 540, 180), hours(MON, 780, 240), hours(TUE, 780, 240), hours(TUE, 540, 180), hours(WED)]
    assert weekly(with_break) == (
        Stretch(MON, TUE, ((540, 180), (780, 240))),
        Stretch(WED, WED, (NINE_TO_FIVE,)),
    )


def test_what_is_longer_than_a_day_is_told_on_each_of_its_days() -> None:
    assert weekly([hours(SUN, 0, WEEK)]) == (Stretch(MON, SUN, (ALL_DAY,)),)
    assert weekly([hours(SAT, 0, DAY + 360)]) == (Stretch(SAT, SAT, (ALL_DAY,)), Stretch(SUN, SUN, ((0, 360),)))


def test_the_same_window_twice_is_told_once() -> None:
    assert weekly([hours(MON), hours(MON)]) == (Stretch(MON, MON, (NINE_TO_FIVE,)),)


def test_nothing_is_an_empty_week() -> None:
    assert weekly([]) == ()


@pytest.mark.parametrize(
    "window",
    [
        hours(TUE, week=2),
        hours(TUE, week=LAST),
        hours(TUE, valid_from=date(2026, 6, 1)),
        hours(TUE, valid_to=date(2026, 8, 31)),
    ],
)
def test_what_is_not_every_week_of_the_year_is_left_to_its_own_line(window: Window) -> None:
    assert weekly([window, hours(MON)]) == (Stretch(MON, MON, (NINE_TO_FIVE,)),)
    assert unlike_others([window, hours(MON)], date(2026, 8, 31)) == (window,)


def test_what_is_over_for_good_is_not_told() -> None:
    assert unlike_others([hours(TUE, valid_to=date(2026, 8, 31))], date(2026, 9, 1)) == ()
