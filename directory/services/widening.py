"""Ways out of an empty answer: what is found a little further, or without one of the filters. Each way is tried before it is offered."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from directory.domain.results import Card, SearchResult
from directory.domain.search import Query
from directory.domain.taxonomy import FACETS
from directory.services.search import circles_search, search_run
from directory.settings import Settings

RADII = (1, 2, 5, 10, 25, 50, 100, 250, 500)
"""The steps in miles in which a circle grows."""
REACHES = (100, RADII[-1])
"""The circles that are asked, one after the other until one tells enough."""
REACH_NOW = 100
"""Nobody gets further while a meeting that is on now lasts."""
MOST_RADII = 3
"""Circles that are offered, beside the widest."""
USEFUL_RADII = 2
MOST_FILTERS = 5
MOST_OPTIONS = 6
CARDS = 3

Changes = Mapping[str, object]

_TIMELESS: Changes = {"day": "", "time": "", "open_now": False}
_FIELDS: dict[str, Changes] = {
    "q": {"text": "", "words": (), "phrases": ()},
    **dict.fromkeys(("day", "time", "open"), _TIMELESS),
    "kind": {"kinds": ()},
    "attendance": {"attendance": ()},
    "program": {"programs": ()},
    "language": {"languages": ()},
    "type": {"types": ()},
    "openings": {"openings": False},
}


@dataclass(frozen=True, slots=True)
class Wider:
    """One question that finds something. `what` is "within" (a wider circle), "without" (one filter less), "only" (one filter alone)
    or "online".

    `changes` are fields of the query, for `Query.url_query`. `field` is the name of the parameter concerned; `value` is the new
    radius in miles, or that of the filter: "" where it has several values or is none.
    """

    what: str
    field: str
    value: str
    changes: Changes
    total: int


@dataclass(frozen=True, slots=True)
class Widened:
    """What an empty answer offers, best first, and the nearest beyond its circle."""

    options: tuple[Wider, ...] = ()
    cards: tuple[Card, ...] = ()


def without(query: Query, field: str) -> Changes:
    """The changes that take a filter, named by its parameter, out of a question: all of its values, since any of them would do.

    All that is asked of the time is one filter.
    """
    return {"facets": {**query.facets, field: ()}} if field in FACETS else _FIELDS[field]


async def search_widen(*, result: SearchResult, settings: Settings) -> Widened:
    """What an empty answer would find with a wider circle, then with one filter less, then from anywhere; 8 searches at most.
    Where no one filter is in the way, but several are, all go but the kind. What is elsewhere already is not offered again.

    A filter that nothing else would be asked without is not left out.
    """
    trial = _Trial(result, settings)
    within = await trial.within()
    online = [] if result.elsewhere.total else [option async for option in trial.online()]
    fewer = [option async for option in trial.without()]
    fewer.sort(key=lambda option: (option.field == "kind", -option.total))
    only = [] if fewer else [option async for option in trial.only()]
    return Widened((*within, *fewer, *only, *online)[:MOST_OPTIONS], trial.cards)


class _Trial:
    """Asks the same question with changes. The place has been found already and is not looked up again."""

    def __init__(self, result: SearchResult, settings: Settings) -> None:
        self.query = result.query
        self.cards: tuple[Card, ...] = ()
        self._place = result.place
        self._asked = replace(result.query, at=None, tz=result.zone, sort=None, page=1)
        self._now = result.now
        self._settings = settings

    async def within(self) -> list[Wider]:
        """The smallest of the wider circles that has something in it, and the next that has more.

        A wide circle is asked: it tells how far the nearest are, and how many lie within each of the others. Nearly always a hundred
        miles tell enough, for a twenty-fifth of the area of the widest.
        """
        if not self._place or self.query.online_only:
            return []
        options: list[Wider] = []
        for widest in self._reaches():
            asked = replace(self._asked, within=float(widest), per_page=CARDS)
            radii = [miles for miles in RADII if miles <= widest]
            self.cards, numbers = await circles_search(
                query=asked, radii=radii, now=self._now, settings=self._settings, place=self._place
            )
            options = list(islice(_growing(self.cards, dict(zip(radii, numbers, strict=True))), USEFUL_RADII))
            if len(self.cards) == CARDS and len(options) == USEFUL_RADII:
                break
        return options

    def _reaches(self) -> Iterator[int]:
        """The circles to ask: those that are wider than what was asked, and the widest; of what is on now those alone that are of use."""
        if self.query.time == "now":
            return (miles for miles in REACHES if self.query.within < miles <= REACH_NOW)
        return (miles for miles in REACHES if miles > self.query.within or miles == RADII[-1])

    async def online(self) -> AsyncIterator[Wider]:
        """What can be joined from anywhere, where nobody has asked how to attend."""
        if self.query.has_place and not self.query.attendance:
            changes = {"attendance": ("online",)}
            answer = await self._ask(changes)
            if answer.total:
                yield Wider("online", "attendance", "online", changes, answer.total)

    async def without(self) -> AsyncIterator[Wider]:
        """One filter less."""
        for field, value in islice(_filters(self.query), MOST_FILTERS):
            changes = without(self.query, field)
            fewer = replace(self.query, **changes)  # type: ignore[arg-type]
            if not fewer.has_place and not list(_filters(fewer)):
                continue
            answer = await self._ask(changes)
            if answer.total:
                yield Wider("without", field, value, changes, answer.total)

    async def only(self) -> AsyncIterator[Wider]:
        """The kind alone, or without it whatever is near."""
        kinds = self.query.kinds
        dropped = [field for field, _value in _filters(self.query) if field != "kind"]
        changes: dict[str, object] = {"facets": {}}
        for field in dropped:
            changes |= {} if field in FACETS else _FIELDS[field]
        if len(dropped) > 1 and (kinds or self.query.has_place):
            answer = await self._ask(changes)
            if answer.total:
                yield Wider("only", "kind", kinds[0] if len(kinds) == 1 else "", changes, answer.total)

    async def _ask(self, changes: Changes) -> SearchResult:
        query = replace(self._asked, **{**changes, "per_page": 1})  # type: ignore[arg-type]
        return await search_run(query=query, now=self._now, settings=self._settings, counts=False, place=self._place)


def _growing(cards: Sequence[Card], totals: Mapping[int, int]) -> Iterator[Wider]:
    """The circles to offer, each with more in it than the one before. `totals` may lack those that are wider than what was asked."""
    before = 0
    for miles in _radii(cards):
        if miles not in totals:
            return
        if totals[miles] > before:
            before = totals[miles]
            yield Wider("within", "within", f"{miles}", {"within": float(miles)}, before)


def _radii(cards: Sequence[Card]) -> tuple[int, ...]:
    """The circles to offer: from the smallest that reaches the nearest of all, and the widest."""
    nearest = cards[0].distance_miles if cards else None
    reaching = [miles for miles in RADII if nearest is not None and miles >= nearest]
    return tuple(dict.fromkeys((*reaching[:MOST_RADII], *reaching[-1:])))


def _filters(query: Query) -> Iterator[tuple[str, str]]:
    """The filters in use by the names of their parameters, what is most likely in the way first; with the value where it is one."""
    times = [(name, value) for name, value in (("day", query.day), ("time", query.time)) if value]
    times += [("open", "now")] * query.open_now
    if query.text:
        yield "q", query.text
    if times:
        yield times[0] if len(times) == 1 else ("time", "")
    if query.openings:
        yield "openings", "1"
    several: tuple[tuple[str, tuple[str, ...]], ...] = (
        ("type", tuple(f"{system}:{code}" for system, code in query.types)),
        *query.facets.items(),
        ("language", query.languages),
        ("program", query.programs),
        ("attendance", query.attendance),
        ("kind", query.kinds),
    )
    for name, values in several:
        if values:
            yield name, values[0] if len(values) == 1 else ""
