"""Levels of programs and the reports of their openings. Reports are only ever added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from directory.domain.access import Role
from directory.domain.openings import ASKED_UNTIL, MARKS, Level, Numbers, Report
from directory.storage import db
from directory.storage.encoding import restrictions_of, restrictions_to_json, to_column
from directory.storage.stewards import OF_LISTING

_NUMBERS = ("staffed", "occupied", "held", "available", "expected", "accepting", "note")
_LATEST = "(SELECT x.id FROM capacity_report x WHERE x.level_id = v.id ORDER BY x.id DESC LIMIT 1)"
_LEVEL = (
    "SELECT v.id, v.name, v.care, v.unit, v.licensed, COALESCE(v.closed_at, p.closed_at, a.closed_at) AS closed_at, "
    f"p.name AS program, p.is_funded, p.agency_id, {OF_LISTING} AS keeper, a.name AS agency_name, "
    "l.id AS listing_id, l.slug, l.name AS listing_name, o.timezone, "
    "c.id AS report, c.maximum, c.as_of, c.by, c.via, c.restrictions, "
    f"{', '.join(f'c.{name}' for name in _NUMBERS)} "
    "FROM program_level v JOIN program p ON p.id = v.program_id JOIN agency a ON a.id = p.agency_id "
    "JOIN listing l ON l.id = p.listing_id JOIN location o ON o.id = l.location_id "
    f"LEFT JOIN capacity_report c ON c.id = {_LATEST}"
)
_OPEN = "v.closed_at IS NULL AND p.closed_at IS NULL AND a.closed_at IS NULL"
_KEPT = f"COALESCE({OF_LISTING}, p.agency_id) = p.agency_id"
"""SQL: no other agency has been given the listing since the program was set up."""

OF_ONE_THING = "listing_id, level_id, CASE WHEN level_id IS NULL THEN unit END, CASE WHEN level_id IS NULL THEN COALESCE(care, '') END"
"""SQL: what reports of the same thing have in common, to partition them by: their level or, from a source, their unit and care."""

REPLACED = (
    "(c.level_id IS NULL AND EXISTS (SELECT 1 FROM capacity_report x JOIN program_level v ON v.id = x.level_id "
    "JOIN program p ON p.id = v.program_id WHERE x.listing_id = c.listing_id AND v.care = c.care "
    "AND v.closed_at IS NULL AND p.closed_at IS NULL))"
)
"""SQL: `capacity_report c` is what a source says of a level of care of which people report, so that theirs alone is told."""


async def levels(agencies: Sequence[int] | None) -> list[Level]:
    """The levels that are reported on, of these agencies (less those whose listing is another's by now) or of all, by agency, program
    and name."""
    sql = db.Sql()
    those = "" if agencies is None else f" AND p.agency_id IN ({sql.list(agencies) or 'NULL'}) AND {_KEPT}"
    text = f"{_LEVEL} WHERE {_OPEN}{those} ORDER BY a.name, p.name, v.name, v.id"
    return [_level(row) for row in await db.rows(text, sql.values)]


async def level(id: int) -> Level | None:
    """The level with this id, closed or not. Within a transaction that has begun with a write it is the newest there is."""
    sql = db.Sql()
    found = await db.rows(f"{_LEVEL} WHERE v.id = {sql(id)}", sql.values)
    return _level(found[0]) if found else None


def _level(row: Mapping[str, Any]) -> Level:
    return Level(
        id=row["id"],
        name=row["name"],
        care=row["care"],
        unit=row["unit"],
        licensed=row["licensed"],
        program=row["program"],
        is_funded=bool(row["is_funded"]),
        agency=row["agency_id"],
        agency_name=row["agency_name"],
        keeper=row["keeper"] or row["agency_id"],
        listing=row["listing_id"],
        slug=row["slug"],
        listing_name=row["listing_name"],
        zone=row["timezone"],
        is_closed=bool(row["closed_at"]),
        latest=_report(row) if row["report"] else None,
    )


def _report(row: Mapping[str, Any]) -> Report:
    given = {name: row[name] for name in _NUMBERS}
    whom = restrictions_of(db.from_json(row["restrictions"]))
    numbers = Numbers(**given, licensed=row["maximum"], restrictions=whom)
    return Report(row["report"], numbers, db.as_moment(row["as_of"]), row["by"] or "", row["via"] or "")


async def add(level: Level, numbers: Numbers, *, as_of: datetime, by: str, via: str, now: datetime) -> int:
    """Adds a report of a level and gives its number; pages show it from here on. Needs a transaction of the data."""
    values = {
        "listing_id": level.listing,
        "level_id": level.id,
        "unit": level.unit,
        "care": level.care,
        "maximum": numbers.licensed,
        **{name: getattr(numbers, name) for name in _NUMBERS},
        "restrictions": restrictions_to_json(numbers.restrictions),
        "as_of": to_column(as_of),
        "by": by,
        "via": via,
        "created_at": to_column(now),
    }
    sql = db.Sql()
    text = f"INSERT INTO capacity_report ({', '.join(values)}) VALUES ({sql.list(values.values())}) RETURNING id"
    found = await db.rows(text, sql.values)
    await touch(level.listing)
    return int(found[0]["id"])


async def touch(listing: int) -> None:
    """Has every copy of this listing's card be made anew, since something of its openings has changed. Needs a transaction of the data."""
    sql = db.Sql()
    await db.execute(f"UPDATE listing SET told = told + 1 WHERE id = {sql(listing)}", sql.values)


# --- who is to be asked ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody to ask about the latest report of a level, once that is old."""

    level: int
    report: int
    as_of: datetime
    person: int
    email: str
    language: str


async def to_ask(now: datetime) -> list[Asked]:
    """The editors of each open level that wants reminders and whose latest report is of an age at which they are asked.

    Invented people have no letter box.
    """
    sql = db.Sql()
    text = (
        "SELECT v.id AS level, c.id AS report, c.as_of, e.id AS person, e.email, e.language "
        "FROM program_level v JOIN program p ON p.id = v.program_id JOIN agency a ON a.id = p.agency_id "
        f"JOIN listing l ON l.id = p.listing_id JOIN capacity_report c ON c.id = {_LATEST} "
        f"JOIN role_grant g ON g.agency_id = p.agency_id AND g.role = {sql(str(Role.EDITOR))} AND g.ended_at IS NULL "
        "JOIN person e ON e.id = g.person_id "
        f"WHERE {_OPEN} AND {_KEPT} AND v.reminders AND e.disabled_at IS NULL AND NOT e.is_demo "
        f"AND e.password_hash IS NOT NULL AND c.as_of <= {sql(to_column(now - timedelta(hours=MARKS[0])))} "
        f"AND c.as_of > {sql(to_column(now - ASKED_UNTIL))} ORDER BY v.id, e.id"
    )
    found = await db.rows(text, sql.values)
    return [Asked(**{**row, "as_of": db.as_moment(row["as_of"])}) for row in found]


async def is_asked(key: str) -> bool:
    """Whether a letter with this key was queued: looked at first, since trying is a write."""
    sql = db.Sql()
    return bool(await db.rows(f"SELECT 1 AS one FROM outbox WHERE dedup_key = {sql(key)}", sql.values))
