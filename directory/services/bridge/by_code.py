"""How somebody says on the page behind their card how they are today: no questions about a crisis stand there, and 988 always does."""

from __future__ import annotations

from datetime import datetime

from directory.domain.bridge.check_ins import FEELINGS, STATUS, VERY_BAD
from directory.services.bridge.signs import CLIENT, sign_keep
from directory.services.waitlist.plumbing import chain_of
from directory.services.waitlist.status import STILL, card_of, day_begins
from directory.settings import Settings
from directory.storage import db, records
from directory.storage.bridge import check_ins as storage
from directory.storage.waitlist import contacts
from directory.storage.waitlist import status as stored


async def check_in_by_code(*, session: str, feeling: int, now: datetime, settings: Settings) -> bool:
    """Notes how somebody says that they are today, from 1 to 5, and that they still wait: once a day, but for "very bad", which always counts. Whether the session was good."""
    card = await card_of(session=session, now=now, settings=settings)
    if card is None:
        return False
    begins = await day_begins(card=card, now=now)
    async with db.staging():
        has_said = feeling != VERY_BAD and await storage.told_since(card.client, CLIENT, begins)
        if feeling not in FEELINGS or has_said:
            return True
        contact = None
        if not await stored.signed_since(card.client, STILL, begins):
            contact = await contacts.attempt_add(client=card.client, route=STATUS, outcome=STILL, by=CLIENT, now=now)
        id = await sign_keep(
            client=card.client, zone=card.zone, channel=STATUS, contact=contact, now=now, feeling=feeling
        )
        await records.audit(
            at=now,
            by=CLIENT,
            action="check-in",
            subject=f"client {card.upi}",
            details={"check_in": id, "channel": STATUS},
            chain=chain_of(card.agency),
        )
    return True
