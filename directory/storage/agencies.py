"""Agencies as they are set up. A row that two people may edit is written only by who has seen its newest version."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from directory.domain.access import Grant, Role
from directory.domain.agencies import AgencyValues, SetAgency
from directory.storage import db
from directory.storage.accounts import assigned
from directory.storage.encoding import to_column
from directory.storage.stewards import owned


async def versioned_set(table: str, id: int, version: int, **columns: object) -> bool:
    """Changes columns of a row that still has this version, which grows. False where somebody came before. Needs a transaction.

    `table` and the names of the columns come from code, never from outside.
    """
    sql = db.Sql()
    text = (
        f"UPDATE {table} SET {assigned(sql, columns)}, version = version + 1 "
        f"WHERE id = {sql(id)} AND version = {sql(version)} RETURNING id"
    )
    return bool(await db.rows(text, sql.values))


async def agency(id: int) -> SetAgency | None:
    """The agency with this id."""
    sql = db.Sql()
    own = sql(id)
    found = await _agencies(sql, own, f"WHERE a.id = {own}")
    return found[0] if found else None


async def agencies(limit: int, offset: int = 0) -> list[SetAgency]:
    """So many agencies by name, those that have closed last."""
    sql = db.Sql()
    chosen = f"SELECT id FROM agency ORDER BY closed_at IS NOT NULL, name LIMIT {sql(limit)} OFFSET {sql(offset)}"
    return await _agencies(sql, "", f"JOIN ({chosen}) f ON f.id = a.id")


async def _agencies(sql: db.Sql, own: str, which: str) -> list[SetAgency]:
    """Agencies with their people and listings counted. `own` is the marker of the one that is asked for, "" for several."""
    text = (
        "SELECT a.id, a.name, a.kind, a.timezone, a.closed_at, a.version, "
        "(SELECT COUNT(DISTINCT g.person_id) FROM role_grant g WHERE g.agency_id = a.id AND g.ended_at IS NULL) AS people, "
        "COALESCE(o.number, 0) AS listings FROM agency a "
        f"LEFT JOIN (SELECT agency_id, COUNT(*) AS number FROM ({owned(own)}) w GROUP BY agency_id) o ON o.agency_id = a.id "
        f"{which} ORDER BY a.closed_at IS NOT NULL, a.name"
    )
    return [_agency(row) for row in await db.rows(text, sql.values)]


def _agency(row: Mapping[str, Any]) -> SetAgency:
    values = AgencyValues(row["name"], row["kind"], row["timezone"])
    closed_at = db.as_moment(row["closed_at"])
    return SetAgency(row["id"], values, closed_at, row["version"], int(row["people"]), int(row["listings"]))


async def add(values: AgencyValues, now: datetime) -> int | None:
    """The id of a new agency; None where there is one of this name. Needs a transaction."""
    sql = db.Sql()
    given = (values.name, values.kind, values.timezone, False, to_column(now))
    text = (
        f"INSERT INTO agency (name, kind, timezone, is_demo, created_at) VALUES ({sql.list(given)}) "
        "ON CONFLICT (name) DO NOTHING RETURNING id"
    )
    found = await db.rows(text, sql.values)
    return int(found[0]["id"]) if found else None


async def is_taken(name: str, *, but: int) -> bool:
    """Whether another agency than `but` has this name."""
    sql = db.Sql()
    text = f"SELECT 1 AS one FROM agency WHERE name = {sql(name)} AND id <> {sql(but)}"
    return bool(await db.rows(text, sql.values))


async def close(id: int, closed_at: datetime | None) -> None:
    """Closes an agency, or opens it again (None). Needs a transaction."""
    sql = db.Sql()
    moment = sql(to_column(closed_at))
    await db.execute(f"UPDATE agency SET closed_at = {moment}, version = version + 1 WHERE id = {sql(id)}", sql.values)


async def grants_of(id: int) -> tuple[Grant, ...]:
    """The roles within an agency that have not ended, also where it has closed."""
    sql = db.Sql()
    text = f"SELECT role, trusted FROM role_grant WHERE agency_id = {sql(id)} AND ended_at IS NULL ORDER BY id"
    return tuple(Grant(Role(row["role"]), id, bool(row["trusted"])) for row in await db.rows(text, sql.values))
