"""That `make bench` measures what it says: the probe and the search find the same rows, and an import takes in every one."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from directory.app import zones_load
from directory.domain.listings import PlacedListing
from directory.domain.taxonomy import CodeInfo
from directory.formats import codes as codes_format
from directory.resources import folder
from directory.storage import codes, db, facets
from directory.storage.places import zones
from directory.storage.search import find
from directory.storage.search_sql import Wanted
from tests.bench import imports, memory, multiples, samhsa, searches, shares, stores
from tests.bench.listings import NOW, Map, listings, read_map
from tests.bench.probe import Probe, connect
from tests.bench.report import Line, table

SIZE = 1500
NewDatabase = Callable[[str, Path], AbstractContextManager[str]]


@pytest.fixture(scope="module")
def small_state() -> Map:
    """Rhode Island, so that a few hundred listings are near each other."""
    zones_load()  # as the application does: a time zone is a file
    return read_map("RI")


@pytest.fixture(scope="module")
def sqlite_file(
    new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory, small_state: Map
) -> Iterator[Path]:
    """A filled SQLite database, which the probe reads whatever engine is asked."""
    with new_database("sqlite", tmp_path_factory.mktemp("bench")) as url:
        asyncio.run(stores.fill(url, small_state, SIZE))
        yield Path(url.removeprefix("sqlite://"))


@pytest.fixture(scope="module")
def filled(
    new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory, small_state: Map, sqlite_file: Path
) -> Iterator[dict[str, str]]:
    """The addresses of databases with the same listings on both engines."""
    with new_database("postgres", tmp_path_factory.mktemp("bench")) as url:
        asyncio.run(stores.fill(url, small_state, SIZE))
        yield {"sqlite": f"sqlite://{sqlite_file}", "postgres": url}


def test_the_search_and_the_bare_probe_find_the_same_rows(
    engine: str, filled: dict[str, str], sqlite_file: Path, small_state: Map
) -> None:
    answers = asyncio.run(_answers(filled[engine], sqlite_file, searches.draw_places(small_state, 12)))

    assert [name for name, agrees, _ in answers if not agrees] == []
    assert {name for name, _, count in answers if count} == {name for name, _, _ in answers}


async def _answers(url: str, file: Path, places: list[tuple[searches.Point, str]]) -> list[tuple[str, bool, int]]:
    """For each question and place: its name, whether both agree, and how many were found."""
    found = []
    async with db.connect(url):
        with closing(connect(file)) as connection:
            for case in searches.cases(await zones()):
                probe = Probe(connection, case.question)
                for point, zone in places:
                    ids = (await find(case.wanted(point, zone))).ids
                    found.append((case.name, probe.agrees(point, ids), len(ids)))
    return found


def test_the_probe_tells_when_a_row_is_another_one_or_missing(sqlite_file: Path, small_state: Map) -> None:
    point = searches.draw_places(small_state, 1)[0][0]
    with closing(connect(sqlite_file)) as connection:
        probe = Probe(connection, searches.TREATMENT)
        ids = [id for _, id in probe.nearest(point)]
        meeting = connection.execute("SELECT id FROM listing WHERE kind = 'meeting'").fetchone()[0]

        assert len(ids) > 2
        assert probe.agrees(point, ids)
        assert not probe.agrees(point, ids[:-1])
        assert not probe.agrees(point, [*ids[:-1], meeting])


def test_a_round_takes_the_time_of_both_at_every_place(sqlite_file: Path, small_state: Map) -> None:
    places = searches.draw_places(small_state, 3)
    times: dict[str, searches.Times] = {}

    asyncio.run(searches.round_of(f"sqlite://{sqlite_file}", sqlite_file, places, times))

    assert len(times) == 3
    assert all(set(taken.probe) == set(taken.search) == {0, 1, 2} for taken in times.values())


def test_counts_and_words_are_held_to_a_search_at_every_place(
    engine: str, filled: dict[str, str], small_state: Map
) -> None:
    places = searches.draw_places(small_state, 3)
    times: dict[str, searches.Times] = {}

    cases = [*multiples.facet_cases(), *multiples.word_cases()]
    asyncio.run(multiples.round_of(filled[engine], cases, places, times))

    assert len(times) == 7
    assert all(set(taken.probe) == set(taken.search) == {0, 1, 2} for taken in times.values())


def test_counts_that_do_not_agree_with_their_search_end_the_run(filled: dict[str, str], small_state: Map) -> None:
    async def none(wanted: Wanted) -> object:
        return facets.Counted({"kind": ()}, 0)

    case = replace(multiples.facet_cases()[1], beside=none)
    places = searches.draw_places(small_state, 1)

    with pytest.raises(AssertionError, match="0 by their kinds"):
        asyncio.run(multiples.round_of(filled["sqlite"], [case], places, {}))


def test_the_same_listings_are_made_every_time(small_state: Map) -> None:
    first, second = list(listings(small_state, 50)), list(listings(small_state, 50))

    assert first == second
    assert len({item.draft.key for item in first}) == 50


def test_the_generated_listings_are_what_they_are_said_to_be(small_state: Map) -> None:
    made = list(listings(small_state, 4000))
    meetings = [item for item in made if item.draft.kind == "meeting"]
    treatment = [item for item in made if item.draft.kind == "treatment"]
    reports = [report for item in made for report in item.draft.capacities]

    assert 0.1 < _share(meetings, lambda item: item.draft.attendance == "online") < 0.14
    assert {item.public_point for item in meetings if item.draft.attendance == "online"} == {None}
    assert 0.4 < _share(treatment, lambda item: "en" in (item.draft.languages or ())) < 0.6
    assert 0.03 < _share(meetings, lambda item: item.draft.languages == ("es",)) < 0.07
    assert all(NOW - timedelta(hours=72) < report.as_of < NOW for report in reports)
    assert len(reports) > 10
    assert 0.3 < _share(made, lambda item: item.draft.description is not None) < 0.37
    assert _share(made, lambda item: shares.RARE in (item.draft.description or "")) == 1 / 1000
    assert {"RI", "nationwide"} <= {item.draft.coverage for item in made}


def _share(items: list[PlacedListing], has: Callable[[PlacedListing], bool]) -> float:
    return sum(map(has, items)) / len(items)


@pytest.mark.may_block("an import runs alone in its loop, as the command does")
def test_from_one_edition_to_the_next_half_of_a_source_changes_goes_or_comes(
    engine: str, database_url: str, tmp_path: Path, small_state: Map
) -> None:
    asyncio.run(_load_codes(database_url, _code_infos()))

    reports = [
        asyncio.run(imports.take_in(database_url, file)) for file in samhsa.editions(tmp_path, small_state, 60, 3)
    ]

    assert (reports[0].added, reports[0].rejected) == (60, [])
    for report in reports[1:]:
        assert (report.added, report.removed, report.rejected) == (10, 10, [])
        assert 15 <= report.changed <= 18


@pytest.mark.may_block("an import runs alone in its loop, as the command does")
def test_an_import_takes_in_every_generated_row_and_the_bare_table_the_same_ones(
    engine: str, database_url: str, tmp_path: Path, small_state: Map
) -> None:
    file = tmp_path / "import.csv"
    samhsa.write(file, small_state, 60)
    asyncio.run(_load_codes(database_url, _code_infos()))

    imports.rates(database_url, file)

    assert _count(database_url, "listing", tmp_path) == 60
    assert _count(database_url, "bare", tmp_path) == 60
    assert 15 * 60 < _count(database_url, "listing_code", tmp_path) < 30 * 60


def _code_infos() -> list[CodeInfo]:
    files = sorted((folder("seeds") / "codes").glob("*.csv"))
    return [info for path in files for info in codes_format.read(BytesIO(path.read_bytes()))]


async def _load_codes(url: str, infos: list[CodeInfo]) -> None:
    async with db.connect(url), db.transaction():
        await codes.replace(infos)


def _count(url: str, table: str, bare: Path) -> int:
    path = db.sqlite_path(url)
    if path is None:
        return asyncio.run(_count_postgres(url, table))
    with closing(sqlite3.connect(bare / "bare.sqlite3" if table == "bare" else path)) as connection:
        return int(connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0])


async def _count_postgres(url: str, table: str) -> int:
    connection = await asyncpg.connect(urlsplit(url)._replace(scheme="postgresql").geturl())
    try:
        return int(await connection.fetchval(f"SELECT COUNT(*) FROM {table}"))
    finally:
        await connection.close()


def test_private_memory_grows_with_what_a_process_keeps_for_itself() -> None:
    try:
        before = memory.private(os.getpid())
    except memory.Unmeasured:
        pytest.skip("this machine does not tell the private memory of a process")
    kept = bytearray(b"x" * 50_000_000)

    assert memory.private(os.getpid()) - before > 40_000_000
    assert len(kept) == 50_000_000


def test_the_table_says_on_which_engine_a_target_is_missed() -> None:
    line = Line("speed", "<= 4 x", {"sqlite": "3 x", "postgres": "5 x"}, {"sqlite": True, "postgres": False})

    assert table([line]).splitlines()[-1] == "| speed | <= 4 x | 3 x | 5 x | SQLite yes PostgreSQL **no** |"
