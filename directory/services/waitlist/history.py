"""What happened to somebody's places in line, step by step, with the names of those who did it for whoever may know them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from directory.domain.access import Actor
from directory.services.names import names_for
from directory.storage.waitlist import entries as places


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `by` is a name where the reader may know it, else the label of the audit trail."""

    entry: int
    at: datetime
    by: str
    what: str
    offer: int | None
    details: Mapping[str, Any]


async def history_of(*, client: int, by: Actor) -> tuple[Step, ...]:
    """All steps of a client's places, the latest first. Whoever calls has found out that the reader may see the client."""
    found = await places.events_of(client)
    names = await names_for(labels={each.by for each in found}, by=by)
    return tuple(
        Step(each.entry, each.at, names.get(each.by, each.by), each.what, each.offer, each.details) for each in found
    )
