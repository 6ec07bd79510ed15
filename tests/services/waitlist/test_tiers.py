"""A better tier at once, a worse one never by itself (WAITLIST 3.5)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from directory.domain.access import Actor, Grant, Role
from directory.domain.errors import Settled
from directory.domain.waitlist.facts import Fact
from directory.domain.waitlist.tiers import FEDERAL, OTHERS, PriorityTier, Rules, fingerprint, rules_text
from directory.services.waitlist import entries, facts
from directory.services.waitlist.settling import OwnWord, word_settle
from directory.services.waitlist.tiers import tiers_daily, tiers_settle
from directory.storage import db
from directory.storage.waitlist import entries as places
from directory.storage.waitlist import rules as stored
from tests.accounts import SETTINGS
from tests.services.waitlist import world
from tests.services.waitlist.world import NOW, TODAY, World

DAY = timedelta(days=1)
OVERDOSE = PriorityTier(4, "overdose-risk", "High risk of overdose", ("overdose-risk",), citation="TX")


async def joined(made: World, **known: str) -> tuple[int, int]:
    """A new client and their entry."""
    client = await world.client(made, **known)
    return client, await entries.entry_join(client=client, pool=made.pool, tie=1, by=made.peer, now=NOW)


async def tier(entry: int) -> int:
    found = await places.entry(entry)
    assert found is not None
    return found.tier


async def open_words() -> list[dict[str, object]]:
    return await db.rows("SELECT id, kind, entry_id, status, reason FROM second_word WHERE status = 'open' ORDER BY id")


async def run_out(client: int, code: str, on: date) -> None:
    async with db.staging():
        text = f"UPDATE client_fact SET expires_on = '{on.isoformat()}' WHERE client_id = {client} AND code = '{code}'"
        await db.execute(text)


async def settled(client: int, made: World) -> int:
    async with db.staging():
        return await tiers_settle(client=client, by=made.peer, now=NOW, settings=SETTINGS)


def fact(code: str, value: str = "yes") -> Fact:
    return Fact(code, value, "client", TODAY, TODAY + 90 * DAY if code == "pregnant" else None)


async def rules_set(made: World, rules: Rules) -> None:
    """Rules in force without a look at whom they move."""
    text = rules_text(rules)
    async with db.staging():
        before = await stored.rules_now(made.pool)
        version = await stored.version_add(made.pool, text, fingerprint(text), by="test", now=NOW)
        assert await stored.version_use(made.pool, version, before.id, None)


async def test_a_fact_that_gives_a_better_tier_counts_at_once_and_stands_in_the_history(database: str) -> None:
    """45 CFR 96.131(a); WAITLIST 3.5."""
    made = await world.made()
    client, entry = await joined(made)
    await facts.fact_set(client=client, fact=fact("injecting-30d"), by=made.peer, now=NOW, settings=SETTINGS)
    assert await tier(entry) == 3
    await facts.fact_set(client=client, fact=fact("pregnant"), by=made.peer, now=NOW, settings=SETTINGS)
    assert await tier(entry) == 1
    event = await places.last_event(entry, "tier-raised")
    assert event is not None
    assert event.details["tier_before"] == 3
    assert event.details["tier_after"] == 1
    assert await open_words() == []


async def test_a_fact_that_is_taken_back_keeps_the_tier_until_a_second_person_agrees(database: str) -> None:
    """WAITLIST 3.5: a proposed downgrade is a task."""
    made = await world.made()
    client, entry = await joined(made, injecting_30d="yes")
    await facts.fact_set(client=client, fact=fact("injecting-30d", "no"), by=made.peer, now=NOW, settings=SETTINGS)
    assert await tier(entry) == 3
    (word,) = await open_words()
    assert (word["kind"], word["entry_id"]) == ("lower-tier", entry)
    outcome = await word_settle(id=int(str(word["id"])), agreed=True, by=made.coordinator, now=NOW, settings=SETTINGS)
    assert outcome == "agreed"
    assert await tier(entry) == OTHERS
    assert await places.last_event(entry, "tier-lowered")


async def test_a_refused_word_leaves_the_tier(database: str) -> None:
    made = await world.made()
    client, entry = await joined(made, injecting_30d="yes")
    await facts.fact_end(client=client, code="injecting-30d", by=made.peer, now=NOW, settings=SETTINGS)
    (word,) = await open_words()
    await word_settle(id=int(str(word["id"])), agreed=False, by=made.coordinator, now=NOW, settings=SETTINGS)
    assert await tier(entry) == 3


async def test_it_is_asked_once_and_falls_away_where_the_fact_comes_back(database: str) -> None:
    made = await world.made()
    client, entry = await joined(made, pregnant="yes")
    await facts.fact_end(client=client, code="pregnant", by=made.peer, now=NOW, settings=SETTINGS)
    await settled(client, made)
    assert len(await open_words()) == 1
    await facts.fact_set(client=client, fact=fact("pregnant"), by=made.peer, now=NOW, settings=SETTINGS)
    assert await open_words() == []
    assert await tier(entry) == 2


async def test_nobody_lowers_a_tier_alone_by_taking_away_another_fact_before_they_agree(database: str) -> None:
    """WAITLIST 3.5: a second person agrees to the tier that was asked for; another one is a wish of whoever made it so."""
    made = await world.made()
    client, entry = await joined(made, pregnant="yes", injecting_30d="yes")
    await facts.fact_end(client=client, code="pregnant", by=made.peer, now=NOW, settings=SETTINGS)
    (first,) = await open_words()
    await facts.fact_end(client=client, code="injecting-30d", by=made.coordinator, now=NOW, settings=SETTINGS)
    (second,) = await open_words()
    with pytest.raises(Settled):
        await word_settle(id=int(str(first["id"])), agreed=True, by=made.coordinator, now=NOW, settings=SETTINGS)
    with pytest.raises(OwnWord):
        await word_settle(id=int(str(second["id"])), agreed=True, by=made.coordinator, now=NOW, settings=SETTINGS)
    assert await tier(entry) == 1
    (row,) = await db.rows(f"SELECT status FROM second_word WHERE id = {first['id']}")
    assert row["status"] == "overtaken"


async def test_a_wish_grows_by_a_fact_that_has_run_out_and_stays_that_of_whoever_asked(database: str) -> None:
    made = await world.made()
    client, entry = await joined(made, pregnant="yes", injecting_30d="yes")
    await facts.fact_end(client=client, code="pregnant", by=made.coordinator, now=NOW, settings=SETTINGS)
    await run_out(client, "injecting-30d", TODAY - DAY)
    await tiers_daily(clock=lambda: NOW, settings=SETTINGS)
    (word,) = await open_words()
    with pytest.raises(OwnWord):
        await word_settle(id=int(str(word["id"])), agreed=True, by=made.coordinator, now=NOW, settings=SETTINGS)
    other = Actor(900_002, (Grant(Role.COORDINATOR, made.agency),))
    outcome = await word_settle(id=int(str(word["id"])), agreed=True, by=other, now=NOW, settings=SETTINGS)
    assert (outcome, await tier(entry)) == ("agreed", OTHERS)


async def test_a_wish_for_one_tier_does_not_carry_out_another(database: str) -> None:
    made = await world.made()
    client, entry = await joined(made, pregnant="yes", injecting_30d="yes")
    await facts.fact_end(client=client, code="pregnant", by=made.peer, now=NOW, settings=SETTINGS)
    (word,) = await open_words()
    await run_out(client, "injecting-30d", TODAY - DAY)
    outcome = await word_settle(id=int(str(word["id"])), agreed=True, by=made.coordinator, now=NOW, settings=SETTINGS)
    assert (outcome, await tier(entry)) == ("overtaken", 1)


async def test_a_word_on_a_tier_that_nobody_needs_any_more_is_overtaken(database: str) -> None:
    made = await world.made()
    client, entry = await joined(made, pregnant="yes")
    await run_out(client, "pregnant", TODAY - DAY)
    await settled(client, made)
    (word,) = await open_words()
    await run_out(client, "pregnant", TODAY)
    outcome = await word_settle(id=int(str(word["id"])), agreed=True, by=made.coordinator, now=NOW, settings=SETTINGS)
    assert outcome == "overtaken"
    assert await tier(entry) == 2


async def test_a_fact_that_runs_out_drops_nobody_but_is_asked_about_by_the_daily_job(database: str) -> None:
    """WAITLIST 3.5: facts expire and never silently drop a person's tier."""
    made = await world.made()
    client, entry = await joined(made, pregnant="yes")
    other, _ = await joined(made, pregnant="yes")
    await run_out(client, "pregnant", TODAY)
    await run_out(other, "pregnant", TODAY + 30 * DAY)
    await tiers_daily(clock=lambda: NOW, settings=SETTINGS)
    assert await open_words() == []  # today it still counts
    later = NOW + DAY
    await tiers_daily(clock=lambda: later, settings=SETTINGS)
    await tiers_daily(clock=lambda: later, settings=SETTINGS)
    assert await tier(entry) == 2
    (word,) = await open_words()
    assert (word["entry_id"], word["reason"]) == (entry, "run-out")
    await word_settle(id=int(str(word["id"])), agreed=True, by=made.coordinator, now=later, settings=SETTINGS)
    assert await tier(entry) == OTHERS
    (row,) = await db.rows(f"SELECT ended_at FROM client_fact WHERE client_id = {client}")
    assert row["ended_at"] is not None


async def test_what_was_refused_is_not_asked_again_the_next_day_but_after_a_month(database: str) -> None:
    made = await world.made()
    client, _ = await joined(made, pregnant="yes")
    await run_out(client, "pregnant", TODAY - DAY)
    await tiers_daily(clock=lambda: NOW, settings=SETTINGS)
    (word,) = await open_words()
    await word_settle(id=int(str(word["id"])), agreed=False, by=made.coordinator, now=NOW, settings=SETTINGS)
    await tiers_daily(clock=lambda: NOW + DAY, settings=SETTINGS)
    assert await open_words() == []
    await tiers_daily(clock=lambda: NOW + 31 * DAY, settings=SETTINGS)
    assert len(await open_words()) == 1


async def test_a_tier_of_the_rules_that_ends_by_its_date_drops_nobody_by_itself(database: str) -> None:
    """WAITLIST 1.4: valid_from, valid_to."""
    made = await world.made()
    ends = PriorityTier(4, "overdose-risk", "High risk", ("overdose-risk",), citation="TX", valid_to=TODAY)
    await rules_set(made, Rules((*FEDERAL, ends)))
    _, entry = await joined(made, overdose_risk="yes")
    assert await tier(entry) == 4
    await tiers_daily(clock=lambda: NOW + DAY, settings=SETTINGS)
    assert await tier(entry) == 4
    assert [word["entry_id"] for word in await open_words()] == [entry]


async def test_a_tier_that_begins_by_its_date_raises_people_by_itself(database: str) -> None:
    made = await world.made()
    begins = PriorityTier(4, "overdose-risk", "High risk", ("overdose-risk",), citation="TX", valid_from=TODAY + DAY)
    await rules_set(made, Rules((*FEDERAL, begins)))
    _, entry = await joined(made, overdose_risk="yes")
    assert await tier(entry) == OTHERS
    await tiers_daily(clock=lambda: NOW + DAY, settings=SETTINGS)
    assert await tier(entry) == 4


async def test_closed_places_are_left_as_they_were(database: str) -> None:
    made = await world.made()
    client, entry = await joined(made)
    await entries.entry_close(entry=entry, reason="withdrew", by=made.peer, now=NOW, settings=SETTINGS)
    await facts.fact_set(client=client, fact=fact("pregnant"), by=made.peer, now=NOW, settings=SETTINGS)
    assert await tier(entry) == OTHERS
