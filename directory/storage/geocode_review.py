"""What people should look at: places that are doubtful, and points that too many streets share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from directory.domain.geo import GeocodeStatus, Precision, Review
from directory.domain.geocodes import MANY_STREETS, is_centroid
from directory.domain.listings import Visibility
from directory.domain.taxonomy import KINDS
from directory.storage import db, locations
from directory.storage.geocodes import FROM, LIVE, Placed, read, touch
from directory.storage.stewards import owned

_FINE = [one.value for one in Precision if not one.is_approximate]
_BATCH = 250

DOUBTFUL = (GeocodeStatus.NEEDS_REVIEW, GeocodeStatus.FAILED)


async def doubtful(limit: int, agencies: Iterable[int] | None = None) -> list[Placed]:
    """The places that somebody should look at, what matters most first: by the reason, by the kind of listing, by name.

    All of them, or those that belong to these agencies. Whatever was given up comes after all reasons. Kinds are in the order in which
    the site names them, which is that of how often they are looked for.
    """
    sql = db.Sql()
    order = f"{_place_in('p.geocode_review', tuple(Review))}, {_place_in('l.kind', KINDS)}, l.name, l.slug"
    return await read(f"{_doubtful(sql, agencies)} ORDER BY {order} LIMIT {int(limit)}", sql)


async def doubts(agencies: Iterable[int] | None = None) -> int:
    """How many those are."""
    sql = db.Sql()
    return int((await db.rows(f"SELECT COUNT(*) AS n {FROM} WHERE {_doubtful(sql, agencies)}", sql.values))[0]["n"])


def _doubtful(sql: db.Sql, agencies: Iterable[int] | None) -> str:
    where = f"p.geocode_status IN ({sql.list(status.value for status in DOUBTFUL)}) AND {LIVE}"
    if agencies is None:
        return where
    theirs = " UNION ALL ".join(f"SELECT o.id FROM ({owned(sql(agency))}) o" for agency in agencies)
    return f"{where} AND l.id IN ({theirs or 'NULL'})"


def _place_in(column: str, order: Sequence[str]) -> str:
    """The place of a column's value in an order that the code knows, as SQL; what is not in it comes last."""
    cases = " ".join(f"WHEN '{value}' THEN {place}" for place, value in enumerate(order))
    return f"CASE {column} {cases} ELSE {len(order)} END"


async def grades() -> dict[str, int]:
    """How many addresses are known how exactly, over all listings on show; "none" for no point, "not_applicable" for no map."""
    graded = (
        f"CASE WHEN p.geocode_status = '{GeocodeStatus.NOT_APPLICABLE.value}' THEN p.geocode_status "
        "ELSE COALESCE(p.geocode_precision, 'none') END"
    )
    text = f"SELECT {graded} AS grade, COUNT(*) AS n {FROM} WHERE {LIVE} GROUP BY {graded} ORDER BY 2 DESC, 1"
    return {row["grade"]: int(row["n"]) for row in await db.rows(text)}


# --- one point for many streets ------------------------------------------------------------------------------------------


async def downgrade_shared() -> int:
    """Finds the points that too many different streets share, and says of each that it is the middle of something larger.

    The gazetteer's own points are that anyway. Returns the number of addresses that were thought to be exact.
    """
    found = [each for group in await _shared() for each in group]
    for start in range(0, len(found), _BATCH):
        part = found[start : start + _BATCH]
        async with db.transaction():
            sql = db.Sql()
            precision = f"CASE WHEN postal_code IS NULL THEN {sql(Precision.LOCALITY.value)} ELSE {sql(Precision.POSTCODE.value)} END"
            sets = (
                f"geocode_precision = {precision}, approximate = {sql(True)}, geocode_status = {sql(GeocodeStatus.NEEDS_REVIEW.value)}, "
                f"geocode_review = COALESCE(geocode_review, {sql(Review.SHARED.value)})"
            )
            where = f"pinned_by IS NULL AND id IN ({sql.list(row['id'] for row in part)})"
            await db.execute(f"UPDATE location SET {sets} WHERE {where}", sql.values)
            await touch(row["listing_id"] for row in part)
    return len(found)


async def _shared() -> list[list[dict[str, Any]]]:
    """The addresses that are taken for exact at each point that is a middle."""
    sql = db.Sql()
    mine = (
        f"p.visibility = '{Visibility.FULL.value}' AND p.pinned_by IS NULL AND p.lat IS NOT NULL AND {LIVE} "
        f"AND p.geocode_provider <> '{locations.GAZETTEER}' AND (l.attendance IS NULL OR l.attendance <> 'online')"
    )
    many = (
        f"SELECT p.lat, p.lon {FROM} WHERE {mine} GROUP BY p.lat, p.lon "
        f"HAVING COUNT(DISTINCT p.geocode_hash) >= {sql(MANY_STREETS)} "
        f"AND SUM(CASE WHEN p.geocode_precision IN ({sql.list(_FINE)}) THEN 1 ELSE 0 END) > 0"
    )
    columns = "p.id, l.id AS listing_id, p.lat, p.lon, p.street, p.geocode_precision"
    text = f"SELECT {columns} {FROM} JOIN ({many}) AS g ON g.lat = p.lat AND g.lon = p.lon WHERE {mine} ORDER BY p.id"
    groups: dict[tuple[float, float], list[dict[str, Any]]] = {}
    for row in await db.rows(text, sql.values):
        groups.setdefault((row["lat"], row["lon"]), []).append(row)
    return [
        [row for row in group if row["geocode_precision"] in _FINE]
        for group in groups.values()
        if is_centroid(row["street"] or "" for row in group)
    ]
