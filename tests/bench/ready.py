"""What the search page is held to: the same application, whose search page is rendered by the same templates from ready data.

For each question of a file (READY names it) the real page is asked once at the start, and what it hands to its template is kept:
then there is neither a database nor a rule left between a request and Jinja, which renders every page from its first sign to its
last.
"""

from __future__ import annotations

import gc
import os
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import httpx
from jinja2 import Environment
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from directory.app import create_app, wired
from directory.settings import read
from directory.storage import db
from directory.web import routes
from directory.web.site import Site, site_of

FILE = "READY"
PLAIN = (str, int, float, bool, type(None), date)
HEADERS = ("etag", "cache-control", "vary", "content-language")


@dataclass(slots=True)
class Ready:
    """What a page is rendered from: the name of its template, its values, and its headers."""

    template: str
    values: dict[str, Any]
    headers: dict[str, str]


class Recorder(Environment):
    """Stands where the templates are and keeps what a page would have been rendered from."""

    last: Ready

    def get_template(self, name: str, *_: Any, **__: Any) -> Recorder:  # type: ignore[override]
        self.last = Ready(name, {}, {})
        return self

    def render(self, values: Mapping[str, Any]) -> str:
        self.last.values = dict(values)
        return ""


def app() -> Starlette:
    """The application with the pages of the questions in the file that READY names."""
    settings, kept = read(os.environ), dict[str, Ready]()
    site: Site = create_app(settings).state.site
    recording = Recording(site)
    paths = Path(os.environ[FILE]).read_text(encoding="utf-8").split()

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with db.connect(settings.database_url):
            kept.update(await recording.of(paths))
        gc.collect()
        gc.freeze()  # so many pages that stand ready are none of a server's usual garbage
        yield

    async def page(request: Request) -> Response:
        ready = kept[f"{request.url.path}?{request.url.query}"]
        template = site_of(request).templates.get_template(ready.template)
        return HTMLResponse(template.render(ready.values), headers=ready.headers)

    table: list[BaseRoute] = [
        Route("/search", page) if isinstance(route, Route) and route.path == "/search" else route
        for route in routes.table(site.static)
    ]
    return wired(site, table, lifespan)


class Recording:
    """The real site with a recorder in place of its templates, and without pieces of pages that it keeps.

    To be made outside a running loop, as any application is.
    """

    def __init__(self, site: Site) -> None:
        self._recorder = Recorder()
        recorded = replace(site, templates=self._recorder, kept=None)
        self._app = wired(recorded, routes.table(site.static))

    async def of(self, paths: Iterable[str]) -> dict[str, Ready]:
        """What the pages at these addresses would be rendered from. Raises AssertionError where that is not plain data."""
        transport = httpx.ASGITransport(app=self._app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return {path: await self._of(client, path) for path in paths}

    async def _of(self, client: httpx.AsyncClient, path: str) -> Ready:
        answer = await client.get(path, headers={"Accept-Language": "en"})
        assert answer.status_code == 200, (answer.status_code, path)
        found = self._recorder.last
        check(found.values)
        found.headers = {name: answer.headers[name] for name in HEADERS if name in answer.headers}
        return found


def check(value: Any) -> None:
    """That there is nothing but plain values: no piece of a page that was rendered before, and nothing that would do so only now.

    Raises AssertionError with what it found.
    """
    if isinstance(value, Mapping):
        for part in value.values():
            check(part)
    elif isinstance(value, tuple | list):
        for part in value:
            check(part)
    elif is_dataclass(value):
        for each in fields(value):
            check(getattr(value, each.name))
    else:
        assert isinstance(value, PLAIN), f"not plain: {value!r}"
        assert not hasattr(value, "__html__"), f"rendered before: {value!r}"
