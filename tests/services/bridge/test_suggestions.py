"""Suggestions are rows of the site's own search, each with reasons that are true of it: in the demonstration county at several clocks,
and over files as they are published.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from directory.domain.bridge.plans import BARRIERS, Plan
from directory.domain.bridge.questions import KIND_OF, OF_BARRIER
from directory.domain.bridge.suggestions import Because, Suggestion
from directory.domain.geo import Point
from directory.domain.results import Card
from directory.domain.schedule import TimeFilter, aware, is_open, matches, occurrences, open_until
from directory.services.bridge.marks import mark_set
from directory.services.bridge.plans import NotTheirPeer, plan_save
from directory.services.bridge.suggestions import Suggestions, suggestions_show
from directory.storage import db
from tests.conftest import RUN
from tests.county import county
from tests.factories import NOW, draft, import_drafts, meeting, seeded_template, seeds_copied, world_made
from tests.services.bridge.suggesting import accompanied, all_found, suggested
from tests.services.test_real_files import FEEDS, LISTS, load
from tests.services.waitlist import world
from tests.services.waitlist.world import SETTINGS, World

WEST = ZoneInfo("America/Los_Angeles")
CLOCKS = (
    NOW,
    datetime(2026, 3, 7, 22, 30, tzinfo=WEST),  # the night that has 23 hours
    datetime(2026, 10, 31, 23, 50, tzinfo=WEST),  # the one that has 25
    datetime(2026, 11, 26, 2, 15, tzinfo=WEST),  # Thanksgiving, when much is closed
)
FACTS = {
    "sex": "female",
    "pregnant": "yes",
    "wheelchair": "yes",
    "medication": "yes",
    "dependents": "yes",
    "payer": "medicaid",
}
EVERYTHING = Plan(barriers=BARRIERS, where="00101", likes=("na", "smart"), dislikes=("aa",), times=("evening",))


@pytest.fixture(scope="module")
def larkspur(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of the demonstration county, for all tests here: each makes a client of its own."""
    return county(tmp_path_factory.mktemp("county"))


@pytest.fixture
async def made(larkspur: str) -> AsyncIterator[World]:
    async with db.connect(larkspur):
        yield await world.made()


def listed(found: Suggestions) -> dict[str, list[str]]:
    """The names of what stands there, by need."""
    return {group.need: [each.card.name for each in group.suggestions] for group in found.groups}


async def are_of_the_search(found: Suggestions, now: datetime) -> int:
    """Asserts that a visitor who asks the same finds every one of them, with the same distance and time; says how many there are."""
    number = 0
    for group in found.groups:
        rows: dict[str, Card] = {}
        for asked in group.asked:
            rows |= await all_found(asked.query, now)
        for each in group.suggestions:
            row = rows[each.card.slug]
            assert (row.distance_miles, row.next_start) == (each.card.distance_miles, each.card.next_start)
            number += 1
    return number


def are_true(each: Suggestion, plan: Plan, facts: dict[str, str], now: datetime) -> None:
    """Asserts every reason of a suggestion, worked out once more from its card alone."""
    for because in each.because:
        assert is_true(because, each.card, plan, facts, now), (each.card.slug, because)


def is_true(because: Because, card: Card, plan: Plan, facts: dict[str, str], now: datetime) -> bool:
    code, value = because.code, because.value
    if isinstance(value, datetime):
        return is_then(code, value, card, now)
    children = facts.get("dependents") == "yes" or "childcare" in plan.barriers
    theirs = {
        "women": facts.get("sex") == "female",
        "men": facts.get("sex") == "male",
        "pregnant": facts.get("pregnant") == "yes",
    }
    theirs |= {"parents": facts.get("dependents") == "yes", "justice": "court" in plan.barriers}
    speaks_spanish = facts.get("language") == "es"
    return {
        "distance": lambda: value == card.distance_miles and card.distance_miles <= (plan.miles or 25),
        "online": lambda: card.attendance in ("online", "hybrid"),
        "hybrid": lambda: card.attendance == "hybrid",
        "liked": lambda: value == card.program and value in plan.likes,
        "suits-time": lambda: value in plan.times,
        "for": lambda: value in (card.people or ()) and theirs[str(value)],
        "for-others": lambda: value in (card.people or ()) and not theirs.get(str(value), False),
        "wheelchair": lambda: "wheelchair" in (card.access or ()) and facts.get("wheelchair") == "yes",
        "unknown-wheelchair": lambda: "wheelchair" not in (card.access or ()) and facts.get("wheelchair") == "yes",
        "childcare": lambda: "childcare" in (card.access or ()) and children,
        "language": lambda: value in (card.languages or ()) and speaks_spanish,
        "unknown-language": lambda: "es" not in (card.languages or ()) and speaks_spanish,
        "free": lambda: "free" in (card.pay or ()),
        "sliding-fee": lambda: "sliding-fee" in (card.pay or ()),
        "takes": lambda: value in (card.pay or ()) and value == facts.get("payer"),
        "other-pay": lambda: bool(card.pay) and value not in (card.pay or ()),
        "unknown-pay": lambda: not card.pay,
        "medication": lambda: value in (card.medication or ()),
        "openings": lambda: card.openings is not None and card.openings.counts,
        "unknown-hours": lambda: not is_open(card.timetable, now),
        "always-open": lambda: is_open(card.timetable, now) is True and open_until(card.timetable, now) is None,
        "open": lambda: is_open(card.timetable, now) is True,
    }[code]()


def is_then(code: str, moment: datetime, card: Card, now: datetime) -> bool:
    if code == "open":
        return moment == open_until(card.timetable, now)
    wall = moment.astimezone(ZoneInfo(card.timetable.zone))
    starts = [aware(each.start, card.timetable.zone) for each in occurrences(card.timetable, wall.date(), 1)]
    is_soon = card.kind != "meeting" or timedelta(minutes=-10) <= moment - now < timedelta(hours=48)
    return moment in starts and is_soon


# --- the demonstration county ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("now", CLOCKS, ids=lambda now: f"{now:%d-%b}")
async def test_each_suggestion_is_a_row_of_the_search_with_reasons_that_are_true(made: World, now: datetime) -> None:
    upi = await accompanied(made, **FACTS)
    found = await suggested(upi, EVERYTHING, now)
    assert await are_of_the_search(found, now) > 20
    kinds = {group.need: {each.card.kind for each in group.suggestions} for group in found.groups}
    assert kinds["harm-reduction"] == {"harm-reduction"}
    assert "treatment" in kinds["medication"]
    for group in found.groups:
        for each in group.suggestions:
            are_true(each, EVERYTHING, FACTS, now)


@pytest.mark.parametrize("barrier", BARRIERS)
async def test_each_barrier_brings_its_kind_in_the_county(made: World, barrier: str) -> None:
    upi = await accompanied(made)
    found = {
        group.need: group for group in (await suggested(upi, Plan(barriers=(barrier,), where="00101"), NOW)).groups
    }
    for need in OF_BARRIER[barrier]:
        kinds = {each.card.kind for each in found[need].suggestions}
        assert KIND_OF[need] in kinds


async def test_a_pregnant_woman_is_told_of_care_before_birth_and_a_man_is_not(made: World) -> None:
    plan = Plan(where="00101")
    woman, man = await accompanied(made, sex="female", pregnant="yes"), await accompanied(made, sex="male")
    found = listed(await suggested(woman, plan, NOW))
    assert {"Bluebird Parent House", "Cottonwood Family Health"} <= set(found["prenatal"])
    assert "prenatal" not in listed(await suggested(man, plan, NOW))


async def test_a_pregnancy_that_nobody_has_asked_about_again_is_not_known_any_more(made: World) -> None:
    upi = await accompanied(made, pregnant="yes")
    async with db.staging():
        await db.execute("UPDATE client_fact SET expires_on = '2026-03-01' WHERE code = 'pregnant'")
    assert "prenatal" not in listed(await suggested(upi, Plan(where="00101"), NOW))


async def test_what_is_for_women_alone_is_for_women_alone(made: World) -> None:
    """On a Tuesday: Kitchen Table Women meets on Wednesdays."""
    tuesday, plan = NOW + timedelta(days=1), Plan(barriers=("housing",), where="00103")
    woman, man = await accompanied(made, sex="female"), await accompanied(made, sex="male")
    for name, need in (("Kitchen Table Women", "meetings"), ("Aspen Recovery Home for Women", "housing")):
        assert name in listed(await suggested(woman, plan, tuesday))[need]
        assert name not in listed(await suggested(man, plan, tuesday))[need]
    housing = listed(await suggested(woman, plan, tuesday))["housing"]
    assert "Foundry Road Recovery Home" not in housing


async def test_a_disliked_program_never_comes_and_a_liked_one_comes_first(made: World) -> None:
    upi = await accompanied(made)
    found = await suggested(upi, Plan(where="00101", likes=("na",), dislikes=("aa",)), NOW)
    programs = [each.card.program for group in found.groups[:2] for each in group.suggestions]
    assert "aa" not in programs
    assert programs[0] == "na"
    assert "al-anon" not in programs


async def test_spanish_is_what_somebody_who_speaks_spanish_alone_hears_first(made: World) -> None:
    upi = await accompanied(made, language="es")
    now = NOW + timedelta(days=1)  # Grupo Nuevo Puente meets that evening
    found = await suggested(upi, Plan(where="00101"), now)
    first = found.groups[0].suggestions[0]
    assert first.card.name == "Grupo Nuevo Puente"
    assert Because("language", "es") in first.because
    assert not [each for each in found.groups[0].suggestions if each.card.languages == ("en",)]
    assert await are_of_the_search(found, now)


async def test_without_a_place_what_is_online_is_told_on_the_clock_of_the_agency(made: World) -> None:
    upi = await accompanied(made)
    found = await suggested(upi, Plan(barriers=("food",)), NOW)
    assert (found.place, [group.need for group in found.groups]) == (None, ["online"])
    assert await are_of_the_search(found, NOW)


async def test_a_place_that_nobody_knows_any_more_is_no_error(made: World) -> None:
    upi = await accompanied(made)
    found = await suggested(upi, Plan(where="Nowhere, ZZ"), NOW)
    assert (found.place, found.where) == (None, "Nowhere, ZZ")


async def test_a_distance_that_is_too_far_is_not_gone(made: World) -> None:
    upi = await accompanied(made)
    found = await suggested(upi, Plan(barriers=BARRIERS, where="00101", miles=2), NOW)
    miles = [each.card.distance_miles for group in found.groups if group.need != "online" for each in group.suggestions]
    assert max(far for far in miles if far is not None) <= 2


# --- for this once, and by whom --------------------------------------------------------------------------------------


async def test_another_place_and_time_can_be_asked_for_and_are_kept_nowhere(made: World) -> None:
    upi = await accompanied(made)
    await plan_save(upi=upi, plan=EVERYTHING, version=0, by=made.peer, now=NOW, settings=SETTINGS)
    given = {"upi": upi, "by": made.peer, "now": NOW, "settings": SETTINGS}
    _who, found = await suggestions_show(**given, where="Saltgrass, ZZ", when="tomorrow")  # type: ignore[arg-type]
    assert found.place is not None
    assert (found.place.label, found.where) == ("Saltgrass, ZZ", "Saltgrass, ZZ")
    tomorrow = (NOW + timedelta(days=1)).date()
    for group in found.groups:
        for each in group.suggestions:
            asked = TimeFilter(date_offset=1)
            assert matches(each.card.timetable, asked, NOW), each.card.slug
            assert group.need != "meetings" or (each.at and each.at.date() == tomorrow)
    assert await are_of_the_search(found, NOW)
    _who, as_planned = await suggestions_show(**given)  # type: ignore[arg-type]
    assert as_planned.where == "00101"


async def test_what_is_asked_for_now_begins_within_the_hour_or_is_open(made: World) -> None:
    upi = await accompanied(made)
    await plan_save(upi=upi, plan=EVERYTHING, version=0, by=made.peer, now=NOW, settings=SETTINGS)
    _who, found = await suggestions_show(upi=upi, by=made.peer, now=NOW, settings=SETTINGS, when="now")
    for group in found.groups:
        for each in group.suggestions:
            assert is_open(each.card.timetable, NOW) or (each.at and each.at - NOW <= timedelta(hours=1))
    assert await are_of_the_search(found, NOW)


async def test_only_their_own_peer_and_a_coordinator_see_them_and_the_log_names_no_listing(made: World) -> None:
    upi = await accompanied(made)
    await plan_save(upi=upi, plan=EVERYTHING, version=0, by=made.peer, now=NOW, settings=SETTINGS)
    await suggestions_show(upi=upi, by=made.coordinator, now=NOW, settings=SETTINGS)
    async with db.staging():
        await db.execute(f"UPDATE client SET peer_id = NULL WHERE upi = '{upi}'")
    with pytest.raises(NotTheirPeer):
        await suggestions_show(upi=upi, by=made.peer, now=NOW, settings=SETTINGS)
    (row,) = await db.rows(f"SELECT details FROM access_entry WHERE subject = 'client {upi}'")
    assert row["details"] == '{"part":"suggestions"}'


async def test_one_page_of_suggestions_costs_few_searches(made: World) -> None:
    upi = await accompanied(made)
    found = await suggested(upi, Plan(barriers=("housing", "court", "childcare"), where="00101"), NOW)
    assert sum(len(group.asked) for group in found.groups) <= 10


# --- a city ----------------------------------------------------------------------------------------------------------


async def test_where_there_are_too_many_to_look_at_the_nearest_of_tomorrow_and_the_liked_are_looked_at_too(
    tmp_path: Path, new_database: Callable[[str, Path], AbstractContextManager[str]]
) -> None:
    """The hundred that begin soonest all begin within the hour."""
    far = [draft(f"far-{number}", point=Point(40.1, -75.0), windows=(meeting(1, "12:30"),)) for number in range(110)]
    near = draft("near", name="Round the Corner", point=Point(40.0, -75.0), windows=(meeting(2, "19:00"),))
    liked = draft(
        "liked", name="The Other Program", program="na", point=Point(40.1, -75.0), windows=(meeting(3, "07:00"),)
    )
    with new_database("sqlite", tmp_path) as url:
        async with db.connect(url):
            await world_made()
            await import_drafts(url, [*far, near, liked])
            upi = await accompanied(await world.made())
            found = await suggested(upi, Plan(where="19199", likes=("na",)), NOW)
            assert {"Round the Corner", "The Other Program"} <= set(listed(found)["meetings"])
            assert await are_of_the_search(found, NOW) > 100


# --- what was said before --------------------------------------------------------------------------------------------


async def marked(made: World, upi: str, what: str, name: str, now: datetime = NOW) -> bool:
    """Says this of the listing with this name."""
    (row,) = await db.rows(f"SELECT slug FROM listing WHERE name = '{name}'")
    return await mark_set(upi=upi, slug=row["slug"], what=what, by=made.peer, now=now, settings=SETTINGS)


@pytest.mark.parametrize("what", ["removed", "not-for-me", "closed"])
async def test_what_was_put_away_does_not_come_again_until_it_is_taken_back(made: World, what: str) -> None:
    upi, plan = await accompanied(made), Plan(barriers=("housing",), where="00101")
    await marked(made, upi, what, "The Porch")
    found = await suggested(upi, plan, NOW + timedelta(days=90))
    assert "The Porch" not in listed(found)["housing"]
    assert [(card.name, said) for card, said in found.away] == [("The Porch", what)]
    await marked(made, upi, "back", "The Porch")
    found = await suggested(upi, plan, NOW)
    assert "The Porch" in listed(found)["housing"]
    assert found.away == ()


async def test_what_is_pinned_stands_first_also_where_no_search_returns_it(made: World) -> None:
    upi, plan = await accompanied(made), Plan(barriers=("food",), where="00101", dislikes=("aa",))
    for name in ("Long Table Kitchen", "Night Lodge", "Late Lantern"):
        await marked(made, upi, "pinned", name)
    found = await suggested(upi, plan, NOW)
    assert [(each.suggestion.card.name, each.is_found) for each in found.pinned] == [
        ("Long Table Kitchen", True),
        ("Night Lodge", False),
        ("Late Lantern", False),
    ]
    assert "Long Table Kitchen" not in listed(found)["food"]
    await marked(made, upi, "unpinned", "Long Table Kitchen")
    found = await suggested(upi, plan, NOW)
    assert "Long Table Kitchen" in listed(found)["food"]
    assert len(found.pinned) == 2


async def test_where_they_went_moves_down_and_says_when(made: World) -> None:
    upi, plan = await accompanied(made), Plan(barriers=("housing",), where="00101")
    first = listed(await suggested(upi, plan, NOW))["housing"][0]
    await marked(made, upi, "went", first)
    after = await suggested(upi, plan, NOW)
    assert listed(after)["housing"].index(first) > 0
    (there,) = [each for each in after.groups[-1].suggestions if each.card.name == first]
    assert Because("went", NOW) in there.because


# --- files as they are published -------------------------------------------------------------------------------------


async def test_over_real_files_each_suggestion_is_a_row_of_the_search_too(
    sample_data: Path, tmp_path: Path, new_database: Callable[[str, Path], AbstractContextManager[str]]
) -> None:
    files = ((FEEDS, "al-anon.json", "al-anon"), (LISTS, "sample_RI.csv", ""))
    plan = Plan(barriers=BARRIERS, where="02903", likes=("al-anon",), attendance=("hybrid",))
    facts = FACTS | {"language": "es"}
    with new_database("sqlite", tmp_path) as url:
        async with db.connect(url):
            await seeds_copied(seeded_template(Path(os.environ[RUN])), ("RI",))
            for folder, name, fellowship in files:
                await load(url, sample_data / folder / name, name, fellowship)
            upi = await accompanied(await world.made(), **facts)
            found = await suggested(upi, plan, NOW)
            assert await are_of_the_search(found, NOW) > 20
            for group in found.groups:
                for each in group.suggestions:
                    are_true(each, plan, facts, NOW)
