from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from directory.domain.access import Actor, Denied, Grant, Role
from directory.domain.errors import NotFound
from directory.domain.openings import Notice
from directory.domain.people import UnfitFields
from directory.services.capacity_notices import notice_send, notice_show, notices_list, notices_waiting
from tests import accounts
from tests.openings import NOW, PEER, editor, level, numbers, reported
from tests.services.test_openings import house, made

DAY = timedelta(days=1)
COORDINATOR = Actor(904, (Grant(Role.COORDINATOR, 900),))
OVERSIGHT = Actor(905, (Grant(Role.OVERSIGHT),))
FULL: dict[str, Any] = {"available": 0, "occupied": 9, "held": 0}
BELOW: dict[str, Any] = {"available": 2, "occupied": 8, "held": 0}


async def listed(by: Actor = COORDINATOR, now: datetime = NOW) -> list[Notice]:
    return list(await notices_list(by=by, now=now))


async def test_a_notice_opens_at_90_percent_and_is_due_in_7_days_of_24_hours(database: str) -> None:
    here = await made(database)
    reached = NOW + 3 * DAY  # in the 7 days after it the clocks go forward
    await reported(here, numbers(**BELOW))
    assert await listed() == []
    await reported(here, numbers(**FULL), as_of=reached, now=reached + timedelta(hours=1))
    (notice,) = await listed(now=reached)
    assert (notice.share, notice.taken, notice.staffed) == (90, 9, 10)
    assert (notice.reached_at, notice.due_at) == (reached, reached + 7 * DAY)
    assert [notice.is_overdue(reached + days * DAY) for days in (0, 6.99, 7)] == [False, False, True]


async def test_there_is_one_notice_for_each_time_that_it_came_to_that(database: str) -> None:
    here = await made(database)
    for given in (FULL, FULL, {"available": 1}, FULL, BELOW, BELOW, FULL):
        await reported(here, numbers(**given))
    found = await listed()
    assert [bool(each.closed_at) for each in found] == [True, False]


@pytest.mark.parametrize(("is_funded", "number"), [(True, 1), (False, 0)])
async def test_only_a_program_of_the_block_grant_owes_one(database: str, is_funded: bool, number: int) -> None:
    here = await made(database, is_funded=is_funded)
    await reported(here, numbers(**FULL))
    assert len(await listed()) == number


async def test_what_is_not_known_opens_nothing_and_closes_nothing(database: str) -> None:
    here = await made(database)
    await reported(here, numbers(0))
    assert await listed() == []
    await reported(here, numbers(**FULL))
    await reported(here, numbers(None, staffed=None, accepting="assess"))
    assert [each.closed_at for each in await listed()] == [None]


async def test_what_is_overdue_comes_first_and_what_was_sent_last(database: str) -> None:
    first = await made(database, name="First")
    second, third = [await level(first.agency, first.slug, name=name) for name in ("Second", "Third")]
    for number, here in enumerate((third, second, first)):
        await reported(here, numbers(**FULL), now=NOW - (8 - number) * DAY)
    overdue = (await listed())[0]
    assert [each.level for each in await listed()] == ["Third", "Second", "First"]
    assert await notice_send(by=COORDINATOR, id=overdue.id, sent_to="State office", now=NOW)
    assert [each.level for each in await listed()] == ["Second", "First", "Third"]
    assert [each.level for each in await listed(now=NOW + 91 * DAY)] == ["Second", "First"]
    assert await notices_waiting(by=COORDINATOR, now=NOW) == 2


async def test_a_notice_is_still_owed_when_it_has_fallen_below_meanwhile(database: str) -> None:
    here = await made(database)
    await reported(here, numbers(**FULL))
    await reported(here, numbers(**BELOW))
    assert await notices_waiting(by=COORDINATOR, now=NOW) == 1


async def test_it_is_noted_once_to_whom_and_when_it_was_sent(database: str) -> None:
    here = await made(database)
    await reported(here, numbers(**FULL), now=NOW - DAY)
    (notice,) = await listed()
    own = editor(here.agency)
    assert await notice_send(by=own, id=notice.id, sent_to=" State office ", sent_at=NOW - timedelta(hours=2), now=NOW)
    assert not await notice_send(by=COORDINATOR, id=notice.id, sent_to="Somebody else", now=NOW)
    found = await notice_show(by=own, id=notice.id, now=NOW)
    assert (found.sent_to, found.sent_at) == ("State office", NOW - timedelta(hours=2))


async def test_a_notice_was_sent_to_somebody_after_it_was_reached(database: str) -> None:
    await reported(await made(database), numbers(**FULL))
    (notice,) = await listed()
    cases: list[tuple[dict[str, Any], tuple[str, str]]] = [
        ({"sent_to": " "}, ("sent_to", "missing")),
        ({"sent_to": "s" * 255}, ("sent_to", "too-long")),
        ({"sent_to": "State", "sent_at": NOW + DAY}, ("sent_at", "future")),
        ({"sent_to": "State", "sent_at": NOW - DAY}, ("sent_at", "before")),
    ]
    for given, wrong in cases:
        with pytest.raises(UnfitFields) as error:
            await notice_send(by=COORDINATOR, id=notice.id, now=NOW, **given)
        assert [(each.field, each.code) for each in error.value.problems] == [wrong]
    assert await notices_waiting(by=COORDINATOR, now=NOW) == 1


async def test_oversight_looks_editors_see_their_own_and_peers_none(database: str) -> None:
    here = await made(database)
    there = await level(await accounts.agency("Farshore House", "treatment"), here.slug, program="Far House")
    for each in (here, there):
        await reported(each, numbers(**FULL))
    own, other = await listed()
    assert [each.id for each in await listed(editor(there.agency))] == [other.id]
    assert len(await listed(OVERSIGHT)) == 2
    assert await notices_waiting(by=PEER, now=NOW) == 0
    with pytest.raises(Denied):
        await notice_send(by=OVERSIGHT, id=own.id, sent_to="State office", now=NOW)
    with pytest.raises(Denied):
        await notice_show(by=editor(there.agency), id=own.id, now=NOW)
    with pytest.raises(Denied):
        await listed(PEER)
    with pytest.raises(NotFound):
        await notice_show(by=COORDINATOR, id=7_777, now=NOW)


@pytest.mark.parametrize("engine", ["postgres"])
async def test_of_several_who_note_it_at_once_one_does(database: str) -> None:
    here = await level(await accounts.agency(), await house(database))
    await reported(here, numbers(**FULL))
    (notice,) = await listed()
    tries = (notice_send(by=COORDINATOR, id=notice.id, sent_to=f"Office {n}", now=NOW) for n in range(6))
    assert sorted(await asyncio.gather(*tries)) == [False] * 5 + [True]
