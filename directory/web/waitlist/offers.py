"""Offers for peers: the list, one with what became of it, and the client's yes, no, or no after all."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Container, Sequence

from starlette.requests import Request
from starlette.responses import Response

from directory.domain.errors import Problem
from directory.domain.people import Session
from directory.domain.waitlist.declines import CANCELS, DECLINES
from directory.domain.waitlist.states import NoSuchMove, Offer
from directory.i18n import gettext
from directory.services.waitlist import offer_pages as pages
from directory.services.waitlist import offers as service
from directory.services.waitlist.offers import NotOfferable
from directory.web.accounts import full_session
from directory.web.fields import Field, FormView, signed_page, typed, with_problems
from directory.web.forms import number_of
from directory.web.paging import page_asked, pages_around
from directory.web.responses import see_other
from directory.web.site import now_of, settings_of
from directory.web.waitlist.presenters_offers import CANCEL_WORDS, DECLINE_WORDS, choices, offer_line, offer_view

_ = gettext

OFFERS = "/offers"


async def offers(request: Request) -> Response:
    """The offers to the people of one's agency: what ends first comes first."""
    session, now, page = await full_session(request), now_of(request), page_asked(request)
    found, is_more = await pages.offers_list(by=session.actor, now=now, settings=settings_of(request), page=page)
    context = {
        "title": _("Offers"),
        "cards": [offer_line(each, now) for each in found],
        "pages": pages_around(OFFERS, page, is_more=is_more),
    }
    return signed_page(request, "waitlist/offers.html", session, context)


async def offer(request: Request) -> Response:
    """One offer."""
    return await _page(request, await full_session(request), request.query_params.get("done", ""))


async def _page(
    request: Request, session: Session, done: str, status: int = 200, problems: Sequence[Problem] = ()
) -> Response:
    now, id = now_of(request), _offer(request)
    found = await pages.offer_show(offer=id, by=session.actor, now=now, settings=settings_of(request))
    view = offer_view(found, now)
    form = with_problems(_no_form(id) if view.is_pending else _cancel_form(id), problems)
    context = {"title": _("An offer"), "view": view, "form": form, "done": done}
    return signed_page(request, "waitlist/offer.html", session, context, status)


def _no_form(id: int) -> FormView:
    hint = _("Saying no never takes anybody off a line.")
    fields = (Field("reason", _("Why not"), choices=choices(DECLINE_WORDS), hint=hint),)
    return FormView(f"{OFFERS}/{id}/decline", _("They say no"), fields)


def _cancel_form(id: int) -> FormView:
    fields = (Field("reason", _("Why it does not come about"), choices=choices(CANCEL_WORDS)),)
    return FormView(f"{OFFERS}/{id}/cancel", _("It does not come about"), fields)


# --- what they say ---------------------------------------------------------------------------------------------------


async def accept(request: Request) -> Response:
    """They say yes. Said too late, the page tells that nothing is lost."""
    session, id = await full_session(request), _offer(request)
    try:
        await service.offer_accept(offer=id, by=session.actor, now=now_of(request), settings=settings_of(request))
    except NoSuchMove:
        return await _moved(request, session, Offer.ACCEPTED)
    except NotOfferable as error:
        return await _page(request, session, "no-consent", error.status)
    return see_other(f"{OFFERS}/{id}?done=accepted")


async def decline(request: Request) -> Response:
    """They say no, and why."""
    return await _no(request, Offer.DECLINED, DECLINES, service.offer_decline)


async def cancel(request: Request) -> Response:
    """What was accepted does not come about."""
    return await _no(request, Offer.CANCELLED, CANCELS, service.offer_cancel)


async def _no(
    request: Request, wanted: Offer, reasons: Container[str], work: Callable[..., Awaitable[None]]
) -> Response:
    """Ends an offer for one of these reasons; without one the page comes again and says so."""
    session, reason = await full_session(request), (await typed(request)).get("reason", "")
    id, now = _offer(request), now_of(request)
    if reason not in reasons:
        return await _page(request, session, "", 422, [Problem("reason", "choose", reason)])
    try:
        await work(offer=id, reason=reason, by=session.actor, now=now, settings=settings_of(request))
    except NoSuchMove:
        return await _moved(request, session, wanted)
    return see_other(f"{OFFERS}/{id}?done={wanted}")


async def _moved(request: Request, session: Session, wanted: Offer) -> Response:
    """The same page where this was done before; else what it has come to meanwhile."""
    found = await service.offer_found(_offer(request), session.actor, now_of(request))
    if found.status is wanted:
        return see_other(f"{OFFERS}/{found.id}?done={wanted}")
    return await _page(request, session, "late" if found.status is Offer.EXPIRED else "moved", 409)


def _offer(request: Request) -> int:
    return number_of(request.path_params["id"])
