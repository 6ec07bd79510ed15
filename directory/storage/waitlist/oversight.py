"""What the reports of oversight are counted from: rows without a name, of the lines of some agencies, within a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from directory.domain.waitlist.clocks import ANSWERED
from directory.storage import db
from directory.storage.encoding import as_date, to_column
from directory.storage.waitlist.moves import OPEN
from directory.storage.waitlist.pools import FED_BY_GRANT

SIGNS = ", ".join(f"'{outcome}'" for outcome in sorted(ANSWERED))
"""Outcomes of contacts that show that somebody is there."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What is looked at: the lines of these peer agencies (None: of all), or one of them, from `since` to before `until`, aware moments."""

    agencies: tuple[int, ...] | None
    pool: int | None
    since: datetime
    until: datetime

    def lines(self, sql: db.Sql) -> str:
        """SQL: that `p` is one of its lines."""
        found = ["1 = 1"] if self.agencies is None else [f"p.agency_id IN ({sql.list(self.agencies) or 'NULL'})"]
        return " AND ".join([*found, *([f"p.id = {sql(self.pool)}"] if self.pool is not None else [])])

    def within(self, sql: db.Sql, name: str) -> str:
        """SQL: that a moment lies in its time."""
        return f"{name} >= {sql(to_column(self.since))} AND {name} < {sql(to_column(self.until))}"


@dataclass(frozen=True, slots=True)
class Line:
    """A line, with the fingerprint of its rules."""

    id: int
    name: str
    care: str
    agency: int
    agency_name: str
    contact_days: int
    rules_sha256: str | None

    @property
    def title(self) -> str:
        """Its name with that of its agency: two agencies may have given the same."""
        return f"{self.name} ({self.agency_name})"


async def lines(agencies: Sequence[int] | None) -> list[Line]:
    """The lines of these agencies, or all, closed ones too, by agency and name."""
    sql = db.Sql()
    where = "1 = 1" if agencies is None else f"p.agency_id IN ({sql.list(agencies) or 'NULL'})"
    text = (
        "SELECT p.id, p.name, p.care, p.agency_id, a.name AS agency_name, p.contact_days, r.sha256 FROM pool p "
        "JOIN agency a ON a.id = p.agency_id LEFT JOIN rule_version r ON r.id = p.rules_id "
        f"WHERE {where} ORDER BY a.name, p.name, p.id"
    )
    return [Line(*row) for row in await db.tuples(text, sql.values)]


# --- demand ----------------------------------------------------------------------------------------------------------


async def requested(scope: Scope) -> Counter[tuple[int, int]]:
    """How many asked for a place, by line and tier."""
    sql = db.Sql()
    return await _counted(f"{scope.lines(sql)} AND {scope.within(sql, 'e.requested_at')}", sql)


async def listed(scope: Scope) -> Counter[tuple[int, int]]:
    """How many stood in line at the end of the time, by line and tier: those whose last step before it left them there."""
    sql = db.Sql()
    last = (
        "(SELECT x.after FROM entry_event x WHERE x.entry_id = e.id AND x.after IS NOT NULL "
        f"AND x.at < {sql(to_column(scope.until))} ORDER BY x.id DESC LIMIT 1)"
    )
    return await _counted(f"{scope.lines(sql)} AND {last} IN {OPEN}", sql)


async def open_now(scope: Scope) -> Counter[tuple[int, int]]:
    """How many stand in line now, whatever the time of the scope, by line and tier."""
    sql = db.Sql()
    return await _counted(f"{scope.lines(sql)} AND e.status IN {OPEN}", sql)


async def admitted(scope: Scope) -> Counter[tuple[int, int]]:
    """How many were placed, by line and tier."""
    sql = db.Sql()
    placed = (
        "EXISTS (SELECT 1 FROM entry_event x WHERE x.entry_id = e.id AND x.after = 'placed' "
        f"AND {scope.within(sql, 'x.at')})"
    )
    return await _counted(f"{scope.lines(sql)} AND {placed}", sql)


async def _counted(where: str, sql: db.Sql) -> Counter[tuple[int, int]]:
    text = (
        "SELECT e.pool_id, e.tier, COUNT(*) FROM entry e JOIN pool p ON p.id = e.pool_id "
        f"WHERE {where} GROUP BY e.pool_id, e.tier"
    )
    return Counter({(pool, tier): number for pool, tier, number in await db.tuples(text, sql.values)})


async def removed(scope: Scope) -> list[tuple[int, int, str]]:
    """Line, tier and reason of all who left a line otherwise than by a placement."""
    sql = db.Sql()
    text = (
        "SELECT e.pool_id, e.tier, v.details FROM entry_event v JOIN entry e ON e.id = v.entry_id "
        f"JOIN pool p ON p.id = e.pool_id WHERE v.after = 'closed' AND {scope.lines(sql)} AND {scope.within(sql, 'v.at')}"
    )
    found = await db.tuples(text, sql.values)
    return [(pool, tier, str(db.from_json(details).get("reason", "other"))) for pool, tier, details in found]


# --- what is late ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """An entry, with the client's number and the moment at which it ended, if it has. `unfunded_at`: since when the grant does not pay for
    its line any more."""

    id: int
    client: int
    upi: str
    line: str
    zone: str
    contact_days: int
    status: str
    tier: int
    requested_at: datetime
    no_capacity_on: date | None
    ended_at: datetime | None
    created_at: datetime
    unfunded_at: datetime | None


@dataclass(frozen=True, slots=True)
class _TierStep:
    """When a place came to another tier, and which it had before."""

    at: datetime
    before: int


_PLACE = (
    "SELECT e.id, e.client_id, c.upi, p.name AS line, "
    f"CASE WHEN {FED_BY_GRANT} THEN NULL ELSE p.unfunded_at END AS unfunded_at, p.timezone AS zone, p.contact_days, "
    "e.status, e.tier, e.requested_at, e.no_capacity_on, CASE WHEN e.status IN ('placed', 'closed') THEN (SELECT MAX(x.at) FROM entry_event x "
    "WHERE x.entry_id = e.id AND x.after = e.status) END AS ended_at, c.created_at FROM entry e JOIN client c ON c.id = e.client_id "
    "JOIN pool p ON p.id = e.pool_id"
)


async def _places(where: str, sql: db.Sql) -> list[PlaceRow]:
    found = await db.rows(f"{_PLACE} WHERE {where} ORDER BY e.requested_at, e.id", sql.values)
    return [_place(row) for row in found]


def _place(row: Mapping[str, Any]) -> PlaceRow:
    return PlaceRow(
        id=row["id"],
        client=row["client_id"],
        upi=row["upi"],
        line=row["line"],
        zone=row["zone"],
        contact_days=row["contact_days"],
        status=row["status"],
        tier=row["tier"],
        requested_at=db.as_moment(row["requested_at"]),
        no_capacity_on=as_date(row["no_capacity_on"]),
        ended_at=_moment(row["ended_at"]),
        created_at=db.as_moment(row["created_at"]),
        unfunded_at=_moment(row["unfunded_at"]),
    )


_TIER_STEPS = "('tier-raised', 'tier-lowered', 'moved')"
"""Steps that may set another tier: their details say from which and to which."""


async def priority(scope: Scope, tiers: Collection[int]) -> list[PlaceRow]:
    """The places that stood in these tiers, in lines for which the federal order held, and were open at any time within the scope.

    The tier is the last of these that a place had. `ended_at` is when it came out of them, or its line was no longer paid for by the
    grant, where that was before it ended: what was owed until then does not go away with it.
    """
    sql = db.Sql()
    ended = (
        "EXISTS (SELECT 1 FROM entry_event x WHERE x.entry_id = e.id AND x.after = e.status "
        f"AND x.at >= {sql(to_column(scope.since))})"
    )
    had = f"EXISTS (SELECT 1 FROM entry_event x WHERE x.entry_id = e.id AND x.what IN {_TIER_STEPS})"
    where = (
        f"{scope.lines(sql)} AND (p.is_funded OR p.unfunded_at IS NOT NULL OR {FED_BY_GRANT}) AND (e.tier IN ({sql.list(tiers)}) OR {had}) "
        f"AND e.requested_at < {sql(to_column(scope.until))} AND (e.status IN {OPEN} OR {ended})"
    )
    rows = await _places(where, sql)
    steps = await _tier_steps([row.id for row in rows])
    found = (_as_then(row, steps.get(row.id, []), tiers) for row in rows)
    return [row for row in found if row is not None]


def _as_then(row: PlaceRow, steps: Sequence[_TierStep], tiers: Collection[int]) -> PlaceRow | None:
    """The place with the last of these tiers that it had while its line was funded, and when that ended; None where it had none of them."""
    until = row.unfunded_at
    held = [(step.before, step.at) for step in steps if until is None or step.at < until]
    last = next((step.before for step in steps[len(held) :]), row.tier)
    for tier, end in reversed([*held, (last, until)]):
        if tier in tiers:
            return replace(row, tier=tier, ended_at=min((at for at in (row.ended_at, end) if at), default=None))
    return None


async def _tier_steps(entries: Sequence[int]) -> dict[int, list[_TierStep]]:
    """When these entries came to another tier, and from which, in the order of the history."""
    found: dict[int, list[_TierStep]] = {}
    for begin in range(0, len(entries), _MANY):
        sql = db.Sql()
        ids = sql.list(entries[begin : begin + _MANY])
        text = f"SELECT entry_id, at, details FROM entry_event WHERE entry_id IN ({ids}) AND what IN {_TIER_STEPS} ORDER BY id"
        for entry, at, details in await db.tuples(text, sql.values):
            told = db.from_json(details)
            if told["tier_before"] != told["tier_after"]:
                found.setdefault(entry, []).append(_TierStep(db.as_moment(at), told["tier_before"]))
    return found


async def requests(scope: Scope) -> list[PlaceRow]:
    """The places that were asked for within the scope."""
    sql = db.Sql()
    return await _places(f"{scope.lines(sql)} AND {scope.within(sql, 'e.requested_at')}", sql)


async def silent(scope: Scope, since: datetime) -> list[PlaceRow]:
    """The places that are open now, whatever the time of the scope, of those who asked before a moment and have given no sign since then;
    without those who are about to arrive."""
    sql = db.Sql()
    then = sql(to_column(since))
    heard = f"EXISTS (SELECT 1 FROM contact_attempt t WHERE t.client_id = c.id AND t.outcome IN ({SIGNS}) AND t.at > {then})"
    where = f"e.status IN ('waiting', 'on-hold', 'offered') AND e.requested_at <= {then} AND NOT {heard}"
    return await _places(f"{scope.lines(sql)} AND {where}", sql)


_MANY = 500
"""Ids in one statement."""


async def interim_of(clients: Collection[int]) -> dict[int, list[tuple[str, datetime]]]:
    """The interim services that were offered to these clients, by item and moment."""
    found: dict[int, list[tuple[str, datetime]]] = {}
    for client, item, at in await by_client("SELECT client_id, item, at FROM interim_service WHERE", clients):
        found.setdefault(client, []).append((item, db.as_moment(at)))
    return found


async def last_contacts(clients: Collection[int]) -> dict[int, datetime]:
    """When these clients last gave a sign; who never did is not in it."""
    head = f"SELECT client_id, MAX(at) FROM contact_attempt WHERE outcome IN ({SIGNS}) AND"
    return {client: db.as_moment(at) for client, at in await by_client(head, clients, " GROUP BY client_id")}


async def by_client(head: str, clients: Collection[int], tail: str = "") -> list[Any]:
    """The rows of a statement (`head` up to its last condition) for these clients, so many at a time."""
    ids, found = sorted(set(clients)), []
    for begin in range(0, len(ids), _MANY):
        sql = db.Sql()
        text = f"{head} client_id IN ({sql.list(ids[begin : begin + _MANY])}){tail}"
        found += list(await db.tuples(text, sql.values))
    return found


# --- offers and disclosures ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OfferRow:
    """An offer as far as the reports go. `passed_over` are the reasons why those before were not offered it; `is_first`: of its entry."""

    tier: int
    requested_at: datetime
    status: str
    reason: str | None
    passed_over: tuple[str, ...]
    at: datetime
    acknowledged_at: datetime | None
    ended_at: datetime | None
    is_first: bool


async def offers(scope: Scope) -> list[OfferRow]:
    """All offers that were made within the scope, the oldest first."""
    sql = db.Sql()
    text = (
        "SELECT e.tier, e.requested_at, o.status, o.reason, o.passed_over, o.at, o.acknowledged_at, o.ended_at, "
        "NOT EXISTS (SELECT 1 FROM offer f WHERE f.entry_id = o.entry_id AND f.id < o.id) "
        "FROM offer o JOIN entry e ON e.id = o.entry_id JOIN pool p ON p.id = e.pool_id "
        f"WHERE {scope.lines(sql)} AND {scope.within(sql, 'o.at')} ORDER BY o.at, o.id"
    )
    return [
        OfferRow(
            tier,
            db.as_moment(asked),
            status,
            reason,
            tuple(str(why) for _, why in db.from_json(passed)),
            db.as_moment(at),
            _moment(seen),
            _moment(end),
            bool(first),
        )
        for tier, asked, status, reason, passed, at, seen, end, first in await db.tuples(text, sql.values)
    ]


def _moment(value: object) -> datetime | None:
    return db.as_moment(value) if value else None


async def disclosures(scope: Scope) -> list[tuple[str, int, int, datetime]]:
    """The number of each client about whom something was told, how often, to how many agencies, and when last.

    By the client's own peer agency: a disclosure need not belong to a line. With one line, those who stand or stood in it.
    """
    sql = db.Sql()
    where = "1 = 1" if scope.agencies is None else f"c.agency_id IN ({sql.list(scope.agencies) or 'NULL'})"
    if scope.pool is not None:
        where += f" AND EXISTS (SELECT 1 FROM entry e WHERE e.client_id = c.id AND e.pool_id = {sql(scope.pool)})"
    text = (
        "SELECT c.upi, COUNT(*), COUNT(DISTINCT d.agency_id), MAX(d.at) FROM disclosure d JOIN client c ON c.id = d.client_id "
        f"WHERE {where} AND {scope.within(sql, 'd.at')} GROUP BY c.upi ORDER BY MAX(d.at) DESC, c.upi"
    )
    return [(upi, number, to, db.as_moment(at)) for upi, number, to, at in await db.tuples(text, sql.values)]
