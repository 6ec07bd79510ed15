"""`footbridge waitlist import`, as an operator meets it on the day on which an agency leaves its spreadsheet."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from directory import cli
from directory.storage import db
from tests.accounts import NOW
from tests.services.waitlist import world

pytestmark = pytest.mark.may_block("a command runs alone in its loop")

Command = Callable[..., tuple[int, str, str]]
TABLE = "called,phone,requested,line\nAna Secret,775-555-0100,2026-01-05,\nBen,,soon,\nCal,,2026-01-06,Elsewhere\n"


@pytest.fixture
def names(database_url: str) -> tuple[str, str]:
    """The names of an agency and of its line."""

    async def made() -> tuple[str, str]:
        async with db.connect(database_url):
            here = await world.made()
            (agency,) = await db.rows(f"SELECT name FROM agency WHERE id = {here.agency}")
            (pool,) = await db.rows(f"SELECT name FROM pool WHERE id = {here.pool}")
            return agency["name"], pool["name"]

    return asyncio.run(made())


@pytest.fixture
def command(
    database_url: str,
    names: tuple[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Command:
    """Runs the command on a file with this text: its exit code, and what it wrote to standard output and standard error."""
    clock = tmp_path / "clock"
    clock.write_text(NOW.isoformat(), encoding="ascii")
    settings = {"DATABASE_URL": database_url, "BASE_URL": "https://help.example.org", "CLOCK": str(clock)}
    agency, line = names

    def run(text: str, *arguments: str) -> tuple[int, str, str]:
        path = tmp_path / "people.csv"
        path.write_text(text, encoding="utf-8")
        given = ["--agency", agency, "--line", line, *arguments]
        with monkeypatch.context() as patch:
            for name, value in settings.items():
                patch.setenv(f"DIRECTORY_{name}", value)
            try:
                code = cli.main(["waitlist", "import", str(path), *given])
            except SystemExit as end:
                code = int(end.code or 0)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


@pytest.fixture
def engine() -> str:
    """The service is tested on both engines; here one is enough."""
    return "sqlite"


def test_a_file_is_reported_row_by_row_without_a_word_about_anybody(command: Command, names: tuple[str, str]) -> None:
    agency, line = names
    code, out, err = command(TABLE)
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "Read 3 rows of people.csv: 1 person, 2 turned away.",
        f"  {line}: 1",
        "  line 3: the day of the request is no date",
        "  line 4: no line of this agency is called so",
        f"Nobody is in a line yet: a coordinator of {agency} says yes or no at https://help.example.org/line-imports/1",
    ]
    code, out, err = command(TABLE)
    assert (code, out) == (1, "")
    assert "read before, as import 1: it waits for a coordinator. Nothing was done twice." in err


def test_a_program_gets_one_object(command: Command, names: tuple[str, str]) -> None:
    code, out, _ = command(TABLE, "--json", "--dry-run")
    told = json.loads(out)
    assert code == 0
    assert (told["import"], told["dry_run"], told["read"], told["accepted"]) == (None, True, 3, 1)
    assert told["rejected"][0] == {"line": 3, "reason": "the day of the request is no date"}
    code, out, _ = command("nothing\n", "--json")
    assert (code, json.loads(out)["error"]) == (1, "the first row does not have the columns: missing: requested")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--agency", "Nobody"), 1, "no open peer agency is called 'Nobody'"),
        (("--line", "Nothing"), 1, "no open line of this agency is called 'Nothing'"),
        (("--map", "nothing.toml"), 2, "cannot read the map nothing.toml"),
    ],
)
def test_what_is_wrong_is_one_line(command: Command, arguments: tuple[str, ...], code: int, said: str) -> None:
    found, out, err = command(TABLE, *arguments)
    assert (found, out) == (code, "")
    assert said in err
    assert len(err.splitlines()) == 1


def test_a_map_that_cannot_be_used_is_wrong_use(command: Command, tmp_path: Path) -> None:
    path = tmp_path / "map.toml"
    path.write_text('[columns]\nname = "called"\n', encoding="utf-8")
    code, _, err = command(TABLE, "--map", str(path))
    assert code == 2
    assert "cannot be used: columns: no requested" in err


def test_help_names_the_columns(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["waitlist", "import", "--help"])
    assert "'requested' is the day of" in " ".join(capsys.readouterr().out.split())
