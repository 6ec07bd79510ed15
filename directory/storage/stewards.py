"""To which agency a listing belongs: by its own source, by an approved claim on it, or by one on its organization."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from directory.storage import db

APPROVED = "approved"

OF_LISTING = (
    "COALESCE("
    f"(SELECT c.agency_id FROM claim c WHERE c.listing_id = l.id AND c.status = '{APPROVED}'), "
    f"(SELECT c.agency_id FROM claim c WHERE c.organization_id = l.organization_id AND c.status = '{APPROVED}'), "
    "(SELECT s.agency_id FROM source s WHERE s.id = l.source_id))"
)
"""SQL: the agency of `listing l`, or NULL. What is claimed for itself goes before what its organization or its source says."""


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


async def listings_of(agency: int) -> list[int]:
    """The ids of the listings that belong to an agency and have not been taken out by their source, in the order of their names."""
    sql = db.Sql()
    text = (
        f"SELECT l.id FROM listing l WHERE l.status <> 'removed' AND {OF_LISTING} = {sql(agency)} ORDER BY l.name, l.id"
    )
    return [row["id"] for row in await db.rows(text, sql.values)]
