"""Works off the addresses that wait for a geocoder: a few at a time, so that whoever stops it loses one step at the most.

Rows are taken, then asked about outside any transaction, then written in a short one. Any number of processes may do so at once.
"""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from directory.domain.addresses import LOCALITY, POSTCODE, questions
from directory.domain.geo import GeocodeStatus, Review
from directory.domain.geocodes import MOST_TRIES, Judged, next_try
from directory.domain.listings import Geocode, ListingDraft
from directory.gateways.zones import zone_at
from directory.services.clock import Clock
from directory.services.geocode_questions import Chain, opened
from directory.services.geocoding import Placer, bounds_of
from directory.settings import Settings
from directory.storage import geocode_review, geocode_runs, geocodes, locations, locks
from directory.storage.geocodes import Placed, Settled

STEP, LARGE_STEP = 10, 500
"""Addresses taken at a time: one after the other, or in a file for a service that takes many at once."""
PUBLIC_LIMIT = 100
"""Addresses in one run where the public server of OpenStreetMap is among those asked, unless a number is given: its rules forbid
"bulk geocoding". A hundred take two or three minutes at its one question a second."""

_SLOTS = ("geocode-1", "geocode-2", "geocode-3")
"""Locks of which each run holds one; more runs at once than these go on without."""
_START = "geocode-start"
_TURN_SECONDS = 0.02

_ERRORS = {
    "timeout": "no answer in time",
    "unreachable": "the service could not be reached",
    "busy": "the service asked us to wait",
    "garbled": "the answer could not be read",
    "misunderstood": "the service could not read the address",
    "error": "the service had trouble of its own",
}


@dataclass(slots=True)
class GeocodeReport:
    """What a run did. `outcomes` and `precisions` count addresses; `asked` and `remembered` count questions.

    `waiting` are addresses that nobody answered this time, `shared` points that turned out to be the middle of something larger,
    `left` those that are still due, and `stopped` says of each service that is out of this run why. `grades` are of all addresses
    of the directory as they stand after it.
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    precisions: Counter[str] = field(default_factory=Counter)
    providers: Counter[str] = field(default_factory=Counter)
    reviews: Counter[str] = field(default_factory=Counter)
    asked: int = 0
    remembered: int = 0
    waiting: int = 0
    shared: int = 0
    left: int = 0
    has_services: bool = True
    stopped: dict[str, str] = field(default_factory=dict)
    grades: dict[str, int] = field(default_factory=dict)

    @property
    def done(self) -> int:
        """How many addresses were dealt with."""
        return sum(self.outcomes.values()) + self.waiting

    def as_json(self) -> dict[str, Any]:
        """The report as plain values."""
        counts = {name: dict(getattr(self, name)) for name in ("outcomes", "precisions", "providers", "reviews")}
        numbers = {name: getattr(self, name) for name in ("done", "asked", "remembered", "waiting", "shared", "left")}
        return {**numbers, **counts, "grades": self.grades, "stopped": dict(self.stopped)}

    def count(self, settled: Settled) -> None:
        """Adds an address that was written."""
        geocode = settled.geocode
        if geocode.status == GeocodeStatus.PENDING:
            self.waiting += 1
            return
        self.outcomes[geocode.status.value] += 1
        self.precisions[geocode.precision.value if geocode.precision else "none"] += 1
        self.providers[geocode.provider] += 1
        if geocode.review:
            self.reviews[geocode.review.value] += 1


async def geocode_run(
    *,
    limit: int | None = None,
    retry: bool = False,
    by: str,
    clock: Clock,
    settings: Settings,
    progress: Callable[[int], None] = lambda _: None,
) -> GeocodeReport:
    """Deals with at most `limit` addresses of the queue, and writes one entry of the audit trail; see GeocodeReport.

    `retry` takes those too that were given up before. `progress` is told how many are done. Raises BadGeocoder where a service
    that is set cannot be made.
    """
    async with _slot(clock), opened(settings, clock, bounds_of(settings)) as chain:
        await _prepare(settings, clock, retry=retry, may_ask=bool(chain.services))
        run = _Run(chain, Placer(settings), clock, geocode_runs.Tally(uuid.uuid4().hex[:8], by))
        try:
            await run.work(limit_of(chain, limit), progress)
        finally:
            report = await run.close()
    return report


async def geocodes_due(*, now: datetime) -> int:
    """How many addresses are to be looked up by now."""
    return await geocodes.due(now)


@asynccontextmanager
async def _slot(clock: Clock) -> AsyncIterator[None]:
    """Takes a lock that ends with this process, for the block. Whoever is the only one gives back what the dead had taken."""
    async with AsyncExitStack() as held:
        async with _in_turn():
            is_alone, now = await _taken(held), clock()
            await geocode_runs.close_dead(now, is_alone=is_alone)
            if is_alone:
                await geocodes.release_orphans(now)
        yield


@asynccontextmanager
async def _in_turn() -> AsyncIterator[None]:
    """One run begins at a time: nobody takes an address while another gives back those of the dead. That is short, so it is waited for."""
    async with AsyncExitStack() as held:
        while True:
            try:
                await held.enter_async_context(locks.only_one(_START))
                break
            except locks.Held:
                await asyncio.sleep(_TURN_SECONDS)
        yield


async def _taken(held: AsyncExitStack) -> bool:
    """Takes the first lock that is free; tells whether all others are, so that nobody else is at work."""
    is_alone, has_slot = True, False
    for name in _SLOTS:
        if has_slot:
            is_alone = is_alone and await _is_free(name)
            continue
        try:
            await held.enter_async_context(locks.only_one(name))
            has_slot = True
        except locks.Held:
            is_alone = False
    return is_alone


async def _is_free(name: str) -> bool:
    try:
        async with locks.only_one(name):
            return True
    except locks.Held:
        return False


def limit_of(chain: Chain, limit: int | None) -> int | None:
    """How many addresses a run may ask about."""
    if limit is None and any(service.is_public_nominatim for service in chain.services):
        return PUBLIC_LIMIT
    return limit


async def _prepare(settings: Settings, clock: Clock, *, retry: bool, may_ask: bool) -> None:
    """Sees to addresses from before there was a queue, and to those that nobody could be asked about."""
    now = clock()
    placer = Placer(settings)
    while found := await geocodes.unjudged():
        await geocodes.judge([(each.id, await _judged(placer, each)) for each in found], now)
    if may_ask:
        await geocodes.requeue(now, failed=retry)


async def _judged(placer: Placer, each: Placed) -> Geocode:
    """What is to be done about an address from before that was noted; its point stays as it is."""
    point = each.geocode.point if each.geocode.provider == locations.SOURCE else None
    (fresh,) = await placer.place([(draft_of(each, point=point), "", None)])
    return fresh.geocode


def draft_of(each: Placed, **address: Any) -> ListingDraft:
    """As much of a listing as placing it needs."""
    made = replace(each.address, **address)
    return ListingDraft(key="", kind=each.kind, name=each.name, attendance=each.attendance, address=made)


class _Run:
    """One run: takes, asks, writes."""

    def __init__(self, chain: Chain, placer: Placer, clock: Clock, tally: geocode_runs.Tally) -> None:
        self.chain, self.placer, self.clock, self.tally = chain, placer, clock, tally
        self.report = GeocodeReport(has_services=bool(chain.services))
        self._held: set[int] = set()

    async def work(self, limit: int | None, progress: Callable[[int], None]) -> None:
        """Goes on until nothing is due, the limit is reached, or nobody is left to ask."""
        size = LARGE_STEP if self.chain.services and self.chain.services[0].takes_many else STEP
        while not (self.chain.services and self.chain.is_over):
            rest = size if limit is None else min(size, limit - self.report.done)
            rows = await geocodes.claim(self.clock(), rest) if rest > 0 else []
            if not rows:
                return
            self._held = {row.id for row in rows}
            if self.chain.services:
                await self.chain.ask_ahead([questions(row.address) for row in rows])
            for start in range(0, len(rows), STEP):
                await self._step(rows[start : start + STEP])
                progress(self.report.done)

    async def _step(self, rows: Sequence[Placed]) -> None:
        found = [settled for row in rows if (settled := await self._settled(row))]
        written = set(await geocodes.settle(found, self.clock(), self.tally))
        for settled in found:
            if settled.placed.id in written:
                self.report.count(settled)
        self._held -= {settled.placed.id for settled in found}

    async def close(self) -> GeocodeReport:
        """Lets go of what was taken and not asked about, looks for shared points, and writes the entry of the audit trail."""
        await geocodes.release(self._held, self.clock())
        report, chain = self.report, self.chain
        report.shared = await geocode_review.downgrade_shared()
        await self.tally.close(self.clock(), asked=chain.asked, shared=report.shared)
        report.asked, report.remembered, report.stopped = chain.asked, chain.remembered, dict(chain.stopped)
        report.left, report.grades = await geocodes.due(self.clock()), await geocode_review.grades()
        return report

    async def _settled(self, row: Placed) -> Settled | None:
        """What becomes of an address; None where it is left for another run."""
        asked = questions(row.address)
        if not asked or not self.chain.services:
            return self._as_it_is(row)
        found, trouble = await self.chain.find(asked)
        if trouble:
            return self._again(row, trouble) if trouble != "stopped" else None
        if found is None:
            return self._keep(row, Review.NOT_FOUND, asked[-1].attempt)
        if found.is_usable and found.answer.point:
            area = await self.placer.area(row.address)
            point, is_vouched = found.answer.point, found.is_vouched
            review = await self.placer.misplaced(point, row.address, area, is_vouched=is_vouched)
            found = replace(found, review=review or found.review)
        if found.is_usable:
            return self._move(row, found)
        said = f"{found.provider} answered {found.answer.label}" if found.answer.label else None
        return self._keep(row, found.review, found.question.attempt, said)

    def _as_it_is(self, row: Placed) -> Settled:
        """What the gazetteer says is all there is."""
        if row.geocode.point is None:
            return self._keep(row, Review.NO_PLACE, LOCALITY)
        attempt = None if questions(row.address) else POSTCODE if row.address.postal_code else LOCALITY
        geocode = replace(row.geocode, status=GeocodeStatus.OK, attempt=attempt)
        return Settled(row, geocode, row.timezone)

    def _keep(self, row: Placed, review: Review | None, attempt: str, said: str | None = None) -> Settled:
        """The place stays where the gazetteer puts it, and somebody should look; `said` is for them, and seen by nobody else."""
        status = GeocodeStatus.NEEDS_REVIEW
        geocode = replace(row.geocode, status=status, review=review, attempt=attempt, error=said, at=self.clock())
        return Settled(row, geocode, row.timezone)

    def _again(self, row: Placed, trouble: str) -> Settled:
        """To be asked later; or given up, for the time being."""
        tries, now = row.tries + 1, self.clock()
        error = _ERRORS.get(trouble, trouble)
        if tries >= MOST_TRIES:
            failed = replace(row.geocode, status=GeocodeStatus.FAILED, error=error, at=now)
            return Settled(row, failed, row.timezone, tries)
        waiting = replace(row.geocode, error=error)
        return Settled(row, waiting, row.timezone, tries, next_try(tries, now))

    def _move(self, row: Placed, found: Judged) -> Settled:
        answer = found.answer
        geocode = Geocode(
            provider=found.provider,
            precision=answer.precision,
            point=answer.point,
            query=found.question.text,
            label=answer.label,
            status=GeocodeStatus.NEEDS_REVIEW if found.review else GeocodeStatus.OK,
            review=found.review,
            hash=row.geocode.hash,
            attempt=found.question.attempt,
            kind=answer.kind,
            score=answer.score,
            at=self.clock(),
        )
        return Settled(row, geocode, zone_after(row, geocode))


def zone_after(row: Placed, geocode: Geocode) -> str:
    """The time zone of an address that moves: another one only where the old one was found by the point and not told by the source."""
    before, after = row.public_point, geocode.point
    was_found = before is None or zone_at(before.lat, before.lon) == row.timezone
    return (zone_at(after.lat, after.lon) if after and was_found else None) or row.timezone
