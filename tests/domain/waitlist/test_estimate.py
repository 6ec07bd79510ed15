"""The estimate: near the exact answer where there is one, honest where there is little, and the same all day."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from random import Random

import pytest

from directory.domain.waitlist.estimate import (
    LONGEST,
    SHOWN,
    History,
    Quantiles,
    Range,
    Table,
    dispersion,
    quantiles,
    shown,
    tables,
    window_of,
)

PLAIN = History(window=90, placements=38, answered=38, removals=0, waited=0.0)
BUSY = History(90, 40, 55, 6, 3000.0, (3, 3, 4, 2, 5, 3, 2, 4, 3, 3, 4, 4), (0, 8, 20))


def found(history: History, ahead: int, *, seed: int = 1, rank: int = 0, draws: int = 400) -> Quantiles:
    answer = quantiles(history, ahead, Random(seed), rank=rank, draws=draws)
    assert answer is not None
    return answer


def test_with_nothing_but_openings_it_is_the_beta_prime_distribution() -> None:
    """T / W ~ BetaPrime(n + 1, P + 0.5): for n = 9, P = 38, W = 90 days its quantiles are 14.1, 22.8 and 35.4 (WAITLIST 2.2)."""
    close = found(PLAIN, 9, draws=12_000)
    assert close.q10 == pytest.approx(14.1, rel=0.03)
    assert close.q50 == pytest.approx(22.8, rel=0.03)
    assert close.q90 == pytest.approx(35.4, rel=0.03)
    assert close.beyond == 0


def test_with_fewer_than_five_placements_nothing_is_said() -> None:
    few = replace(PLAIN, placements=4, window=365)
    assert quantiles(few, 3, Random(1)) is None
    assert [table.at(3) for table in tables(few, 2, Random(1), draws=40)] == [None, None]


def test_the_same_seed_gives_the_same_answer() -> None:
    assert tables(BUSY, 3, Random("line 7 2026-03-02"), draws=60) == tables(
        BUSY, 3, Random("line 7 2026-03-02"), draws=60
    )


def test_the_table_grows_with_the_people_ahead_and_down_the_classes() -> None:
    built = tables(BUSY, 3, Random(3), draws=120)
    for table in built:
        for (_, less), (_, more) in pairwise(table.rows):
            assert (less.q10, less.q50, less.q90, less.beyond) <= (more.q10, more.q50, more.q90, more.beyond)
            assert less.q10 <= more.q10
            assert less.q50 <= more.q50
            assert less.q90 <= more.q90
    for above, below in pairwise(built):
        for ahead, row in below.rows:
            top = above.at(ahead)
            assert top is not None
            assert top.q50 <= row.q50 + 1e-9


def test_between_two_rows_the_range_lies_between_theirs() -> None:
    table = Table(((0, Quantiles(1, 2, 3, 0)), (10, Quantiles(11, 22, 33, 0.1))))
    assert table.at(5) == Quantiles(6, 12, 18, 0.05)
    assert table.at(0) == Quantiles(1, 2, 3, 0)
    assert table.at(500) == Quantiles(11, 22, 33, 0.1)
    assert Table(()).at(0) is None


def test_more_arrivals_of_those_who_go_before_do_not_shorten_the_wait() -> None:
    """WAITLIST 2.4: over 50 seeds, within 2 in 100."""
    calm, crowded = (replace(BUSY, arrivals_above=(0, above)) for above in (5, 25))

    def mean(history: History) -> float:
        return sum(found(history, 8, seed=seed, rank=1, draws=60).q50 for seed in range(50)) / 50

    assert mean(crowded) >= 0.98 * mean(calm)


def test_people_who_leave_and_openings_that_are_declined_shorten_the_wait() -> None:
    base = found(PLAIN, 20, draws=2000).q50
    assert found(replace(PLAIN, removals=40, waited=2000.0), 20, draws=2000).q50 < base
    assert found(replace(PLAIN, answered=76), 20, draws=2000).q50 < 1.05 * base


def test_a_line_that_hardly_moves_is_longer_than_a_year() -> None:
    stuck = found(replace(PLAIN, placements=5, answered=5, window=365), 30)
    assert stuck.beyond > 0.9
    assert stuck.q50 == LONGEST
    (table,) = tables(replace(PLAIN, placements=5, answered=5, window=365), 1, Random(1), draws=60)
    assert table.rows[-1][0] < 450, "where nothing more is known, nothing more is simulated"


@pytest.mark.parametrize(
    ("ages", "window"),
    [([1] * 10, 90), ([1] * 9 + [100], 180), ([200] * 10, 270), ([300] * 10, 365), ([], 365)],
)
def test_it_looks_back_only_as_far_as_it_must(ages: list[int], window: int) -> None:
    assert window_of(ages) == window


@pytest.mark.parametrize(
    ("weekly", "spread"),
    [((3,) * 12, 1.0), ((0, 12) * 6, 6.0), ((3,) * 7, 1.0), ((0,) * 12, 1.0), ((1, 5, 2, 6, 1, 5, 2, 6), 1.37)],
)
def test_how_much_placements_come_in_bursts(weekly: tuple[int, ...], spread: float) -> None:
    assert dispersion(weekly) == pytest.approx(spread, abs=0.02)


def test_what_is_shown_is_rounded_outwards_to_days_that_people_say() -> None:
    assert shown(Quantiles(14.3, 22.6, 34.8, 0), window=90) == Range(14, 42, False, False)
    assert shown(Quantiles(0.2, 1, 2.9, 0), window=270) == Range(0, 3, False, True)
    assert shown(Quantiles(100, 300, 365, 0.2), window=90) == Range(84, 365, True, False)
    assert {0, 365} <= set(SHOWN)


def test_of_many_simulated_lines_about_eight_in_ten_waits_fall_into_the_range() -> None:
    """The gate of WAITLIST 2.4: 0.70 <= coverage <= 0.95, at most 0.20 later than the range, over two kinds of lines."""
    inside = late = probes = 0
    for regime, (rate, taking) in enumerate(((0.4, 1.0), (0.15, 0.7))):
        for number in range(150):
            rng = Random(1000 * regime + number)
            history = _observed(rate, taking, rng)
            ahead = rng.randrange(12)
            answer = quantiles(history, ahead, rng, draws=150)
            if answer is None:
                continue
            wait = _really(rate, taking, ahead, rng)
            probes += 1
            inside += answer.q10 <= wait <= answer.q90
            late += wait > answer.q90
    assert probes > 250
    assert 0.70 <= inside / probes <= 0.95
    assert late / probes <= 0.20


def _observed(rate: float, taking: float, rng: Random) -> History:
    """90 days of a line whose openings come at this rate a day, and are taken so often."""
    day, placements, answered = 0.0, 0, 0
    while (day := day + rng.expovariate(rate)) < 90:
        tries = 1
        while rng.random() > taking:
            tries += 1
        placements, answered = placements + 1, answered + tries
    return History(90, placements, answered, 0, 0.0)


def _really(rate: float, taking: float, ahead: int, rng: Random) -> float:
    """When somebody with so many ahead is offered one: each opening goes down the line until somebody takes it."""
    day = 0.0
    while day < LONGEST:
        day += rng.expovariate(rate)
        takers = (place for place in range(ahead + 1) if rng.random() < taking)
        if next(takers, ahead) >= ahead:
            return day
        ahead -= 1
    return LONGEST
