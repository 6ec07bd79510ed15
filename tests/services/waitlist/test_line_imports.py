"""Today's spreadsheet: read row by row, agreed to once, put in whole, however often it is begun and wherever it is cut off."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest

from directory.domain.errors import NotFound, UnreadableFile
from directory.formats.waitlist_map import LineMap
from directory.services.sealing import opened, seal
from directory.services.tasks import tasks_list
from directory.services.waitlist import board, line_imports, search, settling
from directory.services.waitlist.board import ALL, Filters
from directory.services.waitlist.line_imports import NoSuchLine, ReadBefore, Report
from directory.services.waitlist.settling import OwnWord
from directory.storage import db
from directory.storage.waitlist import checks, status
from tests.accounts import SETTINGS
from tests.services.waitlist import world
from tests.services.waitlist.world import NOW, World

HEADER = "called,name,born,phone,email,requested,line,note,pregnant,injecting-30d"
ANA = "Ana,Ana Reed,1990-05-01,775-555-0100,ana@example.org,2026-01-05,,Ring twice,,yes"
BEN = "Ben,Ben Marsh,,775-555-0101,,2026-02-20 09:30,,,,no"


def csv(*rows: str, header: str = HEADER) -> BytesIO:
    return BytesIO("\r\n".join((header, *rows, "")).encode())


async def names(made: World) -> tuple[str, str]:
    (agency,) = await db.rows(f"SELECT name FROM agency WHERE id = {made.agency}")
    (pool,) = await db.rows(f"SELECT name FROM pool WHERE id = {made.pool}")
    return agency["name"], pool["name"]


async def read(made: World, *rows: str, header: str = HEADER, **more: Any) -> Report:
    agency, line = await names(made)
    given = {
        "agency": agency,
        "line": line,
        "layout": None,
        "by": "command line: test",
        "now": NOW,
        "file": "people.csv",
    }
    return await line_imports.import_read(stream=csv(*rows, header=header), settings=SETTINGS, **given | more)


async def agreed(made: World, id: int, *, now: datetime = NOW) -> str:
    word = await line_imports.import_show(id=id, by=made.coordinator, now=now, settings=SETTINGS)
    assert word.row.word is not None
    return await settling.word_settle(id=word.row.word, agreed=True, by=made.coordinator, now=now, settings=SETTINGS)


async def put_in(made: World, *rows: str) -> int:
    report = await read(made, *rows)
    assert report.id is not None
    assert await agreed(made, report.id) == "agreed"
    await line_imports.imports_continue(now=NOW, settings=SETTINGS)
    return report.id


async def entries(made: World) -> list[dict[str, Any]]:
    return await db.rows(f"SELECT * FROM entry WHERE pool_id = {made.pool} ORDER BY id")


async def reason(made: World, row: str, header: str = HEADER, **more: Any) -> str:
    (turned,) = (await read(made, row, header=header, **more)).read.turned
    return str(turned["reason"])


async def sealed_again(id: int, rows: list[dict[str, Any]]) -> None:
    """Has a file hold these rows."""
    sql = db.Sql()
    text = f"UPDATE line_import SET sealed = {sql(seal({'rows': rows, 'turned': []}, SETTINGS))} WHERE id = {sql(id)}"
    async with db.staging():
        await db.execute(text, sql.values)


# --- reading ---------------------------------------------------------------------------------------------------------


async def test_a_file_is_read_row_by_row_and_nobody_is_in_a_line_before_a_coordinator_agrees(database: str) -> None:
    made = await world.made()
    _, line = await names(made)
    report = await read(made, ANA, BEN, ",,,,,2026-01-05,,,,", "Cal,,,,,soon,,,,")
    assert report.as_json() == {
        "import": report.id,
        "agency": report.agency,
        "file": "people.csv",
        "dry_run": False,
        "read": 4,
        "accepted": 2,
        "lines": {line: 2},
        "first_request": "2026-01-05",
        "last_request": "2026-02-20",
        "rejected": [
            {"line": 4, "reason": "no name"},
            {"line": 5, "reason": "the day of the request is no date"},
        ],
    }
    assert await line_imports.imports_continue(now=NOW, settings=SETTINGS) == 0
    assert await entries(made) == []
    assert await line_imports.line_imports_waiting(by=made.coordinator, now=NOW) == 1


async def test_nothing_of_a_row_lies_open_anywhere(database: str) -> None:
    made = await world.made()
    await put_in(made, ANA, "Nina Heron,,,,,soon,,Secret,,")
    tables = (
        "line_import",
        "second_word",
        "client",
        "client_key",
        "contact_route",
        "audit_entry",
        "access_entry",
        "entry_event",
    )
    stored = json.dumps([await db.rows(f"SELECT * FROM {table}") for table in tables], default=str)
    for word in ("Reed", "775-555-0100", "ana@example.org", "Ring twice", "1990-05-01", "Heron", "Secret"):
        assert word not in stored, word


async def test_a_trial_keeps_nothing(database: str) -> None:
    made = await world.made()
    report = await read(made, ANA, dry_run=True)
    assert (report.id, report.as_json()["accepted"]) == (None, 1)
    assert await db.rows("SELECT id FROM line_import") == []
    assert await db.rows("SELECT id FROM second_word") == []


@pytest.mark.parametrize(
    ("row", "reason_"),
    [
        ("Ana,,,,,,,,,", "no day of the request"),
        ("Ana,,,,,2026-02-30,,,,", "the day of the request is no date"),
        ("Ana,,,,,2026-03-03,,,,", "the day of the request is still to come"),
        ("Ana,,,,,2016-03-03,,,,", "the day of the request is more than 5 years ago"),
        ("Ana,,2030-01-01,,,2026-01-05,,,,", "the birth date cannot be right"),
        ("Ana,,May,,,2026-01-05,,,,", "the birth date is no date"),
        ("Ana,,,12,,2026-01-05,,,,", "the telephone number lacks its area code"),
        ("Ana,,,,nobody,2026-01-05,,,,", "the e-mail address is none"),
        ("Ana,,,,,2026-01-05,Other line,,,", "no line of this agency is called so"),
        ("Ana,,,,,2026-01-05,,,maybe,", "what it says cannot be read: pregnant"),
        (f"Ana,,,,,2026-01-05,,{'n' * 501},,", "too long: note"),
    ],
)
async def test_a_row_that_cannot_be_taken_says_why_and_not_what_stood_there(
    database: str, row: str, reason_: str
) -> None:
    made = await world.made()
    assert await reason(made, row) == reason_


async def test_the_same_person_twice_in_a_file_is_put_in_once(database: str) -> None:
    made = await world.made()
    report = await read(
        made, ANA, "Ana,REED Ana,1990-05-01,,,2026-02-01,,,,", "Ana,Ana Reed,1991-01-01,,,2026-02-01,,,,"
    )
    assert [(each["line"], each["reason"]) for each in report.read.turned] == [(3, "the same person as in line 2")]
    assert len(report.read.rows) == 2, "another birth date is somebody else"


async def test_the_same_file_is_read_once_and_told_kindly_where_it_stands(database: str) -> None:
    made = await world.made()
    first = await read(made, ANA)
    for state in ("waiting", "agreed", "done"):
        with pytest.raises(ReadBefore) as before:
            await read(made, ANA)
        assert (before.value.id, before.value.state) == (first.id, state)
        if state == "waiting":
            assert first.id is not None
            await agreed(made, first.id)
        else:
            await line_imports.imports_continue(now=NOW, settings=SETTINGS)
    assert len(await entries(made)) == 1


async def test_a_file_that_was_refused_is_forgotten_and_may_come_again(database: str) -> None:
    made = await world.made()
    first = await read(made, ANA)
    assert first.id is not None
    shown = await line_imports.import_show(id=first.id, by=made.coordinator, now=NOW, settings=SETTINGS)
    assert shown.row.word is not None
    await settling.word_settle(id=shown.row.word, agreed=False, by=made.coordinator, now=NOW, settings=SETTINGS)
    await line_imports.imports_continue(now=NOW, settings=SETTINGS)
    again = await line_imports.import_show(id=first.id, by=made.coordinator, now=NOW, settings=SETTINGS)
    assert (again.row.status, again.row.sealed, again.rows) == ("refused", None, ())
    assert (await read(made, ANA)).id != first.id
    assert await entries(made) == []


@pytest.mark.parametrize(("agency", "line", "what"), [("Nobody", "", "agency"), ("", "Nothing", "line")])
async def test_an_agency_or_a_line_that_there_is_not_is_named(database: str, agency: str, line: str, what: str) -> None:
    made = await world.made()
    more = ({"agency": agency} if agency else {}) | ({"line": line} if line else {})
    with pytest.raises(NoSuchLine) as missing:
        await read(made, ANA, **more)
    assert missing.value.what == what


async def test_a_file_without_the_columns_of_its_map_is_another_file(database: str) -> None:
    made = await world.made()
    with pytest.raises(UnreadableFile) as error:
        await read(made, ANA, layout=LineMap({"name": ("Client",), "requested": ("Called on",)}))
    assert (error.value.reason, error.value.detail) == ("no-header", "missing: Client, Called on")
    assert await db.rows("SELECT id FROM line_import") == []


async def test_a_map_says_what_columns_and_cells_mean(database: str) -> None:
    made = await world.made()
    _, line = await names(made)
    layout = LineMap(
        {"name": ("First", "Last"), "requested": ("Called on",), "line": ("For",)},
        {"injecting-30d": "IV", "sex": "Sex"},
        {"det": line},
        {"sex": {"f": "female"}},
        dates="mdy",
    )
    row = "Ana,Reed,1/5/26 2:30 PM,DET,X,F,whatever"
    report = await read(made, row, header="First,Last,Called on,For,IV,Sex,Other", layout=layout, line="")
    (found,) = report.read.rows
    assert (found["called"], found["name"], found["requested_at"]) == ("Ana", "Ana Reed", "2026-01-05T14:30:00+00:00")
    assert found["facts"] == [("injecting-30d", "yes"), ("sex", "female")]


# --- putting in ------------------------------------------------------------------------------------------------------


async def test_people_keep_the_day_on_which_they_asked_and_the_tier_of_what_the_file_says(database: str) -> None:
    """45 CFR 96.126(c), 96.131(a); WAITLIST 1.1: the clock of the old list goes on."""
    made = await world.made()
    id = await put_in(made, ANA, BEN)
    found = [(db.as_moment(row["requested_at"]), row["tier"], row["status"]) for row in await entries(made)]
    assert found == [
        (datetime(2026, 1, 5, 12, 0, tzinfo=UTC), 3, "waiting"),
        (datetime(2026, 2, 20, 9, 30, tzinfo=UTC), 9, "waiting"),
    ]
    shown = await search.client_search(words="reed", by=made.peer, now=NOW, settings=SETTINGS)
    assert [(hit.called, hit.name) for hit in shown.hits] == [("Ana", "Ana Reed")]
    board_ = await board.board_show(filters=Filters(whose=ALL), by=made.peer, now=NOW, settings=SETTINGS)
    assert {card.called for card in board_.cards} == {"Ana", "Ben"}
    told = [await status.place_told(row["id"]) for row in await entries(made)]
    assert [each is not None and each.standing is not None for each in told] == [True, True], "at once, as who joins"
    (row,) = await db.rows(f"SELECT status, sealed, done_rows FROM line_import WHERE id = {id}")
    assert (row["status"], row["sealed"], row["done_rows"]) == ("done", None, 2)
    assert await checks.broken() == {}


async def test_one_audit_entry_is_written_for_each_person_and_one_for_the_run(database: str) -> None:
    made = await world.made()
    await put_in(made, ANA, BEN)
    rows = await db.rows(f"SELECT action, by FROM audit_entry WHERE chain = 'agency {made.agency}' ORDER BY seq")
    assert [row["action"] for row in rows] == [
        "line-import-read",
        "word-asked",
        "word-agreed",
        "entry-joined",
        "entry-joined",
        "line-import-done",
    ]
    assert {row["by"] for row in rows[2:]} == {made.coordinator.label}


async def test_whoever_may_be_somebody_who_waits_already_goes_to_a_coordinator(database: str) -> None:
    made = await world.made()
    await put_in(made, ANA)
    await put_in(made, f"{ANA},", "Dee,Dee Sand,,775-555-0109,,2026-02-01,,,,")
    assert len(await db.rows("SELECT id FROM client_pair WHERE status = 'open'")) == 1
    assert len(await entries(made)) == 3, "nobody is left out"


async def test_what_is_cut_off_in_the_middle_goes_on_where_it_was(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await world.made()
    report = await read(made, *(f"Ana {number},,,,,2026-01-{number + 1:02},,,," for number in range(9)))
    assert report.id is not None
    await agreed(made, report.id)
    monkeypatch.setattr(line_imports, "CHUNK", 2)
    (row,) = await db.rows(f"SELECT sealed FROM line_import WHERE id = {report.id}")
    rows = opened(row["sealed"], SETTINGS)["rows"]
    await sealed_again(report.id, [*rows[:5], rows[5] | {"requested_at": "soon"}, *rows[6:]])
    with pytest.raises(ValueError, match="soon"):
        await line_imports.imports_continue(now=NOW, settings=SETTINGS)
    assert len(await entries(made)) == 4, "whole chunks alone"
    await sealed_again(report.id, rows)
    assert await line_imports.imports_continue(now=NOW, settings=SETTINGS) == 5
    found = [db.as_moment(row["requested_at"]).day for row in await entries(made)]
    assert sorted(found) == list(range(1, 10))
    assert await line_imports.imports_continue(now=NOW, settings=SETTINGS) == 0


async def test_rows_whose_line_was_closed_meanwhile_are_turned_away_and_kept(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """WAITLIST 3.1: nobody is left standing in a line that is closed."""
    made = await world.made()
    report = await read(made, ANA, BEN, "Cal,,,,,soon,,,,")
    assert report.id is not None
    await agreed(made, report.id)
    await db.execute(f"UPDATE pool SET closed_at = created_at WHERE id = {made.pool}")
    monkeypatch.setattr(line_imports, "CHUNK", 1)
    assert await line_imports.imports_continue(now=NOW, settings=SETTINGS) == 0
    assert await entries(made) == []
    shown = await line_imports.import_show(id=report.id, by=made.coordinator, now=NOW, settings=SETTINGS)
    assert (shown.row.status, shown.row.report["accepted"]) == ("done", 0)
    assert shown.row.report["lines"] == {}, "the figures of the lines say the same"
    assert [each["reason"] for each in shown.row.report["rejected"]][1:] == ["the line is closed"] * 2
    assert [each["line"] for each in shown.turned] == [4, 2, 3]
    assert ["called", "Ana"] in shown.turned[1]["cells"]


async def test_two_workers_at_once_put_everybody_in_once(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made = await world.made()
    report = await read(made, *(f"Ana {number},,,,,2026-01-{number + 1:02},,,," for number in range(9)))
    assert report.id is not None
    await agreed(made, report.id)
    monkeypatch.setattr(line_imports, "CHUNK", 2)
    both = (line_imports.imports_continue(now=NOW, settings=SETTINGS) for _ in range(2))
    assert sum(await asyncio.gather(*both)) == 9
    assert len(await entries(made)) == 9
    done = await db.rows(
        f"SELECT id FROM audit_entry WHERE action = 'line-import-done' AND subject = 'line import {report.id}'"
    )
    assert len(done) <= 1
    await line_imports.imports_continue(now=NOW, settings=SETTINGS)
    (row,) = await db.rows(f"SELECT status FROM line_import WHERE id = {report.id}")
    assert row["status"] == "done"


# --- who may ---------------------------------------------------------------------------------------------------------


async def test_whoever_has_sent_a_file_does_not_agree_to_it(database: str) -> None:
    made = await world.made()
    report = await read(made, ANA, by=made.coordinator.label)
    assert report.id is not None
    with pytest.raises(OwnWord):
        await agreed(made, report.id)
    assert await line_imports.line_imports_waiting(by=made.coordinator, now=NOW) == 0


async def test_coordinators_of_another_agency_see_no_file(database: str) -> None:
    made, other = await world.made(), await world.made()
    report = await read(made, ANA)
    assert report.id is not None
    with pytest.raises(NotFound):
        await line_imports.import_show(id=report.id, by=other.coordinator, now=NOW, settings=SETTINGS)
    assert await line_imports.imports_list(by=other.coordinator, now=NOW) == []
    (own,) = await line_imports.imports_list(by=made.coordinator, now=NOW + timedelta(hours=1))
    assert own.id == report.id


async def test_a_list_whose_seal_does_not_open_asks_for_a_look_and_holds_up_no_other(database: str) -> None:
    made = await world.made()
    locked, other = await read(made, ANA), await read(made, BEN)
    assert locked.id
    assert other.id
    for id in (locked.id, other.id):
        await agreed(made, id)
    (row,) = await db.rows(f"SELECT sealed FROM line_import WHERE id = {locked.id}")
    another = replace(SETTINGS, secret="another secret that is long enough for it")
    await sealed_with(locked.id, seal({"rows": []}, another))
    for _ in range(2):
        await line_imports.imports_continue(now=NOW, settings=SETTINGS)
    assert len(await entries(made)) == 1
    (task,) = await db.rows("SELECT kind, agency_id, address FROM task WHERE done_at IS NULL")
    assert dict(task) == {
        "kind": "line-import-unread",
        "agency_id": made.agency,
        "address": f"/line-imports/{locked.id}",
    }
    assert [each.kind for each in (await tasks_list(by=made.coordinator, now=NOW))[0]] == ["line-import-unread"]
    shown = await line_imports.import_show(id=locked.id, by=made.coordinator, now=NOW, settings=SETTINGS)
    assert shown.row.status == "unread"

    await sealed_with(locked.id, row["sealed"])
    assert await line_imports.imports_continue(now=NOW, settings=SETTINGS) == 1
    assert len(await entries(made)) == 2
    assert await db.rows("SELECT id FROM task WHERE done_at IS NULL") == []


async def sealed_with(id: int, sealed: str) -> None:
    sql = db.Sql()
    await db.execute(f"UPDATE line_import SET sealed = {sql(sealed)} WHERE id = {sql(id)}", sql.values)
