"""What one person has asked for and a second one agrees to or not: one page with all of it."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from directory.domain.errors import NotFound
from directory.i18n import gettext
from directory.services.waitlist import settling, word_pages
from directory.web.accounts import full_session
from directory.web.fields import signed_page, typed
from directory.web.forms import number_of
from directory.web.responses import see_other
from directory.web.site import now_of, settings_of
from directory.web.waitlist.presenters_second_words import word_view

_ = gettext

WORDS = "/second-words"
AGREE, REFUSE = "agree", "refuse"


async def page(request: Request) -> Response:
    """What waits for one's word, and what one has asked for."""
    session, now = await full_session(request), now_of(request)
    found = await word_pages.words_list(by=session.actor, now=now, settings=settings_of(request))
    context = {
        "title": _("A second person’s word"),
        "waiting": [word_view(each, found.names, now) for each in found.waiting],
        "own": [word_view(each, found.names, now) for each in found.own],
        "done": request.query_params.get("done", ""),
    }
    return signed_page(request, "waitlist/second_words.html", session, context)


async def settle(request: Request) -> Response:
    """Agrees or refuses; what was agreed to is done at once, unless something is in the way by now."""
    session, values = await full_session(request), await typed(request)
    decision = values.get("decision", "")
    if decision not in (AGREE, REFUSE):
        raise NotFound()
    became = await settling.word_settle(
        id=number_of(request.path_params["id"]),
        agreed=decision == AGREE,
        by=session.actor,
        now=now_of(request),
        settings=settings_of(request),
    )
    return see_other(f"{WORDS}?done={became}")
