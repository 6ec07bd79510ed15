from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from directory.services.edits import listing_edit
from directory.storage import db
from tests.factories import NOW, one_value, settings_for
from tests.test_cli import Command, command, feed

pytestmark = pytest.mark.may_block("a command runs alone in its loop")
__all__ = ["command", "feed"]  # fixtures of the other tests of the command

Feed = Callable[..., Path]
BOTH = ({}, {"slug": "two", "name": "Second Group"})


def load(command: Command, path: Path, *more: str) -> dict[str, Any]:
    ran = command("import", "meeting-guide", path, "--source", "vt", "--fellowship", "aa", "--json", *more)
    return ran.json


def inside(tmp_path: Path, work: Callable[[str], Any]) -> Any:
    """What this coroutine gives over the command's database."""
    url = f"sqlite://{tmp_path}/var/footbridge.sqlite3"

    async def run() -> Any:
        async with db.connect(url):
            return await work(url)

    return asyncio.run(run())


def test_runs_are_listed_the_newest_first_with_what_they_did(command: Command, feed: Feed) -> None:
    assert "national" in command("runs", "list").out  # the national numbers are an import like any other
    first = load(command, feed(*BOTH))
    second = load(command, feed({"time": "20:00"}, BOTH[1], {"slug": "three"}))
    ran = command("runs", "list", "--source", "vt")
    assert (ran.code, ran.err) == (0, "")
    newest, oldest = ran.out.splitlines()
    assert newest.split()[0] == str(second["run"])
    assert newest.endswith("vt  done: 1 added, 1 changed, 1 as they were, 0 taken out, 0 rejected")
    assert oldest.split()[0] == str(first["run"])
    found = command("runs", "list", "--source", "vt", "--json").json["runs"]
    assert [(run["run"], run["status"], run["added"]) for run in found] == [
        (second["run"], "done", 1),
        (first["run"], "done", 2),
    ]
    assert found[0]["origin"] == "feed.json"
    assert re.fullmatch(r"[0-9a-f]{64}", found[0]["file_sha256"])


def test_a_run_is_shown_listing_by_listing_with_before_and_after(command: Command, feed: Feed) -> None:
    load(command, feed(*BOTH))
    run = load(
        command, feed({"name": "Loud Lamp Group"}, {"slug": "x", "name": "", "location": ""}), "--allow-removals"
    )
    lines = command("runs", "show", run["run"]).out.splitlines()
    assert "by command line: " in lines[1]
    assert [line.strip() for line in lines if "name:" in line] == ['name: "Quiet Lamp Group" -> "Loud Lamp Group"']
    assert any(line.startswith("  changed: quiet-lamp-group-burlington-") for line in lines)
    assert any(line.startswith("  taken out: second-group-burlington-") for line in lines)
    assert "  line 2: no name" in lines
    found = command("runs", "show", run["run"], "--json").json
    assert {change["action"]: change["fields"] for change in found["changes"]} == {
        "change": {"name": ["Quiet Lamp Group", "Loud Lamp Group"]},
        "remove": {},
    }
    assert found["rejected"] == [{"line": 2, "reason": "no name"}]


def test_a_run_is_taken_back_once(command: Command, feed: Feed) -> None:
    load(command, feed(*BOTH))
    run = load(command, feed({"time": "20:00"}), "--allow-removals")["run"]
    ran = command("runs", "undo", run)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (
        f"Run {run} of vt is taken back: 1 listings are as they were, 0 taken out again, 1 brought back.\n"
    )
    assert load(command, feed(*BOTH), "--dry-run")["unchanged"] == 2
    again = command("runs", "undo", run)
    assert again.code == 1
    assert "taken back already" in again.complaint
    assert "undone" in command("runs", "list", "--source", "vt").out.splitlines()[0]


def test_an_undo_names_what_was_changed_since(command: Command, feed: Feed) -> None:
    load(command, feed({}))
    run = load(command, feed({"name": "Loud Lamp Group", "time": "20:00"}))["run"]
    load(command, feed({"name": "Third Lamp Group", "time": "20:00"}))
    found = command("runs", "undo", run, "--json").json
    assert (found["run"], found["source"], found["restored"]) == (run, "vt", 1)
    assert [each["field"] for each in found["kept"]] == ["name"]
    shown = command("runs", "show", run).out
    assert f"stays as it is now: name of {found['kept'][0]['slug']}" in shown


@pytest.mark.parametrize(
    ("arguments", "code", "named"),
    [
        (["runs", "show", "4711"], 2, "run 4711"),
        (["runs", "undo", "4711"], 2, "run 4711"),
        (["runs", "settle", "4711", "hand"], 2, "conflict 4711"),
    ],
)
def test_what_is_not_there_is_one_line(command: Command, arguments: list[str], code: int, named: str) -> None:
    ran = command(*arguments)
    assert (ran.code, ran.out) == (code, "")
    assert named in ran.complaint


@pytest.mark.parametrize(
    "arguments",
    [["runs"], ["runs", "moon"], ["runs", "undo"], ["runs", "undo", "last"], ["runs", "settle", "1", "both"]],
    ids=" ".join,
)
def test_wrong_use_ends_with_two_and_says_how_it_is_used(command: Command, arguments: list[str]) -> None:
    ran = command(*arguments, DATABASE_URL="sqlite://never-opened.sqlite3")
    assert (ran.code, ran.out) == (2, "")
    assert "usage: footbridge runs" in ran.err


@pytest.mark.parametrize(("keep", "name"), [("hand", "By Hand"), ("source", "Loud Lamp Group")])
def test_a_conflict_is_listed_and_settled(command: Command, feed: Feed, tmp_path: Path, keep: str, name: str) -> None:
    load(command, feed({}))
    assert command("runs", "conflicts").out == "There is nothing to settle.\n"

    async def edit(url: str) -> None:
        slug = await one_value("SELECT slug FROM listing WHERE source_key = 'lamp'")
        given = {"by": "robin", "reason": None, "clock": lambda: NOW, "settings": settings_for(url)}
        await listing_edit(slug=slug, values={"name": "By Hand"}, **given)

    inside(tmp_path, edit)
    load(command, feed({"name": "Loud Lamp Group"}))
    (found,) = command("runs", "conflicts", "--json").json["conflicts"]
    assert (found["field"], found["hand_value"], found["source_value"]) == ("name", "By Hand", "Loud Lamp Group")
    told = command("runs", "conflicts").out
    assert json.dumps("By Hand") in told
    assert command("runs", "settle", found["id"], keep).code == 0
    assert inside(tmp_path, lambda _: one_value("SELECT name FROM listing WHERE source_key = 'lamp'")) == name
    assert command("runs", "conflicts", "--json").json == {"conflicts": []}


def test_the_next_command_finishes_what_a_dead_one_left_and_says_so(
    command: Command, feed: Feed, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    run = load(command, feed({}))["run"]

    async def stop(_: str) -> None:
        await db.execute(f"UPDATE import_run SET status = 'applying' WHERE id = {run}")

    inside(tmp_path, stop)
    assert "vt  done" in command("runs", "list", "--source", "vt").out
    assert f"import run {run} of source vt had been cut short: it is now finished" in caplog.text
