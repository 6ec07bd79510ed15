"""The application, wired here and nowhere else: the database's life, the order of the middleware, the addresses."""

from __future__ import annotations

import gc
import logging
import os
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from contextvars import copy_context
from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import BaseRoute
from starlette_compress import CompressMiddleware

from directory import i18n
from directory.domain.access import Denied
from directory.domain.errors import FootbridgeError
from directory.resources import folder
from directory.services import texts
from directory.services.clock import clock_of
from directory.services.recovery import run_recover
from directory.services.work import work_beside
from directory.settings import Settings, read
from directory.storage import db, records
from directory.web import errors, middleware, routes, search, sessions, sign_in
from directory.web.kept import Kept
from directory.web.site import Site, attach
from directory.web.static import Static
from directory.web.templating import environment, preload

QUIET = ("tortoise", "tortoise.db_client", "aiosqlite", "asyncpg", "httpx", "httpcore", "geopy")
"""At DEBUG or INFO these write statements with their values, or whole addresses, into the log: names, numbers, places."""

Lifespan = Callable[[Starlette], AbstractAsyncContextManager[None]]


def create_app(
    settings: Settings, clock: Callable[[], datetime] | None = None, *, does_work: bool = False
) -> Starlette:
    """The whole site. `clock` gives aware times; without it the settings decide. `does_work`: due work is done here, where that can be."""
    records.use_keys(settings.audit_keys)
    texts.use(settings.notices)
    static = Static(folder("static"))
    templates = environment(folder("templates"), static)
    preload(templates)
    site = Site(settings, clock or clock_of(settings), templates, static, Kept(templates))

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with db.lifespan(app, settings):
            await run_recover(clock=site.clock, settings=settings)
            async with work_beside(clock=site.clock, settings=settings) if does_work else nullcontext():
                yield

    return wired(site, routes.table(static), lifespan)


def from_environment() -> Starlette:
    """The site that the environment describes, for a server that starts its processes by name."""
    app = create_app(read(os.environ), does_work=True)
    # Templates, catalogues and time zones stay as long as the process: without this they would all be looked through again and again.
    gc.collect()
    gc.freeze()
    return app


def wired(site: Site, table: Sequence[BaseRoute], lifespan: Lifespan | None = None) -> Starlette:
    """An application with these addresses behind everything that stands around a request."""
    logging_set()
    zones_load()
    copy_context().run(languages_load)
    app = Starlette(
        routes=table,
        middleware=stack(site.settings),
        exception_handlers={
            FootbridgeError: errors.expected,
            Denied: sign_in.denied,
            HTTPException: errors.refused,
        },
        lifespan=lifespan,
    )
    attach(app, site)
    return app


def stack(settings: Settings) -> list[Middleware]:
    """The middleware, outermost first."""
    return [
        # Outermost, so that it sees the status and the time of whatever happens inside.
        Middleware(middleware.AccessLog),
        # Before all that can answer, so that no answer is without them.
        Middleware(middleware.SecurityHeaders, settings=settings),
        # Before the first answer that has words in it.
        Middleware(middleware.Language),
        # Inside the above, so that a mistake of ours still gets a page with its headers, in the visitor's language.
        Middleware(middleware.Unexpected),
        # From here on, cheapest refusal first; nothing of the request is read before all have let it pass.
        Middleware(
            middleware.Guarded,
            guards=(
                middleware.TrustedHost(settings.hosts),
                middleware.cross_origin,
                middleware.no_nul,
                search.seen_before,  # last: it answers whom all others let pass
            ),
        ),
        # Behind the guards, whose answers are short; the pages for errors are compressed too. The quality is what a small server can
        # afford at each request.
        Middleware(CompressMiddleware, minimum_size=500, brotli_quality=5),
        # Starlette's own limit is inside, and not in the constructor, where it would be outside all of the above and answer without
        # headers or words.
        Middleware(middleware.BodyLimit, limit=settings.max_body_bytes),
        # Next to the pages, whose own word on how long they may be kept it overrules.
        Middleware(sessions.Signed),
    ]


def languages_load() -> None:
    """Reads the catalogues and the wording of dates now, so that no visitor waits for a file."""
    moment = datetime(2026, 3, 2, 19, 30, tzinfo=UTC)
    for language in i18n.LANGUAGES:
        i18n.use(language)
        i18n.catalogue(language)
        i18n.an_age(moment, moment)
        i18n.a_zone(moment, "America/New_York")
        i18n.a_list([i18n.a_moment(moment), i18n.a_distance(1, False), i18n.a_weekday(0), i18n.a_language("es")])


@cache
def zones_load() -> tuple[ZoneInfo, ...]:
    """Reads every time zone once (a tenth of a second, 2 MB): each is a file, and a visitor may name any of them.

    They are held here, since zoneinfo itself forgets all but eight that nobody holds.
    """
    return tuple(ZoneInfo(name) for name in sorted(available_timezones()))


def logging_set() -> None:
    """Our own log goes to standard error unless the host program has set one up; what could write visitors' words is quiet."""
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    ours = logging.getLogger("footbridge")
    ours.setLevel(logging.INFO)
    if not ours.hasHandlers():
        handler = logging.StreamHandler()
        handler.setFormatter(_Lines())
        ours.addHandler(handler)


class _Lines(logging.Formatter):
    """When, how grave and what. The date and the second are put in words once in a second, and not for each of a thousand requests."""

    _second, _written = -1, ""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        if record.exc_info or record.stack_info:
            return super().format(record)
        return f"{self.formatTime(record)} {record.levelname} {record.getMessage()}"

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        second = int(record.created)
        if second != self._second:
            self._written = time.strftime(self.default_time_format, self.converter(second))
            self._second = second
        return f"{self._written},{int(record.msecs):03d}"
