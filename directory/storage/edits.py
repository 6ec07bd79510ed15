"""What people have set by hand, and where a source now says something else."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from directory.domain.listings import Status
from directory.storage import db
from directory.storage.encoding import dumps, to_column

OPEN, SETTLED = "open", "settled"


@dataclass(frozen=True, slots=True)
class Hand:
    """One field as a person set it, and what the source said when that was settled."""

    value: Any
    source_value: Any


Hands = dict[int, dict[str, Hand]]
"""By listing and field."""


async def subject(slug: str, *, keep: bool = True) -> dict[str, Any] | None:
    """The listing with this slug: `id`, `status`, `version`, `source_id` and `source`. To `keep` it as it is needs a transaction, until its end."""
    sql = db.Sql()
    kept = " FOR UPDATE OF l" if keep and not db.is_sqlite() else ""  # SQLite has one writer at a time anyway
    text = (
        "SELECT l.id, l.status, l.version, l.source_id, s.name AS source FROM listing l JOIN source s ON s.id = l.source_id "
        f"WHERE l.slug = {sql(slug)}{kept}"
    )
    found = await db.rows(text, sql.values)
    return found[0] if found else None


async def of(ids: Iterable[int]) -> Hands:
    """What is set by hand of these listings."""
    sql = db.Sql()
    text = f"SELECT listing_id, field, value, source_value FROM hand_value WHERE listing_id IN ({sql.list(ids) or 'NULL'}) ORDER BY id"
    found: Hands = {}
    for row in await db.rows(text, sql.values):
        hand = Hand(json.loads(row["value"]), json.loads(row["source_value"]))
        found.setdefault(row["listing_id"], {})[row["field"]] = hand
    return found


@dataclass(frozen=True, slots=True)
class SetBy:
    """Who set a field by hand, when and why."""

    by: str
    at: datetime
    reason: str | None


async def set_by(listing_id: int) -> dict[str, SetBy]:
    """For each field of a listing that is set by hand who did so."""
    sql = db.Sql()
    text = f"SELECT field, by, at, reason FROM hand_value WHERE listing_id = {sql(listing_id)}"
    return {
        row["field"]: SetBy(row["by"], db.as_moment(row["at"]), row["reason"])
        for row in await db.rows(text, sql.values)
    }


async def put(listing_id: int, hands: Mapping[str, Hand], *, by: str, reason: str | None, now: datetime) -> None:
    """Sets fields by hand, over what stood there, and closes the questions about them. Needs a transaction."""
    columns = "listing_id, field, value, source_value, reason, by, at"
    for field, hand in hands.items():
        sql = db.Sql()
        values = (listing_id, field, dumps(hand.value), dumps(hand.source_value), reason, by, to_column(now))
        sets = ", ".join(f"{name} = excluded.{name}" for name in ("value", "source_value", "reason", "by", "at"))
        await db.execute(
            f"INSERT INTO hand_value ({columns}) VALUES ({sql.list(values)}) "
            f"ON CONFLICT (listing_id, field) DO UPDATE SET {sets}",
            sql.values,
        )
        await close(listing_id, field, by=by, now=now)


async def accept(listing_id: int, field: str, source_value: Any) -> None:
    """Notes that a person has seen what the source says now. Needs a transaction."""
    sql = db.Sql()
    await db.execute(
        f"UPDATE hand_value SET source_value = {sql(dumps(source_value))} WHERE listing_id = {sql(listing_id)} AND field = {sql(field)}",
        sql.values,
    )


async def drop(listing_id: int, field: str) -> None:
    """Takes back what was set by hand. Needs a transaction."""
    sql = db.Sql()
    await db.execute(
        f"DELETE FROM hand_value WHERE listing_id = {sql(listing_id)} AND field = {sql(field)}", sql.values
    )


# --- conflicts ---------------------------------------------------------------------------------------------------------


async def open_conflict(listing_id: int, field: str, hand_value: Any, source_value: Any, now: datetime) -> None:
    """Opens the question, or renews it where the source has changed its mind again. Needs a transaction."""
    sql = db.Sql()
    values = (listing_id, field, dumps(hand_value), dumps(source_value), OPEN, to_column(now))
    text = (
        f"INSERT INTO conflict (listing_id, field, hand_value, source_value, status, created_at) VALUES ({sql.list(values)}) "
        "ON CONFLICT (listing_id, field) DO UPDATE SET hand_value = excluded.hand_value, source_value = excluded.source_value, "
        "status = excluded.status, created_at = excluded.created_at, settled_at = NULL, settled_by = NULL "
        "WHERE conflict.status <> excluded.status OR conflict.source_value <> excluded.source_value"
    )
    await db.execute(text, sql.values)


async def close(listing_id: int, field: str, *, by: str, now: datetime) -> None:
    """Closes the question where it is open. Needs a transaction."""
    sql = db.Sql()
    await db.execute(
        f"UPDATE conflict SET status = {sql(SETTLED)}, settled_at = {sql(to_column(now))}, settled_by = {sql(by)} "
        f"WHERE listing_id = {sql(listing_id)} AND field = {sql(field)} AND status = {sql(OPEN)}",
        sql.values,
    )


async def no_conflict(listing_id: int, field: str) -> None:
    """Takes an open question back, since the source says again what it said. Needs a transaction."""
    sql = db.Sql()
    await db.execute(
        f"DELETE FROM conflict WHERE listing_id = {sql(listing_id)} AND field = {sql(field)} AND status = {sql(OPEN)}",
        sql.values,
    )


async def conflicts(conflict_id: int | None = None, *, limit: int | None = None) -> list[dict[str, Any]]:
    """The open ones, the oldest first, so many or all, with slug, name and the source; or the one of this id, whatever its status.

    That of a listing which its source has taken out rests until it comes back: there is nothing to settle of what nobody sees.
    """
    sql = db.Sql()
    where = (
        f"c.status = {sql(OPEN)} AND l.status <> {sql(Status.REMOVED.value)}"
        if conflict_id is None
        else f"c.id = {sql(conflict_id)}"
    )
    text = (
        "SELECT c.*, l.slug, l.name, s.name AS source FROM conflict c JOIN listing l ON l.id = c.listing_id "
        f"JOIN source s ON s.id = l.source_id WHERE {where} ORDER BY c.created_at, c.id"
        f"{f' LIMIT {int(limit)}' if limit is not None else ''}"
    )
    return [_conflict(row) for row in await db.rows(text, sql.values)]


async def conflict_count() -> int:
    """How many of them are open."""
    sql = db.Sql()
    text = (
        "SELECT COUNT(*) AS n FROM conflict c JOIN listing l ON l.id = c.listing_id "
        f"WHERE c.status = {sql(OPEN)} AND l.status <> {sql(Status.REMOVED.value)}"
    )
    return int((await db.rows(text, sql.values))[0]["n"])


def _conflict(row: dict[str, Any]) -> dict[str, Any]:
    values = {name: json.loads(row[name]) for name in ("hand_value", "source_value")}
    return {**row, **values, "created_at": db.as_moment(row["created_at"])}
