"""What the directory has for somebody who waits: on their plan, on a page of its own, and what is said of each listing in one tap.

Where and when that is asked for once goes by POST, and stands in no address, log or cookie.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from directory.domain.bridge.plans import Plan
from directory.domain.people import Session, UnfitFields
from directory.i18n import gettext
from directory.services.bridge.handouts import handout_names
from directory.services.bridge.marks import mark_set
from directory.services.bridge.suggestions import said_last, suggestions_of, suggestions_show
from directory.services.waitlist.clients import Somebody
from directory.services.waitlist.person import kept_upi
from directory.web.accounts import full_session
from directory.web.bridge.presenters_suggestions import (
    OWN,
    PLAN,
    SuggestionsView,
    place_of,
    said_view,
    suggestions_view,
)
from directory.web.corrections import Mistake
from directory.web.fields import last_of, sentence, signed_page, typed_lists
from directory.web.responses import see_other
from directory.web.site import now_of, settings_of
from directory.web.waitlist.steps import upi_of

_ = gettext


ONCE = ("where", "when")
"""The fields of what is asked for this once. A tap sends those of the page that it stands on, as `shown_where` and `shown_when`."""
SAID = "#said"
"""Where the page says what was done: in the place of the card that was tapped."""


def suggestions_url(upi: str) -> str:
    """The page of somebody's suggestions."""
    return f"/clients/{upi}/suggestions"


async def plan_part(request: Request, who: Somebody, plan: Plan) -> SuggestionsView:
    """The suggestions as they stand on the plan, for whom the plan is open."""
    now, settings, asked = now_of(request), settings_of(request), request.query_params
    found = await suggestions_of(who=who, plan=plan, now=now, settings=settings)
    done = asked.get("done", "")
    last = await said_last(who=who, now=now, settings=settings) if done else None
    return suggestions_view(found, who.row.upi, now, here=PLAN, said=said_view(last, done, asked.get("at", "")))


async def page(request: Request) -> Response:
    """All suggestions by the plan. Who was merged is shown where they are kept."""
    session, upi = await full_session(request), upi_of(request)
    kept = await kept_upi(upi=upi, by=session.actor, now=now_of(request), settings=settings_of(request))
    if kept != upi:
        return see_other(suggestions_url(kept))
    asked = request.query_params
    return await _shown(request, session, {}, _Page(asked.get("done", ""), asked.get("at", "")))


async def ask(request: Request) -> Response:
    """The same from another place or for another time, for this once, with what was ticked before."""
    session, lists = await full_session(request), await typed_lists(request)
    values = last_of(lists)
    once = {name: values.get(name, "") for name in ONCE}
    return await _asked(request, session, once, _Page(ticked=lists.get("slug", [])))


async def mark(request: Request) -> Response:
    """Says something of one listing, and goes back to where it was said: the plan, or the page with what was ticked and asked for once.

    What was ticked is in the form of the tap, since it may stand in no address.
    """
    session, lists, upi = await full_session(request), await typed_lists(request), upi_of(request)
    values = last_of(lists)
    what, slug, at = [*values.get("tap", "").split(" "), "", "", ""][:3]
    try:
        is_new = await mark_set(
            upi=upi, slug=slug, what=what, by=session.actor, now=now_of(request), settings=settings_of(request)
        )
        done = what if is_new else "before"
    except UnfitFields:  # nothing that the buttons send
        done = "not-this"
    once = {name: values[f"shown_{name}"] for name in ONCE if f"shown_{name}" in values}
    if once or "slug" in lists:
        return await _asked(request, session, once, _Page(done, at, lists.get("slug", [])))
    here = f"/clients/{upi}/plan" if values.get("here") == PLAN else suggestions_url(upi)
    place = place_of(at)
    return see_other(f"{here}?done={done}" + (f"&at={at}" if place.card else "") + SAID)


@dataclass(frozen=True, slots=True)
class _Page:
    """What the page shows besides: what was done, where on it, which listings are ticked, and what was typed for a place that nobody knows."""

    done: str = ""
    at: str = ""
    ticked: Sequence[str] = ()
    where: str = ""
    mistakes: tuple[Mistake, ...] = ()
    status: int = 200


async def _asked(request: Request, session: Session, once: Mapping[str, str], shown: _Page) -> Response:
    """The page for this once, or by the plan where nothing was asked for once."""
    try:
        return await _shown(request, session, once, shown)
    except UnfitFields as error:
        mistakes = tuple(Mistake(each.field, sentence(each), f"#{each.field}") for each in error.problems)
        page = _Page(ticked=shown.ticked, where=once.get("where", ""), mistakes=mistakes, status=error.status)
        # By the plan's place, at the time that was asked for.
        by_plan = {} if any(each.field == "when" for each in mistakes) else {"when": once.get("when", "")}
        return await _shown(request, session, by_plan, page)


async def _shown(request: Request, session: Session, once: Mapping[str, str], shown: _Page) -> Response:
    """The page; `once` are the place and the time of this once."""
    now, upi, settings = now_of(request), upi_of(request), settings_of(request)
    where, when = once.get("where", ""), once.get("when", "")
    who, found = await suggestions_show(upi=upi, by=session.actor, now=now, settings=settings, where=where, when=when)
    last = await said_last(who=who, now=now, settings=settings) if shown.done else None
    said = said_view(last, shown.done, shown.at)
    view = suggestions_view(found, upi, now, here=OWN, is_for_once=bool(once), said=said, ticked=shown.ticked)
    elsewhere = [slug for slug in shown.ticked if slug not in view.slugs]
    context = {
        "title": _("Suggestions"),
        "back": suggestions_url(upi),
        "called": who.called,
        "suggestions": view,
        "carried": await handout_names(slugs=elsewhere, now=now, settings=settings) if elsewhere else {},
        "typed": shown.where,
        "mistakes": shown.mistakes,
        "wrong": defaultdict(str, {each.field: each.text for each in shown.mistakes}),
        "done": shown.done,
    }
    return signed_page(request, "bridge/suggestions_page.html", session, context, shown.status)
