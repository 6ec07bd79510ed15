"""One listing: its page, its calendar file, and what to say when it is gone."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from directory import labels
from directory.domain.errors import Gone
from directory.formats import calendar as calendar_file
from directory.services.listings import data_version, lines_list, listing_instead, listing_show
from directory.web import responses
from directory.web.pages import facts_of
from directory.web.presenters import card_views, line_views
from directory.web.presenters_listing import listing_view
from directory.web.presenters_question import search_url
from directory.web.site import now_of, settings_of

NOT_LISTED = {"X-Robots-Tag": "noindex"}
"""Asks search engines to leave it out; the same stands in the page for those that read only that."""


async def page(request: Request) -> Response:
    """All that is known about a listing; 410 and what is near instead when it is gone."""
    slug, now, version = request.path_params["slug"], now_of(request), await data_version()
    etag = responses.etag_for(data_version=version, now=now, query=request.url.path)
    if same := responses.unchanged(request, etag, cache=responses.PUBLIC):
        return same
    has_demo = (await facts_of(request, version)).has_demo
    try:
        detail = await listing_show(slug=slug, now=now, settings=settings_of(request))
    except Gone:
        return await _gone(request, slug, has_demo)
    view = listing_view(detail, now)
    context = {"title": view.title, "view": view, "has_demo": has_demo}
    answer = responses.page(request, "listings/page.html", context, cache=responses.PUBLIC, etag=etag)
    if view.is_unlisted:
        answer.headers.update(NOT_LISTED)
    return answer


async def _gone(request: Request, slug: str, has_demo: bool) -> Response:
    now, settings = now_of(request), settings_of(request)
    instead = await listing_instead(slug=slug, now=now, settings=settings)
    context = {
        "title": labels.error_title("gone"),
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
    detail = await listing_show(slug=slug, now=now, settings=settings)
    content = calendar_file.write(detail, now=now, base_url=settings.base_url)
    headers = {
        "Cache-Control": responses.PUBLIC,
        "Content-Disposition": f'attachment; filename="footbridge-{detail.card.slug.rpartition("-")[2]}.ics"',
        **NOT_LISTED,
    }
    return Response(content, media_type="text/calendar; charset=utf-8", headers=headers)
