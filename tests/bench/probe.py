"""What the search is held to: a plain `sqlite3` connection that asks for the same area and does nothing else.

One statement over the best index, its numbers bound; distance and order in Python. It knows nothing of pages, totals, names, of
what is unknown, of other engines, or of times that need dates.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from directory.domain import geo
from directory.domain.geo import Point
from directory.domain.taxonomy import KINDS
from directory.storage import masks

NEAREST = 25
WITHIN = 25.0


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked beside the place. `time` is a condition on a row `s` of the weekly times of a listing `r`; "" for any."""

    kind: str
    facets: tuple[tuple[str, str], ...]
    program: str = ""
    time: str = ""


def connect(path: Path) -> sqlite3.Connection:
    """The file, opened to read, with as much memory for its pages as the directory itself takes."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    connection.execute("PRAGMA cache_size = -32000")
    return connection


class Probe:
    """One question, ready to be asked of one place after the other."""

    def __init__(self, connection: sqlite3.Connection, question: Question) -> None:
        self._connection = connection
        parts = [f"(r.mask & {masks.of_values(facet, [value])}) <> 0" for facet, value in question.facets]
        if question.program:
            parts.append(f"r.program = {masks.program_number(question.program)}")
        if question.time:
            weekly = f"EXISTS (SELECT 1 FROM schedule s WHERE s.listing_id = r.id AND {question.time})"
            parts += [f"(r.mask & {masks.DATED}) = 0", weekly]
        self._has_time = bool(question.time)
        self._start = f"SELECT r.id, r.x, r.y, r.z FROM search_row r WHERE r.kind = {KINDS.index(question.kind)}"
        self._end = " AND ".join(["", *parts])

    def nearest(self, point: Point) -> list[tuple[float, int]]:
        """The nearest within reach: the squared chord and the id of each."""
        return self._within_reach(point)[:NEAREST]

    def _within_reach(self, point: Point) -> list[tuple[float, int]]:
        around = geo.box(point, WITHIN)
        place = f" AND r.latband IN ({','.join('?' * len(around.bands))}) AND r.lon BETWEEN ? AND ?"
        found = self._connection.execute(self._start + place + self._end, (*around.bands, *around.longitudes[0]))
        at, reach = geo.vector(point), geo.chord2(WITHIN)
        x, y, z = at.x, at.y, at.z
        near = [
            (d, id)
            for id, a, b, c in found
            if (d := (a - x) * (a - x) + (b - y) * (b - y) + (c - z) * (c - z)) <= reach
        ]
        near.sort()
        return near

    def agrees(self, point: Point, ids: Sequence[int]) -> bool:
        """Whether these ids are what it finds too. Listings at one distance may stand in any order."""
        matches = {id: d for d, id in self._within_reach(point)}
        checked = [id for id in ids if id not in self._dated(ids)] if self._has_time else list(ids)
        all_there = len(ids) == NEAREST or len(checked) == len(matches)
        return all_there and [matches.get(id) for id in checked] == sorted(matches.values())[: len(checked)]

    def _dated(self, ids: Sequence[int]) -> set[int]:
        text = f"SELECT id FROM search_row WHERE (mask & {masks.DATED}) <> 0 AND id IN ({','.join('?' * len(ids))})"
        return {row[0] for row in self._connection.execute(text, tuple(ids))}
