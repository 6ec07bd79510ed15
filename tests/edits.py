"""Listings of agencies and proposals made up for tests of what people change by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from directory.domain.access import Actor, Grant, Role
from directory.storage import db, proposals
from directory.storage.encoding import to_column
from tests.accounts import NOW

MONDAY = {"sort": "meeting", "day": 1, "start": 1170, "minutes": 60, "week": None, "valid_from": None, "valid_to": None}
PHONE = {"number": "(555) 555-0107", "extension": None, "type": "voice", "description": None}


def actor(role: Role, agency: int | None = 1, person: int = 7, *, trusted: bool = False) -> Actor:
    """Somebody in this role, who need have no account."""
    return Actor(person, (Grant(role, agency, trusted),))


async def owned(slug: str, agency: int) -> None:
    """Makes a listing that of an agency, as an approved claim does."""
    columns = ("agency_id", "listing_id", "status", "asked_by", "asked_at")
    (listing,) = await _listing(slug)
    if not await db.rows(f"SELECT 1 FROM claim WHERE listing_id = {listing['id']} AND status = 'approved'"):
        async with db.staging():
            await db.insert_many("claim", columns, [(agency, listing["id"], "approved", "test", to_column(NOW))])


async def listing_of(agency: int, name: str) -> str:
    """The slug of the listing with this name, which is that of an agency from here on."""
    sql = db.Sql()
    (row,) = await db.rows(f"SELECT slug FROM listing WHERE name = {sql(name)}", sql.values)
    await owned(row["slug"], agency)
    return str(row["slug"])


async def proposed(slug: str, edits: Mapping[str, Any] | None = None, by: str = "person 999") -> int:
    """The number of a new proposal."""
    (listing,) = await _listing(slug)
    async with db.staging():
        return await proposals.add(
            listing["id"], agency=None, edits=edits or {"fees": "five dollars"}, seen={}, reason=None, by=by, now=NOW
        )


async def _listing(slug: str) -> list[dict[str, Any]]:
    sql = db.Sql()
    return await db.rows(f"SELECT id FROM listing WHERE slug = {sql(slug)}", sql.values)
