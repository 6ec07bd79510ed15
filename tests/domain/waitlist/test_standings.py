"""Where people stand: among those who can be offered something, and no others."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from directory.domain.waitlist.standings import InLine, day_of, most_ahead, stands

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def one(entry: int, *, tier: int = 9, can: bool = True, paused: bool = False) -> InLine:
    """Somebody who asked so many hours after the first."""
    return InLine(entry, tier, (tier, NOW + timedelta(hours=entry), 0), can, paused)


def test_who_cannot_be_offered_anything_now_is_not_counted_as_ahead() -> None:
    """WAITLIST 2.3: holds and people without a consent would make the number stall."""
    line = [one(1), one(2, can=False), one(3, can=False, paused=True), one(4), one(5)]
    assert [(each.entry, each.ahead, each.waiting) for each in stands(line)] == [
        (1, 0, 3),
        (2, 1, 4),
        (3, 1, 4),
        (4, 1, 3),
        (5, 2, 3),
    ]


def test_a_better_tier_stands_before_an_earlier_request() -> None:
    """45 CFR 96.131(a)."""
    line = [one(1), one(2, tier=3), one(3, tier=1)]
    assert [each.entry for each in stands(line)] == [3, 2, 1]


def test_a_table_has_to_reach_as_far_as_anybody_of_its_tier_stands() -> None:
    found = stands([one(1), one(2, tier=3), one(3, tier=3), one(4)])
    assert most_ahead(found, (1, 9)) == {1: 0, 3: 1, 9: 3}


@pytest.mark.parametrize(
    ("utc", "zone", "day"),
    [
        ("2026-03-02T09:59+00:00", "America/New_York", date(2026, 3, 1)),
        ("2026-03-02T10:00+00:00", "America/New_York", date(2026, 3, 2)),
        ("2026-03-08T08:59+00:00", "America/New_York", date(2026, 3, 7)),
        ("2026-03-08T09:00+00:00", "America/New_York", date(2026, 3, 8)),
        ("2026-03-02T15:00+00:00", "Pacific/Honolulu", date(2026, 3, 2)),
    ],
)
def test_a_day_begins_at_five_where_the_line_is_also_when_the_clocks_change(utc: str, zone: str, day: date) -> None:
    assert day_of(datetime.fromisoformat(utc).astimezone(ZoneInfo(zone))) == day
