from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from directory.domain.audit import ACCESS, DEVELOPMENT_KEY, Anchor
from directory.services.audit import anchor_queue, audit_heads, audit_verify
from directory.storage import db, guards, records
from tests.factories import NOW, draft, import_drafts, one_value, settings_for, world_made

OVERSIGHT = "oversight@example.org"


async def note(number: int = 1) -> None:
    async with db.staging():
        await records.audit(at=NOW, by="wren", action="edit", subject=f"listing {number}", details={"n": number})


async def test_a_record_that_is_whole_is_said_to_be_so_with_what_waits_and_how_it_is_sealed(database: str) -> None:
    await note()
    await records.access_log(at=NOW, by="wren", action="view", subject="client 7", details={})
    found = await audit_verify(settings=settings_for(database))
    assert found.holds
    assert [(check.chain, check.entries) for check in found.checks] == [("directory", 1)]
    assert (found.older, found.waiting, found.known_key) == (0, 1, True)


async def test_entries_that_were_sealed_with_another_key_do_not_hold(database: str) -> None:
    await note()
    own = settings_for(database, audit_key="a-key-of-more-than-32-characters-here")
    found = await audit_verify(settings=own)
    assert not found.holds
    assert not found.known_key
    after = settings_for(database, audit_key=f"{own.audit_key} {DEVELOPMENT_KEY}")
    assert (await audit_verify(settings=after)).holds


async def test_entries_under_the_key_that_everybody_knows_are_named_and_do_not_hold_in_production(
    database: str,
) -> None:
    await note()
    keys = f"a-key-of-more-than-32-characters-here {DEVELOPMENT_KEY}"
    found = await audit_verify(settings=settings_for(database, audit_key=keys))
    assert (found.holds, found.known_key) == (True, True)
    found = await audit_verify(settings=settings_for(database, audit_key=keys, env="production"))
    assert (found.holds, found.known_key) == (False, True)


async def without_trigger(name: str, *statements: str) -> None:
    """What somebody does who takes one trigger away, does this, and puts it back."""
    table = next(table for each, table, _, _ in guards.KEPT if each == name)
    await db.execute(f"DROP TRIGGER {name}{'' if db.is_sqlite() else f' ON {table}'}")
    for statement in statements:
        await db.execute(statement)
    await guards.add_own()


async def test_an_entry_of_who_read_what_that_was_put_aside_is_found(database: str) -> None:
    await records.access_log(at=NOW, by="wren", action="view", subject="client 7", details={})
    aside = "UPDATE access_entry SET chain = 'trash', seq = 1, hash = 'x' WHERE hash IS NULL"
    await without_trigger("access_entry_elsewhere", aside)
    found = await audit_verify(settings=settings_for(database))
    assert (found.holds, found.astray) == (False, 1)
    assert [(check.chain, check.first_bad) for check in found.checks] == [("directory", None), ("trash", 1)]


async def test_a_record_that_was_emptied_is_found_by_what_is_there_without_a_word_about_it(database: str) -> None:
    await world_made()
    await import_drafts(database, [draft("lamp")])
    assert (await audit_verify(settings=settings_for(database))).holds
    await without_trigger("audit_entry_delete", "DELETE FROM audit_entry")
    await without_trigger("audit_head_delete", "DELETE FROM audit_head")
    found = await audit_verify(settings=settings_for(database))
    assert [(check.entries, check.first_bad) for check in found.checks] == [(0, 1)]


async def test_a_record_without_its_triggers_does_not_hold(database: str) -> None:
    await note()
    await db.execute(f"DROP TRIGGER audit_entry_delete{'' if db.is_sqlite() else ' ON audit_entry'}")
    found = await audit_verify(settings=settings_for(database))
    assert (found.holds, found.unguarded) == (False, ("audit_entry_delete",))


async def test_an_anchor_of_a_chain_that_is_gone_does_not_hold(database: str) -> None:
    found = await audit_verify(anchors=[Anchor(ACCESS, 3, "0" * 64)], settings=settings_for(database))
    assert not found.holds
    assert [(check.chain, check.first_bad) for check in found.checks] == [(ACCESS, 1), ("directory", None)]


async def test_an_anchor_kept_today_holds_tomorrow(database: str) -> None:
    await note()
    await records.access_log(at=NOW, by="wren", action="view", subject="client 7", details={})
    await records.access_chain()
    anchors = await audit_heads()
    assert [(anchor.chain, anchor.seq) for anchor in anchors] == [(ACCESS, 1), ("directory", 1)]
    await note(2)
    found = await audit_verify(anchors=anchors, settings=settings_for(database))
    assert found.holds


async def test_nothing_to_check_is_whole(database: str) -> None:
    assert (await audit_verify(settings=settings_for(database))).holds
    assert await audit_heads() == ()


async def test_the_anchor_goes_out_once_a_day_to_whoever_is_named(database: str) -> None:
    settings = settings_for(database, audit_anchor_to=OVERSIGHT)
    assert await anchor_queue(now=NOW, settings=settings) == 0  # there is nothing to say yet
    await note()
    assert await anchor_queue(now=NOW, settings=settings_for(database)) == 0
    days = [timedelta(0), timedelta(hours=1), timedelta(days=1)]
    assert [await anchor_queue(now=NOW + day, settings=settings) for day in days] == [1, 0, 1]
    words = await one_value("SELECT words FROM outbox ORDER BY id LIMIT 1")
    (head,) = await audit_heads()
    assert db.from_json(words) == {"day": "2026-03-02", "anchors": [str(head)]}
    assert await one_value("SELECT COUNT(*) FROM outbox WHERE recipient = {0}", OVERSIGHT) == 2


@pytest.mark.parametrize("engine", ["postgres"])
async def test_a_record_that_is_written_to_meanwhile_is_whole(database: str) -> None:
    async def notes() -> None:
        for number in range(20):
            await note(number)

    writing = asyncio.gather(*(notes() for _ in range(2)))
    while not writing.done():
        assert (await audit_verify(settings=settings_for(database))).holds
    await writing
    assert (await audit_verify(settings=settings_for(database))).checks[0].entries == 40
