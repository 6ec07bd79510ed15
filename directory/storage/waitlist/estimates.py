"""The estimates of the lines and the standings in them, as they are worked out once a day, and what they are worked out from."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from directory.domain.estimate import WaitRange
from directory.domain.waitlist.calibration import Outcome
from directory.domain.waitlist.history import Step
from directory.domain.waitlist.tables import Table
from directory.storage import db
from directory.storage.encoding import as_date, to_column
from directory.storage.waitlist.moves import OPEN


@dataclass(frozen=True, slots=True)
class PoolDay:
    """A line, with the day for which it was last worked out and the fingerprint of what from; both None where it never was."""

    id: int
    timezone: str
    as_of: date | None = None
    inputs: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What an entry is told on a day. Without a `range` there is nothing to tell. `shown` are its days in words of digits, such as "14-42"."""

    entry: int
    tier: int
    ahead: int
    waiting: int
    low: int | None = None
    high: int | None = None
    over_a_year: bool = False
    few: bool = False
    history_days: int | None = None
    range: WaitRange | None = None
    shown: str = ""


async def pools_open() -> list[PoolDay]:
    """All lines that are open."""
    text = (
        "SELECT p.id, p.timezone, d.as_of, d.inputs FROM pool p LEFT JOIN estimate_day d ON d.id = p.id "
        "WHERE p.closed_at IS NULL ORDER BY p.id"
    )
    return [PoolDay(row["id"], row["timezone"], as_date(row["as_of"]), row["inputs"]) for row in await db.rows(text)]


async def pool_of(entry: int) -> int:
    """The line that an entry belongs to."""
    sql = db.Sql()
    (row,) = await db.rows(f"SELECT pool_id FROM entry WHERE id = {sql(entry)}", sql.values)
    return int(row["pool_id"])


async def zone(pool: int) -> str:
    """The zone of a line."""
    sql = db.Sql()
    (row,) = await db.rows(f"SELECT timezone FROM pool WHERE id = {sql(pool)}", sql.values)
    return str(row["timezone"])


# --- what they are made of -------------------------------------------------------------------------------------------


async def steps(pool: int, since: datetime) -> list[Step]:
    """All changes of state in a line after a moment, entry by entry and each in its order."""
    sql = db.Sql()
    text = (
        "SELECT v.entry_id, v.at, v.what, v.before, v.after, e.tier, e.requested_at FROM entry e "
        f"JOIN entry_event v ON v.entry_id = e.id WHERE e.pool_id = {sql(pool)} AND v.after IS NOT NULL "
        f"AND v.at > {sql(to_column(since))} ORDER BY v.entry_id, v.id"
    )
    found = await db.tuples(text, sql.values)
    return [
        Step(entry, db.as_moment(at), what, before, after, tier, db.as_moment(requested_at))
        for entry, at, what, before, after, tier, requested_at in found
    ]


async def quiet(pool: int, since: datetime) -> int:
    """How many stand in a line, not on hold, whose state has not changed after a moment."""
    sql = db.Sql()
    text = (
        f"SELECT COUNT(*) AS number FROM entry e WHERE e.pool_id = {sql(pool)} "
        "AND e.status IN ('waiting', 'offered', 'accepted') AND NOT EXISTS (SELECT 1 FROM entry_event v "
        f"WHERE v.entry_id = e.id AND v.after IS NOT NULL AND v.at > {sql(to_column(since))})"
    )
    return int((await db.rows(text, sql.values))[0]["number"])


async def requests(pool: int, since: datetime) -> list[tuple[int, datetime]]:
    """The tier and the moment of all requests for a place in a line after a moment."""
    sql = db.Sql()
    text = (
        f"SELECT tier, requested_at FROM entry WHERE pool_id = {sql(pool)} AND requested_at > {sql(to_column(since))}"
    )
    return [(tier, db.as_moment(at)) for tier, at in await db.tuples(text, sql.values)]


async def begun(pool: int) -> datetime | None:
    """When the first place in a line was taken."""
    sql = db.Sql()
    found = await db.rows(f"SELECT MIN(created_at) AS at FROM entry WHERE pool_id = {sql(pool)}", sql.values)
    return db.as_moment(found[0]["at"]) if found[0]["at"] else None


async def agencies(pool: int) -> list[int]:
    """The agencies from which a line's openings come."""
    sql = db.Sql()
    text = (
        "SELECT DISTINCT g.agency_id FROM pool_level x JOIN program_level l ON l.id = x.level_id "
        f"JOIN program g ON g.id = l.program_id WHERE x.pool_id = {sql(pool)} ORDER BY 1"
    )
    return [row["agency_id"] for row in await db.rows(text, sql.values)]


# --- tables ----------------------------------------------------------------------------------------------------------


async def tables_of(pool: int) -> tuple[dict[int, Table], int]:
    """The tables of a line by tier, and how many days they look back; no tables and 0 where there are none."""
    sql = db.Sql()
    text = (
        f"SELECT tier, ahead, q10, q50, q90, beyond, days_back FROM estimate_row WHERE pool_id = {sql(pool)} "
        "ORDER BY tier, ahead"
    )
    found: dict[int, list[tuple[int, WaitRange]]] = {}
    back = 0
    for tier, ahead, q10, q50, q90, beyond, days_back in await db.tuples(text, sql.values):
        found.setdefault(tier, []).append((ahead, WaitRange(q10, q50, q90, beyond)))
        back = days_back
    return {tier: Table(tuple(rows)) for tier, rows in found.items()}, back


async def day_take(
    pool: int, as_of: date, *, inputs: str, days_back: int, placements: int, before: date | None
) -> bool:
    """Whether a day of a line is ours to write: not where another process has written it. Needs the transaction that writes it."""
    sql = db.Sql()
    values = sql.list((pool, to_column(as_of), inputs, days_back, placements))
    text = (
        f"INSERT INTO estimate_day (id, as_of, inputs, days_back, placements) VALUES ({values}) ON CONFLICT (id) DO UPDATE SET "
        "as_of = excluded.as_of, inputs = excluded.inputs, days_back = excluded.days_back, placements = excluded.placements "
        "WHERE estimate_day.as_of < excluded.as_of"
    )
    if before is not None:  # who looked at another day than the last one knows another history
        text += f" AND estimate_day.as_of = {sql(to_column(before))}"
    return bool(await db.rows(f"{text} RETURNING id", sql.values))


async def tables_replace(pool: int, tables: Mapping[int, Table], *, as_of: date, days_back: int) -> None:
    """Puts new tables in the place of those that a line had. Needs a transaction."""
    sql = db.Sql()
    await db.execute(f"DELETE FROM estimate_row WHERE pool_id = {sql(pool)}", sql.values)
    columns = ("pool_id", "tier", "ahead", "q10", "q50", "q90", "beyond", "days_back", "as_of")
    rows = [
        (pool, tier, ahead, found.q10, found.q50, found.q90, found.share_beyond, days_back, to_column(as_of))
        for tier, table in tables.items()
        for ahead, found in table.rows
    ]
    await db.insert_many("estimate_row", columns, rows)


# --- standings -------------------------------------------------------------------------------------------------------


async def standings_put(told: Sequence[Told], as_of: date) -> None:
    """Writes where entries stand, over what stood there. Needs a transaction."""
    columns = ("id", "ahead", "waiting", "low", "high", "over_a_year", "few", "history_days", "as_of")
    sets = ", ".join(f"{name} = excluded.{name}" for name in columns[1:])
    text = (
        f"INSERT INTO standing ({', '.join(columns)}) VALUES ({db.markers(len(columns))}) "
        f"ON CONFLICT (id) DO UPDATE SET {sets}"
    )
    day = to_column(as_of)
    rows = [
        [each.entry, each.ahead, each.waiting, each.low, each.high, each.over_a_year, each.few, each.history_days, day]
        for each in told
    ]
    if rows:
        await db.connection().execute_many(text, rows)


async def standings_end(pool: int) -> None:
    """Takes out the standings of those who are no longer in a line. Needs a transaction."""
    sql = db.Sql()
    text = (
        "DELETE FROM standing WHERE id IN (SELECT s.id FROM standing s JOIN entry e ON e.id = s.id "
        f"WHERE e.pool_id = {sql(pool)} AND e.status NOT IN {OPEN})"
    )
    await db.execute(text, sql.values)


# --- what was told, and what came of it ------------------------------------------------------------------------------


async def issued_add(told: Iterable[Told], *, on: date, at: datetime) -> None:
    """Notes what entries are told on a day, if it is the first that day. Needs a transaction."""
    columns = ("entry_id", "issued_on", "issued_at", "tier", "ahead", "q10", "q50", "q90", "shown")
    text = (
        f"INSERT INTO estimate_issued ({', '.join(columns)}) VALUES ({db.markers(len(columns))}) ON CONFLICT DO NOTHING"
    )
    day, moment = to_column(on), to_column(at)
    rows = [
        [each.entry, day, moment, each.tier, each.ahead, each.range.q10, each.range.q50, each.range.q90, each.shown]
        for each in told
        if each.range is not None
    ]
    if rows:
        await db.connection().execute_many(text, rows)


@dataclass(frozen=True, slots=True)
class Issued:
    """What an entry was told once, not scored yet."""

    id: int
    entry: int
    at: datetime
    q10: float
    q90: float


async def issued_unscored(entries: Collection[int]) -> list[Issued]:
    """All that these entries were told and that has not been scored."""
    if not entries:
        return []
    sql = db.Sql()
    text = (
        "SELECT id, entry_id, issued_at, q10, q90 FROM estimate_issued "
        f"WHERE entry_id IN ({sql.list(sorted(entries))}) AND outcome IS NULL AND issued_at IS NOT NULL"
    )
    found = await db.tuples(text, sql.values)
    return [Issued(id, entry, db.as_moment(at), q10, q90) for id, entry, at, q10, q90 in found]


async def issued_score(scores: Iterable[tuple[int, Outcome, float]], on: date) -> None:
    """Notes what came of what was told: by its id the outcome and after how many days. Needs a transaction."""
    first, second, third, fourth = (db.marker(number) for number in range(1, 5))
    text = f"UPDATE estimate_issued SET outcome = {first}, days = {second}, resolved_on = {third} WHERE id = {fourth}"
    rows = [[outcome.value, days, to_column(on), id] for id, outcome, days in scores]
    if rows:
        await db.connection().execute_many(text, rows)


async def issued_forget(before: date) -> None:
    """Deletes what was scored before a day. Needs a transaction."""
    sql = db.Sql()
    await db.execute(f"DELETE FROM estimate_issued WHERE resolved_on < {sql(to_column(before))}", sql.values)


async def outcomes(since: date, agencies: Sequence[int] | None) -> dict[int, dict[int, dict[str, int]]]:
    """By line and by entry, how often what was told came out in which way, of those that ended on this day or later.

    `agencies` are the peer agencies whose lines count; None is all.
    """
    sql = db.Sql()
    text = (
        "SELECT e.pool_id, i.entry_id, i.outcome, COUNT(*) AS number FROM estimate_issued i JOIN entry e ON e.id = i.entry_id "
        f"JOIN pool p ON p.id = e.pool_id WHERE i.resolved_on >= {sql(to_column(since))}"
    )
    if agencies is not None:
        text += f" AND p.agency_id IN ({sql.list(agencies) or 'NULL'})"
    found: dict[int, dict[int, dict[str, int]]] = {}
    for row in await db.rows(f"{text} GROUP BY e.pool_id, i.entry_id, i.outcome", sql.values):
        found.setdefault(row["pool_id"], {}).setdefault(row["entry_id"], {})[row["outcome"]] = row["number"]
    return found
