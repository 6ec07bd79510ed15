"""What people do with their own account: another password, a lost one, the second factor and its recovery codes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from directory.domain.access import Action, Actor, Thing, demand, needs_second_factor
from directory.domain.errors import Problem
from directory.domain.people import Account, Session, SignedIn, TooSoon, UnfitFields, WrongSignIn
from directory.domain.sign_in import (
    FULL,
    OF_ACCOUNT,
    OF_MAIL,
    OF_PREFIX,
    PASSWORD_GIVEN,
    email_problems,
    fold_email,
    password_problems,
    prefix_of,
)
from directory.domain.tokens import RESET, SECOND_FACTOR, code_read
from directory.services import credentials
from directory.services.links import link_hand, link_show, link_take
from directory.services.sessions import account_now, session_begin
from directory.services.throttle import forgive, slow_down
from directory.settings import Settings
from directory.storage import accounts, db, records
from directory.storage import sessions as storage

# --- the password ----------------------------------------------------------------------------------------------------


async def password_checked(password: str, *, own: Sequence[str], settings: Settings) -> tuple[Problem, ...]:
    """What keeps a password from being taken; nothing where it is good. `own` are the person's address and name."""
    words = [word for text in (*own, settings.site_name) for word in (text, *text.replace("@", " ").split()) if word]
    common = len(password) >= 1 and await credentials.is_common(password, words)
    return password_problems(password, own=words, is_common=common)


async def password_change(*, session: Session, old: str, new: str, settings: Settings, now: datetime) -> SignedIn:
    """Changes the password, ends every session, and begins a new one here, which is no fresher: no second factor was asked for.

    Raises TooSoon, WrongSignIn where the old password is wrong, and UnfitFields where the new one cannot be taken.
    """
    account = session.account
    demand(session.actor, Action.KEEP_OWN_ACCOUNT, Thing(account.id), now=now)
    paces = {f"session {session.key}": OF_ACCOUNT}
    await slow_down(paces, settings=settings, now=now)
    if not await credentials.password_fits(account.password_hash, old, settings):
        raise WrongSignIn()
    if problems := await password_checked(new, own=(account.email, account.name), settings=settings):
        raise UnfitFields(problems)
    hashed = await credentials.password_hash(new, settings)
    async with db.staging():
        account = await account_now(person=account.id, password_hash=account.password_hash)
        await _set_password(account.id, hashed, now)
        await forgive(paces, settings=settings)
        begun = await session_begin(
            account=account,
            stage=FULL,
            device=session.device,
            settings=settings,
            now=now,
            fresh_until=session.fresh_until,
        )
        label = session.actor.label
        await records.audit(at=now, by=label, action="password-change", subject=label, details={})
    return begun


async def _set_password(person: int, hashed: str, now: datetime) -> None:
    await accounts.person_set(person, password_hash=hashed, password_changed_at=now)
    await storage.end_all(person)
    for purpose in (RESET, SECOND_FACTOR):
        await storage.links_end(person, purpose, now)


async def password_reset_ask(*, email: str, address: str, settings: Settings, now: datetime) -> None:
    """Mails a link to set a new password where somebody has this address. Nobody is told whether somebody has.

    Raises UnfitFields for what is no address. A few letters an hour are all that anybody gets, and all that one network may ask for
    is slowed. How long it takes, the page hides (services/throttle.py).
    """
    if problems := email_problems(email):
        raise UnfitFields(problems)
    folded = fold_email(email)
    try:
        paces = {f"mail {folded}": OF_MAIL, f"mail network {prefix_of(address)}": OF_PREFIX}
        await slow_down(paces, settings=settings, now=now)
    except TooSoon:
        return
    account = await accounts.account_of_email(folded)
    if account is None or not account.is_active or not settings.smtp_url:
        return
    async with db.staging():
        await link_hand(purpose=RESET, account=account, settings=settings, now=now)
        # Whoever asked has not shown who they are.
        await records.audit(at=now, by="sign-in page", action="reset-link", subject=f"person {account.id}", details={})


async def password_reset_show(*, token: str, now: datetime) -> None:
    """Says whether the link is still good. Raises DeadLink."""
    await link_show(purpose=RESET, token=token, now=now)


async def password_reset_take(*, token: str, password: str, settings: Settings, now: datetime) -> str:
    """Sets a new password by a mailed link, ends every session, and forgets the tries that slowed the owner down.

    Gives what the browser is known by from here on: it has a slot of its own while others guess (services/throttle.py). The second
    factor stays: a mailbox alone signs nobody in. Raises DeadLink, or UnfitFields, after which the link is still good.
    """
    link = await link_show(purpose=RESET, token=token, now=now)
    account = await accounts.account(link.person or 0)
    assert account is not None  # a link goes with its person
    if problems := await password_checked(password, own=(account.email, account.name), settings=settings):
        raise UnfitFields(problems)
    hashed = await credentials.password_hash(password, settings)
    async with db.staging():
        await link_take(purpose=RESET, token=token, now=now)
        await _set_password(account.id, hashed, now)
        await accounts.person_set(account.id, proven_at=now)  # the link was mailed
        await storage.tries_forget(credentials.try_key(f"account {account.email}", settings))
        label = f"person {account.id}"
        await records.audit(at=now, by=label, action="password-reset", subject=label, details={})
    return credentials.known_device(account.email, settings)


# --- the second factor -----------------------------------------------------------------------------------------------


async def second_factor_offer(*, session: Session, settings: Settings, now: datetime) -> str:
    """The secret to put into an authenticator app, the same as long as this session lasts; it counts only once a code was given."""
    _may_set_up(session, now)
    known = credentials.unsealed(session.pending_secret, settings) if session.pending_secret else None
    if known:
        return known
    secret = credentials.new_totp_secret()
    await storage.change(session.key, pending_secret=credentials.sealed(secret, settings))
    return secret


async def second_factor_set(
    *, session: Session, code: str, settings: Settings, now: datetime
) -> tuple[SignedIn, list[str]]:
    """Turns the second factor on once a code of the app shows that it works; gives a new session and the recovery codes, once.

    Raises WrongSignIn where the code is not one of the secret on offer, or where the session, or what it began with, is no more.
    """
    _may_set_up(session, now)
    account, sealed = session.account, session.pending_secret
    secret = credentials.unsealed(sealed, settings) if sealed else None
    step = credentials.totp_step(secret, code, now) if secret else None
    if step is None:
        raise WrongSignIn()
    async with db.staging():
        account = await _still_due(session)
        await accounts.person_set(account.id, totp_secret=sealed, totp_step=step)
        codes = await _new_codes(account, settings)
        await storage.end_all(account.id)
        await storage.links_end(account.id, SECOND_FACTOR, now)
        begun = await session_begin(account=account, stage=FULL, device=session.device, settings=settings, now=now)
        label = f"person {account.id}"
        await records.audit(at=now, by=label, action="second-factor-set", subject=label, details={})
    return begun, codes


async def _still_due(session: Session) -> Account:
    """The account as it is within this transaction. Who has not come in yet must not replace a second factor that is there by now."""
    account = await accounts.account(session.account.id)
    if account is None or not await storage.end(session.key, person=account.id):
        raise WrongSignIn()
    if session.stage != FULL and account.totp_secret:
        raise WrongSignIn()
    return account


def _may_set_up(session: Session, now: datetime) -> None:
    """While signing in it is due; later it is one's own account, and a fresh sign-in guards it from a phone left lying about."""
    if session.stage == PASSWORD_GIVEN:
        raise WrongSignIn()
    if session.stage == FULL:
        demand(session.actor, Action.CHANGE_SECOND_FACTOR, Thing(session.account.id), now=now)


async def _new_codes(account: Account, settings: Settings) -> list[str]:
    codes = credentials.new_recovery_codes()
    await accounts.codes_replace(account.id, [credentials.recovery_hash(code_read(code), settings) for code in codes])
    return codes


async def recovery_codes_renew(*, session: Session, settings: Settings, now: datetime) -> list[str]:
    """New recovery codes in the place of the old ones. Raises Denied, also where there is no second factor."""
    actor, account = session.actor, session.account
    demand(actor, Action.CHANGE_SECOND_FACTOR, Thing(account.id), now=now)
    if not account.totp_secret:
        raise WrongSignIn()
    async with db.staging():
        codes = await _new_codes(account, settings)
        await records.audit(at=now, by=actor.label, action="recovery-codes", subject=actor.label, details={})
    return codes


async def recovery_codes_left(*, by: Actor, now: datetime) -> int:
    """How many recovery codes somebody has left."""
    demand(by, Action.KEEP_OWN_ACCOUNT, Thing(by.person), now=now)
    return await accounts.codes_left(by.person or 0)


def second_factor_is_due(account: Account) -> bool:
    """Whether this account cannot do without a second factor."""
    return needs_second_factor(account.grants, is_demo=account.is_demo)
