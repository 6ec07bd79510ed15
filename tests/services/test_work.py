from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from directory.services.clock import Clock
from directory.services.feeds import Order, feed_import
from directory.services.work import JOBS, Job, Outcome, work, work_beside, work_once
from directory.settings import Settings
from directory.storage import db, records
from tests.factories import NOW, one_value, settings_for, world_made
from tests.feed_host import Answer, serving

HOUR = timedelta(hours=1)


def already() -> asyncio.Event:
    """What nobody has to wait for."""
    event = asyncio.Event()
    event.set()
    return event


@dataclass
class Counted:
    """A job that counts how often it was done. It takes so many `seconds`, and does not end before `until`."""

    name: str = "count"
    every: timedelta = HOUR
    seconds: float = 0.0
    until: asyncio.Event = field(default_factory=already)
    error: Exception | None = None
    is_long: bool = False
    times: int = 0
    ended: int = 0
    done: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, clock: Clock, settings: Settings) -> int:
        self.times += 1
        self.done.set()
        await asyncio.sleep(self.seconds)
        await self.until.wait()
        self.ended += 1
        if self.error:
            raise self.error
        return 3

    @property
    def job(self) -> Job:
        return Job(self.name, self.every, self, self.is_long)


async def once(jobs: Sequence[Counted], now: datetime = NOW) -> list[Outcome]:
    settings = settings_for("sqlite://:memory:")
    return await work_once(clock=lambda: now, settings=settings, jobs=[counted.job for counted in jobs])


def going(counted: Counted, stop: asyncio.Event, **given: Any) -> asyncio.Task[None]:
    running = partial(work, clock=lambda: NOW, settings=settings_for("sqlite://:memory:"), stop=stop, pause=0.01)
    return asyncio.create_task(running(jobs=[counted.job], **given))


async def test_a_job_is_done_when_it_is_due_and_not_before(database: str) -> None:
    counted = Counted()
    rounds = [await once([counted], NOW + after) for after in (0 * HOUR, 0.5 * HOUR, HOUR)]
    assert rounds == [[Outcome("count", 3)], [], [Outcome("count", 3)]]


async def test_a_job_without_a_pause_is_done_at_every_round(database: str) -> None:
    counted = Counted(every=timedelta(0))
    await once([counted])
    await once([counted])
    assert counted.times == 2


async def test_a_round_in_which_nothing_is_due_writes_nothing(database: str) -> None:
    counted = Counted()
    await once([counted])
    before = await one_value("SELECT SUM(number) FROM state")
    assert await once([counted]) == []
    assert await one_value("SELECT SUM(number) FROM state") == before


async def test_a_job_that_goes_wrong_ends_no_other_and_its_words_reach_no_log(
    database: str, caplog: pytest.LogCaptureFixture
) -> None:
    broken, whole = Counted("broken", error=ValueError("wren@example.org")), Counted("whole")
    outcomes = await once([broken, whole])
    assert [(each.name, each.done, (each.error or "").split(" ")[0]) for each in outcomes] == [
        ("broken", 0, "ValueError"),
        ("whole", 3, ""),
    ]
    assert "job broken went wrong: ValueError" in caplog.text
    assert "wren" not in caplog.text


@pytest.mark.parametrize("engine", ["postgres"])
async def test_of_several_workers_one_does_a_due_job(database: str) -> None:
    counted = [Counted(seconds=0.01) for _ in range(6)]
    await asyncio.gather(*(once([each]) for each in counted))
    assert sum(each.times for each in counted) == 1


async def test_a_long_job_that_is_under_way_is_not_begun_a_second_time(database: str) -> None:
    first, second = Counted(until=asyncio.Event(), is_long=True), Counted(is_long=True)
    running = asyncio.create_task(once([first]))
    await first.done.wait()
    assert await once([second], NOW + HOUR) == [Outcome("count", 0)]
    first.until.set()
    assert await running == [Outcome("count", 3)]
    assert await once([second], NOW + 2 * HOUR) == [Outcome("count", 3)]


async def test_a_feed_is_read_when_it_is_due_and_one_that_cannot_be_read_holds_up_no_other(database: str) -> None:
    await world_made()
    settings = settings_for(database, feeds_loopback=True)
    made: dict[str, Any] = {"format": "meeting-guide", "by": "robin", "clock": lambda: NOW, "settings": settings}
    (job,) = (job for job in JOBS if job.name == "read-feeds")
    with serving() as host:
        host.gives(b"[]")
        for source in ("heron", "lamp"):
            await feed_import(order=Order(address=host.url(f"/{source}"), source=source, every_hours=24, **made))
        day = timedelta(hours=24)
        asked = len(host.asked)
        assert await work_once(clock=lambda: NOW + day - HOUR, settings=settings, jobs=[job]) == [Outcome(job.name, 0)]
        assert len(host.asked) == asked
        host.answer = lambda path, _headers: Answer(status=404) if path == "/heron" else Answer(b"[]")
        assert await work_once(clock=lambda: NOW + day, settings=settings, jobs=[job]) == [Outcome(job.name, 1)]
    assert [path for path, _ in host.asked[asked:]] == ["/heron", "/lamp"]


async def test_every_job_there_is_can_be_done_at_any_time_and_twice_at_once(database: str) -> None:
    async with db.staging():
        await records.audit(at=NOW, by="wren", action="edit", subject="listing lamp", details={})
    await records.access_log(at=NOW, by="wren", action="view", subject="client 7", details={})
    settings = settings_for(database, audit_anchor_to="oversight@example.org")
    found = [await work_once(clock=lambda: NOW, settings=settings) for _ in range(2)]
    assert [each.name for each in found[0]] == [job.name for job in JOBS]
    assert [each.error for each in found[0] + found[1] if each.error] == []
    assert [each.name for each in found[1]] == ["send-messages"]
    for job in JOBS:
        assert await asyncio.gather(*(job.run(lambda: NOW, settings) for _ in range(2))) == [0, 0]
    assert await records.loose() == (0, 0)
    assert await one_value("SELECT COUNT(*) FROM outbox") == 1


# --- the loop --------------------------------------------------------------------------------------------------------


async def test_the_loop_goes_round_until_it_is_stopped_and_tells_of_each_round(database: str) -> None:
    counted, stop, told = Counted(every=timedelta(0)), asyncio.Event(), []

    def tell(outcomes: list[Outcome]) -> None:
        told.append(outcomes)
        if len(told) == 3:
            stop.set()

    async with asyncio.timeout(10):
        await going(counted, stop, told=tell)
    assert told == [[Outcome("count", 3)]] * 3


async def test_a_long_job_holds_up_no_other(database: str) -> None:
    long, short, stop = Counted("long", seconds=60, is_long=True), Counted("short", every=timedelta(0)), asyncio.Event()
    settings = settings_for("sqlite://:memory:")
    jobs = [long.job, short.job]
    task = asyncio.create_task(work(clock=lambda: NOW, settings=settings, stop=stop, jobs=jobs, pause=0.01))
    async with asyncio.timeout(10):
        await long.done.wait()
        for _ in range(3):
            short.done.clear()
            await short.done.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (long.times, long.ended) == (1, 0)


class Noted(logging.Handler):
    """Keeps what the worker says, and says that it did."""

    def __init__(self) -> None:
        super().__init__()
        self.heard = asyncio.Event()

    def emit(self, record: logging.LogRecord) -> None:
        self.text = record.getMessage()
        self.heard.set()


async def test_the_loop_outlives_a_database_that_is_away(database: str) -> None:
    counted, stop, noted = Counted(), asyncio.Event(), Noted()
    logging.getLogger("footbridge.worker").addHandler(noted)
    await db.execute("ALTER TABLE state RENAME TO away")
    task = going(counted, stop)
    async with asyncio.timeout(10):
        await noted.heard.wait()
        await db.execute("ALTER TABLE away RENAME TO state")
        await counted.done.wait()
        stop.set()
        await task
    logging.getLogger("footbridge.worker").removeHandler(noted)
    assert noted.text.startswith("a round of work went wrong: OperationalError")
    assert counted.times == 1


async def test_a_server_that_stops_lets_the_job_under_way_end(database: str) -> None:
    counted, before = Counted(seconds=0.05), asyncio.all_tasks()
    settings = settings_for("sqlite://:memory:")
    async with work_beside(clock=lambda: NOW, settings=settings, jobs=[counted.job]):
        await counted.done.wait()
    assert (counted.ended, asyncio.all_tasks()) == (1, before)


async def test_a_server_that_stops_waits_only_so_long_for_a_job(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("directory.services.work.GRACE_SECONDS", 0.05)
    counted, before = Counted(seconds=60), asyncio.all_tasks()
    async with (
        asyncio.timeout(10),
        work_beside(clock=lambda: NOW, settings=settings_for("sqlite://:memory:"), jobs=[counted.job]),
    ):
        await counted.done.wait()
    assert (counted.ended, asyncio.all_tasks()) == (0, before)


@pytest.mark.parametrize(
    ("url", "worker"), [("sqlite://:memory:", False), ("postgres://robin@db.example.org/footbridge", True)]
)
@pytest.mark.parametrize("engine", ["sqlite"])
async def test_a_server_does_no_work_itself_where_it_shall_not(database: str, url: str, worker: bool) -> None:
    counted = Counted()
    async with work_beside(clock=lambda: NOW, settings=settings_for(url, worker=worker), jobs=[counted.job]):
        await asyncio.sleep(0.02)
    assert counted.times == 0
