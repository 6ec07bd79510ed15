"""The ways to reach somebody: all of them with what was agreed, one more, correcting one, and using one no more."""

from __future__ import annotations

from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from directory.domain.agencies import Overtaken
from directory.domain.errors import NotFound
from directory.domain.people import Session, UnfitFields
from directory.domain.waitlist.routes import CALL, Way
from directory.i18n import gettext
from directory.services.credentials import new_token
from directory.services.waitlist import routes as service
from directory.services.waitlist.clients import Somebody, client_found, client_read
from directory.web.accounts import full_session
from directory.web.fields import FormView, last_of, signed_page, typed_lists
from directory.web.forms import number_of
from directory.web.overtaken import form_again
from directory.web.presenters import Link
from directory.web.responses import see_other
from directory.web.site import now_of, settings_of
from directory.web.waitlist.presenters_take_on import parts_of, way_card, way_fields, way_typed
from directory.web.waitlist.steps import person_url, upi_of
from directory.web.waitlist.take_on import advice

_ = gettext


def ways_url(upi: str) -> str:
    """The page of the ways to reach somebody."""
    return f"/clients/{upi}/routes"


async def page(request: Request) -> Response:
    """All ways that are in use, and a form for one more."""
    session = await full_session(request)
    found = await _somebody(request, session)
    return await _list(request, session, found, _new_view(found.row.upi, new_token()))


async def add(request: Request) -> Response:
    """Adds a way."""
    session, now, lists = await full_session(request), now_of(request), await typed_lists(request)
    values, settings = last_of(lists), settings_of(request)
    found = await _somebody(request, session)
    once = values.get("once", "")
    try:
        id = await service.way_add(
            client=found.row.id, way=way_typed(values), form=once, by=session.actor, now=now, settings=settings
        )
    except UnfitFields as error:
        view = form_again(_new_view(found.row.upi, once), lists, error)
        return await _list(request, session, found, view, error.status)
    return see_other(f"{ways_url(found.row.upi)}?done={'added' if id else 'before'}")


async def form(request: Request) -> Response:
    """The form to correct one way."""
    session = await full_session(request)
    found = await _somebody(request, session)
    return _one(request, session, found, _change_view(request, found, await _way(request, found)))


async def change(request: Request) -> Response:
    """Corrects one; where somebody has saved in between, both are shown."""
    session, now, lists = await full_session(request), now_of(request), await typed_lists(request)
    values, settings = last_of(lists), settings_of(request)
    found = await _somebody(request, session)
    way = await _way(request, found)
    try:
        await service.way_change(
            client=found.row.id,
            route=_route(request),
            way=replace(way_typed(values), note=way.note),
            version=number_of(values.get("version", "")),
            by=session.actor,
            now=now,
            settings=settings,
        )
    except (UnfitFields, Overtaken) as error:
        view = form_again(_change_view(request, found, way), lists, error)
        return _one(request, session, found, view, error.status)
    return see_other(f"{ways_url(found.row.upi)}?done=saved")


async def end(request: Request) -> Response:
    """Uses one no more."""
    session, now, settings = await full_session(request), now_of(request), settings_of(request)
    found = await client_found(upi=upi_of(request), by=session.actor, now=now, settings=settings)
    await service.way_end(client=found.row.id, route=_route(request), by=session.actor, now=now, settings=settings)
    return see_other(f"{ways_url(found.row.upi)}?done=ended")


async def _somebody(request: Request, session: Session) -> Somebody:
    return await client_read(
        upi=upi_of(request), what="routes", by=session.actor, now=now_of(request), settings=settings_of(request)
    )


async def _way(request: Request, found: Somebody) -> Way:
    ways = await service.ways_of(client=found.row.id, settings=settings_of(request))
    own = [way for row, way in ways if row.id == _route(request)]
    if not own:
        raise NotFound()
    return own[0]


def _route(request: Request) -> int:
    return number_of(request.path_params["route"])


def _new_view(upi: str, once: str) -> FormView:
    links = (Link(_("Back to their page"), person_url(upi)),)
    return FormView(ways_url(upi), _("Add it"), way_fields(Way(CALL, "")), hidden={"once": once}, links=links)


def _change_view(request: Request, found: Somebody, way: Way) -> FormView:
    upi, hidden = found.row.upi, {"version": str(found.row.version)}
    links = (Link(_("Back to all ways"), ways_url(upi)),)
    address = f"{ways_url(upi)}/{_route(request)}"
    return FormView(address, _("Save"), way_fields(way), hidden=hidden, links=links)


async def _list(request: Request, session: Session, found: Somebody, view: FormView, status: int = 200) -> Response:
    ways = await service.ways_of(client=found.row.id, settings=settings_of(request))
    context = {
        "title": _("Ways to reach them"),
        "called": found.called,
        "address": ways_url(found.row.upi),
        "cards": [way_card(row.id, way, is_stopped=row.stopped_at is not None) for row, way in ways],
        "view": view,
        "parts": parts_of(view),
        "advice": advice(),
        "done": request.query_params.get("done", ""),
    }
    return signed_page(request, "waitlist/ways.html", session, context, status)


def _one(request: Request, session: Session, found: Somebody, view: FormView, status: int = 200) -> Response:
    context = {
        "title": _("Correct a way to reach them"),
        "steps": (),
        "called": found.called,
        "view": view,
        "parts": parts_of(view),
        "advice": advice(),
        "is_for_other": False,
    }
    return signed_page(request, "waitlist/take_on.html", session, context, status)
