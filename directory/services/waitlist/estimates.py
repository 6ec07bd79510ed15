"""The daily work on the lines: the tables of the estimate, where each entry stands, what people are told, and whether it came true.

What clients see changes once a day at a fixed hour of the line's zone, and at no other time (WAITLIST 2.2, 2.3).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from directory.domain.estimate import Range, shown
from directory.domain.waitlist.calibration import Outcome, score
from directory.domain.waitlist.clocks import Tier
from directory.domain.waitlist.history import BACK, DAY, Step, ended, history_of
from directory.domain.waitlist.standings import InLine, Stand, day_of, most_ahead, stands
from directory.domain.waitlist.states import Entry
from directory.domain.waitlist.tables import History, Table, fingerprint, table_of, tables
from directory.services.clock import Clock
from directory.storage import db
from directory.storage.waitlist import estimates as storage
from directory.storage.waitlist import lines
from directory.storage.waitlist.estimates import PoolDay, Told

KEPT = timedelta(days=400)
"""How long it is kept what came of an estimate."""
ALWAYS = tuple(int(tier) for tier in Tier)
"""The tiers that have a table in each line, also where nobody stands in them today."""


@dataclass(frozen=True, slots=True)
class Findings:
    """All that a day of a line is worked out from, as it was at one moment."""

    pool: PoolDay
    history: History
    steps: Sequence[Step]
    line: Sequence[Stand]
    now: datetime

    @property
    def most_ahead(self) -> dict[int, int]:
        """How far the table of each tier is to reach."""
        return most_ahead(self.line, ALWAYS)

    @property
    def scored_until(self) -> datetime:
        """Up to when what people were told has been scored: two days before the last day, wherever on earth that began."""
        last = self.pool.as_of
        return self.now - BACK if last is None else datetime.combine(last, time(), UTC) - timedelta(days=2)


async def estimates_refresh(*, clock: Clock, draws: int | None = None) -> int:
    """Works out all lines whose day has begun and that are not worked out yet, and says how many. Twice at once does no harm.

    Where one cannot be worked out the others are, and then what was wrong with it is raised.
    """
    now, done, errors = clock(), 0, []
    for pool in await storage.pools_open():
        try:
            done += await _refresh_due(pool, now, draws)
        except Exception as error:
            errors.append(error)
    if errors:
        raise errors[0]
    if done:
        async with db.staging():
            await storage.issued_forget((now - KEPT).date())
    return done


async def _refresh_due(pool: PoolDay, now: datetime, draws: int | None) -> bool:
    today = await _day(pool.timezone, now)
    if pool.as_of is not None and pool.as_of >= today:
        return False
    return await pool_refresh(pool=pool, today=today, now=now, draws=draws)


async def _day(zone: str, now: datetime) -> date:
    return day_of(now.astimezone(await asyncio.to_thread(ZoneInfo, zone)))


async def pool_refresh(*, pool: PoolDay, today: date, now: datetime, draws: int | None = None) -> bool:
    """Works out one line for a day: its tables where its history has changed, where everybody stands, and what came of what was told before.

    Whether it was this call that did: another process may have come first, and then nothing is written.
    """
    found = await _findings(pool, today, now)
    inputs = fingerprint(found.history, found.most_ahead)
    made, back = await storage.tables_of(pool.id)
    if is_new := inputs != pool.inputs:
        made, back = await _tables(found, f"{pool.id} {today.isoformat()}", draws), found.history.window
    told = [_told(each, made, back) for each in found.line]
    scores = await _scores(found)
    async with db.staging():
        if not await storage.day_take(
            pool.id, today, inputs=inputs, days_back=back, placements=found.history.placed, before=pool.as_of
        ):
            return False
        if is_new:
            await storage.tables_replace(pool.id, made, as_of=today, days_back=back)
        await _tell(told, today, now)
        await storage.standings_end(pool.id)
        await storage.issued_score(scores, today)
    return True


async def _tell(told: Sequence[Told], today: date, now: datetime) -> None:
    await storage.standings_put(told, today)
    await storage.issued_add(told, on=today, at=now)


async def _tables(found: Findings, seed: str, draws: int | None) -> dict[int, Table]:
    """In a thread: it takes a second for a long line, in which the server goes on answering."""
    more = {} if draws is None else {"draws": draws}
    return await asyncio.to_thread(lambda: tables(found.history, found.most_ahead, seed, **more))


async def _findings(pool: PoolDay, today: date, now: datetime) -> Findings:
    since = now - BACK
    async with db.snapshot():
        steps = await storage.steps(pool.id, since)
        requests, quiet = await storage.requests(pool.id, since), await storage.quiet(pool.id, since)
        begun = await storage.begun(pool.id) or now
        line = await _line(pool.id, today, now)
    history = history_of(steps, requests, quiet=quiet, begun=begun, now=now)
    return Findings(pool, history, steps, line, now)


async def _line(pool: int, today: date, now: datetime) -> list[Stand]:
    """Everybody in a line in their order. They can be offered something where a consent names one of the agencies whose openings go to the
    line; one that gets openings from nobody yet asks for none."""
    agencies = await storage.agencies(pool)
    views = [await lines.line_for(pool, agency=agency, today=today, now=now) for agency in agencies or [0]]
    told = {each.entry for view in views for each in view if each.is_told or not agencies}
    return stands(
        [
            InLine(
                each.entry,
                each.tier,
                (each.tier, each.requested_at, each.tie),
                can_be_offered=each.status == Entry.WAITING and not each.has_offer and each.entry in told,
                is_paused=each.status == Entry.ON_HOLD,
            )
            for each in views[0]
        ]
    )


def _told(stand: Stand, made: Mapping[int, Table], back: int) -> Told:
    """What somebody is told: nothing but that their place is kept while on hold, and no range where there is not enough history."""
    plain = Told(stand.entry, stand.tier, stand.ahead, stand.waiting)
    if stand.is_paused:
        return plain
    found = table_of(made, stand.tier).at(stand.ahead)
    if found is None:
        return replace(plain, few=True, history_days=back or None)
    said = shown(found, window=back)
    return replace(
        plain,
        low=said.low,
        high=said.high,
        over_a_year=said.over_a_year,
        few=said.few,
        history_days=back,
        range=found,
        shown=_digits(said),
    )


def _digits(said: Range) -> str:
    return f"{said.low}-{said.high}{'+' if said.over_a_year else ''}"


async def _scores(found: Findings) -> list[tuple[int, Outcome, float]]:
    """What came of what those were told who have been placed, or have left, since the line was last worked out."""
    gone = ended(found.steps, found.scored_until)
    scores = []
    for issued in await storage.issued_unscored(gone):
        step = gone[issued.entry]
        days = max((step.at - issued.at).total_seconds(), 0.0) / DAY
        is_placed = step.after == Entry.PLACED
        scores.append((issued.id, score(days, issued.q10, issued.q90) if is_placed else Outcome.CENSORED, days))
    return scores


async def standing_first(*, entry: int, now: datetime) -> None:
    """Gives an entry a standing at once, from the tables of today: one that has just joined or come back,
    been put on hold or taken up again, or has another tier or request than before.

    Nobody else's changes by it. Needs the transaction in which that happens.
    """
    pool = await storage.pool_of(entry)
    await standings_first(pool=pool, entries=(entry,), now=now)


async def standings_first(*, pool: int, entries: Iterable[int], now: datetime) -> None:
    """The same for several entries of one line, such as those of a spreadsheet. Needs their transaction."""
    wanted = set(entries)
    today = await _day(await storage.zone(pool), now)
    made, back = await storage.tables_of(pool)
    await _tell([_told(each, made, back) for each in await _line(pool, today, now) if each.entry in wanted], today, now)
