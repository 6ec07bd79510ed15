"""Taking somebody on, first step: what to call them and one way to reach them. And correcting that later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from starlette.requests import Request
from starlette.responses import Response

from directory.domain.agencies import Overtaken
from directory.domain.errors import Problem
from directory.domain.people import Agency, Session, UnfitFields
from directory.domain.waitlist.known import Known, from_sealed
from directory.domain.waitlist.routes import CALL, Way
from directory.i18n import gettext, language
from directory.services.credentials import new_token
from directory.services.texts import text_of
from directory.services.waitlist import taking_on as service
from directory.services.waitlist.clients import client_read
from directory.services.waitlist.intake import SELF, Call, intake_own
from directory.web.accounts import full_session
from directory.web.fields import FormView, last_of, signed_page, typed_lists
from directory.web.forms import number_of
from directory.web.overtaken import form_again
from directory.web.presenters import Link
from directory.web.responses import see_other
from directory.web.site import now_of, settings_of
from directory.web.waitlist.presenters_take_on import (
    agency_fields,
    is_way_typed,
    known_fields,
    parts_of,
    way_fields,
    way_typed,
)
from directory.web.waitlist.steps import NEW, after, day_typed, goes_on, hidden, person_url, steps, upi_of

_ = gettext

BOARD, INTAKE = "/board", "/intake"


async def new_form(request: Request) -> Response:
    """The first step. With `?intake=` it begins with what somebody sent who asked to be called, whom the reader has taken up."""
    session = await full_session(request)
    own = await service.taking_agencies(by=session.actor, now=now_of(request))
    call = await _call(request, session, request.query_params.get("intake", ""))
    return _new_page(request, session, _new_view(own, call, new_token()), call)


async def new_send(request: Request) -> Response:
    """Writes somebody down, and goes on to the lines."""
    session, now, lists = await full_session(request), now_of(request), await typed_lists(request)
    values = last_of(lists)
    own = await service.taking_agencies(by=session.actor, now=now)
    asked = number_of(values["intake"]) if values.get("intake") else None
    try:
        known = _known(values)
        upi = await service.client_new(
            agency=_agency(values, own),
            known=known,
            language=values.get("language", ""),
            ways=[way_typed(values)] if is_way_typed(values) else [],
            form=values.get("once", ""),
            by=session.actor,
            now=now,
            settings=settings_of(request),
            asked=asked,
        )
    except UnfitFields as error:
        call = await _call(request, session, values.get("intake", ""))
        view = form_again(_new_view(own, call, values.get("once", "")), lists, error)
        return _new_page(request, session, view, call, error.status)
    return see_other(after("who", upi, go=True))


def _agency(values: Mapping[str, str], own: Sequence[Agency]) -> int:
    """The agency that keeps the place: the only one, or the one that was chosen. Raises UnfitFields where none was."""
    chosen = [each.id for each in own if len(own) == 1 or str(each.id) == values.get("agency")]
    if not chosen:
        raise UnfitFields([Problem("agency", "choose", "")])
    return chosen[0]


def _known(values: Mapping[str, str]) -> Known:
    problems: list[Problem] = []
    born = day_typed("born", values, problems)
    if problems:
        raise UnfitFields(problems)
    called, name, note = (values.get(field, "").strip() for field in ("called", "name", "note"))
    return Known(called, name, born, note)


async def _call(request: Request, session: Session, text: str) -> Call | None:
    """What somebody sent who asked to be called, whom the reader has taken up; None where nobody did. Raises NotFound for any other."""
    if not text:
        return None
    return await intake_own(id=number_of(text), by=session.actor, now=now_of(request), settings=settings_of(request))


def _new_view(own: Sequence[Agency], call: Call | None, once: str) -> FormView:
    known, way, spoken = Known(""), Way(CALL, ""), language()
    if call:
        spoken = call.wish.language
    if call and call.wish.for_whom == SELF:
        known, way = Known(call.wish.name), Way(CALL, call.wish.phone, call.wish.times)
    fields = (*agency_fields(own), *known_fields(known, spoken), *way_fields(way))
    more = {"once": once} | ({"intake": str(call.id)} if call else {})
    links = (Link(_("Back to the calls"), INTAKE),) if call else (Link(_("Back to the board"), BOARD),)
    return FormView(NEW, _("Save and go on"), fields, hidden=hidden(True, **more), links=links)


def _new_page(request: Request, session: Session, view: FormView, call: Call | None, status: int = 200) -> Response:
    context = {
        "title": _("Take somebody on"),
        "steps": steps("who"),
        "called": "",
        "view": view,
        "parts": parts_of(view),
        "advice": advice(),
        "is_for_other": bool(call and call.wish.for_whom != SELF),
    }
    return signed_page(request, "waitlist/take_on.html", session, context, status)


def advice() -> Sequence[str]:
    """What somebody is told before they agree to messages: the operator's text."""
    return text_of("messages-advice", language()).paragraphs


# --- correcting ------------------------------------------------------------------------------------------------------


async def edit_form(request: Request) -> Response:
    """The form to correct what tells who somebody is."""
    session, settings, go = await full_session(request), settings_of(request), goes_on(request)
    found = await client_read(
        upi=upi_of(request), what="edit", by=session.actor, now=now_of(request), settings=settings
    )
    known = from_sealed(found.known)
    view = _edit_view(upi_of(request), known, found.row.language, found.row.version, go=go)
    return _edit_page(request, session, view, found.called)


async def edit_send(request: Request) -> Response:
    """Saves the correction; where somebody has saved in between, both are shown."""
    session, now, settings = await full_session(request), now_of(request), settings_of(request)
    lists = await typed_lists(request)
    values, upi = last_of(lists), upi_of(request)
    found = await client_read(upi=upi, what="edit", by=session.actor, now=now, settings=settings)
    go = goes_on(request, values)
    try:
        await service.client_edit(
            client=found.row.id,
            known=_known(values),
            language=values.get("language", ""),
            version=number_of(values.get("version", "")),
            by=session.actor,
            now=now,
            settings=settings,
        )
    except (UnfitFields, Overtaken) as error:
        view = _edit_view(upi, from_sealed(found.known), found.row.language, found.row.version, go=go)
        return _edit_page(request, session, form_again(view, lists, error), found.called, error.status)
    return see_other(after("who", upi, go=go))


def _edit_view(upi: str, known: Known, spoken: str, version: int, *, go: bool) -> FormView:
    links = (Link(_("Ways to reach them"), f"/clients/{upi}/routes"), Link(_("Back to their page"), person_url(upi)))
    kept = hidden(go, version=str(version))
    return FormView(f"/clients/{upi}/edit", _("Save"), known_fields(known, spoken), hidden=kept, links=links)


def _edit_page(request: Request, session: Session, view: FormView, called: str, status: int = 200) -> Response:
    context = {
        "title": _("Correct what is written"),
        "steps": (),
        "called": called,
        "view": view,
        "parts": parts_of(view),
        "advice": (),
        "is_for_other": False,
    }
    return signed_page(request, "waitlist/take_on.html", session, context, status)
