"""Places that somebody should look at, and the pin by which a person says where a place is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from directory.domain.addresses import address_hash
from directory.domain.errors import BadQuery, NotFound, Problem
from directory.domain.geo import Point, Precision, is_point
from directory.domain.listings import Address, Geocode, Visibility
from directory.services.clock import Clock
from directory.services.geocode_queue import draft_of, zone_after
from directory.services.geocoding import Placer
from directory.services.writing import overlaid
from directory.settings import Settings
from directory.storage import db, drafts, edits, geocode_review, geocodes, locations, records
from directory.storage.geocodes import Placed, Settled

FAILED = "failed"
"""The reason of an address that was given up because nobody answered."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A place that somebody should look at. `reason` is a value of `Review`, or FAILED; `error` says more: why nobody answered, or
    what was answered that cannot be right.

    `point` is where it stands now, and `label` what lies there by the words of its provider. Of an address that is not public
    only the town is told, and no point.
    """

    slug: str
    name: str
    kind: str
    reason: str
    address: str
    point: Point | None
    precision: Precision | None
    provider: str
    label: str | None
    attempt: str | None
    error: str | None
    at: datetime | None


async def geocode_doubts(*, limit: int = 100) -> list[Doubt]:
    """What should be looked at, what matters most first: by how far off it may be, then by the kind of listing."""
    return [_doubt(each) for each in await geocode_review.doubtful(limit)]


def _doubt(each: Placed) -> Doubt:
    found = each.geocode
    is_public = each.address.visibility == Visibility.FULL
    return Doubt(
        slug=each.slug,
        name=each.name,
        kind=each.kind,
        reason=found.review.value if found.review else FAILED,
        address=_line(each.address),
        point=found.point if is_public else None,
        precision=found.precision,
        provider=found.provider,
        label=found.label if is_public else None,
        attempt=found.attempt,
        error=found.error if is_public else None,
        at=found.at,
    )


def _line(address: Address) -> str:
    street = address.street if address.visibility == Visibility.FULL else None
    city = address.city if address.visibility != Visibility.HIDDEN else None
    code = address.postal_code if address.visibility == Visibility.FULL else None
    tail = " ".join(part for part in (address.state, code) if part)
    return ", ".join(part for part in (street, city, tail) if part)


async def geocode_pin(*, slug: str, point: Point, by: str, clock: Clock, settings: Settings) -> None:
    """Says where a listing is: nothing overwrites that until it is taken back, no import and no geocoder.

    Visitors see the pin only of an address that is public. Raises NotFound, and BadQuery for coordinates that can be no place.
    """
    if not is_point(point.lat, point.lon):
        raise BadQuery([Problem("point", "out-of-range", f"{point.lat},{point.lon}")])
    placed, now = await _found(slug), clock()
    hash = address_hash(placed.address)
    pin = Geocode(locations.PIN, Precision.ROOFTOP, point, placed.geocode.query, hash=hash, at=now)
    await _write(placed, pin, by, now, "geocode-pin", pinned_by=by)


async def geocode_unpin(*, slug: str, by: str, clock: Clock, settings: Settings) -> None:
    """Takes a pin back: the place is where its source says, else where the gazetteer puts it, and waits for a geocoder again.

    Raises NotFound, also where there is no pin.
    """
    placed, now = await _found(slug), clock()
    if not placed.pinned_by:
        raise NotFound(slug=slug)
    draft = draft_of(placed, point=await _said_point(placed.listing_id))
    (fresh,) = await Placer(settings).place([(draft, "", None)])
    await _write(placed, replace(fresh.geocode, at=now), by, now, "geocode-unpin", pinned_by=None)


async def _found(slug: str) -> Placed:
    placed = await geocodes.by_slug(slug)
    if placed is None:
        raise NotFound(slug=slug)
    return placed


async def _said_point(listing_id: int) -> Point | None:
    """The point that the source gives, or that people have set in its place among the other fields of the listing."""
    said, hands = await drafts.said([listing_id]), await edits.of([listing_id])
    if listing_id not in said:
        return None
    return overlaid(said[listing_id], hands.get(listing_id, {})).address.point


async def _write(
    placed: Placed, geocode: Geocode, by: str, now: datetime, action: str, *, pinned_by: str | None
) -> None:
    is_public = placed.address.visibility == Visibility.FULL
    settled = Settled(placed, geocode, zone_after(placed, geocode) if is_public else placed.timezone)
    details: dict[str, object] = {"visibility": placed.address.visibility.value, "status": geocode.status.value}
    if is_public:  # the trail is read by more people than may know where a hidden place is
        details |= {"before": _degrees(placed.geocode.point), "after": _degrees(geocode.point)}
    async with db.transaction():
        await geocodes.pin(settled, now, pinned_by)
        await records.audit(at=now, by=by, action=action, subject=f"listing {placed.slug}", details=details)


def _degrees(point: Point | None) -> str | None:
    return f"{point.lat:.6f},{point.lon:.6f}" if point else None
