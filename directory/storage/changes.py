"""What each import run did to each listing, so that it can be shown, and taken back."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

from directory.domain.differences import Differences
from directory.domain.listings import Status
from directory.storage import db, imports
from directory.storage.encoding import dumps


@dataclass(frozen=True, slots=True)
class Change:
    """What a run did to one listing. `removed`: whether it is out now; `out_without`: whether it would be, had this run not been."""

    id: int
    listing_id: int
    slug: str
    action: str
    differences: Differences
    removed: bool
    out_without: bool
    undone: bool


UNKNOWN = {"*": [None, None]}
"""The differences of a listing from before its source's words were kept: nobody knows what it said."""


async def add(run_id: int, rows: Sequence[tuple[int, str, Differences | None]]) -> None:
    """Writes (listing, action, differences) of a run. Needs the transaction that does it."""
    values = [(run_id, listing, action, dumps(found or {}), False) for listing, action, found in rows]
    await db.insert_many("import_change", ("run_id", "listing_id", "action", "differences", "undone"), values)


async def next_to_undo(run_id: int, after: int, limit: int) -> list[Change]:
    """The next ones that are not taken back yet, with the listings as they are now."""
    sql = db.Sql()
    text = (
        f"{_CHANGES} WHERE c.run_id = {sql(run_id)} AND c.id > {sql(after)} AND c.undone = {sql(False)} "
        f"ORDER BY c.id LIMIT {int(limit)}"
    )
    return [_change(row) for row in await db.rows(text, sql.values)]


async def of_run(run_id: int) -> AsyncIterator[Change]:
    """All that a run did, in the order in which it did it."""
    after = 0
    while True:
        sql = db.Sql()
        text = f"{_CHANGES} WHERE c.run_id = {sql(run_id)} AND c.id > {sql(after)} ORDER BY c.id LIMIT 500"
        found = await db.rows(text, sql.values)
        for row in found:
            yield _change(row)
        if not found:
            return
        after = found[-1]["id"]


async def mark_undone(ids: Sequence[int]) -> None:
    """Needs the transaction that takes them back."""
    sql = db.Sql()
    await db.execute(f"UPDATE import_change SET undone = {sql(True)} WHERE id IN ({sql.list(ids)})", sql.values)


async def counts(run_id: int) -> dict[str, int]:
    """How many listings a run did what to."""
    sql = db.Sql()
    text = f"SELECT action, COUNT(*) AS n FROM import_change WHERE run_id = {sql(run_id)} GROUP BY action"
    return {row["action"]: int(row["n"]) for row in await db.rows(text, sql.values)}


_COMES_OR_GOES = f"({', '.join(repr(action) for action in (imports.ADD, imports.RETURN, imports.REMOVE))})"
# Where no other run says anything: it came with a run, this one or one that is taken back, or is from before there was a record.
_STANDS_WITHOUT = (
    f"COALESCE((SELECT n.action FROM import_change n WHERE n.listing_id = c.listing_id AND n.id <> c.id AND NOT n.undone "
    f"AND n.action IN {_COMES_OR_GOES} ORDER BY n.id DESC LIMIT 1), "
    f"(SELECT '{imports.REMOVE}' FROM import_change a WHERE a.listing_id = c.listing_id AND a.action = '{imports.ADD}' LIMIT 1), "
    f"CASE c.action WHEN '{imports.RETURN}' THEN '{imports.REMOVE}' ELSE '{imports.ADD}' END)"
)
_CHANGES = (
    f"SELECT c.id, c.listing_id, c.action, c.differences, c.undone, l.slug, l.status, {_STANDS_WITHOUT} AS without "
    "FROM import_change c JOIN listing l ON l.id = c.listing_id"
)


def _change(row: dict[str, Any]) -> Change:
    return Change(
        row["id"],
        row["listing_id"],
        row["slug"],
        row["action"],
        json.loads(row["differences"]),
        row["status"] == Status.REMOVED.value,
        row["without"] == imports.REMOVE,
        bool(row["undone"]),
    )
