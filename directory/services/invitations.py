"""How somebody gets an account: by an invitation that is good once, for three days. There is no other way in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from directory.domain.access import (
    OF_THE_SITE,
    Action,
    Actor,
    Allowed,
    Denied,
    Grant,
    Role,
    Thing,
    demand,
    granted_anywhere,
    may,
    needs_second_factor,
    reach_of,
)
from directory.domain.agencies import AgencyValues
from directory.domain.errors import Problem
from directory.domain.people import Account, Agency, DeadLink, SignedIn, UnfitFields
from directory.domain.sign_in import FULL, SET_UP, email_problems, fold_email, name_problems
from directory.domain.tokens import INVITATION
from directory.i18n import LANGUAGES
from directory.services import credentials
from directory.services.links import PROVES, Handed, form_take, link_hand, link_show, link_take
from directory.services.own_account import password_checked
from directory.services.people import account_restart
from directory.services.role_offers import offer_make
from directory.services.sessions import session_begin
from directory.settings import Settings
from directory.storage import accounts, agencies, db, records
from directory.storage import sessions as storage

OF_THEIR_OWN = ("peer", "oversight")
"""The kinds of agency whose editors only its own coordinators, and administrators, invite."""
ADDED = Handed(None, 0, False, is_added=True)
"""The role went to an account that is in use, or closed."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """What the page of an invitation shows."""

    person: int
    name: str
    email: str


async def person_invite(
    *,
    by: Actor | str,
    grant: Grant,
    email: str,
    name: str,
    settings: Settings,
    now: datetime,
    language: str = "en",
    form: str | None = None,
) -> Handed | None:
    """Gives somebody a role, and a link where they have no password yet. None where this `form` was taken before.

    `by` is who asks, or the label of the command line, which may do anything. To an account with roles in another agency, or above the
    inviter's, the role is offered: its owner accepts, and what comes back is the same as for somebody new. One whose address nobody has
    proven, or that has no role, starts anew: whoever holds it must not rise with it. One all of whose agencies have closed
    cannot sign in to accept: a role that counts comes from who looks after the whole site. Raises Denied, and UnfitFields for what was typed.
    """
    grant = replace(grant, trusted=grant.trusted and grant.role is Role.EDITOR)
    if isinstance(by, Actor):
        await _may_invite(by, grant, now)
    await _check(grant, email, name)
    async with db.staging():
        if form is not None and not await form_take(token=form, now=now):
            return None
        account = await _account(fold_email(email), name.strip(), language, now)
        label = by.label if isinstance(by, Actor) else by
        if _is_theirs(by, grant, account, now):
            return await _given(by, label, grant, account, settings, now)
        handed = await offer_make(by=label, grant=grant, account=account, settings=settings, now=now)
        details = {"role": str(grant.role), "agency": grant.agency, "trusted": grant.trusted}
        await records.audit(at=now, by=label, action="role-offer", subject=f"person {account.id}", details=details)
        return handed


async def _may_invite(by: Actor, grant: Grant, now: datetime) -> None:
    """Raises Denied where the role is not theirs to give, and UnfitFields where only other roles of that agency are."""
    own = reach_of(by, Action.GRANT_ROLE)
    is_elsewhere = own is not None and grant.agency not in own
    is_offered = is_elsewhere and any(each.id == grant.agency for each in await agency_options(by=by))
    if is_offered and grant.role not in granted_anywhere(by):
        raise UnfitFields([Problem("role", "editors-only", str(grant.role))])
    demand(by, Action.GRANT_ROLE, Thing(grants=(grant,)), now=now)
    if is_elsewhere and not is_offered:
        raise Denied("not-yours")


async def _given(
    by: Actor | str, label: str, grant: Grant, account: Account, settings: Settings, now: datetime
) -> Handed:
    """Writes the grant, and makes the link where one is needed. Needs a transaction."""
    is_new, handed = await accounts.grant_add(account.id, grant, by=label, now=now), ADDED
    if is_new:  # a session that began with less may lack the second factor, or last too long
        await storage.end_all(account.id)
    if _starts_anew(by, account):
        account = await account_restart(person=account.id, now=now)
    if not account.password_hash and not account.disabled_at:
        handed = await link_hand(purpose=INVITATION, account=account, settings=settings, now=now, is_vouched=_rules(by))
    details = {"role": str(grant.role), "agency": grant.agency, "trusted": grant.trusted}
    details |= {"new": is_new, "link": handed is not ADDED}
    await records.audit(at=now, by=label, action="invite", subject=f"person {account.id}", details=details)
    return handed


async def _check(grant: Grant, email: str, name: str) -> None:
    problems = [*name_problems(name), *email_problems(email)]
    if grant.agency is not None and grant.role is Role.ADMINISTRATOR:
        problems.append(Problem("agency", "of-the-site", str(grant.agency)))
    if grant.agency is None and grant.role not in OF_THE_SITE:
        problems.append(Problem("agency", "missing", ""))
    if grant.agency is not None and not await accounts.agencies([grant.agency]):
        problems.append(Problem("agency", "missing", str(grant.agency)))
    if problems:
        raise UnfitFields(problems)


async def _account(email: str, name: str, language: str, now: datetime) -> Account:
    spoken = language if language in LANGUAGES else LANGUAGES[0]
    id = await accounts.person_add(email=email, name=name, language=spoken, now=now)
    found = await (accounts.account(id) if id else accounts.account_of_email(email))
    assert found is not None
    if found.is_demo:  # who has no password, and must not get one
        raise UnfitFields([Problem("email", "taken", email)])
    return found


def _is_theirs(by: Actor | str, grant: Grant, account: Account, now: datetime) -> bool:
    """Whether the inviter may add to this account unasked: all that it holds already lies in the same agency and is theirs to give.

    What rests with a closed agency counts too: it comes back.
    """
    if isinstance(by, str) or _rules(by):
        return True
    is_near = all(held.agency == grant.agency for held in account.held)
    return is_near and isinstance(may(by, Action.GRANT_ROLE, Thing(grants=account.held), now=now), Allowed)


def _rules(by: Actor | str) -> bool:
    """Whether the inviter looks after the whole site."""
    return isinstance(by, str) or reach_of(by, Action.GRANT_ROLE) is None


def _starts_anew(by: Actor | str, account: Account) -> bool:
    """Whether password and second factor go: any coordinator may have opened this account, under an address that is somebody else's."""
    if not account.password_hash or (isinstance(by, Actor) and by.person == account.id):
        return False
    return not account.held or (_rules(by) and account.proven_at is None)


async def invitation_show(*, token: str, now: datetime) -> Invitation:
    """What the page of an invitation shows; looking at it does not use it up. Raises DeadLink."""
    link = await link_show(purpose=INVITATION, token=token, now=now)
    account = await accounts.account(link.person or 0)
    assert account is not None  # a link goes with its person
    if not account.grants or account.is_demo:  # taken back, or never to be had
        raise DeadLink()
    return Invitation(account.id, account.name, account.email)


async def invitation_take(
    *, token: str, name: str, password: str, language: str, device: str, settings: Settings, now: datetime
) -> SignedIn:
    """Opens the account with a name and a password, and signs the person in; a second factor that is due is the next step.

    Raises DeadLink, and UnfitFields for what was typed, after which the link is still good.
    """
    invitation = await invitation_show(token=token, now=now)
    problems = list(name_problems(name))
    problems += await password_checked(password, own=(invitation.email, name), settings=settings)
    if problems:
        raise UnfitFields(problems)
    hashed = await credentials.password_hash(password, settings)
    async with db.staging():
        link = await link_take(purpose=INVITATION, token=token, now=now)
        values = {"name": name.strip(), "language": language, "password_hash": hashed, "password_changed_at": now}
        await accounts.person_set(invitation.person, **values, proven_at=now if link.payload.get(PROVES) else None)
        await storage.end_demo()  # with a real person here nobody goes on being an invented one
        account = await accounts.account(invitation.person)
        assert account is not None
        stage = SET_UP if needs_second_factor(account.grants, is_demo=False) else FULL
        begun = await session_begin(account=account, stage=stage, device=device, settings=settings, now=now)
        label = f"person {account.id}"
        await records.audit(at=now, by=label, action="invitation-taken", subject=label, details={})
    return begun


async def agency_options(*, by: Actor) -> tuple[Agency, ...]:
    """The agencies for which somebody may invite people: the own ones, then, for editors alone, those that have no coordinator: of treatment or other help."""
    found = await accounts.agencies()
    if (own := reach_of(by, Action.GRANT_ROLE)) is None:
        return tuple(found)
    others = [each for each in found if each.id not in own and each.kind not in OF_THEIR_OWN and granted_anywhere(by)]
    return (*(each for each in found if each.id in own), *others)


async def agency_for(*, role: Role, name: str, by: str, settings: Settings, now: datetime) -> int | None:
    """The id of the agency with this name, for the command line; it is made, of the kind of the role, where it is not there.

    None without a name: the whole site. Raises UnfitFields for one that has closed.
    """
    if not name.strip():
        return None
    known = {agency.name.casefold(): agency.id for agency in await accounts.agencies()}
    if name.strip().casefold() in known:
        return known[name.strip().casefold()]
    kind = {Role.EDITOR: "treatment", Role.OVERSIGHT: "oversight"}.get(role, "peer")
    async with db.staging():
        id = await agencies.add(AgencyValues(name.strip(), kind, settings.timezone), now)
        if id is None:  # those that are open are known
            raise UnfitFields([Problem("agency", "agency-closed", name.strip())])
        await records.audit(at=now, by=by, action="agency-add", subject=f"agency {id}", details={"kind": kind})
    return id
