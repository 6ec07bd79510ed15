"""The moves there are, and the many that there are not."""

from __future__ import annotations

from enum import StrEnum
from itertools import product

import pytest

from directory.domain.waitlist.states import (
    AFTER_OFFER,
    CLOSE_REASONS,
    ENTRY_MOVES,
    FEDERAL_REASONS,
    LIVE_OFFERS,
    OFFER_MOVES,
    OPEN_ENTRIES,
    SLOT_MOVES,
    Attribution,
    Entry,
    NoSuchMove,
    Offer,
    Slot,
    move,
)

TABLES = {Entry: ENTRY_MOVES, Offer: OFFER_MOVES, Slot: SLOT_MOVES}


@pytest.mark.parametrize("kind", TABLES)
def test_a_move_passes_when_the_table_names_it_and_never_else(kind: type[StrEnum]) -> None:
    table = TABLES[kind]
    assert set(table) == set(kind)
    for before, after in product(kind, kind):
        if after in table[before]:
            move(before, after)
        else:
            with pytest.raises(NoSuchMove) as refused:
                move(before, after)
            assert refused.value.status == 409


def test_states_of_two_kinds_are_never_mixed_though_their_words_are_the_same() -> None:
    assert Entry.ACCEPTED == Offer.ACCEPTED
    with pytest.raises(NoSuchMove):
        move(Entry.ACCEPTED, Offer.ADMITTED)
    with pytest.raises(NoSuchMove):
        move(Slot.CLOSED, Entry.WAITING)


def test_what_has_ended_stays_as_it_is() -> None:
    """WAITLIST 3.3: terminal rows never change."""
    assert {offer for offer in Offer if not OFFER_MOVES[offer]} == set(Offer) - LIVE_OFFERS
    assert ENTRY_MOVES[Entry.PLACED] == SLOT_MOVES[Slot.FILLED] == frozenset()


def test_every_end_of_an_offer_but_admission_gives_the_place_back() -> None:
    for offer, (entry, slot) in AFTER_OFFER.items():
        if offer in LIVE_OFFERS:
            assert (entry in OPEN_ENTRIES, slot) == (True, Slot.HELD)
        elif offer is Offer.ADMITTED:
            assert (entry, slot) == (Entry.PLACED, Slot.FILLED)
        else:
            assert entry is Entry.WAITING
            assert slot is (Slot.CLOSED if offer is Offer.WITHDRAWN else Slot.OPEN)


def test_where_an_offer_leads_the_entry_and_the_opening_can_follow() -> None:
    for before in LIVE_OFFERS:
        for after in OFFER_MOVES[before] - LIVE_OFFERS:
            move(AFTER_OFFER[before][0], AFTER_OFFER[after][0])
            if AFTER_OFFER[after][1] is not Slot.CLOSED:
                move(Slot.HELD, AFTER_OFFER[after][1])


def test_an_opening_that_is_held_is_released_before_it_can_be_closed() -> None:
    assert Slot.CLOSED not in SLOT_MOVES[Slot.HELD]
    assert Slot.CLOSED in SLOT_MOVES[Slot.OPEN]


def test_each_reason_for_closing_says_on_whose_side_it_lies() -> None:
    assert set(FEDERAL_REASONS) <= set(CLOSE_REASONS)
    assert CLOSE_REASONS["cannot-locate"] is Attribution.PROCESS, "that the search found nobody is nobody's refusal"
    assert CLOSE_REASONS["ineligible"] is Attribution.PROGRAM
