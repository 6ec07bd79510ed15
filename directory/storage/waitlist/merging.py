"""What moves when two clients turn out to be one person: every row about the one that goes becomes a row about the one that stays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from directory.domain.waitlist.states import Entry
from directory.storage import db
from directory.storage.encoding import to_column
from directory.storage.waitlist.moves import assigned

MOVED = (
    "entry",
    "offer",
    "contact_route",
    "contact_attempt",
    "interim_service",
    "consent",
    "disclosure",
    "client_fact",
    "status_code",
    "second_word",
    "intake",
    "check_in",
    "text_reply",
    "plan_mark",
    "goal",
    "milestone",
    "capital_answer",
    "handoff",
    "group_seat",
    "pairing",
)
"""The tables whose rows are about a client by `client_id`; rows of others hang on these."""
SINGLE = ("plan", "check_rhythm", "check_miss")
"""Those of which a client has one row at the most, which services/bridge/merging.py brings together."""


@dataclass(frozen=True, slots=True)
class Live:
    """A live offer of a client, by id, with the entry to which it was made."""

    offer: int
    entry: int


async def live_offer(client: int) -> Live | None:
    """The live offer of a client: there is one at most."""
    sql = db.Sql()
    text = f"SELECT id, entry_id FROM offer WHERE client_id = {sql(client)} AND status IN ('pending', 'accepted')"
    found = await db.rows(text, sql.values)
    return Live(found[0]["id"], found[0]["entry_id"]) if found else None


async def client_take(id: int, version: int, columns: Mapping[str, object]) -> bool:
    """Whether a client that still has this version, and is itself neither merged nor cleared, was set to this. Needs a transaction."""
    sql = db.Sql()
    text = (
        f"UPDATE client SET {assigned(sql, columns)}, version = version + 1 WHERE id = {sql(id)} AND version = {sql(version)} "
        "AND merged_into_id IS NULL AND cleared_at IS NULL RETURNING id"
    )
    return bool(await db.rows(text, sql.values))


async def chain_shorten(gone: int, kept: int) -> None:
    """Has those who were merged into the one that goes lead to the one that stays. Needs a transaction."""
    sql = db.Sql()
    await db.execute(f"UPDATE client SET merged_into_id = {sql(kept)} WHERE merged_into_id = {sql(gone)}", sql.values)


async def entry_set(id: int, before: Entry, columns: Mapping[str, object]) -> bool:
    """Whether an entry that is still in this state was set to this. Needs a transaction."""
    sql = db.Sql()
    text = (
        f"UPDATE entry SET {assigned(sql, columns)}, version = version + 1 "
        f"WHERE id = {sql(id)} AND status = {sql(before.value)} RETURNING id"
    )
    return bool(await db.rows(text, sql.values))


async def offer_carry(offer: int, entry: int) -> None:
    """Has a live offer belong to another entry. Needs a transaction."""
    sql = db.Sql()
    text = f"UPDATE offer SET entry_id = {sql(entry)}, version = version + 1 WHERE id = {sql(offer)}"
    await db.execute(text, sql.values)


async def codes_settle(kept: int, gone: int, now: datetime) -> None:
    """Leaves one code good: that of the one that stays, or where it has none the other's. Needs a transaction."""
    sql = db.Sql()
    text = (
        f"UPDATE status_code SET revoked_at = {sql(to_column(now))} WHERE client_id = {sql(gone)} AND revoked_at IS NULL "
        f"AND EXISTS (SELECT 1 FROM status_code own WHERE own.client_id = {sql(kept)} AND own.revoked_at IS NULL)"
    )
    await db.execute(text, sql.values)


async def words_settle(gone: int, closed: Sequence[int], now: datetime, by: str) -> list[int]:
    """Ends the open wishes for a second word that hang on these closed entries, or on the one that goes and no entry; their numbers."""
    sql = db.Sql()
    entries = sql.list(closed) or "NULL"
    text = (
        f"UPDATE second_word SET status = 'overtaken', settled_by = {sql(by)}, settled_at = {sql(to_column(now))} "
        f"WHERE status = 'open' AND (entry_id IN ({entries}) OR (client_id = {sql(gone)} AND entry_id IS NULL)) RETURNING id"
    )
    return sorted(row["id"] for row in await db.rows(text, sql.values))


async def rows_move(gone: int, kept: int) -> None:
    """Moves all rows about a client to another. Needs a transaction, in which what may stand only once is single already."""
    for table in MOVED:
        sql = db.Sql()
        await db.execute(f"UPDATE {table} SET client_id = {sql(kept)} WHERE client_id = {sql(gone)}", sql.values)


async def facts_single(client: int, now: datetime) -> int:
    """Leaves of several facts of one code the one that was noted last as the one that counts, and says how many ended. Needs a transaction."""
    sql = db.Sql()
    own = sql(client)
    text = (
        f"UPDATE client_fact SET ended_at = {sql(to_column(now))} WHERE client_id = {own} AND ended_at IS NULL AND EXISTS "
        f"(SELECT 1 FROM client_fact later WHERE later.client_id = {own} AND later.ended_at IS NULL AND later.code = client_fact.code "
        "AND (later.observed_on > client_fact.observed_on OR (later.observed_on = client_fact.observed_on "
        "AND (later.at > client_fact.at OR (later.at = client_fact.at AND later.id > client_fact.id))))) RETURNING id"
    )
    return len(await db.rows(text, sql.values))


async def pairs_move(gone: int, kept: int) -> None:
    """Has what was decided about the one that goes hold for the one that stays: of whom it differs, so does the other. Needs a transaction."""
    sql = db.Sql()
    old, new = sql(gone), sql(kept)
    least, most = (f"CASE WHEN x.other {sign} {new} THEN x.other ELSE {new} END" for sign in ("<", ">"))
    text = (
        "INSERT INTO client_pair (one_id, other_id, reasons, status, found_at, settled_by, settled_at) "
        f"SELECT {least}, {most}, x.reasons, 'different', x.found_at, x.settled_by, x.settled_at FROM ("
        f"SELECT CASE WHEN one_id = {old} THEN other_id ELSE one_id END AS other, reasons, found_at, settled_by, settled_at "
        f"FROM client_pair WHERE status = 'different' AND (one_id = {old} OR other_id = {old})) x WHERE x.other <> {new} "
        "ON CONFLICT (one_id, other_id) DO UPDATE SET status = 'different', settled_by = excluded.settled_by, "
        "settled_at = excluded.settled_at WHERE client_pair.status = 'open'"
    )
    await db.execute(text, sql.values)


async def keys_move(gone: int, kept: int) -> None:
    """Has the one that stays found by all that the other was found by. Needs a transaction."""
    sql = db.Sql()
    old, new = sql(gone), sql(kept)
    await db.execute(
        f"INSERT INTO client_key (client_id, kind, hash) SELECT CAST({new} AS integer), kind, hash FROM client_key WHERE client_id = {old} "
        "ON CONFLICT (client_id, kind, hash) DO NOTHING",
        sql.values,
    )
    sql = db.Sql()
    await db.execute(f"DELETE FROM client_key WHERE client_id = {sql(gone)}", sql.values)


async def strays(limit: int) -> list[int]:
    """Clients that were merged and still have rows: something was written about them in the very moment."""
    there = " OR ".join(f"EXISTS (SELECT 1 FROM {table} x WHERE x.client_id = c.id)" for table in (*MOVED, *SINGLE))
    text = (
        f"SELECT c.id FROM client c WHERE c.merged_into_id IS NOT NULL AND ({there}) ORDER BY c.id LIMIT {int(limit)}"
    )
    return [row["id"] for row in await db.rows(text)]
