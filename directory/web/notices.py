"""The notices that funded programs owe at 90 percent of their capacity: what is due when, its text for printing, and that it was sent."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from directory.domain.access import Action, Allowed, may, of_agency
from directory.domain.errors import Problem
from directory.domain.openings import Notice
from directory.domain.people import Session, UnfitFields
from directory.i18n import gettext
from directory.services import capacity_notices as service
from directory.web.accounts import full_session
from directory.web.fields import Field, FormView, signed_page, typed
from directory.web.forms import number_of
from directory.web.openings_form import again, moment_typed
from directory.web.presenters import Link
from directory.web.presenters_capacity import notice_card
from directory.web.responses import see_other
from directory.web.site import now_of

_ = gettext

NOTICES = "/notices"


async def notices(request: Request) -> Response:
    """What is due, the most urgent first, then what was sent."""
    session, now = await full_session(request), now_of(request)
    cards = [notice_card(each, now) for each in await service.notices_list(by=session.actor, now=now)]
    context = {"title": _("Notices at 90 percent"), "cards": cards, "done": request.query_params.get("done", "")}
    return signed_page(request, "openings/notices.html", session, context)


async def notice(request: Request) -> Response:
    """One notice as it can be printed, and the form that says that it was sent."""
    session, now = await full_session(request), now_of(request)
    found = await service.notice_show(by=session.actor, id=_id(request), now=now)
    return _page(request, session, found, _view(request))


async def send(request: Request) -> Response:
    """Notes that it was sent."""
    session, now, values = await full_session(request), now_of(request), await typed(request)
    found = await service.notice_show(by=session.actor, id=_id(request), now=now)
    problems: list[Problem] = []
    sent_at = moment_typed("sent_at", values, found.zone, problems)
    try:
        if problems:
            raise UnfitFields(problems)
        is_first = await service.notice_send(
            by=session.actor, id=found.id, sent_to=values.get("sent_to", ""), sent_at=sent_at, now=now
        )
    except UnfitFields as error:
        view = again(_view(request), values, {}, error.problems, found.zone)
        return _page(request, session, found, view, status=error.status)
    return see_other(f"{NOTICES}?done={'sent' if is_first else 'before'}")


def _view(request: Request) -> FormView:
    fields = (
        Field("sent_to", _("To whom was it sent?"), hint=_("An office, or an address of it.")),
        Field(
            "sent_at",
            _("When?"),
            "datetime-local",
            hint=_("Leave empty for now. On the clock of the place."),
        ),
    )
    return FormView(request.scope["path"], _("It was sent"), fields, links=(Link(_("Back to the notices"), NOTICES),))


def _page(request: Request, session: Session, found: Notice, view: FormView, *, status: int = 200) -> Response:
    now = now_of(request)
    allowed = may(session.actor, Action.REPORT_OPENINGS, of_agency(found.agency), now=now)
    context: Mapping[str, object] = {
        "title": _("Notice of capacity"),
        "card": notice_card(found, now),
        "view": view,
        "can_send": found.sent_at is None and isinstance(allowed, Allowed),
    }
    return signed_page(request, "openings/notice.html", session, context, status)


def _id(request: Request) -> int:
    return number_of(request.path_params["notice"])
