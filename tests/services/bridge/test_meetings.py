"""Meetings of groups: planned ahead once, moved with their group, remembered on the day before, and told in the directory."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from directory.domain.agencies import Overtaken
from directory.domain.errors import NotFound
from directory.domain.people import UnfitFields
from directory.services.bridge.groups import (
    group_add,
    group_change,
    group_end,
    group_homes,
    group_show,
    groups_list,
)
from directory.services.bridge.meetings import groups_plan, groups_remind, meeting_change
from directory.services.bridge.public_groups import public_group, public_groups, public_times_of
from directory.services.bridge.seats import SeatRefused
from directory.storage import agencies, db, drafts
from directory.storage.bridge import groups
from directory.storage.demo import work_erase
from tests.services.bridge.grouped import VALUES, added, agreed, first, form, meetings, somebody, takes, varied
from tests.services.waitlist import world
from tests.services.waitlist.world import NOW, SETTINGS, World

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
EIGHT = 8


@pytest.fixture
async def made(database: str) -> World:
    return await world.made()


async def change(made: World, id: int, version: int = 1, **changed: Any) -> None:
    await group_change(id=id, version=version, values=varied(**changed), by=made.peer, now=NOW, settings=SETTINGS)


async def status(group: int) -> str:
    """The state of the listing of a group; "" where it has none."""
    text = f"SELECT l.status FROM listing l JOIN peer_group g ON g.listing_id = l.id WHERE g.id = {group}"
    return "".join(row["status"] for row in await db.rows(text))


# --- planned ---------------------------------------------------------------------------------------------------------


async def test_a_group_is_planned_eight_weeks_ahead_and_each_day_once(made: World) -> None:
    id = await added(made)
    assert [each.day for each in await meetings(id)] == [date(2026, 3, 3) + number * 7 * DAY for number in range(EIGHT)]
    for _ in range(2):
        assert await groups_plan(now=NOW, settings=SETTINGS) == 0
    assert await groups_plan(now=NOW + 7 * DAY, settings=SETTINGS) == 1
    assert len(await db.rows(f"SELECT 1 FROM group_meeting WHERE group_id = {id}")) == EIGHT + 1


@pytest.mark.parametrize("engine", ["postgres"])
async def test_several_processes_plan_each_meeting_once(made: World) -> None:
    id = await added(made)
    later = NOW + 14 * DAY
    done = await asyncio.gather(*(groups_plan(now=later, settings=SETTINGS) for _ in range(4)))
    assert sum(done) == 2
    assert len(await db.rows(f"SELECT 1 FROM group_meeting WHERE group_id = {id}")) == EIGHT + 2


async def test_meetings_whose_time_is_over_were_held(made: World) -> None:
    meeting = await first(await added(made))
    await groups_plan(now=meeting.ends_at - timedelta(minutes=1), settings=SETTINGS)
    assert (await groups.meeting(meeting.id)) == meeting
    await groups_plan(now=meeting.ends_at, settings=SETTINGS)
    held = await groups.meeting(meeting.id)
    assert held is not None
    assert held.status == "held"


async def test_a_form_that_is_sent_twice_makes_one_group(made: World) -> None:
    given = {"agency": made.agency, "values": VALUES, "by": made.peer, "now": NOW, "settings": SETTINGS}
    token = form()
    assert await group_add(**given, form=token)
    assert await group_add(**given, form=token) is None
    assert len(await groups_list(by=made.peer, now=NOW)) == 1


async def test_groups_are_those_of_peer_agencies_and_of_ones_own(made: World) -> None:
    with pytest.raises(NotFound):
        await added(replace(made, agency=made.clinic))
    id = await added(made)
    other = (await world.made()).peer
    for by in (other, made.stranger):
        with pytest.raises(NotFound):
            await group_show(id=id, by=by, now=NOW)
    assert [each.id for each in await group_homes(by=made.peer, now=NOW)] == [made.agency]
    assert await group_homes(by=made.stranger, now=NOW) == ()


async def test_a_group_that_meets_once_has_not_met_yet(made: World) -> None:
    with pytest.raises(UnfitFields) as unfit:
        await added(made, varied(series={"every": "once", "starts_on": date(2026, 3, 1)}))
    assert [each.code for each in unfit.value.problems] == ["over"]
    (meeting,) = await meetings(await added(made, varied(series={"every": "once"})))
    assert meeting.day == date(2026, 3, 3)


async def test_somebody_of_the_agency_leads_a_group_and_nobody_else(made: World) -> None:
    async with db.staging():
        person = await world.account(made.peer)
    with pytest.raises(UnfitFields) as unfit:
        await added(made, varied(leader=person))
    assert [each.field for each in unfit.value.problems] == ["leader"]


# --- changed ---------------------------------------------------------------------------------------------------------


async def test_meetings_follow_another_time_and_who_has_a_seat_is_told(made: World) -> None:
    id = await added(made)
    meeting = await first(id)
    client, upi = await somebody(made)
    await agreed(client)
    await takes(made, upi, meeting.id)
    await change(made, id, series={"minute": 18 * 60})
    assert {each.starts_at.hour for each in await meetings(id)} == {18}
    assert len(await db.rows("SELECT 1 FROM outbox")) == 1


async def test_on_another_weekday_meetings_that_nobody_wanted_go_and_the_others_are_called_off(made: World) -> None:
    id = await added(made)
    wanted = await first(id)
    await takes(made, (await somebody(made))[1], wanted.id)
    await change(made, id, series={"starts_on": date(2026, 3, 5)})
    found = await meetings(id)
    assert [(each.id, each.status) for each in found if each.day.weekday() == 1] == [(wanted.id, "cancelled")]
    assert {each.day.weekday() for each in found if each.status == "planned"} == {3}
    assert len(await db.rows("SELECT 1 FROM task WHERE kind = 'group-told'")) == 1


async def test_a_meeting_that_was_moved_by_itself_stays_where_it_is(made: World) -> None:
    id = await added(made)
    meeting = await first(id)
    assert await moved(made, meeting.id, day=date(2026, 3, 4), minute=12 * 60)
    assert not await moved(made, meeting.id, version=1)
    await change(made, id, series={"minute": 18 * 60})
    await groups_plan(now=NOW, settings=SETTINGS)
    found = await meetings(id)
    assert (found[0].id, found[0].starts_at) == (meeting.id, datetime(2026, 3, 4, 12, tzinfo=UTC))
    assert len(found) == EIGHT


async def test_a_meeting_is_moved_to_a_time_that_is_still_to_come_and_not_once_it_has_begun(made: World) -> None:
    meeting = await first(await added(made))
    for wrong in (
        {"day": date(2026, 3, 1)},
        {"minute": 1440},
        {"capacity": 0},
        {"day": date(2027, 3, 1)},
        {"day": date.max},
    ):
        with pytest.raises(UnfitFields):
            await moved(made, meeting.id, **wrong)
    with pytest.raises(SeatRefused):
        await moved(made, meeting.id, now=meeting.starts_at)


@pytest.mark.parametrize(("day", "due"), [(date(2026, 3, 3), 10), (date(2026, 3, 4), 19)])
async def test_of_a_meeting_that_was_moved_people_are_told_before_either_beginning(
    made: World, day: date, due: int
) -> None:
    meeting = await first(await added(made))
    await takes(made, (await somebody(made))[1], meeting.id)
    assert await moved(made, meeting.id, day=day, minute=10 * 60)
    (task,) = await db.rows("SELECT due_at FROM task WHERE kind = 'group-told'")
    assert db.as_moment(task["due_at"]) == datetime(2026, 3, 3, due, tzinfo=UTC)


async def moved(made: World, id: int, **change: Any) -> bool:
    given = {"version": 1, "day": date(2026, 3, 4), "minute": 600, "is_on": True, "capacity": 2, "now": NOW}
    return await meeting_change(id=id, by=made.peer, settings=SETTINGS, **given | change)


async def test_two_who_save_one_group_see_each_other(made: World) -> None:
    id = await added(made)
    await change(made, id, name="Marsh mornings")
    with pytest.raises(Overtaken) as overtaken:
        await change(made, id, name="Marsh nights")
    assert (overtaken.value.now["name"], overtaken.value.version) == ("Marsh mornings", 2)


# --- remembered ------------------------------------------------------------------------------------------------------


async def test_who_has_a_seat_is_reminded_once_on_the_day_before_and_by_day(made: World) -> None:
    """WAITLIST 1.6: neutral, by the ways that were agreed, never at night."""
    meeting = await first(await added(made, varied(capacity=1)))
    (client, upi), (waiting, last) = await somebody(made), await somebody(made)
    for each in (client, waiting):
        await agreed(each)
    for each in (upi, last):
        await takes(made, each, meeting.id)
    midnight = datetime(2026, 3, 2, tzinfo=UTC)
    for hour in (-10, 3, 8, 20):
        assert await groups_remind(now=midnight + hour * HOUR, settings=SETTINGS) == 0
    assert [await groups_remind(now=midnight + 10 * HOUR, settings=SETTINGS) for _ in range(2)] == [1, 0]
    (letter,) = await db.rows("SELECT template, words FROM outbox")
    assert letter["template"] == "client-update"
    (noted,) = await db.rows("SELECT details FROM audit_entry WHERE action = 'update-queued'")
    assert db.from_json(noted["details"])["occasion"] == f"reminder {meeting.id}"


async def test_of_those_whom_no_message_reaches_one_task_for_each_meeting_says_how_many_they_are(made: World) -> None:
    meeting = await first(await added(made, varied(capacity=3)))
    people = [await somebody(made) for _ in range(4)]
    await agreed(people[0][0])
    for _, upi in people:  # the last one waits, and is not reminded
        await takes(made, upi, meeting.id)
    assert await groups_remind(now=NOW, settings=SETTINGS) == 1
    (task,) = await db.rows("SELECT kind, words, address, due_at FROM task")
    assert (task["kind"], db.from_json(task["words"])) == ("group-reminder", {"n": 2})
    assert task["address"] == f"/desk/groups/{meeting.group}/meetings/{meeting.id}"
    assert db.as_moment(task["due_at"]) == meeting.starts_at


@pytest.mark.parametrize("engine", ["postgres"])
async def test_several_processes_remind_once(made: World) -> None:
    meeting = await first(await added(made))
    client, upi = await somebody(made)
    await agreed(client)
    await takes(made, upi, meeting.id)
    done = await asyncio.gather(*(groups_remind(now=NOW, settings=SETTINGS) for _ in range(4)))
    assert sum(done) == 1
    assert len(await db.rows("SELECT 1 FROM outbox")) == 1


# --- told in the directory -------------------------------------------------------------------------------------------


async def test_a_public_group_has_a_listing_for_as_long_as_it_is_public(made: World) -> None:
    id = await added(made)
    assert await status(id) == ""
    await change(made, id, is_public=True)
    assert await status(id) == "active"
    await change(made, id, 2)
    assert await status(id) == "removed"
    await change(made, id, 3, is_public=True)
    assert await status(id) == "active"
    assert len(await db.rows(f"SELECT 1 FROM listing WHERE source_key = 'group-{id}'")) == 1
    await group_end(id=id, version=4, by=made.peer, now=NOW, settings=SETTINGS)
    assert await status(id) == "removed"


async def test_what_is_over_leaves_the_directory_by_itself(made: World) -> None:
    id = await added(made, varied(series={"every": "once"}, is_public=True))
    assert await status(id) == "active"
    await groups_plan(now=NOW + 2 * DAY, settings=SETTINGS)
    assert await status(id) == "removed"


async def test_a_listing_is_written_anew_only_where_it_says_something_else(made: World) -> None:
    await added(made, varied(is_public=True))
    seen = "SELECT number FROM state WHERE name = 'data-version'"
    before = await db.rows(seen)
    await groups_plan(now=NOW + HOUR, settings=SETTINGS)
    assert await db.rows(seen) == before
    await groups_plan(now=NOW + 2 * DAY, settings=SETTINGS)
    assert await db.rows(seen) != before


async def test_a_meeting_that_was_held_on_an_earlier_day_is_not_told_of_on_its_own(made: World) -> None:
    id = await added(made, varied(is_public=True))
    second = (await meetings(id))[1]
    assert await moved(made, second.id, day=second.day - 2 * DAY, minute=10 * 60)
    now = NOW + (second.day - DAY - NOW.date())
    await groups_plan(now=now, settings=SETTINGS)
    (listing,) = await db.rows(f"SELECT listing_id FROM peer_group WHERE id = {id}")
    (said,) = (await drafts.said([listing["listing_id"]])).values()
    assert [each["windows"] for each in said.draft["changes"] if each["on"] == second.day.isoformat()] == [[]]
    assert second.day in {each.day for each in (await public_times_of(id=id, now=now)).others}


async def test_a_group_that_was_ended_while_others_are_planned_is_neither_planned_nor_listed(
    made: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = await added(made, varied(is_public=True))
    stale = await groups.running()
    (before,) = stale
    await group_end(id=id, version=before.version, by=made.peer, now=NOW, settings=SETTINGS)
    number = len(await meetings(id))

    async def running() -> list[groups.GroupNow]:
        return stale

    monkeypatch.setattr(groups, "running", running)
    assert await groups_plan(now=NOW + 7 * DAY, settings=SETTINGS) == 0
    assert len(await meetings(id)) == number
    assert await status(id) == "removed"


async def test_the_groups_of_an_agency_that_closes_are_found_by_nobody(made: World) -> None:
    id = await added(made, varied(is_public=True))
    async with db.staging():
        await agencies.close(made.agency, NOW)
    await groups_plan(now=NOW + 7 * DAY, settings=SETTINGS)
    assert await status(id) == "removed"
    assert len(await meetings(id)) == EIGHT
    assert (await public_groups(now=NOW))[0] == ()


async def test_everybody_sees_public_groups_by_their_next_meeting_and_no_others(made: World) -> None:
    early = await added(made, varied(series={"minute": 600}, is_public=True))
    late = await added(made, varied(is_public=True))
    private = await added(made)
    found, is_more = await public_groups(now=NOW)
    assert ([each.group.id for each in found], is_more) == ([early, late], False)
    assert ([each.group.id for each in (await public_groups(now=NOW, limit=1))[0]]) == [early]
    assert [each.group.id for each in (await public_groups(now=NOW, page=2, limit=1))[0]] == [late]
    assert (await public_group(id=early, now=NOW)).slug
    for id in (private, 10**6):
        with pytest.raises(NotFound):
            await public_group(id=id, now=NOW)


# --- the demonstration -----------------------------------------------------------------------------------------------


async def test_groups_of_the_demonstration_go_with_it_and_its_people_leave_no_seat_taken(made: World) -> None:
    real = await world.made()
    async with db.staging():
        await db.execute(f"UPDATE agency SET is_demo = TRUE WHERE id = {made.agency}")
    id = await added(made, varied(is_public=True))
    assert (await group_show(id=id, by=made.peer, now=NOW)).group.is_demo
    meeting = await first(await added(real, varied(is_public=True)))
    for each in (made, real):
        await takes(each, (await somebody(each))[1], meeting.id)
    async with db.transaction():
        await work_erase(NOW)
    assert await groups.group(id) is None
    left = await groups.meeting(meeting.id)
    assert left is not None
    assert left.taken == 1
    assert [row["name"] for row in await db.rows("SELECT name FROM source WHERE name LIKE 'agency-%'")] == [
        f"agency-{real.agency}-groups"
    ]
