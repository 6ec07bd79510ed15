"""Sessions: begun, found by their cookie, shown to whom they belong, ended. What the browser holds is a random token and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from directory.domain.access import VISITOR, Action, Actor, Thing, demand, needs_second_factor
from directory.domain.people import Account, Session, SignedIn, WrongSignIn
from directory.domain.sign_in import FRESH, FULL, SEEN_EVERY, SET_UP, has_ended, limits_of
from directory.domain.tokens import token_hash
from directory.services.credentials import known_device, new_token
from directory.settings import Settings
from directory.storage import accounts, db, records
from directory.storage import sessions as storage
from directory.storage.records import LONGEST_SUBJECT


async def session_begin(
    *,
    account: Account,
    stage: str,
    device: str,
    settings: Settings,
    now: datetime,
    fresh_until: datetime | None = None,
) -> SignedIn:
    """Begins a session at this stage. Belongs into the transaction of what led to it.

    It is fresh until `fresh_until`, or without it for as long as after any sign-in.
    """
    token, limits = new_token(), limits_of(account.grants, stage)
    ends_at = now + limits.absolute
    await storage.add(
        key=token_hash(token),
        person=account.id,
        stage=stage,
        device=device[:40],
        now=now,
        # An invented person has no password to show once more.
        fresh_until=ends_at if account.is_demo else fresh_until or now + FRESH,
        ends_at=ends_at,
    )
    is_known = stage == FULL and not account.is_demo
    return SignedIn(token, ends_at, stage, known_device(account.email, settings) if is_known else "")


async def account_now(*, person: int, password_hash: str | None) -> Account:
    """The account as it is within this transaction: hashing a password takes long enough for others to change it.

    Raises WrongSignIn where it cannot be used any more, or where the hash that was compared is not its hash any more.
    """
    account = await accounts.account(person)
    if account is None or not account.is_active or account.password_hash != password_hash:
        raise WrongSignIn()
    return account


async def session_find(*, token: str, now: datetime) -> Session | None:
    """The live session of this cookie: one read. Once a minute at the most it notes the sign of life."""
    key = token_hash(token)
    session = await storage.find(key) if key else None
    if session is None or session.account.disabled_at or not session.account.grants:
        return None
    limits = limits_of(session.account.grants, session.stage)
    if has_ended(now, seen_at=session.seen_at, ends_at=session.ends_at, idle=limits.idle):
        return None
    if now - session.seen_at >= SEEN_EVERY:  # one statement, and nothing that belongs together with another
        await storage.change(key, seen_at=now)
    return _at_stage(session)


def _at_stage(session: Session) -> Session:
    """Nobody who needs a second factor is in without one, whatever they were when they came in."""
    account = session.account
    is_due = needs_second_factor(account.grants, is_demo=account.is_demo) and not account.totp_secret
    return replace(session, stage=SET_UP) if session.stage == FULL and is_due else session


def actor_of_session(session: Session | None) -> Actor:
    """Who asks, to the rest of the site."""
    return session.actor if session else VISITOR


async def session_list(*, by: Actor, now: datetime) -> tuple[Session, ...]:
    """Where somebody is signed in, the latest sign of life first."""
    person = _own(by, now)
    sessions = await storage.of_person(person)
    idle = limits_of(by.grants, "").idle
    return tuple(each for each in sessions if not has_ended(now, seen_at=each.seen_at, ends_at=each.ends_at, idle=idle))


async def session_revoke(*, by: Actor, key: str, now: datetime) -> None:
    """Ends one of somebody's own sessions; one that is over already is no mistake."""
    person = _own(by, now)
    async with db.staging():
        if await storage.end(key, person=person):
            await records.audit(at=now, by=by.label, action="session-end", subject=by.label, details={})


async def sign_out(*, session: Session, now: datetime) -> None:
    """Ends this session."""
    subject = f"person {session.account.id}"
    async with db.staging():
        if await storage.end(session.key, person=session.account.id):
            await records.audit(at=now, by=subject, action="sign-out", subject=subject, details={})


async def refusal_note(*, by: Actor, what: str, now: datetime) -> None:
    """Writes into the access log that somebody who is signed in asked for what they may not do. `what` is a path, without its question."""
    await records.access_log(at=now, by=by.label, action="refused", subject=what[:LONGEST_SUBJECT], details={})


def _own(by: Actor, now: datetime) -> int:
    demand(by, Action.KEEP_OWN_ACCOUNT, Thing(by.person), now=now)
    assert by.person is not None
    return by.person
