"""Who asked to be called: the queue, taking one up, and what came of the call."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from directory.i18n import gettext
from directory.services.waitlist import intake as service
from directory.web.accounts import full_session
from directory.web.fields import signed_page, typed
from directory.web.forms import number_of
from directory.web.responses import see_other
from directory.web.site import now_of, settings_of
from directory.web.waitlist.presenters_take_on import call_cards

_ = gettext

INTAKE = "/intake"


async def page(request: Request) -> Response:
    """Those whom the reader has taken up, then those who wait."""
    session, now = await full_session(request), now_of(request)
    found = await service.intake_list(by=session.actor, now=now, settings=settings_of(request))
    context = {
        "title": _("Asked to be called"),
        "own": call_cards(found.own, now),
        "waiting": call_cards(found.waiting, now),
        "more": found.total - len(found.waiting),
        "done": request.query_params.get("done", ""),
    }
    return signed_page(request, "waitlist/intake.html", session, context)


async def take(request: Request) -> Response:
    """Takes one up, so that nobody else calls too."""
    session = await full_session(request)
    await service.intake_take(id=_id(request), by=session.actor, now=now_of(request))
    return see_other(INTAKE)


async def outcome(request: Request) -> Response:
    """What came of the call: nobody was reached, or nothing is wanted. Taking somebody on has a form of its own."""
    session, now, values = await full_session(request), now_of(request), await typed(request)
    if values.get("outcome") == "nothing-wanted":
        await service.intake_end(id=_id(request), by=session.actor, now=now)
        return see_other(f"{INTAKE}?done=ended")
    await service.intake_again(id=_id(request), by=session.actor, now=now)
    return see_other(f"{INTAKE}?done=again")


def _id(request: Request) -> int:
    return number_of(request.path_params["id"])
