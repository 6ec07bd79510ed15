"""What those who supervise do with other people's accounts: see them, end a role, help with a lost second factor, close one."""

from __future__ import annotations

from datetime import datetime

from directory.domain.access import SITE, Action, Actor, Allowed, Thing, demand, may, reach_of
from directory.domain.errors import NotFound
from directory.domain.people import Account, Held, Listed
from directory.domain.sign_in import fold_email
from directory.domain.tokens import INVITATION, SECOND_FACTOR
from directory.services.links import PATHS, Handed, link_hand
from directory.settings import Settings
from directory.storage import accounts, db, records
from directory.storage import sessions as storage


async def people_list(*, by: Actor, now: datetime) -> tuple[Listed, ...]:
    """Everybody with a role in the agencies of a coordinator, or everybody for an administrator. Raises Denied.

    Names and addresses are in it: that somebody looked is in the access log.
    """
    demand(by, Action.SEE_PEOPLE, SITE, now=now)
    found = tuple(await accounts.people(reach_of(by, Action.SEE_PEOPLE)))
    await records.access_log(at=now, by=by.label, action="see", subject="people", details={"number": len(found)})
    return found


async def roles_of(*, by: Actor, now: datetime) -> tuple[Held, ...]:
    """What somebody is here, with the names of the agencies."""
    demand(by, Action.KEEP_OWN_ACCOUNT, Thing(by.person), now=now)
    listed = await accounts.people(None, person=by.person)
    return listed[0].held if listed else ()


async def grant_end(*, by: Actor, id: int, now: datetime) -> None:
    """Ends somebody's role, which counts from the next page on. Who looks after the whole account also signs them out everywhere.

    Raises NotFound where there is no such live grant, Denied where it is out of reach.
    """
    found = await accounts.grant_find(id)
    if found is None:
        demand(by, Action.SEE_PEOPLE, SITE, now=now)
        raise NotFound()
    person, grant = found
    demand(by, Action.END_ROLE, Thing(person, (grant,)), now=now)
    async with db.staging():
        account = await accounts.account(person)
        if account and await accounts.grant_end(id, now):
            if isinstance(may(by, Action.END_ROLE, account.thing, now=now), Allowed):
                await storage.end_all(person)
            details = {"role": str(grant.role), "agency": grant.agency}
            await records.audit(at=now, by=by.label, action="role-end", subject=f"person {person}", details=details)


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
    """Closes an account, for the command line: no sign-in, no session, no link. Raises NotFound."""
    account = await _by_email(email)
    async with db.staging():
        await accounts.person_set(account.id, disabled_at=now)
        await _end_ways(account.id, now)
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


async def _end_ways(person: int, now: datetime) -> None:
    await storage.end_all(person)
    for purpose in PATHS:
        await storage.links_end(person, purpose, now)


async def _by_email(email: str) -> Account:
    account = await accounts.account_of_email(fold_email(email))
    if account is None or account.is_demo:
        raise NotFound()
    return account
