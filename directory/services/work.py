"""Due work: a list of jobs, each of which any number of processes may try at once, and the loop that goes round them.

On SQLite the loop runs inside the server (app.py), on PostgreSQL it is a process of its own: `footbridge tick`.
"""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from directory.services.audit import anchor_queue
from directory.services.bridge.handoff_rounds import handoffs_tidy
from directory.services.bridge.handouts import handouts_forget
from directory.services.bridge.meetings import groups_plan, groups_remind
from directory.services.bridge.rhythms import check_ins_missed, rhythms_keep
from directory.services.bridge.trainings import trainings_remind
from directory.services.clock import Clock
from directory.services.confirming import uploads_expire
from directory.services.duplicate_search import duplicates_find
from directory.services.duplicates import duplicates_left_alone
from directory.services.feeds import Order, feed_import, feeds_due
from directory.services.geocode_queue import geocode_run, geocodes_due
from directory.services.notices import notices_forget, notices_send
from directory.services.opening_links import reminders_queue
from directory.services.opening_watches import watches_tell
from directory.services.recovery import run_recover
from directory.services.reports import addresses_forget
from directory.services.reviewing import runs_carry_out
from directory.services.trail import audit_check_daily
from directory.services.uses import uses_halve
from directory.services.waitlist.agency_letters import agency_letters_queue
from directory.services.waitlist.estimates import estimates_refresh
from directory.services.waitlist.intake import intake_tidy
from directory.services.waitlist.line_imports import imports_continue
from directory.services.waitlist.merging import merged_tidy
from directory.services.waitlist.messages import asks_queue
from directory.services.waitlist.offers import offers_expire
from directory.services.waitlist.retention import codes_expire, retention_run
from directory.services.waitlist.tiers import tiers_daily
from directory.settings import Settings
from directory.storage import locks, records

log = logging.getLogger("footbridge.worker")

_PACKAGE = f"{Path(__file__).parents[1]}/"

PAUSE_SECONDS = 5.0
"""Between two rounds: so long, at the most, a message waits that could go."""
SCHEDULE = "schedule"
"""In whose name a feed is read, and addresses are looked up, in the audit trail."""
GEOCODED = 10
"""Addresses that are looked up in one round."""
GRACE_SECONDS = 5.0
"""How long a server that stops waits for the job that is under way."""


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do `every` so often; never less than a round apart. `run` says how many things it did, and may be run twice at once.

    One that `is_long` may take minutes: it holds up none that is not, and only one process at a time is at it.
    """

    name: str
    every: timedelta
    run: Callable[[Clock, Settings], Awaitable[int]]
    is_long: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one job: how many things it did, or what kind of error ended it and where in our code."""

    name: str
    done: int = 0
    error: str | None = None


async def _send(clock: Clock, settings: Settings) -> int:
    return (await notices_send(clock=clock, settings=settings)).sent


async def _chain_accesses(clock: Clock, settings: Settings) -> int:
    total = 0
    while number := await records.access_chain():
        total += number
    return total


async def _anchor(clock: Clock, settings: Settings) -> int:
    return await anchor_queue(now=clock(), settings=settings)


async def _check_audit(clock: Clock, settings: Settings) -> int:
    return await audit_check_daily(settings=settings, now=clock())


async def _forget(clock: Clock, settings: Settings) -> int:
    return await notices_forget(now=clock())


async def _recover(clock: Clock, settings: Settings) -> int:
    return len(await run_recover(clock=clock, settings=settings))


async def _read_feeds(clock: Clock, settings: Settings) -> int:
    """What goes wrong with a feed stands with the feed, which is tried again later."""
    orders = [Order.of(feed, by=SCHEDULE, clock=clock, settings=settings) for feed in await feeds_due(now=clock())]
    reports = [await feed_import(order=order) for order in orders]
    return sum(not report.error for report in reports)


async def _ask_openings(clock: Clock, settings: Settings) -> int:
    return await reminders_queue(now=clock(), settings=settings)


async def _tell_openings(clock: Clock, settings: Settings) -> int:
    return await watches_tell(now=clock(), settings=settings)


async def _tell_agencies(clock: Clock, settings: Settings) -> int:
    return await agency_letters_queue(now=clock(), settings=settings)


async def _remind_trainings(clock: Clock, settings: Settings) -> int:
    return await trainings_remind(now=clock(), settings=settings)


async def _halve_uses(clock: Clock, settings: Settings) -> int:
    return await uses_halve(clock=clock)


async def _forget_addresses(clock: Clock, settings: Settings) -> int:
    return await addresses_forget(now=clock())


async def _find_duplicates(clock: Clock, settings: Settings) -> int:
    return await duplicates_left_alone(clock=clock, settings=settings) + await duplicates_find(clock=clock)


async def _carry_out(clock: Clock, settings: Settings) -> int:
    return await runs_carry_out(clock=clock, settings=settings)


async def _expire_uploads(clock: Clock, settings: Settings) -> int:
    return await uploads_expire(now=clock())


async def _geocode(clock: Clock, settings: Settings) -> int:
    """Few at a time: whoever has many waiting runs `footbridge geocode`, and no public service is asked in bulk."""
    if not await geocodes_due(now=clock()):
        return 0
    return (await geocode_run(limit=GEOCODED, by=SCHEDULE, clock=clock, settings=settings)).done


async def _put_in_lists(clock: Clock, settings: Settings) -> int:
    return await imports_continue(now=clock(), settings=settings)


async def _give_calls_back(clock: Clock, settings: Settings) -> int:
    return await intake_tidy(now=clock())


async def _estimate(clock: Clock, settings: Settings) -> int:
    return await estimates_refresh(clock=clock)


async def _ask_still_waiting(clock: Clock, settings: Settings) -> int:
    return await asks_queue(now=clock(), settings=settings)


async def _keep_rhythms(clock: Clock, settings: Settings) -> int:
    return await rhythms_keep(now=clock())


async def _miss_check_ins(clock: Clock, settings: Settings) -> int:
    return await check_ins_missed(now=clock())


async def _clear_old(clock: Clock, settings: Settings) -> int:
    return sum((await retention_run(by=SCHEDULE, now=clock())).values())


async def _expire_cards(clock: Clock, settings: Settings) -> int:
    return await codes_expire()


async def _settle_tiers(clock: Clock, settings: Settings) -> int:
    return await tiers_daily(clock=clock, settings=settings)


async def _tidy_merged(clock: Clock, settings: Settings) -> int:
    return await merged_tidy(now=clock(), settings=settings)


async def _tidy_handoffs(clock: Clock, settings: Settings) -> int:
    return await handoffs_tidy(now=clock())


async def _plan_groups(clock: Clock, settings: Settings) -> int:
    return await groups_plan(now=clock(), settings=settings)


async def _remind_of_groups(clock: Clock, settings: Settings) -> int:
    return await groups_remind(now=clock(), settings=settings)


async def _end_offers(clock: Clock, settings: Settings) -> int:
    return await offers_expire(now=clock(), settings=settings)


async def _forget_handouts(clock: Clock, settings: Settings) -> int:
    return await handouts_forget(now=clock())


JOBS = (
    Job("recover-imports", timedelta(minutes=5), _recover, is_long=True),
    Job("carry-out-runs", timedelta(minutes=1), _carry_out, is_long=True),
    Job("read-feeds", timedelta(minutes=1), _read_feeds, is_long=True),
    Job("geocode", timedelta(minutes=2), _geocode, is_long=True),
    Job("expire-uploads", timedelta(hours=1), _expire_uploads),
    Job("chain-access-log", timedelta(minutes=1), _chain_accesses),
    Job("check-audit", timedelta(days=1), _check_audit, is_long=True),
    Job("daily-anchor", timedelta(hours=1), _anchor),
    Job("ask-for-openings", timedelta(minutes=10), _ask_openings),
    Job("tell-of-openings", timedelta(minutes=5), _tell_openings),
    Job("end-offers", timedelta(minutes=1), _end_offers),
    Job("tell-agencies", timedelta(minutes=1), _tell_agencies),
    Job("put-in-lists", timedelta(minutes=1), _put_in_lists, is_long=True),
    Job("give-calls-back", timedelta(hours=1), _give_calls_back),
    Job("estimate-waits", timedelta(minutes=15), _estimate, is_long=True),
    Job("find-duplicates", timedelta(days=1), _find_duplicates, is_long=True),
    Job("halve-uses", timedelta(days=1), _halve_uses),
    Job("forget-report-addresses", timedelta(days=1), _forget_addresses),
    Job("keep-rhythms", timedelta(minutes=1), _keep_rhythms),
    Job("miss-check-ins", timedelta(minutes=10), _miss_check_ins),
    Job("plan-groups", timedelta(hours=1), _plan_groups),
    Job("remind-of-groups", timedelta(minutes=30), _remind_of_groups),
    Job("ask-still-waiting", timedelta(hours=1), _ask_still_waiting),
    Job("expire-cards", timedelta(days=1), _expire_cards),
    Job("settle-tiers", timedelta(days=1), _settle_tiers, is_long=True),
    Job("tidy-merged", timedelta(hours=1), _tidy_merged),
    Job("tidy-hand-offs", timedelta(hours=1), _tidy_handoffs),
    Job("clear-old-records", timedelta(days=1), _clear_old, is_long=True),
    Job("remind-trainings", timedelta(hours=6), _remind_trainings),
    Job("forget-hand-outs", timedelta(days=1), _forget_handouts),
    Job("forget-messages", timedelta(days=1), _forget),
    Job("send-messages", timedelta(0), _send),
)
"""All there are, in the order of a round: sending comes last, so that what the others queue goes out at once."""


async def work_once(*, clock: Clock, settings: Settings, jobs: Sequence[Job] = JOBS) -> list[Outcome]:
    """Does what is due, one job after the other. A job that goes wrong is noted, and ends neither the others nor the caller."""
    turns = await records.turns()
    outcomes = []
    for job in jobs:
        if job.every and not await _is_due(job, turns.get(job.name, ""), clock):
            continue
        try:
            outcomes.append(Outcome(job.name, await _done(job, clock, settings)))
        except Exception as error:
            outcomes.append(Outcome(job.name, error=where(error)))
            log.error("job %s went wrong: %s", job.name, outcomes[-1].error)
    return outcomes


async def _done(job: Job, clock: Clock, settings: Settings) -> int:
    if not job.is_long:
        return await job.run(clock, settings)
    try:
        async with locks.only_one(f"job {job.name}"):
            return await job.run(clock, settings)
    except locks.Held:  # the process that began it an hour ago is still at it
        return 0


async def _is_due(job: Job, next_turn: str, clock: Clock) -> bool:
    now = clock()
    if records.turn(now) < next_turn <= records.turn(now + job.every):  # looked at first, since trying is a write
        return False
    return await records.turn_take(job.name, now=now, every=job.every)


def where(error: BaseException) -> str:
    """The kind of an error and the line of our code that it came through last: its own words may hold somebody's name or address."""
    ours = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(_PACKAGE)]
    place = f" at {ours[-1].filename.removeprefix(_PACKAGE)}:{ours[-1].lineno}" if ours else ""
    return f"{type(error).__name__}{place}"


async def work(
    *,
    clock: Clock,
    settings: Settings,
    stop: asyncio.Event,
    jobs: Sequence[Job] = JOBS,
    pause: float = PAUSE_SECONDS,
    told: Callable[[list[Outcome]], None] = lambda _: None,
) -> None:
    """Goes round the jobs until `stop` is set, the long ones beside the others. `told` hears what each round did."""

    async def rounds(lane: Sequence[Job]) -> None:
        while not stop.is_set():
            try:
                told(await work_once(clock=clock, settings=settings, jobs=lane))
            except Exception as error:  # the database is away for a while
                log.error("a round of work went wrong: %s", where(error))
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause)

    lanes = ([job for job in jobs if job.is_long is is_long] for is_long in (False, True))
    await asyncio.gather(*(rounds(lane) for lane in lanes if lane))


@asynccontextmanager
async def work_beside(*, clock: Clock, settings: Settings, jobs: Sequence[Job] = JOBS) -> AsyncIterator[None]:
    """Does the work in a task of this process while the block lasts, if the settings want it here."""
    if not (settings.is_sqlite and settings.worker):
        yield
        return
    stop = asyncio.Event()
    task = asyncio.create_task(work(clock=clock, settings=settings, stop=stop, jobs=jobs))
    try:
        yield
    finally:
        stop.set()
        with suppress(TimeoutError):
            await asyncio.wait_for(task, GRACE_SECONDS)
