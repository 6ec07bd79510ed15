"""One listing: its page, its calendar file, and what to say when it is gone."""

from __future__ import annotations

import re

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response

from directory import labels
from directory.domain.bridge.groups import is_of_groups
from directory.domain.errors import Gone
from directory.domain.results import Detail
from directory.formats import calendar as calendar_file
from directory.services.bridge.public_groups import group_of_listing
from directory.services.listings import data_version, lines_list, listing_instead, listing_of_number, listing_show
from directory.services.uses import Uses
from directory.web import responses
from directory.web.errors import hidden_words
from directory.web.forms import number_of
from directory.web.pages import facts_of
from directory.web.presenters import card_views, line_views, listing_url
from directory.web.presenters_listing import listing_view, report_url
from directory.web.presenters_question import search_url
from directory.web.site import now_of, settings_of, site_of

NOT_LISTED = {"X-Robots-Tag": "noindex"}
"""Asks search engines to leave it out; the same stands in the page for those that read only that."""

_PROGRAM = re.compile(r"bot|crawl|spider|slurp|monitor|preview|curl|wget|python|http-?client", re.IGNORECASE)
"""What search engines and other programs call themselves."""


async def page(request: Request) -> Response:
    """All that is known about a listing; 410 and what is near instead when it is gone."""
    slug, now, version = request.path_params["slug"], now_of(request), await data_version()
    etag = responses.etag_for(data_version=version, now=now, query=request.url.path)
    if same := responses.unchanged(request, etag, cache=responses.PUBLIC):
        return same
    has_demo = (await facts_of(request, version)).has_demo
    try:
        detail = await listing_show(slug=slug, now=now, settings=settings_of(request), follow=True)
    except Gone:
        return await _gone(request, slug, has_demo)
    if detail.hidden:
        return await _gone(request, slug, has_demo, detail)
    view = listing_view(detail, now)
    context = {"title": view.title, "view": view, "has_demo": has_demo, "group": await _group(detail)}
    answer = responses.page(request, "listings/page.html", context, cache=responses.PUBLIC, etag=etag)
    if view.is_unlisted:
        answer.headers.update(NOT_LISTED)
    return _counted(request, answer, slug)


async def _group(detail: Detail) -> int | None:
    """The group of which it is the listing, where people have seats."""
    return await group_of_listing(listing=detail.card.id) if is_of_groups(detail.card.source_name) else None


def _counted(request: Request, answer: Response, slug: str) -> Response:
    """Counts the opening where a person seems to have made it; of the person nothing is kept. It is written after the answer."""
    uses = uses_of(request)
    if request.method == "GET" and answer.status_code == 200 and not _is_program(request):
        uses.note(slug)
    if uses.is_due:
        answer.background = BackgroundTask(uses.write, site_of(request).clock)
    return answer


def uses_of(request: Request) -> Uses:
    """What this process has counted."""
    state = request.app.state
    if not hasattr(state, "uses"):
        state.uses = Uses()
    found: Uses = state.uses
    return found


def _is_program(request: Request) -> bool:
    """Whether a search engine, a monitor or a browser that only looks ahead asks."""
    agent = request.headers.get("user-agent", "")
    return not agent or bool(_PROGRAM.search(agent)) or "prefetch" in request.headers.get("sec-purpose", "")


async def by_number(request: Request) -> Response:
    """A short address that names no place, for letters: leads to the listing with this number. Raises NotFound."""
    number = number_of(request.path_params["number"])
    return responses.see_other(listing_url(await listing_of_number(number=number)))


async def _gone(request: Request, slug: str, has_demo: bool, hidden: Detail | None = None) -> Response:
    """What is near instead of a listing that is gone, or that is `hidden` after review: of that no more is said than is known."""
    now, settings = now_of(request), settings_of(request)
    instead = await listing_instead(slug=slug, now=now, settings=settings)
    context = {
        "title": hidden.card.name if hidden else labels.error_title("gone"),
        "hidden": hidden_words(hidden.hidden) if hidden else "",
        "report_url": report_url(slug),
        "cards": card_views(instead.cards, now) if instead else (),
        "search_url": search_url(instead.query) if instead else "/",
        "lines": line_views(await lines_list(now=now, settings=settings), now),
        "has_demo": has_demo,
    }
    return responses.page(request, "listings/gone.html", context, Gone.status)


async def calendar(request: Request) -> Response:
    """The listing's times for a calendar. It may hold a private link, so no search engine is to keep it.

    A phone shows the name of a file among others' files, so it does not say what the calendar is of.
    """
    slug, now, settings = request.path_params["slug"], now_of(request), settings_of(request)
    detail = await listing_show(slug=slug, now=now, settings=settings, follow=True)
    content = calendar_file.write(detail, now=now, base_url=settings.base_url)
    headers = {
        "Cache-Control": responses.PUBLIC,
        "Content-Disposition": f'attachment; filename="footbridge-{detail.card.slug.rpartition("-")[2]}.ics"',
        **NOT_LISTED,
    }
    return Response(content, media_type="text/calendar; charset=utf-8", headers=headers)
