"""Texts that a gateway brings, over a real connection: signed, taken once, and answered in one way whoever wrote."""

from __future__ import annotations

import asyncio
import base64
import hmac
import logging
import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import uvicorn

from directory.app import create_app
from directory.services.sealing import seal
from directory.services.waitlist.entries import entry_join
from directory.services.waitlist.keys import phone_key
from directory.settings import Settings
from directory.storage import db
from directory.storage.waitlist import clients, routes
from directory.web.bridge.texts import INCOMING, NOTHING_TO_SAY
from tests.services.waitlist import world
from tests.services.waitlist.agency import somebody
from tests.services.waitlist.world import NOW

TOKEN = "heron-marsh-token"
ANN, BEN, CAI = "+17755550101", "+17755550102", "+17755550103"
"""Whose number each is; CAI writes words."""
NOBODY = "+17755550199"


@dataclass
class Gateway:
    """What https://www.twilio.com/docs/messaging/guides/webhook-request and /docs/usage/webhooks/webhooks-security say that a gateway posts, and how
    it signs that."""

    port: int
    database: str

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{INCOMING}"

    def fields(self, sender: str, words: str, message: str) -> dict[str, str]:
        more = {
            "AccountSid": "AC" + "0" * 32,
            "NumMedia": "0",
            "To": "+17755550100",
            "FromCity": "",
            "SmsStatus": "received",
        }
        return {"MessageSid": message, "From": sender, "Body": words, **more}

    def signed(self, fields: Mapping[str, str], token: str = TOKEN) -> str:
        text = self.url + "".join(name + fields[name] for name in sorted(fields))
        return base64.b64encode(hmac.new(token.encode(), text.encode(), "sha1").digest()).decode()

    def post(self, fields: Mapping[str, str], signature: str, **headers: str) -> tuple[int, dict[str, str], str]:
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=20)) as connection:
            sent = {"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": signature, **headers}
            connection.request("POST", INCOMING, urlencode(fields), sent)
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read().decode()

    def brings(self, sender: str, words: str, message: str) -> tuple[int, dict[str, str], str]:
        fields = self.fields(sender, words, message)
        return self.post(fields, self.signed(fields))

    def rows(self, text: str) -> list[Any]:
        with closing(sqlite3.connect(self.database.removeprefix("sqlite://"))) as connection:
            return connection.execute(text).fetchall()


async def _people(url: str, settings: Settings) -> None:
    async with db.connect(url):
        made = await world.made()
        for number in (ANN, BEN, CAI):
            client = await somebody(made, settings)
            await _reached_at(client, number, settings)
            await entry_join(client=client, pool=made.pool, tie=1, by=made.peer, now=NOW)


async def _reached_at(client: int, number: str, settings: Settings) -> None:
    flags = {"may_leave_word": True, "is_shared": False, "is_agreed": True, "asks_agreed": True}
    async with db.staging():
        await routes.add(client, {"channel": "text", "sealed": seal({"to": number}, settings)} | flags)
        key = phone_key(number, settings)
        assert key is not None
        await clients.keys_replace(client, [key])


@pytest.fixture(scope="module")
def gateway(
    new_database: Callable[[str, Path], AbstractContextManager[str]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Gateway]:
    """The site as a server on this machine, and the gateway that knows its token."""
    with new_database("sqlite", tmp_path_factory.mktemp("texts")) as url, closing(socket.socket()) as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        settings = Settings(
            env="test", database_url=url, hosts=("127.0.0.1",), base_url=f"http://127.0.0.1:{port}/", sms_token=TOKEN
        )
        asyncio.run(_people(url, settings))
        config = uvicorn.Config(create_app(settings, clock=lambda: NOW), log_config=None, lifespan="on")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            while not server.started and thread.is_alive():
                time.sleep(0.01)
            yield Gateway(port, url)
        finally:
            server.should_exit = True
            thread.join(20)


def test_a_signed_text_is_taken_and_answered_with_nothing_to_say(gateway: Gateway) -> None:
    status, headers, body = gateway.brings(ANN, "1", "SM-first")
    assert (status, body) == (200, NOTHING_TO_SAY)
    assert headers["content-type"].startswith("text/xml")
    assert headers["cache-control"] == "no-store"
    assert "set-cookie" not in headers
    assert gateway.rows("SELECT kind FROM text_reply WHERE message = 'SM-first'") == [("still-waiting",)]
    assert gateway.rows("SELECT outcome, by FROM contact_attempt WHERE client_id = 1") == [("still-waiting", "client")]


def test_replayed_or_sent_five_times_at_once_it_counts_once(gateway: Gateway) -> None:
    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda _: gateway.brings(BEN, "2", "SM-again")[0], range(5)))
    assert answers == [200] * 5
    assert gateway.brings(BEN, "2", "SM-again")[0] == 200
    assert gateway.rows("SELECT outcome FROM contact_attempt WHERE client_id = 2") == [("call-me",)]


def test_the_answer_is_the_same_for_a_number_that_is_nobodys(gateway: Gateway) -> None:
    told = [gateway.brings(number, "Hello there", f"SM-{number}") for number in (CAI, NOBODY)]
    kept = [
        (status, {name: headers[name] for name in headers if name != "date"}, body) for status, headers, body in told
    ]
    assert kept[0] == kept[1]


@pytest.mark.parametrize("wrong", ["", "x", "forged", "field", "é"])
def test_what_the_gateway_has_not_signed_is_refused_and_leaves_nothing(gateway: Gateway, wrong: str) -> None:
    fields = gateway.fields(ANN, "stop", f"SM-wrong-{wrong}")
    signature = {"forged": gateway.signed(fields, "guessed"), "field": gateway.signed(fields | {"Body": "1"})}.get(
        wrong, wrong
    )
    assert gateway.post(fields, signature)[0] == 403
    assert gateway.rows(f"SELECT 1 FROM text_reply WHERE message = 'SM-wrong-{wrong}'") == []


def test_signed_for_another_address_it_is_refused(gateway: Gateway) -> None:
    fields = gateway.fields(ANN, "1", "SM-elsewhere")
    elsewhere = Gateway(1, "").signed(fields)
    assert gateway.post(fields, elsewhere)[0] == 403


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.test"}, {"Sec-Fetch-Site": "cross-site"}, {"Cookie": "session=x"}]
)
def test_a_page_that_makes_a_browser_post_there_is_turned_away_though_it_is_signed(
    gateway: Gateway, headers: dict[str, str]
) -> None:
    fields = gateway.fields(ANN, "stop", "SM-browser")
    assert gateway.post(fields, gateway.signed(fields), **headers)[0] == 403
    assert gateway.rows("SELECT 1 FROM text_reply WHERE message = 'SM-browser'") == []


def test_a_text_that_is_far_too_long_is_refused_before_it_is_read(gateway: Gateway) -> None:
    with closing(HTTPConnection("127.0.0.1", gateway.port, timeout=20)) as connection:
        connection.putrequest("POST", INCOMING)
        connection.putheader("Content-Type", "application/x-www-form-urlencoded")
        connection.putheader("Content-Length", "2000000")
        connection.endheaders()
        assert connection.getresponse().status == 413


def test_no_number_and_no_word_of_a_text_stands_in_the_log(gateway: Gateway, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    gateway.brings(CAI, "The heron flew", "SM-quiet")
    gateway.brings(NOBODY, "The heron flew", "SM-quiet-too")
    assert INCOMING in caplog.text
    for secret in ("heron", CAI[2:], NOBODY[2:], "SM-quiet"):
        assert secret not in caplog.text
