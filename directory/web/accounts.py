"""One's own account: how it is opened by an invitation, and then the password, the second step, the sessions, and the way back in."""

from __future__ import annotations

from dataclasses import replace

import segno
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from directory.domain.access import Action, Denied, Thing, demand
from directory.domain.people import DeadLink, Session, TooSoon, UnfitFields, WrongSignIn
from directory.domain.sign_in import FORM, FULL, PASSWORD_GIVEN
from directory.i18n import gettext, language
from directory.services import invitations, own_account
from directory.services.credentials import totp_address
from directory.services.people import roles_of
from directory.services.role_offers import offers_of
from directory.services.sessions import session_list, session_revoke
from directory.services.throttle import same_time
from directory.web import sessions
from directory.web.fields import Field, FormView, again, form_page, message_page, signed_page, typed
from directory.web.presenters import Link
from directory.web.presenters_accounts import offer_line, role_text, session_line
from directory.web.responses import see_other
from directory.web.sign_in import ACCOUNT, SET_UP_PAGE, dead_link, entered, wrong_code
from directory.web.site import now_of, settings_of

_ = gettext


async def full_session(request: Request) -> Session:
    """The session of somebody who is signed in. Raises Denied where nobody is."""
    session = await sessions.session_of(request)
    if session is None or session.stage != FULL:
        raise Denied("sign-in")
    return session


# --- an invitation ---------------------------------------------------------------------------------------------------


async def invitation(request: Request) -> Response:
    """What somebody sees who was invited. Looking does not use the link up."""
    try:
        found = await invitations.invitation_show(token=request.path_params["token"], now=now_of(request))
    except DeadLink:
        return dead_link(request, _("Ask whoever invited you for a new one."))
    return form_page(request, _("Welcome"), _invitation_view(request, found))


async def invitation_send(request: Request) -> Response:
    """Opens the account."""
    token, now, values = request.path_params["token"], now_of(request), await typed(request)
    try:
        found = await invitations.invitation_show(token=token, now=now)
        begun = await invitations.invitation_take(
            token=token,
            name=values.get("name", ""),
            password=values.get("password", ""),
            language=language(),
            device=sessions.device_of(request),
            settings=settings_of(request),
            now=now,
        )
    except UnfitFields as error:
        return again(request, _("Welcome"), _invitation_view(request, found), values, error, "")
    except DeadLink:
        return dead_link(request, _("Ask whoever invited you for a new one."))
    return entered(request, begun)


def _invitation_view(request: Request, found: invitations.Invitation) -> FormView:
    fields = (
        Field("name", _("Your name"), value=found.name, autocomplete="name"),
        # A password manager keeps the name beside the password, so it stands here even where it is known.
        Field("email", _("E-mail address"), "email", found.email, autocomplete="username", fixed=True),
        new_password_field(),
    )
    lead = _("You are invited to work here. Choose a password to open your account.")
    return FormView(request.scope["path"], _("Open my account"), fields, lead=lead)


def new_password_field() -> Field:
    """The field for a new password."""
    hint = _("At least 12 characters. Four words that only you would put together are good.")
    return Field("password", _("New password"), "password", hint=hint, autocomplete="new-password")


# --- the account -----------------------------------------------------------------------------------------------------


async def account(request: Request) -> Response:
    """Who one is here, where one is signed in, and what can be changed."""
    session, now = await full_session(request), now_of(request)
    held = await roles_of(by=session.actor, now=now)
    context = {
        "title": _("Your account"),
        "email": session.account.email,
        "roles": [role_text(each) for each in held],
        "sessions": [session_line(each, session, now) for each in await session_list(by=session.actor, now=now)],
        "has_second": bool(session.account.totp_secret),
        "codes_left": await own_account.recovery_codes_left(by=session.actor, now=now),
        "offers": [offer_line(each) for each in await offers_of(session=session, now=now)],
    }
    return signed_page(request, "accounts/account.html", session, context)


async def session_end(request: Request) -> Response:
    """Ends one of one's own sessions."""
    session, values = await full_session(request), await typed(request)
    await session_revoke(by=session.actor, key=values.get("key", ""), now=now_of(request))
    return see_other(ACCOUNT)


# --- the password ----------------------------------------------------------------------------------------------------


async def password_form(request: Request) -> Response:
    """The form for another password."""
    session = await full_session(request)
    return form_page(request, _("Change your password"), _password_view(), session=session)


async def password_send(request: Request) -> Response:
    """Changes the password; everywhere else one has to sign in again."""
    session, values = await full_session(request), await typed(request)
    try:
        begun = await own_account.password_change(
            session=session,
            old=values.get("old", ""),
            new=values.get("password", ""),
            settings=settings_of(request),
            now=now_of(request),
        )
    except (WrongSignIn, TooSoon, UnfitFields) as error:
        wrong = _("The password that you have now is not right. Try again.")
        return again(request, _("Change your password"), _password_view(), values, error, wrong, session=session)
    return entered(request, begun)


def _password_view() -> FormView:
    old = Field("old", _("The password that you have now"), "password", autocomplete="current-password")
    lead = _("You stay signed in here. Everywhere else you will have to sign in again.")
    links = (Link(_("Back to your account"), ACCOUNT),)
    return FormView("/account/password", _("Change it"), (old, new_password_field()), lead=lead, links=links)


# --- the second step -------------------------------------------------------------------------------------------------


async def second_form(request: Request) -> Response:
    """A picture for an authenticator app, the same in letters, and a field for its first code."""
    session, now = await _for_second(request), now_of(request)
    if session.stage == FULL:  # with enough time left to type in
        demand(session.actor, Action.CHANGE_SECOND_FACTOR, Thing(session.account.id), now=now + FORM)
    secret = await own_account.second_factor_offer(session=session, settings=settings_of(request), now=now)
    return _second_page(request, session, secret)


async def second_send(request: Request) -> Response:
    """Turns the second step on and shows the recovery codes, this once."""
    session, values = await _for_second(request), await typed(request)
    settings, now = settings_of(request), now_of(request)
    secret = await own_account.second_factor_offer(session=session, settings=settings, now=now)
    try:
        begun, codes = await own_account.second_factor_set(
            session=session, code=values.get("code", ""), settings=settings, now=now
        )
    except WrongSignIn as error:
        return _second_page(request, session, secret, wrong_code(), error.status)
    return sessions.begin(_codes_page(request, session, codes), begun, settings)


async def _for_second(request: Request) -> Session:
    """Somebody who is signed in, or who has to set up the second step before that."""
    session = await sessions.session_of(request)
    if session is None or session.stage == PASSWORD_GIVEN:
        raise Denied("sign-in")
    return session


def _second_page(request: Request, session: Session, secret: str, wrong: str = "", status: int = 200) -> Response:
    digits = Field("code", _("Code from the app"), hint=_("6 digits"), autocomplete="one-time-code", numeric=True)
    view = FormView(SET_UP_PAGE, _("Turn it on"), (digits,), wrong=wrong)
    context = {
        "title": _("Your second step"),
        "view": view,
        "picture": picture(totp_address(secret, account=session.account.email, site=_site(request))),
        "secret": " ".join(secret[place : place + 4] for place in range(0, len(secret), 4)),
        "is_due": own_account.second_factor_is_due(session.account),
    }
    return signed_page(request, "accounts/second.html", session, context, status)


def _site(request: Request) -> str:
    return settings_of(request).site_name


def picture(text: str) -> Markup:
    """A QR code, black on white whatever the page's colours and lines are: a camera reads no other."""
    rows = list(segno.make(text, micro=False, error="m").matrix_iter(border=4))
    dark = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, is_dark in enumerate(row) if is_dark)
    size = len(rows)
    return Markup(
        f'<svg class="qr" width="{size * 5}" height="{size * 5}" viewBox="0 0 {size} {size}" stroke="none" '
        f'shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{size}v{size}h-{size}z"/><path fill="#000" d="{dark}"/></svg>'
    )


async def codes_send(request: Request) -> Response:
    """New recovery codes, this once."""
    session = await full_session(request)
    codes = await own_account.recovery_codes_renew(session=session, settings=settings_of(request), now=now_of(request))
    return _codes_page(request, session, codes)


def _codes_page(request: Request, session: Session, codes: list[str]) -> Response:
    full = replace(session, stage=FULL)
    context = {"title": _("Your recovery codes"), "codes": codes, "back": ACCOUNT}
    return signed_page(request, "accounts/codes.html", full, context)


# --- a lost password -------------------------------------------------------------------------------------------------


async def reset_form(request: Request) -> Response:
    """The form for a lost password; after it was sent, what will come."""
    if not settings_of(request).smtp_url:
        lead = _("This site sends no mail. Ask whoever runs it to help you with your password.")
        return message_page(request, _("A new password"), lead, (Link(_("Sign in"), "/sign-in"),))
    if "sent" in request.query_params:
        lead = _(
            "If somebody signs in here with that address, a letter with a link is on its way. It is good for an hour."
        )
        return message_page(request, _("Look into your mail"), lead, (Link(_("Sign in"), "/sign-in"),))
    return form_page(request, _("A new password"), _reset_view())


async def reset_send(request: Request) -> Response:
    """Sends the letter, where there is somebody to send it to. The answer is the same."""
    values = await typed(request)
    try:
        async with same_time(settings_of(request)):
            await own_account.password_reset_ask(
                email=values.get("email", ""),
                address=sessions.address_of(request),
                settings=settings_of(request),
                now=now_of(request),
            )
    except UnfitFields as error:
        return again(request, _("A new password"), _reset_view(), values, error, "")
    return see_other("/reset?sent=1")


def _reset_view() -> FormView:
    fields = (Field("email", _("E-mail address"), "email", autocomplete="username"),)
    lead = _("Write the address that you sign in with. We send a link to it by which you set a new password.")
    return FormView("/reset", _("Send me a link"), fields, lead=lead, links=(Link(_("Sign in"), "/sign-in"),))


async def new_password_form(request: Request) -> Response:
    """The form behind the link of the letter."""
    try:
        await own_account.password_reset_show(token=request.path_params["token"], now=now_of(request))
    except DeadLink:
        return dead_link(request, _("Ask for a new one."))
    return form_page(request, _("A new password"), _new_password_view(request))


async def new_password_send(request: Request) -> Response:
    """Sets the password. Signing in with it is the next step, with the second step as ever."""
    values = await typed(request)
    try:
        known = await own_account.password_reset_take(
            token=request.path_params["token"],
            password=values.get("password", ""),
            settings=settings_of(request),
            now=now_of(request),
        )
    except UnfitFields as error:
        return again(request, _("A new password"), _new_password_view(request), values, error, "")
    except DeadLink:
        return dead_link(request, _("Ask for a new one."))
    return sessions.remember(see_other("/sign-in?new=1"), known, settings_of(request))


def _new_password_view(request: Request) -> FormView:
    lead = _("You will be signed out everywhere, and sign in with the new password.")
    return FormView(request.scope["path"], _("Set it"), (new_password_field(),), lead=lead)
