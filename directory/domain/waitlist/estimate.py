"""How long people in a place in line wait: a range from what has happened in that line, never a date and never a promise.

Each number is a draw from a simulation of the line's own year, in which the rates are as uncertain as its few placements leave
them (Gamma and Beta posteriors; Whitt 1999 on telling a distribution instead of a mean). Everything random comes from the `rng`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random

DRAWS = 400
LONGEST = 365.0
"""Days; a draw that comes to it is "longer than a year"."""
WINDOWS = (90, 180, 270, 365)
ENOUGH, LEAST = 10, 5
"""Placements that a window should hold, and below which nothing is said."""
WEEKS, CALMEST, WILDEST = 8, 1.0, 6.0
GRID = (0, 1, 2, 3, 5, 8, 12, 18, 27, 40, 60, 90, 135, 200, 300, 450)
HOPELESS = 0.9
"""When so many draws are beyond a year, a longer line is not simulated any more."""
SHOWN = (0, 1, 2, 3, 5, 7, 10, 14, 21, 28, 42, 56, 84, 112, 168, 252, 365)
"""Days on which a range may begin and end."""
FEW_PLACEMENTS_DAYS = 180
LONG_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class History:
    """What happened in a line in the last `window` days.

    `placements`; `answered` offers (accepted, declined or expired); `removals` other than placements; `waited` person-days without
    holds; `weekly` placements of each whole week; `arrivals_above` of the classes that go before, for each class.
    """

    window: int
    placements: int
    answered: int
    removals: int
    waited: float
    weekly: tuple[int, ...] = ()
    arrivals_above: tuple[int, ...] = (0,)


@dataclass(frozen=True, slots=True)
class Quantiles:
    """Days after which 1 in 10, half, and 9 in 10 have been offered a place; `beyond` is the share that waits over a year."""

    q10: float
    q50: float
    q90: float
    beyond: float


@dataclass(frozen=True, slots=True)
class Range:
    """What is shown: from `low` to `high` days, both on SHOWN. `over_a_year`: too many wait longer to name an end; `few`: little is known."""

    low: int
    high: int
    over_a_year: bool
    few: bool


def window_of(placements: Sequence[int]) -> int:
    """The shortest of WINDOWS that holds enough placements. `placements` are the ages in days of all of the last year."""
    for window in WINDOWS:
        if sum(age <= window for age in placements) >= ENOUGH:
            return window
    return WINDOWS[-1]


def dispersion(weekly: Sequence[int]) -> float:
    """How much more the weekly placements vary than chance alone would have it: variance by mean, from 1 to 6; 1 for too few weeks."""
    if len(weekly) < WEEKS or not sum(weekly):
        return CALMEST
    mean = sum(weekly) / len(weekly)
    variance = sum((count - mean) ** 2 for count in weekly) / (len(weekly) - 1)
    return min(max(variance / mean, CALMEST), WILDEST)


def quantiles(history: History, ahead: int, rng: Random, *, rank: int = 0, draws: int = DRAWS) -> Quantiles | None:
    """The range for somebody with `ahead` people before them, in the class of this rank (0 is the top); None with too little history."""
    if history.placements < LEAST:
        return None
    found = sorted(_wait(history, ahead, rng, rank) for _ in range(draws))
    q10, q50, q90 = (found[int(share * draws)] for share in (0.1, 0.5, 0.9))
    return Quantiles(q10, q50, q90, sum(days >= LONGEST for days in found) / draws)


def _wait(history: History, ahead: int, rng: Random, rank: int) -> float:
    """One draw of the days until somebody with `ahead` people before them is the one who takes an opening."""
    spread = dispersion(history.weekly)
    openings = rng.gammavariate(history.placements / spread + 0.5, spread / history.window)
    above = history.arrivals_above[rank] if rank < len(history.arrivals_above) else 0
    arriving = rng.gammavariate(above + 0.5, 1 / history.window) if rank else 0.0
    leaving = rng.gammavariate(history.removals + 0.5, 1 / history.waited) if history.waited else 0.0
    taking = rng.betavariate(history.placements + 1, max(history.answered - history.placements, 0) + 1)

    def gap() -> float:
        return rng.gammavariate(1 / spread, spread / openings)

    day, opening = 0.0, gap()
    while day < LONGEST:
        rate = arriving + leaving * ahead
        other = day + rng.expovariate(rate) if rate else LONGEST
        if other < opening:
            day = other
            ahead += 1 if rng.random() * rate < arriving else -1
            continue
        day = opening
        if ahead == 0 or rng.random() < (1 - taking) ** ahead:
            break
        ahead -= 1
        opening = day + gap()
    return min(day, LONGEST)


@dataclass(frozen=True, slots=True)
class Table:
    """The ranges of one line for one class, by how many are ahead: rows of (ahead, quantiles), growing in both."""

    rows: tuple[tuple[int, Quantiles], ...]

    def at(self, ahead: int) -> Quantiles | None:
        """The range for so many ahead: between two rows in a straight line, beyond the last as the last; None for an empty table."""
        if not self.rows:
            return None
        before = [row for row in self.rows if row[0] <= ahead]
        after = [row for row in self.rows if row[0] > ahead]
        if not after:
            return self.rows[-1][1]
        (low, first), (high, last) = before[-1], after[0]
        share = (ahead - low) / (high - low)
        return Quantiles(*(a + (b - a) * share for a, b in zip(_numbers(first), _numbers(last), strict=True)))


def _numbers(quantiles: Quantiles) -> tuple[float, float, float, float]:
    return quantiles.q10, quantiles.q50, quantiles.q90, quantiles.beyond


def tables(history: History, classes: int, rng: Random, *, draws: int = DRAWS) -> tuple[Table, ...]:
    """One table for each class, the top one first; none shows less than one above it, nor less for more people ahead. Empty with too little history."""
    found: list[Table] = []
    for rank in range(classes):
        rows = list(_rows(history, rank, rng, draws))
        grown = _grown(rows, found[-1] if found else Table(()))
        found.append(Table(tuple(grown)))
    return tuple(found)


def _rows(history: History, rank: int, rng: Random, draws: int) -> Iterable[tuple[int, Quantiles]]:
    for ahead in GRID:
        found = quantiles(history, ahead, rng, rank=rank, draws=draws)
        if found is None:
            return
        yield ahead, found
        if found.beyond > HOPELESS:
            return


def _grown(rows: Sequence[tuple[int, Quantiles]], above: Table) -> Iterable[tuple[int, Quantiles]]:
    """The rows with the greatest of all before them, and of the class above: a running maximum, since draws are only draws."""
    most = Quantiles(0.0, 0.0, 0.0, 0.0)
    for ahead, found in rows:
        least = above.at(ahead) or most
        sides = zip(_numbers(most), _numbers(found), _numbers(least), strict=True)
        most = Quantiles(*(max(side) for side in sides))
        yield ahead, most


def shown(found: Quantiles, *, window: int) -> Range:
    """What of it is shown: the low end rounded down, the high end up. `window` is how many days back it looks."""
    low = max(day for day in SHOWN if day <= found.q10)
    high = min((day for day in SHOWN if day >= found.q90), default=SHOWN[-1])
    return Range(low, high, found.beyond > LONG_SHARE, window > FEW_PLACEMENTS_DAYS)
