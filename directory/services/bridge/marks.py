"""Says of a suggested listing that it is pinned, put away, gone to or closed. What is closed goes to those who keep the directory,
as the word of nobody in particular.
"""

from __future__ import annotations

from datetime import datetime

from directory.domain.access import Actor
from directory.domain.bridge.marks import CLOSED, MARKS, Mark, Standing, changes, standings
from directory.domain.corrections import Remark
from directory.domain.errors import Problem
from directory.domain.listings import Status
from directory.domain.people import UnfitFields
from directory.services.bridge.plans import plan_client
from directory.services.corrections import correction_add
from directory.services.waitlist.clients import client_audit, client_open, today_of
from directory.settings import Settings
from directory.storage import cards, db
from directory.storage.bridge import marks as storage


async def mark_set(*, upi: str, slug: str, what: str, by: Actor, now: datetime, settings: Settings) -> bool:
    """Says one of MARKS of the listing with this slug, for a client; False where that was said already.

    What stands in the audit trail names no listing. Raises UnfitFields for a word or a slug that there is not, and what `plan_client` raises.
    """
    row = (await plan_client(upi=upi, by=by, now=now, settings=settings)).row
    found = await cards.by_status(slug)
    if found is None or what not in MARKS:
        raise UnfitFields([Problem("what" if found else "slug", "choose", "")])
    listing, status = found
    async with db.staging():
        await client_open(client=row.id)
        standing = standings(await storage.of_client(row.id)).get(listing, Standing())
        went = standing.went
        went_today = went is not None and await today_of(row.agency, went) == await today_of(row.agency, now)
        if not changes(standing, what, now, went_today=went_today):
            return False
        mark = await storage.add(row.id, Mark(listing, what, now), by=by.label)
        if what == CLOSED and status is not Status.REMOVED:
            await _report(slug, now)
        await client_audit(row, "plan-mark", {"mark": mark}, by=by.label, now=now)
    return True


async def _report(slug: str, now: datetime) -> None:
    """Puts "it is closed" into the queue of the directory, without a word and by nobody.

    It stands there with the full hour alone: by the very second it could be laid beside what else was done for one client.
    """
    await correction_add(slug=slug, remark=Remark("closed"), now=now.replace(minute=0, second=0, microsecond=0))
