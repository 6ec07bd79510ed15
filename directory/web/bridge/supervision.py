"""Supervision, for the two whom it is about, and the question how one is after a heavy day."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from directory.domain.people import Session, UnfitFields
from directory.i18n import gettext
from directory.services.bridge import supervision as service
from directory.services.credentials import new_token
from directory.services.waitlist.clients import zone_of
from directory.web.accounts import full_session
from directory.web.bridge import presenters_peers as shown
from directory.web.fields import sentence, signed_page, typed
from directory.web.forms import number_of
from directory.web.responses import see_other
from directory.web.site import now_of, settings_of
from directory.web.waitlist.presenters_words import moment

_ = gettext

PAGE = service.PAGE


async def page(request: Request) -> Response:
    """What one and one's supervisor, or one and those whom one supervises, wrote."""
    return await _page(request, await full_session(request))


async def _page(
    request: Request,
    session: Session,
    values: Mapping[str, str] | None = None,
    error: UnfitFields | None = None,
    at: str = "",
    done: str = "",
) -> Response:
    """The page; `at` is the form that stays as it was typed, by its kind and number, `done` what came of it (else what the address says)."""
    now = now_of(request)
    pairs = await service.supervision_show(by=session.actor, now=now, settings=settings_of(request))
    asked = await service.debriefs_waiting(by=session.actor)
    context = {
        "title": _("Supervision"),
        "pairs": [shown.pair_view(pair, await zone_of(pair.row.agency)) for pair in pairs],
        "debriefs": [(each.id, moment(each.at, await zone_of(each.agency))) for each in asked],
        "answers": shown.debrief_choices(),
        "once": (values or {}).get("once") or new_token(),
        "words": (values or {}).get("words", ""),
        "chosen": (values or {}).get("answer", ""),
        "wrong": sentence(error.problems[0]) if error else "",
        "at": at,
        "done": done or request.query_params.get("done", ""),
    }
    return signed_page(request, "bridge/supervision.html", session, context, error.status if error else 200)


async def note(request: Request) -> Response:
    """Writes a note."""
    session, values = await full_session(request), await typed(request)
    id = number_of(request.path_params["id"])
    try:
        is_new = await service.note_write(
            id=id,
            words=values.get("words", ""),
            form=values.get("once", ""),
            by=session.actor,
            now=now_of(request),
            settings=settings_of(request),
        )
    except UnfitFields as error:
        return await _page(request, session, values, error, f"note-{id}")
    return see_other(f"{PAGE}?done={'written' if is_new else 'before'}")


async def debrief(request: Request) -> Response:
    """Answers how one is."""
    session, values = await full_session(request), await typed(request)
    id = number_of(request.path_params["id"])
    try:
        is_told = await service.debrief_answer(
            id=id,
            answer=values.get("answer", ""),
            words=values.get("words", ""),
            by=session.actor,
            now=now_of(request),
            settings=settings_of(request),
        )
    except UnfitFields as error:
        return await _page(request, session, values, error, f"debrief-{id}")
    if not is_told:
        return await _page(request, session, values, at=f"debrief-{id}", done="nobody")
    return see_other(f"{PAGE}?done=thanks")
