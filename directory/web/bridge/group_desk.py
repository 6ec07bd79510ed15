"""The groups of one's own agency: the list, one with its meetings, setting one up and ending it, and who came to a meeting."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from directory.domain.agencies import Overtaken
from directory.domain.bridge.groups import group_fields
from directory.domain.errors import Problem
from directory.domain.people import Session, UnfitFields
from directory.i18n import gettext
from directory.services.bridge import attendance
from directory.services.bridge import groups as service
from directory.services.bridge.groups import Home
from directory.services.bridge.meetings import meeting_change
from directory.services.bridge.seats import SeatRefused
from directory.services.credentials import new_token
from directory.web.accounts import full_session
from directory.web.bridge.presenters_group_form import empty, group_form_fields, minute_typed, typed_group
from directory.web.bridge.presenters_groups import card_view, group_view, usual_start
from directory.web.bridge.presenters_meetings import meeting_form, meeting_view
from directory.web.fields import Field, FormView, form_page, last_of, signed_page, typed, typed_lists
from directory.web.forms import number_of
from directory.web.overtaken import form_again
from directory.web.presenters import Link
from directory.web.presenters_form import Choice
from directory.web.responses import see_other
from directory.web.site import now_of, settings_of
from directory.web.waitlist.presenters_lines import number_typed
from directory.web.waitlist.steps import day_typed

_ = gettext

DESK = "/desk/groups"


async def groups(request: Request) -> Response:
    """All groups of one's own agencies."""
    session, now = await full_session(request), now_of(request)
    found = await service.groups_list(by=session.actor, now=now)
    context = {
        "title": _("Groups"),
        "cards": [card_view(each, now, is_own=True) for each in found],
        "may_add": bool(await service.group_homes(by=session.actor, now=now)),
    }
    return signed_page(request, "bridge/groups_desk.html", session, context)


async def group(request: Request) -> Response:
    """One with its meetings."""
    session, now = await full_session(request), now_of(request)
    found = await service.group_show(id=_id(request), by=session.actor, now=now)
    led = dict(await service.group_leaders(agency=found.group.agency, by=session.actor, now=now))
    context = {
        "title": _("A group"),
        "view": group_view(found, now, is_own=True),
        "leader": led.get(found.group.values.leader or 0, ""),
        "done": request.query_params.get("done", ""),
    }
    return signed_page(request, "bridge/group_desk.html", session, context)


async def end(request: Request) -> Response:
    """Ends a group."""
    session, values, id = await full_session(request), await typed(request), _id(request)
    is_done = await service.group_end(
        id=id,
        version=number_of(values.get("version", "")),
        by=session.actor,
        now=now_of(request),
        settings=settings_of(request),
    )
    return see_other(_url(id, "ended" if is_done else "newer"))


# --- setting one up --------------------------------------------------------------------------------------------------


async def new_form(request: Request) -> Response:
    """The form for a new group."""
    session = await full_session(request)
    return form_page(request, _("New group"), await _new_view(request, session), session=session)


async def new_send(request: Request) -> Response:
    """Makes a group, with its meetings of the coming eight weeks."""
    session, lists = await full_session(request), await typed_lists(request)
    values = last_of(lists)
    try:
        given, problems = typed_group(lists)
        if problems:
            raise UnfitFields(problems)
        id = await service.group_add(
            agency=number_of(values.get("agency", "")),
            values=given,
            form=values.get("once", ""),
            by=session.actor,
            now=now_of(request),
            settings=settings_of(request),
        )
    except UnfitFields as error:
        view = form_again(await _new_view(request, session), lists, error)
        return form_page(request, _("New group"), view, error.status, session=session)
    return see_other(_url(id, "added") if id else DESK)


async def _new_view(request: Request, session: Session) -> FormView:
    now = now_of(request)
    homes = await service.group_homes(by=session.actor, now=now)
    zone = homes[0].zone if homes else settings_of(request).timezone
    hidden, first = {"once": new_token()}, _home_field(homes)
    if len(homes) == 1:
        hidden["agency"] = str(homes[0].id)
    leaders = [
        each for home in homes for each in await service.group_leaders(agency=home.id, by=session.actor, now=now)
    ]
    fields = (*first, *group_form_fields(empty(zone, usual_start(now, zone)), leaders=leaders))
    return FormView(f"{DESK}/new", _("Make it"), fields, hidden=hidden, links=(Link(_("Back to the groups"), DESK),))


def _home_field(homes: tuple[Home, ...]) -> tuple[Field, ...]:
    """Whose group it is, for whoever keeps those of several agencies."""
    choices = tuple(Choice(str(each.id), each.name, each is homes[0]) for each in homes)
    return (Field("agency", _("Agency"), choices=choices),) if len(homes) > 1 else ()


async def edit_form(request: Request) -> Response:
    """The form of a group that there is."""
    session = await full_session(request)
    return form_page(request, _("Change this group"), await _edit_view(request, session), session=session)


async def edit_send(request: Request) -> Response:
    """Changes a group; where somebody else has saved it meanwhile, both are shown."""
    session, lists, id = await full_session(request), await typed_lists(request), _id(request)
    try:
        given, problems = typed_group(lists)
        if problems:
            raise UnfitFields(problems)
        await service.group_change(
            id=id,
            version=number_of("".join(lists.get("version", ["0"])[-1:])),
            values=given,
            by=session.actor,
            now=now_of(request),
            settings=settings_of(request),
        )
    except (UnfitFields, Overtaken) as error:
        view = form_again(await _edit_view(request, session), lists, error)
        return form_page(request, _("Change this group"), view, error.status, session=session)
    return see_other(_url(id, "saved"))


async def _edit_view(request: Request, session: Session) -> FormView:
    now = now_of(request)
    found = await service.group_allowed(id=_id(request), by=session.actor, now=now)
    leaders = await service.group_leaders(agency=found.agency, by=session.actor, now=now)
    fields = group_form_fields(
        group_fields(found.values),
        people=found.values.people or (),
        access=found.values.access or (),
        leaders=leaders,
    )
    lead = _("Meetings to come follow. Whoever has a seat in one that moves is told that there is something new.")
    links = (Link(_("Back to the group"), _url(found.id)),)
    hidden = {"version": str(found.version)}
    return FormView(f"{DESK}/{found.id}/edit", _("Save"), fields, lead, hidden=hidden, links=links)


# --- one meeting -----------------------------------------------------------------------------------------------------


async def meeting(request: Request) -> Response:
    """One meeting: who has a seat and who came, and the form to move it or call it off."""
    return await _meeting_page(request, await full_session(request))


async def _meeting_page(
    request: Request, session: Session, error: UnfitFields | None = None, values: Mapping[str, str] | None = None
) -> Response:
    now = now_of(request)
    found = await attendance.meeting_show(
        group=_id(request), meeting=_meeting(request), by=session.actor, now=now, settings=settings_of(request)
    )
    form = meeting_form(found)
    if error is not None:
        form = form_again(form, {name: [value] for name, value in (values or {}).items()}, error)
    view = meeting_view(found, now)
    context = {
        "title": _("A meeting of a group"),
        "view": view,
        "others": (values or {}).get("others", view.others),
        "form": form,
        "wrong": error is not None and any(each.field == "others" for each in error.problems),
        "done": request.query_params.get("done", ""),
    }
    return signed_page(request, "bridge/meeting.html", session, context, error.status if error else 200)


async def change(request: Request) -> Response:
    """Moves a meeting, calls it off, or has it take place after all."""
    session, values = await full_session(request), await typed(request)
    problems: list[Problem] = []
    day, capacity = day_typed("day", values, problems), values.get("capacity", "").strip()
    try:
        if problems or day is None:
            raise UnfitFields(problems or [Problem("day", "missing", "")])
        is_done = await meeting_change(
            id=_meeting(request),
            version=number_of(values.get("version", "")),
            day=day,
            minute=minute_typed(values.get("time", "")),
            is_on=values.get("state") != "off",
            capacity=number_typed(capacity) if capacity else None,
            by=session.actor,
            now=now_of(request),
            settings=settings_of(request),
        )
    except UnfitFields as error:
        return await _meeting_page(request, session, error, values)
    except SeatRefused:
        return see_other(_meeting_url(request, "late"))
    return see_other(_meeting_url(request, "saved" if is_done else "newer"))


async def mark(request: Request) -> Response:
    """Says that somebody came or not, or takes that back."""
    session, values = await full_session(request), await typed(request)
    seat, _dash, status = values.get("mark", "").partition("-")
    try:
        await attendance.attendance_mark(
            meeting=_meeting(request),
            seat=number_of(seat),
            status=status,
            by=session.actor,
            now=now_of(request),
        )
    except SeatRefused:
        return see_other(_meeting_url(request, "early"))
    return see_other(f"{_meeting_url(request)}#seats")


async def others(request: Request) -> Response:
    """Notes how many others came."""
    session, values = await full_session(request), await typed(request)
    number = values.get("others", "").strip()
    try:
        is_done = await attendance.others_count(
            meeting=_meeting(request),
            number=number_typed(number) if number else None,
            version=number_of(values.get("version", "")),
            by=session.actor,
            now=now_of(request),
        )
    except UnfitFields as error:
        return await _meeting_page(request, session, error, values)
    except SeatRefused:
        return see_other(_meeting_url(request, "early"))
    return see_other(_meeting_url(request, "counted" if is_done else "newer"))


def _id(request: Request) -> int:
    return number_of(request.path_params["id"])


def _meeting(request: Request) -> int:
    return number_of(request.path_params["meeting"])


def _url(id: int, done: str = "") -> str:
    return f"{DESK}/{id}?done={done}" if done else f"{DESK}/{id}"


def _meeting_url(request: Request, done: str = "") -> str:
    url = f"{DESK}/{_id(request)}/meetings/{_meeting(request)}"
    return f"{url}?done={done}" if done else url
