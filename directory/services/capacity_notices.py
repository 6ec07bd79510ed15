"""The notices that a funded program owes its state once it is at 90 percent of its capacity (45 CFR 96.126(a)).

They open and close by themselves with the reports of openings; a person sends one and says so here.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from directory.domain.access import SITE, Action, Actor, Allowed, demand, may, of_agency, reach_of
from directory.domain.errors import NotFound, Problem
from directory.domain.openings import EARLY, LONGEST_SENT_TO, Level, Notice, Numbers, is_full, share
from directory.domain.people import UnfitFields
from directory.storage import capacity_notices as storage
from directory.storage import db, records

SHOWN = timedelta(days=90)
"""How long a notice that was sent stays in the list."""


async def notice_settle(
    *, level: Level, report: int, numbers: Numbers, reached_at: datetime, now: datetime
) -> dict[str, object]:
    """Opens or closes the notice of a level as a new report asks for, and says what it did, for the audit entry of the report.

    Where a report does not tell, everything stays as it is. Needs the report's transaction, in which nobody else reports.
    """
    full, current = is_full(numbers), await storage.open_of(level.id)
    if full and current is None and level.is_funded:
        id = await storage.begin(level=level.id, report=report, share=share(numbers), reached_at=reached_at)
        return {"notice_opened": id}
    if full is False and current is not None:
        await storage.close(current, reached_at)
        return {"notice_closed": current}
    return {}


async def notices_list(*, by: Actor, now: datetime) -> tuple[Notice, ...]:
    """The notices that somebody may see: what is due first, then what was sent lately. Raises Denied."""
    demand(by, Action.SEE_NOTICES, SITE, now=now)
    return tuple(await storage.listed(reach_of(by, Action.SEE_NOTICES), sent_since=now - SHOWN))


async def notices_waiting(*, by: Actor, now: datetime) -> int:
    """How many notices wait to be sent. 0 for who may see none."""
    if not isinstance(may(by, Action.SEE_NOTICES, SITE, now=now), Allowed):
        return 0
    return await storage.unsent(reach_of(by, Action.SEE_NOTICES))


async def notice_show(*, by: Actor, id: int, now: datetime) -> Notice:
    """One notice. Raises NotFound and Denied."""
    found = await storage.one(id)
    if found is None:
        demand(by, Action.SEE_NOTICES, SITE, now=now)
        raise NotFound()
    demand(by, Action.SEE_NOTICES, of_agency(found.agency), now=now)
    return found


async def notice_send(*, by: Actor, id: int, sent_to: str, now: datetime, sent_at: datetime | None = None) -> bool:
    """Notes that a notice was sent, to whom and when (None is now); False where somebody has noted it already.

    It takes whoever may report openings: to look at it is not enough. Raises UnfitFields, NotFound and Denied.
    """
    notice = await notice_show(by=by, id=id, now=now)
    demand(by, Action.REPORT_OPENINGS, of_agency(notice.agency), now=now)
    at, sent_to = sent_at or now, sent_to.strip()
    _check(notice, sent_to, at, now)
    async with db.staging():
        if not await storage.send(id, at=at, to=sent_to, by=by.label):
            return False
        details = {"level": notice.level, "sent_at": at.isoformat()}
        await records.audit(at=now, by=by.label, action="notice-sent", subject=f"notice {id}", details=details)
    return True


def _check(notice: Notice, sent_to: str, at: datetime, now: datetime) -> None:
    problems = []
    if not sent_to:
        problems.append(Problem("sent_to", "missing", ""))
    if len(sent_to) > LONGEST_SENT_TO:
        problems.append(Problem("sent_to", "too-long", "", (str(LONGEST_SENT_TO),)))
    if at > now + EARLY:
        problems.append(Problem("sent_at", "future", at.isoformat()))
    if at < notice.reached_at.replace(second=0, microsecond=0):  # a form gives minutes
        problems.append(Problem("sent_at", "before", at.isoformat()))
    if problems:
        raise UnfitFields(problems)
