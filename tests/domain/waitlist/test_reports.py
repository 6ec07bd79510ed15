"""The reports: what is late by the law, what took how long, and that no small number is told."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from directory.domain.waitlist import reports
from directory.domain.waitlist.calibration import Coverage
from directory.domain.waitlist.clocks import INTERIM, INTERIM_PREGNANT
from directory.domain.waitlist.reports import ALL, Flow, Priority, Silence, Told

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HIDDEN = Told.HIDDEN


def place(days: float, *, tier: int = 3, offered: float | None = None, no_capacity: bool = False) -> Priority:
    """Somebody who asked so many days ago, and was offered all interim services so many hours after it."""
    asked = NOW - days * DAY
    items = INTERIM + (INTERIM_PREGNANT if tier < 3 else ())
    told = tuple((item, asked + offered * HOUR) for item in items) if offered is not None else ()
    on = asked.date()
    return Priority("UPI1", "A line", tier, asked, on, on if no_capacity else None, None, "waiting", told)


def kinds(found: Priority) -> list[str]:
    return [each.kind for each in reports.exceeded(found, NOW)]


@pytest.mark.parametrize(
    ("found", "passed"),
    [
        (place(1), []),
        (place(3), ["interim"]),
        (place(3, offered=47), []),
        (place(3, offered=49), ["interim"]),
        (place(15, offered=40), ["14-days"]),
        (place(15, offered=40, no_capacity=True), []),
        (place(15, offered=60, no_capacity=True), ["interim", "14-days"]),
        (place(121, offered=40, no_capacity=True), ["120-days"]),
        (place(121), ["interim", "14-days", "120-days"]),
        (place(15, tier=1, offered=40, no_capacity=True), ["14-days"]),
        (place(3, tier=2), ["interim"]),
    ],
)
def test_the_limits_of_the_law_are_48_hours_14_days_and_120_days(found: Priority, passed: list[str]) -> None:
    """45 CFR 96.126(b)(1), (b)(2) and 96.131(d); WAITLIST 1.1, 1.2, 1.9."""
    assert kinds(found) == passed


def test_who_was_placed_or_left_in_time_passed_no_limit() -> None:
    """WAITLIST 1.9: the limit runs until the admission."""
    assert kinds(replace(place(30, offered=40), ended_at=NOW - 17 * DAY)) == []
    (late,) = reports.exceeded(replace(place(30, offered=40), ended_at=NOW - 10 * DAY), NOW)
    assert (late.kind, late.until) == ("14-days", NOW - 10 * DAY)
    assert late.missing == ("no-capacity",)


def test_an_exception_stands_in_the_report_of_each_time_in_which_it_was_one() -> None:
    still, over = place(20), replace(place(40), ended_at=NOW - 15 * DAY)
    (rows,) = reports.exceptions_sheets([still, over], since=NOW - 5 * DAY, until=NOW, now=NOW)
    assert [(row[0], row[6]) for row in rows.rows] == [("interim", None), ("14-days", None)]
    assert rows.rows[0][7] == 18, "in whole days"
    assert rows.people
    (rows,) = reports.exceptions_sheets([still, over], since=NOW - 30 * DAY, until=NOW - 19 * DAY, now=NOW)
    assert [row[0] for row in rows.rows] == ["interim", "14-days"]
    assert {row[6] for row in rows.rows} == {NOW - 15 * DAY}


def test_somebody_whom_nobody_has_reached_for_longer_than_their_line_allows_is_a_gap() -> None:
    """WAITLIST 1.9, 4; 45 CFR 96.126(c)."""
    found = [Silence(f"UPI{days}", "A line", 9, "waiting", 30, NOW - days * DAY) for days in (10, 30, 31, 60)]
    sheet = reports.contact_sheet(found, NOW)
    assert [(row[0], row[-1]) for row in sheet.rows] == [("UPI60", 60), ("UPI31", 31)]


def test_demand_is_told_by_group_and_reason_and_small_numbers_are_not() -> None:
    """WAITLIST 1.9, 2."""
    by_tier = {"requested": {3: 4, 9: 40}, "listed": {3: 12, 9: 30}, "admitted": {9: 25}}
    removed = {("withdrew", 9): 30, ("cannot-locate", 9): 5, ("withdrew", 3): 20, ("cannot-locate", 3): 40}
    tiers, reasons, care = reports.demand_sheets(by_tier, removed, {"care": {"requested": {"detox": 44}}})
    assert tiers.columns == ("tier", "requested", "listed", "admitted", "removed")
    assert tiers.rows[0][:4] == (3, HIDDEN, 12, 0)
    assert tiers.rows[1][:4] == (9, HIDDEN, 30, 25)
    assert tiers.rows[2][:4] == (ALL, 44, 42, 25)
    assert reasons.columns == ("reason", "tier-3", "tier-9", ALL)
    assert all(cell is HIDDEN for row in reasons.rows[:2] for cell in row[1:3])
    assert [row[4] for row in tiers.rows] == list(reasons.rows[-1][1:]), "told alike in both"
    assert care.rows == (("detox", 44, 0, 0, 0), (ALL, 44, 0, 0, 0))


def test_demand_of_nobody_is_told_as_nothing() -> None:
    tiers, reasons = reports.demand_sheets({}, {}, {})
    assert tiers.rows == ((ALL, 0, 0, 0, 0),)
    assert reasons.rows == ()


def test_offers_out_of_order_are_counted_by_their_reason() -> None:
    """WAITLIST 1.9, 5."""
    made, passed = reports.order_sheets(50, Counter({"safety": 12}), Counter({"no-consent": 30, "on-hold": 3}))
    assert made.rows == (("in-order", 38), ("safety", 12), (ALL, 50))
    assert passed.rows == (("no-consent", HIDDEN), ("on-hold", HIDDEN), (ALL, 33))


def test_times_are_told_as_the_median_and_the_90th_percentile_of_more_than_ten() -> None:
    """WAITLIST 1.9, 6."""
    sheet = reports.times_sheet({("s", 3): [1.0] * 4, ("s", 9): [float(day) for day in range(1, 21)]}, ["s"])
    assert sheet.rows == (
        ("s", 3, HIDDEN, HIDDEN, HIDDEN),
        ("s", 9, HIDDEN, 10.0, 18.0),
        ("s", ALL, 24, 8.0, 18.0),
    )
    assert reports.times_sheet({}, ["s"]).rows == (("s", ALL, 0, None, None),)


@pytest.mark.parametrize(
    ("values", "share", "answer"),
    [([3.0, 1.0, 2.0], 0.5, 2.0), ([1.0, 2.0, 3.0, 4.0], 0.5, 2.0), ([1.0], 0.9, 1.0), ([], 0.5, None)],
)
def test_a_percentile_is_a_value_that_occurred(values: list[float], share: float, answer: float | None) -> None:
    assert reports.percentile(values, share) == answer


def test_a_line_grows_when_more_come_than_leave_and_is_too_long_at_twice_its_target() -> None:
    """NHSRwaitinglist: load = demand / capacity; target queue = demand a week x target wait / 4."""
    flow = Flow("A line", 13, 130, 50, 50, 30)
    assert flow.load == pytest.approx(1.3)
    assert flow.queue_ratio == pytest.approx(30 / (10 * 2 / 4))
    (row,) = reports.load_sheet([flow]).rows
    assert row == ("A line", 130, 30, 1.3, 6.0, "special-measures")
    (calm,) = reports.load_sheet([replace(flow, requests=90, waiting=0)]).rows
    assert calm[-1] == "steady"
    (few,) = reports.load_sheet([replace(flow, requests=7)]).rows
    assert few == ("A line", HIDDEN, 30, HIDDEN, HIDDEN, "few")
    assert Flow("New", 13, 0, 0, 0, 0).load is None


def test_the_coverage_of_few_people_is_not_told() -> None:
    sheet = reports.coverage_sheet(
        {"A": Coverage(10, 12, 0.5), "B": Coverage(50, 3, 0.6, 0.1, 0.3, 0.46, 0.72)}, Coverage(60, 15, 0.8)
    )
    assert sheet.rows[0] == ("A", HIDDEN, 12, None, None, None, None, None, "few")
    assert sheet.rows[1] == ("B", 50, HIDDEN, 60, 46, 72, 10, 30, "too-low")
    assert sheet.rows[2][-1] == "sound"
