"""The towns that a map without a tile server shows, as JSON: public data, the same for everyone who looks at the same area."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from directory import labels
from directory.domain.errors import Problem
from directory.services.around import MOST_TOWNS, Bounds, towns_around
from directory.web.responses import PRIVATE, data, problem

EDGES = {"south": (-90.0, 90.0), "north": (-90.0, 90.0), "west": (-180.0, 180.0), "east": (-180.0, 180.0)}
"""The degrees that each side may have."""
DIGITS = 4

Json = dict[str, Any]


async def places(request: Request) -> Response:
    """The largest towns within `south`, `north`, `west` and `east` (a side left out is the world's edge), at most `limit` of 60."""
    bounds, most, problems = asked(request.query_params)
    if problems:
        return refused(problems)
    towns = await towns_around(bounds=bounds, most=most)
    shown = [{"name": town.name, "lat": round(town.lat, DIGITS), "lon": round(town.lon, DIGITS)} for town in towns]
    return data(request, {"places": shown}, cache=PRIVATE)


def asked(params: Mapping[str, str]) -> tuple[Bounds, int, list[Problem]]:
    """The view and the number of towns asked for, and what is wrong with either."""
    problems: list[Problem] = []

    def number(name: str, default: float, least: float, most: float) -> float:
        value = _number(params[name]) if name in params else default
        if least <= value <= most:
            return value
        problems.append(Problem(name, "out-of-range", params.get(name, ""), (f"{least:g}", f"{most:g}")))
        return default

    south, west = number("south", -90.0, *EDGES["south"]), number("west", -180.0, *EDGES["west"])
    north, east = number("north", 90.0, *EDGES["north"]), number("east", 180.0, *EDGES["east"])
    limit = number("limit", MOST_TOWNS, 1, MOST_TOWNS)
    for name, low, high in (("north", south, north), ("east", west, east)):
        if low >= high:
            problems.append(Problem(name, "out-of-range", params.get(name, ""), (f"{low:g}", f"{EDGES[name][1]:g}")))
    return Bounds(south, north, west, east), int(limit), problems


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def refused(problems: list[Problem]) -> Response:
    """A problem document that names every wrong side."""
    said = [labels.problem(each.field, each.code, each.value, each.allowed) for each in problems]
    errors = [
        {"field": each.field, "code": each.code, "given": each.value, "allowed": list(each.allowed), "detail": words}
        for each, words in zip(problems, said, strict=True)
    ]
    return problem(400, "bad-query", " ".join(said), errors=errors)
