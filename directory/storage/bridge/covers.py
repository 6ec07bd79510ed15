"""Who stands in for whom: one peer for another who is away, with all their people, for days that an agency has set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from directory.domain.bridge.peers import Span
from directory.storage import db
from directory.storage.bridge.staff import works
from directory.storage.encoding import as_date, to_column

_BOTH = f"{works('cover.stand_in_id', 'cover.agency_id')} AND {works('cover.away_id', 'cover.agency_id')}"


async def stands_in(person: int, agency: int, day: date) -> frozenset[int]:
    """The ids of the peers of an agency for whom this person stands in on a local day of it."""
    sql = db.Sql()
    today = sql(to_column(day))
    text = (
        f"SELECT DISTINCT away_id FROM cover WHERE stand_in_id = {sql(person)} AND agency_id = {sql(agency)} "
        f"AND from_on <= {today} AND until_on >= {today} AND ended_at IS NULL AND {_BOTH}"
    )
    return frozenset(row["away_id"] for row in await db.rows(text, sql.values))


async def near(person: int, agencies: Sequence[int], begin: date, end: date) -> list[tuple[int, Span]]:
    """For whom this person stands in on some day between these two, with the agency: one statement, since every board asks."""
    sql = db.Sql()
    text = (
        f"SELECT agency_id, away_id, stand_in_id, from_on, until_on FROM cover WHERE stand_in_id = {sql(person)} "
        f"AND until_on >= {sql(to_column(begin))} AND from_on <= {sql(to_column(end))} AND ended_at IS NULL AND {_BOTH} "
        f"AND agency_id IN ({sql.list(agencies) or 'NULL'})"
    )
    return [(row["agency_id"], _span(row)) for row in await db.rows(text, sql.values)]


@dataclass(frozen=True, slots=True)
class CoverNow:
    """That somebody stands in, with the names of both."""

    id: int
    span: Span
    away_name: str
    stand_in_name: str


async def covers_of(agency: int, day: date) -> list[CoverNow]:
    """Who stands in for whom in an agency on this day or later, the earliest first."""
    sql = db.Sql()
    text = (
        "SELECT v.id, v.away_id, v.stand_in_id, v.from_on, v.until_on, a.name AS away_name, s.name AS stand_in_name "
        "FROM cover v JOIN person a ON a.id = v.away_id JOIN person s ON s.id = v.stand_in_id "
        f"WHERE v.agency_id = {sql(agency)} AND v.until_on >= {sql(to_column(day))} AND v.ended_at IS NULL "
        "ORDER BY v.from_on, v.id"
    )
    return [_cover(row) for row in await db.rows(text, sql.values)]


def _cover(row: Mapping[str, Any]) -> CoverNow:
    return CoverNow(row["id"], _span(row), row["away_name"], row["stand_in_name"])


def _span(row: Mapping[str, Any]) -> Span:
    begin, end = as_date(row["from_on"]), as_date(row["until_on"])
    assert begin is not None
    assert end is not None
    return Span(row["away_id"], row["stand_in_id"], begin, end)


async def cover_add(agency: int, span: Span, *, by: str, now: datetime) -> int:
    """The id of a new one. Needs a transaction."""
    sql = db.Sql()
    days = to_column(span.from_on), to_column(span.until_on)
    values = sql.list((agency, span.away, span.stand_in, *days, by, to_column(now)))
    text = (
        f"INSERT INTO cover (agency_id, away_id, stand_in_id, from_on, until_on, by, at) VALUES ({values}) RETURNING id"
    )
    return int((await db.rows(text, sql.values))[0]["id"])


async def cover_end(id: int, agency: int, now: datetime) -> bool:
    """Whether one of this agency was ended that was not over by hand yet. Needs a transaction."""
    sql = db.Sql()
    text = (
        f"UPDATE cover SET ended_at = {sql(to_column(now))} WHERE id = {sql(id)} AND agency_id = {sql(agency)} "
        "AND ended_at IS NULL RETURNING id"
    )
    return bool(await db.rows(text, sql.values))
