"""Taking somebody on, third step: the facts that decide about order and fit, each with who says so and when. Asked again later here too."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from starlette.requests import Request
from starlette.responses import Response

from directory.domain.agencies import Overtaken
from directory.domain.errors import Problem
from directory.domain.people import Session, UnfitFields
from directory.i18n import gettext
from directory.services.waitlist import facts as service
from directory.services.waitlist.clients import Somebody, client_read, today_of
from directory.services.waitlist.facts import FactNow
from directory.web.accounts import full_session
from directory.web.fields import FormView, last_of, signed_page, typed_lists
from directory.web.forms import number_of
from directory.web.overtaken import form_again
from directory.web.presenters import Link
from directory.web.responses import see_other
from directory.web.site import now_of, settings_of
from directory.web.waitlist.presenters_facts import fact_fields, facts_typed, questions
from directory.web.waitlist.steps import after, goes_on, hidden, person_url, steps, upi_of

_ = gettext


async def form(request: Request) -> Response:
    """What is known, and what could be asked."""
    session, now = await full_session(request), now_of(request)
    found = await _somebody(request, session)
    known = await service.facts_now(client=found.row.id, by=session.actor, now=now)
    version = await service.facts_version(client=found.row.id, by=session.actor, now=now)
    view = _view(found, known, version, await today_of(found.row.agency, now), go=goes_on(request))
    return await _page(request, session, found, known, view)


async def send(request: Request) -> Response:
    """Writes what is new or other. What was known before is kept, with its day."""
    session, now, lists = await full_session(request), now_of(request), await typed_lists(request)
    values, settings = last_of(lists), settings_of(request)
    found = await _somebody(request, session)
    today, go = await today_of(found.row.agency, now), goes_on(request, values)
    problems: list[Problem] = []
    facts, unknown = facts_typed(lists, today, problems)
    try:
        if problems:
            raise UnfitFields(problems)
        await service.facts_save(
            client=found.row.id,
            facts=facts,
            unknown=unknown,
            version=number_of(values.get("version", "")),
            by=session.actor,
            now=now,
            settings=settings,
        )
    except (UnfitFields, Overtaken) as error:
        known = await service.facts_now(client=found.row.id, by=session.actor, now=now)
        view = form_again(_view(found, known, 0, today, go=go), lists, error)
        return await _page(request, session, found, known, view, error.status)
    return see_other(after("facts", found.row.upi, go=go))


async def _somebody(request: Request, session: Session) -> Somebody:
    return await client_read(
        upi=upi_of(request), what="facts", by=session.actor, now=now_of(request), settings=settings_of(request)
    )


def _view(found: Somebody, known: Mapping[str, FactNow], version: int, today: date, *, go: bool) -> FormView:
    upi = found.row.upi
    links = (Link(_("Back to their page"), person_url(upi)),)
    button = _("Save and go on") if go else _("Save")
    kept = hidden(go, version=str(version))
    return FormView(f"/clients/{upi}/facts", button, fact_fields(known, today), hidden=kept, links=links)


async def _page(
    request: Request,
    session: Session,
    found: Somebody,
    known: Mapping[str, FactNow],
    view: FormView,
    status: int = 200,
) -> Response:
    again = await service.facts_due(client=found.row.id, by=session.actor, now=now_of(request))
    priority, fit = questions(view, known, again)
    context = {
        "title": _("Facts"),
        "steps": steps("facts", found.row.upi),
        "called": found.called,
        "view": view,
        "priority": priority,
        "fit": fit,
        "is_fit_open": any(each.is_open or each.main.mistake for each in fit)
        or not (goes_on(request, view.hidden) or view.mistakes),
    }
    return signed_page(request, "waitlist/facts.html", session, context, status)
