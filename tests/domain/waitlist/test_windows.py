"""How long an offer holds, over nights, weekends and the nights on which the clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from directory.domain.schedule import Timetable, Window
from directory.domain.waitlist.windows import ELSE, USUAL, OfferWindow, expires_at, is_live

ZONE = "America/New_York"
OFFICE = Timetable(tuple(Window("hours", day, 9 * 60, 8 * 60) for day in range(1, 6)), ZONE)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE))


@pytest.mark.parametrize(
    ("offered", "hours", "ends"),
    [
        ("2026-03-02 10:00", 4, "2026-03-02 14:00"),
        ("2026-03-02 15:00", 4, "2026-03-03 11:00"),
        ("2026-03-06 16:00", 24, "2026-03-09 11:00"),
        ("2026-03-03 10:00", 72, "2026-03-06 10:00"),
        ("2026-03-02 17:00", 24, "2026-03-04 11:00"),
    ],
)
def test_an_offer_never_ends_when_nobody_is_there_to_answer(offered: str, hours: int, ends: str) -> None:
    window = OfferWindow(timedelta(hours=hours), OFFICE)
    found = expires_at(window, local(offered))
    assert found == local(ends)
    assert found.tzinfo is UTC


def test_withdrawal_care_takes_people_at_any_hour_so_its_offers_end_at_any() -> None:
    window = OfferWindow(USUAL["detox"])
    assert expires_at(window, local("2026-03-07 23:30")) == local("2026-03-07 23:30").astimezone(UTC) + timedelta(
        hours=4
    )


def test_24_hours_are_24_hours_when_the_clocks_change() -> None:
    assert expires_at(OfferWindow(ELSE), local("2026-03-07 12:00")).astimezone(ZoneInfo(ZONE)).hour == 13


def test_working_hours_that_never_come_leave_the_end_where_it_is() -> None:
    never = OfferWindow(timedelta(hours=4), Timetable((), ZONE))
    assert expires_at(never, local("2026-03-02 10:00")) == local("2026-03-02 14:00")


def test_at_its_last_moment_an_offer_is_over() -> None:
    end = local("2026-03-02 14:00")
    assert is_live(end, end - timedelta(microseconds=1))
    assert not is_live(end, end)
