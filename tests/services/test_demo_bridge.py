"""The bridge of the demonstration: each of its pages has a living example on the first day, and nothing of it stays behind."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from directory.domain.access import Actor
from directory.domain.bridge.handoffs import Handoff
from directory.domain.bridge.outcomes import MEASURES
from directory.domain.bridge.plans import Plan
from directory.domain.waitlist.periods import period_of
from directory.services.bridge.check_ins import check_ins_show
from directory.services.bridge.goals import Goals, goals_of
from directory.services.bridge.groups import groups_list
from directory.services.bridge.handoffs import handoff_show, handoffs_list
from directory.services.bridge.handouts import handouts_list
from directory.services.bridge.peers import peers_show
from directory.services.bridge.plans import plan_of
from directory.services.bridge.status_plan import plan_by_code
from directory.services.bridge.suggestions import suggestions_show
from directory.services.bridge.supervision import debriefs_waiting, supervision_show
from directory.services.checking import database_check
from directory.services.demo_bridge import demo_bridge_load
from directory.services.demo_bridge_words import GOALS, PLANS
from directory.services.demo_people import demo_actors
from directory.services.demo_waitlist import demo_codes
from directory.services.seeding import DEMO, demo_remove
from directory.services.waitlist.oversight import report_show
from directory.services.waitlist.status import code_enter
from directory.settings import Settings
from directory.storage import accounts, db
from directory.storage.models import bridge, groups, peers
from tests.county import clock, county
from tests.factories import NOW, one_value, settings_for

pytestmark = pytest.mark.may_block("the copy of the county is opened as a command would")
TABLES = sorted(
    model.Meta.table
    for module in (bridge, groups, peers)
    for _, model in inspect.getmembers(module, inspect.isclass)
    if model.__module__ == module.__name__
)
UNASKED = {"capital_answer"}
"""Nobody answers a questionnaire whose words nobody has brought."""
LAST_YEAR = period_of(str(NOW.year - 1))


@pytest.fixture
async def settings(tmp_path: Path) -> AsyncIterator[Settings]:
    """Those of an open copy of the county."""
    url = county(tmp_path)
    async with db.connect(url):
        yield settings_for(url)


@pytest.fixture
async def peer(settings: Settings) -> Actor:
    """Whom one click makes of somebody."""
    return (await demo_actors())["peer"]


async def upi_where(condition: str) -> str:
    """The number of the first client `c` of whom this is so."""
    return str(await one_value(f"SELECT c.upi FROM client c WHERE {condition} ORDER BY c.id LIMIT 1"))


async def plans_by_upi(settings: Settings, by: Actor) -> dict[str, Plan]:
    rows = await db.rows("SELECT c.id, c.upi FROM plan p JOIN client c ON c.id = p.client_id ORDER BY c.id")
    return {row["upi"]: (await plan_of(client=row["id"], by=by, settings=settings)).plan for row in rows}


# --- what holds ------------------------------------------------------------------------------------------------------


async def test_nothing_is_broken_and_nothing_needs_a_look(settings: Settings) -> None:
    found = await database_check(waitlist=True, now=NOW, settings=settings)
    assert found.holds
    assert found.warnings == {}


async def test_no_table_of_the_bridge_is_empty_and_each_is_once_the_demonstration_goes(settings: Settings) -> None:
    assert len(TABLES) == 24
    before = {table: await one_value(f"SELECT COUNT(*) FROM {table}") for table in TABLES}
    assert {table for table, count in before.items() if not count} == UNASKED
    await demo_remove(now=NOW, by="test")
    after = {table: await one_value(f"SELECT COUNT(*) FROM {table}") for table in TABLES}
    assert set(after.values()) == {0}


async def test_the_hand_off_of_a_real_person_to_an_invented_opening_goes_and_the_person_stays(
    settings: Settings,
) -> None:
    async with db.staging():
        home = await accounts.agency_add(name="Marsh Peers", kind="peer", timezone="America/New_York", now=NOW)
        client = await one_value("SELECT client_id FROM handoff WHERE status = 'arrived' ORDER BY id LIMIT 1")
        for table, column in (("client", "id"), ("handoff", "client_id")):
            await db.execute(f"UPDATE {table} SET agency_id = {home} WHERE {column} = {client}")
    await demo_remove(now=NOW, by="test")
    assert await db.rows("SELECT id FROM client") == [{"id": client}]
    assert await one_value("SELECT COUNT(*) FROM handoff") == 0
    assert await one_value("SELECT COUNT(*) FROM follow_up") == 0


async def test_loading_it_again_where_it_is_changes_nothing(settings: Settings) -> None:
    before = {table: await one_value(f"SELECT COUNT(*) FROM {table}") for table in (*TABLES, "audit_entry")}
    await demo_bridge_load(source=DEMO, clock=clock, settings=settings, only_if_missing=True)
    assert before == {table: await one_value(f"SELECT COUNT(*) FROM {table}") for table in before}


async def test_nobody_is_said_to_have_looked_at_anybody(settings: Settings) -> None:
    assert await one_value("SELECT COUNT(*) FROM plan") == len(PLANS)
    assert await one_value("SELECT COUNT(*) FROM access_entry") == 0


# --- each page -------------------------------------------------------------------------------------------------------


async def test_people_of_the_demo_peer_have_plans_in_their_own_words_and_one_is_in_spanish(
    settings: Settings, peer: Actor
) -> None:
    plans = await plans_by_upi(settings, peer)
    assert sorted(each.matters for each in plans.values()) == sorted(each.matters for each in PLANS.values())
    assert {"housing", "court", "childcare"} in [set(each.barriers) for each in plans.values()]
    assert "Padre Tomás" in {helper.name for each in plans.values() for helper in each.people}
    assert await one_value("SELECT COUNT(*) FROM plan WHERE sealed LIKE '%matters%' OR sealed LIKE '%555-01%'") == 0
    assert await one_value(f"SELECT COUNT(*) FROM client WHERE peer_id = {peer.person} AND id IN (SELECT client_id FROM plan)") == len(plans)  # fmt: skip


async def test_the_card_that_anybody_may_try_shows_what_its_owner_wanted_to_remember(settings: Settings) -> None:
    session = await code_enter(typed=demo_codes(settings)[0], address="192.0.2.7", now=NOW, settings=settings)
    shown = await plan_by_code(session=session, now=NOW, settings=settings)
    assert shown is not None
    assert len(shown.bad_night) == 3
    assert shown.people[0].name == "Sam"
    assert shown.check_in is not None
    assert shown.check_in.due_at > NOW


async def test_what_was_pinned_and_where_they_went_stands_beside_what_the_search_finds(
    settings: Settings, peer: Actor
) -> None:
    upi = await upi_where("(SELECT COUNT(*) FROM plan_mark m WHERE m.client_id = c.id AND m.what = 'pinned') > 2")
    _who, found = await suggestions_show(upi=upi, by=peer, now=NOW, settings=settings)
    assert len(found.pinned) == 3
    assert "went" in {reason.code for each in found.pinned for reason in each.suggestion.because}
    assert [word for _, word in found.away] == ["not-for-me"]
    assert sum(len(group.suggestions) for group in found.groups) > 5


async def goals(upi: str, settings: Settings) -> Goals:
    return await goals_of(client=await one_value("SELECT id FROM client WHERE upi = {0}", upi), settings=settings)


async def test_three_goals_came_from_below_to_what_was_hoped_for_over_weeks(settings: Settings) -> None:
    upi = await upi_where("(SELECT COUNT(*) FROM goal g WHERE g.client_id = c.id) = 3")
    found = await goals(upi, settings)
    assert [len(goal.looks) for goal in found.open] == [3, 3, 3]
    assert found.scores[0].value is not None
    assert found.scores[0].value < 40
    assert found.scores[-1].value == pytest.approx(50)
    assert any(look.note for goal in found.open for look in goal.looks)
    assert len(found.milestones) == 2
    assert await one_value("SELECT COUNT(*) FROM goal WHERE end_reason = 'reached'") == 1
    assert await one_value("SELECT COUNT(*) FROM goal") == sum(len(each) for each in GOALS.values())


async def test_one_check_in_is_due_one_is_tried_another_way_and_one_is_with_the_coordinator(
    settings: Settings, peer: Actor
) -> None:
    late = await db.rows(f"SELECT step FROM check_rhythm WHERE due_at <= '{NOW:%Y-%m-%d %H:%M}' ORDER BY step")
    assert [row["step"] for row in late] == [0, 1, 2]
    upi = await upi_where("EXISTS (SELECT 1 FROM check_rhythm r WHERE r.client_id = c.id AND r.step = 2)")
    history = await check_ins_show(upi=upi, by=peer, now=NOW, settings=settings)
    assert [row.is_reached for row in history.rows[:2]] == [False, False]
    assert NOW - min(row.at for row in history.rows) > timedelta(days=30)
    tasks = await db.rows("SELECT kind FROM task WHERE done_at IS NULL AND agency_id IS NOT NULL ORDER BY kind")
    assert [row["kind"] for row in tasks] == ["check-in-missed", "text-came-in"]


async def test_a_text_waits_to_be_read_and_another_has_said_still_waiting(settings: Settings, peer: Actor) -> None:
    upi = await upi_where("EXISTS (SELECT 1 FROM text_reply t WHERE t.client_id = c.id AND t.settled_at IS NULL)")
    history = await check_ins_show(upi=upi, by=peer, now=NOW, settings=settings)
    assert [text.words for text in history.texts] == ["Can you call me about the bus on Thursday? After 4 is best."]
    assert await one_value("SELECT COUNT(*) FROM text_reply WHERE kind = 'still-waiting'") == 1


async def test_after_a_heavy_day_it_was_seen_to_and_the_peer_is_asked_after(settings: Settings, peer: Actor) -> None:
    assert await one_value("SELECT COUNT(*) FROM check_in WHERE is_crisis") == 1
    assert await one_value("SELECT COUNT(*) FROM task WHERE kind = 'crisis' AND done_at IS NULL") == 0
    assert len(await debriefs_waiting(by=peer)) == 1


async def test_groups_have_seats_left_or_none_and_meet_in_all_ways(settings: Settings, peer: Actor) -> None:
    cards = {card.group.values.name: card for card in await groups_list(by=peer, now=NOW)}
    left = {name: card.meeting.left for name, card in cards.items() if card.meeting}
    assert left["Cooking for One Week"] == 0
    assert left["While We Wait"] == 8
    assert {card.group.values.attendance for card in cards.values()} == {"in-person", "online"}
    assert {card.group.values.series.every for card in cards.values()} == {"once", "weekly", "fortnightly"}
    assert [name for name, card in cards.items() if not card.group.values.is_public] == ["Parents Between Courts"]
    assert await one_value("SELECT COUNT(*) FROM group_seat WHERE status = 'waiting'") == 1
    assert await one_value("SELECT COUNT(*) FROM group_seat WHERE status = 'came'") > 500
    assert await one_value("SELECT COUNT(*) FROM listing l JOIN peer_group g ON g.listing_id = l.id") == 5


async def test_hand_offs_are_under_way_to_be_asked_about_done_and_back_in_line(settings: Settings, peer: Actor) -> None:
    found = [*(await handoffs_list(by=peer, now=NOW, settings=settings))[0]]
    found += (await handoffs_list(by=peer, now=NOW, settings=settings, page=2))[0]
    states = {each.listed.row.status for each in found}
    assert {Handoff.OPEN, Handoff.ARRIVED, Handoff.NO_SHOW} <= states
    assert any(each.listed.part == "done" and each.listed.row.status is Handoff.ARRIVED for each in found)
    assert any(each.listed.next_from and each.listed.next_from <= NOW < (each.listed.next_by or NOW) for each in found)
    half = next(each for each in found if each.listed.row.arrives_at and each.listed.part == "under-way")
    assert (half.progress.settled, half.progress.all) == (5, 11)
    page = await handoff_show(upi=half.listed.row.upi, by=peer, now=NOW, settings=settings)
    assert page.now is not None
    assert set(page.now.notes) == {"transport", "papers"}
    assert page.now.words
    assert all(page.now.words.values())


async def test_somebody_who_did_not_come_waits_in_line_again(settings: Settings) -> None:
    back = (
        "SELECT COUNT(*) FROM handoff h JOIN offer o ON o.id = h.offer_id JOIN entry e ON e.id = o.entry_id "
        "WHERE h.status = 'no-show' AND e.status IN ('waiting', 'offered', 'accepted', 'on-hold')"
    )
    assert await one_value(back) > 0


async def test_peers_have_limits_a_stand_in_a_mentor_and_what_they_learned(settings: Settings, peer: Actor) -> None:
    (team,) = await peers_show(by=(await demo_actors())["coordinator"], now=NOW)
    named = {each.row.name: each for each in team.peers}
    pia, quinn = named["Pia Fen"], named["Quinn Teal"]
    assert quinn.row.people == quinn.row.most
    assert pia.row.people + 10 == pia.row.most
    assert pia.covers[0].span.stand_in == peer.person
    assert pia.pairings[0].person == quinn.row.id
    ends = {each.expires_on for each in pia.trainings if each.expires_on}
    assert min(ends) == NOW.date() + timedelta(days=20)
    (pair,) = await supervision_show(by=peer, now=NOW, settings=settings)
    assert [note.is_own for note in pair.notes] == [True, False]


async def test_one_hand_out_is_good_still(settings: Settings, peer: Actor) -> None:
    (found,) = await handouts_list(by=peer, now=NOW)
    assert len(found.items) == 6
    assert found.expires_at > NOW


async def test_every_figure_of_the_outcomes_is_told_for_a_whole_year(settings: Settings) -> None:
    assert LAST_YEAR is not None
    by = (await demo_actors())["oversight"]
    found = await report_show(code="outcomes", period=LAST_YEAR, line=None, by=by, now=NOW, settings=settings)
    people = {row[0]: row[1] for row in found.sheets[0].rows}
    assert all(isinstance(people[measure], int) and people[measure] > 200 for measure in MEASURES)
    shares = {row[0]: row[3] for row in found.sheets[0].rows if isinstance(row[3], int)}
    assert 40 < shares["weekly-contact"] < 80
    assert 30 < shares["group-attended"] < 80
    assert 80 < shares["arrived"] < 100
    assert shares["contact-30d"] < shares["contact-7d"] < 95
