"""What one person alone must not do: asked for by one, agreed to by another, and done once or not at all."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from directory.domain.access import Actor, Denied
from directory.domain.errors import FootbridgeError, NotFound, Settled
from directory.domain.people import UnfitFields
from directory.domain.waitlist.states import Entry, NoSuchMove, Offer, Slot
from directory.services.waitlist import entries, offers, out_of_order, slots
from directory.services.waitlist.offers import NotOfferable
from directory.services.waitlist.out_of_order import InOrder
from directory.services.waitlist.second_words import words_waiting
from directory.services.waitlist.settling import OwnWord, word_settle
from directory.services.waitlist.word_pages import words_list
from directory.storage import db
from directory.storage.waitlist import checks, second_words
from directory.storage.waitlist import entries as places
from directory.storage.waitlist import offers as stored
from tests.lines import colleague, opening, waits
from tests.services.waitlist import world
from tests.services.waitlist.world import NOW, SETTINGS, World


async def ask(
    made: World, slot: int, entry: int, reason: str = "safety", note: str = "", by: Actor | None = None
) -> int:
    return await out_of_order.offer_ask(
        slot=slot, entry=entry, reason=reason, note=note, by=by or made.peer, now=NOW, settings=SETTINGS
    )


async def settle(made: World, id: int, agreed: bool = True, by: Actor | None = None) -> str:
    return await word_settle(id=id, agreed=agreed, by=by or made.coordinator, now=NOW, settings=SETTINGS)


async def two(made: World) -> tuple[int, int, int]:
    """The first and the second in line, and an opening."""
    first, _ = await waits(made, "Wren", pregnant="yes")
    second, _ = await waits(made, "Lark")
    return first, second, await opening(made)


async def live_offer(slot: int) -> stored.OfferNow:
    (found,) = await stored.live_offers(slot=slot)
    return found


async def test_with_a_second_word_an_opening_goes_out_of_turn_and_all_of_it_is_kept(database: str) -> None:
    """WAITLIST 3.5; the order is that of 45 CFR 96.131(a)."""
    made = await world.made()
    first, second, slot = await two(made)
    word = await ask(made, slot, second)
    assert (await stored.slot(slot)).status is Slot.OPEN  # type: ignore[union-attr]
    assert await settle(made, word) == "agreed"
    offer = await live_offer(slot)
    assert offer.entry == second
    (row,) = await db.rows(f"SELECT reason, second_by, by, passed_over, considered FROM offer WHERE id = {offer.id}")
    assert (row["reason"], row["second_by"], row["by"]) == ("safety", made.coordinator.label, made.peer.label)
    assert (row["passed_over"], row["considered"]) == (f'[[{first},"safety"]]', 2)
    told = await db.rows(f"SELECT action FROM audit_entry WHERE chain = 'agency {made.agency}' ORDER BY seq")
    assert [each["action"] for each in told][-3:] == ["word-asked", "entry-offered", "word-agreed"]
    assert await checks.broken() == {}


async def test_whoever_asks_does_not_agree_and_neither_does_a_stranger_or_an_agency(database: str) -> None:
    made, other = await world.made(), await world.made()
    _, second, slot = await two(made)
    word = await ask(made, slot, second)
    for who, error in (
        (made.peer, OwnWord),
        (made.clerk, Denied),
        (other.coordinator, NotFound),
        (made.stranger, NotFound),
    ):
        with pytest.raises(error):
            await settle(made, word, by=who)
    assert await settle(made, word, by=colleague(made)) == "agreed"  # another peer will do for an offer


async def test_a_peer_is_no_second_person_for_what_a_coordinator_answers(database: str) -> None:
    made = await world.made()
    entry, _ = await waits(made, "Wren")
    word = await entries.entry_backdate_ask(
        entry=entry, to=NOW - timedelta(days=3), reason="old-list", note="", by=made.peer, now=NOW, settings=SETTINGS
    )
    with pytest.raises(Denied):
        await settle(made, word, by=colleague(made))
    assert await settle(made, word) == "agreed"


async def test_a_second_day_to_date_back_to_takes_the_place_of_the_first(database: str) -> None:
    """WAITLIST 3.2: the second person agrees to the day that was asked for last, and to no other."""
    made = await world.made()
    entry, _ = await waits(made, "Wren")

    async def back(days: int) -> int:
        to = NOW - timedelta(days=days)
        return await entries.entry_backdate_ask(
            entry=entry, to=to, reason="old-list", note="", by=made.peer, now=NOW, settings=SETTINGS
        )

    first, second = await back(3), await back(9)
    assert second != first
    assert await back(9) == second
    with pytest.raises(Settled):
        await settle(made, first)
    assert await settle(made, second) == "agreed"
    found = await places.entry(entry)
    assert found is not None
    assert found.requested_at == NOW - timedelta(days=9)


async def test_refused_nothing_happens_and_it_can_be_asked_again(database: str) -> None:
    made = await world.made()
    _, second, slot = await two(made)
    word = await ask(made, slot, second)
    assert await ask(made, slot, second) == word
    assert await settle(made, word, agreed=False) == "refused"
    assert await stored.live_offers(slot=slot) == []
    with pytest.raises(Settled):
        await settle(made, word)
    assert await ask(made, slot, second) != word


async def test_what_somebody_was_quicker_with_is_overtaken_and_leaves_nothing_behind(database: str) -> None:
    made = await world.made()
    first, second, slot = await two(made)
    word = await ask(made, slot, second)
    offer = await offers.offer_make(slot=slot, entry=first, by=made.peer, now=NOW, settings=SETTINGS)
    assert await settle(made, word) == "overtaken"
    assert (await live_offer(slot)).id == offer
    found = await second_words.word(word)
    assert found is not None
    assert (found.status, found.settled_by) == ("overtaken", made.coordinator.label)


async def test_all_is_looked_at_once_more_when_a_second_person_agrees(database: str) -> None:
    """42 CFR 2.31(c): a consent that was taken back meanwhile lets nothing be told."""
    made = await world.made()
    _, second, slot = await two(made)
    word = await ask(made, slot, second)
    async with db.staging():
        await db.execute("UPDATE consent SET revoked_at = signed_on")
    assert await settle(made, word) == "overtaken"
    opening_now = await stored.slot(slot)
    assert opening_now is not None
    assert opening_now.status is Slot.OPEN
    assert await checks.broken() == {}


async def test_nobody_is_asked_about_whose_turn_it_is_anyway_nor_about_what_cannot_be(database: str) -> None:
    made = await world.made()
    first, second, slot = await two(made)
    silent, _ = await waits(made, "Dove", consent=False)
    for entry, error in ((first, InOrder), (silent, NotOfferable)):
        with pytest.raises(error):
            await ask(made, slot, entry)
    for reason, note in (("because", ""), ("other", " "), ("other", "x" * 501)):
        with pytest.raises(UnfitFields):
            await ask(made, slot, second, reason, note)
    await offers.offer_make(slot=slot, entry=first, by=made.peer, now=NOW, settings=SETTINGS)
    with pytest.raises(NoSuchMove):
        await ask(made, slot, second)


async def test_of_two_who_answer_at_once_one_does(database: str) -> None:
    made = await world.made()
    _, second, slot = await two(made)
    word = await ask(made, slot, second)

    async def answer(agreed: bool, by: Actor) -> str:
        try:
            return await settle(made, word, agreed, by)
        except FootbridgeError as error:
            return error.code

    people = [made.coordinator, *(colleague(made, person) for person in (7, 8, 9))]
    found = await asyncio.gather(*(answer(number % 2 == 0, by) for number, by in enumerate(people)))
    assert sorted(found) in (["agreed", "settled", "settled", "settled"], ["refused", "settled", "settled", "settled"])
    assert len(await stored.live_offers(slot=slot)) == found.count("agreed")
    assert await checks.broken() == {}


async def test_the_page_has_what_waits_for_the_reader_and_what_they_asked_for(database: str) -> None:
    made = await world.made()
    _, second, slot = await two(made)
    await ask(made, slot, second, "other", "They are brothers")
    mine = await words_list(by=made.peer, now=NOW, settings=SETTINGS)
    assert [(card.word.kind, card.may_settle) for card in mine.own] == [("out-of-order", False)]
    assert (mine.waiting, await words_waiting(by=made.peer, now=NOW)) == ((), 0)
    theirs = await words_list(by=made.coordinator, now=NOW, settings=SETTINGS)
    (card,) = theirs.waiting
    assert card.person is not None
    assert (card.person.called, card.note) == ("Lark", "They are brothers")
    assert await words_waiting(by=made.coordinator, now=NOW) == 1
    assert await words_waiting(by=made.clerk, now=NOW) == 0
    (row,) = await db.rows("SELECT sealed, details FROM second_word")
    assert "brothers" not in row["sealed"]
    with pytest.raises(Denied):
        await words_list(by=made.clerk, now=NOW, settings=SETTINGS)


async def test_an_offer_that_ended_comes_to_others_first_and_back_through_the_line(database: str) -> None:
    """WAITLIST 3.3, 5.12."""
    made = await world.made()
    first, second, slot = await two(made)
    offer = await offers.offer_make(slot=slot, entry=first, by=made.peer, now=NOW, settings=SETTINGS)
    await offers.offer_decline(offer=offer, reason="not-now", by=made.peer, now=NOW, settings=SETTINGS)
    page = await slots.slot_show(slot=slot, by=made.peer, now=NOW, settings=SETTINGS)
    assert page.chosen.turn is not None
    assert page.chosen.turn.candidate.entry == second
    again = await offers.offer_make(slot=slot, entry=first, by=made.peer, now=NOW, settings=SETTINGS)
    await offers.offer_reject(offer=again, reason="other", by=made.clerk, now=NOW, settings=SETTINGS)
    with pytest.raises(NotOfferable, match="agency-refused"):
        await offers.offer_make(slot=slot, entry=first, by=made.peer, now=NOW, settings=SETTINGS)
    found = await offers.offer_make(slot=slot, entry=second, by=made.peer, now=NOW, settings=SETTINGS)
    (row,) = await db.rows(f"SELECT passed_over, reason FROM offer WHERE id = {found}")
    assert (row["passed_over"], row["reason"]) == (f'[[{first},"agency-refused"]]', None)
    now = await stored.offer(found)
    assert now is not None
    assert now.status is Offer.PENDING
    states = {each["id"]: each["status"] for each in await db.rows("SELECT id, status FROM entry")}
    assert states == {first: Entry.WAITING, second: Entry.OFFERED}
