"""Answers: a page in the reader's language, a redirect, a problem document; how long each may be kept, and when it is unchanged."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from directory import i18n
from directory.web.site import knows_of_demo, now_of, site_of

PUBLIC = "public, max-age=60"
"""The same for everyone who reads this language."""
PRIVATE = "private, max-age=60"
"""Depends on what was asked, such as a place: no shared cache may keep it."""
NO_STORE = "no-store"
"""True only at this moment, or for one person."""

VARY = "Cookie, Accept-Language"
"""What decides the language."""


def page(
    request: Request,
    template: str,
    context: Mapping[str, Any] | None = None,
    status: int = 200,
    *,
    cache: str | None = None,
    etag: str | None = None,
) -> Response:
    """A template as a page.

    Without `cache`, an address without a query is the same for everyone, one with a query is private, and an error is not
    kept. With `etag` (see `etag_for`) a visitor who has the page already is told so.
    """
    around = frame(request)
    values = {**around, "back": _way_back(request, status, around["here"]), **(context or {})}
    response = HTMLResponse(site_of(request).templates.get_template(template).render(values), status)
    _label(response, cache or _usual_cache(request, status))
    return tagged(request, response, etag) if etag else response


def frame(request: Request) -> dict[str, Any]:
    """What the frame around every page needs, whatever the page is."""
    site = site_of(request)
    path, query = quote(request.scope["path"]), request.scope["query_string"].decode("latin-1")
    return {
        "lang": i18n.language(),
        "languages": i18n.NAMES,
        "site_name": site.settings.site_name,
        "base_url": site.settings.base_url.rstrip("/"),
        "exit_url": site.settings.exit_url,
        "path": path,
        "here": path + (f"?{query}" if query else ""),
        "now": now_of(request),
        "has_demo": knows_of_demo(request),
    }


def _way_back(request: Request, status: int, here: str) -> str:
    """Where a change of language leads: to this page, unless nothing stands at its address but a form's answer."""
    if request.method not in ("GET", "HEAD") or status == HTTPStatus.METHOD_NOT_ALLOWED:
        return "/"
    return here


def data(request: Request, content: Any, *, cache: str = PRIVATE, etag: str | None = None) -> Response:
    """Values as JSON."""
    response = JSONResponse(content)
    _label(response, cache)
    return tagged(request, response, etag) if etag else response


def text(content: str, *, cache: str, status: int = 200) -> Response:
    """A plain text that is the same in every language."""
    return Response(content, status, {"Cache-Control": cache}, "text/plain; charset=utf-8")


def see_other(address: str) -> Response:
    """After a form: go and look there. `address` must be ours (see `forms.local_path`)."""
    return RedirectResponse(address, HTTPStatus.SEE_OTHER, {"Cache-Control": NO_STORE})


def problem(status: int, code: str, detail: str, headers: Mapping[str, str] | None = None, **more: Any) -> Response:
    """A problem document (RFC 9457). `code` is stable, `detail` is for people, `more` are further members."""
    content = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
    }
    response = JSONResponse({**content, **more}, status, headers, "application/problem+json")
    _label(response, NO_STORE)
    return response


# --- unchanged? ------------------------------------------------------------------------------------------------------


def etag_for(*, data_version: int, now: datetime, query: str) -> str:
    """The tag of an answer: it changes with the data, the minute, the language and the question.

    Weak, because one tag stands for several compressions of the same answer. Hashed, so that no place stands in it.
    """
    parts = (str(data_version), now.isoformat(timespec="minutes"), i18n.language(), query)
    return f'W/"{hashlib.sha256(chr(10).join(parts).encode()).hexdigest()[:24]}"'


def unchanged(request: Request, etag: str, *, cache: str = PRIVATE) -> Response | None:
    """304 when the visitor names this very tag, before anything is looked up; else None.

    `*` is not answered here: it asks whether there is an answer at all, which is known only afterwards (see `tagged`).
    """
    raw = etag.encode("latin-1")
    # Nearly every browser sends the tag back just as it got it: no need then to take the header apart.
    is_named = request.scope["method"] in ("GET", "HEAD") and (b"if-none-match", raw) in request.scope["headers"]
    if not is_named and _bare(etag) not in _named_tags(request):
        return None
    return _NotModified([(b"etag", raw), *_raw_labels(cache)])


class _NotModified(Response):
    """304 with headers that are ready for the wire: to make them anew takes longer than all else in it."""

    def __init__(self, raw_headers: list[tuple[bytes, bytes]]) -> None:
        self.status_code = HTTPStatus.NOT_MODIFIED.value
        self.body = b""
        self.background = None
        self.raw_headers = raw_headers


@lru_cache(maxsize=8)
def _raw_labels(cache: str) -> tuple[tuple[bytes, bytes], ...]:
    return (b"vary", VARY.encode("latin-1")), (b"cache-control", cache.encode("latin-1"))


def tagged(request: Request, response: Response, etag: str) -> Response:
    """The response with its tag, or 304 in its place (RFC 9110, 13.1.2)."""
    if response.status_code != HTTPStatus.OK:
        return response
    response.headers["ETag"] = etag
    if request.method not in ("GET", "HEAD") or not _named_tags(request) & {"*", _bare(etag)}:
        return response
    kept = ("etag", "cache-control", "vary")
    headers = {name: response.headers[name] for name in kept if name in response.headers}
    return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)


def _named_tags(request: Request) -> set[str]:
    """The tags of If-None-Match, compared weakly, that is without `W/`. Ours hold no commas."""
    if request.method not in ("GET", "HEAD"):
        return set()
    named = [str(value, "latin-1") for name, value in request.scope["headers"] if name == b"if-none-match"]
    return {_bare(tag.strip()) for tag in ",".join(named).split(",")} - {""} if named else set()


def _bare(tag: str) -> str:
    return tag.removeprefix("W/")


def _usual_cache(request: Request, status: int) -> str:
    if status >= 400:
        return NO_STORE
    return PRIVATE if request.scope["query_string"] else PUBLIC


def _label(response: Response, cache: str) -> None:
    """Says in which language the answer is, what decided that, and how long it may be kept."""
    MutableHeaders(raw=response.raw_headers).update(
        {"Content-Language": i18n.language(), "Vary": VARY, "Cache-Control": cache}
    )
