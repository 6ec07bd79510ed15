"""The board of peers and coordinators: what is due for whom, and the paper list of whom to call today."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from directory.domain.waitlist.board import Why
from directory.i18n import a_day, a_number, gettext, ngettext
from directory.services.clock import local_day
from directory.services.waitlist import board as service
from directory.services.waitlist.board import ALL, MINE, Filters
from directory.web.accounts import full_session
from directory.web.fields import signed_page
from directory.web.paging import page_asked
from directory.web.site import now_of, settings_of
from directory.web.waitlist.presenters_board import BOARD, board_view, telephone_url

_ = gettext

SHOWN = 5
"""People of a group that stand open on the board; the others are folded beneath them."""


async def page(request: Request) -> Response:
    """Who is due, the most urgent first."""
    session, now = await full_session(request), now_of(request)
    filters = _filters(request)
    board = await service.board_show(filters=filters, by=session.actor, now=now, settings=settings_of(request))
    context = {"title": _("Your board"), "view": board_view(board, filters, now), "board": BOARD, "shown": SHOWN}
    return signed_page(request, "waitlist/board.html", session, context)


async def calls(request: Request) -> Response:
    """Whom to call today, on paper: no reason stands on it."""
    session, now, settings = await full_session(request), now_of(request), settings_of(request)
    found = await service.calls_show(whose=_whose(request), by=session.actor, now=now, settings=settings)
    count = ngettext("%(n)s person to call", "%(n)s people to call", len(found)) % {"n": a_number(len(found))}
    today = a_day(await local_day(settings.timezone, now))
    context = {
        "title": _("Calls for today"),
        "calls": found,
        "lead": f"{today}: {count}",
        "back_url": BOARD,
        "url_of": telephone_url,
    }
    return signed_page(request, "waitlist/calls.html", session, context)


def _filters(request: Request) -> Filters:
    """What the address asks for; what cannot be read is left out."""
    due, line = (request.query_params.get(name, "") for name in ("due", "line"))
    why = Why(due) if due in set(Why) else None
    pool = int(line) if line.isascii() and line.isdigit() and len(line) < 10 else None
    return Filters(_whose(request), why, pool, page_asked(request))


def _whose(request: Request) -> str:
    asked = request.query_params.get("whose", "")
    return asked if asked in (MINE, ALL) else ""
