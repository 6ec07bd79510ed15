"""What the page behind a card shows, in one statement each: by a code that was typed, and by the id of one that was right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from directory.domain.waitlist.states import Entry
from directory.storage import db
from directory.storage.encoding import as_date, to_column

_GOOD = "{table}revoked_at IS NULL AND ({table}expires_at IS NULL OR {table}expires_at > {now})"
_PLACE = (
    "e.status, e.close_reason, p.exact_numbers, "
    "t.ahead, t.waiting, t.low, t.high, t.over_a_year, t.few, t.history_days, t.as_of"
)
"""What `_place` reads of an entry, its line and its standing."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A place in line as it was worked out on the day `as_of`; days from `low` to `high`, None where too little is known."""

    ahead: int
    waiting: int
    low: int | None
    high: int | None
    over_a_year: bool
    few: bool
    history_days: int | None
    as_of: date


@dataclass(frozen=True, slots=True)
class Place:
    """One line that somebody stood or stands in. `exact`: whether numbers may be shown."""

    status: Entry
    close_reason: str | None
    exact: bool
    standing: Standing | None


@dataclass(frozen=True, slots=True)
class Card:
    """What a good code opens: whose card it is, the lines in the order in which they were joined, and the signs given before.

    `seen_before` is when the page was opened before this time, `still_at` and `call_at` are the last "I am still waiting" and "call me",
    `told_at` is when they last said here how they are.
    """

    client: int
    upi: str
    agency: int
    zone: str
    seen_before: datetime | None
    still_at: datetime | None
    call_at: datetime | None
    told_at: datetime | None
    places: tuple[Place, ...]


async def opened(hash: str, now: datetime) -> tuple[int, str] | None:
    """The id and the hash of the good code with this hash; from here on it has been seen once more. One statement, whatever comes of it.

    Needs a transaction.
    """
    sql = db.Sql()
    moment = sql(to_column(now))
    text = (
        f"UPDATE status_code SET seen_before = seen_at, seen_at = {moment} WHERE hash = {sql(hash)} "
        f"AND {_GOOD.format(table='', now=moment)} RETURNING id, hash"
    )
    found = await db.rows(text, sql.values)
    return (found[0]["id"], found[0]["hash"]) if found else None


async def card(code: int, now: datetime) -> Card | None:
    """What this code opens; None for one that is good no more. Who turned out to be somebody else is shown as that person."""
    sql = db.Sql()
    where = f"s.id = {sql(code)} AND {_GOOD.format(table='s.', now=sql(to_column(now)))} AND c.cleared_at IS NULL"
    text = (
        "SELECT c.id AS client, c.upi, c.agency_id AS agency, a.timezone AS zone, s.seen_before, "
        f"{_sign('still-waiting')} AS still_at, {_sign('call-me')} AS call_at, {_TOLD} AS told_at, e.id AS entry, {_PLACE} "
        "FROM status_code s JOIN client o ON o.id = s.client_id JOIN client c ON c.id = COALESCE(o.merged_into_id, o.id) "
        "JOIN agency a ON a.id = c.agency_id LEFT JOIN entry e ON e.client_id = c.id LEFT JOIN pool p ON p.id = e.pool_id "
        f"LEFT JOIN standing t ON t.id = e.id WHERE {where} ORDER BY e.id"
    )
    found = await db.rows(text, sql.values)
    return _card(found) if found else None


_TOLD = (
    "(SELECT MAX(k.at) FROM check_in k WHERE k.client_id = c.id AND k.by = 'client' AND k.feeling IS NOT NULL "
    "AND k.channel = 'status')"
)


def _sign(outcome: str) -> str:
    """SQL: when a client last gave this sign of themselves."""
    return (
        "(SELECT MAX(n.at) FROM contact_attempt n WHERE n.client_id = c.id AND n.by = 'client' "
        f"AND n.outcome = '{outcome}')"
    )


def _card(rows: list[dict[str, Any]]) -> Card:
    first = rows[0]
    return Card(
        client=first["client"],
        upi=first["upi"],
        agency=first["agency"],
        zone=first["zone"],
        seen_before=_moment(first["seen_before"]),
        still_at=_moment(first["still_at"]),
        call_at=_moment(first["call_at"]),
        told_at=_moment(first["told_at"]),
        places=tuple(_place(row) for row in rows if row["entry"] is not None),
    )


def _moment(value: Any) -> datetime | None:
    return db.as_moment(value) if value else None


def _place(row: Mapping[str, Any]) -> Place:
    standing = None if row["as_of"] is None else _standing(row)
    return Place(Entry(row["status"]), row["close_reason"], bool(row["exact_numbers"]), standing)


async def place_told(entry: int) -> Place | None:
    """A place as its client's own page says it; None where there is no such entry."""
    sql = db.Sql()
    text = f"SELECT {_PLACE} FROM entry e JOIN pool p ON p.id = e.pool_id LEFT JOIN standing t ON t.id = e.id WHERE e.id = {sql(entry)}"
    found = await db.rows(text, sql.values)
    return _place(found[0]) if found else None


def _standing(row: Mapping[str, Any]) -> Standing:
    kept = {name: row[name] for name in ("ahead", "waiting", "low", "high", "history_days")}
    flags = {name: bool(row[name]) for name in ("over_a_year", "few")}
    as_of = as_date(row["as_of"])
    assert as_of is not None
    return Standing(**kept, **flags, as_of=as_of)


async def signed_since(client: int, outcome: str, since: datetime) -> bool:
    """Whether a client gave this sign from this moment on."""
    sql = db.Sql()
    text = (
        f"SELECT 1 FROM contact_attempt WHERE client_id = {sql(client)} AND at >= {sql(to_column(since))} "
        f"AND outcome = {sql(outcome)} AND by = 'client' LIMIT 1"
    )
    return bool(await db.rows(text, sql.values))
