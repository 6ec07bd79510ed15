"""A role that somebody is offered who has an account: looked at behind a link or on one's account, accepted or declined.

Its link has the address of an invitation, so the pages of that address begin here; web/accounts.py has those of who is new.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from directory.domain.errors import NotFound
from directory.domain.people import DeadLink, Session
from directory.i18n import gettext
from directory.services import role_offers as service
from directory.web import accounts
from directory.web.accounts import full_session
from directory.web.fields import signed_page, typed
from directory.web.presenters_accounts import offer_line
from directory.web.responses import see_other
from directory.web.sign_in import ACCOUNT, dead_link, entered
from directory.web.site import now_of, settings_of

_ = gettext


async def page(request: Request) -> Response:
    """What somebody sees who was invited: the way to an account or, for who has one, the role. Looking does not use the link up."""
    token = request.path_params["token"]
    if not await service.is_offer(token=token, now=now_of(request)):
        return await accounts.invitation(request)
    session = await full_session(request)
    try:
        offer = await service.offer_show(session=session, token=token, now=now_of(request))
    except DeadLink:
        return _dead(request)
    context = {"title": _("A new role for you"), "role": offer_line(offer).text, "address": request.scope["path"]}
    return signed_page(request, "accounts/role.html", session, context)


async def send(request: Request) -> Response:
    """Opens the account; or, for who has one, yes or no to the role."""
    token = request.path_params["token"]
    if not await service.is_offer(token=token, now=now_of(request)):
        return await accounts.invitation_send(request)
    return await _answered(request, await full_session(request), token=token)


async def account_send(request: Request) -> Response:
    """Yes or no to what stands on one's account."""
    session, values = await full_session(request), await typed(request)
    return await _answered(request, session, key=values.get("key", ""))


async def _answered(request: Request, session: Session, *, key: str = "", token: str = "") -> Response:
    answer, now = (await typed(request)).get("answer", ""), now_of(request)
    try:
        if answer == "accept":
            begun = await service.offer_accept(
                session=session, key=key, token=token, settings=settings_of(request), now=now
            )
            return entered(request, begun, ACCOUNT)
        if answer != "decline":
            raise NotFound()
        await service.offer_decline(session=session, key=key, token=token, now=now)
    except DeadLink:
        return _dead(request)
    return see_other(ACCOUNT)


def _dead(request: Request) -> Response:
    return dead_link(request, _("Ask whoever invited you for a new one."))
