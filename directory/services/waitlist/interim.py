"""Interim services while somebody waits (45 CFR 96.121, 96.126(b)(2), 96.131(d)): what is due, what was offered, and by when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime

from directory.domain.access import Actor
from directory.domain.errors import Problem
from directory.domain.people import UnfitFields
from directory.domain.waitlist.clocks import (
    INTERIM,
    INTERIM_PREGNANT,
    INTERIM_WITHIN,
    OURS,
    interim_first,
    interim_items,
    interim_offered_at,
)
from directory.services.links import form_take
from directory.services.waitlist.clients import client_audit, client_found, client_open
from directory.settings import Settings
from directory.storage import db
from directory.storage.waitlist import interim as storage
from directory.storage.waitlist.interim import InterimNow

STATUSES = ("offered", "accepted", "declined")
"""Each of them says that it was offered, and that is what the rule asks for."""


@dataclass(frozen=True, slots=True)
class Interim:
    """The interim services of somebody: those that are `due` by the rule, the `latest` word on each item, and when each was `first` offered.

    `since` is the request that they count from, None for nobody who waits.
    """

    due: tuple[str, ...]
    latest: Mapping[str, InterimNow]
    first: Mapping[str, datetime]
    since: datetime | None

    @property
    def offered_at(self) -> datetime | None:
        """When the last of those that are due was offered; None while one of them is not."""
        return interim_offered_at(self.first, {"pregnant"} if set(INTERIM_PREGNANT) <= set(self.due) else set())

    @property
    def due_at(self) -> datetime | None:
        """48 hours after the request."""
        return self.since + INTERIM_WITHIN if self.since else None

    @property
    def missing(self) -> tuple[str, ...]:
        """What is due and was not offered."""
        return tuple(item for item in self.due if item not in self.first)


async def interim_of(client: int, facts: Set[str], requests: Sequence[datetime]) -> Interim:
    """The interim services of a client of whom these facts are known to be so. Of several open requests the first is told for which something
    is missing, as on the board; else the latest."""
    rows = await storage.items_of(client)
    due = interim_items(facts)
    counted = {since: interim_first(((row.item, row.at) for row in rows), since) for since in sorted(requests)}
    short = [since for since, first in counted.items() if not set(due) <= set(first)]
    since = short[0] if short else max(requests, default=None)
    return Interim(due, {row.item: row for row in rows}, counted[since] if since else {}, since)


async def interim_note(
    *, upi: str, items: Mapping[str, str], form: str, by: Actor, now: datetime, settings: Settings
) -> bool:
    """Notes which services were offered and what was said to each; False for a form that was taken before.

    Items that are not spoken of are left out. Raises UnfitFields, NotFound, Denied.
    """
    found = await client_found(upi=upi, by=by, now=now, settings=settings)
    known = (*INTERIM, *INTERIM_PREGNANT, *OURS)
    problems = [
        Problem(item, "choose", status) for item, status in items.items() if item not in known or status not in STATUSES
    ]
    if problems or not items:
        raise UnfitFields(problems or [Problem(INTERIM[0], "choose", "")])
    async with db.staging():
        await client_open(client=found.row.id)
        if not await form_take(token=form, now=now):
            return False
        await storage.items_add(found.row.id, items, by=by.label, now=now)
        # a count alone: which of them were offered tells who is pregnant, and the audit trail is never cleared
        await client_audit(found.row, "client-interim", {"items": len(items)}, by=by.label, now=now)
    return True
