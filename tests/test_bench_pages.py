"""That the benchmark of whole pages measures what it says: the load sees every mistake, and the probe renders the very same pages."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from markupsafe import Markup
from starlette.applications import Starlette

from directory.app import create_app, zones_load
from directory.services.work import JOBS
from directory.settings import Settings
from directory.storage import db
from directory.web.site import Site
from tests.bench import answers, cpu, loads, processes, questions, ready, stores, weight
from tests.bench.answers import Answer
from tests.bench.listings import NOW, Map, read_map
from tests.bench.load import Asked, read
from tests.conftest import RUN
from tests.factories import seeded_template


@pytest.fixture(scope="module")
def small_state() -> Map:
    """Rhode Island, so that a few hundred listings are near each other."""
    zones_load()
    return read_map("RI")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, small_state: Map) -> str:
    """A database with listings and the gazetteer."""
    path = tmp_path_factory.mktemp("bench") / "database.sqlite3"
    path.write_bytes(seeded_template(Path(os.environ[RUN])).read_bytes())
    asyncio.run(stores.fill(f"sqlite://{path}", small_state, 600))
    return f"sqlite://{path}"


# --- processor time --------------------------------------------------------------------------------------------------

BUSY = """
import sys, time
while time.process_time() < 0.2: pass
print("ready", flush=True)
sys.stdin.read()
"""


def test_processor_time_is_that_of_a_group_of_processes_and_of_nobody_else() -> None:
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", BUSY], start_new_session=True, **pipes) as process:  # type: ignore[call-overload]
        assert process.stdout.readline() == b"ready\n"
        assert 0.15 < cpu.of_group(process.pid) < 5
    assert cpu.of_group(process.pid) == 0
    assert cpu.of_database("a database that nobody has") == 0


# --- the load --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", (200, b"hi")),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nhi", None),
        (b"HTTP/1.1 200 OK\r\ncontent-le", None),
        (b"HTTP/1.1 304 Not Modified\r\netag: x\r\n\r\n", (304, b"")),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n1;x=y\r\n!\r\n0\r\n\r\n", (200, b"hi!")),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n", None),
    ],
)
def test_an_answer_is_read_once_it_is_whole(data: bytes, expected: tuple[int, bytes] | None) -> None:
    answer = read(data)

    assert (answer and (answer.status, answer.body)) == expected


def test_an_answer_whose_end_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="without a length"):
        read(b"HTTP/1.1 200 OK\r\nServer: x\r\n\r\nhi")


def test_a_load_asks_everything_once_and_takes_the_time(tmp_path: Path) -> None:
    with processes.factory("tests.bench.hello:bare", "") as server:
        tally = loads.load(server.port, tmp_path, [Asked("/", holds=("Hello",))] * 50)

        assert (tally.answers, tally.mistakes, tally.size) == (50, 0, 50 * len("Hello, world!"))
        assert 0 < tally.p50 <= tally.p99 <= tally.most <= 1000 * tally.seconds
        with pytest.raises(AssertionError, match="/nowhere: status 404, not 200"):
            loads.load(server.port, tmp_path, [Asked("/"), Asked("/nowhere")])
        with pytest.raises(AssertionError, match="without"):
            loads.load(server.port, tmp_path, [Asked("/", holds=("Goodbye",))] * 20)


def test_a_load_goes_on_until_it_is_stopped_and_tells_when_the_server_goes(tmp_path: Path) -> None:
    with processes.factory("tests.bench.hello:bare", "") as server:
        with loads.loading(server.port, tmp_path, [Asked("/")]) as stop:
            loads.load(server.port, tmp_path, [Asked("/")], seconds=0.5)
            tally = stop()
        with loads.loading(server.port, tmp_path, [Asked("/")]) as stop:
            loads.load(server.port, tmp_path, [Asked("/")], seconds=0.5)
            processes.stop(server.process)
            cut = stop()

    assert tally.answers > 1
    assert not tally.mistakes
    assert "closed" in cut.wrong[0]


def answer(body: bytes, **headers: str) -> Answer:
    head = "".join(f"\r\n{name.replace('_', '-')}: {value}" for name, value in headers.items())
    return Answer(200, f"HTTP/1.1 200 OK{head}".encode(), body)


def test_words_are_looked_for_in_the_decoded_page() -> None:
    page = answer(gzip.compress(b"<p>Heron</p>"), content_type="text/html", content_encoding="gzip")

    assert answers.wrong(page, 200, ("Heron",)) == ""
    assert answers.wrong(page, 200, ("Willow",)) == "without ['Willow']"
    assert answers.wrong(page, 304, ()) == "status 200, not 304"


def found(**changes: Any) -> dict[str, Any]:
    """An answer of a search in which all agrees."""
    kinds = [{"code": "meeting", "count": 2}, {"code": "food", "count": 1}]
    results = [{"slug": "a"}, {"slug": "b"}, {"slug": "c"}]
    elsewhere = {"total": 1, "results": [{"slug": "d"}]}
    return {"query": {}, "total": 3, "results": results, "elsewhere": elsewhere, "facets": {"kind": kinds}} | changes


@pytest.mark.parametrize(
    ("changes", "trouble"),
    [
        ({}, ""),
        ({"query": {"kind": ["meeting"]}, "total": 2, "results": [{"slug": "a"}, {"slug": "b"}]}, ""),
        ({"results": [{"slug": "a"}, {"slug": "b"}, {"slug": "a"}]}, "twice in one answer: ['a']"),
        ({"elsewhere": {"total": 1, "results": [{"slug": "c"}]}}, "twice in one answer: ['c']"),
        ({"results": [{"slug": "a"}]}, "1 on the first page of 3"),
        ({"facets": {"kind": [{"code": "meeting", "count": 2}]}}, "3 in all, 2 by their kinds"),
        ({"query": {"kind": ["food"]}}, "3 in all, 1 by their kinds"),
    ],
)
def test_an_answer_that_is_not_of_one_moment_is_found_out(changes: dict[str, Any], trouble: str) -> None:
    body = json.dumps(found(**changes)).encode()

    assert answers.wrong(answer(body, content_type="application/json"), 200, ()) == trouble


# --- what is asked ---------------------------------------------------------------------------------------------------


def test_each_turn_asks_the_same_at_the_same_places_within_another_radius(small_state: Map) -> None:
    first, again, second = (questions.draw(small_state, 80, turn=turn) for turn in (0, 0, 1))

    assert first == again
    assert sorted((*asked, ("within", "24")) for asked in first) == sorted(second)
    assert first != [asked[:-1] for asked in second]
    assert len({questions.path(asked) for asked in first}) > 60
    assert {len(asked) for asked in first} >= {1, 2, 3, 4}


def test_the_work_of_the_day_is_done_before_a_server_is_measured(filled: str, tmp_path: Path) -> None:
    copy = tmp_path / "database.sqlite3"
    copy.write_bytes(Path(filled.removeprefix("sqlite://")).read_bytes())

    processes.work_once(f"sqlite://{copy}")

    with closing(sqlite3.connect(copy)) as connection:
        taken = {name for (name,) in connection.execute("SELECT name FROM state WHERE name LIKE 'job %'")}
    assert taken == {f"job {job.name}" for job in JOBS if job.every}


# --- the probe of whole pages ----------------------------------------------------------------------------------------


def test_the_probe_renders_the_very_pages_of_the_site(filled: str, small_state: Map) -> None:
    asked = questions.draw(small_state, 12)
    paths = [questions.path(each) for each in asked]
    app = create_app(Settings(env="test", database_url=filled), clock=lambda: NOW)
    site: Site = app.state.site
    recording = ready.Recording(site)

    pages, kept = asyncio.run(_both(filled, app, recording, paths))

    rendered = [site.templates.get_template(kept[path].template).render(kept[path].values) for path in paths]
    assert rendered == pages
    assert any('<li class="card"' in page for page in pages)


async def _both(
    url: str, app: Starlette, recording: ready.Recording, paths: list[str]
) -> tuple[list[str], dict[str, ready.Ready]]:
    """The pages of the site, and the data that the probe keeps."""
    transport = httpx.ASGITransport(app=app)
    async with db.connect(url), httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        pages = [(await client.get(path, headers={"Accept-Language": "en"})).text for path in paths]
        return pages, await recording.of(paths)


@pytest.mark.parametrize("value", [Markup("<li>"), {"cards": (Markup("<li>"),)}, lambda: "<li>", [iter("ab")]])
def test_the_probe_refuses_what_was_rendered_before_or_would_be_only_now(value: object) -> None:
    with pytest.raises(AssertionError):
        ready.check({"view": value})


def test_a_browser_fetches_styles_scripts_and_pictures_but_no_links() -> None:
    page = """<link rel="stylesheet" href="/a.css"><link rel="icon" href="/b.svg"><link rel="next" href="/c">
    <script src="/d.js" defer></script><script>x</script><img src="/e.png"><img src="data:,"><a href="/f">f</a>"""

    assert weight.needed(page) == {"/a.css", "/b.svg", "/d.js", "/e.png"}


def test_a_page_weighs_what_goes_over_the_wire(filled: str, small_state: Map) -> None:
    path = questions.path(questions.draw(small_state, 1)[0])
    with processes.product(filled) as server:
        html, whole = weight.weigh(server.port, path, weight.ENCODINGS["brotli"])
        plain, _ = weight.weigh(server.port, path, "identity")

    assert 1_000 < html < plain / 2
    assert html + 1_000 < whole
