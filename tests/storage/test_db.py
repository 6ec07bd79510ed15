from __future__ import annotations

import asyncio
import logging
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from tortoise.exceptions import OperationalError

from directory.settings import Settings
from directory.storage import db, guards, locks, records, schema
from tests import factories, servers
from tests.conftest import RUN
from tests.factories import draft, import_drafts, one_value, snapshot, world_made

ROOT = Path(__file__).parents[2]
ONLY_SQLITE = pytest.mark.parametrize("engine", ["sqlite"])
ONLY_POSTGRES = pytest.mark.parametrize("engine", ["postgres"])


# --- addresses and raw SQL -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("sqlite://var/x.sqlite3", f"sqlite://var/x.sqlite3?{db.SQLITE_OPTIONS}"),
        ("sqlite://var/x.sqlite3?a=1", f"sqlite://var/x.sqlite3?a=1&{db.SQLITE_OPTIONS}"),
        ("postgres://u@host/db", "asyncpg://u@host/db"),
        ("postgresql://u:p@host/db?minsize=2", "asyncpg://u:p@host/db?minsize=2"),
        ("asyncpg://u@host/db", "asyncpg://u@host/db"),
    ],
)
def test_an_address_is_opened_with_the_options_of_its_engine(url: str, expected: str) -> None:
    assert db.opened(url) == expected


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite://var/x.sqlite3", Path("var/x.sqlite3")),
        ("sqlite:///srv/x.sqlite3?a=1", Path("/srv/x.sqlite3")),
        ("sqlite://:memory:", None),
        ("postgres://u@host/db", None),
    ],
)
def test_only_an_sqlite_address_names_a_file(url: str, path: Path | None) -> None:
    assert db.sqlite_path(url) == path


@pytest.mark.parametrize(("count", "markers"), [(0, 0), (1, 1), (2, 2), (3, 4), (5, 8), (8, 8), (25, 32)])
async def test_lists_of_ids_that_differ_little_in_length_are_one_text_and_find_the_same(
    database: str, count: int, markers: int
) -> None:
    await world_made()
    await import_drafts(database, [draft(f"{number}") for number in range(count + 1)])
    wanted = [row["id"] for row in await db.rows("SELECT id FROM listing ORDER BY id")][:count]
    sql = db.Sql()
    text = f"SELECT id FROM listing WHERE id IN ({sql.ids(wanted)}) ORDER BY id"
    assert [row["id"] for row in await db.rows(text, sql.values)] == wanted
    assert len(sql.values) == markers


async def test_a_value_may_stand_in_a_statement_more_than_once_and_in_any_order(database: str) -> None:
    sql = db.Sql()
    second, first = sql("b"), sql("a")
    text = f"SELECT CAST({first} AS TEXT) AS one, CAST({second} AS TEXT) AS two, CAST({first} AS TEXT) AS three"
    assert await db.rows(text, sql.values) == [{"one": "a", "two": "b", "three": "a"}]


async def test_adding_no_rows_does_nothing(database: str) -> None:
    before = await snapshot()
    await db.insert_many("zone", ("id", "name"), [])
    assert await snapshot() == before


# --- transactions ----------------------------------------------------------------------------------------------------


async def test_a_transaction_that_fails_leaves_nothing_behind(database: str) -> None:
    before = await snapshot()

    async def half_done() -> None:
        async with db.transaction():
            await records.remember("note", "half done")
            raise LookupError

    with pytest.raises(LookupError):
        await half_done()
    assert await snapshot() == before


async def test_every_change_that_visitors_see_raises_the_version_of_the_data_and_staging_does_not(
    database: str,
) -> None:
    first = await records.data_version()
    async with db.transaction():
        pass
    assert await records.data_version() == first + 1
    async with db.staging():
        pass
    assert await records.data_version() == first + 1


@ONLY_SQLITE
@pytest.mark.parametrize("kind", [db.transaction, db.staging])
async def test_a_transaction_holds_off_other_writers_from_its_first_moment(database: str, kind: object) -> None:
    path = db.sqlite_path(database)
    assert path
    with closing(sqlite3.connect(path, timeout=0)) as other:
        async with kind():  # type: ignore[operator]
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                other.execute("INSERT INTO zone (id, name) VALUES (1, 'Moon/Tranquility')")
        other.execute("INSERT INTO zone (id, name) VALUES (1, 'Moon/Tranquility')")


@ONLY_SQLITE
async def test_a_transaction_that_reads_before_it_writes_gets_through_beside_another_process(database: str) -> None:
    """Without a write at its beginning SQLite would refuse it at once: the other has written in between."""
    path = db.sqlite_path(database)
    assert path
    writer = f"""
import sqlite3
with sqlite3.connect({str(path)!r}, timeout=20, isolation_level=None) as connection:
    for number in range(300):
        connection.execute("UPDATE state SET text = ? WHERE name = 'staging'", [str(number)])
"""
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", writer)
    for _ in range(60):
        async with db.transaction():
            count = await one_value("SELECT number FROM state WHERE name = 'staging'")
            await db.execute(f"UPDATE state SET number = {int(count) + 1} WHERE name = 'staging'")
    assert await process.wait() == 0
    assert await one_value("SELECT number FROM state WHERE name = 'staging'") == 61


@ONLY_POSTGRES
async def test_of_many_that_read_and_write_at_once_none_is_lost(database: str) -> None:
    async def count_up() -> None:
        async with db.transaction():
            text = await records.text_of("count")
            await asyncio.sleep(0.001)
            await records.remember("count", str(int(text or 0) + 1))

    await asyncio.gather(*(count_up() for _ in range(20)))
    assert await records.text_of("count") == "20"


@pytest.mark.parametrize("name", ["tortoise", "tortoise.db_client", "aiosqlite", "asyncpg"])
async def test_no_statement_and_no_value_reaches_the_log(
    database: str, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert logging.getLogger(name).level == logging.WARNING
    with caplog.at_level(logging.DEBUG):
        async with db.transaction():
            await records.remember("note", "(555) 555-0100")
        assert await records.text_of("note") == "(555) 555-0100"
    assert "555" not in caplog.text
    assert "INSERT" not in caplog.text


async def test_the_connection_is_closed_after_a_block_that_fails(database_url: str) -> None:
    with pytest.raises(LookupError):
        async with db.connect(database_url):
            raise LookupError
    async with db.connect(database_url):
        assert await records.data_version() >= 1


# --- migrations ------------------------------------------------------------------------------------------------------


@pytest.mark.may_block("as a command does")
async def test_a_second_migration_has_nothing_to_do_and_makes_no_copy(database_url: str, tmp_path: Path) -> None:
    files = {path.name for path in tmp_path.iterdir() if "-wal" not in path.name and "-shm" not in path.name}
    assert await schema.migrate(database_url) == []
    assert {path.name for path in tmp_path.iterdir() if "-wal" not in path.name and "-shm" not in path.name} == files


@pytest.mark.may_block("as a command does")
@pytest.mark.parametrize(
    "lost", ["TRIGGER audit_entry_delete", "INDEX one_live_grant", "INDEX access_entry_place", "state"]
)
async def test_what_a_killed_migration_has_not_made_is_made_at_the_next_start(database_url: str, lost: str) -> None:
    """All migrations are noted by then, so that nothing is left to apply."""
    async with db.connect(database_url):
        before = await snapshot()
        on = " ON audit_entry" if lost.startswith("TRIGGER") and not db.is_sqlite() else ""
        await db.execute("DELETE FROM state WHERE name = 'staging'" if lost == "state" else f"DROP {lost}{on}")
        assert lost == "state" or not await guards.is_whole()
    assert await schema.migrate(database_url) == []
    async with db.connect(database_url):
        assert await guards.is_whole()
        assert await snapshot() == before


@pytest.mark.may_block("as a command does")
@ONLY_SQLITE
async def test_an_index_that_a_killed_migration_has_lost_is_put_back_at_the_next_start(database_url: str) -> None:
    async with db.connect(database_url):
        await db.execute("DROP INDEX search_name")
    assert await schema.migrate(database_url) == []
    async with db.connect(database_url):
        assert await guards.lost() == []


@pytest.mark.may_block("as a command does")
async def test_a_new_database_is_made_with_its_folder_and_without_a_copy(tmp_path: Path) -> None:
    url = f"sqlite://{tmp_path}/new/folder/x.sqlite3"
    applied = await schema.migrate(url)
    assert applied == sorted(path.stem for path in (ROOT / "directory/storage/migrations").glob("[0-9]*.py"))
    assert not list((tmp_path / "new" / "folder").glob("*before*"))
    async with db.connect(url):
        assert await records.is_ready()
        assert await records.data_version() == 1


async def test_a_database_that_lacks_a_migration_is_not_ready(database: str) -> None:
    assert await records.is_ready()
    await db.execute("DELETE FROM tortoise_migrations WHERE app = 'directory'")
    assert not await records.is_ready()


async def test_every_table_has_the_indexes_that_its_model_asks_for(database: str) -> None:
    wanted = guards.wanted()
    assert {guard.table for guard in wanted} >= {"listing", "search_row", "schedule", "source", "place", "import_stage"}
    assert await guards.put_back() == []
    if not db.is_sqlite():
        found = await db.rows("SELECT tablename, indexdef FROM pg_indexes")
        stand = {(row["tablename"], columns_in(row["indexdef"])) for row in found}
        assert {(guard.table, guard.columns) for guard in wanted} <= stand


def columns_in(definition: str) -> tuple[str, ...]:
    return tuple(part.strip(' "') for part in definition.partition("(")[2].rstrip(")").split(","))


@ONLY_SQLITE
async def test_a_lost_index_is_put_back_and_only_that(database: str) -> None:
    guard = next(each for each in guards.wanted() if each.table == "search_row" and each.columns == ("name_key",))
    await db.execute("DROP INDEX search_name")
    assert await guards.put_back() == [guard]
    assert await guards.put_back() == []


@ONLY_SQLITE
@pytest.mark.parametrize("lost", [*(f"TRIGGER {name}" for name in guards.TRIGGERS), "TABLE listing_text"])
async def test_an_index_of_words_that_has_lost_a_part_is_made_whole_with_what_it_has_missed(
    database: str, lost: str
) -> None:
    await world_made()
    await import_drafts(database, [draft("lamp"), draft("bell", name="Bell")])
    await db.execute(f"DROP {lost}")
    if lost == "TABLE listing_text":
        for name in guards.TRIGGERS:
            await db.execute(f"DROP TRIGGER {name}")
    await db.execute("DELETE FROM listing_words WHERE words LIKE '% bell %'")
    await db.execute("INSERT INTO listing_words (id, words) VALUES (99, ' horn ')")
    await db.execute("UPDATE listing_words SET words = ' lantern ' WHERE words LIKE '% lamp %'")
    await guards.add_own()
    assert await words_indexed() == ["horn", "lantern"]
    await db.execute("UPDATE listing_words SET words = ' drum ' WHERE id = 99")
    await db.execute("DELETE FROM listing_words WHERE words = ' lantern '")
    assert await words_indexed() == ["drum"]


async def words_indexed() -> list[str]:
    """Those of some words to which SQLite's index leads. Raises where it does not agree with the table."""
    await db.execute("INSERT INTO listing_text (listing_text, rank) VALUES ('integrity-check', 1)")
    found = []
    for word in ("bell", "drum", "horn", "lamp", "lantern"):
        sql = db.Sql()
        text = f"SELECT rowid FROM listing_text WHERE listing_text MATCH {sql(word)}"
        found += [word] * len(await db.rows(text, sql.values))
    return found


async def test_what_is_made_beside_the_models_is_made_once(database: str) -> None:
    await world_made()
    await import_drafts(database, [draft("lamp")])
    before = await snapshot()
    await guards.add_own()
    assert await snapshot() == before


LATER = (
    ("name = fields.CharField(255)", "name = fields.CharField(256)"),
    ("    words = fields.TextField()\n\n", "    words = fields.CharField(99_999)\n\n"),
)
"""What a later version has changed about the models of listings."""


def changed_project() -> Path:
    """A copy of the project in which a later version has changed columns, which rebuilds tables. Made once a run: it takes seconds."""
    run = Path(os.environ[RUN])
    made = run / "changed"
    with servers.locked(run, made.name):
        if not made.exists():
            unfinished = Path(tempfile.mkdtemp(dir=run))
            change_project(unfinished)
            unfinished.rename(made)
    return made


def change_project(folder: Path) -> None:
    shutil.copytree(ROOT / "directory", folder / "directory", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    models = folder / "directory/storage/models/listings.py"
    text = models.read_text(encoding="utf-8")
    for before, after in LATER:
        assert before in text
        text = text.replace(before, after)
    models.write_text(text, encoding="utf-8")
    subprocess.run(
        [Path(sys.executable).with_name("tortoise"), "makemigrations", "-n", "widen"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        check=True,
        capture_output=True,
        timeout=120,
    )


def migrate_later(url: str) -> subprocess.CompletedProcess[str]:
    """What happens when the later version brings this database up to date."""
    folder = changed_project()
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    # Without a look for garbage, which is half of the time: Tortoise builds all models anew for each step, and keeps them.
    code = "import gc; gc.disable(); import asyncio, sys; from directory.storage import schema; print(asyncio.run(schema.migrate(sys.argv[1])))"
    command = [sys.executable, "-c", code, url]
    return subprocess.run(
        command, cwd=folder, env=environment, check=False, capture_output=True, text=True, timeout=120
    )


OWN = ("sqlite_sequence", "tortoise_migrations", "listing_text")
"""Tables that belong to the engine and to Tortoise, and those of the index of words, which has tests of its own."""


def rows_of(path: Path) -> dict[str, list[list[tuple[str, object]]]]:
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = {
            name: connection.execute(f"SELECT * FROM {name}").fetchall() for name in names if not name.startswith(OWN)
        }
    # A rebuilt table has its columns in another order.
    return {name: sorted((sorted(dict(row).items()) for row in found), key=repr) for name, found in rows.items()}


def indexes_of(path: Path) -> set[tuple[str, tuple[str, ...], int]]:
    with closing(sqlite3.connect(path)) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            (name, tuple(column[2] for column in connection.execute(f"PRAGMA index_info('{index[1]}')")), index[2])
            for name in names
            for index in connection.execute(f"PRAGMA index_list('{name}')")
        }


def filled(url: str) -> Path:
    """A world of two listings in this database; its file."""

    async def fill() -> None:
        async with db.connect(url):
            await world_made()
            code = factories.CODES[0].code
            await import_drafts(
                url, [draft("lamp", organization="Marsh House", codes=(code,)), draft("bell", name="Bell")]
            )

    asyncio.run(fill())
    path = db.sqlite_path(url)
    assert path
    return path


def copies(path: Path) -> Iterable[Path]:
    return list(path.parent.glob(f"{path.name}.before-migration-*"))


@dataclass(frozen=True)
class Widened:
    """A database that the later version has brought up to date, and what was in it before."""

    url: str
    path: Path
    rows: dict[str, list[list[tuple[str, object]]]]
    indexes: set[tuple[str, tuple[str, ...], int]]
    said: str


@pytest.fixture(scope="module")
def widened(
    new_database: Callable[[str, Path], AbstractContextManager[str]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Widened]:
    """Read by several tests, none of which changes it: the later version takes seconds to bring a database up to date."""
    with new_database("sqlite", tmp_path_factory.mktemp("widened")) as url:
        path = filled(url)
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("UPDATE listing_words SET words = ' drum ' || words")
            connection.commit()
        rows, indexes = rows_of(path), indexes_of(path)
        result = migrate_later(url)
        assert result.returncode == 0, result.stderr
        yield Widened(url, path, rows, indexes, result.stdout)


def made_as(path: Path, table: str) -> str:
    """The statement that a table was made with."""
    with closing(sqlite3.connect(path)) as connection:
        ((made,),) = connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).fetchall()
    return str(made)


def test_a_migration_that_rebuilds_tables_keeps_every_row_and_index_and_leaves_a_copy_of_before(
    widened: Widened,
) -> None:
    assert len(widened.rows["listing"]) == 2
    assert widened.rows["schedule"]
    assert widened.rows["listing_code"]
    assert "widen" in widened.said
    assert "VARCHAR(256)" in made_as(widened.path, "listing")
    with closing(sqlite3.connect(widened.path)) as connection:
        duplicate = "UPDATE listing SET slug = (SELECT MIN(slug) FROM listing)"
        with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
            connection.execute(duplicate)
        with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
            connection.execute("UPDATE listing SET source_key = 'same'")
    assert rows_of(widened.path) == widened.rows
    assert indexes_of(widened.path) >= widened.indexes
    (copy,) = copies(widened.path)
    assert rows_of(copy) == widened.rows
    again = migrate_later(widened.url)
    assert (again.stdout.strip(), copies(widened.path)) == ("[]", [copy])


async def test_words_are_found_and_indexed_after_a_migration_that_rebuilds_their_table(
    widened: Widened, tmp_path: Path
) -> None:
    assert "VARCHAR(99999)" in made_as(widened.path, "listing_words")
    assert rows_of(widened.path)["listing_words"] == widened.rows["listing_words"]
    own = tmp_path / "own.sqlite3"
    with closing(sqlite3.connect(widened.path)) as source, closing(sqlite3.connect(own)) as target:
        source.backup(target)
    async with db.connect(f"sqlite://{own}"):
        assert await words_indexed() == ["bell", "drum", "drum", "lamp"]
        await db.execute("DELETE FROM listing_words WHERE words LIKE '% bell %'")
        assert await words_indexed() == ["drum", "lamp"]


@ONLY_SQLITE
def test_a_database_that_does_not_hold_together_after_a_migration_is_refused_and_its_copy_named(
    database_url: str,
) -> None:
    path = filled(database_url)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("INSERT INTO schedule (listing_id, sort, starts, minutes) VALUES (99, 'meeting', 0, 60)")
        connection.commit()
    result = migrate_later(database_url)
    assert result.returncode == 1
    (copy,) = copies(path)
    last = result.stderr.strip().splitlines()[-1]
    assert "1 rows refer to rows that are gone" in last
    assert str(copy) in last


async def test_a_table_that_is_not_there_is_an_error_of_the_database(database: str) -> None:
    with pytest.raises(OperationalError):
        await db.rows("SELECT * FROM moon")


def test_settings_say_which_engine_is_used() -> None:
    assert Settings(database_url="sqlite://x").is_sqlite
    assert not Settings(database_url="postgres://u@h/d").is_sqlite


async def test_reads_of_one_moment_do_not_see_what_is_written_beside_them(database: str) -> None:
    async with db.transaction():
        await db.execute("INSERT INTO zone (id, name) VALUES (901, 'Test/Before')")
    before = [row["n"] for row in await db.rows("SELECT COUNT(*) AS n FROM zone")]
    async with db.snapshot():
        first = await db.rows("SELECT COUNT(*) AS n FROM zone")
        await asyncio.to_thread(_add_zone, database)
        second = await db.rows("SELECT COUNT(*) AS n FROM zone")
    after = await db.rows("SELECT COUNT(*) AS n FROM zone")
    assert [row["n"] for row in (*first, *second)] == before * 2
    assert after[0]["n"] == before[0] + 1


def _add_zone(url: str) -> None:
    """As another process does."""
    script = (
        "import asyncio, sys\n"
        "from directory.storage import db\n"
        "async def add():\n"
        "    async with db.connect(sys.argv[1]):\n"
        "        async with db.transaction():\n"
        "            await db.execute(\"INSERT INTO zone (id, name) VALUES (902, 'Test/Beside')\")\n"
        "asyncio.run(add())\n"
    )
    subprocess.run([sys.executable, "-c", script, url], check=True, timeout=60)


@ONLY_POSTGRES
async def test_a_connection_goes_back_to_the_pool_as_it_came(database: str) -> None:
    """Its session is not reset, so nothing of a transaction or a lock may last in it."""
    async with db.snapshot():
        await db.rows("SELECT 1")
    with pytest.raises(OperationalError):
        async with db.transaction():
            await db.rows("SELECT * FROM moon")
    async with locks.only_one("a name"):
        pass
    (row,) = await db.rows(
        "SELECT current_setting('transaction_isolation') AS level, current_setting('transaction_read_only') AS closed, "
        "(SELECT COUNT(*) FROM pg_locks l WHERE l.locktype = 'advisory' AND l.database = "
        "(SELECT d.oid FROM pg_database d WHERE d.datname = current_database())) AS held"
    )
    assert row == {"level": "read committed", "closed": "off", "held": 0}
