"""What the agency says to an offer: it has seen it, it takes this person or not, the opening is gone, and what came of the arrival.

Each is one transaction and goes through the one function that moves an offer; said twice it is the same.
"""

from __future__ import annotations

from datetime import datetime

from directory.domain.access import Actor
from directory.domain.errors import Problem
from directory.domain.people import UnfitFields
from directory.domain.waitlist.agency import AgencyOfferNow
from directory.domain.waitlist.answers import CLIENT_CANCELLED, GONE, refusals, takes_opening
from directory.domain.waitlist.states import NoSuchMove, Offer, Slot
from directory.services.waitlist import offers as common
from directory.services.waitlist import plumbing
from directory.services.waitlist.agency_offers import offer_of_agency
from directory.services.waitlist.agency_slots import slot_of_agency
from directory.services.waitlist.slots import slot_close
from directory.settings import Settings
from directory.storage import db
from directory.storage.waitlist import agency_offers as storage
from directory.storage.waitlist import entries
from directory.storage.waitlist import offers as stored

ANSWERS = ("seen", "agree", "reject", "arrived", "no-show", "cancelled")


async def agency_answer(
    *, offer: int, answer: str, reason: str = "", by: Actor, now: datetime, settings: Settings
) -> None:
    """One of ANSWERS. Said once more by a second tap it changes nothing and is no error.

    "reject" needs one of the reasons that fit the opening. Raises UnfitFields, NoSuchMove where something else has come of the offer
    meanwhile, NotFound and Denied.
    """
    row = await offer_of_agency(offer, by, now)
    if answer not in ANSWERS:
        raise UnfitFields([Problem("answer", "choose", "")])
    if answer == "reject" and reason not in refusals(row.restrictions):
        raise UnfitFields([Problem("reason", "choose", "")])
    if await common.offer_expire(offer=offer, now=now, settings=settings):
        raise NoSuchMove(Offer.EXPIRED, Offer.ACCEPTED)
    if answer == "seen":
        await common.offer_acknowledge(offer=offer, by=by, now=now)
    elif answer == "agree":
        await _agree(row, by, now)
    elif not _is_said(row, answer, reason):
        await _end(row, answer, reason, by, now, settings)


_AFTER = {"arrived": Offer.ADMITTED, "no-show": Offer.NO_SHOW, "cancelled": Offer.CANCELLED}


def _is_said(row: AgencyOfferNow, answer: str, reason: str) -> bool:
    """Whether that is what has come of the offer already, as by a second tap."""
    if answer == "reject":
        return row.status in (Offer.REJECTED, Offer.WITHDRAWN) and row.end_reason == reason
    return row.status is _AFTER[answer]


async def _agree(row: AgencyOfferNow, by: Actor, now: datetime) -> None:
    async with db.staging():
        is_first = await storage.offer_agree(row.id, now)
        entry = await entries.entry(row.entry)
        assert entry is not None
        if is_first:
            await plumbing.note(entry, "offer-agreed", by=by.label, now=now, offer=row.id)
    found = await storage.offer(row.id)
    if found is None or found.agreed_at is None:
        raise NoSuchMove(row.status, Offer.ACCEPTED)


async def _end(row: AgencyOfferNow, answer: str, reason: str, by: Actor, now: datetime, settings: Settings) -> None:
    if answer == "arrived":
        await common.offer_admit(offer=row.id, by=by, now=now, settings=settings)
    elif answer == "no-show":
        await common.offer_no_show(offer=row.id, by=by, now=now, settings=settings)
    elif answer == "cancelled":
        await _cancel(row, by, now)
    elif takes_opening(reason):
        await opening_end(slot=row.slot, reason=reason, by=by, now=now, settings=settings)
    else:
        await common.offer_reject(offer=row.id, reason=reason, by=by, now=now, settings=settings)


async def _cancel(row: AgencyOfferNow, by: Actor, now: datetime) -> None:
    """The person has told the agency that they do not come. Needs no message to them."""
    found = await stored.offer(row.id)
    assert found is not None
    async with db.staging():
        await plumbing.end_offer(found, Offer.CANCELLED, by=by.label, now=now, reason=CLIENT_CANCELLED)


async def opening_end(*, slot: int, reason: str, by: Actor, now: datetime, settings: Settings) -> None:
    """Takes an opening back; the offer that it is held for ends with it, in one transaction. Once more does no harm.

    `reason` is one of GONE. Raises UnfitFields, NoSuchMove for an opening that somebody has come to, NotFound and Denied.
    """
    if reason not in GONE:
        raise UnfitFields([Problem("reason", "choose", "")])
    found = await slot_of_agency(slot, by, now)
    if found.status is Slot.CLOSED:
        return
    if found.offer is None:
        return await slot_close(slot=slot, reason=reason, by=by, now=now)
    if found.offer_status is Offer.PENDING:  # closes the opening too
        return await common.offer_withdraw(offer=found.offer, reason=reason, by=by, now=now, settings=settings)
    async with db.staging():
        await common.offer_reject(offer=found.offer, reason=reason, by=by, now=now, settings=settings)
        if not await stored.is_level_closed(slot):  # else it has closed with that offer
            await slot_close(slot=slot, reason=reason, by=by, now=now)
