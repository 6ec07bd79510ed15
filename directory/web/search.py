"""The search page. What it cannot read it leaves out and says so; a place it does not know it asks for again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from directory.domain.errors import PlaceNotFound, Problem
from directory.domain.search import MAX_WITHIN, Query, parse
from directory.services.listings import data_version, data_version_at_hand, lines_list
from directory.services.search import search_run
from directory.services.widening import search_widen
from directory.web import middleware, responses
from directory.web.pages import facts_of
from directory.web.presenters_map import map_view
from directory.web.presenters_notices import MIN_WITHIN, Notice, place_notice, within_notice
from directory.web.presenters_question import is_blank
from directory.web.presenters_search import SearchView, asking_view, result_view
from directory.web.site import now_of, settings_of, site_of
from directory.web.take import dropped

WHEN = {"now": (("time", "now"),), "today": (("day", "today"), ("sort", "time"))}
"""The first page asks "When?" once; the search has a field for the day and one for the time. Today, soonest first: what is
over sinks."""


NUMBER = r"-?\d{1,12}(\.\d{1,12})?"


def seen_before(scope: Scope) -> Response | None:
    """304 to a visitor who has this very page, as a guard (middleware.py): so it costs little more than nothing. None where the page
    itself has to see, as it does once in a second.
    """
    if scope["path"] != "/search" or not middleware.header(scope, b"if-none-match"):
        return None
    request, version = Request(scope), data_version_at_hand()
    return None if version is None else responses.unchanged(request, _etag(request, version))


async def page(request: Request) -> Response:
    """What is near, nearest first."""
    version = await data_version()
    etag = _etag(request, version)
    if same := responses.unchanged(request, etag):
        return same
    view = await _view(request, *parse(dropped(spelled_out(request.query_params.multi_items()))))
    has_demo = (await facts_of(request, version)).has_demo
    context = {"title": view.title, "view": view, "has_demo": has_demo}
    return responses.page(request, "search/page.html", context, cache=responses.PRIVATE, etag=etag)


def _etag(request: Request, version: int) -> str:
    query = request.scope["query_string"].decode("latin-1")
    return responses.etag_for(data_version=version, now=now_of(request), query=query)


def spelled_out(params: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """The parameters, with the first page's "When?" in the names of the search."""
    for name, value in params:
        yield from WHEN.get(value, ()) if name == "when" else ((name, value),)


def nearest_within(query: Query, problems: list[Problem]) -> tuple[Query, list[Problem], tuple[Notice, ...]]:
    """The question with the nearest radius that we look in, where the one asked for is a number too small or too large."""
    wrong = [problem for problem in problems if problem.field == "within" and re.fullmatch(NUMBER, problem.value)]
    if not wrong:
        return query, problems, ()
    miles = min(max(float(wrong[0].value), MIN_WITHIN), MAX_WITHIN)
    return replace(query, within=miles), [each for each in problems if each not in wrong], (within_notice(miles),)


async def _view(request: Request, query: Query, problems: list[Problem]) -> SearchView:
    now, settings = now_of(request), settings_of(request)
    query, problems, notices = nearest_within(query, problems)
    if is_blank(query):
        return asking_view(query, problems, notices, await lines_list(now=now, settings=settings), now)
    try:
        result = await search_run(query=query, now=now, settings=settings)
    except PlaceNotFound as error:
        notice = place_notice(query, error.place, error.suggestions)
        return asking_view(query, problems, (notice, *notices), await lines_list(now=now, settings=settings), now)
    lines = () if result.cards else await lines_list(now=now, settings=settings)
    widened = None if result.total else await search_widen(result=result, settings=settings)
    view = result_view(result, problems, notices, lines, widened, site_of(request).kept)
    return replace(view, map=map_view(result, settings))
