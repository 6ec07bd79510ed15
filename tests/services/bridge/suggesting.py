"""Somebody with a plan in the demonstration county, for the tests of suggestions: by the real services, at any clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from directory.domain.bridge.plans import Plan
from directory.domain.results import Card
from directory.domain.search import Query
from directory.services.bridge.suggestions import Suggestions, suggestions_of
from directory.services.search import search_run
from directory.services.waitlist.clients import somebody
from directory.storage import db
from directory.storage.waitlist import clients
from tests.services.waitlist import world
from tests.services.waitlist.world import SETTINGS, World


async def accompanied(made: World, **facts: str) -> str:
    """The number of a new client of whom these facts are known, with whom the peer goes."""
    client = await world.client(made, consent=False, **facts)
    async with db.staging():
        await world.account(made.peer)
        await db.execute(f"UPDATE client SET peer_id = {made.peer.person} WHERE id = {client}")
    return await upi_of(client)


async def upi_of(client: int) -> str:
    row = await clients.by_id(client)
    assert row is not None
    return row.upi


async def suggested(upi: str, plan: Plan, now: datetime, when: str = "") -> Suggestions:
    """What this plan brings a client at this moment."""
    row = await clients.by_upi(upi)
    assert row is not None
    return await suggestions_of(who=somebody(row, SETTINGS), plan=plan, now=now, settings=SETTINGS, when=when)


async def all_found(query: Query, now: datetime) -> dict[str, Card]:
    """Every listing that a visitor finds who asks this of the search page, turning all its pages, and what it shows as elsewhere."""
    found: dict[str, Card] = {}
    for page in range(1, 100):
        result = await search_run(query=replace(query, page=page), now=now, settings=SETTINGS)
        found |= {card.slug: card for card in (*result.cards, *result.elsewhere.cards)}
        if not result.has_next:
            return found
    raise AssertionError("no end")
