"""Counts what each value of each facet would find, in one statement that goes through the area once.

Whoever misses no condition counts in every facet, whoever misses that of one facet alone counts in that one: so each facet leaves
its own selection aside and all others apply. What decides of a listing comes as one number, and the numbers of all as one text.
Rows whose times need dates come one by one and are asked of their timetables.
"""

from __future__ import annotations

import sys
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from directory.domain.schedule import Timetable
from directory.domain.taxonomy import FACETS
from directory.storage import dated, db, masks
from directory.storage.memory import memory
from directory.storage.places import zones
from directory.storage.search import needs_dates
from directory.storage.search_sql import OPENINGS, VERSION, Statement, Wanted, all_of, any_of, key_of
from directory.storage.tallies import KIND_NUMBERS, MEETING, NAMES, PROGRAM_NUMBERS, VALUES, Counted, Tally

ALIKE, DATED, SEEN, FIRST, SILENT, OTHERS, LINKED = range(7)
"""The parts of the one answer; each facet that is counted by links is a part from LINKED on."""
_LINKS = {
    "language": ("v.language", "listing_language v ON v.listing_id = {id}"),
    "type": ("v.code_id", "listing_code v ON v.listing_id = {id}"),
}
"""For a facet of links: its value, and what is joined for it. What is a code of meetings and what not, `meeting_types` says."""
_MASKS = {facet: masks.of_values(facet, values) for facet, values in FACETS.items()} | {
    "attendance": masks.IN_PERSON | masks.ONLINE
}
_BITS = sum(_MASKS.values())

_UNTOLD, _KIND, _PROGRAM = 47, 48, 56
"""Where in the number of a listing stands what is not a bit of its mask: whether it says nothing of what it misses; kind and program,
each in a byte of its own."""
_WIDE = 8
"""Bytes of such a number."""
_BETWEEN = "\n"
"""Stands between the values of a text of many: no number and no language has it."""
SURE = "m.dated = 0 AND m.hours = 0"
"""What needs no look at dates, and says its hours where they are asked for."""


class Row(NamedTuple):
    """One row of the answer of the database: `traits` is the number of one listing, `value` its name or the values of many, `n` how many,
    or what is missed."""

    part: int
    id: int
    traits: int
    value: str
    n: int
    k: float


async def count(wanted: Wanted, only: Sequence[str] = NAMES) -> Counted:
    """For each facet of `only` what its values would find; values that find nothing are left out unless they are chosen. A facet
    that is not among them is a condition like any other.

    The values stand in the order of their vocabulary; of languages and types, which have none, the most frequent come first.
    Types are counted for meetings alone: a treatment program carries dozens of codes, of which the other facets are made.
    """
    if wanted.point or wanted.terms:
        return await _counted(wanted, only)
    # What is asked of the whole directory takes longest, and is the same for everyone in this minute.
    return await memory().once(("facets", key_of(wanted), tuple(only)), lambda: _counted(wanted, only))


async def _counted(wanted: Wanted, only: Sequence[str]) -> Counted:
    return await Counting(wanted, await memory().once("zones", zones) if wanted.time.is_set else {}, only).counted()


class Counting(Tally):
    """One count: its statement, what has been counted so far by facet of links and value, and the numbers of listings by what they miss."""

    def __init__(self, wanted: Wanted, zone_names: Mapping[int, str], only: Sequence[str] = NAMES) -> None:
        super().__init__(wanted, only)
        self._statement = Statement(wanted, zone_names)
        self.sql = self._statement.sql
        self._times = self._statement.times()
        self._has_dated = bool(self._times)
        facets = self._statement.facets()
        self._facets = list(facets)
        asked = self._statement.plain() | facets
        self._conditions = {name: condition for name, condition in asked.items() if name in only}
        self._fixed = [condition for name, condition in asked.items() if name not in only]
        self._kind = ""
        if not needs_dates(wanted) and not wanted.terms:
            # Of other kinds nothing but their number is wanted then: so a fifth of the rows is read in full.
            self._kind = self._conditions.pop("kind", "")
        self._misses = {0: "", **{1 << number: name for number, name in enumerate(self._conditions)}}
        self._dated: dict[int, Row] = {}
        self._traits: dict[str, list[int]] = {name: [] for name in self._misses.values()}
        self._ready: dict[str, _Columns] = {}
        self._other_kinds: Counter[int] = Counter()
        self.version = 0

    async def counted(self) -> Counted:
        """Asks, and counts."""
        for row in await db.tuples(self.text(), self.sql.values):
            self.take(Row._make(row))
        await self.decide()
        return Counted(await self.result(), self.version)

    # --- the statement ---

    def text(self) -> str:
        """The statement. Every part has the columns of a Row."""
        return f"WITH m AS MATERIALIZED ({self._rows()}) {' UNION ALL '.join(self._parts())}"

    def _parts(self) -> Iterator[str]:
        # Hardly two of them are alike: to group them would cost more than it saves.
        numbers = _joined("m.traits")
        for missed in self._misses:
            columns = f"{ALIKE} AS part, 0 AS id, 0 AS traits, {numbers} AS value, {missed} AS n, 0 AS k"
            yield f"SELECT {columns} FROM m WHERE {SURE} AND m.misses = {missed}"
        yield f"SELECT {SEEN}, {VERSION}, 0, '', 0, 0"
        if self._kind:
            where = self._where(f"NOT ({self._kind})", *self._conditions.values())
            yield f"SELECT {OTHERS}, 0, 0, {_joined('r.kind')}, 0, 0 FROM search_row r WHERE {where}"
        if self._has_dated:
            yield self._dated_rows()
        for number, name in enumerate(self.linked, LINKED):
            value, join, which = self._link(name)
            # A listing may have several openings, but is of each language or type once.
            columns = "'', COUNT(DISTINCT m.id)" if name == OPENINGS else f"{_joined(value)}, 0"
            where = f"{SURE} AND {self._counts_in(name)}{which}"
            yield f"SELECT {number}, 0, 0, {columns}, 0 FROM m JOIN {join} WHERE {where}"

    def _dated_rows(self) -> str:
        return f"SELECT {DATED}, m.id, m.traits, '', m.misses, 0 FROM m WHERE m.dated = 1 AND m.hours = 0"

    def _rows(self) -> str:
        """All that are near enough and answer what is asked of the time, or may, and miss one condition at the most."""
        statement = self._statement
        cases = (
            f"CASE WHEN {condition} THEN 0 ELSE {1 << n} END" for n, condition in enumerate(self._conditions.values())
        )
        misses = " + ".join(cases) or "0"
        few = f"({misses}) IN ({','.join(map(str, self._misses))})" if len(self._conditions) > 1 else ""
        may = any_of(self._may()) if self._times else ""
        is_dated = f"CASE WHEN {statement.has(masks.DATED)} THEN 1 ELSE 0 END" if self._has_dated else "0"
        where = all_of([self._where(self._kind), statement.words(), few, may])
        traits = (
            f"(r.mask & {self.sql(_BITS)}) + r.kind * {1 << _KIND} + r.program * {1 << _PROGRAM} + "
            f"({self._untold()}) * {1 << _UNTOLD}"
        )
        return (
            f"SELECT r.id, r.kind, {traits} AS traits, {misses} AS misses, {is_dated} AS dated, "
            f"{self._more_columns()} FROM search_row r WHERE {where}"
        )

    def _where(self, *conditions: str) -> str:
        """The place, these conditions, and those of facets that are not counted."""
        near = self._statement.reach() if self._statement.is_near else ""
        return all_of([self._statement.where(), *conditions, *self._fixed, self._statement.may_be_timely(), near])

    def _may(self) -> list[str]:
        """What may answer what is asked of the time."""
        return [self._times, self._statement.has(masks.OTHER_TIMES)]

    def _untold(self) -> str:
        """1 where a listing says nothing of what it misses: nobody asks that of a mere count."""
        return "0"

    def _more_columns(self) -> str:
        """Whether a listing says nothing of its hours: nobody asks that either."""
        return "0 AS hours"

    def _link(self, name: str) -> tuple[str, str, str]:
        """The value of a facet of links, what is joined for it, and which rows count."""
        if name == OPENINGS:
            return "1", "capacity_report c ON c.listing_id = m.id", f" AND {self._statement.opening()}"
        value, join = _LINKS[name]
        return value, join.format(id="m.id"), f" AND m.kind = {MEETING}" if name == "type" else ""

    def _counts_in(self, name: str) -> str:
        return f"m.misses IN ({','.join(str(bit) for bit, missed in self._misses.items() if missed in ('', name))})"

    # --- the answer ---

    def take(self, row: Row) -> None:
        """Notes one row of the answer."""
        if row.part == ALIKE:
            self._traits[self._misses[row.n]] = list(map(int, _split(row.value)))
        elif row.part == DATED:
            self._dated[row.id] = row
        elif row.part == SEEN:
            self.version = row.id
        elif row.part == OTHERS:
            self._other_kinds.update(map(int, _split(row.value)))
        elif row.n:
            self.links[OPENINGS]["1"] = row.n
        else:
            self.links[self.linked[row.part - LINKED]].update(_split(row.value))

    def _missed(self, row: Row) -> str:
        """The facet that one listing misses, "" for none."""
        return self._misses[row.n]

    def _decided(self, row: Row, table: Timetable) -> None:
        """Notes one of these."""
        self._traits[self._missed(row)].append(row.traits)

    async def decide(self) -> None:
        """Counts those whose times need dates and that answer what is asked of the time."""
        tables = await dated.matching(list(self._dated), self.wanted)
        matching = [self._dated[id] for id in tables]
        for row in matching:
            self._decided(row, tables[row.id])
        for name in self.linked:
            ids = [row.id for row in matching if self._missed(row) in ("", name)]
            if ids:
                await self._decide(
                    name, [id for id in ids if name != "type" or _kind(self._dated[id].traits) == MEETING]
                )

    async def _decide(self, name: str, ids: Sequence[int]) -> None:
        statement = Statement(replace(self.wanted, point=None), {})
        sql = statement.sql
        if name == OPENINGS:
            text = f"SELECT '1' AS value FROM ({statement.openings()}) o WHERE o.listing_id IN ({sql.ids(ids)})"
        else:
            value, join = _LINKS[name]
            text = (
                f"SELECT CAST({value} AS TEXT) AS value FROM search_row r JOIN {join.format(id='r.id')} "
                f"WHERE r.id IN ({sql.ids(ids)})"
            )
        self.links[name].update(row["value"] for row in await db.rows(text, sql.values))

    def in_order(self, name: str) -> Iterator[tuple[str, int]]:
        """See `Tally`."""
        columns = [self._columns(missed) for missed in (["", name] if name in self._traits else [""])]
        if name in _MASKS:
            yield from ((value, sum(column.having(bits) for column in columns)) for value, bits in VALUES[name])
            return
        numbers, place = (KIND_NUMBERS, _KIND) if name == "kind" else (PROGRAM_NUMBERS, _PROGRAM)
        found = self._other_kinds.copy() if name == "kind" else Counter()
        for column in columns:
            found.update(column.bytes_at(place))
        yield from ((value, found[number]) for value, number in numbers.items())

    def untold(self, facet: str) -> int:
        """How many answer all but this facet, of which they say nothing."""
        return self._columns(facet).having(1 << _UNTOLD)

    def _columns(self, missed: str) -> _Columns:
        """The numbers of those that miss this facet, "" for none, ready to be counted: made once for all facets."""
        if missed not in self._ready:
            self._ready[missed] = _Columns(self._traits[missed])
        return self._ready[missed]


def _joined(value: str) -> str:
    """All values of a column as one text, which `_split` takes apart."""
    join = "group_concat" if db.is_sqlite() else "string_agg"
    return f"{join}(CAST({value} AS TEXT), '{_BETWEEN}')"


def _split(text: str | None) -> list[str]:
    return text.split(_BETWEEN) if text else []


def _kind(traits: int) -> int:
    return traits >> _KIND & 255


class _Columns:
    """Numbers beside each other as one long number: so a bit of all of them is counted at once, and not one by one."""

    def __init__(self, numbers: list[int]) -> None:
        self._bytes = array("q", numbers).tobytes()
        self._long = int.from_bytes(self._bytes, sys.byteorder)
        self._ones = int.from_bytes((1).to_bytes(_WIDE, sys.byteorder) * len(numbers), sys.byteorder)

    def having(self, bits: int) -> int:
        """How many of the numbers have all of these bits."""
        found = self._ones
        while bits:
            lowest = bits & -bits
            found &= self._long >> (lowest.bit_length() - 1)
            bits -= lowest
        return found.bit_count()

    def bytes_at(self, bit: int) -> bytes:
        """The byte of each number that begins with this bit."""
        byte = bit // 8
        return self._bytes[byte if sys.byteorder == "little" else _WIDE - 1 - byte :: _WIDE]
