"""What the tables of a database are, so that two ways of making them can be compared."""

from __future__ import annotations

import re
from typing import Any

from directory.storage import db

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
