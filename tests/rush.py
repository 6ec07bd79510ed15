"""Processes that do the waitlist's work all at once, and that can be killed on the way.

Each is told what to do by name (WORK), says "ready", waits for the word to go, and tells what came of it.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from functools import partial
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from directory.domain.access import Actor, Grant, Role
from directory.domain.errors import FootbridgeError
from directory.domain.waitlist.states import CLOSE_REASONS
from directory.services.bridge import seats
from directory.services.waitlist import entries, offers, slots
from directory.services.waitlist.merging import clients_merge
from directory.services.waitlist.ranking import line_rank
from directory.settings import Settings
from directory.storage import db
from directory.storage.encoding import to_column
from directory.storage.waitlist.checks import broken
from tests.factories import settings_for
from tests.services.bridge import grouped
from tests.services.waitlist import world
from tests.services.waitlist.world import NOW, TODAY, World

PATIENCE = 120.0
_SPAWN = multiprocessing.get_context("forkserver")
_SPAWN.set_forkserver_preload(["tests.rush"])  # so that a process starts in a hundredth of a second


async def offer_all(url: str, made: World, number: int, pairs: Sequence[tuple[int, int]]) -> Counter[str]:
    """Offers openings to people, out of order where need be; what came of each."""
    found: Counter[str] = Counter()
    pairs = list(pairs)
    random.Random(number).shuffle(pairs)
    for slot, entry in pairs:
        found[await _tried(_offer(url, made, slot, entry, NOW))] += 1
    return found


def _offer(url: str, made: World, slot: int, entry: int, now: datetime) -> Awaitable[int]:
    return offers.offer_make(
        slot=slot,
        entry=entry,
        by=made.peer,
        now=now,
        reason="asked-for",
        second=made.coordinator,
        settings=settings_for(url),
    )


async def accept_all(url: str, made: World, number: int, ids: Sequence[int], now: datetime) -> Counter[str]:
    """Says yes to offers at this moment."""
    settings = settings_for(url)
    found: Counter[str] = Counter()
    for id in ids:
        found[await _tried(offers.offer_accept(offer=id, by=made.peer, now=now, settings=settings))] += 1
    return found


async def sweep(url: str, made: World, number: int, now: datetime) -> Counter[str]:
    """Ends offers whose time is over until there are none."""
    found: Counter[str] = Counter()
    while ended := await offers.offers_expire(now=now, settings=settings_for(url)):
        found["done"] += ended
    return found


async def _tried(work: Awaitable[Any]) -> str:
    try:
        await work
    except FootbridgeError as refused:
        return refused.code
    return "done"


async def anything(url: str, made: World, number: int, people: Sequence[int], openings: Sequence[int]) -> Counter[str]:
    """Random steps without an end: for whoever is to be killed in the middle of one. `people` are entries."""
    rng, settings, now = random.Random(number), settings_for(url), NOW
    while True:
        now += timedelta(minutes=rng.randrange(60))
        rows = await db.rows("SELECT id FROM offer WHERE status IN ('pending', 'accepted')")
        live = [row["id"] for row in rows] or [0]
        on = (rng.choice(people), rng.choice(openings), rng.choice(live), rng.choice(REASONS))
        await _tried(_steps(made, *on, now, settings)[rng.choice(STEPS)]())


def _steps(
    made: World, entry: int, slot: int, offer: int, reason: str, now: datetime, settings: Settings
) -> Mapping[str, Callable[[], Awaitable[Any]]]:
    """What can be done with this entry, this opening and this offer, by its name."""
    on_offer = {"offer": offer, "now": now, "settings": settings}
    on_entry = {"entry": entry, "by": made.peer, "now": now}
    return {
        "offer": partial(_offer, settings.database_url, made, slot, entry, now),
        "accept": partial(offers.offer_accept, by=made.peer, **on_offer),
        "decline": partial(offers.offer_decline, by=made.peer, reason="too-far", **on_offer),
        "cancel": partial(offers.offer_cancel, by=made.peer, reason="ill", **on_offer),
        "no-show": partial(offers.offer_no_show, by=made.clerk, **on_offer),
        "hold": partial(entries.entry_hold, reason="hospital", review_on=TODAY, today=TODAY, **on_entry),
        "resume": partial(entries.entry_resume, **on_entry),
        "close": partial(entries.entry_close, reason=reason, settings=settings, **on_entry),
        "reinstate": partial(entries.entry_reinstate, silence=None, reason="came-back", **on_entry),
        "sweep": partial(offers.offers_expire, now=now, settings=settings),
    }


REASONS = sorted(set(CLOSE_REASONS) - {"cannot-locate", "merged"})
"""For which anybody may close a place at once."""
STEPS = (
    "offer",
    "offer",
    "accept",
    "accept",
    "decline",
    "cancel",
    "no-show",
    "hold",
    "resume",
    "close",
    "reinstate",
    "sweep",
)
"""As often as each is tried: most people are to be offered something and to say yes."""


async def merge_all(url: str, made: World, number: int, pairs: Sequence[tuple[int, int]]) -> Counter[str]:
    """Makes one of two, pair after pair, as a coordinator of their own; every other process keeps the other one. `pairs` are clients."""
    found: Counter[str] = Counter()
    by, settings = Actor(1000 + number, made.coordinator.grants), settings_for(url)
    for pair, both in enumerate(pairs, 1):
        rows = await db.rows(f"SELECT id, version FROM client WHERE id IN ({both[0]}, {both[1]})")
        seen = {row["id"]: row["version"] for row in rows}
        merge = clients_merge(pair=pair, keep=both[number % 2], versions=seen, by=by, now=NOW, settings=settings)
        found[await _tried(merge)] += 1
    return found


async def cycle(url: str, made: Any, number: int, agencies: int, processes: int, seconds: float) -> Counter[str]:
    """Offers openings in the order of each line and says yes to them, for so long. Lines of one agency fall to several processes."""
    found: Counter[str] = Counter()
    settings, until = settings_for(url), time.monotonic() + seconds
    for line in made.lines[number::processes]:
        by = Actor(made.peer, (Grant(Role.PEER, (line - 1) % agencies + 1),))
        openings = made.openings_of(line)
        order = (await line_rank(pool=line, slot=openings[0], by=by, now=made.now)).order
        for slot, each in zip(openings, [each for each in order if each.may_be_offered], strict=False):
            offer = await offers.offer_make(
                slot=slot, entry=each.candidate.entry, by=by, now=made.now, settings=settings
            )
            await offers.offer_accept(offer=offer, by=by, now=made.now, settings=settings)
            found["done"] += 1
            if time.monotonic() > until:
                return found
    raise AssertionError("there are too few openings for so much time")


async def sit(url: str, made: World, number: int, meetings: Sequence[int], upis: Sequence[str]) -> Counter[str]:
    """Has people take seats and give some of them up again, each in an order of its own."""
    found: Counter[str] = Counter()
    rng = random.Random(number)
    for meeting in meetings:
        for upi in rng.sample(upis, len(upis)):
            form = f"{number:04}{meeting:08}{upi:>31}"
            given = {"upi": upi, "meeting": meeting, "by": made.peer, "now": NOW, "settings": settings_for(url)}
            found[str(await seats.seat_take(form=form, **given))] += 1
            if rng.random() < 0.2:
                found["left"] += await seats.seat_leave(form=f"{number + 5000:04}{form[4:]}", **given)
    return found


WORK: Mapping[str, Callable[..., Awaitable[Counter[str]]]] = {
    "offer": offer_all,
    "accept": accept_all,
    "sweep": sweep,
    "anything": anything,
    "merge": merge_all,
    "cycle": cycle,
    "sit": sit,
}


# --- processes -------------------------------------------------------------------------------------------------------


def _run(url: str, work: str, arguments: Sequence[Any], pipe: Connection) -> None:
    async def run() -> None:
        async with db.connect(url):
            pipe.send("ready")
            await asyncio.to_thread(pipe.recv)
            pipe.send("gone")
            pipe.send(await WORK[work](url, *arguments))

    asyncio.run(run())


@contextmanager
def working(url: str, work: str, *arguments: Any) -> Iterator[tuple[BaseProcess, Connection]]:
    """A process that is ready to do this and waits for the word."""
    ours, theirs = _SPAWN.Pipe()
    process = _SPAWN.Process(target=_run, args=(url, work, arguments, theirs))
    process.start()
    theirs.close()
    try:
        assert _heard(ours) == "ready"
        yield process, ours
    finally:
        process.kill()
        process.join()
        process.close()
        ours.close()


def _heard(pipe: Connection) -> Any:
    if not pipe.poll(PATIENCE):
        raise TimeoutError("nothing is told")
    return pipe.recv()


def all_at_once(url: str, jobs: Sequence[tuple[Any, ...]]) -> list[Counter[str]]:
    """What came of these jobs, each the name of a work with its arguments, that began in the same instant in processes of their own."""
    with ExitStack() as stack:
        pipes = [stack.enter_context(working(url, *job))[1] for job in jobs]
        for pipe in pipes:
            pipe.send("go")
        for pipe in pipes:
            assert _heard(pipe) == "gone"
        return [_heard(pipe) for pipe in pipes]


# --- the world they work in ------------------------------------------------------------------------------------------


async def people_and_openings(people: int, openings: int) -> tuple[World, list[int], list[int]]:
    """A world with so many people in line and so many openings; the ids of the entries and of the openings."""
    made = await world.made()
    places = []
    for _ in range(people):
        client = await world.client(made)
        places.append(await entries.entry_join(client=client, pool=made.pool, tie=client, by=made.peer, now=NOW))
    opened = [await slots.slot_open(level=made.level, restrictions=(), by=made.clerk, now=NOW) for _ in range(openings)]
    return made, places, opened


async def people_and_group(people: int, seats_in_all: int) -> tuple[World, list[int], list[str]]:
    """A world with so many people and a group with so many seats each time; the ids of its meetings and the numbers of the people."""
    made = await world.made()
    group = await grouped.added(made, grouped.varied(capacity=seats_in_all))
    upis = [(await grouped.somebody(made))[1] for _ in range(people)]
    return made, [each.id for each in await grouped.meetings(group)], upis


async def people_twice(pairs: int) -> tuple[World, list[tuple[int, int]]]:
    """A world in which so many people are here twice, each time in the line, and somebody has seen it; the clients of each pair."""
    made = await world.made()
    found = []
    for _ in range(pairs):
        both = (await world.client(made), await world.client(made))
        for client in both:
            await entries.entry_join(client=client, pool=made.pool, tie=client, by=made.peer, now=NOW)
        found.append(both)
    async with db.staging():
        columns = ("id", "one_id", "other_id", "reasons", "status", "found_at")
        rows = [(number, *both, "[]", "open", to_column(NOW)) for number, both in enumerate(found, 1)]
        await db.insert_many("client_pair", columns, rows)
    return made, found


async def counted(table: str) -> Counter[str]:
    """How many rows of a table are in which state."""
    rows = await db.rows(f"SELECT status, COUNT(*) AS n FROM {table} GROUP BY status")
    return Counter({row["status"]: row["n"] for row in rows})


async def wrong() -> dict[str, list[int]]:
    """What does not hold."""
    return await broken()
