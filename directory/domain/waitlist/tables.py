"""The daily table of a line's estimates: for each class and for numbers ahead on a grid, so that a page reads a row and simulates nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from random import Random

from directory.domain.estimate import DRAWS, WaitRange, wait_range

GRID = (0, 1, 2, 3, 5, 8, 12, 18, 27, 40, 60, 90, 135, 200, 300, 450, 675, 1000, 1500, 2250, 3400, 5000)
HOPELESS = 0.9
"""When so many draws are beyond a year, a longer line is not simulated any more."""
AT_LEAST = 5
"""So many ahead are simulated even where nobody stands, for those who come before tomorrow."""
NOTHING = WaitRange(0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class History:
    """What happened in a line in the last `window` days.

    `placed` placements; `offers` answered (accepted, declined or expired); `dropped` removals other than placements; `exposure` person-days
    waited without holds; `phi` how much placements come in bursts; `arrivals` by tier.
    """

    window: int
    placed: int
    offers: int
    dropped: int
    exposure: float
    phi: float
    arrivals: Mapping[int, int]

    def arrivals_above(self, tier: int, tiers: Iterable[int]) -> int | None:
        """How many came who go before this tier; None for the first one, before which nobody can come."""
        if tier == min(tiers):
            return None
        return sum(number for each, number in self.arrivals.items() if each < tier)


@dataclass(frozen=True, slots=True)
class Table:
    """The ranges of one line for one class: pairs of a number ahead and its range, growing in both."""

    rows: tuple[tuple[int, WaitRange], ...]

    def at(self, ahead: int) -> WaitRange | None:
        """The range for so many ahead: between two rows in a straight line, beyond the last as the last; None for an empty table."""
        if not self.rows:
            return None
        before = [row for row in self.rows if row[0] <= ahead] or [self.rows[0]]
        after = [row for row in self.rows if row[0] > ahead]
        if not after or before[-1][0] > ahead:
            return (before[-1] if not after else after[0])[1]
        (low, first), (high, last) = before[-1], after[0]
        share = (ahead - low) / (high - low)
        return WaitRange(*(a + (b - a) * share for a, b in zip(_numbers(first), _numbers(last), strict=True)))


def _numbers(found: WaitRange) -> tuple[float, float, float, float]:
    return found.q10, found.q50, found.q90, found.share_beyond


def table_of(tables: Mapping[int, Table], tier: int) -> Table:
    """The table for a tier: its own, else that of the next tier after it, which promises no less; else that of the last one."""
    after = sorted(each for each in tables if each >= tier)
    return tables[after[0]] if after else tables[max(tables)] if tables else Table(())


def fingerprint(history: History, most_ahead: Mapping[int, int]) -> str:
    """What the tables are made of, as a hash. Person-days count in two figures, since they grow every day and that alone changes nothing."""
    grid = [(tier, len(_grid(most))) for tier, most in sorted(most_ahead.items())]
    rates = (history.window, history.placed, history.offers, history.dropped, f"{history.exposure:.1e}")
    text = repr((rates, f"{history.phi:.1f}", sorted(history.arrivals.items()), grid))
    return sha256(text.encode()).hexdigest()


def tables(history: History, most_ahead: Mapping[int, int], seed: str, *, draws: int = DRAWS) -> dict[int, Table]:
    """A table for each tier of `most_ahead`, as far as so many people ahead ask for; none shows less than one of a tier before it, nor less
    for more people ahead. The same `seed` (the line and the day) gives the same tables. All are empty with too little history.
    """
    found: dict[int, Table] = {}
    above = Table(())
    for tier in sorted(most_ahead):
        rows = _rows(history, tier, most_ahead, seed, draws)
        above = found[tier] = Table(tuple(_grown(list(rows), above)))
    return found


def _rows(
    history: History, tier: int, most_ahead: Mapping[int, int], seed: str, draws: int
) -> Iterable[tuple[int, WaitRange]]:
    higher = history.arrivals_above(tier, most_ahead)
    for ahead in _grid(most_ahead[tier]):
        # Each row has its own draws, so that a longer table changes none of the rows that were there.
        found = wait_range(
            ahead,
            history.placed,
            history.window,
            higher,
            history.dropped,
            history.exposure,
            history.offers,
            history.phi,
            Random(f"{seed} {tier} {ahead}"),
            draws,
        )
        if found is None:
            return
        yield ahead, found
        if found.share_beyond > HOPELESS:
            return


def _grid(most: int) -> Sequence[int]:
    """The grid as far as the first number that is not smaller."""
    wanted = max(most, AT_LEAST)
    end = next((place for place, ahead in enumerate(GRID) if ahead >= wanted), len(GRID) - 1)
    return GRID[: end + 1]


def _grown(rows: Sequence[tuple[int, WaitRange]], above: Table) -> Iterable[tuple[int, WaitRange]]:
    """The rows with the greatest of all before them, and of the class above: a running maximum, since draws are only draws."""
    most = NOTHING
    for ahead, found in rows:
        sides = zip(_numbers(most), _numbers(found), _numbers(above.at(ahead) or NOTHING), strict=True)
        most = WaitRange(*(max(side) for side in sides))
        yield ahead, most
