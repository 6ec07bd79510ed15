"""What somebody has in groups, for the peers of their agency: seats, what they can come to, and where they were."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from directory.domain.errors import NotFound
from directory.domain.people import Session
from directory.i18n import gettext
from directory.services.bridge import seats as service
from directory.services.bridge.seats import SeatRefused
from directory.services.credentials import new_token
from directory.web.accounts import full_session
from directory.web.bridge.presenters_groups import LEAVE, TAKE, sitting_view
from directory.web.fields import signed_page, typed
from directory.web.forms import number_of
from directory.web.responses import see_other
from directory.web.site import now_of, settings_of
from directory.web.waitlist.steps import upi_of

_ = gettext


async def page(request: Request) -> Response:
    """The seats that they have, and the groups to which they can come."""
    session, now, upi = await full_session(request), now_of(request), upi_of(request)
    found = await service.seats_show(upi=upi, by=session.actor, now=now, settings=settings_of(request))
    context = {
        "title": _("Groups"),
        "upi": upi,
        "called": found.who.called,
        "own": [sitting_view(each, now) for each in found.own],
        "free": [sitting_view(each, now) for each in found.free],
        "before": [sitting_view(each, now) for each in found.before],
        "once": new_token(),
        "done": request.query_params.get("done", ""),
    }
    return signed_page(request, "bridge/client_groups.html", session, context)


async def send(request: Request) -> Response:
    """Takes a seat for them, or gives theirs up."""
    session, values, upi = await full_session(request), await typed(request), upi_of(request)
    what, _dash, meeting = values.get("what", "").partition("-")
    try:
        done = await _done(request, session, what, number_of(meeting), values.get("once", ""))
    except SeatRefused:
        done = "late" if what == LEAVE else "gone"
    return see_other(f"/clients/{upi}/groups?done={done}")


async def _done(request: Request, session: Session, what: str, meeting: int, form: str) -> str:
    """Does one of the two, and says what came of it."""
    upi, by, now, settings = upi_of(request), session.actor, now_of(request), settings_of(request)
    if what == LEAVE:
        is_done = await service.seat_leave(upi=upi, meeting=meeting, form=form, by=by, now=now, settings=settings)
        return "left" if is_done else "before"
    if what != TAKE:
        raise NotFound(what=what)
    found = await service.seat_take(upi=upi, meeting=meeting, form=form, by=by, now=now, settings=settings)
    return found or "before"
