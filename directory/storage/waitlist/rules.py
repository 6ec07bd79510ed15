"""The rules of a line as they were published, who stands in it by them, and the tiers that follow from both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from directory.domain.waitlist.tier_moves import Standing
from directory.domain.waitlist.tiers import USUAL, Rules, rules_read
from directory.storage import db
from directory.storage.encoding import dumps, to_column
from directory.storage.waitlist.moves import OPEN

_CHUNK = 500
"""Ids in one statement."""


@dataclass(frozen=True, slots=True)
class RulesNow:
    """The rules that are in force in a line; `id` and `sha256` are None where none were published, and the usual ones hold."""

    pool: int
    id: int | None
    sha256: str | None
    rules: Rules


@dataclass(frozen=True, slots=True)
class Published:
    """One version of the rules of a line, with who published it and when."""

    id: int
    sha256: str
    rules: Rules
    by: str
    at: datetime


async def rules_now(pool: int) -> RulesNow:
    """The rules in force in this line."""
    sql = db.Sql()
    text = (
        f"SELECT r.id, r.sha256, r.rules FROM pool p JOIN rule_version r ON r.id = p.rules_id WHERE p.id = {sql(pool)}"
    )
    found = await db.rows(text, sql.values)
    if not found:
        return RulesNow(pool, None, None, USUAL)
    return RulesNow(pool, found[0]["id"], found[0]["sha256"], rules_read(found[0]["rules"]))


async def rules_fed(program: int) -> list[Rules]:
    """The rules of the lines that get the openings of a program; where none were published the usual ones hold, which are left out."""
    sql = db.Sql()
    text = (
        "SELECT r.rules FROM rule_version r WHERE r.id IN (SELECT p.rules_id FROM pool p JOIN pool_level v ON v.pool_id = p.id "
        f"JOIN program_level l ON l.id = v.level_id WHERE l.program_id = {sql(program)})"
    )
    return [rules_read(row["rules"]) for row in await db.rows(text, sql.values)]


async def history(pool: int, limit: int) -> list[Published]:
    """The versions that there were, the latest first."""
    sql = db.Sql()
    text = f"SELECT * FROM rule_version WHERE pool_id = {sql(pool)} ORDER BY id DESC LIMIT {int(limit)}"
    return [
        Published(row["id"], row["sha256"], rules_read(row["rules"]), row["by"], db.as_moment(row["at"]))
        for row in await db.rows(text, sql.values)
    ]


async def version_add(pool: int, text: str, sha256: str, *, by: str, now: datetime) -> int:
    """The id of a new version of the rules. Needs a transaction."""
    sql = db.Sql()
    values = (pool, text, sha256, by, to_column(now))
    statement = f"INSERT INTO rule_version (pool_id, rules, sha256, by, at) VALUES ({sql.list(values)}) RETURNING id"
    return int((await db.rows(statement, sql.values))[0]["id"])


async def version_use(pool: int, version: int, before: int | None, contact_days: int | None) -> bool:
    """Has a line go by a version, and says whether it still went by the one `before`. `contact_days` are the most that the rules let be.

    Needs a transaction.
    """
    sql = db.Sql()
    sets = f"rules_id = {sql(version)}, version = version + 1"
    if contact_days is not None:
        most = sql(contact_days)
        sets += f", contact_days = CASE WHEN contact_days > {most} THEN {most} ELSE contact_days END"
    was = "rules_id IS NULL" if before is None else f"rules_id = {sql(before)}"
    text = f"UPDATE pool SET {sets} WHERE id = {sql(pool)} AND {was} AND closed_at IS NULL RETURNING id"
    return bool(await db.rows(text, sql.values))


# --- who stands where ------------------------------------------------------------------------------------------------


async def standings(pool: int, today: date) -> list[Standing]:
    """Everybody who stands in a line, with what is known of them on this local day: what has ended or run out is left out."""
    sql = db.Sql()
    text = f"SELECT id, client_id, tier, requested_at, tie FROM entry WHERE pool_id = {sql(pool)} AND status IN {OPEN}"
    found = await db.tuples(text, sql.values)
    facts = await _facts_in(pool, today)
    return [
        Standing(id, tier, db.as_moment(requested_at), tie, facts.get(client, {}))
        for id, client, tier, requested_at, tie in found
    ]


async def _facts_in(pool: int, today: date) -> dict[int, dict[str, str]]:
    sql = db.Sql()
    text = (
        "SELECT f.client_id, f.code, f.value FROM client_fact f JOIN entry e ON e.client_id = f.client_id "
        f"WHERE e.pool_id = {sql(pool)} AND e.status IN {OPEN} AND {_valid(sql, today)} ORDER BY f.id"
    )
    found: dict[int, dict[str, str]] = {}
    for client, code, value in await db.tuples(text, sql.values):
        found.setdefault(client, {})[code] = value
    return found


async def facts_on(client: int, today: date) -> dict[str, str]:
    """What is known of a client on this local day, by code."""
    sql = db.Sql()
    text = f"SELECT f.code, f.value FROM client_fact f WHERE f.client_id = {sql(client)} AND {_valid(sql, today)} ORDER BY f.id"
    return {row["code"]: row["value"] for row in await db.rows(text, sql.values)}


def _valid(sql: db.Sql, today: date) -> str:
    return f"f.ended_at IS NULL AND (f.expires_on IS NULL OR f.expires_on >= {sql(to_column(today))})"


async def facts_end(client: int, today: date, now: datetime) -> list[str]:
    """Ends the facts of a client that have run out by this local day, and names their codes. Needs a transaction."""
    sql = db.Sql()
    text = (
        f"UPDATE client_fact SET ended_at = {sql(to_column(now))} WHERE client_id = {sql(client)} AND ended_at IS NULL "
        f"AND expires_on < {sql(to_column(today))} RETURNING code"
    )
    return sorted({row["code"] for row in await db.rows(text, sql.values)})


async def clients_to_settle(today: date, limit: int, after: int) -> list[int]:
    """Clients in a line whose facts have run out by this day or soon will, or in whose line a tier begins or ends by itself; ids above `after`."""
    sql = db.Sql()
    begin, last = sql(after), sql(to_column(today))
    text = (
        f"SELECT DISTINCT e.client_id AS id FROM entry e WHERE e.status IN {OPEN} AND e.client_id > {begin} AND ("
        "EXISTS (SELECT 1 FROM client_fact f WHERE f.client_id = e.client_id AND f.ended_at IS NULL "
        f"AND f.expires_on IS NOT NULL AND f.expires_on <= {last}) OR e.pool_id IN (SELECT p.id FROM pool p JOIN rule_version r "
        'ON r.id = p.rules_id WHERE r.rules LIKE \'%"valid_from":"%\' OR r.rules LIKE \'%"valid_to":"%\')) '
        f"ORDER BY 1 LIMIT {int(limit)}"
    )
    return [row["id"] for row in await db.rows(text, sql.values)]


async def is_refused_since(kind: str, entry: int, moment: datetime) -> bool:
    """Whether a second person has refused this about an entry since then."""
    sql = db.Sql()
    text = (
        f"SELECT 1 FROM second_word WHERE kind = {sql(kind)} AND entry_id = {sql(entry)} AND status = 'refused' "
        f"AND settled_at > {sql(to_column(moment))}"
    )
    return bool(await db.rows(text, sql.values))


async def tiers_set(tiers: Mapping[int, int]) -> None:
    """Gives entries, by id, these tiers. Needs a transaction."""
    for tier in sorted(set(tiers.values())):
        ids = sorted(entry for entry, own in tiers.items() if own == tier)
        for start in range(0, len(ids), _CHUNK):
            sql = db.Sql()
            own = sql(tier)
            named = sql.list(ids[start : start + _CHUNK])
            await db.execute(f"UPDATE entry SET tier = {own}, version = version + 1 WHERE id IN ({named})", sql.values)


async def tier_set(entry: int, before: int, after: int) -> bool:
    """Whether an open entry went from one tier to another. Needs a transaction."""
    sql = db.Sql()
    text = (
        f"UPDATE entry SET tier = {sql(after)}, version = version + 1 WHERE id = {sql(entry)} AND tier = {sql(before)} "
        f"AND status IN {OPEN} RETURNING id"
    )
    return bool(await db.rows(text, sql.values))


async def events_add(what: str, told: Sequence[tuple[int, Mapping[str, object]]], *, by: str, now: datetime) -> None:
    """Notes the same step for many entries, each with its details. Needs the transaction that does it."""
    columns = ("entry_id", "at", "by", "what", "details")
    rows = [(entry, to_column(now), by, what, dumps(dict(details))) for entry, details in told]
    await db.insert_many("entry_event", columns, rows)


async def upis(entries: Sequence[int], agency: int) -> dict[int, str]:
    """The numbers of those whose entries these are, as far as they are clients of this agency."""
    found: dict[int, str] = {}
    for start in range(0, len(entries), _CHUNK):
        sql = db.Sql()
        text = (
            "SELECT e.id, c.upi FROM entry e JOIN client c ON c.id = e.client_id "
            f"WHERE c.agency_id = {sql(agency)} AND e.id IN ({sql.list(entries[start : start + _CHUNK])})"
        )
        found |= {row["id"]: row["upi"] for row in await db.rows(text, sql.values)}
    return found
