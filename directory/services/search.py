"""The search: looks up the place, asks storage, and works out distance and time for each answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from zoneinfo import ZoneInfo

from directory.domain import schedule
from directory.domain.errors import Problem
from directory.domain.geo import Point, distance_miles
from directory.domain.listings import Status
from directory.domain.results import Card, Elsewhere, FoundPlace, SearchResult, openings_at
from directory.domain.schedule import TimeFilter, Timetable
from directory.domain.search import Query
from directory.services.geocoding import place_find, point_place
from directory.settings import Settings
from directory.storage import db, facets, pages, texts
from directory.storage import search as storage
from directory.storage.codes import ids_of
from directory.storage.memory import memory
from directory.storage.search import Found, needs_dates
from directory.storage.search_sql import Wanted, key_of
from directory.storage.serving import Serving
from directory.storage.tallies import NAMES, Counted

ELSEWHERE = 10
"""How many are shown of what serves a place without being near it."""
MOST_FORGIVEN = 5
"""Words of one question in which a slip is forgiven: to look for what each may have meant takes its time."""

Answer = tuple[Found, Counted | None]
Ask = Callable[[Wanted], Awaitable[Answer]]
Tell = Callable[[Timetable, str], Mapping[str, object]]
"""Gives the fields of a card that depend on its times and on the zone that it is seen from, at one moment."""


async def search_run(
    *, query: Query, now: datetime, settings: Settings, counts: bool = True, place: FoundPlace | None = None
) -> SearchResult:
    """One page of answers; without `counts` nothing is counted by facet and nothing looked for elsewhere. A `place` has been looked
    up before.

    A type that nobody knows is left out of the question and named in `problems`. Raises PlaceNotFound for a place that is not
    known.
    """
    place = place or await _place(query, settings)
    query, wanted, problems = await _wanted(query, place, now, settings)
    ask: Ask = _with_counts if counts else _only_found
    if counts and query.online_only:
        ask = partial(_online_with_counts, place=place)
    answer, wanted, spelled = await _forgiving(query, wanted, ask)
    found, counted = answer
    elsewhere = Elsewhere()
    if counts and place and not query.online_only:
        elsewhere = await _elsewhere(query, wanted, place)
    return SearchResult(
        query=query,
        place=place,
        now=wanted.now,
        zone=wanted.zone,
        total=found.total,
        cards=await cards_show(ids=found.ids, now=wanted.now, zone=wanted.zone, place=place),
        unknown=found.unknown,
        problems=problems,
        facets=counted.counts if counted else {},
        elsewhere=elsewhere,
        spelled=spelled,
    )


async def circles_search(
    *, query: Query, radii: Sequence[float], now: datetime, settings: Settings, place: FoundPlace
) -> tuple[tuple[Card, ...], tuple[int, ...]]:
    """The nearest of a question around this place, and how many there are within each of these radii in miles."""
    query, wanted, _ = await _wanted(query, place, now, settings)
    (found, _), _, _ = await _forgiving(query, wanted, partial(_only_found, radii=radii))
    return await cards_show(ids=found.ids, now=wanted.now, zone=wanted.zone, place=place), found.circles


async def _wanted(
    query: Query, place: FoundPlace | None, now: datetime, settings: Settings
) -> tuple[Query, Wanted, tuple[Problem, ...]]:
    """The question without what nobody knows, the same with all that had to be looked up, and what was left out."""
    zone = query.tz or (place.timezone if place else settings.timezone)
    moment = _moment(query, now, place.timezone if place else zone)
    query, code_ids, problems = await _known_types(query)
    wanted = Wanted(
        terms=await texts.terms_of(query.words, query.phrases),
        point=place.point if place and not query.online_only else None,
        within=query.within,
        kinds=query.kinds,
        attendance=query.attendance,
        programs=query.programs,
        facets=query.facets,
        languages=query.languages,
        code_ids=code_ids,
        openings=query.openings,
        time=query.time_filter,
        now=moment,
        zone=zone,
        order=query.order,
        offset=query.offset,
        limit=query.per_page,
    )
    return query, wanted, problems


async def _find(wanted: Wanted, radii: Sequence[float] = ()) -> Found:
    """One page of what is wanted. What is asked of no place is the same for everyone; words are not remembered."""
    if wanted.point or wanted.areas or wanted.terms:
        return await pages.find_only(wanted, radii)
    return await memory().once(("found", key_of(wanted)), lambda: storage.find(wanted))


async def _only_found(wanted: Wanted, radii: Sequence[float] = ()) -> Answer:
    return await _find(wanted, radii), None


async def _with_counts(wanted: Wanted) -> Answer:
    if wanted.point or wanted.terms:
        return await pages.find(wanted)
    return await memory().once(("page", key_of(wanted)), lambda: pages.find(wanted))


async def _online_with_counts(wanted: Wanted, place: FoundPlace | None) -> Answer:
    """A question for what is online alone has no radius: it is back once something else is asked for, and counted so."""
    found, counted = await _find(wanted), await _online_counted(wanted, place)
    if counted.version != found.version:
        # The data changed in between: both again, of one moment. That is seldom, and would cost every search two steps more.
        memory().doubt()
        async with db.snapshot():
            found, counted = await storage.find(wanted), await _online_counted(wanted, place)
    return found, counted


async def _forgiving(query: Query, wanted: Wanted, ask: Ask) -> tuple[Answer, Wanted, Mapping[str, tuple[str, ...]]]:
    """What is found; where that is nothing, what is found with the words that are spelled most like those asked for."""
    answer = await ask(wanted)
    spelled = await _spelled(query.words) if query.words and not answer[0].total else {}
    if not spelled:
        return answer, wanted, {}
    terms = tuple(
        replace(term, words=(*term.words, *(near for word in term.words for near in spelled.get(word, ()))), hits=None)
        for term in wanted.terms
    )
    forgiving = replace(wanted, terms=terms)
    again = await ask(forgiving)
    return (again, forgiving, spelled) if again[0].total else (answer, wanted, {})


async def _spelled(words: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """For each word that no listing has those that are spelled like it."""
    return await texts.forgiven((await texts.missing(words))[:MOST_FORGIVEN])


async def _elsewhere(query: Query, wanted: Wanted, place: FoundPlace) -> Elsewhere:
    """What serves the place from afar: what is online, the same for every place, and what is there for its state or county."""
    afar = replace(wanted, order=query.order_without_place, offset=0, limit=ELSEWHERE, areas=(), point=None, within=0.0)
    online = await _find(afar)
    serving = await _serving(replace(afar, areas=place.areas), place.point, wanted.within)
    first = sorted([*online.matches, *serving.matches])[:ELSEWHERE]
    shown = await cards_show(ids=[match.id for match in first], now=wanted.now, zone=wanted.zone, place=place)
    return Elsewhere(online.total + serving.total, shown)


async def _serving(afar: Wanted, point: Point, miles: float) -> Found:
    """What serves the areas of a place, but for what is near it. The same serve a whole county: they are remembered, and what is
    near is left out of them here. Words are not remembered.
    """
    if not afar.terms:
        # As in most counties nothing does, nothing is asked anew in each minute there.
        at_any_time = await _served(replace(afar, time=TimeFilter(), order="name") if needs_dates(afar) else afar)
        found = await _served(afar) if at_any_time.total else at_any_time
        if found.is_whole:
            return found.far_from(point, miles, afar.limit)
    return await storage.find(replace(afar, point=point, within=miles))


async def _served(afar: Wanted) -> Serving:
    return await memory().once(("serving", key_of(afar)), lambda: Serving.of(afar))


async def _online_counted(wanted: Wanted, place: FoundPlace | None) -> Counted:
    others = await facets.count(wanted, [name for name in NAMES if name != "attendance"])
    ways = await facets.count(replace(wanted, attendance=(), point=place.point if place else None), ["attendance"])
    counts = {name: ways.counts.get(name) or others.counts.get(name, ()) for name in NAMES}
    return Counted(counts, others.version if others.version == ways.version else -1)


async def cards_show(
    *, ids: Sequence[int], now: datetime, zone: str, place: FoundPlace | None = None
) -> tuple[Card, ...]:
    """The cards of these listings in this order, with what depends on the hour and the place."""
    known, point = memory(), place.point if place else None
    found = await known.cards(ids, now)
    tell = known.at_minute("times", now, _times)
    return tuple([_shown(found[id], now, zone, point, tell) for id in ids if id in found])


def card_at(card: Card, now: datetime, zone: str, point: Point | None) -> Card:
    """The card as it is at this moment, seen from this zone and place."""
    return _shown(card, now, zone, point, lambda table, seen_from: _times(table, now, seen_from))


def _shown(card: Card, now: datetime, zone: str, point: Point | None, tell: Tell) -> Card:
    shown_zone = zone if card.attendance == "online" else card.timezone
    changes: dict[str, object] = {"shown_zone": shown_zone}
    if card.reports:
        changes["openings"] = openings_at(card.reports, now)
    if card.status != Status.ACTIVE:
        return card.seen(changes)
    if point and card.search_point:
        changes["distance_miles"] = distance_miles(point, card.search_point)
    return card.seen(tell(card.timetable, shown_zone), changes)


def _times(table: Timetable, now: datetime, shown_zone: str) -> Mapping[str, object]:
    """See `Tell`."""
    coming = schedule.next_occurrences(table, now, 1) if table.windows else []
    first = coming[0] if coming else None

    def seen(wall: datetime) -> datetime:
        return schedule.aware(wall, table.zone).astimezone(ZoneInfo(shown_zone))

    is_open = schedule.is_open(table, now)
    until = schedule.open_until(table, now) if is_open else None
    # What never closes never starts either: midnight is only where its window begins.
    always = bool(is_open) and schedule.is_always_open(table)
    return {
        "is_open": is_open,
        "always_open": always,
        "open_until": until.astimezone(ZoneInfo(shown_zone)) if until else None,
        "next_start": seen(first.start) if first and not always else None,
        "next_end": seen(first.end) if first and not always else None,
    }


async def _place(query: Query, settings: Settings) -> FoundPlace | None:
    if query.point:
        return await point_place(point=query.point, settings=settings)
    if not query.near:
        return None
    find = partial(place_find, text=query.near, settings=settings)
    # An address is looked up each time: somebody may live there.
    return await find() if _is_address(query.near) else await memory().place((query.near, settings.timezone), find)


def _is_address(text: str) -> bool:
    """Whether it may be more than a ZIP code or the name of a town."""
    return any(map(str.isdigit, text)) and not text.isdigit()


def _moment(query: Query, now: datetime, zone: str) -> datetime:
    """The clock, or `at` in its stead; without an offset it is local to the place searched."""
    if query.at is None:
        return now
    at = query.at if query.at.tzinfo else schedule.aware(query.at, zone)
    return at.astimezone(UTC)


async def _known_types(query: Query) -> tuple[Query, tuple[int, ...] | None, tuple[Problem, ...]]:
    """The question without the codes that no system has, the ids of the others (None for any), and what was left out."""
    ids = {pair: await ids_of(*pair) for pair in query.types}
    problems = tuple(Problem("type", "unknown-value", ":".join(pair)) for pair, found in ids.items() if not found)
    known = tuple(pair for pair, found in ids.items() if found)
    return replace(query, types=known), tuple(id for pair in known for id in ids[pair]) or None, problems
