"""What machines ask: is it up, is it ready, what may be crawled."""

from __future__ import annotations

import logging

from starlette.requests import Request
from starlette.responses import Response

from directory.services.listings import is_ready
from directory.web.responses import NO_STORE, text

logger = logging.getLogger("footbridge")

ROBOTS = """User-agent: *
Disallow: /search
Disallow: /api/
Disallow: /h/
"""
"""Every search links to narrower ones, without end; listings are found from the pages that name them. Lists that somebody was handed are for
nobody else."""


async def live(request: Request) -> Response:
    """The process answers. Asks nothing of the database, so that a slow one does not get the process restarted."""
    return text("ok\n", cache=NO_STORE)


async def ready(request: Request) -> Response:
    """The database answers and has every migration, so visitors can be sent here; else 503."""
    try:
        if await is_ready():
            return text("ready\n", cache=NO_STORE)
    except Exception as error:  # whatever is wrong with the database, the answer is the same
        logger.warning("not ready: %s", type(error).__qualname__)
    return text("not ready: the database does not answer or lacks a migration\n", cache=NO_STORE, status=503)


async def robots(request: Request) -> Response:
    """What crawlers may read."""
    return text(ROBOTS, cache="public, max-age=86400")
