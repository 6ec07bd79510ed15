"""The whole table of addresses. `tests/routes.txt` holds a copy: an address that vanishes fails the suite."""

from __future__ import annotations

from starlette.routing import BaseRoute, Mount, Route

from directory.web import api, corrections, exports, health, language, listings, map, pages, search, take
from directory.web.static import Static

POST = ["POST"]


def table(static: Static) -> list[BaseRoute]:
    """Every address of the site. GET stands for HEAD too."""
    return [
        Route("/", pages.home, name="home"),
        Route("/search", search.page, name="search"),
        Route("/search.csv", exports.search_table, name="search-table"),
        Route("/search.ics", exports.search_calendar, name="search-calendar"),
        Route("/list", take.page, name="list"),
        Route("/list.csv", exports.list_table, name="list-table"),
        Route("/list.ics", exports.list_calendar, name="list-calendar"),
        # Before the listing, whose slug would take the ending for its own.
        Route("/listings/{slug}.ics", listings.calendar, name="listing-calendar"),
        Route("/listings/{slug}", listings.page, name="listing"),
        Route("/listings/{slug}/report", corrections.form, name="report"),
        Route("/listings/{slug}/report", corrections.add, methods=POST, name="report-send"),
        Route("/about", pages.about, name="about"),
        Route("/privacy", pages.privacy, name="privacy"),
        Route("/language", language.choose, methods=POST, name="language"),
        Route("/map/places", map.places, name="map-places"),
        Route("/api/listings", api.results, name="api-listings"),
        Route("/api/listings/{slug}", api.listing, name="api-listing"),
        Route("/healthz", health.live, name="healthz"),
        Route("/readyz", health.ready, name="readyz"),
        Route("/robots.txt", health.robots, name="robots"),
        Mount(static.path, static, name="static"),
    ]
