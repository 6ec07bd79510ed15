"""Setting up the programs of an agency and their levels of care."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from starlette.requests import Request
from starlette.responses import Response

from directory.domain.agencies import Overtaken
from directory.domain.levels import CareLevel, LevelValues, Program, ProgramValues
from directory.domain.people import Session, UnfitFields
from directory.i18n import gettext
from directory.services import programs as service
from directory.services.claims import settles
from directory.services.credentials import new_token
from directory.web.accounts import full_session
from directory.web.fields import Field, FormView, form_page, signed_page, typed, typed_lists
from directory.web.forms import number_of
from directory.web.overtaken import form_again
from directory.web.presenters import Link
from directory.web.presenters_agencies import asam_choices, care_choices, level_card, state_choices, unit_choices
from directory.web.presenters_form import Choice
from directory.web.responses import see_other
from directory.web.site import now_of

_ = gettext

PROGRAMS, LEVELS = "/programs", "/levels"


# --- a new program ---------------------------------------------------------------------------------------------------


async def form(request: Request) -> Response:
    """The form for a program of an agency."""
    return await _new_page(request, await full_session(request))


async def send(request: Request) -> Response:
    """Makes a program."""
    session, values, agency = await full_session(request), await typed(request), _id(request)
    try:
        made = await service.program_make(
            by=session.actor,
            agency=agency,
            slug=values.get("listing", ""),
            values=_program_values(values),
            form=values.get("once", ""),
            now=now_of(request),
        )
    except UnfitFields as error:
        return await _new_page(request, session, await typed_lists(request), error)
    return see_other(f"{PROGRAMS}/{made.id}" if made else f"/agencies/{agency}")


async def _new_page(
    request: Request,
    session: Session,
    lists: Mapping[str, Sequence[str]] | None = None,
    error: UnfitFields | None = None,
) -> Response:
    """The form; or, where the agency has no listing that the program could be shown as, the way to one."""
    agency, now, status = _id(request), now_of(request), error.status if error else 200
    options = await service.listing_options(by=session.actor, agency=agency, now=now)
    if options:
        view = _new_view(agency, options)
        view = form_again(view, lists or {}, error) if error else view
        return form_page(request, _("New program"), view, status, session=session)
    lead = _("This agency has no listing yet, and visitors see a program as one of its listings.")
    links = [Link(_("Back to the agency"), f"/agencies/{agency}")]
    if settles(by=session.actor, now=now):
        links.insert(0, Link(_("Give it listings"), f"/claims/new?agency={agency}"))
    context = {"title": _("New program"), "lead": lead, "links": links}
    return signed_page(request, "accounts/message.html", session, context, status)


def _new_view(agency: int, options: Sequence[tuple[str, str]]) -> FormView:
    listings = tuple(Choice(slug, name, False) for slug, name in options)
    fields = (
        Field("listing", _("The listing that visitors see"), choices=listings),
        *_program_fields(ProgramValues("")),
    )
    links = (Link(_("Back to the agency"), f"/agencies/{agency}"),)
    address = f"/agencies/{agency}/programs/new"
    return FormView(address, _("Make it"), fields, hidden={"once": new_token()}, links=links)


def _program_fields(values: ProgramValues) -> tuple[Field, ...]:
    funded = Choice("yes", _("Paid for by the federal block grant"), values.is_funded)
    hint = _("Then a notice to the State falls due when 90% of its openings are taken.")
    return (
        Field("name", _("Name of the program"), value=values.name),
        Field("funded", _("Money"), choices=(funded,), many=True, hint=hint),
    )


def _program_values(values: Mapping[str, str]) -> ProgramValues:
    return ProgramValues(values.get("name", ""), values.get("funded") == "yes")


# --- one program -----------------------------------------------------------------------------------------------------


async def program(request: Request) -> Response:
    """One program with its levels of care."""
    session = await full_session(request)
    found = await service.program_show(by=session.actor, id=_id(request), now=now_of(request))
    return _program_page(request, session, found, _program_view(found))


async def change(request: Request) -> Response:
    """Sets or closes a program."""
    session, lists, now = await full_session(request), await typed_lists(request), now_of(request)
    id, values = _id(request), await typed(request)
    try:
        await service.program_change(
            by=session.actor,
            id=id,
            version=number_of(values.get("version", "")),
            values=_program_values(values),
            is_closed=values.get("state") == "closed",
            now=now,
        )
    except (UnfitFields, Overtaken) as error:
        found = await service.program_show(by=session.actor, id=id, now=now)
        return _program_page(request, session, found, form_again(_program_view(found), lists, error), error.status)
    return see_other(f"{PROGRAMS}/{id}?done=saved")


def _program_view(found: Program) -> FormView:
    fields = (*_program_fields(found.values), _state_field(bool(found.closed_at)))
    return FormView(f"{PROGRAMS}/{found.id}", _("Save"), fields, hidden={"version": str(found.version)})


def _program_page(request: Request, session: Session, found: Program, view: FormView, status: int = 200) -> Response:
    context = {
        "title": found.values.name,
        "program": found,
        "view": view,
        "levels": [level_card(each) for each in found.levels],
        "done": request.query_params.get("done", ""),
    }
    return signed_page(request, "agencies/program.html", session, context, status)


def _state_field(is_closed: bool) -> Field:
    hint = _("What is closed is not asked about any more. What was reported stays.")
    return Field("state", _("Open or closed"), choices=state_choices(is_closed), hint=hint)


# --- levels of care --------------------------------------------------------------------------------------------------


async def level_form(request: Request) -> Response:
    """The form for a level of care of a program."""
    session = await full_session(request)
    found = await service.program_show(by=session.actor, id=_id(request), now=now_of(request))
    return form_page(request, _("New level of care"), _new_level_view(found), session=session)


async def level_send(request: Request) -> Response:
    """Adds a level of care."""
    session, lists, now, id = await full_session(request), await typed_lists(request), now_of(request), _id(request)
    values = await typed(request)
    try:
        given = _level_values(values)
        await service.level_make(by=session.actor, program=id, values=given, form=values.get("once", ""), now=now)
    except UnfitFields as error:
        view = _new_level_view(await service.program_show(by=session.actor, id=id, now=now))
        view = form_again(view, lists, error)
        return form_page(request, _("New level of care"), view, error.status, session=session)
    return see_other(f"{PROGRAMS}/{id}?done=saved")


def _new_level_view(found: Program) -> FormView:
    fields = _level_fields(LevelValues("", "", "bed"))
    links = (Link(_("Back to the program"), f"{PROGRAMS}/{found.id}"),)
    address = f"{PROGRAMS}/{found.id}/levels/new"
    return FormView(address, _("Add it"), fields, hidden={"once": new_token()}, links=links)


async def level(request: Request) -> Response:
    """The form of one level of care."""
    session = await full_session(request)
    _program, found = await service.level_show(by=session.actor, id=_id(request), now=now_of(request))
    return form_page(request, found.values.name, _level_view(found), session=session)


async def level_change(request: Request) -> Response:
    """Sets or closes a level of care."""
    session, lists, now, id = await full_session(request), await typed_lists(request), now_of(request), _id(request)
    values = await typed(request)
    _program, found = await service.level_show(by=session.actor, id=id, now=now)
    try:
        await service.level_change(
            by=session.actor,
            id=id,
            version=number_of(values.get("version", "")),
            values=_level_values(values),
            is_closed=values.get("state") == "closed",
            now=now,
        )
    except (UnfitFields, Overtaken) as error:
        view = form_again(_level_view(found), lists, error)
        return form_page(request, found.values.name, view, error.status, session=session)
    return see_other(f"{PROGRAMS}/{found.program}?done=saved")


def _level_view(found: CareLevel) -> FormView:
    fields = (*_level_fields(found.values), _state_field(bool(found.closed_at)))
    links = (Link(_("Back to the program"), f"{PROGRAMS}/{found.program}"),)
    hidden = {"version": str(found.version)}
    return FormView(f"{LEVELS}/{found.id}", _("Save"), fields, hidden=hidden, links=links)


def _level_fields(values: LevelValues) -> tuple[Field, ...]:
    asam = f"{values.edition}:{values.asam}" if values.asam else ""
    licensed = "" if values.licensed is None else str(values.licensed)
    reminders = Choice("yes", _("Ask the agency when the last report is old"), values.reminders)
    return (
        Field("name", _("Name of the level of care"), value=values.name, hint=_("As the agency calls it.")),
        Field("care", _("What visitors find it by"), choices=care_choices(values.care)),
        Field("asam", _("ASAM level"), choices=asam_choices(asam)),
        Field("unit", _("What is counted"), choices=unit_choices(values.unit)),
        Field("licensed", _("How many are licensed"), value=licensed, numeric=True, hint=_("Leave it empty if nobody knows.")),
        Field("reminders", _("Reminders"), choices=(reminders,), many=True),
    )  # fmt: skip


def _level_values(values: Mapping[str, str]) -> LevelValues:
    """The values of a level as they were typed; what is no number is taken for one that no level can have."""
    licensed = values.get("licensed", "").strip()
    edition, _colon, code = values.get("asam", "").partition(":")
    number = int(licensed) if licensed.isascii() and licensed.isdigit() and len(licensed) < 9 else -1
    return LevelValues(
        name=values.get("name", ""),
        care=values.get("care", ""),
        unit=values.get("unit", ""),
        asam=code,
        edition=edition,
        licensed=number if licensed else None,
        reminders=values.get("reminders") == "yes",
    )


# --- all of them -----------------------------------------------------------------------------------------------------


def _id(request: Request) -> int:
    return number_of(request.path_params["id"])
