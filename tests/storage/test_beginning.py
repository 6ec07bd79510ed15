"""A new database gets the very tables that all migrations one after the other would have made."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from tortoise.exceptions import IntegrityError

from directory.storage import beginning, db, schema

pytestmark = pytest.mark.may_block("as a command does")

Tables = dict[str, tuple[list[Any], list[Any], list[Any]]]


async def tables() -> Tables:
    """The columns, indexes and references of every table, without the names that engines give."""
    return await (_of_sqlite() if db.is_sqlite() else _of_postgres())


async def _of_sqlite() -> Tables:
    found: Tables = {}
    for table in await db.rows("SELECT name FROM sqlite_master WHERE type = 'table'"):
        name = table["name"]
        columns = [tuple(row.values())[1:] for row in await db.rows(f"PRAGMA table_info('{name}')")]
        indexes = []
        for index in await db.rows(f"PRAGMA index_list('{name}')"):
            parts = await db.rows(f"PRAGMA index_info('{index['name']}')")
            indexes.append((index["unique"], index["partial"], tuple(part["name"] for part in parts)))
        keys = [
            (row["from"], row["table"], row["to"], row["on_delete"])
            for row in await db.rows(f"PRAGMA foreign_key_list('{name}')")
        ]
        found[name] = (sorted(columns, key=repr), sorted(indexes, key=repr), sorted(keys))
    return found


async def _of_postgres() -> Tables:
    asked = (
        "SELECT table_name AS owner, column_name, data_type, character_maximum_length, is_nullable, column_default, is_generated "
        "FROM information_schema.columns WHERE table_schema = 'public'",
        "SELECT tablename AS owner, regexp_replace(indexdef, 'INDEX \\S+', 'INDEX') AS made FROM pg_indexes WHERE schemaname = 'public'",
        "SELECT conrelid::regclass::text AS owner, pg_get_constraintdef(oid) AS made FROM pg_constraint "
        "WHERE connamespace = 'public'::regnamespace AND contype <> 'n'",
    )
    found: Tables = {}
    for number, text in enumerate(asked):
        for row in await db.rows(text):
            values = [re.sub(r"nextval\(.*", "nextval", str(value)) for name, value in row.items() if name != "owner"]
            found.setdefault(row["owner"], ([], [], []))[number].append(values)
    return {name: tuple(sorted(part, key=repr) for part in parts) for name, parts in found.items()}  # type: ignore[misc]


async def test_the_tables_of_a_new_database_are_those_that_the_migrations_make(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with db.connect(database_url):
        new = await tables()
        if not db.is_sqlite():
            await db.execute("DROP SCHEMA public CASCADE")
            await db.execute("CREATE SCHEMA public")

    async def never() -> bool:
        return False

    monkeypatch.setattr(beginning, "is_new", never)
    url = f"sqlite://{tmp_path}/by-migrations.sqlite3" if database_url.startswith("sqlite") else database_url
    await schema.migrate(url)
    async with db.connect(url):
        migrated = await tables()
    assert set(new) == set(migrated)
    assert {name for name in new if new[name] != migrated[name]} == set()


async def test_who_dies_while_the_tables_are_made_leaves_a_database_that_is_still_new(tmp_path: Path) -> None:
    url = f"sqlite://{tmp_path}/x.sqlite3"
    async with db.connect(url):
        with pytest.raises(IntegrityError):
            await beginning.make_tables([*schema.MIGRATIONS, None])  # type: ignore[list-item]
        assert await beginning.is_new()
    assert await schema.migrate(url) == schema.MIGRATIONS
    async with db.connect(url):
        assert not await beginning.is_new()
        assert await schema.pending_migrations() == []
