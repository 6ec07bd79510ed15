"""Puts back what a rebuilt SQLite table has lost: every index, and every rule that something be unique.

To alter a column SQLite makes a new table, and Tortoise 1.1.9 then leaves out the indexes and `unique_together` of the
old one. So after every migration the models are asked what must be there, and what is missing is made.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tortoise import Tortoise
from tortoise.models import Model

from directory.storage import db


@dataclass(frozen=True, slots=True)
class Guard:
    """An index that a table must have, by its columns."""

    table: str
    columns: tuple[str, ...]
    unique: bool

    @property
    def name(self) -> str:
        """The name that it is made under."""
        return f"guard_{self.table}_{'_'.join(self.columns)}"[:63]

    @property
    def statement(self) -> str:
        """What makes it; doing so twice does no harm."""
        unique = "UNIQUE " if self.unique else ""
        return f"CREATE {unique}INDEX IF NOT EXISTS {self.name} ON {self.table} ({', '.join(self.columns)})"


def wanted() -> list[Guard]:
    """What the models ask for. Needs an open connection, which is what loads them."""
    apps = Tortoise.apps
    return [guard for model in apps["directory"].values() for guard in _of_model(model)] if apps else []


def _of_model(model: type[Model]) -> list[Guard]:
    meta = model._meta
    table = meta.db_table

    def named(fields: Iterable[str]) -> tuple[str, ...]:
        return tuple(meta.fields_map[name].source_field or name for name in fields)

    found = [Guard(table, named(fields), True) for fields in meta.unique_together]
    for index in meta.indexes:
        found.append(Guard(table, named(index if isinstance(index, tuple | list) else index.fields), False))
    for name in meta.fields_db_projection:
        field = meta.fields_map[name]
        if not field.pk and (field.unique or field.index):
            found.append(Guard(table, (meta.fields_db_projection[name],), bool(field.unique)))
    return found


async def put_back() -> list[Guard]:
    """Makes what is missing on SQLite, and says what that was; PostgreSQL alters tables in place and loses nothing."""
    if not db.is_sqlite():
        return []
    missing = [guard for guard in wanted() if not await _stands(guard)]
    for guard in missing:
        await db.execute(guard.statement)
    return missing


async def _stands(guard: Guard) -> bool:
    for index in await db.rows(f"PRAGMA index_list('{guard.table}')"):
        columns = tuple(row["name"] for row in await db.rows(f"PRAGMA index_info('{index['name']}')"))
        if columns == guard.columns and (index["unique"] or not guard.unique) and not index["partial"]:
            return True
    return False


SORT_BY_NAME = 'CREATE INDEX IF NOT EXISTS search_name_bytes ON search_row (name_key COLLATE "C")'
"""PostgreSQL sorts text by the rules of a language; the search sorts by bytes on both engines, and needs an index for it."""


async def add_own() -> None:
    """Makes the indexes that the models cannot say."""
    if not db.is_sqlite():
        await db.execute(SORT_BY_NAME)
