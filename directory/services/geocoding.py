"""Where is it: places what visitors type and what sources list, offline, and says how exactly.

An import never waits for a geocoder: what only a service could place better is left in its queue (geocode_queue.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from directory.domain.addresses import LOCALITY, POSTCODE, address_hash, questions
from directory.domain.coverage import areas_around
from directory.domain.errors import PlaceNotFound
from directory.domain.geo import GeocodeStatus, Point, Precision, Review
from directory.domain.geocodes import Bounds, is_surely_there, misplaced
from directory.domain.listings import Address, Geocode, ListingDraft, PlacedListing, Visibility
from directory.domain.places import PlaceRow, query_of
from directory.domain.results import FoundPlace
from directory.gateways.geocoders import Gazetteer
from directory.gateways.zones import zone_at
from directory.settings import Settings
from directory.storage.locations import GAZETTEER, SOURCE
from directory.storage.places import Places

MOST_REMEMBERED = 10_000
"""Places that an import keeps in mind: some five megabytes, whatever the length of its file."""


async def place_find(*, text: str, settings: Settings) -> FoundPlace:
    """The place that a visitor names. Raises PlaceNotFound with the nearest spellings; never guesses."""
    row = await _row_of(text)
    areas = areas_around(row.state, row.county)
    return FoundPlace(row.point, row.label, precision_of(row), row.timezone or settings.timezone, areas)


async def area_name(*, text: str) -> str:
    """The ZIP code, or the town with its state, that somebody names, and nothing else of what was typed. Raises PlaceNotFound."""
    row = await _row_of(text)
    return row.key if row.kind == "postcode" else row.label


async def _row_of(text: str) -> PlaceRow:
    gazetteer = Gazetteer(Places())
    found = await gazetteer.find(text)
    if len(found) != 1:
        raise PlaceNotFound(text, await gazetteer.suggest(text))
    return found[0]


async def point_place(*, point: Point, settings: Settings) -> FoundPlace:
    """The place of coordinates: it lies where the nearest ZIP code lies."""
    row = await Places().nearest(point)
    areas = areas_around(row.state, row.county) if row else areas_around("", None)
    return FoundPlace(point, None, None, zone_at(point.lat, point.lon) or settings.timezone, areas)


def precision_of(row: PlaceRow) -> Precision:
    """How exactly a place of the gazetteer is known."""
    return Precision.POSTCODE if row.kind == "postcode" else Precision.LOCALITY


class _Remembered:
    """The gazetteer for an import: what is asked again and again is read once."""

    def __init__(self) -> None:
        self._places = Places()
        self._postcodes: dict[str, PlaceRow | None] = {}
        self._localities: dict[tuple[str, str | None], list[PlaceRow]] = {}

    async def expect(self, codes: Sequence[str], towns: Sequence[tuple[str, str]] = ()) -> None:
        """Reads many ZIP codes in one go, and many towns by (key, state)."""
        if len(self._postcodes) + len(self._localities) > MOST_REMEMBERED:
            self._postcodes.clear()
            self._localities.clear()
        new = [code for code in codes if code not in self._postcodes]
        found = await self._places.postcodes(new)
        self._postcodes |= {code: found.get(code) for code in new}
        missing = [town for town in towns if town not in self._localities]
        rows = await self._places.towns(key for key, _ in missing)
        self._localities |= {town: rows.get(town, []) for town in missing}

    async def postcode(self, code: str) -> PlaceRow | None:
        await self.expect([code])
        return self._postcodes[code]

    async def localities(self, key: str, state: str | None) -> list[PlaceRow]:
        if (key, state) not in self._localities:
            self._localities[key, state] = await self._places.localities(key, state)
        return self._localities[key, state]

    async def names(self, state: str | None, prefix: str) -> list[PlaceRow]:
        return await self._places.names(state, prefix)


class Placer:
    """Places listings, batch by batch, for one import."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._places = _Remembered()
        self._gazetteer = Gazetteer(self._places)
        self._bounds = bounds_of(settings)
        self._may_ask = any(entry.is_remote for entry in settings.geocoders)

    async def place(self, items: Sequence[tuple[ListingDraft, str, dict[str, object] | None]]) -> list[PlacedListing]:
        """(draft, content hash, source record) with points, zones and what the public may know of them."""
        asked = [query_of(draft.address) for draft, _, _ in items]
        towns = [(query.city_key, query.state) for query in asked if query.city_key and query.state]
        await self._places.expect([query.postal_code for query in asked if query.postal_code], towns)
        return [await self._place(*item) for item in items]

    async def _place(self, draft: ListingDraft, content_hash: str, record: dict[str, object] | None) -> PlacedListing:
        address = draft.address
        area = await self.area(address)
        geocode = await self._geocode(draft, area)
        public, precision = geocode.point, geocode.precision
        if address.visibility != Visibility.FULL:
            # The true point is not even rounded: nothing that the public can ask may depend on it.
            public, precision = (area.point, precision_of(area)) if area else (None, None)
        return PlacedListing(
            draft=draft,
            geocode=geocode,
            public_point=public,
            approximate=precision is not None and precision.is_approximate,
            timezone=self._zone(address, public, area),
            content_hash=content_hash,
            record=record,
        )

    async def area(self, address: Address) -> PlaceRow | None:
        """The one place that the address lies in; None when its parts do not agree or say too little."""
        found = await self._gazetteer.find(query_of(address))
        return found[0] if len(found) == 1 else None

    def _zone(self, address: Address, point: Point | None, area: PlaceRow | None) -> str:
        # A town beside the point may keep another time: what the gazetteer says of the area serves where there is no better.
        known = area.timezone if area and (address.point is None or address.visibility != Visibility.FULL) else None
        if address.timezone:
            return address.timezone
        found = zone_at(point.lat, point.lon, fallback=known) if point else known
        return found or self._settings.timezone

    async def _geocode(self, draft: ListingDraft, area: PlaceRow | None) -> Geocode:
        """The best point that can be had without asking anybody, and what is still to be done about it."""
        address = draft.address
        found = _offline(address, area)
        if not _is_placed(draft):
            return replace(found, status=GeocodeStatus.NOT_APPLICABLE)
        if address.point:
            review = await self.misplaced(address.point, address, area)
            return replace(found, status=GeocodeStatus.NEEDS_REVIEW, review=review) if review else found
        if questions(address):
            if self._may_ask:
                return replace(found, status=GeocodeStatus.PENDING)
        else:
            found = replace(found, attempt=POSTCODE if area and area.kind == "postcode" else LOCALITY)
        return found if area else replace(found, status=GeocodeStatus.NEEDS_REVIEW, review=Review.NO_PLACE)

    async def misplaced(
        self, point: Point, address: Address, area: PlaceRow | None, *, is_vouched: bool = True
    ) -> Review | None:
        """Whether a point cannot be where its address says, as far as the gazetteer and the operator's bounds can tell.

        `is_vouched` as for `domain.geocodes.misplaced`.
        """
        if self._bounds and not self._bounds.hold(point):
            return Review.OUTSIDE
        query = query_of(address)
        if query.region or is_surely_there(point, query.state, area):
            return None
        return misplaced(point, query.state, area, await Places().nearest(point), is_vouched=is_vouched)


def bounds_of(settings: Settings) -> Bounds | None:
    """Where all listings lie, if the operator has said."""
    return Bounds(*settings.geocode_bounds) if settings.geocode_bounds else None


def _is_placed(draft: ListingDraft) -> bool:
    """Whether it stands on a map by its address: not what is online only, whose address is not public, or that has none."""
    address = draft.address
    says_where = address.point or address.street or address.city or address.postal_code
    return bool(says_where) and address.visibility == Visibility.FULL and draft.attendance != "online"


def _offline(address: Address, area: PlaceRow | None) -> Geocode:
    query = ", ".join(part for part in (address.street, address.city, address.state, address.postal_code) if part)
    hash = address_hash(address)
    if address.point:
        return Geocode(SOURCE, _source_precision(address), address.point, query, hash=hash)
    if area:
        return Geocode(GAZETTEER, precision_of(area), area.point, query, area.label, hash=hash)
    return Geocode(GAZETTEER, None, None, query, hash=hash)


def _source_precision(address: Address) -> Precision:
    """A source's point is worth no more than its address: without a street it is the middle of something larger."""
    if address.street and not address.approximate:
        return Precision.STREET
    return Precision.POSTCODE if address.postal_code and not address.approximate else Precision.LOCALITY
