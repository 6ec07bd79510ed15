"""Appeals: the client's own words against a decision, and the answer of a coordinator who did not make it."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from directory.domain.errors import NotFound, Settled
from directory.domain.people import Session, UnfitFields
from directory.i18n import gettext
from directory.services.credentials import new_token
from directory.services.names import names_for
from directory.services.waitlist import appeals as service
from directory.services.waitlist.appeals import ABOUT, CLOSED, OwnDecision
from directory.services.waitlist.person import Person, person_show
from directory.web.accounts import full_session
from directory.web.fields import Field, FormView, again, form_page, sentence, signed_page, typed
from directory.web.forms import number_of
from directory.web.paging import page_asked, pages_around
from directory.web.presenters import Link
from directory.web.presenters_form import Choice
from directory.web.responses import see_other
from directory.web.site import now_of, settings_of
from directory.web.waitlist import presenters_words as words
from directory.web.waitlist.presenters_appeals import appeal_card
from directory.web.waitlist.steps import person_url, upi_of
from directory.web.waitlist.whose import whose

_ = gettext

APPEALS, ANSWERED = "/appeals", "/appeals/answered"


# --- a client does not agree -----------------------------------------------------------------------------------------


async def form(request: Request) -> Response:
    """The form for the client's words."""
    session, person = await full_session(request), await _person(request)
    return form_page(request, _("They do not agree"), _view(person), session=session)


async def send(request: Request) -> Response:
    """Takes an appeal down."""
    session, values, upi = await full_session(request), await typed(request), upi_of(request)
    try:
        id = await service.appeal_make(
            entry=number_of(values.get("entry", "")),
            upi=upi,
            about=values.get("about", ""),
            words=values.get("words", ""),
            form=values.get("once", ""),
            by=session.actor,
            now=now_of(request),
            settings=settings_of(request),
        )
    except UnfitFields as error:
        view = _view(await _person(request), values.get("once", ""))
        return again(request, _("They do not agree"), view, values, error, "", session=session)
    return see_other(person_url(upi, "appealed" if id is not None else "before"))


async def _person(request: Request) -> Person:
    session = await full_session(request)
    return await person_show(
        upi=upi_of(request), by=session.actor, now=now_of(request), settings=settings_of(request), part="appeal"
    )


def _view(person: Person, once: str = "") -> FormView:
    upi = person.who.row.upi
    lines = tuple(Choice(str(spot.entry.id), spot.entry.pool_name, False) for spot in person.spots)
    ended = any(not spot.is_open for spot in person.spots)
    about = tuple(Choice(code, _(words.ABOUT[code]), False) for code in ABOUT if code != CLOSED or ended)
    fields = (
        Field("entry", _("Which line?"), choices=lines),
        Field("about", _("What is it about?"), choices=about),
        Field("words", _("In their own words"), "textarea", hint=_("Read it out to them before you send it.")),
    )
    lead = _(
        "A coordinator who did not make the decision looks at it and answers in words. It never costs anybody their place."
    )
    back = Link(_("Back to the person"), person_url(upi))
    hidden = {"once": once or new_token()}
    address, about_whom = f"/clients/{upi}/appeal", whose(person.who)
    return FormView(address, _("Send it"), fields, lead, hidden=hidden, links=(back,), whose=about_whom)


async def withdraw(request: Request) -> Response:
    """The client takes an appeal back."""
    session, values, upi = await full_session(request), await typed(request), upi_of(request)
    id = number_of(values.get("id", ""))
    try:
        await service.appeal_withdraw(
            id=id, upi=upi, by=session.actor, now=now_of(request), settings=settings_of(request)
        )
    except Settled:
        return see_other(person_url(upi, "newer"))
    return see_other(person_url(upi, "saved"))


async def put_right(request: Request) -> Response:
    """A peer has done what follows from an appeal."""
    session, values, upi = await full_session(request), await typed(request), upi_of(request)
    await service.appeal_put_right(id=number_of(values.get("id", "")), upi=upi, by=session.actor, now=now_of(request))
    return see_other(person_url(upi, "saved"))


# --- answering -------------------------------------------------------------------------------------------------------


async def page(request: Request) -> Response:
    """For coordinators: the appeals that wait for an answer or, at the other address, those that have one."""
    return await _page(request, await full_session(request))


async def _page(
    request: Request, session: Session, id: int = 0, answer: str = "", wrong: str = "", status: int = 200
) -> Response:
    number, is_open = page_asked(request), request.scope["path"] != ANSWERED
    found, is_more = await service.appeal_list(
        by=session.actor, page=number, is_open=is_open, now=now_of(request), settings=settings_of(request)
    )
    labels = {label for each in found for label in (each.row.by, each.row.settled_by) if label}
    names = await names_for(labels=labels, by=session.actor)
    context = {
        "title": _("Where people do not agree"),
        "cards": [appeal_card(each, names) for each in found],
        "is_open": is_open,
        "pages": pages_around(APPEALS if is_open else ANSWERED, number, is_more=is_more),
        "answer_id": id,
        "answer": answer,
        "wrong": wrong,
        "done": request.query_params.get("done", ""),
    }
    return signed_page(request, "waitlist/appeals.html", session, context, status)


async def settle(request: Request) -> Response:
    """Answers an appeal; where that cannot be, the list comes again with the words that were typed."""
    session, values = await full_session(request), await typed(request)
    id, answer, decision = number_of(request.path_params["id"]), values.get("answer", ""), values.get("decision", "")
    if decision not in ("uphold", "overturn"):
        raise NotFound()
    try:
        await service.appeal_settle(
            id=id,
            overturned=decision == "overturn",
            answer=answer,
            by=session.actor,
            now=now_of(request),
            settings=settings_of(request),
        )
    except UnfitFields as error:
        return await _page(request, session, id, answer, sentence(error.problems[0]), error.status)
    except (Settled, OwnDecision) as error:
        return see_other(f"{APPEALS}?done={error.code}")
    return see_other(f"{APPEALS}?done=answered")
