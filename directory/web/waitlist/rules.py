"""Who goes first in a line, and why: read by all who keep places in it, changed by coordinators after a look at whom that moves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from starlette.requests import Request
from starlette.responses import Response

from directory.domain.errors import NotFound, Settled
from directory.domain.people import Session, UnfitFields
from directory.domain.waitlist.tiers import Rules, rules_read, rules_text
from directory.i18n import gettext
from directory.services.names import names_for
from directory.services.waitlist import rules as service
from directory.services.waitlist.overlays import own_of, rules_of
from directory.services.waitlist.pools import line_show
from directory.web.accounts import full_session
from directory.web.fields import FormView, filled, last_of, signed_page, typed, typed_lists, with_problems
from directory.web.presenters import Link
from directory.web.responses import see_other
from directory.web.site import now_of
from directory.web.waitlist.lines import LINES, line_id
from directory.web.waitlist.presenters_rules import (
    at_fields,
    preview_view,
    rules_fields,
    tier_views,
    typed_tier,
    version_view,
)

_ = gettext


async def page(request: Request) -> Response:
    """The rules in force, what can be chosen beside them, and what was in force before."""
    return await _page(request, await full_session(request))


async def _page(request: Request, session: Session, view: FormView | None = None, status: int = 200) -> Response:
    now, id = now_of(request), line_id(request)
    shown = await service.rules_show(id=id, by=session.actor, now=now)
    line = await line_show(id=id, by=session.actor, now=now)
    names = await names_for(labels=[each.by for each in shown.history], by=session.actor)
    context = {
        "title": _("Who goes first in this line"),
        "line": shown.pool,
        "tiers": tier_views(shown.now.rules, shown.today),
        "contact_days": shown.now.rules.contact_days,
        "view": (view or _view(request, shown)) if line.may_set else None,
        "versions": [version_view(each, names, shown.pool.timezone, now) for each in shown.history],
        "done": request.query_params.get("done", ""),
    }
    return signed_page(request, "waitlist/rules.html", session, context, status)


def _view(request: Request, shown: service.RulesShown) -> FormView:
    fields = rules_fields(shown.now.rules, is_funded=shown.is_funded)
    links = (Link(_("Back to the line"), f"{LINES}/{shown.pool.id}"),)
    return FormView(f"{LINES}/{shown.pool.id}/rules", _("See whom it would move"), fields, links=links)


async def preview(request: Request) -> Response:
    """Shows whom the chosen rules would move, before anything is changed."""
    session, lists = await full_session(request), await typed_lists(request)
    now, id, new = now_of(request), line_id(request), None
    shown = await service.rules_show(id=id, by=session.actor, now=now)
    values = last_of(lists)
    try:
        new = typed_tier(values)
        own = [tier for tier in own_of(shown.now.rules) if tier.code in lists.get("own", ())]
        is_federal = shown.is_funded or values.get("federal") == "yes"
        rules = rules_of(set(lists.get("overlays", ())), [*own, *([new] if new else [])], is_federal=is_federal)
        return await _look(request, session, rules)
    except UnfitFields as error:
        view = filled(_view(request, shown), values, _ticked(lists))
        return await _page(request, session, with_problems(view, at_fields(error.problems, new)), error.status)


def _ticked(lists: Mapping[str, Sequence[str]]) -> dict[str, Sequence[str]]:
    return {name: lists.get(name, ()) for name in ("overlays", "own", "federal")}


async def _look(request: Request, session: Session, rules: Rules, *, is_again: bool = False) -> Response:
    """The page before publishing; `is_again` where the line or its rules have changed since it was last shown."""
    seen = await service.rules_preview(id=line_id(request), rules=rules, by=session.actor, now=now_of(request))
    shown = await service.rules_show(id=seen.pool.id, by=session.actor, now=now_of(request))
    context = {
        "title": _("Look before it counts"),
        "line": seen.pool,
        "tiers": tier_views(rules, shown.today),
        "contact_days": rules.contact_days,
        "view": preview_view(seen),
        "is_same": rules_text(rules) == rules_text(seen.before),
        "rules": rules_text(rules),
        "token": seen.token,
        "is_again": is_again,
    }
    return signed_page(request, "waitlist/rules_preview.html", session, context, 409 if is_again else 200)


async def publish(request: Request) -> Response:
    """Puts the rules in force that were looked at; where the line has changed since, shows anew whom they would move."""
    session, values, id = await full_session(request), await typed(request), line_id(request)
    rules = _sent(values.get("rules", ""))
    try:
        await service.rules_publish(
            id=id, rules=rules, token=values.get("token", ""), by=session.actor, now=now_of(request)
        )
    except Settled:
        return await _look(request, session, rules, is_again=True)
    return see_other(f"{LINES}/{id}/rules?done=published")


def _sent(text: str) -> Rules:
    """The rules that the page before carried. Raises NotFound for what no page of ours has sent."""
    try:
        rules = rules_read(text)
        is_ours = rules_text(rules) == text
    except (ValueError, KeyError, TypeError, AttributeError):
        raise NotFound() from None
    if not is_ours:
        raise NotFound()
    return rules
