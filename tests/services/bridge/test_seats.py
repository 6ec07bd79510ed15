"""Seats in groups: the last one goes to one person, who waits moves up, and nobody has two."""

from __future__ import annotations

import asyncio
from contextvars import Context
from datetime import timedelta

import pytest

from directory.domain.bridge.groups import ABSENT, CAME, LEFT, SEAT, WAITING
from directory.domain.errors import NotFound
from directory.domain.people import UnfitFields
from directory.services.bridge.attendance import attendance_mark, others_count
from directory.services.bridge.groups import group_change, group_end
from directory.services.bridge.meetings import groups_plan, meeting_change
from directory.services.bridge.seats import (
    SeatRefused,
    coming_of_card,
    seat_leave_by_card,
    seat_take,
    seat_take_by_card,
    seats_show,
)
from directory.services.waitlist.codes import code_issue
from directory.services.waitlist.merging import clients_merge, merged_tidy
from directory.services.waitlist.retention import retention_run
from directory.services.waitlist.status import code_enter
from directory.storage import db
from directory.storage.bridge import groups, seats
from directory.storage.waitlist import checks
from tests.services.bridge.grouped import (
    VALUES,
    added,
    agreed,
    first,
    form,
    leaves,
    meetings,
    seated,
    somebody,
    taken,
    takes,
    upi_of,
    varied,
)
from tests.services.waitlist import world
from tests.services.waitlist.twins import pair_of, twins, versions
from tests.services.waitlist.world import NOW, SETTINGS, World

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
async def made(database: str) -> World:
    return await world.made()


# --- who gets one ----------------------------------------------------------------------------------------------------


async def test_who_comes_after_the_last_seat_waits_in_the_order_in_which_they_asked(made: World) -> None:
    meeting = (await first(await added(made))).id
    people = [await somebody(made) for _ in range(4)]
    found = [await takes(made, upi, meeting, NOW + number * HOUR) for number, (_, upi) in enumerate(people)]
    assert found == [SEAT, SEAT, WAITING, WAITING]
    assert await leaves(made, people[0][1], meeting, NOW + 5 * HOUR)
    states = await seated(meeting)
    assert [states[client] for client, _ in people] == [LEFT, SEAT, SEAT, WAITING]
    assert await taken(meeting) == 2
    assert await checks.broken() == {}


@pytest.mark.parametrize("engine", ["postgres"])
async def test_of_many_who_want_the_last_seat_at_once_one_gets_it_and_the_others_wait(made: World) -> None:
    meeting = (await first(await added(made, varied(capacity=1)))).id
    people = [await somebody(made) for _ in range(8)]
    found = await asyncio.gather(*(takes(made, upi, meeting) for _, upi in people))
    assert sorted(str(each) for each in found) == [SEAT] + [WAITING] * 7
    assert await taken(meeting) == 1
    assert await checks.broken() == {}


@pytest.mark.parametrize("engine", ["postgres"])
async def test_two_leave_and_two_ask_at_once_and_no_seat_is_lost_or_given_twice(made: World) -> None:
    meeting = (await first(await added(made))).id
    people = [await somebody(made) for _ in range(6)]
    for _, upi in people[:4]:
        await takes(made, upi, meeting)
    leaving = (leaves(made, upi, meeting) for _, upi in people[:2])
    asking = (takes(made, upi, meeting) for _, upi in people[4:])
    await asyncio.gather(*leaving, *asking)
    states = await seated(meeting)
    assert [states[client] for client, _ in people[:4]] == [LEFT, LEFT, SEAT, SEAT]
    assert await taken(meeting) == 2
    assert await checks.broken() == {}


async def test_nobody_has_two_seats_and_a_form_that_is_sent_twice_counts_once(made: World) -> None:
    meeting = (await first(await added(made))).id
    _, upi = await somebody(made)
    token = form()
    given = {"upi": upi, "meeting": meeting, "by": made.peer, "now": NOW, "settings": SETTINGS}
    assert await seat_take(**given, form=token) == SEAT
    assert await seat_take(**given, form=token) is None
    assert await takes(made, upi, meeting) == SEAT
    assert await taken(meeting) == 1


async def test_who_has_left_asks_anew_and_comes_last(made: World) -> None:
    meeting = (await first(await added(made, varied(capacity=1)))).id
    (one, upi), (other, theirs) = await somebody(made), await somebody(made)
    await takes(made, upi, meeting)
    await takes(made, theirs, meeting, NOW + HOUR)
    await leaves(made, upi, meeting, NOW + 2 * HOUR)
    assert await takes(made, upi, meeting, NOW + 3 * HOUR) == WAITING
    assert await seated(meeting) == {other: SEAT, one: WAITING}


async def test_a_group_without_a_limit_has_a_seat_for_everybody(made: World) -> None:
    meeting = (await first(await added(made, varied(capacity=None)))).id
    assert [await takes(made, (await somebody(made))[1], meeting) for _ in range(5)] == [SEAT] * 5


async def test_who_moves_up_is_told_by_the_way_they_agreed_to_and_no_message_says_of_what(made: World) -> None:
    meeting = (await first(await added(made, varied(capacity=1)))).id
    (_, upi), (other, theirs) = await somebody(made), await somebody(made)
    await agreed(other)
    await takes(made, upi, meeting)
    await takes(made, theirs, meeting)
    assert await letters() == []
    await leaves(made, upi, meeting)
    (letter,) = await letters()
    assert letter["template"] == "client-update"
    assert "Marsh evenings" not in str(letter)


async def test_whom_no_message_reaches_when_they_move_up_their_peers_are_asked_to_call(made: World) -> None:
    meeting = await first(await added(made, varied(capacity=1)))
    (_, upi), (_, theirs) = await somebody(made), await somebody(made)
    for each in (upi, theirs):
        await takes(made, each, meeting.id)
    await leaves(made, upi, meeting.id)
    (task,) = await db.rows("SELECT kind, address, agency_id, due_at, done_at FROM task")
    assert (task["kind"], task["address"], task["agency_id"]) == (
        "group-seat",
        f"/clients/{theirs}/groups",
        made.agency,
    )
    assert (db.as_moment(task["due_at"]), task["done_at"]) == (meeting.starts_at, None)
    await leaves(made, theirs, meeting.id)
    assert await db.rows("SELECT 1 FROM task WHERE done_at IS NULL") == []


@pytest.mark.parametrize("engine", ["postgres"])
async def test_who_gives_up_waiting_while_they_move_up_gives_up_the_seat(made: World) -> None:
    meeting = (await first(await added(made, varied(capacity=1)))).id
    (_, upi), (other, theirs) = await somebody(made), await somebody(made)
    for each in (upi, theirs):
        await takes(made, each, meeting)
    sitting = await seat_ids(meeting)
    async with db.transaction():  # one more seat is there, and this is the moment before that is done
        await db.execute(f"UPDATE group_meeting SET capacity = 2, taken = 2 WHERE id = {meeting}")
        assert await seats.seat_move(sitting[other], WAITING, SEAT, by="system", now=NOW)
        leaving = asyncio.create_task(leaves(made, theirs, meeting), context=Context())
        await asyncio.sleep(0.1)
        assert not leaving.done()
    assert await leaving
    assert (await seated(meeting))[other] == LEFT
    assert await taken(meeting) == 1
    assert await checks.broken() == {}


@pytest.mark.parametrize("engine", ["postgres"])
@pytest.mark.parametrize("capacity", [1, 5])
async def test_nobody_gets_a_seat_or_waits_in_a_group_that_ends_in_this_moment(made: World, capacity: int) -> None:
    group = await added(made, varied(capacity=capacity))
    meeting = (await first(group)).id
    await takes(made, (await somebody(made))[1], meeting)
    client, upi = await somebody(made)
    async with db.transaction():
        assert await groups.meeting_set(meeting, 1, status="cancelled")
        taking = asyncio.create_task(takes(made, upi, meeting), context=Context())
        await asyncio.sleep(0.1)
        assert not taking.done()
    with pytest.raises(SeatRefused):
        await taking
    assert client not in await seated(meeting)


@pytest.mark.parametrize("engine", ["postgres"])
async def test_a_seat_that_is_taken_as_the_group_ends_is_called_off_with_it_and_not_lost(made: World) -> None:
    group = await added(made)
    meeting = (await first(group)).id
    client, _upi = await somebody(made)
    async with db.staging():
        assert await seats.room_take(meeting)
        await seats.seat_put(meeting, client, SEAT, by="test", now=NOW)
        given = {"id": group, "version": 1, "by": made.peer, "now": NOW, "settings": SETTINGS}
        ending = asyncio.create_task(group_end(**given), context=Context())
        await asyncio.sleep(0.1)
        assert not ending.done()
    assert await ending
    found = await groups.meeting(meeting)
    assert found is not None
    assert (found.status, await seated(meeting)) == ("cancelled", {client: SEAT})
    assert len(await db.rows("SELECT 1 FROM task WHERE kind = 'group-told'")) == 1


async def test_a_seat_is_not_given_up_once_the_group_has_begun_and_can_still_be_taken_by_a_peer(made: World) -> None:
    meeting = await first(await added(made))
    (_, upi), (_, theirs) = await somebody(made), await somebody(made)
    await takes(made, upi, meeting.id)
    with pytest.raises(SeatRefused):
        await leaves(made, upi, meeting.id, meeting.starts_at)
    assert await takes(made, theirs, meeting.id, meeting.starts_at + HOUR / 2) == SEAT
    with pytest.raises(NotFound):
        await takes(made, (await somebody(made))[1], meeting.id, meeting.ends_at)


# --- to what one may come --------------------------------------------------------------------------------------------


async def test_a_client_comes_to_all_groups_of_their_own_agency_and_to_the_public_ones_of_others(made: World) -> None:
    own = (await first(await added(made))).id
    other = await world.made()
    private = (await first(await added(other))).id
    public = (await first(await added(other, varied(is_public=True)))).id
    _, upi = await somebody(made)
    shown = await seats_show(upi=upi, by=made.peer, now=NOW, settings=SETTINGS)
    seen = {each.meeting.id for each in shown.free}
    assert {own, public} <= seen
    assert private not in seen
    with pytest.raises(NotFound):
        await takes(made, upi, private)
    assert await takes(made, upi, public) == SEAT


async def test_another_agencys_peer_takes_no_seat_for_somebody(made: World) -> None:
    meeting = (await first(await added(made))).id
    _, upi = await somebody(made)
    stranger = await world.made()
    with pytest.raises(NotFound):
        await takes(stranger, upi, meeting)


async def test_a_card_opens_the_same_groups_and_its_owner_signs_up_and_leaves(made: World) -> None:
    meeting = (await first(await added(made))).id
    private = (await first(await added(await world.made()))).id
    client, _ = await somebody(made)
    code = await code_issue(client=client, by=made.peer, now=NOW, settings=SETTINGS)
    session = await code_enter(typed=code, address="192.0.2.7", now=NOW, settings=SETTINGS)
    given = {"session": session, "now": NOW, "settings": SETTINGS}
    assert meeting in {each.meeting.id for each in await coming_of_card(**given)}
    assert await seat_take_by_card(**given, meeting=meeting, form=form()) == SEAT
    own = [each for each in await coming_of_card(**given) if each.seat and each.seat.status == SEAT]
    assert [each.meeting.id for each in own] == [meeting]
    assert await seat_leave_by_card(**given, meeting=meeting, form=form())
    with pytest.raises(NotFound):
        await seat_take_by_card(**given, meeting=private, form=form())
    late = given | {"now": NOW + timedelta(minutes=11)}
    assert await coming_of_card(**late) == ()
    assert await seat_take_by_card(**late, meeting=meeting, form=form()) is None


# --- who came --------------------------------------------------------------------------------------------------------


async def test_attendance_is_one_tap_and_is_taken_back_by_another(made: World) -> None:
    meeting = await first(await added(made))
    (client, upi), (absent, theirs), (waiting, last) = [await somebody(made) for _ in range(3)]
    for each in (upi, theirs, last):
        await takes(made, each, meeting.id)
    ids = await seat_ids(meeting.id)
    mark = {"meeting": meeting.id, "by": made.peer, "now": meeting.starts_at}
    assert await attendance_mark(**mark, seat=ids[client], status=CAME)
    assert not await attendance_mark(**mark, seat=ids[client], status=CAME)
    assert await attendance_mark(**mark, seat=ids[absent], status=ABSENT)
    assert not await attendance_mark(**mark, seat=ids[waiting], status=ABSENT)
    assert await attendance_mark(**mark, seat=ids[waiting], status=CAME)
    assert await seated(meeting.id) == {client: CAME, absent: ABSENT, waiting: CAME}
    assert await attendance_mark(**mark, seat=ids[client], status=SEAT)
    assert (await seated(meeting.id))[client] == SEAT
    assert await taken(meeting.id) == 3
    assert await checks.broken() == {}


async def test_nobody_is_marked_before_the_group_begins_nor_by_another_agency(made: World) -> None:
    meeting = await first(await added(made))
    client, upi = await somebody(made)
    await takes(made, upi, meeting.id)
    seat = (await seat_ids(meeting.id))[client]
    with pytest.raises(SeatRefused):
        await attendance_mark(meeting=meeting.id, seat=seat, status=CAME, by=made.peer, now=NOW)
    for by in ((await world.made()).peer, made.stranger):
        with pytest.raises(NotFound):
            await attendance_mark(meeting=meeting.id, seat=seat, status=CAME, by=by, now=meeting.starts_at)


async def test_others_are_counted_and_not_kept_and_the_count_can_be_taken_back(made: World) -> None:
    meeting = await first(await added(made))
    given = {"meeting": meeting.id, "by": made.peer, "now": meeting.starts_at}
    assert await others_count(**given, number=7, version=meeting.version)
    assert not await others_count(**given, number=8, version=meeting.version)
    assert await others_count(**given, number=None, version=meeting.version + 1)
    with pytest.raises(UnfitFields):
        await others_count(**given, number=-1, version=meeting.version + 2)
    (row,) = await db.rows(f"SELECT others FROM group_meeting WHERE id = {meeting.id}")
    assert row["others"] is None


# --- what changes ----------------------------------------------------------------------------------------------------


async def test_who_has_a_seat_in_a_meeting_that_is_called_off_is_told_or_their_peers_are_asked_to(made: World) -> None:
    meeting = await first(await added(made))
    (told, upi), (_, theirs) = await somebody(made), await somebody(made)
    await agreed(told)
    for each in (upi, theirs):
        await takes(made, each, meeting.id)
    assert await changed(made, meeting.id, is_on=False)
    assert len(await letters()) == 1
    (task,) = await db.rows("SELECT kind, words, address FROM task WHERE kind = 'group-told'")
    assert db.from_json(task["words"]) == {"n": 1}
    with pytest.raises(NotFound):
        await takes(made, (await somebody(made))[1], meeting.id)
    assert await changed(made, meeting.id, is_on=True)
    assert await takes(made, (await somebody(made))[1], meeting.id) == WAITING


async def test_more_seats_in_one_meeting_go_to_who_waits_and_fewer_take_none_away(made: World) -> None:
    meeting = await first(await added(made, varied(capacity=1)))
    people = [await somebody(made) for _ in range(3)]
    for _, upi in people:
        await takes(made, upi, meeting.id)
    await changed(made, meeting.id, capacity=2)
    assert list((await seated(meeting.id)).values()) == [SEAT, SEAT, WAITING]
    await changed(made, meeting.id, capacity=1)
    await leaves(made, people[0][1], meeting.id)
    assert list((await seated(meeting.id)).values()) == [LEFT, SEAT, WAITING]
    assert await checks.broken() == {}


async def test_a_group_that_ends_calls_its_meetings_off_and_drops_those_that_nobody_wanted(made: World) -> None:
    id = await added(made)
    meeting = await first(id)
    client, upi = await somebody(made)
    await agreed(client)
    await takes(made, upi, meeting.id)
    assert await group_end(id=id, version=1, by=made.peer, now=NOW, settings=SETTINGS)
    assert not await group_end(id=id, version=2, by=made.peer, now=NOW, settings=SETTINGS)
    assert [(each.id, each.status) for each in await meetings(id)] == [(meeting.id, "cancelled")]
    assert len(await letters()) == 1


async def test_another_capacity_of_the_group_is_that_of_its_meetings_but_for_one_that_has_its_own(made: World) -> None:
    id = await added(made)
    one, other, *_ = await meetings(id)
    await changed(made, other.id, capacity=9, day=other.day)
    values = varied(capacity=5)
    await group_change(id=id, version=1, values=values, by=made.peer, now=NOW, settings=SETTINGS)
    assert [each.capacity for each in (await meetings(id))[:3]] == [5, 9, 5]
    assert one.capacity == VALUES.capacity


# --- who turns out to be one person, and who is cleared --------------------------------------------------------------


async def test_two_who_are_one_person_have_one_seat_and_the_other_goes_to_who_waits(made: World) -> None:
    meeting = (await first(await added(made))).id
    keep, gone = await twins(made)
    third, last = await somebody(made)
    for each in (await upi_of(keep), await upi_of(gone), last):
        await takes(made, each, meeting)
    await clients_merge(
        pair=await pair_of(keep, gone),
        keep=keep,
        versions=await versions(keep, gone),
        by=made.coordinator,
        now=NOW + HOUR,
        settings=SETTINGS,
    )
    assert await seated(meeting) == {keep: SEAT, third: SEAT}
    assert await taken(meeting) == 2
    assert await checks.broken() == {}


async def test_a_seat_that_was_taken_in_the_moment_of_a_merging_moves_along(made: World) -> None:
    meeting = (await first(await added(made))).id
    (keep, _), (gone, upi) = await somebody(made), await somebody(made)
    await takes(made, upi, meeting)
    async with db.staging():
        await db.execute(f"UPDATE client SET merged_into_id = {keep} WHERE id = {gone}")
    assert await merged_tidy(now=NOW, settings=SETTINGS) == 1
    assert await seated(meeting) == {keep: SEAT}


async def test_of_somebody_who_is_cleared_no_seat_is_left_and_they_stay_counted_among_the_others(made: World) -> None:
    meeting = await first(await added(made))
    (client, upi), (_, last) = await somebody(made), await somebody(made)
    for each in (upi, (await somebody(made))[1], last):
        await takes(made, each, meeting.id)
    mark = {"meeting": meeting.id, "by": made.peer, "now": meeting.starts_at}
    await attendance_mark(**mark, seat=(await seat_ids(meeting.id))[client], status=CAME)
    await retention_run(by="test", now=NOW + 400 * DAY)
    assert await seated(meeting.id) == {}
    found = await groups.meeting(meeting.id)
    assert found is not None
    assert (found.taken, found.others) == (0, 1)
    assert await checks.broken() == {}


async def test_a_seat_that_came_free_unseen_goes_to_who_waits_in_the_next_round(made: World) -> None:
    meeting = (await first(await added(made, varied(capacity=1)))).id
    (gone, upi), (waiting, last) = await somebody(made), await somebody(made)
    for each in (upi, last):
        await takes(made, each, meeting)
    async with db.staging():
        await db.execute(f"DELETE FROM group_seat WHERE client_id = {gone}")
        await db.execute(f"UPDATE group_meeting SET taken = 0 WHERE id = {meeting}")
    await groups_plan(now=NOW, settings=SETTINGS)
    assert await seated(meeting) == {waiting: SEAT}


async def test_a_count_of_seats_that_is_wrong_is_found(made: World) -> None:
    meeting = (await first(await added(made))).id
    async with db.staging():
        await db.execute(f"UPDATE group_meeting SET taken = 1 WHERE id = {meeting}")
    assert await checks.broken() == {"seats-say-otherwise": [meeting]}


# --- helpers ---------------------------------------------------------------------------------------------------------


async def changed(made: World, id: int, *, is_on: bool = True, capacity: int | None = 2, day: object = None) -> bool:
    meeting = await groups.meeting(id)
    assert meeting is not None
    return await meeting_change(
        id=id,
        version=meeting.version,
        day=meeting.day,
        minute=19 * 60,
        is_on=is_on,
        capacity=capacity,
        by=made.peer,
        now=NOW,
        settings=SETTINGS,
    )


async def seat_ids(meeting: int) -> dict[int, int]:
    found = await db.rows(f"SELECT id, client_id FROM group_seat WHERE meeting_id = {meeting}")
    return {row["client_id"]: row["id"] for row in found}


async def letters() -> list[dict[str, object]]:
    return await db.rows("SELECT * FROM outbox ORDER BY id")
