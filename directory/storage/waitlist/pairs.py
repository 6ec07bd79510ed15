"""Pairs of clients who may be one person, and what they have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from directory.domain.waitlist.pairs import NAME_KIND, PairState
from directory.storage import db
from directory.storage.encoding import dumps, to_column


@dataclass(frozen=True, slots=True)
class Pair:
    """Two clients, by id and agency, with what they have in common. `one` is the smaller id."""

    id: int
    one: int
    other: int
    agencies: tuple[int, int]
    reasons: tuple[str, ...]
    status: PairState
    found_at: datetime
    settled_by: str | None
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Alike:
    """Somebody who shares keys with a client: how many of each kind, how many words their own name has, and whose birth month it is."""

    client: int
    agency: int
    shared: Mapping[str, int] = field(default_factory=dict)
    words: int = 0
    month: str | None = None


async def alike(client: int) -> list[Alike]:
    """Those who share a key with a client and are neither merged nor cleared, by id."""
    sql = db.Sql()
    text = (
        "SELECT k.client_id AS id, c.agency_id AS agency, k.kind, COUNT(*) AS n FROM client_key own "
        "JOIN client_key k ON k.hash = own.hash AND k.kind = own.kind AND k.client_id <> own.client_id "
        "JOIN client c ON c.id = k.client_id AND c.merged_into_id IS NULL AND c.cleared_at IS NULL "
        f"WHERE own.client_id = {sql(client)} GROUP BY k.client_id, c.agency_id, k.kind ORDER BY k.client_id, k.kind"
    )
    found: dict[int, dict[str, int]] = {}
    agencies = {}
    for row in await db.rows(text, sql.values):
        found.setdefault(row["id"], {})[row["kind"]] = row["n"]
        agencies[row["id"]] = row["agency"]
    words, months = await words_of(list(found)), await months_of(list(found))
    return [Alike(id, agencies[id], kinds, words.get(id, 0), months.get(id)) for id, kinds in found.items()]


async def words_of(clients: Sequence[int]) -> dict[int, int]:
    """How many words the name of each of these has."""
    sql = db.Sql()
    text = (
        f"SELECT client_id, COUNT(*) AS n FROM client_key WHERE kind = {sql(NAME_KIND)} "
        f"AND client_id IN ({sql.list(clients) or 'NULL'}) GROUP BY client_id"
    )
    return {row["client_id"]: row["n"] for row in await db.rows(text, sql.values)}


async def months_of(clients: Sequence[int]) -> dict[int, str]:
    """The month of birth of those of whom it is known."""
    sql = db.Sql()
    text = (
        "SELECT client_id, value FROM client_fact WHERE code = 'birth-month' AND ended_at IS NULL "
        f"AND client_id IN ({sql.list(clients) or 'NULL'}) ORDER BY id"
    )
    return {row["client_id"]: row["value"] for row in await db.rows(text, sql.values)}


# --- the pairs -------------------------------------------------------------------------------------------------------

_PAIR = (
    "SELECT p.*, a.agency_id AS one_agency, b.agency_id AS other_agency FROM client_pair p "
    "JOIN client a ON a.id = p.one_id JOIN client b ON b.id = p.other_id"
)


async def put(one: int, other: int, reasons: Sequence[str], now: datetime) -> bool:
    """Notes a pair, and whether it is a new one. Of one that is open the reasons are set anew; a decided one stays. Needs a transaction."""
    sql = db.Sql()
    first, second = sorted((one, other))
    text = (
        "INSERT INTO client_pair (one_id, other_id, reasons, status, found_at) "
        f"VALUES ({sql.list((first, second, dumps(list(reasons)), PairState.OPEN.value, to_column(now)))}) "
        "ON CONFLICT (one_id, other_id) DO NOTHING RETURNING id"
    )
    if await db.rows(text, sql.values):
        return True
    sql = db.Sql()
    sets = f"UPDATE client_pair SET reasons = {sql(dumps(list(reasons)))}"
    where = f"one_id = {sql(first)} AND other_id = {sql(second)} AND status = 'open'"
    await db.execute(f"{sets} WHERE {where}", sql.values)
    return False


async def drop_open(client: int, but: Sequence[int] = ()) -> None:
    """Forgets the open pairs of a client but those with these others: nothing says any more that they may be one. Needs a transaction."""
    sql = db.Sql()
    own, kept = sql(client), sql.list(but or (0,))
    text = (
        f"DELETE FROM client_pair WHERE status = 'open' AND ((one_id = {own} AND other_id NOT IN ({kept})) "
        f"OR (other_id = {own} AND one_id NOT IN ({kept})))"
    )
    await db.execute(text, sql.values)


async def pair(id: int) -> Pair | None:
    """The pair with this id."""
    sql = db.Sql()
    found = await db.rows(f"{_PAIR} WHERE p.id = {sql(id)}", sql.values)
    return _pair(found[0]) if found else None


async def open_pairs(agencies: Sequence[int], limit: int, *, across: bool = False) -> list[Pair]:
    """Pairs that wait and lie wholly in these agencies, the oldest first; `across`: those alone whose two are of different ones."""
    sql = db.Sql()
    where = _waiting(sql, agencies) + (" AND a.agency_id <> b.agency_id" if across else "")
    return [_pair(row) for row in await db.rows(f"{_PAIR} WHERE {where} ORDER BY p.id LIMIT {int(limit)}", sql.values)]


async def decided(agencies: Sequence[int], limit: int) -> list[Pair]:
    """Pairs of these agencies that somebody has decided, the latest first."""
    sql = db.Sql()
    own = sql.list(agencies) or "NULL"
    text = f"{_PAIR} WHERE p.status <> 'open' AND a.agency_id IN ({own}) AND b.agency_id IN ({own}) ORDER BY p.settled_at DESC, p.id DESC LIMIT {int(limit)}"
    return [_pair(row) for row in await db.rows(text, sql.values)]


async def waiting(agencies: Sequence[int]) -> int:
    """How many pairs wait of which both are of the same one of these agencies."""
    sql = db.Sql()
    text = (
        "SELECT COUNT(*) AS n FROM client_pair p JOIN client a ON a.id = p.one_id JOIN client b ON b.id = p.other_id "
        f"WHERE {_waiting(sql, agencies)} AND a.agency_id = b.agency_id"
    )
    return int((await db.rows(text, sql.values))[0]["n"])


def _waiting(sql: db.Sql, agencies: Sequence[int]) -> str:
    own = sql.list(agencies) or "NULL"
    return (
        f"p.status = 'open' AND a.agency_id IN ({own}) AND b.agency_id IN ({own}) AND a.merged_into_id IS NULL "
        "AND b.merged_into_id IS NULL AND a.cleared_at IS NULL AND b.cleared_at IS NULL"
    )


async def settle(id: int, before: PairState, after: PairState, *, by: str | None, now: datetime | None) -> bool:
    """Whether a pair went from one state to another. Needs a transaction."""
    sql = db.Sql()
    text = (
        f"UPDATE client_pair SET status = {sql(after.value)}, settled_by = {sql(by)}, settled_at = {sql(to_column(now))} "
        f"WHERE id = {sql(id)} AND status = {sql(before.value)} RETURNING id"
    )
    return bool(await db.rows(text, sql.values))


def _pair(row: Mapping[str, Any]) -> Pair:
    return Pair(
        id=row["id"],
        one=row["one_id"],
        other=row["other_id"],
        agencies=(row["one_agency"], row["other_agency"]),
        reasons=tuple(db.from_json(row["reasons"])),
        status=PairState(row["status"]),
        found_at=db.as_moment(row["found_at"]),
        settled_by=row["settled_by"],
        settled_at=db.as_moment(row["settled_at"]) if row["settled_at"] else None,
    )
