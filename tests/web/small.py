"""A small site behind everything that stands around a request, wired by the function that wires the real one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.testclient import TestClient

from directory.app import wired
from directory.domain.errors import BadQuery, Gone, NotFound, PlaceNotFound, Problem
from directory.settings import Settings
from directory.web import language
from directory.web.forms import form_fields
from directory.web.responses import data, etag_for, page, unchanged
from directory.web.site import Site, now_of
from directory.web.static import Static
from directory.web.templating import environment, preload
from tests.web.made import NOW

HOST = "http://localhost"
SETTINGS = Settings(env="test", hosts=("localhost", "*.example.org"), max_body_bytes=1000)
PRODUCTION = replace(SETTINGS, env="production", secret="s" * 32, base_url="https://help.example.org")

ERROR = "{{ lang }}|{{ title }}|{{ message }}|{{ what_next }}|{{ suggestions|join(',') }}"


async def hello(request: Request) -> Response:
    return page(request, "hello.html", {"name": request.query_params.get("name", "you"), "filler": "word " * 300})


async def tagged(request: Request) -> Response:
    tag = etag_for(data_version=7, now=now_of(request), query=str(request.query_params))
    if same := unchanged(request, tag):
        return same
    if "nowhere" in request.query_params:
        raise PlaceNotFound("Xyzzy", ["Saltmarsh, NY"])
    return data(request, {"answered": True}, etag=tag)


async def echo(request: Request) -> Response:
    fields = await form_fields(request)
    return PlainTextResponse(str(sorted(fields)))


async def broken(request: Request) -> Response:
    fields = await form_fields(request) if request.method == "POST" else {}
    raise ValueError(f"no such thing: {request.query_params} {fields}")


async def failing(request: Request) -> Response:
    failures: dict[str, Exception] = {
        "not-found": NotFound(slug="x"),
        "gone": Gone(slug="x"),
        "place": PlaceNotFound("Xyzzy", ["Saltmarsh, NY", "Salt Fork, OH"]),
        "query": BadQuery(
            [
                Problem("within", "out-of-range", "900", ("1", "500")),
                Problem("kind", "unknown-value", "zoo", ("a", "b")),
            ]
        ),
        "teapot": HTTPException(418, "a secret detail"),
    }
    raise failures[request.path_params["name"]]


def routes(static: Static) -> Sequence[BaseRoute]:
    return [
        Route("/", hello),
        Route("/tagged", tagged),
        Route("/echo", echo, methods=["POST"]),
        Route("/broken", broken, methods=["GET", "POST"]),
        Route("/failing/{name}", failing),
        Route("/api/failing/{name}", failing),
        Route("/api/broken", broken),
        Route("/language", language.choose, methods=["POST"]),
        Mount("/static", static),
    ]


def small_app(folder: Path, settings: Settings = SETTINGS, *, now: datetime = NOW, error: str = ERROR) -> Starlette:
    """The small site with its own templates and files in this folder."""
    files = {
        "templates/hello.html": "<p lang={{ lang }}>{{ name }} {{ static('site.css') }} {{ filler }}",
        "templates/errors/error.html": error,
        "static/site.css": "p { color: black }\n" * 50,
    }
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    static = Static(folder / "static")
    templates = environment(folder / "templates", static)
    preload(templates)
    return wired(Site(settings, lambda: now, templates, static), routes(static))


def visitor(app: Starlette, host: str = HOST) -> TestClient:
    """A browser that shows what the server answers, also when that is a mistake of ours."""
    return TestClient(app, base_url=host, follow_redirects=False)
