"""What the demonstration of the bridge is made of, read from the lines of the invented agencies; and how all of it is taken out again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from directory.storage import db
from directory.storage.encoding import to_column
from directory.storage.waitlist.moves import OPEN
from directory.storage.waitlist.oversight import SIGNS

_AGENCIES = "SELECT id FROM agency WHERE is_demo"
_CLIENTS = f"SELECT id FROM client WHERE agency_id IN ({_AGENCIES})"
_LEVELS = f"SELECT v.id FROM program_level v JOIN program p ON p.id = v.program_id WHERE p.agency_id IN ({_AGENCIES})"


@dataclass(slots=True)
class Waiter:
    """Somebody invented, with their whole wait: aware moments from the first request to the last end, `until` None where they wait still.

    `states`, `lines` and `reasons` (why places were closed) are those of all their places; `heard_at` is the last sign of them, and
    `channels` the ways by which they can be reached, in their order.
    """

    client: int
    upi: str
    peer: int
    language: str
    begun: datetime
    until: datetime | None
    heard_at: datetime | None = None
    states: set[str] = field(default_factory=set)
    lines: set[str] = field(default_factory=set)
    reasons: set[str] = field(default_factory=set)
    channels: list[str] = field(default_factory=list)


async def waiters(agency: int) -> list[Waiter]:
    """The invented people of an agency who stood in a line, by their ids; without those who were merged or cleared."""
    sql = db.Sql()
    text = (
        "SELECT c.id, c.upi, c.peer_id, c.language, e.status, e.close_reason, e.requested_at, p.name AS line, "
        f"CASE WHEN e.status IN {OPEN} THEN NULL ELSE (SELECT MAX(x.at) FROM entry_event x WHERE x.entry_id = e.id "
        "AND x.after = e.status) END AS ended FROM client c JOIN entry e ON e.client_id = c.id "
        f"JOIN pool p ON p.id = e.pool_id WHERE c.agency_id = {sql(agency)} AND c.is_demo AND c.peer_id IS NOT NULL "
        "AND c.merged_into_id IS NULL AND c.cleared_at IS NULL ORDER BY c.id, e.id"
    )
    found: dict[int, Waiter] = {}
    for row in await db.rows(text, sql.values):
        _with_place(found, row)
    await _with_signs(found)
    return list(found.values())


def _with_place(found: dict[int, Waiter], row: Mapping[str, Any]) -> None:
    begun, ended = db.as_moment(row["requested_at"]), db.as_moment(row["ended"]) if row["ended"] else None
    made = Waiter(row["id"], row["upi"], row["peer_id"], row["language"], begun, ended)
    each = found.setdefault(row["id"], made)
    each.begun = min(each.begun, begun)
    each.until = max(each.until, ended) if each.until and ended else None
    each.states.add(row["status"])
    each.lines.add(row["line"])
    each.reasons |= {row["close_reason"]} - {None}


async def _with_signs(found: Mapping[int, Waiter]) -> None:
    heard = (
        f"SELECT client_id, MAX(at) AS at FROM contact_attempt WHERE outcome IN ({SIGNS}) AND client_id IN ({_CLIENTS}) "
        "GROUP BY client_id"
    )
    for row in await db.rows(heard):
        if each := found.get(row["client_id"]):
            each.heard_at = db.as_moment(row["at"])
    ways = f"SELECT client_id, channel FROM contact_route WHERE stopped_at IS NULL AND client_id IN ({_CLIENTS}) ORDER BY sort"
    for row in await db.rows(ways):
        if each := found.get(row["client_id"]):
            each.channels.append(row["channel"])


@dataclass(frozen=True, slots=True)
class Yes:
    """An offer that somebody invented said yes to, with what came of it; `editor` is the label of who keeps the opening."""

    offer: int
    client: int
    upi: str
    peer: int
    agency: int
    status: str
    agreed_at: datetime
    ended_at: datetime | None
    editor: str


async def yeses(agency: int) -> list[Yes]:
    """All of them of the people of an agency that have no hand-off yet, by their ids."""
    sql = db.Sql()
    text = (
        "SELECT o.id AS offer, o.client_id AS client, c.upi, c.peer_id AS peer, c.agency_id AS agency, o.status, o.agreed_at, "
        "o.ended_at, s.created_by AS editor FROM offer o JOIN client c ON c.id = o.client_id JOIN slot s ON s.id = o.slot_id "
        f"WHERE c.agency_id = {sql(agency)} AND c.is_demo AND c.peer_id IS NOT NULL AND o.agreed_at IS NOT NULL AND o.status IN "
        "('accepted', 'admitted', 'no-show', 'cancelled', 'rejected') "
        "AND NOT EXISTS (SELECT 1 FROM handoff h WHERE h.offer_id = o.id) ORDER BY o.id"
    )
    return [_yes(row) for row in await db.rows(text, sql.values)]


def _yes(row: Mapping[str, Any]) -> Yes:
    ended = db.as_moment(row["ended_at"]) if row["ended_at"] else None
    return Yes(**{**row, "agreed_at": db.as_moment(row["agreed_at"]), "ended_at": ended})


async def has_bridge() -> bool:
    """Whether somebody invented has a plan."""
    return bool(await db.rows(f"SELECT 1 AS one FROM plan WHERE client_id IN ({_CLIENTS}) LIMIT 1"))


async def clients_of_codes(hashes: Sequence[str], now: datetime) -> dict[str, int]:
    """The invented clients whose codes have these hashes and are good, by hash."""
    sql = db.Sql()
    text = (
        f"SELECT s.hash, s.client_id FROM status_code s WHERE s.hash IN ({sql.list(hashes) or 'NULL'}) AND s.revoked_at IS NULL "
        f"AND (s.expires_at IS NULL OR s.expires_at > {sql(to_column(now))}) AND s.client_id IN ({_CLIENTS})"
    )
    return {row["hash"]: row["client_id"] for row in await db.rows(text, sql.values)}


async def alone_at(kind: str, clients: Iterable[int]) -> set[int]:
    """Those of these clients whose keys of a kind, such as that of a telephone number, are nobody else's."""
    sql = db.Sql()
    ids = sql.list(clients) or "NULL"
    text = (
        f"SELECT DISTINCT k.client_id FROM client_key k WHERE k.kind = {sql(kind)} AND k.client_id IN ({ids}) AND NOT EXISTS "
        "(SELECT 1 FROM client_key o WHERE o.kind = k.kind AND o.hash = k.hash AND o.client_id <> k.client_id)"
    )
    return {row["client_id"] for row in await db.rows(text, sql.values)}


# --- out again -------------------------------------------------------------------------------------------------------

_OFFERS = f"SELECT id FROM offer WHERE client_id IN ({_CLIENTS}) OR slot_id IN (SELECT id FROM slot WHERE level_id IN ({_LEVELS}))"
_HANDOFFS = f"SELECT id FROM handoff WHERE offer_id IN ({_OFFERS}) OR agency_id IN ({_AGENCIES})"
_SUPERVISIONS = f"SELECT id FROM supervision WHERE agency_id IN ({_AGENCIES})"
_GOALS = f"SELECT id FROM goal WHERE client_id IN ({_CLIENTS})"
_GONE: tuple[tuple[str, str, str], ...] = (
    ("follow_up", "handoff_id", _HANDOFFS),
    ("handoff_step", "handoff_id", _HANDOFFS),
    ("handoff", "id", _HANDOFFS),
    ("goal_review", "goal_id", _GOALS),
    *((table, "client_id", _CLIENTS) for table in ("goal", "milestone", "capital_answer", "plan", "plan_mark")),
    *((table, "client_id", _CLIENTS) for table in ("check_rhythm", "check_in", "check_miss", "text_reply")),
    ("supervision_note", "supervision_id", _SUPERVISIONS),
    *((table, "agency_id", _AGENCIES) for table in ("supervision", "debrief", "training", "pairing", "cover")),
    *((table, "agency_id", _AGENCIES) for table in ("caseload", "handout")),
)
"""Each table with the column by which its rows belong to the demonstration, those that hang on others first."""


async def bridge_erase() -> None:
    """Takes out all that the bridge keeps of the invented agencies, their peers and their people, and every hand-off to an invented opening.

    Groups go with the lines. Needs a transaction, while the offers are there still.
    """
    for table, column, ids in _GONE:
        await db.execute(f"DELETE FROM {table} WHERE {column} IN ({ids})")
