"""Places that somebody should look at, and the pin by which a person says where a place is."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime

from directory.domain import errors
from directory.domain.access import SITE, Action, Actor, Allowed, Denied, demand, may, of_agency, reach_of
from directory.domain.addresses import address_hash
from directory.domain.errors import BadQuery, NotFound, Problem
from directory.domain.geo import GeocodeStatus, Point, Precision, is_point
from directory.domain.geocodes import near_check
from directory.domain.listings import Address, Geocode, Visibility
from directory.domain.proposals import publishes
from directory.services.clock import Clock
from directory.services.geocode_queue import draft_of, zone_after
from directory.services.geocoding import Placer
from directory.services.writing import overlaid
from directory.settings import Settings
from directory.storage import db, drafts, edits, geocode_review, geocodes, locations, records, stewards
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


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a listing stands, for somebody who looks after that. `is_doubtful`: it is in the list of doubts.

    `middle` is where visitors look for it, which for an address that is not public is no more than its area. `pin` is PIN where a person
    has set the point, ACCEPTED where one has said that it is right as it is, else "". `seen` stands for all that was to be seen, and goes
    along with what is done about it. `is_settable` is whether whoever looks may do that: not where what they write is looked at first.
    """

    doubt: Doubt
    visibility: Visibility
    middle: Point | None
    is_doubtful: bool
    pin: str
    seen: str
    is_settable: bool


PIN, ACCEPTED = locations.PIN, "accepted"


async def geocode_doubts(*, limit: int = 100) -> list[Doubt]:
    """What should be looked at, what matters most first: by how far off it may be, then by the kind of listing."""
    return [_doubt(each) for each in await geocode_review.doubtful(limit)]


async def doubts_list(*, by: Actor, now: datetime, limit: int = 50) -> list[Doubt]:
    """The same for somebody who is signed in: of the whole directory, or of the own agencies. Raises Denied."""
    demand(by, Action.SETTLE_PLACES, SITE, now=now)
    return [_doubt(each) for each in await geocode_review.doubtful(limit, reach_of(by, Action.SETTLE_PLACES))]


async def doubts_waiting(*, by: Actor, now: datetime) -> int:
    """How many there are; 0 for whoever settles none."""
    allowed = isinstance(may(by, Action.SETTLE_PLACES, SITE, now=now), Allowed)
    return await geocode_review.doubts(reach_of(by, Action.SETTLE_PLACES)) if allowed else 0


async def place_show(*, slug: str, by: Actor, now: datetime) -> Standing:
    """Where a listing stands. Raises Denied or NotFound."""
    agency = await _seeing(by, slug, now)
    placed = await _found(slug)
    pin = "" if not placed.pinned_by else PIN if placed.geocode.provider == PIN else ACCEPTED
    is_doubtful = placed.geocode.status in geocode_review.DOUBTFUL
    visibility, middle = placed.address.visibility, placed.public_point
    return Standing(_doubt(placed), visibility, middle, is_doubtful, pin, _seen(placed), publishes(by, agency))


async def _seeing(by: Actor, slug: str, now: datetime) -> int | None:
    """The agency of the listing. Raises Denied where its place is none of theirs."""
    agency = await stewards.agency_of(slug)
    demand(by, Action.SETTLE_PLACES, of_agency(agency), now=now)
    return agency


async def _demand(by: Actor | str, slug: str, now: datetime) -> str:
    """The label of who settles it. Raises Denied, also where what they write is looked at first; the command line may do anything."""
    if isinstance(by, str):
        return by
    if not publishes(by, await _seeing(by, slug, now)):
        raise Denied("role")
    return by.label


def _seen(placed: Placed) -> str:
    """The same until anything is done about the place. Nothing of the address or the point is in it: a hash could be guessed."""
    found = placed.geocode
    parts = (found.at, found.status, found.review, found.provider, placed.pinned_by)
    return hashlib.sha256(" ".join(map(str, parts)).encode()).hexdigest()[:16]


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


async def geocode_pin(
    *,
    slug: str,
    point: Point,
    by: Actor | str,
    clock: Clock,
    settings: Settings,
    seen: str | None = None,
    is_far: bool = False,
) -> None:
    """Says where a listing is: nothing overwrites that until it is taken back, no import and no geocoder.

    Visitors see the pin only of an address that is public. Raises Denied, NotFound, BadQuery for coordinates that can be no place,
    FarPin for one far from its address unless that is meant (`is_far`; the command line means what it says), and errors.Settled where
    something was done about the place since it was `seen`.
    """
    if not is_point(point.lat, point.lon):
        raise BadQuery([Problem("point", "out-of-range", f"{point.lat},{point.lon}")])
    now = clock()
    label = await _demand(by, slug, now)
    async with db.transaction():
        placed = await _found(slug, seen)
        if isinstance(by, Actor) and not is_far:
            near_check(point, await Placer(settings).area(placed.address))
        hash = address_hash(placed.address)
        pin = Geocode(PIN, Precision.ROOFTOP, point, placed.geocode.query, hash=hash, at=now)
        await _write(placed, pin, label, now, "geocode-pin", pinned_by=label)


async def geocode_accept(*, slug: str, by: Actor | str, clock: Clock, seen: str | None = None) -> None:
    """Says that a doubtful place is right as it is, with what is not known of it: it leaves the list, and nothing moves it until that
    is taken back or its address changes.

    Raises Denied, NotFound, and errors.Settled where nothing is doubted (any more).
    """
    now = clock()
    label = await _demand(by, slug, now)
    async with db.transaction():
        placed = await _found(slug, seen)
        if placed.geocode.status not in geocode_review.DOUBTFUL:
            raise errors.Settled(slug=slug)
        hash = address_hash(placed.address)
        right = replace(placed.geocode, status=GeocodeStatus.OK, review=None, error=None, hash=hash, at=now)
        await _write(placed, right, label, now, "geocode-accept", pinned_by=label)


async def geocode_unpin(
    *, slug: str, by: Actor | str, clock: Clock, settings: Settings, seen: str | None = None
) -> None:
    """Takes a pin back, or that a place is right: it is where its source says, else where the gazetteer puts it, and waits for a
    geocoder again.

    Raises Denied, NotFound, also where there is no pin, and errors.Settled as for a pin.
    """
    now = clock()
    label = await _demand(by, slug, now)
    async with db.transaction():
        placed = await _found(slug, seen)
        if not placed.pinned_by:
            raise NotFound(slug=slug)
        draft = draft_of(placed, point=await _said_point(placed.listing_id))
        (fresh,) = await Placer(settings).place([(draft, "", None)])
        await _write(placed, replace(fresh.geocode, at=now), label, now, "geocode-unpin", pinned_by=None)


async def _found(slug: str, seen: str | None = None) -> Placed:
    """The place as it is now, or as it was `seen`."""
    placed = await geocodes.by_slug(slug)
    if placed is None:
        raise NotFound(slug=slug)
    if seen is not None and seen != _seen(placed):
        raise errors.Settled(slug=slug)
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
    """Writes what has become of a place, and who did it. Needs a transaction."""
    is_public = placed.address.visibility == Visibility.FULL
    settled = Settled(placed, geocode, zone_after(placed, geocode) if is_public else placed.timezone)
    details: dict[str, object] = {"visibility": placed.address.visibility.value, "status": geocode.status.value}
    if is_public:  # the trail is read by more people than may know where a hidden place is
        details |= {"before": _degrees(placed.geocode.point), "after": _degrees(geocode.point)}
    await geocodes.pin(settled, now, pinned_by)
    await records.audit(at=now, by=by, action=action, subject=f"listing {placed.slug}", details=details)


def _degrees(point: Point | None) -> str | None:
    return f"{point.lat:.6f},{point.lon:.6f}" if point else None
