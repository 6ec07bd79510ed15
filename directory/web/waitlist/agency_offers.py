"""Offers on the desk of the agency that has the openings: those made to it and no others, each with its answers."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from directory.domain.people import Session, UnfitFields
from directory.domain.waitlist.states import NoSuchMove
from directory.i18n import gettext, language
from directory.services.texts import text_of
from directory.services.waitlist import agency_answers as answers
from directory.services.waitlist import agency_offers as service
from directory.services.waitlist.disclosures import NOTICE, NOTICE_LONG
from directory.web.accounts import full_session
from directory.web.fields import sentence, signed_page, typed
from directory.web.forms import number_of
from directory.web.paging import page_asked, pages_around
from directory.web.responses import see_other
from directory.web.site import now_of, settings_of
from directory.web.waitlist.presenters_agency_offers import cards, offer_view, refusal_choices

_ = gettext

OFFERS = "/desk/offers"


async def page(request: Request) -> Response:
    """The offers that wait for a word of the agency, and those that have just ended."""
    session, now, number = await full_session(request), now_of(request), page_asked(request)
    settings = settings_of(request)
    found, is_more = await service.agency_offers(by=session.actor, now=now, settings=settings, page=number)
    names = await service.agency_names(rows=found, by=session.actor, now=now, settings=settings)
    context = {
        "title": _("Offers to your agency"),
        "cards": cards(found, now, names),
        "short": text_of(NOTICE, language()) if names else None,
        "pages": pages_around(OFFERS, number, is_more=is_more),
        "done": request.query_params.get("done", ""),
    }
    return signed_page(request, "waitlist/agency_offers.html", session, context)


async def offer(request: Request) -> Response:
    """One offer. To open it says nothing; buttons do."""
    return await _page(request, await full_session(request))


async def _page(
    request: Request, session: Session, *, status: int = 200, reason: str = "", wrong: str = ""
) -> Response:
    now, settings = now_of(request), settings_of(request)
    found = await service.agency_offer(id=_id(request), by=session.actor, now=now, settings=settings)
    context = {
        "title": _("An offer to your agency"),
        "view": offer_view(found, now),
        "reasons": refusal_choices(found.row, reason),
        "wrong": wrong,
        "short": text_of(NOTICE, language()),
        "long": text_of(NOTICE_LONG, language()),
        "done": request.query_params.get("done", ""),
    }
    return signed_page(request, "waitlist/agency_offer.html", session, context, status)


async def answer(request: Request) -> Response:
    """Takes what the agency says. What has changed meanwhile is shown, and nothing is written over."""
    session, values, now = await full_session(request), await typed(request), now_of(request)
    given, id = values.get("answer", ""), _id(request)
    try:
        await answers.agency_answer(
            offer=id,
            answer=given,
            reason=values.get("reason", ""),
            by=session.actor,
            now=now,
            settings=settings_of(request),
        )
    except UnfitFields as error:
        wrong = sentence(error.problems[0])
        return await _page(request, session, status=error.status, reason=values.get("reason", ""), wrong=wrong)
    except NoSuchMove:
        return see_other(f"{OFFERS}/{id}?done=changed")
    back = OFFERS if values.get("back") == OFFERS else f"{OFFERS}/{id}"
    return see_other(f"{back}?done={given}")


def _id(request: Request) -> int:
    return number_of(request.path_params["offer"])
