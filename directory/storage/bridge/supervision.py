"""Who supervises a peer, and what the two of them write to each other. The words stay sealed here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from directory.storage import db
from directory.storage.bridge.staff import works
from directory.storage.encoding import to_column


@dataclass(frozen=True, slots=True)
class SupervisionNow:
    """That somebody supervises a peer, with the names of both."""

    id: int
    agency: int
    peer: int
    peer_name: str
    supervisor: int
    supervisor_name: str
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class NoteNow:
    """A note of one of the two. `sealed` are its words."""

    id: int
    kind: str
    author: int
    at: datetime
    sealed: str | None


@dataclass(frozen=True, slots=True)
class DebriefNow:
    """That a peer is asked how they are."""

    id: int
    agency: int
    person: int
    at: datetime


_SUPERVISION = (
    "SELECT s.id, s.agency_id, s.peer_id, p.name AS peer_name, s.supervisor_id, v.name AS supervisor_name, s.ended_at "
    "FROM supervision s JOIN person p ON p.id = s.peer_id JOIN person v ON v.id = s.supervisor_id"
)


_BOTH = f"{works('s.peer_id', 's.agency_id')} AND {works('s.supervisor_id', 's.agency_id')}"


async def supervision(id: int) -> SupervisionNow | None:
    """The one with this id, where both work in its agency still."""
    sql = db.Sql()
    found = await _supervisions(f"s.id = {sql(id)} AND {_BOTH}", sql)
    return found[0] if found else None


async def supervisions_in(agency: int) -> list[SupervisionNow]:
    """Who supervises whom in an agency today, by the peer's name."""
    sql = db.Sql()
    return await _supervisions(f"s.agency_id = {sql(agency)} AND s.ended_at IS NULL AND {_BOTH}", sql)


async def supervisions_of(person: int) -> list[SupervisionNow]:
    """All in which somebody is one of the two, those that ended too: their notes stay theirs for as long as they work in that agency."""
    sql = db.Sql()
    who = sql(person)
    return await _supervisions(f"(s.peer_id = {who} OR s.supervisor_id = {who}) AND {works(who, 's.agency_id')}", sql)


async def _supervisions(where: str, sql: db.Sql) -> list[SupervisionNow]:
    order = "CASE WHEN s.ended_at IS NULL THEN 0 ELSE 1 END, p.name, s.id DESC"
    return [
        SupervisionNow(
            row["id"],
            row["agency_id"],
            row["peer_id"],
            row["peer_name"],
            row["supervisor_id"],
            row["supervisor_name"],
            db.as_moment(row["ended_at"]) if row["ended_at"] else None,
        )
        for row in await db.rows(f"{_SUPERVISION} WHERE {where} ORDER BY {order}", sql.values)
    ]


async def supervisor_set(agency: int, peer: int, supervisor: int | None, *, by: str, now: datetime) -> bool:
    """Has somebody supervise a peer from now on, or nobody; False where that is so already. Needs a transaction."""
    sql = db.Sql()
    text = f"SELECT supervisor_id FROM supervision WHERE agency_id = {sql(agency)} AND peer_id = {sql(peer)} AND ended_at IS NULL"
    before = [row["supervisor_id"] for row in await db.rows(text, sql.values)]
    if before == ([supervisor] if supervisor is not None else []):
        return False
    sql = db.Sql()
    ends = f"UPDATE supervision SET ended_at = {sql(to_column(now))}"
    await db.execute(
        f"{ends} WHERE agency_id = {sql(agency)} AND peer_id = {sql(peer)} AND ended_at IS NULL", sql.values
    )
    if supervisor is not None:
        sql = db.Sql()
        values = sql.list((agency, peer, supervisor, by, to_column(now)))
        await db.execute(
            f"INSERT INTO supervision (agency_id, peer_id, supervisor_id, by, at) VALUES ({values})", sql.values
        )
    return True


async def note_add(supervision: int, kind: str, *, sealed: str, author: int, now: datetime) -> int:
    """The id of a new note. Needs a transaction."""
    sql = db.Sql()
    values = sql.list((supervision, kind, sealed, author, to_column(now)))
    text = f"INSERT INTO supervision_note (supervision_id, kind, sealed, author_id, at) VALUES ({values}) RETURNING id"
    return int((await db.rows(text, sql.values))[0]["id"])


async def notes_of(supervision: int, limit: int = 100) -> list[NoteNow]:
    """The notes of the two, the latest first."""
    sql = db.Sql()
    text = (
        f"SELECT id, kind, author_id, at, sealed FROM supervision_note WHERE supervision_id = {sql(supervision)} "
        f"ORDER BY id DESC LIMIT {int(limit)}"
    )
    found = await db.rows(text, sql.values)
    return [NoteNow(row["id"], row["kind"], row["author_id"], db.as_moment(row["at"]), row["sealed"]) for row in found]


async def debriefs_of(person: int) -> list[DebriefNow]:
    """What somebody is asked and has not answered, the oldest first."""
    sql = db.Sql()
    text = f"SELECT id, agency_id, person_id, at FROM debrief WHERE person_id = {sql(person)} AND done_at IS NULL ORDER BY id"
    found = await db.rows(text, sql.values)
    return [DebriefNow(row["id"], row["agency_id"], row["person_id"], db.as_moment(row["at"])) for row in found]


async def debrief_done(id: int, person: int, outcome: str, now: datetime) -> bool:
    """Whether this person answered something that they had not answered. Needs a transaction."""
    sql = db.Sql()
    text = (
        f"UPDATE debrief SET done_at = {sql(to_column(now))}, outcome = {sql(outcome)} "
        f"WHERE id = {sql(id)} AND person_id = {sql(person)} AND done_at IS NULL RETURNING id"
    )
    return bool(await db.rows(text, sql.values))
