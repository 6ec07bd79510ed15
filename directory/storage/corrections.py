"""The queue of what visitors say is wrong: one row for the same remark on the same listing, and nothing of the visitor."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from directory.domain.corrections import MOST_IN_ALL, MOST_OF_ONE, Correction, Remark, fingerprint
from directory.domain.listings import Phone, Status
from directory.storage import db
from directory.storage.encoding import to_column

OPEN = "new"
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


async def put(listing_id: int, remark: Remark, now: datetime) -> None:
    """Adds a remark, or counts it once more; one that was dealt with and comes again is open again."""
    sql = db.Sql()
    moment = to_column(now)
    values = (listing_id, remark.reason, remark.words, fingerprint(remark.words), OPEN, 1, moment, moment)
    await db.execute(
        "INSERT INTO correction (listing_id, reason, words, words_hash, status, times, created_at, updated_at) "
        f"VALUES ({sql.list(values)}) ON CONFLICT (listing_id, reason, words_hash) DO UPDATE SET "
        "times = correction.times + 1, status = excluded.status, updated_at = excluded.updated_at",
        sql.values,
    )


async def waiting() -> list[Correction]:
    """What nobody has looked into yet, the newest first."""
    sql = db.Sql()
    text = (
        "SELECT c.id, l.slug, l.name, c.reason, c.words, c.times, c.created_at, c.updated_at FROM correction c "
        f"JOIN listing l ON l.id = c.listing_id WHERE c.status = {sql(OPEN)} ORDER BY c.updated_at DESC, c.id DESC"
    )
    return [_correction(row) for row in await db.rows(text, sql.values)]


def _correction(row: dict[str, Any]) -> Correction:
    return Correction(
        id=row["id"],
        slug=row["slug"],
        name=row["name"],
        remark=Remark(row["reason"], row["words"]),
        times=row["times"],
        created_at=db.as_moment(row["created_at"]),
        updated_at=db.as_moment(row["updated_at"]),
    )
