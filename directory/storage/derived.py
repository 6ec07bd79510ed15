"""Writes what is worked out from a listing: its words, languages and areas. Makes it anew where a database has it in an older form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tortoise.exceptions import OperationalError

from directory.domain.coverage import areas_of
from directory.domain.listings import Address, ListingDraft, Status, Visibility
from directory.domain.taxonomy import FACETS, Code
from directory.domain.words import DESCRIPTION, FORM, names_in, words_of
from directory.storage import db, texts
from directory.storage.codes import CodeTable, code_table

_DONE = "INSERT INTO state (name, number, text) VALUES ('words', 1, {}) ON CONFLICT (name) DO UPDATE SET text = excluded.text"
"""How a database says in which form its words are."""
_TABLES = ("listing_words", "name_word", "listing_language", "coverage_area")
_BATCH = 1000
_PAIRS = 500
_LISTINGS = (
    "SELECT l.id, l.kind, l.name, o.name AS organization, l.description, l.status, l.program, l.languages, l.care, l.pay, "
    "l.people, l.medication, l.access, l.coverage, p.name AS place, p.city, p.visibility "
    "FROM listing l JOIN location p ON p.id = l.location_id LEFT JOIN organization o ON o.id = l.organization_id "
    "WHERE l.id > {} ORDER BY l.id LIMIT {}"
)


async def add_links(drafts: Mapping[int, ListingDraft]) -> None:
    """Adds the languages of listings and the areas that they serve. Needs a transaction."""
    tags = [(id, tag) for id, draft in drafts.items() for tag in dict.fromkeys(map(str.lower, draft.languages or ()))]
    await add_pairs("listing_language (listing_id, language)", tags)
    areas = [(id, area) for id, draft in drafts.items() for area in areas_of(draft.coverage)]
    await add_pairs("coverage_area (listing_id, area)", areas)


async def add_pairs(table: str, pairs: Sequence[tuple[object, object]]) -> None:
    """Adds rows of two values to a table, named with its columns: many in one statement, which is twice as fast as one by one."""
    for start in range(0, len(pairs), _PAIRS):
        sql = db.Sql()
        values = ",".join(f"({sql(one)},{sql(other)})" for one, other in pairs[start : start + _PAIRS])
        await db.execute(f"INSERT INTO {table} VALUES {values}", sql.values)


async def add_words(drafts: Mapping[int, ListingDraft], codes: CodeTable) -> None:
    """Adds the words by which active listings are found, and by which a slip of the finger is forgiven. Needs a transaction."""
    words = {
        id: words_of(draft, [codes[code][1] for code in draft.codes if code in codes]) for id, draft in drafts.items()
    }
    await db.insert_many("listing_words", ("id", "words"), [(id, found.text) for id, found in words.items()])
    names = {name for found in words.values() for name in found.names}
    await texts.remember(names_in(names))


async def forget_words() -> None:
    """Takes out of the words for which a slip is forgiven those that stand in no name any more. Needs a transaction.

    It looks at every listing: for when a whole source goes.
    """
    used: set[str] = set()
    last = 0
    while found := await _names(last):
        last = found[-1]["id"]
        used |= names_in(row["names"] for row in found)
    gone = [row["word"] for row in await db.rows("SELECT word FROM name_word") if row["word"] not in used]
    for start in range(0, len(gone), _BATCH):
        sql = db.Sql()
        await db.execute(f"DELETE FROM name_word WHERE word IN ({sql.list(gone[start : start + _BATCH])})", sql.values)


async def _names(last: int) -> list[dict[str, Any]]:
    """The next listings with their words up to the description."""
    sql = db.Sql()
    mark = sql(DESCRIPTION)
    names = f"substr(words, 1, {'instr' if db.is_sqlite() else 'strpos'}(words || {mark}, {mark}))"
    text = f"SELECT id, {names} AS names FROM listing_words WHERE id > {sql(last)} ORDER BY id LIMIT {_BATCH}"
    return await db.rows(text, sql.values)


# --- databases from before ---------------------------------------------------------------------------------------------


async def is_due() -> bool:
    """Whether the words of this database are not in the form of today."""
    try:
        found = await db.rows("SELECT text FROM state WHERE name = 'words'")
    except OperationalError:  # no such table yet
        return True
    return [row["text"] for row in found] != [FORM]


async def clear() -> None:
    """Takes out what will be made anew, before an index is made of it. Needs the tables of today."""
    for table in _TABLES:
        await db.execute(f"DELETE FROM {table}")


async def run() -> None:
    """Makes it, in batches. Once all is done the database says so: a refill that was cut short begins again."""
    codes, last = await code_table(), 0
    while drafts := await _drafts(last, codes):
        last = max(drafts)
        async with db.transaction():
            await add_links(drafts)
            await add_words({id: draft for id, draft in drafts.items() if draft.status == Status.ACTIVE}, codes)
    if last:  # else the database would go on choosing its ways by tables that were empty
        await db.execute("ANALYZE" if db.is_sqlite() else f"VACUUM (ANALYZE) {', '.join(_TABLES)}")
    sql = db.Sql()
    await db.execute(_DONE.format(sql(FORM)), sql.values)


async def _drafts(last: int, codes: CodeTable) -> dict[int, ListingDraft]:
    """The next listings by id, each with as much of it as this is about."""
    sql = db.Sql()
    found = await db.rows(_LISTINGS.format(sql(last), _BATCH), sql.values)
    by_id = {id: code for code, (id, _) in codes.items()}
    sql = db.Sql()
    ids = sql.list(row["id"] for row in found) or "NULL"
    carried: dict[int, list[int]] = {}
    text = f"SELECT listing_id, code_id FROM listing_code WHERE listing_id IN ({ids}) ORDER BY id"
    for row in await db.rows(text, sql.values):
        carried.setdefault(row["listing_id"], []).append(row["code_id"])
    return {row["id"]: _draft(row, [by_id[id] for id in carried.get(row["id"], ())]) for row in found}


def _draft(row: Mapping[str, Any], codes: Iterable[Code]) -> ListingDraft:
    as_they_are = ("kind", "name", "organization", "description", "program", "coverage")
    given: dict[str, Any] = {name: row[name] for name in as_they_are}
    for name in ("languages", *FACETS):
        given[name] = None if row[name] is None else tuple(db.from_json(row[name]))
    address = Address(name=row["place"], city=row["city"], visibility=Visibility(row["visibility"]))
    return ListingDraft(key="", address=address, status=Status(row["status"]), codes=tuple(codes), **given)
