"""The invented people of the demonstration: one for each role, without a password, who can be had with one click on one's own machine."""

from __future__ import annotations

from datetime import datetime

from directory.domain.access import STAFF, Grant, Role
from directory.domain.errors import NotFound
from directory.domain.people import SignedIn
from directory.domain.sign_in import FULL
from directory.services.sessions import session_begin
from directory.settings import Settings
from directory.storage import accounts, db, records, sources

PEERS, CLINIC = "Larkspur Peer Bridge", "Cottonwood Withdrawal Care"
PEOPLE = (
    (Role.PEER, "Pia Fen", PEERS),
    (Role.COORDINATOR, "Cora Reed", PEERS),
    (Role.EDITOR, "Ed Marsh", CLINIC),
    (Role.OVERSIGHT, "Ova Heron", None),
    (Role.ADMINISTRATOR, "Ada Tern", None),
)
_KINDS = {PEERS: "peer", CLINIC: "treatment"}


async def demo_people_load(*, now: datetime, settings: Settings) -> None:
    """Adds the invented people and agencies where they are missing; doing it again changes nothing."""
    async with db.staging():
        for role, name, agency in PEOPLE:
            email = f"{role}@demo.example"
            person = await accounts.person_add(email=email, name=name, language="en", now=now, is_demo=True)
            if person is None:
                continue
            home = await _agency(agency, settings, now) if agency else None
            await accounts.grant_add(person, Grant(role, home), by="seed", now=now)
            details = {"role": str(role), "demo": True}
            await records.audit(at=now, by="seed", action="invite", subject=f"person {person}", details=details)


async def _agency(name: str, settings: Settings, now: datetime) -> int:
    return await accounts.agency_add(name=name, kind=_KINDS[name], timezone=settings.timezone, now=now, is_demo=True)


async def demo_roles(*, settings: Settings) -> tuple[Role, ...]:
    """The roles that can be had with one click: none in production, without demonstration data, or where a real person has an account.

    Whether the request comes from this very machine, the page sees to.
    """
    if settings.is_production or not await sources.has_demo():
        return ()
    found = await accounts.demo_people()
    return tuple(role for role in STAFF if role in found)


async def demo_sign_in(*, role: str, device: str, settings: Settings, now: datetime) -> SignedIn:
    """Signs somebody in as the invented person of this role. Raises NotFound where `demo_roles` has none."""
    if role not in await demo_roles(settings=settings):
        raise NotFound()
    account = await accounts.account((await accounts.demo_people())[Role(role)])
    assert account is not None
    async with db.staging():
        begun = await session_begin(account=account, stage=FULL, device=device, settings=settings, now=now)
        label = f"person {account.id}"
        await records.audit(at=now, by=label, action="sign-in", subject=label, details={"stage": FULL, "demo": True})
    return begun
