"""The order of a line for one opening, and whose turn it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest

from directory.domain.waitlist.ranking import (
    Candidate,
    Fit,
    Ranked,
    Restriction,
    answers,
    first,
    fit_of,
    leads,
    passed_over,
    ranked,
    to_ask,
    turns_before,
    with_age,
)

ASKED = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
WOMEN = Restriction("sex", ("female",))


def waiting(entry: int, tier: int = 9, day: int = 0, tie: int = 0, barrier: str = "", **facts: str) -> Candidate:
    return Candidate(entry, tier, ASKED + timedelta(days=day), tie, facts, barrier)


def is_out_of_order(order: Sequence[Ranked], entry: int) -> bool:
    """Whether it is, or may be, the turn of somebody before this entry."""
    return bool(turns_before(order, next(each for each in order if each.candidate.entry == entry)))


@pytest.mark.parametrize(
    ("restriction", "facts", "fit"),
    [
        (WOMEN, {"sex": "female"}, Fit.YES),
        (WOMEN, {"sex": "male"}, Fit.NO),
        (WOMEN, {}, Fit.UNKNOWN),
        (Restriction("age", ("18", "25")), {"age": "18"}, Fit.YES),
        (Restriction("age", ("18", "25")), {"age": "26"}, Fit.NO),
        (Restriction("age", ("", "17")), {"age": "17"}, Fit.YES),
        (Restriction("age", ("65", "")), {"age": "64"}, Fit.NO),
        (Restriction("age", ("18", "")), {}, Fit.UNKNOWN),
        (Restriction("age", ("18", "")), {"age": "17,18"}, Fit.UNKNOWN),
        (Restriction("age", ("18", "")), {"age": "18,19"}, Fit.YES),
        (Restriction("age", ("65", "")), {"age": "17,18"}, Fit.NO),
        (Restriction("payer", ("medicaid", "free")), {"payer": "private,medicaid"}, Fit.YES),
        (Restriction("payer", ("private",)), {"payer": "medicaid"}, Fit.NO),
        (Restriction("medication", ("no",)), {"medication": "yes"}, Fit.NO),
        (Restriction("medication", ("no",)), {"medication": "no"}, Fit.YES),
        (Restriction("medication", ("yes",)), {}, Fit.YES),
        (Restriction("wheelchair", ("no",)), {}, Fit.UNKNOWN),
        (Restriction("level", ("3.7",)), {"level": "3.5,3.7"}, Fit.YES),
    ],
)
def test_each_rule_says_yes_no_or_cannot_tell(restriction: Restriction, facts: dict[str, str], fit: Fit) -> None:
    (answer,) = answers(facts, [restriction])
    assert (answer.rule, answer.fit) == (restriction.rule, fit)


def test_one_no_decides_and_one_unknown_leaves_it_open() -> None:
    asked = [WOMEN, Restriction("payer", ("medicaid",)), Restriction("age", ("18", ""))]
    facts = {"sex": "female", "payer": "medicaid", "age": "30"}
    assert fit_of(answers(facts, asked)) is Fit.YES
    assert fit_of(answers({**facts, "age": "17"}, asked)) is Fit.NO
    assert fit_of(answers({"payer": "medicaid", "sex": "female"}, asked)) is Fit.UNKNOWN
    assert fit_of(answers({"payer": "private"}, asked)) is Fit.NO


def test_the_order_is_tier_then_request_then_the_lot_whatever_order_they_come_in() -> None:
    line = [
        waiting(1, tier=9, day=0),
        waiting(2, tier=3, day=5),
        waiting(3, tier=1, day=9),
        waiting(4, tier=3, day=5, tie=-1),
        waiting(5, tier=2, day=9),
        waiting(6, tier=3, day=1),
    ]
    for seed in range(5):
        mixed = Random(seed).sample(line, len(line))
        assert [each.candidate.entry for each in ranked(mixed, [])] == [3, 5, 6, 4, 2, 1]


def test_the_first_who_fits_and_can_be_offered_it_is_next_and_each_before_has_a_reason() -> None:
    line = [
        waiting(1, tier=1, barrier="on-hold", sex="female"),
        waiting(2, tier=2, sex="male"),
        waiting(3, tier=3, sex="male"),
        waiting(4, tier=9, sex="female"),
        waiting(5, tier=9, day=1, sex="female"),
    ]
    order = ranked(line, [WOMEN])
    found = first(order)
    assert found is not None
    assert found.candidate.entry == 4
    assert [(each.candidate.entry, each.reason) for each in passed_over(order, 4)] == [
        (1, "on-hold"),
        (2, "sex"),
        (3, "sex"),
    ]
    assert [each.fit for each in order] == [Fit.YES, Fit.NO, Fit.NO, Fit.YES, Fit.YES]
    assert not is_out_of_order(order, 4)
    assert is_out_of_order(order, 5)


def test_somebody_of_whom_it_cannot_be_told_is_asked_before_it_goes_to_those_behind_them() -> None:
    """WAITLIST 3.5: unknown is not false."""
    line = [waiting(1, tier=1), waiting(2, tier=9, sex="female"), waiting(3, tier=1, day=-1, barrier="on-hold")]
    order = ranked(line, [WOMEN])
    asked = to_ask(order)
    assert asked is not None
    assert (asked.candidate.entry, first(order)) == (1, None)
    assert is_out_of_order(order, 2)
    for known in ("male", "female"):
        told = ranked([replace(line[0], facts={"sex": known}), *line[1:]], [WOMEN])
        turn = first(told)
        assert turn is not None
        assert (turn.candidate.entry, to_ask(told), is_out_of_order(told, 2)) == (
            1 if known == "female" else 2,
            None,
            known == "female",
        )


def test_an_opening_that_fits_nobody_is_offered_to_nobody() -> None:
    assert first(ranked([waiting(1, sex="male")], [WOMEN])) is None
    assert first(()) is None


def test_who_had_the_opening_before_lets_others_go_first_and_may_have_it_again() -> None:
    """WAITLIST 3.2, 5.12: what has run out can be offered again, and one no costs nobody their place."""
    line = [
        replace(waiting(1, tier=1), had="expired"),
        waiting(2),
        replace(waiting(3, day=1), had="declined"),
        waiting(4, day=2),
    ]
    order = ranked(line, [])
    found = first(order)
    assert found is not None
    assert found.candidate.entry == 2
    assert [is_out_of_order(order, entry) for entry in (1, 2, 3, 4)] == [False, False, True, True]
    assert [each.code for each in order] == ["had-expired", "", "had-declined", ""]
    assert first(ranked([line[0]], [])) is None
    assert order[0].may_be_offered
    assert [each.candidate.entry for each in leads(order)] == [2, 1]


def test_once_all_have_had_an_opening_the_order_holds_as_in_the_first_round() -> None:
    """45 CFR 96.131(a)."""
    order = ranked([replace(waiting(1, tier=1), had="expired"), replace(waiting(2), had="expired")], [])
    assert [is_out_of_order(order, entry) for entry in (1, 2)] == [False, True]


def test_what_is_kept_of_who_was_passed_over_tells_a_no_from_what_is_not_known() -> None:
    line = [
        waiting(1, sex="male"),
        waiting(2),
        waiting(3, barrier="on-hold"),
        replace(waiting(4), had="expired", barrier="on-hold"),
    ]
    assert [each.code for each in ranked(line, [WOMEN])] == ["sex", "cannot-tell-sex", "on-hold", "on-hold"]


@pytest.mark.parametrize(
    ("born", "on", "age"),
    [
        ("2008-02", "2026-03-02", "18"),
        ("2008-04", "2026-03-02", "17"),
        ("2008-03", "2026-03-31", "17,18"),
        ("2026-03", "2026-03-02", "0,0"),
        ("", "2026-03-02", ""),
    ],
)
def test_an_age_follows_from_the_month_of_birth_and_in_that_month_may_be_either(born: str, on: str, age: str) -> None:
    facts = {"birth-month": born} if born else {}
    assert with_age(facts, date.fromisoformat(on)).get("age", "") == age
