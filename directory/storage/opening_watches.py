"""Who wants to be told of openings, and what has newly appeared among the reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from directory.domain.openings import Watch, is_opening
from directory.domain.results import STALE_HOURS
from directory.storage import db
from directory.storage.encoding import to_column
from directory.storage.openings import OF_ONE_THING

_WATCH = "SELECT w.id, w.person_id, w.query, w.created_at, w.ends_at, w.seen_report, w.told_at FROM opening_watch w"


async def add(*, person: int, query: str, now: datetime, ends_at: datetime) -> int:
    """Adds a watch, which begins with the reports that come in from here on. Needs a transaction."""
    sql = db.Sql()
    values = (person, query, to_column(now), to_column(ends_at))
    text = (
        "INSERT INTO opening_watch (person_id, query, created_at, ends_at, seen_report) "
        f"VALUES ({sql.list(values)}, (SELECT COALESCE(MAX(id), 0) FROM capacity_report)) RETURNING id"
    )
    return int((await db.rows(text, sql.values))[0]["id"])


async def prolong(id: int, ends_at: datetime) -> None:
    """Has a watch end later. Needs a transaction."""
    sql = db.Sql()
    await db.execute(f"UPDATE opening_watch SET ends_at = {sql(to_column(ends_at))} WHERE id = {sql(id)}", sql.values)


async def end(id: int, *, person: int) -> bool:
    """Whether this person had such a watch; it is deleted, since nobody needs to know any more what was looked for. Needs a transaction."""
    sql = db.Sql()
    text = f"DELETE FROM opening_watch WHERE id = {sql(id)} AND person_id = {sql(person)} RETURNING id"
    return bool(await db.rows(text, sql.values))


async def is_any_over(now: datetime) -> bool:
    """Whether there is a watch that has ended by itself: looked at first, since deleting is a write."""
    sql = db.Sql()
    return bool(
        await db.rows(f"SELECT 1 AS one FROM opening_watch WHERE ends_at <= {sql(to_column(now))} LIMIT 1", sql.values)
    )


async def forget_over(now: datetime) -> None:
    """Deletes the watches that have ended by themselves. Needs a transaction."""
    sql = db.Sql()
    await db.execute(f"DELETE FROM opening_watch WHERE ends_at <= {sql(to_column(now))}", sql.values)


async def live(now: datetime, *, person: int | None = None) -> list[Watch]:
    """The watches that have not ended, of this person or of all, the newest first."""
    sql = db.Sql()
    those = "" if person is None else f" AND w.person_id = {sql(person)}"
    text = f"{_WATCH} WHERE w.ends_at > {sql(to_column(now))}{those} ORDER BY w.id DESC"
    return [_watch(row) for row in await db.rows(text, sql.values)]


def _watch(row: Mapping[str, Any]) -> Watch:
    return Watch(
        id=row["id"],
        person=row["person_id"],
        query=row["query"],
        created_at=db.as_moment(row["created_at"]),
        ends_at=db.as_moment(row["ends_at"]),
        seen=row["seen_report"],
        told_at=db.as_moment(row["told_at"]),
    )


async def newest() -> int:
    """The number of the newest report there is."""
    return int((await db.rows("SELECT COALESCE(MAX(id), 0) AS id FROM capacity_report"))[0]["id"])


async def told(watch: Watch, *, up_to: int, now: datetime) -> bool:
    """Notes that somebody is told of what has come in up to this report; False where that was done in the meantime. Needs a transaction."""
    sql = db.Sql()
    text = (
        f"UPDATE opening_watch SET seen_report = {sql(up_to)}, told_at = {sql(to_column(now))} "
        f"WHERE id = {sql(watch.id)} AND seen_report = {sql(watch.seen)} RETURNING id"
    )
    return bool(await db.rows(text, sql.values))


async def passed_over(watches: Sequence[int], *, up_to: int) -> None:
    """Notes that nothing up to this report was for these watches. Needs a transaction."""
    sql = db.Sql()
    text = (
        f"UPDATE opening_watch SET seen_report = {sql(up_to)} WHERE id IN ({sql.list(watches) or 'NULL'}) "
        f"AND seen_report < {sql(up_to)}"
    )
    await db.execute(text, sql.values)


_CHANGES = (
    "SELECT id, listing_id, level_id, available, accepting, as_of, LAG(available) OVER w AS was_available, "
    "LAG(accepting) OVER w AS was_accepting, LAG(as_of) OVER w AS was_as_of FROM capacity_report "
    "WHERE listing_id IN (SELECT n.listing_id FROM capacity_report n WHERE n.id > {after}) "
    f"WINDOW w AS (PARTITION BY {OF_ONE_THING} ORDER BY as_of, id)"
)


async def appeared(after: int) -> set[tuple[int, int | None]]:
    """The (listing, level) of each opening that came in after this report and was not there before: what is only said again is not
    new, unless what was said before had grown too old to count."""
    sql = db.Sql()
    text = f"SELECT * FROM ({_CHANGES.format(after=sql(after))}) x WHERE x.id > {sql(after)}"
    return {(row["listing_id"], row["level_id"]) for row in await db.rows(text, sql.values) if _is_new(row)}


def _is_new(row: Mapping[str, Any]) -> bool:
    is_one, was_one = (is_opening(row[f"{was}available"], row[f"{was}accepting"]) for was in ("", "was_"))
    if not is_one or not was_one:
        return is_one
    return db.as_moment(row["as_of"]) - db.as_moment(row["was_as_of"]) >= timedelta(hours=STALE_HOURS)
