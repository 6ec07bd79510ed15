"""Openings that an agency offers to those who wait: telling of one in seconds, saying that it is still there, and taking it back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from starlette.requests import Request
from starlette.responses import Response

from directory.domain.errors import Problem
from directory.domain.people import Session, UnfitFields
from directory.domain.waitlist.states import NoSuchMove
from directory.domain.waitlist.whom import MOST_AT_ONCE
from directory.i18n import gettext
from directory.services.credentials import new_token
from directory.services.waitlist import agency_slots as service
from directory.services.waitlist.agency_answers import opening_end
from directory.services.waitlist.agency_slots import AgencyLevel
from directory.web.accounts import full_session
from directory.web.fields import Field, FormView, again, form_page, last_of, signed_page, typed, typed_lists
from directory.web.forms import number_of
from directory.web.openings_form import typed_report
from directory.web.presenters import Link
from directory.web.responses import see_other
from directory.web.site import now_of, settings_of
from directory.web.waitlist.presenters_agency_offers import gone_choices
from directory.web.waitlist.presenters_agency_slots import level_card, slot_again, slot_parts, slot_view

_ = gettext

SLOTS = "/desk/slots"


async def page(request: Request) -> Response:
    """The levels of one's agency with their openings, and how to tell of more."""
    session, now = await full_session(request), now_of(request)
    found = await service.agency_levels(by=session.actor, now=now)
    context = {
        "title": _("Openings for those who wait"),
        "cards": [level_card(each, now) for each in found],
        "done": request.query_params.get("done", ""),
    }
    return signed_page(request, "waitlist/agency_slots.html", session, context)


async def form(request: Request) -> Response:
    """The form for new openings of a level, with whom the last one was for."""
    session = await full_session(request)
    found = await service.agency_level(id=_id(request, "level"), by=session.actor, now=now_of(request))
    return _page(request, session, found, _view(request, found, new_token()))


async def send(request: Request) -> Response:
    """Takes new openings: of the form, or in one tap for the same people as the last one (`same`)."""
    session, now, lists = await full_session(request), now_of(request), await typed_lists(request)
    values = last_of(lists)
    found = await service.agency_level(id=_id(request, "level"), by=session.actor, now=now)
    try:
        count, free_on = _typed(values)
        whom = None if values.get("same") else typed_report(values, lists, found.level).numbers.restrictions
        told = await service.openings_tell(
            level=found.level.id,
            count=count,
            whom=whom,
            free_on=free_on,
            form=values.get("once", ""),
            by=session.actor,
            now=now,
        )
    except UnfitFields as error:
        view = _view(request, found, values.get("once", ""))
        shown = {"count": values.get("count", "")} if values.get("same") else values
        view = slot_again(view, shown, {} if values.get("same") else lists, error.problems, found.level.zone)
        return _page(request, session, found, view, error.status)
    return see_other(f"{SLOTS}?done={'told' if told else 'before'}")


def _typed(values: Mapping[str, str]) -> tuple[int, date | None]:
    """How many and from which day. Raises UnfitFields for what is no number and no day."""
    count, text = values.get("count", "").strip(), values.get("free_on", "").strip()
    try:
        free_on = date.fromisoformat(text) if text else None
    except ValueError:
        raise UnfitFields([Problem("free_on", "free-on", text)]) from None
    if not (count.isascii() and count.isdigit() and len(count) < 4):
        raise UnfitFields([Problem("count", "count", count, (str(MOST_AT_ONCE),))])
    return int(count), free_on


def _view(request: Request, found: AgencyLevel, once: str) -> FormView:
    return slot_view(found, request.scope["path"], once, Link(_("Back to your openings"), SLOTS))


def _page(request: Request, session: Session, found: AgencyLevel, view: FormView, status: int = 200) -> Response:
    context = {
        "title": _("New openings: %(name)s") % {"name": found.level.name},
        "program": found.level.program,
        "is_in_line": found.is_in_line,
        "view": view,
        "parts": slot_parts(view),
    }
    return signed_page(request, "waitlist/agency_slot.html", session, context, status)


async def still(request: Request) -> Response:
    """Says that an opening is still there."""
    session = await full_session(request)
    try:
        await service.opening_still(slot=_id(request, "slot"), by=session.actor, now=now_of(request))
    except NoSuchMove:
        return see_other(f"{SLOTS}?done=changed")
    return see_other(f"{SLOTS}?done=still")


# --- taking one back -------------------------------------------------------------------------------------------------


async def end_form(request: Request) -> Response:
    """Asks why an opening is gone."""
    session = await full_session(request)
    found = await service.slot_of_agency(_id(request, "slot"), session.actor, now_of(request))
    return form_page(request, _("Take an opening back"), _end_view(request, bool(found.offer)), session=session)


async def end_send(request: Request) -> Response:
    """Takes an opening back; an offer of it ends with that."""
    session, values, now = await full_session(request), await typed(request), now_of(request)
    slot = _id(request, "slot")
    found = await service.slot_of_agency(slot, session.actor, now)
    try:
        await opening_end(
            slot=slot, reason=values.get("reason", ""), by=session.actor, now=now, settings=settings_of(request)
        )
    except UnfitFields as error:
        view = _end_view(request, bool(found.offer))
        return again(request, _("Take an opening back"), view, values, error, "", session=session)
    except NoSuchMove:
        return see_other(f"{SLOTS}?done=changed")
    return see_other(f"{SLOTS}?done=ended")


def _end_view(request: Request, is_offered: bool) -> FormView:
    lead = _("It is offered to nobody then.")
    if is_offered:
        lead = _("It is offered to somebody right now. They lose this offer, and keep their place in line.")
    fields = (Field("reason", _("Why is it gone?"), choices=gone_choices()),)
    links = (Link(_("Back to your openings"), SLOTS),)
    return FormView(request.scope["path"], _("Take it back"), fields, lead=lead, links=links)


def _id(request: Request, name: str) -> int:
    return number_of(request.path_params[name])
