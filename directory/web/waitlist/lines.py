"""The lines of a peer agency: all of them, one with who stands in it, setting one up, and whose openings go to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from starlette.requests import Request
from starlette.responses import Response

from directory.domain.agencies import Overtaken
from directory.domain.people import Session, UnfitFields
from directory.domain.waitlist.pools import PoolValues
from directory.i18n import gettext
from directory.services.credentials import new_token
from directory.services.waitlist import pools as service
from directory.services.waitlist import rules as rules_service
from directory.services.waitlist.pools import LineNow
from directory.web.accounts import full_session
from directory.web.fields import Field, FormView, form_page, last_of, sentence, signed_page, typed_lists
from directory.web.forms import number_of
from directory.web.overtaken import form_again
from directory.web.paging import page_asked, pages_around
from directory.web.presenters import Link
from directory.web.presenters_form import Choice
from directory.web.responses import see_other
from directory.web.site import now_of, settings_of
from directory.web.waitlist.presenters_lines import (
    figures,
    level_groups,
    line_card,
    line_facts,
    line_form_fields,
    oldest,
    place_view,
    typed_line,
)

_ = gettext

LINES = "/lines"


async def lines(request: Request) -> Response:
    """All lines of one's own agencies, with how many stand in each."""
    session, now = await full_session(request), now_of(request)
    found = await service.lines_list(by=session.actor, now=now)
    context = {
        "title": _("Lines"),
        "cards": [line_card(each, now) for each in found],
        "may_set": service.may_set_up(by=session.actor, now=now),
    }
    return signed_page(request, "waitlist/lines.html", session, context)


async def line(request: Request) -> Response:
    """One line with who stands in it, in their order."""
    session, now, id, page = await full_session(request), now_of(request), line_id(request), page_asked(request)
    found = await service.line_show(id=id, by=session.actor, now=now)
    rules = await rules_service.rules_show(id=id, by=session.actor, now=now)
    people, is_more = await service.line_order(
        id=id, by=session.actor, now=now, settings=settings_of(request), page=page
    )
    context = {
        "title": _("A line in its order"),
        "line": found.pool,
        "facts": line_facts(found),
        "figures": figures(found),
        "oldest": oldest(found, now),
        "may_set": found.may_set,
        "places": [place_view(each, rules.now.rules, found.pool.timezone, rules.today) for each in people],
        "pages": pages_around(f"{LINES}/{id}", page, is_more=is_more),
        "done": request.query_params.get("done", ""),
    }
    return signed_page(request, "waitlist/line.html", session, context)


# --- setting one up --------------------------------------------------------------------------------------------------


async def new_form(request: Request) -> Response:
    """The form for a new line."""
    session = await full_session(request)
    return form_page(request, _("New line"), await _new_view(request, session), session=session)


async def new_send(request: Request) -> Response:
    """Makes a line, in which the order of the law is in force."""
    session, lists = await full_session(request), await typed_lists(request)
    values = last_of(lists)
    try:
        id = await service.line_make(
            agency=number_of(values.get("agency", "")),
            values=typed_line(values),
            form=values.get("once", ""),
            by=session.actor,
            now=now_of(request),
        )
    except UnfitFields as error:
        view = form_again(await _new_view(request, session), lists, error)
        return form_page(request, _("New line"), view, error.status, session=session)
    return see_other(f"{LINES}/{id}/levels" if id else LINES)


async def _new_view(request: Request, session: Session) -> FormView:
    homes = await service.line_homes(by=session.actor, now=now_of(request))
    values = PoolValues("", "", homes[0].zone, 0)
    hidden = {"once": new_token()}
    fields = line_form_fields(values)
    if len(homes) == 1:
        hidden["agency"] = str(homes[0].id)
    else:
        choices = tuple(Choice(str(each.id), each.name, each is homes[0]) for each in homes)
        fields = (Field("agency", _("Agency"), choices=choices), *fields)
    return FormView(f"{LINES}/new", _("Make it"), fields, hidden=hidden, links=(Link(_("Back to the lines"), LINES),))


async def edit_form(request: Request) -> Response:
    """The form of a line that there is."""
    session = await full_session(request)
    return _edit_page(request, session, _edit_view(await _line_set_up(request, session)))


async def edit_send(request: Request) -> Response:
    """Sets or closes a line; where somebody else has saved it meanwhile, both are shown."""
    session, lists = await full_session(request), await typed_lists(request)
    values = last_of(lists)
    found = await _line_set_up(request, session)
    try:
        await service.line_change(
            id=found.pool.id,
            version=number_of(values.get("version", "")),
            values=typed_line(values),
            is_closed=values.get("state") == "closed",
            by=session.actor,
            now=now_of(request),
        )
    except (UnfitFields, Overtaken) as error:
        return _edit_page(request, session, form_again(_edit_view(found), lists, error), error.status)
    return see_other(f"{LINES}/{found.pool.id}?done=saved")


async def _line_set_up(request: Request, session: Session) -> LineNow:
    """The line, for whoever sets it up. Raises NotFound, Denied."""
    return await service.line_to_set(id=line_id(request), by=session.actor, now=now_of(request))


def _edit_view(found: LineNow) -> FormView:
    pool = found.pool
    fields = line_form_fields(pool.values, is_closed=bool(pool.closed_at))
    links = (Link(_("Back to the line"), f"{LINES}/{pool.id}"),)
    return FormView(f"{LINES}/{pool.id}/edit", _("Save"), fields, hidden={"version": str(pool.version)}, links=links)


def _edit_page(request: Request, session: Session, view: FormView, status: int = 200) -> Response:
    return form_page(request, _("Set up this line"), view, status, session=session)


# --- whose openings --------------------------------------------------------------------------------------------------


async def levels(request: Request) -> Response:
    """The levels of care of all agencies, with those ticked whose openings go to a line."""
    return await _levels_page(request, await full_session(request))


async def _levels_page(request: Request, session: Session, problem: str = "", status: int = 200) -> Response:
    pool, options = await service.line_levels(id=line_id(request), by=session.actor, now=now_of(request))
    context: Mapping[str, object] = {
        "title": _("Whose openings go to this line"),
        "line": pool,
        "groups": level_groups(options),
        "problem": problem,
    }
    return signed_page(request, "waitlist/line_levels.html", session, context, status)


async def levels_send(request: Request) -> Response:
    """Has the openings of the ticked levels go to a line; where its rules do not allow that, the page as it was, and why."""
    session, lists, id = await full_session(request), await typed_lists(request), line_id(request)
    chosen: Sequence[str] = lists.get("level", ())
    levels = [number_of(each) for each in chosen]
    try:
        await service.line_levels_set(id=id, levels=levels, by=session.actor, now=now_of(request))
    except UnfitFields as error:
        return await _levels_page(request, session, sentence(error.problems[0]), error.status)
    return see_other(f"{LINES}/{id}?done=levels")


def line_id(request: Request) -> int:
    """The number of a line in an address. Raises NotFound for anything else."""
    return number_of(request.path_params["id"])
