"""The whole table of addresses. `tests/routes.txt` holds a copy: an address that vanishes fails the suite."""

from __future__ import annotations

from starlette.routing import BaseRoute, Mount, Route

from directory.web import api, health, language, listings, pages, search
from directory.web.static import Static

POST = ["POST"]


def table(static: Static) -> list[BaseRoute]:
    """Every address of the site. GET stands for HEAD too."""
    return [
        Route("/", pages.home, name="home"),
        Route("/search", search.page, name="search"),
        # Before the listing, whose slug would take the ending for its own.
        Route("/listings/{slug}.ics", listings.calendar, name="listing-calendar"),
        Route("/listings/{slug}", listings.page, name="listing"),
        Route("/about", pages.about, name="about"),
        Route("/privacy", pages.privacy, name="privacy"),
        Route("/language", language.choose, methods=POST, name="language"),
        Route("/api/listings", api.results, name="api-listings"),
        Route("/api/listings/{slug}", api.listing, name="api-listing"),
        Route("/healthz", health.live, name="healthz"),
        Route("/readyz", health.ready, name="readyz"),
        Route("/robots.txt", health.robots, name="robots"),
        Mount(static.path, static, name="static"),
    ]
