"""People who wait: who may see them, what they are called, and that somebody has looked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from directory.domain.access import Action, Actor, Denied, demand, of_agency
from directory.domain.errors import NotFound
from directory.services.clock import local_day
from directory.services.sealing import opened
from directory.services.waitlist import plumbing
from directory.settings import Settings
from directory.storage import agencies, records
from directory.storage.waitlist import clients as storage
from directory.storage.waitlist.clients import ClientNow


@dataclass(frozen=True, slots=True)
class Somebody:
    """A client as the people of their own peer agency see them: `called` is what they want to be called, `known` all that was sealed."""

    row: ClientNow
    called: str
    known: dict[str, Any]

    @property
    def name(self) -> str:
        """Their whole name; "" where nobody has asked for it."""
        return str(self.known.get("name") or "")


async def client_found(
    *, upi: str, by: Actor, now: datetime, settings: Settings, action: Action = Action.KEEP_CLIENTS
) -> Somebody:
    """The client with this number, for whoever may do this with them. NotFound for anybody else, so that nobody learns who is on a list."""
    return somebody(_allowed(await storage.by_upi(upi), by, now, action), settings)


async def client_open(*, client: int) -> None:
    """Raises NotFound for a client who was merged or cleared: nothing is written about them any more. Within the transaction that would
    write it, so that nobody is cleared in between."""
    row = await storage.by_id(client)
    if row is None or row.merged_into is not None or row.cleared_at is not None:
        raise NotFound(client=client)


async def client_read(
    *, upi: str, what: str, by: Actor, now: datetime, settings: Settings, action: Action = Action.KEEP_CLIENTS
) -> Somebody:
    """The same for a page, with a line in the access log: `what` is the part that was opened, as a code."""
    found = await client_found(upi=upi, by=by, now=now, settings=settings, action=action)
    await records.access_log(at=now, by=by.label, action="see", subject=f"client {upi}", details={"part": what})
    return found


async def allowed_client(
    *, client: int, by: Actor, now: datetime, action: Action = Action.KEEP_CLIENTS, is_open: bool = True
) -> ClientNow:
    """The client with this id as a row, for whoever may do this with them. NotFound else; and, where `is_open`, for one who was merged or cleared."""
    row = _allowed(await storage.by_id(client), by, now, action)
    if is_open and (row.merged_into is not None or row.cleared_at is not None):
        raise NotFound(client=client)
    return row


def somebody(row: ClientNow, settings: Settings) -> Somebody:
    """A row with what was sealed in it. Whoever asks has found out that it may be read."""
    known = opened(row.sealed, settings)
    return Somebody(row, _called(known), known)


def called(sealed: str | None, settings: Settings) -> str:
    """What somebody wants to be called, of what is sealed about them; "" where that was never asked."""
    return _called(opened(sealed, settings))


def _called(known: Mapping[str, Any]) -> str:
    return str(known.get("called") or known.get("name") or "")


async def zone_of(agency: int) -> str:
    """The time zone of an agency. Raises NotFound."""
    found = await agencies.agency(agency)
    if found is None:
        raise NotFound(agency=agency)
    return found.values.timezone


async def today_of(agency: int, now: datetime) -> date:
    """The day on the calendar of an agency. Raises NotFound."""
    return await local_day(await zone_of(agency), now)


async def client_audit(row: ClientNow, action: str, details: Mapping[str, object], *, by: str, now: datetime) -> None:
    """Writes what was done about a client into the trail of their agency: ids, codes and counts alone. Last in its transaction."""
    chain = plumbing.chain_of(row.agency)
    await records.audit(at=now, by=by, action=action, subject=f"client {row.upi}", details=dict(details), chain=chain)


def _allowed(row: ClientNow | None, by: Actor, now: datetime, action: Action) -> ClientNow:
    if row is None:
        raise NotFound()
    try:
        demand(by, action, of_agency(row.agency), now=now)
    except Denied as denied:
        if denied.reason == "not-yours":
            raise NotFound(client=row.upi) from None
        raise
    return row
