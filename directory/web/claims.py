"""Claims: an agency says which listings are its own, a coordinator answers, and everybody sees what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from directory.domain.agencies import ClaimTaken
from directory.domain.errors import NotFound
from directory.domain.people import Session, UnfitFields
from directory.i18n import gettext
from directory.services import claims as service
from directory.services.claims import Wanted
from directory.services.credentials import new_token
from directory.services.names import names_for
from directory.web.accounts import full_session
from directory.web.fields import Field, FormView, again, form_page, sentence, signed_page, typed
from directory.web.forms import number_of
from directory.web.paging import page_asked, pages_around
from directory.web.presenters import Link
from directory.web.presenters_agencies import claim_card, subject_card, what_choices
from directory.web.presenters_form import Choice
from directory.web.responses import see_other
from directory.web.site import now_of, settings_of

_ = gettext

CLAIMS = "/claims"
MOST_WORDS = 200
"""Characters of a search by name that are looked at."""


async def page(request: Request) -> Response:
    """For a coordinator what waits for an answer, for an editor what the own agency has asked for."""
    return await _page(request, await full_session(request))


async def _page(
    request: Request,
    session: Session,
    answers: Mapping[int, str] | None = None,
    wrong: str = "",
    status: int = 200,
) -> Response:
    now, number = now_of(request), page_asked(request)
    found, is_more = await service.claim_list(by=session.actor, page=number, now=now)
    for id in set(answers or ()) - {each.id for each in found}:  # on another page, but what was typed must not be lost
        found = (await service.claim_show(by=session.actor, id=id, now=now), *found)
    is_queue = service.settles(by=session.actor, now=now)
    names = await names_for(labels=[each.asked_by for each in found], by=session.actor)
    context = {
        "title": _("Claims") if is_queue else _("Listings that are ours"),
        "cards": [claim_card(each, now, names) for each in found],
        "pages": pages_around(CLAIMS, number, is_more=is_more),
        "is_queue": is_queue,
        "answers": answers or {},
        "wrong": wrong,
        "done": request.query_params.get("done", ""),
    }
    return signed_page(request, "agencies/claims.html", session, context, status)


# --- asking ----------------------------------------------------------------------------------------------------------


async def form(request: Request) -> Response:
    """A search for a listing by name; or, once one is chosen, the form to claim it."""
    session = await full_session(request)
    if slug := request.query_params.get("listing", ""):
        view = await _view(request, session, slug, request.query_params.get("agency", ""))
        return form_page(request, await _title(request, session), view, session=session)
    words = request.query_params.get("q", "")[:MOST_WORDS].replace("\0", "")
    found = await service.subject_search(by=session.actor, words=words, now=now_of(request))
    context = {
        "title": await _title(request, session),
        "settles": service.settles(by=session.actor, now=now_of(request)),
        "words": words,
        "agency": request.query_params.get("agency", ""),
        "cards": [subject_card(each) for each in found],
    }
    return signed_page(request, "agencies/claim.html", session, context)


async def send(request: Request) -> Response:
    """Asks; what a coordinator claims for an agency is its own at once."""
    session, values, now = await full_session(request), await typed(request), now_of(request)
    slug, agency = values.get("listing", ""), number_of(values.get("agency", ""))
    wanted = Wanted(slug, agency, values.get("what") == "organization", values.get("words", ""))
    try:
        await service.claim_ask(by=session.actor, wanted=wanted, form=values.get("once", ""), now=now)
    except (UnfitFields, ClaimTaken) as error:
        view = await _view(request, session, slug, str(agency))
        view = replace(view, hidden={**view.hidden, "once": values.get("once", "")})
        title = await _title(request, session, str(agency))
        return again(request, title, view, values, error, _taken(error), session=session)
    if service.settles(by=session.actor, now=now):
        return see_other(f"/agencies/{agency}?done=claimed")
    return see_other(f"{CLAIMS}?done=asked")


async def _title(request: Request, session: Session, agency: str = "") -> str:
    """What is done here, for whoever answers claims with the agency that was chosen (`agency`, or that of the address)."""
    now, agency = now_of(request), agency or request.query_params.get("agency", "")
    if not service.settles(by=session.actor, now=now):
        return _("This is ours")
    named = [each.name for each in await service.claim_agencies(by=session.actor, now=now) if str(each.id) == agency]
    return _("Give listings to %(name)s") % {"name": named[0]} if named else _("Give listings to an agency")


async def _view(request: Request, session: Session, slug: str, agency: str) -> FormView:
    actor, now = session.actor, now_of(request)
    subject = await service.subject_show(by=actor, slug=slug, now=now)
    agencies = await service.claim_agencies(by=actor, now=now)
    fields = [Field("what", _("What is it that you run?"), choices=what_choices(subject))]
    hidden = {"listing": slug, "once": new_token()}
    if len(agencies) == 1:
        hidden["agency"] = str(agencies[0].id)
    else:
        choices = tuple(Choice(str(each.id), each.name, str(each.id) == agency) for each in agencies)
        fields.append(Field("agency", _("Agency"), choices=choices))
    lead = _("From then on the agency keeps it true.")
    if not service.settles(by=actor, now=now):
        lead = _("A coordinator looks at it. Then you can keep it true.")
        hint = _("How we can see that it is yours, such as a number to call. You may leave it empty.")
        fields.append(Field("words", _("Anything that helps us"), "textarea", hint=hint))
    links = (Link(_("Look for another one"), f"{CLAIMS}/new"),)
    return FormView(f"{CLAIMS}/new", _("Send"), tuple(fields), lead=lead, hidden=hidden, links=links)


# --- answering -------------------------------------------------------------------------------------------------------


async def settle(request: Request) -> Response:
    """Approves or refuses a claim; where that cannot be, the queue comes again with the words that were typed."""
    session, values = await full_session(request), await typed(request)
    id, answer, decision = _id(values), values.get("answer", ""), values.get("decision", "")
    if decision not in ("approve", "refuse"):
        raise NotFound()
    try:
        await service.claim_settle(
            by=session.actor,
            id=id,
            is_approved=decision == "approve",
            answer=answer,
            settings=settings_of(request),
            now=now_of(request),
        )
    except (UnfitFields, ClaimTaken) as error:
        wrong = sentence(error.problems[0]) if isinstance(error, UnfitFields) else _taken(error)
        return await _page(request, session, {id: answer}, wrong, error.status)
    return see_other(f"{CLAIMS}?done={'approved' if decision == 'approve' else 'refused'}")


def _taken(error: UnfitFields | ClaimTaken) -> str:
    """What to say where another agency was first."""
    if isinstance(error, UnfitFields):
        return ""
    named = error.values["agency"] or _("another agency")
    return _("This belongs to %(name)s by now. End their claim first, or refuse this one.") % {"name": named}


async def withdraw(request: Request) -> Response:
    """Takes back what one's agency has asked for."""
    session, values = await full_session(request), await typed(request)
    await service.claim_withdraw(by=session.actor, id=_id(values), now=now_of(request))
    return see_other(f"{CLAIMS}?done=withdrawn")


async def end(request: Request) -> Response:
    """Ends a claim that was approved."""
    session, values = await full_session(request), await typed(request)
    claim = await service.claim_end(by=session.actor, id=_id(values), now=now_of(request))
    return see_other(f"/agencies/{claim.agency}?done=ended")


def _id(values: Mapping[str, str]) -> int:
    return number_of(values.get("id", ""))
