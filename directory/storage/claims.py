"""Claims of agencies on organizations and listings. Of several on the same, one can be approved: an index sees to that (guards.py)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from tortoise.exceptions import IntegrityError

from directory.domain.agencies import APPROVED, ASKED, ENDED, WITHDRAWN, Claim, Subject
from directory.storage import db, texts
from directory.storage.encoding import to_column
from directory.storage.stewards import OF_LISTING

FOUND = 20
"""So many listings a search by name gives at the most."""


class Taken(Exception):
    """Another claim on the same is approved already. The transaction is of no more use."""


_SUBJECT = (
    "SELECT l.id, l.slug, l.name, CASE WHEN p.visibility = 'hidden' THEN NULL ELSE p.city END AS city, "
    "CASE WHEN p.visibility = 'hidden' THEN NULL ELSE p.state END AS state, "
    "l.organization_id, o.name AS organization_name, "
    "(SELECT COUNT(*) FROM listing m WHERE m.organization_id = l.organization_id AND m.status <> 'removed') AS listings "
    "FROM listing l JOIN location p ON p.id = l.location_id LEFT JOIN organization o ON o.id = l.organization_id"
)
_CLAIM = (
    "SELECT c.*, a.name AS agency_name, o.name AS organization_name, t.name AS listing_name, t.slug, "
    "CASE WHEN c.listing_id IS NOT NULL THEN 1 ELSE (SELECT COUNT(*) FROM listing m "
    "WHERE m.organization_id = c.organization_id AND m.status <> 'removed') END AS listings "
    "FROM claim c JOIN agency a ON a.id = c.agency_id LEFT JOIN organization o ON o.id = c.organization_id "
    "LEFT JOIN listing t ON t.id = c.listing_id"
)


# --- what can be claimed ---------------------------------------------------------------------------------------------


async def subject(slug: str) -> Subject | None:
    """The listing with this slug, unless its source has taken it out, as something that can be claimed."""
    sql = db.Sql()
    found = await db.rows(f"{_SUBJECT} WHERE l.slug = {sql(slug)} AND l.status <> 'removed'", sql.values)
    return _subject(found[0]) if found else None


async def subjects_found(words: str) -> list[Subject]:
    """The first listings by name that have all these words, or beginnings of them; none without a word."""
    terms = await texts.terms_of(words.split(), ())
    if not terms:
        return []
    sql = db.Sql()
    # The words alone decide first, so that the rest is read of a few.
    inner = f"SELECT r.id FROM search_row r WHERE {texts.condition(sql, terms)} ORDER BY r.name_key, r.id LIMIT {FOUND}"
    text = f"{_SUBJECT} JOIN ({inner}) f ON f.id = l.id ORDER BY l.name, l.id"
    return [_subject(row) for row in await db.rows(text, sql.values)]


def _subject(row: Mapping[str, Any]) -> Subject:
    return Subject(
        listing=row["id"],
        slug=row["slug"],
        name=row["name"],
        city=row["city"],
        state=row["state"],
        organization=row["organization_id"],
        organization_name=row["organization_name"],
        listings=int(row["listings"]),
    )


# --- claims ----------------------------------------------------------------------------------------------------------


async def claim(id: int) -> Claim | None:
    """The claim with this id."""
    sql = db.Sql()
    found = await _with_holders(await db.rows(f"{_CLAIM} WHERE c.id = {sql(id)}", sql.values))
    return found[0] if found else None


async def claims_waiting(limit: int, offset: int = 0) -> list[Claim]:
    """So many of the claims that wait for an answer, the oldest first."""
    sql = db.Sql()
    part = f"ORDER BY c.asked_at, c.id LIMIT {sql(limit)} OFFSET {sql(offset)}"
    return await _with_holders(await db.rows(f"{_CLAIM} WHERE c.status = {sql(ASKED)} {part}", sql.values))


async def claims_of(agencies: Sequence[int], limit: int, offset: int = 0) -> list[Claim]:
    """So many of the claims of these agencies, the newest first."""
    sql = db.Sql()
    part = f"ORDER BY c.asked_at DESC, c.id DESC LIMIT {sql(limit)} OFFSET {sql(offset)}"
    text = f"{_CLAIM} WHERE c.agency_id IN ({sql.list(agencies) or 'NULL'}) {part}"
    return await _with_holders(await db.rows(text, sql.values))


async def waiting() -> int:
    """How many claims wait for an answer."""
    sql = db.Sql()
    found = await db.rows(f"SELECT COUNT(*) AS number FROM claim WHERE status = {sql(ASKED)}", sql.values)
    return int(found[0]["number"])


async def _with_holders(rows: Sequence[Mapping[str, Any]]) -> list[Claim]:
    holders = await _holders([row["id"] for row in rows if row["status"] == ASKED])
    return [_claim(row, tuple(holders.get(row["id"], ()))) for row in rows]


async def _holders(claims: Sequence[int]) -> dict[int, list[str]]:
    """The names of the other agencies that something of each of these claims belongs to now."""
    sql = db.Sql()
    text = (
        f"SELECT DISTINCT h.id, a.name FROM (SELECT c.id, c.agency_id AS asker, {OF_LISTING} AS holder "
        f"FROM claim c JOIN listing l ON l.id = c.listing_id WHERE c.id IN ({sql.list(claims) or 'NULL'}) UNION ALL "
        f"SELECT c.id, c.agency_id, {OF_LISTING} FROM claim c JOIN listing l ON l.organization_id = c.organization_id "
        f"WHERE c.id IN ({sql.list(claims) or 'NULL'}) AND l.status <> 'removed') h "
        "JOIN agency a ON a.id = h.holder WHERE h.holder <> h.asker ORDER BY a.name"
    )
    found: dict[int, list[str]] = {}
    for row in await db.rows(text, sql.values):
        found.setdefault(row["id"], []).append(row["name"])
    return found


def _claim(row: Mapping[str, Any], holders: tuple[str, ...]) -> Claim:
    return Claim(
        id=row["id"],
        agency=row["agency_id"],
        agency_name=row["agency_name"],
        is_whole=row["organization_id"] is not None,
        name=row["organization_name"] or row["listing_name"],
        slug=row["slug"],
        listings=int(row["listings"]),
        status=row["status"],
        words=row["words"],
        asked_by=row["asked_by"],
        asked_at=db.as_moment(row["asked_at"]),
        settled_at=db.as_moment(row["settled_at"]),
        answer=row["answer"],
        holders=holders,
    )


async def live_claim(agency: int, column: str, id: int) -> str | None:
    """Whether this agency's claim on it waits or is approved; None for neither. `column` comes from code."""
    sql = db.Sql()
    text = (
        f"SELECT status FROM claim WHERE agency_id = {sql(agency)} AND {column} = {sql(id)} "
        f"AND status IN ({sql.list((ASKED, APPROVED))}) ORDER BY status"
    )
    found = await db.rows(text, sql.values)
    return str(found[0]["status"]) if found else None


async def holder(claim: int) -> str | None:
    """The name of the agency whose approved claim is on the very same organization or listing; None for nobody's."""
    sql = db.Sql()
    text = (
        "SELECT a.name FROM claim c JOIN claim h ON (h.organization_id = c.organization_id OR h.listing_id = c.listing_id) "
        f"JOIN agency a ON a.id = h.agency_id WHERE c.id = {sql(claim)} AND h.status = {sql(APPROVED)}"
    )
    found = await db.rows(text, sql.values)
    return str(found[0]["name"]) if found else None


async def add(
    *, agency: int, column: str, id: int, words: str | None, by: str, now: datetime, status: str = ASKED
) -> int:
    """The id of a new claim on the organization or listing (`column`, which comes from code) with this id. Needs a transaction."""
    columns: dict[str, object] = {"agency_id": agency, column: id, "status": status, "words": words}
    columns |= {"asked_by": by, "asked_at": to_column(now)}
    if status != ASKED:
        columns |= {"settled_by": by, "settled_at": to_column(now)}
    sql = db.Sql()
    text = f"INSERT INTO claim ({', '.join(columns)}) VALUES ({sql.list(columns.values())}) RETURNING id"
    return int((await db.rows(text, sql.values))[0]["id"])


async def settle(
    id: int, status: str, *, was: Sequence[str], by: str, now: datetime, answer: str | None = None
) -> bool:
    """Gives a claim another status; False where it has none of `was` any more. An `answer` of before stays. Needs a transaction.

    Raises Taken.
    """
    sql = db.Sql()
    text = (
        f"UPDATE claim SET status = {sql(status)}, settled_by = {sql(by)}, settled_at = {sql(to_column(now))}, "
        f"answer = COALESCE({sql(answer)}, answer) WHERE id = {sql(id)} AND status IN ({sql.list(was)}) RETURNING id"
    )
    try:
        return bool(await db.rows(text, sql.values))
    except IntegrityError:
        raise Taken() from None


async def end_all(agency: int, *, by: str, now: datetime) -> list[int]:
    """Ends what an agency holds and takes back what it asked for; the numbers of those claims. Needs a transaction."""
    over = []
    for status, was in ((ENDED, APPROVED), (WITHDRAWN, ASKED)):
        sql = db.Sql()
        text = (
            f"UPDATE claim SET status = {sql(status)}, settled_by = {sql(by)}, settled_at = {sql(to_column(now))} "
            f"WHERE agency_id = {sql(agency)} AND status = {sql(was)} RETURNING id"
        )
        over += [row["id"] for row in await db.rows(text, sql.values)]
    return sorted(over)
