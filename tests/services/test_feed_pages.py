"""Feeds as people keep them, on both engines: what they set stands, and what needs somebody becomes a task that goes away by itself."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from directory.domain.access import Actor, Denied, Grant, Role
from directory.domain.errors import NotFound
from directory.domain.people import UnfitFields
from directory.gateways.feeds import Limits
from directory.services.confirming import upload_confirm
from directory.services.exchange import Report
from directory.services.feed_pages import (
    Given,
    feed_mark,
    feed_preview,
    feed_read_soon,
    feed_seen,
    feed_set,
    feed_stop,
    feeds_seen,
)
from directory.services.feeds import Order, feed_import, feeds_due
from directory.services.run_pages import run_page
from directory.services.tasks import tasks_list
from directory.storage import db, feeds
from tests.factories import NOW, one_value, settings_for, world_made
from tests.feed_host import Host, serving
from tests.files import CORA


def feed_of(number: int) -> bytes:
    """A Meeting Guide feed of so many meetings."""
    meeting = {
        "name": "Quiet Lamp Group", "day": 1, "time": "19:00", "latitude": 40.01, "longitude": -75.0,
        "formatted_address": "12 Heron Street, Saltmarsh, PA 19199, USA", "timezone": "America/New_York",
    }  # fmt: skip
    return json.dumps([meeting | {"slug": f"lamp-{n}"} for n in range(number)]).encode()


ADMINISTRATOR = Actor(4, (Grant(Role.ADMINISTRATOR),))


@pytest.fixture
def host() -> Iterator[Host]:
    with serving() as found:
        yield found


@pytest.fixture
async def site(database: str) -> str:
    await world_made()
    return database


async def public(_: str, __: int) -> Sequence[str]:
    return ["8.8.8.8"]


async def kept(url: str, address: str, *, is_new: bool = True, by: Actor = CORA, **given: Any) -> None:
    made = {"source": "lamp", "address": address, "format": "meeting-guide", "fellowship": "aa", "hours": "24"} | given
    settings = settings_for(url, feeds_loopback=True)
    known = await feeds.find("lamp")
    made = {"seen": feed_mark(known) if known and not is_new else ""} | made
    await feed_set(by=by, given=Given(**made), is_new=is_new, settings=settings, now=NOW, resolve=public)


async def read(url: str, *, days: int = 0, **more: Any) -> Report:
    """What the worker does when the feed is due."""
    (feed,) = await feeds_seen(by=CORA, now=NOW)
    settings, at = settings_for(url, feeds_loopback=True), NOW + timedelta(days=days)
    made = Order.of(feed, by="schedule", clock=lambda: at, settings=settings)
    given = {name: getattr(made, name) for name in made.__slots__} | {"limits": Limits(seconds=5)} | more
    return await feed_import(order=Order(**given))


async def tasks() -> list[tuple[str, dict[str, Any]]]:
    return [(task.kind, dict(task.words)) for task in (await tasks_list(by=CORA, now=NOW))[0]]


async def test_a_feed_that_is_added_is_read_by_the_worker_next(site: str, host: Host) -> None:
    host.gives(feed_of(2))
    await kept(site, host.url())
    assert [feed.source for feed in await feeds_due(now=NOW)] == ["lamp"]
    assert (await read(site)).added == 2
    feed = await feed_seen(by=CORA, source="lamp", now=NOW)
    assert (feed.next_at, feed.error) == (NOW + timedelta(hours=24), None)
    await feed_read_soon(by=ADMINISTRATOR, source="lamp", now=NOW)
    assert [each.source for each in await feeds_due(now=NOW)] == ["lamp"]
    await feed_stop(by=CORA, source="lamp", now=NOW)
    assert await feeds_due(now=NOW + timedelta(days=400)) == []
    said = "SELECT COUNT(*) FROM audit_entry WHERE action IN ('feed', 'feed-read', 'feed-stop') AND by LIKE 'person%'"
    assert await one_value(said) == 3


async def test_a_passing_trouble_becomes_a_task_at_the_third_time_and_goes_away_by_itself(
    site: str, host: Host
) -> None:
    host.gives(status=503)
    await kept(site, host.url())
    for _ in range(2):
        await read(site)
        assert await tasks() == []
    for tries in (3, 4):
        await read(site)
        assert await tasks() == [("feed-failed", {"source": "lamp", "tries": 3})], tries
    host.gives(feed_of(2))
    await read(site)
    assert await tasks() == []
    _, (done,) = await tasks_list(by=CORA, now=NOW)
    assert done.done_by == "system"


async def test_any_trouble_of_a_feed_that_nobody_reads_again_by_itself_becomes_a_task_at_once(
    site: str, host: Host
) -> None:
    host.gives(status=503)
    await kept(site, host.url(), hours="")
    await read(site)
    assert await tasks() == [("feed-failed", {"source": "lamp", "tries": 1})]


@pytest.mark.parametrize("status", [404, 403, 410])
@pytest.mark.parametrize("engine", ["sqlite"])
async def test_a_trouble_that_does_not_pass_by_itself_becomes_a_task_at_once(
    site: str, host: Host, status: int
) -> None:
    host.gives(status=status)
    await kept(site, host.url())
    await read(site)
    assert [kind for kind, _ in await tasks()] == ["feed-failed"]


async def test_a_large_removal_becomes_a_task_and_can_be_looked_at_and_said_yes_to(site: str, host: Host) -> None:
    host.gives(feed_of(10))
    await kept(site, host.url())
    await read(site)
    host.gives(feed_of(4))
    await read(site)
    assert await tasks() == [("feed-removals", {"source": "lamp", "gone": 6, "active": 10})]
    settings = settings_for(site, feeds_loopback=True)
    run = await feed_preview(by=CORA, source="lamp", clock=lambda: NOW, settings=settings)
    page = await run_page(by=CORA, run=run, part="gone", page=1, now=NOW)
    assert (page.run.options["question"], len(page.rows), page.run.origin) == ([6, 10], 6, host.url())
    await upload_confirm(by=CORA, run=run, removals_seen=True, clock=lambda: NOW, settings=settings)
    assert await one_value("SELECT COUNT(*) FROM listing WHERE status = 'active'") == 4
    assert (await read(site, days=1)).error is None
    assert await tasks() == []


async def test_what_somebody_sets_while_a_feed_is_read_is_not_lost(site: str, host: Host) -> None:
    host.gives(feed_of(2))
    await kept(site, host.url())
    (before,) = await feeds_seen(by=CORA, now=NOW)
    made = Order.of(before, by="schedule", clock=lambda: NOW, settings=settings_for(site, feeds_loopback=True))
    changed: list[int] = []

    async def resolve(_: str, __: int) -> Sequence[str]:
        if not changed:
            changed.append(1)
            await kept(site, "", is_new=False, hours="6")
        return ["127.0.0.1"]

    given = {name: getattr(made, name) for name in made.__slots__} | {"resolve": resolve}
    await feed_import(order=Order(**given))
    assert (await feed_seen(by=CORA, source="lamp", now=NOW)).every_hours == 6


@pytest.mark.parametrize("asks", [feed_read_soon, feed_stop])
async def test_whoever_asks_for_a_feed_or_stops_it_undoes_nothing_that_another_sets_meanwhile(
    site: str, host: Host, asks: Callable[..., Awaitable[None]]
) -> None:
    await kept(site, host.url())
    begun = asyncio.Event()

    async def another() -> None:
        async with db.staging():
            feed = await feeds.find("lamp")
            assert feed is not None
            begun.set()
            await asyncio.sleep(0.05)
            await feeds.keep(replace(feed, address=host.url("/new")), NOW)

    async def one() -> None:
        await begun.wait()
        await asks(by=CORA, source="lamp", now=NOW)

    await asyncio.gather(another(), one())
    assert (await feed_seen(by=CORA, source="lamp", now=NOW)).address == host.url("/new")


async def test_the_address_stays_where_none_is_given_and_a_second_feed_is_refused(site: str, host: Host) -> None:
    await kept(site, host.url("/feed?key=sesame"))
    await kept(site, "", is_new=False, hours="")
    assert (await feeds.find("lamp")) is not None
    feed = await feed_seen(by=CORA, source="lamp", now=NOW)
    assert (feed.address, feed.every_hours) == (host.url("/feed?key=sesame"), None)
    with pytest.raises(UnfitFields) as refused:
        await kept(site, host.url())
    assert refused.value.problems[0].code == "has-feed"
    assert not [row for row in await db.rows("SELECT details FROM audit_entry") if "sesame" in str(row["details"])]


async def test_of_two_who_change_a_feed_the_second_is_told_first(site: str, host: Host) -> None:
    await kept(site, host.url())
    seen = feed_mark(await feed_seen(by=CORA, source="lamp", now=NOW))
    await kept(site, "", is_new=False, hours="6", seen=seen)
    with pytest.raises(UnfitFields) as refused:
        await kept(site, "", is_new=False, hours="12", seen=seen)
    assert refused.value.problems[0].code == "changed-meanwhile"
    assert (await feed_seen(by=CORA, source="lamp", now=NOW)).every_hours == 6


async def test_only_coordinators_and_administrators_keep_feeds(site: str, host: Host) -> None:
    await kept(site, host.url(), by=ADMINISTRATOR)
    for role in (Role.PEER, Role.EDITOR):
        by = Actor(9, (Grant(role, 1),))
        with pytest.raises(Denied):
            await feeds_seen(by=by, now=NOW)
        with pytest.raises(Denied):
            await feed_stop(by=by, source="lamp", now=NOW)
    with pytest.raises(NotFound):
        await feed_seen(by=CORA, source="nowhere", now=NOW)
