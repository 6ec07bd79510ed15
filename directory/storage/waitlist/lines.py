"""A whole line at once, with what is known of the people in it and what they have agreed to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from directory.domain.waitlist.ranking import with_age
from directory.storage import db
from directory.storage.encoding import to_column
from directory.storage.waitlist.moves import OPEN

_OPEN = f"e.status IN {OPEN}"
_LIVE = "LEFT JOIN offer o ON o.client_id = e.client_id AND o.status IN ('pending', 'accepted')"


async def line(pool: int) -> list[dict[str, Any]]:
    """Everybody who stands in a line: `id`, `client_id`, `status`, `tier`, `requested_at`, `tie`, `hold_reason`, `live` (has an offer anywhere)."""
    sql = db.Sql()
    text = (
        "SELECT e.id, e.client_id, e.status, e.tier, e.requested_at, e.tie, e.hold_reason, o.id AS live FROM entry e "
        f"{_LIVE} WHERE e.pool_id = {sql(pool)} AND {_OPEN}"
    )
    found = await db.rows(text, sql.values)
    return [{**row, "requested_at": db.as_moment(row["requested_at"])} for row in found]


@dataclass(frozen=True, slots=True)
class Stands:
    """Somebody in a line, as far as an opening of one agency is concerned. `is_told`: a consent in force names that agency."""

    entry: int
    client: int
    status: str
    tier: int
    requested_at: datetime
    tie: int
    has_offer: bool
    is_told: bool


async def line_for(pool: int, *, agency: int, today: date, now: datetime, below: int | None = None) -> list[Stands]:
    """Everybody who stands in a line, for an opening of this agency, on this local day; with `below` those of the tiers before that one alone."""
    sql = db.Sql()
    held = f"EXISTS (SELECT 1 FROM consent n WHERE n.client_id = e.client_id AND {in_force(sql, agency, today, now)})"
    text = (
        f"SELECT e.id, e.client_id, e.status, e.tier, e.requested_at, e.tie, o.id, {held} FROM entry e "
        f"{_LIVE} WHERE e.pool_id = {sql(pool)} AND {_OPEN}"
    ) + (f" AND e.tier < {sql(below)}" if below is not None else "")
    return [
        Stands(entry, client, status, tier, db.as_moment(at), tie, live is not None, bool(told))
        for entry, client, status, tier, at, tie, live, told in await db.tuples(text, sql.values)
    ]


def in_force(sql: db.Sql, agency: int, today: date, now: datetime) -> str:
    """SQL: that `consent n` lets something be told to this agency today, as domain/waitlist/consents.py `is_valid` has it (42 CFR 2.31).

    Who signed and who may tell lie sealed: they are there where there is the day of the signature.
    """
    if db.is_sqlite():
        names_it = f"EXISTS (SELECT 1 FROM json_each(n.agencies) j WHERE j.value = {sql(agency)})"
        has_scope = "n.scope <> '[]'"
    else:
        names_it = f"CAST(n.agencies AS jsonb) @> CAST({sql(str(agency))} AS jsonb)"
        has_scope = "CAST(n.scope AS text) <> '[]'"
    day = sql(to_column(today))
    return (
        f"n.signed_on <= {day} AND (n.expires_on IS NULL OR n.expires_on >= {day}) "
        f"AND (n.revoked_at IS NULL OR n.revoked_at > {sql(to_column(now))}) "
        f"AND n.may_revoke_told AND {has_scope} AND {names_it} "
        "AND ((n.purpose = 'placement' AND (n.expires_on IS NOT NULL OR n.until_event)) "
        "OR (n.purpose = 'tpo' AND n.redisclosure_told AND n.consequences_told))"
    )


async def is_consented(client: int, agency: int, *, today: date, now: datetime) -> bool:
    """Whether a consent of a client lets something be told to this agency on this local day (2.31(c)). Read it in the transaction that tells."""
    sql = db.Sql()
    text = f"SELECT 1 FROM consent n WHERE n.client_id = {sql(client)} AND {in_force(sql, agency, today, now)} LIMIT 1"
    return bool(await db.rows(text, sql.values))


async def sooner_lines(level: int, pool: int, below: int) -> list[int]:
    """The other open lines that get openings of a level and in which somebody waits of a tier before this one."""
    sql = db.Sql()
    text = (
        f"SELECT DISTINCT p.id FROM pool_level v JOIN pool p ON p.id = v.pool_id WHERE v.level_id = {sql(level)} "
        f"AND p.id <> {sql(pool)} AND p.closed_at IS NULL AND EXISTS (SELECT 1 FROM entry e WHERE e.pool_id = p.id "
        f"AND e.status = 'waiting' AND e.tier < {sql(below)}) ORDER BY p.id"
    )
    return [row["id"] for row in await db.rows(text, sql.values)]


async def had_of(slot: int) -> dict[int, str]:
    """Who was offered an opening before, by entry, and how the last of those offers ended.

    An offer that ended because its place was closed is left out: who stands in line after that had never the time to answer it.
    """
    sql = db.Sql()
    text = (
        f"SELECT o.entry_id, o.status FROM offer o WHERE o.slot_id = {sql(slot)} AND o.status NOT IN ('pending', 'accepted') "
        "AND NOT EXISTS (SELECT 1 FROM entry_event v WHERE v.entry_id = o.entry_id AND v.what = 'closed' "
        "AND v.at = o.ended_at) ORDER BY o.id"
    )
    return {row["entry_id"]: row["status"] for row in await db.rows(text, sql.values)}


async def facts_in(pool: int, today: date, codes: Iterable[str]) -> dict[int, dict[str, str]]:
    """What is known of those in a line, by client and code, of these codes; of several facts of one code the latest.

    "age" follows from the birth month on this local day.
    """
    sql = db.Sql()
    asked = ["birth-month" if code == "age" else code for code in codes]
    text = (
        "SELECT f.client_id, f.code, f.value FROM client_fact f JOIN entry e ON e.client_id = f.client_id "
        f"WHERE e.pool_id = {sql(pool)} AND {_OPEN} AND f.ended_at IS NULL AND f.code IN ({sql.list(asked)}) ORDER BY f.id"
    )
    found: dict[int, dict[str, str]] = {}
    for client, code, value in await db.tuples(text, sql.values) if asked else ():
        found.setdefault(client, {})[code] = value
    if "birth-month" not in asked:
        return found
    return {client: with_age(facts, today) for client, facts in found.items()}


async def facts_of(client: int, today: date | None = None) -> dict[str, str]:
    """What is known of a client, by code; with a local day also the "age" on it."""
    sql = db.Sql()
    text = f"SELECT code, value FROM client_fact WHERE client_id = {sql(client)} AND ended_at IS NULL ORDER BY id"
    found = {row["code"]: row["value"] for row in await db.rows(text, sql.values)}
    return found if today is None else with_age(found, today)
