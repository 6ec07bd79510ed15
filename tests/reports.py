"""What visitors have told, for tests of the pages on which it is settled."""

from __future__ import annotations

from itertools import count

from directory.domain.corrections import Remark
from directory.services.corrections import Reply, correction_add
from directory.storage import corrections, db
from tests.accounts import NOW

_numbers = count()


async def told(slug: str, address: str = "", language: str = "en") -> int:
    """The number of a new open report on this listing; with an address somebody wants to hear what comes of it."""
    words = f"Invented words {next(_numbers)}"
    reply = Reply(address, language) if address else None
    assert await correction_add(slug=slug, remark=Remark("hours", words), now=NOW, reply=reply)
    (found,) = [each for each in await corrections.waiting() if each.remark.words == words]
    return found.id


async def dealt_with(slug: str) -> int:
    """The number of one that somebody has settled; it is in its second version."""
    id = await told(slug)
    async with db.staging():
        assert await corrections.settle(id, version=1, outcome="right", answer=None, by="person 1", now=NOW)
    return id
