"""Who works here: for a coordinator the people of the own agency, for an administrator everybody. Invite, end a role, help with a lost phone."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from directory.domain.access import SITE, Action, Actor, Grant, Role, demand, grantable, granted_anywhere, reach_of
from directory.domain.errors import NotFound
from directory.domain.people import Session, UnfitFields
from directory.domain.sign_in import FORM
from directory.i18n import gettext
from directory.services import people as service
from directory.services.credentials import new_token
from directory.services.demo_people import demo_roles
from directory.services.invitations import agency_options, person_invite
from directory.services.links import Handed
from directory.web.accounts import full_session
from directory.web.fields import Field, FormView, again, form_page, signed_page, typed
from directory.web.forms import number_of
from directory.web.presenters import Link
from directory.web.presenters_accounts import ROLE_HINTS, person_card, role_name
from directory.web.presenters_form import Choice
from directory.web.responses import see_other
from directory.web.sessions import is_local
from directory.web.site import now_of, settings_of

_ = gettext

PEOPLE, INVITE = "/people", "/people/invite"


async def people(request: Request) -> Response:
    """Everybody within reach, or of one agency, with what can be done about their account."""
    session, now = await full_session(request), now_of(request)
    agency = _agency_asked(request)
    listed = await service.people_list(by=session.actor, now=now, agency=agency)
    named = [each for each in await agency_options(by=session.actor) if each.id == agency]
    context = {
        "title": _("People"),
        "cards": [person_card(each, session) for each in listed],
        "agency": named[0] if named else None,
        "done": request.query_params.get("done", ""),
    }
    return signed_page(request, "accounts/people.html", session, context)


def _agency_asked(request: Request) -> int | None:
    """The agency that the address names, if any. Raises NotFound for what is no number."""
    text = request.query_params.get("agency", "")
    return number_of(text) if text else None


# --- inviting --------------------------------------------------------------------------------------------------------


async def invite_form(request: Request) -> Response:
    """The form to invite somebody; there must be time enough left to fill it in."""
    session, now = await full_session(request), now_of(request)
    demand(session.actor, Action.GRANT_ROLE, SITE, now=now + FORM)
    view = await _invite_view(session, agency=_agency_asked(request), notice=await _demo_notice(request))
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
        view = await _invite_view(session, values.get("once", ""), notice=await _demo_notice(request))
        lists = {"trusted": [values["trusted"]]} if "trusted" in values else {}
        return again(request, _("Invite somebody"), view, values, error, "", session=session, lists=lists)
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
    return Grant(Role(role), number_of(agency) if agency else None, values.get("trusted") == "yes")


async def _demo_notice(request: Request) -> str:
    """In a demonstration, what an invitation that is taken does to it."""
    if not is_local(request) or not await demo_roles(settings=settings_of(request)):
        return ""
    return _(
        "As soon as somebody takes an invitation, the sign-in with one click ends for all made-up people. To have it again, start with a new database."
    )


async def _invite_view(session: Session, once: str = "", agency: int | None = None, notice: str = "") -> FormView:
    actor = session.actor
    agencies = [Choice(str(each.id), each.name, each.id == agency) for each in await agency_options(by=actor)]
    hint = _("In agencies that are not yours you can invite editors.") if granted_anywhere(actor) else ""
    if reach_of(actor, Action.GRANT_ROLE) is None:
        agencies.insert(0, Choice("", _("The whole site"), False))
        hint = _("The whole site is for oversight and administrators.")
    trusted = Choice("yes", _("Show what they change at once"), False)
    fields = (
        Field("name", _("Name")),
        Field("email", _("E-mail address"), "email"),
        Field("role", _("Role"), choices=_role_choices(actor, agency)),
        Field("agency", _("Agency"), choices=tuple(agencies), hint=hint),
        Field("trusted", _("An editor you trust"), choices=(trusted,), many=True),
        Field(
            "language",
            _("Language of the letter"),
            choices=(Choice("en", "English", True), Choice("es", "Español", False)),
        ),
    )
    hidden = {"once": once or new_token()}
    links = (Link(_("Back to people"), PEOPLE),)
    return FormView(INVITE, _("Invite"), fields, notice=notice, hidden=hidden, links=links)


def _role_choices(actor: Actor, agency: int | None) -> tuple[Choice, ...]:
    """The roles to give; in an agency that is not one's own that of an editor is chosen."""
    own, anywhere = reach_of(actor, Action.GRANT_ROLE), granted_anywhere(actor)
    is_elsewhere = agency is not None and own is not None and agency not in own
    return tuple(
        Choice(str(role), f"{role_name(role)}: {_(ROLE_HINTS[role])}", is_elsewhere and role in anywhere)
        for role in grantable(actor)
    )


# --- changes ---------------------------------------------------------------------------------------------------------


async def role_end(request: Request) -> Response:
    """Ends a role."""
    session, id = await full_session(request), await _id(request)
    await service.grant_end(by=session.actor, id=id, now=now_of(request))
    return see_other(f"{PEOPLE}?done=ended")


async def role_trust(request: Request) -> Response:
    """Lets an editor publish at once, or takes that back."""
    session, values = await full_session(request), await typed(request)
    id, is_trusted = number_of(values.get("id", "")), values.get("trusted") == "yes"
    await service.grant_trust(by=session.actor, id=id, is_trusted=is_trusted, now=now_of(request))
    return see_other(f"{PEOPLE}?done=trusted")


async def second_reset(request: Request) -> Response:
    """Resets a lost second step."""
    session, id = await full_session(request), await _id(request)
    handed = await service.second_factor_reset(
        by=session.actor, person=id, settings=settings_of(request), now=now_of(request)
    )
    return _handed(request, session, handed, "reset")


async def _id(request: Request) -> int:
    return number_of((await typed(request)).get("id", ""))
