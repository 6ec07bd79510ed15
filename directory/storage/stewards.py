"""To which agency a listing belongs: by an approved claim on it, by one on its organization, or by its own source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from directory.domain.agencies import APPROVED
from directory.storage import db

OF_LISTING = (
    "COALESCE("
    f"(SELECT c.agency_id FROM claim c WHERE c.listing_id = l.id AND c.status = '{APPROVED}'), "
    f"(SELECT c.agency_id FROM claim c WHERE c.organization_id = l.organization_id AND c.status = '{APPROVED}'), "
    "(SELECT s.agency_id FROM source s WHERE s.id = l.source_id))"
)
"""SQL: the agency of `listing l`, or NULL. What is claimed for itself goes before what its organization or its source says."""
OF_ANOTHER = (
    "EXISTS (SELECT 1 FROM source o WHERE o.id = l.source_id AND o.agency_id IS NOT NULL "
    f"AND o.agency_id <> {OF_LISTING})"
)
"""SQL: whether `listing l` came with an agency's own files and is another one's by claim: then those files say nothing of it any more."""
_NOT_BY_ITSELF = f"NOT EXISTS (SELECT 1 FROM claim o WHERE o.listing_id = l.id AND o.status = '{APPROVED}')"
_NOT_BY_ORGANIZATION = (
    f"NOT EXISTS (SELECT 1 FROM claim o WHERE o.organization_id = l.organization_id AND o.status = '{APPROVED}')"
)


def owned(agency: str = "") -> str:
    """SQL: `agency_id` and `id` of every listing that belongs to an agency and has not been taken out by its source.

    The same rule as OF_LISTING, read from the side of the agencies, so that few claims are looked at and not all listings. `agency` is
    the marker of one agency's id, for that one alone.
    """
    own = f"c.status = '{APPROVED}' AND l.status <> 'removed'" + (f" AND c.agency_id = {agency}" if agency else "")
    theirs = f"s.agency_id = {agency}" if agency else "s.agency_id IS NOT NULL"
    return (
        f"SELECT c.agency_id, l.id FROM claim c JOIN listing l ON l.id = c.listing_id WHERE {own} UNION ALL "
        f"SELECT c.agency_id, l.id FROM claim c JOIN listing l ON l.organization_id = c.organization_id "
        f"WHERE {own} AND {_NOT_BY_ITSELF} UNION ALL "
        # SQLite keeps the order of a CROSS JOIN: the few sources of agencies first.
        f"SELECT s.agency_id, l.id FROM source s CROSS JOIN listing l "
        f"WHERE l.source_id = s.id AND {theirs} AND l.status <> 'removed' AND {_NOT_BY_ITSELF} AND {_NOT_BY_ORGANIZATION}"
    )


async def agency_of(slug: str) -> int | None:
    """The agency that the listing with this slug belongs to; None for nobody's, and for one that does not exist."""
    sql = db.Sql()
    found = await db.rows(f"SELECT {OF_LISTING} AS agency FROM listing l WHERE l.slug = {sql(slug)}", sql.values)
    return found[0]["agency"] if found else None


async def agencies_of(ids: Iterable[int]) -> Mapping[int, int | None]:
    """The agency of each of these listings, by id."""
    sql = db.Sql()
    text = f"SELECT l.id, {OF_LISTING} AS agency FROM listing l WHERE l.id IN ({sql.list(ids) or 'NULL'})"
    return {row["id"]: row["agency"] for row in await db.rows(text, sql.values)}


async def of_another(ids: Iterable[int]) -> frozenset[int]:
    """Those of these listings that came with an agency's own files and are another one's by claim."""
    sql = db.Sql()
    text = f"SELECT l.id FROM listing l WHERE l.id IN ({sql.list(ids) or 'NULL'}) AND {OF_ANOTHER}"
    return frozenset(row["id"] for row in await db.rows(text, sql.values))


async def listing_names(agency: int) -> list[tuple[str, str]]:
    """Slug and name of the listings that belong to an agency and have not been taken out by their source, by name."""
    sql = db.Sql()
    text = f"SELECT l.slug, l.name FROM listing l WHERE l.id IN (SELECT id FROM ({owned(sql(agency))}) o) ORDER BY l.name, l.id"
    return [(row["slug"], row["name"]) for row in await db.rows(text, sql.values)]
