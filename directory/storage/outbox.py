"""The messages that are to go out, as rows: put there with the change they speak of, taken up by one sender at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from directory.domain.notices import DEAD, SENDING, SENT, WAITING, Step, is_forgotten, without_secrets
from directory.storage import db
from directory.storage.encoding import dumps, to_column


@dataclass(frozen=True, slots=True)
class Row:
    """One message. `lease` is the name under which somebody has taken it up."""

    id: int
    channel: str
    recipient: str
    template: str
    language: str
    words: dict[str, Any]
    state: str
    tries: int
    lease: str | None
    error: str | None
    created_at: datetime
    due_at: datetime
    good_until: datetime | None
    ended_at: datetime | None


_COLUMNS = ", ".join(Row.__dataclass_fields__)


def _row(found: Mapping[str, Any]) -> Row:
    moments = ("created_at", "due_at", "good_until", "ended_at")
    given = {name: found[name] and db.as_moment(found[name]) for name in moments}
    return Row(**{**found, **given, "words": db.from_json(found["words"])})


async def add(
    *,
    channel: str,
    recipient: str,
    template: str,
    language: str,
    words: Mapping[str, object],
    dedup_key: str,
    good_until: datetime | None,
    now: datetime,
) -> int | None:
    """Puts a message into the outbox and gives its number; None where one with this key is there already."""
    given = {
        "channel": channel,
        "recipient": recipient,
        "template": template,
        "language": language,
        "words": dumps(words),
        "dedup_key": dedup_key,
        "state": WAITING,
        "tries": 0,
        "created_at": to_column(now),
        "due_at": to_column(now),
        "good_until": to_column(good_until),
    }
    sql = db.Sql()
    found = await db.rows(
        f"INSERT INTO outbox ({', '.join(given)}) VALUES ({sql.list(given.values())}) "
        "ON CONFLICT (dedup_key) DO NOTHING RETURNING id",
        sql.values,
    )
    return int(found[0]["id"]) if found else None


async def due(channels: Sequence[str], now: datetime, limit: int) -> list[tuple[int, str]]:
    """The messages that may be taken up now, by number and channel, the longest due first: those that wait, and those whose sender
    has not come back. At most `limit` of each channel, so that what waits for one does not stand before another.
    """
    moment = to_column(now)
    found: list[dict[str, Any]] = []
    for channel in channels:
        sql = db.Sql()
        found += await db.rows(
            f"SELECT id, channel, due_at FROM outbox WHERE state IN ({sql.list((WAITING, SENDING))}) AND due_at <= {sql(moment)} "
            f"AND channel = {sql(channel)} ORDER BY due_at, id LIMIT {int(limit)}",
            sql.values,
        )
    return [(int(row["id"]), row["channel"]) for row in sorted(found, key=lambda row: (row["due_at"], row["id"]))]


async def claim(id: int, *, lease: str, until: datetime, now: datetime) -> Row | None:
    """Takes up a message under this lease, which counts as an attempt. None where somebody else has been quicker."""
    sql = db.Sql()
    async with db.staging():
        found = await db.rows(
            f"UPDATE outbox SET state = {sql(SENDING)}, lease = {sql(lease)}, due_at = {sql(to_column(until))}, "
            f"tries = tries + 1 WHERE id = {sql(id)} AND state IN ({sql.list((WAITING, SENDING))}) "
            f"AND due_at <= {sql(to_column(now))} RETURNING {_COLUMNS}",
            sql.values,
        )
    return _row(found[0]) if found else None


async def settle(row: Row, step: Step, now: datetime) -> bool:
    """Notes what became of a message that was taken up. False where the lease has passed to somebody else meanwhile.

    Of a letter to somebody without an account the address goes with the last attempt, whatever came of it.
    """
    ended = step.state in (SENT, DEAD)
    recipient = "" if ended and is_forgotten(row.template) else row.recipient
    words = without_secrets(row.template, row.words) if ended else row.words
    sql = db.Sql()
    async with db.staging():
        found = await db.rows(
            f"UPDATE outbox SET state = {sql(step.state)}, due_at = {sql(to_column(step.due_at))}, "
            f"error = {sql(step.error)}, words = {sql(dumps(words))}, lease = NULL, recipient = {sql(recipient)}, "
            f"ended_at = {sql(to_column(now) if ended else None)} "
            f"WHERE id = {sql(row.id)} AND lease = {sql(row.lease)} RETURNING id",
            sql.values,
        )
    return bool(found)


async def one(id: int) -> Row | None:
    """The message with this number."""
    sql = db.Sql()
    found = await db.rows(f"SELECT {_COLUMNS} FROM outbox WHERE id = {sql(id)}", sql.values)
    return _row(found[0]) if found else None


async def newest(states: Sequence[str], limit: int) -> list[Row]:
    """Messages in these states, the newest first."""
    sql = db.Sql()
    found = await db.rows(
        f"SELECT {_COLUMNS} FROM outbox WHERE state IN ({sql.list(states)}) ORDER BY id DESC LIMIT {int(limit)}",
        sql.values,
    )
    return [_row(row) for row in found]


async def counts() -> dict[str, int]:
    """How many messages are in each state that any is in."""
    found = await db.rows("SELECT state, COUNT(*) AS number FROM outbox GROUP BY state")
    return {row["state"]: int(row["number"]) for row in found}


async def revive(id: int, now: datetime) -> bool:
    """Lets a dead message start over. False where it is not dead."""
    sql = db.Sql()
    found = await db.rows(
        f"UPDATE outbox SET state = {sql(WAITING)}, tries = 0, error = NULL, due_at = {sql(to_column(now))}, "
        f"ended_at = NULL WHERE id = {sql(id)} AND state = {sql(DEAD)} RETURNING id",
        sql.values,
    )
    return bool(found)


async def drop(id: int) -> bool:
    """Deletes a dead message, address and all. False where it is not dead. Needs a transaction."""
    sql = db.Sql()
    text = f"DELETE FROM outbox WHERE id = {sql(id)} AND state = {sql(DEAD)} RETURNING id"
    return bool(await db.rows(text, sql.values))


async def forget(before: datetime, now: datetime) -> int:
    """Deletes what has ended before this moment, and what still waits though nobody could use it any more, as where no way out is set up.

    Says how many those were.
    """
    sql = db.Sql()
    found = await db.rows(
        f"DELETE FROM outbox WHERE ended_at < {sql(to_column(before))} "
        f"OR (state = {sql(WAITING)} AND good_until <= {sql(to_column(now))}) RETURNING id",
        sql.values,
    )
    return len(found)
