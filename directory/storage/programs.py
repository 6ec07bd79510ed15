"""Programs of agencies and their levels of care."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from directory.domain.levels import CareLevel, LevelValues, Program, ProgramValues
from directory.storage import db
from directory.storage.encoding import to_column
from directory.storage.stewards import OF_LISTING


async def programs(*, agency: int | None = None, id: int | None = None) -> list[Program]:
    """The programs of an agency, or the one with this id, each with its levels; by name, those that have closed last."""
    sql = db.Sql()
    where = f"p.agency_id = {sql(agency)}" if id is None else f"p.id = {sql(id)}"
    text = (
        "SELECT p.id, p.agency_id, p.name, p.is_funded, p.closed_at, p.version, l.slug, l.name AS listing_name "
        f"FROM program p JOIN listing l ON l.id = p.listing_id WHERE {where} ORDER BY p.closed_at IS NOT NULL, p.name, p.id"
    )
    rows = await db.rows(text, sql.values)
    levels = await _levels([row["id"] for row in rows])
    return [_program(row, tuple(each for each in levels if each.program == row["id"])) for row in rows]


def _program(row: Mapping[str, Any], levels: tuple[CareLevel, ...]) -> Program:
    return Program(
        id=row["id"],
        agency=row["agency_id"],
        slug=row["slug"],
        listing_name=row["listing_name"],
        values=ProgramValues(row["name"], bool(row["is_funded"])),
        closed_at=db.as_moment(row["closed_at"]),
        version=row["version"],
        levels=levels,
    )


async def _levels(programs: list[int]) -> list[CareLevel]:
    sql = db.Sql()
    text = (
        f"SELECT * FROM program_level WHERE program_id IN ({sql.list(programs) or 'NULL'}) "
        "ORDER BY closed_at IS NOT NULL, name, id"
    )
    return [_level(row) for row in await db.rows(text, sql.values)]


async def level(id: int) -> CareLevel | None:
    """The level of care with this id."""
    sql = db.Sql()
    found = await db.rows(f"SELECT * FROM program_level WHERE id = {sql(id)}", sql.values)
    return _level(found[0]) if found else None


def _level(row: Mapping[str, Any]) -> CareLevel:
    values = LevelValues(
        name=row["name"],
        care=row["care"],
        unit=row["unit"],
        asam=row["asam"] or "",
        edition=row["edition"] or "",
        licensed=row["licensed"],
        reminders=bool(row["reminders"]),
    )
    return CareLevel(row["id"], row["program_id"], values, db.as_moment(row["closed_at"]), row["version"])


async def listing_of(program: int) -> int:
    """The id of the listing that visitors see a program as."""
    sql = db.Sql()
    (row,) = await db.rows(f"SELECT listing_id FROM program WHERE id = {sql(program)}", sql.values)
    return int(row["listing_id"])


async def program_add(agency: int, slug: str, values: ProgramValues, now: datetime) -> int | None:
    """The id of a new program, shown as the listing with this slug; None where it has one of this name. Needs a transaction."""
    sql = db.Sql()
    (listing,) = await db.rows(f"SELECT id FROM listing WHERE slug = {sql(slug)}", sql.values)
    sql = db.Sql()
    given = (agency, listing["id"], values.name, values.is_funded, to_column(now), 1)
    text = (
        f"INSERT INTO program (agency_id, listing_id, name, is_funded, created_at, version) VALUES ({sql.list(given)}) "
        "ON CONFLICT (listing_id, name) DO NOTHING RETURNING id"
    )
    found = await db.rows(text, sql.values)
    return int(found[0]["id"]) if found else None


async def close_all(agency: int, now: datetime) -> list[tuple[int, int]]:
    """Closes the open programs of an agency; the ids of each and of its listing. Needs a transaction."""
    sql = db.Sql()
    return await _closed(sql, f"agency_id = {sql(agency)}", now)


async def close_strayed(claim: int, now: datetime) -> list[tuple[int, int]]:
    """The same for those on the listings of this claim that are not their agency's now. Needs a transaction."""
    sql = db.Sql()
    strayed = (
        "SELECT p.id FROM program p JOIN listing l ON l.id = p.listing_id "
        "JOIN claim k ON (k.listing_id = l.id OR k.organization_id = l.organization_id) "
        f"WHERE k.id = {sql(claim)} AND p.agency_id <> COALESCE({OF_LISTING}, 0)"
    )
    return await _closed(sql, f"id IN ({strayed})", now)


async def _closed(sql: db.Sql, which: str, now: datetime) -> list[tuple[int, int]]:
    text = (
        f"UPDATE program SET closed_at = {sql(to_column(now))}, version = version + 1 "
        f"WHERE closed_at IS NULL AND {which} RETURNING id, listing_id"
    )
    return sorted((row["id"], row["listing_id"]) for row in await db.rows(text, sql.values))


async def level_add(program: int, values: LevelValues, now: datetime) -> int | None:
    """The id of a new level of care; None where the program has one of this name. Needs a transaction."""
    sql = db.Sql()
    columns = {"program_id": program, **level_columns(values), "created_at": to_column(now), "version": 1}
    text = (
        f"INSERT INTO program_level ({', '.join(columns)}) VALUES ({sql.list(columns.values())}) "
        "ON CONFLICT (program_id, name) DO NOTHING RETURNING id"
    )
    found = await db.rows(text, sql.values)
    return int(found[0]["id"]) if found else None


def level_columns(values: LevelValues) -> dict[str, object]:
    """The values of a level by their columns."""
    return {
        "name": values.name,
        "care": values.care,
        "asam": values.asam or None,
        "edition": values.edition or None,
        "unit": values.unit,
        "licensed": values.licensed,
        "reminders": values.reminders,
    }


async def is_taken(table: str, owner: str, id: int, name: str) -> bool:
    """Whether another row of the same `owner` (a column) as the one with this id has the name. Both names come from code."""
    sql = db.Sql()
    own = sql(id)
    text = (
        f"SELECT 1 AS one FROM {table} WHERE name = {sql(name)} AND id <> {own} "
        f"AND {owner} = (SELECT {owner} FROM {table} WHERE id = {own})"
    )
    return bool(await db.rows(text, sql.values))
