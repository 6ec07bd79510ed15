"""Where a source says something else than people have set: both values, and which of them is to stay."""

from __future__ import annotations

from typing import Literal

from starlette.requests import Request
from starlette.responses import Response

from directory.domain.errors import EditRefused, NotFound, Settled
from directory.domain.people import Session
from directory.i18n import gettext
from directory.services import conflicts as service
from directory.web.accounts import full_session
from directory.web.fields import signed_page, typed
from directory.web.forms import number_of
from directory.web.presenters_conflicts import dispute_card
from directory.web.responses import see_other
from directory.web.site import now_of, settings_of

_ = gettext

CONFLICTS = "/conflicts"
KEEP: dict[str, Literal["hand", "source"]] = {"ours": "hand", "theirs": "source"}


async def page(request: Request) -> Response:
    """All that is to be settled, the oldest first."""
    return await _page(request, await full_session(request), request.query_params.get("done", ""))


async def settle(request: Request) -> Response:
    """Keeps the one or takes the other."""
    session, values = await full_session(request), await typed(request)
    id, keep = number_of(request.path_params["id"]), values.get("keep", "")
    try:
        await service.dispute_settle(
            id=id,
            keep=_keep(keep),
            seen=values.get("seen", ""),
            by=session.actor,
            clock=lambda: now_of(request),
            settings=settings_of(request),
        )
    except Settled as error:
        return await _page(request, session, "settled", error.status)
    except EditRefused as error:
        return await _page(request, session, "unread", error.status)
    return see_other(f"{CONFLICTS}?done={keep}")


def _keep(text: str) -> Literal["hand", "source"]:
    """Which of the two. Raises NotFound for what no button sends."""
    if text not in KEEP:
        raise NotFound()
    return KEEP[text]


async def _page(request: Request, session: Session, done: str, status: int = 200) -> Response:
    now = now_of(request)
    disputes, total = await service.disputes_list(by=session.actor, now=now)
    context = {
        "title": _("What a source says otherwise"),
        "cards": [dispute_card(each, now) for each in disputes],
        "more": total - len(disputes),
        "done": done,
    }
    return signed_page(request, "conflicts/page.html", session, context, status)
