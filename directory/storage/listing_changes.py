"""What people have changed of listings, field by field, and what imports have: rows that are only ever added."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from directory.domain.differences import names_of
from directory.domain.listing_changes import FieldChange, ImportChange
from directory.storage import db
from directory.storage.encoding import dumps, to_column


async def add(
    listing_id: int,
    change: str,
    pairs: Mapping[str, list[Any]],
    *,
    by: str,
    at: datetime,
    reason: str | None,
    reverts: Mapping[str, int],
) -> None:
    """Writes the fields of one save: name -> [before, after]. Needs the transaction that saves them."""
    columns = ("listing_id", "change", "field", "before", "after", "by", "at", "reason", "reverts")
    rows = [
        (listing_id, change, field, dumps(before), dumps(after), by, to_column(at), reason, reverts.get(field))
        for field, (before, after) in pairs.items()
    ]
    await db.insert_many("listing_change", columns, rows)


async def of_listing(listing_id: int, saves: int) -> list[FieldChange]:
    """The fields of the last so many saves, the newest first."""
    sql = db.Sql()
    id = sql(listing_id)
    latest = f"SELECT change FROM listing_change WHERE listing_id = {id} GROUP BY change ORDER BY MAX(id) DESC LIMIT {int(saves)}"
    text = f"SELECT * FROM listing_change WHERE listing_id = {id} AND change IN ({latest}) ORDER BY id DESC"
    return [_field_change(row) for row in await db.rows(text, sql.values)]


async def of_rows(listing_id: int, ids: Iterable[int]) -> list[FieldChange]:
    """Those of these rows that are about the listing."""
    sql = db.Sql()
    those = f"id IN ({sql.list(ids) or 'NULL'})"
    text = f"SELECT * FROM listing_change WHERE listing_id = {sql(listing_id)} AND {those} ORDER BY id"
    return [_field_change(row) for row in await db.rows(text, sql.values)]


async def of_save(listing_id: int, change: str) -> list[FieldChange]:
    """The fields of one save of the listing."""
    sql = db.Sql()
    text = f"SELECT * FROM listing_change WHERE listing_id = {sql(listing_id)} AND change = {sql(change)} ORDER BY id"
    return [_field_change(row) for row in await db.rows(text, sql.values)]


async def values_of(listing_id: int, field: str) -> set[Any]:
    """What people and imports have changed a field of the listing from, and to."""
    sql = db.Sql()
    id, name = sql(listing_id), sql(field)
    text = f"SELECT before, after FROM listing_change WHERE listing_id = {id} AND field = {name}"
    pairs = [(json.loads(row["before"]), json.loads(row["after"])) for row in await db.rows(text, sql.values)]
    sql = db.Sql()
    text = f"SELECT differences FROM import_change WHERE listing_id = {sql(listing_id)} AND differences LIKE {sql(f'%{field}%')}"
    pairs += [json.loads(row["differences"]).get(field, ()) for row in await db.rows(text, sql.values)]
    return {value for pair in pairs for value in pair}


async def imports_of(listing_id: int, limit: int) -> list[ImportChange]:
    """What the last so many imports did to the listing, the newest first."""
    sql = db.Sql()
    text = (
        "SELECT c.run_id, c.action, c.differences, c.undone, r.started_at, r.finished_at, COALESCE(s.title, s.name) AS source FROM import_change c "
        "JOIN import_run r ON r.id = c.run_id JOIN source s ON s.id = r.source_id "
        f"WHERE c.listing_id = {sql(listing_id)} ORDER BY c.id DESC LIMIT {int(limit)}"
    )
    return [_import_change(row) for row in await db.rows(text, sql.values)]


def _field_change(row: Mapping[str, Any]) -> FieldChange:
    return FieldChange(
        row["id"],
        row["change"],
        row["field"],
        json.loads(row["before"]),
        json.loads(row["after"]),
        row["by"],
        db.as_moment(row["at"]),
        row["reason"],
        row["reverts"],
    )


def _import_change(row: Mapping[str, Any]) -> ImportChange:
    fields = tuple(name for name in names_of(json.loads(row["differences"])) if name != "*")
    at = db.as_moment(row["finished_at"] or row["started_at"])
    return ImportChange(row["run_id"], row["source"], row["action"], fields, at, bool(row["undone"]))
