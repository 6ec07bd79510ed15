"""The command `geocode`: works off the queue, and says what came of it and what somebody should look at."""

from __future__ import annotations

import asyncio
import json
import os
import threading
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from directory import cli
from directory.settings import Settings
from directory.storage import db
from tests.conftest import RUN
from tests.factories import draft, import_drafts, seeded_template
from tests.geocoder_server import GeocoderServer, Place, Reply, running

pytestmark = pytest.mark.may_block("a command runs alone in its loop")

TAIL = "Saltmarsh, PA 19199"
PHILADELPHIA: dict[str, Any] = {"lat": 39.95, "lon": -75.16}
"""Well within the state by the real gazetteer, which knows no Saltmarsh."""
ROOT = Path(__file__).parents[1]
NATIONAL = len(tomllib.loads((ROOT / "seeds" / "national.toml").read_text(encoding="utf-8"))["listing"])
"""The national numbers, which lie on no map."""
Geocode = Callable[..., tuple[int, str, str]]


@contextmanager
def beside() -> Iterator[GeocoderServer]:
    """The service in a thread, since the command runs a loop of its own."""
    ready, end, found = threading.Event(), asyncio.Event(), []

    async def serve() -> None:
        async with running() as service:
            found.extend([service, asyncio.get_running_loop()])
            ready.set()
            await end.wait()

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    try:
        assert ready.wait(10)
        yield found[0]
    finally:
        found[1].call_soon_threadsafe(end.set)
        thread.join()


@pytest.fixture
def server() -> Iterator[GeocoderServer]:
    with beside() as service:
        yield service


@pytest.fixture
def geocode(
    server: GeocoderServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Geocode:
    """Runs the command in this process, over three listings whose streets wait for the service."""
    path, file = tmp_path / "footbridge.sqlite3", tmp_path / "geocoders.toml"
    path.write_bytes(seeded_template(Path(os.environ[RUN])).read_bytes())
    url = f"sqlite://{path}"
    entry = server.entry("photon")
    table = {**dict(entry.options), "user_agent": entry.user_agent, "retry_delay": 0}
    file.write_text("[photon]\n" + "".join(f"{name} = {json.dumps(value)}\n" for name, value in table.items()))

    async def fill() -> None:
        drafts = [
            draft(key, street=f"{number} Heron Lane", point=None, timezone=None) for number, key in enumerate("abc", 12)
        ]
        async with db.connect(url):
            await import_drafts(url, drafts, settings=Settings(database_url=url, geocoders=(entry,)))

    asyncio.run(fill())
    monkeypatch.setenv("DIRECTORY_DATABASE_URL", url)
    monkeypatch.setenv("DIRECTORY_GEOCODERS_FILE", str(file))

    def run(*arguments: object) -> tuple[int, str, str]:
        try:
            code = cli.main(["geocode", *map(str, arguments)])
        except SystemExit as end:
            code = int(end.code or 0)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def test_the_queue_is_worked_off_and_the_outcome_told(server: GeocoderServer, geocode: Geocode) -> None:
    server.knows(f"12 Heron Lane, {TAIL}", Place(**PHILADELPHIA))
    server.knows(f"13 Heron Lane, {TAIL}", Place(number="15", **PHILADELPHIA))
    code, out, err = geocode("--limit", "1", "--json")
    assert (code, err, json.loads(out)["outcomes"], json.loads(out)["left"]) == (0, "", {"ok": 1}, 2)
    code, out, err = geocode()
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "2 addresses: 2 to be looked at; 0 are still due.",
        "  how exactly: 1 street, 1 without a point",
        "  by whom: 1 photon, 1 gazetteer",
        "  questions: 2 asked, 0 known from before",
        "  1 was found at another house of its street",
        "  1 is known to no geocoder that was asked",
        f"  all listings now: {NATIONAL} on no map, 1 without a point, 1 rooftop, 1 street",
    ]
    assert len(server.asked) == 3


def test_what_is_doubtful_is_listed_and_settled_by_a_pin(server: GeocoderServer, geocode: Geocode) -> None:
    server.knows(f"12 Heron Lane, {TAIL}", Place(number="15", **PHILADELPHIA))
    geocode()
    code, out, _ = geocode("--review", "--json")
    found = json.loads(out)
    assert (code, found["total"]) == (0, 3)
    assert [each["reason"] for each in found["doubts"]] == ["number", "not-found", "not-found"]
    first = found["doubts"][0]
    assert (first["address"], first["lat"], first["precision"]) == (f"12 Heron Lane, {TAIL}", 39.95, "street")
    lines = geocode("--review", "--limit", 1)[1].splitlines()
    assert lines == [
        "1 to look at, what matters most first:",
        f"  1. Quiet Lamp Group (/listings/{first['listing']}) was found at another house of its street",
        f"     12 Heron Lane, {TAIL}; stands at 39.95000,-75.16000 (street, by photon)",
    ]
    assert geocode("--pin", first["listing"], "40.02,-75.01")[:2] == (0, f"{first['listing']} is pinned.\n")
    assert json.loads(geocode("--review", "--json")[1])["total"] == 2
    code, out, _ = geocode("--unpin", first["listing"], "--json")
    assert (code, json.loads(out)) == (0, {"listing": first["listing"], "pinned": False})


def test_a_service_that_refuses_is_named_in_one_line_and_ends_with_one(
    server: GeocoderServer, geocode: Geocode
) -> None:
    server.broken = Reply(status=403)
    code, out, _ = geocode()
    assert code == 1
    assert out.splitlines() == [
        "0 addresses: none placed; 3 are still due.",
        f"  all listings now: {NATIONAL} on no map, 3 without a point",
        "  photon is out of this run: it refuses the key, or the name by which we ask",
    ]


def test_without_a_geocoder_the_command_says_so(geocode: Geocode, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DIRECTORY_GEOCODERS_FILE")
    code, out, _ = geocode()
    assert code == 0
    assert "DIRECTORY_GEOCODERS" in out


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--limit", "0"], "whole number"),
        (["--pin", "no-such", "40,-75"], "no-such"),
        (["--pin", "no-such", "here"], "'here'"),
        (["--unpin", "no-such"], "no-such"),
        (["--review", "--unpin", "x"], "not allowed"),
    ],
)
def test_wrong_use_ends_with_two(geocode: Geocode, arguments: list[str], named: str) -> None:
    code, out, err = geocode(*arguments)
    assert (code, out) == (2, "")
    assert named in err


def test_a_service_that_cannot_be_made_is_one_line(geocode: Geocode, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIRECTORY_GEOCODERS", "moon")
    code, out, err = geocode()
    assert (code, out, err) == (1, "", "footbridge: [moon]: geopy knows no geocoder called 'moon'.\n")
