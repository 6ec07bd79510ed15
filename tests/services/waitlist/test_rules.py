"""Rules are tried out on the line before they are published, and what was published stays (WAITLIST 3.5; 45 CFR 96.131(a))."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from directory.domain.access import Actor, Denied, Grant, Role
from directory.domain.errors import FootbridgeError, NotFound, Settled
from directory.domain.people import UnfitFields
from directory.domain.waitlist.tiers import FEDERAL, OTHERS, PriorityTier, Rules, rules_problems
from directory.services.programs import program_change, program_show
from directory.services.waitlist import entries, rules
from directory.services.waitlist.overlays import OVERLAYS, chosen_in, own_of, rules_of
from directory.services.waitlist.pools import line_change, line_levels_set
from directory.storage import db
from directory.storage.waitlist import checks, pools
from directory.storage.waitlist import entries as places
from tests.services.waitlist import world
from tests.services.waitlist.world import NOW, World

HOUR = timedelta(hours=1)
OVERDOSE = PriorityTier(4, "overdose-risk", "High risk of overdose", ("overdose-risk",), citation="TX")
TEXAS = Rules((*FEDERAL, OVERDOSE))


async def joined(made: World, hours: int, **known: str) -> int:
    """The entry of a new client who asked so many hours from now."""
    client = await world.client(made, **known)
    return await entries.entry_join(client=client, pool=made.pool, tie=hours, by=made.peer, now=NOW + hours * HOUR)


async def place(entry: int) -> tuple[int, list[str]]:
    """The tier of an entry, and whether its history tells of a new place."""
    found = await places.entry(entry)
    assert found is not None
    rows = await db.rows(f"SELECT what FROM entry_event WHERE entry_id = {entry} AND what <> 'joined' ORDER BY id")
    return found.tier, [row["what"] for row in rows]


async def publish(made: World, new: Rules) -> int:
    seen = await rules.rules_preview(id=made.pool, rules=new, by=made.coordinator, now=NOW)
    return await rules.rules_publish(id=made.pool, rules=new, token=seen.token, by=made.coordinator, now=NOW)


async def test_a_rule_change_shows_whom_it_moves_and_changes_nothing_before_it_is_published(database: str) -> None:
    made = await world.made()
    first, second = await joined(made, 0), await joined(made, 1, overdose_risk="yes")
    pregnant = await joined(made, 2, pregnant="yes")
    seen = await rules.rules_preview(id=made.pool, rules=TEXAS, by=made.coordinator, now=NOW)
    assert [(move.entry, move.place_before, move.place_after) for move in seen.moves] == [(second, 3, 2), (first, 2, 3)]
    assert seen.size == 3
    assert set(seen.upis) == {first, second}
    assert [(await place(entry))[0] for entry in (first, second, pregnant)] == [OTHERS, OTHERS, 2]


async def test_a_published_rule_moves_people_at_once_and_only_those_who_moved_have_it_in_their_history(
    database: str,
) -> None:
    """WAITLIST 3.5: log a rank event only on meaningful change."""
    made = await world.made()
    first, second = await joined(made, 0), await joined(made, 1, overdose_risk="yes")
    third, pregnant = await joined(made, 2), await joined(made, 3, pregnant="yes")
    assert await publish(made, TEXAS) == 2
    assert await place(second) == (4, ["moved"])
    assert await place(first) == (OTHERS, ["moved"])
    assert await place(third) == (OTHERS, [])
    assert await place(pregnant) == (2, [])
    found = await pools.pool(made.pool)
    shown = await rules.rules_show(id=made.pool, by=made.peer, now=NOW)
    assert found is not None
    assert found.rules_sha256 == shown.history[0].sha256
    assert await checks.broken() == {}


async def test_what_was_published_stays_and_can_be_read_when_other_rules_hold(database: str) -> None:
    made = await world.made()
    await publish(made, TEXAS)
    await publish(made, Rules(FEDERAL, contact_days=20))
    shown = await rules.rules_show(id=made.pool, by=made.peer, now=NOW)
    assert [each.rules.contact_days for each in shown.history] == [20, None]
    assert [len(each.rules.tiers) for each in shown.history] == [3, 4]
    found = await pools.pool(made.pool)
    assert found is not None
    assert found.contact_days == 20


async def test_a_rule_that_ends_takes_people_back_without_a_second_word(database: str) -> None:
    made = await world.made()
    await publish(made, TEXAS)
    first, second = await joined(made, 0), await joined(made, 1, overdose_risk="yes")
    assert (await place(second))[0] == 4
    await publish(made, Rules(FEDERAL))
    assert await place(second) == (OTHERS, ["moved"])
    assert await place(first) == (OTHERS, ["moved"])
    assert not await db.rows("SELECT 1 FROM second_word")


async def test_a_line_that_has_changed_since_the_preview_has_to_be_looked_at_again(database: str) -> None:
    made = await world.made()
    await joined(made, 0)
    seen = await rules.rules_preview(id=made.pool, rules=TEXAS, by=made.coordinator, now=NOW)
    await joined(made, 1)
    with pytest.raises(Settled):
        await rules.rules_publish(id=made.pool, rules=TEXAS, token=seen.token, by=made.coordinator, now=NOW)
    assert (await rules.rules_show(id=made.pool, by=made.peer, now=NOW)).history == ()


async def not_federal(made: World) -> Rules:
    """Rules without the federal order, in force in the line, for which the grant does not pay."""
    async with db.staging():
        await db.execute(f"UPDATE pool SET is_funded = {db.marker(1)} WHERE id = {made.pool}", [False])
    await line_levels_set(id=made.pool, levels=[], by=made.coordinator, now=NOW)
    await publish(made, Rules((OVERDOSE,)))
    return Rules((OVERDOSE,))


async def test_a_line_that_a_funded_program_feeds_keeps_the_federal_order(database: str) -> None:
    """45 CFR 96.131(a): the preference is owed by the program that the grant pays for, whatever pays for the line."""
    made = await world.made()
    async with db.staging():
        await db.execute(f"UPDATE pool SET is_funded = {db.marker(1)} WHERE id = {made.pool}", [False])
    assert (await rules.rules_show(id=made.pool, by=made.peer, now=NOW)).is_funded
    with pytest.raises(UnfitFields):
        await publish(made, Rules((OVERDOSE,)))
    new = await not_federal(made)
    with pytest.raises(UnfitFields) as refused:
        await line_levels_set(id=made.pool, levels=[made.level], by=made.coordinator, now=NOW)
    assert [each.code for each in refused.value.problems] == ["not-federal"]
    assert not await pools.takes_from(made.pool, made.level)
    assert await checks.broken() == {}
    async with db.staging():
        await pools.level_join(made.pool, made.level)
    assert await checks.broken() == {"under-the-grant-without-the-federal-order": [made.pool]}
    assert await publish(made, Rules((*FEDERAL, *new.tiers))) == 0
    assert await checks.broken() == {}


async def test_the_grant_does_not_come_to_pay_for_a_program_that_feeds_a_line_without_the_federal_order(
    database: str,
) -> None:
    """45 CFR 96.131(a)."""
    made = await world.made()
    (row,) = await db.rows(f"SELECT program_id AS id FROM program_level WHERE id = {made.level}")
    by = Actor(900_002, (Grant(Role.ADMINISTRATOR, None),), fresh_until=NOW + HOUR)

    async def fund(is_funded: bool) -> None:
        found = await program_show(by=by, id=row["id"], now=NOW)
        values = replace(found.values, is_funded=is_funded)
        await program_change(by=by, id=found.id, version=found.version, values=values, is_closed=False, now=NOW)

    await fund(False)
    await not_federal(made)
    await line_levels_set(id=made.pool, levels=[made.level], by=made.coordinator, now=NOW)
    with pytest.raises(UnfitFields) as refused:
        await fund(True)
    assert [(each.field, each.code) for each in refused.value.problems] == [("funded", "lines-not-federal")]
    await publish(made, TEXAS)
    await fund(True)
    assert await checks.broken() == {}


async def test_of_publishing_rules_and_the_grant_that_comes_to_pay_at_once_the_order_of_the_law_stays(
    database: str,
) -> None:
    """45 CFR 96.131(a)."""
    made = await world.made()
    async with db.staging():
        await db.execute(f"UPDATE pool SET is_funded = {db.marker(1)} WHERE id = {made.pool}", [False])
    await line_levels_set(id=made.pool, levels=[], by=made.coordinator, now=NOW)
    for new in (Rules((OVERDOSE,)), Rules(()), Rules((OVERDOSE,), 20)):
        await publish(made, TEXAS)
        found = await pools.pool(made.pool)
        assert found is not None
        seen = await rules.rules_preview(id=made.pool, rules=new, by=made.coordinator, now=NOW)
        values = replace(found.values, is_funded=True)
        done = await asyncio.gather(
            rules.rules_publish(id=made.pool, rules=new, token=seen.token, by=made.coordinator, now=NOW),
            line_change(
                id=made.pool, version=found.version, values=values, is_closed=False, by=made.coordinator, now=NOW
            ),
            line_levels_set(id=made.pool, levels=[made.level], by=made.coordinator, now=NOW),
            return_exceptions=True,
        )
        assert any(isinstance(each, FootbridgeError) for each in done)
        assert all(each is None or isinstance(each, int | FootbridgeError) for each in done)
        assert await checks.broken() == {}
        async with db.staging():
            await db.execute(f"UPDATE pool SET is_funded = {db.marker(1)} WHERE id = {made.pool}", [False])
        await line_levels_set(id=made.pool, levels=[], by=made.coordinator, now=NOW)


async def test_a_preview_holds_for_the_rules_that_it_showed_alone(database: str) -> None:
    made = await world.made()
    seen = await rules.rules_preview(id=made.pool, rules=TEXAS, by=made.coordinator, now=NOW)
    with pytest.raises(Settled):
        await rules.rules_publish(id=made.pool, rules=Rules(FEDERAL), token=seen.token, by=made.coordinator, now=NOW)


async def test_a_second_tap_publishes_nothing_again(database: str) -> None:
    made = await world.made()
    seen = await rules.rules_preview(id=made.pool, rules=TEXAS, by=made.coordinator, now=NOW)
    for _ in range(2):
        await rules.rules_publish(id=made.pool, rules=TEXAS, token=seen.token, by=made.coordinator, now=NOW)
    assert len((await rules.rules_show(id=made.pool, by=made.peer, now=NOW)).history) == 1


async def test_two_who_publish_at_once_put_one_set_of_rules_in_force(database: str) -> None:
    made = await world.made()
    await joined(made, 0, overdose_risk="yes")
    others = Rules((*FEDERAL, PriorityTier(5, "overdose-risk", "High risk", ("overdose-risk",), citation="VT")))
    seen = [
        await rules.rules_preview(id=made.pool, rules=each, by=made.coordinator, now=NOW) for each in (TEXAS, others)
    ]
    both = zip((TEXAS, others), seen, strict=True)
    done = await asyncio.gather(
        *(
            rules.rules_publish(id=made.pool, rules=each, token=look.token, by=made.coordinator, now=NOW)
            for each, look in both
        ),
        return_exceptions=True,
    )
    assert sorted(type(each) for each in done if isinstance(each, Exception)) == [Settled]
    assert len((await rules.rules_show(id=made.pool, by=made.peer, now=NOW)).history) == 1


async def test_nothing_that_sorts_above_the_federal_order_can_be_published_in_a_funded_line(database: str) -> None:
    """45 CFR 96.131(a); WAITLIST 1.4."""
    made = await world.made()
    above = Rules((*FEDERAL, PriorityTier(2, "veteran", "Veteran", ("veteran",), citation="Ours")))
    for new in (above, Rules((OVERDOSE,)), Rules(FEDERAL[1:])):
        with pytest.raises(UnfitFields):
            await rules.rules_preview(id=made.pool, rules=new, by=made.coordinator, now=NOW)
        with pytest.raises(UnfitFields):
            await rules.rules_publish(id=made.pool, rules=new, token="", by=made.coordinator, now=NOW)


async def test_peers_read_the_rules_and_others_do_not_know_that_there_are_any(database: str) -> None:
    made, elsewhere = await world.made(), await world.made()
    assert (await rules.rules_show(id=made.pool, by=made.peer, now=NOW)).now.rules.tiers == FEDERAL
    with pytest.raises(Denied):
        await rules.rules_preview(id=made.pool, rules=TEXAS, by=made.peer, now=NOW)
    with pytest.raises(NotFound):
        await rules.rules_show(id=made.pool, by=elsewhere.peer, now=NOW)
    with pytest.raises(NotFound):
        await rules.rules_preview(id=made.pool, rules=TEXAS, by=elsewhere.coordinator, now=NOW)


# --- overlays as data ------------------------------------------------------------------------------------------------


def test_what_is_chosen_from_the_overlays_is_found_in_the_rules_again() -> None:
    """WAITLIST 1.4: configuration, not code."""
    keys = {each.key for each in OVERLAYS}
    own = PriorityTier(8, "own", "Ours", ("veteran",), citation="Our board, 2 March")
    found = rules_of(keys, (own,), is_federal=True)
    assert chosen_in(found) == keys
    assert own_of(found) == (own,)
    assert chosen_in(rules_of((), (), is_federal=True)) == frozenset()


def test_every_overlay_can_stand_in_a_funded_line_and_names_where_it_comes_from() -> None:
    """WAITLIST 1.4."""
    for each in OVERLAYS:
        assert rules_problems(rules_of((each.key,), (), is_federal=True), is_funded=True) == []
        assert each.citation


def test_texas_asks_for_72_hours_after_the_federal_tiers() -> None:
    """WAITLIST 1.4: pregnant people at once; high overdose risk and child protection within 72 hours."""
    found = {
        tier.code: tier
        for tier in rules_of({each.key for each in OVERLAYS if each.overlay == "texas"}, (), is_federal=True).tiers
    }
    assert {code: tier.target_hours for code, tier in found.items()} == {
        "pregnant-injecting": 0,
        "pregnant": 0,
        "injecting": 336,
        "overdose-risk": 72,
        "child-protection": 72,
    }
    assert [tier.rank for tier in found.values()] == [1, 2, 3, 4, 5]


def test_vermont_sees_pregnant_people_within_48_hours_and_one_clause_asks_for_contact_every_30_days() -> None:
    """WAITLIST 1.4."""
    found = rules_of({"vermont:pregnant", "vermont:pregnant-injecting", "contact-30:contact-days"}, (), is_federal=True)
    assert [tier.target_hours for tier in found.tiers] == [48, 48, 336]
    assert found.contact_days == 30


def test_of_two_overlays_for_one_tier_the_shorter_time_counts() -> None:
    found = rules_of({"vermont:pregnant", "texas:pregnant"}, (), is_federal=True)
    assert next(tier.target_hours for tier in found.tiers if tier.code == "pregnant") == 0
