"""Listings as GeoJSON (RFC 7946) for maps: a point each, or no geometry where the public is shown none.

Ways to join online are left out: a map is of places.
"""

from __future__ import annotations

from urllib.parse import quote

from directory.domain.exports import Published, window_text
from directory.formats.csv_out import phone_text
from directory.formats.json_out import JsonList

DIGITS = 6
"""Decimals of a degree, about four inches: what RFC 7946 (11.2) finds enough."""


class GeoJsonOut:
    """Writes listings as features. `base_url` is the site's own address."""

    def __init__(self, base_url: str) -> None:
        self._base = f"{base_url.rstrip('/')}/listings"
        self._list = JsonList('{"type":"FeatureCollection","features":[', "]}")
        self.left_out: dict[str, int] = {}

    def start(self) -> bytes:
        """The head of the collection."""
        return self._list.start()

    def add(self, listing: Published) -> bytes:
        """One feature; its id is the slug."""
        card = listing.detail.card
        point = None
        if card.point:
            point = {"type": "Point", "coordinates": [round(card.point.lon, DIGITS), round(card.point.lat, DIGITS)]}
        feature = {"type": "Feature", "id": card.slug, "geometry": point, "properties": self._properties(listing)}
        return self._list.add(feature)

    def end(self) -> bytes:
        """The end of the collection."""
        return self._list.end()

    def _properties(self, listing: Published) -> dict[str, object]:
        """What is not known is null; a list that is known to be empty is empty."""
        detail, card = listing.detail, listing.detail.card
        lists = ("care", "pay", "people", "medication", "access", "languages")
        facets = {name: list(values) if (values := getattr(card, name)) is not None else None for name in lists}
        return {
            "name": card.name,
            "kind": card.kind,
            "organization": card.organization,
            "program": card.program,
            "attendance": card.attendance,
            **listing.address,
            "approximate": card.approximate,
            "timezone": card.timezone,
            "times": [window_text(window) for window in listing.windows],
            "hours_text": card.hours_text,
            "phones": [phone_text(phone) for phone in card.phones],
            "websites": [link.url for link in detail.urls],
            **facets,
            "codes": list(listing.codes),
            "verified_on": card.verified_on.isoformat() if card.verified_on else None,
            "source": detail.source_title or card.source_name,
            "source_licence": detail.source_licence,
            "url": f"{self._base}/{quote(card.slug)}",
        }
