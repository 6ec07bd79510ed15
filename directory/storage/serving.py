"""What serves an area from afar, in arrays: the same serves all who ask from a county, each but for what is near them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from directory.domain.geo import Point, chord2, vector
from directory.storage import db
from directory.storage import search as storage
from directory.storage.search import Found, Match
from directory.storage.search_sql import Wanted
from directory.storage.tiles import Floats, Ints, Names

MOST = 300
"""So many are kept; where more serve an area, the database is asked for each place."""


@dataclass(frozen=True, slots=True)
class Serving:
    """The first in order of what serves some areas, of `total` in all: some eighty bytes each. `points` are three rows, x, y and z; not a number
    where a listing has no place.
    """

    keys: Floats
    names: Names
    ids: Ints
    points: Floats
    total: int
    version: int

    @classmethod
    async def of(cls, wanted: Wanted) -> Serving:
        """What the database says now of a question that names areas and no point; its limit does not matter."""
        found = await storage.find(replace(wanted, limit=MOST))
        sql = db.Sql()
        text = f"SELECT id, x, y, z FROM search_row WHERE x IS NOT NULL AND id IN ({sql.ids(found.ids)})"
        points = {id: at for id, *at in await db.tuples(text, sql.values)} if found.ids else {}
        nowhere = [np.nan] * 3
        return cls(
            keys=np.array([match.key for match in found.matches], np.float64),
            names=Names.of([match.name for match in found.matches]),
            ids=np.array(found.ids, np.int64),
            points=np.array([points.get(id, nowhere) for id in found.ids], np.float64).reshape(-1, 3).T.copy(),
            total=found.total,
            version=found.version,
        )

    @property
    def is_whole(self) -> bool:
        """Whether all are here."""
        return self.total == len(self.ids)

    def far_from(self, point: Point, miles: float, limit: int) -> Found:
        """The first of those that do not lie within so many miles of a point, by the very sum with which the database decides."""
        assert self.is_whole
        centre = vector(point)
        x, y, z = self.points[0] - centre.x, self.points[1] - centre.y, self.points[2] - centre.z
        rows = np.flatnonzero(~(x * x + y * y + z * z <= chord2(miles)))
        first = (Match(self.keys[row].item(), self.names[row], int(self.ids[row])) for row in rows[:limit].tolist())
        return Found(tuple(first), len(rows), {}, self.version)
