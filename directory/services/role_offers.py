"""One more role for somebody who has an account already: offered by a link, and theirs to accept or to decline once they have signed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from directory.domain.access import Action, Actor, Allowed, Grant, Role, Thing, demand, may, needs_second_factor
from directory.domain.people import Account, DeadLink, Link, Session, SignedIn
from directory.domain.sign_in import FRESH, FULL, SET_UP
from directory.domain.tokens import LIFETIME, ROLE, hours_of, token_hash
from directory.services.credentials import new_token
from directory.services.links import PROVES, Handed, address_of, letter_queue
from directory.services.names import person_of
from directory.services.sessions import session_begin
from directory.settings import Settings
from directory.storage import accounts, db, records
from directory.storage import sessions as storage


@dataclass(frozen=True, slots=True)
class Offer:
    """A role that waits for an answer. `key` names it in the form that answers it."""

    key: str
    grant: Grant
    agency_name: str


async def offer_make(*, by: str, grant: Grant, account: Account, settings: Settings, now: datetime) -> Handed:
    """Offers a role to the owner of an account, by a letter where mail is set up. Needs a transaction.

    What comes back is of the same shape as for an invitation, so that nobody learns from it who has an account.
    """
    for key, link in (await storage.links_of(account.id, ROLE, now)).items():
        if _grant(link.payload) == grant:  # only the last one is good
            await storage.link_take(key, ROLE, now)
    token, expires_at, is_mailed = new_token(), now + LIFETIME[ROLE], bool(settings.smtp_url)
    payload = {
        "role": str(grant.role), "agency": grant.agency, "trusted": grant.trusted, "by": by, PROVES: is_mailed
    }  # fmt: skip
    await storage.link_add(
        key=token_hash(token), purpose=ROLE, person=account.id, payload=payload, now=now, expires_at=expires_at
    )
    if is_mailed and account.is_active:
        await letter_queue(purpose=ROLE, token=token, account=account, settings=settings, now=now, until=expires_at)
    return Handed(address_of(ROLE, token, settings), hours_of(ROLE), is_mailed)


def _grant(payload: Mapping[str, object]) -> Grant:
    """The role that a link offers."""
    agency = payload["agency"]
    assert isinstance(agency, int)
    return Grant(Role(str(payload["role"])), agency, bool(payload["trusted"]))


async def offers_of(*, session: Session, now: datetime) -> tuple[Offer, ...]:
    """What somebody is offered, where it is known that the address is theirs; else only the letter that went there leads to it."""
    demand(session.actor, Action.KEEP_OWN_ACCOUNT, Thing(session.account.id), now=now)
    if session.account.proven_at is None:
        return ()
    found = [
        await _offer(key, link, now) for key, link in (await storage.links_of(session.account.id, ROLE, now)).items()
    ]
    return tuple(offer for offer in found if offer)


async def offer_show(*, session: Session, token: str, now: datetime) -> Offer:
    """What the link of a letter offers; looking at it does not use it up. Raises DeadLink, also for who it is not for, and Denied."""
    demand(session.actor, Action.KEEP_OWN_ACCOUNT, Thing(session.account.id), now=now)
    key = token_hash(token)
    link = await storage.link_find(key, ROLE, now)
    offer = await _offer(key, link, now) if link and _is_for(link, session.account, is_link=True) else None
    if offer is None:
        raise DeadLink()
    return offer


async def is_offer(*, token: str, now: datetime) -> bool:
    """Whether the link with this token offers a role, so that its page asks for a sign-in. Looking at it does not use it up."""
    return await storage.link_find(token_hash(token), ROLE, now) is not None


async def _offer(key: str, link: Link, now: datetime) -> Offer | None:
    """The offer of a link; None where the agency has closed meanwhile, or where who made it may not give the role any more."""
    grant = _grant(link.payload)
    agencies = await accounts.agencies([grant.agency or 0])
    if not agencies or not await _may_give(str(link.payload["by"]), grant, now):
        return None
    return Offer(key, grant, agencies[0].name)


async def _may_give(by: str, grant: Grant, now: datetime) -> bool:
    """Whether the person of this label may give a role now, had they just signed in. Nobody else makes offers."""
    person = person_of(by)
    giver = await accounts.account(person) if person else None
    if giver is None or giver.disabled_at:
        return False
    actor = Actor(giver.id, giver.grants, now + FRESH)
    return isinstance(may(actor, Action.GRANT_ROLE, Thing(grants=(grant,)), now=now), Allowed)


async def offers_drop(*, giver: int, now: datetime) -> None:
    """Ends what somebody has offered and may not give any more. Needs a transaction."""
    for key, link in (await storage.links_of(None, ROLE, now)).items():
        if link.payload["by"] == f"person {giver}" and await _offer(key, link, now) is None:
            await storage.link_take(key, ROLE, now)


def _is_for(link: Link, account: Account, *, is_link: bool) -> bool:
    """Whether the link is this account's, and its owner the one whom the address belongs to: known before, or by the letter's link."""
    is_proven = account.proven_at is not None or (is_link and bool(link.payload.get(PROVES)))
    return link.person == account.id and is_proven


async def offer_accept(
    *, session: Session, key: str = "", token: str = "", settings: Settings, now: datetime
) -> SignedIn:
    """Takes a role that was offered, by the key of the form or the token of the letter. Every session ends, and this one begins anew.

    A second factor that is due now is the next step. Raises DeadLink, also for what somebody else is offered, and Denied.
    """
    async with db.staging():
        offer, link = await _taken(session, key, token, now)
        person = session.account.id
        if token and link.payload.get(PROVES):
            await accounts.person_set(person, proven_at=session.account.proven_at or now)
        await accounts.grant_add(person, offer.grant, by=str(link.payload["by"]), now=now)
        await storage.end_all(person)
        account = await accounts.account(person)
        assert account is not None
        is_due = needs_second_factor(account.grants, is_demo=account.is_demo) and not account.totp_secret
        begun = await session_begin(
            account=account,
            stage=SET_UP if is_due else FULL,
            device=session.device,
            settings=settings,
            now=now,
            fresh_until=session.fresh_until,
        )
        await _audit("role-accepted", session, offer, now)
    return begun


async def offer_decline(*, session: Session, key: str = "", token: str = "", now: datetime) -> None:
    """Says no to a role that was offered. Raises DeadLink or Denied."""
    async with db.staging():
        offer, _ = await _taken(session, key, token, now)
        await _audit("role-declined", session, offer, now)


async def _taken(session: Session, key: str, token: str, now: datetime) -> tuple[Offer, Link]:
    """The offer, whose link is used up by this. Needs a transaction, which is undone where it is not this person's."""
    demand(session.actor, Action.KEEP_OWN_ACCOUNT, Thing(session.account.id), now=now)
    account = await accounts.account(session.account.id)
    key = token_hash(token) if token else key
    link = await storage.link_take(key, ROLE, now)
    offer = await _offer(key, link, now) if link else None
    if account is None or link is None or offer is None or not _is_for(link, account, is_link=bool(token)):
        raise DeadLink()
    return offer, link


async def _audit(action: str, session: Session, offer: Offer, now: datetime) -> None:
    details = {"role": str(offer.grant.role), "agency": offer.grant.agency, "trusted": offer.grant.trusted}
    label = session.actor.label
    await records.audit(at=now, by=label, action=action, subject=label, details=details)
