"""The lines that there are: whose they are, whose openings they get, and how long offers hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from directory.domain.schedule import Timetable, Window
from directory.domain.waitlist.windows import OfferWindow
from directory.storage import db
from directory.storage.encoding import dumps, to_column


@dataclass(frozen=True, slots=True)
class Pool:
    """A line, with the fingerprint of the rules that are in force."""

    id: int
    agency: int
    name: str
    care: str
    timezone: str
    is_funded: bool
    window: OfferWindow
    exact_numbers: bool
    rules_sha256: str | None


async def pool(id: int) -> Pool | None:
    """The line with this id."""
    sql = db.Sql()
    text = f"SELECT p.*, r.sha256 FROM pool p LEFT JOIN rule_version r ON r.id = p.rules_id WHERE p.id = {sql(id)}"
    found = await db.rows(text, sql.values)
    if not found:
        return None
    row = found[0]
    working = db.from_json(row["working"])
    hours = Timetable(tuple(Window("hours", *each) for each in working), row["timezone"]) if working else None
    return Pool(
        id=row["id"],
        agency=row["agency_id"],
        name=row["name"],
        care=row["care"],
        timezone=row["timezone"],
        is_funded=bool(row["is_funded"]),
        window=OfferWindow(timedelta(minutes=row["window_minutes"]), hours),
        exact_numbers=bool(row["exact_numbers"]),
        rules_sha256=row["sha256"],
    )


async def pool_add(
    *,
    agency: int,
    name: str,
    care: str,
    timezone: str,
    minutes: int,
    now: datetime,
    is_funded: bool = True,
    working: Sequence[tuple[int, int, int]] | None = None,
) -> int:
    """The id of a new line. `working` are day, start and length in minutes of the hours in which offers may end. Needs a transaction."""
    sql = db.Sql()
    hours = None if working is None else dumps([list(each) for each in working])
    values = (agency, name, care, dumps([]), timezone, is_funded, minutes, hours, True, False, to_column(now), 1)
    text = (
        "INSERT INTO pool (agency_id, name, care, area, timezone, is_funded, window_minutes, working, exact_numbers, is_demo, "
        f"created_at, version) VALUES ({sql.list(values)}) RETURNING id"
    )
    return int((await db.rows(text, sql.values))[0]["id"])


async def level_join(pool: int, level: int) -> None:
    """Says that openings of a level go to the people of a line. Needs a transaction."""
    sql = db.Sql()
    await db.execute(
        f"INSERT INTO pool_level (pool_id, level_id) VALUES ({sql(pool)}, {sql(level)}) ON CONFLICT DO NOTHING",
        sql.values,
    )


async def takes_from(pool: int, level: int) -> bool:
    """Whether openings of this level go to the people of this line."""
    sql = db.Sql()
    text = f"SELECT 1 FROM pool_level WHERE pool_id = {sql(pool)} AND level_id = {sql(level)}"
    return bool(await db.rows(text, sql.values))


async def agency_of_level(level: int) -> int | None:
    """The agency whose program a level belongs to."""
    sql = db.Sql()
    text = f"SELECT g.agency_id FROM program_level l JOIN program g ON g.id = l.program_id WHERE l.id = {sql(level)}"
    found = await db.rows(text, sql.values)
    return found[0]["agency_id"] if found else None
