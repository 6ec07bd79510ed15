"""What the map of a page of results needs and the page does not say anyway: the place searched, rings around it, a tile server.

The marks of the map are the page's own cards: `static/map.js` reads name, distance and point from them, so nothing is sent twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from directory.domain.results import SearchResult
from directory.i18n import gettext, language
from directory.settings import Settings
from directory.web.presenters import map_point
from directory.web.presenters_question import miles_words
from directory.web.wording import whole_words

_ = gettext

RINGS = (0.5, 1, 2, 5, 10, 25, 50, 100, 250, 500)
"""Miles at which a ring may be drawn; which of them fit, the script decides from what it shows."""
CENTRE_DIGITS = 3
"""Decimals of a degree of the place searched: about 100 yards, as `near-me.js` rounds too."""


@dataclass(frozen=True, slots=True)
class Ring:
    """A circle around the place searched, and what stands beside it."""

    miles: float
    label: str


@dataclass(frozen=True, slots=True)
class MapView:
    """The place searched in degrees and in words, the rings up to the radius searched, and the tile server ("" for none).

    `ring_words` are the rings as the script reads them: "5=5 miles|10=10 miles".
    """

    lat: float
    lon: float
    place: str
    ring_words: str
    tile_url: str
    tile_credit: str


def map_view(result: SearchResult, settings: Settings) -> MapView | None:
    """What the map needs; None where there is no place to draw it around, or nothing with a point to draw on it."""
    if result.place is None or result.query.online_only or not any(map(map_point, result.cards)):
        return None
    point = result.place.point
    return MapView(
        lat=round(point.lat, CENTRE_DIGITS),
        lon=round(point.lon, CENTRE_DIGITS),
        place=whole_words(result.place.label) if result.place.label else _("your location"),
        ring_words=_ring_words(language(), result.query.within),
        tile_url=settings.tile_url,
        tile_credit=settings.tile_attribution,
    )


def rings(within: float) -> tuple[Ring, ...]:
    """The usual rings inside the radius searched, and that radius itself."""
    return tuple(Ring(miles, miles_words(miles)) for miles in sorted({*(m for m in RINGS if m < within), within}))


@lru_cache(maxsize=256)
def _ring_words(_language: str, within: float) -> str:
    return "|".join(f"{ring.miles:g}={ring.label}" for ring in rings(within))
