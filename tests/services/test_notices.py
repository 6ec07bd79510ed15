"""Messages from the change that they speak of to the reader, through a real mail server and a real SMS gateway on loopback."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from directory.domain.errors import NotFound
from directory.domain.notices import KEPT, LEASE, MOST_TRIES, PAUSES, Message, NotDelivered
from directory.services.notices import (
    Sent,
    notice_queue,
    notice_retry,
    notices_forget,
    notices_overview,
    notices_send,
)
from directory.settings import Settings
from directory.storage import db, outbox
from tests.factories import NOW, one_value, settings_for
from tests.post_office import MailHost, SmsHost, mail_host, sms_host

ROOT = Path(__file__).parents[2]
ONLY_POSTGRES = pytest.mark.parametrize("engine", ["postgres"])
LINK = "https://help.example.org/in/secret-heron"


@pytest.fixture
async def host() -> AsyncIterator[MailHost]:
    async with mail_host() as host:
        yield host


@pytest.fixture
async def gateway() -> AsyncIterator[SmsHost]:
    async with sms_host() as gateway:
        yield gateway


class Clock:
    """A clock that stands still until it is put forward."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def mailing(host: MailHost, **given: Any) -> Settings:
    made = {"smtp_url": host.url(), "mail_from": "office@example.org", "site_name": "Heron"}
    return settings_for("sqlite://:memory:", **{**made, **given})


def texting(gateway: SmsHost) -> Settings:
    return settings_for(
        "sqlite://:memory:", sms_url=gateway.url, sms_account="AC1", sms_token="lamp", sms_from="+15555550100"
    )


async def queue(key: str = "first", **given: Any) -> int | None:
    made = {"channel": "email", "to": "wren@example.org", "template": "invitation", "language": "en"}
    made |= {"values": {"link": LINK, "hours": 72}, "dedup_key": key, "now": NOW}
    async with db.staging():
        return await notice_queue(**{**made, **given})


async def text_to(number: str = "+15555550123", key: str = "first") -> int | None:
    return await queue(key, channel="sms", to=number, template="update", values={"call": "555-0100"})


async def stored(id: int | None) -> outbox.Row:
    row = await outbox.one(id or 0)
    assert row
    return row


# --- queued ----------------------------------------------------------------------------------------------------------


async def test_a_message_is_sent_once_and_its_link_is_gone_from_the_database_then(
    database: str, host: MailHost, clock: Clock
) -> None:
    id = await queue()
    assert await notices_send(clock=clock, settings=mailing(host)) == Sent(sent=1)
    assert await notices_send(clock=clock, settings=mailing(host)) == Sent()
    (message,) = host.messages
    assert message["To"] == "wren@example.org"
    assert LINK in message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    row = await stored(id)
    assert (row.state, row.words, row.lease, row.ended_at) == ("sent", {"hours": 72}, None, NOW)


async def test_a_message_of_a_change_that_is_undone_is_never_sent(database: str, host: MailHost, clock: Clock) -> None:
    async def undone() -> None:
        async with db.transaction():
            await queue()
            raise LookupError

    with pytest.raises(LookupError):
        await undone()
    assert await notices_send(clock=clock, settings=mailing(host)) == Sent()
    assert host.arrived == []


async def test_of_two_messages_about_the_same_thing_only_the_first_is_kept(database: str) -> None:
    first = await queue("invitation 7")
    assert await queue("invitation 7", to="heron@example.org") is None
    other = await queue("invitation 8")
    assert first is not None
    assert other not in (None, first)
    assert (await stored(first)).recipient == "wren@example.org"


@pytest.mark.parametrize(
    "given",
    [
        {"template": "birthday"},
        {"channel": "pigeon"},
        {"channel": "sms", "to": "+15555550123"},  # a link that signs in goes by mail alone
        {"values": {"link": LINK}},
        {"values": {"link": LINK, "hours": 72, "code": "1234"}},
        {"to": "wren@example.org, all@example.org"},
        {"to": "wren@example.org\r\nBcc: all@example.org"},
        {"channel": "sms", "to": "555-0123", "template": "update", "values": {"call": "555-0100"}},
    ],
)
async def test_a_message_that_cannot_be_sent_as_it_is_is_not_queued(database: str, given: dict[str, Any]) -> None:
    with pytest.raises(ValueError) as refused:
        await queue(**given)
    assert "secret" not in str(refused.value)
    assert "@" not in str(refused.value)
    assert await outbox.counts() == {}


async def test_a_message_is_in_the_language_of_its_reader_and_in_english_where_there_is_none(
    database: str, host: MailHost, clock: Clock
) -> None:
    await queue("a", language="es", template="update", values={"call": "555-0100"})
    await queue("b", language="fr", template="update", values={"call": "555-0100"})
    await notices_send(clock=clock, settings=mailing(host))
    assert [message["Content-Language"] for message in host.messages] == ["es", "en"]
    assert host.messages[1]["Subject"] == "You have an update"


async def test_an_sms_is_short_and_says_nothing(database: str, gateway: SmsHost, clock: Clock) -> None:
    id = await text_to()
    assert await notices_send(clock=clock, settings=texting(gateway)) == Sent(sent=1)
    ((_, _, form),) = gateway.asked
    assert form["Body"] == "You have an update. Call 555-0100, or use the site you know."
    assert (await stored(id)).state == "sent"


# --- not delivered ---------------------------------------------------------------------------------------------------


async def test_a_message_that_is_refused_for_now_is_tried_again_after_a_while(
    database: str, host: MailHost, clock: Clock
) -> None:
    id = await queue()
    host.to_reader = "450 later"
    assert await notices_send(clock=clock, settings=mailing(host)) == Sent(waiting=1)
    row = await stored(id)
    assert (row.state, row.tries, row.error) == ("waiting", 1, "reader refused: 450")
    assert row.words["link"] == LINK
    host.to_reader = "250 OK"
    clock.now += PAUSES[0] - timedelta(seconds=1)
    assert await notices_send(clock=clock, settings=mailing(host)) == Sent()
    clock.now += timedelta(seconds=1)
    assert await notices_send(clock=clock, settings=mailing(host)) == Sent(sent=1)


async def test_a_message_that_is_refused_for_good_is_given_up_and_loses_its_link(
    database: str, host: MailHost, clock: Clock
) -> None:
    id = await queue()
    host.to_reader = "550 nobody of this name"
    assert await notices_send(clock=clock, settings=mailing(host)) == Sent(dead=1)
    row = await stored(id)
    assert (row.state, row.words, row.error) == ("dead", {"hours": 72}, "reader refused: 550")


async def test_a_message_that_is_never_taken_is_given_up_after_its_last_attempt(
    database: str, host: MailHost, clock: Clock
) -> None:
    id = await queue()
    host.to_text = "452 full"
    for _ in range(MOST_TRIES):
        await notices_send(clock=clock, settings=mailing(host))
        clock.now = (await stored(id)).due_at
    row = await stored(id)
    assert (row.state, row.tries) == ("dead", MOST_TRIES)


async def test_a_message_whose_link_has_ended_is_not_sent(database: str, host: MailHost, clock: Clock) -> None:
    id = await queue(until=NOW + timedelta(hours=72))
    clock.now += timedelta(hours=72)
    assert await notices_send(clock=clock, settings=mailing(host)) == Sent(dead=1)
    assert host.arrived == []
    assert (await stored(id)).error == "too late"


async def test_a_server_that_is_down_is_tried_once_a_round_and_not_for_every_message(
    database: str, gateway: SmsHost, clock: Clock
) -> None:
    ids = [await text_to(f"+1555555012{number}", str(number)) for number in range(3)]
    gateway.declines(503, 20503)
    assert await notices_send(clock=clock, settings=texting(gateway)) == Sent(waiting=1)
    assert len(gateway.asked) == 1
    assert [(await stored(id)).tries for id in ids] == [1, 0, 0]


async def test_one_message_that_is_refused_holds_up_no_other(database: str, gateway: SmsHost, clock: Clock) -> None:
    for number in range(3):
        await text_to(f"+1555555012{number}", str(number))
    gateway.declines(400, 21610)
    assert await notices_send(clock=clock, settings=texting(gateway)) == Sent(dead=3)


async def test_a_channel_that_is_not_set_up_keeps_its_messages_waiting(
    database: str, host: MailHost, clock: Clock
) -> None:
    id = await text_to()
    await queue("mail")
    assert await notices_send(clock=clock, settings=mailing(host)) == Sent(sent=1)
    assert (await stored(id)).state == "waiting"
    assert await notices_send(clock=clock, settings=settings_for("sqlite://:memory:")) == Sent()


async def test_a_message_that_cannot_be_written_any_more_holds_up_no_other(
    database: str, host: MailHost, clock: Clock
) -> None:
    broken = await queue("broken")
    async with db.staging():
        await db.execute("UPDATE outbox SET template = 'of-long-ago'")
    await queue("whole")
    assert await notices_send(clock=clock, settings=mailing(host)) == Sent(sent=1, waiting=1)
    assert (await stored(broken)).error == "cannot be written: KeyError"


# --- each once -------------------------------------------------------------------------------------------------------


class Slow:
    """A way out that notes what it is given, and lets others have their turn meanwhile."""

    def __init__(self, during: Callable[[], Any] | None = None) -> None:
        self.taken: list[str] = []
        self.during = during

    async def send(self, message: Message) -> None:
        self.taken.append(message.to)
        await asyncio.sleep(0.002)
        if self.during:
            await self.during()


@ONLY_POSTGRES
async def test_several_senders_at_once_send_each_message_once(database: str, clock: Clock) -> None:
    readers = [f"reader{number}@example.org" for number in range(20)]
    for reader in readers:
        await queue(reader, to=reader)
    way, settings = Slow(), settings_for(database)
    done = await asyncio.gather(*(notices_send(clock=clock, settings=settings, ways={"email": way}) for _ in range(5)))
    assert sorted(way.taken) == sorted(readers)
    assert sum(each.sent for each in done) == 20


SENDER = """
import asyncio, os, sys
from datetime import UTC, datetime
from directory.domain.notices import Message
from directory.services.notices import notices_send
from directory.settings import Settings
from directory.storage import db

class Out:
    async def send(self, message):
        os.write(1, (message.to + "\\n").encode())

async def send():
    async with db.connect(sys.argv[1]):
        await notices_send(clock=lambda: datetime.now(UTC), settings=Settings(env="test"), ways={"email": Out()})

children = []
for number in range(3):
    child = os.fork()
    if not child:
        asyncio.run(send())
        os._exit(0)
    children.append(child)
sys.exit(any([os.waitpid(child, 0)[1] for child in children]))
"""


def test_several_processes_send_each_message_once(database_url: str) -> None:
    readers = [f"reader{number}@example.org" for number in range(20)]

    async def queued() -> None:
        async with db.connect(database_url):
            for reader in readers:
                await queue(reader, to=reader)

    asyncio.run(queued())
    command = [sys.executable, "-c", SENDER, database_url]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")
    assert sorted(result.stdout.split()) == sorted(readers)


async def test_what_a_sender_took_up_before_it_died_is_sent_by_another_after_the_lease_with_the_same_message_id(
    database: str, host: MailHost, clock: Clock
) -> None:
    id = await queue()

    class Dies(Slow):
        async def send(self, message: Message) -> None:
            self.taken.append(message.id)
            raise asyncio.CancelledError

    dying = Dies()
    with pytest.raises(asyncio.CancelledError):
        await notices_send(clock=clock, settings=mailing(host), ways={"email": dying})
    assert (await stored(id)).state == "sending"
    assert await notices_send(clock=clock, settings=mailing(host)) == Sent()
    clock.now += LEASE
    assert await notices_send(clock=clock, settings=mailing(host)) == Sent(sent=1)
    assert host.messages[0]["Message-ID"] == f"<{dying.taken[0]}@example.org>"


async def test_a_sender_whose_lease_has_passed_to_another_changes_nothing_any_more(
    database: str, host: MailHost, clock: Clock
) -> None:
    id = await queue()

    async def another_takes_over() -> None:
        clock.now += LEASE
        assert await notices_send(clock=clock, settings=mailing(host)) == Sent(sent=1)
        raise NotDelivered("reader refused: 550", lasting=True)

    await notices_send(clock=clock, settings=mailing(host), ways={"email": Slow(another_takes_over)})
    assert (await stored(id)).state == "sent"


async def test_a_message_over_which_senders_keep_dying_is_given_up(database: str, host: MailHost, clock: Clock) -> None:
    id = await queue()
    async with db.staging():
        await db.execute(f"UPDATE outbox SET tries = {MOST_TRIES}")
    assert await notices_send(clock=clock, settings=mailing(host)) == Sent(dead=1)
    assert (await stored(id)).error == "given up: nobody came back"
    assert host.arrived == []


async def test_messages_that_cannot_go_by_one_way_do_not_stand_before_those_of_another(
    database: str, host: MailHost, clock: Clock
) -> None:
    for number in range(3):
        await text_to(key=f"text {number}")
    await queue("the mail")
    found = await outbox.due(["email", "sms"], clock(), 2)
    assert [channel for _, channel in found] == ["sms", "sms", "email"]


async def test_a_message_to_an_address_that_no_letter_can_bear_holds_up_no_other(
    database: str, host: MailHost, clock: Clock
) -> None:
    poison = await queue("poison")
    async with db.staging():  # as an earlier version took it
        await db.execute("UPDATE outbox SET recipient = 'w..ren@example.org'")
    await queue("after it")
    assert await notices_send(clock=clock, settings=mailing(host)) == Sent(sent=1, dead=1)
    assert (await stored(poison)).state == "dead"


async def test_nothing_is_locked_while_a_message_is_on_its_way(database: str, clock: Clock) -> None:
    await queue()
    written = []

    async def somebody_writes() -> None:
        async with asyncio.timeout(5):
            written.append(await asyncio.create_task(queue("meanwhile")))

    await notices_send(limit=1, clock=clock, settings=settings_for(database), ways={"email": Slow(somebody_writes)})
    assert len(written) == 1


# --- looked after ----------------------------------------------------------------------------------------------------


async def test_an_operator_sees_what_waits_and_what_was_given_up_without_addresses_or_links(
    database: str, host: MailHost, clock: Clock
) -> None:
    await queue("sent")
    await notices_send(clock=clock, settings=mailing(host))
    await queue("dead")
    host.to_reader = "550 nobody"
    await notices_send(clock=clock, settings=mailing(host))
    await queue("waiting")
    await text_to()
    found = await notices_overview(settings=mailing(host))
    assert found.counts == {"waiting": 2, "sending": 0, "sent": 1, "dead": 1}
    assert [(each.state, each.to) for each in found.notices] == [
        ("waiting", "…23"),
        ("waiting", "w…@example.org"),
        ("dead", "w…@example.org"),
    ]
    assert found.not_set_up == ("sms",)
    assert not re.search("wren|secret|5555550123", json.dumps([repr(each) for each in found.notices]))
    dead = await notices_overview(dead=True, settings=mailing(host))
    assert [each.state for each in dead.notices] == ["dead"]


async def test_a_message_without_a_link_can_start_over(database: str, gateway: SmsHost, clock: Clock) -> None:
    id = await text_to()
    gateway.declines(400, 21211)
    await notices_send(clock=clock, settings=texting(gateway))
    gateway.status = 201
    assert await notice_retry(id=id or 0, now=NOW)
    assert not await notice_retry(id=id or 0, now=NOW)  # it waits already
    assert await notices_send(clock=clock, settings=texting(gateway)) == Sent(sent=1)


async def test_a_message_whose_link_is_gone_cannot_start_over(database: str, host: MailHost, clock: Clock) -> None:
    id = await queue()
    host.to_reader = "550 nobody"
    await notices_send(clock=clock, settings=mailing(host))
    assert not await notice_retry(id=id or 0, now=NOW)
    assert (await stored(id)).state == "dead"
    with pytest.raises(NotFound):
        await notice_retry(id=99, now=NOW)


async def test_what_has_ended_is_forgotten_after_thirty_days_and_what_waits_is_not(
    database: str, host: MailHost, clock: Clock
) -> None:
    await queue("sent")
    await notices_send(clock=clock, settings=mailing(host))
    await queue("waiting")
    assert await notices_forget(now=NOW + KEPT) == 0
    assert await notices_forget(now=NOW + KEPT + timedelta(seconds=1)) == 1
    assert await one_value("SELECT dedup_key FROM outbox") == "waiting"


async def test_the_log_says_what_was_given_up_without_an_address_or_a_word_of_it(
    database: str, host: MailHost, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    id = await queue()
    host.to_reader = "550 nobody of the name wren@example.org"
    await notices_send(clock=clock, settings=mailing(host))
    ours = [record.getMessage() for record in caplog.records if record.name == "footbridge.worker"]
    assert ours == [f"message {id} (invitation by email) is given up: reader refused: 550"]
