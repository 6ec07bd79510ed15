"""The reference table of outside codes, filled from seeds/codes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from directory.domain.taxonomy import Code, CodeBook, CodeInfo
from directory.storage import db

CodeTable = Mapping[Code, tuple[int, CodeInfo]]


async def code_table() -> CodeTable:
    """The reference table of codes, with their ids."""
    infos = [(row["id"], code_info(row)) for row in await db.rows("SELECT * FROM code ORDER BY id")]
    return {info.code: (id, info) for id, info in infos}


async def meeting_types() -> dict[int, CodeInfo]:
    """The codes of meetings by id: those that come in one edition."""
    return {row["id"]: code_info(row) for row in await db.rows("SELECT * FROM code WHERE edition = ''")}


def code_info(row: Mapping[str, Any]) -> CodeInfo:
    pairs = [pair.split(":", 1) for pair in row["facets"].split()]
    return CodeInfo(
        Code(row["system"], row["edition"], row["code"]),
        row["category"],
        {"en": row["label_en"], "es": row["label_es"]},
        tuple((facet, value) for facet, value in pairs),
    )


async def replace(infos: Iterable[CodeInfo]) -> int:
    """Brings the reference table of codes up to date; ids stay. Needs a transaction."""
    columns = ("system", "edition", "code", "category", "label_en", "label_es", "facets")
    values = [
        [
            *_key(info.code),
            info.category,
            info.labels["en"],
            info.labels["es"],
            " ".join(f"{f}:{v}" for f, v in info.facets),
        ]
        for info in infos
    ]
    await db.connection().execute_many(
        f"INSERT INTO code ({','.join(columns)}) VALUES ({db.markers(len(columns))}) ON CONFLICT (system, edition, code) DO UPDATE "
        "SET category = excluded.category, label_en = excluded.label_en, label_es = excluded.label_es, facets = excluded.facets",
        values,
    )
    return len(values)


def _key(code: Code) -> tuple[str, str, str]:
    return code.system, code.edition, code.code


def book_of(table: CodeTable) -> CodeBook:
    """The codes as the readers of formats use them."""
    return CodeBook.of(info for _, info in table.values())


async def ids_of(system: str, code: str) -> list[int]:
    """The ids of a code in all editions of its system, ignoring case."""
    sql = db.Sql()
    text = f"SELECT id FROM code WHERE system = {sql(system)} AND UPPER(code) = {sql(code.upper())} ORDER BY id"
    return [row["id"] for row in await db.rows(text, sql.values)]
