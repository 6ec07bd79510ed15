"""Listings that may be the same: the list of pairs, both side by side, and what a person says of them."""

from __future__ import annotations

from collections.abc import Awaitable

from starlette.requests import Request
from starlette.responses import Response

from directory.domain.errors import EditRefused, Settled
from directory.domain.people import Session
from directory.i18n import gettext
from directory.services import duplicates as service
from directory.web.accounts import full_session
from directory.web.fields import signed_page, typed
from directory.web.forms import number_of
from directory.web.presenters_duplicates import pair_card, pair_view
from directory.web.responses import see_other
from directory.web.site import now_of, settings_of

_ = gettext

DUPLICATES = "/duplicates"
DIFFERENT = "different"


async def page(request: Request) -> Response:
    """What waits, the surest first, and what was decided lately."""
    session, now = await full_session(request), now_of(request)
    waiting, settled = await service.duplicates_list(by=session.actor, now=now)
    total = await service.duplicates_waiting(by=session.actor, now=now)
    context = {
        "title": _("Listings that may be the same"),
        "cards": [pair_card(each, now) for each in waiting],
        "settled": [pair_card(each, now) for each in settled],
        "more": max(total - len(waiting), 0),
        "done": request.query_params.get("done", ""),
    }
    return signed_page(request, "duplicates/list.html", session, context)


async def pair(request: Request) -> Response:
    """Both listings of a pair side by side."""
    return await _page(request, await full_session(request))


async def settle(request: Request) -> Response:
    """They are the same and one stays, or they are two."""
    session, values = await full_session(request), await typed(request)
    id, answer = _id(request), values.get("answer", "")
    if answer == DIFFERENT:
        differing = service.duplicate_differ(id=id, by=session.actor, clock=lambda: now_of(request))
        return await _done(request, session, differing, DIFFERENT)
    keep, settings = number_of(answer), settings_of(request)
    merging = service.duplicate_merge(
        id=id, keep=keep, by=session.actor, clock=lambda: now_of(request), settings=settings
    )
    return await _done(request, session, merging, "same")


async def reopen(request: Request) -> Response:
    """Takes a decision back."""
    session = await full_session(request)
    reopening = service.duplicate_reopen(
        id=_id(request), by=session.actor, clock=lambda: now_of(request), settings=settings_of(request)
    )
    return await _done(request, session, reopening, "reopened")


async def _done(request: Request, session: Session, work: Awaitable[None], done: str) -> Response:
    """Back to the list; or the pair as it is now, where somebody was quicker or it cannot be done yet."""
    try:
        await work
    except Settled as error:
        return await _page(request, session, "settled", error.status)
    except EditRefused as error:
        return await _page(request, session, "unread", error.status)
    return see_other(f"{DUPLICATES}?done={done}")


def _id(request: Request) -> int:
    return number_of(request.path_params["id"])


async def _page(request: Request, session: Session, wrong: str = "", status: int = 200) -> Response:
    now = now_of(request)
    compared = await service.duplicate_compare(id=_id(request), by=session.actor, now=now)
    context = {"title": _("Are these the same?"), "pair": pair_view(compared, now), "wrong": wrong}
    return signed_page(request, "duplicates/pair.html", session, context, status)
