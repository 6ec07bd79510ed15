"""Choosing the lines in which somebody wants to stand: several at once, and asking that an older request counts."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time

from directory.domain.access import Actor
from directory.domain.errors import Problem
from directory.domain.people import UnfitFields
from directory.domain.schedule import aware
from directory.domain.waitlist.clocks import may_date_back
from directory.services.clock import local_day
from directory.services.waitlist.clients import allowed_client
from directory.services.waitlist.entries import WHY_BACK, InLine, entry_backdate_ask, entry_join
from directory.settings import Settings
from directory.storage import db
from directory.storage.waitlist import entries
from directory.storage.waitlist import joining as storage
from directory.storage.waitlist.joining import OpenLine

__all__ = ["Earlier", "Joined", "OpenLine", "lines_join", "lines_open"]

TIE_BITS = 31
"""Chance that decides between two requests of the same moment: an integer column holds so much."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """That somebody asked before today: on which local day, why that is only written down now (a code of WHY_BACK), and a note."""

    on: date
    reason: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Joined:
    """What came of it: how many places are new, in which of the chosen lines they stood `already`, how many questions a second person has."""

    new: int
    already: tuple[OpenLine, ...]
    asked: int


async def lines_open(*, client: int, by: Actor, now: datetime) -> tuple[OpenLine, ...]:
    """The lines that a client can join, and where they stand already. Raises NotFound, Denied."""
    row = await allowed_client(client=client, by=by, now=now)
    return tuple(await storage.open_lines(row.agency, row.id))


async def lines_join(
    *, client: int, pools: Collection[int], earlier: Earlier | None, by: Actor, now: datetime, settings: Settings
) -> Joined:
    """Takes a place in each of these lines. Once more does no harm: who stands in a line already keeps that place as it is.

    With `earlier` a second person is asked to date the new requests back. Raises UnfitFields, NotFound, Denied.
    """
    lines = await lines_open(client=client, by=by, now=now)
    chosen = [line for line in lines if line.id in pools]
    if problems := await _problems(chosen, earlier, now):
        raise UnfitFields(problems)
    new, asked, already = 0, 0, [line for line in chosen if line.entry is not None]
    async with db.staging():
        for line in [line for line in chosen if line.entry is None]:
            try:
                asked += await _join(client, line, earlier, by, now, settings)
                new += 1
            except InLine:  # somebody else was quicker
                already.append(line)
    return Joined(new, tuple(already), asked)


async def _join(
    client: int, line: OpenLine, earlier: Earlier | None, by: Actor, now: datetime, settings: Settings
) -> bool:
    """Whether a second person was asked: not where the place has an older request already, as of somebody who came back."""
    entry = await entry_join(client=client, pool=line.id, tie=secrets.randbits(TIE_BITS), by=by, now=now)
    found = await entries.entry(entry)
    if earlier is None or found is None or found.requested_at <= (to := _moment(earlier.on, line)):
        return False
    await entry_backdate_ask(
        entry=entry, to=to, reason=earlier.reason, note=earlier.note, by=by, now=now, settings=settings
    )
    return True


async def _problems(chosen: list[OpenLine], earlier: Earlier | None, now: datetime) -> list[Problem]:
    if not chosen:
        return [Problem("pools", "choose", "")]
    if earlier is None:
        return []
    problems = [] if earlier.reason in WHY_BACK else [Problem("reason", "choose", earlier.reason)]
    for line in chosen:
        await local_day(line.timezone, now)  # reads the rules of the zone, if nobody has, and not in the loop
        if not may_date_back(requested_at=now, to=_moment(earlier.on, line), now=now):
            return [*problems, Problem("earlier", "not-a-day-before", earlier.on.isoformat())]
    return problems


def _moment(day: date, line: OpenLine) -> datetime:
    """Noon of a day on the clock of a line: nobody knows the hour any more."""
    return aware(datetime.combine(day, time(12)), line.timezone)
