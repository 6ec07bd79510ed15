"""What every request can ask for: the settings, the clock, the templates and the static files, put together once by the app."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from jinja2 import Environment
from starlette.applications import Starlette
from starlette.requests import Request

from directory.settings import Settings
from directory.web.kept import Kept
from directory.web.static import Static


@dataclass(frozen=True, slots=True)
class Site:
    """One running site. `clock` gives the aware time; pages take it from here so that a story can set it.

    `kept` are pieces of pages; without it every page is made anew, and is the same.
    """

    settings: Settings
    clock: Callable[[], datetime]
    templates: Environment
    static: Static
    kept: Kept | None = None


def attach(app: Starlette, site: Site) -> None:
    """Makes the site known to the requests of an application."""
    app.state.site = site


def site_of(request: Request) -> Site:
    """The site that this request came to."""
    site = request.app.state.site
    assert isinstance(site, Site)
    return site


def settings_of(request: Request) -> Settings:
    """The settings of the site."""
    return site_of(request).settings


def now_of(request: Request) -> datetime:
    """The time, aware, in UTC."""
    return site_of(request).clock()


def knows_of_demo(request: Request) -> bool:
    """Whether invented listings were among those last looked at (`pages.facts_of`): what an error, which asks no database, says."""
    facts = getattr(request.app.state, "facts", None)
    return bool(facts and facts[1].has_demo)
