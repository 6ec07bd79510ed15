"""What one person has asked for and a second one has to agree to, as rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from directory.storage import db
from directory.storage.encoding import dumps, to_column

OPEN, AGREED, REFUSED, OVERTAKEN = "open", "agreed", "refused", "overtaken"


@dataclass(frozen=True, slots=True)
class Word:
    """A wish for a second person's word. `client`, `entry`, `slot` and `import_id` say what it is about, `details` what carrying it out
    needs, `reason` a code. `by` and `settled_by` are labels of the audit trail, `sealed` the note."""

    id: int
    agency: int
    kind: str
    client: int | None
    entry: int | None
    slot: int | None
    import_id: int | None
    reason: str
    sealed: str | None
    details: Mapping[str, Any]
    status: str
    by: str
    at: datetime
    settled_by: str | None
    settled_at: datetime | None


async def add(columns: Mapping[str, object], details: Mapping[str, object], *, now: datetime) -> int | None:
    """The id of a new wish; None where the same is open already. Needs a transaction."""
    sql = db.Sql()
    given = {**columns, "details": dumps(dict(details)), "status": OPEN, "at": to_column(now)}
    text = (
        f"INSERT INTO second_word ({', '.join(given)}) VALUES ({sql.list(given.values())}) "
        "ON CONFLICT DO NOTHING RETURNING id"
    )
    found = await db.rows(text, sql.values)
    return int(found[0]["id"]) if found else None


async def word(id: int) -> Word | None:
    """The wish with this id."""
    sql = db.Sql()
    found = await db.rows(f"SELECT * FROM second_word WHERE id = {sql(id)}", sql.values)
    return _word(found[0]) if found else None


async def open_like(kind: str, about: Mapping[str, int | None]) -> Word | None:
    """The open wish of this kind that is about the same, by the columns of what it is about."""
    sql = db.Sql()
    same = " AND ".join(f"COALESCE({column}, 0) = {sql(value or 0)}" for column, value in about.items())
    text = f"SELECT * FROM second_word WHERE status = 'open' AND kind = {sql(kind)} AND {same}"
    found = await db.rows(text, sql.values)
    return _word(found[0]) if found else None


async def entries_asked(kind: str, slot: int) -> list[int]:
    """The entries about which an open wish of this kind asks, for an opening."""
    sql = db.Sql()
    text = f"SELECT entry_id FROM second_word WHERE status = 'open' AND kind = {sql(kind)} AND slot_id = {sql(slot)}"
    return [row["entry_id"] for row in await db.rows(text, sql.values) if row["entry_id"] is not None]


async def open_of(agencies: Sequence[int] | None, kinds: Iterable[str], limit: int) -> list[Word]:
    """Wishes of these kinds that wait, in these agencies or in all (None), the oldest first."""
    sql = db.Sql()
    text = (
        f"SELECT * FROM second_word WHERE status = 'open' AND kind IN ({sql.list(kinds) or 'NULL'}){_in(sql, agencies)}"
    )
    return [_word(row) for row in await db.rows(f"{text} ORDER BY id LIMIT {int(limit)}", sql.values)]


async def asked_by(label: str, limit: int) -> list[Word]:
    """What somebody has asked for last, whatever became of it."""
    sql = db.Sql()
    text = f"SELECT * FROM second_word WHERE by = {sql(label)} ORDER BY id DESC LIMIT {int(limit)}"
    return [_word(row) for row in await db.rows(text, sql.values)]


async def waiting(agencies: Sequence[int] | None, kinds: Iterable[str], not_by: str) -> int:
    """How many wishes of these kinds wait for somebody other than this label."""
    sql = db.Sql()
    text = (
        f"SELECT COUNT(*) AS n FROM second_word WHERE status = 'open' AND kind IN ({sql.list(kinds) or 'NULL'}) "
        f"AND by <> {sql(not_by)}{_in(sql, agencies)}"
    )
    return int((await db.rows(text, sql.values))[0]["n"])


def _in(sql: db.Sql, agencies: Sequence[int] | None) -> str:
    return "" if agencies is None else f" AND agency_id IN ({sql.list(agencies) or 'NULL'})"


async def settle(id: int, status: str, *, by: str, now: datetime) -> bool:
    """Whether this call settled a wish that was open. Needs a transaction."""
    sql = db.Sql()
    text = (
        f"UPDATE second_word SET status = {sql(status)}, settled_by = {sql(by)}, settled_at = {sql(to_column(now))} "
        f"WHERE id = {sql(id)} AND status = 'open' RETURNING id"
    )
    return bool(await db.rows(text, sql.values))


async def carry(id: int, entry: int) -> None:
    """Has an open wish be about another entry. Needs a transaction, in which no other of its kind is open about that one."""
    sql = db.Sql()
    text = f"UPDATE second_word SET entry_id = {sql(entry)} WHERE id = {sql(id)} AND status = 'open'"
    await db.execute(text, sql.values)


async def overtaken(kind: str, entry: int, *, by: str, now: datetime) -> list[int]:
    """Ends the open wishes of a kind about an entry that are not needed any more, and names them. Needs a transaction."""
    sql = db.Sql()
    text = (
        f"UPDATE second_word SET status = '{OVERTAKEN}', settled_by = {sql(by)}, settled_at = {sql(to_column(now))} "
        f"WHERE kind = {sql(kind)} AND entry_id = {sql(entry)} AND status = 'open' RETURNING id"
    )
    return [row["id"] for row in await db.rows(text, sql.values)]


def _word(row: Mapping[str, Any]) -> Word:
    return Word(
        id=row["id"],
        agency=row["agency_id"],
        kind=row["kind"],
        client=row["client_id"],
        entry=row["entry_id"],
        slot=row["slot_id"],
        import_id=row["import_id"],
        reason=row["reason"],
        sealed=row["sealed"],
        details=db.from_json(row["details"]),
        status=row["status"],
        by=row["by"],
        at=db.as_moment(row["at"]),
        settled_by=row["settled_by"],
        settled_at=db.as_moment(row["settled_at"]) if row["settled_at"] else None,
    )
