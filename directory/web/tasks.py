"""What somebody has to look at: the list with the earliest due first, and saying that something is done."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from directory.domain.people import Session, UnfitFields
from directory.i18n import gettext
from directory.services import tasks as service
from directory.web.accounts import full_session
from directory.web.fields import sentence, signed_page, typed
from directory.web.forms import number_of
from directory.web.presenters_tasks import task_card
from directory.web.responses import see_other
from directory.web.site import now_of, settings_of

_ = gettext

TASKS = "/tasks"


async def page(request: Request) -> Response:
    """All that is open, and what was done lately."""
    return await _page(request, await full_session(request))


async def done(request: Request) -> Response:
    """Notes that one is done; with a note that is too long the list comes again, and the note with it."""
    session, values = await full_session(request), await typed(request)
    id, note = number_of(values.get("id", "")), values.get("note", "")
    try:
        await service.task_done(id=id, note=note, by=session.actor, now=now_of(request))
    except UnfitFields as error:
        return await _page(request, session, {id: note}, sentence(error.problems[0]), error.status)
    return see_other(f"{TASKS}?done=1")


async def _page(
    request: Request, session: Session, notes: dict[int, str] | None = None, wrong: str = "", status: int = 200
) -> Response:
    now, settings = now_of(request), settings_of(request)
    pending, finished = await service.tasks_list(by=session.actor, now=now)
    zones = await service.task_zones(tasks=(*pending, *finished), settings=settings)
    context = {
        "title": _("Things to look at"),
        "cards": [task_card(each, now, ZoneInfo(zones[each.agency])) for each in pending],
        "finished": [task_card(each, now, ZoneInfo(zones[each.agency])) for each in finished],
        "done": "done" in request.query_params,
        "notes": notes or {},
        "wrong": wrong,
    }
    return signed_page(request, "tasks/page.html", session, context, status)
