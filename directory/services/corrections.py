"""Something wrong with a listing? Takes what a visitor says into a queue that people look through."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from directory.domain.corrections import OF_REPORTS, Correction, Remark
from directory.domain.errors import Gone, NotFound
from directory.domain.listings import Phone, Status
from directory.domain.sign_in import prefix_of
from directory.formats.text import mask
from directory.services.throttle import slow_down
from directory.settings import Settings
from directory.storage import corrections as storage
from directory.storage import db

SHORTEST_OWN = 10
"""Digits of a whole number. A shorter one of the listing's could be a piece of somebody's own, and would let the rest through."""


@dataclass(frozen=True, slots=True)
class Reply:
    """Where, and in which language, somebody wants to hear what came of what they told."""

    address: str
    language: str


async def correction_send(
    *, slug: str, remark: Remark, reply: Reply | None = None, network: str, settings: Settings, now: datetime
) -> bool:
    """What a visitor sends from the form: `correction_add`, slowed down where much comes from one part of the network.

    `network` is the address that the form came from, of which only a keyed hash of its coarse part is kept, for a day. Without mail nobody
    could be told anything, so that no `reply` is kept. Raises TooSoon too.
    """
    if part := prefix_of(network):
        await slow_down({f"report {part}": OF_REPORTS}, settings=settings, now=now)
    return await correction_add(slug=slug, remark=remark, now=now, reply=reply if settings.smtp_url else None)


async def correction_add(*, slug: str, remark: Remark, now: datetime, reply: Reply | None = None) -> bool:
    """Puts a remark into the queue, or counts it once more. False when the queue is full and nothing was kept.

    Raises NotFound, or Gone when the source has taken the listing out. The version of the data stays: visitors see no change.
    """
    async with db.staging():
        found = await storage.subject(slug)
        if not found:
            raise NotFound(slug=slug)
        listing_id, status, phones = found
        if status == Status.REMOVED:
            raise Gone(slug=slug)
        remark = replace(remark, words=without_private(remark.words, phones))
        if not await storage.is_waiting(listing_id, remark) and not await storage.has_room(listing_id):
            return False
        id = await storage.put(listing_id, remark, now)
        if reply:
            await storage.reply_add(id, address=reply.address, language=reply.language, now=now)
    return True


async def corrections_are_taken(*, listing_id: int) -> bool:
    """Whether there is room for one more, so that nobody types in vain."""
    return await storage.has_room(listing_id)


async def corrections_list() -> tuple[Correction, ...]:
    """What nobody has looked into yet, the newest first."""
    return tuple(await storage.waiting())


def without_private(words: str, phones: Sequence[Phone]) -> str:
    """The words without e-mail addresses and without any telephone number but the listing's own.

    A number that a stranger calls the right one has to be looked up at its source anyway, before people are sent there.
    """
    digits = {re.sub(r"\D", "", phone.number).removeprefix("1") for phone in phones}
    own = [r"[\s().+-]{0,3}".join(number) for number in sorted(digits) if len(number) >= SHORTEST_OWN]
    if not own:
        return mask(words)
    parts = re.split(rf"((?<!\d)(?:\+?1[\s.-]{{0,3}})?\(?(?:{'|'.join(own)})(?!\d))", words)
    return "".join(part if number % 2 else mask(part) for number, part in enumerate(parts))
