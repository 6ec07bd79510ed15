"""The pages of the records: the register of breaches, what to answer to whoever asks for records, and one person's list of disclosures."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from directory.domain.access import SITE, Action, demand
from directory.domain.people import Session, UnfitFields
from directory.i18n import gettext, language
from directory.services.credentials import new_token
from directory.services.texts import text_of
from directory.services.waitlist import records as service
from directory.services.waitlist.records import Given
from directory.web.accounts import full_session
from directory.web.fields import FormView, filled, signed_page, typed, with_problems
from directory.web.forms import number_of
from directory.web.responses import see_other
from directory.web.site import now_of, settings_of
from directory.web.waitlist.presenters_records import breach_card, breach_view, new_breach_view, reasons, told_rows

_ = gettext

RECORDS = "/records"


async def page(request: Request) -> Response:
    """The register, who is under a legal hold, and the form for something new."""
    session = await full_session(request)
    return await _register(request, session, await _new_view(request, session))


async def _register(request: Request, session: Session, view: FormView, status: int = 200) -> Response:
    now, actor = now_of(request), session.actor
    found = await service.breaches_list(by=actor, now=now, settings=settings_of(request))
    context = {
        "title": _("Records"),
        "cards": [breach_card(each) for each in found],
        "held": await service.holds_list(by=actor, now=now),
        "view": view,
        "done": request.query_params.get("done", ""),
    }
    return signed_page(request, "waitlist/records.html", session, context, status)


async def _new_view(request: Request, session: Session, once: str = "") -> FormView:
    agencies = await service.keeping(by=session.actor, now=now_of(request))
    return new_breach_view(agencies, once or new_token())


async def breach_send(request: Request) -> Response:
    """Puts something new into the register."""
    session, values = await full_session(request), await typed(request)
    given = Given(*(values.get(name, "") for name in ("what", "clients", "happened_on", "found_on")))
    try:
        id = await service.breach_add(
            agency=number_of(values.get("agency", "")),
            given=given,
            form=values.get("once", ""),
            by=session.actor,
            now=now_of(request),
            settings=settings_of(request),
        )
    except UnfitFields as error:
        view = filled(await _new_view(request, session, values.get("once", "")), values)
        return await _register(request, session, with_problems(view, error.problems), error.status)
    return see_other(f"{RECORDS}?done=before" if id is None else f"{RECORDS}/breaches/{id}")


async def breach(request: Request) -> Response:
    """One of them, with the days on which somebody was told."""
    session = await full_session(request)
    found = await service.breach_show(
        id=_id(request), by=session.actor, now=now_of(request), settings=settings_of(request)
    )
    context = {"title": _("Something that went wrong"), "card": breach_card(found), "view": breach_view(found)}
    return signed_page(request, "waitlist/breach.html", session, context)


async def breach_change(request: Request) -> Response:
    """Writes the days, and closes it."""
    session, now, values = await full_session(request), now_of(request), await typed(request)
    try:
        await service.breach_change(
            id=_id(request),
            version=number_of(values.get("version", "")),
            told=values,
            is_closed="closed" in values,
            by=session.actor,
            now=now,
        )
    except UnfitFields as error:
        found = await service.breach_show(id=_id(request), by=session.actor, now=now, settings=settings_of(request))
        lists = {"closed": [values["closed"]]} if "closed" in values else {}
        view = with_problems(filled(breach_view(found), values, lists), error.problems)
        context = {"title": _("Something that went wrong"), "card": breach_card(found), "view": view}
        return signed_page(request, "waitlist/breach.html", session, context, error.status)
    return see_other(f"{RECORDS}?done=saved")


async def refusal(request: Request) -> Response:
    """What whoever asks for records without a consent is answered (42 CFR 2.12(d), 2.61 to 2.67), to be read out or printed."""
    session = await full_session(request)
    demand(session.actor, Action.KEEP_RECORDS, SITE, now=now_of(request))
    context = {"title": _("If somebody asks for records"), "text": text_of("records-refused", language())}
    return signed_page(request, "waitlist/refusal.html", session, context)


async def client(request: Request) -> Response:
    """To whom something about somebody was told, and whether their records are held back."""
    session = await full_session(request)
    return await _client_page(request, session)


async def hold(request: Request) -> Response:
    """Holds somebody's records back from being cleared, or lets them go."""
    session, values, upi = await full_session(request), await typed(request), request.path_params["upi"]
    try:
        await service.hold_set(
            upi=upi,
            is_on=values.get("hold") == "on",
            reason=values.get("reason", ""),
            version=number_of(values.get("version", "")),
            by=session.actor,
            now=now_of(request),
            settings=settings_of(request),
        )
    except UnfitFields as error:
        return await _client_page(request, session, error)
    return see_other(f"/clients/{upi}/records")


async def _client_page(request: Request, session: Session, error: UnfitFields | None = None) -> Response:
    upi, settings = request.path_params["upi"], settings_of(request)
    found, told = await service.client_records(upi=upi, by=session.actor, now=now_of(request), settings=settings)
    view = FormView(f"/clients/{upi}/records", _("Save"), (reasons(),))
    context = {
        "title": _("Records of a person"),
        "upi": upi,
        "called": found.called,
        "version": found.row.version,
        "is_held": found.row.legal_hold,
        "rows": told_rows(told, ZoneInfo(settings.timezone)),
        "view": with_problems(view, error.problems) if error else view,
    }
    return signed_page(request, "waitlist/client_records.html", session, context, error.status if error else 200)


def _id(request: Request) -> int:
    return number_of(request.path_params["id"])
