"""The desk: where everybody lands who signs in. What there is to do, each with one step to it."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from directory.domain.access import Role
from directory.domain.proposals import publishes
from directory.i18n import gettext
from directory.services.credentials import new_token
from directory.services.desk import desk_show
from directory.web.accounts import full_session
from directory.web.fields import signed_page
from directory.web.paging import page_asked, pages_around
from directory.web.presenters_home import links, own_card, queue_cards
from directory.web.presenters_openings import level_card
from directory.web.site import now_of

_ = gettext

DESK = "/desk"


async def page(request: Request) -> Response:
    """One's own listings, and what waits."""
    session, now = await full_session(request), now_of(request)
    number = page_asked(request)
    desk = await desk_show(by=session.actor, page=number, now=now)
    context = {
        "title": _("Your desk"),
        "is_editor": bool(desk.agencies),
        "can_add": any(publishes(session.actor, grant.agency) for grant in session.actor.grants),
        "agencies": " · ".join(desk.agencies),
        "listings": [own_card(each) for each in desk.listings],
        "levels": [level_card(each, now, own=True, once=new_token()) for each in desk.levels],
        "pages": pages_around(DESK, number, is_more=desk.more),
        "queues": queue_cards(desk.waiting, of_editor=session.actor.roles == {Role.EDITOR}),
        "is_pressing": bool(desk.waiting.get("agency-offers")),
        "links": links(session.actor, now),
        "done": request.query_params.get("done", ""),
    }
    return signed_page(request, "desk/page.html", session, context)
