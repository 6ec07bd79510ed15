"""The register of breaches, and whom a legal hold protects from being cleared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from directory.storage import db
from directory.storage.encoding import as_date, dumps, to_column

MOST = 200
"""Breaches that are shown, the latest first."""
_MANY = 500
"""Numbers in one statement: a breach may touch more people than a statement may name."""
_DAYS = ("happened_on", "found_on", "people_told_on", "department_told_on", "media_told_on")


@dataclass(frozen=True, slots=True)
class BreachNow:
    """One breach. `sealed` says what happened, `clients` are the ids of whom it touches; the days are those on which somebody was told."""

    id: int
    agency: int
    sealed: str | None
    clients: tuple[int, ...]
    happened_on: date | None
    found_on: date
    people_told_on: date | None
    department_told_on: date | None
    media_told_on: date | None
    closed_at: datetime | None
    by: str
    version: int


async def breach_add(
    *,
    agency: int,
    sealed: str,
    clients: Sequence[int],
    happened_on: date | None,
    found_on: date,
    by: str,
    now: datetime,
) -> int:
    """The id of a new breach. Needs a transaction."""
    sql = db.Sql()
    days = (to_column(happened_on), to_column(found_on))
    values = sql.list((agency, sealed, dumps(list(clients)), *days, by, to_column(now), 1))
    text = (
        "INSERT INTO breach (agency_id, sealed, clients, happened_on, found_on, by, at, version) "
        f"VALUES ({values}) RETURNING id"
    )
    return int((await db.rows(text, sql.values))[0]["id"])


async def breach_change(id: int, version: int, columns: Mapping[str, object]) -> bool:
    """Whether an open breach was set to this: not where somebody else has changed it since `version`. Needs a transaction."""
    sql = db.Sql()
    sets = ", ".join(f"{name} = {sql(to_column(value))}" for name, value in columns.items())
    where = f"id = {sql(id)} AND version = {sql(version)} AND closed_at IS NULL"
    return bool(
        await db.rows(f"UPDATE breach SET {sets}, version = version + 1 WHERE {where} RETURNING id", sql.values)
    )


async def breach(id: int) -> BreachNow | None:
    """The one with this id."""
    sql = db.Sql()
    found = await db.rows(f"SELECT * FROM breach WHERE id = {sql(id)}", sql.values)
    return _breach(found[0]) if found else None


async def breaches(agencies: Sequence[int]) -> list[BreachNow]:
    """Those of these agencies, the open ones first, then the latest."""
    sql = db.Sql()
    text = (
        f"SELECT * FROM breach WHERE agency_id IN ({sql.list(agencies) or 'NULL'}) "
        f"ORDER BY CASE WHEN closed_at IS NULL THEN 0 ELSE 1 END, found_on DESC, id DESC LIMIT {MOST}"
    )
    return [_breach(row) for row in await db.rows(text, sql.values)]


async def breaches_open(agencies: Sequence[int]) -> int:
    """How many of these agencies are still open."""
    sql = db.Sql()
    where = f"agency_id IN ({sql.list(agencies) or 'NULL'}) AND closed_at IS NULL"
    return int((await db.rows(f"SELECT COUNT(*) AS n FROM breach WHERE {where}", sql.values))[0]["n"])


async def ids_of(upis: Sequence[str], agency: int) -> dict[str, int]:
    """The ids of an agency's clients by their numbers, also by one from before they were merged; who is none is left out."""
    found: dict[str, int] = {}
    for begin in range(0, len(upis), _MANY):
        sql = db.Sql()
        text = (
            "SELECT c.upi, k.id FROM client c JOIN client k ON k.id = COALESCE(c.merged_into_id, c.id) "
            f"WHERE c.agency_id = {sql(agency)} AND c.upi IN ({sql.list(upis[begin : begin + _MANY])})"
        )
        found |= {row["upi"]: row["id"] for row in await db.rows(text, sql.values)}
    return found


async def upis_of(clients: Sequence[int]) -> list[str]:
    """The numbers under which these clients are kept by now: two who were merged are one."""
    found: set[str] = set()
    for begin in range(0, len(clients), _MANY):
        sql = db.Sql()
        text = (
            "SELECT k.upi FROM client c JOIN client k ON k.id = COALESCE(c.merged_into_id, c.id) "
            f"WHERE c.id IN ({sql.list(clients[begin : begin + _MANY])})"
        )
        found.update(row["upi"] for row in await db.rows(text, sql.values))
    return sorted(found)


async def held(agencies: Sequence[int]) -> list[str]:
    """The numbers of the clients of these agencies who are under a legal hold."""
    sql = db.Sql()
    where = f"legal_hold = {sql(True)} AND agency_id IN ({sql.list(agencies) or 'NULL'})"
    return [row["upi"] for row in await db.rows(f"SELECT upi FROM client WHERE {where} ORDER BY upi", sql.values)]


def _breach(row: Mapping[str, Any]) -> BreachNow:
    days = {name: as_date(row[name]) for name in _DAYS}
    found_on = days.pop("found_on")
    assert found_on is not None
    return BreachNow(
        id=row["id"],
        agency=row["agency_id"],
        sealed=row["sealed"],
        clients=tuple(db.from_json(row["clients"])),
        found_on=found_on,
        **days,
        closed_at=db.as_moment(row["closed_at"]) if row["closed_at"] else None,
        by=row["by"],
        version=row["version"],
    )
