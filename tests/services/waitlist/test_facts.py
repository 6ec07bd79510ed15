"""Facts of people who wait: kept with their history, asked again, and never the way in which somebody silently falls back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from directory.domain.agencies import Overtaken
from directory.domain.people import UnfitFields
from directory.domain.waitlist.facts import CLIENT, Fact
from directory.services.waitlist import facts as service
from directory.services.waitlist.entries import entry_join
from directory.storage import db
from directory.storage.waitlist import entries
from directory.storage.waitlist import facts as storage
from tests.services.waitlist import world as worlds
from tests.services.waitlist.taking import taken_on, trail
from tests.services.waitlist.world import NOW, SETTINGS, TODAY, World

pytestmark = pytest.mark.usefixtures("database")
PREGNANT = Fact("pregnant", "yes", CLIENT, TODAY, TODAY + timedelta(days=90))
INJECTING = Fact("injecting-30d", "yes", CLIENT, TODAY)


async def save(world: World, client: int, *facts: Fact, unknown: tuple[str, ...] = (), version: int = -1) -> int:
    """What the form does."""
    seen = version if version >= 0 else await service.facts_version(client=client, by=world.peer, now=NOW)
    return await service.facts_save(
        client=client, facts=facts, unknown=unknown, version=seen, by=world.peer, now=NOW, settings=SETTINGS
    )


async def tier(world: World, client: int) -> int:
    (entry,) = await entries.entries_of(client)
    return entry.tier


async def waiting(world: World) -> int:
    """Somebody who stands in the world's line."""
    row = await taken_on(world)
    await entry_join(client=row.id, pool=world.pool, tie=row.id, by=world.peer, now=NOW)
    return row.id


async def test_what_was_known_before_ends_and_is_kept() -> None:
    world = await worlds.made()
    client = (await taken_on(world)).id
    assert await save(world, client, INJECTING) == 1
    assert await save(world, client, Fact("injecting-30d", "no", "clinician", TODAY)) == 1
    assert (await storage.of_client(client))["injecting-30d"].source == "clinician"
    history = [(each.value, each.ended_at) for each in await storage.history(client) if each.code == "injecting-30d"]
    assert history == [("no", None), ("yes", NOW)]
    assert await trail("facts-change") == [{"written": 1, "unknown": 0}] * 3  # the birth month is the first


async def test_saying_the_same_again_writes_nothing_and_unknown_makes_it_unknown() -> None:
    """DESIGN 3: unknown is not no."""
    world = await worlds.made()
    client = (await taken_on(world)).id
    await save(world, client, INJECTING)
    assert await save(world, client, INJECTING) == 0
    assert await save(world, client, unknown=("injecting-30d", "veteran")) == 1
    assert "injecting-30d" not in await storage.of_client(client)


async def test_a_better_tier_is_given_at_once() -> None:
    """45 CFR 96.131(a): pregnant and injecting, pregnant, injecting, all others."""
    world = await worlds.made()
    client = await waiting(world)
    assert await tier(world, client) == 9
    await save(world, client, INJECTING)
    assert await tier(world, client) == 3
    await save(world, client, PREGNANT)
    assert await tier(world, client) == 1


async def test_a_fact_that_is_taken_back_lets_nobody_fall_without_a_second_word() -> None:
    """WAITLIST 3.5: priority facts never silently drop a person's tier."""
    world = await worlds.made()
    client = await waiting(world)
    await save(world, client, PREGNANT)
    assert await service.fact_end(client=client, code="pregnant", by=world.peer, now=NOW, settings=SETTINGS)
    assert await tier(world, client) == 2
    (word,) = await db.rows("SELECT kind, status FROM second_word")
    assert (word["kind"], word["status"]) == ("lower-tier", "open")


async def test_of_two_who_write_the_same_form_the_second_sees_both() -> None:
    world = await worlds.made()
    client = (await taken_on(world)).id
    seen = await service.facts_version(client=client, by=world.peer, now=NOW)
    await save(world, client, PREGNANT, version=seen)
    with pytest.raises(Overtaken) as error:
        await save(world, client, Fact("pregnant", "no", CLIENT, TODAY), version=seen)
    assert error.value.now["value-pregnant"] == "yes"
    assert error.value.now["due-pregnant"] == (TODAY + timedelta(days=90)).isoformat()
    assert error.value.version > seen


async def test_a_fact_that_cannot_be_is_named_at_its_field() -> None:
    world = await worlds.made()
    client = (await taken_on(world)).id
    with pytest.raises(UnfitFields) as error:
        await save(world, client, Fact("pregnant", "yes", "guess", TODAY))
    assert [(each.field, each.code) for each in error.value.problems] == [
        ("source-pregnant", "choose"),
    ]


async def test_injecting_is_asked_again_at_each_contact() -> None:
    """WAITLIST 3.5: injecting 30 d, re-asked at each contact."""
    world = await worlds.made()
    client = (await taken_on(world)).id
    who = {"client": client, "by": world.peer}
    await service.fact_set(fact=INJECTING, now=NOW, settings=SETTINGS, **who)
    assert await service.facts_due(now=NOW, **who) == ("injecting-30d",)
    assert await service.facts_due(now=NOW, at_contact=False, **who) == ()
    later = NOW + timedelta(days=31)
    assert await service.facts_due(now=later, at_contact=False, **who) == ("injecting-30d",)
    again = Fact("injecting-30d", "yes", CLIENT, later.date())
    await service.fact_set(fact=again, now=later, settings=SETTINGS, **who)
    assert await service.facts_due(now=later, at_contact=False, **who) == ()
