"""Coordinates and time zones as files write them, and nothing for what is none or stands for "not known"."""

from __future__ import annotations

from math import isfinite
from zoneinfo import ZoneInfo

from directory.domain.geo import Point, is_point


def degrees(text: str) -> float | None:
    """A number of degrees, None for what is none."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if isfinite(number) else None


def read_point(lat: str, lon: str) -> Point | None:
    """The point of two cells in degrees (WGS 84). 0, 0 is what a program writes that found nothing, and no point."""
    north, east = degrees(lat), degrees(lon)
    if north is None or east is None or not is_point(north, east):
        return None
    return Point(north, east)


def zone_name(text: str) -> str | None:
    """The IANA name of a time zone; None for what is none. Without a slash only UTC is a place's zone: "localtime" is the machine's."""
    try:
        if ("/" in text or text == "UTC") and len(text) <= 64:
            return ZoneInfo(text).key
    except (ValueError, KeyError, OSError):
        pass
    return None
