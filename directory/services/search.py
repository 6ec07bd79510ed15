"""The search: looks up the place, asks storage, and works out distance and time for each answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from directory.domain import schedule
from directory.domain.errors import Problem
from directory.domain.geo import Point, distance_miles
from directory.domain.listings import Status
from directory.domain.results import Card, Elsewhere, FoundPlace, SearchResult, openings_at
from directory.domain.search import Query
from directory.services.geocoding import place_find, point_place
from directory.settings import Settings
from directory.storage import db, facets, texts
from directory.storage import search as storage
from directory.storage.codes import ids_of
from directory.storage.facets import Counted
from directory.storage.memory import memory
from directory.storage.search import Found
from directory.storage.search_sql import Wanted, key_of

ELSEWHERE = 10
"""How many are shown of what serves a place without being near it."""
MOST_FORGIVEN = 5
"""Words of one question in which a slip is forgiven: to look for what each may have meant takes its time."""


async def search_run(*, query: Query, now: datetime, settings: Settings, counts: bool = True) -> SearchResult:
    """One page of answers; without `counts` nothing is counted by facet and nothing looked for elsewhere.

    A type that nobody knows is left out of the question and named in `problems`. Raises PlaceNotFound for a place that is not
    known.
    """
    place = await _place(query, settings)
    zone = query.tz or (place.timezone if place else settings.timezone)
    moment = _moment(query, now, place.timezone if place else zone)
    query, code_ids, problems = await _known_types(query)
    wanted = await _wanted(query, code_ids, place, moment, zone)
    found, wanted, spelled = await _forgiving(query, wanted)
    counted = await _counted(query, wanted, place) if counts else None
    if counted and counted.version != found.version:
        # The data changed in between: both again, of one moment. That is seldom, and would cost every search two steps more.
        memory().doubt()
        async with db.snapshot():
            found, counted = await storage.find(wanted), await _counted(query, wanted, place)
    elsewhere = Elsewhere()
    if counts and place and not query.online_only:
        elsewhere = await _elsewhere(query, wanted, place)
    return SearchResult(
        query=query,
        place=place,
        now=moment,
        zone=zone,
        total=found.total,
        cards=await cards_show(ids=found.ids, now=moment, zone=zone, place=place),
        unknown=found.unknown,
        problems=problems,
        facets=counted.counts if counted else {},
        elsewhere=elsewhere,
        spelled=spelled,
    )


async def _wanted(
    query: Query, code_ids: tuple[int, ...] | None, place: FoundPlace | None, now: datetime, zone: str
) -> Wanted:
    """The question with all that had to be looked up."""
    return Wanted(
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
        now=now,
        zone=zone,
        order=query.order,
        offset=query.offset,
        limit=query.per_page,
    )


async def _forgiving(query: Query, wanted: Wanted) -> tuple[Found, Wanted, Mapping[str, tuple[str, ...]]]:
    """What is found; where that is nothing, what is found with the words that are spelled most like those asked for."""
    found = await storage.find(wanted)
    spelled = await _spelled(query.words) if query.words and not found.total else {}
    if not spelled:
        return found, wanted, {}
    terms = tuple(
        replace(term, words=(*term.words, *(near for word in term.words for near in spelled.get(word, ()))), hits=None)
        for term in wanted.terms
    )
    forgiving = replace(wanted, terms=terms)
    again = await storage.find(forgiving)
    return (again, forgiving, spelled) if again.total else (found, wanted, {})


async def _spelled(words: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """For each word that no listing has those that are spelled like it."""
    return await texts.forgiven((await texts.missing(words))[:MOST_FORGIVEN])


async def _elsewhere(query: Query, wanted: Wanted, place: FoundPlace) -> Elsewhere:
    """What serves the place from afar: what is online, the same for every place, and what is there for its state or county."""
    afar = replace(wanted, order=query.order_without_place, offset=0, limit=ELSEWHERE)
    online = await _online(replace(afar, areas=(), point=None, within=0.0))
    serving = await storage.find(replace(afar, areas=place.areas))
    first = sorted([*online.matches, *serving.matches])[:ELSEWHERE]
    shown = await cards_show(ids=[match.id for match in first], now=wanted.now, zone=wanted.zone, place=place)
    return Elsewhere(online.total + serving.total, shown)


async def _online(wanted: Wanted) -> Found:
    """What is online alone is the same for every place; words are not remembered."""
    if wanted.terms:
        return await storage.find(wanted)
    return await memory().once(("online", key_of(wanted)), lambda: storage.find(wanted))


async def _counted(query: Query, wanted: Wanted, place: FoundPlace | None) -> Counted:
    """The counts by facet. A question for what is online alone has no radius: it is back once something else is asked for."""
    if not query.online_only:
        return await facets.count(wanted)
    others = await facets.count(wanted, [name for name in facets.NAMES if name != "attendance"])
    ways = await facets.count(replace(wanted, attendance=(), point=place.point if place else None), ["attendance"])
    counts = {name: ways.counts.get(name) or others.counts.get(name, ()) for name in facets.NAMES}
    return Counted(counts, others.version if others.version == ways.version else -1)


async def cards_show(
    *, ids: Sequence[int], now: datetime, zone: str, place: FoundPlace | None = None
) -> tuple[Card, ...]:
    """The cards of these listings in this order, with what depends on the hour and the place."""
    found = await memory().cards(ids, now)
    return tuple(card_at(found[id], now, zone, place.point if place else None) for id in ids if id in found)


def card_at(card: Card, now: datetime, zone: str, point: Point | None) -> Card:
    """The card as it is at this moment, seen from this zone and place."""
    table = card.timetable
    if card.reports:
        card = replace(card, openings=openings_at(card.reports, now))
    shown_zone = zone if card.attendance == "online" else card.timezone
    if card.status != Status.ACTIVE:
        return replace(card, shown_zone=shown_zone)
    coming = schedule.next_occurrences(table, now, 1) if table.windows else []
    first = coming[0] if coming else None

    def seen(wall: datetime) -> datetime:
        return schedule.aware(wall, table.zone).astimezone(ZoneInfo(shown_zone))

    is_open = schedule.is_open(table, now)
    until = schedule.open_until(table, now) if is_open else None
    # What never closes never starts either: midnight is only where its window begins.
    always = bool(is_open) and schedule.is_always_open(table)
    return replace(
        card,
        distance_miles=distance_miles(point, card.search_point) if point and card.search_point else None,
        is_open=is_open,
        always_open=always,
        open_until=until.astimezone(ZoneInfo(shown_zone)) if until else None,
        next_start=seen(first.start) if first and not always else None,
        next_end=seen(first.end) if first and not always else None,
        shown_zone=shown_zone,
    )


async def _place(query: Query, settings: Settings) -> FoundPlace | None:
    if query.point:
        return await point_place(point=query.point, settings=settings)
    return await place_find(text=query.near, settings=settings) if query.near else None


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
