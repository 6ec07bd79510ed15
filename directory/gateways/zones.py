"""The time zone of a point, offline, from the boundaries that `tzfpy` carries (OpenStreetMap data, ODbL 1.0)."""

from __future__ import annotations

from functools import lru_cache
from zoneinfo import ZoneInfo

import tzfpy


def zone_at(lat: float, lon: float, *, fallback: str | None = None) -> str | None:
    """The IANA name of the zone in force at this point (degrees, WGS 84), `fallback` where there is none.

    At sea there are only nominal zones ("Etc/GMT+8"): a point there is a point that is slightly off, so the zone of the place
    that it belongs to, where the caller knows it, is the better answer. Every name that is returned can be used with `zoneinfo`.
    """
    found = tzfpy.get_tz(lon, lat) if -90 <= lat <= 90 and -180 <= lon <= 180 else ""
    for name in (found, fallback):
        if name and not name.startswith("Etc/") and is_zone(name):
            return name
    return None


@lru_cache(maxsize=1024)
def is_zone(name: str) -> bool:
    """Whether this machine's time zone data knows the name: the boundaries may be newer than it."""
    try:
        ZoneInfo(name)
    except (ValueError, KeyError, OSError):
        return False
    return True
