"""What every step of the waitlist does besides: the history of the entry, the audit trail of its agency, and the three states that move together."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from directory.domain.access import Action, Actor, Denied, Thing, demand
from directory.domain.errors import NotFound
from directory.domain.waitlist.states import AFTER_OFFER, LIVE_OFFERS, Entry, NoSuchMove, Offer, Slot, move
from directory.services.bridge.handoff_moves import handoff_follow
from directory.storage import records
from directory.storage.waitlist import entries as places
from directory.storage.waitlist import offers as stored
from directory.storage.waitlist.entries import EntryNow
from directory.storage.waitlist.offers import OfferNow

LEVEL_CLOSED = "level-closed"
"""Why an opening is closed that went with its level of care."""


def chain_of(agency: int) -> str:
    """The audit chain of a peer agency."""
    return f"agency {agency}"


def demand_near(by: Actor, action: Action, agency: int, *, now: datetime, person: int | None = None) -> None:
    """Lets somebody do this within an agency, or about this `person` there. Raises NotFound in another one, so that nobody learns what there
    is in it, and Denied."""
    try:
        demand(by, action, Thing(person=person, agency=agency), now=now)
    except Denied as denied:
        if denied.reason == "not-yours":
            raise NotFound() from None
        raise


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
    """Writes a step into the history and, last, into the audit trail. No word of it tells who somebody is. Needs its transaction.

    The trail is never cleared and others read it: what follows from the facts of a person, or is one, stands in the history alone.
    """
    states = {"before": before.value if before else None, "after": after.value if after else None}
    await places.event_add(entry.id, what, by=by, now=now, offer=offer, details=details, **states)
    told: dict[str, object] = {name: value for name, value in states.items() if value}
    told |= {name: value for name, value in (details or {}).items() if not _is_of_person(what, name)}
    told |= {"entry": entry.id} | ({"offer": offer} if offer is not None else {})
    await records.audit(
        at=now, by=by, action=f"entry-{what}", subject=f"client {entry.upi}", details=told, chain=chain_of(entry.agency)
    )


_OF_PERSON = frozenset({"tier", "tier_before", "tier_after"})
"""Details of a step that follow from what is known of somebody."""


def _is_of_person(what: str, name: str) -> bool:
    """Whether a detail of a step tells something about somebody: so do the care they need and why they cannot come for a while."""
    return name in _OF_PERSON or (what, name) in (("held", "reason"), ("level-named", "level"))


async def end_offer(
    offer: OfferNow,
    after: Offer,
    *,
    by: str,
    now: datetime,
    reason: str | None = None,
    alive_at: datetime | None = None,
) -> None:
    """Moves an offer, and its entry, its opening and its hand-off with it. The one place where that is done. Needs a transaction.

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
    await handoff_follow(offer, after, by=by, now=now)
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
    if slot_after is Slot.OPEN and await stored.is_level_closed(offer.slot):
        await slot_leave(offer.slot, offer.program_agency, by=by, now=now)


async def slot_leave(slot: int, agency: int, *, by: str, now: datetime) -> None:
    """Closes an opening that is offered to nobody, because its level of care has closed. Needs a transaction."""
    if await stored.slot_move(slot, (Slot.OPEN,), Slot.CLOSED, closed_reason=LEVEL_CLOSED):
        await note_slot(slot, agency, "slot-closed", by=by, now=now, details={"reason": LEVEL_CLOSED})


async def note_slot(
    slot: int, agency: int, what: str, *, by: str, now: datetime, details: Mapping[str, object] | None = None
) -> None:
    """Writes what became of an opening into the audit trail of the agency that has it. Needs its transaction."""
    await records.audit(
        at=now, by=by, action=what, subject=f"slot {slot}", details=dict(details or {}), chain=chain_of(agency)
    )
