"""The federal order over all that an opening can go to: every line, every round, and everybody of whom something is not known."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from directory.domain.waitlist.states import Slot
from directory.services.waitlist import entries, offers, out_of_order, slots
from directory.services.waitlist.offers import OutOfOrder
from directory.services.waitlist.settling import word_settle
from directory.services.waitlist.word_pages import words_list
from directory.storage import db
from directory.storage.waitlist import checks, pools
from directory.storage.waitlist import offers as stored
from tests.lines import opening, waits
from tests.services.waitlist import world
from tests.services.waitlist.world import NOW, SETTINGS, World

HOUR = timedelta(hours=1)


async def make(made: World, slot: int, entry: int, at: timedelta = timedelta(0)) -> int:
    return await offers.offer_make(slot=slot, entry=entry, by=made.peer, now=NOW + at, settings=SETTINGS)


async def ask(made: World, slot: int, entry: int) -> int:
    return await out_of_order.offer_ask(
        slot=slot, entry=entry, reason="unreachable-today", note="", by=made.peer, now=NOW, settings=SETTINGS
    )


async def settle(made: World, word: int) -> str:
    return await word_settle(id=word, agreed=True, by=made.coordinator, now=NOW, settings=SETTINGS)


async def passed(offer: int) -> list[list[object]]:
    (row,) = await db.rows(f"SELECT passed_over FROM offer WHERE id = {offer}")
    return list(json.loads(row["passed_over"]))


async def line_of_another(made: World) -> World:
    """The line of another peer agency that gets the same openings."""
    other = await world.made()
    async with db.staging():
        await pools.level_join(other.pool, made.level)
    return other


async def joined(made: World, to: World, pool: int | None = None, **facts: str) -> int:
    """Somebody new in a line of this world, who lets the agency of the opening be told."""
    client = await world.client(to, consent=False, **facts)
    async with db.staging():
        await world.consent_add(client, made.clinic)
    return await entries.entry_join(client=client, pool=pool or to.pool, tie=1, by=to.peer, now=NOW)


# --- over all lines --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("of_another", [False, True])
async def test_who_goes_first_by_law_goes_first_whatever_line_they_stand_in(database: str, of_another: bool) -> None:
    """45 CFR 96.131(a): the preference is in the admission to a program."""
    made = await world.made()
    other, slot = await waits(made, "Lark"), await opening(made)
    if of_another:
        there = await line_of_another(made)
        pregnant = await joined(made, there, pregnant="yes")
    else:
        async with db.staging():
            pool = await pools.pool_add(
                agency=made.agency, name="Two", care="residential", timezone="UTC", minutes=240, now=NOW
            )
            await pools.level_join(pool, made.level)
        pregnant = await joined(made, made, pool, pregnant="yes")
    with pytest.raises(OutOfOrder):
        await make(made, slot, other[0])
    assert (await stored.slot(slot)).status is Slot.OPEN  # type: ignore[union-attr]
    page = await slots.slot_show(slot=slot, by=made.peer, now=NOW, settings=SETTINGS, pool=made.pool)
    assert (page.is_elsewhere, [row.is_behind for row in page.rows]) == (True, [True])
    word = await ask(made, slot, other[0])
    (card,) = (await words_list(by=made.coordinator, now=NOW, settings=SETTINGS)).waiting
    assert [each.tier for each in card.passed] == [2]
    assert [each.called for each in card.passed] == [""]
    assert await settle(made, word) == "agreed"
    (offer,) = await stored.live_offers(slot=slot)
    assert await passed(offer.id) == [[pregnant, "unreachable-today"]]
    assert await checks.broken() == {}


async def test_only_the_law_reaches_over_lines_and_only_for_those_it_can_be_offered_to(database: str) -> None:
    made = await world.made()
    there = await line_of_another(made)
    await joined(made, there)
    on_hold = await joined(made, there, pregnant="yes")
    await entries.entry_hold(
        entry=on_hold, reason="hospital", review_on=world.TODAY, by=there.peer, today=world.TODAY, now=NOW
    )
    await world.client(there, pregnant="yes")
    injecting, _ = await waits(made, "Wren", injecting_30d="yes")
    assert await passed(await make(made, await opening(made), injecting)) == []


# --- what is not known -----------------------------------------------------------------------------------------------


async def test_who_was_not_asked_yet_is_asked_or_a_second_person_agrees_to_pass_them_over(database: str) -> None:
    """WAITLIST 3.5: unknown is not false."""
    made = await world.made()
    first, _ = await waits(made, "Wren", pregnant="yes", injecting_30d="yes")
    second, _ = await waits(made, "Lark", payer="medicaid")
    slot = await opening(made, ("payer", ("medicaid",)))
    with pytest.raises(OutOfOrder):
        await make(made, slot, second)
    page = await slots.slot_show(slot=slot, by=made.peer, now=NOW, settings=SETTINGS)
    assert page.chosen.turn is None
    assert page.chosen.must_ask
    assert page.chosen.person is not None
    assert page.chosen.person.called == "Wren"
    assert [row.is_behind for row in page.rows] == [False, True]
    assert await settle(made, await ask(made, slot, second)) == "agreed"
    (offer,) = await stored.live_offers(slot=slot)
    assert await passed(offer.id) == [[first, "cannot-tell-payer"]]


async def test_once_they_said_that_it_does_not_fit_it_goes_to_the_next(database: str) -> None:
    made = await world.made()
    first, _ = await waits(made, "Wren", pregnant="yes", payer="private")
    second, _ = await waits(made, "Lark", payer="medicaid")
    assert await passed(await make(made, await opening(made, ("payer", ("medicaid",))), second)) == [[first, "payer"]]


# --- in every round --------------------------------------------------------------------------------------------------


async def test_in_a_second_round_the_order_is_that_of_the_first(database: str) -> None:
    """45 CFR 96.131(a); WAITLIST 3.3: an offer that has run out costs nobody their place."""
    made = await world.made()
    first, _ = await waits(made, "Wren", pregnant="yes")
    second, _ = await waits(made, "Lark")
    slot = await opening(made)
    for round, entry in enumerate((first, second)):
        offer = await make(made, slot, entry, 5 * round * HOUR)
        assert await offers.offer_expire(offer=offer, now=NOW + 5 * (round + 1) * HOUR, settings=SETTINGS)
    with pytest.raises(OutOfOrder):
        await make(made, slot, second, 10 * HOUR)
    page = await slots.slot_show(slot=slot, by=made.peer, now=NOW + 10 * HOUR, settings=SETTINGS)
    assert [row.is_behind for row in page.rows] == [False, True]
    await make(made, slot, first, 10 * HOUR)


async def test_a_place_that_was_closed_by_mistake_has_lost_no_turn(database: str) -> None:
    made = await world.made()
    first, _ = await waits(made, "Wren", pregnant="yes")
    second, _ = await waits(made, "Lark")
    slot = await opening(made)
    await make(made, slot, first)
    later = NOW + HOUR
    await entries.entry_close(entry=first, reason="in-error", by=made.peer, now=later, settings=SETTINGS)
    await entries.entry_reinstate(entry=first, silence=None, reason="closed-by-mistake", by=made.peer, now=later)
    with pytest.raises(OutOfOrder):
        await make(made, slot, second, HOUR)
    await make(made, slot, first, HOUR)
    assert await checks.broken() == {}


# --- with open eyes --------------------------------------------------------------------------------------------------


async def test_a_second_word_is_given_for_those_who_are_named_and_for_nobody_else(database: str) -> None:
    """45 CFR 96.131(a); WAITLIST 3.5."""
    made = await world.made()
    await waits(made, "Wren")
    second, _ = await waits(made, "Lark")
    slot = await opening(made)
    word = await ask(made, slot, second)
    (card,) = (await words_list(by=made.coordinator, now=NOW, settings=SETTINGS)).waiting
    assert [(each.called, each.tier) for each in card.passed] == [("Wren", 9)]
    await waits(made, "Dove", pregnant="yes", injecting_30d="yes")
    assert await settle(made, word) == "overtaken"
    assert await stored.live_offers(slot=slot) == []
    assert await settle(made, await ask(made, slot, second)) == "agreed"


async def test_who_comes_first_by_law_since_then_is_not_passed_over_on_an_older_word(database: str) -> None:
    made = await world.made()
    first, _ = await waits(made, "Wren")
    second, _ = await waits(made, "Lark")
    slot = await opening(made)
    word = await ask(made, slot, second)
    async with db.staging():
        await db.execute(f"UPDATE entry SET tier = 1 WHERE id = {first}")
    assert await settle(made, word) == "overtaken"
