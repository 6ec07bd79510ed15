"""Taking somebody on, fourth step: a consent with all its elements, on screen or on paper. Nobody's place in line depends on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from directory.domain.errors import Problem
from directory.domain.people import Session, UnfitFields
from directory.i18n import gettext
from directory.services.credentials import new_token
from directory.services.waitlist import consents as service
from directory.services.waitlist.clients import Somebody, client_read, today_of
from directory.services.waitlist.consents import Given
from directory.web.accounts import full_session
from directory.web.fields import FormView, last_of, signed_page, typed_lists
from directory.web.forms import number_of
from directory.web.overtaken import form_again
from directory.web.presenters import Link
from directory.web.responses import see_other
from directory.web.site import now_of, settings_of
from directory.web.waitlist.presenters_consent import consent_cards, consent_fields, uncovered
from directory.web.waitlist.steps import after, day_typed, goes_on, hidden, person_url, step_url, steps, upi_of

_ = gettext

Feeding = tuple[tuple[int, str], ...]
"""The agencies that a consent may name, by id and name."""
USUAL = timedelta(days=365)
"""What the form offers as the end of a consent; anybody may set another."""


async def form(request: Request) -> Response:
    """The consents that there are, what cannot be offered without one, and the form for a new one."""
    session, go = await full_session(request), goes_on(request)
    found = await _somebody(request, session)
    feeding = await _feeding(request, session, found)
    view = await _view(request, session, found, feeding, new_token(), go=go)
    return await _page(request, session, found, feeding, view)


async def send(request: Request) -> Response:
    """Keeps a consent that has all its elements; what is missing is said at its field."""
    session, now, lists = await full_session(request), now_of(request), await typed_lists(request)
    values, settings = last_of(lists), settings_of(request)
    found = await _somebody(request, session)
    go, once = goes_on(request, values), values.get("once", "")
    try:
        await service.consent_add(
            client=found.row.id, given=_given(values, lists), form=once, by=session.actor, now=now, settings=settings
        )
    except UnfitFields as error:
        feeding = await _feeding(request, session, found)
        view = form_again(await _view(request, session, found, feeding, once, go=go), lists, error)
        return await _page(request, session, found, feeding, view, error.status)
    return see_other(after("consent", found.row.upi, go=go))


def _given(values: Mapping[str, str], lists: Mapping[str, Sequence[str]]) -> Given:
    problems: list[Problem] = []
    signed_on, expires_on = (day_typed(field, values, problems) for field in ("signed_on", "expires_on"))
    if problems:
        raise UnfitFields(problems)
    texts = {name: text.strip() for name, text in values.items()}
    return Given(
        scope=tuple(lists.get("scope", ())),
        agencies=[number_of(text) for text in lists.get("agencies", ())],
        signed_on=signed_on,
        expires_on=expires_on,
        discloser=texts.get("discloser", ""),
        purpose=texts.get("purpose", ""),
        form=texts.get("form", ""),
        signed_by=texts.get("signed_by", ""),
        expires_when=texts.get("expires_when", ""),
        paper_at=texts.get("paper_at", ""),
        name=texts.get("name", ""),
        may_revoke_told=texts.get("right-to-revoke") == "yes",
        redisclosure_told=texts.get("redisclosure") == "yes",
        consequences_told=texts.get("consequences") == "yes",
    )


async def _somebody(request: Request, session: Session) -> Somebody:
    return await client_read(
        upi=upi_of(request), what="consent", by=session.actor, now=now_of(request), settings=settings_of(request)
    )


async def _feeding(request: Request, session: Session, found: Somebody) -> Feeding:
    return await service.agencies_feeding(client=found.row.id, by=session.actor, now=now_of(request))


async def _view(
    request: Request, session: Session, found: Somebody, feeding: Feeding, once: str, *, go: bool
) -> FormView:
    now, upi = now_of(request), found.row.upi
    today = await today_of(found.row.agency, now)
    discloser = await service.discloser_of(client=found.row.id, by=session.actor, now=now)
    fields = consent_fields(
        feeding, discloser=discloser, has_name=bool(found.name), today=today, expires_on=today + USUAL
    )
    links = [Link(_("Back to their page"), person_url(upi))]
    if go:
        links.insert(0, Link(_("Go on without it"), step_url("card", upi)))
    button = _("Save and go on") if go else _("Save")
    return FormView(f"/clients/{upi}/consent", button, fields, hidden=hidden(go, once=once), links=tuple(links))


async def _page(
    request: Request, session: Session, found: Somebody, feeding: Feeding, view: FormView, status: int = 200
) -> Response:
    now, settings = now_of(request), settings_of(request)
    kept = await service.consents_of(client=found.row.id, by=session.actor, now=now, settings=settings)
    context = {
        "title": _("Consent"),
        "steps": steps("consent", found.row.upi),
        "called": found.called,
        "view": view,
        "cards": consent_cards(kept),
        "uncovered": uncovered(feeding, kept),
        "has_agencies": bool(feeding),
        "links": view.links,
    }
    return signed_page(request, "waitlist/consent.html", session, context, status)
