from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from urllib.parse import quote

import pytest

from directory.domain.notices import Message, NotDelivered
from directory.gateways import messengers
from directory.gateways.messengers import Console, Mail, Texts
from tests.post_office import NAME, PASSWORD, MailHost, SmsHost, Trust, mail_host, sms_host, trust_in

LOGIN = f"{NAME}:{quote(PASSWORD, safe='')}@"
LETTER = Message(
    id="7.20260302", to="wren@example.org", subject="¿Quién?", text="Hola, señora\n", html="<p>Hola</p>", language="es"
)
TEXT = Message(id="8.20260302", to="+15555550123", subject="", text="You have an update.", html="", language="en")


@pytest.fixture(scope="module")
def trust(tmp_path_factory: pytest.TempPathFactory) -> Trust:
    return trust_in(tmp_path_factory.mktemp("trust"))


@pytest.fixture
async def host() -> AsyncIterator[MailHost]:
    async with mail_host() as host:
        yield host


@pytest.fixture
async def gateway() -> AsyncIterator[SmsHost]:
    async with sms_host() as gateway:
        yield gateway


def mail(host: MailHost, **given: object) -> Mail:
    return Mail(host.url(), **{"sender": "office@example.org", "name": "Heron & Co", **given})  # type: ignore[arg-type]


def texts(gateway: SmsHost, seconds: float = 5.0) -> Texts:
    return Texts(gateway.url, account="AC/1", token="lamp", sender="+15555550100", seconds=seconds)


async def refusal(way: Mail | Texts, message: Message) -> NotDelivered:
    with pytest.raises(NotDelivered) as refused:
        await way.send(message)
    assert message.to not in str(refused.value)
    return refused.value


# --- mail ------------------------------------------------------------------------------------------------------------


async def test_a_mail_arrives_with_both_parts_in_its_language_from_a_neutral_sender(host: MailHost) -> None:
    await mail(host).send(LETTER)
    ((sender, readers, arrived),) = host.arrived
    assert (sender, readers) == ("office@example.org", ["wren@example.org"])
    assert arrived["From"].addresses[0].display_name == "Heron & Co"
    assert (arrived["To"], arrived["Subject"]) == ("wren@example.org", "¿Quién?")
    assert (arrived["Content-Language"], arrived["Auto-Submitted"]) == ("es", "auto-generated")
    parts = {part.get_content_type(): part.get_content().split() for part in arrived.iter_parts()}
    assert parts == {"text/plain": ["Hola,", "señora"], "text/html": ["<p>Hola</p>"]}


@pytest.mark.parametrize("to", ["w..ren@example.org", ".a@example.org", "=?utf-8?q?a?=@example.org", "a@b\r\nBcc: c@d"])
async def test_a_letter_that_cannot_be_made_is_given_up_alone_and_before_anybody_is_called(to: str) -> None:
    nobody = Mail("smtp://127.0.0.1:1", sender="office@example.org", name="Heron")
    trouble = await refusal(nobody, replace(LETTER, to=to))
    assert (trouble.lasting, trouble.everybody) == (True, False)


async def test_every_attempt_at_a_message_has_the_same_message_id(host: MailHost) -> None:
    await mail(host).send(LETTER)
    await mail(host).send(LETTER)
    assert [message["Message-ID"] for message in host.messages] == ["<7.20260302@example.org>"] * 2


async def test_a_mail_server_elsewhere_is_signed_in_to_over_tls_alone(trust: Trust) -> None:
    async with mail_host(tls=trust.server) as host:
        await Mail(host.url("smtp", LOGIN), sender="office@example.org", name="", tls=trust.client).send(LETTER)
        assert (host.signed_in, host.over_tls) == ([NAME], [True])
    async with mail_host(tls=trust.server, wrapped=True) as host:
        await Mail(host.url("smtps"), sender="office@example.org", name="", tls=trust.client).send(LETTER)
        assert len(host.arrived) == 1


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers on loopback are met as those of other machines are."""
    monkeypatch.setattr(messengers, "HERE", ())


@pytest.mark.usefixtures("elsewhere")
async def test_a_server_whose_certificate_nobody_trusts_gets_neither_password_nor_mail(trust: Trust) -> None:
    async with mail_host(tls=trust.server) as host:
        trouble = await refusal(Mail(host.url("smtp", LOGIN), sender="office@example.org", name=""), LETTER)
        assert (trouble.lasting, trouble.everybody) == (False, True)
        assert (host.signed_in, host.arrived) == ([], [])


@pytest.mark.usefixtures("elsewhere")
async def test_a_server_elsewhere_that_does_not_speak_tls_gets_no_mail(host: MailHost) -> None:
    trouble = await refusal(mail(host), LETTER)
    assert (trouble.code, trouble.lasting, trouble.everybody) == ("no connection: SMTPException", False, True)
    assert host.arrived == []


async def test_the_mail_server_of_this_machine_needs_no_certificate_that_anybody_has_signed(trust: Trust) -> None:
    async with mail_host(tls=trust.server) as host:
        await Mail(host.url("smtp", LOGIN), sender="office@example.org", name="").send(LETTER)
        assert host.over_tls == [True]


async def test_a_wrong_password_is_not_held_against_the_message(trust: Trust) -> None:
    async with mail_host(tls=trust.server) as host:
        way = Mail(host.url("smtp", f"{NAME}:wrong@"), sender="office@example.org", name="", tls=trust.client)
        trouble = await refusal(way, LETTER)
    assert (trouble.code, trouble.lasting, trouble.everybody) == ("SMTPAuthenticationError 535", False, True)


@pytest.mark.parametrize(
    ("to_reader", "to_text", "code", "lasting"),
    [
        ("550 5.1.1 no such reader wren@example.org", "250 OK", "reader refused: 550", True),
        ("450 4.2.1 come back later", "250 OK", "reader refused: 450", False),
        ("250 OK", "554 5.7.1 not wanted by wren@example.org", "text refused: 554", True),
        ("250 OK", "452 4.3.1 no room", "text refused: 452", False),
    ],
)
async def test_a_refusal_with_5_is_for_good_and_one_with_4_for_now(
    host: MailHost, to_reader: str, to_text: str, code: str, lasting: bool
) -> None:
    host.to_reader, host.to_text = to_reader, to_text
    trouble = await refusal(mail(host), LETTER)
    assert (trouble.code, trouble.lasting, trouble.everybody) == (code, lasting, False)


async def test_a_server_that_is_down_or_slow_is_said_to_be_so(host: MailHost) -> None:
    host.seconds = 5
    slow = await refusal(mail(host, seconds=0.1), LETTER)
    assert (slow.code, slow.lasting, slow.everybody) == ("no answer in time", False, True)
    down = await refusal(Mail("smtp://127.0.0.1:1", sender="office@example.org", name=""), LETTER)
    assert (down.code, down.lasting, down.everybody) == ("no connection: SMTPConnectError", False, True)


async def test_a_message_that_was_taken_is_sent_even_where_the_parting_goes_wrong(host: MailHost) -> None:
    hung_up = asyncio.Event()

    async def hangs_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example.org\r\n")
        body = False
        while line := await reader.readline():
            if line.startswith(b"QUIT"):
                break
            body = (body or line.startswith(b"DATA")) and line != b".\r\n"
            if not body or line.startswith(b"DATA"):
                writer.write(b"354 go on\r\n" if body else b"250 OK\r\n")
        writer.close()
        await writer.wait_closed()
        hung_up.set()

    server = await asyncio.start_server(hangs_up, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    await Mail(f"smtp://127.0.0.1:{port}", sender="office@example.org", name="").send(LETTER)
    server.close()
    await hung_up.wait()


async def test_no_address_and_no_word_of_a_message_reaches_the_log(
    host: MailHost, gateway: SmsHost, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    for name in ("mail.log", "asyncio"):
        caplog.set_level(logging.WARNING, name)  # those of the server
    await mail(host).send(LETTER)
    await texts(gateway).send(TEXT)
    assert (len(host.arrived), len(gateway.asked)) == (1, 1)
    assert [word for word in ("wren", "Hola", "5555550123", "AC%2F1") if word in caplog.text] == []


async def test_the_console_shows_a_message_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    await Console().send(LETTER)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "wren@example.org" in shown.err
    assert "Hola, señora" in shown.err


# --- SMS -------------------------------------------------------------------------------------------------------------


async def test_an_sms_is_posted_to_the_account_with_its_token(gateway: SmsHost) -> None:
    await texts(gateway).send(TEXT)
    form = {"To": "+15555550123", "From": "+15555550100", "Body": "You have an update."}
    assert gateway.asked == [("POST /2010-04-01/Accounts/AC%2F1/Messages.json HTTP/1.1", "AC/1:lamp", form)]


async def test_any_2xx_of_a_gateway_means_that_the_message_is_taken(gateway: SmsHost) -> None:
    gateway.status, gateway.body = 200, b"taken"
    await texts(gateway).send(TEXT)
    assert len(gateway.asked) == 1


@pytest.mark.parametrize(
    ("status", "number", "lasting"),
    [(400, 21211, True), (400, 21610, True), (401, 20003, False), (404, 20404, False), (500, 20500, False)],
)
async def test_only_a_wrong_request_is_for_good(gateway: SmsHost, status: int, number: int, lasting: bool) -> None:
    gateway.declines(status, number)
    trouble = await refusal(texts(gateway), TEXT)
    assert trouble.code == f"refused: {status} ({number})"
    assert (trouble.lasting, trouble.everybody) == (lasting, not lasting)


@pytest.mark.parametrize(
    ("asks", "seconds"), [("90", 90), ("soon", 0), ("9" * 5000, 0), ("Wed, 21 Oct 2015 07:28:00 GMT", 0)]
)
async def test_a_gateway_that_is_asked_too_often_is_left_alone_as_long_as_it_says(
    gateway: SmsHost, asks: str, seconds: int
) -> None:
    gateway.declines(429, 20429, Retry_After=asks)
    trouble = await refusal(texts(gateway), TEXT)
    assert (trouble.code, trouble.lasting) == ("refused: 429 (20429)", False)
    assert trouble.pause == timedelta(seconds=seconds)


@pytest.mark.parametrize("body", [b"<html>", b"[1]", b'{"code": "x"}', b"\xff\xfe", b"{" * 200_000])
async def test_an_answer_that_is_not_what_was_agreed_is_only_a_refusal(gateway: SmsHost, body: bytes) -> None:
    gateway.status, gateway.body = 503, body
    trouble = await refusal(texts(gateway), TEXT)
    assert (trouble.code, trouble.lasting) == ("refused: 503", False)


async def test_a_redirect_is_not_followed(gateway: SmsHost) -> None:
    gateway.status, gateway.headers = 307, {"Location": f"{gateway.url}/elsewhere"}
    assert (await refusal(texts(gateway), TEXT)).everybody
    assert len(gateway.asked) == 1


async def test_a_gateway_that_is_slow_or_down_is_said_to_be_so(gateway: SmsHost) -> None:
    gateway.seconds = 5
    slow = await refusal(texts(gateway, seconds=0.1), TEXT)
    assert (slow.code, slow.lasting, slow.everybody) == ("no answer in time", False, True)
    down = await refusal(Texts("http://127.0.0.1:1", account="AC1", token="lamp", sender="+15555550100"), TEXT)
    assert (down.code, down.lasting, down.everybody) == ("no connection: ConnectError", False, True)
