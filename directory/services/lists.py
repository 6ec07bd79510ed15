"""A list of listings that somebody takes along: what is on it, and all that a search finds, as far as a file is given of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import inf

from directory.domain.errors import BadQuery, PlaceNotFound
from directory.domain.listings import Status
from directory.domain.results import Detail, FoundPlace
from directory.domain.search import Query
from directory.services.geocoding import place_find, point_place
from directory.services.search import cards_show, search_run
from directory.settings import Settings
from directory.storage import cards as storage
from directory.storage import duplicates

MOST_EXPORTED = 1000
"""Listings in one file: enough for a county, and no way to take the whole directory in one go."""
BATCH = 100
ORDERS = ("distance", "time", "name")


@dataclass(frozen=True, slots=True)
class GoneListing:
    """A listing that somebody has taken along and that its source has since taken out."""

    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class TakenList:
    """What is on a list. `query.taken` holds only what is known here; `unknown` counts what is not.

    `place` is None where none is asked for, or where nobody knows it.
    """

    query: Query
    now: datetime
    zone: str
    place: FoundPlace | None
    details: tuple[Detail, ...]
    gone: tuple[GoneListing, ...] = ()
    unknown: int = 0


@dataclass(frozen=True, slots=True)
class Export:
    """The first MOST_EXPORTED of all that a search finds, in its order; `total` is how many it finds."""

    details: tuple[Detail, ...]
    total: int
    now: datetime


async def list_show(*, query: Query, now: datetime, settings: Settings, order: str = "") -> TakenList:
    """The listings in `query.taken` in the order of the list, or in one of ORDERS; the rest of the query says from where.

    Of two that turned out to be the same the one that stays is on the list.

    A list is good anywhere, so a place that is not known is no error. What is taken counts, not what is asked: `at` and the
    filters say nothing here.
    """
    place = await _place(query, settings)
    zone = query.tz or (place.timezone if place else settings.timezone)
    kept = await duplicates.kept_for(query.taken)
    asked = tuple(dict.fromkeys(kept.get(slug, slug) for slug in query.taken))
    known = await storage.by_slugs(asked)
    taken = tuple(slug for slug in asked if slug in known)
    ids = [known[slug][0] for slug in taken]
    cards = await cards_show(ids=ids, now=now, zone=zone, place=place)
    return TakenList(
        query=replace(query, taken=taken),
        now=now,
        zone=zone,
        place=place,
        details=_sorted(await storage.details([card for card in cards if card.status != Status.REMOVED]), order, now),
        gone=tuple(GoneListing(card.slug, card.name) for card in cards if card.status == Status.REMOVED),
        unknown=len(asked) - len(taken),
    )


async def list_export(*, query: Query, now: datetime, settings: Settings) -> Export:
    """All that a search finds, page by page. Raises PlaceNotFound, and BadQuery for a code that nobody has."""
    found: dict[int, Detail] = {}
    for page in range(1, MOST_EXPORTED // BATCH + 1):
        asked = replace(query, page=page, per_page=BATCH)
        result = await search_run(query=asked, now=now, settings=settings, counts=False)
        if result.problems:
            raise BadQuery(result.problems)
        found |= {detail.card.id: detail for detail in await storage.details(result.cards)}
        if not result.has_next:
            break
    return Export(tuple(found.values()), result.total, result.now)


async def _place(query: Query, settings: Settings) -> FoundPlace | None:
    if query.point:
        return await point_place(point=query.point, settings=settings)
    try:
        return await place_find(text=query.near, settings=settings) if query.near else None
    except PlaceNotFound:
        return None


def _sorted(details: Sequence[Detail], order: str, now: datetime) -> tuple[Detail, ...]:
    """What has no distance or no time comes last; what is alike stays in the order of the list."""

    def miles(detail: Detail) -> float:
        return inf if detail.card.distance_miles is None else detail.card.distance_miles

    def wait(detail: Detail) -> float:
        start = now if detail.card.is_open else detail.card.next_start
        return inf if start is None else start.timestamp()

    if order == "name":
        return tuple(sorted(details, key=lambda detail: detail.card.name.casefold()))
    if order in ORDERS:
        return tuple(sorted(details, key=miles if order == "distance" else wait))
    return tuple(details)
