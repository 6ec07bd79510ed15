"""The queue of what visitors say is wrong: one row for the same remark on the same listing, and nothing of the visitor but an address
that somebody left to hear what came of it, until they have.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from directory.domain.corrections import MOST_IN_ALL, MOST_OF_ONE, MOST_REPLIES, NEW, Correction, Remark, fingerprint
from directory.domain.listings import Phone, Status
from directory.storage import db
from directory.storage.encoding import to_column

OPEN = NEW
"""The status of what nobody has looked into yet."""


async def subject(slug: str) -> tuple[int, Status, tuple[Phone, ...]] | None:
    """The id, the state and the numbers of the listing with this slug. Needs a transaction, until whose end it stays there."""
    sql = db.Sql()
    kept = "" if db.is_sqlite() else " FOR KEY SHARE"  # SQLite has one writer at a time anyway
    text = f"SELECT id, status, phones, conference_phone FROM listing WHERE slug = {sql(slug)}{kept}"
    found = await db.rows(text, sql.values)
    if not found:
        return None
    row = found[0]
    phones = [Phone(*phone) for phone in db.from_json(row["phones"])]
    phones += [Phone(row["conference_phone"])] if row["conference_phone"] else []
    return row["id"], Status(row["status"]), tuple(phones)


async def has_room(listing_id: int) -> bool:
    """Whether one more remark, on this listing and in all, can still be looked into."""
    sql = db.Sql()
    waiting = f"SELECT COUNT(*) FROM correction WHERE status = {sql(OPEN)}"
    text = f"SELECT ({waiting}) AS all_open, ({waiting} AND listing_id = {sql(listing_id)}) AS of_one"
    (counts,) = await db.rows(text, sql.values)
    return int(counts["all_open"]) < MOST_IN_ALL and int(counts["of_one"]) < MOST_OF_ONE


async def is_waiting(listing_id: int, remark: Remark) -> bool:
    """Whether the same is in the queue already."""
    sql = db.Sql()
    text = (
        f"SELECT 1 AS found FROM correction WHERE listing_id = {sql(listing_id)} AND reason = {sql(remark.reason)} "
        f"AND words_hash = {sql(fingerprint(remark.words))} AND status = {sql(OPEN)}"
    )
    return bool(await db.rows(text, sql.values))


async def put(listing_id: int, remark: Remark, now: datetime) -> int:
    """Adds a remark, or counts it once more, and gives its number; one that was dealt with and comes again is open again."""
    sql = db.Sql()
    moment = to_column(now)
    values = (listing_id, remark.reason, remark.words, fingerprint(remark.words), OPEN, 1, moment, moment)
    found = await db.rows(
        "INSERT INTO correction (listing_id, reason, words, words_hash, status, times, created_at, updated_at) "
        f"VALUES ({sql.list(values)}) ON CONFLICT (listing_id, reason, words_hash) DO UPDATE SET "
        "times = correction.times + 1, status = excluded.status, updated_at = excluded.updated_at, settled_by = NULL, "
        "settled_at = NULL, answer = NULL, version = correction.version + 1 RETURNING id",
        sql.values,
    )
    return int(found[0]["id"])


_REPORT = (
    "SELECT c.*, l.slug, l.name, EXISTS (SELECT 1 FROM correction_reply a WHERE a.correction_id = c.id) AS waits "
    "FROM correction c JOIN listing l ON l.id = c.listing_id WHERE "
)


async def waiting() -> list[Correction]:
    """What nobody has looked into yet, the newest first."""
    sql = db.Sql()
    text = f"{_REPORT} c.status = {sql(OPEN)} ORDER BY c.updated_at DESC, c.id DESC"
    return [_correction(row) for row in await db.rows(text, sql.values)]


async def count() -> int:
    """How many nobody has looked into yet."""
    sql = db.Sql()
    found = await db.rows(f"SELECT COUNT(*) AS n FROM correction WHERE status = {sql(OPEN)}", sql.values)
    return int(found[0]["n"])


async def settled(limit: int) -> list[Correction]:
    """What was dealt with lately, the latest first."""
    sql = db.Sql()
    text = f"{_REPORT} c.status <> {sql(OPEN)} ORDER BY c.settled_at DESC, c.id DESC LIMIT {int(limit)}"
    return [_correction(row) for row in await db.rows(text, sql.values)]


async def find(id: int) -> Correction | None:
    """The one with this number."""
    sql = db.Sql()
    found = await db.rows(f"{_REPORT} c.id = {sql(id)}", sql.values)
    return _correction(found[0]) if found else None


async def open_on(listing_id: int) -> list[Correction]:
    """What is open on this listing, the most urgent first."""
    sql = db.Sql()
    text = f"{_REPORT} c.listing_id = {sql(listing_id)} AND c.status = {sql(OPEN)}"
    return sorted((_correction(row) for row in await db.rows(text, sql.values)), key=lambda each: each.urgency)


async def settle(id: int, *, version: int, outcome: str, answer: str | None, by: str, now: datetime) -> bool:
    """Notes what came of one; False where it is not open in this version any more. Needs a transaction."""
    sql = db.Sql()
    found = await db.rows(
        f"UPDATE correction SET status = {sql(outcome)}, answer = {sql(answer)}, settled_by = {sql(by)}, "
        f"settled_at = {sql(to_column(now))}, version = version + 1 "
        f"WHERE id = {sql(id)} AND version = {sql(version)} AND status = {sql(OPEN)} RETURNING id",
        sql.values,
    )
    return bool(found)


async def reopen(id: int, *, version: int, now: datetime) -> bool:
    """Puts one back into the queue; False where it is not settled in this version any more. Needs a transaction."""
    sql = db.Sql()
    found = await db.rows(
        f"UPDATE correction SET status = {sql(OPEN)}, answer = NULL, settled_by = NULL, settled_at = NULL, "
        f"updated_at = {sql(to_column(now))}, version = version + 1 "
        f"WHERE id = {sql(id)} AND version = {sql(version)} AND status <> {sql(OPEN)} RETURNING id",
        sql.values,
    )
    return bool(found)


# --- who wants to hear -----------------------------------------------------------------------------------------------


async def reply_add(id: int, *, address: str, language: str, now: datetime) -> None:
    """Keeps an address until its owner is told, unless there are many for the same. Needs a transaction."""
    sql = db.Sql()
    found = await db.rows(f"SELECT COUNT(*) AS n FROM correction_reply WHERE correction_id = {sql(id)}", sql.values)
    if int(found[0]["n"]) >= MOST_REPLIES:
        return
    sql = db.Sql()
    await db.execute(
        "INSERT INTO correction_reply (correction_id, address, language, at) "
        f"VALUES ({sql.list((id, address, language, to_column(now)))}) ON CONFLICT (correction_id, address) DO NOTHING",
        sql.values,
    )


async def replies_take(id: int) -> list[tuple[str, str]]:
    """Address and language of everybody who wants to hear what came of it; from here on nobody knows them. Needs a transaction."""
    sql = db.Sql()
    text = f"DELETE FROM correction_reply WHERE correction_id = {sql(id)} RETURNING id, address, language"
    found = sorted(await db.rows(text, sql.values), key=lambda row: int(row["id"]))
    return [(row["address"], row["language"]) for row in found]


async def replies_forget(before: datetime) -> int:
    """Deletes the addresses left before this moment, and says how many those were. Needs a transaction."""
    sql = db.Sql()
    text = f"DELETE FROM correction_reply WHERE at < {sql(to_column(before))} RETURNING id"
    return len(await db.rows(text, sql.values))


def _correction(row: dict[str, Any]) -> Correction:
    return Correction(
        id=row["id"],
        slug=row["slug"],
        name=row["name"],
        remark=Remark(row["reason"], row["words"]),
        times=row["times"],
        created_at=db.as_moment(row["created_at"]),
        updated_at=db.as_moment(row["updated_at"]),
        listing=row["listing_id"],
        status=row["status"],
        version=row["version"],
        settled_by=row["settled_by"],
        settled_at=row["settled_at"] and db.as_moment(row["settled_at"]),
        answer=row["answer"],
        waits=bool(row["waits"]),
    )
