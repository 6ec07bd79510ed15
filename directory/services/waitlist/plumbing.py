"""What every step of the waitlist does besides: the history of the entry, the audit trail of its agency, and the three states that move together."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from directory.domain.waitlist.states import AFTER_OFFER, LIVE_OFFERS, Entry, NoSuchMove, Offer, Slot, move
from directory.storage import records
from directory.storage.waitlist import entries as places
from directory.storage.waitlist import offers as stored
from directory.storage.waitlist.entries import EntryNow
from directory.storage.waitlist.offers import OfferNow


def chain_of(agency: int) -> str:
    """The audit chain of a peer agency."""
    return f"agency {agency}"


async def note(
    entry: EntryNow,
    what: str,
    *,
    by: str,
    now: datetime,
    before: Entry | None = None,
    after: Entry | None = None,
    offer: int | None = None,
    details: Mapping[str, object] | None = None,
) -> None:
    """Writes a step into the history and, last, into the audit trail. No word of it tells who somebody is. Needs its transaction."""
    states = {"before": before.value if before else None, "after": after.value if after else None}
    await places.event_add(entry.id, what, by=by, now=now, offer=offer, details=details, **states)
    told = {name: value for name, value in states.items() if value} | dict(details or {})
    told |= {"entry": entry.id} | ({"offer": offer} if offer is not None else {})
    await records.audit(
        at=now, by=by, action=f"entry-{what}", subject=f"client {entry.upi}", details=told, chain=chain_of(entry.agency)
    )


async def end_offer(
    offer: OfferNow,
    after: Offer,
    *,
    by: str,
    now: datetime,
    reason: str | None = None,
    alive_at: datetime | None = None,
) -> None:
    """Moves an offer, and its entry and opening with it. The one place where that is done. Needs a transaction.

    Raises NoSuchMove where the offer is not where it was when it was looked at, so that nothing at all has been changed.
    """
    move(offer.status, after)
    ends = {} if after in LIVE_OFFERS else {"ended_at": now, "end_reason": reason}
    if not await stored.offer_move(offer.id, (offer.status,), after, alive_at=alive_at, **ends):
        raise NoSuchMove(offer.status, after)
    entry_before, _ = AFTER_OFFER[offer.status]
    entry_after, slot_after = AFTER_OFFER[after]
    if not await places.entry_move(offer.entry, (entry_before,), entry_after):
        raise NoSuchMove(entry_before, entry_after)
    if slot_after is not Slot.HELD and not await stored.slot_move(offer.slot, (Slot.HELD,), slot_after):
        raise NoSuchMove(Slot.HELD, slot_after)
    entry = await places.entry(offer.entry)
    assert entry is not None
    details = {"reason": reason} if reason else {}
    await note(
        entry,
        f"offer-{after.value}",
        by=by,
        now=now,
        before=entry_before,
        after=entry_after,
        offer=offer.id,
        details=details,
    )


async def note_slot(
    slot: int, agency: int, what: str, *, by: str, now: datetime, details: Mapping[str, object] | None = None
) -> None:
    """Writes what became of an opening into the audit trail of the agency that has it. Needs its transaction."""
    await records.audit(
        at=now, by=by, action=what, subject=f"slot {slot}", details=dict(details or {}), chain=chain_of(agency)
    )
