"""Finds listings by their words for those who may edit them."""

from __future__ import annotations

from datetime import datetime

from directory.domain.access import SITE, Action, Actor, demand, reach_of
from directory.domain.results import Card
from directory.domain.search import parse
from directory.services.search import search_run
from directory.settings import Settings
from directory.storage import cards as storage
from directory.storage import stewards

MOST = 50


async def listing_find(*, by: Actor, words: str, now: datetime, settings: Settings) -> tuple[Card, ...]:
    """The first listings with all these words that this person may edit; none without a word. Raises Denied.

    The slug of a listing, or the address of its page, finds that one also where the search does not show it.
    """
    demand(by, Action.EDIT_LISTING, SITE, now=now)
    query, _problems = parse([("q", words), ("sort", "name"), ("per_page", str(MOST))])
    found = (await search_run(query=query, now=now, settings=settings, counts=False)).cards if query.words else ()
    slug = words.strip().rstrip("/").rpartition("/")[2]
    named = await storage.by_status(slug)
    if named:
        found = tuple((await storage.cards([named[0]], now)).values())
    agencies = reach_of(by, Action.EDIT_LISTING)
    if agencies is None:
        return tuple(found)
    owners = await stewards.agencies_of(card.id for card in found)
    return tuple(card for card in found if owners.get(card.id) in agencies)
