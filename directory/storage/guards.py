"""Puts back what a rebuilt SQLite table has lost: every index, and every rule that something be unique.

To alter a column SQLite makes a new table, and Tortoise 1.1.9 then leaves out the indexes and `unique_together` of the
old one. So after every migration the models are asked what must be there, and what is missing is made. What no model can say
is made here too: the index of words, and what keeps it in step.
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

COVERED = "CREATE INDEX IF NOT EXISTS coverage_area_listing ON coverage_area (listing_id)"
"""For a listing that goes, and its areas with it: the model's own index begins with the area."""

LEXEMES = (
    "ALTER TABLE listing_words ADD COLUMN IF NOT EXISTS lexemes tsvector GENERATED ALWAYS AS "
    "(array_to_tsvector(array_remove(string_to_array(words, ' '), ''))) STORED",
    "CREATE INDEX IF NOT EXISTS listing_words_lexemes ON listing_words USING gin (lexemes)",
)
"""PostgreSQL's index of words: the words as they are, with no parser and no dictionary in between."""

TEXT_TABLE = (
    "CREATE VIRTUAL TABLE listing_text USING fts5"
    "(words, content='listing_words', content_rowid='id', tokenize='ascii', detail='column', columnsize=0)"
)
"""SQLite's. To `ascii` every sign beyond ASCII belongs to a word, so that it parts the words where there are blanks, as PostgreSQL
does. It keeps neither places nor copies: phrases are read from the words themselves (storage/texts.py)."""

_ADDS = "INSERT INTO listing_text (rowid, words) VALUES (new.id, new.words);"
_TAKES = "INSERT INTO listing_text (listing_text, rowid, words) VALUES ('delete', old.id, old.words);"
TRIGGERS = {
    "listing_text_add": f"AFTER INSERT ON listing_words BEGIN {_ADDS} END",
    "listing_text_take": f"AFTER DELETE ON listing_words BEGIN {_TAKES} END",
    "listing_text_change": f"AFTER UPDATE ON listing_words BEGIN {_TAKES} {_ADDS} END",
}
"""What keeps SQLite's index in step. A table that is rebuilt loses its triggers."""


async def add_own() -> None:
    """Makes what the models cannot say: the search by words, and indexes."""
    await db.execute(COVERED)
    if db.is_sqlite():
        await _add_text_table()
    else:
        for statement in (SORT_BY_NAME, *LEXEMES):
            await db.execute(statement)


async def _add_text_table() -> None:
    """Makes SQLite's index of words. Where any part of it was missing, rows may have changed unseen: it is filled anew."""
    names = {row["name"] for row in await db.rows("SELECT name FROM sqlite_master WHERE name LIKE 'listing_text%'")}
    missing = [name for name in TRIGGERS if name not in names]
    if "listing_text" not in names:
        await db.execute(TEXT_TABLE)
    elif not missing:
        return
    for name in missing:
        await db.execute(f"CREATE TRIGGER {name} {TRIGGERS[name]}")
    await db.execute("INSERT INTO listing_text (listing_text) VALUES ('rebuild')")
