"""People, their roles and their agencies. What may happen once is one UPDATE with its condition; who gets no row back came second."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from directory.domain.access import Grant, Role
from directory.domain.people import Account, Agency, Held, Listed
from directory.storage import db
from directory.storage.encoding import to_column

LIVE = (
    "role_grant g ON g.person_id = p.id AND g.ended_at IS NULL "
    "AND NOT EXISTS (SELECT 1 FROM agency a WHERE a.id = g.agency_id AND a.closed_at IS NOT NULL)"
)
"""The grants of a `person p` that count: those that have not ended, of agencies that have not closed."""
HELD = "LEFT JOIN role_grant g ON g.person_id = p.id AND g.ended_at IS NULL LEFT JOIN agency n ON n.id = g.agency_id"
"""The grants of a `person p` that have not ended: those of closed agencies rest, and come back with them."""
ACCOUNT = (
    "p.id AS person_id, p.email, p.name, p.language, p.password_hash, p.totp_secret, p.is_demo, p.disabled_at, "
    "p.proven_at, g.role, g.agency_id, g.trusted, n.closed_at AS rests_since"
)
"""What `account_of` reads, a row for each grant of HELD."""


# --- agencies --------------------------------------------------------------------------------------------------------


async def agencies(ids: Sequence[int] | None = None) -> list[Agency]:
    """The agencies that have not closed, by name; of these ids, or all."""
    sql = db.Sql()
    those = "" if ids is None else f" AND id IN ({sql.list(ids) or 'NULL'})"
    text = f"SELECT id, name, kind FROM agency WHERE closed_at IS NULL{those} ORDER BY name"
    return [Agency(row["id"], row["name"], row["kind"]) for row in await db.rows(text, sql.values)]


async def agency_add(*, name: str, kind: str, timezone: str, now: datetime, is_demo: bool = False) -> int:
    """The id of the agency with this name, which is made where it is not there. Needs a transaction."""
    sql = db.Sql()
    values = (name, kind, timezone, is_demo, to_column(now))
    # A change that changes nothing, so that the id comes back either way.
    text = (
        f"INSERT INTO agency (name, kind, timezone, is_demo, created_at) VALUES ({sql.list(values)}) "
        "ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING id"
    )
    return int((await db.rows(text, sql.values))[0]["id"])


# --- people ----------------------------------------------------------------------------------------------------------


async def account(person: int) -> Account | None:
    """The account with this id."""
    return await _account("p.id", person)


async def account_of_email(email: str) -> Account | None:
    """The account with this folded e-mail address."""
    return await _account("p.email", email)


async def _account(column: str, value: object) -> Account | None:
    sql = db.Sql()
    text = f"SELECT {ACCOUNT} FROM person p {HELD} WHERE {column} = {sql(value)} ORDER BY g.id"
    found = await db.rows(text, sql.values)
    return account_of(found) if found else None


def account_of(rows: Sequence[Mapping[str, Any]]) -> Account:
    """The account that these rows of ACCOUNT are of."""
    first, held = rows[0], [row for row in rows if row["role"]]
    return Account(
        id=first["person_id"],
        email=first["email"],
        name=first["name"],
        language=first["language"],
        password_hash=first["password_hash"],
        totp_secret=first["totp_secret"],
        is_demo=bool(first["is_demo"]),
        disabled_at=db.as_moment(first["disabled_at"]),
        proven_at=db.as_moment(first["proven_at"]),
        grants=tuple(_grant(row) for row in held if not row["rests_since"]),
        held=tuple(_grant(row) for row in held),
    )


def _grant(row: Mapping[str, Any]) -> Grant:
    return Grant(Role(row["role"]), row["agency_id"], bool(row["trusted"]))


async def person_add(*, email: str, name: str, language: str, now: datetime, is_demo: bool = False) -> int | None:
    """The id of a new person; None where somebody has this e-mail address. Needs a transaction."""
    sql = db.Sql()
    values = (email, name, language, is_demo, to_column(now), 1)
    text = (
        f"INSERT INTO person (email, name, language, is_demo, created_at, version) VALUES ({sql.list(values)}) "
        "ON CONFLICT (email) DO NOTHING RETURNING id"
    )
    found = await db.rows(text, sql.values)
    return int(found[0]["id"]) if found else None


def assigned(sql: db.Sql, columns: Mapping[str, object]) -> str:
    """Columns and their new values, as an UPDATE has them. The names come from code, never from outside."""
    return ", ".join(f"{name} = {sql(to_column(value))}" for name, value in columns.items())


async def person_set(person: int, **columns: object) -> None:
    """Changes columns of a person. Needs a transaction."""
    sql = db.Sql()
    await db.execute(
        f"UPDATE person SET {assigned(sql, columns)}, version = version + 1 WHERE id = {sql(person)}", sql.values
    )


async def step_take(person: int, step: int) -> bool:
    """Whether the code of this time step is still unused; from here on it and all before it are used."""
    sql = db.Sql()
    text = (
        f"UPDATE person SET totp_step = {sql(step)} WHERE id = {sql(person)} "
        f"AND (totp_step IS NULL OR totp_step < {sql(step)}) RETURNING id"
    )
    return bool(await db.rows(text, sql.values))


async def codes_replace(person: int, hashes: Iterable[str]) -> None:
    """Takes the recovery codes of a person away and puts these in their place. Needs a transaction."""
    sql = db.Sql()
    await db.execute(f"DELETE FROM recovery_code WHERE person_id = {sql(person)}", sql.values)
    await db.insert_many("recovery_code", ("person_id", "hash"), [(person, each) for each in hashes])


async def code_take(person: int, hash: str, now: datetime) -> bool:
    """Whether this recovery code is unused; from here on it is used."""
    sql = db.Sql()
    text = (
        f"UPDATE recovery_code SET used_at = {sql(to_column(now))} WHERE person_id = {sql(person)} "
        f"AND hash = {sql(hash)} AND used_at IS NULL RETURNING id"
    )
    return bool(await db.rows(text, sql.values))


async def codes_left(person: int) -> int:
    """How many recovery codes a person has not used yet."""
    sql = db.Sql()
    text = f"SELECT COUNT(*) AS n FROM recovery_code WHERE person_id = {sql(person)} AND used_at IS NULL"
    return int((await db.rows(text, sql.values))[0]["n"])


# --- grants ----------------------------------------------------------------------------------------------------------


async def grant_add(person: int, grant: Grant, *, by: str, now: datetime) -> bool:
    """Gives somebody a role; False where they hold it, and are trusted with it if this one is. Needs a transaction."""
    sql = db.Sql()
    values = (person, grant.agency, str(grant.role), grant.trusted, by, to_column(now))
    text = (
        "INSERT INTO role_grant (person_id, agency_id, role, trusted, granted_by, granted_at) "
        f"VALUES ({sql.list(values)}) "
        "ON CONFLICT (person_id, role, COALESCE(agency_id, 0)) WHERE ended_at IS NULL "
        "DO UPDATE SET trusted = excluded.trusted WHERE excluded.trusted AND NOT role_grant.trusted RETURNING id"
    )
    return bool(await db.rows(text, sql.values))


async def administrators(*, is_demo: bool) -> list[int]:
    """The people who look after the whole site and can sign in: real ones, or (`is_demo`) invented ones, who count for those alone."""
    sql = db.Sql()
    text = (
        "SELECT p.id FROM person p JOIN role_grant g ON g.person_id = p.id AND g.ended_at IS NULL "
        f"WHERE g.role = {sql(str(Role.ADMINISTRATOR))} AND g.agency_id IS NULL AND p.disabled_at IS NULL "
        f"AND p.is_demo = {sql(is_demo)} AND (p.is_demo OR p.password_hash IS NOT NULL) ORDER BY p.id"
    )
    return [row["id"] for row in await db.rows(text, sql.values)]


async def grant_find(id: int) -> tuple[int, Grant] | None:
    """The person and the grant with this id, where it is live."""
    sql = db.Sql()
    text = f"SELECT person_id, role, agency_id, trusted FROM role_grant WHERE id = {sql(id)} AND ended_at IS NULL"
    found = await db.rows(text, sql.values)
    return (found[0]["person_id"], _grant(found[0])) if found else None


async def grant_end(id: int, now: datetime) -> bool:
    """Whether the grant was live; from here on it has ended."""
    sql = db.Sql()
    moment = sql(to_column(now))
    text = f"UPDATE role_grant SET ended_at = {moment} WHERE id = {sql(id)} AND ended_at IS NULL RETURNING id"
    return bool(await db.rows(text, sql.values))


async def grant_trust(id: int, is_trusted: bool) -> bool:
    """Whether this changed if what the holder of a live grant writes is published at once. Needs a transaction."""
    sql = db.Sql()
    trusted = sql(is_trusted)
    text = (
        f"UPDATE role_grant SET trusted = {trusted} WHERE id = {sql(id)} AND ended_at IS NULL AND trusted <> {trusted} "
        "RETURNING id"
    )
    return bool(await db.rows(text, sql.values))


async def people(
    agencies: Sequence[int] | None, *, person: int | None = None, roles: Sequence[Role] | None = None
) -> list[Listed]:
    """Everybody with a live role in these agencies, and that role; None is everybody with any role. By name.

    `person`: only them. `roles`: only these roles.
    """
    sql = db.Sql()
    those = "1 = 1" if agencies is None else f"g.agency_id IN ({sql.list(agencies) or 'NULL'})"
    those += "" if person is None else f" AND p.id = {sql(person)}"
    those += "" if roles is None else f" AND g.role IN ({sql.list(map(str, roles)) or 'NULL'})"
    text = (
        "SELECT p.id AS person_id, p.name, p.email, p.password_hash, p.totp_secret, p.is_demo, p.disabled_at, "
        "g.id AS grant_id, g.role, g.agency_id, g.trusted, n.name AS agency_name "
        f"FROM person p JOIN {LIVE} LEFT JOIN agency n ON n.id = g.agency_id WHERE {those} ORDER BY p.name, p.id, g.id"
    )
    grouped: dict[int, list[dict[str, Any]]] = {}
    for row in await db.rows(text, sql.values):
        grouped.setdefault(row["person_id"], []).append(row)
    return [_listed(rows) for rows in grouped.values()]


def _listed(rows: Sequence[Mapping[str, Any]]) -> Listed:
    first = rows[0]
    has_come = first["password_hash"] or first["is_demo"]
    state = "disabled" if first["disabled_at"] else "active" if has_come else "invited"
    held = tuple(Held(row["grant_id"], _grant(row), row["agency_name"]) for row in rows)
    return Listed(first["person_id"], first["name"], first["email"], state, bool(first["totp_secret"]), held)


# --- demonstration ---------------------------------------------------------------------------------------------------


async def demo_people() -> dict[Role, int]:
    """The id of an invented person for each role. Nobody, as soon as a real person has, or has had, an account here."""
    text = (
        "SELECT g.role, MIN(p.id) AS id FROM person p JOIN role_grant g ON g.person_id = p.id AND g.ended_at IS NULL "
        "WHERE p.is_demo AND p.disabled_at IS NULL "
        "AND NOT EXISTS (SELECT 1 FROM person WHERE NOT is_demo AND password_changed_at IS NOT NULL) GROUP BY g.role"
    )
    return {Role(row["role"]): row["id"] for row in await db.rows(text)}


async def has_real() -> bool:
    """Whether somebody who is not invented has, or has had, an account here."""
    return bool(await db.rows("SELECT id FROM person WHERE NOT is_demo AND password_changed_at IS NOT NULL LIMIT 1"))


async def demo_erase() -> None:
    """Takes the invented people and agencies out, with all that is theirs. Needs a transaction."""
    for table in ("person", "agency"):
        await db.execute(f"DELETE FROM {table} WHERE is_demo")
