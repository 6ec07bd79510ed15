"""Taking somebody on, last step: a card with the code of their own page, shown once, and the notice of their rights."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from directory.domain.people import Session
from directory.i18n import a_date, gettext
from directory.services.credentials import new_token
from directory.services.texts import text_of
from directory.services.waitlist import codes as service
from directory.services.waitlist.clients import Somebody, client_found, client_read
from directory.services.waitlist.taking_on import notice_given
from directory.web.accounts import full_session
from directory.web.fields import signed_page, typed
from directory.web.responses import see_other
from directory.web.site import now_of, settings_of
from directory.web.waitlist.presenters_card import CardView, card_view
from directory.web.waitlist.steps import person_url, steps, upi_of
from directory.web.wording import age_words

_ = gettext


async def page(request: Request) -> Response:
    """Whether there is a card, a button for a new one, and the notice."""
    session = await full_session(request)
    found = await client_read(
        upi=upi_of(request), what="card", by=session.actor, now=now_of(request), settings=settings_of(request)
    )
    return await _page(request, session, found, None)


async def make(request: Request) -> Response:
    """Makes a card and shows it, this once. The form sent again shows none, since nobody knows the code any more."""
    session, now, settings = await full_session(request), now_of(request), settings_of(request)
    values = await typed(request)
    found = await client_found(upi=upi_of(request), by=session.actor, now=now, settings=settings)
    code = await service.card_make(
        client=found.row.id, form=values.get("once", ""), by=session.actor, now=now, settings=settings
    )
    if code is None:
        return see_other(f"{_url(found)}?done=shown")
    view = card_view(code, base_url=settings.base_url, language=found.row.language)
    return await _page(request, session, found, view)


async def notice(request: Request) -> Response:
    """Notes that they were given the notice of their rights."""
    session, now, settings = await full_session(request), now_of(request), settings_of(request)
    found = await client_found(upi=upi_of(request), by=session.actor, now=now, settings=settings)
    await notice_given(client=found.row.id, by=session.actor, now=now)
    return see_other(f"{_url(found)}?done=notice")


def _url(found: Somebody) -> str:
    return f"/clients/{found.row.upi}/card"


async def _page(request: Request, session: Session, found: Somebody, card: CardView | None) -> Response:
    now, upi = now_of(request), found.row.upi
    made_at = await service.card_made_at(client=found.row.id, by=session.actor, now=now)
    context = {
        "title": _("A card to carry"),
        "steps": steps("card", upi),
        "called": found.called,
        "card": card,
        "address": _url(found),
        "once": new_token(),
        "age": age_words(made_at, now) if made_at else "",
        "notice": text_of("patient-notice", found.row.language).paragraphs,
        "notice_language": found.row.language,
        "notice_on": a_date(found.row.notice_on) if found.row.notice_on else "",
        "person": person_url(upi),
        "done": request.query_params.get("done", ""),
    }
    return signed_page(request, "waitlist/card.html", session, context)
