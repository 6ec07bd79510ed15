"""A source is read from an address: once, again and again, and when things go wrong. The host is a real one on loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from directory.gateways.feeds import Limits
from directory.services.exchange import Report
from directory.services.feeds import Order, feed_import, feeds_due, feeds_list, next_try
from directory.services.undo import run_undo
from directory.storage import db
from tests.factories import NOW, import_drafts, one_value, settings_for, snapshot, world_made
from tests.feed_host import Host, serving

SECRET = "k3y-of-the-heron"
HOUR = timedelta(hours=1)
NOTES = ("audit_entry", "audit_head", "state", "feed", "import_run", "task")
"""Tables that tell of the reading, not of what was read."""


@pytest.fixture
def host() -> Iterator[Host]:
    with serving() as found:
        yield found


def feed(*changes: dict[str, Any]) -> bytes:
    """A Meeting Guide feed of such meetings."""
    meeting = {
        "slug": "quiet-lamp", "name": "Quiet Lamp Group", "day": 1, "time": "19:00", "latitude": 40.01, "longitude": -75.0,
        "formatted_address": "12 Heron Street, Saltmarsh, PA 19199, USA", "timezone": "America/New_York",
    }  # fmt: skip
    return json.dumps([meeting | change for change in changes]).encode()


def order(url: str, host: Host, *, at: datetime = NOW, path: str = "/feed", **given: Any) -> Order:
    made: dict[str, Any] = {
        "address": host.url(path), "format": "meeting-guide", "source": "lamp", "by": "robin", "fellowship": "aa",
        "clock": lambda: at, "settings": settings_for(url, feeds_loopback=True), "limits": Limits(seconds=5),
    }  # fmt: skip
    return Order(**made | given)


async def read(url: str, host: Host, **given: Any) -> Report:
    return await feed_import(order=order(url, host, **given))


def counts(report: Report) -> tuple[int, int, int, int]:
    return report.added, report.changed, report.unchanged, report.removed


async def test_a_source_is_brought_up_to_date_with_what_stands_at_an_address(database: str, host: Host) -> None:
    await world_made()
    host.gives(feed({}, {"slug": "two"}))
    report = await read(database, host)
    assert (counts(report), report.error) == ((2, 0, 0, 0), None)
    host.gives(feed({"time": "20:00"}, {"slug": "two"}))
    assert counts(await read(database, host)) == (0, 1, 1, 0)
    assert await one_value("SELECT origin FROM import_run ORDER BY id DESC LIMIT 1") == host.url()


async def test_what_has_not_changed_is_not_imported_again_and_says_since_when(database: str, host: Host) -> None:
    await world_made()
    host.keeps(feed({}), '"one"')
    first = await read(database, host)
    before = await snapshot(without=NOTES)
    later = await read(database, host, at=NOW + HOUR)
    assert host.asked[-1][1]["If-None-Match"] == '"one"'
    assert (later.run, counts(later), later.error) == (None, (0, 0, 0, 0), None)
    assert later.warnings == [f"not modified since 2026-03-02 17:00 UTC (run {first.run})"]
    assert await snapshot(without=NOTES) == before
    assert await one_value("SELECT COUNT(*) FROM import_run") == 1
    assert [each.fetched_at for each in await feeds_list()] == [NOW + HOUR]


async def test_the_same_file_under_another_mark_is_known_by_its_content(database: str, host: Host) -> None:
    await world_made()
    host.keeps(feed({}), '"one"')
    await read(database, host)
    host.keeps(feed({}), '"two"')
    assert "not modified since" in (await read(database, host)).warnings[0]
    assert [each.etag for each in await feeds_list()] == ['"two"']


async def test_a_changed_mark_with_a_changed_file_is_imported(database: str, host: Host) -> None:
    await world_made()
    host.keeps(feed({}), '"one"')
    await read(database, host)
    host.keeps(feed({"name": "Loud Lamp Group"}), '"two"')
    assert counts(await read(database, host)) == (0, 1, 0, 0)


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.parametrize(
    "change",
    [{"partial": True}, {"fellowship": "na"}, {"match_by": "nature"}, {"path": "/other"}, {"dry_run": True}],
    ids=str,
)
async def test_an_unchanged_file_that_is_to_be_read_in_another_way_is_read_again(
    database: str, host: Host, change: dict[str, Any]
) -> None:
    await world_made()
    host.keeps(feed({}), '"one"')
    await read(database, host)
    again = await read(database, host, **change)
    assert again.read == 1
    assert not host.asked[-1][1]["If-None-Match"]


async def test_after_another_file_of_the_source_the_address_is_read_again(database: str, host: Host) -> None:
    await world_made()
    host.keeps(feed({}), '"one"')
    await read(database, host)
    await import_drafts(database, [], "lamp", format="meeting-guide", allow_removals=True, partial=True)
    assert (await read(database, host)).read == 1


async def test_marks_from_before_an_import_whose_end_was_not_noted_are_not_trusted(database: str, host: Host) -> None:
    await world_made()
    host.keeps(feed({}), '"one"')
    await read(database, host)
    async with db.staging():
        await db.execute("UPDATE import_run SET finished_at = (SELECT created_at FROM source WHERE name = 'lamp')")
    host.keeps(feed({"time": "20:00"}), '"two"')
    await read(database, host, at=NOW + HOUR)
    async with db.staging():  # as if the process had died before it noted the second
        await db.execute("UPDATE feed SET etag = '\"one\"', fetched_at = (SELECT MIN(started_at) FROM import_run)")
    host.keeps(feed({}), '"one"')
    assert counts(await read(database, host, at=NOW + 2 * HOUR)) == (0, 1, 0, 0)


async def test_what_was_taken_back_does_not_come_back_by_itself(database: str, host: Host) -> None:
    await world_made()
    host.keeps(feed({}), '"one"')
    report = await read(database, host)
    assert report.run
    await run_undo(run=report.run, by="robin", clock=lambda: NOW, settings=settings_for(database))
    again = await read(database, host)
    assert counts(again) == (0, 0, 0, 0)
    assert "undone" in again.warnings[0]
    host.keeps(feed({}, {"slug": "two"}), '"two"')
    assert (await read(database, host)).added == 2


# --- schedules -------------------------------------------------------------------------------------------------------


async def test_a_schedule_is_kept_until_it_is_ended(database: str, host: Host) -> None:
    await world_made()
    host.gives(feed({}))
    await read(database, host, every_hours=24)
    assert [each.next_at for each in await feeds_list()] == [NOW + 24 * HOUR]
    assert await feeds_due(now=NOW + 23 * HOUR) == []
    (due,) = await feeds_due(now=NOW + 24 * HOUR)
    assert (due.source, due.address, due.format, due.fellowship) == ("lamp", host.url(), "meeting-guide", "aa")
    again = Order.of(due, by="worker", clock=lambda: NOW + 25 * HOUR, settings=order(database, host).settings)
    assert "not modified" in (await feed_import(order=again)).warnings[0]
    assert [each.next_at for each in await feeds_list()] == [NOW + 49 * HOUR]
    await read(database, host, every_hours=0)
    assert [(each.every_hours, each.next_at) for each in await feeds_list()] == [(None, None)]
    assert await feeds_due(now=NOW + 9999 * HOUR) == []


async def test_a_schedule_ends_also_where_the_address_is_gone(database: str, host: Host) -> None:
    await world_made()
    host.gives(feed({}))
    await read(database, host, every_hours=24)
    host.gives(status=410)
    assert "410" in str((await read(database, host, every_hours=0)).error)
    assert [(each.every_hours, each.next_at) for each in await feeds_list()] == [(None, None)]


async def test_who_sets_and_ends_a_schedule_is_in_the_audit_trail(database: str, host: Host) -> None:
    await world_made()
    host.gives(feed({}))
    for every in (None, 24, None, 12, 0):
        await read(database, host, every_hours=every)
    rows = await db.rows("SELECT by, subject, details FROM audit_entry WHERE action = 'feed' ORDER BY id")
    assert {(row["by"], row["subject"]) for row in rows} == {("robin", "source lamp")}
    assert [db.from_json(row["details"])["every_hours"] for row in rows] == [None, 24, 12, None]


async def test_a_failure_is_noted_tried_again_ever_later_and_never_ends_the_schedule(database: str, host: Host) -> None:
    await world_made()
    host.keeps(feed({}), '"one"')
    await read(database, host, every_hours=24)
    before = await snapshot(without=NOTES)
    host.gives(status=500)
    waits = []
    for number in range(1, 8):
        report = await read(database, host)
        assert str(report.error).startswith("status-500: ")
        (noted,) = await feeds_list()
        assert (noted.tries, noted.error, noted.every_hours, noted.etag) == (number, report.error, 24, '"one"')
        assert noted.next_at
        waits.append((noted.next_at - NOW) / HOUR)
    assert waits == [1, 2, 4, 8, 16, 24, 24]
    assert await snapshot(without=NOTES) == before
    host.keeps(feed({}), '"one"')
    await read(database, host)
    (noted,) = await feeds_list()
    assert (noted.tries, noted.error, noted.next_at) == (0, None, NOW + 24 * HOUR)


async def test_a_fault_of_our_own_is_noted_too_so_that_the_host_is_not_asked_without_end(
    database: str, host: Host
) -> None:
    await world_made()
    host.gives(feed({}))
    await read(database, host, every_hours=24)

    async def broken(_name: str, _port: int) -> list[str]:
        raise RuntimeError(SECRET)

    with pytest.raises(RuntimeError):
        await read(database, host, at=NOW + 24 * HOUR, resolve=broken)
    assert [(each.next_at, each.tries, each.error) for each in await feeds_list()] == [
        (NOW + 25 * HOUR, 1, "stopped: RuntimeError")
    ]


@pytest.mark.parametrize(
    ("tries", "every", "asked", "hours"),
    [
        (0, 24, None, 24), (0, None, None, None), (1, 24, None, 1), (3, 1, None, 4), (50, 1000, None, 24), (3, None, None, None),
        (1, 24, 7200, 2), (5, 24, 60, 16), (1, 24, 10**9, 168),
    ],
)  # fmt: skip
def test_when_an_address_is_asked_again(tries: int, every: int | None, asked: int | None, hours: int | None) -> None:
    assert next_try(NOW, tries, every, asked) == (NOW + hours * HOUR if hours else None)


async def test_a_host_that_wants_to_be_left_alone_is(database: str, host: Host) -> None:
    await world_made()
    host.gives(feed({}))
    await read(database, host, every_hours=1)
    host.gives(status=429, Retry_After="36000")
    await read(database, host)
    assert [each.next_at for each in await feeds_list()] == [NOW + 10 * HOUR]


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.parametrize("body", [b"<html>Moved</html>", b"", b"{}"])
async def test_a_page_in_the_place_of_the_file_changes_nothing_and_keeps_the_marks(
    database: str, host: Host, body: bytes
) -> None:
    await world_made()
    host.keeps(feed({}), '"one"')
    await read(database, host, every_hours=24)
    before = await snapshot(without=NOTES)
    host.keeps(body, '"page"')
    report = await read(database, host)
    assert report.error
    assert await snapshot(without=NOTES) == before
    assert [(each.etag, each.tries, each.error) for each in await feeds_list()] == [('"one"', 1, report.error)]


async def test_a_file_that_would_take_out_too_much_is_held_back_until_somebody_allows_it(
    database: str, host: Host
) -> None:
    await world_made()
    host.gives(feed(*({"slug": f"s{number}"} for number in range(10))))
    await read(database, host, every_hours=24)
    host.gives(feed({"slug": "s1"}))
    held = await read(database, host)
    assert str(held.error).startswith("removals: ")
    assert [each.tries for each in await feeds_list()] == [1]
    assert (await read(database, host, allow_removals=True)).removed == 9


async def test_an_address_that_never_worked_leaves_nothing_behind(database: str, host: Host) -> None:
    await world_made()
    before = await snapshot()
    report = await read(database, host, every_hours=24)
    assert report.error
    assert report.warnings == ["the schedule was not stored: it is with the first file that can be read"]
    assert (await read(database, host)).warnings == []
    assert await snapshot() == before


async def test_another_address_that_does_not_work_leaves_the_one_that_does_alone(database: str, host: Host) -> None:
    await world_made()
    host.gives(feed({}))
    await read(database, host, every_hours=24)
    (before,) = await feeds_list()
    host.gives(status=404)
    assert "the schedule was not stored" in (await read(database, host, path="/moved", every_hours=6)).warnings[0]
    assert await feeds_list() == [before]


async def test_a_trial_reads_the_address_and_notes_nothing(database: str, host: Host) -> None:
    await world_made()
    host.gives(feed({}))
    before = await snapshot()
    report = await read(database, host, dry_run=True)
    assert (report.added, report.run) == (1, None)
    assert await snapshot() == before


# --- what is not told ------------------------------------------------------------------------------------------------


async def test_a_key_in_an_address_is_kept_for_asking_and_told_nowhere(database: str, host: Host) -> None:
    await world_made()
    host.gives(feed({}))
    report = await read(database, host, path=f"/feed?key={SECRET}", every_hours=24)
    host.gives(status=500)
    failed = await read(database, host, path=f"/feed?key={SECRET}")
    assert host.asked[-1][0] == f"/feed?key={SECRET}"
    told = await snapshot(without=("feed",))
    assert SECRET not in f"{told} {report} {failed}"
    assert [SECRET in each.address for each in await feeds_list()] == [True]


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_this_machine_is_not_asked_unless_a_setting_allows_it(database: str, host: Host) -> None:
    host.gives(feed({}))
    report = await read(database, host, settings=settings_for(database))
    assert str(report.error).startswith("refused-address: ")
    assert host.asked == []


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_a_table_is_read_with_the_map_that_is_kept_with_its_address(database: str, host: Host) -> None:
    await world_made()
    text = 'title = "Heron beds"\nkind = "housing"\nkey = ["Id"]\n[columns]\nname = "Name"\ncity = "Town"\nstate = "State"\n'
    host.gives(b"Id,Name,Town,State\n1,Heron House,Saltmarsh,PA\n")
    report = await read(database, host, format="csv", fellowship=None, column_map=text, every_hours=24)
    assert (report.added, report.error) == (1, None)
    assert await one_value("SELECT title FROM source WHERE name = 'lamp'") == "Heron beds"
    host.gives(b"Id,Name,Town,State\n1,Heron Home,Saltmarsh,PA\n")
    (due,) = await feeds_due(now=NOW + 24 * HOUR)
    again = Order.of(due, by="worker", clock=lambda: NOW, settings=order(database, host).settings)
    assert (await feed_import(order=again)).changed == 1
