"""The desk page of a listing and the way to find it, a new listing, and one's own proposals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from directory.domain.access import SITE, Action, Allowed, Role, may
from directory.domain.edits import FIELDS
from directory.domain.errors import NotFound
from directory.domain.people import Session
from directory.i18n import gettext
from directory.services.adding import adding_agencies, adds, listing_add, new_problems
from directory.services.listing_desk import MOST, SHOWN, listing_desk
from directory.services.listing_find import listing_find
from directory.services.previews import card_preview_new
from directory.services.proposals import OWN_PAGE, proposal_list_own, proposal_withdraw
from directory.services.revising import reason_problems
from directory.web.accounts import full_session
from directory.web.edit import desk_url, report_back
from directory.web.edit_form import typed_of, values_of
from directory.web.edit_pages import (
    Kept,
    Sheet,
    edit_page,
    in_form,
    kept_of,
    last,
    look_page,
    of_site,
    typed_again,
    typed_form,
    values_sent,
)
from directory.web.edit_rows import Typed
from directory.web.fields import Field, message_page, signed_page, typed
from directory.web.forms import number_of
from directory.web.presenters import Link, what_words, where_words
from directory.web.presenters_form import Choice
from directory.web.presenters_listing_desk import DONE, desk_view, proposal_view
from directory.web.responses import see_other
from directory.web.site import now_of, settings_of

_ = gettext

NEW = "/desk/listings/new"
START: Mapping[str, Any] = {"status": "active", "address.visibility": "full"}
"""What a new listing says before anybody has typed."""


def done_words(request: Request) -> str:
    """What was done just now, by the word in the address."""
    text = DONE.get(request.query_params.get("done", ""))
    return _(text) if text else ""


async def page(request: Request) -> Response:
    """What stands of a listing, who set it, and its history."""
    session, now = await full_session(request), now_of(request)
    length = _length(request.query_params.get("length", ""))
    slug = request.path_params["slug"]
    desk = await listing_desk(by=session.actor, slug=slug, length=length, **of_site(request))
    context = {
        "title": desk.listing.name,
        "view": desk_view(desk, session.actor.label, now),
        "desk": desk_url(slug),
        "may_pin": isinstance(may(session.actor, Action.SETTLE_PLACES, SITE, now=now), Allowed),
        "may_moderate": isinstance(may(session.actor, Action.MODERATE, SITE, now=now), Allowed),
        "report": report_back(request),
        "longer": min(length * 2, MOST),
        "done": done_words(request),
    }
    return signed_page(request, "edit/desk.html", session, context)


async def find(request: Request) -> Response:
    """Looks for a listing by its words, to get to its desk page. What is looked for here is no person's place."""
    session, now, words = await full_session(request), now_of(request), request.query_params.get("q", "")[:200]
    found = await listing_find(by=session.actor, words=words, now=now, settings=settings_of(request))
    cards = [
        {
            "name": card.name,
            "url": desk_url(card.slug),
            "organization": card.organization if card.organization != card.name else "",
            "what": what_words(card),
            "where": where_words(card),
        }
        for card in found
    ]
    return signed_page(
        request, "edit/find.html", session, {"title": _("Find a listing"), "cards": cards, "words": words}
    )


def _length(text: str) -> int:
    return max(SHOWN, min(int(text), MOST)) if text.isascii() and text.isdigit() and len(text) < 6 else SHOWN


# --- a new listing ---------------------------------------------------------------------------------------------------


async def new_form(request: Request) -> Response:
    """The form for a listing that there is not yet."""
    session = await full_session(request)
    if session.actor.roles == {Role.EDITOR} and not adds(session.actor):
        lead = _(
            "For now somebody looks at what you change before visitors see it, and so a coordinator adds listings for you."
        )
        return message_page(request, _("Ask a coordinator to add it"), lead, [Link(_("Back"), "/desk")], 403)
    sheet = await _sheet(request, session, "")
    return edit_page(request, session, sheet, typed_of(START))


async def new_send(request: Request) -> Response:
    """Takes the form: shows it again, shows what would be added, or adds it."""
    session, sent = await full_session(request), await typed_form(request)
    sheet = await _sheet(request, session, last(sent, "agency"))
    step = "more" if "more" in sent else last(sent, "step")
    if step == "more":
        return edit_page(request, session, sheet, sent)
    if step == "back":
        return edit_page(request, session, sheet, typed_again(values_sent(sent, "values") or {}))
    return await _add(request, session, sheet, sent) if step == "save" else await _look(request, session, sheet, sent)


async def _sheet(request: Request, session: Session, agency: str) -> Sheet:
    """What the pages share. Raises NotFound for an agency that is not on the list, which no browser sends."""
    agencies, for_all = await adding_agencies(by=session.actor, now=now_of(request))
    choices = [
        *([("", _("The directory itself"))] if for_all else []),
        *((str(each.id), each.name) for each in agencies),
    ]
    if agency not in {value for value, _name in choices}:
        if agency:
            raise NotFound()
        agency = choices[0][0]
    field = Field(
        "agency",
        _("Who looks after it?"),
        value=agency,
        choices=tuple(Choice(value, name, value == agency) for value, name in choices),
    )
    return Sheet(_("Add a listing"), NEW, Link(_("Back"), "/desk"), FIELDS, {}, True, field, True)


async def _look(request: Request, session: Session, sheet: Sheet, sent: Typed) -> Response:
    values, problems = values_of(sent, {}, sheet.fields)
    given = {field: value for field, value in values.items() if value is not None}
    if not problems:
        problems = in_form(new_problems(given))
    if problems:
        return edit_page(request, session, sheet, sent, problems)
    card = await card_preview_new(values=given, **of_site(request))
    return look_page(request, session, sheet, given, card, Kept())


async def _add(request: Request, session: Session, sheet: Sheet, sent: Typed) -> Response:
    values, kept = values_sent(sent, "values") or {}, kept_of(sent)
    if wrong := new_problems(values):  # the form that it came from takes no such thing
        return edit_page(request, session, sheet, typed_again(values), in_form(wrong))
    if wrong := reason_problems(kept.reason):
        card = await card_preview_new(values=values, **of_site(request))
        return look_page(request, session, sheet, values, card, kept, wrong)
    agency = sheet.agency.value if sheet.agency else ""
    slug = await listing_add(
        by=session.actor,
        agency=int(agency) if agency else None,
        values=values,
        reason=kept.reason,
        form=kept.once,
        **of_site(request),
    )
    return see_other(f"{desk_url(slug)}?done=added" if slug else f"{OWN_PAGE}?done=before")


# --- one's own proposals ---------------------------------------------------------------------------------------------


async def own(request: Request) -> Response:
    """What one has proposed, and what came of it."""
    session, now = await full_session(request), now_of(request)
    found = await proposal_list_own(by=session.actor, now=now)
    context = {
        "title": _("What you sent in"),
        "cards": [(proposal_view(each, session.actor.label, now), desk_url(each.proposal.slug)) for each in found],
        "done": done_words(request),
    }
    return signed_page(request, "edit/own.html", session, context)


async def withdraw(request: Request) -> Response:
    """Takes one's own proposal back."""
    session, sent = await full_session(request), await typed(request)
    done = await proposal_withdraw(by=session.actor, id=number_of(sent.get("id", "")), now=now_of(request))
    return see_other(f"{OWN_PAGE}?done={'withdrawn' if done else 'settled'}")
