"""A year that never was keeps the rules of the real lines: the order, the one live offer, the states, and the tables that say what may follow."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random

import pytest

from directory.domain.waitlist.clocks import Tier
from directory.domain.waitlist.people_made import BOTH
from directory.domain.waitlist.ranking import Restriction
from directory.domain.waitlist.simulated import ACCEPTED, OPEN, PENDING, Line, Place, Source, Year
from directory.domain.waitlist.simulation import year_of
from directory.domain.waitlist.states import AFTER_OFFER, ENTRY_MOVES, LIVE_OFFERS, OPEN_ENTRIES, Entry, Offer, Slot
from directory.domain.waitlist.tiers import USUAL
from directory.domain.waitlist.windows import OfferWindow

NOW = datetime(2026, 3, 2, 20, 30, tzinfo=UTC)
SOURCE = Source(7, 1, "editor", 3.0)
LINE = Line(USUAL, OfferWindow(timedelta(hours=24)), 12, 4.0, (SOURCE,))
WOMEN = Restriction("sex", ("female", "other"))


def played(*lines: Line, days: int = 180, seed: str = "a") -> Year:
    return year_of(lines or (LINE,), ("peer", "other"), zone=UTC, now=NOW, days=days, rng=Random(seed))


YEAR = played(LINE, replace(LINE, sources=(replace(SOURCE, agency=2, asks=(WOMEN,)),)))


def last_after(place: Place) -> Entry | None:
    return next(event.after for event in reversed(place.events) if event.after)


def test_the_same_chance_makes_the_same_year_and_another_one_another() -> None:
    assert played(days=60) == played(days=60)
    assert played(days=60) != played(days=60, seed="b")


def test_the_history_of_each_place_holds_together_and_ends_where_it_stands() -> None:
    for place in YEAR.places:
        steps = [event for event in place.events if event.after]
        assert steps[0].before is None
        assert all(event.after in ENTRY_MOVES[event.before] for event in steps[1:] if event.before)
        assert all(one.after == two.before for one, two in pairwise(steps))
        assert last_after(place) == place.status
        assert [event.at for event in place.events] == sorted(event.at for event in place.events)
        assert place.events[-1].at <= NOW


def test_people_are_placed_and_leave_for_every_reason() -> None:
    reasons = {place.close_reason for place in YEAR.places if place.status is Entry.CLOSED}
    assert {"withdrew", "cannot-locate", "refused", "moved-away", "ineligible", "admitted-elsewhere"} <= reasons
    assert {Entry.PLACED, Entry.CLOSED, Entry.WAITING, Entry.ON_HOLD} <= {place.status for place in YEAR.places}
    assert {Offer.ADMITTED, Offer.EXPIRED, Offer.DECLINED, Offer.REJECTED} <= {offer.status for offer in YEAR.offers}


def test_an_opening_is_held_for_one_person_and_a_person_for_one_opening() -> None:
    live = [offer for offer in YEAR.offers if offer.status in LIVE_OFFERS]
    assert len({offer.opening for offer in live}) == len(live)
    assert len({YEAR.places[offer.place].person for offer in live}) == len(live)
    for offer in YEAR.offers:
        if offer.status in LIVE_OFFERS or offer.status is Offer.ADMITTED:
            entry, slot = AFTER_OFFER[offer.status]
            assert (YEAR.places[offer.place].status, YEAR.openings[offer.opening].status) == (entry, slot)
    held = {opening.number for opening in YEAR.openings if opening.status is Slot.HELD}
    assert held == {offer.opening for offer in live}


def test_who_was_passed_over_was_so_for_a_reason_and_out_of_turn_needs_two() -> None:
    """45 CFR 96.131(a); WAITLIST 3.5: nobody is passed over who could have been offered it, but with a reason and a second person."""
    in_turn = [offer for offer in YEAR.offers if offer.reason is None]
    assert in_turn
    assert all(code for offer in in_turn for _, code in offer.passed)
    out = [offer for offer in YEAR.offers if offer.reason]
    assert out
    assert all(offer.second == "coordinator" and (code := offer.reason) in {why for _, why in offer.passed} and code for offer in out)  # fmt: skip


def test_who_comes_first_by_law_is_placed_sooner() -> None:
    """45 CFR 96.131(a): people who inject drugs go before all others."""

    def days(place: Place) -> float:
        return (place.events[-1].at - place.requested_at) / timedelta(days=1)

    year = played(replace(LINE, sources=(replace(SOURCE, week=2.6),)), days=360)
    first, rest = (
        [
            days(each)
            for each in year.places
            if each.status is Entry.PLACED and (each.tier <= Tier.INJECTING) is is_first
        ]
        for is_first in (True, False)
    )
    assert sum(first) / len(first) < sum(rest) / len(rest) / 2


def test_nothing_is_offered_without_a_consent_that_names_the_agency() -> None:
    """42 CFR 2.31."""
    for offer in YEAR.offers:
        person = YEAR.people[YEAR.places[offer.place].person]
        assert YEAR.openings[offer.opening].source.agency in person.agrees_to
        assert person.agreed_at
        assert person.agreed_at <= offer.at


@pytest.mark.parametrize(("last", "slot"), [(PENDING, Slot.HELD), (ACCEPTED, Slot.HELD), (OPEN, Slot.OPEN)])
def test_what_comes_of_the_last_openings_can_be_said_beforehand(last: str, slot: Slot) -> None:
    year = played(replace(LINE, last=((last, 9.0),)), days=90)
    (opening,) = [each for each in year.openings if each.last]
    assert opening.status is slot
    offers = [each for each in year.offers if each.opening == opening.number]
    assert [each.status for each in offers] == ([] if last == OPEN else [Offer(last)])
    assert all(each.expires_at > NOW for each in offers)


def test_a_hold_of_long_ago_that_nobody_has_looked_at_is_among_those_of_today() -> None:
    overdue = [each for each in YEAR.places if each.review_on and each.review_on < NOW.date()]
    assert overdue
    assert all(each.status is Entry.ON_HOLD for each in overdue)


def test_numbers_of_people_are_kept_free_for_stories_and_nobody_shares_one() -> None:
    phones = [person.phone for person in YEAR.people]
    assert all("-555-01" in phone for phone in phones)
    assert len(set(phones)) == len(phones)
    assert {person.agrees_to for person in YEAR.people} >= {BOTH}
    assert any(place.status in OPEN_ENTRIES for place in YEAR.places)
