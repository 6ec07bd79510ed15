"""Peers themselves: how many people they go with, who mentors whom, and what they have learned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from directory.domain.access import Role
from directory.storage import db
from directory.storage.encoding import as_date, to_column
from directory.storage.waitlist.moves import OPEN


@dataclass(frozen=True, slots=True)
class PeerNow:
    """Somebody of an agency who goes with people: with how many today, of `most`, which nobody need have set."""

    id: int
    name: str
    people: int
    most: int | None
    version: int

    @property
    def is_full(self) -> bool:
        """Whether they go with as many people as were agreed, or more."""
        return self.most is not None and self.people >= self.most


async def peers_of(agency: int) -> list[PeerNow]:
    """Everybody of an agency who goes with people, by name. Counted are those who stand in a line, or were taken on and stand in none yet."""
    return await _peers(agency, "EXISTS")


async def left_of(agency: int) -> list[PeerNow]:
    """Who works in an agency no more and is still somebody's peer there, by name."""
    return [row for row in await _peers(agency, "NOT EXISTS") if row.people]


async def _peers(agency: int, exists: str) -> list[PeerNow]:
    sql = db.Sql()
    home, roles = sql(agency), sql.list((Role.PEER.value, Role.COORDINATOR.value))
    counted = (
        f"SELECT COUNT(*) FROM client c WHERE c.peer_id = p.id AND c.agency_id = {home} AND c.merged_into_id IS NULL "
        f"AND c.cleared_at IS NULL AND (EXISTS (SELECT 1 FROM entry e WHERE e.client_id = c.id AND e.status IN {OPEN}) "
        "OR NOT EXISTS (SELECT 1 FROM entry e WHERE e.client_id = c.id))"
    )
    text = (
        f"SELECT p.id, p.name, ({counted}) AS people, l.most, COALESCE(l.version, 0) AS version FROM person p "
        f"LEFT JOIN caseload l ON l.person_id = p.id AND l.agency_id = {home} "
        f"WHERE {exists} (SELECT 1 FROM role_grant g WHERE g.person_id = p.id AND g.role IN ({roles}) "
        f"AND g.agency_id = {home} AND g.ended_at IS NULL AND p.disabled_at IS NULL) "
        f"AND (p.id IN (SELECT g.person_id FROM role_grant g WHERE g.agency_id = {home}) "
        f"OR p.id IN (SELECT c.peer_id FROM client c WHERE c.agency_id = {home})) ORDER BY p.name, p.id"
    )
    found = await db.rows(text, sql.values)
    return [PeerNow(row["id"], row["name"], row["people"], row["most"], row["version"]) for row in found]


async def most_set(agency: int, person: int, most: int | None, version: int, *, by: str, now: datetime) -> bool:
    """Sets or takes away the most people of a peer; False where somebody has set it since `version` (0: it was not set). What was taken away
    keeps its row, so that no version comes twice. Needs a transaction."""
    sql = db.Sql()
    if version:
        sets = f"most = {sql(most)}, by = {sql(by)}, at = {sql(to_column(now))}, version = version + 1"
        where = f"agency_id = {sql(agency)} AND person_id = {sql(person)} AND version = {sql(version)}"
        return bool(await db.rows(f"UPDATE caseload SET {sets} WHERE {where} RETURNING id", sql.values))
    values = sql.list((agency, person, most, by, to_column(now), 1))
    text = (
        f"INSERT INTO caseload (agency_id, person_id, most, by, at, version) VALUES ({values}) "
        "ON CONFLICT (agency_id, person_id) DO NOTHING RETURNING id"
    )
    return bool(await db.rows(text, sql.values))


async def most_is_set(agency: int, person: int) -> bool:
    """Whether anybody has ever said with how many people a peer goes."""
    sql = db.Sql()
    text = f"SELECT 1 FROM caseload WHERE agency_id = {sql(agency)} AND person_id = {sql(person)}"
    return bool(await db.rows(text, sql.values))


async def clients_of(agency: int, person: int) -> list[int]:
    """The ids of all clients whom somebody goes with in an agency, in a line or not."""
    sql = db.Sql()
    text = (
        f"SELECT id FROM client WHERE agency_id = {sql(agency)} AND peer_id = {sql(person)} "
        "AND merged_into_id IS NULL AND cleared_at IS NULL ORDER BY id"
    )
    return [row["id"] for row in await db.rows(text, sql.values)]


# --- mentors ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PairingNow:
    """A mentor with a newer peer, whose name it is, or with a client, of whom it has the number alone."""

    id: int
    mentor: int
    mentor_name: str
    person: int | None
    person_name: str | None
    client: int | None
    upi: str | None
    from_on: date
    ended_at: datetime | None
    end_reason: str | None


async def pairing_add(
    agency: int, mentor: int, *, person: int | None, client: int | None, from_on: date, by: str, now: datetime
) -> int | None:
    """The id of a new pairing; None where the two are one already. Needs a transaction."""
    sql = db.Sql()
    other = f"person_id = {sql(person)}" if person is not None else f"client_id = {sql(client)}"
    same = f"SELECT 1 FROM pairing WHERE agency_id = {sql(agency)} AND mentor_id = {sql(mentor)} AND {other} AND ended_at IS NULL"
    if await db.rows(same, sql.values):
        return None
    sql = db.Sql()
    values = sql.list((agency, mentor, person, client, to_column(from_on), by, to_column(now)))
    text = f"INSERT INTO pairing (agency_id, mentor_id, person_id, client_id, from_on, by, at) VALUES ({values}) RETURNING id"
    return int((await db.rows(text, sql.values))[0]["id"])


async def pairing_end(id: int, agency: int, reason: str, now: datetime) -> bool:
    """Whether a pairing of this agency was ended that had not ended yet. Needs a transaction."""
    sql = db.Sql()
    text = (
        f"UPDATE pairing SET ended_at = {sql(to_column(now))}, end_reason = {sql(reason)} "
        f"WHERE id = {sql(id)} AND agency_id = {sql(agency)} AND ended_at IS NULL RETURNING id"
    )
    return bool(await db.rows(text, sql.values))


async def mentors_of(client: int) -> list[tuple[str, date]]:
    """The names of a client's mentors of today, each with the first day."""
    sql = db.Sql()
    text = (
        "SELECT m.name, x.from_on FROM pairing x JOIN person m ON m.id = x.mentor_id "
        f"WHERE x.client_id = {sql(client)} AND x.ended_at IS NULL ORDER BY x.from_on, x.id"
    )
    return [(row["name"], as_date(row["from_on"]) or date.min) for row in await db.rows(text, sql.values)]


async def pairings_single(client: int) -> None:
    """Leaves a client each mentor once, since when they first were: two clients who became one may have had the same. Needs a transaction."""
    sql = db.Sql()
    text = (
        f"DELETE FROM pairing WHERE client_id = {sql(client)} AND ended_at IS NULL AND EXISTS (SELECT 1 FROM pairing x "
        "WHERE x.client_id = pairing.client_id AND x.mentor_id = pairing.mentor_id AND x.ended_at IS NULL "
        "AND (x.from_on < pairing.from_on OR (x.from_on = pairing.from_on AND x.id < pairing.id)))"
    )
    await db.execute(text, sql.values)


async def pairings_of(agency: int) -> list[PairingNow]:
    """The pairings of an agency: those that last first, then the latest that ended. Clients who were merged or cleared stand in none."""
    sql = db.Sql()
    text = (
        "SELECT x.*, m.name AS mentor_name, p.name AS person_name, c.upi FROM pairing x "
        "JOIN person m ON m.id = x.mentor_id LEFT JOIN person p ON p.id = x.person_id LEFT JOIN client c ON c.id = x.client_id "
        f"WHERE x.agency_id = {sql(agency)} AND (c.id IS NULL OR (c.merged_into_id IS NULL AND c.cleared_at IS NULL)) "
        "ORDER BY CASE WHEN x.ended_at IS NULL THEN 0 ELSE 1 END, x.ended_at DESC, x.id DESC LIMIT 200"
    )
    return [_pairing(row) for row in await db.rows(text, sql.values)]


def _pairing(row: Mapping[str, Any]) -> PairingNow:
    return PairingNow(
        id=row["id"],
        mentor=row["mentor_id"],
        mentor_name=row["mentor_name"],
        person=row["person_id"],
        person_name=row["person_name"],
        client=row["client_id"],
        upi=row["upi"],
        from_on=as_date(row["from_on"]) or date.min,
        ended_at=db.as_moment(row["ended_at"]) if row["ended_at"] else None,
        end_reason=row["end_reason"],
    )


# --- trainings -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TrainingNow:
    """What a peer has learned, with the last day on which it holds; None lasts."""

    id: int
    agency: int
    person: int
    kind: str
    name: str
    done_on: date | None
    expires_on: date | None
    told: int


async def training_add(
    agency: int,
    person: int,
    kind: str,
    name: str,
    done_on: date | None,
    expires_on: date | None,
    *,
    by: str,
    now: datetime,
) -> int:
    """The id of a new one. Needs a transaction."""
    sql = db.Sql()
    values = sql.list((agency, person, kind, name, to_column(done_on), to_column(expires_on), 0, by, to_column(now), 1))
    text = (
        "INSERT INTO training (agency_id, person_id, kind, name, done_on, expires_on, told, by, at, version) "
        f"VALUES ({values}) RETURNING id"
    )
    return int((await db.rows(text, sql.values))[0]["id"])


async def training_end(id: int, agency: int, now: datetime) -> bool:
    """Whether one of this agency was taken away that was still there. Needs a transaction."""
    sql = db.Sql()
    text = (
        f"UPDATE training SET ended_at = {sql(to_column(now))}, version = version + 1 "
        f"WHERE id = {sql(id)} AND agency_id = {sql(agency)} AND ended_at IS NULL RETURNING id"
    )
    return bool(await db.rows(text, sql.values))


async def trainings_of(agency: int, person: int | None = None) -> list[TrainingNow]:
    """What the peers of an agency have learned, or one of them; what ends first comes first."""
    sql = db.Sql()
    where = f"agency_id = {sql(agency)} AND ended_at IS NULL"
    where += f" AND person_id = {sql(person)}" if person is not None else ""
    order = "CASE WHEN expires_on IS NULL THEN 1 ELSE 0 END, expires_on, name, id"
    return [
        _training(row) for row in await db.rows(f"SELECT * FROM training WHERE {where} ORDER BY {order}", sql.values)
    ]


async def trainings_ending(first: date, last: date) -> list[TrainingNow]:
    """What ends from this day to that, of all agencies, and of which not all reminders went out; the earliest first."""
    sql = db.Sql()
    text = (
        f"SELECT * FROM training WHERE expires_on >= {sql(to_column(first))} AND expires_on <= {sql(to_column(last))} "
        "AND ended_at IS NULL AND told < 3 ORDER BY expires_on, id"
    )
    return [_training(row) for row in await db.rows(text, sql.values)]


async def training_told(id: int, before: int, after: int) -> bool:
    """Whether this call noted that so many reminders went out. Needs a transaction."""
    sql = db.Sql()
    text = f"UPDATE training SET told = {sql(after)} WHERE id = {sql(id)} AND told = {sql(before)} RETURNING id"
    return bool(await db.rows(text, sql.values))


def _training(row: Mapping[str, Any]) -> TrainingNow:
    return TrainingNow(
        row["id"],
        row["agency_id"],
        row["person_id"],
        row["kind"],
        row["name"],
        as_date(row["done_on"]),
        as_date(row["expires_on"]),
        row["told"],
    )
