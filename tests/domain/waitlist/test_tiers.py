"""Who goes first, as data: the federal order, what may stand beside it, and how rules are kept. Sources: WAITLIST 1.2, 1.4; 45 CFR 96.131(a)."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date
from itertools import product

import pytest

from directory.domain.waitlist.clocks import federal_tier
from directory.domain.waitlist.facts import PRIORITY
from directory.domain.waitlist.tiers import (
    ANY,
    FEDERAL,
    OTHERS,
    USUAL,
    PriorityTier,
    Rules,
    carried,
    fingerprint,
    ordered,
    rules_problems,
    rules_read,
    rules_text,
    tier_at,
    tier_of,
)

DAY = date(2026, 3, 2)
OVERDOSE = PriorityTier(4, "overdose-risk", "High risk of overdose", ("overdose-risk",), target_hours=72, citation="TX")
FAMILIES = PriorityTier(6, "families", "Families", ("dependents", "child-protection"), ANY, None, "Our contract")
TEXAS = ordered(Rules((*FEDERAL, OVERDOSE)))


def test_the_usual_rules_are_the_federal_order_for_everything_that_can_be_known() -> None:
    """45 CFR 96.131(a): pregnant and injecting, pregnant, injecting, all others."""
    for values in product((None, "yes", "no"), repeat=len(PRIORITY)):
        facts = {code: value for code, value in zip(PRIORITY, values, strict=True) if value}
        assert tier_of(facts, USUAL, DAY) == federal_tier({code for code, value in facts.items() if value == "yes"})


@pytest.mark.parametrize(
    ("facts", "tier"),
    [
        ({}, OTHERS),
        ({"overdose-risk": "yes"}, 4),
        ({"overdose-risk": "no"}, OTHERS),
        ({"overdose-risk": "yes", "injecting-30d": "yes"}, 3),
        ({"child-protection": "yes"}, 6),
        ({"dependents": "yes", "overdose-risk": "yes"}, 4),
    ],
)
def test_an_own_tier_takes_those_of_whom_its_facts_are_known_and_the_best_one_counts(
    facts: dict[str, str], tier: int
) -> None:
    """WAITLIST 1.4: a State's tiers come after the federal ones. What is unknown is neither yes nor no."""
    assert tier_of(facts, Rules((*FEDERAL, OVERDOSE, FAMILIES)), DAY) == tier


@pytest.mark.parametrize(("day", "tier"), [(1, OTHERS), (2, 4), (5, 4), (6, OTHERS)])
def test_a_tier_counts_from_its_first_day_to_its_last(day: int, tier: int) -> None:
    dated = replace(OVERDOSE, valid_from=date(2026, 3, 2), valid_to=date(2026, 3, 5))
    assert tier_of({"overdose-risk": "yes"}, Rules((*FEDERAL, dated)), date(2026, 3, day)) == tier


@pytest.mark.parametrize("rank", [-1, 0, 1, 2, 3, 9])
def test_no_tier_sorts_above_the_federal_ones_nor_among_all_others(rank: int) -> None:
    """WAITLIST 1.4: in a federally funded pool tiers 1-3 are fixed and no configured tier may sort above them."""
    problems = rules_problems(Rules((*FEDERAL, replace(OVERDOSE, rank=rank))), is_funded=True)
    assert "above-federal" in {problem.code for problem in problems}


@pytest.mark.parametrize(
    "tiers",
    [
        (),
        FEDERAL[1:],
        (replace(FEDERAL[0], facts=("pregnant",)), *FEDERAL[1:]),
        (replace(FEDERAL[0], match=ANY), *FEDERAL[1:]),
        (replace(FEDERAL[0], rank=2), replace(FEDERAL[1], rank=1), FEDERAL[2]),
        (replace(FEDERAL[1], valid_to=DAY), FEDERAL[0], FEDERAL[2]),
    ],
)
def test_a_funded_line_has_the_federal_tiers_whole_and_as_they_are(tiers: tuple[PriorityTier, ...]) -> None:
    """45 CFR 96.131(a)."""
    found = rules_problems(ordered(Rules(tiers)), is_funded=True)
    assert [problem.code for problem in found] == ["above-federal"]


def test_a_line_that_is_not_funded_may_leave_the_federal_tiers_out_but_not_in_part() -> None:
    assert not rules_problems(Rules((OVERDOSE,)), is_funded=False)
    assert not rules_problems(TEXAS, is_funded=False)
    assert rules_problems(Rules((FEDERAL[2], OVERDOSE)), is_funded=False)


@pytest.mark.parametrize(("hours", "is_fit"), [(336, True), (72, True), (0, True), (337, False), (None, False)])
def test_a_limit_of_the_law_can_be_made_shorter_and_never_longer(hours: int | None, is_fit: bool) -> None:
    """45 CFR 96.126(b)(1): 14 days are 336 hours."""
    rules = Rules((*FEDERAL[:2], replace(FEDERAL[2], target_hours=hours)))
    assert [problem.code for problem in rules_problems(rules, is_funded=True)] == (
        [] if is_fit else ["longer-than-law"]
    )


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"label": " "}, "missing"),
        ({"citation": ""}, "missing"),
        ({"facts": ()}, "choose"),
        ({"facts": ("looks-motivated",)}, "choose"),
        ({"match": "some"}, "choose"),
        ({"target_hours": -1}, "not-within"),
        ({"valid_from": date(2026, 3, 2), "valid_to": date(2026, 3, 1)}, "ends-before"),
        ({"label": "x" * 81}, "too-long"),
        ({"code": "pregnant"}, "name-taken"),
    ],
)
def test_a_tier_needs_a_name_a_source_and_facts_that_somebody_told(wrong: dict[str, object], code: str) -> None:
    """WAITLIST 1.8: facts with a source decide, never a judgement; 1.4: each rule says where it stands."""
    tier = replace(OVERDOSE, **wrong)  # type: ignore[arg-type]
    assert code in {problem.code for problem in rules_problems(Rules((*FEDERAL, tier)), is_funded=True)}


def test_too_many_tiers_of_ones_own_are_refused() -> None:
    own = tuple(replace(OVERDOSE, code=f"own-{number}") for number in range(13))
    assert {problem.code for problem in rules_problems(Rules((*FEDERAL, *own)), is_funded=True)} == {"too-many-tiers"}


def test_rules_are_kept_as_one_text_whatever_order_they_came_in() -> None:
    rules = ordered(Rules((*FEDERAL, replace(OVERDOSE, valid_from=DAY), FAMILIES), 30))
    shuffled = list(rules.tiers)
    random.Random(7).shuffle(shuffled)
    assert rules_text(Rules(tuple(shuffled), 30)) == rules_text(rules)
    assert rules_read(rules_text(rules)) == rules
    assert rules_read(rules_text(USUAL)) == USUAL
    assert fingerprint(rules_text(rules)) != fingerprint(rules_text(replace(rules, contact_days=31)))


def test_a_rank_is_called_by_the_tier_that_takes_these_facts() -> None:
    other = replace(FAMILIES, rank=4)
    rules = Rules((*FEDERAL, OVERDOSE, other))
    found = tier_at(4, rules, DAY, {"dependents": "yes"})
    assert found == other
    assert tier_at(4, rules, DAY) == OVERDOSE
    assert tier_at(OTHERS, rules, DAY) is None


def test_a_place_that_is_kept_goes_by_the_same_tier_under_other_rules() -> None:
    assert carried(4, TEXAS, Rules((*FEDERAL, replace(OVERDOSE, rank=7)))) == 7
    assert carried(4, TEXAS, USUAL) == OTHERS
    assert carried(2, TEXAS, USUAL) == 2
