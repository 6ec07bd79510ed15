"""What other rules would do to a line, before anybody publishes them (WAITLIST 3.5)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from directory.domain.waitlist.tier_moves import Move, Standing, moves, tier_after
from directory.domain.waitlist.tiers import FEDERAL, OTHERS, USUAL, PriorityTier, Rules

DAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
OVERDOSE = PriorityTier(4, "overdose-risk", "High risk of overdose", ("overdose-risk",), citation="TX")
TEXAS = Rules((*FEDERAL, OVERDOSE))


def standing(entry: int, tier: int = OTHERS, *, tie: int = 0, **facts: str) -> Standing:
    """Somebody who asked `entry` hours after the first one."""
    known = {code.replace("_", "-"): value for code, value in facts.items()}
    return Standing(entry, tier, NOW + timedelta(hours=entry), tie, known)


def test_a_new_tier_moves_those_it_takes_up_and_those_they_pass_down() -> None:
    line = [standing(1), standing(2, 2, pregnant="yes"), standing(3), standing(4, overdose_risk="yes"), standing(5)]
    assert moves(line, USUAL, TEXAS, DAY) == (
        Move(4, OTHERS, 4, 4, 2),
        Move(1, OTHERS, OTHERS, 2, 3),
        Move(3, OTHERS, OTHERS, 3, 4),
    )


def test_rules_that_change_nothing_move_nobody() -> None:
    line = [standing(1), standing(2, 4, overdose_risk="yes")]
    assert moves(line, TEXAS, TEXAS, DAY) == ()


def test_a_tier_that_ends_takes_people_back_and_says_so_though_their_place_stays() -> None:
    line = [standing(1, 4, overdose_risk="yes"), standing(2)]
    (move,) = moves(line, TEXAS, USUAL, DAY)
    assert move == Move(1, 4, OTHERS, 1, 1)
    assert not move.has_moved


def test_somebody_whose_fact_has_run_out_keeps_their_tier_when_rules_change() -> None:
    """WAITLIST 3.5: priority facts never silently drop a person's tier."""
    lapsed = standing(1, 2)
    assert tier_after(lapsed, USUAL, TEXAS, DAY) == 2
    assert tier_after(standing(1, 4), TEXAS, USUAL, DAY) == OTHERS


def test_equal_requests_stay_in_the_order_of_their_lots() -> None:
    line = [Standing(1, OTHERS, NOW, 9, {}), Standing(2, OTHERS, NOW, 3, {"overdose-risk": "yes"})]
    assert moves(line, USUAL, TEXAS, DAY) == (Move(2, OTHERS, 4, 1, 1),)
