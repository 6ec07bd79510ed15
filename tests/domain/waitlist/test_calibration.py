"""Whether the ranges came true: each person once, with the uncertainty that few people leave."""

from __future__ import annotations

import pytest

from directory.domain.waitlist.calibration import Coverage, Outcome, coverage, score, wilson


@pytest.mark.parametrize(
    ("days", "outcome"),
    [
        (9.9, Outcome.EARLY),
        (10.0, Outcome.INSIDE),
        (40.0, Outcome.INSIDE),
        (40.1, Outcome.LATE),
    ],
)
def test_a_wait_is_early_inside_or_late(days: float, outcome: Outcome) -> None:
    assert score(days, 10.0, 40.0) is outcome


def test_a_wait_of_over_a_year_is_inside_a_range_that_reaches_to_a_year() -> None:
    assert score(500.0, 100.0, 365.0) is Outcome.INSIDE


@pytest.mark.parametrize(
    ("share", "number", "low", "high"),
    [(0.8, 100, 0.711, 0.867), (0.0, 10, 0.0, 0.278), (1.0, 10, 0.722, 1.0), (0.5, 0, 0.0, 1.0)],
)
def test_the_interval_is_that_of_wilson(share: float, number: int, low: float, high: float) -> None:
    assert wilson(share, number) == pytest.approx((low, high), abs=0.001)


def test_each_person_counts_once_however_often_they_were_told_something() -> None:
    found = coverage([{"inside": 90, "late": 10}, {"late": 1}])
    assert (found.placed, found.inside, found.late) == (2, pytest.approx(0.45), pytest.approx(0.55))


def test_who_left_without_a_placement_is_counted_apart() -> None:
    """A score over those who were placed alone is too good to be true (WAITLIST 2.4, 7)."""
    found = coverage([{"censored": 30}, {"censored": 2}, {"inside": 5}])
    assert (found.placed, found.left, found.inside) == (1, 2, 1.0)
    assert coverage([]) == Coverage(0, 0)


@pytest.mark.parametrize(("placed", "inside", "is_too_low"), [(40, 0.6, True), (39, 0.6, False), (40, 0.65, False)])
def test_a_warning_comes_below_65_in_100_with_40_people(placed: int, inside: float, is_too_low: bool) -> None:
    assert Coverage(placed, 0, inside).is_too_low is is_too_low
