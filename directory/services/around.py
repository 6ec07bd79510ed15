"""Towns for the background of a map: the largest within its bounds, far enough apart that their names can be read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from directory.domain.places import PlaceRow
from directory.storage.places import Places

MOST_TOWNS = 60
CANDIDATES = 1_000
"""Towns that are looked at, the largest first: enough to find 60 apart wherever people live."""
ROWS, COLUMNS = 24, 12
"""Into how many a view is cut each way: of two towns closer than one such row and column only the first is named."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """A view of a map in degrees: south < north, west < east. One that crosses the antimeridian is cut off there."""

    south: float = -90.0
    north: float = 90.0
    west: float = -180.0
    east: float = 180.0


async def towns_around(*, bounds: Bounds, most: int = MOST_TOWNS) -> tuple[PlaceRow, ...]:
    """At most this many towns, the largest first, one of each name."""
    found = await Places().within(bounds.south, bounds.north, bounds.west, bounds.east, CANDIDATES)
    return spread(found, bounds, most)


def spread(towns: Iterable[PlaceRow], bounds: Bounds, most: int) -> tuple[PlaceRow, ...]:
    """The first of these towns that keep their distance from those before, one of each name."""
    height, width = (bounds.north - bounds.south) / ROWS, (bounds.east - bounds.west) / COLUMNS
    kept: dict[str, PlaceRow] = {}
    for town in towns:
        if len(kept) == most:
            break
        if town.name not in kept and not any(_is_close(town, other, height, width) for other in kept.values()):
            kept[town.name] = town
    return tuple(kept.values())


def _is_close(a: PlaceRow, b: PlaceRow, height: float, width: float) -> bool:
    return abs(a.lat - b.lat) < height and abs(a.lon - b.lon) < width
