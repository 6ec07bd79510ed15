"""Messages that were given up, as an administrator deals with them."""

from __future__ import annotations

import pytest

from directory.domain.access import Actor, Denied, Grant, Role
from directory.domain.errors import NotFound
from directory.services.notices import notice_queue
from directory.services.outbox import message_drop, message_retry, messages_overview, messages_waiting
from directory.storage import db
from tests.accounts import dead_message
from tests.factories import NOW, one_value, settings_for

ADA = Actor(1, (Grant(Role.ADMINISTRATOR),))
CORA = Actor(2, (Grant(Role.COORDINATOR, 1),))


async def state_of(id: int) -> object:
    return await one_value(f"SELECT state FROM outbox WHERE id = {id}")


async def test_what_was_given_up_comes_first_however_much_waits_and_shows_no_whole_address(database: str) -> None:
    dead = await dead_message()
    for number in range(3):
        async with db.staging():
            values = {"call": "555-0100"}
            await notice_queue(
                channel="email",
                to="wren@example.org",
                template="update",
                language="en",
                values=values,
                dedup_key=str(number),
                now=NOW,
            )
    found = await messages_overview(by=ADA, settings=settings_for(database), now=NOW)
    assert [notice.state for notice in found.notices] == ["dead", "waiting", "waiting", "waiting"]
    assert (found.notices[0].id, found.notices[0].to) == (dead, "r…@example.org")
    assert dict(found.counts) == {"waiting": 3, "sending": 0, "sent": 0, "dead": 1}
    assert await one_value("SELECT COUNT(*) FROM access_entry WHERE subject = 'messages'") == 1


async def test_one_that_was_given_up_starts_over_once_and_that_is_noted(database: str) -> None:
    id = await dead_message()
    assert await message_retry(by=ADA, id=id, now=NOW)
    assert await state_of(id) == "waiting"
    assert not await message_retry(by=ADA, id=id, now=NOW)
    assert await one_value("SELECT COUNT(*) FROM audit_entry WHERE action = 'message-retry'") == 1


async def test_one_whose_link_is_gone_does_not_start_over(database: str) -> None:
    id = await dead_message()
    await db.execute(f"UPDATE outbox SET words = '{{}}' WHERE id = {id}")
    assert not await message_retry(by=ADA, id=id, now=NOW)
    assert await state_of(id) == "dead"


async def test_one_that_was_given_up_is_deleted_with_its_address_and_others_are_not(database: str) -> None:
    dead, alive = await dead_message(), await dead_message()
    await message_retry(by=ADA, id=alive, now=NOW)
    assert await message_drop(by=ADA, id=dead, now=NOW)
    assert not await message_drop(by=ADA, id=alive, now=NOW)
    assert await one_value("SELECT COUNT(*) FROM outbox") == 1
    with pytest.raises(NotFound):
        await message_drop(by=ADA, id=dead, now=NOW)
    with pytest.raises(NotFound):
        await message_retry(by=ADA, id=dead, now=NOW)


async def test_nobody_but_an_administrator_touches_them(database: str) -> None:
    id = await dead_message()
    with pytest.raises(Denied):
        await messages_overview(by=CORA, settings=settings_for(database), now=NOW)
    with pytest.raises(Denied):
        await message_retry(by=CORA, id=id, now=NOW)
    with pytest.raises(Denied):
        await message_drop(by=CORA, id=id, now=NOW)
    assert await state_of(id) == "dead"
    assert [await messages_waiting(by=each, now=NOW) for each in (ADA, CORA)] == [1, 0]
