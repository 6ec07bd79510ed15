"""Signing in: a password, then the second factor. Guessing is slowed, and no answer says whether an account is there."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from directory.domain.access import Actor, needs_second_factor
from directory.domain.notices import EMAIL
from directory.domain.people import Account, Session, SignedIn, WrongSignIn
from directory.domain.sign_in import (
    FRESH,
    FULL,
    OF_ACCOUNT,
    OF_CODE,
    OF_CODES,
    PASSWORD_GIVEN,
    SET_UP,
    fold_email,
)
from directory.domain.tokens import SECOND_FACTOR, code_read, token_hash
from directory.services import credentials
from directory.services.links import link_show, link_take
from directory.services.notices import notice_queue
from directory.services.sessions import account_now, session_begin
from directory.services.throttle import Paces, forgive, paces_of, slow_down
from directory.settings import Settings
from directory.storage import accounts, db, records
from directory.storage import sessions as storage


async def sign_in(
    *, email: str, password: str, known: str = "", address: str, device: str, settings: Settings, now: datetime
) -> SignedIn:
    """Takes name and password. `address` is the network address, of which a keyed hash of its first part is kept for a day.

    `known` is what the browser kept from an earlier time (services/throttle.py). Raises TooSoon, or WrongSignIn for a name that nobody has as for a wrong password, after the same work.
    """
    paces = paces_of(email, address, settings, known=known)
    await slow_down(paces, settings=settings, now=now)
    account = await accounts.account_of_email(fold_email(email))
    stored = account.password_hash if account and account.is_active else None
    if not await credentials.password_fits(stored, password, settings) or account is None or stored is None:
        await _note_wrong(account, "password", now)
        raise WrongSignIn()
    renewed = await _renewed(stored, password, settings)
    async with db.staging():
        account = await account_now(person=account.id, password_hash=stored)
        await forgive(paces, settings=settings)
        await storage.tidy(now)
        if renewed:
            await accounts.person_set(account.id, password_hash=renewed)
        return await _begin(account, first_stage(account), device, known, settings, now)


async def _note_wrong(account: Account | None, what: str, now: datetime) -> None:
    """Writes down that somebody did not come in; for a name that nobody has the same, so that it takes the same time."""
    subject = f"person {account.id}" if account else "nobody"
    await records.access_log(at=now, by="sign-in page", action=f"wrong-{what}", subject=subject, details={})


def first_stage(account: Account) -> str:
    """What comes after the password."""
    if account.totp_secret:
        return PASSWORD_GIVEN
    return SET_UP if needs_second_factor(account.grants, is_demo=account.is_demo) else FULL


async def _renewed(stored: str, password: str, settings: Settings) -> str | None:
    if not credentials.is_outdated(stored, settings):
        return None
    return await credentials.password_hash(password, settings)


async def _begin(account: Account, stage: str, device: str, known: str, settings: Settings, now: datetime) -> SignedIn:
    """Begins the session and writes it down; a half-way stage is not yet a sign-in. Needs a transaction."""
    begun = await session_begin(account=account, stage=stage, device=device, settings=settings, now=now)
    subject = f"person {account.id}"
    if stage == FULL and not credentials.device_number(known, account.email, settings):
        await _tell_owner(account, begun, settings, now)
    action = "sign-in" if stage == FULL else "sign-in-begun"
    await records.audit(at=now, by=subject, action=action, subject=subject, details={"stage": stage})
    return begun


async def _tell_owner(account: Account, begun: SignedIn, settings: Settings, now: datetime) -> None:
    """Writes to the owner that somebody has come in with a browser that was never used for this."""
    if not settings.smtp_url or account.is_demo:
        return
    await notice_queue(
        channel=EMAIL,
        to=account.email,
        template="new-sign-in",
        language=account.language,
        values={"link": f"{settings.base_url.rstrip('/')}/account"},
        dedup_key=f"new-sign-in {token_hash(begun.token)[:32]}",
        now=now,
    )


async def second_factor_give(
    *, session: Session, code: str, known: str = "", settings: Settings, now: datetime
) -> SignedIn:
    """Takes a code of the authenticator app, or a recovery code, and ends signing in with a new session.

    Raises TooSoon or WrongSignIn; a code that was used already is as wrong as any other.
    """
    account = session.account
    if session.stage != PASSWORD_GIVEN:
        raise WrongSignIn()
    paces = _paces_of_code(session, known, settings)
    await slow_down(paces, settings=settings, now=now)
    try:
        async with db.staging():
            taken = await _take_code(account, code, settings, now)
            if not taken or not await storage.end(session.key, person=account.id):
                raise WrongSignIn()
            await forgive(paces, settings=settings)
            return await _begin(account, FULL, session.device, known, settings, now)
    except WrongSignIn:
        await _note_wrong(account, "code", now)
        raise


def _paces_of_code(session: Session, known: str, settings: Settings) -> Paces:
    """A known device counts by itself; so does each half-finished session, up to what all of them may try together."""
    if number := credentials.device_number(known, session.account.email, settings):
        return {f"code device {number}": OF_CODE}
    return {f"code session {session.key}": OF_CODE, f"code {session.account.id}": OF_CODES}


async def _take_code(account: Account, code: str, settings: Settings, now: datetime) -> bool:
    """Whether the code is right and was not used before. Needs a transaction."""
    letters = code_read(code)
    if letters:
        return await accounts.code_take(account.id, credentials.recovery_hash(letters, settings), now)
    secret = credentials.unsealed(account.totp_secret or "", settings)
    step = credentials.totp_step(secret, code, now) if secret else None
    return step is not None and await accounts.step_take(account.id, step)


async def second_factor_renew(*, token: str, password: str, device: str, settings: Settings, now: datetime) -> SignedIn:
    """Takes link and password in the place of a lost second factor, which is gone from here on; a new one is the next step.

    Raises DeadLink, TooSoon, or WrongSignIn, after which the link is still good.
    """
    link = await link_show(purpose=SECOND_FACTOR, token=token, now=now)
    account = await accounts.account(link.person or 0)
    assert account is not None  # a link goes with its person
    paces = {f"link {token_hash(token)}": OF_ACCOUNT}  # of which strangers have none
    await slow_down(paces, settings=settings, now=now)
    stored = account.password_hash if account.is_active else None
    if not await credentials.password_fits(stored, password, settings):
        raise WrongSignIn()
    async with db.staging():
        await link_take(purpose=SECOND_FACTOR, token=token, now=now)
        account = await account_now(person=account.id, password_hash=stored)
        await forgive(paces, settings=settings)
        await accounts.person_set(account.id, totp_secret=None, totp_step=None)
        await accounts.codes_replace(account.id, ())
        await storage.end_all(account.id)
        return await _begin(account, first_stage(replace(account, totp_secret=None)), device, "", settings, now)


async def sign_in_again(
    *, session: Session, by: Actor, password: str, code: str, settings: Settings, now: datetime
) -> None:
    """Asks somebody who is signed in for password and code once more, and counts the session as fresh.

    Raises TooSoon or WrongSignIn.
    """
    account = session.account
    paces = {f"session {session.key}": OF_ACCOUNT}  # of which strangers have none
    paces |= {f"code session {session.key}": OF_CODE} if account.totp_secret else {}
    await slow_down(paces, settings=settings, now=now)
    if by.person != account.id or not await credentials.password_fits(account.password_hash, password, settings):
        raise WrongSignIn()
    async with db.staging():
        account = await account_now(person=account.id, password_hash=account.password_hash)
        if account.totp_secret and not await _take_code(account, code, settings, now):
            raise WrongSignIn()
        await forgive(paces, settings=settings)
        await storage.change(session.key, fresh_until=now + FRESH)
        await records.audit(at=now, by=by.label, action="sign-in-again", subject=by.label, details={})
