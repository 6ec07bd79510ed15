"""The audit trail, the log of who read what, and the named numbers of the database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from directory.domain.audit import ACCESS, DEVELOPMENT_KEY, DIRECTORY, Anchor, Entry, canonical, is_sealed, seal
from directory.storage import db, schema
from directory.storage.encoding import to_column

PAGE = 1000
"""Entries that are read at a time."""
LONGEST_SUBJECT = 120
"""Characters of what an entry is about: a path that somebody has typed may have more."""

_ENTRY = ("at", "by", "action", "subject", "details")
_SEALED = ", ".join((*_ENTRY, "chain", "seq", "hash"))
_TABLES = {ACCESS: "access_entry"}

_keys: tuple[str, ...] = (DEVELOPMENT_KEY,)


_last: dict[str, str] = {}
"""The hash of the last entry of each chain that this process has sealed, or seen to be sealed with one of the keys."""


class SealedWithAnother(schema.BrokenDatabase):
    """A chain ends in an entry that none of the keys has sealed: one more would break it for good. The text says what to do."""


def use_keys(keys: Sequence[str]) -> None:
    """Seals with the first of these keys from here on, in this process. Whoever starts one (app.py, cli.py) says so once."""
    global _keys
    _keys = tuple(keys)
    _last.clear()


# --- audit -----------------------------------------------------------------------------------------------------------


async def audit(
    *,
    at: datetime,
    by: str,
    action: str,
    subject: str,
    details: Mapping[str, object],
    chain: str = DIRECTORY,
) -> None:
    """Writes who did what, as the next entry of a chain. Belongs at the end of the transaction of the change itself.

    From here to the end of the transaction nobody else adds to the chain. `details` are plain values, without floats and without
    anything that tells who a client is: names, telephone numbers, e-mail addresses. Raises TypeError for the former, RuntimeError
    outside a transaction, where an entry could stand without its change, and SealedWithAnother where the keys do not fit the chain.
    """
    if not db.is_in_transaction():
        raise RuntimeError("an audit entry is written in the transaction of its change")
    head = await _take(chain)
    entry = Entry(chain, head.seq + 1, at, by, action, subject, details)
    sealed = seal(_keys[0], head.hash, entry)
    values = [to_column(at), by, action, subject, canonical(details), chain, entry.seq, sealed]
    await db.insert_many("audit_entry", (*_ENTRY, "chain", "seq", "hash"), [values])
    await _move(replace(head, seq=entry.seq, hash=sealed))


async def _take(chain: str) -> Anchor:
    """Where a chain stands. It is written to first, so that whoever adds to it waits for those before."""
    sql = db.Sql()
    own = sql(chain)
    # Two statements, since SQLite asks its trigger about an INSERT also where there is a row already.
    found = await db.rows(f"UPDATE audit_head SET seq = seq WHERE chain = {own} RETURNING seq, hash", sql.values)
    found = found or await db.rows(
        f"INSERT INTO audit_head (chain, seq, hash) VALUES ({own}, 0, '') "
        "ON CONFLICT (chain) DO UPDATE SET seq = audit_head.seq RETURNING seq, hash",
        sql.values,
    )
    head = Anchor(chain, int(found[0]["seq"]), found[0]["hash"])
    await _check_keys(head)
    return head


async def _check_keys(head: Anchor) -> None:
    """Raises SealedWithAnother where the last entry of a chain was sealed with none of our keys, as from a shell that has not set them."""
    if not head.seq or _last.get(head.chain) == head.hash:
        return
    sql = db.Sql()
    places = f"chain = {sql(head.chain)} AND seq IN ({sql(head.seq - 1)}, {sql(head.seq)}) ORDER BY seq DESC"
    table = _TABLES.get(head.chain, "audit_entry")
    found = [_entry(row) for row in await db.rows(f"SELECT {_SEALED} FROM {table} WHERE {places}", sql.values)]
    before = found[1].hash if len(found) > 1 else ""
    if found and found[0].seq == head.seq and not any(is_sealed(found[0], before, key) for key in _keys):
        raise SealedWithAnother(
            "the record of changes was sealed with a key that is not in DIRECTORY_AUDIT_KEY (or its last entry was changed: "
            "see `footbridge audit verify`); nothing was written. Set the key it was sealed with."
        )
    _last[head.chain] = head.hash


async def _move(head: Anchor) -> None:
    sql = db.Sql()
    text = f"UPDATE audit_head SET seq = {sql(head.seq)}, hash = {sql(head.hash)} WHERE chain = {sql(head.chain)}"
    await db.execute(text, sql.values)
    _last[head.chain] = head.hash


async def access_log(*, at: datetime, by: str, action: str, subject: str, details: Mapping[str, object]) -> None:
    """Writes who read what about whom. Waits for no chain: `access_chain` puts the row into its place later.

    `details` are as for `audit`.
    """
    values = [to_column(at), by, action, subject, canonical(details)]
    await db.insert_many("access_entry", _ENTRY, [values])


async def access_chain(*, limit: int = PAGE) -> int:
    """Puts entries of the access log that stand loose into their chain, the oldest first, and says how many those were."""
    if not await db.rows("SELECT 1 FROM access_entry WHERE hash IS NULL LIMIT 1"):
        return 0
    async with db.staging():
        head = await _take(ACCESS)
        waiting = f"SELECT id, {', '.join(_ENTRY)} FROM access_entry WHERE hash IS NULL ORDER BY id LIMIT {int(limit)}"
        places = []
        for row in await db.rows(waiting):
            entry = _entry({**row, "chain": ACCESS, "seq": head.seq + 1, "hash": ""})
            head = replace(head, seq=entry.seq, hash=seal(_keys[0], head.hash, entry))
            places.append([ACCESS, head.seq, head.hash, row["id"]])
        one, two, three, four = (db.marker(number) for number in range(1, 5))
        text = f"UPDATE access_entry SET chain = {one}, seq = {two}, hash = {three} WHERE id = {four}"
        if places:
            await db.connection().execute_many(text, places)
            await _move(head)
    return len(places)


def _entry(row: Mapping[str, Any]) -> Entry:
    return Entry(
        chain=row["chain"],
        seq=int(row["seq"]),
        at=db.as_moment(row["at"]),
        by=row["by"],
        action=row["action"],
        subject=row["subject"],
        details=db.from_json(row["details"]),
        hash=row["hash"],
    )


async def entries(chain: str) -> AsyncIterator[Entry]:
    """All entries of a chain, in the order of their numbers. For one moment's answer, read them within `db.snapshot()`."""
    after = 0
    while True:
        sql = db.Sql()
        table = _TABLES.get(chain, "audit_entry")
        where = f"chain = {sql(chain)} AND seq > {sql(after)}"
        found = await db.rows(f"SELECT {_SEALED} FROM {table} WHERE {where} ORDER BY seq LIMIT {PAGE}", sql.values)
        for row in found:
            yield _entry(row)
        if len(found) < PAGE:
            return
        after = int(found[-1]["seq"])


async def heads() -> dict[str, Anchor | None]:
    """Where each chain stands, in the order of their names; None for one that has entries and no head."""
    found = await db.rows("SELECT chain, seq, hash FROM audit_head")
    known = {row["chain"]: Anchor(row["chain"], int(row["seq"]), row["hash"]) for row in found}
    named = await db.rows(
        "SELECT DISTINCT chain FROM audit_entry WHERE chain IS NOT NULL "
        "UNION SELECT DISTINCT chain FROM access_entry WHERE chain IS NOT NULL"
    )
    return dict(sorted(({row["chain"]: None for row in named} | known).items()))


async def loose() -> tuple[int, int]:
    """How many entries stand in no chain: those from before there was one, and those of the access log that wait for their place."""
    found = await db.rows(
        "SELECT (SELECT COUNT(*) FROM audit_entry WHERE chain IS NULL) AS older, "
        "(SELECT COUNT(*) FROM access_entry WHERE hash IS NULL) AS waiting"
    )
    return int(found[0]["older"]), int(found[0]["waiting"])


async def astray() -> int:
    """How many entries stand where no chain would look for them: in the table of another chain, or with only half of a place."""
    found = await db.rows(
        "SELECT (SELECT COUNT(*) FROM access_entry WHERE chain <> 'access' OR (chain IS NULL) <> (hash IS NULL) "
        "OR (chain IS NULL) <> (seq IS NULL)) + (SELECT COUNT(*) FROM audit_entry WHERE chain = 'access' "
        "OR (chain IS NULL) <> (hash IS NULL) OR (chain IS NULL) <> (seq IS NULL)) AS number"
    )
    return int(found[0]["number"])


async def is_emptied() -> bool:
    """Whether no change was ever noted, though there is what only comes with a note: a listing, a person, an agency."""
    found = await db.rows(
        "SELECT 1 AS one WHERE NOT EXISTS (SELECT 1 FROM audit_entry) AND (EXISTS (SELECT 1 FROM listing) "
        "OR EXISTS (SELECT 1 FROM person) OR EXISTS (SELECT 1 FROM agency))"
    )
    return bool(found)


# --- named numbers ---------------------------------------------------------------------------------------------------


async def data_version() -> int:
    """The number that grows with every change to what visitors see: one read by primary key."""
    found = await db.rows("SELECT number FROM state WHERE name = 'data-version'")
    return int(found[0]["number"]) if found else 0


async def text_of(name: str) -> str:
    """A named text; "" where there is none."""
    sql = db.Sql()
    found = await db.rows(f"SELECT text FROM state WHERE name = {sql(name)}", sql.values)
    return str(found[0]["text"]) if found else ""


async def remember(name: str, text: str) -> None:
    """Keeps a named text. Needs a transaction."""
    sql = db.Sql()
    await db.execute(
        f"INSERT INTO state (name, number, text) VALUES ({sql(name)}, 1, {sql(text)}) "
        "ON CONFLICT (name) DO UPDATE SET text = excluded.text",
        sql.values,
    )


async def turns() -> dict[str, str]:
    """When each job of the worker comes next, as `turn_take` has written it."""
    found = await db.rows("SELECT name, text FROM state WHERE name LIKE 'job %'")
    return {str(row["name"]).removeprefix("job "): str(row["text"]) for row in found}


async def turn_take(job: str, *, now: datetime, every: timedelta) -> bool:
    """Takes the turn of a job that is due, and puts the next one off by `every`. Of several that try at once one gets it."""
    sql = db.Sql()
    async with db.staging():
        found = await db.rows(
            f"INSERT INTO state (name, number, text) VALUES ({sql(f'job {job}')}, 1, {sql(turn(now + every))}) "
            "ON CONFLICT (name) DO UPDATE SET number = state.number + 1, text = excluded.text "
            # A turn further off than the next one can be was written by a clock that was ahead.
            f"WHERE state.text <= {sql(turn(now))} OR state.text > excluded.text RETURNING name",
            sql.values,
        )
    return bool(found)


def turn(moment: datetime) -> str:
    """A moment as a text that sorts as time does."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


async def is_ready() -> bool:
    """Whether the database answers and has had every migration."""
    return not await schema.pending_migrations()
