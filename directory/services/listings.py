"""One listing's page, what stands in for one that is gone, and what the site says about itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from directory.domain import schedule
from directory.domain.checks import hidden_for
from directory.domain.errors import Gone, Moved, NotFound
from directory.domain.listings import Status
from directory.domain.results import Card, Detail, SearchResult
from directory.domain.search import Query
from directory.services.search import card_at, cards_show, search_run
from directory.settings import Settings
from directory.storage import cards as storage
from directory.storage import checks, duplicates, records, sources
from directory.storage.memory import memory

NATIONAL = "national"
"""The source of the numbers that hold for the whole country (seeds/national.toml)."""
NEXT_TIMES = 3


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """A source as the about page names it."""

    name: str
    title: str | None
    licence: str | None
    url: str | None
    format: str
    listings: int
    checked_at: datetime | None


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """What the site says about itself."""

    listings: int
    has_demo: bool
    sources: tuple[SourceFacts, ...]
    data_version: int


async def listing_show(*, slug: str, now: datetime, settings: Settings, follow: bool = False) -> Detail:
    """All that is public about a listing.

    Raises NotFound, Gone when its source has taken it out, or, for pages that `follow`, Moved when it turned out to be the same as another one.
    """
    found = await storage.by_status(slug)
    if not found:
        raise NotFound(slug=slug)
    id, status = found
    if follow and status in (Status.INACTIVE, Status.REMOVED) and (kept := await duplicates.kept_for([slug])):
        raise Moved(slug, kept[slug])
    if status == Status.REMOVED:
        raise Gone(slug=slug)
    detail = await storage.detail(id, now)
    hidden = hidden_for((await checks.of([id])).get(id, ())) if status is Status.INACTIVE else ""
    card = card_at(detail.card, now, settings.timezone, None)
    coming = schedule.next_occurrences(card.timetable, now, NEXT_TIMES) if card.status == Status.ACTIVE else []
    shown = ZoneInfo(card.shown_zone or card.timezone)
    return replace(
        detail,
        card=card,
        hidden=hidden,
        next_times=tuple(
            (
                schedule.aware(occurrence.start, card.timezone).astimezone(shown),
                schedule.aware(occurrence.end, card.timezone).astimezone(shown),
            )
            for occurrence in coming
        ),
    )


async def listing_instead(*, slug: str, now: datetime, settings: Settings) -> SearchResult | None:
    """What is near a listing that is gone and of its kind; None when nobody knows where it was."""
    found = await storage.by_status(slug)
    card = (await storage.cards([found[0]], now)).get(found[0]) if found else None
    if not card or not card.search_point:
        return None
    query = Query(point=card.search_point, kinds=(card.kind,), per_page=5)
    return await search_run(query=query, now=now, settings=settings, counts=False)


async def listing_of_number(*, number: int) -> str:
    """The slug of the listing with this number, which is in no other address. Raises NotFound."""
    slug = await storage.slug_of(number)
    if slug is None:
        raise NotFound(number=number)
    return slug


async def site_show(*, now: datetime) -> SiteFacts:
    """The sources and their sizes."""
    facts = tuple(SourceFacts(**row) for row in await sources.overview())
    return SiteFacts(
        listings=sum(source.listings for source in facts),
        has_demo=await sources.has_demo(),
        sources=facts,
        data_version=await records.data_version(),
    )


async def lines_list(*, now: datetime, settings: Settings) -> tuple[Card, ...]:
    """The national numbers."""
    ids = await memory().once("national numbers", lambda: storage.ids_of_source(NATIONAL))
    return await cards_show(ids=ids, now=now, zone=settings.timezone)


async def data_version() -> int:
    """The number that grows with every change to what visitors see."""
    return await memory().version()


def data_version_at_hand() -> int | None:
    """The same without a question to the database; None where it would take one."""
    return memory().version_at_hand()


async def is_ready() -> bool:
    """Whether the database answers and its schema is up to date."""
    return await records.is_ready()
