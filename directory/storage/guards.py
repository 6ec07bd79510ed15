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
    missing = await lost()
    for guard in missing:
        await db.execute(guard.statement)
    return missing


async def lost() -> list[Guard]:
    """What the SQLite tables that there are have lost, by two questions to the catalogue."""
    if not db.is_sqlite():
        return []
    tables = {row["name"] for row in await db.rows("SELECT name FROM sqlite_master WHERE type = 'table'")}
    columns: dict[tuple[str, str, bool], list[str]] = {}
    for row in await db.rows(_INDEXES):
        columns.setdefault((row["owner"], row["name"], bool(row["is_unique"])), []).append(row["col"])
    stand = {(table, tuple(found), unique) for (table, _, unique), found in columns.items()}
    return [
        guard
        for guard in wanted()
        if guard.table in tables
        and not {(guard.table, guard.columns, unique) for unique in {True, guard.unique}} & stand
    ]


_INDEXES = (
    'SELECT m.name AS owner, l.name AS name, l."unique" AS is_unique, i.name AS col '
    "FROM sqlite_master m, pragma_index_list(m.name) l, pragma_index_info(l.name) i "
    "WHERE m.type = 'table' AND NOT l.partial ORDER BY m.name, l.name, i.seqno"
)

SORT_BY_NAME = 'CREATE INDEX IF NOT EXISTS search_name_bytes ON search_row (name_key COLLATE "C")'
"""PostgreSQL sorts text by the rules of a language; the search sorts by bytes on both engines, and needs an index for it."""

COVERED = "CREATE INDEX IF NOT EXISTS coverage_area_listing ON coverage_area (listing_id)"
"""For a listing that goes, and its areas with it: the model's own index begins with the area."""

ONE_LIVE_GRANT = (
    "CREATE UNIQUE INDEX IF NOT EXISTS one_live_grant ON role_grant (person_id, role, COALESCE(agency_id, 0)) "
    "WHERE ended_at IS NULL"
)
"""Nobody holds a role twice in one agency."""

ONE_ANSWER = (
    "CREATE UNIQUE INDEX IF NOT EXISTS one_claim_of_organization ON claim (organization_id) "
    "WHERE status = 'approved' AND organization_id IS NOT NULL",
    "CREATE UNIQUE INDEX IF NOT EXISTS one_claim_of_listing ON claim (listing_id) "
    "WHERE status = 'approved' AND listing_id IS NOT NULL",
    "CREATE UNIQUE INDEX IF NOT EXISTS one_open_notice ON capacity_notice (level_id) WHERE closed_at IS NULL",
    "CREATE UNIQUE INDEX IF NOT EXISTS one_open_task ON task (key) WHERE done_at IS NULL",
)
"""A listing belongs to one agency, a level is at its limit once at a time, and nobody is asked to do a thing twice."""

ONE_LIVE = (
    "CREATE UNIQUE INDEX IF NOT EXISTS one_live_offer_per_slot ON offer (slot_id) WHERE status IN ('pending', 'accepted')",
    "CREATE UNIQUE INDEX IF NOT EXISTS one_live_offer_per_client ON offer (client_id) WHERE status IN ('pending', 'accepted')",
    "CREATE UNIQUE INDEX IF NOT EXISTS one_open_entry ON entry (client_id, pool_id) "
    "WHERE status IN ('waiting', 'on-hold', 'offered', 'accepted')",
    "CREATE UNIQUE INDEX IF NOT EXISTS one_code_in_force ON status_code (client_id) WHERE revoked_at IS NULL",
    "CREATE UNIQUE INDEX IF NOT EXISTS one_open_second_word ON second_word (kind, COALESCE(client_id, 0), COALESCE(entry_id, 0), "
    "COALESCE(slot_id, 0), COALESCE(import_id, 0)) WHERE status = 'open'",
)
"""The second net under the waitlist: an opening goes to one person, a person holds one offer, and stands in a line once."""

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


CHAINED = (
    "CREATE UNIQUE INDEX IF NOT EXISTS audit_entry_place ON audit_entry (chain, seq)",
    "CREATE UNIQUE INDEX IF NOT EXISTS access_entry_place ON access_entry (chain, seq)",
    "CREATE INDEX IF NOT EXISTS access_entry_loose ON access_entry (id) WHERE hash IS NULL",
)
"""One entry for each place in a chain, and those that wait for theirs."""

_NEW, _OLD = (f"({row}.at, {row}.by, {row}.action, {row}.subject, {row}.details)" for row in ("NEW", "OLD"))
_ELSEWHERE = "NEW.id <> OLD.id OR NEW.hash IS NULL OR NEW.seq IS NULL OR NEW.chain IS DISTINCT FROM 'access'"
KEPT = (
    ("audit_entry_insert", "audit_entry", "INSERT", "NEW.chain IS NULL OR NEW.seq IS NULL OR NEW.hash IS NULL"),
    ("audit_entry_update", "audit_entry", "UPDATE", "1 = 1"),
    ("audit_entry_delete", "audit_entry", "DELETE", "1 = 1"),
    (
        "access_entry_insert",
        "access_entry",
        "INSERT",
        "COALESCE(NEW.chain, NEW.hash) IS NOT NULL OR NEW.seq IS NOT NULL",
    ),
    ("access_entry_update", "access_entry", "UPDATE", f"OLD.hash IS NOT NULL OR {_NEW} IS DISTINCT FROM {_OLD}"),
    ("access_entry_elsewhere", "access_entry", "UPDATE", _ELSEWHERE),
    ("access_entry_delete", "access_entry", "DELETE", "1 = 1"),
    ("audit_head_update", "audit_head", "UPDATE", "NEW.seq < OLD.seq OR NEW.chain <> OLD.chain"),
    ("audit_head_delete", "audit_head", "DELETE", "1 = 1"),
)
"""What is refused in the tables of the audit trail, and when: a row of the access log changes only to take its place in its own chain."""

_TAKEN = "EXISTS (SELECT 1 FROM {0} WHERE chain = NEW.chain AND seq = NEW.seq)"
NOT_REPLACED = (
    (
        "audit_entry_taken",
        "audit_entry",
        "INSERT",
        f"EXISTS (SELECT 1 FROM audit_entry WHERE id = NEW.id) OR {_TAKEN.format('audit_entry')}",
    ),
    ("access_entry_taken", "access_entry", "INSERT", "EXISTS (SELECT 1 FROM access_entry WHERE id = NEW.id)"),
    ("access_entry_moved", "access_entry", "UPDATE", _TAKEN.format("access_entry")),
    ("audit_head_taken", "audit_head", "INSERT", "EXISTS (SELECT 1 FROM audit_head WHERE chain = NEW.chain)"),
)
"""SQLite alone has `INSERT OR REPLACE`, which deletes the row that is in the way without asking any DELETE trigger."""

_REFUSES = " BEGIN RAISE EXCEPTION 'rows of % are kept as they are', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; END "
REFUSING = f"CREATE OR REPLACE FUNCTION audit_is_kept() RETURNS trigger LANGUAGE plpgsql AS $${_REFUSES}$$"


def keepers(sqlite: bool) -> dict[str, str]:
    """The statements that make the triggers over the audit trail, by the names of those."""
    if sqlite:  # which calls "IS NOT" what is "IS DISTINCT FROM" in the standard, and the latter too only from 3.39 on
        return {
            name: f"CREATE TRIGGER {name} BEFORE {event} ON {table} "
            f"WHEN {when.replace('IS DISTINCT FROM', 'IS NOT')} "
            f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are kept as they are'); END"
            for name, table, event, when in (*KEPT, *NOT_REPLACED)
        }
    rows = {
        name: f"CREATE OR REPLACE TRIGGER {name} BEFORE {event} ON {table} "
        f"FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION audit_is_kept()"
        for name, table, event, when in KEPT
    }
    emptied = {
        f"{table}_truncate": f"CREATE OR REPLACE TRIGGER {table}_truncate BEFORE TRUNCATE ON {table} EXECUTE FUNCTION audit_is_kept()"
        for table in sorted({table for _, table, _, _ in KEPT})
    }
    return rows | emptied


async def unguarded() -> list[str]:
    """The names of those triggers over the audit trail that do not stand: gone, switched off, or (as far as it can be told) others."""
    wants = keepers(db.is_sqlite())
    if db.is_sqlite():
        found = await db.rows("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        stand = {row["name"]: row["sql"] for row in found}
        return [name for name, statement in wants.items() if stand.get(name) != statement]
    sql = db.Sql()
    named = await db.rows(
        "SELECT t.tgname AS name FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid "
        "WHERE pg_table_is_visible(c.oid) AND t.tgenabled IN ('O', 'A') AND p.proname = 'audit_is_kept' "
        f"AND p.prosrc = {sql(_REFUSES)}",
        sql.values,
    )
    return [name for name in wants if name not in {row["name"] for row in named}]


async def is_whole() -> bool:
    """Whether all that this module makes stands. A few questions to the catalogue, for every start of a program."""
    if await unguarded() or await lost():
        return False
    catalogue = "SELECT name FROM sqlite_master" if db.is_sqlite() else "SELECT indexname AS name FROM pg_indexes"
    return _own_names(db.is_sqlite()) <= {row["name"] for row in await db.rows(catalogue)}


def _own_names(sqlite: bool) -> set[str]:
    """What else `add_own` makes, by its names in the catalogue."""
    indexes = {
        statement.partition(" IF NOT EXISTS ")[2].split()[0]
        for statement in (COVERED, ONE_LIVE_GRANT, *ONE_ANSWER, *ONE_LIVE, *CHAINED)
    }
    return indexes | ({"listing_text", *TRIGGERS} if sqlite else {"search_name_bytes", "listing_words_lexemes"})


async def add_own() -> None:
    """Makes what the models cannot say: the search by words, indexes, and that the audit trail is only ever added to."""
    for statement in (COVERED, ONE_LIVE_GRANT, *ONE_ANSWER, *ONE_LIVE, *CHAINED):
        await db.execute(statement)
    await _add_keepers()
    if db.is_sqlite():
        await _add_text_table()
    else:
        for statement in (SORT_BY_NAME, *LEXEMES):
            await db.execute(statement)


async def _add_keepers() -> None:
    wants = keepers(db.is_sqlite())
    if not db.is_sqlite():
        await db.execute(REFUSING)
    for name in await unguarded():
        if db.is_sqlite():
            await db.execute(f"DROP TRIGGER IF EXISTS {name}")
        await db.execute(wants[name])


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
