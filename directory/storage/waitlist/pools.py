"""The lines that there are: whose they are, whose openings they get, and how long offers hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from directory.domain.schedule import Timetable, Window
from directory.domain.waitlist.pools import PoolValues, Working
from directory.domain.waitlist.windows import OfferWindow
from directory.storage import db
from directory.storage.encoding import dumps, to_column
from directory.storage.waitlist.moves import OPEN


@dataclass(frozen=True, slots=True)
class Pool:
    """A line, with the fingerprint of the rules that are in force. `area` are areas in words, `working` the hours in which offers may end."""

    id: int
    agency: int
    name: str
    care: str
    timezone: str
    is_funded: bool
    window: OfferWindow
    exact_numbers: bool
    rules_sha256: str | None
    asam: str | None
    edition: str | None
    area: tuple[str, ...]
    working: Working
    contact_days: int
    hold_days: int
    rules: int | None
    closed_at: datetime | None
    version: int

    @property
    def values(self) -> PoolValues:
        """What can be set of it."""
        return PoolValues(
            name=self.name,
            care=self.care,
            timezone=self.timezone,
            minutes=int(self.window.length.total_seconds() // 60),
            asam=self.asam or "",
            edition=self.edition or "",
            area=self.area,
            is_funded=self.is_funded,
            working=self.working,
            exact_numbers=self.exact_numbers,
            contact_days=self.contact_days,
            hold_days=self.hold_days,
        )


_POOL = "SELECT p.*, r.sha256 FROM pool p LEFT JOIN rule_version r ON r.id = p.rules_id"


async def pool(id: int) -> Pool | None:
    """The line with this id."""
    sql = db.Sql()
    found = await db.rows(f"{_POOL} WHERE p.id = {sql(id)}", sql.values)
    return _pool(found[0]) if found else None


async def pools_of(agencies: Sequence[int], *, is_open: bool = False) -> list[Pool]:
    """The lines of these agencies by name, closed ones last; with `is_open` without those."""
    sql = db.Sql()
    where = f"p.agency_id IN ({sql.list(agencies) or 'NULL'})" + (" AND p.closed_at IS NULL" if is_open else "")
    text = f"{_POOL} WHERE {where} ORDER BY CASE WHEN p.closed_at IS NULL THEN 0 ELSE 1 END, p.name, p.id"
    return [_pool(row) for row in await db.rows(text, sql.values)]


def _pool(row: Mapping[str, Any]) -> Pool:
    working: Working = tuple(tuple(each) for each in db.from_json(row["working"]) or ())
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
        asam=row["asam"],
        edition=row["edition"],
        area=tuple(db.from_json(row["area"]) or ()),
        working=working,
        contact_days=row["contact_days"],
        hold_days=row["hold_days"],
        rules=row["rules_id"],
        closed_at=db.as_moment(row["closed_at"]) if row["closed_at"] else None,
        version=row["version"],
    )


def pool_columns(values: PoolValues) -> dict[str, object]:
    """The values of a line by the names of their columns."""
    return {
        "name": values.name,
        "care": values.care,
        "asam": values.asam or None,
        "edition": values.edition or None,
        "area": dumps(list(values.area)),
        "timezone": values.timezone,
        "is_funded": values.is_funded,
        "window_minutes": values.minutes,
        "working": dumps([list(each) for each in values.working]) if values.working else None,
        "exact_numbers": values.exact_numbers,
        "contact_days": values.contact_days,
        "hold_days": values.hold_days,
    }


async def pool_put(agency: int, values: PoolValues, now: datetime, *, is_demo: bool = False) -> int:
    """The id of a new line with these values. Needs a transaction."""
    sql = db.Sql()
    columns = pool_columns(values) | {
        "agency_id": agency,
        "is_demo": is_demo,
        "created_at": to_column(now),
        "version": 1,
    }
    text = f"INSERT INTO pool ({', '.join(columns)}) VALUES ({sql.list(columns.values())}) RETURNING id"
    return int((await db.rows(text, sql.values))[0]["id"])


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
    """The same with what a line needs at least."""
    values = PoolValues(name, care, timezone, minutes, is_funded=is_funded, working=tuple(working or ()))
    return await pool_put(agency, values, now)


async def is_taken(agency: int, name: str, but: int = 0) -> bool:
    """Whether another line of this agency has this name."""
    sql = db.Sql()
    text = f"SELECT 1 FROM pool WHERE agency_id = {sql(agency)} AND name = {sql(name)} AND id <> {sql(but)}"
    return bool(await db.rows(text, sql.values))


async def has_people(pool: int) -> bool:
    """Whether somebody stands in a line."""
    sql = db.Sql()
    text = f"SELECT 1 FROM entry WHERE pool_id = {sql(pool)} AND status IN {OPEN} LIMIT 1"
    return bool(await db.rows(text, sql.values))


# --- whose openings --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LevelOption:
    """A level of care whose openings can go to a line. `is_chosen`: they do."""

    id: int
    name: str
    care: str
    program: str
    agency: str
    is_chosen: bool


async def level_options(pool: int) -> list[LevelOption]:
    """The levels of all programs that are at work, and those whose openings go to this line already, by agency, program and name."""
    sql = db.Sql()
    text = (
        "SELECT l.id, l.name, l.care, g.name AS program, a.name AS agency, v.id AS chosen FROM program_level l "
        "JOIN program g ON g.id = l.program_id JOIN agency a ON a.id = g.agency_id "
        f"LEFT JOIN pool_level v ON v.level_id = l.id AND v.pool_id = {sql(pool)} WHERE v.id IS NOT NULL "
        "OR (l.closed_at IS NULL AND g.closed_at IS NULL AND a.closed_at IS NULL) ORDER BY a.name, g.name, l.name, l.id"
    )
    return [
        LevelOption(row["id"], row["name"], row["care"], row["program"], row["agency"], row["chosen"] is not None)
        for row in await db.rows(text, sql.values)
    ]


async def level_join(pool: int, level: int) -> None:
    """Says that openings of a level go to the people of a line. Needs a transaction."""
    sql = db.Sql()
    await db.execute(
        f"INSERT INTO pool_level (pool_id, level_id) VALUES ({sql(pool)}, {sql(level)}) ON CONFLICT DO NOTHING",
        sql.values,
    )


async def level_leave(pool: int, level: int) -> None:
    """Says that they do not go there any more. Offers that were made stay as they are. Needs a transaction."""
    sql = db.Sql()
    await db.execute(f"DELETE FROM pool_level WHERE pool_id = {sql(pool)} AND level_id = {sql(level)}", sql.values)


async def takes_from(pool: int, level: int) -> bool:
    """Whether openings of this level go to the people of this line."""
    sql = db.Sql()
    text = f"SELECT 1 FROM pool_level WHERE pool_id = {sql(pool)} AND level_id = {sql(level)}"
    return bool(await db.rows(text, sql.values))


FED_BY_GRANT = (
    "EXISTS (SELECT 1 FROM pool_level fv JOIN program_level fl ON fl.id = fv.level_id "
    "JOIN program fg ON fg.id = fl.program_id WHERE fv.pool_id = p.id AND fg.is_funded)"
)
"""SQL: that a program gives its openings to the line `pool p` for which the block grant pays: then 45 CFR 96.131(a) holds in it too."""


async def is_under_grant(pool: int) -> bool:
    """Whether the block grant pays for a line or for a program whose openings go to it."""
    sql = db.Sql()
    text = f"SELECT 1 FROM pool p WHERE p.id = {sql(pool)} AND (p.is_funded OR {FED_BY_GRANT})"
    return bool(await db.rows(text, sql.values))


async def grant_hold(pool: int) -> bool:
    """The same, and it stays so until the transaction ends: whoever changes one of these programs waits for that. Needs a transaction."""
    sql = db.Sql()
    text = (
        "UPDATE program SET version = version WHERE id IN (SELECT l.program_id FROM pool_level v "
        f"JOIN program_level l ON l.id = v.level_id WHERE v.pool_id = {sql(pool)}) RETURNING is_funded"
    )
    await db.rows(text, sql.values)
    return await is_under_grant(pool)


async def agency_of_level(level: int) -> int | None:
    """The agency whose program a level belongs to."""
    sql = db.Sql()
    text = f"SELECT g.agency_id FROM program_level l JOIN program g ON g.id = l.program_id WHERE l.id = {sql(level)}"
    found = await db.rows(text, sql.values)
    return found[0]["agency_id"] if found else None
