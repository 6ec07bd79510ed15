"""What those who supervise do with other people's accounts: see them, end a role, help with a lost second factor, close one."""

from __future__ import annotations

from datetime import datetime

from directory.domain.access import (
    SITE,
    Action,
    Actor,
    Allowed,
    Grant,
    Role,
    Thing,
    demand,
    granted_anywhere,
    may,
    reach_of,
)
from directory.domain.errors import NotFound
from directory.domain.people import Account, Held, LastAdministrator, Listed
from directory.domain.sign_in import fold_email
from directory.domain.tokens import INVITATION, SECOND_FACTOR
from directory.services.bridge.leaving import ties_end
from directory.services.links import PATHS, Handed, link_hand
from directory.services.role_offers import offers_drop
from directory.settings import Settings
from directory.storage import accounts, db, records
from directory.storage import sessions as storage

SITES = Grant(Role.ADMINISTRATOR)
"""The role that somebody always has to have."""


async def people_list(*, by: Actor, now: datetime, agency: int | None = None) -> tuple[Listed, ...]:
    """Everybody with a role in the agencies of a coordinator, or everybody for an administrator; or those of one `agency`.

    In an agency that is not their own a coordinator sees those whose roles are theirs to give anywhere. Raises Denied. Names and
    addresses are in it: that somebody looked is in the access log.
    """
    demand(by, Action.SEE_PEOPLE, SITE, now=now)
    reach = reach_of(by, Action.SEE_PEOPLE)
    if agency is None:
        found = await accounts.people(reach)
    elif reach is None or agency in reach:
        found = await accounts.people([agency])
    else:
        found = await accounts.people([agency], roles=sorted(granted_anywhere(by)))
    details = {"number": len(found)} | ({"agency": agency} if agency else {})
    await records.access_log(at=now, by=by.label, action="see", subject="people", details=details)
    return tuple(found)


async def roles_of(*, by: Actor, now: datetime) -> tuple[Held, ...]:
    """What somebody is here, with the names of the agencies."""
    demand(by, Action.KEEP_OWN_ACCOUNT, Thing(by.person), now=now)
    listed = await accounts.people(None, person=by.person)
    return listed[0].held if listed else ()


async def grant_end(*, by: Actor, id: int, now: datetime) -> None:
    """Ends somebody's role, which counts from the next page on. Who looks after the whole account also signs them out everywhere.
    What they have offered and may not offer any more ends with it, and with the last role in an agency what binds them to its peers.

    Raises NotFound where there is no such live grant, Denied where it is out of reach, LastAdministrator where nobody would be left
    for the whole site.
    """
    found = await accounts.grant_find(id)
    if found is None:
        demand(by, Action.SEE_PEOPLE, SITE, now=now)
        raise NotFound()
    person, grant = found
    demand(by, Action.END_ROLE, Thing(person, (grant,)), now=now)
    async with db.staging():
        account = await accounts.account(person)
        if account and grant == SITES:
            await _other_check(account)
        if account and await accounts.grant_end(id, now):
            is_all = reach_of(by, Action.END_ROLE) is None or all(held.agency == grant.agency for held in account.held)
            if is_all and isinstance(may(by, Action.END_ROLE, account.thing, now=now), Allowed):
                await storage.end_all(person)
            await offers_drop(giver=person, now=now)
            await ties_end(person=person, by=by.label, now=now)
            details = {"role": str(grant.role), "agency": grant.agency}
            await records.audit(at=now, by=by.label, action="role-end", subject=f"person {person}", details=details)


async def grant_trust(*, by: Actor, id: int, is_trusted: bool, now: datetime) -> None:
    """Lets what an editor changes be published at once, or takes that back. Raises NotFound or Denied as for `grant_end`."""
    found = await accounts.grant_find(id)
    if found is None or found[1].role is not Role.EDITOR:
        demand(by, Action.SEE_PEOPLE, SITE, now=now)
        raise NotFound()
    person, grant = found
    demand(by, Action.GRANT_ROLE, Thing(person, (grant,)), now=now)
    async with db.staging():
        if await accounts.grant_trust(id, is_trusted):
            details = {"role": str(grant.role), "agency": grant.agency, "trusted": is_trusted}
            await records.audit(at=now, by=by.label, action="role-trust", subject=f"person {person}", details=details)


async def second_factor_reset(*, by: Actor, person: int, settings: Settings, now: datetime) -> Handed:
    """Helps with a lost second factor: makes a link behind which the person, with the password, sets up a new one.

    Until then the old one stands, so that a coordinator who was fooled has weakened nothing. Raises NotFound or Denied.
    """
    account = await accounts.account(person)
    if account is None:
        demand(by, Action.SEE_PEOPLE, SITE, now=now)
        raise NotFound()
    demand(by, Action.RESET_SECOND_FACTOR, account.thing, now=now)
    async with db.staging():
        handed = await link_hand(purpose=SECOND_FACTOR, account=account, settings=settings, now=now)
        subject = f"person {account.id}"
        await records.audit(at=now, by=by.label, action="second-factor-reset", subject=subject, details={})
    return handed


async def person_disable(*, by: str, email: str, now: datetime) -> None:
    """Closes an account, for the command line: no sign-in, no session, no link. Raises NotFound or LastAdministrator."""
    account = await _by_email(email)
    async with db.staging():
        await _other_check(account)
        await accounts.person_set(account.id, disabled_at=now)
        await _end_ways(account.id, now)
        await ties_end(person=account.id, by=by, now=now)
        await records.audit(at=now, by=by, action="disable", subject=f"person {account.id}", details={})


async def person_reset(*, by: str, email: str, settings: Settings, now: datetime) -> Handed:
    """For the command line, when nobody else can help: forgets password and second factor, and opens a closed account again.

    Gives a link like that of an invitation. Raises NotFound.
    """
    account = await _by_email(email)
    async with db.staging():
        await account_restart(person=account.id, now=now)
        await accounts.person_set(account.id, disabled_at=None)
        handed = await link_hand(purpose=INVITATION, account=account, settings=settings, now=now, is_vouched=True)
        await records.audit(at=now, by=by, action="reset", subject=f"person {account.id}", details={})
    return handed


async def account_restart(*, person: int, now: datetime) -> Account:
    """Forgets password and second factor and ends every way in: what comes next is an invitation. Needs a transaction."""
    await accounts.person_set(person, password_hash=None, totp_secret=None, totp_step=None, proven_at=None)
    await accounts.codes_replace(person, ())
    await _end_ways(person, now)
    account = await accounts.account(person)
    assert account is not None  # people are never deleted, but for invented ones
    return account


async def _other_check(account: Account) -> None:
    """Raises LastAdministrator where nobody but this one is left for the whole site. Needs a transaction, in which others wait."""
    if await accounts.administrators(is_demo=account.is_demo) == [account.id]:
        raise LastAdministrator()


async def _end_ways(person: int, now: datetime) -> None:
    await storage.end_all(person)
    for purpose in PATHS:
        await storage.links_end(person, purpose, now)


async def _by_email(email: str) -> Account:
    account = await accounts.account_of_email(fold_email(email))
    if account is None or account.is_demo:
        raise NotFound()
    return account
