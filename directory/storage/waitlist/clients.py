"""People who wait, as rows: what tells who they are stays sealed here, and goes in and out as it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from directory.storage import db
from directory.storage.encoding import as_date, to_column


@dataclass(frozen=True, slots=True)
class ClientNow:
    """Somebody who waits, with the peer agency that keeps their place and the peer who goes with them, by id."""

    id: int
    upi: str
    agency: int
    peer: int | None
    sealed: str | None
    language: str
    created_at: datetime
    merged_into: int | None
    legal_hold: bool
    cleared_at: datetime | None
    notice_on: date | None
    version: int


async def by_upi(upi: str) -> ClientNow | None:
    """The client with this number."""
    return await _one("upi", upi)


async def by_id(id: int) -> ClientNow | None:
    """The client with this id."""
    return await _one("id", id)


async def _one(column: str, value: object) -> ClientNow | None:
    sql = db.Sql()
    found = await db.rows(f"SELECT * FROM client WHERE {column} = {sql(value)}", sql.values)
    return _client(found[0]) if found else None


def _client(row: Mapping[str, Any]) -> ClientNow:
    return ClientNow(
        id=row["id"],
        upi=row["upi"],
        agency=row["agency_id"],
        peer=row["peer_id"],
        sealed=row["sealed"],
        language=row["language"],
        created_at=db.as_moment(row["created_at"]),
        merged_into=row["merged_into_id"],
        legal_hold=bool(row["legal_hold"]),
        cleared_at=db.as_moment(row["cleared_at"]) if row["cleared_at"] else None,
        notice_on=as_date(row["notice_on"]),
        version=row["version"],
    )


async def add(
    *,
    upi: str,
    agency: int,
    peer: int | None,
    sealed: str,
    language: str,
    by: str,
    now: datetime,
    is_demo: bool = False,
) -> int:
    """The id of a new client. Needs a transaction."""
    sql = db.Sql()
    values = (upi, agency, peer, sealed, language, is_demo, by, to_column(now), False, 1)
    text = (
        "INSERT INTO client (upi, agency_id, peer_id, sealed, language, is_demo, created_by, created_at, legal_hold, version) "
        f"VALUES ({sql.list(values)}) RETURNING id"
    )
    return int((await db.rows(text, sql.values))[0]["id"])


async def change(id: int, version: int, **columns: object) -> bool:
    """Whether these columns were set: not where somebody else has changed the client since `version`. Needs a transaction."""
    sql = db.Sql()
    sets = ", ".join(f"{name} = {sql(to_column(value))}" for name, value in columns.items())
    text = f"UPDATE client SET {sets}, version = version + 1 WHERE id = {sql(id)} AND version = {sql(version)} RETURNING id"
    return bool(await db.rows(text, sql.values))


async def keys_replace(client: int, keys: Iterable[tuple[str, str]]) -> None:
    """Has somebody found by these pairs of kind and hash, and by no others. Needs a transaction."""
    sql = db.Sql()
    await db.execute(f"DELETE FROM client_key WHERE client_id = {sql(client)}", sql.values)
    await db.insert_many("client_key", ("client_id", "kind", "hash"), [(client, *pair) for pair in sorted(set(keys))])
