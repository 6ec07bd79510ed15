"""The order of a line for one opening, and one's own place in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from directory.domain.waitlist.ranking import (
    Candidate,
    Fit,
    Place,
    Restriction,
    answers,
    first,
    fit_of,
    is_out_of_order,
    passed_over,
    place_of,
    ranked,
)

ASKED = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
WOMEN = Restriction("sex", ("female",))


def waiting(entry: int, tier: int = 9, day: int = 0, tie: int = 0, barrier: str = "", **facts: str) -> Candidate:
    return Candidate(entry, tier, ASKED + timedelta(days=day), tie, facts, barrier)


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
        waiting(3, tier=3),
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
    assert [each.fit for each in order] == [Fit.YES, Fit.NO, Fit.UNKNOWN, Fit.YES, Fit.YES]
    assert not is_out_of_order(order, 4)
    assert is_out_of_order(order, 5)


def test_an_opening_that_fits_nobody_is_offered_to_nobody() -> None:
    assert first(ranked([waiting(1, sex="male")], [WOMEN])) is None
    assert first(()) is None


# --- one's place -----------------------------------------------------------------------------------------------------


def line_of(number: int) -> list[Candidate]:
    return [waiting(entry, day=entry) for entry in range(1, number + 1)]


def test_a_long_line_shows_the_number_and_a_short_one_a_band() -> None:
    """WAITLIST 2.3: in a short line a number would point at people."""
    assert place_of(12, line_of(31)) == Place(number=12, of=31)
    assert place_of(11, line_of(11)) == Place(number=11, of=11)
    assert place_of(12, line_of(31), exact=False) == Place(band="10-or-more")
    short = line_of(10)
    assert [place_of(entry, short).band for entry in (1, 2, 5, 6, 10)] == [
        "next",
        "fewer-than-5",
        "fewer-than-5",
        "5-to-9",
        "5-to-9",
    ]


def test_who_cannot_be_offered_anything_now_is_not_ahead_of_anybody() -> None:
    line = [replace(each, barrier="no-consent") if each.entry < 10 else each for each in line_of(30)]
    assert place_of(12, line) == Place(number=3, of=21)


def test_on_hold_no_place_is_told_but_that_it_is_kept() -> None:
    line = [replace(each, barrier="on-hold") if each.entry == 3 else each for each in line_of(30)]
    assert place_of(3, line) == Place(paused=True)
    assert place_of(30, line) == Place(number=29, of=29)
