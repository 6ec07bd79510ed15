"""Spreadsheets of people who wait: what was read of each, and the one word of a coordinator that lets its people be put in."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from directory.domain.errors import NotFound, Settled
from directory.domain.people import Session
from directory.i18n import gettext
from directory.services.names import names_for
from directory.services.waitlist import line_imports as service
from directory.services.waitlist.settling import OwnWord, word_settle
from directory.web.accounts import full_session
from directory.web.fields import signed_page, typed
from directory.web.forms import number_of
from directory.web.responses import see_other
from directory.web.site import now_of, settings_of
from directory.web.waitlist.presenters_line_imports import IMPORTS, import_card, import_view

_ = gettext


async def page(request: Request) -> Response:
    """All files of one's agency, the newest first."""
    session, now = await full_session(request), now_of(request)
    found = await service.imports_list(by=session.actor, now=now)
    context = {"title": _("Lists from spreadsheets"), "cards": [import_card(each, now) for each in found]}
    return signed_page(request, "waitlist/line_imports.html", session, context)


async def show(request: Request) -> Response:
    """One file with its figures and its rows."""
    return await _page(request, await full_session(request), request.query_params.get("done", ""))


async def settle(request: Request) -> Response:
    """Says yes or no to a file. Whoever has sent it cannot."""
    session, values = await full_session(request), await typed(request)
    decision = values.get("decision", "")
    if decision not in ("agree", "refuse"):
        raise NotFound()
    now, settings = now_of(request), settings_of(request)
    found = await service.import_show(id=_id(request), by=session.actor, now=now, settings=settings)
    if found.row.word is None:
        return see_other(f"{IMPORTS}/{found.row.id}?done=before")
    try:
        outcome = await word_settle(
            id=found.row.word, agreed=decision == "agree", by=session.actor, now=now, settings=settings
        )
    except OwnWord as error:
        return await _page(request, session, "own", error.status)
    except Settled:
        outcome = "before"
    return see_other(f"{IMPORTS}/{found.row.id}?done={outcome}")


async def _page(request: Request, session: Session, done: str, status: int = 200) -> Response:
    now, settings = now_of(request), settings_of(request)
    found = await service.import_show(id=_id(request), by=session.actor, now=now, settings=settings)
    names = await names_for(labels=[found.row.by, found.row.settled_by or ""], by=session.actor)
    context = {
        "title": _("A list from a spreadsheet"),
        "view": import_view(found, names, now, by=session.actor.label),
        "done": done,
        "all_url": IMPORTS,
    }
    return signed_page(request, "waitlist/line_import.html", session, context, status)


def _id(request: Request) -> int:
    return number_of(request.path_params["id"])
