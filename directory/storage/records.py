"""The audit trail and the named numbers of the database."""

from __future__ import annotations

from datetime import datetime

from directory.storage import db, schema
from directory.storage.encoding import dumps, to_column


async def audit(*, at: datetime, by: str, action: str, subject: str, details: dict[str, object]) -> None:
    """Writes who did what. Belongs into the transaction of the change itself."""
    values = [to_column(at), by, action, subject, dumps(details)]
    await db.insert_many("audit_entry", ("at", "by", "action", "subject", "details"), [values])


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


async def is_ready() -> bool:
    """Whether the database answers and has had every migration."""
    return not await schema.pending_migrations()
