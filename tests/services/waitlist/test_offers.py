"""Offers from beginning to end, one by one and many at once."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from directory.domain.access import Denied
from directory.domain.waitlist.states import Entry, NoSuchMove, Offer, Slot
from directory.services.waitlist import entries, offers
from directory.services.waitlist.offers import NotOfferable, OutOfOrder
from directory.storage import db
from directory.storage.waitlist import checks
from directory.storage.waitlist import entries as places
from directory.storage.waitlist import offers as stored
from tests.services.waitlist import world
from tests.services.waitlist.world import NOW, World

HOUR = timedelta(hours=1)


async def waiting(
    made: World, *, tie: int = 0, after: timedelta = timedelta(0), consent: bool = True, **facts: str
) -> int:
    """The entry of a new client."""
    client = await world.client(made, consent=consent, **facts)
    return await entries.entry_join(client=client, pool=made.pool, tie=tie, by=made.peer, now=NOW + after)


async def opening(made: World, *restrictions: tuple[str, tuple[str, ...]]) -> int:
    return await offers.slot_open(level=made.level, restrictions=restrictions, by=made.clerk, now=NOW)


async def states(offer: int) -> tuple[Offer, Entry, Slot]:
    """Where an offer, its entry and its opening stand."""
    found = await stored.offer(offer)
    assert found is not None
    entry, slot = await places.entry(found.entry), await stored.slot(found.slot)
    assert entry is not None
    assert slot is not None
    return found.status, entry.status, slot.status


async def test_an_offer_that_is_accepted_and_admitted_places_somebody(database: str) -> None:
    made = await world.made()
    entry, slot = await waiting(made), await opening(made)
    offer = await offers.offer_make(slot=slot, entry=entry, by=made.peer, now=NOW)
    assert await states(offer) == (Offer.PENDING, Entry.OFFERED, Slot.HELD)
    assert await offers.offer_acknowledge(offer=offer, by=made.clerk, now=NOW)
    assert not await offers.offer_acknowledge(offer=offer, by=made.clerk, now=NOW)
    await offers.offer_accept(offer=offer, by=made.peer, now=NOW + HOUR)
    assert await states(offer) == (Offer.ACCEPTED, Entry.ACCEPTED, Slot.HELD)
    await offers.offer_admit(offer=offer, by=made.clerk, now=NOW + 2 * HOUR)
    assert await states(offer) == (Offer.ADMITTED, Entry.PLACED, Slot.FILLED)
    assert await checks.broken() == {}


@pytest.mark.parametrize("end", [Offer.DECLINED, Offer.WITHDRAWN, Offer.REJECTED, Offer.EXPIRED])
async def test_no_end_of_an_offer_takes_anybodys_place(database: str, end: Offer) -> None:
    made = await world.made()
    entry, slot = await waiting(made), await opening(made)
    offer = await offers.offer_make(slot=slot, entry=entry, by=made.peer, now=NOW)
    before = await places.entry(entry)
    if end is Offer.DECLINED:
        await offers.offer_decline(offer=offer, reason="too-far", by=made.peer, now=NOW)
    elif end is Offer.WITHDRAWN:
        await offers.offer_withdraw(offer=offer, reason="bed-gone", by=made.clerk, now=NOW)
    elif end is Offer.REJECTED:
        await offers.offer_reject(offer=offer, reason="other-need", by=made.clerk, now=NOW)
    else:
        assert await offers.offers_expire(now=NOW + timedelta(minutes=world.WINDOW)) == 1
    after = await places.entry(entry)
    assert before is not None
    assert after is not None
    assert (after.status, after.requested_at) == (Entry.WAITING, before.requested_at)
    assert (await states(offer))[2] is (Slot.CLOSED if end is Offer.WITHDRAWN else Slot.OPEN)
    assert await checks.broken() == {}


async def test_the_federal_order_decides_and_another_needs_a_reason_and_a_second_person(database: str) -> None:
    """45 CFR 96.131(a)."""
    made = await world.made()
    others = await waiting(made)
    injecting = await waiting(made, after=HOUR, injecting_30d="yes")
    pregnant = await waiting(made, after=2 * HOUR, pregnant="yes")
    slot = await opening(made)
    line = await offers.line_rank(pool=made.pool, slot=slot, by=made.peer, now=NOW)
    assert [each.candidate.entry for each in line.order] == [pregnant, injecting, others]
    for more in ({}, {"reason": "only-bed-near"}, {"reason": "only-bed-near", "second": made.peer}):
        with pytest.raises(OutOfOrder):
            await offers.offer_make(slot=slot, entry=injecting, by=made.peer, now=NOW, **more)  # type: ignore[arg-type]
    assert (await stored.slot(slot)).status is Slot.OPEN  # type: ignore[union-attr]
    offer = await offers.offer_make(
        slot=slot, entry=injecting, by=made.peer, now=NOW, reason="only-bed-near", second=made.coordinator
    )
    assert (await states(offer))[1] is Entry.OFFERED


async def test_an_opening_goes_to_nobody_who_does_not_fit_or_of_whom_that_is_not_known(database: str) -> None:
    made = await world.made()
    man, unknown, woman = await waiting(made, sex="male"), await waiting(made), await waiting(made, sex="female")
    silent = await waiting(made, sex="female", consent=False)
    slot = await opening(made, ("sex", ("female",)))
    for entry, reason in ((man, "sex"), (unknown, "cannot-tell-sex"), (silent, "no-consent")):
        with pytest.raises(NotOfferable) as refused:
            await offers.offer_make(slot=slot, entry=entry, by=made.peer, now=NOW)
        assert refused.value.reason == reason
    await offers.offer_make(slot=slot, entry=woman, by=made.peer, now=NOW)
    with pytest.raises(NotOfferable, match="live-offer"):
        await offers.offer_make(slot=await opening(made), entry=woman, by=made.peer, now=NOW)


async def test_at_its_last_moment_an_offer_is_over_and_says_so(database: str) -> None:
    made = await world.made()
    offer = await offers.offer_make(slot=await opening(made), entry=await waiting(made), by=made.peer, now=NOW)
    with pytest.raises(NoSuchMove):
        await offers.offer_accept(offer=offer, by=made.peer, now=NOW + timedelta(minutes=world.WINDOW))
    assert await states(offer) == (Offer.EXPIRED, Entry.WAITING, Slot.OPEN)
    assert not await offers.offer_expire(offer=offer, now=NOW + 9 * HOUR)


async def test_a_held_opening_is_not_closed_under_somebody(database: str) -> None:
    made = await world.made()
    slot = await opening(made)
    offer = await offers.offer_make(slot=slot, entry=await waiting(made), by=made.peer, now=NOW)
    with pytest.raises(NoSuchMove):
        await offers.slot_close(slot=slot, reason="sold-out", by=made.clerk, now=NOW)
    await offers.offer_withdraw(offer=offer, reason="bed-gone", by=made.clerk, now=NOW)
    assert (await states(offer))[2] is Slot.CLOSED


async def test_each_side_does_its_own_part_and_a_stranger_none(database: str) -> None:
    made = await world.made()
    entry, slot = await waiting(made), await opening(made)
    with pytest.raises(Denied):
        await offers.offer_make(slot=slot, entry=entry, by=made.clerk, now=NOW)
    offer = await offers.offer_make(slot=slot, entry=entry, by=made.peer, now=NOW)
    for who in (made.clerk, made.stranger):
        with pytest.raises(Denied):
            await offers.offer_accept(offer=offer, by=who, now=NOW)
    await offers.offer_accept(offer=offer, by=made.peer, now=NOW)
    for who in (made.peer, made.stranger):
        with pytest.raises(Denied):
            await offers.offer_admit(offer=offer, by=who, now=NOW)


async def test_who_leaves_the_line_gives_the_opening_back(database: str) -> None:
    made = await world.made()
    entry, slot = await waiting(made), await opening(made)
    offer = await offers.offer_make(slot=slot, entry=entry, by=made.peer, now=NOW)
    await offers.offer_accept(offer=offer, by=made.peer, now=NOW)
    await entries.entry_close(entry=entry, reason="withdrew", by=made.peer, now=NOW)
    assert await states(offer) == (Offer.CANCELLED, Entry.CLOSED, Slot.OPEN)
    assert await checks.broken() == {}


async def test_every_step_stands_in_the_history_and_in_the_trail_of_the_agency(database: str) -> None:
    made = await world.made()
    entry = await waiting(made)
    offer = await offers.offer_make(slot=await opening(made), entry=entry, by=made.peer, now=NOW)
    await offers.offer_decline(offer=offer, reason="too-far", by=made.peer, now=NOW)
    steps = await db.rows(f"SELECT what, after FROM entry_event WHERE entry_id = {entry} ORDER BY id")
    assert [(step["what"], step["after"]) for step in steps] == [
        ("joined", "waiting"),
        ("offered", "offered"),
        ("offer-declined", "waiting"),
    ]
    chain = f"agency {made.agency}"
    told = await db.rows(f"SELECT action, subject FROM audit_entry WHERE chain = '{chain}' ORDER BY seq")
    assert [row["action"] for row in told] == ["entry-joined", "entry-offered", "entry-offer-declined"]
    assert {row["subject"].split()[0] for row in told} == {"client"}


async def test_of_many_who_offer_one_opening_at_once_one_does(database: str) -> None:
    made = await world.made()
    slot = await opening(made)
    line = [await waiting(made) for _ in range(6)]

    async def attempt(entry: int) -> object:
        try:
            return await offers.offer_make(
                slot=slot, entry=entry, by=made.peer, now=NOW, reason="at-once", second=made.coordinator
            )
        except (NoSuchMove, NotOfferable) as error:
            return error

    found = await asyncio.gather(*(attempt(entry) for entry in line))
    assert sum(isinstance(each, int) for each in found) == 1
    assert await checks.broken() == {}


async def test_of_an_acceptance_and_its_end_in_the_same_instant_one_happens(database: str) -> None:
    made = await world.made()
    offer = await offers.offer_make(slot=await opening(made), entry=await waiting(made), by=made.peer, now=NOW)
    end = NOW + timedelta(minutes=world.WINDOW)

    async def accept() -> bool:
        try:
            await offers.offer_accept(offer=offer, by=made.peer, now=end)
        except NoSuchMove:
            return False
        return True

    found = await asyncio.gather(
        *(accept() for _ in range(5)), *(offers.offer_expire(offer=offer, now=end) for _ in range(5))
    )
    assert not any(found[:5])
    assert (await states(offer))[0] is Offer.EXPIRED
    assert await checks.broken() == {}


async def test_an_offer_that_has_ended_stays_ended(database: str) -> None:
    made = await world.made()
    offer = await offers.offer_make(slot=await opening(made), entry=await waiting(made), by=made.peer, now=NOW)
    await offers.offer_decline(offer=offer, reason="too-far", by=made.peer, now=NOW)
    for again in (
        offers.offer_accept(offer=offer, by=made.peer, now=NOW),
        offers.offer_admit(offer=offer, by=made.clerk, now=NOW),
        offers.offer_cancel(offer=offer, reason="ill", by=made.peer, now=NOW),
    ):
        with pytest.raises(NoSuchMove):
            await again
    assert await states(offer) == (Offer.DECLINED, Entry.WAITING, Slot.OPEN)
