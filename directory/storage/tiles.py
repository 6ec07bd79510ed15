"""What decides of the listings of a square degree, kept in arrays: a question around a place that others asked about before needs no statement.

A tile is what the database says at one version of the data, and is forgotten with it. It is made only once the data have rested for a while and
somebody asks there for the second time, so that a single question, or one beside an import, costs no more than before. What another process has
written is seen a second later at the most (storage/memory.py). A tile holds a degree of the map and nobody's question.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain
from math import floor
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from directory.domain.geo import BANDS_PER_DEGREE, Box, Point, box
from directory.storage import db
from directory.storage.cards import Times, timetables_of
from directory.storage.memory import memory
from directory.storage.search_sql import VERSION, accepting_since, told_since
from directory.storage.tallies import MEETING

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Number = TypeVar("Number", np.int64, np.float64)
Key = tuple[int, int]
"""The degree of latitude and of longitude south and west of which a tile lies, rounded down."""

RESTED = 5.0
"""Seconds for which the data have been the same before anything is kept: an import changes them every second."""
MOST_LISTINGS = 300_000
"""Listings in the tiles that are kept: some forty megabytes. What comes after them is left to the database until the data change: to let
others go for it would be to make tiles again and again where visitors ask from all over."""
MOST_TABLES = 20_000
"""Timetables that are kept beside the tiles: one listing in some twenty has times that need dates."""
MOST_AT_ONCE = 20
"""Tiles of one question: as many as a circle of a hundred miles touches in most of the country."""
MOST_MADE = 24
"""Tiles that may be in the making; whoever needs more, or one of these, asks the database."""
EMPTY = 20
"""Listings for which a tile counts beside those that are in it: it takes some three kilobytes even where it is empty."""

TIME = f"(CASE s.sort WHEN 'meeting' THEN 1 ELSE 0 END) * {1 << 28} + s.minutes * {1 << 14} + s.starts"
"""SQL: a weekly time as one number: whether it is a meeting, for how many minutes, from which minute of the week."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Links:
    """For each row of a tile any number of values: those of row n stand from `first[n]` to before `first[n + 1]`."""

    first: NDArray[np.int32]
    values: NDArray[np.int32]

    @classmethod
    def of_pairs(cls, rows: Ints, values: Ints, count: int) -> Links:
        """From pairs of a row and a value, for so many rows."""
        order = np.argsort(rows, kind="stable")
        first = np.searchsorted(rows[order], np.arange(count + 1))
        return cls(first.astype(np.int32), values[order].astype(np.int32))

    def at(self, rows: Ints) -> tuple[Ints, Ints]:
        """The values of these rows, each with the place in `rows` of the one that it is of."""
        first = self.first[rows].astype(np.int64)
        counts = self.first[rows + 1] - first
        after = counts.cumsum()
        places = np.arange(int(after[-1]) if len(after) else 0) + (first - after + counts).repeat(counts)
        return np.arange(len(rows)).repeat(counts), self.values[places].astype(np.int64)


@dataclass(frozen=True, slots=True)
class Names:
    """The name keys of the rows, as one text in bytes: 250,000 of them as texts of their own would take twenty megabytes."""

    ends: NDArray[np.int32]
    text: bytes

    @classmethod
    def of(cls, names: Sequence[str]) -> Names:
        """These, one after the other."""
        encoded = [name.encode() for name in names]
        return cls(np.cumsum([0, *map(len, encoded)]).astype(np.int32), b"".join(encoded))

    def __getitem__(self, row: int) -> str:
        return self.text[self.ends[row] : self.ends[row + 1]].decode()


@dataclass(frozen=True, slots=True)
class Latest:
    """For the few rows of which it is known when something was reported last: when, in microseconds (see `micros`)."""

    rows: Ints
    at: Ints

    def after(self, moment: int) -> Ints:
        """The rows of which something was reported after a moment."""
        return self.rows[self.at > moment]


@dataclass(frozen=True, slots=True)
class Tile:
    """The listings of one degree by their ids: a row each. `opening` is when an opening was reported that counts as long as it is young, `told` the same of
    any number. `points` are three rows: x, y and z. `times` are packed as in `TIME`; `languages` are numbers of `Tiles.tags`, `codes` ids of meeting types.
    """

    ids: Ints
    masks: Ints
    kinds: NDArray[np.int16]
    programs: NDArray[np.int16]
    zones: NDArray[np.int16]
    points: Floats
    names: Names
    opening: Latest
    told: Latest
    times: Links
    languages: Links
    codes: Links


class Tiles:
    """The tiles of one database at one version of its data, with `listings` in all. `tags` are the languages met so far, each with its number."""

    def __init__(self) -> None:
        self.tags: dict[str, int] = {}
        self.version = -1
        self._since = 0.0
        self._asked: set[Key] = set()
        self._tiles: dict[Key, Tile] = {}
        self.listings = 0
        self._making: set[Key] = set()
        self._tables: dict[int, Times] = {}

    async def around(self, point: Point, miles: float) -> list[Tile] | None:
        """The tiles that hold all within so many miles of a point; None where the database is to be asked."""
        version = await memory().version()
        if version != self.version:
            self._forget(version)
        keys = list(_keys(box(point, miles)))
        if len(keys) > MOST_AT_ONCE:
            return None
        missing = [key for key in keys if key not in self._tiles]
        if missing and not await self._made(missing):
            return None
        found = [self._tiles[key] for key in keys if key in self._tiles]
        # Fewer: the data have changed while some were made, and those of before are gone.
        return [tile for tile in found if len(tile.ids)] if len(found) == len(keys) else None

    def _forget(self, version: int) -> None:
        self.version, self._since = version, time.monotonic()
        self._asked.clear()
        self._tiles.clear()
        self._tables.clear()
        self.listings = 0

    async def timetables(self, ids: Sequence[int]) -> dict[int, Times]:
        """The timetables of these listings of tiles, whose times need dates: read once for as long as the tiles are true."""
        version = self.version
        # Held here, since all may be forgotten while this one waits.
        found = {id: self._tables[id] for id in ids if id in self._tables}
        read = await timetables_of([id for id in ids if id not in found])
        if version == self.version and len(self._tables) + len(read) <= MOST_TABLES:
            self._tables |= read
        return found | read

    async def _made(self, missing: Sequence[Key]) -> bool:
        """Makes these tiles, where that is worth it; whether all are there now."""
        has_rested = time.monotonic() - self._since >= RESTED
        is_second = self._asked.issuperset(missing)
        self._asked.update(missing)
        is_made = len(self._making) + len(missing) > MOST_MADE or not self._making.isdisjoint(missing)
        if is_made or self.listings > MOST_LISTINGS or not (has_rested and is_second):
            return False
        self._making.update(missing)
        try:
            made = {key: await self._read(key) for key in missing}
        finally:
            self._making.difference_update(missing)
        if any(version != self.version for version, _ in made.values()):
            memory().doubt()
            return False
        self._tiles |= {key: tile for key, (_, tile) in made.items()}
        self.listings += sum(len(tile.ids) + EMPTY for _, tile in made.values())
        return True

    # --- one tile ---

    async def _read(self, key: Key) -> tuple[int, Tile]:
        """A tile as it is now, and of which version of the data."""
        spoken = "JOIN listing_language v ON v.listing_id = r.id"
        typed = f"JOIN listing_code v ON v.listing_id = r.id AND r.kind = {MEETING}"
        async with db.snapshot():
            ((version,),) = await db.tuples(f"SELECT {VERSION}")
            # Each is packed before the next is read: rows as Python holds them take ten times as much room.
            plain = await _rows(key, "r.id, r.mask, r.kind, r.program, r.zone", order="r.id")
            ids, mask, kinds, programs, zones = zip(*plain, strict=True) if plain else [()] * 5
            at = np.array(ids, np.int64)
            tile = Tile(
                ids=at,
                masks=np.array(mask, np.int64),
                kinds=np.array(kinds, np.int16),
                programs=np.array(programs, np.int16),
                zones=np.array(zones, np.int16),
                points=_table(await _rows(key, "r.x, r.y, r.z", order="r.id"), np.float64, 3).T.copy(),
                names=Names.of([name for (name,) in await _rows(key, "r.name_key", order="r.id")]),
                opening=await _latest(key, at, accepting_since()),
                told=await _latest(key, at, told_since()),
                times=_links(at, await _rows(key, f"r.id, {TIME}", "JOIN schedule s ON s.listing_id = r.id")),
                languages=_links(
                    at, [(id, self._tag(tag)) for id, tag in await _rows(key, "r.id, v.language", spoken)]
                ),
                codes=_links(at, await _rows(key, "r.id, v.code_id", typed)),
            )
        return int(version), tile

    def _tag(self, language: str) -> int:
        return self.tags.setdefault(language, len(self.tags))


_ALL: WeakKeyDictionary[object, Tiles] = WeakKeyDictionary()


def tiles() -> Tiles:
    """Those of the open database. Not to be asked within a transaction, of whose own writes they know nothing."""
    connection = db.connection()
    found = _ALL.get(connection)
    if found is None:
        found = _ALL[connection] = Tiles()
    return found


def micros(moment: datetime) -> int:
    """An aware moment in microseconds since 1970, as exactly as the database compares it."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def parts_of(times: Ints) -> tuple[Ints, Ints, Bools]:
    """From which minute of the week, for how many minutes, and whether they are meetings: see `TIME`."""
    return times & 0x3FFF, times >> 14 & 0x3FFF, times >> 28 != 0


def _keys(around: Box) -> Iterator[Key]:
    for north in dict.fromkeys(each // BANDS_PER_DEGREE for each in around.bands):
        for west, east in around.longitudes:
            yield from ((north, degree) for degree in range(floor(west), floor(east) + 1))


async def _rows(key: Key, columns: str, join: str = "", *, order: str = "", group: str = "") -> Sequence[Iterable[Any]]:
    """What stands in the rows of a tile, and of what is joined to them."""
    sql, (north, west) = db.Sql(), key
    bands = sql.list(range(north * BANDS_PER_DEGREE, (north + 1) * BANDS_PER_DEGREE))
    where = f"r.latband IN ({bands}) AND r.lon >= {sql(float(west))} AND r.lon < {sql(float(west + 1))}"
    ending = f" ORDER BY {order}" if order else f" GROUP BY {group}" if group else ""
    return await db.tuples(f"SELECT {columns} FROM search_row r {join} WHERE {where}{ending}", sql.values)


async def _latest(key: Key, ids: Ints, which: str) -> Latest:
    reports = f"JOIN capacity_report c ON c.listing_id = r.id AND {which}"
    found = await _rows(key, "r.id, MAX(c.as_of)", reports, group="r.id")
    pairs = _table([(id, micros(db.as_moment(at))) for id, at in found], np.int64, 2)
    return Latest(np.searchsorted(ids, pairs[:, 0]), pairs[:, 1])


def _links(ids: Ints, found: Sequence[Iterable[int]]) -> Links:
    pairs = _table(found, np.int64, 2)
    return Links.of_pairs(np.searchsorted(ids, pairs[:, 0]), pairs[:, 1], len(ids))


def _table(rows: Sequence[Iterable[Any]], sort: type[Number], columns: int) -> NDArray[Number]:
    """Rows of numbers as an array."""
    return np.fromiter(chain.from_iterable(rows), sort, columns * len(rows)).reshape(-1, columns)
