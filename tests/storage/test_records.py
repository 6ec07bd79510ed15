from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from tortoise.exceptions import BaseORMException

from directory.domain.audit import ACCESS, DEVELOPMENT_KEY, Anchor, Check
from directory.storage import db, guards, records
from tests.factories import NOW, one_value

ROOT = Path(__file__).parents[2]
ONLY_SQLITE = pytest.mark.parametrize("engine", ["sqlite"])
ONLY_POSTGRES = pytest.mark.parametrize("engine", ["postgres"])
KEPT = "are kept as they are"


@pytest.fixture
def keys_as_found() -> Iterator[None]:
    yield
    records.use_keys((DEVELOPMENT_KEY,))


async def note(subject: str = "listing lamp", **given: object) -> None:
    details = {"reason": 'señora\'s "hours"', "n": 2**60, "list": [1, None, True]}
    async with db.staging():
        made = {"at": NOW, "by": "wren", "action": "edit", "subject": subject, "details": details}
        await records.audit(**{**made, **given})  # type: ignore[arg-type]


async def read(subject: str = "client 7") -> None:
    await records.access_log(at=NOW, by="wren", action="view", subject=subject, details={"page": "status"})


async def checked(chain: str = "directory", keys: tuple[str, ...] = (DEVELOPMENT_KEY,)) -> Check:
    check = Check(chain, keys)
    async for entry in records.entries(chain):
        check.take(entry)
    check.end((await records.heads()).get(chain))
    return check


async def refused(statement: str, *values: object) -> None:
    sql = db.Sql()
    text = statement.format(*(sql(value) for value in values))
    with pytest.raises(BaseORMException, match=KEPT):
        async with db.staging():
            await db.execute(text, sql.values)


# --- the chain of changes --------------------------------------------------------------------------------------------


async def test_entries_come_back_from_the_database_as_they_were_sealed(database: str) -> None:
    for at in (NOW, NOW + timedelta(microseconds=1), NOW.astimezone(ZoneInfo("America/Adak"))):
        await note(at=at)
    found = await checked()
    assert (found.entries, found.faults) == (3, [])


async def test_an_entry_goes_the_way_of_its_change(database: str) -> None:
    await note()

    async def undone() -> None:
        async with db.transaction():
            await records.remember("note", "half done")
            await records.audit(at=NOW, by="wren", action="edit", subject="listing lamp", details={})
            raise LookupError

    with pytest.raises(LookupError):
        await undone()
    await note()
    found = await checked()
    assert (found.entries, found.faults) == (2, [])


async def test_an_entry_outside_of_a_transaction_is_a_mistake(database: str) -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        await records.audit(at=NOW, by="wren", action="edit", subject="listing lamp", details={})
    assert (await checked()).entries == 0


async def test_an_entry_with_a_float_is_refused_and_leaves_the_chain_as_it_was(database: str) -> None:
    with pytest.raises(TypeError):
        await note(details={"miles": 1.5})
    await note()
    found = await checked()
    assert (found.entries, found.faults) == (1, [])


async def test_each_chain_counts_for_itself(database: str) -> None:
    for chain in ("directory", "agency-7", "directory", "agency-7"):
        await note(chain=chain)
    assert [(await checked(chain)).entries for chain in ("directory", "agency-7")] == [2, 2]
    assert [(await checked(chain)).faults for chain in ("directory", "agency-7")] == [[], []]
    assert sorted(await records.heads()) == ["agency-7", "directory"]


@pytest.mark.usefixtures("keys_as_found")
async def test_a_chain_goes_on_under_a_new_key(database: str) -> None:
    await note()
    newer = "another-key-of-more-than-32-characters"
    records.use_keys((newer, DEVELOPMENT_KEY))
    await note()
    found = await checked(keys=(newer, DEVELOPMENT_KEY))
    assert (found.faults, found.key_changes) == ([], [2])
    assert (await checked(keys=(newer,))).first_bad == 1


@pytest.mark.usefixtures("keys_as_found")
async def test_no_entry_is_added_to_a_chain_that_ends_in_the_seal_of_an_unknown_key(database: str) -> None:
    records.use_keys(("another-key-of-more-than-32-characters",))
    await note()
    await read()
    await records.access_chain()
    records.use_keys((DEVELOPMENT_KEY,))  # as in a shell where DIRECTORY_AUDIT_KEY is not set
    with pytest.raises(records.SealedWithAnother, match="DIRECTORY_AUDIT_KEY"):
        await note()
    await read()
    with pytest.raises(records.SealedWithAnother):
        await records.access_chain()
    records.use_keys(("another-key-of-more-than-32-characters",))
    await note()
    found = await checked(keys=("another-key-of-more-than-32-characters",))
    assert (found.entries, found.faults) == (2, [])


async def test_a_long_chain_is_read_a_page_at_a_time(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "PAGE", 3)
    for _ in range(7):
        await note()
    found = await checked()
    assert (found.entries, found.faults) == (7, [])


@ONLY_POSTGRES
async def test_of_many_changes_at_once_each_gets_its_own_place(database: str) -> None:
    async def change(number: int) -> None:
        async with db.transaction() if number % 2 else db.staging():
            await asyncio.sleep(0)
            await records.audit(at=NOW, by="wren", action="edit", subject=f"listing {number}", details={"n": number})

    await asyncio.gather(*(change(number) for number in range(40)))
    found = await checked()
    assert (found.entries, found.faults) == (40, [])


SIX = """
import asyncio, os, sys
from datetime import UTC, datetime
from directory.storage import db, records

async def fifty(name):
    async with db.connect(sys.argv[1]):
        for number in range(50):
            async with db.transaction():
                await records.audit(at=datetime.now(UTC), by=name, action="edit", subject="listing", details={"n": number})

children = []
for number in range(6):
    child = os.fork()
    if not child:
        try:
            asyncio.run(fifty(f"process {number}"))
        except BaseException as error:
            print(repr(error), file=sys.stderr)
            os._exit(1)
        os._exit(0)
    children.append(child)
sys.exit(any([os.waitpid(child, 0)[1] for child in children]))
"""


def test_six_processes_write_one_whole_chain(database_url: str) -> None:
    """300 entries; whoever forks them has no loop and no connection open."""
    result = subprocess.run(
        [sys.executable, "-c", SIX, database_url], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stderr) == (0, "")

    async def found() -> Check:
        async with db.connect(database_url):
            return await checked()

    check = asyncio.run(found())
    assert (check.entries, check.faults) == (300, [])


# --- nobody changes it -----------------------------------------------------------------------------------------------


async def test_no_entry_can_be_changed_or_deleted_and_none_can_stand_outside_of_the_chain(database: str) -> None:
    await note()
    await refused("UPDATE audit_entry SET by = 'heron'")
    await refused("UPDATE audit_entry SET hash = hash")
    await refused("DELETE FROM audit_entry")
    await refused(
        "INSERT INTO audit_entry (at, by, action, subject, details) SELECT at, by, action, subject, details FROM audit_entry"
    )
    assert (await checked()).faults == []


async def test_a_head_can_only_go_forward(database: str) -> None:
    await note()
    await refused("UPDATE audit_head SET seq = 0")
    await refused("UPDATE audit_head SET chain = 'other'")
    await refused("DELETE FROM audit_head")


@ONLY_POSTGRES
@pytest.mark.parametrize("table", ["audit_entry", "audit_head", "access_entry"])
async def test_no_table_of_the_trail_can_be_emptied(database: str, table: str) -> None:
    await refused(f"TRUNCATE {table}")


async def test_no_two_entries_have_one_place(database: str) -> None:
    await note()
    with pytest.raises(BaseORMException):
        await db.execute(
            "INSERT INTO audit_entry (at, by, action, subject, details, chain, seq, hash) "
            "SELECT at, 'heron', action, subject, details, chain, seq, hash FROM audit_entry"
        )


@ONLY_SQLITE
async def test_triggers_that_a_rebuilt_table_has_lost_are_put_back(database: str) -> None:
    await note()
    names = "SELECT COUNT(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN ('audit_entry', 'audit_head', 'access_entry')"
    before = await one_value(names)
    await db.execute("DROP TRIGGER audit_entry_delete")
    await db.execute("DROP TRIGGER access_entry_update")
    await guards.add_own()
    assert await one_value(names) == before == len(guards.KEPT) + len(guards.NOT_REPLACED)
    await refused("DELETE FROM audit_entry")


@ONLY_SQLITE
async def test_a_trigger_that_was_replaced_by_a_harmless_one_is_noticed_and_made_anew(database: str) -> None:
    await note()
    await db.execute("DROP TRIGGER audit_entry_delete")
    await db.execute("CREATE TRIGGER audit_entry_delete BEFORE DELETE ON audit_entry WHEN 1 = 0 BEGIN SELECT 1; END")
    assert await guards.unguarded() == ["audit_entry_delete"]
    await guards.add_own()
    assert await guards.unguarded() == []
    await refused("DELETE FROM audit_entry")


@ONLY_POSTGRES
async def test_a_trigger_that_was_switched_off_is_noticed_and_made_anew(database: str) -> None:
    await db.execute("ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_delete")
    assert await guards.unguarded() == ["audit_entry_delete"]


@ONLY_SQLITE
@pytest.mark.parametrize(
    "statement",
    [
        "INSERT OR REPLACE INTO audit_entry SELECT * FROM audit_entry WHERE seq = 2",
        "INSERT OR REPLACE INTO audit_entry (at, by, action, subject, details, chain, seq, hash) "
        "SELECT at, 'heron', action, subject, details, chain, seq, hash FROM audit_entry WHERE seq = 2",
        "INSERT OR REPLACE INTO audit_head (chain, seq, hash) VALUES ('directory', 1, 'x')",
        "INSERT OR REPLACE INTO access_entry (id, at, by, action, subject, details) "
        "SELECT id, at, 'heron', action, subject, details FROM access_entry",
        "UPDATE OR REPLACE access_entry SET chain = 'access', seq = 1, hash = 'x' WHERE hash IS NULL",
    ],
)
async def test_no_entry_can_be_replaced_by_another(database: str, statement: str) -> None:
    for _ in range(2):
        await note()
        await read()
        await records.access_chain(limit=1)
    await read()
    await refused(statement)


async def test_guards_can_be_made_twice(database: str) -> None:
    await guards.add_own()
    await note()
    await refused("DELETE FROM audit_entry")


async def test_entries_from_before_the_chain_stay_and_are_counted(database: str) -> None:
    await db.execute(f"DROP TRIGGER audit_entry_insert{'' if db.is_sqlite() else ' ON audit_entry'}")
    await db.execute(
        "INSERT INTO audit_entry (at, by, action, subject, details) VALUES ('2026-01-01', 'a', 'b', 'c', '{}')"
    )
    await note()
    found = await checked()
    assert (found.entries, found.faults) == (1, [])
    assert await records.loose() == (1, 0)


# --- the log of who read what ----------------------------------------------------------------------------------------


async def test_who_read_what_waits_for_no_chain_and_takes_its_place_later(database: str) -> None:
    for number in range(5):
        await read(f"client {number}")
    assert await records.loose() == (0, 5)
    assert (await checked(ACCESS)).entries == 0
    assert [await records.access_chain(limit=3) for _ in range(3)] == [3, 2, 0]
    found = await checked(ACCESS)
    assert (found.entries, found.faults) == (5, [])
    assert [entry.subject async for entry in records.entries(ACCESS)] == [f"client {number}" for number in range(5)]
    assert await records.loose() == (0, 0)


async def test_a_reader_that_is_noted_in_a_transaction_that_fails_is_not_noted(database: str) -> None:
    async def undone() -> None:
        async with db.staging():
            await read()
            raise LookupError

    with pytest.raises(LookupError):
        await undone()
    assert await records.loose() == (0, 0)


async def test_no_row_of_who_read_what_can_be_changed_or_deleted_before_or_in_its_chain(database: str) -> None:
    await read()
    await refused("UPDATE access_entry SET by = 'heron'")
    await refused("UPDATE access_entry SET subject = 'client 8', chain = 'access', seq = 1, hash = 'x'")
    await refused("UPDATE access_entry SET chain = 'trash', seq = 1, hash = 'x' WHERE hash IS NULL")
    await refused("UPDATE access_entry SET id = id + 9")
    await refused(
        "INSERT INTO access_entry (at, by, action, subject, details, chain, seq, hash) "
        "SELECT at, by, action, subject, details, 'trash', 1, 'x' FROM access_entry"
    )
    await refused("DELETE FROM access_entry")
    await records.access_chain()
    await refused("UPDATE access_entry SET hash = 'x'")
    await refused("UPDATE access_entry SET chain = NULL, seq = NULL, hash = NULL")
    await refused("DELETE FROM access_entry")
    assert (await checked(ACCESS)).faults == []


@ONLY_POSTGRES
async def test_of_several_that_chain_at_once_each_row_is_chained_once(database: str) -> None:
    for number in range(30):
        await read(f"client {number}")
    numbers = await asyncio.gather(*(records.access_chain(limit=7) for _ in range(6)))
    found = await checked(ACCESS)
    assert (sum(numbers), found.entries, found.faults) == (30, 30, [])


# --- tampering, by somebody who can take the triggers away -----------------------------------------------------------


async def unguarded(*statements: str) -> None:
    """What somebody with all rights over the database can do."""
    for name, table, _, _ in guards.KEPT:
        await db.execute(f"DROP TRIGGER IF EXISTS {name}{'' if db.is_sqlite() else f' ON {table}'}")
    for statement in statements:
        await db.execute(statement)


@pytest.mark.parametrize(
    ("statements", "fault"),
    [
        (["UPDATE audit_entry SET by = 'heron' WHERE seq = 3"], ("changed", 3, None)),
        (["DELETE FROM audit_entry WHERE seq IN (2, 3)"], ("missing", 2, 3)),
        (["DELETE FROM audit_entry WHERE seq > 3"], ("cut-off", 4, 5)),
        (
            [
                "UPDATE audit_entry SET seq = 9 WHERE seq = 3",
                "UPDATE audit_entry SET seq = 3 WHERE seq = 4",
                "UPDATE audit_entry SET seq = 4 WHERE seq = 9",
            ],
            ("changed", 3, None),
        ),
        (["UPDATE audit_head SET hash = 'x'"], ("head", 5, None)),
        (["DELETE FROM audit_head"], ("head", 5, None)),
    ],
)
async def test_what_was_done_to_the_table_itself_is_found(
    database: str, statements: list[str], fault: tuple[str, int, int | None]
) -> None:
    for number in range(5):
        await note(f"listing {number}")
    await unguarded(*statements)
    found = (await checked()).faults[0]
    assert (found.code, found.seq, found.until) == fault


async def test_a_cut_with_the_head_set_back_is_found_by_an_anchor(database: str) -> None:
    for _ in range(5):
        await note()
    anchor = (await records.heads())["directory"]
    assert isinstance(anchor, Anchor)
    await unguarded(
        "DELETE FROM audit_entry WHERE seq > 3",
        "UPDATE audit_head SET seq = 3, hash = (SELECT hash FROM audit_entry WHERE seq = 3)",
    )
    assert (await checked()).faults == []
    check = Check("directory", (DEVELOPMENT_KEY,), [anchor])
    async for entry in records.entries("directory"):
        check.take(entry)
    check.end((await records.heads())["directory"])
    assert check.first_bad == 4


# --- turns of the worker ---------------------------------------------------------------------------------------------


async def test_a_turn_is_taken_once_and_comes_again_when_it_is_due(database: str) -> None:
    hour = timedelta(hours=1)
    took = [
        await records.turn_take("rest", now=NOW + after, every=hour) for after in (0 * hour, 0.99 * hour, hour, hour)
    ]
    assert took == [True, False, True, False]
    assert await records.turns() == {"rest": records.turn(NOW + 2 * hour)}


async def test_a_turn_that_a_clock_ahead_has_put_off_is_taken_now(database: str) -> None:
    hour = timedelta(hours=1)
    assert await records.turn_take("rest", now=NOW + timedelta(days=400), every=hour)
    assert await records.turn_take("rest", now=NOW, every=hour)
    assert not await records.turn_take("rest", now=NOW, every=hour)


@ONLY_POSTGRES
async def test_of_many_that_want_a_turn_at_once_one_gets_it(database: str) -> None:
    took = await asyncio.gather(*(records.turn_take("rest", now=NOW, every=timedelta(hours=1)) for _ in range(20)))
    assert took.count(True) == 1
