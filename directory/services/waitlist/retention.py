"""Clears what is known of people once its time is over: contact data and notes 12 months after the last line ended, papers after six years,
and what peers and their supervisors wrote to each other after 12 months.

The audit trail stays whole: it never held a name (WAITLIST 4.4; 45 CFR 164.316(b)(2)(i) for the six years). Every row that is cleared has
its entry there, in the same transaction. Once more does no harm, and a round that dies goes on where it was.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from directory.domain.audit import DIRECTORY
from directory.services.waitlist.plumbing import chain_of
from directory.storage import db, records
from directory.storage.waitlist import retention as storage
from directory.storage.waitlist.retention import Due

CLIENTS = timedelta(days=365)
"""After the last line of somebody has ended, or since they asked for a call that nobody has made."""
PAPERS = timedelta(days=6 * 365 + 2)
"""Consents and disclosures, after they last counted."""
CALLS = timedelta(days=90)
"""Calls that were asked for, and spreadsheets, after they were settled."""
PEERS = timedelta(days=365)
"""What peers and their supervisors wrote to each other, what a peer answered when they were asked how they are, and who stood in for whom."""
CODES = timedelta(days=90)
"""How long a card is good after the last line has ended."""
BATCH = 100
MOST = 100_000
"""Rows of one kind that a dry run counts at the most."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One sort of row with its time, where those are found whose time is over, and how one is cleared (0: it was not due any more)."""

    name: str
    kept: timedelta
    due: Callable[[datetime, int], Awaitable[list[Due]]]
    clear: Callable[[int, datetime, datetime], Awaitable[int]]


async def _clients(before: datetime, limit: int) -> list[Due]:
    return await storage.clients_due(before, limit=limit)


async def _client(id: int, before: datetime, now: datetime) -> int:
    return int(await storage.client_clear(id, now))


async def _papers(before: datetime, limit: int) -> list[Due]:
    return await storage.papers_due(before, limit=limit)


async def _paper(id: int, before: datetime, now: datetime) -> int:
    return await storage.papers_clear(id, before)


def _settled(kind: str, kept: timedelta) -> Kind:
    async def due(before: datetime, limit: int) -> list[Due]:
        return await storage.settled_due(kind, before, limit=limit)

    async def clear(id: int, before: datetime, now: datetime) -> int:
        return int(await storage.settled_clear(kind, id, before))

    return Kind(kind.replace("_", "-"), kept, due, clear)


KINDS = (
    Kind("client", CLIENTS, _clients, _client),
    Kind("papers", PAPERS, _papers, _paper),
    _settled("intake", CALLS),
    _settled(storage.WAITING, CLIENTS),
    _settled("line_import", CALLS),
    _settled("breach", PAPERS),
    _settled(storage.NOTES, PEERS),
    _settled(storage.DEBRIEFS, PEERS),
    _settled(storage.COVERS, PEERS),
)
"""All that is cleared, in this order: the papers of somebody go only after they themselves."""


async def retention_due(*, now: datetime) -> dict[str, list[str]]:
    """What would be cleared now, as the audit trail will name it, by kind. Changes nothing."""
    return {kind.name: [each.subject for each in await kind.due(now - kind.kept, MOST)] for kind in KINDS}


async def retention_run(*, by: str, now: datetime) -> dict[str, int]:
    """Clears what is due, in batches, and says how many rows of each kind that were."""
    return {kind.name: await _run(kind, by, now) for kind in KINDS}


async def _run(kind: Kind, by: str, now: datetime) -> int:
    done, before = 0, now - kind.kept
    while found := await kind.due(before, BATCH):
        cleared = sum([await _cleared(kind, each, before, by, now) for each in found])
        done += cleared
        if not cleared:  # others are at it, or what was found is not due any more
            break
    return done


async def _cleared(kind: Kind, due: Due, before: datetime, by: str, now: datetime) -> int:
    async with db.staging():
        count = await kind.clear(due.id, before, now)
        if not count:
            return 0
        chain = DIRECTORY if due.agency is None else chain_of(due.agency)
        details = {"kind": kind.name, "rows": count, "kept_days": kind.kept.days}
        await records.audit(at=now, by=by, action="cleared", subject=due.subject, details=details, chain=chain)
    return 1


async def codes_expire() -> int:
    """Has the cards end of those who stand in no line any more; says how many that were."""
    async with db.staging():
        return await storage.codes_expire(CODES)
