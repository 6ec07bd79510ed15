"""Whom an opening is for, as rules and back, and what an agency sees of somebody's age and facts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from directory.domain.openings import Restrictions
from directory.domain.waitlist.answers import refusals, takes_opening
from directory.domain.waitlist.disclosures import age_band, asked_facts, may_still_see, years_before
from directory.domain.waitlist.ranking import Fit, Restriction, answers, fit_of
from directory.domain.waitlist.states import Offer
from directory.domain.waitlist.whom import opening_problems, restrictions_of, whom_of

TODAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
EVERYTHING = Restrictions(
    sex="women",
    youngest=18,
    oldest=64,
    moud=False,
    pay=("medicaid", "free"),
    wheelchair=True,
    children=False,
    languages=("en", "es"),
)


@pytest.mark.parametrize(
    "whom",
    [
        Restrictions(),
        EVERYTHING,
        Restrictions(sex="men"),
        Restrictions(youngest=21),
        Restrictions(oldest=17),
        Restrictions(moud=True, children=True),
    ],
)
def test_whom_an_opening_takes_comes_back_out_of_its_rules(whom: Restrictions) -> None:
    assert whom_of(restrictions_of(whom)) == whom


def test_what_nobody_has_said_restricts_nothing() -> None:
    assert restrictions_of(Restrictions()) == ()
    assert restrictions_of(Restrictions(sex="all", pay=())) == ()


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"sex": "female"}, Fit.YES),
        ({"sex": "other"}, Fit.YES),
        ({"sex": "male"}, Fit.NO),
        ({}, Fit.UNKNOWN),
    ],
)
def test_an_opening_for_women_is_for_whoever_is_neither_too(facts: dict[str, str], expected: Fit) -> None:
    assert fit_of(answers(facts, restrictions_of(Restrictions(sex="women")))) is expected


@pytest.mark.parametrize(
    ("whom", "count", "free_on", "field"),
    [
        (Restrictions(), 0, None, "count"),
        (Restrictions(), 21, None, "count"),
        (Restrictions(), 1, TODAY - timedelta(days=1), "free_on"),
        (Restrictions(), 1, TODAY + timedelta(days=91), "free_on"),
        (Restrictions(youngest=30, oldest=20), 1, None, "oldest"),
        (Restrictions(oldest=121), 1, None, "oldest"),
        (Restrictions(sex="some"), 1, None, "sex"),
        (Restrictions(pay=("shells",)), 1, None, "pay"),
    ],
)
def test_what_is_wrong_with_an_opening_is_said_at_its_field(
    whom: Restrictions, count: int, free_on: date | None, field: str
) -> None:
    found = opening_problems(whom, count=count, free_on=free_on, today=TODAY)
    assert [each.field for each in found] == [field]


@pytest.mark.parametrize("free_on", [None, TODAY, TODAY + timedelta(days=90)])
def test_openings_of_today_and_of_the_next_ninety_days_are_taken(free_on: date | None) -> None:
    assert opening_problems(EVERYTHING, count=20, free_on=free_on, today=TODAY) == []


@pytest.mark.parametrize(
    ("age", "band"), [(0, (0, 17)), (17, (0, 17)), (18, (18, 24)), (34, (25, 34)), (64, (55, 64)), (101, (65, None))]
)
def test_an_age_is_shown_as_its_band(age: int, band: tuple[int, int | None]) -> None:
    """WAITLIST 4.4."""
    assert age_band(age) == band


def test_of_the_facts_an_agency_sees_those_alone_that_its_opening_asks_for() -> None:
    """42 CFR 2.13(a): no more than is needed."""
    facts = {"sex": "female", "payer": "free", "medication": "yes", "pregnant": "yes", "age": "34", "children": "no"}
    asked = [
        Restriction("sex", ("female",)),
        Restriction("age", ("18", "")),
        Restriction("medication", ("yes",)),
        Restriction("children", ("no",)),
        Restriction("language", ("en",)),
    ]
    assert asked_facts(facts, asked) == {"sex": "female", "children": "no"}


def test_a_refusal_can_name_the_rules_of_the_opening_and_no_others() -> None:
    found = refusals([Restriction("sex", ("female",))])
    assert "not-eligible-sex" in found
    assert "not-eligible-age" not in found
    assert [each for each in found if takes_opening(each)] == ["full-after-all"]


@pytest.mark.parametrize(
    ("status", "days_ago", "is_seen"),
    [
        (Offer.PENDING, None, False),
        (Offer.ACCEPTED, None, True),
        (Offer.ADMITTED, 6, True),
        (Offer.ADMITTED, 7, False),
        (Offer.CANCELLED, 6, True),
    ],
)
def test_what_was_told_is_seen_from_the_yes_until_seven_days_after_the_end(
    status: Offer, days_ago: int | None, is_seen: bool
) -> None:
    """WAITLIST 4.4."""
    ended = None if days_ago is None else NOW - timedelta(days=days_ago)
    assert may_still_see(status, ended, NOW) is is_seen


def test_three_years_before_a_leap_day_is_the_day_before_it() -> None:
    """42 CFR 2.25."""
    assert years_before(datetime(2028, 2, 29, 9, tzinfo=UTC), 3) == datetime(2025, 2, 28, 9, tzinfo=UTC)
