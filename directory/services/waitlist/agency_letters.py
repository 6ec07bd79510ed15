"""Letters to an agency's editors: that there is an offer, that it was accepted, or that it is over. None says more than "look".

What is due is read off the offers themselves, so that no step of the waitlist waits for it and none is forgotten; the outbox keeps no
letter twice.
"""

from __future__ import annotations

from datetime import datetime

from directory.domain.notices import EMAIL
from directory.services.notices import notice_queue
from directory.settings import Settings
from directory.storage import db
from directory.storage.waitlist import agency_offers as storage

LETTER = "agency-update"
OFFERS = "/desk/offers"
AT_ONCE = 200
"""Letters of one round."""


async def agency_letters_queue(*, now: datetime, settings: Settings) -> int:
    """Queues the letters that are due, and says how many. Safe in several processes at once."""
    found = await storage.letters_due(now, AT_ONCE) if settings.smtp_url else []
    link = f"{settings.base_url.rstrip('/')}{OFFERS}"
    total = 0
    for due in found:
        async with db.staging():
            queued = await notice_queue(
                channel=EMAIL,
                to=due.email,
                template=LETTER,
                language=due.language,
                values={"link": link},
                dedup_key=due.key,
                now=now,
            )
        total += queued is not None
    return total
