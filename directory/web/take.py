"""The list that somebody takes along: how it changes with a tap, and the page on which it is read and printed.

It lives in the address and nowhere else: nothing is stored here or on the phone, and whoever has the link has the list.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from starlette.requests import Request
from starlette.responses import Response

from directory.domain.search import Query, parse
from directory.i18n import gettext, language
from directory.services.listings import data_version
from directory.services.lists import ORDERS, TakenList, list_show
from directory.services.texts import text_of
from directory.web import responses
from directory.web.listings import NOT_LISTED
from directory.web.pages import facts_of
from directory.web.presenters_list import list_view
from directory.web.site import now_of, settings_of

_ = gettext

Params = Sequence[tuple[str, str]]


def dropped(params: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The parameters with what `drop` names taken off the list, and without `drop`.

    For every page that carries a list, before `parse`: `parse(dropped(request.query_params.multi_items()))`.
    """
    pairs = list(params)
    off = {value.strip() for name, value in pairs if name == "drop"}
    return [(name, value) for name, value in pairs if name != "drop" and (name != "take" or value.strip() not in off)]


async def page(request: Request) -> Response:
    """All that is on the list, to be read, printed, changed or gone on with."""
    version = await data_version()
    etag = responses.etag_for(data_version=version, now=now_of(request), query=f"/list?{request.url.query}")
    if same := responses.unchanged(request, etag):
        return same
    params = request.query_params.multi_items()
    taken, left_out = await taken_list(request, dropped(params))
    view = list_view(taken, order_of(request), left_out=left_out, before=_before(params))
    context = {
        "title": _("Your list"),
        "view": view,
        "first": _who_goes_first(taken),
        "has_demo": (await facts_of(request, version)).has_demo,
        "here": "",  # stands at the foot of the printed page, where neither the list nor the place has any business
    }
    answer = responses.page(request, "list/page.html", context, cache=responses.PRIVATE, etag=etag)
    answer.headers.update(NOT_LISTED)
    return answer


def _who_goes_first(taken: TakenList) -> Sequence[str]:
    """What 45 CFR 96.131(b) wants made public, in paragraphs, where the list has treatment on it."""
    has_treatment = any(each.card.kind == "treatment" for each in taken.details)
    return text_of("priority-statement", language()).paragraphs if has_treatment else ()


async def taken_list(request: Request, params: Params) -> tuple[TakenList, int]:
    """What these parameters have on the list, and how many of them could not be read or were too many."""
    query, _problems = parse(params)  # a filter that cannot be read takes nothing off the list
    asked = {value.strip() for name, value in params if name == "take" and value.strip()}
    taken = await list_show(query=query, now=now_of(request), settings=settings_of(request), order=order_of(request))
    return taken, len(asked) - len(query.taken)


def order_of(request: Request) -> str:
    """The order in which the list is wanted, "" for the one in which it was made."""
    order = request.query_params.get("by", "")
    return order if order in ORDERS else ""


def _before(params: Params) -> Query | None:
    """The question before something was taken off the list; None when nothing was."""
    if dropped(params) == list(params):
        return None
    return parse((name, value) for name, value in params if name != "drop")[0]
