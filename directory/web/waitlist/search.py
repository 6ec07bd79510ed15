"""Finding somebody again. What was typed goes by POST, and stands in no address, log or cookie."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from directory.domain.waitlist.states import Entry
from directory.i18n import N_, a_list, gettext
from directory.services.waitlist import search as service
from directory.services.waitlist.search import Hit
from directory.web.accounts import full_session
from directory.web.fields import signed_page, typed
from directory.web.site import now_of, settings_of

_ = gettext

STATES = {
    Entry.WAITING: N_("%(line)s: waiting"),
    Entry.ON_HOLD: N_("%(line)s: paused"),
    Entry.OFFERED: N_("%(line)s: has an offer"),
    Entry.ACCEPTED: N_("%(line)s: said yes to an offer"),
    Entry.PLACED: N_("%(line)s: has a place"),
    Entry.CLOSED: N_("%(line)s: not in line any more"),
}


async def send(request: Request) -> Response:
    """Who was found, among the people of one's own agency."""
    session, values = await full_session(request), await typed(request)
    words = values.get("words", "").strip()
    found = await service.client_search(
        words=words, by=session.actor, now=now_of(request), settings=settings_of(request)
    )
    context = {
        "title": _("People found"),
        "words": words,
        "is_nothing": not found.kind,
        "hits": [(hit, _lines(hit)) for hit in found.hits],
        "is_more": found.is_more,
    }
    return signed_page(request, "waitlist/found.html", session, context)


def _lines(hit: Hit) -> str:
    told = [_(STATES[state]) % {"line": line} for line, state in hit.lines]
    return a_list(told) if told else _("In no line yet")
