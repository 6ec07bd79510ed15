"""The ways by which a message leaves: e-mail over SMTP, SMS over an HTTP gateway in the shape of Twilio's, or the console.

Each attempt has a time limit, and ends without an answer only when the message was taken: everything else is `NotDelivered`, whose
code never repeats what the other side said, since that may hold the reader's address.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import ssl
import sys
from contextlib import suppress
from datetime import timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from email.utils import formatdate
from functools import cache
from typing import Protocol
from urllib.parse import quote, unquote, urlsplit

import aiosmtplib
import httpx

from directory.domain.notices import Message, NotDelivered

SECONDS = 30.0
"""How long one attempt may take in all. Far below a lease (domain/notices.py)."""
PARTING_SECONDS = 2.0
ANSWER_BYTES = 64_000
HERE = ("127.0.0.1", "localhost", "::1")

for _name in ("httpx", "httpcore"):  # which would write the address of an account into the log
    logging.getLogger(_name).setLevel(logging.WARNING)


class Messenger(Protocol):
    """A way out."""

    async def send(self, message: Message) -> None:
        """Hands the message over, or raises NotDelivered."""


@cache
def trusted() -> ssl.SSLContext:
    """The authorities that this machine trusts, read from its disk once."""
    return ssl.create_default_context()


class Console:
    """Shows messages on standard error, for work on this very machine."""

    async def send(self, message: Message) -> None:
        """Writes the text; it cannot fail."""
        sys.stderr.write(f"--- to {message.to}: {message.subject}\n{message.text}---\n")


class Mail:
    """A mail server: `smtp://user:password@host:587` (STARTTLS, which only a server on this machine may do without) or `smtps://`."""

    def __init__(
        self, url: str, *, sender: str, name: str, tls: ssl.SSLContext | None = None, seconds: float = SECONDS
    ) -> None:
        self._parts = urlsplit(url)
        self._sender, self._name, self._tls, self._seconds = sender, name, tls, seconds

    async def send(self, message: Message) -> None:
        """Raises NotDelivered: lasting where the server refuses this reader or this text with 5xx, or no letter can be made of them."""
        try:
            letter = self._letter(message)
            letter.as_bytes()  # what cannot be written down is found here, and not while the server listens
        except Exception as mistake:  # the parser of addresses has more ways to fail than ValueError
            raise NotDelivered(f"address or text: {type(mistake).__name__}", lasting=True) from None
        client = self._client(await self._context())
        try:
            async with asyncio.timeout(self._seconds):
                await client.connect()
                await client.send_message(letter, sender=self._sender, recipients=[message.to])
            # It is taken: whatever goes wrong from here on is no reason to send it again.
            with suppress(aiosmtplib.SMTPException, OSError):
                await client.quit(timeout=PARTING_SECONDS)
        except aiosmtplib.SMTPRecipientsRefused as refused:
            raise _refused("reader", refused.recipients[0].code) from None
        except aiosmtplib.SMTPDataError as refused:
            raise _refused("text", refused.code) from None
        except aiosmtplib.SMTPResponseException as refused:  # sign-in, sender, greeting: not about this message
            raise NotDelivered(f"{type(refused).__name__} {refused.code}", everybody=True) from None
        except (TimeoutError, aiosmtplib.SMTPTimeoutError):
            raise NotDelivered("no answer in time", everybody=True) from None
        except (aiosmtplib.SMTPException, OSError, ValueError) as trouble:
            raise NotDelivered(f"no connection: {type(trouble).__name__}", everybody=True) from None
        finally:
            client.close()

    async def _context(self) -> ssl.SSLContext | None:
        """Whom to trust; None for this machine itself, whose mail server seldom has a certificate that anybody has signed."""
        if self._tls or self._parts.hostname in HERE:
            return self._tls
        return await asyncio.to_thread(trusted)

    def _client(self, tls: ssl.SSLContext | None) -> aiosmtplib.SMTP:
        parts = self._parts
        wrapped = parts.scheme == "smtps"
        return aiosmtplib.SMTP(
            hostname=parts.hostname,
            port=parts.port or (465 if wrapped else 587),
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            local_hostname=self._domain,  # the name of the machine is nobody's business, and looking it up may take long
            timeout=self._seconds,
            use_tls=wrapped,
            start_tls=False if wrapped else (None if parts.hostname in HERE else True),
            tls_context=tls,
            validate_certs=tls is not None,
        )

    @property
    def _domain(self) -> str:
        return self._sender.partition("@")[2]

    def _letter(self, message: Message) -> EmailMessage:
        letter = EmailMessage(policy=WIRE)
        letter["From"] = Address(self._name, addr_spec=self._sender)
        letter["To"] = Address(addr_spec=message.to)
        letter["Subject"] = message.subject
        letter["Date"] = formatdate()
        letter["Message-ID"] = f"<{message.id}@{self._domain}>"
        letter["Auto-Submitted"] = "auto-generated"  # so that no absence note answers it (RFC 3834)
        letter.set_content(message.text, cte="quoted-printable")
        if message.html:
            letter.add_alternative(message.html, subtype="html", cte="quoted-printable")
        letter["Content-Language"] = message.language  # last, since setting the content removes what is said of it
        return letter


def _refused(what: str, code: int) -> NotDelivered:
    return NotDelivered(f"{what} refused: {code}", lasting=500 <= code < 600)


class Texts:
    """An SMS gateway: `POST {url}/2010-04-01/Accounts/{account}/Messages.json` with To, From and Body, as Twilio takes them."""

    def __init__(self, url: str, *, account: str, token: str, sender: str, seconds: float = SECONDS) -> None:
        self._url = f"{url.rstrip('/')}/2010-04-01/Accounts/{quote(account, safe='')}/Messages.json"
        self._login, self._sender, self._seconds = (account, token), sender, seconds

    async def send(self, message: Message) -> None:
        """Raises NotDelivered: lasting where the gateway says that the request is wrong (400), which is a number it cannot serve."""
        form = {"To": message.to, "From": self._sender, "Body": message.text}
        tls = await asyncio.to_thread(trusted)
        try:
            async with (
                asyncio.timeout(self._seconds),
                httpx.AsyncClient(verify=tls, trust_env=False, auth=self._login, timeout=None) as client,
                client.stream("POST", self._url, data=form) as answer,
            ):
                if not answer.is_success:
                    raise _declined(answer, await _beginning(answer))
        except (TimeoutError, httpx.TimeoutException):
            raise NotDelivered("no answer in time", everybody=True) from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as trouble:
            raise NotDelivered(f"no connection: {type(trouble).__name__}", everybody=True) from None


async def _beginning(answer: httpx.Response) -> bytes:
    body = b""
    async for part in answer.aiter_bytes():
        body += part
        if len(body) > ANSWER_BYTES:
            break
    return body


def _declined(answer: httpx.Response, body: bytes) -> NotDelivered:
    """Only 400 is about this message; 429 and 5xx pass, and the rest (401, 403, 404, a redirect) is for the operator to set right."""
    reason = _reason(body)
    code = f"refused: {answer.status_code}{f' ({reason})' if reason else ''}"
    after = answer.headers.get("Retry-After", "")
    pause = timedelta(seconds=int(after)) if re.fullmatch(r"[0-9]{1,6}", after) else timedelta(0)
    return NotDelivered(code, lasting=answer.status_code == 400, everybody=answer.status_code != 400, pause=pause)


def _reason(body: bytes) -> int | None:
    """The gateway's own number for what is wrong, such as 21610 for a reader who wants no more messages."""
    with suppress(ValueError):
        found = json.loads(body)
        if isinstance(found, dict) and isinstance(found.get("code"), int):
            return int(found["code"])
    return None
