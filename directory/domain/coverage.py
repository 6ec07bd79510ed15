"""The areas that a service is there for as a whole, wherever its office is: the country, a state, a county."""

from __future__ import annotations

import re

from directory.domain.places import DEMO_STATE, place_key, state_code

NATIONWIDE = "nationwide"
COUNTRY = "us"


def areas_of(coverage: str | None) -> tuple[str, ...]:
    """The keys of the areas that a text names; none for words that name no area, which are shown and not searched.

    Areas stand one after the other with semicolons between: "nationwide", "Vermont" or "VT", "Delaware County, PA".
    """
    found = (_area(part.strip()) for part in (coverage or "").split(";"))
    return tuple(dict.fromkeys(area for area in found if area))


def areas_around(state: str, county: str | None) -> tuple[str, ...]:
    """The keys of the areas in which a place of this state and county lies."""
    code = _state(state)
    areas = [COUNTRY, *([code] if code else []), *([f"{code}/{place_key(county)}"] if code and county else [])]
    return tuple(areas)


def _area(text: str) -> str:
    if text.casefold() == NATIONWIDE:
        return COUNTRY
    if code := _state(text):
        return code
    found = re.fullmatch(r"(.+?),\s*([^,]+)", text)
    code = _state(found[2]) if found else ""
    return f"{code}/{place_key(found[1])}" if found and code else ""


def _state(text: str) -> str:
    code = DEMO_STATE if text.strip().upper() == DEMO_STATE else state_code(text)
    return code.lower()
