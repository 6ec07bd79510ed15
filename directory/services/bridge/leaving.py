"""What ends with somebody's last role in an agency: they supervise nobody there, and nobody stands in with them."""

from __future__ import annotations

from datetime import datetime

from directory.services.waitlist.plumbing import chain_of
from directory.storage import records
from directory.storage.bridge import staff as storage


async def ties_end(*, person: int, by: str, now: datetime) -> None:
    """Ends what binds a person to peers of agencies where they work no more. Needs the transaction in which they left; once more does no harm."""
    for each in await storage.supervisions_end(person, now):
        await _audit("supervisor-set", each, {"supervisor": None}, by, now)
    for each in await storage.covers_end(person, now):
        await _audit("cover-ended", each, {"cover": each.id}, by, now)


async def _audit(action: str, ended: storage.Ended, details: dict[str, object], by: str, now: datetime) -> None:
    subject, chain = f"person {ended.person}", chain_of(ended.agency)
    await records.audit(at=now, by=by, action=action, subject=subject, details=details, chain=chain)
