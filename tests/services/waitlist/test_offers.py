"""Offers from beginning to end, one by one and many at once."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta

import pytest

from directory.domain.access import Denied
from directory.domain.errors import NotFound
from directory.domain.waitlist.states import Entry, NoSuchMove, Offer, Slot
from directory.domain.waitlist.tiers import FEDERAL, Rules
from directory.services.sealing import seal
from directory.services.waitlist import entries, offer_pages, offers, rules, slots
from directory.services.waitlist.offers import NotOfferable, OutOfOrder
from directory.services.waitlist.ranking import line_rank
from directory.services.work import JOBS
from directory.storage import db
from directory.storage.waitlist import checks, routes
from directory.storage.waitlist import entries as places
from directory.storage.waitlist import offers as stored
from tests import lines
from tests.accounts import SETTINGS
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
    return await slots.slot_open(level=made.level, restrictions=restrictions, by=made.clerk, now=NOW)


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
    offer = await offers.offer_make(slot=slot, entry=entry, by=made.peer, now=NOW, settings=SETTINGS)
    assert await states(offer) == (Offer.PENDING, Entry.OFFERED, Slot.HELD)
    assert await offers.offer_acknowledge(offer=offer, by=made.clerk, now=NOW)
    assert not await offers.offer_acknowledge(offer=offer, by=made.clerk, now=NOW)
    await offers.offer_accept(offer=offer, by=made.peer, now=NOW + HOUR, settings=SETTINGS)
    assert await states(offer) == (Offer.ACCEPTED, Entry.ACCEPTED, Slot.HELD)
    await offers.offer_admit(offer=offer, by=made.clerk, now=NOW + 2 * HOUR, settings=SETTINGS)
    assert await states(offer) == (Offer.ADMITTED, Entry.PLACED, Slot.FILLED)
    assert await checks.broken() == {}


@pytest.mark.parametrize("end", [Offer.DECLINED, Offer.WITHDRAWN, Offer.REJECTED, Offer.EXPIRED])
async def test_no_end_of_an_offer_takes_anybodys_place(database: str, end: Offer) -> None:
    made = await world.made()
    entry, slot = await waiting(made), await opening(made)
    offer = await offers.offer_make(slot=slot, entry=entry, by=made.peer, now=NOW, settings=SETTINGS)
    before = await places.entry(entry)
    if end is Offer.DECLINED:
        await offers.offer_decline(offer=offer, reason="too-far", by=made.peer, now=NOW, settings=SETTINGS)
    elif end is Offer.WITHDRAWN:
        await offers.offer_withdraw(offer=offer, reason="bed-gone", by=made.clerk, now=NOW, settings=SETTINGS)
    elif end is Offer.REJECTED:
        await offers.offer_reject(offer=offer, reason="other-need", by=made.clerk, now=NOW, settings=SETTINGS)
    else:
        assert await offers.offers_expire(now=NOW + timedelta(minutes=world.WINDOW), settings=SETTINGS) == 1
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
    line = await line_rank(pool=made.pool, slot=slot, by=made.peer, now=NOW)
    assert [each.candidate.entry for each in line.order] == [pregnant, injecting, others]
    for more in ({}, {"reason": "only-bed-near"}, {"reason": "only-bed-near", "second": made.peer}):
        with pytest.raises(OutOfOrder):
            await offers.offer_make(slot=slot, entry=injecting, by=made.peer, now=NOW, settings=SETTINGS, **more)
    assert (await stored.slot(slot)).status is Slot.OPEN  # type: ignore[union-attr]
    offer = await offers.offer_make(
        slot=slot,
        entry=injecting,
        by=made.peer,
        now=NOW,
        settings=SETTINGS,
        reason="only-bed-near",
        second=made.coordinator,
    )
    assert (await states(offer))[1] is Entry.OFFERED


async def test_an_opening_goes_to_nobody_who_does_not_fit_or_of_whom_that_is_not_known(database: str) -> None:
    made = await world.made()
    man, unknown = await waiting(made, sex="male"), await waiting(made)
    woman = await waiting(made, tie=-1, sex="female")
    silent = await waiting(made, sex="female", consent=False)
    slot = await opening(made, ("sex", ("female",)))
    for entry, reason in ((man, "sex"), (unknown, "cannot-tell-sex"), (silent, "no-consent")):
        with pytest.raises(NotOfferable) as refused:
            await offers.offer_make(slot=slot, entry=entry, by=made.peer, now=NOW, settings=SETTINGS)
        assert refused.value.reason == reason
    await offers.offer_make(slot=slot, entry=woman, by=made.peer, now=NOW, settings=SETTINGS)
    with pytest.raises(NotOfferable, match="live-offer"):
        await offers.offer_make(slot=await opening(made), entry=woman, by=made.peer, now=NOW, settings=SETTINGS)


async def test_at_its_last_moment_an_offer_is_over_and_says_so(database: str) -> None:
    made = await world.made()
    offer = await offers.offer_make(
        slot=await opening(made), entry=await waiting(made), by=made.peer, now=NOW, settings=SETTINGS
    )
    with pytest.raises(NoSuchMove):
        await offers.offer_accept(
            offer=offer, by=made.peer, now=NOW + timedelta(minutes=world.WINDOW), settings=SETTINGS
        )
    assert await states(offer) == (Offer.EXPIRED, Entry.WAITING, Slot.OPEN)
    assert not await offers.offer_expire(offer=offer, now=NOW + 9 * HOUR, settings=SETTINGS)


async def test_a_no_that_comes_too_late_is_none_either(database: str) -> None:
    made = await world.made()
    offer = await offers.offer_make(
        slot=await opening(made), entry=await waiting(made), by=made.peer, now=NOW, settings=SETTINGS
    )
    late = NOW + timedelta(minutes=world.WINDOW)
    with pytest.raises(NoSuchMove):
        await offers.offer_decline(offer=offer, reason="too-far", by=made.peer, now=late, settings=SETTINGS)
    assert await states(offer) == (Offer.EXPIRED, Entry.WAITING, Slot.OPEN)


async def test_a_held_opening_is_not_closed_under_somebody(database: str) -> None:
    made = await world.made()
    slot = await opening(made)
    offer = await offers.offer_make(slot=slot, entry=await waiting(made), by=made.peer, now=NOW, settings=SETTINGS)
    with pytest.raises(NoSuchMove):
        await slots.slot_close(slot=slot, reason="sold-out", by=made.clerk, now=NOW)
    await offers.offer_withdraw(offer=offer, reason="bed-gone", by=made.clerk, now=NOW, settings=SETTINGS)
    assert (await states(offer))[2] is Slot.CLOSED


async def test_each_side_does_its_own_part_and_a_stranger_none(database: str) -> None:
    made = await world.made()
    entry, slot = await waiting(made), await opening(made)
    with pytest.raises(Denied):
        await offers.offer_make(slot=slot, entry=entry, by=made.clerk, now=NOW, settings=SETTINGS)
    offer = await offers.offer_make(slot=slot, entry=entry, by=made.peer, now=NOW, settings=SETTINGS)
    for who, error in ((made.clerk, Denied), (made.stranger, NotFound)):
        with pytest.raises(error):
            await offers.offer_accept(offer=offer, by=who, now=NOW, settings=SETTINGS)
    await offers.offer_accept(offer=offer, by=made.peer, now=NOW, settings=SETTINGS)
    for who in (made.peer, made.stranger):
        with pytest.raises(Denied):
            await offers.offer_admit(offer=offer, by=who, now=NOW, settings=SETTINGS)


async def test_who_leaves_the_line_gives_the_opening_back(database: str) -> None:
    made = await world.made()
    entry, slot = await waiting(made), await opening(made)
    offer = await offers.offer_make(slot=slot, entry=entry, by=made.peer, now=NOW, settings=SETTINGS)
    await offers.offer_accept(offer=offer, by=made.peer, now=NOW, settings=SETTINGS)
    await entries.entry_close(entry=entry, reason="withdrew", by=made.peer, now=NOW, settings=SETTINGS)
    assert await states(offer) == (Offer.CANCELLED, Entry.CLOSED, Slot.OPEN)
    assert await checks.broken() == {}


async def test_every_step_stands_in_the_history_and_in_the_trail_of_the_agency(database: str) -> None:
    made = await world.made()
    entry = await waiting(made)
    offer = await offers.offer_make(slot=await opening(made), entry=entry, by=made.peer, now=NOW, settings=SETTINGS)
    await offers.offer_decline(offer=offer, reason="too-far", by=made.peer, now=NOW, settings=SETTINGS)
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
                slot=slot,
                entry=entry,
                by=made.peer,
                now=NOW,
                settings=SETTINGS,
                reason="at-once",
                second=made.coordinator,
            )
        except (NoSuchMove, NotOfferable) as error:
            return error

    found = await asyncio.gather(*(attempt(entry) for entry in line))
    assert sum(isinstance(each, int) for each in found) == 1
    assert await checks.broken() == {}


async def test_of_an_acceptance_and_its_end_in_the_same_instant_one_happens(database: str) -> None:
    made = await world.made()
    offer = await offers.offer_make(
        slot=await opening(made), entry=await waiting(made), by=made.peer, now=NOW, settings=SETTINGS
    )
    end = NOW + timedelta(minutes=world.WINDOW)

    async def accept() -> bool:
        try:
            await offers.offer_accept(offer=offer, by=made.peer, now=end, settings=SETTINGS)
        except NoSuchMove:
            return False
        return True

    found = await asyncio.gather(
        *(accept() for _ in range(5)), *(offers.offer_expire(offer=offer, now=end, settings=SETTINGS) for _ in range(5))
    )
    assert not any(found[:5])
    assert (await states(offer))[0] is Offer.EXPIRED
    assert await checks.broken() == {}


async def test_an_offer_that_has_ended_stays_ended(database: str) -> None:
    made = await world.made()
    offer = await offers.offer_make(
        slot=await opening(made), entry=await waiting(made), by=made.peer, now=NOW, settings=SETTINGS
    )
    await offers.offer_decline(offer=offer, reason="too-far", by=made.peer, now=NOW, settings=SETTINGS)
    for again in (
        offers.offer_accept(offer=offer, by=made.peer, now=NOW, settings=SETTINGS),
        offers.offer_admit(offer=offer, by=made.clerk, now=NOW, settings=SETTINGS),
        offers.offer_cancel(offer=offer, reason="ill", by=made.peer, now=NOW, settings=SETTINGS),
    ):
        with pytest.raises(NoSuchMove):
            await again
    assert await states(offer) == (Offer.DECLINED, Entry.WAITING, Slot.OPEN)


async def test_with_an_offer_stands_what_it_was_made_by(database: str) -> None:
    """WAITLIST 3.5: the facts that were used, how many were considered, and of each who stood before why it was not theirs."""
    made = await world.made()
    held = await waiting(made, pregnant="yes", sex="female")
    man, unknown = await waiting(made, injecting_30d="yes", sex="male"), await waiting(made, injecting_30d="yes")
    silent = await waiting(made, sex="female", consent=False)
    woman = await waiting(made, tie=9, after=HOUR, sex="female", veteran="yes", pregnant="no")
    await entries.entry_hold(
        entry=held, reason="hospital", review_on=world.TODAY, by=made.peer, today=world.TODAY, now=NOW
    )
    slot = await opening(made, ("sex", ("female",)), ("wheelchair", ("yes",)))
    offer = await offers.offer_make(
        slot=slot,
        entry=woman,
        by=made.peer,
        now=NOW + HOUR,
        settings=SETTINGS,
        reason="unreachable-today",
        second=made.coordinator,
    )
    (row,) = await db.rows(f"SELECT considered, passed_over, facts FROM offer WHERE id = {offer}")
    assert row["considered"] == 5
    assert json.loads(row["passed_over"]) == [
        [held, "on-hold"],
        [man, "sex"],
        [unknown, "cannot-tell-sex"],
        [silent, "no-consent"],
    ]
    assert json.loads(row["facts"]) == {"pregnant": "no", "sex": "female", "wheelchair": ""}


async def test_with_an_offer_stand_the_rules_that_were_in_force(database: str) -> None:
    """WAITLIST 3.5."""
    made = await world.made()
    shown = await rules.rules_preview(id=made.pool, rules=Rules(FEDERAL), by=made.coordinator, now=NOW)
    await rules.rules_publish(id=made.pool, rules=Rules(FEDERAL), token=shown.token, by=made.coordinator, now=NOW)
    (kept,) = await db.rows(f"SELECT sha256 FROM rule_version WHERE pool_id = {made.pool}")
    offer = await lines.offered(made)
    (row,) = await db.rows(f"SELECT rules_sha256 FROM offer WHERE id = {offer}")
    assert row["rules_sha256"] == kept["sha256"]


async def test_who_stands_in_two_lines_has_one_offer_at_a_time(database: str) -> None:
    """WAITLIST 3.3: over all lines."""
    made = await world.made()
    other = await world.made(made.agency)
    client = await world.client(made)
    async with db.staging():
        await world.consent_add(client, other.clinic)
    here, there = [
        await entries.entry_join(client=client, pool=each.pool, tie=0, by=made.peer, now=NOW) for each in (made, other)
    ]
    first, second = await opening(made), await opening(other)
    offer = await offers.offer_make(slot=first, entry=here, by=made.peer, now=NOW, settings=SETTINGS)
    with pytest.raises(NotOfferable, match="live-offer"):
        await offers.offer_make(slot=second, entry=there, by=made.peer, now=NOW, settings=SETTINGS)
    await offers.offer_decline(offer=offer, reason="too-far", by=made.peer, now=NOW, settings=SETTINGS)
    await offers.offer_make(slot=second, entry=there, by=made.peer, now=NOW, settings=SETTINGS)
    assert await checks.broken() == {}


async def test_an_offer_holds_until_the_working_hours_of_its_line(database: str) -> None:
    """WAITLIST 3.3: an end outside of them moves to two hours after they begin again."""
    made = await world.made()
    hours = json.dumps([[2, 9 * 60, 8 * 60]])  # Tuesdays; now is a Monday
    async with db.staging():
        await db.execute(f"UPDATE pool SET working = '{hours}' WHERE id = {made.pool}")
    found = await stored.offer(await lines.offered(made))
    assert found is not None
    assert found.expires_at == NOW.replace(hour=11, minute=0) + timedelta(days=1)


async def test_a_yes_is_not_taken_without_a_consent_since_it_tells_the_name(database: str) -> None:
    """42 CFR 2.31(c)."""
    made = await world.made()
    offer = await offers.offer_make(
        slot=await opening(made), entry=await waiting(made), by=made.peer, now=NOW, settings=SETTINGS
    )
    async with db.staging():
        await db.execute("UPDATE consent SET agencies = '[]'")
    with pytest.raises(NotOfferable, match="no-consent"):
        await offers.offer_accept(offer=offer, by=made.peer, now=NOW, settings=SETTINGS)
    assert (await states(offer))[0] is Offer.PENDING


async def test_an_offer_and_what_does_not_come_from_the_person_are_told_by_the_routes_that_were_agreed(
    database: str,
) -> None:
    """One message a day at the most; of their own no they need none."""
    made = await world.made()
    entry = await waiting(made)
    found = await places.entry(entry)
    assert found is not None
    async with db.staging():
        columns: dict[str, object] = {"channel": "text", "sealed": seal({"to": "(555) 555-0100"}, SETTINGS)}
        await routes.add(found.client, columns | {"is_agreed": True, "may_leave_word": False, "is_shared": False})
        await db.execute("UPDATE pool SET window_minutes = 2880")
    day = timedelta(days=1)
    offer = await offers.offer_make(slot=await opening(made), entry=entry, by=made.peer, now=NOW, settings=SETTINGS)
    told = [await _messages()]
    await offers.offer_decline(offer=offer, reason="other", by=made.peer, now=NOW, settings=SETTINGS)
    told.append(await _messages())
    await offers.offer_make(slot=await opening(made), entry=entry, by=made.peer, now=NOW + day, settings=SETTINGS)
    told.append(await _messages())
    assert await offers.offers_expire(now=NOW + 3 * day, settings=SETTINGS) == 1
    assert [*told, await _messages()] == [1, 1, 2, 3]


async def _messages() -> int:
    return int((await db.rows("SELECT COUNT(*) AS n FROM outbox"))[0]["n"])


async def test_the_sweep_is_a_job_and_pages_do_without_it(database: str) -> None:
    made = await world.made()
    first = await offers.offer_make(
        slot=await opening(made), entry=await waiting(made), by=made.peer, now=NOW, settings=SETTINGS
    )
    late = NOW + timedelta(minutes=world.WINDOW)
    (job,) = [each for each in JOBS if each.name == "end-offers"]
    assert await job.run(lambda: late, SETTINGS) == 1
    assert await job.run(lambda: late, SETTINGS) == 0
    again = await offers.offer_make(
        slot=await opening(made), entry=await waiting(made, pregnant="yes"), by=made.peer, now=late, settings=SETTINGS
    )
    later = late + timedelta(minutes=world.WINDOW)
    found, _ = await slots.slots_list(by=made.peer, now=later, settings=SETTINGS)
    assert [card.slot.status for card in found] == [Slot.OPEN, Slot.OPEN]
    assert [(await states(each))[0] for each in (first, again)] == [Offer.EXPIRED, Offer.EXPIRED]


async def test_whoever_reads_a_line_is_written_down_and_nobody_by_name(database: str) -> None:
    """WAITLIST 4.3."""
    made = await world.made()
    _, upi = await lines.waits(made, "Lark")
    slot = await opening(made)
    await slots.slots_list(by=made.peer, now=NOW, settings=SETTINGS)
    await slots.slot_show(slot=slot, by=made.peer, now=NOW, settings=SETTINGS)
    await offer_pages.why_show(slot=slot, upi=upi, by=made.peer, now=NOW, settings=SETTINGS)
    rows = await db.rows("SELECT by, action, subject, details FROM access_entry ORDER BY id")
    assert [(row["by"], row["subject"]) for row in rows] == [
        (made.peer.label, "slots"),
        (made.peer.label, f"slot {slot}"),
        (made.peer.label, f"client {upi}"),
    ]
    assert "Lark" not in str(rows)


async def test_offers_stay_to_be_looked_at_the_live_ones_first(database: str) -> None:
    """WAITLIST 5.12."""
    made = await world.made()
    over, live = await lines.offered(made, "Wren"), await lines.offered(made, "Lark")
    await offers.offer_reject(offer=over, reason="not-eligible-sex", by=made.clerk, now=NOW + HOUR, settings=SETTINGS)
    found, is_more = await offer_pages.offers_list(by=made.peer, now=NOW + HOUR, settings=SETTINGS)
    assert [(card.offer.id, card.person.called) for card in found] == [(live, "Lark"), (over, "Wren")]
    assert not is_more
    page = await offer_pages.offer_show(offer=over, by=made.coordinator, now=NOW + HOUR, settings=SETTINGS)
    assert (page.offer.status, page.offer.end_reason, page.declined, page.told) == (
        Offer.REJECTED,
        "not-eligible-sex",
        0,
        (),
    )
    assert page.offer.facts == {"pregnant": "yes", "injecting-30d": "yes"}
    await offers.offer_decline(offer=live, reason="too-far", by=made.peer, now=NOW + HOUR, settings=SETTINGS)
    page = await offer_pages.offer_show(offer=live, by=made.peer, now=NOW + HOUR, settings=SETTINGS)
    assert page.declined == 1
    later = NOW + HOUR + offer_pages.ENDED_SHOWN + HOUR
    assert await offer_pages.offers_list(by=made.peer, now=later, settings=SETTINGS) == ((), False)
    for who, error in ((made.stranger, NotFound), (made.clerk, Denied)):
        with pytest.raises(error):
            await offer_pages.offer_show(offer=over, by=who, now=NOW, settings=SETTINGS)
