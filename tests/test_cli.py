from __future__ import annotations

import asyncio
import json
import os
import re
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from directory import __version__, cli
from directory.domain.corrections import Remark
from directory.services.corrections import correction_add
from directory.services.readers import FORMATS
from directory.storage import db
from tests.conftest import RUN
from tests.factories import NOW, draft, import_drafts, one_value, seeded_template, seeds_copied, snapshot
from tests.feed_host import Host, serving
from tests.services.test_real_files import LISTS, burlington, right_programs

pytestmark = pytest.mark.may_block("a command runs alone in its loop")

ROOT = Path(__file__).parents[1]
COMMANDS = ("serve", "migrate", "seed", "import", "feeds", "export", "search", "corrections")
KEYS = ["run", "source", "format", "dry_run", "added", "changed", "unchanged", "removed", "rejected", "warnings"]
MEETING = {
    "slug": "lamp", "name": "Quiet Lamp Group", "day": 1, "time": "19:00", "types": ["O"], "latitude": 44.48, "longitude": -73.21,
    "formatted_address": "12 Heron Street, Burlington, VT 05401, USA",
}  # fmt: skip


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found

    @property
    def complaint(self) -> str:
        """The one line that says what is wrong."""
        (line,) = self.err.strip().splitlines()
        assert line.startswith("footbridge: ")
        return line


Command = Callable[..., Ran]


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs the command in this process, over a database that has had all of `seeds/` unless another is given."""
    path = tmp_path / "var" / "footbridge.sqlite3"

    def run(*arguments: object, **environment: str) -> Ran:
        if "DATABASE_URL" not in environment and not path.exists():
            path.parent.mkdir()
            path.write_bytes(seeded_template(Path(os.environ[RUN])).read_bytes())
        with monkeypatch.context() as patch:
            for name, value in {"DATABASE_URL": f"sqlite://{path}", **environment}.items():
                patch.setenv(f"DIRECTORY_{name}", value)
            try:
                code = cli.main([str(argument) for argument in arguments])
            except SystemExit as end:
                code = int(end.code or 0)
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    return run


@pytest.fixture
def feed(tmp_path: Path) -> Callable[..., Path]:
    """Writes a Meeting Guide file of such meetings."""

    def write(*changes: dict[str, Any], name: str = "feed.json") -> Path:
        path = tmp_path / name
        path.write_text(json.dumps([MEETING | change for change in changes]), encoding="utf-8")
        return path

    return write


def state_of(tmp_path: Path) -> dict[str, Any]:
    """Every row of the command's database."""

    async def read() -> dict[str, Any]:
        async with db.connect(f"sqlite://{tmp_path}/var/footbridge.sqlite3"):
            return await snapshot(without=("place", "code"))

    return asyncio.run(read())


# --- wrong use -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_every_command_explains_itself(command: Command, name: str) -> None:
    ran = command(*filter(None, [name, "--help"]), DATABASE_URL="sqlite://never-opened.sqlite3")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"usage: footbridge {name}".strip())
    if not name:
        assert all(each in ran.out for each in COMMANDS)
    assert not Path("never-opened.sqlite3").exists()


def test_the_version_is_that_of_the_package(command: Command) -> None:
    assert command("--version", DATABASE_URL="sqlite://never-opened.sqlite3").out == f"footbridge {__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["moon"],
        ["import"],
        ["import", "moon", "x.json", "--source", "x"],
        ["import", "meeting-guide", "x.json"],
        ["import", "meeting-guide", "x.json", "--source", "x", "--fellowship", "moon"],
        ["import", "meeting-guide", "x.json", "--source", "x", "--moon"],
        ["import", "meeting-guide", "x.json", "--source", "x", "--match-by", "moon"],
        ["import", "meeting-guide", "https://x.example.org", "--source", "x", "--every", "daily"],
        ["import", "meeting-guide", "https://x.example.org", "--source", "x", "--every", "-1"],
        ["import", "meeting-guide", "https://x.example.org", "--source", "x", "--every", "8761"],
        ["export"],
        ["export", "moon"],
        ["export", "csv", "--source", "no such name!"],
        ["seed", "--demo", "--remove-demo"],
        ["search", "--kind", "moon"],
        ["serve", "--port", "eighty"],
    ],
    ids=" ".join,
)
def test_wrong_use_ends_with_two_and_says_how_it_is_used(command: Command, arguments: list[str]) -> None:
    ran = command(*arguments, DATABASE_URL="sqlite://never-opened.sqlite3")
    assert ran.code == 2
    assert "usage: footbridge" in ran.err
    assert ran.out == ""


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["search", "--within", "5000", "--near", "05401"], "--within"),
        (["search", "--within", "near"], "--within"),
        (["search", "--page", "0"], "--page"),
        (["search", "--near", "Burlingtn, VT"], "Burlington, VT"),
        (["search", "--near", "99998"], "99998"),
        (["import", "samhsa", "x.csv", "--source", "x", "--every", "24"], "--every"),
        (
            ["import", "samhsa", "https://list.example.org/x.csv", "--source", "x", "--every", "24", "--dry-run"],
            "--dry-run",
        ),
        (["import", "samhsa", "x.csv", "--source", "x", "--fellowship", "aa"], "--fellowship"),
        (["import", "samhsa", "x.csv", "--source", "x", "--map", "x.toml"], "--map"),
        (["import", "csv", "x.csv", "--source", "x"], "--map"),
        (["import", "csv", "x.csv", "--source", "x", "--map", "no-such-map.toml"], "no-such-map.toml"),
        (["export", "csv", "--source", "nobody"], "nobody"),
        (["export", "csv", "--fellowship", "aa"], "--fellowship"),
    ],
)
def test_what_cannot_be_asked_for_ends_with_two_and_one_line(
    command: Command, arguments: list[str], named: str
) -> None:
    ran = command(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert named in ran.complaint


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"ENV": "production"}, "DIRECTORY_SECRET"),
        ({"ENV": "moon"}, "DIRECTORY_ENV"),
        ({"TIMEZONE": "Mars/Olympus"}, "DIRECTORY_TIMEZONE"),
        ({"DATABASE_URL": "mysql://x"}, "DIRECTORY_DATABASE_URL"),
        ({"CLOCK": "no/such/file"}, "DIRECTORY_CLOCK"),
    ],
)
@pytest.mark.parametrize("arguments", [["migrate"], ["search", "lamp"], ["serve"]], ids=" ".join)
def test_a_setting_that_cannot_be_used_stops_every_command_with_one_line(
    command: Command, arguments: list[str], environment: dict[str, str], named: str
) -> None:
    ran = command(*arguments, **{"DATABASE_URL": "sqlite://never-opened.sqlite3", **environment})
    assert (ran.code, ran.out) == (1, "")
    assert named in ran.complaint
    assert not Path("never-opened.sqlite3").exists()


@pytest.mark.parametrize("url", ["postgres://nobody@127.0.0.1:1/nothing", "sqlite:///proc/nothing/x.sqlite3"])
def test_a_database_that_cannot_be_reached_is_one_line(command: Command, url: str) -> None:
    ran = command("search", "lamp", DATABASE_URL=url)
    assert (ran.code, ran.out) == (1, "")
    assert ran.complaint


# --- import ----------------------------------------------------------------------------------------------------------


def test_an_import_prints_the_object_of_the_contract_and_nothing_else(
    command: Command, feed: Callable[..., Path]
) -> None:
    path = feed({}, {"slug": "two", "types": ["ASBI"]}, {"slug": "three", "name": "", "location": ""}, {"slug": "lamp"})
    ran = command("import", "meeting-guide", path, "--source", "vt", "--fellowship", "aa", "--json")
    assert (ran.code, ran.err) == (0, "")
    assert list(ran.json) == KEYS
    assert [ran.json[name] for name in ("source", "format", "dry_run", "added", "changed", "unchanged", "removed")] == [
        "vt", "meeting-guide", False, 2, 0, 0, 0,
    ]  # fmt: skip
    assert isinstance(ran.json["run"], int)
    assert [(row["line"], set(row)) for row in ran.json["rejected"]] == [
        (3, {"line", "reason"}),
        (4, {"line", "reason"}),
    ]
    assert "line 1" in ran.json["rejected"][1]["reason"]
    assert any("ASBI" in warning for warning in ran.json["warnings"])


def test_an_import_tells_a_person_what_it_did(command: Command, feed: Callable[..., Path]) -> None:
    path = feed({}, {"slug": "three", "name": "", "location": ""})
    ran = command("import", "meeting-guide", path, "--source", "vt", "--fellowship", "aa")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines()[0] == "vt: 2 records read; 1 added, 0 changed, 0 as they were, 0 taken out, 1 rejected."
    assert "line 2: no name" in ran.out
    again = command("import", "meeting-guide", path, "--source", "vt", "--dry-run")
    assert "1 as they were" in again.out


def test_a_source_keeps_its_fellowship_and_its_format(
    command: Command, feed: Callable[..., Path], tmp_path: Path
) -> None:
    path = feed({"types": ["O"]})
    assert command("import", "meeting-guide", path, "--source", "vt", "--fellowship", "al-anon").code == 0
    again = command("import", "meeting-guide", path, "--source", "vt", "--json").json
    assert (again["changed"], again["unchanged"]) == (0, 1)
    other = command("import", "samhsa", path, "--source", "vt")
    assert other.code == 2
    assert "meeting-guide" in other.complaint


def test_a_trial_and_a_part_do_what_they_say(command: Command, feed: Callable[..., Path], tmp_path: Path) -> None:
    command("import", "meeting-guide", feed({}, {"slug": "two"}), "--source", "vt", "--fellowship", "aa")
    before = state_of(tmp_path)
    trial = command("import", "meeting-guide", feed({"time": "20:00"}), "--source", "vt", "--dry-run", "--json").json
    assert (trial["dry_run"], trial["run"], trial["changed"], trial["removed"]) == (True, None, 1, 1)
    assert state_of(tmp_path) == before
    part = command("import", "meeting-guide", feed({"time": "20:00"}), "--source", "vt", "--partial", "--json").json
    assert (part["changed"], part["removed"]) == (1, 0)
    whole = command(
        "import", "meeting-guide", feed({"time": "20:00"}), "--source", "vt", "--allow-removals", "--json"
    ).json
    assert (whole["unchanged"], whole["removed"]) == (1, 1)


@pytest.mark.parametrize(
    ("format", "content"), [("meeting-guide", "[{"), ("meeting-guide", ""), ("samhsa", "a,b\n1,2\n"), ("samhsa", "")]
)
def test_an_unreadable_file_changes_nothing_and_ends_with_one(
    command: Command, tmp_path: Path, format: str, content: str
) -> None:
    assert format in FORMATS
    (tmp_path / "file").write_text(content, encoding="utf-8")
    command("migrate")
    before = state_of(tmp_path)
    ran = command("import", format, tmp_path / "file", "--source", "vt", "--json")
    assert ran.code == 1
    assert list(ran.json) == [*KEYS, "error"]
    assert [ran.json[name] for name in ("run", "added", "changed", "unchanged", "removed", "rejected")] == [
        None,
        0,
        0,
        0,
        0,
        [],
    ]
    assert ran.json["error"]
    told = command("import", format, tmp_path / "file", "--source", "vt")
    assert (told.code, len(told.out.splitlines())) == (1, 1)
    assert ran.json["error"] in told.out
    assert state_of(tmp_path) == before


@pytest.mark.parametrize("name", ["no-such-file.json", "."])
def test_a_file_that_cannot_be_opened_ends_with_one_and_says_which(command: Command, tmp_path: Path, name: str) -> None:
    ran = command("import", "meeting-guide", tmp_path / name, "--source", "vt", "--json")
    assert (ran.code, list(ran.json)) == (1, [*KEYS, "error"])
    assert str(tmp_path / name) in ran.json["error"]


def test_the_audit_entry_of_an_import_names_who_ran_it(
    command: Command, feed: Callable[..., Path], tmp_path: Path
) -> None:
    command("import", "meeting-guide", feed({}), "--source", "vt", "--fellowship", "aa")
    with closing(sqlite3.connect(tmp_path / "var" / "footbridge.sqlite3")) as connection:
        entries = connection.execute("SELECT by, subject FROM audit_entry WHERE subject = 'source vt'").fetchall()
    assert len(entries) == 1
    assert re.fullmatch(r"command line: .+", entries[0][0])


MAP = 'title = "Heron beds"\nkind = "housing"\nkey = ["Id"]\n[columns]\nname = "Name"\ncity = "Town"\nstate = "State"\n'


def test_a_table_is_read_by_its_map_and_a_wrong_map_is_refused_by_its_key(command: Command, tmp_path: Path) -> None:
    (tmp_path / "beds.csv").write_text("Id,Name,Town,State\n1,Heron House,Burlington,VT\n", encoding="utf-8")
    (tmp_path / "beds.toml").write_text(MAP, encoding="utf-8")
    ran = command("import", "csv", tmp_path / "beds.csv", "--source", "beds", "--map", tmp_path / "beds.toml", "--json")
    assert (ran.code, ran.json["added"]) == (0, 1)
    for wrong, named in ((MAP.replace("name =", "moon ="), "moon"), ("[[[", "TOML"), ("\udcff", "UTF-8")):
        (tmp_path / "beds.toml").write_bytes(wrong.encode("utf-8", "surrogateescape"))
        refused = command("import", "csv", tmp_path / "beds.csv", "--source", "beds", "--map", tmp_path / "beds.toml")
        assert (refused.code, refused.out) == (2, "")
        assert named in refused.complaint


def test_a_file_that_would_take_out_too_much_asks_first_and_a_trial_tells_all_the_same(
    command: Command, feed: Callable[..., Path]
) -> None:
    command(
        "import", "meeting-guide", feed(*({"slug": f"s{n}"} for n in range(9))), "--source", "vt", "--fellowship", "aa"
    )
    few = feed({"slug": "s1"}, {"slug": "s2", "name": "", "location": ""})
    held = command("import", "meeting-guide", few, "--source", "vt")
    assert (held.code, held.err) == (1, "")
    first, *lines = held.out.splitlines()
    assert first.startswith("Nothing was changed: ")
    assert "8 of 9" in first
    assert "--allow-removals" in first
    assert lines == ["  line 2: no name"]
    trial = command("import", "meeting-guide", few, "--source", "vt", "--dry-run")
    assert (trial.code, trial.out.splitlines()[0]) == (1, first)
    assert "8 would be taken out" in trial.out.splitlines()[1]
    allowed = command("import", "meeting-guide", few, "--source", "vt", "--allow-removals", "--json")
    assert (allowed.code, allowed.json["removed"]) == (0, 8)


def test_a_list_whose_keys_change_is_matched_by_what_people_know_it_by(
    command: Command, feed: Callable[..., Path]
) -> None:
    command("import", "meeting-guide", feed({}), "--source", "vt", "--fellowship", "aa")
    again = command(
        "import", "meeting-guide", feed({"slug": "1234"}), "--source", "vt", "--match-by", "nature", "--json"
    ).json
    assert [again[name] for name in ("added", "changed", "removed")] == [0, 0, 0]


# --- addresses -------------------------------------------------------------------------------------------------------


@pytest.fixture
def host() -> Iterator[Host]:
    with serving() as found:
        yield found


def test_an_address_is_read_remembered_and_listed_without_its_key(command: Command, host: Host) -> None:
    host.keeps(json.dumps([MEETING]).encode(), '"one"')
    url, loopback = host.url("/feed.json?key=heron-k3y"), {"FEEDS_LOOPBACK": "1"}
    given = ["import", "meeting-guide", url, "--source", "vt", "--fellowship", "aa"]
    assert command("feeds").out == "0 addresses.\n"
    first = command(*given, "--every", "24", "--json", **loopback)
    assert (first.code, first.json["added"]) == (0, 1)
    second = command(*given, **loopback)
    assert (second.code, second.err) == (0, "")
    assert "note, not modified since" in second.out
    host.gives(status=404)
    third = command(*given, **loopback)
    assert (third.code, third.out) == (
        1, f"Nothing was changed: status-404: {host.url('/feed.json')} has no file there; look up where it is now\n",
    )  # fmt: skip
    told = command("feeds")
    assert (told.code, told.err) == (0, "")
    assert told.out.splitlines()[:2] == ["1 address:", f"vt (meeting-guide): {host.url('/feed.json')}"]
    assert "every 24 hours; read " in told.out
    assert "tries without success: 1, the last: status-404" in told.out
    (listed,) = command("feeds", "--json").json["feeds"]
    assert [listed[name] for name in ("source", "address", "every_hours", "tries")] == [
        "vt", host.url("/feed.json"), 24, 1,
    ]  # fmt: skip
    assert command("feeds", "--json").json["total"] == 1
    assert "k3y" not in first.out + second.out + third.out + told.out + json.dumps(listed)
    assert command(*given, "--every", "0", **loopback).code == 1
    assert "on demand" in command("feeds").out


def test_an_address_on_this_machine_is_refused_unless_a_setting_allows_it(command: Command, host: Host) -> None:
    host.gives(b"[]")
    ran = command("import", "meeting-guide", host.url(), "--source", "vt", "--json")
    assert (ran.code, list(ran.json)) == (1, [*KEYS, "error"])
    assert ran.json["error"].startswith("refused-address: ")
    assert host.asked == []


# --- search ----------------------------------------------------------------------------------------------------------


def test_a_search_lists_what_is_near_with_distance_and_address(command: Command, feed: Callable[..., Path]) -> None:
    command(
        "import",
        "meeting-guide",
        feed({}, {"slug": "two", "name": "Far Group", "latitude": 44.9}),
        "--source",
        "vt",
        "--fellowship",
        "aa",
    )
    ran = command("search", "group", "--near", "Burlington, VT", "--within", "40", "--kind", "meeting")
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert lines[0] == "2 found within 40 miles of Burlington, VT:"
    assert [line.strip() for line in lines[1::2]] == ["1. Quiet Lamp Group", "2. Far Group"]
    assert "12 Heron Street" in lines[2]
    found = command("search", "quiet", "group", "--near", "05401", "--json").json
    assert found["total"] == 1
    assert [result["name"] for result in found["results"]] == ["Quiet Lamp Group"]
    assert found["query"] == {"q": "quiet group", "near": "05401"}
    assert command("search", "no such words").out == "0 found.\n"


def test_a_search_has_pages(command: Command, feed: Callable[..., Path]) -> None:
    command(
        "import",
        "meeting-guide",
        feed(*({"slug": f"s{n:02}"} for n in range(30))),
        "--source",
        "vt",
        "--fellowship",
        "aa",
    )
    first, second = command("search", "lamp"), command("search", "lamp", "--page", "2")
    assert "More: --page 2" in first.out
    assert (first.out.count("Quiet Lamp"), second.out.count("Quiet Lamp")) == (25, 5)
    assert "26. Quiet Lamp" in second.out


def test_a_search_looks_and_leaves_no_trace(command: Command, tmp_path: Path) -> None:
    command("migrate")
    before = state_of(tmp_path)
    assert command("search", "detox", "--near", "05401").code == 0
    assert state_of(tmp_path) == before


# --- corrections -----------------------------------------------------------------------------------------------------


def say_wrong(tmp_path: Path, *remarks: Remark) -> None:
    """A visitor says each of these, a minute after the other, of the only listing of the source."""

    async def run() -> None:
        async with db.connect(f"sqlite://{tmp_path}/var/footbridge.sqlite3"):
            slug = await one_value("SELECT slug FROM listing WHERE source_key = 'lamp'")
            for minute, remark in enumerate(remarks):
                await correction_add(slug=str(slug), remark=remark, now=NOW + timedelta(minutes=minute))

    asyncio.run(run())


def test_an_operator_reads_what_visitors_say_is_wrong_the_newest_first(
    command: Command, feed: Callable[..., Path], tmp_path: Path
) -> None:
    command("import", "meeting-guide", feed({}), "--source", "vt", "--fellowship", "aa")
    hours = Remark("hours", "They meet\nat 8.")
    say_wrong(tmp_path, hours, hours, Remark("closed"))
    before = state_of(tmp_path)
    ran = command("corrections")
    assert (ran.code, ran.err) == (0, "")
    first, *lines = [line.strip() for line in ran.out.splitlines()]
    assert first == "2 open:"
    assert [re.sub(r"^\d+\. |(?<=lamp-group)-\S+(?=\))", "", line) for line in lines] == [
        "Mon 2 Mar, 12:02 pm: Quiet Lamp Group (/listings/quiet-lamp-group)",
        "closed",
        "Mon 2 Mar, 12:01 pm: Quiet Lamp Group (/listings/quiet-lamp-group)",
        "hours (2 times): They meet at 8.",
    ]
    told = command("corrections", "--json").json
    assert told["total"] == 2
    ids = [each.pop("id") for each in told["corrections"]]
    assert [line.partition(".")[0] for line in lines[::2]] == [str(id) for id in ids]
    assert [{**each, "listing": each["listing"][:16]} for each in told["corrections"]] == [
        {
            "listing": "quiet-lamp-group", "name": "Quiet Lamp Group", "reason": "closed", "words": "", "times": 1,
            "created_at": "2026-03-02T17:02:00+00:00", "updated_at": "2026-03-02T17:02:00+00:00",
        },
        {
            "listing": "quiet-lamp-group", "name": "Quiet Lamp Group", "reason": "hours", "words": "They meet\nat 8.", "times": 2,
            "created_at": "2026-03-02T17:00:00+00:00", "updated_at": "2026-03-02T17:01:00+00:00",
        },
    ]  # fmt: skip
    assert state_of(tmp_path) == before


def test_without_corrections_the_command_says_so(command: Command) -> None:
    assert command("corrections") == Ran(0, "0 open.\n", "")
    assert command("corrections", "--json").json == {"total": 0, "corrections": []}


# --- the database ----------------------------------------------------------------------------------------------------


def test_a_fresh_database_is_made_by_the_command_that_needs_it(tmp_path: Path) -> None:
    """As it is run: a process of its own, in a folder that does not exist yet, with an address of its own."""
    environment = {
        **os.environ,
        "DIRECTORY_DATABASE_URL": f"sqlite://{tmp_path}/new/footbridge.sqlite3",
        "PYTHONPATH": str(ROOT),
    }
    arguments = [sys.executable, "-m", "directory", "search", "--near", "Burlington, VT", "--json"]
    ran = subprocess.run(
        arguments, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert json.loads(ran.stdout)["total"] == 0
    assert (tmp_path / "new" / "footbridge.sqlite3").exists()


def test_migrating_what_is_up_to_date_says_so(command: Command) -> None:
    assert command("migrate") == Ran(0, "The schema is up to date.\n", "")


def test_the_invented_county_comes_into_an_empty_database_only_and_goes_again(
    command: Command, feed: Callable[..., Path]
) -> None:
    assert command("seed").code == 0
    added = command("seed", "--demo")
    assert added.code == 0
    number = int(re.search(r"Added (\d+) invented listings", added.out)[1])  # type: ignore[index]
    assert number >= 60
    assert command("search", "--near", "Larkspur City, ZZ", "--json").json["total"] > 20
    assert f"Took out {number} invented listings" in command("seed", "--remove-demo").out
    assert command("search", "--near", "Larkspur City, ZZ").code == 2
    command("import", "meeting-guide", feed({}), "--source", "vt", "--fellowship", "aa")
    refused = command("seed", "--demo")
    assert refused.code == 1
    assert "empty database" in refused.complaint


@pytest.fixture
def postgres(tmp_path: Path, new_database: Callable[[str, Path], AbstractContextManager[str]]) -> Iterator[str]:
    """A PostgreSQL database that has had a little of `seeds/`."""

    async def copy(url: str) -> None:
        async with db.connect(url):
            await seeds_copied(seeded_template(Path(os.environ[RUN])), ["VT"])
            await import_drafts(url, [draft()], "national")

    with new_database("postgres", tmp_path) as url:
        seeded_template(Path(os.environ[RUN]))
        asyncio.run(copy(url))
        yield url


def test_the_commands_speak_to_postgresql_as_well(command: Command, feed: Callable[..., Path], postgres: str) -> None:
    assert command("migrate", DATABASE_URL=postgres).out == "The schema is up to date.\n"
    ran = command(
        "import", "meeting-guide", feed({}), "--source", "vt", "--fellowship", "aa", "--json", DATABASE_URL=postgres
    )
    assert (ran.code, ran.json["added"]) == (0, 1)
    found = command("search", "lamp", "--near", "05401", "--json", DATABASE_URL=postgres).json
    assert [result["source"] for result in found["results"]] == [{"name": "vt", "key": "lamp"}]


# --- serve -----------------------------------------------------------------------------------------------------------


def test_a_busy_port_is_one_line_and_ends_with_one(command: Command) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ran = command("serve", "--port", port, DATABASE_URL="sqlite://never-opened.sqlite3")
    assert (ran.code, ran.out) == (1, "")
    assert str(port) in ran.complaint
    assert not Path("never-opened.sqlite3").exists()


@pytest.mark.parametrize("port", ["70000", "-1"])
def test_a_port_that_cannot_be_is_one_line(command: Command, port: str) -> None:
    ran = command("serve", f"--port={port}", DATABASE_URL="sqlite://never-opened.sqlite3")
    assert ran.code in (1, 2)
    assert port in ran.err


def test_sqlite_refuses_a_second_process(command: Command) -> None:
    ran = command("serve", "--workers", "2", DATABASE_URL="sqlite://never-opened.sqlite3")
    assert (ran.code, ran.out) == (2, "")
    assert "--workers 1" in ran.complaint


# --- real files ------------------------------------------------------------------------------------------------------


def test_detox_near_burlington_is_what_brute_force_finds(command: Command, sample_data: Path) -> None:
    path = sample_data / LISTS / "sample_VT.csv"
    loaded = command("import", "samhsa", path, "--source", "samhsa-vt", "--json")
    assert (loaded.code, loaded.json["rejected"]) == (0, [])
    found = command("search", "detox", "--near", "Burlington, VT", "--within", "40", "--json").json
    right = right_programs(sample_data / LISTS, "VT", "detox", burlington(), 40)
    assert found["total"] == len(right)
    assert [result["distance_miles"] for result in found["results"]] == pytest.approx(right[:25], abs=0.0501)
    told = command("search", "detox", "--near", "Burlington, VT", "--within", "40")
    assert told.out.startswith(f"{len(right)} found within 40 miles of Burlington, VT:")
    again = command("import", "samhsa", path, "--source", "samhsa-vt", "--json").json
    assert (again["added"], again["changed"], again["removed"]) == (0, 0, 0)
