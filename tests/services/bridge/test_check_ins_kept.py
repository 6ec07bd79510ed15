"""What is kept of check-ins: two clients who are one have one rhythm, and after their time the words go and the counts stay."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from directory.services.bridge.check_ins import Answer, check_in_note
from directory.services.bridge.rhythms import check_ins_missed, rhythm_set
from directory.services.bridge.signs import sign_keep, today_key
from directory.services.sealing import seal
from directory.services.waitlist import entries
from directory.services.waitlist.retention import retention_run
from directory.storage import db
from directory.storage.bridge import check_ins, text_replies
from directory.storage.waitlist import checks
from tests.accounts import SETTINGS
from tests.services.waitlist import world
from tests.services.waitlist.test_merging import merged
from tests.services.waitlist.twins import joined, twins
from tests.services.waitlist.world import NOW, World

DAY, WEEK = timedelta(days=1), timedelta(days=7)
SECRET = "Slept at the marsh"


@pytest.fixture
async def made(database: str) -> World:
    return await world.made()


async def upi_of(client: int) -> str:
    (row,) = await db.rows(f"SELECT upi FROM client WHERE id = {client}")
    return str(row["upi"])


async def kept(made: World, client: int, days: int = 7, now: datetime = NOW) -> None:
    """A rhythm, a check-in with words, and a text that nobody has read."""
    upi = await upi_of(client)
    async with db.staging():
        await world.account(made.peer)
    answer = Answer("call", is_reached=True, feeling=2, waiting="yes", safety=("overdose",), note=SECRET)
    for work, given in (
        (rhythm_set, {"every_days": days, "channel": "call", "paused_until": None, "version": 0}),
        (check_in_note, {"answer": answer, "form": f"{client:043}"}),
    ):
        await work(upi=upi, by=made.peer, now=now, settings=SETTINGS, **given)  # type: ignore[operator]
    async with db.staging():
        sealed = seal({"words": SECRET}, SETTINGS)
        await text_replies.add(
            message=f"SM{client}", client=client, kind="other", sealed=sealed, is_settled=False, now=now
        )


async def rows_of(table: str, client: int) -> list[dict[str, Any]]:
    return await db.rows(f"SELECT * FROM {table} WHERE client_id = {client} ORDER BY id")


async def test_of_two_rhythms_the_one_that_is_due_first_stays_and_all_else_comes_along(made: World) -> None:
    one, other = await twins(made)
    for client, days in ((one, 7), (other, 3)):
        await kept(made, client, days)
    await merged(made, one, other)
    (rhythm,) = await rows_of("check_rhythm", one)
    assert rhythm["every_days"] == 3
    for table, number in (("check_in", 2), ("text_reply", 2)):
        assert len(await rows_of(table, one)) == number
    for table in ("check_rhythm", "check_in", "check_miss", "text_reply"):
        assert await rows_of(table, other) == []


async def test_a_rhythm_of_the_one_that_goes_is_that_of_the_one_that_stays_and_a_coordinator_is_asked_anew(
    made: World,
) -> None:
    one, other = await twins(made)
    await joined(made, other)
    await kept(made, other)
    for days in (8, 10):
        await check_ins_missed(now=NOW + days * DAY)
    assert await db.rows("SELECT 1 FROM task WHERE kind = 'check-in-missed' AND done_at IS NULL")
    await merged(made, one, other)
    assert not await db.rows("SELECT 1 FROM task WHERE kind = 'check-in-missed' AND done_at IS NULL")
    found = await check_ins.rhythm(one)
    assert found is not None
    assert (found.step, found.due_at) == (1, NOW + WEEK)
    await check_ins_missed(now=NOW + 11 * DAY)
    (task,) = await db.rows("SELECT address FROM task WHERE kind = 'check-in-missed' AND done_at IS NULL")
    assert task["address"] == f"/clients/{await upi_of(one)}/check-ins"


async def test_who_was_to_be_asked_today_is_asked_today_though_they_are_another_record_now(made: World) -> None:
    one, other = await twins(made)
    async with db.staging():
        await sign_keep(client=other, zone="UTC", channel="status", contact=None, now=NOW, feeling=1)
    await merged(made, one, other)
    (task,) = await db.rows(
        "SELECT kind, key, address, due_at FROM task WHERE done_at IS NULL AND kind = 'check-in-today'"
    )
    assert (task["key"], task["address"]) == (today_key(one), f"/clients/{await upi_of(one)}/check-ins")
    assert task["due_at"] is not None


async def test_both_missed_the_same_and_it_is_noted_once(made: World) -> None:
    one, other = await twins(made)
    for client in (one, other):
        await joined(made, client)
        await kept(made, client)
    await check_ins_missed(now=NOW + 8 * DAY)
    await merged(made, one, other)
    assert [row["step"] for row in await rows_of("check_miss", one)] == [1]


async def test_a_year_after_the_last_line_words_and_feelings_go_and_that_they_were_asked_stays(made: World) -> None:
    client = await world.client(made)
    entry = await entries.entry_join(client=client, pool=made.pool, tie=client, by=made.peer, now=NOW)
    await kept(made, client)
    await entries.entry_close(entry=entry, reason="withdrew", by=made.peer, now=NOW, settings=SETTINGS)
    await retention_run(by="test", now=NOW + 366 * DAY)
    (row,) = await rows_of("check_in", client)
    gone = {name: row[name] for name in ("sealed", "feeling", "waiting")} | {"is_crisis": bool(row["is_crisis"])}
    assert gone == {"sealed": None, "feeling": None, "waiting": None, "is_crisis": False}
    assert (bool(row["is_reached"]), row["channel"]) == (True, "call")
    (text,) = await rows_of("text_reply", client)
    assert (text["sealed"], text["settled_at"] is None) == (None, False)
    assert await rows_of("check_rhythm", client) == []
    assert "cleared-but-with-check-ins" not in await checks.broken()


@pytest.mark.parametrize(
    "statement",
    ["UPDATE check_in SET feeling = 3", "UPDATE check_in SET sealed = 'x'", "UPDATE text_reply SET sealed = 'x'"],
)
async def test_what_was_said_by_somebody_who_was_cleared_is_found(made: World, statement: str) -> None:
    client = await world.client(made)
    await kept(made, client)
    await retention_run(by="test", now=NOW + 366 * DAY)
    assert "cleared-but-with-check-ins" not in await checks.broken()
    await db.execute(f"{statement} WHERE client_id = {client}")
    assert (await checks.broken())["cleared-but-with-check-ins"] == [client]
