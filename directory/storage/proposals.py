"""Changes that wait for a second pair of eyes. Who settles one first is decided by the row itself."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from directory.domain.proposals import WAITING, Proposal, Written
from directory.storage import db
from directory.storage.encoding import dumps, to_column

_COLUMNS = "id agency_id reason status by at settled_at answer published"
_LISTED = ", ".join(f"p.{name}" for name in _COLUMNS.split())
_FROM = "FROM proposal p JOIN listing l ON l.id = p.listing_id WHERE "


async def add(
    listing_id: int,
    *,
    agency: int | None,
    edits: Mapping[str, Any],
    seen: Mapping[str, Any],
    reason: str | None,
    by: str,
    now: datetime,
) -> int:
    """The id of a new one. Needs a transaction."""
    sql = db.Sql()
    values = (listing_id, agency, dumps(edits), dumps(seen), reason, WAITING, by, to_column(now))
    text = f"INSERT INTO proposal (listing_id, agency_id, edits, seen, reason, status, by, at) VALUES ({sql.list(values)}) RETURNING id"
    return int((await db.rows(text, sql.values))[0]["id"])


async def find(id: int) -> Written | None:
    """The proposal with this id, with all that it says."""
    sql = db.Sql()
    found = await db.rows(f"SELECT p.*, l.slug, l.name {_FROM} p.id = {sql(id)}", sql.values)
    if not found:
        return None
    edits, seen = (json.loads(found[0][name]) for name in ("edits", "seen"))
    return Written(**_listed(found[0], edits), edits=edits, seen=seen)


async def waiting(limit: int, skip: int = 0) -> list[Proposal]:
    """Those that nobody has settled, the oldest first."""
    sql = db.Sql()
    where = f"p.status = {sql(WAITING)} ORDER BY p.at, p.id LIMIT {int(limit)} OFFSET {int(skip)}"
    return await _list(where, sql)


async def count_waiting() -> int:
    """How many those are."""
    sql = db.Sql()
    found = await db.rows(f"SELECT COUNT(*) AS n FROM proposal WHERE status = {sql(WAITING)}", sql.values)
    return int(found[0]["n"])


async def count_waiting_of(by: str, listing_id: int) -> tuple[int, int]:
    """How many of one writer: about this listing, and in all."""
    sql = db.Sql()
    here = f"COALESCE(SUM(CASE WHEN listing_id = {sql(listing_id)} THEN 1 ELSE 0 END), 0) AS here"
    where = f"by = {sql(by)} AND status = {sql(WAITING)}"
    (row,) = await db.rows(f"SELECT COUNT(*) AS n, {here} FROM proposal WHERE {where}", sql.values)
    return int(row["here"]), int(row["n"])


async def of_listing(slug: str, limit: int) -> list[Proposal]:
    """Those about a listing, the newest first."""
    sql = db.Sql()
    return await _list(f"l.slug = {sql(slug)} ORDER BY p.id DESC LIMIT {int(limit)}", sql)


async def of_writer(by: str, limit: int) -> list[Proposal]:
    """Those of one person, the newest first."""
    sql = db.Sql()
    return await _list(f"p.by = {sql(by)} ORDER BY p.id DESC LIMIT {int(limit)}", sql)


async def settle(
    id: int, status: str, *, by: str, answer: str | None, now: datetime, published: Collection[str] = ()
) -> bool:
    """Whether it still waited; from here on it is settled, with these fields of it published. Needs a transaction."""
    sql = db.Sql()
    sets = f"status = {sql(status)}, settled_by = {sql(by)}, settled_at = {sql(to_column(now))}, answer = {sql(answer)}"
    sets += f", published = {sql(dumps(sorted(published)))}"
    text = f"UPDATE proposal SET {sets} WHERE id = {sql(id)} AND status = {sql(WAITING)} RETURNING id"
    return bool(await db.rows(text, sql.values))


async def _list(where: str, sql: db.Sql) -> list[Proposal]:
    """Those of a list, without what they say: only the names of the fields leave the database."""
    names = (
        "(SELECT json_group_array(key) FROM json_each(p.edits))"
        if db.is_sqlite()
        else "(SELECT json_agg(key)::text FROM json_object_keys(p.edits::json) AS key)"
    )
    rows = await db.rows(f"SELECT {_LISTED}, {names} AS fields, l.slug, l.name {_FROM} {where}", sql.values)
    return [Proposal(**_listed(row, json.loads(row["fields"] or "[]"))) for row in rows]


def _listed(row: Mapping[str, Any], fields: Iterable[str]) -> dict[str, Any]:
    return {
        "id": row["id"],
        "slug": row["slug"],
        "name": row["name"],
        "agency": row["agency_id"],
        "fields": tuple(fields),
        "reason": row["reason"],
        "status": row["status"],
        "by": row["by"],
        "at": db.as_moment(row["at"]),
        "settled_at": db.as_moment(row["settled_at"]) if row["settled_at"] else None,
        "answer": row["answer"],
        "published": tuple(json.loads(row["published"] or "[]")),
    }
