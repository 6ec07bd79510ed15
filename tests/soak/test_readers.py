"""Readers of a real server while real imports and visitors' remarks are written beside them: no error, and every answer of one moment."""

from __future__ import annotations

import asyncio
import http.client
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from urllib.parse import urlencode

import pytest

from directory.app import zones_load
from tests.bench import changes, loads, processes, questions, samhsa, stores
from tests.bench.listings import Map, read_map
from tests.bench.load import Asked

pytestmark = pytest.mark.soak

NewDatabase = Callable[[str, Path], AbstractContextManager[str]]
SIZE, ROWS = 10_000, 3_000
SECONDS = 20.0
FLOOR = 250.0
"""Milliseconds: below this an answer is quick enough, and three times as long is noise."""
PAUSE = 0.1
"""Seconds between two remarks: visitors write far less than they read."""


@pytest.fixture(scope="module")
def state() -> Map:
    """Pennsylvania: towns with much and with little around them."""
    zones_load()
    return read_map("PA")


@pytest.fixture
def filled(database_url: str, state: Map) -> str:
    """The address of a database with codes, gazetteer and listings."""
    asyncio.run(stores.seed(database_url))
    asyncio.run(stores.fill(database_url, state, SIZE))
    return database_url


@pytest.fixture
def editions(tmp_path: Path, state: Map) -> list[Path]:
    """One source, edition by edition: half of each is changed, gone or new."""
    return samhsa.editions(tmp_path, state, ROWS)


def test_sixteen_readers_see_no_error_and_no_half_of_a_change_while_imports_change_thousands(
    filled: str, editions: list[Path], state: Map, tmp_path: Path
) -> None:
    asked, log = list(questions.mixed(questions.draw(state, 300))), tmp_path / "log"
    with processes.product(filled, log=log) as server:
        found = changes.measure(filled, server.port, tmp_path, editions, asked, SECONDS)

    assert found.beside.wrong == [], mistakes(log)
    assert found.beside.answers > 100
    assert found.changed >= ROWS
    assert found.beside.p99 <= 3 * max(found.alone.p99, FLOOR)


def test_counts_by_facet_agree_with_the_total_while_imports_and_remarks_are_written(
    filled: str, editions: list[Path], state: Map, tmp_path: Path
) -> None:
    asked = [
        Asked(questions.path(each, "/api/listings"), questions.BROWSER)
        for each in questions.draw(state, 300)
        if "kind" not in dict(each) or questions.is_still(each)
    ]
    changes.imported(filled, editions[:1])
    log = tmp_path / "log"
    with processes.product(filled, log=log) as server, loads.loading(server.port, tmp_path, asked) as stop:
        with remarks(server.port) as answers:
            changed = changes.imported(filled, editions[1:], SECONDS)
        tally = stop()

    assert tally.wrong == [], mistakes(log)
    assert tally.answers > 100
    assert changed >= ROWS // 2
    # What an edition has taken out in the meantime is gone, and after some remarks from one place the next have to wait.
    assert {303} <= set(answers) <= {303, 410, 429}


def mistakes(log: Path) -> str:
    """What a server has said of its own mistakes."""
    lines = log.read_text(errors="replace").splitlines()
    return "\n".join(line for line in lines if " INFO " not in line)[:3000]


@contextmanager
def remarks(port: int) -> Iterator[list[int]]:
    """Visitors who say what is wrong, one after the other, until the block ends; the statuses of the answers."""
    answers: list[int] = []
    over = threading.Event()
    thread = threading.Thread(target=_write, args=(port, answers, over))
    thread.start()
    try:
        yield answers
    finally:
        over.set()
        thread.join()


def _write(port: int, answers: list[int], over: threading.Event) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=processes.PATIENCE)) as connection:
        connection.request("GET", "/api/listings?per_page=100")
        slugs = [each["slug"] for each in json.loads(connection.getresponse().read())["results"]]
        number = 0
        while not over.wait(PAUSE):
            slug, number = slugs[number % len(slugs)], number + 1
            body = urlencode({"reason": "hours", "words": f"They close at {number % 10}."})
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            connection.request("POST", f"/listings/{slug}/report", body, headers)
            answer = connection.getresponse()
            answer.read()
            answers.append(answer.status)
