"""The way from a yes to a bed: it opens with the yes, follows what comes of the offer, and goes on until 30 days after the arrival."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from directory.domain.access import Denied
from directory.domain.agencies import Overtaken
from directory.domain.bridge.handoffs import Handoff, Outcome, State, Step
from directory.domain.errors import NotFound
from directory.domain.people import UnfitFields
from directory.domain.waitlist.board import Why
from directory.domain.waitlist.states import Entry, NoSuchMove, Offer, Slot
from directory.services.bridge import handoff_rounds, handoff_steps
from directory.services.bridge.follow_ups import NotYet, follow_up_show
from directory.services.bridge.handoffs import NoHandoff, handoffs_list
from directory.services.bridge.plans import NotTheirPeer
from directory.services.tasks import tasks_list
from directory.services.waitlist import agency_answers, board, contacts, entries, offers
from directory.services.waitlist.merging import clients_merge
from directory.services.waitlist.person import person_show
from directory.services.waitlist.retention import retention_run
from directory.services.work import JOBS
from directory.storage import db
from directory.storage.waitlist import checks
from directory.storage.waitlist import clients as rows
from directory.storage.waitlist import entries as places
from tests.accounts import SETTINGS
from tests.services.bridge.journeys import DAY, HOUR, Journey, begun
from tests.services.waitlist import agency, twins, world
from tests.services.waitlist.test_offers import states
from tests.services.waitlist.world import NOW

SECRET = "My sister Robin, 555-0107"


async def tick(way: Journey, step: str, state: str = "done", after: timedelta = HOUR) -> bool:
    return await handoff_steps.handoff_step(
        upi=way.upi, step=step, state=state, by=way.made.peer, now=NOW + after, settings=SETTINGS
    )


async def noted(way: Journey, step: str, note: str, version: int, after: timedelta = HOUR) -> None:
    await handoff_steps.handoff_note(
        upi=way.upi, step=step, note=note, version=version, by=way.made.peer, now=NOW + after, settings=SETTINGS
    )


async def worded(way: Journey, version: int = 1, after: timedelta = HOUR, **words: str) -> None:
    await handoff_steps.handoff_words(
        upi=way.upi, words=words, version=version, by=way.made.peer, now=NOW + after, settings=SETTINGS
    )


async def came(way: Journey, after: timedelta = HOUR, *, has_come: bool = True) -> None:
    """The peer has heard from the agency."""
    await handoff_steps.handoff_answer(
        upi=way.upi, has_come=has_come, by=way.made.peer, now=NOW + after, settings=SETTINGS
    )


async def said(way: Journey, answer: str, after: timedelta = HOUR) -> None:
    """The agency says so itself."""
    await agency_answers.agency_answer(
        offer=way.offer, answer=answer, reason="", by=way.made.clerk, now=NOW + after, settings=SETTINGS
    )


async def open_tasks(way: Journey) -> list[str]:
    pending, _done = await tasks_list(by=way.made.coordinator, now=NOW)
    return [task.kind for task in pending if way.upi in task.address]


async def audits(way: Journey, action: str) -> int:
    found = await db.rows(
        f"SELECT COUNT(*) AS n FROM audit_entry WHERE subject = 'client {way.upi}' AND action = '{action}'"
    )
    return int(found[0]["n"])


# --- opening ---------------------------------------------------------------------------------------------------------


async def test_a_yes_opens_a_hand_off_in_the_same_moment_and_a_second_yes_none(database: str) -> None:
    way = await begun()
    found = await way.now()
    assert (found.row.status, found.row.opened_at, found.row.clinic) == (Handoff.OPEN, NOW, way.made.clinic)
    assert (found.progress.settled, found.progress.next) == (0, Step.WHAT)
    with pytest.raises(NoSuchMove):
        await offers.offer_accept(offer=way.offer, by=way.made.peer, now=NOW, settings=SETTINGS)
    assert (await way.page()).earlier == ()
    assert await checks.broken() == {}


async def test_before_the_yes_there_is_none(database: str) -> None:
    made = await world.made()
    offer = await agency.offered(made)
    row = await rows.by_id(await agency.client_of(offer))
    assert row is not None
    assert (await Journey(made, offer, row.id, row.upi).page()).now is None
    with pytest.raises(NoHandoff):
        await tick(Journey(made, offer, row.id, row.upi), "told-what")


async def test_a_yes_of_before_there_were_hand_offs_gets_one_by_the_job_in_its_own_trail_and_by_no_look(
    database: str,
) -> None:
    one, other = await begun(), await begun()
    async with db.staging():
        await db.execute("DELETE FROM handoff")
    assert (await one.page(HOUR)).now is None
    await handoffs_list(by=one.made.peer, now=NOW + HOUR, settings=SETTINGS)
    assert await checks.accepted_alone() == [one.offer, other.offer]
    (job,) = [job for job in JOBS if job.name == "tidy-hand-offs"]
    assert await job.run(lambda: NOW + HOUR, SETTINGS) == 2
    assert await job.run(lambda: NOW + HOUR, SETTINGS) == 0
    assert (await one.now(HOUR)).row.opened_at == NOW + HOUR
    assert [await audits(way, "handoff-opened") for way in (one, other)] == [1, 1]
    assert await checks.accepted_alone() == []


# --- getting ready ---------------------------------------------------------------------------------------------------


async def test_a_step_is_ticked_once_and_can_be_opened_again_and_all_of_it_stays(database: str) -> None:
    way = await begun()
    assert await tick(way, "told-what")
    assert not await tick(way, "told-what")
    assert await tick(way, "transport", "not-needed")
    found = await way.now()
    assert (found.progress.settled, found.progress.next) == (2, Step.WHERE)
    assert await tick(way, "told-what", "open")
    assert dict((await way.now()).progress.states)[Step.WHAT] is State.OPEN
    assert len(await db.rows("SELECT id FROM handoff_step")) == 3
    assert await audits(way, "handoff-step") == 3


@pytest.mark.parametrize(("step", "state"), [("arrival", "done"), ("told-when", "not-needed"), ("x", "done"), ("", "")])
async def test_what_cannot_be_said_of_a_step_is_not_taken(database: str, step: str, state: str) -> None:
    way = await begun()
    with pytest.raises(UnfitFields):
        await tick(way, step, state)
    assert (await way.now()).steps == {}


async def test_notes_and_words_lie_sealed_and_the_trail_has_none_of_them(database: str) -> None:
    way = await begun()
    await noted(way, "transport", SECRET, 1)
    await worded(way, 2, words=SECRET, medication="20 mg")
    found = await way.now()
    assert found.notes == {"transport": SECRET}
    assert found.words is not None
    assert (found.words["words"], found.words["medication"], found.words["companion"]) == (SECRET, "20 mg", "")
    kept = repr(await db.rows("SELECT * FROM handoff")) + repr(await db.rows("SELECT * FROM audit_entry"))
    kept += repr(await db.rows("SELECT * FROM access_entry"))
    assert "Robin" not in kept
    assert "20 mg" not in kept
    await noted(way, "transport", "", 3)
    assert (await way.now()).notes == {}


async def test_who_saves_second_sees_what_the_first_has_saved_and_nothing_is_lost(database: str) -> None:
    way = await begun()
    await noted(way, "papers", "Card is at the shelter", 1)
    with pytest.raises(Overtaken) as late:
        await noted(way, "papers", "Lost", 1)
    assert (dict(late.value.now), late.value.version) == ({"note": "Card is at the shelter"}, 2)
    with pytest.raises(Overtaken):
        await worded(way, 1, words="x")
    assert (await way.now()).notes == {"papers": "Card is at the shelter"}


async def test_when_they_are_expected_is_near_and_can_be_taken_out_again(database: str) -> None:
    way = await begun()

    async def expect(days: int | None, version: int) -> None:
        at = NOW + timedelta(days=days) if days is not None else None
        await handoff_steps.handoff_expect(
            upi=way.upi, arrives_at=at, version=version, by=way.made.peer, now=NOW, settings=SETTINGS
        )

    await expect(2, 1)
    assert (await way.now()).row.arrives_at == NOW + 2 * DAY
    for days in (-3, 400):
        with pytest.raises(UnfitFields):
            await expect(days, 2)
    await expect(None, 2)
    assert (await way.now()).row.arrives_at is None


async def test_every_peer_of_the_agency_ticks_steps_and_their_own_words_are_for_who_reads_the_plan(
    database: str,
) -> None:
    way = await begun(mine=False)
    assert await tick(way, "told-what")
    assert (await way.now()).words is None
    assert (await way.now(by=way.made.coordinator)).words is not None
    with pytest.raises(NotTheirPeer):
        await worded(way, words="x")
    for by in (way.made.stranger, way.made.clerk):
        with pytest.raises((NotFound, Denied)):
            await way.page(by=by)


async def test_notes_are_for_who_reads_the_plan_and_every_peer_can_leave_one_where_there_is_none(database: str) -> None:
    way = await begun(mine=False)
    await noted(way, "medication", SECRET, 1)
    found = await way.now()
    assert (dict(found.notes), found.noted) == ({}, {"medication"})
    assert (await way.now(by=way.made.coordinator)).notes == {"medication": SECRET}
    for version in (1, found.row.version):
        with pytest.raises(NotTheirPeer):
            await noted(way, "medication", "Taken along", version)
    with pytest.raises(Overtaken) as late:
        await noted(way, "who-goes", "Pia", 1)
    assert late.value.now == {"note": ""}


async def test_the_note_of_a_follow_up_is_for_who_reads_the_plan_and_nobody_writes_over_it(database: str) -> None:
    way = await begun(mine=False)
    await came(way, timedelta(0))
    (first, *_later) = [row.id for row, _ in (await way.now()).follow_ups]
    await way.asked(first, 30 * HOUR, reached="again", note=SECRET, form="a" * 43)
    assert (await way.now()).follow_ups[0][1] == ""
    seen = {"upi": way.upi, "id": first, "now": NOW + 31 * HOUR, "settings": SETTINGS}
    asked = [await follow_up_show(by=by, **seen) for by in (way.made.peer, way.made.coordinator)]
    assert [each.note if each else None for each in asked] == ["", SECRET]
    await way.asked(first, 32 * HOUR, note="Sleeps well", form="b" * 43)
    assert (await way.now(by=way.made.coordinator)).follow_ups[0][1] == f"{SECRET}\nSleeps well"


# --- what comes of it ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["agency", "peer"])
async def test_they_came_says_the_agency_or_a_peer_who_heard_it_and_then_they_are_asked_three_times(
    database: str, who: str
) -> None:
    """WAITLIST 1.8."""
    way = await begun()
    for _ in range(2):  # a second tap is the same
        await (said(way, "arrived", HOUR) if who == "agency" else came(way, HOUR))
    found = await way.now(2 * HOUR)
    by = way.made.clerk if who == "agency" else way.made.peer
    assert (found.row.status, found.row.arrived_at, found.row.arrived_by) == (
        Handoff.ARRIVED,
        NOW + HOUR,
        by.label,
    )
    assert await states(way.offer) == (Offer.ADMITTED, Entry.PLACED, Slot.FILLED)
    assert [row.due_at - NOW for row, _ in found.follow_ups] == [73 * HOUR, 9 * DAY + HOUR, 35 * DAY + HOUR]
    assert await checks.broken() == {}
    with pytest.raises(NoHandoff):
        await tick(way, "told-what")


async def test_who_does_not_come_goes_back_with_their_clock_and_somebody_calls_them_kindly(database: str) -> None:
    way = await begun()
    (before,) = await places.entries_of(way.client)
    await came(way, DAY, has_come=False)
    (after,) = await places.entries_of(way.client)
    assert (after.status, after.requested_at, after.tie) == (Entry.WAITING, before.requested_at, before.tie)
    assert (await way.now()).row.status is Handoff.NO_SHOW
    assert await open_tasks(way) == ["handoff-no-show"]
    line = next(
        each
        for each in (await person_show(upi=way.upi, by=way.made.peer, now=NOW + DAY + HOUR, settings=SETTINGS)).lines
        if each.why is Why.CONTACT
    )
    assert line.codes == ("missed", "not-come")
    assert await handoff_rounds.handoffs_tidy(now=NOW + DAY + HOUR) == 0
    note = {"route": "call", "note": "", "form": "c" * 43, "by": way.made.peer, "settings": SETTINGS}
    await contacts.contact_note(upi=way.upi, outcome="reached", now=NOW + DAY + 2 * HOUR, **note)
    assert await handoff_rounds.handoffs_tidy(now=NOW + DAY + 3 * HOUR) == 1
    assert await open_tasks(way) == []


@pytest.mark.parametrize("end", ["cancelled", "rejected", "withdrew"])
async def test_what_does_not_come_about_ends_and_a_new_yes_begins_a_new_one(database: str, end: str) -> None:
    way = await begun()
    await tick(way, "told-what")
    if end == "withdrew":
        (entry,) = await places.entries_of(way.client)
        await entries.entry_close(entry=entry.id, reason=end, by=way.made.peer, now=NOW, settings=SETTINGS)
    elif end == "cancelled":
        await offers.offer_cancel(offer=way.offer, reason="ill", by=way.made.peer, now=NOW, settings=SETTINGS)
    else:
        await offers.offer_reject(offer=way.offer, reason="other", by=way.made.clerk, now=NOW, settings=SETTINGS)
    assert (await way.now()).row.status is Handoff.ENDED
    assert await open_tasks(way) == []
    assert await checks.broken() == {}
    if end == "cancelled":
        (entry,) = await places.entries_of(way.client)
        (slot,) = await db.rows("SELECT id FROM slot WHERE status = 'open'")
        again = {"by": way.made.peer, "now": NOW + DAY, "settings": SETTINGS}
        offer = await offers.offer_make(slot=slot["id"], entry=entry.id, **again)
        await offers.offer_accept(offer=offer, **again)
        page = await way.page(DAY)
        assert page.now is not None
        assert (page.now.row.offer, page.now.progress.settled) == (offer, 0)
        assert [(each.row.status, each.progress.settled) for each in page.earlier] == [(Handoff.ENDED, 1)]


async def test_of_an_arrival_and_a_no_show_said_at_once_one_holds(database: str) -> None:
    ways = [await begun() for _ in range(3)]
    for way in ways:
        found = await asyncio.gather(said(way, "arrived"), came(way, has_come=False), return_exceptions=True)
        assert sorted(type(each).__name__ for each in found) == ["NoSuchMove", "NoneType"]
        row = (await way.now(2 * HOUR)).row
        has_come = found[0] is None
        assert row.status is (Handoff.ARRIVED if has_come else Handoff.NO_SHOW)
        assert len((await way.now(2 * HOUR)).follow_ups) == (3 if has_come else 0)
        assert await open_tasks(way) == ([] if has_come else ["handoff-no-show"])
    assert await checks.broken() == {}


# --- how it goes afterwards ------------------------------------------------------------------------------------------


async def on_board(way: Journey, after: timedelta) -> list[tuple[str, bool]]:
    """What the board of their peer says of asking how it goes, and whether it is late."""
    filters = board.Filters(whose=board.MINE)
    found = await board.board_show(filters=filters, by=way.made.peer, now=NOW + after, settings=SETTINGS)
    lines = [line for card in found.cards if card.upi == way.upi for line in card.lines]
    assert all(line.why is Why.FOLLOW_UP for line in lines)
    return [(line.codes[0], line.is_late) for line in lines]


async def test_who_has_a_place_is_on_the_board_when_they_are_to_be_asked_and_only_then(database: str) -> None:
    way = await begun()
    await came(way, timedelta(0))
    ids = [row.id for row, _ in (await way.now()).follow_ups]
    assert await on_board(way, 23 * HOUR) == []
    assert await on_board(way, 25 * HOUR) == [("72h", False)]
    assert await on_board(way, 4 * DAY) == [("72h", True)]
    person = await person_show(upi=way.upi, by=way.made.peer, now=NOW + 4 * DAY, settings=SETTINGS)
    assert [line.why for line in person.lines] == [Why.FOLLOW_UP]
    assert await way.asked(ids[0], 4 * DAY)
    assert await on_board(way, 4 * DAY) == []
    assert await on_board(way, 7 * DAY) == [("7d", False)]


async def test_a_follow_up_that_is_late_is_told_once_and_settled_with_it(database: str) -> None:
    way = await begun()
    await came(way, timedelta(0))
    (first, *_later) = [row.id for row, _ in (await way.now()).follow_ups]
    assert await handoff_rounds.handoffs_tidy(now=NOW + 72 * HOUR) == 0
    assert await handoff_rounds.handoffs_tidy(now=NOW + 73 * HOUR) == 1
    assert await handoff_rounds.handoffs_tidy(now=NOW + 74 * HOUR) == 0
    assert await open_tasks(way) == ["follow-up-late"]
    assert await way.asked(first, 75 * HOUR, reached="no")
    assert await open_tasks(way) == []
    assert await handoff_rounds.handoffs_tidy(now=NOW + 76 * HOUR) == 0


async def test_a_try_that_reached_nobody_leaves_it_to_be_asked_and_notes_the_contact(database: str) -> None:
    way = await begun()
    await came(way, timedelta(0))
    (first, *_later) = [row.id for row, _ in (await way.now()).follow_ups]
    assert await way.asked(first, 30 * HOUR, reached="again", note="Line was dead", form="a" * 43)
    ((row, note), *_rest) = (await way.now()).follow_ups
    assert (row.outcome, note) == (None, "Line was dead")
    assert await way.asked(first, 40 * HOUR, outcome="left", note="", form="b" * 43)
    assert not await way.asked(first, 40 * HOUR, outcome="left", form="b" * 43)
    assert not await way.asked(first, 41 * HOUR, outcome="there", form="d" * 43)
    ((row, note), *_rest) = (await way.now()).follow_ups
    assert (row.outcome, note, row.by) == (Outcome.LEFT, "Line was dead", way.made.peer.label)
    tries = await db.rows(f"SELECT outcome FROM contact_attempt WHERE client_id = {way.client} ORDER BY id")
    assert [each["outcome"] for each in tries] == ["no-answer", "reached"]


@pytest.mark.parametrize(
    "given", [{}, {"outcome": "left"}, {"reached": "no"}, {"reached": "again"}, {"reached": "no", "outcome": "no-more"}]
)
async def test_nobody_is_asked_before_it_is_time_and_the_form_is_good_for_later(
    database: str, given: dict[str, str]
) -> None:
    """WAITLIST 1.8."""
    way = await begun()
    await came(way, timedelta(0))
    first, week, month = [row.id for row, _ in (await way.now()).follow_ups]
    for id, last in ((first, 24 * HOUR), (week, 7 * DAY), (month, 30 * DAY)):
        with pytest.raises(NotYet):
            await way.asked(id, last - 2 * HOUR, **given)
    assert {row.done_at for row, _ in (await way.now()).follow_ups} == {None}
    assert await db.rows(f"SELECT 1 FROM contact_attempt WHERE client_id = {way.client}") == []
    assert await way.asked(first, 24 * HOUR, **given)


async def test_that_they_want_no_more_questions_is_taken_at_any_time(database: str) -> None:
    way = await begun()
    await came(way, timedelta(0))
    (*_before, month) = [row.id for row, _ in (await way.now()).follow_ups]
    assert await way.asked(month, HOUR, outcome="no-more")
    assert {row.outcome for row, _ in (await way.now()).follow_ups} == {Outcome.NO_MORE}


async def test_who_wants_no_more_questions_is_asked_none(database: str) -> None:
    """WAITLIST 1.8: voluntary."""
    way = await begun()
    await came(way, timedelta(0))
    (first, *_later) = [row.id for row, _ in (await way.now()).follow_ups]
    assert await way.asked(first, 30 * HOUR, outcome="no-more")
    assert {row.outcome for row, _ in (await way.now()).follow_ups} == {Outcome.NO_MORE}
    assert await on_board(way, 10 * DAY) == []
    assert await handoff_rounds.handoffs_tidy(now=NOW + 60 * DAY) == 0


@pytest.mark.parametrize(
    "given", [{"reached": ""}, {"outcome": ""}, {"outcome": "not-reached"}, {"route": "owl"}, {"note": "x" * 501}]
)
async def test_what_cannot_have_come_of_asking_is_not_taken(database: str, given: dict[str, str]) -> None:
    way = await begun()
    await came(way, timedelta(0))
    (first, *_later) = [row.id for row, _ in (await way.now()).follow_ups]
    with pytest.raises(UnfitFields):
        await way.asked(first, 30 * HOUR, **given)


async def test_a_follow_up_of_somebody_else_is_not_there(database: str) -> None:
    made = await world.made()
    one, other = await begun(made), await begun(made)
    await came(other, timedelta(0))
    (first, *_later) = [row.id for row, _ in (await other.now()).follow_ups]
    with pytest.raises(NotFound):
        await one.asked(first, 30 * HOUR)
    with pytest.raises(NotFound):
        await other.asked(first, 30 * HOUR, by=made.stranger)


# --- the list --------------------------------------------------------------------------------------------------------


async def test_the_list_of_an_agency_has_its_own_by_what_is_to_be_done(database: str) -> None:
    made = await world.made()
    ready, arrived, gone = await begun(made), await begun(made), await begun(made)
    strange = await begun()
    await came(arrived, timedelta(0))
    await came(gone, timedelta(0), has_come=False)
    found, is_more = await handoffs_list(by=made.peer, now=NOW + DAY, settings=SETTINGS)
    assert [(each.listed.row.upi, each.listed.part) for each in found] == [
        (ready.upi, "under-way"),
        (arrived.upi, "to-follow"),
        (gone.upi, "done"),
    ]
    assert (found[0].called, is_more) == (agency.CALLED, False)
    assert strange.upi not in repr(found)
    found, _ = await handoffs_list(by=made.peer, now=NOW + 40 * DAY, settings=SETTINGS)
    assert [each.listed.part for each in found] == ["under-way", "to-follow"]
    with pytest.raises(Denied):
        await handoffs_list(by=made.clerk, now=NOW, settings=SETTINGS)


# --- merging, clearing -----------------------------------------------------------------------------------------------


async def test_when_two_turn_out_to_be_one_the_hand_off_goes_with_them(database: str) -> None:
    made = await world.made()
    kept = await twins.somebody(made, twins.ROSA)
    gone = await twins.somebody(made, twins.ROSA)
    await agency.consent(gone, made.clinic)
    offer = await agency.offered(made, client=gone, accepted=True)
    pair = await twins.pair_of(kept, gone)
    upi = await clients_merge(
        pair=pair,
        keep=kept,
        versions=await twins.versions(kept, gone),
        by=made.coordinator,
        now=NOW + HOUR,
        settings=SETTINGS,
    )
    way = Journey(made, offer, kept, upi)
    assert (await way.now(HOUR, made.coordinator)).row.offer == offer
    assert await checks.broken() == {}
    await offers.offer_admit(offer=offer, by=made.clerk, now=NOW + 2 * HOUR, settings=SETTINGS)
    assert len((await way.now(3 * HOUR, made.coordinator)).follow_ups) == 3


async def test_a_year_after_it_ended_the_words_are_cleared_and_the_steps_stay(database: str) -> None:
    """WAITLIST 4.4."""
    way = await begun()
    await worded(way, words=SECRET)
    await noted(way, "papers", SECRET, 2)
    await tick(way, "papers")
    await came(way, HOUR)
    (first, *_later) = [row.id for row, _ in (await way.now()).follow_ups]
    await way.asked(first, 30 * HOUR, note=SECRET)
    await retention_run(by="test", now=NOW + 364 * DAY)
    assert (await way.now()).notes == {"papers": SECRET}
    await retention_run(by="test", now=NOW + 367 * DAY)
    sealed = await db.rows("SELECT h.sealed, f.sealed AS note FROM handoff h JOIN follow_up f ON f.handoff_id = h.id")
    assert {(row["sealed"], row["note"]) for row in sealed} == {(None, None)}
    assert len(await db.rows("SELECT id FROM handoff_step")) == 1
    assert await checks.broken() == {}
    with pytest.raises(NotFound):
        await way.page(368 * DAY)
    assert await handoff_rounds.handoffs_tidy(now=NOW + 368 * DAY) == 0


# --- what must be so -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("broken", "name"),
    [
        ("UPDATE handoff SET status = 'ended'", "hand-off-says-otherwise"),
        ("UPDATE handoff SET client_id = (SELECT MIN(id) FROM client)", "hand-off-of-another-client"),
        ("DELETE FROM follow_up WHERE which = '7d'", "arrived-without-follow-ups"),
        ("UPDATE client SET cleared_at = created_at", "cleared-but-with-a-hand-off"),
    ],
)
async def test_the_check_of_a_database_finds_a_hand_off_that_does_not_fit(
    database: str, broken: str, name: str
) -> None:
    made = await world.made()
    await world.client(made)
    way = await begun(made)
    await noted(way, "papers", SECRET, 1)
    await came(way, HOUR)
    async with db.staging():
        await db.execute(broken)
    assert name in await checks.broken()
