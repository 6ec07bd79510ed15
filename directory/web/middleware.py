"""What happens around every request, as plain ASGI: in which order, `app.py` says.

Pure ASGI and not Starlette's BaseHTTPMiddleware, which runs the rest in another task and so loses context variables: the
language here, the database connection in Tortoise.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Sequence
from functools import lru_cache
from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from directory import i18n
from directory.settings import Settings
from directory.web.errors import logged_path, refusal, unexpected
from directory.web.forms import MOST_UPLOADED, UPLOADS
from directory.web.responses import NO_STORE, text

access = logging.getLogger("footbridge.access")

LINE = "%s %s %d %.0fms"
ONE_WORD = re.compile("/[a-z]{0,20}")
"""A path that holds neither the secret of a link nor anything to quote, as those of most requests: it is logged as it stands."""
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(self), camera=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
HSTS = "max-age=31536000"
"""A year, for this host alone: an agency's other hosts are not ours to bind."""


def policy_for(settings: Settings) -> str:
    """The content security policy. Pictures may come from an operator's tile server too, where one is set; nothing else may."""
    if not settings.tile_origin:
        return CONTENT_SECURITY_POLICY
    return CONTENT_SECURITY_POLICY.replace("img-src 'self'", f"img-src 'self' {settings.tile_origin}")


class AccessLog:
    """One line for each request: method, path, status, milliseconds. Never the query, a cookie, the secret of a link or an address of a visitor."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._pattern: logging.LogRecord | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        began = time.perf_counter()
        status = 0

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noting)
        finally:
            if access.isEnabledFor(logging.INFO):
                took = (time.perf_counter() - began) * 1000
                path = scope["path"]
                said = path if ONE_WORD.fullmatch(path) else logged_path(path)
                access.handle(self._record((scope["method"], said, status, took)))

    def _record(self, values: tuple[str, str, int, float]) -> logging.LogRecord:
        """What `access.info` would make. Only the time and the values differ from one line to the next: to find out anew which
        process, thread and line of code speaks takes longer than the rest of the log.
        """
        if self._pattern is None:
            self._pattern = logging.LogRecord(access.name, logging.INFO, __file__, 0, LINE, (), None)
            vars(self._pattern)["taskName"] = None  # where the library gives it: each request is a task of its own
        now, same = time.time(), self._pattern
        passed = same.relativeCreated + (now - same.created) * 1000
        record = logging.LogRecord.__new__(logging.LogRecord)
        own = {"args": values, "created": now, "msecs": float(int(now % 1 * 1000)), "relativeCreated": passed}
        record.__dict__.update(same.__dict__, **own)
        return record


STRICTER = (b"referrer-policy", b"no-referrer")
"""What a page may ask for beyond them: that the browser does not even tell ourselves where it came from."""
FORMS_OF_CODES = ("/status", "/language")
"""Where the forms on those pages lead. A browser sends them with `Origin: null`, or from before 2020 with nothing at all."""


class SecurityHeaders:
    """The same protective headers on every answer, whoever gives it: page, file, error. A page may ask for STRICTER alone.

    None on a 304: it says that what the browser has is still true, with all the headers that it came with (RFC 9110, 15.4.5; RFC 9111, 3.2).
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        headers = {**SECURITY_HEADERS, "Content-Security-Policy": policy_for(settings)}
        if settings.is_production and settings.base_url.startswith("https://"):
            headers["Strict-Transport-Security"] = HSTS
        self.headers = [(name.lower().encode("ascii"), value.encode("latin-1")) for name, value in headers.items()]
        self.names = {name for name, _ in self.headers}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] != HTTPStatus.NOT_MODIFIED:
                given = list(message.get("headers", ()))
                if self.names.isdisjoint([name.lower() for name, _ in given]):  # as it is nearly always
                    message["headers"] = given + self.headers
                    return await send(message)
                others = [pair for pair in given if pair[0].lower() not in self.names]
                own = [pair for pair in self.headers if pair[0] != STRICTER[0] or STRICTER not in given]
                message["headers"] = others + own + ([STRICTER] if STRICTER in given else [])
            await send(message)

        await self.app(scope, receive, guarded)


class Language:
    """Speaks the visitor's language for the rest of the request: the one chosen before (a cookie), else what the browser asks for."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            cookie = Request(scope).cookies.get(i18n.COOKIE) if header(scope, b"cookie") else None
            i18n.use(i18n.choose(cookie, header(scope, b"accept-language")))
        await self.app(scope, receive, send)


class Unexpected:
    """Turns a mistake of ours into a page that says so. It ends here, since a server would log the whole error with its values."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        started = False

        async def noting(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, noting)
        except Exception as error:
            response = unexpected(Request(scope), error)
            if (
                started
            ):  # too late for another answer: let the server cut the connection, without the words of the error
                raise RuntimeError("an answer broke off; the lines above say where") from None
            await response(scope, receive, send)


Guard = Callable[[Scope], Response | None]
"""Looks at a request and gives the answer that turns it away, or None to let it pass."""


class Guarded:
    """Asks each guard in turn; a page sees only what all of them let pass. Plain functions in one place, since a middleware for each
    costs every request more than what it looks at.
    """

    def __init__(self, app: ASGIApp, guards: Sequence[Guard]) -> None:
        self.app = app
        self.guards = tuple(guards)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            for guard in self.guards:
                if refused := guard(scope):
                    return await refused(scope, receive, send)
        await self.app(scope, receive, send)


class TrustedHost:
    """Answers only under the names in the settings, since an address made from a forged Host header would lead a reader away.

    A name may be a whole host, `*.` before a domain for all hosts in it, or `*` for any.
    """

    def __init__(self, hosts: Sequence[str]) -> None:
        self.hosts = tuple(host.lower() for host in hosts)

    def __call__(self, scope: Scope) -> Response | None:
        if self.knows(header(scope, b"host")):
            return None
        sentence = (
            "This server does not answer to that name. Check the address and try again.\n"
            "If you run this site: add the name to DIRECTORY_HOSTS.\n"
        )
        return text(sentence, cache=NO_STORE, status=400)

    def knows(self, header: str) -> bool:
        """Whether a Host header names this site, whatever the port."""
        host = host_name(header)
        return host is not None and (
            host in self.hosts
            or any(name == "*" or (name.startswith("*.") and host.endswith(name[1:])) for name in self.hosts)
        )


def cross_origin(scope: Scope) -> Response | None:
    """Refuses a form that another site made the visitor's browser send.

    Browsers say where a request comes from, and a page cannot forge it, so no token is needed:

    - `Sec-Fetch-Site` decides where it is sent: `same-origin`, or `none` (typed in by the visitor), pass. `same-site` does
      not: a sibling host need not be ours.
    - Else `Origin` must be this very host. `null` is refused: any sandboxed frame can send it.
    - Else `Referer` must be this very host. Browsers from before 2020 send a form with neither of the two above, but with
      this, since our own pages ask for `Referrer-Policy: same-origin`.
    - With none of the three it passes only if it carries neither cookie nor credentials: then it is a program, not a browser
      that acts for someone, and there is nothing to misuse.
    - The pages behind a card (FORMS_OF_CODES) ask for `no-referrer`, so an old browser's own form looks like a stranger's there. It
      passes: their cookie is SameSite=Strict, and without it these forms change nothing but the language of the page.
    """
    if scope["method"] in SAFE_METHODS or _is_ours(scope):
        return None
    return refusal(Request(scope), 403)


def no_nul(scope: Scope) -> Response | None:
    """Leaves the character NUL out of what is asked for, and finds nothing under an address that has one.

    No browser sends it, and PostgreSQL takes it in no text. In forms web/fields.py refuses it.
    """
    if "\0" in scope["path"]:
        return refusal(Request(scope), 404)
    while b"%00" in scope["query_string"]:
        scope["query_string"] = scope["query_string"].replace(b"%00", b"")
    return None


class BodyLimit:
    """Refuses at once what says that it is too large. What does not say so, Starlette counts while it is read; what only reads has
    no body that anybody here looks at.
    """

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self.app = app
        self.limit = limit
        self.counted = RequestBodyLimitMiddleware(app, max_body_size=limit)
        self.files = RequestBodyLimitMiddleware(app, max_body_size=max(limit, MOST_UPLOADED))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        length = header(scope, b"content-length")
        if length.isdecimal() and int(length) > _most(scope, self.limit):
            if is_for_files(scope) and int(length) <= 4 * MOST_UPLOADED:
                await _let_by(receive)
            return await refusal(Request(scope), 413, {"Connection": "close"})(scope, receive, send)
        if scope["method"] in SAFE_METHODS:
            return await self.app(scope, receive, send)
        await (self.files if is_for_files(scope) else self.counted)(scope, receive, send)


def is_for_files(scope: Scope) -> bool:
    """Whether this is somebody who may be signed in and sends a file where files are taken."""
    return bool(scope["path"] == UPLOADS and header(scope, b"cookie"))


def _most(scope: Scope, limit: int) -> int:
    return max(limit, MOST_UPLOADED) if is_for_files(scope) else limit


async def _let_by(receive: Receive) -> None:
    """Hears a file out that is too large, by not very much: a browser that is cut off shows its own error and not our answer."""
    message = await receive()
    while message["type"] == "http.request" and message.get("more_body"):
        message = await receive()


def header(scope: Scope, name: bytes) -> str:
    """The first header of this name (in lower case), "" where there is none: what each request is asked several times."""
    for found, value in scope["headers"]:
        if found == name:
            return str(value, "latin-1")
    return ""


@lru_cache(maxsize=256)
def host_name(header: str) -> str | None:
    """The name in a Host header, in lower case and without its port; None when it cannot be one."""
    try:
        parts = urlsplit(f"//{header}")
        has_name = bool(parts.hostname) and parts.netloc == header and "@" not in header
        return header.removesuffix(f":{parts.port}").rstrip(":").lower() if has_name else None
    except ValueError:  # a port that is none, a broken IPv6 address
        return None


def _is_ours(scope: Scope) -> bool:
    headers = Headers(scope=scope)
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    source = headers.get("origin") or headers.get("referer")
    if source in (None, "null") and f"{scope['path']}/".startswith(tuple(f"{path}/" for path in FORMS_OF_CODES)):
        return True
    if source is not None:
        return _is_same_origin(source, headers.get("host", ""), scope["scheme"])
    return "cookie" not in headers and "authorization" not in headers


def _is_same_origin(source: str, host: str, scheme: str) -> bool:
    """Whether an address lies on this host. Behind a proxy we may see http where the browser sees https, never the reverse."""
    try:
        parts = urlsplit(source)
    except ValueError:
        return False
    return parts.netloc.lower() == host.lower() and parts.scheme in ("https", scheme)
