"""Openings for peers: who has one now for the person in front of them, and "tell me when one appears"."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from directory.domain.errors import PlaceNotFound, Problem
from directory.domain.people import Session, UnfitFields
from directory.domain.search import Query, parse
from directory.i18n import gettext, ngettext
from directory.services import opening_watches as watches
from directory.services.credentials import new_token
from directory.services.opening_search import openings_search
from directory.web.accounts import full_session
from directory.web.fields import signed_page, typed, typed_lists
from directory.web.forms import number_of
from directory.web.presenters_opening_search import ASKED, fields_of, place_view, question_words, watch_views
from directory.web.responses import see_other
from directory.web.site import now_of, settings_of

_ = gettext

OPENINGS = "/openings"
SHOWN = 50
"""Places on the page; who sees more than that asks for something narrower."""
PARAMETERS = (*ASKED, "near", "within")


async def page(request: Request) -> Response:
    """What is open now for whom. The link of a letter names a watch, so that no level of care stands in it."""
    session, now = await full_session(request), now_of(request)
    if watch := request.query_params.get("watch"):
        own = await watches.watch_list(by=session.actor, now=now)
        words = next((each.query for each in own if str(each.id) == watch), "")
        return see_other(f"{OPENINGS}?{words}" if words else OPENINGS)
    query, problems = _asked(request.query_params.multi_items())
    return await _page(request, session, query, [_sentence(problem) for problem in problems])


def _asked(params: Iterable[tuple[str, str]]) -> tuple[Query, list[Problem]]:
    return parse((name, value) for name, value in params if name in PARAMETERS)


async def _page(request: Request, session: Session, query: Query, wrong: list[str], status: int = 200) -> Response:
    now, settings, found = now_of(request), settings_of(request), None
    try:
        found = await openings_search(by=session.actor, query=query, now=now, settings=settings)
    except PlaceNotFound as error:
        wrong = [*wrong, _no_place(error)]
    own = await watches.watch_list(by=session.actor, now=now)
    places = [place_view(each, now) for each in found.found] if found else []
    context = {
        "title": _("Find an opening"),
        "fields": fields_of(query),
        "asked": question_words(query),
        "wrong": wrong,
        "is_found": found is not None,
        "count": ngettext("%(n)s place has an opening", "%(n)s places have an opening", len(places))
        % {"n": len(places)},
        "places": places[:SHOWN],
        "is_cut": len(places) > SHOWN,
        "hidden": watches.watched(query).params(),
        "once": new_token(),
        "watches": watch_views(own, settings.timezone),
        "done": request.query_params.get("done", ""),
    }
    return signed_page(request, "openings/search.html", session, context, status)


def _sentence(problem: Problem) -> str:
    if problem.code == "street":
        return _("Choose a ZIP code or a town for this. We keep no street, since somebody may live there.")
    if problem.code == "most":
        return _("You are told of 20 searches already. End one of them first.")
    return _("“%(value)s” is nothing that can be looked for here, so it was left out.") % {"value": problem.value}


def _no_place(error: PlaceNotFound) -> str:
    near = ", ".join(error.suggestions)
    words = _("We do not know the place “%(place)s”. Try a ZIP code, or a town and its state.") % {"place": error.place}
    meant = _("Did you mean: %(places)s?") % {"places": near}
    return f"{words} {meant}" if near else words


async def watch(request: Request) -> Response:
    """Tells this person from now on of what their search finds."""
    session, lists = await full_session(request), await typed_lists(request)
    query, problems = _asked((name, value) for name, values in lists.items() for value in values)
    once = lists.get("once", [""])[-1]
    try:
        added = await watches.watch_add(by=session.actor, query=query, form=once, now=now_of(request))
    except UnfitFields as error:
        problems = [*problems, *error.problems]
        return await _page(request, session, query, [_sentence(each) for each in problems], error.status)
    except PlaceNotFound as error:  # the page says so by itself, as for a search of that place
        return await _page(request, session, query, [], error.status)
    done = ("done", "watch" if added else "before")
    return see_other(f"{OPENINGS}?{urlencode([*watches.watched(query).params(), done])}")


async def watch_end(request: Request) -> Response:
    """Ends one of one's own watches."""
    session, id = await full_session(request), number_of((await typed(request)).get("id", ""))
    await watches.watch_end(by=session.actor, id=id, now=now_of(request))
    return see_other(f"{OPENINGS}?done=ended")
