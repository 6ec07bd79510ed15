"""Writes where listings are: the row of an address, the columns by which it is searched, and what of it outlasts a new import."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from directory.domain.addresses import ASKED
from directory.domain.geo import GeocodeStatus, Point, Precision, Review, band, vector
from directory.domain.listings import Geocode, PlacedListing, Visibility
from directory.storage import db
from directory.storage.encoding import to_column

PIN, SOURCE, GAZETTEER = "pin", "source", "gazetteer"
"""Providers of points that are no services: a person, the listing's own source, and our own table of places."""

POINT = "lat lon public_lat public_lon approximate timezone".split()
GEOCODE = (
    "geocode_provider geocode_precision geocode_query geocode_label geocoded_at geocode_status geocode_hash geocode_attempt "
    "geocode_class geocode_score geocode_review geocode_error geocode_tries geocode_next_at"
).split()
COLUMNS = [*"name street street_2 city state postal_code country notes visibility".split(), *POINT, *GEOCODE]
"""The columns of a location that an import writes, in the order of `values_of`."""
SEARCHED = "latband lon x y z".split()
"""The columns of a search row that say where, in the order of `searched_at`."""


def values_of(item: PlacedListing, now: datetime) -> list[Any]:
    """A listing's address as the columns of its row."""
    address = item.draft.address
    return [
        address.name,
        address.street,
        address.street_2,
        address.city,
        address.state,
        address.postal_code,
        address.country,
        address.notes,
        address.visibility.value,
        *point_values(item.geocode.point, item.public_point, item.approximate, item.timezone),
        *geocode_values(item.geocode, now),
    ]


def point_values(point: Point | None, public: Point | None, approximate: bool, timezone: str) -> list[Any]:
    """Where it is, and where the public may think it is, as the columns POINT."""
    return [*_degrees(point), *_degrees(public), approximate, timezone]


def _degrees(point: Point | None) -> tuple[float | None, float | None]:
    return (point.lat, point.lon) if point else (None, None)


def geocode_values(geocode: Geocode, now: datetime, *, tries: int = 0, next_at: datetime | None = None) -> list[Any]:
    """How a point was come by, as the columns GEOCODE. What is pending is due at `next_at`, or at once."""
    is_pending = geocode.status == GeocodeStatus.PENDING
    return [
        geocode.provider,
        geocode.precision.value if geocode.precision else None,
        geocode.query,
        _cut(geocode.label, 255),
        to_column(geocode.at or now),
        geocode.status.value,
        geocode.hash,
        geocode.attempt,
        _cut(geocode.kind, 80),
        geocode.score,
        geocode.review.value if geocode.review else None,
        _cut(geocode.error, 200),
        tries,
        to_column(next_at or now) if is_pending else None,
    ]


def _cut(text: str | None, length: int) -> str | None:
    return text[:length] if text else None


def geocode_of(row: Mapping[str, Any]) -> Geocode:
    """How the point of a row was come by."""
    precision, review, at = row["geocode_precision"], row["geocode_review"], row["geocoded_at"]
    return Geocode(
        provider=row["geocode_provider"] or GAZETTEER,
        precision=Precision(precision) if precision else None,
        point=point_of(row["lat"], row["lon"]),
        query=row["geocode_query"] or "",
        label=row["geocode_label"],
        status=GeocodeStatus(row["geocode_status"]),
        review=Review(review) if review else None,
        hash=row["geocode_hash"],
        attempt=row["geocode_attempt"],
        kind=row["geocode_class"],
        score=row["geocode_score"],
        error=row["geocode_error"],
        at=db.as_moment(at) if at else None,
    )


def point_of(lat: float | None, lon: float | None) -> Point | None:
    """Two columns as a point."""
    return Point(lat, lon) if lat is not None and lon is not None else None


def searched_at(point: Point | None) -> tuple[Any, ...]:
    """A point as the columns SEARCHED; all empty for a listing that is on no map."""
    if point is None:
        return (None,) * len(SEARCHED)
    unit = vector(point)
    return band(point.lat), point.lon, unit.x, unit.y, unit.z


# --- what outlasts an import ---------------------------------------------------------------------------------------------


Places = Mapping[int, Mapping[str, Any]]
"""By listing the columns of its location that say where it is and how that was found."""


async def with_what_stays(listings: Mapping[int, PlacedListing], earlier: Places) -> dict[int, PlacedListing]:
    """Listings by id as they are to be written: with the point that a person set, or that was found for the very same address.

    What was found stays too when it was nothing: an address that nobody knows is not asked for again because a telephone number
    has changed. A point of the source's own counts for more than one that was found. `earlier` is what `found_for` once told of them,
    which is taken where it was found for the address that they have again.
    """
    rows = {row["id"]: row for row in await _rows(listings)}
    for id in rows.keys() & earlier.keys():
        if not rows[id]["pinned_by"] and _is_found_already(listings[id], earlier[id]):
            rows[id] = {**rows[id], **earlier[id]}
    return {id: _with_what_stays(item, rows[id]) if id in rows else item for id, item in listings.items()}


async def found_for(ids: Collection[int]) -> Places:
    """Of these listings those whose public address a geocoder was asked about, with what is to be kept of that as plain values."""
    rows = await _rows(ids) if ids else []
    found = [row for row in rows if row["visibility"] == Visibility.FULL and row["geocode_attempt"] in ASKED]
    kept = ("visibility", *POINT, *GEOCODE)
    return {row["id"]: {name: _plain(row[name]) for name in kept} for row in found}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


async def _rows(ids: Iterable[int]) -> list[dict[str, Any]]:
    sql = db.Sql()
    columns = ", ".join(f"p.{name}" for name in ("visibility", "pinned_by", *POINT, *GEOCODE))
    text = (
        f"SELECT l.id, {columns} FROM listing l JOIN location p ON p.id = l.location_id WHERE l.id IN ({sql.list(ids)})"
    )
    return await db.rows(text, sql.values)


def _with_what_stays(item: PlacedListing, row: Mapping[str, Any]) -> PlacedListing:
    if row["pinned_by"]:
        return _pinned(item, row)
    if not _is_found_already(item, row):
        return item
    return replace(
        item,
        geocode=geocode_of(row),
        public_point=point_of(row["public_lat"], row["public_lon"]),
        approximate=bool(row["approximate"]),
        timezone=item.draft.address.timezone or row["timezone"],
    )


def _pinned(item: PlacedListing, row: Mapping[str, Any]) -> PlacedListing:
    """With the pin where it was. Where the address is another one now, somebody should look whether it still is the place.

    A place that was only found to be right as it was gives way to another point of its source's.
    """
    before = geocode_of(row)
    if before.provider != PIN and item.geocode.provider == SOURCE and item.geocode.point != before.point:
        return item
    geocode = replace(before, query=item.geocode.query)
    if item.geocode.hash != before.hash:
        geocode = replace(geocode, status=GeocodeStatus.NEEDS_REVIEW, review=Review.MOVED)
    if item.draft.address.visibility != Visibility.FULL:
        return replace(item, geocode=geocode)
    zone = item.draft.address.timezone or row["timezone"]
    is_about = geocode.precision is not None and geocode.precision.is_approximate
    return replace(item, geocode=geocode, public_point=geocode.point, approximate=is_about, timezone=zone)


def _is_found_already(item: PlacedListing, row: Mapping[str, Any]) -> bool:
    if item.geocode.provider == SOURCE or item.draft.address.visibility != Visibility.FULL:
        return False
    is_the_same = row["geocode_hash"] is not None and row["geocode_hash"] == item.geocode.hash
    never = (GeocodeStatus.NOT_APPLICABLE, GeocodeStatus.PENDING)
    if not is_the_same or row["visibility"] != Visibility.FULL or row["geocode_provider"] == SOURCE:
        return False
    was_asked = row["geocode_attempt"] in ASKED
    return was_asked and row["geocode_status"] not in never and item.geocode.status != GeocodeStatus.NOT_APPLICABLE
