"""What the bridge achieves, worked out from what happened in the lines within a time: shares of people, and how long it took until they were placed.

Whoever looks at one line alone is told what the sheets of all their lines tell of it, so that no choice of lines tells a small number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from directory.domain.bridge import outcomes
from directory.domain.bridge.outcomes import Wait
from directory.domain.waitlist import reports
from directory.domain.waitlist.reports import Sheet
from directory.storage.bridge import outcomes as storage
from directory.storage.waitlist.oversight import Line, Scope

STEPS = ("request-placed",)


async def outcome_report(*, scope: Scope, lines: Sequence[Line], now: datetime) -> list[Sheet]:
    """The sheets of all these lines, which are those that the reader may see; where the scope is one of several, what they tell of that one."""
    names = _names(lines)
    everywhere = replace(scope, pool=None)
    waits = await storage.waits(everywhere, names)
    found = outcomes.cases(waits, since=scope.since, until=scope.until, now=now)
    found[outcomes.ARRIVED] = await storage.arrivals(everywhere, names)
    for each in await storage.follow_ups(everywhere, now, names):
        measure = outcomes.FOLLOWED.get(each.which)
        if measure is not None:
            case = outcomes.Case(each.client, each.tier, each.line, each.outcome not in outcomes.NO_CONTACT)
            found.setdefault(measure, []).append(case)
    sheets = [*outcomes.outcome_sheets(found), *_times(waits, scope)]
    return sheets if scope.pool is None or len(lines) == 1 else outcomes.of_line(sheets, names[scope.pool])


def _times(waits: Sequence[Wait], scope: Scope) -> tuple[Sheet, Sheet]:
    """From the request to a place, in days, by group and by line, of those who were placed within the time."""
    by_tier: dict[tuple[str, int | str], list[float]] = {}
    by_line: dict[tuple[str, int | str], list[float]] = {}
    for wait in waits:
        if wait.is_placed and wait.ended_at is not None and scope.since <= wait.ended_at < scope.until:
            days = (wait.ended_at - wait.requested_at) / timedelta(days=1)
            for step in STEPS:
                by_tier.setdefault((step, wait.tier), []).append(days)
                by_line.setdefault((step, wait.line), []).append(days)
    return reports.times_sheet(by_tier, STEPS), reports.times_sheet(by_line, STEPS, by="line")


def _names(lines: Sequence[Line]) -> dict[int, str]:
    """What each line is called: with its agency where two have the same name, and with its number where one agency gave it twice."""
    names, titles = Counter(each.name for each in lines), Counter(each.title for each in lines)

    def name(line: Line) -> str:
        if names[line.name] == 1:
            return line.name
        return line.title if titles[line.title] == 1 else f"{line.title} {line.id}"

    return {each.id: name(each) for each in lines}
