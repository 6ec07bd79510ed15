"""Clients who may be one person: the list, the two side by side, and what a coordinator decides."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from directory.domain.errors import Settled
from directory.domain.people import Session
from directory.domain.waitlist.pairs import MergeRefused
from directory.i18n import gettext
from directory.services.waitlist import merging
from directory.services.waitlist import pairs as service
from directory.web.accounts import full_session
from directory.web.fields import signed_page, typed
from directory.web.forms import number_of
from directory.web.responses import see_other
from directory.web.site import now_of, settings_of
from directory.web.waitlist.presenters_pairs import pair_cards, pair_view

_ = gettext

PAIRS = "/pairs"
DIFFERENT = "different"


async def pairs(request: Request) -> Response:
    """The pairs that wait, and those that were decided last."""
    session, now = await full_session(request), now_of(request)
    waiting, decided = await service.pairs_list(by=session.actor, now=now)
    context = {
        "title": _("People who may be here twice"),
        "cards": pair_cards(waiting, now),
        "decided": pair_cards(decided, now),
        "done": request.query_params.get("done", ""),
    }
    return signed_page(request, "waitlist/pairs.html", session, context)


async def pair(request: Request) -> Response:
    """Both side by side."""
    return await _page(request, await full_session(request))


async def _page(request: Request, session: Session, wrong: str = "", status: int = 200) -> Response:
    shown = await service.pair_show(
        id=_id(request), by=session.actor, now=now_of(request), settings=settings_of(request)
    )
    context = {"title": _("One person, or two?"), "pair": pair_view(shown), "wrong": wrong}
    return signed_page(request, "waitlist/pair.html", session, context, status)


async def settle(request: Request) -> Response:
    """Says that they are two people, or makes one of them."""
    session, values, id, now = await full_session(request), await typed(request), _id(request), now_of(request)
    answer = values.get("answer", "")
    try:
        if answer == DIFFERENT:
            await service.pair_part(id=id, by=session.actor, now=now)
            return see_other(f"{PAIRS}?done={DIFFERENT}")
        found = await service.pair_found(id=id, by=session.actor, now=now)
        seen = {client: number_of(values.get(f"version-{client}", "")) for client in (found.one, found.other)}
        upi = await merging.clients_merge(
            pair=id,
            keep=number_of(answer),
            versions=seen,
            by=session.actor,
            now=now,
            settings=settings_of(request),
        )
    except Settled as error:
        return await _page(request, session, "settled", error.status)
    except MergeRefused as error:
        return await _page(request, session, error.reason, error.status)
    return see_other(f"/clients/{upi}")


async def reopen(request: Request) -> Response:
    """Takes back that they are two people."""
    session = await full_session(request)
    try:
        await service.pair_reopen(id=_id(request), by=session.actor, now=now_of(request))
    except Settled as error:
        return await _page(request, session, "settled", error.status)
    return see_other(f"{PAIRS}/{_id(request)}")


def _id(request: Request) -> int:
    return number_of(request.path_params["id"])
