"""Somebody who is taken on as a peer does it, for the tests of services."""

from __future__ import annotations

from datetime import date, datetime

from directory.domain.waitlist.known import Known
from directory.domain.waitlist.routes import Way
from directory.services.credentials import new_token
from directory.services.waitlist import taking_on
from directory.services.waitlist.consents import SCREEN, Given, consent_add
from directory.storage import db
from directory.storage.waitlist import clients
from directory.storage.waitlist.clients import ClientNow
from tests.services.waitlist import world as worlds
from tests.services.waitlist.world import NOW, SETTINGS, TODAY, World

ANA = Known("Ana", "Ana Reed", date(1990, 4, 7), "Ask for Ana.")
TEXT = Way("text", "215-555-0100", "mornings", is_agreed=True)


async def taken_on(world: World, known: Known = ANA, *ways: Way, form: str = "", now: datetime = NOW) -> ClientNow:
    """Somebody whom the world's peer has taken on."""
    async with db.staging():
        await worlds.account(world.peer)
    upi = await taking_on.client_new(
        agency=world.agency,
        known=known,
        language="en",
        ways=ways,
        form=form or new_token(),
        by=world.peer,
        now=now,
        settings=SETTINGS,
    )
    return await row_of(upi)


async def row_of(upi: str) -> ClientNow:
    """The row of a client."""
    found = await clients.by_upi(upi)
    assert found is not None
    return found


def given(world: World, **more: object) -> Given:
    """A whole consent that names the world's clinic."""
    values: dict[str, object] = {
        "discloser": "Marsh Peers",
        "scope": ("name", "contact"),
        "agencies": (world.clinic,),
        "purpose": "placement",
        "form": SCREEN,
        "signed_by": "Ana Reed",
        "signed_on": TODAY,
        "expires_on": date(2026, 6, 1),
        "may_revoke_told": True,
    }
    return Given(**values | more)  # type: ignore[arg-type]


async def agreed(world: World, client: int, **more: object) -> int:
    """The id of a consent that somebody has given."""
    id = await consent_add(
        client=client, given=given(world, **more), form=new_token(), by=world.peer, now=NOW, settings=SETTINGS
    )
    assert id is not None
    return id


async def trail(action: str) -> list[dict[str, object]]:
    """The details of the audit entries of this action."""
    sql = db.Sql()
    found = await db.rows(f"SELECT details FROM audit_entry WHERE action = {sql(action)} ORDER BY id", sql.values)
    return [db.from_json(row["details"]) for row in found]
