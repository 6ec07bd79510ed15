"""Openings as people report them: the levels that somebody may report on, a new report, and one more that says "still the same".

A report, and the notice that it may open or close, are written in one transaction, and visitors see it at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from directory.domain.access import SITE, Action, Actor, Allowed, Role, demand, may, of_agency, reach_of
from directory.domain.errors import NotFound, Problem
from directory.domain.openings import (
    PHONE,
    WEB,
    Level,
    Numbers,
    ReportedSince,
    moment_problems,
    report_problems,
)
from directory.domain.people import UnfitFields
from directory.domain.results import FRESH_HOURS
from directory.services.capacity_notices import notice_settle
from directory.services.links import form_take
from directory.storage import db, records
from directory.storage import openings as storage


async def openings_levels(*, by: Actor, now: datetime) -> tuple[Level, ...]:
    """The levels on which somebody may report, with the latest report of each. Raises Denied."""
    demand(by, Action.REPORT_OPENINGS, SITE, now=now)
    return tuple(await storage.levels(reach_of(by, Action.REPORT_OPENINGS)))


async def openings_waiting(*, by: Actor, now: datetime) -> int:
    """How many levels somebody may report on of which there is no fresh report. 0 for who may report on none."""
    if not isinstance(may(by, Action.REPORT_OPENINGS, SITE, now=now), Allowed):
        return 0
    found = await storage.levels(reach_of(by, Action.REPORT_OPENINGS))
    return sum(is_due(level, now) for level in found)


def is_due(level: Level, now: datetime) -> bool:
    """Whether a level has no fresh report."""
    return level.latest is None or now - level.latest.as_of >= timedelta(hours=FRESH_HOURS)


async def openings_level(*, by: Actor, id: int, now: datetime) -> Level:
    """One level on which somebody may report. Raises NotFound for one that there is not or that is closed, and Denied: also for the
    program's own people, once its listing belongs to another agency."""
    found = await storage.level(id)
    if found is None or found.is_closed:
        demand(by, Action.REPORT_OPENINGS, SITE, now=now)
        raise NotFound()
    for agency in {found.agency, found.keeper}:
        demand(by, Action.REPORT_OPENINGS, of_agency(agency), now=now)
    return found


async def openings_report(
    *,
    by: Actor,
    id: int,
    numbers: Numbers,
    now: datetime,
    as_of: datetime | None = None,
    seen: int | None = None,
    via: str | None = None,
    form: str | None = None,
) -> int | None:
    """Adds a report of a level and gives its number; None where this `form` was taken before.

    `as_of` None is this moment. `seen` is the report that the form was made from: where another has come in since, nothing is written and
    ReportedSince raised. `via` None is the agency's own page, and for anybody else a call. Raises UnfitFields, NotFound and Denied.
    """
    await openings_level(by=by, id=id, now=now)
    _check(report_problems(numbers))
    async with db.transaction():
        if form is not None and not await form_take(token=form, now=now):
            return None
        level = await openings_level(by=by, id=id, now=now)
        if seen is not None and seen != level.seen:
            raise ReportedSince(level)
        return await report_add(level, numbers, as_of=as_of, by=by, via=via or via_of(by, level), now=now)


async def openings_renew(*, by: Actor, id: int, seen: int, now: datetime, form: str | None = None) -> int | None:
    """Says that the latest report of a level still holds: a new one with the same values. Otherwise as `openings_report`.

    Raises NotFound where nothing was ever reported.
    """
    await openings_level(by=by, id=id, now=now)
    async with db.transaction():
        if form is not None and not await form_take(token=form, now=now):
            return None
        level = await openings_level(by=by, id=id, now=now)
        if seen != level.seen:
            raise ReportedSince(level)
        return await report_renew(level, by=by, via=via_of(by, level), now=now)


async def report_renew(level: Level, *, by: Actor, via: str, now: datetime) -> int:
    """The same numbers once more. Needs a transaction that has read the level."""
    if level.latest is None:
        raise NotFound()
    return await report_add(level, level.latest.numbers, as_of=None, by=by, via=via, now=now)


async def report_add(
    level: Level, numbers: Numbers, *, as_of: datetime | None, by: Actor, via: str, now: datetime
) -> int:
    """Writes a report that has been looked at, its notice and its audit entry. Needs a transaction that has read the level."""
    latest = level.latest.as_of if level.latest else None
    if as_of is None:  # who says "now" and had to wait a moment for somebody else is not behind the times
        as_of = max(now, latest) if latest else now
    _check(moment_problems(as_of, latest, now))
    numbers = replace(numbers, note=(numbers.note or "").strip() or None)
    report = await storage.add(level, numbers, as_of=as_of, by=by.label, via=via, now=now)
    notice = await notice_settle(level=level, report=report, numbers=numbers, reached_at=as_of, now=now)
    details = {"report": report, "via": via, "as_of": as_of.isoformat(), "available": numbers.available, **notice}
    await records.audit(at=now, by=by.label, action="openings-report", subject=f"level {level.id}", details=details)
    return report


def via_of(by: Actor, level: Level) -> str:
    """How a report of this actor comes on the site's pages: of the agency itself, or of who has called it."""
    own = any(grant.role is Role.EDITOR and grant.agency == level.agency for grant in by.grants)
    return WEB if own else PHONE


def _check(problems: Sequence[Problem]) -> None:
    if problems:
        raise UnfitFields(problems)
