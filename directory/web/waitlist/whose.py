"""Whom a page or a form is about: the name they want to be called by, and how to reach them where it is filled in while talking to them."""

from __future__ import annotations

from starlette.requests import Request

from directory.domain.waitlist.routes import CALL, TEXT, Way
from directory.i18n import gettext
from directory.services.waitlist.clients import Somebody
from directory.services.waitlist.routes import ways_of
from directory.web.fields import Reach, Whose
from directory.web.site import settings_of
from directory.web.waitlist.presenters_take_on import way_card

_ = gettext


def whose(who: Somebody) -> Whose:
    """Their name alone."""
    return Whose(who.called or _("Somebody without a name"))


async def whose_to_reach(request: Request, who: Somebody) -> Whose:
    """Their name, and the ways to reach them. Whoever calls has looked at the right to see them."""
    ways = await ways_of(client=who.row.id, settings=settings_of(request))
    return Whose(whose(who).called, tuple(reach(way, is_stopped=row.stopped_at is not None) for row, way in ways))


def reach(way: Way, *, is_stopped: bool) -> Reach:
    """One way, with when and how it is safe. Nobody texts a number whose owner has said stop."""
    card = way_card(0, way, is_stopped=is_stopped)
    url = "" if is_stopped and way.channel == TEXT else card.url
    leave = _("Leave no message") if way.channel == CALL and not way.may_leave_word else ""
    stopped = _("They said stop. No message goes here.") if is_stopped else ""
    times = _("safe times: %(times)s") % {"times": card.times} if card.times else ""
    said = " · ".join(part for part in (times, leave, card.said, way.note, stopped) if part)
    return Reach(f"{card.title} {card.to}" if url else f"{card.title}: {card.to}", url, said)
