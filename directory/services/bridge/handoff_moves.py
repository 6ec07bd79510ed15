"""What becomes of a hand-off when its offer moves: it opens with the yes, and ends with whatever the offer comes to.

Called from the one function that moves an offer (services/waitlist/plumbing.py), within its transaction; the trail has that move.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from directory.domain.bridge.handoffs import AFTER_OFFER, Handoff, windows
from directory.domain.waitlist.states import Offer
from directory.services.tasks import task_open
from directory.storage import agencies
from directory.storage.bridge import follow_ups
from directory.storage.bridge import handoffs as storage
from directory.storage.waitlist.offers import OfferNow

NO_SHOW = "handoff-no-show"
"""The kind of a task: somebody did not come and is called in kindness."""
CALLED_WITHIN = timedelta(days=1)


async def handoff_follow(offer: OfferNow, after: Offer, *, by: str, now: datetime) -> None:
    """Has the hand-off of an offer follow its move from where the offer was looked at. Once more does no harm. Needs a transaction."""
    status = AFTER_OFFER.get(after)
    if status is None or (status is not Handoff.OPEN and offer.status is not Offer.ACCEPTED):
        return
    await storage.add(offer=offer.id, client=offer.client, agency=offer.agency, now=now)
    if status is Handoff.ARRIVED:
        id = await storage.end(offer.id, status, arrived_at=now, arrived_by=by)
        if id is not None:
            await follow_ups.add(id, windows(now, await _zone(offer.agency)))
    elif status is not Handoff.OPEN and await storage.end(offer.id, status, ended_at=now) and status is Handoff.NO_SHOW:
        await _ask_kindly(offer, now)


async def _zone(agency: int) -> str:
    home = await agencies.agency(agency)
    assert home is not None
    return home.values.timezone


async def _ask_kindly(offer: OfferNow, now: datetime) -> None:
    await task_open(
        kind=NO_SHOW,
        key=f"handoff {offer.id}",
        words={},
        address=f"/clients/{offer.upi}/handoff",
        agency=offer.agency,
        due_at=now + CALLED_WITHIN,
        now=now,
    )
