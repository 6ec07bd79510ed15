"""Plans as they are kept: sealed, read by few, saved by one at a time, and shown behind a card only as far as they like."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from directory.domain.access import Actor, Grant, Role
from directory.domain.agencies import Overtaken
from directory.domain.bridge.plans import Helper, Plan
from directory.domain.errors import NotFound
from directory.domain.people import UnfitFields
from directory.domain.places import PlaceRow
from directory.services.bridge.plan_page import plan_page
from directory.services.bridge.plans import NotTheirPeer, plan_allowed, plan_save, plan_show
from directory.services.bridge.status_plan import plan_by_code
from directory.services.waitlist import entries
from directory.services.waitlist.codes import code_issue
from directory.services.waitlist.interim import interim_note
from directory.services.waitlist.person import NotTheirsToMove, client_move
from directory.services.waitlist.status import code_enter
from directory.storage import db, places
from directory.storage.accounts import grant_add
from directory.storage.bridge import check_ins
from directory.storage.encoding import to_column
from directory.storage.waitlist import clients
from tests.services.bridge import grouped
from tests.services.bridge.suggesting import accompanied, upi_of
from tests.services.waitlist import world
from tests.services.waitlist.taking import trail
from tests.services.waitlist.world import NOW, SETTINGS, TODAY, World

DAY = timedelta(days=1)
SECRET = "My girl Fern sleeps at my aunt’s"
PLAN = Plan(
    matters=SECRET,
    bad_night=("Drink water", "Call Aunt Heron"),
    people=(Helper("Aunt Heron", "215-555-0142", "Lets me sleep there"),),
    barriers=("housing", "court"),
)


async def colleague(made: World) -> Actor:
    """Another peer of the agency."""
    assert made.peer.person is not None
    actor = Actor(made.peer.person + 5, (Grant(Role.PEER, made.agency),))
    async with db.staging():
        await world.account(actor)
    return actor


async def saved(made: World, upi: str, plan: Plan = PLAN, version: int = 0, by: Actor | None = None) -> None:
    await plan_save(upi=upi, plan=plan, version=version, by=by or made.peer, now=NOW, settings=SETTINGS)


async def shown(upi: str, by: Actor, now: object = NOW) -> Plan:
    _who, kept = await plan_show(upi=upi, by=by, now=now, settings=SETTINGS)  # type: ignore[arg-type]
    return kept.plan


async def covered(made: World, stand_in: Actor, until: int, *, ended: bool = False) -> None:
    """Has somebody stand in for the world's peer from today, for so many days more."""
    sql = db.Sql()
    days = (TODAY, TODAY + until * DAY)
    values = (made.agency, made.peer.person, stand_in.person, *days, "test", NOW, NOW if ended else None)
    async with db.staging():
        for each in (made.peer, stand_in):
            await grant_add(await world.account(each), each.grants[0], by="test", now=NOW)
        await db.execute(
            "INSERT INTO cover (agency_id, away_id, stand_in_id, from_on, until_on, by, at, ended_at) "
            f"VALUES ({sql.list(to_column(each) for each in values)})",
            sql.values,
        )


# --- who reads it ----------------------------------------------------------------------------------------------------


async def test_their_own_peer_and_a_coordinator_read_the_plan_and_another_peer_does_not(database: str) -> None:
    made = await world.made()
    upi = await accompanied(made)
    await saved(made, upi)
    assert await shown(upi, made.peer) == PLAN
    assert await shown(upi, made.coordinator) == PLAN
    with pytest.raises(NotTheirPeer):
        await shown(upi, await colleague(made))
    with pytest.raises(NotTheirPeer):
        await saved(made, upi, Plan(matters="Mine"), 1, await colleague(made))
    assert await shown(upi, made.peer) == PLAN


async def test_nobody_of_another_agency_learns_that_there_is_somebody(database: str) -> None:
    made, other = await world.made(), await world.made()
    upi = await accompanied(made)
    for actor in (other.peer, other.coordinator):
        with pytest.raises(NotFound):
            await shown(upi, actor)
        with pytest.raises(NotFound):
            await saved(made, upi, by=actor)


async def test_who_stands_in_reads_it_on_those_days_alone(database: str) -> None:
    made = await world.made()
    upi, other = await accompanied(made), await colleague(made)
    await saved(made, upi)
    await covered(made, other, 2)
    for days, is_read in ((-1, False), (0, True), (2, True), (3, False)):
        if is_read:
            assert await shown(upi, other, NOW + days * DAY) == PLAN
        else:
            with pytest.raises(NotTheirPeer):
                await shown(upi, other, NOW + days * DAY)


async def test_a_cover_that_has_ended_or_is_for_somebody_elses_people_opens_nothing(database: str) -> None:
    made = await world.made()
    upi, other = await accompanied(made), await colleague(made)
    await covered(made, other, 2, ended=True)
    with pytest.raises(NotTheirPeer):
        await shown(upi, other)
    unaccompanied = await upi_of(await world.client(made))
    await covered(made, other, 2)
    with pytest.raises(NotTheirPeer):
        await shown(unaccompanied, other)


async def test_who_becomes_their_peer_reads_it_and_who_was_it_does_not_any_more(database: str) -> None:
    made = await world.made()
    upi, other = await accompanied(made), await colleague(made)
    await saved(made, upi)
    async with db.staging():
        for each in (made.peer, other):
            await grant_add(each.person or 0, each.grants[0], by="test", now=NOW)
    for by, is_done in ((other, False), (made.peer, True)):
        try:
            await client_move(upi=upi, peer=other.person, version=1, by=by, now=NOW, settings=SETTINGS)
            assert is_done
        except NotTheirsToMove:
            assert not is_done
            with pytest.raises(NotTheirPeer):
                await shown(upi, other)
    assert await shown(upi, other) == PLAN
    with pytest.raises(NotTheirPeer):
        await shown(upi, made.peer)


async def test_every_look_stands_in_the_access_log_and_a_refused_one_shows_nothing(database: str) -> None:
    made = await world.made()
    upi = await accompanied(made)
    await plan_allowed(upi=upi, by=made.peer, now=NOW, settings=SETTINGS, part="plan")
    with pytest.raises(NotTheirPeer):
        await plan_allowed(upi=upi, by=await colleague(made), now=NOW, settings=SETTINGS, part="plan")
    rows = await db.rows(f"SELECT by, details FROM access_entry WHERE subject = 'client {upi}'")
    assert [(row["by"], db.from_json(row["details"])) for row in rows] == [(made.peer.label, {"part": "plan"})]


# --- saving ----------------------------------------------------------------------------------------------------------


async def test_the_database_and_the_audit_trail_hold_none_of_the_words(database: str) -> None:
    made = await world.made()
    upi = await accompanied(made)
    await saved(made, upi)
    (row,) = await db.rows("SELECT * FROM plan")
    assert not [word for word in (SECRET, "Heron", "555-0142", "housing", "water") if word in str(row)]
    assert await trail("plan-saved") == [{"version": 1, "by_code": False}]


async def test_of_two_who_save_at_once_the_second_sees_what_the_first_wrote(database: str) -> None:
    made = await world.made()
    upi = await accompanied(made)
    await saved(made, upi)
    await saved(made, upi, Plan(matters="First", barriers=("food",)), 1)
    with pytest.raises(Overtaken) as overtaken:
        await saved(made, upi, Plan(matters="Second"), 1)
    assert overtaken.value.version == 2
    assert overtaken.value.now["matters"] == "First"
    assert overtaken.value.now["barrier-food"] == "yes"
    assert await shown(upi, made.peer) == Plan(matters="First", barriers=("food",))


async def test_of_two_first_plans_at_once_one_is_kept(database: str) -> None:
    made = await world.made()
    upi = await accompanied(made)
    plans = [Plan(matters=f"Plan {number}") for number in range(2)]
    results = await asyncio.gather(*(saved(made, upi, plan) for plan in plans), return_exceptions=True)
    assert sorted(type(each).__name__ for each in results) == ["NoneType", "Overtaken"]
    assert await shown(upi, made.peer) == plans[results.index(None)]


async def test_the_same_form_once_more_changes_nothing(database: str) -> None:
    made = await world.made()
    upi = await accompanied(made)
    await saved(made, upi)
    await saved(made, upi)
    assert len(await trail("plan-saved")) == 1


async def test_a_place_that_nobody_knows_is_said_and_nothing_is_saved(database: str) -> None:
    made = await world.made()
    upi = await accompanied(made)
    with pytest.raises(UnfitFields) as unfit:
        await saved(made, upi, Plan(matters="x" * 2001, where="Nowhere at all, QQ"))
    assert [(each.field, each.code) for each in unfit.value.problems] == [
        ("matters", "too-long"),
        ("where", "not-a-place"),
    ]
    assert await db.rows("SELECT 1 FROM plan") == []


async def test_of_a_place_only_the_zip_code_or_the_town_is_kept(database: str) -> None:
    made = await world.made()
    upi = await accompanied(made)
    town = PlaceRow("postcode", "19199", "PA", "Saltmarsh", 40.0, -75.0, "America/New_York")
    await places.replace((town,), "test")
    await saved(made, upi, Plan(where="12 Heron Street, Saltmarsh, PA 19199"))
    assert (await shown(upi, made.peer)).where == "19199"


# --- the page --------------------------------------------------------------------------------------------------------


async def test_the_page_has_the_services_and_the_clock_of_the_waitlist_and_the_next_check_in(database: str) -> None:
    made = await world.made()
    upi = await accompanied(made)
    row = await clients.by_upi(upi)
    assert row is not None
    await entries.entry_join(client=row.id, pool=made.pool, tie=1, by=made.peer, now=NOW)
    await interim_note(
        upi=upi, items={"naloxone": "accepted"}, form=f"{1:043}", by=made.peer, now=NOW, settings=SETTINGS
    )
    async with db.staging():
        await check_ins.rhythm_add(
            client=row.id, every_days=7, channel="call", due_at=NOW + 7 * DAY, by="test", now=NOW
        )
    page = await plan_page(upi=upi, by=made.peer, now=NOW, settings=SETTINGS)
    assert page.interim.due_at == NOW + 2 * DAY
    assert page.interim.latest["naloxone"].status == "accepted"
    assert len(page.interim.missing) == 5
    assert page.check_in is not None
    assert page.check_in.due_at == NOW + 7 * DAY
    assert page.kept.version == 0


async def test_seats_that_are_to_come_stand_on_the_page_the_next_first_and_those_given_up_do_not(database: str) -> None:
    made = await world.made()
    upi = await accompanied(made)
    ids = [each.id for each in await grouped.meetings(await grouped.added(made))][:3]
    for id in reversed(ids):
        await grouped.takes(made, upi, id)
    await grouped.leaves(made, upi, ids[1])
    page = await plan_page(upi=upi, by=made.peer, now=NOW, settings=SETTINGS)
    assert [each.meeting.id for each in page.seats] == [ids[0], ids[2]]
    page = await plan_page(upi=upi, by=made.peer, now=NOW + 3 * DAY, settings=SETTINGS)
    assert [each.meeting.id for each in page.seats] == [ids[2]]


# --- by the code on their card ---------------------------------------------------------------------------------------


async def session_of(made: World, client: int) -> str:
    code = await code_issue(client=client, by=made.peer, now=NOW, settings=SETTINGS)
    return await code_enter(typed=code, address="192.0.2.1", now=NOW, settings=SETTINGS)


@pytest.mark.parametrize(
    ("parts", "night", "people"),
    [
        ((), None, None),
        (("bad-night",), PLAN.bad_night, ()),
        (("people",), (), (Helper("Aunt Heron", "215-555-0142"),)),
        (("next-check-in",), (), ()),
    ],
)
async def test_with_their_code_they_read_what_they_chose_and_nothing_else(
    database: str, parts: tuple[str, ...], night: tuple[str, ...] | None, people: tuple[Helper, ...] | None
) -> None:
    made = await world.made()
    upi = await accompanied(made)
    row = await clients.by_upi(upi)
    assert row is not None
    async with db.staging():
        await check_ins.rhythm_add(client=row.id, every_days=7, channel="call", due_at=NOW + DAY, by="test", now=NOW)
    await saved(made, upi, Plan(PLAN.matters, "", PLAN.bad_night, PLAN.people, PLAN.barriers, shown=parts))
    found = await plan_by_code(session=await session_of(made, row.id), now=NOW, settings=SETTINGS)
    if night is None:
        assert found is None
        return
    assert found is not None
    assert (found.bad_night, found.people) == (night, people)
    assert (found.check_in is not None) == ("next-check-in" in parts)


async def test_a_session_that_is_over_reads_nothing(database: str) -> None:
    made = await world.made()
    upi = await accompanied(made)
    row = await clients.by_upi(upi)
    assert row is not None
    await saved(made, upi, Plan(bad_night=("Drink water",), shown=("bad-night",)))
    session = await session_of(made, row.id)
    assert await plan_by_code(session=session, now=NOW, settings=SETTINGS) is not None
    assert await plan_by_code(session=session, now=NOW + timedelta(minutes=11), settings=SETTINGS) is None
    assert await plan_by_code(session="x", now=NOW, settings=SETTINGS) is None
