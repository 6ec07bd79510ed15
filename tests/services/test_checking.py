"""What `check` finds in a live database: nothing where all is well, and what is broken by its name and where."""

from __future__ import annotations

from datetime import timedelta

import pytest

from directory.services.checking import Findings, database_check
from directory.services.waitlist import entries, offers
from directory.services.waitlist.slots import slot_open
from directory.settings import Settings
from directory.storage import db
from directory.storage.encoding import to_column
from tests.services.waitlist import world
from tests.services.waitlist.world import NOW, World

SETTINGS = Settings(env="test")


@pytest.fixture
async def made(database: str) -> World:
    """Somebody who waits, and somebody else who was offered an opening."""
    made = await world.made()
    found = []
    for tie in (1, 2):
        client = await world.client(made)
        found.append(await entries.entry_join(client=client, pool=made.pool, tie=tie, by=made.peer, now=NOW))
    slot = await slot_open(level=made.level, restrictions=(), by=made.clerk, now=NOW)
    await offers.offer_make(slot=slot, entry=found[0], by=made.peer, now=NOW, settings=SETTINGS)
    return made


async def check(*, waitlist: bool = True) -> Findings:
    return await database_check(waitlist=waitlist, now=NOW, settings=SETTINGS)


async def test_a_sound_database_holds(made: World) -> None:
    found = await check()
    assert (found.holds, found.tables, found.waitlist, found.warnings) == (True, [], {}, {})


async def test_the_waitlist_is_looked_at_only_where_asked(made: World) -> None:
    found = await check(waitlist=False)
    assert (found.holds, found.waitlist, found.warnings) == (True, None, None)


@pytest.mark.parametrize(
    ("name", "statement"),
    [
        ("request-moved-unseen", "UPDATE entry SET requested_at = {earlier} WHERE status = 'waiting'"),
        ("offer-without-a-consent", "UPDATE consent SET agencies = '[999]'"),
        ("offer-without-a-consent", "UPDATE consent SET revoked_at = {earlier}"),
        ("offer-without-a-consent", "UPDATE consent SET expires_on = {long_ago}"),
        ("ended-entry-with-an-offer", "UPDATE entry SET status = 'closed' WHERE status = 'offered'"),
        ("cleared-but-in-line", "UPDATE client SET cleared_at = {earlier}"),
        ("cleared-but-known", "UPDATE client SET cleared_at = {earlier}, sealed = 'x'"),
        ("merged-but-in-line", "UPDATE client SET merged_into_id = 1 WHERE id <> 1"),
        ("held-without-an-offer", "UPDATE offer SET status = 'withdrawn', ended_at = {earlier}"),
        ("no-history", "DELETE FROM entry_event"),
        ("history-says-otherwise", "UPDATE entry SET status = 'on-hold' WHERE status = 'waiting'"),
        ("offered-but-not-held", "UPDATE slot SET status = 'open'"),
        ("entry-offered-without-an-offer", "UPDATE entry SET status = 'offered' WHERE status = 'waiting'"),
        ("entry-accepted-without-an-offer", "UPDATE entry SET status = 'accepted' WHERE status = 'waiting'"),
        ("offer-pending-for-another-state", "UPDATE entry SET status = 'waiting' WHERE status = 'offered'"),
        ("offer-accepted-for-another-state", "UPDATE offer SET status = 'accepted'"),
        ("placed-without-admission", "UPDATE entry SET status = 'placed' WHERE status = 'waiting'"),
        ("admitted-but-not-filled", "UPDATE offer SET status = 'admitted', ended_at = {earlier}"),
        ("offer-of-another-client", "UPDATE offer SET client_id = (SELECT MAX(id) FROM client)"),
        ("ended-without-a-moment", "UPDATE offer SET ended_at = {earlier}"),
    ],
)
async def test_what_is_broken_is_named(made: World, name: str, statement: str) -> None:
    """WAITLIST 4.1."""
    async with db.staging():
        sql = db.Sql()
        moments = {"earlier": NOW - timedelta(days=1), "long_ago": (NOW - timedelta(days=9)).date()}
        values = {key: sql(to_column(moment)) for key, moment in moments.items() if f"{{{key}}}" in statement}
        await db.execute(statement.format(**values), sql.values)
    found = await check()
    assert not found.holds
    assert found.waitlist is not None
    assert found.waitlist[name]


async def test_a_place_behind_what_the_rules_say_is_a_warning(made: World) -> None:
    """45 CFR 96.131(a)."""
    client = await world.client(made, pregnant="yes")
    entry = await entries.entry_join(client=client, pool=made.pool, tie=3, by=made.peer, now=NOW)
    async with db.staging():
        await db.execute(f"UPDATE entry SET tier = 9 WHERE id = {entry}")
    found = await check()
    assert (found.holds, found.warnings) == (True, {"tier-behind-the-rules": [entry]})


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.parametrize(
    ("name", "index", "statement"),
    [
        (
            "two-live-offers-of-an-opening",
            "one_live_offer_per_slot",
            "UPDATE offer SET slot_id = (SELECT MIN(slot_id) FROM offer)",
        ),
        (
            "two-live-offers-of-a-client",
            "one_live_offer_per_client",
            "UPDATE offer SET client_id = (SELECT MIN(client_id) FROM offer)",
        ),
        ("twice-in-a-line", "one_open_entry", "UPDATE entry SET client_id = (SELECT MIN(id) FROM client)"),
    ],
)
async def test_without_an_index_what_it_kept_apart_is_found_and_so_is_that_it_is_missing(
    made: World, name: str, index: str, statement: str
) -> None:
    """WAITLIST 4.1: the second net, and what looks whether it was needed."""
    slot = await slot_open(level=made.level, restrictions=(), by=made.clerk, now=NOW)
    (other,) = await db.rows("SELECT id FROM entry WHERE status = 'waiting'")
    await offers.offer_make(slot=slot, entry=other["id"], by=made.peer, now=NOW, settings=SETTINGS)
    await db.execute(f"DROP INDEX {index}")
    await db.execute(statement)
    found = await check()
    assert (found.holds, found.tables) == (False, ["without-indexes"])
    assert found.waitlist is not None
    assert found.waitlist[name]


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_tables_of_an_older_version_are_looked_at_no_further(made: World) -> None:
    await db.execute("DELETE FROM tortoise_migrations WHERE name = (SELECT MAX(name) FROM tortoise_migrations)")
    found = await check()
    assert (found.holds, found.tables, found.waitlist) == (False, ["migration-due"], None)


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_tables_without_a_guard_do_not_hold(made: World) -> None:
    await db.execute("DROP TRIGGER audit_entry_delete")
    found = await check(waitlist=False)
    assert (found.holds, found.tables) == (False, ["unguarded"])


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_a_row_that_refers_to_one_that_is_gone_is_found(made: World) -> None:
    await db.execute("PRAGMA foreign_keys = OFF")
    await db.execute("DELETE FROM pool")
    assert (await check(waitlist=False)).tables == ["dangling-rows"]
