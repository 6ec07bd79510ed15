"""What the search page asks: one page of answers and the counts by facet, in one statement that goes through the area once.

It gives what `search.find` and `facets.count` give one after the other, of one moment.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from directory.domain.schedule import Timetable
from directory.storage import db, masks, near, search
from directory.storage.facets import DATED, FIRST, SILENT, Counting, Row
from directory.storage.search import Found, Match, completed, first_of, minutes_of, needs_dates, sort_key, zones_of
from directory.storage.search_sql import Wanted, all_of
from directory.storage.tallies import Counted
from directory.storage.tiles import Tile, tiles


async def find(wanted: Wanted) -> tuple[Found, Counted]:
    """One page of what is wanted, and what each value of each facet would find: out of arrays where there are any."""
    zone_names = await zones_of(wanted)
    around = await _around(wanted)
    if around is None:
        return await find_by_statement(wanted, zone_names)
    return await near.find(wanted, zone_names, tiles(), around)


async def find_only(wanted: Wanted, circles: Sequence[float] = ()) -> Found:
    """What `search.find` gives: out of arrays where there are any."""
    # Before the tiles: while anything is waited for, they may become those of another version.
    zone_names = await zones_of(wanted)
    around = await _around(wanted)
    if around is None:
        return await search.find(wanted, circles)
    return await near.find_only(wanted, zone_names, tiles(), around, circles)


async def _around(wanted: Wanted) -> Sequence[Tile] | None:
    """The tiles that answer a question; None where the database is to be asked."""
    if (
        wanted.point is None or not near.answers(wanted) or db.is_in_transaction()
    ):  # which sees what it has written itself
        return None
    return await tiles().around(wanted.point, wanted.within)


async def find_by_statement(wanted: Wanted, zone_names: Mapping[int, str]) -> tuple[Found, Counted]:
    """The same out of the database."""
    page = _Page(wanted, zone_names)
    counted = await page.counted()
    return await page.found(), counted


class _Page(Counting):
    """A count that also sorts what misses no condition, and tells who might match but does not say.

    Who says nothing of a facet misses its condition, so of those that miss one alone the `silent` are counted as unknown.
    """

    def __init__(self, wanted: Wanted, zone_names: Mapping[int, str]) -> None:
        super().__init__(wanted, zone_names)
        self._zone_names = zone_names
        self._has_dated = needs_dates(wanted)
        self._hours = 0
        self._first: list[Match] = []
        self._late: list[Match] = []
        self._is_by_distance = wanted.order == "distance"

    # --- the statement ---

    def _parts(self) -> Iterator[str]:
        yield from super()._parts()
        name, names = self._name("t")
        first = first_of("misses = 0 AND dated = 0 AND hours = 0", self.wanted)
        yield f"SELECT {FIRST}, t.id, 0, {name}, 0, t.k FROM {first} t{names}"
        if self._times:
            yield f"SELECT {SILENT}, 0, 0, '', COUNT(*), 0 FROM m WHERE m.hours = 1"

    def _dated_rows(self) -> str:
        name, names = self._name("m")
        return f"SELECT {DATED}, m.id, m.traits, {name}, m.misses, m.k FROM m{names} WHERE m.dated = 1 AND m.hours = 0"

    def _name(self, table: str) -> tuple[str, str]:
        """The column of the name, and what is joined for it: the indexes of places do not hold it."""
        if not self._is_by_distance:
            return f"{table}.name_key", ""
        return "n.name_key", f" JOIN search_row n ON n.id = {table}.id"

    def _untold(self) -> str:
        unknown = " OR ".join(self._statement.unknown(facet) for facet in self._facets)
        return f"CASE WHEN {unknown} THEN 1 ELSE 0 END" if unknown else super()._untold()

    def _more_columns(self) -> str:
        hours = f"CASE WHEN {self._says_no_hours()} THEN 1 ELSE 0 END" if self._times else "0"
        name = "" if self._is_by_distance else ", r.name_key"
        return f"{hours} AS hours, {sort_key(self._statement)} AS k{name}"

    def _may(self) -> list[str]:
        return [*super()._may(), self._says_no_hours()]

    def _says_no_hours(self) -> str:
        """That a listing answers all but what is asked of the time, and nobody knows its hours."""
        return f"({all_of([self._statement.lacks(masks.HOURS_KNOWN), *self._conditions.values()])})"

    # --- the answer ---

    def take(self, row: Row) -> None:
        """Notes one row of the answer."""
        if row.part == FIRST:
            self._first.append(Match(row.k, row.value, row.id))
        elif row.part == SILENT:
            self._hours = row.n
        else:
            super().take(row)

    def _decided(self, row: Row, table: Timetable) -> None:
        super()._decided(row, table)
        if not self._missed(row):
            key = minutes_of(table, self.wanted) if self.wanted.order == "time" else row.k
            self._late.append(Match(key, row.value, row.id))

    async def found(self) -> Found:
        """The page, once all is counted."""
        wanted, asked = self.wanted, self.wanted.time
        first = await completed(self._first, wanted, self._zone_names)
        matches = sorted([*first, *self._late])[wanted.offset : wanted.offset + wanted.limit]
        unknown = {facet: self.untold(facet) for facet in self._facets}
        if asked.is_set:
            unknown["open" if asked.open_now else "time"] = self._hours
        return Found(tuple(matches), len(self._traits[""]), unknown, self.version)
