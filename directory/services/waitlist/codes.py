"""The code on somebody's card: made, shown once, and never stored. A new one ends the old one at once (WAITLIST 4.2)."""

from __future__ import annotations

import secrets
from datetime import datetime

from directory.domain.access import Actor
from directory.domain.tokens import key_for
from directory.domain.waitlist.codes import BITS, code_of, fingerprint
from directory.services.credentials import secret_of
from directory.services.links import form_take
from directory.services.waitlist.clients import allowed_client, client_audit
from directory.settings import Settings
from directory.storage import db
from directory.storage.waitlist import codes as storage


def pepper(settings: Settings) -> bytes:
    """The key under which codes are hashed: not in the database, and used for nothing else."""
    return key_for(secret_of(settings), "status-code")


async def code_issue(*, client: int, by: Actor, now: datetime, settings: Settings) -> str:
    """A new code for a client, without dashes; whatever they had before is good for nothing from now on. Raises NotFound, Denied."""
    async with db.staging():
        row = await allowed_client(client=client, by=by, now=now)
        code = code_of(secrets.randbits(BITS))
        id = await storage.add(row.id, hash=fingerprint(code, pepper(settings)), now=now)
        await client_audit(row, "card-made", {"code": id}, by=by.label, now=now)
    return code


async def card_make(*, client: int, form: str, by: Actor, now: datetime, settings: Settings) -> str | None:
    """The same for a form, which makes one card: sent a second time it gives None, since nobody knows the code any more."""
    async with db.staging():
        if not await form_take(token=form, now=now):
            return None
        return await code_issue(client=client, by=by, now=now, settings=settings)


async def card_made_at(*, client: int, by: Actor, now: datetime) -> datetime | None:
    """When the card was made that is good now; None where there is none. Raises NotFound, Denied."""
    return await storage.given_at((await allowed_client(client=client, by=by, now=now, is_open=False)).id)
