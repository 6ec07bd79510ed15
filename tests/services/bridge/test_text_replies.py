"""Texts that come in: each counts once and for one person, stop stops texts and nothing else, and words are for a person to read."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest

from directory.domain.errors import NotFound
from directory.services.bridge.check_ins import check_ins_show
from directory.services.bridge.plans import NotTheirPeer
from directory.services.bridge.rhythms import rhythm_set, rhythms_keep
from directory.services.bridge.text_replies import is_signed, text_settle, text_take
from directory.services.waitlist import entries
from directory.services.waitlist.keys import phone_key
from directory.services.waitlist.messages import ASK
from directory.storage import db, outbox
from directory.storage.bridge import check_ins
from directory.storage.encoding import to_column
from directory.storage.waitlist import clients, contacts, routes
from directory.storage.waitlist.messages import of_way
from tests.services.waitlist import world
from tests.services.waitlist.test_messages import PHONE, SETTINGS, way
from tests.services.waitlist.world import NOW, World

DAY, WEEK = timedelta(days=1), timedelta(days=7)
FROM = "+15555550107"
"""PHONE as a gateway writes it."""
messages = count(1)


@pytest.fixture
async def made(database: str) -> World:
    return await world.made()


async def waiting(made: World, to: str = PHONE, **columns: object) -> str:
    """The number of somebody new in a line who can be reached at this telephone by text."""
    client = await world.client(made)
    await entries.entry_join(client=client, pool=made.pool, tie=client, by=made.peer, now=NOW)
    await way(client, "text", to, asks_agreed=True, **columns)
    async with db.staging():
        person = await world.account(made.peer)
        await db.execute(f"UPDATE client SET peer_id = {person} WHERE id = {client}")
        key = phone_key(to, SETTINGS)
        assert key is not None
        await clients.keys_replace(client, [key])
    row = await clients.by_id(client)
    assert row is not None
    return row.upi


async def id_of(upi: str) -> int:
    row = await clients.by_upi(upi)
    assert row is not None
    return row.id


async def wrote(words: str, sender: str = FROM, message: str = "", now: datetime = NOW) -> bool:
    return await text_take(
        message=message or f"SM{next(messages):032}", sender=sender, words=words, now=now, settings=SETTINGS
    )


async def replies() -> list[dict[str, Any]]:
    return await db.rows("SELECT client_id, kind, sealed, settled_at FROM text_reply ORDER BY id")


async def open_tasks() -> list[tuple[str, int, str]]:
    found = await db.rows("SELECT kind, agency_id, address FROM task WHERE done_at IS NULL ORDER BY id")
    return [(row["kind"], row["agency_id"], row["address"]) for row in found]


async def outcomes(upi: str) -> list[tuple[str, str]]:
    return [(each.outcome, each.by) for each in await contacts.contacts_of(await id_of(upi))]


async def test_1_is_a_sign_of_life_and_answers_the_check_in_that_is_due(made: World) -> None:
    upi = await waiting(made)
    await rhythms_keep(now=NOW)
    await wrote("1", now=NOW + WEEK)
    (row,) = await check_ins.of_client(await id_of(upi))
    assert (row.channel, row.waiting, row.by, row.due_at) == ("text", "yes", "client", NOW + WEEK)
    assert await outcomes(upi) == [("still-waiting", "client")]
    rhythm = await check_ins.rhythm(await id_of(upi))
    assert rhythm is not None
    assert rhythm.due_at == NOW + 2 * WEEK
    assert [(each["kind"], each["sealed"]) for each in await replies()] == [("still-waiting", None)]
    assert await open_tasks() == []


async def test_2_asks_for_a_call_and_leaves_the_check_in_due(made: World) -> None:
    upi = await waiting(made)
    await rhythms_keep(now=NOW)
    await wrote("2", now=NOW + WEEK)
    assert await outcomes(upi) == [("call-me", "client")]
    rhythm = await check_ins.rhythm(await id_of(upi))
    assert rhythm is not None
    assert rhythm.due_at == NOW + WEEK


async def asked(upi: str, at: datetime, state: str = "sent") -> None:
    """The question whether they still wait went to them at this moment."""
    (route,) = await routes.of_client(await id_of(upi))
    async with db.staging():
        await outbox.add(
            channel="sms",
            recipient=FROM,
            template=ASK,
            language="en",
            words={},
            dedup_key=f"{of_way(route.id)}{at.date().isoformat()}",
            good_until=None,
            now=at,
        )
        sql = db.Sql()
        ended = sql(to_column(at) if state == "sent" else None)
        await db.rows(f"UPDATE outbox SET state = {sql(state)}, ended_at = {ended} RETURNING id", sql.values)


@pytest.mark.parametrize("words", ["yes", "ok", "sí"])
@pytest.mark.parametrize(
    ("ago", "state", "counts"),
    [(DAY, "sent", True), (3 * DAY, "sent", True), (4 * DAY, "sent", False), (DAY, "waiting", False)],
)
async def test_a_mere_yes_counts_for_three_days_after_a_question_went_out(
    made: World, words: str, ago: timedelta, state: str, counts: bool
) -> None:
    upi = await waiting(made)
    await asked(upi, NOW - ago, state)
    await wrote(words)
    assert await outcomes(upi) == ([("still-waiting", "client")] if counts else [])
    assert [kind for kind, _, _ in await open_tasks()] == ([] if counts else ["text-came-in"])


async def test_a_question_to_somebody_else_makes_no_yes_of_theirs(made: World) -> None:
    upi, other = await waiting(made), await waiting(made, "775-555-0123")
    await asked(other, NOW)
    await wrote("ok")
    assert await outcomes(upi) == []


@pytest.mark.parametrize("words", ["I want to kill myself", "he hit me again", "fue una sobredosis", "terminar todo"])
async def test_words_of_danger_are_read_before_all_others_on_the_same_day(made: World, words: str) -> None:
    upi = await waiting(made)
    await wrote("Hello", now=NOW - DAY)
    await wrote(words)
    first, now = await db.rows("SELECT kind, address, due_at, agency_id, words FROM task ORDER BY id")
    assert (first["kind"], now["kind"], now["agency_id"]) == ("text-came-in", "text-now", made.agency)
    assert now["address"] == f"/clients/{upi}/check-ins"
    assert db.as_moment(now["due_at"]) == NOW.replace(hour=23, minute=59, second=59)
    client = await id_of(upi)
    check = (await check_ins.checks_of([client]))[client]
    assert (check.text_at, check.now_at) == (NOW - DAY, NOW)
    shown = await check_ins_show(upi=upi, by=made.peer, now=NOW, settings=SETTINGS)
    assert [(each.words, each.row.is_now) for each in shown.texts] == [("Hello", False), (words, True)]
    assert await outcomes(upi) == []


async def test_a_text_to_read_now_is_one_until_it_was_read_and_the_trail_never_says_so(made: World) -> None:
    upi = await waiting(made)
    await wrote("stop texting me, I want to die")
    assert [kind for kind, _, _ in await open_tasks()] == ["contact-route", "text-now"]
    shown = await check_ins_show(upi=upi, by=made.peer, now=NOW, settings=SETTINGS)
    await text_settle(upi=upi, text=shown.texts[0].row.id, by=made.peer, now=NOW, settings=SETTINGS)
    assert await check_ins.checks_of([await id_of(upi)]) == {}
    trail = await db.rows("SELECT action, details FROM audit_entry")
    assert "text-came-in" in {row["action"] for row in trail}
    assert "now" not in str(trail)


@pytest.mark.parametrize("words", ["I want to die", "stop texting me, I want to die"])
async def test_words_of_danger_from_a_shared_telephone_are_a_call_now_to_each(made: World, words: str) -> None:
    one, other = await waiting(made), await waiting(made)
    await wrote(words)
    tasks = [each for each in await open_tasks() if each[0] != "contact-route"]
    assert [(kind, address) for kind, _, address in tasks] == [
        ("text-shared-now", f"/clients/{upi}/check-ins") for upi in (one, other)
    ]


@pytest.mark.parametrize("words", ["leave me alone", "STOP 1", "baja", "dont text", "end texts please"])
async def test_a_stop_of_several_words_stops_and_a_person_reads_them(made: World, words: str) -> None:
    upi = await waiting(made)
    await wrote(words)
    assert [each.stopped_at for each in await routes.of_client(await id_of(upi))] == [NOW]
    assert {kind for kind, _, _ in await open_tasks()} == {"contact-route", "text-came-in"}


@pytest.mark.parametrize("words", ["end all", "terminar todo", "I can't stop this", "please stop this pain"])
async def test_what_only_looks_like_stop_stops_nothing_and_a_person_reads_it(made: World, words: str) -> None:
    upi = await waiting(made)
    await wrote(words)
    assert [each.stopped_at for each in await routes.of_client(await id_of(upi))] == [None]
    shown = await check_ins_show(upi=upi, by=made.peer, now=NOW, settings=SETTINGS)
    assert [each.words for each in shown.texts] == [words]


async def test_a_message_that_waits_does_not_go_out_after_stop(made: World) -> None:
    upi = await waiting(made)
    await asked(upi, NOW, "waiting")
    await wrote("stop")
    assert await db.rows("SELECT id FROM outbox") == []


@pytest.mark.parametrize("words", ["STOP", "opt-out", "alto", "Unsubscribe"])
async def test_stop_ends_texts_to_the_number_opens_a_task_and_leaves_the_place_alone(made: World, words: str) -> None:
    """47 CFR 64.1200(a)(10); WAITLIST 1.6: never removal."""
    upi = await waiting(made)
    await way(await id_of(upi), "call")
    before = await db.rows("SELECT status, tier, requested_at, version FROM entry")
    await wrote(words)
    ways = {each.channel: each.stopped_at for each in await routes.of_client(await id_of(upi))}
    assert ways == {"text": NOW, "call": None}
    assert await open_tasks() == [("contact-route", made.agency, f"/clients/{upi}")]
    assert await db.rows("SELECT status, tier, requested_at, version FROM entry") == before
    assert await db.rows("SELECT id FROM outbox") == []
    assert await outcomes(upi) == []


async def test_stop_and_more_stops_and_the_words_are_read(made: World) -> None:
    upi = await waiting(made)
    await wrote("Stop texting me, I am in trouble")
    assert {kind for kind, _, _ in await open_tasks()} == {"contact-route", "text-came-in"}
    shown = await check_ins_show(upi=upi, by=made.peer, now=NOW, settings=SETTINGS)
    assert [each.words for each in shown.texts] == ["Stop texting me, I am in trouble"]


async def test_other_words_lie_sealed_for_who_reads_the_plan_until_they_are_settled(made: World) -> None:
    upi = await waiting(made)
    await wrote("My bus broke down by the marsh")
    (row,) = await replies()
    assert "marsh" not in str(row["sealed"])
    ((kind, _, address),) = await open_tasks()
    assert (kind, address) == ("text-came-in", f"/clients/{upi}/check-ins")
    for actor, words in (
        (made.peer, "My bus broke down by the marsh"),
        (made.coordinator, "My bus broke down by the marsh"),
    ):
        shown = await check_ins_show(upi=upi, by=actor, now=NOW, settings=SETTINGS)
        assert [each.words for each in shown.texts] == [words]
    text = shown.texts[0].row.id
    settled = [await text_settle(upi=upi, text=text, by=made.peer, now=NOW + DAY, settings=SETTINGS) for _ in range(2)]
    assert settled == [True, False]
    assert [(each["sealed"], each["settled_at"] is None) for each in await replies()] == [(None, False)]
    assert await open_tasks() == []


async def test_another_peer_sees_that_a_text_came_in_and_not_what_it_says(made: World) -> None:
    upi = await waiting(made)
    await wrote("My bus broke down")
    await db.execute("UPDATE client SET peer_id = NULL")
    shown = await check_ins_show(upi=upi, by=made.peer, now=NOW, settings=SETTINGS)
    assert [each.words for each in shown.texts] == [""]
    with pytest.raises(NotTheirPeer):
        await text_settle(upi=upi, text=shown.texts[0].row.id, by=made.peer, now=NOW, settings=SETTINGS)


async def test_nobody_settles_a_text_of_somebody_else(made: World) -> None:
    upi, other = await waiting(made), await waiting(made, "775-555-0123")
    await wrote("Hello")
    shown = await check_ins_show(upi=upi, by=made.peer, now=NOW, settings=SETTINGS)
    with pytest.raises(NotFound):
        await text_settle(upi=other, text=shown.texts[0].row.id, by=made.peer, now=NOW, settings=SETTINGS)


@pytest.mark.parametrize("words", ["1", "2", "hello"])
async def test_a_number_of_two_people_counts_for_neither_and_both_are_asked(made: World, words: str) -> None:
    one, other = await waiting(made), await waiting(made)
    await wrote(words)
    assert await outcomes(one) == await outcomes(other) == []
    assert [(kind, address) for kind, _, address in await open_tasks()] == [
        ("text-shared", f"/clients/{upi}/check-ins") for upi in (one, other)
    ]
    assert [(each["client_id"], each["sealed"]) for each in await replies()] == [(None, None)]


async def test_stop_from_a_number_of_two_people_stops_texts_for_both(made: World) -> None:
    one, other = await waiting(made), await waiting(made)
    await wrote("stop")
    for upi in (one, other):
        assert [each.stopped_at for each in await routes.of_client(await id_of(upi))] == [NOW]


async def test_a_telephone_that_others_use_too_counts_for_nobody_by_itself(made: World) -> None:
    upi = await waiting(made, is_shared=True)
    await wrote("1")
    assert await outcomes(upi) == []
    assert [kind for kind, _, _ in await open_tasks()] == ["text-shared"]


@pytest.mark.parametrize("sender", ["+15555550199", "", "nobody", "+44 20 7946 0000"])
async def test_of_an_unknown_number_neither_number_nor_words_are_kept(made: World, sender: str) -> None:
    await waiting(made)
    assert await wrote("stop, my name is Wren", sender)
    assert [tuple(each.values())[:3] for each in await replies()] == [(None, "unknown", None)]
    assert await open_tasks() == []


async def test_a_way_that_ended_and_somebody_who_was_cleared_are_nobodys_number(made: World) -> None:
    upi = await waiting(made)
    await db.execute("UPDATE client SET cleared_at = created_at")
    await wrote("1")
    assert await outcomes(upi) == []
    await db.execute("UPDATE client SET cleared_at = NULL")
    (route,) = await routes.of_client(await id_of(upi))
    async with db.staging():
        await routes.change(route.id, {"ended_at": NOW})
    await wrote("1")
    assert [each["kind"] for each in await replies()] == ["unknown", "unknown"]


async def test_a_text_that_is_delivered_five_times_at_once_counts_once(made: World) -> None:
    upi = await waiting(made)
    found = await asyncio.gather(*(wrote("1", message="SM1") for _ in range(5)))
    assert sorted(found) == [False] * 4 + [True]
    assert await outcomes(upi) == [("still-waiting", "client")]
    assert len(await check_ins.of_client(await id_of(upi))) == 1


async def test_nothing_of_number_or_words_is_logged_or_stands_in_the_trail(
    made: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await waiting(made)
    for words in ("1", "Saw a heron", "stop"):
        await wrote(words)
    trail = str(await db.rows("SELECT action, subject, details FROM audit_entry"))
    for secret in ("5550107", "heron", FROM):
        assert secret not in caplog.text
        assert secret not in trail


async def test_a_rhythm_by_text_is_answered_before_it_is_missed(made: World) -> None:
    upi = await waiting(made)
    await rhythm_set(
        upi=upi, every_days=2, channel="text", paused_until=None, version=0, by=made.peer, now=NOW, settings=SETTINGS
    )
    await wrote("1", now=NOW + 2 * DAY)
    rhythm = await check_ins.rhythm(await id_of(upi))
    assert rhythm is not None
    assert rhythm.due_at == NOW + 4 * DAY


def test_a_signature_is_over_the_address_and_every_field_by_name() -> None:
    """The example of https://www.twilio.com/docs/usage/webhooks/webhooks-security: its address, fields, token and signature."""
    fields = {
        "CallSid": ["CA1234567890ABCDE"],
        "Caller": ["+14158675310"],
        "Digits": ["1234"],
        "From": ["+14158675310"],
        "To": ["+18005551212"],
    }
    url, token, signature = "https://mycompany.com/myapp.php?foo=1&bar=2", "12345", "GvWf1cFY/Q7PnoempGyD5oXAezc="
    assert is_signed(url=url, fields=fields, signature=signature, token=token)
    for wrong in (
        {"url": url + "x"},
        {"token": "1"},
        {"signature": ""},
        {"signature": "é"},
        {"fields": fields | {"To": ["1"]}},
    ):
        assert not is_signed(**{"url": url, "fields": fields, "signature": signature, "token": token} | wrong)  # type: ignore[arg-type]


async def test_words_that_ask_for_a_call_put_it_first_and_are_still_read(made: World) -> None:
    upi = await waiting(made)
    await wrote("Something came up, can you call me?")
    (contact,) = await contacts.contacts_of(await id_of(upi))
    assert (contact.outcome, contact.route) == ("call-me", "text")
    (reply,) = await replies()
    assert reply["settled_at"] is None
