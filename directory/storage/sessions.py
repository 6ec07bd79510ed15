"""Sessions, links and tries to sign in, each by a hash. What may happen once is one UPDATE with its condition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from directory.domain.people import Link, Session
from directory.domain.sign_in import Tries
from directory.storage import db
from directory.storage.accounts import ACCOUNT, HELD, account_of, assigned
from directory.storage.encoding import dumps, to_column

_SESSION = (
    f"SELECT s.key, s.stage, s.device, s.created_at, s.seen_at, s.fresh_until, s.ends_at, s.pending_secret, {ACCOUNT} "
    f"FROM session s JOIN person p ON p.id = s.person_id {HELD}"
)


# --- sessions --------------------------------------------------------------------------------------------------------


async def add(
    *, key: str, person: int, stage: str, device: str, now: datetime, fresh_until: datetime, ends_at: datetime
) -> None:
    """Begins a session. Needs a transaction."""
    columns = ("key", "person_id", "stage", "device", "created_at", "seen_at", "fresh_until", "ends_at")
    moments = [to_column(moment) for moment in (now, now, fresh_until, ends_at)]
    await db.insert_many("session", columns, [[key, person, stage, device, *moments]])


async def find(key: str) -> Session | None:
    """The session with this key and whose it is, in one statement; whether it is over, the domain says."""
    sql = db.Sql()
    found = await db.rows(f"{_SESSION} WHERE s.key = {sql(key)} ORDER BY g.id", sql.values)
    return _session(found) if found else None


async def of_person(person: int) -> list[Session]:
    """All sessions of somebody, the latest sign of life first."""
    sql = db.Sql()
    found = await db.rows(f"{_SESSION} WHERE s.person_id = {sql(person)} ORDER BY s.seen_at DESC, s.key", sql.values)
    grouped: dict[str, list[dict[str, Any]]] = {}
    for row in found:
        grouped.setdefault(row["key"], []).append(row)
    return [_session(rows) for rows in grouped.values()]


def _session(rows: Sequence[Mapping[str, Any]]) -> Session:
    first = rows[0]
    return Session(
        key=first["key"],
        stage=first["stage"],
        device=first["device"],
        created_at=db.as_moment(first["created_at"]),
        seen_at=db.as_moment(first["seen_at"]),
        fresh_until=db.as_moment(first["fresh_until"]),
        ends_at=db.as_moment(first["ends_at"]),
        pending_secret=first["pending_secret"],
        account=account_of(rows),
    )


async def change(key: str, **columns: object) -> None:
    """Changes columns of a session."""
    sql = db.Sql()
    await db.execute(f"UPDATE session SET {assigned(sql, columns)} WHERE key = {sql(key)}", sql.values)


async def end(key: str, *, person: int) -> bool:
    """Whether this person had a session with this key; from here on there is none."""
    sql = db.Sql()
    text = f"DELETE FROM session WHERE key = {sql(key)} AND person_id = {sql(person)} RETURNING key"
    return bool(await db.rows(text, sql.values))


async def end_all(person: int) -> None:
    """Ends every session of somebody. Needs a transaction."""
    sql = db.Sql()
    await db.execute(f"DELETE FROM session WHERE person_id = {sql(person)}", sql.values)


async def end_demo() -> None:
    """Ends the sessions of invented people. Needs a transaction."""
    await db.execute("DELETE FROM session WHERE person_id IN (SELECT id FROM person WHERE is_demo)")


# --- links -----------------------------------------------------------------------------------------------------------


async def link_add(
    *,
    key: str,
    purpose: str,
    person: int | None,
    payload: Mapping[str, object],
    now: datetime,
    expires_at: datetime,
) -> bool:
    """Keeps a link; False where there is one with this key. Needs a transaction."""
    sql = db.Sql()
    values = (key, purpose, person, dumps(dict(payload)), to_column(now), to_column(expires_at))
    text = (
        "INSERT INTO link (key, purpose, person_id, payload, created_at, expires_at) "
        f"VALUES ({sql.list(values)}) ON CONFLICT (key) DO NOTHING RETURNING key"
    )
    return bool(await db.rows(text, sql.values))


async def link_find(key: str, purpose: str, now: datetime) -> Link | None:
    """The link with this key, where it can still be used."""
    sql = db.Sql()
    text = (
        f"SELECT purpose, person_id, payload, expires_at FROM link WHERE key = {sql(key)} AND purpose = {sql(purpose)} "
        f"AND used_at IS NULL AND expires_at > {sql(to_column(now))}"
    )
    found = await db.rows(text, sql.values)
    return _link(found[0]) if found else None


async def link_take(key: str, purpose: str, now: datetime) -> Link | None:
    """The same, and from here on it is used: of several who come at once, one gets it."""
    sql = db.Sql()
    moment = sql(to_column(now))
    text = (
        f"UPDATE link SET used_at = {moment} WHERE key = {sql(key)} AND purpose = {sql(purpose)} "
        f"AND used_at IS NULL AND expires_at > {moment} RETURNING purpose, person_id, payload, expires_at"
    )
    found = await db.rows(text, sql.values)
    return _link(found[0]) if found else None


async def links_of(person: int | None, purpose: str, now: datetime) -> dict[str, Link]:
    """The links for this purpose that somebody (None: anybody) can still use, by their keys, the oldest first."""
    sql = db.Sql()
    theirs = "" if person is None else f"person_id = {sql(person)} AND "
    text = (
        f"SELECT key, purpose, person_id, payload, expires_at FROM link WHERE {theirs}"
        f"purpose = {sql(purpose)} AND used_at IS NULL AND expires_at > {sql(to_column(now))} ORDER BY created_at, key"
    )
    return {row["key"]: _link(row) for row in await db.rows(text, sql.values)}


async def links_end(person: int, purpose: str, now: datetime) -> None:
    """Makes every link for this purpose useless that somebody still has: only the last one is good. Needs a transaction."""
    sql = db.Sql()
    await db.execute(
        f"UPDATE link SET used_at = {sql(to_column(now))} "
        f"WHERE person_id = {sql(person)} AND purpose = {sql(purpose)} AND used_at IS NULL",
        sql.values,
    )


def _link(row: Mapping[str, Any]) -> Link:
    return Link(row["purpose"], row["person_id"], db.from_json(row["payload"]), db.as_moment(row["expires_at"]))


# --- tries -----------------------------------------------------------------------------------------------------------


async def tries(keys: Sequence[str]) -> dict[str, Tries]:
    """The tries that are kept under these keys."""
    sql = db.Sql()
    found = await db.rows(f"SELECT key, count, at FROM throttle WHERE key IN ({sql.list(keys)})", sql.values)
    return {row["key"]: Tries(row["count"], db.as_moment(row["at"])) for row in found}


async def tries_put(key: str, tries: Tries) -> None:
    """Keeps the tries under this key. Needs a transaction, which has read them."""
    sql = db.Sql()
    await db.execute(
        f"INSERT INTO throttle (key, count, at) VALUES ({sql.list((key, tries.count, to_column(tries.at)))}) "
        "ON CONFLICT (key) DO UPDATE SET count = excluded.count, at = excluded.at",
        sql.values,
    )


async def tries_forget(key: str) -> None:
    """Forgets the tries under this key. Needs a transaction."""
    sql = db.Sql()
    await db.execute(f"DELETE FROM throttle WHERE key = {sql(key)}", sql.values)


async def tries_tidy(now: datetime) -> None:
    """Forgets the tries of yesterday. Needs a transaction."""
    sql = db.Sql()
    await db.execute(f"DELETE FROM throttle WHERE at < {sql(to_column(now - timedelta(days=1)))}", sql.values)


async def tidy(now: datetime) -> None:
    """Deletes what has lost its meaning: sessions that are over, and links a month after their end. Needs a transaction."""
    for text, moment in (
        ("DELETE FROM session WHERE ends_at < ", now),
        ("DELETE FROM link WHERE expires_at < ", now - timedelta(days=30)),
    ):
        sql = db.Sql()
        await db.execute(text + sql(to_column(moment)), sql.values)
