"""How long people in a place in line wait: a range from what has happened in that line, never a date and never a promise.

Each number is one of many draws from a simulation of the line, in which the rates are as uncertain as its few placements leave them. That
a distribution is told and not a mean follows Whitt (1999, "Predicting queueing delays", Management Science 45); that it starts from the
number ahead, Ibrahim and Whitt (2009, "Real-time delay estimation", M&SOM 11). Everything random comes from the `rng`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log
from random import Random

DRAWS = 400
LONGEST = 365.0
"""Days; a draw that comes to it is "longer than a year"."""
WINDOWS = (90, 180, 270, 365)
SHORTEST_WINDOW = 28
"""A younger line looks back over so many days at the least."""
ENOUGH, LEAST = 10, 5
"""Placements that a window should hold, and below which nothing is said."""
WEEKS, CALMEST, WILDEST = 8, 1.0, 6.0
SHOWN = (0, 1, 2, 3, 5, 7, 10, 14, 21, 28, 42, 56, 84, 112, 168, 252, 365)
"""Days on which a range may begin and end."""
FEW_PLACEMENTS_DAYS = 180
LONG_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class WaitRange:
    """Days after which 1 in 10, half, and 9 in 10 have come to their turn, 365 at the most; `share_beyond` is the share that waits over a year."""

    q10: float
    q50: float
    q90: float
    share_beyond: float


def wait_range(
    n_ahead: int,
    placed: int,
    window_days: float,
    higher_arrivals: int | None,
    dropped: int,
    exposure_days: float,
    offers: int,
    phi: float,
    rng: Random,
    draws: int = DRAWS,
) -> WaitRange | None:
    """How long somebody with `n_ahead` people before them waits; None with fewer than 5 placements, since that is not enough to say anything.

    In the last `window_days` days there were `placed` placements, `offers` answers to offers (fewer are read as `placed`), arrivals of
    people who go before (`higher_arrivals`; None for the top class, before which nobody goes), and `dropped` people who left otherwise, out
    of `exposure_days` person-days waited (0: nobody leaves). `phi` is `dispersion` of the placements.

    The rates are drawn from their posteriors with a Jeffreys-type prior: a Poisson count of P in W days gives Gamma(P + 1/2, 1/W), with the
    count and the scale divided and multiplied by `phi` where placements come in bursts (quasi-Poisson); the share that accepts, with a
    uniform prior, is Beta(P + 1, O - P + 1). With openings alone, T/W is then BetaPrime(n + 1, P + 1/2), a Gamma(n + 1) over a Gamma(P + 1/2).
    The quantiles are order statistics of the sorted draws.
    """
    if placed < LEAST:
        return None
    phi = min(max(phi, CALMEST), WILDEST)
    gamma, one_wait = rng.gammavariate, _bursts if phi > CALMEST else _steady
    waits = []
    for _ in range(draws):
        opening = gamma(placed / phi + 0.5, phi / window_days)
        arriving = 0.0 if higher_arrivals is None else gamma(higher_arrivals + 0.5, 1 / window_days)
        leaving = gamma(dropped + 0.5, 1 / exposure_days) if exposure_days > 0 else 0.0
        declining = 1 - rng.betavariate(placed + 1, max(offers - placed, 0) + 1)
        waits.append(one_wait(max(n_ahead, 0), opening, arriving, leaving, declining, phi, rng))
    waits.sort()
    q10, q50, q90 = (waits[int(share * draws)] for share in (0.1, 0.5, 0.9))
    return WaitRange(q10, q50, q90, sum(days >= LONGEST for days in waits) / draws)


def _steady(
    ahead: int, opening: float, arriving: float, leaving: float, declining: float, phi: float, rng: Random
) -> float:
    """One draw where openings come one by one (phi = 1): all rates are constant between two events, so one clock runs for all of them.

    This loop and the next are most of the daily work: they are written for speed.
    """
    random, day, coming = rng.random, 0.0, opening + arriving
    while True:
        rate = coming + leaving * ahead
        which = random() * rate
        day -= log(1.0 - random()) / rate
        if day >= LONGEST:
            return LONGEST
        if which < opening:
            if not ahead or random() < declining**ahead:
                return day
            ahead -= 1
        elif which < coming:
            ahead += 1
        else:
            ahead -= 1


def _bursts(
    ahead: int, opening: float, arriving: float, leaving: float, declining: float, phi: float, rng: Random
) -> float:
    """One draw where openings come in bursts: the gaps between them are Gamma(1/phi, phi/opening), with the same mean and phi times the
    variance of the count."""
    random, gap, shape, scale = rng.random, rng.gammavariate, 1 / phi, phi / opening
    day, next_opening = 0.0, gap(shape, scale)
    while True:
        rate = arriving + leaving * ahead
        other = day - log(1.0 - random()) / rate if rate else LONGEST
        if other < next_opening:
            day = other
            if day >= LONGEST:
                return LONGEST
            ahead += 1 if random() * rate < arriving else -1
            continue
        day = next_opening
        if day >= LONGEST:
            return LONGEST
        if not ahead or random() < declining**ahead:
            return day
        ahead -= 1
        next_opening = day + gap(shape, scale)


def window_of(placements: Iterable[float], *, age: float = LONGEST) -> int:
    """The shortest of WINDOWS that holds enough placements; no longer than the line has been there.

    `placements` are the ages in days of all of the last year, `age` the days for which the line's history goes back.
    """
    ages = list(placements)
    fitting = (window for window in WINDOWS if sum(each <= window for each in ages) >= ENOUGH)
    return min(next(fitting, WINDOWS[-1]), max(SHORTEST_WINDOW, round(age)))


def dispersion(weekly: Sequence[int]) -> float:
    """How much more the placements of whole weeks vary than chance alone would have it: variance by mean, from 1 to 6; 1 for too few weeks.

    The estimate of a quasi-Poisson's phi from its Pearson statistic, for a mean that does not change.
    """
    if len(weekly) < WEEKS or not sum(weekly):
        return CALMEST
    mean = sum(weekly) / len(weekly)
    variance = sum((count - mean) ** 2 for count in weekly) / (len(weekly) - 1)
    return min(max(variance / mean, CALMEST), WILDEST)


@dataclass(frozen=True, slots=True)
class Range:
    """What is shown: from `low` to `high` days, both on SHOWN. `over_a_year`: too many wait longer to name an end; `few`: little is known."""

    low: int
    high: int
    over_a_year: bool
    few: bool


def shown(found: WaitRange, *, window: int) -> Range:
    """What of it is shown: the low end rounded down, the high end up. `window` is how many days back it looks."""
    low = max(day for day in SHOWN if day <= found.q10)
    high = min((day for day in SHOWN if day >= found.q90), default=SHOWN[-1])
    return Range(low, high, found.share_beyond > LONG_SHARE, window > FEW_PLACEMENTS_DAYS)
