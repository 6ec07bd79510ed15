"""Signing in and out: the password, the second factor, once more for what asks for it, and one click in the demonstration."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from directory.domain.access import Denied
from directory.domain.errors import NotFound
from directory.domain.people import DeadLink, Session, SignedIn, TooSoon, WrongSignIn
from directory.domain.sign_in import FULL, PASSWORD_GIVEN, SET_UP
from directory.domain.tokens import SECOND_FACTOR
from directory.i18n import gettext
from directory.services import sign_in as service
from directory.services.demo_people import demo_over, demo_roles, demo_sign_in
from directory.services.demo_waitlist import demo_codes_shown
from directory.services.links import link_show
from directory.services.sessions import refusal_note, sign_out
from directory.web import sessions
from directory.web.errors import expected, logged_path
from directory.web.fields import Field, FormView, again, form_page, message_page, typed
from directory.web.forms import local_path
from directory.web.presenters import Link
from directory.web.presenters_accounts import role_name
from directory.web.responses import see_other
from directory.web.site import now_of, settings_of

_ = gettext

HOME, ACCOUNT = "/desk", "/account"
SIGN_IN, CODE, AGAIN, SET_UP_PAGE = "/sign-in", "/sign-in/code", "/sign-in/again", "/account/second-factor"
NEXT_PAGE = {FULL: HOME, PASSWORD_GIVEN: CODE, SET_UP: SET_UP_PAGE}


def onward(stage: str, next_page: str) -> str:
    """Where to go at this stage of signing in; the page that somebody came for is not lost on the way."""
    if stage == FULL:
        return next_page
    return NEXT_PAGE[stage] + ("" if next_page == HOME else f"?{urlencode({'next': next_page})}")


def next_of(request: Request, values: dict[str, str] | None = None) -> str:
    """The page of ours that somebody came for."""
    return local_path((values or request.query_params).get("next", HOME), HOME)


def entered(request: Request, begun: SignedIn, next_page: str = HOME) -> Response:
    """Onward, with the new session."""
    return sessions.begin(see_other(onward(begun.stage, next_page)), begun, settings_of(request))


# --- the password ----------------------------------------------------------------------------------------------------


async def form(request: Request) -> Response:
    """The form for name and password; who is on the way already goes on."""
    session = await sessions.session_of(request)
    if session:
        return see_other(onward(session.stage, next_of(request)))
    return await _form_page(request, _sign_in_view(next_of(request), "new" in request.query_params))


async def send(request: Request) -> Response:
    """Takes name and password."""
    values = await typed(request)
    try:
        begun = await service.sign_in(
            email=values.get("email", ""),
            password=values.get("password", ""),
            known=sessions.known_of(request),
            address=sessions.address_of(request),
            device=sessions.device_of(request),
            settings=settings_of(request),
            now=now_of(request),
        )
    except (WrongSignIn, TooSoon) as error:
        wrong = _("The e-mail address or the password is not right. Look at both and try again.")
        return again(request, _("Sign in"), _sign_in_view(next_of(request, values)), values, error, wrong)
    return entered(request, begun, next_of(request, values))


def _sign_in_view(next_page: str, is_new: bool = False) -> FormView:
    return FormView(
        SIGN_IN,
        _("Sign in"),
        (
            Field("email", _("E-mail address"), "email", autocomplete="username"),
            Field("password", _("Password"), "password", autocomplete="current-password"),
        ),
        lead=_("For people who work here. To look for help you need no account."),
        notice=_("Your new password is set. Sign in with it.") if is_new else "",
        hidden={"next": next_page},
        links=(Link(_("I lost my password"), "/reset"), Link(_("Search"), "/")),
    )


async def _form_page(request: Request, view: FormView) -> Response:
    is_here = sessions.is_local(request)
    roles = await demo_roles(settings=settings_of(request)) if is_here else ()
    choices = [(str(role), role_name(role)) for role in roles]
    is_over = is_here and not roles and await demo_over(settings=settings_of(request))
    codes = await demo_codes_shown(now=now_of(request), settings=settings_of(request)) if roles else ()
    note = _over() if is_over else ""
    return form_page(request, _("Sign in"), view, demo_roles=choices, demo_note=note, demo_codes=codes)


def _over() -> str:
    return _(
        "The made-up people of the demonstration are closed, since somebody has an account of their own here. To have them again, start with a new database; the command %(command)s takes the made-up data out."
    ) % {"command": "footbridge seed --remove-demo"}


async def demo(request: Request) -> Response:
    """Signs in as an invented person, on the machine of the demonstration itself and nowhere else."""
    values = await typed(request)
    if not sessions.is_local(request):
        raise NotFound()
    begun = await demo_sign_in(
        role=values.get("role", ""),
        device=sessions.device_of(request),
        settings=settings_of(request),
        now=now_of(request),
    )
    return entered(request, begun)


# --- the second factor -----------------------------------------------------------------------------------------------


async def code_form(request: Request) -> Response:
    """The form for the code of the authenticator app."""
    session = await sessions.session_of(request)
    if session is None or session.stage != PASSWORD_GIVEN:
        return see_other(onward(session.stage, next_of(request)) if session else SIGN_IN)
    return form_page(request, _("Your code"), _code_view(next_of(request)))


async def code_send(request: Request) -> Response:
    """Takes the code."""
    session, values = await sessions.session_of(request), await typed(request)
    if session is None or session.stage != PASSWORD_GIVEN:
        return see_other(onward(session.stage, next_of(request, values)) if session else SIGN_IN)
    try:
        begun = await service.second_factor_give(
            session=session,
            code=values.get("code", ""),
            known=sessions.known_of(request),
            settings=settings_of(request),
            now=now_of(request),
        )
    except (WrongSignIn, TooSoon) as error:
        return again(request, _("Your code"), _code_view(next_of(request, values)), values, error, wrong_code())
    return entered(request, begun, next_of(request, values))


def code_field() -> Field:
    """The field for a code of the app or a recovery code."""
    hint = _("6 digits from the app on your phone, or one of your recovery codes")
    return Field("code", _("Code"), hint=hint, autocomplete="one-time-code")


def wrong_code() -> str:
    """What to say of a wrong code."""
    return _("That code is not right, or it was used before. Wait for the next one and try again.")


def _code_view(next_page: str) -> FormView:
    lost = _("Phone lost and no recovery codes? Ask your coordinator to reset your second step.")
    return FormView(CODE, _("Sign in"), (code_field(),), lead=lost, hidden={"next": next_page})


async def renew_form(request: Request) -> Response:
    """The form behind the link of somebody who has lost the second step."""
    try:
        await link_show(purpose=SECOND_FACTOR, token=request.path_params["token"], now=now_of(request))
    except DeadLink:
        return dead_link(request, _("Ask your coordinator for a new one."))
    return form_page(request, _("A new second step"), _renew_view(request))


async def renew_send(request: Request) -> Response:
    """Takes the password, and goes on to setting up."""
    values = await typed(request)
    try:
        begun = await service.second_factor_renew(
            token=request.path_params["token"],
            password=values.get("password", ""),
            device=sessions.device_of(request),
            settings=settings_of(request),
            now=now_of(request),
        )
    except DeadLink:
        return dead_link(request, _("Ask your coordinator for a new one."))
    except (WrongSignIn, TooSoon) as error:
        wrong = _("The password is not right. Try again.")
        return again(request, _("A new second step"), _renew_view(request), values, error, wrong)
    return entered(request, begun)


def _renew_view(request: Request) -> FormView:
    fields = (Field("password", _("Password"), "password", autocomplete="current-password"),)
    lead = _("Your password shows that it is you. Then you set up the second step on the phone that you have now.")
    return FormView(request.scope["path"], _("Go on"), fields, lead=lead)


def dead_link(request: Request, what_next: str) -> Response:
    """What is said of a link that was used, is too old, or never was one."""
    lead = _("It was used already, or it is too old.")
    links = (Link(_("Sign in"), SIGN_IN), Link(_("Search"), "/"))
    return message_page(request, _("This link has ended"), f"{lead} {what_next}", links, 410)


# --- once more, and out ----------------------------------------------------------------------------------------------


async def again_form(request: Request) -> Response:
    """The form to sign in once more, for what asks for it."""
    session = await _full(request)
    return form_page(request, _("Sign in again"), _again_view(session, next_of(request)), session=session)


async def again_send(request: Request) -> Response:
    """Takes password and code once more."""
    session, values = await _full(request), await typed(request)
    try:
        await service.sign_in_again(
            session=session,
            by=session.actor,
            password=values.get("password", ""),
            code=values.get("code", ""),
            settings=settings_of(request),
            now=now_of(request),
        )
    except (WrongSignIn, TooSoon) as error:
        wrong = _(
            "The password or the code is not right, or the code was used before. Wait for the next code and try again."
        )
        if not session.account.totp_secret:
            wrong = _("The password is not right. Try again.")
        view = _again_view(session, next_of(request, values))
        return again(request, _("Sign in again"), view, values, error, wrong, session=session)
    return see_other(next_of(request, values))


async def _full(request: Request) -> Session:
    session = await sessions.session_of(request)
    if session is None or session.stage != FULL:
        raise Denied("sign-in")
    return session


def _again_view(session: Session, next_page: str) -> FormView:
    fields = [Field("password", _("Password"), "password", autocomplete="current-password")]
    if session.account.totp_secret:
        fields.append(code_field())
    lead = _("What you want to do changes who may do what here. So please show once more that it is you.")
    links = (Link(_("Back to your account"), ACCOUNT),)
    return FormView(AGAIN, _("Go on"), tuple(fields), lead=lead, hidden={"next": next_page}, links=links)


async def out(request: Request) -> Response:
    """Ends the session here; without one there is nothing to end, and the answer is the same."""
    session = await sessions.session_of(request)
    if session:
        await sign_out(session=session, now=now_of(request))
    return sessions.end(see_other("/"), settings_of(request))


async def denied(request: Request, error: Exception) -> Response:
    """Answers where somebody may not do something: the way to sign in, where that would help, or no."""
    assert isinstance(error, Denied)
    page = request.scope["path"] if request.method in ("GET", "HEAD") else _page_of(request)
    if error.reason == "sign-in":
        return see_other(_with_next(SIGN_IN, page))
    if error.reason == "sign-in-again":
        return see_other(_with_next(AGAIN, page))
    await refusal_note(
        by=await sessions.actor_of(request), what=logged_path(request.scope["path"]), now=now_of(request)
    )
    if error.reason == "not-yours":  # as if it were not there
        return await expected(request, NotFound())
    links: Sequence[Link] = (Link(_("Desk"), HOME), Link(_("Search"), "/"))
    lead = _("Your account is not for this. Nothing was changed. If it should be, ask your coordinator.")
    return message_page(request, _("You may not do that"), lead, links, 403)


def _with_next(address: str, page: str) -> str:
    return f"{address}?{urlencode({'next': page})}"


def _page_of(request: Request) -> str:
    """The page that a form stands on: what was sent is not sent again by coming back to it."""
    path: str = request.scope["path"]
    if path.startswith("/people"):
        return path if path == "/people/invite" else "/people"
    if path.startswith("/agencies/"):
        return path.removesuffix("/close")
    return HOME
