"""What becomes of a run that is stopped half-way, and of what others write beside it: real processes, on both engines."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from typing import Any

import pytest

from directory.domain.audit import DEVELOPMENT_KEY
from directory.services import recovery
from directory.services.comparing import BATCH
from directory.services.edits import listing_edit
from directory.services.history import run_show, runs_list
from directory.services.recovery import run_recover
from directory.storage import db, imports, locks, records
from directory.storage.encoding import to_column
from tests import kills
from tests.factories import NOW, draft, import_drafts, one_value, settings_for, snapshot, world_made
from tests.web.world import site

SIZE = BATCH + 80
"""Rows: two batches to read, and one to write of each sort."""
PROCESS = pytest.mark.may_block("the test waits for a process")


async def recover(url: str) -> list[recovery.Recovered]:
    return await run_recover(clock=lambda: NOW, settings=settings_for(url))


async def unfinished() -> int:
    return await one_value("SELECT COUNT(*) FROM import_run WHERE status NOT IN ('done', 'undone', 'stopped')")


# --- killed ----------------------------------------------------------------------------------------------------------


@PROCESS
async def test_an_import_that_is_killed_is_not_begun_or_finished_by_the_next_command_and_every_listing_is_whole(
    database: str,
) -> None:
    await world_made()
    await import_drafts(database, kills.edition(0, SIZE))
    rng = random.Random(7)
    for number, after in ((1, 1), (1, 3), (2, 4)):  # while it reads, at its first rows, further on
        with kills.importing(database, number, SIZE) as (process, told):
            await asyncio.to_thread(kills.killed, process, told, after, rng.random() * 0.02)
        await kills.shown()
        await kills.recovered(database)
        now = await kills.shown()
        assert now in (kills.named(number - 1, SIZE), kills.named(number, SIZE))
        assert (await unfinished(), await one_value("SELECT COUNT(*) FROM import_stage")) == (0, 0)
        await import_drafts(database, kills.edition(number, SIZE))
        assert await kills.shown() == kills.named(number, SIZE)


@PROCESS
async def test_an_undo_that_is_killed_is_finished_by_the_next_command(database: str) -> None:
    await world_made()
    await import_drafts(database, kills.edition(0, SIZE))
    run = (await import_drafts(database, kills.edition(1, SIZE))).run
    assert run is not None
    with kills.undoing(database, run) as (process, told):
        await asyncio.to_thread(kills.killed, process, told, 1, 0.0)
    await kills.recovered(database)
    assert await kills.shown() == kills.named(0, SIZE)
    assert await one_value("SELECT status FROM import_run WHERE id = {0}", run) == "undone"


async def test_a_run_that_died_while_it_read_leaves_nothing_but_an_audit_entry(database: str) -> None:
    await world_made()
    async with db.staging():
        source = await one_value(
            "INSERT INTO source (name, format, is_demo, match_by, created_at) VALUES ('new', 'seed', {0}, 'key', {1}) RETURNING id",
            False,
            to_column(NOW),
        )
        run = await imports.begin(source, format="seed", origin=None, file_hash="x", by="robin", now=NOW)
        await imports.stage(run, [imports.Staged("k", 1, imports.ADD, "{}", "h")])
    (found,) = await recover(database)
    assert (found.run, found.source, found.outcome) == (run, "new", "forgotten")
    for table in ("import_run", "import_stage", "source", "listing"):
        assert await one_value(f"SELECT COUNT(*) FROM {table}") == 0, table
    (entry,) = await db.rows("SELECT action, subject FROM audit_entry")
    assert entry == {"action": "import-died", "subject": "source new"}
    assert await recover(database) == []


async def test_a_run_of_a_source_that_is_at_work_is_left_alone(database: str) -> None:
    await world_made()
    run = (await import_drafts(database, [draft()])).run
    await db.execute(f"UPDATE import_run SET status = 'applying' WHERE id = {run}")
    async with locks.only_one("import world"):
        assert await recover(database) == []
        assert await unfinished() == 1
    (found,) = await recover(database)
    assert found.outcome == "finished"


async def test_a_run_that_cannot_be_finished_is_taken_back(database: str) -> None:
    await world_made()
    first = [draft(f"k{n}", name=f"Group {n}") for n in range(BATCH + 5)]
    await import_drafts(database, first)
    before = {row["source_key"]: row["name"] for row in await db.rows("SELECT source_key, name FROM listing")}

    def stumbles(done: int) -> None:
        if len(told) == 2:
            raise RuntimeError("power cut")
        told.append(done)

    told: list[int] = []
    other = [replace(each, name=f"Other {each.key}") for each in first]
    with pytest.raises(RuntimeError, match="power cut"):
        await import_drafts(database, other, progress=stumbles)
    # A row that no program of ours can write any more.
    broken = '{"key": "k0"}\n\n["h", {}]'
    await db.execute(f"UPDATE import_stage SET payload = '{broken}'")
    (found,) = await recover(database)
    assert found.outcome == "rolled-back"
    assert {row["source_key"]: row["name"] for row in await db.rows("SELECT source_key, name FROM listing")} == before
    assert (await unfinished(), await one_value("SELECT COUNT(*) FROM import_stage")) == (0, 0)


async def test_a_run_that_is_written_and_cannot_be_closed_is_not_taken_back_but_closed_the_next_time(
    database: str,
) -> None:
    await world_made()
    await import_drafts(database, [draft(name="Before")])
    try:
        records.use_keys(("a-key-that-the-trail-was-not-sealed-with",))
        with pytest.raises(records.SealedWithAnother):
            await import_drafts(database, [draft(name="After")])
        assert await recover(database) == []
        assert await one_value("SELECT name FROM listing") == "After"
    finally:
        records.use_keys((DEVELOPMENT_KEY,))
    (found,) = await recover(database)
    assert (found.outcome, await unfinished()) == ("finished", 0)
    assert await one_value("SELECT name FROM listing") == "After"


async def test_a_run_of_before_that_nobody_can_finish_is_closed(database: str) -> None:
    await world_made()
    run = (await import_drafts(database, [draft()])).run
    await db.execute(f"UPDATE import_run SET status = 'running' WHERE id = {run}")
    await recover(database)
    assert await one_value("SELECT status FROM import_run") == "stopped"


@pytest.mark.parametrize("engine", ["sqlite"])
def test_a_server_that_starts_finishes_what_a_dead_process_left(database_url: str) -> None:
    async def died() -> None:
        async with db.connect(database_url):
            await world_made()
            run = (await import_drafts(database_url, [draft()])).run
            await db.execute(f"UPDATE import_run SET status = 'applying' WHERE id = {run}")

    async def left() -> int:
        async with db.connect(database_url):
            return await unfinished()

    asyncio.run(died())
    with site(database_url, NOW) as visitor:
        assert visitor.get("/healthz").status_code == 200
    assert asyncio.run(left()) == 0


# --- at once ---------------------------------------------------------------------------------------------------------


@PROCESS
async def test_of_two_processes_that_import_one_source_one_is_refused_and_harms_nothing(database: str) -> None:
    await world_made()

    def last(told: Any) -> dict[str, Any]:
        while not isinstance(said := told.recv(), dict):
            pass
        return said

    with kills.importing(database, 0, SIZE) as (_, one), kills.importing(database, 0, SIZE) as (_, two):
        reports = await asyncio.gather(asyncio.to_thread(last, one), asyncio.to_thread(last, two))
    errors = [report["error"] for report in reports if "error" in report]
    if errors:  # else the first had ended before the second began
        assert [error.split(":")[0] for error in errors] == ["busy"]
    assert sum(report["added"] for report in reports) == SIZE
    assert await kills.shown() == kills.named(0, SIZE)


@PROCESS
async def test_who_edits_beside_an_import_waits_and_never_fails_and_no_edit_is_lost(database: str) -> None:
    await world_made()
    await import_drafts(database, kills.edition(0, SIZE))
    slugs = [
        row["slug"] for row in await db.rows("SELECT slug FROM listing WHERE source_key IN ('k200', 'k201', 'k202')")
    ]
    edits = 0
    with kills.importing(database, 1, SIZE) as (process, _):
        while process.is_alive():
            values = {"fees": f"{edits} dollars"}
            given = {"by": "robin", "reason": None, "clock": lambda: NOW, "settings": settings_for(database)}
            await listing_edit(slug=slugs[edits % 3], values=values, **given)
            edits += 1
        assert process.exitcode == 0
    assert edits >= 3
    assert await kills.shown() == kills.named(1, SIZE)
    fees = {
        row["fees"] for row in await db.rows("SELECT fees FROM listing WHERE source_key IN ('k200', 'k201', 'k202')")
    }
    assert fees == {f"{edits - each} dollars" for each in (1, 2, 3)}


# --- the record ------------------------------------------------------------------------------------------------------


async def test_a_runs_record_says_what_it_did_listing_by_listing_with_before_and_after(database: str) -> None:
    await world_made()
    await import_drafts(database, [draft("a", name="First"), draft("b"), draft("c", name="Goes")], origin="list.json")
    report = await import_drafts(database, [draft("a", name="Second", street="14 Heron Lane"), draft("b"), draft("d")])
    assert report.run is not None
    run, changed = await run_show(run=report.run)
    assert (run.source, run.status, run.by, run.origin) == ("world", "done", "test", None)
    assert run.counts == {"added": 1, "changed": 1, "unchanged": 1, "removed": 1, "rejected": 0}
    assert {each.action: each.fields for each in changed} == {
        "add": {},
        "change": {"name": ["First", "Second"], "address.street": ["12 Heron Lane", "14 Heron Lane"]},
        "remove": {},
    }
    second, first = await runs_list(source="world")
    assert (second.id, first.origin, first.counts["added"]) == (report.run, "list.json", 3)
    assert await runs_list(source="unheard-of") == []


async def test_a_record_holds_nothing_of_what_did_not_change(database: str) -> None:
    await world_made()
    await import_drafts(database, [draft("a"), draft("b")])
    before = await snapshot(without=("state", "audit_entry", "audit_head", "import_run", "source"))
    report = await import_drafts(database, [draft("a"), draft("b", source_url="https://list.example.org/b")])
    assert report.unchanged == 2
    assert await snapshot(without=("state", "audit_entry", "audit_head", "import_run", "source")) == before
