"""Where messages arrive in tests: a real mail server and a real SMS gateway on loopback, both in the test's own loop."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import ssl
from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NAME, PASSWORD = "robin", "heron/lamp?#"
CREATED = {"sid": "SM" + "0" * 32, "status": "queued", "error_code": None}
"""As https://www.twilio.com/docs/messaging/api/message-resource shows the answer to a message that is taken (status 201)."""


# --- mail ------------------------------------------------------------------------------------------------------------


@dataclass
class MailHost:
    """The mail server while it runs. `to_reader` and `to_text` are what it says to RCPT and to the end of DATA."""

    port: int = 0
    arrived: list[tuple[str, list[str], EmailMessage]] = field(default_factory=list)
    to_reader: str = "250 OK"
    to_text: str = "250 OK"
    seconds: float = 0.0
    signed_in: list[str] = field(default_factory=list)
    over_tls: list[bool] = field(default_factory=list)

    def url(self, scheme: str = "smtp", login: str = "") -> str:
        return f"{scheme}://{login}127.0.0.1:{self.port}"

    @property
    def messages(self) -> list[EmailMessage]:
        return [message for _, _, message in self.arrived]

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.to_reader.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.to_reader

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        await asyncio.sleep(self.seconds)
        if self.to_text.startswith("250"):
            message = message_from_bytes(envelope.original_content or b"", policy=policy.default)
            assert isinstance(message, EmailMessage)
            self.arrived.append((envelope.mail_from or "", envelope.rcpt_tos, message))
            self.over_tls.append(session.ssl is not None)
        return self.to_text

    def sign_in(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        given = data if isinstance(data, LoginPassword) else LoginPassword(b"", b"")
        self.signed_in.append(given.login.decode())
        good = (given.login, given.password) == (NAME.encode(), PASSWORD.encode())
        return AuthResult(success=good, handled=False)  # the server itself says so to whoever signs in


@asynccontextmanager
async def mail_host(*, tls: ssl.SSLContext | None = None, wrapped: bool = False) -> AsyncIterator[MailHost]:
    """A mail server for the block: with `tls` it asks for STARTTLS and a sign-in, `wrapped` in TLS from the first byte."""
    host, loop = MailHost(), asyncio.get_running_loop()
    asks = {"tls_context": tls, "require_starttls": True, "auth_required": True} if tls and not wrapped else {}
    talks: list[SMTP] = []

    def made() -> SMTP:
        talks.append(SMTP(host, loop=loop, hostname="mail.example.org", authenticator=host.sign_in, **asks))
        return talks[-1]

    server = await loop.create_server(made, "127.0.0.1", 0, ssl=tls if wrapped else None)
    host.port = server.sockets[0].getsockname()[1]
    try:
        yield host
    finally:
        server.close()
        for talk in talks:
            if talk.transport:
                talk.transport.abort()
        for _ in range(5):  # the loss of the connection is told, ends the talk, and that is noticed
            await asyncio.sleep(0)


@dataclass(frozen=True)
class Trust:
    """A certificate of 127.0.0.1 that nobody else has signed: what its server shows, and a reader that trusts it."""

    server: ssl.SSLContext
    client: ssl.SSLContext


def trust_in(folder: Path) -> Trust:
    """A new certificate, written into this folder."""
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "loopback")]),
    )
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, path = serialization.Encoding.PEM, folder / "loopback.pem"
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(private + made.public_bytes(pem))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(path)
    return Trust(server, ssl.create_default_context(cadata=made.public_bytes(pem).decode()))


# --- SMS -------------------------------------------------------------------------------------------------------------


@dataclass
class SmsHost:
    """The gateway while it runs: what it answers, and what it was asked (path, who signs in, form)."""

    port: int = 0
    status: int = 201
    body: bytes = json.dumps(CREATED).encode()
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    talks: list[asyncio.Task[None] | None] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def declines(self, status: int, code: int, **headers: str) -> None:
        """As https://www.twilio.com/docs/usage/twilios-response shows an error: its own number beside the status."""
        self.status, self.headers = status, {name.replace("_", "-"): value for name, value in headers.items()}
        self.body = json.dumps({"code": code, "message": "about +15555550100", "status": status}).encode()

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.talks.append(asyncio.current_task())
        try:
            await self._talk(reader, writer)
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("ascii").split("\r\n")
        named = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
        form = (await reader.readexactly(int(named["content-length"]))).decode()
        login = b64decode(named["authorization"].removeprefix("Basic ")).decode()
        self.asked.append((head[0], login, {name: values[0] for name, values in parse_qs(form).items()}))
        await asyncio.sleep(self.seconds)
        lines = [f"{name}: {value}\r\n" for name, value in self.headers.items()]
        writer.write(f"HTTP/1.1 {self.status} X\r\nConnection: close\r\n{''.join(lines)}\r\n".encode() + self.body)


@asynccontextmanager
async def sms_host() -> AsyncIterator[SmsHost]:
    """A gateway for the block, which takes every message."""
    host = SmsHost()
    server = await asyncio.start_server(host.talk, "127.0.0.1", 0)
    host.port = server.sockets[0].getsockname()[1]
    try:
        yield host
    finally:
        server.close()
        running = [talk for talk in host.talks if talk]
        for talk in running:
            talk.cancel()
        await asyncio.gather(*running, return_exceptions=True)
