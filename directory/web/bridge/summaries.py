"""The one page for the team that receives somebody: as their own peer hands it over, and as the agency reads it on its desk."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from directory.i18n import gettext, language
from directory.services.bridge import summaries as service
from directory.services.bridge.handoffs import NoHandoff
from directory.services.texts import text_of
from directory.services.waitlist.disclosures import NOTICE, NOTICE_LONG, NoConsent
from directory.web.accounts import full_session
from directory.web.bridge.presenters_handoffs import handoff_url
from directory.web.bridge.presenters_summary import summary_view
from directory.web.fields import signed_page
from directory.web.forms import number_of
from directory.web.responses import see_other
from directory.web.site import now_of, settings_of
from directory.web.waitlist.steps import upi_of

_ = gettext


async def page(request: Request) -> Response:
    """The page before it is handed over, for who reads their plan; without a consent it says what to do."""
    session, upi = await full_session(request), upi_of(request)
    found = await service.summary_show(upi=upi, by=session.actor, now=now_of(request), settings=settings_of(request))
    if found is None:
        return see_other(handoff_url(upi))
    context = {
        "title": _("One page for the team"),
        "page": found,
        "view": summary_view(found.summary) if found.summary else None,
        "back_url": handoff_url(upi),
        "consent_url": f"/clients/{upi}/consent",
        "done": request.query_params.get("done", ""),
        **_notices(),
    }
    return signed_page(request, "bridge/summary.html", session, context)


async def hand_over(request: Request) -> Response:
    """Writes down that it goes to the agency."""
    session, upi = await full_session(request), upi_of(request)
    try:
        await service.summary_hand_over(upi=upi, by=session.actor, now=now_of(request), settings=settings_of(request))
    except (NoConsent, NoHandoff):
        return see_other(f"{handoff_url(upi)}/summary?done=gone")
    return see_other(f"{handoff_url(upi)}/summary?done=told")


async def for_agency(request: Request) -> Response:
    """The page on the desk of the agency that has the opening."""
    session, now, offer = await full_session(request), now_of(request), number_of(request.path_params["offer"])
    found = await service.agency_summary(offer=offer, by=session.actor, now=now, settings=settings_of(request))
    context = {
        "title": _("One page for the team"),
        "view": summary_view(found) if found else None,
        "back_url": f"/desk/offers/{offer}",
        **_notices(),
    }
    return signed_page(request, "bridge/agency_summary.html", session, context)


def _notices() -> dict[str, object]:
    return {"short": text_of(NOTICE, language()), "long": text_of(NOTICE_LONG, language())}
