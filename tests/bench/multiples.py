"""What more than the search core a search page asks of the database, as multiples of it: the counts by facet, and words."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from time import perf_counter

from directory.domain.geo import Point
from directory.storage import db, facets, texts
from directory.storage.search import Found, find
from directory.storage.search_sql import Wanted
from tests.bench import searches
from tests.bench.report import NAMES
from tests.bench.run import Run
from tests.bench.searches import Times
from tests.bench.shares import COMMON, RARE

MOST = 10.0
"""What counts by facet may cost: so many times the core."""


@dataclass(frozen=True, slots=True)
class Case:
    """One comparison: the question that the core is asked at a place, and what is done beside it."""

    name: str
    core: Callable[[Point, str], Wanted]
    beside: Callable[[Wanted], Awaitable[object]]
    check: Callable[[Wanted, Found, object], None]


def facet_cases() -> list[Case]:
    """The counts by facet, each against a search for the same."""
    questions = {
        "treatment, Medicaid, women": searches.treatment,
        "all kinds": searches.near,
        "AA, Monday evening": searches.monday_evening,
    }
    return [Case(f"counts by facet: {name}", core, facets.count, _counts_agree) for name, core in questions.items()]


def _counts_agree(wanted: Wanted, found: Found, counted: object) -> None:
    assert isinstance(counted, facets.Counted)
    by_kind = {each.code: each.count for each in counted.counts["kind"]}
    total = sum(by_kind.get(kind, 0) for kind in wanted.kinds or by_kind)
    assert total == found.total, f"{total} by their kinds, {found.total} in all"


def word_cases() -> list[Case]:
    """Searches by one word, its look-up included, against the first question of the core."""
    return [
        Case(
            f"a {name} word, {'near a place' if has_place else 'anywhere'}",
            searches.treatment,
            _by_word(word, has_place),
            _something(has_place),
        )
        for name, word in (("rare", RARE), ("common", COMMON))
        for has_place in (True, False)
    ]


def _by_word(word: str, has_place: bool) -> Callable[[Wanted], Awaitable[object]]:
    async def search(wanted: Wanted) -> Found:
        asked = replace(wanted, kinds=(), facets={}, terms=await texts.terms_of([word], []))
        return await find(asked if has_place else replace(asked, point=None, order="name"))

    return search


def _something(has_place: bool) -> Callable[[Wanted, Found, object], None]:
    def check(wanted: Wanted, found: Found, other: object) -> None:
        assert isinstance(other, Found)
        assert has_place or other.total, "no listing has the word"

    return check


async def round_of(
    url: str, cases: Sequence[Case], places: Sequence[tuple[Point, str]], times: dict[str, Times]
) -> None:
    """Does everything once at each place, the core first, and adds what it took. Raises AssertionError for a wrong answer."""
    async with db.connect(url):
        for case in cases:
            taken = times.setdefault(case.name, Times())
            for number, (point, zone) in searches.with_warm_up(places):
                wanted = case.core(point, zone)
                before = perf_counter()
                found = await find(wanted)
                between = perf_counter()
                other = await case.beside(wanted)
                after = perf_counter()
                if number is None:
                    case.check(wanted, found, other)
                else:
                    taken.take(number, between - before, after - between)


def facets_part(run: Run) -> None:
    """The counts by facet, which have a target."""
    for engine, name, ratio, words in _measured(run, facet_cases()):
        run.line(f"{name}: p50 of the core's p50", f"<= {MOST:.0f} x").put(engine, words, ratio <= MOST)


def words_part(run: Run) -> None:
    """Searches by words, which have none."""
    for engine, name, _, words in _measured(run, word_cases()):
        run.line(f"{name}: p50 of the core's p50").put(engine, words)


def _measured(run: Run, cases: Sequence[Case]) -> list[tuple[str, str, float, str]]:
    places = searches.draw_places(run.map, run.options.places)
    lines = []
    for engine in run.engines:
        url, times = run.filled(engine, run.options.size), dict[str, Times]()
        run.say(f"{cases[0].name.partition(':')[0]} on {NAMES[engine]}")
        for _ in range(run.options.rounds):
            asyncio.run(round_of(url, cases, places, times))
        for name, taken in times.items():
            figures = taken.figures()
            ratio = figures["p50 ratio"]
            words = f"{ratio:.1f} x ({figures['p50']:.2f} ms; core {figures['probe p50']:.2f} ms)"
            lines.append((engine, name, ratio, words))
    return lines
