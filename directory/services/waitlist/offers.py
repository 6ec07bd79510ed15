"""Offering an opening to somebody, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from directory.domain.access import Action, Actor
from directory.domain.errors import FootbridgeError, NotFound
from directory.domain.waitlist.clocks import INJECTING, PREGNANT
from directory.domain.waitlist.ranking import Fit, Ranked, passed_over
from directory.domain.waitlist.states import Entry, NoSuchMove, Offer, Slot
from directory.domain.waitlist.windows import expires_at, is_live
from directory.services.clock import local_day
from directory.services.waitlist import plumbing
from directory.services.waitlist.messages import update_queue
from directory.services.waitlist.plumbing import demand_near
from directory.services.waitlist.ranking import Line, ordered, sooner
from directory.settings import Settings
from directory.storage import db
from directory.storage.encoding import dumps
from directory.storage.waitlist import entries as places
from directory.storage.waitlist import lines, pools
from directory.storage.waitlist import offers as stored
from directory.storage.waitlist.entries import EntryNow
from directory.storage.waitlist.offers import OfferNow, SlotNow

SWEEP = 200
"""Offers that one round of the sweep ends at the most."""
SYSTEM = "schedule"
"""In whose name an offer ends that nobody answered."""
TOLD = (Offer.EXPIRED, Offer.WITHDRAWN, Offer.REJECTED, Offer.NO_SHOW)
"""Ends that do not come from the client, who therefore gets a message where that was agreed."""


class OutOfOrder(FootbridgeError):
    """It is, or may be, the turn of somebody before the chosen person, in this or another line: that needs a reason and a second person."""

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
class Wish:
    """Who wants to offer this opening to that entry, for which `reason` where it is not their turn, and who has agreed (`second`).

    `seen` are the entries, with their tiers, of whom the second person knew that they are passed over; None where they agreed at this moment.
    """

    slot: SlotNow
    entry: EntryNow
    pool: pools.Pool
    by: str
    reason: str | None = None
    second: str | None = None
    seen: Mapping[int, int] | None = None


async def offer_make(
    *,
    slot: int,
    entry: int,
    by: Actor,
    now: datetime,
    settings: Settings,
    reason: str | None = None,
    second: Actor | None = None,
) -> int:
    """Offers an opening to somebody, holds it for them, and returns the id of the offer.

    Where somebody before them could have it, `reason` and the word of a `second` person are needed. Raises NotFound, Denied, NotOfferable,
    OutOfOrder, and NoSuchMove where the opening is taken or somebody else was quicker.
    """
    found, opening, pool = await wished(slot, entry)
    demand_near(by, Action.MAKE_OFFERS, found.agency, now=now)
    if second is not None:
        demand_near(second, Action.SECOND_OFFER, found.agency, now=now)
    wish = Wish(opening, found, pool, by.label, reason, second.label if second else None)
    async with db.staging():
        return await offer_put(wish, now, settings)


async def wished(slot: int, entry: int) -> tuple[EntryNow, SlotNow, pools.Pool]:
    """The entry, the opening and the line that belong together in an offer. Raises NotFound, NotOfferable."""
    found, opening = await places.entry(entry), await stored.slot(slot)
    if found is None or opening is None:
        raise NotFound(entry=entry)
    pool = await pools.pool(found.pool)
    assert pool is not None
    if not await pools.takes_from(pool.id, opening.level):
        raise NotOfferable("other-level")
    return found, opening, pool


async def offer_put(wish: Wish, now: datetime, settings: Settings) -> int:
    """Makes the offer. The one place where that is done. Needs a transaction; who asks has been looked at. Raises as `offer_make`."""
    # The order is looked at with the opening in hand, so that what is stored is what was true.
    if not await stored.slot_move(wish.slot.id, (Slot.OPEN,), Slot.HELD):
        raise NoSuchMove(wish.slot.status, Slot.HELD)
    line = await ordered(wish.pool, wish.slot, now)
    own, before = await _checked(line, wish, now)
    # Still the client's who was looked at: two may have become one meanwhile.
    if not await places.entry_offer(wish.entry.id, client=wish.entry.client):
        raise NoSuchMove(wish.entry.status, Entry.OFFERED)
    offer = await stored.offer_add(
        slot_id=wish.slot.id,
        entry_id=wish.entry.id,
        client_id=wish.entry.client,
        rules_sha256=line.rules_sha256,
        considered=len(line.order),
        passed_over=dumps([list(each) for each in before]),
        facts=dumps(await _facts_used(own, wish.entry.client)),
        reason=wish.reason,
        second_by=wish.second,
        by=wish.by,
        at=now,
        expires_at=expires_at(wish.pool.window, now),
    )
    if offer is None:
        raise NotOfferable("live-offer")
    await update_queue(client=wish.entry.client, key=f"offer {offer}", now=now, settings=settings)
    await _note_made(wish, offer, len(before), len(line.order), now)
    return offer


async def _note_made(wish: Wish, offer: int, before: int, considered: int, now: datetime) -> None:
    details: dict[str, object] = {"slot": wish.slot.id, "passed_over": before, "considered": considered}
    details |= {"reason": wish.reason} if wish.reason else {}
    details |= {"second": wish.second} if wish.second else {}
    await plumbing.note(
        wish.entry,
        "offered",
        by=wish.by,
        now=now,
        before=Entry.WAITING,
        after=Entry.OFFERED,
        offer=offer,
        details=details,
    )


async def _facts_used(own: Ranked, client: int) -> Mapping[str, str]:
    """The facts that decided: those that the opening asked for, and those that the federal order goes by."""
    known = await lines.facts_of(client)
    order = {code: known[code] for code in (PREGNANT, INJECTING) if code in known}
    return order | {each.rule: own.candidate.facts.get(each.rule, "") for each in own.answers}


async def _checked(line: Line, wish: Wish, now: datetime) -> tuple[Ranked, list[tuple[int, str]]]:
    """The chosen one, and the entries that stand before them with why each of those was not it. Raises NotOfferable or OutOfOrder."""
    own = chosen(line.order, wish.entry.id)
    turns = await sooner(line, own, wish.slot, now)
    if turns and not _is_agreed(wish, turns):
        raise OutOfOrder()
    # Whose turn it was is passed over for the reason that was given, if they were offered it once or not.
    codes = {each.candidate.entry: each.code for each in passed_over(line.order, wish.entry.id)}
    given = wish.reason or "passed-over"
    codes |= {each.candidate.entry: given if each.fit is Fit.YES else each.code for each in turns}
    return own, list(codes.items())


def _is_agreed(wish: Wish, turns: Sequence[Ranked]) -> bool:
    """Whether a second person has agreed, and knew of everybody who is passed over, in no better tier than they are in now."""
    if not wish.reason or wish.second is None or wish.second == wish.by:
        return False
    seen = wish.seen
    return seen is None or all(0 < seen.get(each.candidate.entry, 0) <= each.candidate.tier for each in turns)


def chosen(order: Sequence[Ranked], entry: int) -> Ranked:
    """The one of this entry. Raises NotOfferable, with what is in the way."""
    own = next((each for each in order if each.candidate.entry == entry), None)
    if own is None:
        raise NotOfferable("not-in-line")
    if not own.may_be_offered:
        raise NotOfferable(own.in_the_way)
    return own


# --- what comes of it ------------------------------------------------------------------------------------------------


async def offer_accept(*, offer: int, by: Actor, now: datetime, settings: Settings) -> None:
    """The client says yes. Raises NoSuchMove, also for one whose time is over, NotOfferable without a consent, NotFound, Denied."""
    found = await _in_time(offer, Offer.ACCEPTED, by, now, settings)
    async with db.staging():
        entry = await places.entry(found.entry)
        assert entry is not None
        today = await local_day(entry.timezone, now)
        # From here on the agency may learn the name: 42 CFR 2.31(c).
        if not await lines.is_consented(found.client, found.program_agency, today=today, now=now):
            raise NotOfferable("no-consent")
        await plumbing.end_offer(found, Offer.ACCEPTED, by=by.label, now=now, alive_at=now)


async def offer_decline(*, offer: int, reason: str, by: Actor, now: datetime, settings: Settings) -> None:
    """The client says no; the place in line stays. Raises NoSuchMove, also for one whose time is over, NotFound, Denied."""
    found = await _in_time(offer, Offer.DECLINED, by, now, settings)
    await _ended(found, Offer.DECLINED, by.label, now, settings, reason)


async def _in_time(offer: int, wanted: Offer, by: Actor, now: datetime, settings: Settings) -> OfferNow:
    """An offer that a client can still answer. One whose time is over ends now, and NoSuchMove says that it did."""
    found = await offer_found(offer, by, now)
    if found.status is Offer.PENDING and not is_live(found.expires_at, now):
        await offer_expire(offer=offer, now=now, settings=settings)
        raise NoSuchMove(Offer.EXPIRED, wanted)
    return found


async def offer_withdraw(*, offer: int, reason: str, by: Actor, now: datetime, settings: Settings) -> None:
    """The opening is gone. Raises NoSuchMove, NotFound, Denied."""
    await _ended(await offer_found(offer, by, now, of_program=True), Offer.WITHDRAWN, by.label, now, settings, reason)


async def offer_reject(*, offer: int, reason: str, by: Actor, now: datetime, settings: Settings) -> None:
    """The agency does not take this person, and says why. Raises NoSuchMove, NotFound, Denied."""
    await _ended(await offer_found(offer, by, now, of_program=True), Offer.REJECTED, by.label, now, settings, reason)


async def offer_admit(*, offer: int, by: Actor, now: datetime, settings: Settings) -> None:
    """The agency says that the person has come. Raises NoSuchMove, NotFound, Denied."""
    await _ended(await offer_found(offer, by, now, of_program=True), Offer.ADMITTED, by.label, now, settings)


async def offer_no_show(*, offer: int, by: Actor, now: datetime, settings: Settings) -> None:
    """The agency says that the person has not come; the place in line stays. Raises NoSuchMove, NotFound, Denied."""
    await _ended(await offer_found(offer, by, now, of_program=True), Offer.NO_SHOW, by.label, now, settings)


async def offer_heard(*, offer: int, has_come: bool, by: Actor, now: datetime, settings: Settings) -> None:
    """A peer has heard from the agency, as on the telephone, whether the person has come. Said twice it is the same.

    Raises NoSuchMove where something else has come of it, NotFound, Denied.
    """
    after = Offer.ADMITTED if has_come else Offer.NO_SHOW
    found = await offer_found(offer, by, now)
    if found.status is not after:
        await _ended(found, after, by.label, now, settings)


async def offer_cancel(*, offer: int, reason: str, by: Actor, now: datetime, settings: Settings) -> None:
    """What was accepted does not come about after all. Raises NoSuchMove, NotFound, Denied."""
    await _ended(await offer_found(offer, by, now), Offer.CANCELLED, by.label, now, settings, reason)


async def offer_acknowledge(*, offer: int, by: Actor, now: datetime) -> bool:
    """The agency has seen it. Whether that was the first time. Raises NotFound, Denied."""
    found = await offer_found(offer, by, now, of_program=True)
    async with db.staging():
        is_first = await stored.offer_acknowledge(found.id, now)
        entry = await places.entry(found.entry)
        assert entry is not None
        if is_first:
            await plumbing.note(entry, "offer-acknowledged", by=by.label, now=now, offer=offer)
    return is_first


async def offer_expire(*, offer: int, now: datetime, settings: Settings) -> bool:
    """Ends an offer whose time is over; whether it was this call that did. Once more does no harm."""
    found = await stored.offer(offer)
    if found is None or found.status is not Offer.PENDING or is_live(found.expires_at, now):
        return False
    try:
        await _ended(found, Offer.EXPIRED, SYSTEM, now, settings)
    except NoSuchMove:  # somebody else was quicker
        return False
    return True


async def offers_expire(*, now: datetime, settings: Settings) -> int:
    """Ends all offers whose time is over, and says how many. Pages that show offers call it too, so that none needs the worker to be true."""
    due = await stored.offers_over(now, SWEEP)
    return sum([await offer_expire(offer=each.id, now=now, settings=settings) for each in due])


async def offer_live(*, slot: int, entry: int) -> int | None:
    """The live offer of this opening to this entry, as after a second tap. Who asks has been looked at."""
    return next((each.id for each in await stored.live_offers(slot=slot) if each.entry == entry), None)


async def offer_found(offer: int, by: Actor, now: datetime, *, of_program: bool = False) -> OfferNow:
    """An offer, for those who keep the client's place or, `of_program`, for those who have the opening. Raises NotFound, Denied."""
    found = await stored.offer(offer)
    if found is None:
        raise NotFound(offer=offer)
    if of_program:
        demand_near(by, Action.ANSWER_OFFERS, found.program_agency, now=now)
    else:
        demand_near(by, Action.KEEP_CLIENTS, found.agency, now=now)
    return found


async def _ended(
    found: OfferNow, after: Offer, by: str, now: datetime, settings: Settings, reason: str | None = None
) -> None:
    async with db.staging():
        if after in TOLD:
            await update_queue(client=found.client, key=f"offer {found.id} {after}", now=now, settings=settings)
        await plumbing.end_offer(found, after, by=by, now=now, reason=reason)
