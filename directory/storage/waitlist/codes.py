"""The codes on people's cards, by their hashes: one is good for somebody at a time."""

from __future__ import annotations

from datetime import datetime

from directory.storage import db
from directory.storage.encoding import to_column


async def add(client: int, *, hash: str, now: datetime) -> int:
    """The id of a new code; every earlier one of this client is good for nothing from now on. Needs a transaction."""
    await revoke_all(client, now)
    sql = db.Sql()
    text = (
        "INSERT INTO status_code (client_id, hash, created_at) "
        f"VALUES ({sql(client)}, {sql(hash)}, {sql(to_column(now))}) RETURNING id"
    )
    return int((await db.rows(text, sql.values))[0]["id"])


async def revoke_all(client: int, now: datetime) -> int:
    """Ends every code of a client that is still good, and says how many those were. Needs a transaction."""
    sql = db.Sql()
    text = (
        f"UPDATE status_code SET revoked_at = {sql(to_column(now))} "
        f"WHERE client_id = {sql(client)} AND revoked_at IS NULL RETURNING id"
    )
    return len(await db.rows(text, sql.values))


async def given_at(client: int) -> datetime | None:
    """When the card was made that is good now; None where there is none."""
    sql = db.Sql()
    text = f"SELECT MAX(created_at) AS at FROM status_code WHERE client_id = {sql(client)} AND revoked_at IS NULL"
    found = (await db.rows(text, sql.values))[0]["at"]
    return db.as_moment(found) if found else None
