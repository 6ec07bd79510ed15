"""The pages that stand still: the first page, what this site is, what it keeps of a visitor. And the facts that every page may say."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from directory.i18n import a_date, gettext, language
from directory.services.listings import SiteFacts, data_version, lines_list, site_show
from directory.services.texts import text_of
from directory.web.presenters import line_views
from directory.web.presenters_form import Choice
from directory.web.responses import PUBLIC, etag_for, page, unchanged
from directory.web.site import now_of, settings_of

_ = gettext


@dataclass(frozen=True, slots=True)
class Tile:
    """One large choice of the first page. `value` is a kind, "" for all."""

    value: str
    icon: str
    title: str
    hint: str


async def facts_of(request: Request, version: int) -> SiteFacts:
    """What the site holds, asked again only when the data has changed."""
    known: tuple[int, SiteFacts] | None = getattr(request.app.state, "facts", None)
    if known is None or known[0] != version:
        known = request.app.state.facts = (version, await site_show(now=now_of(request)))
    return known[1]


async def home(request: Request) -> Response:
    """The three questions, and the national numbers."""
    now, version = now_of(request), await data_version()
    etag = etag_for(data_version=version, now=now, query="/")
    if same := unchanged(request, etag, cache=PUBLIC):
        return same
    lines = await lines_list(now=now, settings=settings_of(request))
    context = {
        "title": _("Find help near you"),
        "tiles": tiles(),
        "times": times(),
        "lines": line_views(lines, now),
        "has_demo": (await facts_of(request, version)).has_demo,
    }
    return page(request, "pages/home.html", context, etag=etag)


async def about(request: Request) -> Response:
    """What this is and where its data comes from."""
    facts, zone = await facts_of(request, await data_version()), ZoneInfo(settings_of(request).timezone)
    checked = {each.name: a_date(each.checked_at.astimezone(zone).date()) for each in facts.sources if each.checked_at}
    context = {"title": _("About this site"), "facts": facts, "checked": checked, "has_demo": facts.has_demo}
    return page(request, "pages/about.html", context)


async def privacy(request: Request) -> Response:
    """What is kept of a visit, and what is not."""
    facts = await facts_of(request, await data_version())
    context = {"title": _("Your privacy"), "has_demo": facts.has_demo, "tile_host": settings_of(request).tile_host}
    return page(request, "pages/privacy.html", context)


async def who_goes_first(request: Request) -> Response:
    """The order in which people are admitted, which 45 CFR 96.131(b) wants made public."""
    return await _told(request, _("Who goes first"), "priority-statement")


async def your_rights(request: Request) -> Response:
    """What is kept about somebody who waits, and what they can ask for (42 CFR 2.22)."""
    return await _told(request, _("Your rights"), "patient-notice")


async def _told(request: Request, title: str, code: str) -> Response:
    """A page with one of the operator's texts, to read and to print."""
    facts = await facts_of(request, await data_version())
    context = {"title": title, "text": text_of(code, language()), "has_demo": facts.has_demo}
    return page(request, "pages/told.html", context)


def tiles() -> tuple[Tile, ...]:
    """The six large choices."""
    return (
        Tile("treatment", "treatment", _("Detox and treatment"), _("Programs, medication, beds")),
        Tile("meeting", "meeting", _("Meetings"), _("In person and online")),
        Tile("housing", "housing", _("A place to stay"), _("Shelter and recovery housing")),
        Tile("harm-reduction", "harm-reduction", _("Staying safer"), _("Naloxone, supplies, testing")),
        Tile("employment", "employment", _("Work"), _("Jobs and training")),
        Tile("", "any", _("Everything"), _("Food, rides, legal help and more")),
    )


def times() -> tuple[Choice, ...]:
    """The three answers to "When?"."""
    return (Choice("now", _("Now"), False), Choice("today", _("Today"), False), Choice("", _("Any time"), True))
