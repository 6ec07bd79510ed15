"""The reports by which oversight sees that the law is met: counted from the history, without a name, small numbers not told (WAITLIST 1.9).

Oversight sees all lines, a coordinator those of their own agency. That somebody read a report about people is in the access log.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from directory.domain.access import SITE, Action, Actor, demand, of_agency, reach_of
from directory.domain.errors import NotFound
from directory.domain.openings import NOTICE_DAYS, Notice
from directory.domain.waitlist import reports
from directory.domain.waitlist.calibration import LOOK_BACK_DAYS, coverage
from directory.domain.waitlist.periods import Period
from directory.domain.waitlist.reports import Flow, Priority, Sheet, Silence, Value
from directory.domain.waitlist.tiers import PriorityTier, rules_read
from directory.services.bridge.outcomes import outcome_report
from directory.services.clock import local_day
from directory.settings import Settings
from directory.storage import capacity_notices, db, records
from directory.storage.waitlist import estimates
from directory.storage.waitlist import oversight as storage
from directory.storage.waitlist.board import rules_of
from directory.storage.waitlist.oversight import Line, PlaceRow, Scope

ABOUT_PEOPLE = frozenset({"exceptions", "contact", "disclosures"})
"""The reports whose rows are people, by their numbers."""
TIMES = ("request-interim", "request-offer", "offer-acknowledge", "offer-admit")
FLOW_DAYS = 90
"""How far the load of a line looks back: of a month there is too little."""
NOW_ONLY = frozenset({"contact", "load", "estimate"})
"""Reports that say how things are now, whatever the time that is chosen."""


@dataclass(frozen=True, slots=True)
class Report:
    """A report with the lines that can be chosen; `line` is the one that was, None for all. `groups` are the groups of the lines' own rules by
    their rank: lines may have different ones."""

    code: str
    period: Period
    line: int | None
    lines: tuple[Line, ...]
    sheets: tuple[Sheet, ...]
    at: datetime
    groups: Mapping[int, tuple[PriorityTier, ...]]


@dataclass(frozen=True, slots=True)
class Question:
    """What a report is made for: its scope in the database, the lines within it by id, and all that the reader may see (`seen`)."""

    scope: Scope
    lines: Mapping[int, Line]
    seen: tuple[Line, ...]
    now: datetime


async def lines_seen(*, by: Actor, now: datetime, action: Action = Action.SEE_OVERSIGHT) -> tuple[Line, ...]:
    """The lines whose figures somebody may see, or may take away with them. Raises Denied."""
    demand(by, action, SITE, now=now)
    return tuple(await storage.lines(reach_of(by, action)))


async def troubles(*, by: Actor, now: datetime) -> tuple[tuple[str, int], ...]:
    """By report how much is wrong now: limits that are passed, people not reached, notices overdue, lines too long, estimates that do not hold.

    Raises Denied. It names nobody, so nothing is noted of it.
    """
    lines = await lines_seen(by=by, now=now)
    scope = Scope(reach_of(by, Action.SEE_OVERSIGHT), None, now, now + timedelta(days=1))
    asked = Question(scope, {each.id: each for each in lines}, lines, now)
    async with db.snapshot():
        found = {code: (await REPORTS[code](asked))[0].rows for code in TROUBLES}
    return tuple((code, sum(is_trouble(row) for row in found[code])) for code, is_trouble in TROUBLES.items())


async def report_show(
    *,
    code: str,
    period: Period,
    line: int | None,
    by: Actor,
    now: datetime,
    settings: Settings,
    action: Action = Action.SEE_OVERSIGHT,
) -> Report:
    """One report, for a time and for all lines or one. Raises NotFound for a report or a line that there is none of, and Denied."""
    if code not in REPORTS:
        raise NotFound(report=code)
    demand(by, action, SITE, now=now)
    reach = reach_of(by, action)
    lines = tuple(await storage.lines(reach))
    chosen = [each for each in lines if line in (None, each.id)]
    if line is not None and not chosen:
        raise NotFound(pool=line)
    for each in {found.agency for found in chosen}:
        demand(by, action, of_agency(each), now=now)
    scope = Scope(reach, line, *await _moments(period, settings.timezone))
    async with db.snapshot():
        sheets = await REPORTS[code](Question(scope, {each.id: each for each in chosen}, lines, now))
        groups = await _groups(chosen)
    if code in ABOUT_PEOPLE:
        people = sum(len(sheet.rows) for sheet in sheets if sheet.people)
        details = {"period": period.code, "line": line or 0, "people": people}
        await records.access_log(at=now, by=by.label, action="see", subject=f"oversight {code}", details=details)
    return Report(code, period, line, lines, tuple(sheets), now, groups)


async def _groups(lines: Iterable[Line]) -> Mapping[int, tuple[PriorityTier, ...]]:
    """The groups of the lines' own rules by rank, each code once."""
    found: dict[int, dict[str, PriorityTier]] = {}
    for text in sorted(set((await rules_of(each.id for each in lines)).values())):
        for tier in rules_read(text).own:
            found.setdefault(tier.rank, {})[tier.code] = tier
    return {rank: tuple(tiers.values()) for rank, tiers in found.items()}


async def _moments(period: Period, name: str) -> tuple[datetime, datetime]:
    """When the first day begins and the last one has ended, on the clocks of the site."""
    zone = await asyncio.to_thread(ZoneInfo, name)
    return datetime.combine(period.first, time(), zone), datetime.combine(period.end, time(), zone)


# --- each report -----------------------------------------------------------------------------------------------------


async def _exceptions(asked: Question) -> list[Sheet]:
    rows = await storage.priority(asked.scope, reports.PRIORITY)
    offered = await storage.interim_of([row.client for row in rows])
    places = [await _priority(row, offered.get(row.client, [])) for row in rows]
    scope = asked.scope
    return reports.exceptions_sheets(places, since=scope.since, until=scope.until, now=asked.now)


async def _priority(row: PlaceRow, offered: Iterable[tuple[str, datetime]]) -> Priority:
    return Priority(
        upi=row.upi,
        line=row.line,
        tier=row.tier,
        requested_at=row.requested_at,
        requested_on=await local_day(row.zone, row.requested_at),
        no_capacity_on=row.no_capacity_on,
        ended_at=row.ended_at,
        status=row.status,
        offered=tuple(offered),
    )


async def _contact(asked: Question) -> list[Sheet]:
    fewest = min((each.contact_days for each in asked.lines.values()), default=0)
    rows = await storage.silent(asked.scope, asked.now - timedelta(days=fewest))
    last = await storage.last_contacts([row.client for row in rows])
    places = [
        Silence(
            row.upi,
            row.line,
            row.tier,
            row.status,
            row.contact_days,
            last.get(row.client) or max(row.created_at, row.requested_at),
        )
        for row in rows
    ]
    return [reports.contact_sheet(places, asked.now)]


async def _capacity(asked: Question) -> list[Sheet]:
    """45 CFR 96.126(a): the notices that fell due, were sent, or were open within the time."""
    since, until = asked.scope.since, asked.scope.until
    found = await capacity_notices.listed(None, sent_since=since - timedelta(days=NOTICE_DAYS))
    here = (
        each
        for each in found
        if each.reached_at < until and (not each.sent_at or since <= max(each.sent_at, each.due_at))
    )
    rows = tuple(_notice(each, asked.now) for each in here)
    columns = ("agency", "program", "level", "share", "reached", "due", "sent", "sent-to", "state")
    return [Sheet("capacity", columns, rows)]


def _notice(each: Notice, now: datetime) -> tuple[Value, ...]:
    state = "sent" if each.sent_at else "overdue" if each.is_overdue(now) else "due"
    head = (each.agency_name, each.program, each.level, each.share)
    return (*head, each.reached_at, each.due_at, each.sent_at, each.sent_to or "", state)


async def _demand(asked: Question) -> list[Sheet]:
    scope = asked.scope
    counted = {
        "requested": await storage.requested(scope),
        "listed": await storage.listed(scope),
        "admitted": await storage.admitted(scope),
    }
    gone = await storage.removed(scope)
    by_tier: dict[str, Counter[int]] = {}
    by_care: dict[str, Counter[str]] = {}
    by_line: dict[str, Counter[str]] = {}
    for name, numbers in counted.items():
        for (pool, tier), number in numbers.items():
            by_tier.setdefault(name, Counter())[tier] += number
            _add(by_care, by_line, name, asked.lines[pool], number)
    for pool, _, _ in gone:
        _add(by_care, by_line, "removed", asked.lines[pool], 1)
    others = {"care": by_care} | ({"line": by_line} if len(asked.lines) > 1 else {})
    return reports.demand_sheets(by_tier, Counter((reason, tier) for _, tier, reason in gone), others)


def _add(by_care: dict[str, Counter[str]], by_line: dict[str, Counter[str]], name: str, line: Line, more: int) -> None:
    by_care.setdefault(name, Counter())[line.care] += more
    by_line.setdefault(name, Counter())[line.name] += more


async def _order(asked: Question) -> list[Sheet]:
    offers = await storage.offers(asked.scope)
    passed = Counter(reason for offer in offers for reason in offer.passed_over)
    return reports.order_sheets(len(offers), Counter(offer.reason for offer in offers if offer.reason), passed)


async def _times(asked: Question) -> list[Sheet]:
    """From the requests, and from the offers, of the time that is looked at."""
    taken: dict[tuple[str, int | str], list[float]] = {}

    def add(step: str, tier: int, begin: datetime, end: datetime | None) -> None:
        if end is not None:
            taken.setdefault((step, tier), []).append(max((end - begin) / timedelta(days=1), 0.0))

    rows, offers = await storage.requests(asked.scope), await storage.offers(asked.scope)
    offered = await storage.interim_of([row.client for row in rows])
    for row in rows:
        add(
            "request-interim",
            row.tier,
            row.requested_at,
            (await _priority(row, offered.get(row.client, ()))).interim_at,
        )
    for offer in offers:
        add("request-offer", offer.tier, offer.requested_at, offer.at if offer.is_first else None)
        add("offer-acknowledge", offer.tier, offer.at, offer.acknowledged_at)
        add("offer-admit", offer.tier, offer.at, offer.ended_at if offer.status == "admitted" else None)
    return [reports.times_sheet(taken, TIMES)]


async def _disclosures(asked: Question) -> list[Sheet]:
    """42 CFR 2.24, 2.25: what was told about each client, by the client's number."""
    rows = await storage.disclosures(asked.scope)
    return [Sheet("disclosures", ("upi", "disclosures", "agencies", "last"), tuple(rows), people=True)]


async def _load(asked: Question) -> list[Sheet]:
    since = asked.now - timedelta(days=FLOW_DAYS)
    scope = Scope(asked.scope.agencies, asked.scope.pool, since, asked.now)
    requested = _by_line(await storage.requested(scope))
    listed, placed = _by_line(await storage.open_now(scope)), _by_line(await storage.admitted(scope))
    removed = Counter(pool for pool, _, _ in await storage.removed(scope))
    flows = [
        Flow(each.name, FLOW_DAYS / 7, requested[each.id], placed[each.id], removed[each.id], listed[each.id])
        for each in asked.lines.values()
    ]
    return [reports.load_sheet(flows)]


def _by_line(counted: Mapping[tuple[int, int], int]) -> Counter[int]:
    found: Counter[int] = Counter()
    for (pool, _), number in counted.items():
        found[pool] += number
    return found


async def _estimate(asked: Question) -> list[Sheet]:
    """WAITLIST 2.4, 7: how the ranges of those who were placed in the last 90 days came out."""
    since = (asked.now - timedelta(days=LOOK_BACK_DAYS)).date()
    found = await estimates.outcomes(since, asked.scope.agencies)
    by_line = {id: coverage(found.get(id, {}).values()) for id in asked.lines}
    everybody = [told for id in asked.lines for told in found.get(id, {}).values()]
    return [reports.coverage_sheet({asked.lines[id].name: each for id, each in by_line.items()}, coverage(everybody))]


async def _outcomes(asked: Question) -> list[Sheet]:
    return await outcome_report(scope=asked.scope, lines=asked.seen, now=asked.now)


REPORTS: Mapping[str, Callable[[Question], Awaitable[list[Sheet]]]] = {
    "exceptions": _exceptions,
    "contact": _contact,
    "capacity": _capacity,
    "demand": _demand,
    "order": _order,
    "times": _times,
    "disclosures": _disclosures,
    "load": _load,
    "estimate": _estimate,
    "outcomes": _outcomes,
}
"""By its code: what makes its sheets."""
TROUBLES: Mapping[str, Callable[[tuple[Value, ...]], bool]] = {
    "exceptions": lambda row: row[6] is None,
    "contact": lambda row: True,
    "capacity": lambda row: row[-1] == "overdue",
    "load": lambda row: row[-1] == "special-measures",
    "estimate": lambda row: row[-1] == "too-low" and row[0] != reports.ALL,
}
"""By the code of a report: whether a row of its first sheet says that something is wrong now."""
