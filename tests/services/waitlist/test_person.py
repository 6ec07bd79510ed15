"""What a person's page is made of, on both engines: places with their reasons, services for the wait, appeals, and who goes with them."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from directory.domain.access import Actor, Denied, Grant, Role
from directory.domain.errors import NotFound, Settled
from directory.domain.people import UnfitFields
from directory.domain.waitlist.board import Why
from directory.domain.waitlist.clocks import INTERIM, INTERIM_PREGNANT
from directory.domain.waitlist.ranking import Fit, fit_of
from directory.domain.waitlist.states import Entry, Offer
from directory.services.bridge.covers import cover_add
from directory.services.waitlist import appeals, entries, offers, slots
from directory.services.waitlist.appeals import OwnDecision
from directory.services.waitlist.interim import interim_note, interim_of
from directory.services.waitlist.person import NotTheirsToMove, client_move, kept_upi, person_show
from directory.storage import db
from directory.storage.accounts import grant_add
from directory.storage.waitlist import checks
from directory.storage.waitlist import entries as places
from directory.storage.waitlist.entries import EntryNow
from tests.services.waitlist import agency, world
from tests.services.waitlist.world import NOW, SETTINGS, World

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


async def joined(made: World, after: timedelta = timedelta(0), **facts: str) -> EntryNow:
    """A new client in the line, with a consent that names the clinic."""
    client = await agency.somebody(made, SETTINGS, **facts)
    await agency.consent(client, made.clinic, settings=SETTINGS)
    id = await entries.entry_join(client=client, pool=made.pool, tie=client, by=made.peer, now=NOW + after)
    return await now_of(id)


async def now_of(entry: int) -> EntryNow:
    found = await places.entry(entry)
    assert found is not None
    return found


async def opening(made: World, *restrictions: tuple[str, tuple[str, ...]]) -> int:
    return await slots.slot_open(level=made.level, restrictions=restrictions, by=made.clerk, now=NOW)


# --- the page --------------------------------------------------------------------------------------------------------


async def test_a_page_counts_those_who_stand_before_somebody_by_their_state(database: str) -> None:
    made = await world.made()
    first = await joined(made)
    second = await joined(made, HOUR, injecting_30d="yes")
    await joined(made, 2 * HOUR, pregnant="yes")
    await joined(made, 3 * HOUR)
    await entries.entry_hold(
        entry=second.id, reason="paperwork", review_on=world.TODAY, by=made.peer, today=world.TODAY, now=NOW
    )
    page = await person_show(upi=first.upi, by=made.peer, now=NOW + DAY, settings=SETTINGS)
    assert {each.status: (each.ahead, each.all) for each in page.spots[0].before} == {
        "waiting": (1, 3),
        "on-hold": (1, 1),
    }


async def test_a_page_says_of_each_open_opening_whether_it_fits(database: str) -> None:
    made = await world.made()
    entry = await joined(made, sex="female")
    for rules in ((), (("sex", ("male",)),), (("payer", ("medicaid",)),)):
        await opening(made, *rules)
    page = await person_show(upi=entry.upi, by=made.peer, now=NOW, settings=SETTINGS)
    assert [fit_of(each.answers) for each in page.spots[0].openings] == [Fit.YES, Fit.NO, Fit.UNKNOWN]


async def test_a_page_tells_what_the_board_tells(database: str) -> None:
    made = await world.made()
    entry = await joined(made, injecting_30d="yes")
    page = await person_show(upi=entry.upi, by=made.peer, now=NOW + HOUR, settings=SETTINGS)
    assert [line.why for line in page.lines] == [Why.INTERIM, Why.ADMIT_LATER]


async def test_after_two_noes_a_talk_is_due_and_the_place_is_kept(database: str) -> None:
    """WAITLIST 3.2: after 2 client declines ask for a conversation, not removal."""
    made = await world.made()
    entry = await joined(made)
    for number in range(2):
        made_offer = await offers.offer_make(
            slot=await opening(made), entry=entry.id, by=made.peer, now=NOW, settings=SETTINGS
        )
        await offers.offer_decline(
            offer=made_offer, reason="too-far", by=made.peer, now=NOW + number * HOUR, settings=SETTINGS
        )
        await db.execute("UPDATE slot SET status = 'closed'")
    page = await person_show(upi=entry.upi, by=made.peer, now=NOW + 2 * HOUR, settings=SETTINGS)
    assert Why.TALK in {line.why for line in page.lines}
    assert (await now_of(entry.id)).status is Entry.WAITING
    assert [offer.status for offer in page.offers] == [Offer.DECLINED, Offer.DECLINED]


async def test_who_is_placed_at_one_level_keeps_waiting_for_the_other(database: str) -> None:
    """WAITLIST 1.4: a person getting a lower level while waiting still counts for the higher one."""
    made = await world.made()
    other = await world.made(made.agency)
    entry = await joined(made)
    higher = await entries.entry_join(client=entry.client, pool=other.pool, tie=1, by=made.peer, now=NOW)
    offer = await offers.offer_make(slot=await opening(made), entry=entry.id, by=made.peer, now=NOW, settings=SETTINGS)
    await offers.offer_accept(offer=offer, by=made.peer, now=NOW, settings=SETTINGS)
    await offers.offer_admit(offer=offer, by=made.clerk, now=NOW, settings=SETTINGS)
    assert [(await now_of(id)).status for id in (entry.id, higher)] == [Entry.PLACED, Entry.WAITING]
    page = await person_show(upi=entry.upi, by=made.peer, now=NOW, settings=SETTINGS)
    assert [spot.is_open for spot in page.spots] == [True, False]
    assert await checks.broken() == {}


async def test_a_stranger_finds_nobody_and_a_clerk_may_not_look(database: str) -> None:
    made = await world.made()
    entry = await joined(made)
    with pytest.raises(NotFound):
        await person_show(upi=entry.upi, by=made.stranger, now=NOW, settings=SETTINGS)
    with pytest.raises(Denied):
        await kept_upi(upi=entry.upi, by=made.clerk, now=NOW, settings=SETTINGS)


async def test_of_two_who_move_somebody_at_once_one_does(database: str) -> None:
    made = await world.made()
    entry = await joined(made)
    async with db.staging():
        peer = await world.account(made.peer)
        await db.insert_many(
            "role_grant",
            ("person_id", "agency_id", "role", "trusted", "granted_by", "granted_at"),
            [(peer, made.agency, "peer", False, "test", NOW.isoformat() if db.is_sqlite() else NOW)],
        )
    page = await person_show(upi=entry.upi, by=made.peer, now=NOW, settings=SETTINGS)
    assert [(each.id, each.name) for each in page.peers] == [(peer, "Ana Reed")]
    given = {"upi": entry.upi, "version": page.who.row.version, "by": made.peer, "now": NOW, "settings": SETTINGS}
    assert await client_move(peer=peer, **given)  # type: ignore[arg-type]
    assert not await client_move(peer=None, **given)  # type: ignore[arg-type]
    with pytest.raises(UnfitFields):
        await client_move(peer=peer + 1000, **given)  # type: ignore[arg-type]


async def test_who_goes_with_somebody_is_said_by_that_peer_who_stands_in_or_a_coordinator(database: str) -> None:
    made = await world.made()
    entry = await joined(made)
    ana, ben, cara = [await hired(made, number) for number in range(3)]

    async def moves(by: Actor, to: Actor, version: int) -> bool:
        return await client_move(upi=entry.upi, peer=to.person, version=version + 1, by=by, now=NOW, settings=SETTINGS)

    assert await moves(ben, ana, 1), "with whom nobody goes any peer may take on"
    for by in (ben, cara):
        with pytest.raises(NotTheirsToMove):
            await moves(by, by, 2)
        assert not (await person_show(upi=entry.upi, by=by, now=NOW, settings=SETTINGS)).may_move
    days = {"from_on": world.TODAY, "until_on": world.TODAY}
    away = {"agency": made.agency, "away": ana.person or 0, "stand_in": cara.person or 0, "settings": SETTINGS}
    await cover_add(form="a" * 43, by=ana, now=NOW, **days, **away)  # type: ignore[arg-type]
    assert await moves(cara, cara, 2)
    with pytest.raises(NotTheirsToMove):
        await moves(ana, ana, 3)
    assert await moves(made.coordinator, ana, 3)
    assert await moves(ana, ben, 4)


async def test_somebody_whose_peer_works_there_no_more_may_be_taken_by_any_peer(database: str) -> None:
    made = await world.made()
    entry = await joined(made)
    ana, ben = [await hired(made, number) for number in range(2)]
    given = {"upi": entry.upi, "now": NOW, "settings": SETTINGS}
    assert await client_move(peer=ana.person, version=2, by=ana, **given)  # type: ignore[arg-type]
    await db.execute(f"UPDATE role_grant SET ended_at = granted_at WHERE person_id = {ana.person}")
    assert await client_move(peer=ben.person, version=3, by=ben, **given)  # type: ignore[arg-type]


async def hired(made: World, number: int) -> Actor:
    """A peer of the agency."""
    actor = Actor(7_100 + number, (Grant(Role.PEER, made.agency),))
    async with db.staging():
        await grant_add(await world.account(actor), actor.grants[0], by="test", now=NOW)
    return actor


# --- services for the wait -------------------------------------------------------------------------------------------


async def test_services_are_offered_in_time_when_the_last_that_is_due_is(database: str) -> None:
    """45 CFR 96.126(b)(2), 96.131(d): 48 hours, and acceptance is not required."""
    made = await world.made()
    entry = await joined(made, pregnant="yes")
    note = {"upi": entry.upi, "by": made.peer, "settings": SETTINGS}
    offered = dict.fromkeys(INTERIM, "declined")
    assert await interim_note(items=offered, form="a" * 43, now=NOW + HOUR, **note)  # type: ignore[arg-type]
    assert not await interim_note(items=offered, form="a" * 43, now=NOW + HOUR, **note)  # type: ignore[arg-type]
    found = await interim_of(entry.client, {"pregnant"}, [NOW])
    assert (found.offered_at, found.missing) == (None, INTERIM_PREGNANT)
    last = dict.fromkeys(INTERIM_PREGNANT, "offered")
    await interim_note(items=last, form="b" * 43, now=NOW + 47 * HOUR, **note)  # type: ignore[arg-type]
    found = await interim_of(entry.client, {"pregnant"}, [NOW])
    assert found.offered_at == NOW + 47 * HOUR
    assert found.offered_at <= (found.due_at or NOW)


async def test_a_new_request_needs_services_anew(database: str) -> None:
    """45 CFR 96.126(d): who asks again gets interim services again."""
    made = await world.made()
    entry = await joined(made, injecting_30d="yes")
    await interim_note(
        upi=entry.upi,
        items=dict.fromkeys(INTERIM, "offered"),
        form="a" * 43,
        by=made.peer,
        now=NOW,
        settings=SETTINGS,
    )
    assert (await interim_of(entry.client, {"injecting-30d"}, [NOW])).missing == ()
    assert (await interim_of(entry.client, {"injecting-30d"}, [NOW + 90 * DAY])).missing == INTERIM


async def test_of_several_requests_the_clock_is_told_that_runs_out_first(database: str) -> None:
    """45 CFR 96.126(b)(2): the same clock as the board's, and the next one once services were offered for this."""
    made = await world.made()
    entry = await joined(made, injecting_30d="yes")
    both = [NOW + 3 * DAY, NOW]
    assert (await interim_of(entry.client, {"injecting-30d"}, both)).due_at == NOW + 2 * DAY
    given = dict.fromkeys(INTERIM, "offered")
    await interim_note(upi=entry.upi, items=given, form="a" * 43, by=made.peer, now=NOW + HOUR, settings=SETTINGS)
    assert (await interim_of(entry.client, {"injecting-30d"}, both)).due_at == NOW + 5 * DAY


async def test_a_service_that_there_is_not_or_none_at_all_is_refused(database: str) -> None:
    made = await world.made()
    entry = await joined(made)
    items: tuple[dict[str, str], ...] = ({}, {"pizza": "offered"}, {"naloxone": "thrown"})
    for given in items:
        with pytest.raises(UnfitFields):
            await interim_note(upi=entry.upi, items=given, form="a" * 43, by=made.peer, now=NOW, settings=SETTINGS)


# --- appeals ---------------------------------------------------------------------------------------------------------


async def appealed(made: World, entry: EntryNow, about: str, number: int = 1) -> int:
    id = await appeals.appeal_make(
        entry=entry.id,
        upi=entry.upi,
        about=about,
        words="It is not right.",
        form=f"{number:043}",
        by=made.peer,
        now=NOW,
        settings=SETTINGS,
    )
    assert id is not None
    return id


async def answered(made: World, id: int, *, overturned: bool = True) -> str:
    """The state of an appeal that the coordinator has answered."""
    await appeals.appeal_settle(
        id=id, overturned=overturned, answer="So it is.", by=made.coordinator, now=NOW + DAY, settings=SETTINGS
    )
    (row,) = await db.rows(f"SELECT status FROM appeal WHERE id = {id}")
    return str(row["status"])


async def test_an_overturned_closing_gives_the_old_place_back_however_long_it_was(database: str) -> None:
    made = await world.made()
    entry = await joined(made)
    await entries.entry_close(entry=entry.id, reason="refused", by=made.peer, now=NOW - 90 * DAY, settings=SETTINGS)
    assert await answered(made, await appealed(made, entry, "closed")) == "put-right"
    found = await now_of(entry.id)
    assert (found.status, found.requested_at) == (Entry.WAITING, NOW)
    assert await checks.broken() == {}


async def test_who_has_asked_anew_keeps_that_place_and_the_rest_is_put_right_by_a_peer(database: str) -> None:
    made = await world.made()
    entry = await joined(made)
    await entries.entry_close(entry=entry.id, reason="refused", by=made.peer, now=NOW - 31 * DAY, settings=SETTINGS)
    id = await appealed(made, entry, "closed")
    await entries.entry_join(client=entry.client, pool=made.pool, tie=1, by=made.peer, now=NOW)
    assert await answered(made, id) == "overturned"
    assert (await now_of(entry.id)).status is Entry.CLOSED
    await appeals.appeal_put_right(id=id, upi=entry.upi, by=made.peer, now=NOW + DAY)
    await appeals.appeal_put_right(id=id, upi=entry.upi, by=made.peer, now=NOW + DAY)
    trail = await db.rows("SELECT action FROM audit_entry WHERE action = 'appeal-put-right'")
    assert len(trail) == 1


async def test_an_appeal_can_be_won_though_the_line_is_closed_and_a_peer_puts_the_rest_right(database: str) -> None:
    made = await world.made()
    entry = await joined(made)
    await entries.entry_close(entry=entry.id, reason="ineligible", by=made.peer, now=NOW, settings=SETTINGS)
    id = await appealed(made, entry, "closed")
    async with db.staging():
        await db.execute(f"UPDATE pool SET closed_at = created_at WHERE id = {made.pool}")
    assert await answered(made, id) == "overturned"
    assert (await now_of(entry.id)).status is Entry.CLOSED
    assert await checks.broken() == {}


async def test_who_offered_out_of_order_or_agreed_to_it_does_not_answer_for_it(database: str) -> None:
    made = await world.made()
    entry = await joined(made)
    later = await joined(made, HOUR)
    offer = await offers.offer_make(
        slot=await opening(made),
        entry=later.id,
        by=made.peer,
        now=NOW + 2 * HOUR,
        settings=SETTINGS,
        reason="asked-for",
        second=made.coordinator,
    )
    assert offer
    id = await appealed(made, entry, "out-of-order")
    with pytest.raises(OwnDecision):
        await answered(made, id)


async def test_an_appeal_is_answered_once_and_the_decision_may_stay(database: str) -> None:
    made = await world.made()
    entry = await joined(made)
    await entries.entry_close(entry=entry.id, reason="ineligible", by=made.peer, now=NOW, settings=SETTINGS)
    id = await appealed(made, entry, "closed")
    assert await answered(made, id, overturned=False) == "upheld"
    with pytest.raises(Settled):
        await answered(made, id)
    assert (await now_of(entry.id)).status is Entry.CLOSED
    assert await appeals.appeals_waiting(by=made.coordinator, now=NOW) == 0


async def test_a_peer_or_another_agency_answers_no_appeal(database: str) -> None:
    made, other = await world.made(), await world.made()
    id = await appealed(made, await joined(made), "tier")
    for who, refusal in ((made.peer, Denied), (other.coordinator, NotFound)):
        with pytest.raises(refusal):
            await appeals.appeal_settle(id=id, overturned=True, answer="Yes.", by=who, now=NOW, settings=SETTINGS)
    assert await appeals.appeals_waiting(by=made.coordinator, now=NOW) == 1
    assert await appeals.appeals_waiting(by=other.coordinator, now=NOW) == 0
    assert await appeals.appeals_waiting(by=made.peer, now=NOW) == 0


async def test_of_many_who_answer_one_appeal_at_once_one_does(database: str) -> None:
    """WAITLIST 4.1."""
    made = await world.made()
    entry = await joined(made)
    await entries.entry_close(entry=entry.id, reason="ineligible", by=made.peer, now=NOW, settings=SETTINGS)
    id = await appealed(made, entry, "closed")

    async def attempt(number: int) -> bool:
        try:
            await answered(made, id, overturned=number % 2 == 0)
        except Settled:
            return False
        return True

    assert sum(await asyncio.gather(*(attempt(number) for number in range(6)))) == 1
    (row,) = await db.rows(f"SELECT status FROM appeal WHERE id = {id}")
    is_back = (await now_of(entry.id)).status is Entry.WAITING
    assert is_back is (row["status"] == "put-right")
    assert await checks.broken() == {}
