"""Setting up agencies: the list, one agency with its programs and claims, and closing it."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from directory.domain.agencies import AgencyValues, Overtaken, SetAgency
from directory.domain.people import Session, UnfitFields
from directory.i18n import gettext
from directory.services import agencies as service
from directory.services.claims import agency_claims, claims_waiting, settles
from directory.services.credentials import new_token
from directory.services.names import names_for
from directory.services.programs import program_list
from directory.web.accounts import full_session
from directory.web.fields import Field, FormView, form_page, signed_page, typed, typed_lists
from directory.web.forms import number_of
from directory.web.overtaken import form_again
from directory.web.paging import page_asked, pages_around
from directory.web.presenters import Link
from directory.web.presenters_agencies import agency_card, claim_card, kind_choices, program_card, zone_choices
from directory.web.responses import see_other
from directory.web.site import now_of, settings_of

_ = gettext

AGENCIES = "/agencies"


async def page(request: Request) -> Response:
    """The agencies, a page at a time."""
    session, now, number = await full_session(request), now_of(request), page_asked(request)
    found, is_more = await service.agency_list(by=session.actor, page=number, now=now)
    context = {
        "title": _("Agencies"),
        "cards": [agency_card(each) for each in found],
        "pages": pages_around(AGENCIES, number, is_more=is_more),
        "settles": settles(by=session.actor, now=now),
        "waiting": await claims_waiting(by=session.actor, now=now),
    }
    return signed_page(request, "agencies/list.html", session, context)


# --- a new one -------------------------------------------------------------------------------------------------------


async def form(request: Request) -> Response:
    """The form for a new agency."""
    session = await full_session(request)
    await service.agency_list(by=session.actor, now=now_of(request))
    return form_page(request, _("New agency"), _new_view(request), session=session)


async def send(request: Request) -> Response:
    """Makes an agency."""
    session, values, lists = await full_session(request), await typed(request), await typed_lists(request)
    try:
        made = await service.agency_make(
            by=session.actor,
            values=_values(values),
            form=values.get("once", ""),
            settings=settings_of(request),
            now=now_of(request),
        )
    except UnfitFields as error:
        view = form_again(_new_view(request), lists, error)
        return form_page(request, _("New agency"), view, error.status, session=session)
    return see_other(f"{AGENCIES}/{made.id}" if made else AGENCIES)


def _new_view(request: Request) -> FormView:
    fields = _fields(AgencyValues("", "treatment", settings_of(request).timezone))
    hidden = {"once": new_token()}
    lead = _("An agency has people who work here, and listings that they keep true.")
    links = (Link(_("Back to agencies"), AGENCIES),)
    return FormView(f"{AGENCIES}/new", _("Make it"), fields, lead=lead, hidden=hidden, links=links)


def _fields(values: AgencyValues) -> tuple[Field, ...]:
    return (
        Field("name", _("Name"), value=values.name),
        Field("kind", _("Kind"), choices=kind_choices(values.kind)),
        Field("timezone", _("Time zone"), choices=zone_choices(values.timezone)),
    )


def _values(values: Mapping[str, str]) -> AgencyValues:
    return AgencyValues(values.get("name", ""), values.get("kind", ""), values.get("timezone", ""))


# --- one agency ------------------------------------------------------------------------------------------------------


async def agency(request: Request) -> Response:
    """One agency with all that is set up for it."""
    session = await full_session(request)
    found = await service.agency_show(by=session.actor, id=_id(request), now=now_of(request))
    return await _agency_page(request, session, found, _view(found))


async def change(request: Request) -> Response:
    """Sets name, kind and time zone."""
    session, now, lists, id = await full_session(request), now_of(request), await typed_lists(request), _id(request)
    values = await typed(request)
    try:
        await service.agency_change(
            by=session.actor,
            id=id,
            version=number_of(values.get("version", "")),
            values=_values(values),
            now=now,
        )
    except (UnfitFields, Overtaken) as error:
        found = await service.agency_show(by=session.actor, id=id, now=now)
        return await _agency_page(request, session, found, form_again(_view(found), lists, error), error.status)
    return see_other(f"{AGENCIES}/{id}?done=saved")


async def close(request: Request) -> Response:
    """Closes an agency or opens it again."""
    session, id, values = await full_session(request), _id(request), await typed(request)
    is_closed = values.get("state") == "closed"
    await service.agency_close(by=session.actor, id=id, is_closed=is_closed, now=now_of(request))
    return see_other(f"{AGENCIES}/{id}?done={'closed' if is_closed else 'opened'}")


async def _agency_page(
    request: Request, session: Session, found: SetAgency, view: FormView, status: int = 200
) -> Response:
    actor, now, number = session.actor, now_of(request), page_asked(request)
    programs = await program_list(by=actor, agency=found.id, now=now)
    claims, is_more = await agency_claims(by=actor, agency=found.id, page=number, now=now)
    names = await names_for(labels=[each.asked_by for each in claims], by=actor)
    context = {
        "title": found.values.name,
        "agency": found,
        "card": agency_card(found),
        "view": view,
        "programs": [program_card(each) for each in programs],
        "claims": [claim_card(each, now, names) for each in claims],
        "pages": pages_around(f"{AGENCIES}/{found.id}", number, is_more=is_more),
        "settles": settles(by=actor, now=now),
        "may_close": service.may_close(by=actor, agency=found, now=now),
        "done": request.query_params.get("done", ""),
    }
    return signed_page(request, "agencies/agency.html", session, context, status)


def _view(found: SetAgency) -> FormView:
    hidden = {"version": str(found.version)}
    return FormView(f"{AGENCIES}/{found.id}", _("Save"), _fields(found.values), hidden=hidden)


def _id(request: Request) -> int:
    return number_of(request.path_params["id"])
