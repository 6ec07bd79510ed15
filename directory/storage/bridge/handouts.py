"""Hand-outs as rows. No row says for whom one was made; who has the database has no address of one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from directory.domain.bridge.handouts import Item
from directory.storage import db
from directory.storage.encoding import dumps, to_column


@dataclass(frozen=True, slots=True)
class HandoutNow:
    """A hand-out (models/bridge.py, Handout) without its key."""

    id: int
    agency: int
    items: tuple[Item, ...]
    sort: str
    language: str
    by: str
    at: datetime
    expires_at: datetime


_COLUMNS = "id, agency_id, items, sort, language, by, at, expires_at"


async def add(
    *,
    key: str,
    agency: int,
    items: Sequence[Item],
    sort: str,
    language: str,
    by: str,
    now: datetime,
    expires_at: datetime,
) -> int:
    """The id of a new one. Needs a transaction."""
    stored = dumps([{"slug": item.slug, "miles": item.miles} for item in items])
    sql = db.Sql()
    values = sql.list((key, agency, stored, sort, language, by, to_column(now), to_column(expires_at)))
    text = (
        "INSERT INTO handout (key, agency_id, items, sort, language, by, at, expires_at) "
        f"VALUES ({values}) RETURNING id"
    )
    return int((await db.rows(text, sql.values))[0]["id"])


async def live(key: str, now: datetime) -> HandoutNow | None:
    """The one with this key that is still good."""
    sql = db.Sql()
    text = (
        f"SELECT {_COLUMNS} FROM handout WHERE key = {sql(key)} "
        f"AND ended_at IS NULL AND expires_at > {sql(to_column(now))}"
    )
    found = await db.rows(text, sql.values)
    return _handout(found[0]) if found else None


async def live_of(agencies: Collection[int], now: datetime, limit: int) -> list[HandoutNow]:
    """Those of these agencies that are still good, the newest first."""
    sql = db.Sql()
    text = (
        f"SELECT {_COLUMNS} FROM handout WHERE agency_id IN ({sql.list(sorted(agencies)) or 'NULL'}) "
        f"AND ended_at IS NULL AND expires_at > {sql(to_column(now))} ORDER BY id DESC LIMIT {int(limit)}"
    )
    return [_handout(row) for row in await db.rows(text, sql.values)]


async def one(id: int) -> HandoutNow | None:
    """The one with this id, good or not."""
    sql = db.Sql()
    found = await db.rows(f"SELECT {_COLUMNS} FROM handout WHERE id = {sql(id)}", sql.values)
    return _handout(found[0]) if found else None


async def end(id: int, now: datetime) -> bool:
    """Whether it was good until now, and is no more. Needs a transaction."""
    sql = db.Sql()
    moment = to_column(now)
    text = (
        f"UPDATE handout SET ended_at = {sql(moment)} WHERE id = {sql(id)} "
        f"AND ended_at IS NULL AND expires_at > {sql(moment)} RETURNING id"
    )
    return bool(await db.rows(text, sql.values))


async def forget(before: datetime) -> int:
    """Deletes those that were ended, or had run out, before this moment, and says how many. Needs a transaction."""
    sql = db.Sql()
    moment = sql(to_column(before))
    text = f"DELETE FROM handout WHERE ended_at < {moment} OR expires_at < {moment} RETURNING id"
    return len(await db.rows(text, sql.values))


def _handout(row: Mapping[str, Any]) -> HandoutNow:
    return HandoutNow(
        id=row["id"],
        agency=row["agency_id"],
        items=tuple(Item(item["slug"], item["miles"]) for item in db.from_json(row["items"])),
        sort=row["sort"],
        language=row["language"],
        by=row["by"],
        at=db.as_moment(row["at"]),
        expires_at=db.as_moment(row["expires_at"]),
    )
