"""Groups and their meetings as rows. What two people may edit is written only by who has seen its newest version."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from directory.domain.bridge.groups import PLACED, GroupValues, Series, Where
from directory.storage import db
from directory.storage.agencies import versioned_set
from directory.storage.encoding import as_date, dumps, to_column


@dataclass(frozen=True, slots=True)
class GroupNow:
    """A group of an agency; `listing` is the listing that it has or had, by id. `is_closed`: its agency has closed."""

    id: int
    agency: int
    agency_name: str
    values: GroupValues
    listing: int | None
    is_demo: bool
    is_closed: bool
    ended_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class MeetingNow:
    """One time that a group meets. `day` is that of its series; `capacity` is None where everybody finds a seat."""

    id: int
    group: int
    day: date
    starts_at: datetime
    ends_at: datetime
    status: str
    capacity: int | None
    taken: int
    others: int | None
    version: int

    @property
    def left(self) -> int | None:
        """How many seats are left; None where there is no limit."""
        return None if self.capacity is None else max(self.capacity - self.taken, 0)


OF_AGENCY = "a.name AS agency_name, a.closed_at AS agency_closed"
_GROUP = f"g.*, {OF_AGENCY} FROM peer_group g JOIN agency a ON a.id = g.agency_id"
MEETING = "m.id, m.group_id, m.day, m.starts_at, m.ends_at, m.status, m.capacity, m.taken, m.others, m.version"
"""The columns of which `meeting_of` makes a meeting."""
PREFIXED = ", ".join(f"{name} AS m_{name.removeprefix('m.')}" for name in MEETING.split(", "))
"""The same beside those of a group, which have the same names."""
PUBLIC = "g.is_public AND g.ended_at IS NULL AND a.closed_at IS NULL AND a.kind = 'peer'"
"""SQL: that a group `g` of the agency `a` is shown to everybody."""


# --- groups ----------------------------------------------------------------------------------------------------------


async def group(id: int) -> GroupNow | None:
    """The group with this id."""
    sql = db.Sql()
    return _first(await db.rows(f"SELECT {_GROUP} WHERE g.id = {sql(id)}", sql.values))


async def public_group(id: int) -> GroupNow | None:
    """The same where everybody may see it."""
    sql = db.Sql()
    return _first(await db.rows(f"SELECT {_GROUP} WHERE g.id = {sql(id)} AND {PUBLIC}", sql.values))


async def public_of_listing(listing: int) -> int | None:
    """The id of the group of which a listing is, where everybody may see that."""
    sql = db.Sql()
    found = _first(await db.rows(f"SELECT {_GROUP} WHERE g.listing_id = {sql(listing)} AND {PUBLIC}", sql.values))
    return found.id if found else None


async def groups_of(agencies: Sequence[int]) -> list[GroupNow]:
    """The groups of these agencies by name, those that have ended last."""
    sql = db.Sql()
    where = f"g.agency_id IN ({sql.list(agencies) or 'NULL'})"
    text = f"SELECT {_GROUP} WHERE {where} ORDER BY CASE WHEN g.ended_at IS NULL THEN 0 ELSE 1 END, g.name, g.id"
    return [group_of(row) for row in await db.rows(text, sql.values)]


async def running() -> list[GroupNow]:
    """All groups that have not ended, also those of agencies that have closed."""
    text = f"SELECT {_GROUP} WHERE g.ended_at IS NULL ORDER BY g.id"
    return [group_of(row) for row in await db.rows(text)]


async def public_groups(now: datetime, limit: int, offset: int = 0) -> list[tuple[GroupNow, MeetingNow]]:
    """The groups that everybody may see and that meet again, each with its next meeting, by that."""
    sql = db.Sql()
    coming = f"x.group_id = g.id AND x.status = 'planned' AND x.ends_at > {sql(to_column(now))}"
    text = (
        f"SELECT g.*, {OF_AGENCY}, {PREFIXED} FROM peer_group g JOIN agency a ON a.id = g.agency_id "
        f"JOIN group_meeting m ON m.id = (SELECT x.id FROM group_meeting x WHERE {coming} ORDER BY x.starts_at, x.id LIMIT 1) "
        f"WHERE {PUBLIC} ORDER BY m.starts_at, g.id LIMIT {int(limit)} OFFSET {int(offset)}"
    )
    return [(group_of(row), meeting_of(row, "m_")) for row in await db.rows(text, sql.values)]


async def group_put(agency: int, values: GroupValues, *, by: str, now: datetime) -> int:
    """The id of a new group, which is as invented as its agency. Needs a transaction."""
    sql = db.Sql()
    columns = columns_of(values) | {"agency_id": agency, "by": by, "at": now, "version": 1}
    listed = sql.list(to_column(value) for value in columns.values())
    is_demo = f"(SELECT is_demo FROM agency WHERE id = {sql(agency)})"
    text = f"INSERT INTO peer_group ({', '.join(columns)}, is_demo) VALUES ({listed}, {is_demo}) RETURNING id"
    return int((await db.rows(text, sql.values))[0]["id"])


async def group_set(id: int, version: int, **columns: object) -> bool:
    """Whether a group that still has this version was set to this. Needs a transaction."""
    return await versioned_set("peer_group", id, version, **columns)


async def listed_as(id: int, listing: int) -> None:
    """Notes the listing of a group. Needs a transaction."""
    sql = db.Sql()
    await db.execute(f"UPDATE peer_group SET listing_id = {sql(listing)} WHERE id = {sql(id)}", sql.values)


def columns_of(values: GroupValues) -> dict[str, object]:
    """The values of a group by the names of their columns."""
    series = values.series
    where = {name: getattr(values.where, name) for name in (*PLACED, "visibility")}
    return {
        "name": values.name,
        "words": values.words or None,
        "sort": values.sort,
        "attendance": values.attendance,
        "address": dumps(where) if values.attendance != "online" else None,
        "url": values.url or None,
        "is_url_shown": values.is_url_shown,
        "timezone": series.timezone,
        "starts_on": series.starts_on,
        "minute": series.minute,
        "minutes": series.minutes,
        "every": series.every,
        "week": series.week,
        "until": series.until,
        "capacity": values.capacity,
        "language": values.language,
        "people": _list(values.people),
        "access": _list(values.access),
        "is_public": values.is_public,
        "leader_id": values.leader,
    }


def _list(codes: Iterable[str] | None) -> str | None:
    return None if codes is None else dumps(list(codes))


def _first(rows: Sequence[Mapping[str, Any]]) -> GroupNow | None:
    return group_of(rows[0]) if rows else None


def group_of(row: Mapping[str, Any]) -> GroupNow:
    """A row of groups with the name of the agency."""
    return GroupNow(
        id=row["id"],
        agency=row["agency_id"],
        agency_name=row["agency_name"],
        values=_values(row),
        listing=row["listing_id"],
        is_demo=bool(row["is_demo"]),
        is_closed=row["agency_closed"] is not None,
        ended_at=db.as_moment(row["ended_at"]) if row["ended_at"] else None,
        version=row["version"],
    )


def _values(row: Mapping[str, Any]) -> GroupValues:
    starts_on = as_date(row["starts_on"])
    assert starts_on is not None
    series = Series(
        starts_on, row["minute"], row["minutes"], row["timezone"], row["every"], row["week"], as_date(row["until"])
    )
    lists = {name: db.from_json(row[name]) for name in ("people", "access")}
    return GroupValues(
        name=row["name"],
        sort=row["sort"],
        attendance=row["attendance"],
        series=series,
        where=Where(**(db.from_json(row["address"]) or {})),
        words=row["words"] or "",
        url=row["url"] or "",
        is_url_shown=bool(row["is_url_shown"]),
        capacity=row["capacity"],
        language=row["language"],
        is_public=bool(row["is_public"]),
        leader=row["leader_id"],
        **{name: None if given is None else tuple(given) for name, given in lists.items()},
    )


# --- meetings --------------------------------------------------------------------------------------------------------


async def meeting(id: int) -> MeetingNow | None:
    """The meeting with this id."""
    sql = db.Sql()
    found = await db.rows(f"SELECT {MEETING} FROM group_meeting m WHERE m.id = {sql(id)}", sql.values)
    return meeting_of(found[0]) if found else None


async def meetings_of(group: int, since: datetime, limit: int = 100) -> list[MeetingNow]:
    """The meetings of a group that end after this moment, in order."""
    sql = db.Sql()
    where = f"m.group_id = {sql(group)} AND m.ends_at > {sql(to_column(since))}"
    text = f"SELECT {MEETING} FROM group_meeting m WHERE {where} ORDER BY m.starts_at, m.id LIMIT {int(limit)}"
    return [meeting_of(row) for row in await db.rows(text, sql.values)]


async def meetings_by_group(groups: Sequence[int], since: datetime) -> dict[int, list[MeetingNow]]:
    """The meetings of these groups that end after this moment, or are over but would have been on a day since: one that was moved to an earlier day,
    so that nobody is told of its own. In order, by group.
    """
    sql = db.Sql()
    # A day sooner, since a day of theirs may have begun before that of this moment in UTC has.
    coming = f"m.ends_at > {sql(to_column(since))} OR m.day >= {sql(to_column(since.date() - timedelta(days=1)))}"
    where = f"m.group_id IN ({sql.list(groups) or 'NULL'}) AND ({coming})"
    found: dict[int, list[MeetingNow]] = {}
    for row in await db.rows(
        f"SELECT {MEETING} FROM group_meeting m WHERE {where} ORDER BY m.starts_at, m.id", sql.values
    ):
        found.setdefault(row["group_id"], []).append(meeting_of(row))
    return found


async def meetings_before(group: int, until: datetime, limit: int) -> list[MeetingNow]:
    """The meetings of a group that have ended by this moment, the last first."""
    sql = db.Sql()
    where = f"m.group_id = {sql(group)} AND m.ends_at <= {sql(to_column(until))}"
    text = (
        f"SELECT {MEETING} FROM group_meeting m WHERE {where} ORDER BY m.starts_at DESC, m.id DESC LIMIT {int(limit)}"
    )
    return [meeting_of(row) for row in await db.rows(text, sql.values)]


async def next_of(groups: Sequence[int], now: datetime) -> dict[int, MeetingNow]:
    """The next meeting of each of these groups that takes place."""
    sql = db.Sql()
    coming = f"x.group_id = m.group_id AND x.status = 'planned' AND x.ends_at > {sql(to_column(now))}"
    text = (
        f"SELECT {MEETING} FROM group_meeting m WHERE m.group_id IN ({sql.list(groups) or 'NULL'}) AND m.id = "
        f"(SELECT x.id FROM group_meeting x WHERE {coming} ORDER BY x.starts_at, x.id LIMIT 1)"
    )
    found = [meeting_of(row) for row in await db.rows(text, sql.values)]
    return {each.group: each for each in found}


async def meetings_add(group: int, times: Mapping[date, tuple[datetime, datetime]], capacity: int | None) -> int:
    """Plans a group for these days, where it is not planned already, and says for how many it was not. Needs a transaction."""
    added = 0
    for day, (starts_at, ends_at) in times.items():
        sql = db.Sql()
        values = sql.list(to_column(each) for each in (group, day, starts_at, ends_at, "planned", capacity, 0, 1))
        text = (
            "INSERT INTO group_meeting (group_id, day, starts_at, ends_at, status, capacity, taken, version) "
            f"VALUES ({values}) ON CONFLICT (group_id, day) DO NOTHING RETURNING id"
        )
        added += len(await db.rows(text, sql.values))
    return added


async def meeting_set(id: int, version: int, **columns: object) -> bool:
    """Whether a meeting that still has this version was set to this. Needs a transaction."""
    return await versioned_set("group_meeting", id, version, **columns)


async def meeting_drop(id: int) -> bool:
    """Whether a meeting was taken out of which nobody has ever wanted a seat. Needs a transaction."""
    sql = db.Sql()
    own = sql(id)
    text = (
        f"DELETE FROM group_meeting WHERE id = {own} AND status = 'planned' AND taken = 0 "
        f"AND NOT EXISTS (SELECT 1 FROM group_seat s WHERE s.meeting_id = {own}) RETURNING id"
    )
    return bool(await db.rows(text, sql.values))


async def meetings_hold(now: datetime) -> None:
    """Says of the meetings whose time is over that they were held. Needs a transaction."""
    sql = db.Sql()
    text = (
        "UPDATE group_meeting SET status = 'held', version = version + 1 WHERE status = 'planned' "
        f"AND ends_at <= {sql(to_column(now))}"
    )
    await db.execute(text, sql.values)


async def to_remind(first: datetime, last: datetime) -> list[tuple[MeetingNow, str]]:
    """The meetings that begin between these two, of which nobody was reminded, each with its zone."""
    sql = db.Sql()
    where = f"m.starts_at >= {sql(to_column(first))} AND m.starts_at < {sql(to_column(last))}"
    text = (
        f"SELECT {MEETING}, g.timezone FROM group_meeting m JOIN peer_group g ON g.id = m.group_id "
        f"WHERE m.status = 'planned' AND m.reminded_at IS NULL AND {where} ORDER BY m.id"
    )
    return [(meeting_of(row), row["timezone"]) for row in await db.rows(text, sql.values)]


async def reminded(id: int, now: datetime) -> bool:
    """Whether it is here that a meeting is noted as reminded of. Needs a transaction."""
    sql = db.Sql()
    text = f"UPDATE group_meeting SET reminded_at = {sql(to_column(now))} WHERE id = {sql(id)} AND reminded_at IS NULL RETURNING id"
    return bool(await db.rows(text, sql.values))


def meeting_of(row: Mapping[str, Any], prefix: str = "") -> MeetingNow:
    """A row of meetings; its columns may have a prefix."""
    day = as_date(row[f"{prefix}day"])
    assert day is not None
    return MeetingNow(
        id=row[f"{prefix}id"],
        group=row[f"{prefix}group_id"],
        day=day,
        starts_at=db.as_moment(row[f"{prefix}starts_at"]),
        ends_at=db.as_moment(row[f"{prefix}ends_at"]),
        status=row[f"{prefix}status"],
        capacity=row[f"{prefix}capacity"],
        taken=row[f"{prefix}taken"],
        others=row[f"{prefix}others"],
        version=row[f"{prefix}version"],
    )
