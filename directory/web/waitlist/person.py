"""The page of somebody who waits, the copy of it for themselves, and who goes with them."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from directory.domain.people import UnfitFields
from directory.i18n import gettext
from directory.services.bridge.copies import bridge_copy
from directory.services.bridge.seats import seats_kept
from directory.services.waitlist import consents
from directory.services.waitlist import person as service
from directory.web.accounts import full_session
from directory.web.fields import signed_page, typed
from directory.web.forms import number_of
from directory.web.responses import see_other
from directory.web.site import now_of, settings_of
from directory.web.waitlist.contacts import contact_view
from directory.web.waitlist.presenters_copy import copy_view
from directory.web.waitlist.presenters_person import person_view
from directory.web.waitlist.steps import person_url, upi_of

_ = gettext

SHOWN = 5
"""Contacts that stand on the page as it opens; the others are folded beneath them."""


async def page(request: Request) -> Response:
    """All that is known of somebody, and the one next thing to do. Who was merged is shown where they are kept."""
    session, now, upi = await full_session(request), now_of(request), upi_of(request)
    settings = settings_of(request)
    kept = await service.kept_upi(upi=upi, by=session.actor, now=now, settings=settings)
    if kept != upi:
        return see_other(person_url(kept))
    person = await service.person_show(upi=upi, by=session.actor, now=now, settings=settings)
    context = {
        "title": _("A person’s place in line"),
        "view": person_view(person, now),
        "contact": contact_view(upi),
        "shown": SHOWN,
        "done": request.query_params.get("done", ""),
    }
    return signed_page(request, "waitlist/person.html", session, context)


async def copy(request: Request) -> Response:
    """All that is kept about somebody, in plain words and to be printed, for themselves."""
    session, now = await full_session(request), now_of(request)
    person = await service.person_show(
        upi=upi_of(request), by=session.actor, now=now, settings=settings_of(request), part="copy"
    )
    facts = await service.fact_history(client=person.who.row.id)
    bridge = await bridge_copy(who=person.who, by=session.actor, now=now, settings=settings_of(request))
    sittings = await seats_kept(client=person.who.row.id)
    context = {
        "title": _("What is written down here about you"),
        "view": copy_view(person, facts, bridge, sittings, now),
    }
    return signed_page(request, "waitlist/copy.html", session, context)


async def move(request: Request) -> Response:
    """Has another peer go with somebody."""
    session, values, upi = await full_session(request), await typed(request), upi_of(request)
    peer = values.get("peer", "")
    try:
        is_done = await service.client_move(
            upi=upi,
            peer=number_of(peer) if peer else None,
            version=number_of(values.get("version", "")),
            by=session.actor,
            now=now_of(request),
            settings=settings_of(request),
            even_so=bool(values.get("even_so")),
        )
    except UnfitFields:
        is_done = False
    except (service.CaseloadFull, service.NotTheirsToMove) as refused:
        return see_other(person_url(upi, refused.code))
    return see_other(person_url(upi, "moved" if is_done else "newer"))


async def revoke(request: Request) -> Response:
    """Takes a consent back at the client's word. Nothing is told on it from here on."""
    session, values, upi = await full_session(request), await typed(request), upi_of(request)
    await consents.consent_revoke(
        id=number_of(values.get("id", "")),
        by=session.actor,
        now=now_of(request),
        settings=settings_of(request),
        upi=upi,
    )
    return see_other(person_url(upi, "revoked"))
