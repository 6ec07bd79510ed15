"""Seats in the meetings of groups, as rows. `group_meeting.taken` decides who gets the last one; here it moves with the seats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from directory.storage import db
from directory.storage.bridge.groups import OF_AGENCY, PREFIXED, PUBLIC, GroupNow, MeetingNow, group_of, meeting_of
from directory.storage.encoding import to_column


@dataclass(frozen=True, slots=True)
class SeatNow:
    """That somebody has a seat, or waits for one; `turn` is when they asked."""

    id: int
    meeting: int
    client: int
    status: str
    turn: datetime


@dataclass(frozen=True, slots=True)
class SeatLine:
    """A seat with whose it is, and the agency that keeps their place."""

    seat: SeatNow
    upi: str
    sealed: str | None
    agency: int
    agency_name: str


# --- one seat --------------------------------------------------------------------------------------------------------


async def meeting_hold(meeting: int) -> bool:
    """Whether a meeting is planned, and stays so until this transaction has ended."""
    sql = db.Sql()
    text = f"UPDATE group_meeting SET status = status WHERE id = {sql(meeting)} AND status = 'planned' RETURNING id"
    return bool(await db.rows(text, sql.values))


async def room_take(meeting: int, *, beyond: bool = False) -> bool:
    """Whether one more seat of a meeting is taken now: not beyond its capacity, unless somebody is there already. Needs a transaction."""
    sql = db.Sql()
    room = "" if beyond else "AND status = 'planned' AND (capacity IS NULL OR taken < capacity) "
    text = f"UPDATE group_meeting SET taken = taken + 1 WHERE id = {sql(meeting)} {room}RETURNING id"
    return bool(await db.rows(text, sql.values))


async def room_give(meeting: int) -> None:
    """Gives one seat of a meeting back. Needs a transaction."""
    sql = db.Sql()
    await db.execute(f"UPDATE group_meeting SET taken = taken - 1 WHERE id = {sql(meeting)}", sql.values)


async def seat(meeting: int, client: int) -> SeatNow | None:
    """The seat of somebody in a meeting."""
    sql = db.Sql()
    where = f"meeting_id = {sql(meeting)} AND client_id = {sql(client)}"
    found = await db.rows(f"SELECT * FROM group_seat WHERE {where}", sql.values)
    return _seat(found[0]) if found else None


async def seat_by_id(id: int) -> SeatNow | None:
    """The seat with this id."""
    sql = db.Sql()
    found = await db.rows(f"SELECT * FROM group_seat WHERE id = {sql(id)}", sql.values)
    return _seat(found[0]) if found else None


async def seat_put(meeting: int, client: int, status: str, *, by: str, now: datetime) -> None:
    """Writes down that somebody has a seat, or waits from now on; who had left asks anew. Needs a transaction."""
    sql = db.Sql()
    values = sql.list(to_column(each) for each in (meeting, client, status, now, now, by, 1))
    text = (
        "INSERT INTO group_seat (meeting_id, client_id, status, turn, at, by, version) "
        f"VALUES ({values}) ON CONFLICT (meeting_id, client_id) DO UPDATE SET status = excluded.status, "
        "turn = excluded.turn, at = excluded.at, by = excluded.by, version = group_seat.version + 1"
    )
    await db.execute(text, sql.values)


async def seat_move(id: int, before: str, after: str, *, by: str, now: datetime) -> bool:
    """Whether a seat that was in one state is in another from now on. Needs a transaction."""
    sql = db.Sql()
    sets = f"status = {sql(after)}, at = {sql(to_column(now))}, by = {sql(by)}, version = version + 1"
    text = f"UPDATE group_seat SET {sets} WHERE id = {sql(id)} AND status = {sql(before)} RETURNING id"
    return bool(await db.rows(text, sql.values))


async def first_waiting(meeting: int) -> SeatNow | None:
    """Who has waited longest for a seat; not somebody who was merged or cleared."""
    sql = db.Sql()
    text = (
        "SELECT s.* FROM group_seat s JOIN client c ON c.id = s.client_id "
        f"WHERE s.meeting_id = {sql(meeting)} AND s.status = 'waiting' AND c.merged_into_id IS NULL "
        "AND c.cleared_at IS NULL ORDER BY s.turn, s.id LIMIT 1"
    )
    found = await db.rows(text, sql.values)
    return _seat(found[0]) if found else None


async def to_fill(now: datetime) -> list[int]:
    """The meetings to come in which somebody waits and a seat is free: one was given back where nobody could tell."""
    sql = db.Sql()
    text = (
        f"SELECT m.id FROM group_meeting m WHERE m.status = 'planned' AND m.starts_at > {sql(to_column(now))} "
        "AND (m.capacity IS NULL OR m.taken < m.capacity) "
        "AND EXISTS (SELECT 1 FROM group_seat s WHERE s.meeting_id = m.id AND s.status = 'waiting') ORDER BY m.id"
    )
    return [row["id"] for row in await db.rows(text, sql.values)]


def _seat(row: Mapping[str, Any]) -> SeatNow:
    return SeatNow(row["id"], row["meeting_id"], row["client_id"], row["status"], db.as_moment(row["turn"]))


# --- whose -----------------------------------------------------------------------------------------------------------


async def seats_of(meeting: int) -> list[SeatLine]:
    """The seats of a meeting and who waits for one, in the order in which they asked; not those who have left."""
    sql = db.Sql()
    text = (
        "SELECT s.*, c.upi, c.sealed, c.agency_id, a.name AS agency_name FROM group_seat s "
        "JOIN client c ON c.id = s.client_id JOIN agency a ON a.id = c.agency_id "
        f"WHERE s.meeting_id = {sql(meeting)} AND s.status <> 'left' ORDER BY s.turn, s.id"
    )
    return [
        SeatLine(_seat(row), row["upi"], row["sealed"], row["agency_id"], row["agency_name"])
        for row in await db.rows(text, sql.values)
    ]


async def counted(meetings: Sequence[int], status: str) -> dict[int, int]:
    """How many seats are in this state, by meeting."""
    sql = db.Sql()
    text = (
        f"SELECT meeting_id, COUNT(*) AS n FROM group_seat WHERE status = {sql(status)} "
        f"AND meeting_id IN ({sql.list(meetings) or 'NULL'}) GROUP BY meeting_id"
    )
    return {row["meeting_id"]: int(row["n"]) for row in await db.rows(text, sql.values)}


@dataclass(frozen=True, slots=True)
class Sitting:
    """What somebody has in a meeting of a group. `seat` is None where they have asked for nothing."""

    group: GroupNow
    meeting: MeetingNow
    seat: SeatNow | None


_SITTING = (
    f"SELECT g.*, {OF_AGENCY}, {PREFIXED}, s.id AS s_id, s.client_id, s.status AS s_status, s.turn "
    "FROM group_meeting m JOIN peer_group g ON g.id = m.group_id JOIN agency a ON a.id = g.agency_id "
)


async def sittings_of(client: int) -> list[Sitting]:
    """All that somebody ever asked for in groups, the latest meeting first."""
    sql = db.Sql()
    text = (
        f"{_SITTING} JOIN group_seat s ON s.meeting_id = m.id "
        f"WHERE s.client_id = {sql(client)} ORDER BY m.starts_at DESC, m.id DESC"
    )
    return [_sitting(row) for row in await db.rows(text, sql.values)]


async def open_to(
    client: int, agency: int, first: datetime, last: datetime, limit: int, *, meeting: int | None = None
) -> list[Sitting]:
    """The meetings that end after one moment and begin before another to which a client of this agency may come, by their beginning.

    Those are all of their own agency, which come first, and those of other peer agencies that everybody sees; also later ones in which they
    have a seat, or wait for one. Of all these the one `meeting`, where it is given.
    """
    sql = db.Sql()
    one = f"AND m.id = {sql(meeting)} " if meeting is not None else ""
    own = sql(agency)
    text = (
        f"{_SITTING} LEFT JOIN group_seat s ON s.meeting_id = m.id AND s.client_id = {sql(client)} "
        f"WHERE m.status = 'planned' AND m.ends_at > {sql(to_column(first))} "
        f"AND (m.starts_at < {sql(to_column(last))} OR s.status IN ('seat', 'waiting')) "
        f"AND g.ended_at IS NULL AND a.closed_at IS NULL {one}AND (g.agency_id = {own} OR ({PUBLIC})) "
        f"ORDER BY CASE WHEN g.agency_id = {own} THEN 0 ELSE 1 END, m.starts_at, m.id LIMIT {int(limit)}"
    )
    return [_sitting(row) for row in await db.rows(text, sql.values)]


def _sitting(row: Mapping[str, Any]) -> Sitting:
    own = None
    if row["s_id"] is not None:
        own = SeatNow(row["s_id"], row["m_id"], row["client_id"], row["s_status"], db.as_moment(row["turn"]))
    return Sitting(group_of(row), meeting_of(row, "m_"), own)


# --- two who are one person, and after their time --------------------------------------------------------------------

_RANK = "CASE {0}.status WHEN 'came' THEN 0 WHEN 'seat' THEN 1 WHEN 'absent' THEN 2 WHEN 'waiting' THEN 3 ELSE 4 END"


async def seats_single(kept: int, gone: int) -> list[int]:
    """Leaves one of two seats that two clients have in one meeting, the better one, and gives the other back.

    The meetings in which a seat was given back. Needs a transaction, in which the rows of the one that goes then move.
    """
    sql = db.Sql()
    text = (
        "SELECT k.id AS k_id, g.id AS g_id, k.meeting_id, k.status AS k_status, g.status AS g_status, "
        f"{_RANK.format('k')} AS k_rank, {_RANK.format('g')} AS g_rank FROM group_seat k "
        f"JOIN group_seat g ON g.meeting_id = k.meeting_id AND g.client_id = {sql(gone)} "
        f"WHERE k.client_id = {sql(kept)} ORDER BY k.meeting_id"
    )
    freed = []
    for row in await db.rows(text, sql.values):
        loser = "g" if row["k_rank"] <= row["g_rank"] else "k"
        await seat_drop(row[f"{loser}_id"])
        if row[f"{loser}_status"] in ("seat", "came", "absent"):
            await room_give(row["meeting_id"])
            freed.append(row["meeting_id"])
    return freed


async def seat_drop(id: int) -> None:
    """Takes a seat out. Needs a transaction."""
    sql = db.Sql()
    await db.execute(f"DELETE FROM group_seat WHERE id = {sql(id)}", sql.values)
