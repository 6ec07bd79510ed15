"""The search core against the bare probe, question by question and place by place, one right after the other."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter

from directory.domain.geo import Point
from directory.domain.schedule import DAY, WEEK, TimeFilter, TimeRange, wall_time, week_minute
from directory.storage import db
from directory.storage.places import zones
from directory.storage.search import find
from directory.storage.search_sql import Wanted
from tests.bench.listings import NOW, SEED, Map, beside
from tests.bench.probe import NEAREST, WITHIN, Probe, Question, connect

TREATMENT = Question("treatment", (("pay", "medicaid"), ("people", "women")))
MONDAY_EVENING = TimeFilter(day=1, within=TimeRange(17 * 60, 21 * 60))

WARM_UP = 20
"""Places at the start of a round whose times do not count: a connection and its statements are new then."""


@dataclass(frozen=True, slots=True)
class Case:
    """One question in both forms. `wanted` gives the search for a point and its zone."""

    name: str
    question: Question
    wanted: Callable[[Point, str], Wanted]


@dataclass(slots=True)
class Times:
    """Seconds by place: the best of the rounds, since what other work on the machine adds says nothing."""

    probe: dict[int, float] = field(default_factory=dict)
    search: dict[int, float] = field(default_factory=dict)

    def take(self, place: int, probe: float, search: float) -> None:
        """Keeps what was measured at a place if it is better than before."""
        self.probe[place] = min(probe, self.probe.get(place, probe))
        self.search[place] = min(search, self.search.get(place, search))

    def figures(self) -> dict[str, float]:
        """Milliseconds at the middle and near the end, and what they are of the probe's middle."""
        probe, search = list(self.probe.values()), list(self.search.values())
        found = {"probe p50": median(probe), "probe p99": _p99(probe), "p50": median(search), "p99": _p99(search)}
        ratios = {f"{name} ratio": found[name] / found["probe p50"] for name in ("p50", "p99")}
        return {name: seconds * 1000 for name, seconds in found.items()} | ratios


def _p99(values: Sequence[float]) -> float:
    return quantiles(values, n=100, method="inclusive")[98]


def cases(zone_names: dict[int, str]) -> list[Case]:
    """The questions. The probe knows the minute of the week in each zone beforehand."""
    minutes = " ".join(f"WHEN {number} THEN {week_minute(wall_time(NOW, name))}" for number, name in zone_names.items())
    since = f"((CASE r.zone {minutes} END) + {WEEK} - s.starts) % {WEEK}"
    first, last = DAY + 17 * 60, DAY + 21 * 60 - 1

    open_now = Question(TREATMENT.kind, TREATMENT.facets, time=f"{since} < s.minutes")
    evening = Question("meeting", (("people", "women"),), "aa", f"s.starts BETWEEN {first} AND {last}")
    return [
        Case("treatment, Medicaid, women", TREATMENT, treatment),
        Case("the same, open now", open_now, partial(treatment, time=TimeFilter(open_now=True))),
        Case("AA, women, Monday evening", evening, partial(monday_evening, facets={"people": ("women",)})),
    ]


def treatment(point: Point, zone: str, **more: object) -> Wanted:
    """Treatment near a place that takes Medicaid and is for women."""
    facets = {"pay": ("medicaid",), "people": ("women",)}
    return near(point, zone, kinds=("treatment",), facets=facets, **more)


def monday_evening(point: Point, zone: str, **more: object) -> Wanted:
    """Meetings of AA near a place on a Monday evening."""
    return near(point, zone, kinds=("meeting",), programs=("aa",), time=MONDAY_EVENING, **more)


def near(point: Point, zone: str, **more: object) -> Wanted:
    """The nearest of whatever else is asked."""
    return Wanted(point=point, within=WITHIN, now=NOW, zone=zone, order="distance", limit=NEAREST, **more)  # type: ignore[arg-type]


def draw_places(map: Map, count: int) -> list[tuple[Point, str]]:
    """Points to search from, as people live, each with its zone."""
    rng = random.Random(SEED + 1)
    return [(beside(place, rng), place.timezone or "America/New_York") for place in map.draw(rng, count)]


async def round_of(url: str, sqlite: Path, places: Sequence[tuple[Point, str]], times: dict[str, Times]) -> None:
    """Asks everything once of both and adds what it took to `times`. Raises AssertionError where an answer differs."""
    async with db.connect(url):
        with closing(connect(sqlite)) as connection:
            for case in cases(await zones()):
                probe = Probe(connection, case.question)
                taken = times.setdefault(case.name, Times())
                for number, (point, zone) in with_warm_up(places):
                    before = perf_counter()
                    probe.nearest(point)
                    between = perf_counter()
                    found = await find(case.wanted(point, zone))
                    after = perf_counter()
                    if number is None:
                        assert probe.agrees(point, found.ids), f"{case.name} at {point}"
                    else:
                        taken.take(number, between - before, after - between)


def with_warm_up(places: Sequence[tuple[Point, str]]) -> Iterator[tuple[int | None, tuple[Point, str]]]:
    """The places with their numbers; before them some without, whose times do not count."""
    yield from ((None, place) for place in places[:WARM_UP])
    yield from enumerate(places)


@dataclass(frozen=True, slots=True)
class Found:
    """The times of each question over the large and over the small directory."""

    many: dict[str, Times]
    few: dict[str, Times]


def compare(big: tuple[str, Path], small: tuple[str, Path], map: Map, *, places: int, rounds: int) -> Found:
    """Asks both directories in turn. Each is (address, SQLite file of the same rows)."""
    drawn = draw_places(map, places)
    found = Found({}, {})
    for _ in range(rounds):
        asyncio.run(round_of(*small, drawn, found.few))
        asyncio.run(round_of(*big, drawn, found.many))
    return found
