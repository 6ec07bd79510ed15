"""Which listings are to be checked first, and what came of the checks. What a check is worth says domain/checks.py."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary

from directory.domain import checks as rules
from directory.domain.checks import Check, Risk
from directory.domain.geo import Point, box, chord2, vector
from directory.domain.listings import Status
from directory.storage import db
from directory.storage.encoding import dumps, to_column
from directory.storage.stewards import owned

REVIEW = "check-review"
"""The kind of the task that asks a coordinator to decide; its key is this and the slug."""

COUNT_KEPT = timedelta(minutes=1)
COUNTED = 1_000
"""From here on nobody counts any more: it is as many as a team can call in months."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part of the list: of these kinds (all), within `miles` of a point, of an agency; `limit` lines from `offset` on."""

    kinds: tuple[str, ...] = ()
    point: Point | None = None
    miles: float = 0.0
    agency: int | None = None
    offset: int = 0
    limit: int = 25


@dataclass(frozen=True, slots=True)
class Due:
    """A listing that is to be checked. `days` since its last check, or since it came here where it never was."""

    id: int
    days: int
    reports: int
    opened: float
    risk: Risk


async def due(wanted: Wanted, now: datetime) -> tuple[list[Due], int]:
    """The lines of the list in the order of their risk, and how many there are in all, up to COUNTED: one statement."""
    sql = db.Sql()
    text = (
        f"WITH d AS MATERIALIZED ({_aged(sql, wanted, now)}) SELECT d.*, "
        f"{_counted('d')} AS total FROM d WHERE {_is_due()} "
        f"ORDER BY {_score()} DESC, d.id LIMIT {int(wanted.limit)} OFFSET {int(wanted.offset)}"
    )
    found = await db.rows(text, sql.values)
    return [_due(row) for row in found], int(found[0]["total"]) if found else 0


async def hidden(offset: int, limit: int) -> tuple[list[int], int]:
    """The listings that somebody has taken out of the search by hand, the latest first, and how many there are."""
    sql = db.Sql()
    value = sql(dumps(Status.INACTIVE.value))
    text = (
        "SELECT l.id, COUNT(*) OVER () AS total FROM hand_value h JOIN listing l ON l.id = h.listing_id "
        f"WHERE h.field = 'status' AND h.value = {value} AND l.status = {sql(Status.INACTIVE.value)} "
        f"ORDER BY h.at DESC, l.id DESC LIMIT {int(limit)} OFFSET {int(offset)}"
    )
    found = await db.rows(text, sql.values)
    return [row["id"] for row in found], int(found[0]["total"]) if found else 0


async def count(now: datetime) -> int:
    """How many are to be checked, up to COUNTED. It takes tenths of a second where there is much, so that the number is kept for a minute, or
    until this process has written something that visitors see.
    """
    connection, writes = db.connection(), db.writes()
    known = _counts.get(connection)
    if known and known.writes == writes and timedelta() <= now - known.at < COUNT_KEPT:
        return known.number
    sql = db.Sql()
    text = f"SELECT {_counted(f'({_aged(sql, Wanted(), now)}) d')} AS n"
    number = int((await db.rows(text, sql.values))[0]["n"])
    _counts[connection] = _Count(number, now, writes)
    return number


@dataclass(frozen=True, slots=True)
class _Count:
    number: int
    at: datetime
    writes: int


_counts: WeakKeyDictionary[object, _Count] = WeakKeyDictionary()
"""By the connection of a database: another database has another number."""


def _counted(table: str) -> str:
    return f"(SELECT COUNT(*) FROM (SELECT 1 FROM {table} WHERE {_is_due()} LIMIT {COUNTED}) n)"


def _due(row: Mapping[str, Any]) -> Due:
    days, reports, opened = max(int(row["days"]), 0), int(row["reports"]), float(row["opened"])
    found = rules.risk(kind=row["kind"], days=days, reports=reports, opened=opened, is_never=bool(row["never"]))
    return Due(row["id"], days, reports, opened, found)


def _aged(sql: db.Sql, wanted: Wanted, now: datetime) -> str:
    """Every active listing that does not rest, with what decides its risk: from an index that holds all of it."""
    last, start, days = ages(sql, now)
    joins, where = _narrowed(sql, wanted)
    return (
        f"SELECT l.id, l.kind, {days} AS days, CASE WHEN {last} IS NULL THEN 1 ELSE 0 END AS never, "
        "COALESCE(c.n, 0) AS reports, COALESCE(u.opened, 0) AS opened "
        f"FROM listing l{joins} LEFT JOIN (SELECT listing_id, COUNT(*) AS n FROM correction WHERE status = 'new' "
        "GROUP BY listing_id) c ON c.listing_id = l.id LEFT JOIN listing_use u ON u.id = l.id "
        f"WHERE l.status = {sql(Status.ACTIVE.value)}{where} AND l.id NOT IN ({_resting(sql, now)}) "
        f"AND l.id NOT IN ({_under_review(sql)}) AND {start} IS NOT NULL"
    )


def ages(sql: db.Sql, now: datetime) -> tuple[str, str, str]:
    """SQL of `listing l`: the day of the last check or NULL, the day from which its age counts, and the days since."""
    today = sql(now.date().isoformat() if db.is_sqlite() else now.date())
    if db.is_sqlite():  # days are texts there, and sort as such
        last = "NULLIF(MAX(COALESCE(SUBSTR(l.confirmed_at, 1, 10), ''), COALESCE(l.verified_on, '')), '')"
        start = f"COALESCE({last}, SUBSTR(l.created_at, 1, 10))"
        return last, start, f"CAST(JULIANDAY({today}) - JULIANDAY({start}) AS INTEGER)"
    last = "GREATEST((l.confirmed_at AT TIME ZONE 'UTC')::date, l.verified_on)"
    start = f"COALESCE({last}, (l.created_at AT TIME ZONE 'UTC')::date)"
    return last, start, f"({today}::date - {start})"


def _narrowed(sql: db.Sql, wanted: Wanted) -> tuple[str, str]:
    joins, where = "", ""
    if wanted.kinds:
        where += f" AND l.kind IN ({sql.list(wanted.kinds)})"
    if wanted.agency is not None:
        where += f" AND l.id IN (SELECT o.id FROM ({owned(sql(wanted.agency))}) o)"
    if wanted.point:
        joins, where = " JOIN search_row r ON r.id = l.id", f"{where} AND {_near(sql, wanted.point, wanted.miles)}"
    return joins, where


def _near(sql: db.Sql, point: Point, miles: float) -> str:
    around, centre = box(point, miles), vector(point)
    longitudes = " OR ".join(f"r.lon BETWEEN {sql(west)} AND {sql(east)}" for west, east in around.longitudes)
    sides = [f"(r.{axis} - {sql(at)})" for axis, at in (("x", centre.x), ("y", centre.y), ("z", centre.z))]
    chord = " + ".join(f"{side} * {side}" for side in sides)
    return f"r.latband IN ({sql.list(around.bands)}) AND ({longitudes}) AND {chord} <= {sql(chord2(miles))}"


def _resting(sql: db.Sql, now: datetime) -> str:
    """The listings that somebody has just asked about, by an index of moments."""
    parts = []
    for outcome, rest in rules.RESTS.items():
        part = (
            f"SELECT listing_id FROM listing_check WHERE outcome = {sql(outcome)} AND at > {sql(to_column(now - rest))}"
        )
        if outcome == rules.CHANGED:  # whoever said so may not have put right what visitors report
            part += " AND listing_id NOT IN (SELECT listing_id FROM correction WHERE status = 'new')"
        parts.append(part)
    return " UNION ".join(parts)


def _under_review(sql: db.Sql) -> str:
    return (
        f"SELECT s.id FROM task t JOIN listing s ON s.slug = SUBSTR(t.key, {len(REVIEW) + 2}) "
        f"WHERE t.kind = {sql(REVIEW)} AND t.done_at IS NULL"
    )


def _by_kind(table: Mapping[str, object]) -> str:
    """SQL: the value of a kind; the commonest stands last."""
    cases: dict[object, list[str]] = {}
    for kind, value in table.items():
        cases.setdefault(value, []).append(f"'{kind}'")
    *few, (usual, _) = sorted(cases.items(), key=lambda item: len(item[1]))
    parts = (f"WHEN d.kind IN ({','.join(kinds)}) THEN {value}" for value, kinds in few)
    return f"CASE {' '.join(parts)} ELSE {usual} END"


def _is_due() -> str:
    holds = _by_kind({kind: each.days for kind, each in rules.HOLDS.items()})
    return f"(d.days >= {holds} OR d.reports > 0)"


def _score() -> str:
    """The sum of `domain.checks.risk`, which the tests hold it to."""
    holds = _by_kind({kind: float(each.days) for kind, each in rules.HOLDS.items()})
    weight = _by_kind({kind: rules.TONIGHT_WEIGHT if kind in rules.TONIGHT else 1.0 for kind in rules.HOLDS})
    return (
        f"({_least('d.days / ' + f'({holds})', rules.OLDEST)} * ({weight}) + {_least('d.reports', rules.MOST_REPORTS)} "
        f"+ {_least('d.opened', rules.MUCH_USED)} / {rules.MUCH_USED})"
    )


def _least(value: str, most: float) -> str:
    return f"CASE WHEN {value} > {most} THEN {most} ELSE {value} END"


# --- the checks of one listing ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Subject:
    """A listing that is checked."""

    id: int
    slug: str
    name: str
    status: Status
    version: int


async def subject(slug: str) -> Subject | None:
    """The listing with this slug. Needs a transaction, until whose end it stays and nobody else checks it."""
    sql = db.Sql()
    kept = "" if db.is_sqlite() else " FOR UPDATE"  # SQLite has one writer at a time anyway
    found = await db.rows(f"SELECT id, status, name, version FROM listing WHERE slug = {sql(slug)}{kept}", sql.values)
    return next((Subject(row["id"], slug, row["name"], Status(row["status"]), row["version"]) for row in found), None)


async def of(ids: Iterable[int], limit: int = 20) -> dict[int, list[Check]]:
    """The checks of each of these listings, the latest first, at most so many."""
    sql = db.Sql()
    text = (
        "SELECT * FROM (SELECT k.*, ROW_NUMBER() OVER (PARTITION BY listing_id ORDER BY id DESC) AS place "
        f"FROM listing_check k WHERE listing_id IN ({sql.list(ids) or 'NULL'})) n WHERE place <= {int(limit)} ORDER BY place"
    )
    found: dict[int, list[Check]] = {}
    for row in await db.rows(text, sql.values):
        at = db.as_moment(row["at"])
        check = Check(row["outcome"], row["tries"], row["via"], row["note"], row["by"], at, row["id"])
        found.setdefault(row["listing_id"], []).append(check)
    return found


async def add(listing_id: int, check: Check) -> None:
    """Adds what came of a check; one that confirms a listing makes it checked. Needs a transaction."""
    values: Sequence[object] = (
        listing_id, check.outcome, check.tries, check.via, check.note, check.by, to_column(check.at),
    )  # fmt: skip
    await db.insert_many("listing_check", ("listing_id", "outcome", "tries", "via", "note", "by", "at"), [values])
    if check.outcome == rules.CONFIRMED:
        sql = db.Sql()
        await db.execute(
            f"UPDATE listing SET confirmed_at = {sql(to_column(check.at))}, told = told + 1 WHERE id = {sql(listing_id)}",
            sql.values,
        )
