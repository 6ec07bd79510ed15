"""The search: looks up the place, asks storage, and works out distance and time for each answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from directory.domain import schedule
from directory.domain.errors import Problem
from directory.domain.geo import Point, distance_miles
from directory.domain.listings import Status
from directory.domain.results import Card, FoundPlace, SearchResult
from directory.domain.search import Query
from directory.services.geocoding import place_find, point_place
from directory.settings import Settings
from directory.storage import search as storage
from directory.storage.cards import cards
from directory.storage.codes import ids_of
from directory.storage.search_sql import Wanted


async def search_run(*, query: Query, now: datetime, settings: Settings) -> SearchResult:
    """One page of answers. Raises PlaceNotFound for a place that is not known."""
    place = await _place(query, settings)
    zone = query.tz or (place.timezone if place else settings.timezone)
    moment = _moment(query, now, place.timezone if place else zone)
    code_ids, problems = await _types(query.types)
    found = await storage.find(
        Wanted(
            words=query.words,
            point=place.point if place and not query.online_only else None,
            within=query.within,
            kinds=query.kinds,
            attendance=query.attendance,
            programs=query.programs,
            facets=query.facets,
            languages=query.languages,
            code_ids=code_ids,
            time=query.time_filter,
            now=moment,
            zone=zone,
            order=query.order,
            offset=query.offset,
            limit=query.per_page,
        )
    )
    shown = await cards_show(ids=found.ids, now=moment, zone=zone, place=place)
    return SearchResult(query, place, moment, zone, found.total, shown, found.unknown, problems)


async def cards_show(
    *, ids: Sequence[int], now: datetime, zone: str, place: FoundPlace | None = None
) -> tuple[Card, ...]:
    """The cards of these listings in this order, with what depends on the hour and the place."""
    found = await cards(ids, now)
    return tuple(card_at(found[id], now, zone, place.point if place else None) for id in ids if id in found)


def card_at(card: Card, now: datetime, zone: str, point: Point | None) -> Card:
    """The card as it is at this moment, seen from this zone and place."""
    table = card.timetable
    shown_zone = zone if card.attendance == "online" else card.timezone
    if card.status != Status.ACTIVE:
        return replace(card, shown_zone=shown_zone)
    coming = schedule.next_occurrences(table, now, 1) if table.windows else []
    first = coming[0] if coming else None

    def seen(wall: datetime) -> datetime:
        return schedule.aware(wall, table.zone).astimezone(ZoneInfo(shown_zone))

    until = schedule.open_until(table, now)
    # What never closes never starts either: midnight is only where its window begins.
    always = schedule.is_always_open(table)
    return replace(
        card,
        distance_miles=distance_miles(point, card.search_point) if point and card.search_point else None,
        is_open=schedule.is_open(table, now),
        always_open=always,
        open_until=until.astimezone(ZoneInfo(shown_zone)) if until else None,
        next_start=seen(first.start) if first and not always else None,
        next_end=seen(first.end) if first and not always else None,
        shown_zone=shown_zone,
    )


async def _place(query: Query, settings: Settings) -> FoundPlace | None:
    if query.point:
        return point_place(point=query.point, settings=settings)
    return await place_find(text=query.near, settings=settings) if query.near else None


def _moment(query: Query, now: datetime, zone: str) -> datetime:
    """The clock, or `at` in its stead; without an offset it is local to the place searched."""
    if query.at is None:
        return now
    at = query.at if query.at.tzinfo else schedule.aware(query.at, zone)
    return at.astimezone(UTC)


async def _types(types: Sequence[tuple[str, str]]) -> tuple[tuple[int, ...] | None, tuple[Problem, ...]]:
    """The ids of the codes asked for (None for any), and those that no system has."""
    found: list[int] = []
    problems = []
    for system, code in types:
        ids = await ids_of(system, code)
        found += ids
        if not ids:
            problems.append(Problem("type", "unknown-value", f"{system}:{code}"))
    return tuple(found) or None, tuple(problems)
