"""The page behind a card: one field for the code, then the place in line for ten minutes, and a way out that leaves nothing behind.

No code, name or number stands in an address, a cookie or a log; the browser tells nobody where it came from.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from directory.domain.errors import NotFound
from directory.domain.people import TooSoon, UnfitFields
from directory.domain.waitlist.states import Entry
from directory.i18n import a_number, gettext, ngettext
from directory.services.bridge import seats
from directory.services.bridge.by_code import check_in_by_code
from directory.services.bridge.seats import SeatRefused
from directory.services.bridge.status_plan import plan_by_code
from directory.services.credentials import new_token
from directory.services.waitlist import status as service
from directory.services.waitlist.status import IDLE, Shown, WrongCode
from directory.web.bridge.presenters_check_ins import FEELING_CODES, feeling_choices
from directory.web.bridge.presenters_groups import LEAVE as LEAVE_SEAT
from directory.web.bridge.presenters_groups import TAKE, sitting_view
from directory.web.bridge.presenters_plan import by_code_view
from directory.web.fields import Field, FormView, signed_page, typed, with_problems
from directory.web.forms import number_of
from directory.web.responses import NO_STORE, see_other
from directory.web.sessions import address_of
from directory.web.site import now_of, settings_of
from directory.web.waitlist.presenters_status import line_views, notice_words, seen_words

_ = gettext

STATUS, LEAVE, CLOSED = "/status", "/status/leave", "/status/closed"
COOKIE = "here"
"""A name that tells nothing. It goes to these pages alone."""


async def page(request: Request) -> Response:
    """The place in line, or the field for the code."""
    shown = await _shown(request)
    return _form(request, _code_view()) if shown is None else await _place(request, shown)


async def send(request: Request) -> Response:
    """Takes a code."""
    values = await typed(request)
    try:
        session = await service.code_enter(
            typed=values.get("code", ""),
            address=address_of(request),
            now=now_of(request),
            settings=settings_of(request),
        )
    except (WrongCode, TooSoon) as error:
        view = replace(_code_view(values.get("code", "")[:100]), wrong=_wrong(error))
        response = _form(request, view, error.status)
        if isinstance(error, TooSoon):
            response.headers["Retry-After"] = str(error.seconds)
        return response
    return _kept(request, _quiet(see_other(STATUS)), session)


async def still(request: Request) -> Response:
    """ "I am still waiting"."""
    await service.still_waiting(session=_session(request), now=now_of(request), settings=settings_of(request))
    return _quiet(see_other(STATUS))


async def check(request: Request) -> Response:
    """ "How are you today?": one of five buttons."""
    feeling = (await typed(request)).get("feeling", "")
    await check_in_by_code(
        session=_session(request),
        feeling=int(feeling) if feeling in FEELING_CODES else 0,
        now=now_of(request),
        settings=settings_of(request),
    )
    return _quiet(see_other(STATUS))


async def call(request: Request) -> Response:
    """ "Call me", with a time that is safe."""
    values = await typed(request)
    try:
        await service.call_me(
            session=_session(request),
            times=values.get("times", ""),
            now=now_of(request),
            settings=settings_of(request),
        )
    except UnfitFields as error:
        shown = await _shown(request)
        if shown is None:
            return _quiet(see_other(STATUS))
        view = with_problems(_call_view(values.get("times", "")), error.problems)
        return await _place(request, shown, view, error.status)
    return _quiet(see_other(STATUS))


async def groups(request: Request) -> Response:
    """Takes a seat in a group, or gives it up; the page then says what they have. A number that is none of theirs changes nothing."""
    values = await typed(request)
    what, _dash, meeting = values.get("what", "").partition("-")
    work = {TAKE: seats.seat_take_by_card, LEAVE_SEAT: seats.seat_leave_by_card}.get(what)
    if work is not None:
        with suppress(NotFound, SeatRefused):
            await work(
                session=_session(request),
                meeting=number_of(meeting),
                form=values.get("once", ""),
                now=now_of(request),
                settings=settings_of(request),
            )
    return _quiet(see_other(STATUS))


async def closed(request: Request) -> Response:
    """Where the page goes by itself after ten minutes."""
    context = {"title": _("Your update"), "exit_url": LEAVE}
    return _ended(request, _quiet(signed_page(request, "waitlist/status_closed.html", None, context)))


async def leave(request: Request) -> Response:
    """Closes the page and goes on to another site, which learns nothing of this one."""
    away = RedirectResponse(settings_of(request).exit_url, HTTPStatus.SEE_OTHER, {"Cache-Control": NO_STORE})
    return _ended(request, _quiet(away))


# --- the pages -------------------------------------------------------------------------------------------------------


async def _shown(request: Request) -> Shown | None:
    session = _session(request)
    if not session:
        return None
    return await service.status_show(session=session, now=now_of(request), settings=settings_of(request))


def _code_view(typed: str = "") -> FormView:
    hint = _("It stands on your card. Small letters, blanks and dashes do not matter.")
    return FormView(STATUS, _("Show"), (Field("code", _("Your code"), value=typed, hint=hint),))


def _wrong(error: WrongCode | TooSoon) -> str:
    if isinstance(error, WrongCode):
        return _(
            "This code is not right, or not good any more. Look at your card again, or ask your peer for a new one."
        )
    said = ngettext(
        "Many codes were tried from here. Please wait %(n)s second, then try again.",
        "Many codes were tried from here. Please wait %(n)s seconds, then try again.",
        error.seconds,
    )
    return said % {"n": a_number(error.seconds)}


def _call_view(times: str = "") -> FormView:
    hint = _("If you like: when it is safe to call, and by what name to ask for you.")
    return FormView(f"{STATUS}/call", _("Call me"), (Field("times", _("When?"), value=times, hint=hint),))


def _form(request: Request, view: FormView, status: int = 200) -> Response:
    context = {"title": _("Your update"), "view": view, "exit_url": LEAVE}
    response = _quiet(signed_page(request, "waitlist/status_form.html", None, context, status))
    return _ended(request, response) if COOKIE in request.cookies else response


async def _place(request: Request, shown: Shown, call: FormView | None = None, status: int = 200) -> Response:
    now, settings = now_of(request), settings_of(request)
    coming = await seats.coming_of_card(session=shown.session, now=now, settings=settings)
    sittings = [sitting_view(each, now, to_client=True) for each in coming]
    context = {
        "plan": by_code_view(await plan_by_code(session=shown.session, now=now, settings=settings)),
        "groups": sittings,
        "notice": notice_words(shown, [each.when for each in sittings if each.has_seat]),
        "once": new_token(),
        "title": _("Your update"),
        "lines": line_views(shown),
        "seen": seen_words(shown),
        "is_still": shown.is_still,
        "is_told": shown.is_told,
        "asks_feeling": any(line.status is not Entry.CLOSED for line in shown.lines),
        "feelings": feeling_choices(),
        "call": call or _call_view(),
        "idle": int(IDLE.total_seconds()),
        "closed_url": CLOSED,
        "exit_url": LEAVE,
    }
    response = signed_page(request, "waitlist/status.html", None, context, status)
    return _kept(request, _quiet(response), shown.session)


# --- what stays in the browser ---------------------------------------------------------------------------------------


def _session(request: Request) -> str:
    return request.cookies.get(COOKIE, "")


def _where(request: Request) -> dict[str, Any]:
    is_https = settings_of(request).base_url.startswith("https://")
    return {"path": STATUS, "secure": is_https, "httponly": True, "samesite": "strict"}


def _kept(request: Request, response: Response, session: str) -> Response:
    response.set_cookie(COOKIE, session, max_age=int(IDLE.total_seconds()), **_where(request))
    return response


def _ended(request: Request, response: Response) -> Response:
    response.delete_cookie(COOKIE, **_where(request))
    return response


def _quiet(response: Response) -> Response:
    """The browser does not say where it came from, not even to ourselves (web/middleware.py lets this stand)."""
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
