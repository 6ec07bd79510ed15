"""What an agency's desk shows of its listings: when each was last checked, and whether visitors can find it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from directory.storage import db
from directory.storage.encoding import as_date
from directory.storage.stewards import owned


@dataclass(frozen=True, slots=True)
class Row:
    """One listing of an agency. `checked_on` is the day (UTC) of the last check, `since` that on which the listing came here.

    `proposals` are changes of it that wait for a second pair of eyes, `reports` what visitors say is wrong.
    """

    slug: str
    name: str
    kind: str
    status: str
    version: int
    city: str | None
    checked_on: date | None
    since: date
    agency: int
    proposals: int
    reports: int


CHECKED = (
    "CASE WHEN l.confirmed_at IS NOT NULL AND (l.verified_on IS NULL OR date(l.confirmed_at) > l.verified_on) "
    "THEN date(l.confirmed_at) ELSE l.verified_on END"
)
"""SQL: the day of the last check of `listing l`, by one of ours or by its source (domain/checks.py)."""


async def listings(agencies: Sequence[int], limit: int, offset: int) -> list[Row]:
    """The listings of these agencies that their source has not taken out: first what was never checked, then the longest ago."""
    sql = db.Sql()
    own = " UNION ALL ".join(owned(sql(agency)) for agency in agencies) or "SELECT 0 AS agency_id, 0 AS id"
    text = (
        f"SELECT l.slug, l.name, l.kind, l.status, l.version, {CHECKED} AS checked_on, date(l.created_at) AS since, "
        "CASE WHEN p.visibility = 'hidden' THEN NULL ELSE p.city END AS city, o.agency_id AS agency, "
        "(SELECT COUNT(*) FROM proposal w WHERE w.listing_id = l.id AND w.status = 'waiting') AS proposals, "
        "(SELECT COUNT(*) FROM correction c WHERE c.listing_id = l.id AND c.status = 'new') AS reports "
        f"FROM ({own}) o JOIN listing l ON l.id = o.id JOIN location p ON p.id = l.location_id "
        f"ORDER BY CASE WHEN {CHECKED} IS NULL THEN 0 ELSE 1 END, checked_on, l.name, l.slug "
        f"LIMIT {sql(limit)} OFFSET {sql(offset)}"
    )
    return [_row(found) for found in await db.rows(text, sql.values)]


def _row(found: dict[str, Any]) -> Row:
    days = {name: as_date(found[name]) for name in ("checked_on", "since")}
    return Row(**{**found, **days})
