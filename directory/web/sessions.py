"""The session of a request: read from its cookie when a page asks for it, and never kept by any cache."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from directory.domain.access import Actor
from directory.domain.people import Session, SignedIn
from directory.services.sessions import actor_of_session, session_find
from directory.settings import Settings
from directory.web.middleware import header, host_name
from directory.web.responses import NO_STORE
from directory.web.site import now_of, settings_of

HALF_A_YEAR = 180 * 24 * 60 * 60
KEY = "footbridge.session"
"""Where in the scope of a request its session stands, once somebody has asked for it."""
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("Chrome", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("CrOS", "Chromebook"),
    ("Linux", "Linux"),
)
"""The first that a browser names; each names several others for old times' sake."""
_LOCAL_HOSTS = ("localhost", "127.0.0.1", "[::1]")
_PROXY_HEADERS = ("x-", "cf-", "true-client")


class Signed:
    """Takes care that no answer that somebody's session went into is stored anywhere, whatever the page said of itself."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start" and scope.get(KEY) is not None:
                headers = MutableHeaders(scope=message)
                headers["Cache-Control"] = NO_STORE
                del headers["ETag"]
            await send(message)

        await self.app(scope, receive, marked if _has_cookie(scope) else send)


def _has_cookie(scope: Scope) -> bool:
    """Whether the browser sends any cookie at all: most visitors send none, and go by as if this were not here."""
    return scope["type"] == "http" and bool(header(scope, b"cookie"))


async def session_of(request: Request) -> Session | None:
    """The live session of this request: no cookie, no question to the database; else one read, however often a page asks."""
    if KEY not in request.scope:
        token = request.cookies.get(cookie_name(settings_of(request)), "")
        request.scope[KEY] = await _found(token, request) if token else None
    session: Session | None = request.scope[KEY]
    return session


async def _found(token: str, request: Request) -> Session | None:
    """The session of this cookie; in production an invented person, who came in without password or code, is nobody."""
    session = await session_find(token=token, now=now_of(request))
    is_invented = session is not None and session.account.is_demo
    return None if is_invented and settings_of(request).is_production else session


async def actor_of(request: Request) -> Actor:
    """Who asks: a visitor, unless somebody has signed in to the end."""
    return actor_of_session(await session_of(request))


# --- the cookie ------------------------------------------------------------------------------------------------------


def cookie_name(settings: Settings) -> str:
    """Over https a name that browsers take only for this very host and only over https (RFC 6265bis, 4.1.3.2)."""
    return "__Host-session" if _is_https(settings) else "session"


def _is_https(settings: Settings) -> bool:
    return settings.base_url.startswith("https://")


def begin(response: Response, begun: SignedIn, settings: Settings) -> Response:
    """Hands the session to the browser, until it is closed; the server ends it earlier. And, once somebody is in, what it is known by."""
    where: dict[str, Any] = {"path": "/", "secure": _is_https(settings), "httponly": True, "samesite": "lax"}
    response.set_cookie(cookie_name(settings), begun.token, **where)
    return remember(response, begun.known, settings) if begun.known else response


def remember(response: Response, known: str, settings: Settings) -> Response:
    """Hands the browser what it is known by at the next sign-in."""
    where: dict[str, Any] = {"path": "/", "secure": _is_https(settings), "httponly": True, "samesite": "lax"}
    response.set_cookie(_known_name(settings), known, max_age=HALF_A_YEAR, **where)
    return response


def known_of(request: Request) -> str:
    """What this browser is known by from an earlier sign-in; "" for a new one."""
    return request.cookies.get(_known_name(settings_of(request)), "")


def _known_name(settings: Settings) -> str:
    return cookie_name(settings).replace("session", "known")


def end(response: Response, settings: Settings) -> Response:
    """Takes the session out of the browser."""
    response.delete_cookie(cookie_name(settings), path="/", secure=_is_https(settings), httponly=True, samesite="lax")
    return response


# --- where from ------------------------------------------------------------------------------------------------------


def device_of(request: Request) -> str:
    """The sort of browser and machine, such as "Firefox, Android", for the list of one's own sessions; "" where it says neither."""
    agent = request.headers.get("user-agent", "")
    named = (
        next((name for sign, name in table if re.search(rf"\b{sign}\b", agent)), "") for table in (_BROWSERS, _SYSTEMS)
    )
    return ", ".join(name for name in named if name)


def address_of(request: Request) -> str:
    """The network address that a request comes from, for slowing guesses down and nothing else; "" where it has none."""
    return request.client.host if request.client else ""


def is_local(request: Request) -> bool:
    """Whether a request comes from this very machine, to its own name, through no proxy: the only place for a demonstration.

    A proxy on this machine that says nothing of itself looks like a browser on it, so the site must be meant for this machine alone
    too: by where it listens and by its own address.
    """
    settings = settings_of(request)
    ends = (request.scope.get("server"), request.scope.get("client"))
    if not all(end and _is_loopback(str(end[0])) for end in ends):
        return False
    is_meant_for_here = _is_here(settings.bind) and _is_here(urlsplit(settings.base_url).hostname or "")
    return (
        is_meant_for_here and not _is_passed_on(request) and host_name(request.headers.get("host", "")) in _LOCAL_HOSTS
    )


def _is_passed_on(request: Request) -> bool:
    """Whether anything tells of a proxy: browsers have long spoken HTTP/1.1, and send none of these headers when they load a page."""
    named = any(name in ("via", "forwarded") or name.startswith(_PROXY_HEADERS) for name in request.headers)
    return named or request.scope.get("http_version") == "1.0"


def _is_here(host: str) -> bool:
    return host == "localhost" or _is_loopback(host.strip("[]"))


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
