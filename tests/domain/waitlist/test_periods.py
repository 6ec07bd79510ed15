"""The times of reports: months, quarters and years as people name them."""

from __future__ import annotations

from datetime import date

import pytest

from directory.domain.waitlist.periods import period_of, periods


@pytest.mark.parametrize(
    ("code", "first", "end", "kind"),
    [
        ("2026-03", date(2026, 3, 1), date(2026, 4, 1), "month"),
        ("2026-12", date(2026, 12, 1), date(2027, 1, 1), "month"),
        ("2026-Q1", date(2026, 1, 1), date(2026, 4, 1), "quarter"),
        ("2026-Q4", date(2026, 10, 1), date(2027, 1, 1), "quarter"),
        ("2026", date(2026, 1, 1), date(2027, 1, 1), "year"),
    ],
)
def test_a_period_is_from_its_first_day_to_before_the_next(code: str, first: date, end: date, kind: str) -> None:
    found = period_of(code)
    assert found is not None
    assert (found.first, found.end, found.kind) == (first, end, kind)


@pytest.mark.parametrize("code", ["", "2026-13", "2026-0", "2026-Q5", "26", "1999", "2026-03-01", "٢٠٢٦", "2026-Q"])
def test_what_is_no_period_is_none(code: str) -> None:
    assert period_of(code) is None


def test_the_periods_that_are_offered_go_back_from_the_running_ones() -> None:
    codes = [each.code for each in periods(date(2026, 2, 14))]
    assert codes[:3] == ["2026-02", "2026-01", "2025-12"]
    assert codes[12:] == ["2026-Q1", "2025-Q4", "2025-Q3", "2025-Q2", "2026", "2025"]
