"""What a run that waits for somebody would do, as they look at it: its staged rows with the listings that they are about."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from directory.domain.differences import Differences
from directory.domain.listings import Status
from directory.storage import db, imports
from directory.storage.encoding import to_column
from directory.storage.imports import Staged
from directory.storage.stewards import OF_ANOTHER


@dataclass(frozen=True, slots=True)
class Shown:
    """One staged row. `slug` and `name` are of the listing it is about, or `name` of the one that it would add; `held` are the fields of
    it that people have set by hand, which stay as they are. `draft` is what the file says of one that is to be added."""

    action: str
    name: str
    slug: str | None
    differences: Differences
    held: frozenset[str] = frozenset()
    draft: dict[str, Any] | None = None


async def mark(source_id: int) -> str:
    """Another text whenever a run, its undoing, or a person has changed listings of this source, or one has come to another agency."""
    sql = db.Sql()
    source = sql(source_id)
    ended = sql.list((imports.APPLYING, imports.DONE, imports.UNDOING, imports.UNDO_ASKED, imports.UNDONE))
    text = (
        f"SELECT (SELECT MAX(r.id) FROM import_run r WHERE r.source_id = {source} AND r.status IN ({ended})) AS run, "
        f"(SELECT COUNT(*) FROM import_run r WHERE r.source_id = {source} AND r.undone_at IS NOT NULL) AS undone, "
        f"(SELECT MAX(c.id) FROM listing_change c JOIN listing l ON l.id = c.listing_id WHERE l.source_id = {source}) AS change, "
        f"(SELECT MAX(h.at) FROM hand_value h JOIN listing l ON l.id = h.listing_id WHERE l.source_id = {source}) AS hand"
    )
    (found,) = await db.rows(text, sql.values)
    hand = db.as_moment(found["hand"]).isoformat() if found["hand"] else ""
    sql = db.Sql()
    text = (
        f"SELECT l.status, COUNT(*) AS n, SUM(CASE WHEN {OF_ANOTHER} THEN l.id ELSE 0 END) AS others FROM listing l "
        f"WHERE l.source_id = {sql(source_id)} GROUP BY l.status ORDER BY l.status"
    )
    counts = [f"{row['status']} {row['n']} {row['others']}" for row in await db.rows(text, sql.values)]
    return " | ".join([str(found["run"]), str(found["undone"]), str(found["change"]), hand, *counts])


async def staged_page(run_id: int, source_id: int, actions: Sequence[str], offset: int, limit: int) -> list[Shown]:
    """So many staged rows of these sorts, in the order of the file; what is gone by its name."""
    sql = db.Sql()
    text = (
        "SELECT t.action, t.payload, l.id, l.slug, l.name FROM import_stage t LEFT JOIN listing l "
        f"ON l.source_id = {sql(source_id)} AND l.source_key = t.source_key WHERE t.run_id = {sql(run_id)} "
        f"AND t.action IN ({sql.list(actions)}) ORDER BY t.line, l.name, t.id LIMIT {int(limit)} OFFSET {int(offset)}"
    )
    found = await db.rows(text, sql.values)
    held = await _held([row["id"] for row in found if row["id"]])
    return [_shown(row, held.get(row["id"], frozenset())) for row in found]


def _shown(row: dict[str, Any], held: frozenset[str]) -> Shown:
    if not row["payload"]:
        return Shown(row["action"], row["name"] or "", row["slug"], {}, held)
    text, _, rest = row["payload"].split("\n")
    draft, action = json.loads(text), row["action"]
    differences, new = json.loads(rest)[1] or {}, draft if action in (imports.ADD, imports.RETURN) else None
    return Shown(action, row["name"] or draft["name"], row["slug"], differences, held, new)


async def _held(ids: Sequence[int]) -> dict[int, frozenset[str]]:
    sql = db.Sql()
    text = f"SELECT listing_id, field FROM hand_value WHERE listing_id IN ({sql.list(ids) or 'NULL'})"
    found: dict[int, set[str]] = {}
    for row in await db.rows(text, sql.values):
        found.setdefault(row["listing_id"], set()).add(row["field"])
    return {id: frozenset(fields) for id, fields in found.items()}


async def staged_rows(run_id: int) -> list[Staged]:
    """All that the file of a run said, in its order, so that it can be compared once more."""
    sql = db.Sql()
    text = (
        f"SELECT source_key, line, action, payload FROM import_stage WHERE run_id = {sql(run_id)} "
        f"AND action <> {sql(imports.REMOVE)} ORDER BY line, id"
    )
    return [imports.staged_of(row, row["action"]) for row in await db.rows(text, sql.values)]


async def sources(agencies: Sequence[int] | None) -> list[dict[str, Any]]:
    """The sources that files can be for: their names, titles, formats and how many listings they have on show."""
    sql = db.Sql()
    where = f" WHERE s.agency_id IN ({sql.list(agencies) or 'NULL'})" if agencies is not None else ""
    text = (
        "SELECT s.name, s.title, s.format, COUNT(l.id) AS listings FROM source s LEFT JOIN listing l "
        f"ON l.source_id = s.id AND l.status <> {sql(Status.REMOVED.value)}{where} "
        "GROUP BY s.name, s.title, s.format ORDER BY s.name"
    )
    return await db.rows(text, sql.values)


async def run_changes(run_id: int, actions: Sequence[str], offset: int, limit: int) -> list[Shown]:
    """So many of the things of these sorts that a run did, in the order in which it did them."""
    sql = db.Sql()
    text = (
        "SELECT c.action, c.differences, l.slug, l.name FROM import_change c JOIN listing l ON l.id = c.listing_id "
        f"WHERE c.run_id = {sql(run_id)} AND c.action IN ({sql.list(actions)}) ORDER BY c.id LIMIT {int(limit)} OFFSET {int(offset)}"
    )
    return [
        Shown(row["action"], row["name"], row["slug"], json.loads(row["differences"]))
        for row in await db.rows(text, sql.values)
    ]


async def expired(before: datetime) -> list[dict[str, Any]]:
    """The previews that were begun before this moment."""
    sql = db.Sql()
    text = f"SELECT id FROM import_run WHERE status = {sql(imports.PREVIEW)} AND started_at < {sql(to_column(before))}"
    return await db.rows(text, sql.values)
