"""The search page. What it cannot read it leaves out and says so; a place it does not know it asks for again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from starlette.requests import Request
from starlette.responses import Response

from directory.domain.errors import PlaceNotFound, Problem
from directory.domain.search import Query, parse
from directory.services.listings import data_version, lines_list
from directory.services.search import search_run
from directory.web import responses
from directory.web.pages import facts_of
from directory.web.presenters_search import SearchView, asking_view, is_blank, place_notice, result_view
from directory.web.site import now_of, settings_of

WHEN = {"now": ("time", "now"), "today": ("day", "today")}
"""The first page asks "When?" once; the search has a field for the day and one for the time."""


async def page(request: Request) -> Response:
    """What is near, nearest first."""
    version = await data_version()
    etag = responses.etag_for(data_version=version, now=now_of(request), query=request.url.query)
    if same := responses.unchanged(request, etag):
        return same
    view = await _view(request, *parse(spelled_out(request.query_params.multi_items())))
    has_demo = (await facts_of(request, version)).has_demo
    context = {"title": view.title, "view": view, "has_demo": has_demo}
    return responses.page(request, "search/page.html", context, cache=responses.PRIVATE, etag=etag)


def spelled_out(params: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """The parameters, with the first page's "When?" in the names of the search."""
    for name, value in params:
        yield WHEN.get(value, (name, value)) if name == "when" else (name, value)


async def _view(request: Request, query: Query, problems: list[Problem]) -> SearchView:
    now, settings = now_of(request), settings_of(request)
    if is_blank(query):
        return asking_view(query, problems, (), await lines_list(now=now, settings=settings), now)
    try:
        result = await search_run(query=query, now=now, settings=settings)
    except PlaceNotFound as error:
        notice = place_notice(query, error.place, error.suggestions)
        return asking_view(query, problems, (notice,), await lines_list(now=now, settings=settings), now)
    lines = () if result.cards else await lines_list(now=now, settings=settings)
    return result_view(result, problems, lines)
