"""The lines of the demonstration as rows: put in many at a time, and taken out again with all that hangs on them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from directory.storage import db
from directory.storage.demo_bridge import bridge_erase
from directory.storage.encoding import to_column

_AT_ONCE = 400
"""Rows of one statement: SQLite takes 32,766 values."""


async def put(table: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> list[int]:
    """Adds rows and gives their ids in the same order. Needs a transaction, in which nobody else adds to the table in between."""
    ids: list[int] = []
    for begin in range(0, len(rows), _AT_ONCE):
        sql = db.Sql()
        lines = ",".join(f"({sql.list(to_column(value) for value in row)})" for row in rows[begin : begin + _AT_ONCE])
        text = f"INSERT INTO {table} ({','.join(columns)}) VALUES {lines} RETURNING id"
        ids += sorted(
            row["id"] for row in await db.rows(text, sql.values)
        )  # they are given out in the order of the rows
    return ids


async def put_all(table: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """The same where nobody asks for the ids. Needs a transaction."""
    await db.insert_many(table, columns, [[to_column(value) for value in row] for row in rows])


async def has_lines() -> bool:
    """Whether the invented agencies have lines."""
    return bool(
        await db.rows("SELECT 1 AS one FROM pool p JOIN agency a ON a.id = p.agency_id WHERE a.is_demo LIMIT 1")
    )


async def codes_in_force(hashes: Sequence[str], now: datetime) -> set[str]:
    """Those of these hashes that are of a code that is good, of somebody invented."""
    sql = db.Sql()
    text = (
        f"SELECT s.hash FROM status_code s JOIN client c ON c.id = s.client_id WHERE c.is_demo AND s.hash IN ({sql.list(hashes)}) "
        f"AND s.revoked_at IS NULL AND (s.expires_at IS NULL OR s.expires_at > {sql(to_column(now))})"
    )
    return {row["hash"] for row in await db.rows(text, sql.values)}


# --- out again -------------------------------------------------------------------------------------------------------

_AGENCIES = "SELECT id FROM agency WHERE is_demo"
_CLIENTS = f"SELECT id FROM client WHERE agency_id IN ({_AGENCIES})"
_POOLS = f"SELECT id FROM pool WHERE agency_id IN ({_AGENCIES})"
_ENTRIES = f"SELECT id FROM entry WHERE client_id IN ({_CLIENTS}) OR pool_id IN ({_POOLS})"
_LEVELS = f"SELECT v.id FROM program_level v JOIN program p ON p.id = v.program_id WHERE p.agency_id IN ({_AGENCIES})"
_SLOTS = f"SELECT id FROM slot WHERE level_id IN ({_LEVELS})"
_BY_CLIENT = (
    *("client_key", "contact_route", "client_fact", "contact_attempt", "interim_service", "disclosure", "consent"),
    "status_code",
)
_FREED = (
    f"status IN ('offered', 'accepted', 'placed') AND id IN (SELECT entry_id FROM offer WHERE slot_id IN ({_SLOTS}))"
)


async def lines_erase(now: datetime) -> None:
    """Takes out the lines of the invented agencies, whoever stands in them or is looked after by one, and every offer of their openings.

    A real person who was offered an invented opening waits again, with the old place. Needs a transaction.
    """
    await bridge_erase()
    sql = db.Sql()
    moment = sql(to_column(now))
    await db.execute(
        "INSERT INTO entry_event (entry_id, at, by, what, before, after, details) "
        f"SELECT id, {_cast(moment)}, 'seed', 'resumed', status, 'waiting', '{{}}' FROM entry WHERE {_FREED}",
        sql.values,
    )
    await db.execute(f"UPDATE entry SET status = 'waiting', version = version + 1 WHERE {_FREED}")
    for table, column in (("appeal", "entry_id"), ("estimate_issued", "entry_id"), ("standing", "id")):
        await db.execute(f"DELETE FROM {table} WHERE {column} IN ({_ENTRIES})")
    await db.execute(f"DELETE FROM offer WHERE entry_id IN ({_ENTRIES}) OR slot_id IN ({_SLOTS})")
    await db.execute(f"DELETE FROM slot WHERE id IN ({_SLOTS})")
    await db.execute(f"DELETE FROM entry_event WHERE entry_id IN ({_ENTRIES})")
    await db.execute(f"DELETE FROM entry WHERE id IN ({_ENTRIES})")
    await _groups_erase()
    for table in _BY_CLIENT:
        await db.execute(f"DELETE FROM {table} WHERE client_id IN ({_CLIENTS})")
    await db.execute(f"DELETE FROM client_pair WHERE one_id IN ({_CLIENTS}) OR other_id IN ({_CLIENTS})")
    for table in ("second_word", "line_import", "breach", "intake"):
        await db.execute(f"DELETE FROM {table} WHERE agency_id IN ({_AGENCIES})")
    await db.execute(f"DELETE FROM client WHERE agency_id IN ({_AGENCIES})")
    for table, column in (("estimate_row", "pool_id"), ("estimate_day", "id"), ("rule_version", "pool_id")):
        await db.execute(f"DELETE FROM {table} WHERE {column} IN ({_POOLS})")
    await db.execute(f"DELETE FROM pool_level WHERE pool_id IN ({_POOLS}) OR level_id IN ({_LEVELS})")
    await db.execute(f"DELETE FROM pool WHERE agency_id IN ({_AGENCIES})")
    await db.execute("DELETE FROM outbox WHERE recipient LIKE '+1___55501__'")


async def _groups_erase() -> None:
    """Takes out the groups of the invented agencies, and the seats of invented people in others. Needs a transaction."""
    groups = f"SELECT id FROM peer_group WHERE agency_id IN ({_AGENCIES})"
    meetings = f"SELECT id FROM group_meeting WHERE group_id IN ({groups})"
    await db.execute(f"DELETE FROM group_seat WHERE meeting_id IN ({meetings}) OR client_id IN ({_CLIENTS})")
    await db.execute(f"DELETE FROM group_meeting WHERE group_id IN ({groups})")
    await db.execute(f"DELETE FROM peer_group WHERE agency_id IN ({_AGENCIES})")
    counted = "(SELECT COUNT(*) FROM group_seat s WHERE s.meeting_id = group_meeting.id AND s.status IN ('seat', 'came', 'absent'))"
    await db.execute(f"UPDATE group_meeting SET taken = {counted} WHERE taken <> {counted}")


def _cast(moment: str) -> str:
    return moment if db.is_sqlite() else f"CAST({moment} AS timestamptz)"
