"""The two messages that a client may agree to: by which ways they go, how often, and that they tell nothing."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from directory.services import notices
from directory.services.letters import written
from directory.services.sealing import seal
from directory.services.waitlist import entries
from directory.services.waitlist.messages import ASK, UPDATE, asks_queue, handout_queue, route_stop, update_queue
from directory.services.waitlist.routes import way_end
from directory.settings import Settings
from directory.storage import db
from directory.storage.waitlist import contacts, routes
from tests.services.waitlist import world
from tests.services.waitlist.world import NOW, World

SETTINGS = Settings(env="test", timezone="UTC")
MORNING = datetime(2026, 3, 2, 10, 30, tzinfo=UTC)
PHONE, MAIL = "555-555-0107", "robin@example.org"


@pytest.fixture
async def made(database: str) -> World:
    return await world.made()


async def way(client: int, channel: str = "text", to: str = PHONE, **columns: object) -> int:
    given = {"channel": channel, "sealed": seal({"to": to, "times": "", "note": ""}, SETTINGS)}
    flags = {"may_leave_word": True, "is_shared": False, "is_agreed": True, "asks_agreed": False}
    async with db.staging():
        return await routes.add(client, given | flags | columns)


async def handed(client: int, now: datetime = NOW) -> int:
    async with db.staging():
        return await handout_queue(client=client, link="https://example.org/h/x", by="test", now=now, settings=SETTINGS)


async def update(client: int, key: str = "offer 1", now: datetime = NOW) -> int:
    async with db.staging():
        return await update_queue(client=client, key=key, now=now, settings=SETTINGS)


async def queued() -> list[dict[str, object]]:
    return await db.rows("SELECT template, channel, recipient, language, words FROM outbox ORDER BY id")


async def waiting(made: World, now: datetime = NOW) -> tuple[int, int]:
    """A client and their entry."""
    client = await world.client(made)
    return client, await entries.entry_join(client=client, pool=made.pool, tie=1, by=made.peer, now=now)


async def test_an_update_goes_by_the_ways_that_were_agreed_and_by_no_other(made: World) -> None:
    """45 CFR 164.522(b)(1); WAITLIST 1.6."""
    client, stopped, ended = await world.client(made), {"stopped_at": NOW}, {"ended_at": NOW}
    await way(client)
    await way(client, "email", MAIL)
    await way(client, is_agreed=False)
    await way(client, "call")
    for gone in (stopped, ended):
        await way(client, to="555-555-0108", **{name: world.to_column(at) for name, at in gone.items()})
    assert await update(client) == 2
    assert [(row["channel"], row["recipient"]) for row in await queued()] == [("sms", "+15555550107"), ("email", MAIL)]
    (noted,) = await db.rows("SELECT details FROM audit_entry WHERE action = 'update-queued'")
    assert db.from_json(noted["details"]) == {"occasion": "offer 1", "ways": 2}


async def test_nothing_goes_by_itself_to_a_shared_telephone(made: World) -> None:
    """WAITLIST 1.6: a shared telephone is called only."""
    client = await world.client(made)
    await way(client, is_shared=True)
    assert await update(client) == 0


async def test_an_update_goes_once_a_day_and_on_three_days_of_seven(made: World) -> None:
    """47 CFR 64.1200(a)(9)(iv); WAITLIST 1.6."""
    client = await world.client(made)
    await way(client)
    assert [await update(client, f"offer {n}") for n in range(2)] == [1, 0]
    later = [await update(client, "x", NOW + timedelta(days=days)) for days in (1, 2, 3, 6, 7)]
    assert later == [1, 1, 0, 0, 1]


@pytest.mark.parametrize(
    "order", [("update", "list"), ("list", "update"), ("ask", "update"), ("update", "ask"), ("ask", "list")]
)
async def test_whichever_comes_first_it_is_one_message_a_day_by_each_way(made: World, order: tuple[str, str]) -> None:
    """47 CFR 64.1200(a)(9)(iv); WAITLIST 1.6: an update, a list and a question share one count."""
    client, _ = await waiting(made, MORNING - timedelta(days=60))
    await way(client, asks_agreed=True)
    ways = {"update": update, "list": handed}
    went = [await ways[each](client, now=MORNING) if each in ways else await asked(MORNING) for each in order]
    assert went == [1, 0]
    assert len(await queued()) == 1


async def test_an_update_and_a_list_in_the_same_moment_are_one_message(made: World) -> None:
    client = await world.client(made)
    await way(client)
    went = await asyncio.gather(*(each(client) for each in (update, handed, update, handed)))
    assert sorted(went) == [0, 0, 0, 1]


async def test_an_update_a_list_and_a_question_count_to_three_a_week_together(made: World) -> None:
    client, _ = await waiting(made, MORNING - timedelta(days=60))
    await way(client, asks_agreed=True)
    days = [MORNING + timedelta(days=day) for day in range(4)]
    went = [await asked(days[0]), await update(client, now=days[1]), await handed(client, days[2])]
    assert went == [1, 1, 1]
    assert [await update(client, now=days[3]), await handed(client, days[3])] == [0, 0]


@pytest.mark.may_block("templates are read when they are first asked for")
async def test_an_update_names_nobody_nothing_and_no_place_and_keeps_no_address(made: World) -> None:
    """42 CFR 2.13; WAITLIST 1.6."""
    client = await world.client(made)
    await way(client)
    await update(client)
    (row,) = await queued()
    said = written(
        id="1", channel="sms", to=PHONE, template=UPDATE, language="en", words=db.from_json(row["words"]), site="Heron"
    )
    assert said.text == "You have an update. Call the number on your card, or use the site you know."
    assert notices.TEMPLATES[UPDATE].forgets
    assert notices.TEMPLATES[ASK].forgets


async def test_somebody_who_was_cleared_hears_nothing(made: World) -> None:
    client = await world.client(made)
    await way(client)
    async with db.staging():
        await db.execute("UPDATE client SET cleared_at = created_at")
    assert await update(client) == 0


async def test_a_way_that_is_no_whole_number_is_left_out(made: World) -> None:
    client = await world.client(made)
    await way(client, to="555-0107")
    assert await update(client) == 0


async def asked(now: datetime) -> int:
    return await asks_queue(now=now, settings=SETTINGS)


async def test_who_agreed_is_asked_after_long_silence_once_in_14_days(made: World) -> None:
    """WAITLIST 1.4: at least every 30 days; half of that beyond it the question goes out."""
    client, _ = await waiting(made, MORNING)
    await way(client, is_agreed=False, asks_agreed=True)
    days = [44, 46, 46, 50, 59, 60, 61]
    assert [await asked(MORNING + timedelta(days=day)) for day in days] == [0, 1, 0, 0, 0, 1, 0]
    assert {row["template"] for row in await queued()} == {ASK}


async def test_a_sign_of_life_puts_the_question_off(made: World) -> None:
    client, _ = await waiting(made, MORNING)
    await way(client, asks_agreed=True)
    async with db.staging():
        await contacts.attempt_add(
            client=client, route="status", outcome="still-waiting", by="client", now=MORNING + timedelta(days=30)
        )
    assert [await asked(MORNING + timedelta(days=day)) for day in (46, 76)] == [0, 1]


async def test_the_question_goes_out_in_the_morning_alone(made: World) -> None:
    client, _ = await waiting(made, MORNING)
    await way(client, asks_agreed=True)
    day = MORNING + timedelta(days=60)
    assert [await asked(day.replace(hour=hour)) for hour in (3, 9, 12, 22, 11)] == [0, 0, 0, 0, 1]


async def test_nobody_is_asked_who_did_not_agree_or_stands_in_no_line(made: World) -> None:
    client, entry = await waiting(made, MORNING)
    await way(client, is_agreed=True, asks_agreed=False)
    other, _ = await world.client(made), await way(client, asks_agreed=True, is_shared=True)
    await way(other, asks_agreed=True)
    assert await asked(MORNING + timedelta(days=90)) == 0
    assert entry


async def test_stop_ends_the_way_opens_a_task_and_leaves_the_place_alone(made: World) -> None:
    """TCPA; WAITLIST 1.6: STOP must not take anybody off the line."""
    client, entry = await waiting(made)
    id = await way(client)
    before = await db.rows(f"SELECT status, tier, requested_at, version FROM entry WHERE id = {entry}")
    assert [await route_stop(route=id, now=NOW) for _ in range(2)] == [True, False]
    assert await update(client) == 0
    (task,) = await db.rows("SELECT kind, agency_id, address, words, due_at FROM task")
    assert (task["kind"], task["agency_id"]) == ("contact-route", made.agency)
    assert db.as_moment(task["due_at"]) == NOW + timedelta(days=1)
    assert PHONE not in str(task)
    assert await db.rows(f"SELECT status, tier, requested_at, version FROM entry WHERE id = {entry}") == before
    (noted,) = await db.rows("SELECT action, details FROM audit_entry WHERE action = 'route-stopped'")
    assert PHONE not in str(noted)


@pytest.mark.parametrize("state", ["waiting", "sending"])
async def test_what_waits_to_go_out_does_not_go_after_a_stop_and_other_ways_keep_theirs(
    made: World, state: str
) -> None:
    client = await world.client(made)
    id, mail = await way(client), await way(client, "email", MAIL)
    for _ in range(10):  # ways whose numbers begin alike
        await way(client, "email", MAIL, is_agreed=False)
    assert await update(client) == 2
    await db.execute(f"UPDATE outbox SET state = '{state}'")
    await route_stop(route=id, now=NOW)
    assert [row["recipient"] for row in await queued()] == [MAIL]
    await route_stop(route=mail, now=NOW)
    assert await queued() == []


async def test_what_waits_does_not_go_to_a_way_that_somebody_has_ended(made: World) -> None:
    client = await world.client(made)
    id = await way(client)
    assert await update(client) == 1
    await way_end(client=client, route=id, by=made.peer, now=NOW, settings=SETTINGS)
    assert await queued() == []


async def test_what_went_out_before_a_stop_stays_counted(made: World) -> None:
    client = await world.client(made)
    id = await way(client)
    await update(client)
    await db.execute("UPDATE outbox SET state = 'sent'")
    await route_stop(route=id, now=NOW)
    assert len(await queued()) == 1


@pytest.mark.parametrize("engine", ["postgres"])
async def test_a_stop_in_the_very_moment_of_an_update_leaves_nothing_to_send(made: World) -> None:
    client = await world.client(made)
    routes_of = [await way(client) for _ in range(4)]
    await asyncio.gather(update(client), *(route_stop(route=id, now=NOW) for id in routes_of))
    assert await queued() == []
