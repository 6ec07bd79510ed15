"""What people have agreed to, as rows: who signed and who may tell lie sealed, and nothing is ever taken out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from directory.storage import db
from directory.storage.encoding import as_date, to_column
from directory.storage.waitlist.moves import OPEN


@dataclass(frozen=True, slots=True)
class ConsentNow:
    """A consent as it is kept (models/clients.py, ConsentRow). `scope` are codes, `agencies` ids."""

    id: int
    client: int
    scope: tuple[str, ...]
    agencies: tuple[int, ...]
    purpose: str | None
    form: str
    sealed: str | None
    signed_on: date | None
    expires_on: date | None
    until_event: bool
    may_revoke_told: bool
    consequences_told: bool
    redisclosure_told: bool
    revoked_at: datetime | None
    by: str
    at: datetime


async def of_client(client: int) -> list[ConsentNow]:
    """All consents of a client, the latest first."""
    sql = db.Sql()
    text = f"SELECT * FROM consent WHERE client_id = {sql(client)} ORDER BY id DESC"
    return [_consent(row) for row in await db.rows(text, sql.values)]


async def consent(id: int) -> ConsentNow | None:
    """The consent with this id."""
    sql = db.Sql()
    found = await db.rows(f"SELECT * FROM consent WHERE id = {sql(id)}", sql.values)
    return _consent(found[0]) if found else None


async def add(columns: Mapping[str, object]) -> int:
    """The id of a new consent. `columns` are those of the table, lists as JSON. Needs a transaction."""
    sql = db.Sql()
    values = sql.list([to_column(value) for value in columns.values()])
    text = f"INSERT INTO consent ({', '.join(columns)}) VALUES ({values}) RETURNING id"
    return int((await db.rows(text, sql.values))[0]["id"])


async def revoke(id: int, now: datetime) -> bool:
    """Whether this took a consent back that still held. Needs a transaction."""
    sql = db.Sql()
    text = (
        f"UPDATE consent SET revoked_at = {sql(to_column(now))} "
        f"WHERE id = {sql(id)} AND revoked_at IS NULL RETURNING id"
    )
    return bool(await db.rows(text, sql.values))


async def feeding(client: int) -> list[tuple[int, str]]:
    """The agencies, as pairs of id and name, whose openings go to the lines in which somebody stands, by name."""
    sql = db.Sql()
    text = (
        "SELECT DISTINCT a.id, a.name FROM entry e JOIN pool_level l ON l.pool_id = e.pool_id "
        "JOIN program_level v ON v.id = l.level_id JOIN program g ON g.id = v.program_id JOIN agency a ON a.id = g.agency_id "
        f"WHERE e.client_id = {sql(client)} AND e.status IN {OPEN} "
        "AND a.closed_at IS NULL AND v.closed_at IS NULL AND g.closed_at IS NULL ORDER BY a.name, a.id"
    )
    return [(row["id"], row["name"]) for row in await db.rows(text, sql.values)]


async def names(agencies: tuple[int, ...]) -> dict[int, str]:
    """The names of agencies by id, also of those that have closed."""
    sql = db.Sql()
    text = f"SELECT id, name FROM agency WHERE id IN ({sql.list(agencies) or 'NULL'})"
    return {row["id"]: row["name"] for row in await db.rows(text, sql.values)}


def _consent(row: Mapping[str, Any]) -> ConsentNow:
    return ConsentNow(
        id=row["id"],
        client=row["client_id"],
        scope=tuple(db.from_json(row["scope"])),
        agencies=tuple(db.from_json(row["agencies"])),
        purpose=row["purpose"],
        form=row["form"],
        sealed=row["sealed"],
        signed_on=as_date(row["signed_on"]),
        expires_on=as_date(row["expires_on"]),
        until_event=bool(row["until_event"]),
        may_revoke_told=bool(row["may_revoke_told"]),
        consequences_told=bool(row["consequences_told"]),
        redisclosure_told=bool(row["redisclosure_told"]),
        revoked_at=db.as_moment(row["revoked_at"]) if row["revoked_at"] else None,
        by=row["by"],
        at=db.as_moment(row["at"]),
    )
