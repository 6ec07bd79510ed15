from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from directory.domain.errors import NotFound, RunRefused
from directory.domain.geo import Point
from directory.domain.listings import Capacity, ListingDraft, Phone, Status
from directory.domain.search import Query
from directory.services.comparing import BATCH
from directory.services.edits import listing_edit
from directory.services.exchange import Report
from directory.services.exports import FORMATS, export_write
from directory.services.search import search_run
from directory.services.undo import Undone, run_undo
from directory.storage import db, locks
from tests.factories import NOW, draft, import_drafts, meeting, one_value, settings_for, snapshot, world_made

LATER = NOW + timedelta(hours=5)
MOVING = ("audit_entry", "audit_head", "import_run", "import_change", "state", "source", "organization", "name_word")
"""Tables that tell of runs, or that only ever grow."""
IDS = ("schedule", "listing_code", "listing_language", "coverage_area")
"""Tables whose rows are written anew with the listing, under new numbers."""


async def undo(url: str, run: Report | int | None, **given: Any) -> Undone:
    """Takes a run back."""
    number = run.run if isinstance(run, Report) else run
    assert number is not None
    return await run_undo(
        **{"run": number, "by": "tester", "clock": lambda: LATER, "settings": settings_for(url)} | given
    )


async def shown() -> dict[str, list[tuple[object, ...]]]:
    """All that makes up the listings, without the numbers of rows, versions and moments of writing."""
    found = await snapshot(without=(*MOVING, *IDS, "listing", "location", "search_row", "capacity_report"))
    for table in ("listing", "location", "search_row", "capacity_report", *IDS):
        rows = await db.rows(f"SELECT * FROM {table} ORDER BY id")
        drop = {
            "version",
            "updated_at",
            "geocoded_at",
            "organization_id",
            *(("id",) if table in (*IDS, "capacity_report") else ()),
        }
        found[table] = sorted(tuple(str(v) for k, v in row.items() if k not in drop) for row in rows)
    return found


def first_file() -> list[ListingDraft]:
    return [
        draft("stays"),
        draft("changes", name="Bright Lamp Group", phones=(Phone("(555) 555-0101"),), organization="Marsh House"),
        draft("goes", name="Old Mill Group", description="Ring twice."),
    ]


def second_file() -> list[ListingDraft]:
    changed = replace(
        first_file()[1],
        name="Brighter Lamp Group",
        phones=(),
        windows=(meeting(2, "07:00"),),
        languages=("es",),
        source_url="https://list.example.org/2",
    )
    return [draft("stays"), changed, draft("comes", name="New Mill Group")]


async def test_a_run_that_is_taken_back_leaves_every_listing_as_it_was(database: str) -> None:
    await world_made()
    await import_drafts(database, first_file())
    before = await shown()
    run = await import_drafts(database, second_file(), clock=lambda: NOW + timedelta(hours=1))
    assert (run.added, run.changed, run.unchanged, run.removed) == (1, 1, 1, 1)
    undone = await undo(database, run)
    assert (undone.taken_out, undone.restored, undone.returned, undone.kept) == (1, 1, 1, [])
    after = await shown()
    added = await one_value("SELECT id FROM listing WHERE source_key = {0}", "comes")
    assert await one_value("SELECT status FROM listing WHERE id = {0}", added) == "removed"
    for table in ("search_row", "listing_words", "source_draft", "schedule", "listing_language"):
        missing = [row for row in before[table] if row not in after[table]]
        assert missing == [], table
        assert table != "search_row" or len(after[table]) == len(before[table])
    kept = [row for row in before["listing"] if row not in after["listing"]]
    assert kept == []
    assert len(after["listing"]) == len(before["listing"]) + 1


async def test_after_an_undo_the_same_file_finds_the_same_changes_again(database: str) -> None:
    await world_made()
    await import_drafts(database, first_file())
    first = await import_drafts(database, second_file())
    await undo(database, first)
    assert await counts_of(database, first_file(), dry_run=True) == (0, 0, 3, 0)
    again = await import_drafts(database, second_file())
    assert [again.added, again.changed, again.unchanged, again.removed] == [1, 1, 1, 1]
    assert await counts_of(database, second_file()) == (0, 0, 3, 0)


async def exported() -> dict[str, bytes]:
    """Every export of all listings."""
    found = {}
    for format in FORMATS:
        pieces: list[bytes] = []
        await export_write(format=format, write=pieces.append, base_url="https://example.org")
        found[format] = b"".join(pieces)
    return found


async def test_after_an_undo_every_export_is_that_of_before_to_the_byte(database: str) -> None:
    await world_made()
    await import_drafts(database, first_file())
    before = await exported()
    run = await import_drafts(database, second_file())
    assert all(content != before[format] for format, content in (await exported()).items())
    await undo(database, run)
    assert await exported() == before


async def counts_of(url: str, drafts: Sequence[ListingDraft], **options: Any) -> tuple[int, int, int, int]:
    report = await import_drafts(url, drafts, **options)
    return report.added, report.changed, report.unchanged, report.removed


async def test_what_came_back_with_a_run_goes_again_and_what_it_took_out_comes_back_under_its_address(
    database: str,
) -> None:
    await world_made()
    both = [draft("one", name="First Group"), draft("two", name="Second Group")]
    await import_drafts(database, both)
    slugs = {row["source_key"]: row["slug"] for row in await db.rows("SELECT source_key, slug FROM listing")}
    await import_drafts(database, both[:1])
    swapped = await import_drafts(database, [replace(both[1], name="Second Evening Group")])
    assert (swapped.added, swapped.removed) == (1, 1)
    await undo(database, swapped)
    rows = {row["source_key"]: row for row in await db.rows("SELECT source_key, slug, status FROM listing")}
    assert {key: row["slug"] for key, row in rows.items()} == slugs
    assert (rows["one"]["status"], rows["two"]["status"]) == ("active", "removed")
    await import_drafts(database, both)
    assert await one_value("SELECT name FROM listing WHERE source_key = {0}", "two") == "Second Group"


@pytest.mark.parametrize(
    ("order", "statuses"),
    [
        ([0], ["active"]),  # others brought it back, and took it out and brought it back again
        ([1], ["active"]),
        ([1, 3], ["active", "active"]),
        ([4], ["removed"]),
        ([4, 1], ["removed", "removed"]),
        ([4, 2, 3], ["removed", "removed", "removed"]),
        ([4, 3, 2, 1, 0], ["removed", "active", "removed", "active", "removed"]),
        ([0, 1, 2, 3, 4], ["active", "active", "active", "active", "removed"]),
    ],
)
async def test_whether_a_listing_is_out_is_for_the_newest_run_to_say_that_is_not_taken_back(
    database: str, order: list[int], statuses: list[str]
) -> None:
    await world_made()
    other, both = [draft("other")], [draft("other"), draft("one", name="First Group")]
    await import_drafts(database, other)
    runs = [await import_drafts(database, file) for file in (both, other, both, other, both)]
    found = []
    for number in order:
        await undo(database, runs[number])
        found.append(await one_value("SELECT status FROM listing WHERE source_key = {0}", "one"))
    assert found == statuses
    assert await one_value("SELECT COUNT(*) FROM search_row") == 1 + (found[-1] == "active")


async def test_what_a_run_took_out_and_a_later_one_again_stays_out_and_is_named(database: str) -> None:
    await world_made()
    other, both = [draft("other")], [draft("other"), draft("one", name="First Group")]
    runs = [await import_drafts(database, file) for file in (both, other, both, other)]
    slug = await one_value("SELECT slug FROM listing WHERE source_key = {0}", "one")
    undone = await undo(database, runs[1])
    assert undone.kept == [{"slug": slug, "field": "status"}]
    assert await one_value("SELECT status FROM listing WHERE slug = {0}", slug) == "removed"


async def test_what_a_later_run_has_changed_stays_and_is_named_while_the_rest_goes_back(database: str) -> None:
    await world_made()
    await import_drafts(database, [draft(name="First Name", fees="none")])
    second = await import_drafts(database, [draft(name="Second Name", fees="some", description="Ring.")])
    await import_drafts(database, [draft(name="Third Name", fees="some", description="Ring.")])
    undone = await undo(database, second)
    (row,) = await db.rows("SELECT slug, name, fees, description FROM listing")
    assert (row["name"], row["fees"], row["description"]) == ("Third Name", "none", None)
    assert undone.kept == [{"slug": row["slug"], "field": "name"}]


async def test_what_a_person_has_set_outlives_an_undo(database: str) -> None:
    await world_made()
    await import_drafts(database, [draft(name="First Name", fees="none")])
    second = await import_drafts(database, [draft(name="Second Name", fees="some")])
    slug = await one_value("SELECT slug FROM listing")
    edit = {"by": "robin", "reason": "rang them", "clock": lambda: NOW, "settings": settings_for(database)}
    await listing_edit(slug=slug, values={"fees": "five dollars"}, **edit)
    undone = await undo(database, second)
    assert undone.kept == []
    (row,) = await db.rows("SELECT name, fees FROM listing")
    assert (row["name"], row["fees"]) == ("First Name", "five dollars")


async def test_a_report_of_openings_that_came_with_a_run_goes_with_it(database: str) -> None:
    await world_made()
    old, new = (Capacity("bed", number, 10, NOW - timedelta(days=3 - number)) for number in (1, 2))
    await import_drafts(database, [draft(kind="housing", capacities=(old,))])
    run = await import_drafts(database, [draft(kind="housing", capacities=(new,))])
    assert await one_value("SELECT COUNT(*) FROM capacity_report") == 2
    await undo(database, run)
    assert await one_value("SELECT available FROM capacity_report") == 1


async def test_a_figure_that_is_corrected_for_the_same_moment_is_what_counts_until_its_run_is_taken_back(
    database: str,
) -> None:
    def beds(available: int) -> list[ListingDraft]:
        reports = Capacity("bed", available, 10, NOW), Capacity("place", 3, 9, NOW, "detox")
        return [draft(kind="housing", capacities=reports)]

    async def openings() -> list[int | None]:
        found = await search_run(query=Query(sort="name"), now=LATER, settings=settings_for(database))
        return sorted(report.available or 0 for report in found.cards[0].reports)

    await world_made()
    await import_drafts(database, beds(2))
    run = await import_drafts(database, beds(0))
    assert (run.changed, await openings()) == (1, [0, 3])
    await undo(database, run)
    assert await openings() == [2, 3]
    assert await one_value("SELECT COUNT(*) FROM capacity_report") == 2


async def test_a_listing_that_was_closed_or_moved_by_a_run_is_open_and_in_its_place_again(database: str) -> None:
    await world_made()
    await import_drafts(database, [draft("a"), draft("b", point=Point(40.01, -75.0))])
    closed = draft("a", status=Status.TEMPORARILY_CLOSED)
    moved = draft("b", point=Point(40.03, -75.0), street="80 Heron Lane")
    before = await shown()
    run = await import_drafts(database, [closed, moved])
    assert run.changed == 2
    assert (await shown())["search_row"] != before["search_row"]
    await undo(database, run)
    assert await shown() == before


@pytest.mark.parametrize("status", ["undone", "stopped", "reading"])
async def test_a_run_that_is_not_done_is_not_taken_back(database: str, status: str) -> None:
    await world_made()
    run = await import_drafts(database, first_file())
    await db.execute(f"UPDATE import_run SET status = '{status}'")
    before = await snapshot()
    with pytest.raises(RunRefused) as refused:
        await undo(database, run)
    assert refused.value.values == {"run": run.run, "status": status}
    assert await snapshot() == before


async def test_taking_back_twice_is_refused_and_so_is_a_run_that_never_was(database: str) -> None:
    await world_made()
    run = await import_drafts(database, first_file())
    await undo(database, run)
    with pytest.raises(RunRefused):
        await undo(database, run)
    with pytest.raises(NotFound):
        await undo(database, 4711)


async def test_a_run_whose_source_is_at_work_is_not_taken_back_and_a_source_that_is_taken_back_not_imported(
    database: str,
) -> None:
    await world_made()
    run = await import_drafts(database, first_file())
    async with locks.only_one("import world"):
        with pytest.raises(RunRefused) as refused:
            await undo(database, run)
    assert refused.value.values["status"] == "busy"
    reports: list[Report] = []

    async def import_beside() -> None:
        reports.append(await import_drafts(database, second_file()))

    tasks: list[asyncio.Task[None]] = []
    await undo(database, run, progress=lambda _: tasks.append(asyncio.create_task(import_beside())))
    await asyncio.gather(*tasks)
    (report,) = reports
    assert report.error is None or report.error.startswith("busy")
    assert await one_value("SELECT COUNT(*) FROM search_row") == (3 if report.error is None else 0)


async def test_an_undo_that_breaks_off_is_gone_on_with_and_forgets_nothing_of_what_it_left(database: str) -> None:
    await world_made()
    number = BATCH + 30
    await import_drafts(database, [draft(f"k{each}", name=f"Group {each}") for each in range(number)])
    second = await import_drafts(database, [draft(f"k{each}", name=f"Other {each}") for each in range(number)])
    third = [draft(f"k{each}", name=f"Third {each}" if each == 0 else f"Other {each}") for each in range(number)]
    await import_drafts(database, third)

    def stumbles(done: int) -> None:
        raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        await undo(database, second, progress=stumbles)
    assert await one_value("SELECT status FROM import_run WHERE id = {0}", second.run) == "undoing"
    undone = await undo(database, second)
    assert undone.restored == number
    assert [each["field"] for each in undone.kept] == ["name"]
    assert await one_value("SELECT COUNT(*) FROM listing WHERE name LIKE 'Group %'") == number - 1
    assert await one_value("SELECT COUNT(*) FROM import_change WHERE run_id = {0}", second.run) == number


async def test_an_undo_leaves_one_audit_entry_that_names_who_and_how_much(database: str) -> None:
    await world_made()
    await import_drafts(database, first_file())
    run = await import_drafts(database, second_file())
    await undo(database, run)
    (entry,) = await db.rows("SELECT * FROM audit_entry WHERE action = 'import-undone'")
    assert (entry["by"], entry["subject"]) == ("tester", "source world")
    assert db.from_json(entry["details"]) == {
        "run": run.run, "taken_out": 1, "restored": 1, "returned": 1, "kept": 0,
    }  # fmt: skip
    (row,) = await db.rows(f"SELECT status, undone_by FROM import_run WHERE id = {run.run}")
    assert (row["status"], row["undone_by"]) == ("undone", "tester")
