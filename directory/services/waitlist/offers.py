"""Openings: who is next, offering one to somebody, and what comes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from directory.domain.access import Action, Actor, demand, of_agency
from directory.domain.errors import FootbridgeError, NotFound
from directory.domain.waitlist.ranking import Candidate, Fit, Ranked, Restriction, is_out_of_order, passed_over, ranked
from directory.domain.waitlist.states import Entry, NoSuchMove, Offer, Slot
from directory.domain.waitlist.windows import expires_at, is_live
from directory.services.clock import local_day
from directory.services.waitlist import plumbing
from directory.storage import db
from directory.storage.encoding import dumps
from directory.storage.waitlist import entries as places
from directory.storage.waitlist import lines, pools
from directory.storage.waitlist import offers as stored
from directory.storage.waitlist.offers import OfferNow, SlotNow

SWEEP = 200
"""Offers that one round of the sweep ends at the most."""
SYSTEM = "schedule"
"""In whose name an offer ends that nobody answered."""


class OutOfOrder(FootbridgeError):
    """Somebody before the chosen person could be offered this opening: that needs a reason and a second person."""

    code = "out-of-order"
    status = 409


class NotOfferable(FootbridgeError):
    """This opening cannot be offered to this person: `reason` says why, as a code."""

    code = "not-offerable"
    status = 409

    def __init__(self, reason: str) -> None:
        super().__init__(reason=reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Line:
    """The order of a pool for one opening, with the rules that it was made by."""

    pool: int
    rules_sha256: str | None
    order: tuple[Ranked, ...]


async def line_rank(*, pool: int, slot: int, by: Actor, now: datetime) -> Line:
    """Everybody in a line in their order for an opening, with the reason for each. Raises NotFound, Denied."""
    found, opening = await pools.pool(pool), await stored.slot(slot)
    if found is None or opening is None:
        raise NotFound(pool=pool)
    demand(by, Action.MAKE_OFFERS, of_agency(found.agency), now=now)
    return await _ranked(found, opening, now)


async def _ranked(pool: pools.Pool, slot: SlotNow, now: datetime) -> Line:
    today = await local_day(pool.timezone, now)
    candidates = await line_candidates(pool.id, agency=slot.agency, today=today)
    restrictions = [Restriction(rule, allowed) for rule, allowed in slot.restrictions]
    return Line(pool.id, pool.rules_sha256, ranked(candidates, restrictions))


async def line_candidates(pool: int, *, agency: int, today: date) -> list[Candidate]:
    """Everybody in a line as far as the order goes, for an opening of this agency."""
    facts = await lines.facts_in(pool)
    consented = await lines.consented_in(pool, agency, today)
    found = []
    for row in await lines.line(pool):
        barrier = _barrier(row["status"], row["live"] is not None, row["client_id"] in consented)
        known = facts.get(row["client_id"], {})
        found.append(Candidate(row["id"], row["tier"], row["requested_at"], row["tie"], known, barrier))
    return found


def _barrier(status: str, has_offer: bool, has_consent: bool) -> str:
    if status == Entry.ON_HOLD:
        return "on-hold"
    if has_offer:
        return "live-offer"
    return "" if has_consent else "no-consent"


async def offer_make(
    *, slot: int, entry: int, by: Actor, now: datetime, reason: str | None = None, second: Actor | None = None
) -> int:
    """Offers an opening to somebody, holds it for them, and returns the id of the offer.

    Where somebody before them could have it, `reason` and the word of a `second` person are needed. Raises NotFound, Denied, NotOfferable,
    OutOfOrder, and NoSuchMove where the opening is taken or somebody else was quicker.
    """
    found, opening = await places.entry(entry), await stored.slot(slot)
    if found is None or opening is None:
        raise NotFound(entry=entry)
    demand(by, Action.MAKE_OFFERS, of_agency(found.agency), now=now)
    pool = await pools.pool(found.pool)
    assert pool is not None
    if not await pools.takes_from(pool.id, opening.level):
        raise NotOfferable("other-level")
    async with db.staging():
        # The order is looked at with the opening in hand, so that what is stored is what was true.
        if not await stored.slot_move(slot, (Slot.OPEN,), Slot.HELD):
            raise NoSuchMove(opening.status, Slot.HELD)
        line = await _ranked(pool, opening, now)
        before = _checked(line.order, entry, reason, by, second)
        if not await places.entry_move(entry, (Entry.WAITING,), Entry.OFFERED):
            raise NoSuchMove(found.status, Entry.OFFERED)
        offer = await stored.offer_add(
            slot_id=slot,
            entry_id=entry,
            client_id=found.client,
            rules_sha256=line.rules_sha256,
            considered=len(line.order),
            passed_over=dumps([[each.candidate.entry, each.reason or "passed-over"] for each in before]),
            reason=reason,
            second_by=second.label if second else None,
            by=by.label,
            at=now,
            expires_at=expires_at(pool.window, now),
        )
        if offer is None:
            raise NotOfferable("live-offer")
        details: dict[str, object] = {"slot": slot, "passed_over": len(before), "considered": len(line.order)}
        details |= {"reason": reason} if reason else {}
        details |= {"second": second.label} if second else {}
        await plumbing.note(
            found,
            "offered",
            by=by.label,
            now=now,
            before=Entry.WAITING,
            after=Entry.OFFERED,
            offer=offer,
            details=details,
        )
    return offer


def _checked(
    order: Sequence[Ranked], entry: int, reason: str | None, by: Actor, second: Actor | None
) -> tuple[Ranked, ...]:
    """Those who stand before the chosen entry. Raises NotOfferable or OutOfOrder."""
    own = next((each for each in order if each.candidate.entry == entry), None)
    if own is None:
        raise NotOfferable("not-in-line")
    if not own.may_be_offered:
        raise NotOfferable(own.reason if own.fit is not Fit.UNKNOWN else f"cannot-tell-{own.reason}")
    is_agreed = reason and second is not None and second.person != by.person
    if is_out_of_order(order, entry) and not is_agreed:
        raise OutOfOrder()
    return passed_over(order, entry)


# --- what comes of it ------------------------------------------------------------------------------------------------


async def offer_accept(*, offer: int, by: Actor, now: datetime) -> None:
    """The client says yes. Raises NoSuchMove, also for one whose time is over, NotFound, Denied."""
    found = await _offer(offer, by, now)
    if found.status is Offer.PENDING and not is_live(found.expires_at, now):
        await offer_expire(offer=offer, now=now)
        raise NoSuchMove(Offer.EXPIRED, Offer.ACCEPTED)
    await _end(found, Offer.ACCEPTED, by, now, alive_at=now)


async def offer_decline(*, offer: int, reason: str, by: Actor, now: datetime) -> None:
    """The client says no; the place in line stays. Raises NoSuchMove, NotFound, Denied."""
    await _end(await _offer(offer, by, now), Offer.DECLINED, by, now, reason)


async def offer_withdraw(*, offer: int, reason: str, by: Actor, now: datetime) -> None:
    """The opening is gone. Raises NoSuchMove, NotFound, Denied."""
    await _end(await _offer(offer, by, now, of_program=True), Offer.WITHDRAWN, by, now, reason)


async def offer_reject(*, offer: int, reason: str, by: Actor, now: datetime) -> None:
    """The agency does not take this person, and says why. Raises NoSuchMove, NotFound, Denied."""
    await _end(await _offer(offer, by, now, of_program=True), Offer.REJECTED, by, now, reason)


async def offer_admit(*, offer: int, by: Actor, now: datetime) -> None:
    """The agency says that the person has come. Raises NoSuchMove, NotFound, Denied."""
    await _end(await _offer(offer, by, now, of_program=True), Offer.ADMITTED, by, now)


async def offer_no_show(*, offer: int, by: Actor, now: datetime) -> None:
    """The agency says that the person has not come; the place in line stays. Raises NoSuchMove, NotFound, Denied."""
    await _end(await _offer(offer, by, now, of_program=True), Offer.NO_SHOW, by, now)


async def offer_cancel(*, offer: int, reason: str, by: Actor, now: datetime) -> None:
    """What was accepted does not come about after all. Raises NoSuchMove, NotFound, Denied."""
    await _end(await _offer(offer, by, now), Offer.CANCELLED, by, now, reason)


async def offer_acknowledge(*, offer: int, by: Actor, now: datetime) -> bool:
    """The agency has seen it. Whether that was the first time. Raises NotFound, Denied."""
    found = await _offer(offer, by, now, of_program=True)
    async with db.staging():
        is_first = await stored.offer_acknowledge(found.id, now)
        entry = await places.entry(found.entry)
        assert entry is not None
        if is_first:
            await plumbing.note(entry, "offer-acknowledged", by=by.label, now=now, offer=offer)
    return is_first


async def offer_expire(*, offer: int, now: datetime) -> bool:
    """Ends an offer whose time is over; whether it was this call that did. Once more does no harm."""
    found = await stored.offer(offer)
    if found is None or found.status is not Offer.PENDING or is_live(found.expires_at, now):
        return False
    try:
        async with db.staging():
            await plumbing.end_offer(found, Offer.EXPIRED, by=SYSTEM, now=now)
    except NoSuchMove:  # somebody else was quicker
        return False
    return True


async def offers_expire(*, now: datetime) -> int:
    """Ends all offers whose time is over, and says how many."""
    due = await stored.offers_over(now, SWEEP)
    return sum([await offer_expire(offer=each.id, now=now) for each in due])


async def _offer(offer: int, by: Actor, now: datetime, *, of_program: bool = False) -> OfferNow:
    found = await stored.offer(offer)
    if found is None:
        raise NotFound(offer=offer)
    if of_program:
        demand(by, Action.ANSWER_OFFERS, of_agency(found.program_agency), now=now)
    else:
        demand(by, Action.KEEP_CLIENTS, of_agency(found.agency), now=now)
    return found


async def _end(
    found: OfferNow,
    after: Offer,
    by: Actor,
    now: datetime,
    reason: str | None = None,
    alive_at: datetime | None = None,
) -> None:
    async with db.staging():
        await plumbing.end_offer(found, after, by=by.label, now=now, reason=reason, alive_at=alive_at)


# --- openings --------------------------------------------------------------------------------------------------------


async def slot_open(
    *,
    level: int,
    restrictions: Sequence[tuple[str, Sequence[str]]],
    by: Actor,
    now: datetime,
    free_on: date | None = None,
) -> int:
    """The id of a new opening of a program's level. Raises NotFound, Denied."""
    agency = await pools.agency_of_level(level)
    if agency is None:
        raise NotFound(level=level)
    demand(by, Action.ANSWER_OFFERS, of_agency(agency), now=now)
    async with db.staging():
        slot = await stored.slot_add(level=level, restrictions=restrictions, free_on=free_on, by=by.label, now=now)
        await plumbing.note_slot(slot, agency, "slot-opened", by=by.label, now=now)
    return slot


async def slot_close(*, slot: int, reason: str, by: Actor, now: datetime) -> None:
    """Takes an opening back that is offered to nobody. Raises NoSuchMove where it is held: the offer is withdrawn first. NotFound, Denied."""
    found = await stored.slot(slot)
    if found is None:
        raise NotFound(slot=slot)
    demand(by, Action.ANSWER_OFFERS, of_agency(found.agency), now=now)
    async with db.staging():
        if not await stored.slot_move(slot, (Slot.OPEN,), Slot.CLOSED, closed_reason=reason):
            raise NoSuchMove(found.status, Slot.CLOSED)
        await plumbing.note_slot(slot, found.agency, "slot-closed", by=by.label, now=now, details={"reason": reason})
