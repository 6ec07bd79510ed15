"""Files that people send, on both engines: looked at first, put in once, compared anew when listings have changed, and taken back."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest

from directory.domain.access import Actor, Denied, Grant, Role
from directory.domain.errors import NotFound, RunRefused, UnreadableFile
from directory.domain.people import UnfitFields
from directory.services import confirming, reviewing
from directory.services.adding import listing_add
from directory.services.comparing import ANOTHERS
from directory.services.confirming import Confirmed, upload_confirm, upload_discard, uploads_expire
from directory.services.edits import listing_edit
from directory.services.readers import FORMATS
from directory.services.recovery import run_recover
from directory.services.run_pages import RunPage, run_page, run_take_back, runs_seen
from directory.services.runs import lock_of
from directory.services.tasks import tasks_list
from directory.services.uploads import (
    OWN_MAP,
    Upload,
    maps_ready,
    upload_read,
    upload_targets,
    uploads_waiting,
)
from directory.storage import claims, db, imports, locks
from directory.storage import listings as stored
from tests import edits
from tests.accounts import agency
from tests.factories import NOW, draft, import_drafts, one_value, settings_for, world_made
from tests.files import CORA, HEAD, STOCK, STORY, line, shelters


@pytest.fixture
async def site(database: str) -> str:
    await world_made()
    return database


async def sent(url: str, lines: Sequence[str], by: Actor = CORA, source: str = "shelters", **more: object) -> int:
    given: dict[str, object] = {"format": "csv", "map": "shelter-list", "filename": "C:\\files\\shelters.csv"}
    upload = Upload(stream=BytesIO(shelters(*lines)), source=source, **given | more)  # type: ignore[arg-type]
    return await upload_read(by=by, upload=upload, clock=lambda: NOW, settings=settings_for(url))


async def confirmed(url: str, run: int, by: Actor = CORA, *, seen: bool = True) -> Confirmed:
    return await upload_confirm(by=by, run=run, removals_seen=seen, clock=lambda: NOW, settings=settings_for(url))


async def stocked(url: str) -> None:
    await confirmed(url, await sent(url, STOCK))


async def looked(run: int, part: str = "", page: int = 1, by: Actor = CORA) -> RunPage:
    return await run_page(by=by, run=run, part=part, page=page, now=NOW)


async def status(run: int) -> str:
    return str(await one_value("SELECT status FROM import_run WHERE id = {0}", run))


async def shown() -> list[tuple[str, str]]:
    rows = await db.rows("SELECT name, phones FROM listing WHERE status = 'active' ORDER BY name")
    return [(row["name"], db.from_json(row["phones"])[0][0]) for row in rows]


async def test_a_file_is_looked_at_confirmed_and_taken_back_until_all_is_as_before(site: str) -> None:
    await stocked(site)
    before = await shown()
    run = await sent(site, STORY)
    preview = await looked(run)
    assert preview.sizes == {"added": 3, "changed": 2, "gone": 1, "rejected": 2, "warnings": 1}
    assert await shown() == before, "looking changes nothing"
    assert [row.name for row in (await looked(run, "added")).rows] == ["New House 0", "New House 1", "New House 2"]
    changed = (await looked(run, "changed")).rows
    assert [(row.name, list(row.differences)) for row in changed] == [
        ("House 0", ["phones", "record"]),
        ("House 1", ["phones", "record"]),
    ]
    assert [row.name for row in (await looked(run, "gone")).rows] == ["House 9"]
    assert [at for at, _ in (await looked(run, "rejected")).lines] == [14, 15]
    assert await confirmed(site, run) == Confirmed(run)
    assert await status(run) == "done"
    after = await shown()
    assert len(after) == 12
    assert dict(after)["House 0"].endswith("0199")
    assert [row.name for row in (await looked(run, "gone")).rows] == ["House 9"]
    await run_take_back(by=CORA, run=run, clock=lambda: NOW, settings=settings_for(site))
    assert await shown() == before
    assert await status(run) == "undone"
    await run_take_back(by=CORA, run=run, clock=lambda: NOW, settings=settings_for(site))


async def test_the_file_itself_is_not_kept_and_neither_are_columns_that_nobody_named(site: str) -> None:
    upload = Upload(
        stream=BytesIO(b"Contact Name," + HEAD.encode() + b"\nPat Quill," + line("House").encode()),
        filename="x.csv",
        format="csv",
        source="shelters",
        map="shelter-list",
    )
    await upload_read(by=CORA, upload=upload, clock=lambda: NOW, settings=settings_for(site))
    for table, column in (("import_stage", "payload"), ("import_run", "report"), ("import_run", "options")):
        rows = await db.rows(f"SELECT {column} AS text FROM {table}")
        assert rows
        assert not any("Quill" in (row["text"] or "") for row in rows)


async def test_where_more_than_a_fifth_would_go_somebody_has_to_say_yes(site: str) -> None:
    await stocked(site)
    run = await sent(site, STOCK[:4])
    assert (await looked(run)).run.options["question"] == [6, 10]
    with pytest.raises(UnfitFields) as refused:
        await confirmed(site, run, seen=False)
    assert refused.value.problems[0].code == "unticked"
    assert len(await shown()) == 10
    await confirmed(site, run)
    assert len(await shown()) == 4


async def test_a_part_of_a_list_takes_nothing_out(site: str) -> None:
    await stocked(site)
    run = await sent(site, [line("Extra")], partial=True)
    assert (await looked(run)).sizes["gone"] == 0
    await confirmed(site, run, seen=False)
    assert len(await shown()) == 11


async def test_confirming_twice_puts_a_file_in_once(site: str) -> None:
    run = await sent(site, STOCK)
    found = await asyncio.gather(*(confirmed(site, run) for _ in range(2)), return_exceptions=True)
    assert Confirmed(run) in found
    assert all(each == Confirmed(run) or isinstance(each, RunRefused) for each in found)
    await confirmed(site, run)
    assert await one_value("SELECT COUNT(*) FROM import_change") == 10
    assert await one_value("SELECT COUNT(*) FROM audit_entry WHERE action = {0}", "upload-confirmed") == 1


async def test_a_new_file_takes_the_place_of_one_that_still_waits(site: str) -> None:
    first = await sent(site, STOCK[:3])
    second = await sent(site, STOCK)
    assert (await status(first), await status(second)) == ("discarded", "preview")
    assert (await looked(first)).run.options["instead"] == second
    assert await one_value("SELECT COUNT(*) FROM import_stage WHERE run_id = {0}", first) == 0
    assert await confirmed(site, first) == Confirmed(first)
    assert await shown() == []
    assert await uploads_waiting(by=CORA, now=NOW) == 1


async def test_another_run_in_between_has_the_file_compared_anew_and_shown_again(site: str) -> None:
    await stocked(site)
    run = await sent(site, STORY)
    row = await imports.find(run)
    assert row is not None
    later = await sent(site, [*STOCK, line("New House 0")])
    async with db.staging():  # as if it had come by the command line, which leaves previews alone
        await imports.note(run, status="discarded")
    await confirmed(site, later)
    waits = await sent(site, STORY)
    await run_take_back(by=CORA, run=later, clock=lambda: NOW, settings=settings_for(site))
    again = await confirmed(site, waits)
    assert again.is_again
    assert again.run != waits
    assert await status(waits) == "discarded"
    page = await looked(again.run)
    assert page.run.options["is_again"]
    assert page.sizes == {"added": 3, "changed": 2, "gone": 1, "rejected": 2, "warnings": 1}
    assert await confirmed(site, again.run) == Confirmed(again.run)
    assert len(await shown()) == 12


async def test_an_edit_by_hand_has_it_shown_again_and_stays(site: str) -> None:
    await stocked(site)
    run = await sent(site, STORY)
    slug = str(await one_value("SELECT slug FROM listing WHERE name = {0}", "House 0"))
    await listing_edit(
        slug=slug,
        values={"phones": [{"number": "(555) 555-0177", "extension": None, "type": "voice", "description": None}]},
        by="person 7",
        reason="They said so.",
        clock=lambda: NOW,
        settings=settings_for(site),
    )
    again = await confirmed(site, run)
    assert again.is_again
    held = {row.name: set(row.held) for row in (await looked(again.run, "changed")).rows}
    assert held == {"House 0": {"phones"}, "House 1": set()}
    await confirmed(site, again.run)
    assert dict(await shown())["House 0"] == "(555) 555-0177"


async def test_a_preview_is_put_away_by_hand_or_after_a_day(site: str) -> None:
    first = await sent(site, STOCK)
    await upload_discard(by=CORA, run=first, now=NOW)
    await upload_discard(by=CORA, run=first, now=NOW)
    second = await sent(site, STOCK)
    assert await uploads_expire(now=NOW + timedelta(hours=23)) == 0
    assert await uploads_expire(now=NOW + timedelta(hours=25)) == 1
    assert (await status(first), await status(second)) == ("discarded", "discarded")
    assert await one_value("SELECT COUNT(*) FROM import_stage") == 0
    assert await shown() == []


@pytest.mark.parametrize("engine", ["postgres"])
async def test_whoever_puts_a_file_away_while_another_confirms_it_leaves_it_whole_or_out(site: str) -> None:
    await stocked(site)
    for number in range(4):
        run = await sent(site, [*STOCK, line(f"House {number}0")])
        await asyncio.gather(confirmed(site, run), upload_discard(by=CORA, run=run, now=NOW))
        is_in = f"House {number}0" in dict(await shown())
        assert (await status(run)) == ("done" if is_in else "discarded")


async def test_a_run_that_died_meanwhile_is_brought_to_its_end_before_a_file_is_compared_anew(site: str) -> None:
    await stocked(site)
    run = await sent(site, STORY)
    row = await imports.find(run)
    assert row is not None
    async with db.staging():  # another one was at work after that, and its process was killed
        about = {"format": "csv", "origin": None, "file_hash": "0" * 64, "by": "robin", "now": NOW}
        died = await imports.begin(row["source_id"], **about)
        await imports.note(died, status="applying")
    again = await confirmed(site, run)
    assert again.is_again
    assert await status(died) == "done"
    assert await confirmed(site, again.run) == Confirmed(again.run)


async def test_a_preview_holds_no_lock_and_no_recovery_touches_it(site: str) -> None:
    run = await sent(site, STOCK)
    async with locks.only_one(lock_of("shelters")):
        pass
    assert await run_recover(clock=lambda: NOW, settings=settings_for(site)) == []
    assert await status(run) == "preview"


async def test_a_source_at_which_somebody_works_is_said_to_be_busy(site: str) -> None:
    run = await sent(site, STOCK)
    async with locks.only_one(lock_of("shelters")):
        with pytest.raises(RunRefused):
            await sent(site, STOCK)
        with pytest.raises(RunRefused):
            await confirmed(site, run)
    assert await status(run) == "preview"


async def test_a_large_file_is_left_to_the_worker(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confirming, "AT_ONCE", 5)
    run = await sent(site, STOCK)
    await confirmed(site, run)
    assert await status(run) == "confirmed"
    assert await run_recover(clock=lambda: NOW, settings=settings_for(site)) == []
    assert await reviewing.runs_carry_out(clock=lambda: NOW, settings=settings_for(site)) == 1
    assert await status(run) == "done"
    assert len(await shown()) == 10


async def test_a_run_that_dies_after_it_is_confirmed_is_finished_by_the_next_recovery(site: str) -> None:
    run = await sent(site, STOCK)
    async with db.staging():  # confirmed, and then the process was killed
        await imports.note(run, status="applying")
    (found,) = await run_recover(clock=lambda: NOW, settings=settings_for(site))
    assert found.outcome == "finished"
    assert len(await shown()) == 10


async def test_what_cannot_be_written_is_taken_back_and_becomes_a_task(
    site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stocked(site)
    before = await shown()
    run = await sent(site, STORY)

    async def broken(*_: object, **__: object) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(stored, "add", broken)
        await confirmed(site, run)
    assert await shown() == before
    assert (await looked(run)).run.error == "OSError"
    (task,), _ = await tasks_list(by=CORA, now=NOW)
    assert (task.kind, task.address) == ("import-error", f"/runs/{run}")


def trusted(agency: int, person: int = 5) -> Actor:
    """An editor of this agency whose changes nobody looks at first."""
    return Actor(person, (Grant(Role.EDITOR, agency, trusted=True),))


async def test_an_editor_writes_to_the_source_of_the_own_agency_alone(site: str) -> None:
    here, there = await agency("Marsh House"), await agency("Farshore House")
    editor = trusted(here)
    await stocked(site)
    targets, may_be_new = await upload_targets(by=editor, now=NOW)
    assert ([each.name for each in targets], may_be_new) == ([f"agency-{here}"], False)
    for source in (f"agency-{there}", "shelters", "something-new"):
        with pytest.raises(Denied):
            await sent(site, STOCK, editor, source)
    run = await sent(site, STOCK[:2], editor, f"agency-{here}")
    await confirmed(site, run, editor)
    assert await one_value("SELECT agency_id FROM source WHERE name = {0}", f"agency-{here}") == here
    assert [each.id for each in await runs_seen(by=editor, source=None, now=NOW)] == [run]
    other = trusted(there, 6)
    with pytest.raises(Denied):
        await looked(run, by=other)
    with pytest.raises(Denied):
        await run_take_back(by=other, run=run, clock=lambda: NOW, settings=settings_for(site))
    await run_take_back(by=editor, run=run, clock=lambda: NOW, settings=settings_for(site))
    assert await status(run) == "undone"


async def test_what_an_agency_has_added_by_hand_is_no_part_of_its_files(site: str) -> None:
    here = await agency("Marsh House")
    editor = trusted(here)
    values = {
        "name": "Reed Room",
        "kind": "housing",
        "status": "active",
        "address.visibility": "full",
        "phones": [edits.PHONE],
    }
    await listing_add(
        by=editor, agency=here, values=values, reason="", form="f" * 43, clock=lambda: NOW, settings=settings_for(site)
    )
    run = await sent(site, STOCK[:2], editor, f"agency-{here}")
    assert (await looked(run, by=editor)).sizes["gone"] == 0
    await confirmed(site, run, editor)
    await confirmed(site, await sent(site, STOCK[:1], editor, f"agency-{here}"), editor)
    assert [name for name, _ in await shown()] == ["House 0", "Reed Room"]


async def test_a_form_with_nothing_in_it_is_told_all_that_is_missing_whoever_sends_it(site: str) -> None:
    homes = [await agency(name) for name in ("Marsh House", "Reed House")]
    editor = Actor(5, tuple(Grant(Role.EDITOR, home) for home in homes))
    nothing = Upload(stream=None, filename="", format="", source="")
    for by in (CORA, editor):
        with pytest.raises(UnfitFields) as refused:
            await upload_read(by=by, upload=nothing, clock=lambda: NOW, settings=settings_for(site))
        assert [each.field for each in refused.value.problems] == ["source", "format", "file"]


async def test_a_new_list_is_called_as_it_was_named_or_as_a_map_of_its_own_names_it(site: str) -> None:
    own = b'title = "Reed houses"\nkind = "housing"\nkey = ["Shelter Name"]\n[columns]\nname = "Shelter Name"\n'
    await sent(site, STOCK[:1], source="county-shelters")
    await sent(site, STOCK[:1], source="reeds", map=OWN_MAP, map_text=own)
    titles = [each.title for each in (await upload_targets(by=CORA, now=NOW))[0]]
    assert titles == ["county-shelters", "Reed houses"]


async def test_what_was_typed_in_for_the_directory_is_taken_out_by_no_file_and_none_is_taken_for_it(site: str) -> None:
    here = await agency("Marsh House")
    values = {"name": "Reed Room", "kind": "housing", "status": "active", "address.visibility": "full"}
    given = {"reason": "", "clock": lambda: NOW, "settings": settings_for(site)}
    await listing_add(by=CORA, agency=None, values=values, form="f" * 43, **given)  # type: ignore[arg-type]
    for source in ("people", f"agency-{here}-people"):
        assert source not in [each.name for each in (await upload_targets(by=CORA, now=NOW))[0]]
        with pytest.raises(UnfitFields) as refused:
            await sent(site, STOCK, source=source)
        assert [(each.field, each.code) for each in refused.value.problems] == [("source", "typed-in")]
    report = await import_drafts(site, [draft("lamp")], "people", allow_removals=True)
    assert (report.added, report.removed) == (1, 0), "nor by the command line"


async def test_the_file_of_an_editor_whom_nobody_trusts_yet_waits_for_a_coordinator(site: str) -> None:
    here = await agency("Marsh House")
    editor = Actor(5, (Grant(Role.EDITOR, here),))
    first = await sent(site, STOCK[:1], editor, f"agency-{here}")
    run = await sent(site, STOCK[:2], editor, f"agency-{here}")
    assert not (await looked(run, by=editor)).is_decidable
    with pytest.raises(Denied):
        await confirmed(site, run, editor)
    assert (await status(first), await status(run), await shown()) == ("discarded", "preview", [])
    (task,), (done,) = await tasks_list(by=CORA, now=NOW)
    assert (task.kind, task.address, task.words) == ("import-look", f"/runs/{run}", {"source": "Marsh House"})
    assert (done.address, done.done_by) == (f"/runs/{first}", "person 5")
    assert [await uploads_waiting(by=by, now=NOW) for by in (editor, trusted(here), CORA)] == [0, 1, 1]
    assert await confirmed(site, run) == Confirmed(run)
    assert len(await shown()) == 2
    assert (await tasks_list(by=CORA, now=NOW))[0] == []
    with pytest.raises(Denied):
        await run_take_back(by=editor, run=run, clock=lambda: NOW, settings=settings_for(site))
    assert await status(run) == "done"


async def test_what_waits_for_a_coordinator_waits_a_week_and_its_editor_may_put_it_away(site: str) -> None:
    here = await agency("Marsh House")
    editor = Actor(5, (Grant(Role.EDITOR, here),))
    run = await sent(site, STOCK[:2], editor, f"agency-{here}")
    assert await uploads_expire(now=NOW + timedelta(days=6, hours=23)) == 0
    assert await uploads_expire(now=NOW + timedelta(days=7, hours=1)) == 1
    again = await sent(site, STOCK[:2], editor, f"agency-{here}")
    await upload_discard(by=editor, run=again, now=NOW)
    assert (await status(run), await status(again)) == ("discarded", "discarded")
    assert (await tasks_list(by=CORA, now=NOW))[0] == []


async def test_what_waits_for_a_coordinator_still_does_when_it_is_compared_anew(site: str) -> None:
    here = await agency("Marsh House")
    await confirmed(site, await sent(site, STOCK[:1], trusted(here), f"agency-{here}"))
    run = await sent(site, STOCK[:2], Actor(5, (Grant(Role.EDITOR, here),)), f"agency-{here}")
    await given_to(await agency("Farshore House"), "House 0")
    again = await confirmed(site, run)
    assert again.is_again
    (task,), _ = await tasks_list(by=CORA, now=NOW)
    assert task.address == f"/runs/{again.run}"


async def given_to(agency: int, name: str) -> None:
    """Makes the listing of this name that agency's."""
    id = await one_value("SELECT id FROM listing WHERE name = {0}", name)
    about = {"words": None, "by": "test", "now": NOW, "status": "approved"}
    async with db.staging():
        await claims.add(agency=agency, column="listing_id", id=id, **about)  # type: ignore[arg-type]


async def test_what_another_agency_has_claimed_is_not_rewritten_or_taken_out_by_the_file_it_came_with(
    site: str,
) -> None:
    here, there = await agency("Marsh House"), await agency("Farshore House")
    source = f"agency-{here}"
    first = await sent(site, STOCK[:3], trusted(here), source)
    await confirmed(site, first)
    await given_to(there, "House 0")
    new = [line("House 0", phone="(555) 555-0199"), line("House 1", phone="(555) 555-0199"), STOCK[2]]
    run = await sent(site, new, trusted(here), source)
    page = await looked(run)
    assert (page.sizes["changed"], page.sizes["gone"], page.run.counts["unchanged"]) == (1, 0, 2)
    assert page.run.warnings == [f"line 2: {ANOTHERS}"]
    await given_to(there, "House 2")
    again = await confirmed(site, run)
    assert again.is_again, "whose they are is part of what was looked at"
    assert (await looked(again.run)).run.warnings == [f"line 2: {ANOTHERS}"]
    await confirmed(site, again.run)
    before = dict(await shown())
    assert (before["House 0"][-4:], before["House 1"][-4:]) == ("0100", "0199")
    rest = await sent(site, new[1:2], trusted(here), source)
    assert (await looked(rest)).sizes["gone"] == 0
    await confirmed(site, rest)
    assert dict(await shown()) == before
    for run in (rest, again.run, first):
        await run_take_back(by=trusted(here), run=run, clock=lambda: NOW, settings=settings_for(site))
    assert [name for name, _ in await shown()] == ["House 0", "House 2"]


async def test_peers_and_visitors_send_no_files(site: str) -> None:
    for by in (Actor(), Actor(8, (Grant(Role.PEER, 1),))):
        with pytest.raises(Denied):
            await sent(site, STOCK, by)
        assert await uploads_waiting(by=by, now=NOW) == 0
    with pytest.raises(NotFound):
        await looked(4040)


FIXTURES = Path(__file__).parents[1] / "fixtures"
SAMPLES = [
    ("meeting-guide", "", "meeting_guide.json"),
    ("samhsa", "", "samhsa.csv"),
    ("smart", "", "smart.json"),
    ("dhcs", "", "dhcs.csv"),
    *(("csv", name, f"maps/{name}.csv") for name in maps_ready()),
]


def test_every_format_that_can_be_imported_is_among_those_that_are_sent_here() -> None:
    assert {format for format, _, _ in SAMPLES} == set(FORMATS)


@pytest.mark.parametrize(("format", "map", "sample"), SAMPLES)
@pytest.mark.parametrize("engine", ["sqlite"])
async def test_a_file_of_any_import_format_is_looked_at_put_in_and_taken_back(
    site: str, format: str, map: str, sample: str
) -> None:
    with (FIXTURES / sample).open("rb") as stream:
        upload = Upload(stream=stream, filename=sample, format=format, source="sent", map=map)
        run = await upload_read(by=CORA, upload=upload, clock=lambda: NOW, settings=settings_for(site))
    added = (await looked(run)).sizes["added"]
    assert (added > 0, await one_value("SELECT COUNT(*) FROM listing")) == (True, 0)
    await confirmed(site, run)
    assert await one_value("SELECT COUNT(*) FROM listing WHERE status <> 'removed'") == added
    await run_take_back(by=CORA, run=run, clock=lambda: NOW, settings=settings_for(site))
    assert await one_value("SELECT COUNT(*) FROM listing WHERE status <> 'removed'") == 0


WRONG: list[tuple[dict[str, object], str, str]] = [
    ({"format": "pdf"}, "format", "missing-format"),
    ({"map": ""}, "map", "missing-map"),
    ({"format": "meeting-guide", "fellowship": "zz"}, "fellowship", "choose"),
    ({"source": "two words"}, "source", "not-a-name"),
    ({"source": ""}, "source", "missing-list"),
]


@pytest.mark.parametrize(("given", "field", "code"), WRONG)
@pytest.mark.parametrize("engine", ["sqlite"])
async def test_what_is_wrong_with_the_form_is_said_at_its_field(
    site: str, given: dict[str, object], field: str, code: str
) -> None:
    with pytest.raises(UnfitFields) as refused:
        await sent(site, STOCK, **given)  # type: ignore[arg-type]
    assert [(each.field, each.code) for each in refused.value.problems] == [(field, code)]


async def test_a_file_of_another_format_is_refused_and_leaves_nothing(site: str) -> None:
    await stocked(site)
    with pytest.raises(UnfitFields):
        await sent(site, STOCK, format="samhsa")
    with pytest.raises(UnreadableFile):
        await sent(site, STOCK, source="other", format="meeting-guide")
    assert await one_value("SELECT COUNT(*) FROM import_run") == 1
    assert await one_value("SELECT COUNT(*) FROM source WHERE name = {0}", "other") == 0
