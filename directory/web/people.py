"""Who works here: for a coordinator the people of the own agency, for an administrator everybody. Invite, end a role, help with a lost phone."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from directory.domain.access import SITE, Action, Grant, Role, demand, grantable, reach_of
from directory.domain.errors import NotFound
from directory.domain.people import Session, UnfitFields
from directory.domain.sign_in import FORM
from directory.i18n import gettext
from directory.services import people as service
from directory.services.credentials import new_token
from directory.services.invitations import agency_options, person_invite
from directory.services.links import Handed
from directory.web.accounts import full_session
from directory.web.fields import Field, FormView, again, form_page, signed_page, typed
from directory.web.presenters import Link
from directory.web.presenters_accounts import ROLE_HINTS, person_card, role_name
from directory.web.presenters_form import Choice
from directory.web.responses import see_other
from directory.web.site import now_of, settings_of

_ = gettext

PEOPLE, INVITE = "/people", "/people/invite"


async def people(request: Request) -> Response:
    """Everybody within reach, with what can be done about their account."""
    session, now = await full_session(request), now_of(request)
    listed = await service.people_list(by=session.actor, now=now)
    context = {
        "title": _("People"),
        "cards": [person_card(each, session) for each in listed],
        "done": request.query_params.get("done", ""),
    }
    return signed_page(request, "accounts/people.html", session, context)


# --- inviting --------------------------------------------------------------------------------------------------------


async def invite_form(request: Request) -> Response:
    """The form to invite somebody; there must be time enough left to fill it in."""
    session, now = await full_session(request), now_of(request)
    demand(session.actor, Action.GRANT_ROLE, SITE, now=now + FORM)
    view = await _invite_view(session)
    return form_page(request, _("Invite somebody"), view, session=session)


async def invite_send(request: Request) -> Response:
    """Invites somebody, and shows the link where no mail carries it."""
    session, now, values = await full_session(request), now_of(request), await typed(request)
    try:
        handed = await person_invite(
            by=session.actor,
            grant=_grant(values),
            email=values.get("email", ""),
            name=values.get("name", ""),
            settings=settings_of(request),
            now=now,
            language=values.get("language", "en"),
            form=values.get("once", ""),
        )
    except UnfitFields as error:
        view = await _invite_view(session, values.get("once", ""))
        return again(request, _("Invite somebody"), view, values, error, "", session=session)
    if handed is None:  # the same form a second time
        return see_other(f"{PEOPLE}?done=before")
    return _handed(request, session, handed, "invited")


def _handed(request: Request, session: Session, handed: Handed, done: str) -> Response:
    """Back to the list; or the link, this once, where no letter carries it."""
    if handed.is_added:
        return see_other(f"{PEOPLE}?done=added")
    if handed.address is None or handed.is_mailed:
        return see_other(f"{PEOPLE}?done={done}")
    context = {"title": _("Hand over this link"), "handed": handed, "back": PEOPLE}
    return signed_page(request, "accounts/link.html", session, context)


def _grant(values: dict[str, str]) -> Grant:
    """The role that was chosen. Raises NotFound for what is not on the list, which no browser sends."""
    role, agency = values.get("role", ""), values.get("agency", "")
    if role not in set(Role):
        raise NotFound()
    return Grant(Role(role), _number(agency) if agency else None)


async def _invite_view(session: Session, once: str = "") -> FormView:
    actor = session.actor
    roles = [Choice(str(role), f"{role_name(role)}: {_(ROLE_HINTS[role])}", False) for role in grantable(actor)]
    agencies = [Choice(str(each.id), each.name, False) for each in await agency_options(by=actor)]
    hint = ""
    if reach_of(actor, Action.GRANT_ROLE) is None:
        agencies.insert(0, Choice("", _("The whole site"), False))
        hint = _("The whole site is for oversight and administrators.")
    fields = (
        Field("name", _("Name")),
        Field("email", _("E-mail address"), "email"),
        Field("role", _("Role"), choices=tuple(roles)),
        Field(
            "agency",
            _("Agency"),
            choices=tuple(agencies),
            hint=hint,
        ),
        Field(
            "language",
            _("Language of the letter"),
            choices=(Choice("en", "English", True), Choice("es", "Español", False)),
        ),
    )
    hidden = {"once": once or new_token()}
    return FormView(INVITE, _("Invite"), fields, hidden=hidden, links=(Link(_("Back to people"), PEOPLE),))


# --- changes ---------------------------------------------------------------------------------------------------------


async def role_end(request: Request) -> Response:
    """Ends a role."""
    session, id = await full_session(request), await _id(request)
    await service.grant_end(by=session.actor, id=id, now=now_of(request))
    return see_other(f"{PEOPLE}?done=ended")


async def second_reset(request: Request) -> Response:
    """Resets a lost second step."""
    session, id = await full_session(request), await _id(request)
    handed = await service.second_factor_reset(
        by=session.actor, person=id, settings=settings_of(request), now=now_of(request)
    )
    return _handed(request, session, handed, "reset")


async def _id(request: Request) -> int:
    return _number((await typed(request)).get("id", ""))


def _number(text: str) -> int:
    """The number of a row. Raises NotFound for anything else."""
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise NotFound()
    return int(text)
