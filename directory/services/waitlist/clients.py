"""People who wait: who may see them, and what they are called."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from directory.domain.access import Action, Actor, Denied, demand, of_agency
from directory.domain.errors import NotFound
from directory.services.sealing import opened
from directory.settings import Settings
from directory.storage.waitlist import clients as storage
from directory.storage.waitlist.clients import ClientNow


@dataclass(frozen=True, slots=True)
class Somebody:
    """A client as the people of their own peer agency see them: `called` is what they want to be called, `known` all that was sealed."""

    row: ClientNow
    called: str
    known: dict[str, Any]


async def client_found(
    *, upi: str, by: Actor, now: datetime, settings: Settings, action: Action = Action.KEEP_CLIENTS
) -> Somebody:
    """The client with this number, for whoever may do this with them. NotFound for anybody else, so that nobody learns who is on a list."""
    row = await storage.by_upi(upi)
    if row is None:
        raise NotFound(client=upi)
    try:
        demand(by, action, of_agency(row.agency), now=now)
    except Denied as denied:
        if denied.reason == "not-yours":
            raise NotFound(client=upi) from None
        raise
    known = opened(row.sealed, settings)
    return Somebody(row, str(known.get("called") or known.get("name") or ""), known)
