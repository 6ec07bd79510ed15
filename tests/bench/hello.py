"""What an answer costs at the least: a bare "hello, world", and the same behind all that stands around our pages."""

from __future__ import annotations

import os

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from directory.app import create_app, wired
from directory.settings import read


async def hello(request: Request) -> PlainTextResponse:
    return PlainTextResponse("Hello, world!")


ROUTES = [Route("/", hello), Route("/healthz", hello)]


def bare() -> Starlette:
    """Starlette and nothing else."""
    return Starlette(routes=ROUTES)


def behind_the_stack() -> Starlette:
    """The same behind our middleware."""
    return wired(create_app(read(os.environ)).state.site, ROUTES)
