"""What somebody has to look at, on both engines: asked once, due first, done once, and closed by itself when its cause is gone."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from directory.domain.access import Actor, Denied, Grant, Role
from directory.domain.errors import NotFound
from directory.domain.people import UnfitFields
from directory.services.tasks import (
    PAGES,
    Task,
    task_clear,
    task_done,
    task_open,
    task_zones,
    tasks_list,
    tasks_waiting,
)
from directory.settings import Settings
from directory.storage import db
from directory.web.presenters_tasks import SENTENCES, task_card
from tests.accounts import agency
from tests.factories import NOW, one_value

CORA = Actor(1, (Grant(Role.COORDINATOR, 1),))
ADA = Actor(3, (Grant(Role.ADMINISTRATOR),))
EDITOR = Actor(2, (Grant(Role.EDITOR, 1),))


async def asked(key: str = "feed world", days: int | None = None) -> bool:
    due = NOW + timedelta(days=days) if days is not None else None
    async with db.staging():
        return await task_open(
            kind="feed-failed", key=key, words={"source": "world", "tries": 3}, address="/feeds", due_at=due, now=NOW
        )


async def waiting() -> list[str]:
    return [task.key for task in (await tasks_list(by=CORA, now=NOW))[0]]


async def test_an_occasion_is_asked_for_once_while_it_is_open(database: str) -> None:
    assert await asked()
    assert not await asked()
    assert await waiting() == ["feed world"]
    (task,), _ = await tasks_list(by=CORA, now=NOW)
    assert task.words == {"source": "world", "tries": 3}


async def test_where_somebody_may_be_in_danger_comes_first_and_is_due_on_the_clock_of_their_agency(
    database: str,
) -> None:
    there = await agency("Farshore Peers")
    own = Actor(4, (Grant(Role.COORDINATOR, there),))
    async with db.staging():
        for kind, hours in (("contact-route", 1), ("crisis", 9)):
            due = NOW + timedelta(hours=hours)
            await task_open(kind=kind, key=kind, words={}, address="/clients/UPI1", agency=there, due_at=due, now=NOW)
    pending, _done = await tasks_list(by=own, now=NOW)
    assert [task.kind for task in pending] == ["crisis", "contact-route"]
    zones = await task_zones(tasks=pending, settings=Settings(timezone="Pacific/Honolulu"))
    assert (zones[there], zones[None]) == ("America/New_York", "Pacific/Honolulu")


@pytest.mark.parametrize(
    ("hours", "zone", "said"),
    [
        (6, "UTC", "Due today"),
        (11, "America/New_York", "Due today"),
        (11, "UTC", "Due on Tue 3 Mar"),
        (-1, "UTC", "Was due today"),
        (-30, "UTC", "Was due on Sun 1 Mar"),
    ],
)
def test_until_when_is_said_with_today_as_a_word(hours: int, zone: str, said: str) -> None:
    due = NOW + timedelta(hours=hours)
    task = Task(1, "crisis", "key", None, {}, "/tasks", due, NOW - timedelta(days=3), None, None, None)
    card = task_card(task, NOW, ZoneInfo(zone))
    assert (card.due, card.is_late, card.is_now) == (said, hours < 0, True)


async def test_what_is_about_somebody_who_waits_is_for_their_own_agency_alone(database: str) -> None:
    """42 CFR 2.13(c): nobody else learns that somebody is on a list; an administrator sees no client at all."""
    there = await agency("Farshore Peers")
    async with db.staging():
        await task_open(
            kind="contact-route", key="contact-route 1", words={}, address="/clients/UPI1", agency=there, now=NOW
        )
    own = Actor(4, (Grant(Role.COORDINATOR, there),))
    other = Actor(5, (Grant(Role.COORDINATOR, there + 1),))
    assert [await tasks_waiting(by=each, now=NOW) for each in (own, other, ADA)] == [1, 0, 0]
    ((task,), _) = await tasks_list(by=own, now=NOW)
    assert await tasks_list(by=other, now=NOW) == ([], [])
    for each in (other, ADA):
        with pytest.raises(NotFound):
            await task_done(id=task.id, by=each, now=NOW)
    await task_done(id=task.id, by=own, now=NOW)
    assert [len((await tasks_list(by=each, now=NOW))[1]) for each in (own, other, ADA)] == [1, 0, 0]


async def test_what_is_due_first_stands_first_and_what_has_no_date_last(database: str) -> None:
    for key, days in (("someday", None), ("later", 5), ("soon", 1), ("late", -1)):
        await asked(key, days)
    assert await waiting() == ["late", "soon", "later", "someday"]


async def test_what_somebody_has_done_is_closed_once_with_their_note_and_audited(database: str) -> None:
    await asked()
    (task,), _ = await tasks_list(by=CORA, now=NOW)
    for note in ("They have a new address.", "again"):
        await task_done(id=task.id, note=note, by=CORA, now=NOW)
    open_, (done,) = await tasks_list(by=CORA, now=NOW)
    assert open_ == []
    assert (done.done_by, done.note) == ("person 1", "They have a new address.")
    assert await one_value("SELECT COUNT(*) FROM audit_entry WHERE action = {0}", "task-done") == 1
    assert await asked(), "it may come up again"


async def test_a_task_goes_away_by_itself_with_its_cause(database: str) -> None:
    await asked()
    async with db.staging():
        assert await task_clear(key="feed world", now=NOW)
        assert not await task_clear(key="feed world", now=NOW)
    assert await waiting() == []


async def test_nobody_is_shown_a_task_whose_page_they_may_not_open(database: str) -> None:
    await asked()
    for kind, address in (("check-review", "/checks/lamp"), ("import-look", "/runs/1")):
        async with db.staging():
            await task_open(kind=kind, key=kind, words={}, address=address, now=NOW)
    rest = [task for task in (await tasks_list(by=CORA, now=NOW))[0] if task.kind != "feed-failed"]
    assert len(rest) == 2
    assert [task.kind for task in (await tasks_list(by=ADA, now=NOW))[0]] == ["feed-failed"]
    assert [await tasks_waiting(by=by, now=NOW) for by in (CORA, ADA)] == [3, 1]
    with pytest.raises(NotFound):
        await task_done(id=rest[0].id, by=ADA, now=NOW)
    await task_done(id=rest[0].id, by=CORA, now=NOW)
    assert [len((await tasks_list(by=by, now=NOW))[1]) for by in (CORA, ADA)] == [1, 0]


def test_each_kind_of_task_has_its_sentence_and_says_what_its_page_asks_for() -> None:
    assert set(PAGES) == set(SENTENCES)


async def test_a_note_that_is_too_long_is_said_and_closes_nothing(database: str) -> None:
    await asked()
    (task,), _ = await tasks_list(by=CORA, now=NOW)
    with pytest.raises(UnfitFields):
        await task_done(id=task.id, note="x" * 1001, by=CORA, now=NOW)
    assert await waiting() == ["feed world"]


async def test_only_those_who_do_tasks_see_or_close_them(database: str) -> None:
    await asked()
    assert await tasks_waiting(by=CORA, now=NOW) == 1
    assert await tasks_waiting(by=EDITOR, now=NOW) == 0
    with pytest.raises(Denied):
        await tasks_list(by=EDITOR, now=NOW)
    with pytest.raises(Denied):
        await task_done(id=1, by=EDITOR, now=NOW)
    with pytest.raises(NotFound):
        await task_done(id=4040, by=CORA, now=NOW)
