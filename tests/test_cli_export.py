"""The command `export`: into a file that is whole or not there, or to the standard output."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from directory import cli
from directory.storage import db
from tests.conftest import RUN
from tests.factories import draft, import_drafts, seeded_template

pytestmark = pytest.mark.may_block("a command runs alone in its loop")

ROOT = Path(__file__).parents[1]
Export = Callable[..., tuple[int, str, str]]


@pytest.fixture
def database(tmp_path: Path) -> str:
    """A database that has had all of `seeds/`, with three listings beside the national numbers."""
    path = tmp_path / "footbridge.sqlite3"
    path.write_bytes(seeded_template(Path(os.environ[RUN])).read_bytes())
    url = f"sqlite://{path}"

    async def fill() -> None:
        async with db.connect(url):
            await import_drafts(url, [draft("a"), draft("b", name="Émile's"), draft("c", kind="food")], "vt")

    asyncio.run(fill())
    return url


@pytest.fixture
def export(database: str, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]) -> Export:
    """Runs the command in this process."""
    monkeypatch.setenv("DIRECTORY_DATABASE_URL", database)

    def run(*arguments: object) -> tuple[int, str, str]:
        code = cli.main(["export", *map(str, arguments)])
        captured = capsysbinary.readouterr()
        return code, captured.out.decode(), captured.err.decode()

    return run


def test_without_a_file_it_goes_to_standard_output_and_what_is_said_to_standard_error(export: Export) -> None:
    code, out, err = export("csv", "--source", "vt")
    assert (code, err) == (0, "3 active listings read.\n")
    rows = list(csv.DictReader(io.StringIO(out.removeprefix("\ufeff"), newline="")))
    assert [row["name"] for row in rows] == ["Émile's", "Quiet Lamp Group", "Quiet Lamp Group"]


def test_a_file_holds_the_same_bytes_and_nothing_is_left_beside_it(export: Export, tmp_path: Path) -> None:
    out = tmp_path / "out" / "list.json"
    out.parent.mkdir()
    code, nothing, err = export("meeting-guide", "--out", out)
    assert (code, nothing) == (0, "")
    assert "left out, no meetings: " in err
    assert [meeting["name"] for meeting in json.loads(out.read_bytes())] == ["Émile's", "Quiet Lamp Group"]
    assert out.read_text(encoding="utf-8") == export("meeting-guide")[1]
    assert list(out.parent.iterdir()) == [out]


def test_an_old_file_is_replaced_with_its_rights_and_a_link_stays_a_link(export: Export, tmp_path: Path) -> None:
    out, link = tmp_path / "list.geojson", tmp_path / "link.geojson"
    out.write_text("old", encoding="utf-8")
    out.chmod(0o640)
    link.symlink_to(out)
    assert export("geojson", "--out", link)[0] == 0
    assert link.is_symlink()
    assert json.loads(out.read_bytes())["type"] == "FeatureCollection"
    assert out.stat().st_mode & 0o777 == 0o640


def test_fellowships_whose_codes_differ_are_named_and_one_can_be_chosen(export: Export, database: str) -> None:
    async def fill() -> None:
        async with db.connect(database):
            await import_drafts(database, [draft("n", program="na")], "na")

    asyncio.run(fill())
    _, out, err = export("meeting-guide")
    assert len(json.loads(out)) == 3
    assert "aa, na" in err
    assert "--fellowship" in err
    _, out, err = export("meeting-guide", "--fellowship", "na")
    assert len(json.loads(out)) == 1
    assert "left out, of another fellowship: 2" in err


@pytest.mark.parametrize("place", ["no/such/folder/list.csv", "."])
def test_a_place_that_cannot_be_written_to_is_one_line(export: Export, tmp_path: Path, place: str) -> None:
    code, out, err = export("csv", "--out", tmp_path / place)
    assert (code, out) == (1, "")
    assert len(err.splitlines()) == 1
    assert err.startswith("footbridge: ")


def test_an_export_that_goes_wrong_leaves_the_old_file_and_no_other(
    export: Export, tmp_path: Path, database: str
) -> None:
    out = tmp_path / "there" / "list.csv"
    out.parent.mkdir()
    out.write_text("old", encoding="utf-8")

    async def spoil() -> None:
        async with db.connect(database), db.transaction():
            await db.execute("UPDATE listing SET phones = 'no JSON' WHERE source_key = 'a'")

    asyncio.run(spoil())
    with pytest.raises(json.JSONDecodeError):
        export("csv", "--out", out)
    assert out.read_text(encoding="utf-8") == "old"
    assert list(out.parent.iterdir()) == [out]


def test_an_export_that_is_killed_leaves_the_old_file_as_it_was(tmp_path: Path) -> None:
    """A process of its own that is killed while it writes."""
    out = tmp_path / "list.csv"
    out.write_text("old", encoding="utf-8")
    program = (
        "import sys, time\n"
        "from directory.cli_export import _target\n"
        "from pathlib import Path\n"
        "with _target(Path(sys.argv[1])) as file:\n"
        "    file.write(b'half')\n"
        "    file.flush()\n"
        "    print('writing', flush=True)\n"
        "    time.sleep(60)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    pipes = {"stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", program, str(out)], env=environment, **pipes) as process:  # type: ignore[call-overload]
        assert process.stdout.readline() == "writing\n"
        process.send_signal(signal.SIGKILL)
    assert out.read_text(encoding="utf-8") == "old"
    (left,) = [path for path in tmp_path.iterdir() if path != out]
    assert (left.name.startswith(".list.csv."), left.read_text(encoding="utf-8")) == (True, "half")


def test_a_reader_that_has_seen_enough_ends_it_with_one_line(export: Export, monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w", encoding="utf-8") as out:
        monkeypatch.setattr(sys, "stdout", out)
        code, _, err = export("csv")
    assert (code, err) == (1, "footbridge: whoever reads the export has stopped reading\n")
