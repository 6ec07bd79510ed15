"""Openings for peers: the list, one with its line in order, offering it to whose turn it is, and asking to offer it out of turn."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from directory.domain.people import Session, UnfitFields
from directory.domain.waitlist.states import NoSuchMove
from directory.i18n import gettext
from directory.services.waitlist import offer_pages, offers, out_of_order
from directory.services.waitlist import slots as service
from directory.services.waitlist.offers import NotOfferable, OutOfOrder
from directory.services.waitlist.out_of_order import InOrder
from directory.web.accounts import full_session
from directory.web.fields import Field, FormView, filled, signed_page, typed, with_problems
from directory.web.forms import number_of
from directory.web.paging import page_asked, pages_around
from directory.web.presenters import Link
from directory.web.responses import see_other
from directory.web.site import now_of, settings_of
from directory.web.waitlist.presenters_offers import OUT_OF_TURN, choices, why_view
from directory.web.waitlist.presenters_slots import slot_line, slot_view

_ = gettext

SLOTS = "/slots"


async def slots(request: Request) -> Response:
    """The openings that there are to offer, with who is next for each."""
    session, now, page = await full_session(request), now_of(request), page_asked(request)
    found, is_more = await service.slots_list(by=session.actor, now=now, settings=settings_of(request), page=page)
    context = {
        "title": _("Openings to offer"),
        "cards": [slot_line(each, now) for each in found],
        "pages": pages_around(SLOTS, page, is_more=is_more),
    }
    return signed_page(request, "waitlist/slots.html", session, context)


async def slot(request: Request) -> Response:
    """One opening with a line in its order."""
    line = request.query_params.get("line", "")
    return await _page(request, await full_session(request), line, request.query_params.get("done", ""))


async def _page(request: Request, session: Session, line: str, done: str, status: int = 200) -> Response:
    now, page = now_of(request), page_asked(request)
    found = await service.slot_show(
        slot=_slot(request),
        by=session.actor,
        now=now,
        settings=settings_of(request),
        pool=number_of(line) if line else None,
        page=page,
    )
    context = {"title": _("An opening and its line"), "view": slot_view(found, page, now), "done": done}
    return signed_page(request, "waitlist/slot.html", session, context, status)


async def offer(request: Request) -> Response:
    """Offers it to whose turn it is. A second tap leads to the same offer; where somebody was quicker, the line is shown as it is now."""
    session, now, slot = await full_session(request), now_of(request), _slot(request)
    upi = request.path_params["upi"]
    _found, pool, _line, entry = await service.slot_line(slot=slot, upi=upi, by=session.actor, now=now)
    try:
        made = await offers.offer_make(slot=slot, entry=entry, by=session.actor, now=now, settings=settings_of(request))
    except (NoSuchMove, NotOfferable, OutOfOrder) as error:
        if before := await offers.offer_live(slot=slot, entry=entry):
            return see_other(f"/offers/{before}")
        return await _page(request, session, str(pool.id), _done(error), error.status)
    return see_other(f"/offers/{made}")


def _done(error: NoSuchMove | NotOfferable | OutOfOrder) -> str:
    """What to say where an offer could not be made: that the line has moved, or that it is not their turn."""
    return "out-of-order" if isinstance(error, OutOfOrder) else "moved"


# --- out of turn -----------------------------------------------------------------------------------------------------


async def turn_form(request: Request) -> Response:
    """Why it should go to somebody whose turn it is not."""
    session = await full_session(request)
    return await _turn_page(request, session, _turn_view(request))


def _turn_view(request: Request) -> FormView:
    fields = (
        Field("reason", _("Why"), choices=choices(OUT_OF_TURN)),
        Field(
            "note",
            _("What the second person should know"),
            "textarea",
            hint=_("Needed for “Another reason”. Only the people of your agency read it."),
        ),
    )
    links = (Link(_("Back to the line"), f"{SLOTS}/{_slot(request)}"),)
    return FormView(request.scope["path"], _("Ask a second person"), fields, links=links)


async def _turn_page(request: Request, session: Session, view: FormView, status: int = 200) -> Response:
    why = await offer_pages.why_show(
        slot=_slot(request),
        upi=request.path_params["upi"],
        by=session.actor,
        now=now_of(request),
        settings=settings_of(request),
    )
    context = {"title": _("Offer it out of turn"), "view": view, "why": why_view(why, now_of(request))}
    return signed_page(request, "waitlist/turn.html", session, context, status)


async def turn_send(request: Request) -> Response:
    """Asks a second person; the form once more where something is missing, the line where it has moved."""
    session, values, now = await full_session(request), await typed(request), now_of(request)
    slot = _slot(request)
    found = await service.slot_line(slot=slot, upi=request.path_params["upi"], by=session.actor, now=now)
    try:
        await out_of_order.offer_ask(
            slot=slot,
            entry=found[3],
            reason=values.get("reason", ""),
            note=values.get("note", ""),
            by=session.actor,
            now=now,
            settings=settings_of(request),
        )
    except UnfitFields as error:
        view = with_problems(filled(_turn_view(request), values), error.problems)
        return await _turn_page(request, session, view, error.status)
    except InOrder:
        return see_other(f"{SLOTS}/{slot}?line={found[1].id}&done=in-order")
    except (NoSuchMove, NotOfferable):
        return see_other(f"{SLOTS}/{slot}?line={found[1].id}&done=moved")
    return see_other("/second-words?done=asked")


# --- why not me ------------------------------------------------------------------------------------------------------


async def why(request: Request) -> Response:
    """Why an opening goes to one person or does not."""
    session, now = await full_session(request), now_of(request)
    found = await offer_pages.why_show(
        slot=_slot(request),
        upi=request.path_params["upi"],
        by=session.actor,
        now=now,
        settings=settings_of(request),
    )
    context: Mapping[str, object] = {"title": _("Why, or why not"), "view": why_view(found, now)}
    return signed_page(request, "waitlist/why.html", session, context)


def _slot(request: Request) -> int:
    return number_of(request.path_params["slot"])
