"""The plan that a client and their peer make together: one page, its form, a sheet to take along, and services for the wait in one tap."""

from __future__ import annotations

from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from directory.domain.agencies import Overtaken
from directory.domain.bridge.plan_fields import plan_of
from directory.domain.people import Session, UnfitFields
from directory.i18n import gettext
from directory.services.bridge import plans as service
from directory.services.bridge.plan_page import PlanPage, plan_page
from directory.services.credentials import new_token
from directory.services.waitlist.interim import interim_note
from directory.services.waitlist.person import kept_upi
from directory.web.accounts import full_session
from directory.web.bridge.presenters_plan import plan_view
from directory.web.bridge.presenters_plan_form import parts_of, plan_form
from directory.web.bridge.suggestions import plan_part
from directory.web.fields import FormView, last_of, signed_page, typed, typed_lists
from directory.web.forms import number_of
from directory.web.overtaken import form_again
from directory.web.responses import see_other
from directory.web.site import now_of, settings_of
from directory.web.waitlist.steps import upi_of
from directory.web.waitlist.whose import whose

_ = gettext


def plan_url(upi: str, done: str = "") -> str:
    """The page of somebody's plan; `done` is a code of what was done."""
    return f"/clients/{upi}/plan" + (f"?done={done}" if done else "")


async def page(request: Request) -> Response:
    """The plan and what stands beside it. Who was merged is shown where they are kept."""
    session, now, upi = await full_session(request), now_of(request), upi_of(request)
    kept = await kept_upi(upi=upi, by=session.actor, now=now, settings=settings_of(request))
    if kept != upi:
        return see_other(plan_url(kept))
    found = await _seen(request, session, "plan")
    context = {
        "title": _("Plan"),
        "view": plan_view(found, now),
        "suggestions": await plan_part(request, found.who, found.kept.plan),
        "once": new_token(),
        "done": request.query_params.get("done", ""),
    }
    return signed_page(request, "bridge/plan.html", session, context)


async def sheet(request: Request) -> Response:
    """The plan on paper, for themselves: without a name, and without a word that tells what it is for."""
    session = await full_session(request)
    view = plan_view(await _seen(request, session, "plan-sheet"), now_of(request))
    return signed_page(request, "bridge/plan_sheet.html", session, {"title": _("My plan"), "view": view})


async def _seen(request: Request, session: Session, part: str) -> PlanPage:
    return await plan_page(
        upi=upi_of(request), by=session.actor, now=now_of(request), settings=settings_of(request), part=part
    )


async def form(request: Request) -> Response:
    """The form, empty for a first plan."""
    session, upi = await full_session(request), upi_of(request)
    who, kept = await service.plan_show(
        upi=upi, by=session.actor, now=now_of(request), settings=settings_of(request), part="plan-edit"
    )
    return _form(request, session, replace(plan_form(upi, kept.plan, kept.version), whose=whose(who)))


async def send(request: Request) -> Response:
    """Saves the plan; where somebody has saved in between, both are shown."""
    session, lists, upi = await full_session(request), await typed_lists(request), upi_of(request)
    values, now, settings = last_of(lists), now_of(request), settings_of(request)
    try:
        await service.plan_save(
            upi=upi,
            plan=plan_of(values),
            version=number_of(values.get("version", "")),
            by=session.actor,
            now=now,
            settings=settings,
        )
    except (UnfitFields, Overtaken) as error:
        who, kept = await service.plan_show(upi=upi, by=session.actor, now=now, settings=settings, part="plan-edit")
        view = form_again(plan_form(upi, kept.plan, kept.version, values), lists, error)
        return _form(request, session, replace(view, whose=whose(who)), error.status)
    return see_other(plan_url(upi, "saved"))


def _form(request: Request, session: Session, view: FormView, status: int = 200) -> Response:
    context = {"title": _("Change the plan"), "view": view, "parts": parts_of(view)}
    return signed_page(request, "bridge/plan_form.html", session, context, status)


async def interim(request: Request) -> Response:
    """Notes in one tap what came of a service for the wait, as the waitlist does."""
    session, values, upi = await full_session(request), await typed(request), upi_of(request)
    given = {name.removeprefix("item-"): value for name, value in values.items() if name.startswith("item-") and value}
    try:
        is_new = await interim_note(
            upi=upi,
            items=given,
            form=values.get("once", ""),
            by=session.actor,
            now=now_of(request),
            settings=settings_of(request),
        )
    except UnfitFields:  # nothing that the buttons send
        return see_other(plan_url(upi, "not-this"))
    return see_other(plan_url(upi, "noted" if is_new else "before") + "#services")
