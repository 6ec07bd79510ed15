"""The invented people of the demonstration: in every role, without a password, one of each to be had with one click on one's own machine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from directory.domain.access import STAFF, Actor, Grant, Role
from directory.domain.errors import NotFound
from directory.domain.people import SignedIn
from directory.domain.sign_in import FULL
from directory.services.sessions import session_begin
from directory.settings import Settings
from directory.storage import accounts, db, records, sources

PEERS, COTTONWOOD, RIVERBEND = "Larkspur Peer Bridge", "Cottonwood Withdrawal Care", "Riverbend Family Recovery"
ZONE = "America/Los_Angeles"
"""That of the invented county: its agencies, its lines and its places read one clock."""
AGENCIES = {PEERS: "peer", COTTONWOOD: "treatment", RIVERBEND: "treatment"}
"""Each with its kind."""


@dataclass(frozen=True, slots=True)
class Invented:
    """Somebody who does not exist. `key` is the first part of the address; what a trusted editor writes is published at once."""

    key: str
    name: str
    role: Role
    agency: str | None = None
    is_trusted: bool = False

    @property
    def email(self) -> str:
        """An address that nothing can be sent to (RFC 2606)."""
        return f"{self.key}@demo.example"


PEOPLE = (
    Invented("peer", "Pia Fen", Role.PEER, PEERS),
    Invented("coordinator", "Cora Reed", Role.COORDINATOR, PEERS),
    Invented("editor", "Ed Marsh", Role.EDITOR, COTTONWOOD, is_trusted=True),
    Invented("oversight", "Ova Heron", Role.OVERSIGHT),
    Invented("administrator", "Ada Tern", Role.ADMINISTRATOR),
    Invented("pablo", "Pablo Wren", Role.PEER, PEERS),
    Invented("quinn", "Quinn Teal", Role.PEER, PEERS),
    Invented("ria", "Ria Brook", Role.EDITOR, RIVERBEND, is_trusted=True),
    Invented("ned", "Ned Sedge", Role.EDITOR, RIVERBEND),
)
"""The first in each role is whom one click makes of somebody."""


async def demo_people_load(*, now: datetime) -> None:
    """Adds the invented people and agencies where they are missing; doing it again changes nothing."""
    async with db.staging():
        for each in PEOPLE:
            await _add(each, now)


async def _add(each: Invented, now: datetime) -> None:
    person = await accounts.person_add(email=each.email, name=each.name, language="en", now=now, is_demo=True)
    if person is None:
        return
    home = await _agency(each.agency, now) if each.agency else None
    await accounts.grant_add(person, Grant(each.role, home, each.is_trusted), by="seed", now=now)
    details = {"role": str(each.role), "demo": True}
    await records.audit(at=now, by="seed", action="invite", subject=f"person {person}", details=details)


async def _agency(name: str, now: datetime) -> int:
    kind = AGENCIES[name]
    return await accounts.agency_add(name=name, kind=kind, timezone=ZONE, now=now, is_demo=True)


async def demo_actors() -> dict[str, Actor]:
    """The invented people as those who ask, by key; without those who are not there."""
    found = {each.key: await accounts.account_of_email(each.email) for each in PEOPLE}
    return {key: Actor(account.id, account.grants) for key, account in found.items() if account and account.is_demo}


async def demo_roles(*, settings: Settings) -> tuple[Role, ...]:
    """The roles that can be had with one click: none in production, without demonstration data, or where a real person has an account.

    Whether the request comes from this very machine, the page sees to.
    """
    if settings.is_production or not await sources.has_demo():
        return ()
    found = await accounts.demo_people()
    return tuple(role for role in STAFF if role in found)


async def demo_over(*, settings: Settings) -> bool:
    """Whether the invented people are there and cannot be had with one click any more, since a real person has an account."""
    return not settings.is_production and await sources.has_demo() and await accounts.has_real()


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
