"""That the benchmark of the waitlist measures what it says: whole pages of people who are there, whole lines, and estimates that are made."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from directory.storage import db
from tests.bench import lines, waiting
from tests.bench.waiting import Waiting

NewDatabase = Callable[[str, Path], AbstractContextManager[str]]
PEOPLE = 500


@pytest.fixture(scope="module")
def filled(new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Waiting]]:
    with new_database("sqlite", tmp_path_factory.mktemp("waiting")) as url:
        yield url, asyncio.run(waiting.fill(url, PEOPLE))


def test_pages_of_the_waitlist_are_whole_and_show_who_is_asked_about(filled: tuple[str, Waiting]) -> None:
    times = lines.pages(*filled, times=5)
    assert times.read < times.status < times.board


def test_the_order_of_a_line_holds_everybody_in_it(new_database: NewDatabase, tmp_path: Path) -> None:
    with new_database("sqlite", tmp_path) as url:
        made = asyncio.run(waiting.fill(url, 40, per_line=40))
        ranked, read = asyncio.run(lines.ranking(url, made))
    assert min(ranked, read) > 0


def test_estimates_are_made_of_what_has_happened_in_a_line(
    filled: tuple[str, Waiting], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, made = filled
    monkeypatch.setattr(lines, "SAMPLE", 1)
    assert asyncio.run(lines.estimates(url, made)) > 0


def test_the_first_peer_has_as_many_people_as_the_board_is_measured_with(filled: tuple[str, Waiting]) -> None:
    url, made = filled

    async def count() -> int:
        async with db.connect(url):
            found = await db.rows(f"SELECT COUNT(*) AS n FROM client WHERE peer_id = {db.marker(1)}", [made.peer])
        return int(found[0]["n"])

    assert asyncio.run(count()) == waiting.PER_PEER
