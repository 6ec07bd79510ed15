"""What goes out by mail and text message, for an administrator: how much waits, and what to do about what was given up."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from directory.i18n import gettext
from directory.services import outbox as service
from directory.web.accounts import full_session
from directory.web.fields import signed_page, typed
from directory.web.forms import number_of
from directory.web.presenters_messages import figures, message_card, silent
from directory.web.responses import see_other
from directory.web.site import now_of, settings_of

_ = gettext

MESSAGES = "/messages"


async def page(request: Request) -> Response:
    """How many there are, what was given up, and what waits."""
    session, now, settings = await full_session(request), now_of(request), settings_of(request)
    overview = await service.messages_overview(by=session.actor, settings=settings, now=now)
    cards = [message_card(each, ZoneInfo(settings.timezone), now) for each in overview.notices]
    context = {
        "title": _("Messages"),
        "figures": figures(overview),
        "silent": silent(overview),
        "dead": [card for card in cards if card.is_dead],
        "waiting": [card for card in cards if not card.is_dead],
        "done": request.query_params.get("done", ""),
    }
    return signed_page(request, "messages/page.html", session, context)


async def retry(request: Request) -> Response:
    """Lets one that was given up start over."""
    session, id = await full_session(request), await _id(request)
    is_done = await service.message_retry(by=session.actor, id=id, now=now_of(request))
    return see_other(f"{MESSAGES}?done={'again' if is_done else 'no'}")


async def drop(request: Request) -> Response:
    """Deletes one that was given up."""
    session, id = await full_session(request), await _id(request)
    is_done = await service.message_drop(by=session.actor, id=id, now=now_of(request))
    return see_other(f"{MESSAGES}?done={'dropped' if is_done else 'no'}")


async def _id(request: Request) -> int:
    """The number of a message. Raises NotFound for anything else."""
    return number_of((await typed(request)).get("id", ""))
