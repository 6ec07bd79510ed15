"""What a source says otherwise than people have set it: both for a person to see, who says which of the two holds."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from directory.domain.access import SITE, Action, Actor, Allowed, demand, may
from directory.domain.errors import Gone, NotFound, Settled
from directory.services.clock import Clock
from directory.services.edits import Keep, conflict_settle
from directory.settings import Settings
from directory.storage import db, edits
from directory.storage.encoding import dumps

SHOWN = 50


@dataclass(frozen=True, slots=True)
class Dispute:
    """A field of which the source says another thing than people do; the values are those of a listing's JSON.

    `seen` stands for both values as they were to be seen, and goes along with the answer.
    """

    id: int
    slug: str
    name: str
    source: str
    field: str
    ours: Any
    theirs: Any
    since: datetime
    seen: str


async def disputes_list(*, by: Actor, now: datetime) -> tuple[list[Dispute], int]:
    """The first of what is to be settled, the oldest first, and how many there are in all. Raises Denied."""
    demand(by, Action.SETTLE_CONFLICTS, SITE, now=now)
    return [_dispute(row) for row in await edits.conflicts(limit=SHOWN)], await edits.conflict_count()


async def conflicts_waiting(*, by: Actor, now: datetime) -> int:
    """How many are to be settled; 0 for whoever settles none."""
    allowed = isinstance(may(by, Action.SETTLE_CONFLICTS, SITE, now=now), Allowed)
    return await edits.conflict_count() if allowed else 0


async def dispute_settle(*, id: int, keep: Keep, seen: str, by: Actor, clock: Clock, settings: Settings) -> None:
    """Keeps what people have set, or takes what the source says.

    Raises Denied, NotFound, and Settled where that was done meanwhile or the source says something else again by now.
    """
    demand(by, Action.SETTLE_CONFLICTS, SITE, now=clock())
    async with db.transaction():
        rows = await edits.conflicts(id)
        if not rows:
            raise NotFound(conflict=id)
        if rows[0]["status"] != edits.OPEN or _seen(rows[0]) != seen:
            raise Settled(conflict=id)
        try:
            await conflict_settle(conflict=id, keep=keep, by=by.label, clock=clock, settings=settings)
        except Gone:
            raise Settled(conflict=id) from None


def _dispute(row: Mapping[str, Any]) -> Dispute:
    return Dispute(
        id=row["id"],
        slug=row["slug"],
        name=row["name"],
        source=row["source"],
        field=row["field"],
        ours=row["hand_value"],
        theirs=row["source_value"],
        since=row["created_at"],
        seen=_seen(row),
    )


def _seen(row: Mapping[str, Any]) -> str:
    """The same for as long as both say the same."""
    said = dumps([row["created_at"].isoformat(), row["hand_value"], row["source_value"]])
    return hashlib.sha256(said.encode()).hexdigest()[:16]
