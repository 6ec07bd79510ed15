"""For how long a check is good, what is asked first, and when nobody could be reached."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from directory.domain import checks
from directory.domain.checks import (
    HOLDS,
    Check,
    hidden_for,
    is_overdue,
    needs_review,
    next_call,
    risk,
    tries_before,
)
from directory.domain.taxonomy import KINDS
from tests.web.made import card

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def call(outcome: str, days_ago: float) -> Check:
    """A check so many days ago."""
    return Check(outcome, 0, "phone", None, "person 1", NOW - days_ago * DAY)


def test_every_kind_has_a_time_for_which_a_check_holds() -> None:
    assert set(HOLDS) == set(KINDS)
    assert {kind: HOLDS[kind].days for kind in ("crisis", "treatment", "housing", "meeting", "food")} == {
        "crisis": 90,
        "treatment": 90,
        "housing": 90,
        "meeting": 180,
        "food": 180,
    }


@pytest.mark.parametrize(
    ("more", "less"),
    [
        ({"days": 200}, {"days": 100}),
        ({"reports": 1}, {"reports": 0}),
        ({"reports": 2}, {"reports": 1}),
        ({"opened": 30.0}, {"opened": 3.0}),
        ({"kind": "treatment"}, {"kind": "meeting"}),
        ({"reports": 1, "days": 0}, {"days": 80}),
    ],
)
def test_what_is_older_reported_used_or_decides_tonight_comes_first(
    more: dict[str, object], less: dict[str, object]
) -> None:
    usual = {"kind": "meeting", "days": 100, "reports": 0, "opened": 0.0}
    assert risk(**usual | more).score > risk(**usual | less).score


@pytest.mark.parametrize(
    ("given", "reasons"),
    [
        ({"kind": "meeting", "days": 100}, ()),
        ({"kind": "meeting", "days": 180}, ("overdue",)),
        ({"kind": "housing", "days": 90}, ("overdue", "tonight")),
        ({"kind": "food", "days": 400, "is_never": True}, ("never",)),
        ({"kind": "food", "days": 1, "reports": 2, "opened": 12.0}, ("reported", "used")),
    ],
)
def test_each_line_says_why_it_is_there(given: dict[str, object], reasons: tuple[str, ...]) -> None:
    assert risk(**{"reports": 0, "opened": 0.0} | given).reasons == reasons


def test_what_was_never_asked_for_years_does_not_hide_what_several_people_report_today() -> None:
    ancient = risk(kind="meeting", days=5000, reports=0, opened=0.0, is_never=True)
    reported = risk(kind="treatment", days=90, reports=3, opened=0.0)
    assert reported.score > ancient.score


@pytest.mark.parametrize(
    ("ours", "source", "expected"),
    [
        (None, None, None),
        (NOW.date(), None, date(2026, 3, 2)),
        (None, date(2026, 1, 1), date(2026, 1, 1)),
        (NOW.date(), date(2026, 3, 5), date(2026, 3, 5)),
        (NOW.date(), date(2026, 1, 1), date(2026, 3, 2)),
    ],
)
def test_the_last_check_is_the_later_of_ours_and_its_sources(
    ours: date | None, source: date | None, expected: date | None
) -> None:
    assert card(confirmed_on=ours, verified_on=source).checked_on == expected


@pytest.mark.parametrize(
    ("kind", "last", "since", "expected"),
    [
        ("treatment", date(2025, 12, 2), None, True),
        ("treatment", date(2025, 12, 3), None, False),
        ("meeting", date(2025, 12, 2), None, False),
        ("meeting", None, date(2025, 9, 3), True),
        ("meeting", None, date(2026, 3, 1), False),
        ("meeting", date(2026, 3, 1), date(2020, 1, 1), False),
        ("meeting", None, None, False),
    ],
)
def test_a_listing_is_overdue_when_its_check_or_else_its_coming_here_is_too_long_ago(
    kind: str, last: date | None, since: date | None, expected: bool
) -> None:
    assert is_overdue(kind, last, since, NOW.date()) is expected


@pytest.mark.parametrize(
    ("past", "expected"),
    [
        ([], False),
        ([("closed", 0)], True),
        ([("no-number", 0)], True),
        ([("no-answer", 0), ("no-answer", 1)], False),
        ([("no-answer", 0), ("no-answer", 1), ("no-answer", 2)], True),
        ([("no-answer", 0), ("no-answer", 0.5), ("no-answer", 1)], False),
        ([("no-answer", 0), ("no-answer", 1), ("confirmed", 1.5), ("no-answer", 2)], False),
        ([("kept", 0), ("no-answer", 1), ("no-answer", 2), ("no-answer", 4)], False),
        ([("confirmed", 0), ("closed", 1)], False),
    ],
)
def test_a_person_decides_after_three_calls_over_two_days_or_when_it_is_said_to_be_closed(
    past: list[tuple[str, float]], expected: bool
) -> None:
    assert needs_review([call(*each) for each in past]) is expected


@pytest.mark.parametrize(
    ("past", "hours"),
    [
        ([("no-answer", 0)], 12),
        ([("no-answer", 0), ("no-answer", 1)], 24),
        ([("no-answer", 0), ("no-answer", 1.75)], 12),
        ([("no-answer", 0), ("no-answer", 0.5), ("no-answer", 1)], 24),
    ],
)
def test_the_next_call_is_told_so_that_the_third_comes_two_days_after_the_first(
    past: list[tuple[str, float]], hours: int
) -> None:
    assert next_call([call(*each) for each in past]) == NOW + timedelta(hours=hours)


def test_calls_in_vain_within_one_second_are_one_try() -> None:
    taps = [call("no-answer", 0)] * 3
    assert len(tries_before(taps)) == 1
    assert next_call(taps) == NOW + timedelta(hours=12)


@pytest.mark.parametrize(
    ("past", "known"),
    [
        ([], ""),
        ([("no-answer", 0)], ""),
        ([("hidden", 0), ("closed", 1)], "closed"),
        ([("hidden", 0), ("kept", 1), ("no-answer", 2)], "no-answer"),
        ([("hidden", 0), ("no-number", 1), ("closed", 9)], "no-answer"),
        ([("no-answer", 0), ("hidden", 1)], "no-answer"),
        ([("shown", 0), ("hidden", 1), ("closed", 2)], ""),
    ],
)
def test_of_what_is_hidden_only_that_is_said_which_was_known(past: list[tuple[str, float]], known: str) -> None:
    assert hidden_for([call(*each) for each in past]) == known


def test_without_a_call_in_vain_nobody_has_to_wait() -> None:
    assert next_call([call("confirmed", 1)]) is None
    assert next_call([]) is None


def test_outcomes_fit_their_column() -> None:
    assert max(len(outcome) for outcome in checks.OUTCOMES) <= 10
