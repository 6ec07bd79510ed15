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
from dataclasses import dataclass, replace
from typing import NamedTuple

from directory.domain.results import FacetCount
from directory.domain.schedule import Timetable
from directory.domain.taxonomy import ATTENDANCE, FACETS, KINDS, PROGRAMS, CodeInfo
from directory.storage import dated, db, masks
from directory.storage.codes import meeting_types
from directory.storage.memory import memory
from directory.storage.places import zones
from directory.storage.search_sql import OPENINGS, VERSION, Statement, Wanted, all_of, any_of, key_of

NAMES = ("kind", "attendance", "program", *FACETS, "language", "type", OPENINGS)
ALIKE, DATED, SEEN, FIRST, SILENT, LINKED = range(6)
"""The parts of the one answer; each facet that is counted by links is a part from LINKED on."""
_LINKS = {
    "language": ("v.language", "listing_language v ON v.listing_id = {id}", ""),
    "type": (
        "v.code_id",
        "listing_code v ON v.listing_id = {id} JOIN code c ON c.id = v.code_id",
        " AND c.edition = ''",
    ),
}
"""For a facet of links: its value, what is joined for it, and which of its rows count. Codes of meetings come in one edition."""
_MASKS = {facet: masks.of_values(facet, values) for facet, values in FACETS.items()} | {
    "attendance": masks.IN_PERSON | masks.ONLINE
}
_BITS = sum(_MASKS.values())
_VALUES = {
    facet: [(value, masks.of_values(facet, [value])) for value in values] for facet, values in FACETS.items()
} | {"attendance": [(value, masks.ATTENDANCE[value]) for value in ATTENDANCE]}
"""For a facet of bits: its values in their order, each with what it needs."""
_KINDS = {kind: number for number, kind in enumerate(KINDS)}
_PROGRAMS = {program: masks.program_number(program) for program in PROGRAMS}
_MEETING = _KINDS["meeting"]

_KIND, _PROGRAM, _UNTOLD, _MISSES = 42, 46, 51, 52
"""Where in the number of a listing stands what is not a bit of its mask: kind, program, whether it says nothing of what it misses, and
the bits of what it misses."""
_WIDE = 8
"""Bytes of such a number."""
SURE = "m.dated = 0 AND m.hours = 0"
"""What needs no look at dates, and says its hours where they are asked for."""
TRAITS = f"(m.traits + m.misses * {1 << _MISSES})"

Counts = dict[str, tuple[FacetCount, ...]]


class Row(NamedTuple):
    """One row of the answer of the database: `traits` is the number of one listing, `value` the numbers of many, a value or a name."""

    part: int
    id: int
    traits: int
    value: str
    n: int
    k: float


@dataclass(frozen=True, slots=True)
class Counted:
    """The counts by facet, and of which version of the data."""

    counts: Counts
    version: int


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


class Counting:
    """One count: its statement, what has been counted so far by facet of links and value, and the numbers of listings by what they miss."""

    def __init__(self, wanted: Wanted, zone_names: Mapping[int, str], only: Sequence[str] = NAMES) -> None:
        self.wanted = wanted
        self.only = only
        self._statement = Statement(wanted, zone_names)
        self.sql = self._statement.sql
        self._times = self._statement.times()
        self._has_dated = bool(self._times)
        facets = self._statement.facets()
        self._facets = list(facets)
        asked = self._statement.plain() | facets
        self._conditions = {name: condition for name, condition in asked.items() if name in only}
        self._fixed = [condition for name, condition in asked.items() if name not in only]
        self._misses = {0: "", **{1 << number: name for number, name in enumerate(self._conditions)}}
        self._linked = [name for name in ("language", "type", OPENINGS) if name in only]
        self._dated: dict[int, Row] = {}
        self._found: dict[str, Counter[str]] = {name: Counter() for name in self._linked}
        self._traits: dict[str, list[int]] = {name: [] for name in self._misses.values()}
        self._ready: dict[str, _Columns] = {}
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
        join = "group_concat" if db.is_sqlite() else "string_agg"
        numbers = f"{join}(CAST({TRAITS} AS TEXT), ' ')"
        yield f"SELECT {ALIKE} AS part, 0 AS id, 0 AS traits, {numbers} AS value, 0 AS n, 0 AS k FROM m WHERE {SURE}"
        yield f"SELECT {SEEN}, {VERSION}, 0, '', 0, 0"
        if self._has_dated:
            yield self._dated_rows()
        for number, name in enumerate(self._linked, LINKED):
            value, join, which = self._link(name)
            where = f"{SURE} AND {self._counts_in(name)}{which}"
            group = "m.misses" if name == OPENINGS else f"m.misses, {value}"
            value = f"CAST({value} AS TEXT)"
            # A listing may have several openings, but is of each language or type once.
            count = "COUNT(DISTINCT m.id)" if name == OPENINGS else "COUNT(*)"
            columns = f"{number}, 0, 0, {value}, {count}, 0"
            yield f"SELECT {columns} FROM m JOIN {join} WHERE {where} GROUP BY {group}"

    def _dated_rows(self) -> str:
        return f"SELECT {DATED}, m.id, {TRAITS}, '', 1, 0 FROM m WHERE m.dated = 1 AND m.hours = 0"

    def _rows(self) -> str:
        """All that are near enough and answer what is asked of the time, or may, and miss one condition at the most."""
        statement = self._statement
        cases = (
            f"CASE WHEN {condition} THEN 0 ELSE {1 << n} END" for n, condition in enumerate(self._conditions.values())
        )
        misses = " + ".join(cases) or "0"
        few = f"({misses}) IN ({','.join(map(str, self._misses))})" if len(self._conditions) > 1 else ""
        may = any_of(self._may()) if self._times else ""
        needs_dates = f"CASE WHEN {statement.has(masks.DATED)} THEN 1 ELSE 0 END" if self._has_dated else "0"
        near = statement.reach() if statement.is_near else ""
        where = all_of([statement.where(), *self._fixed, near, statement.words(), few, may])
        traits = (
            f"(r.mask & {self.sql(_BITS)}) + r.kind * {1 << _KIND} + r.program * {1 << _PROGRAM} + "
            f"({self._untold()}) * {1 << _UNTOLD}"
        )
        return (
            f"SELECT r.id, r.kind, {traits} AS traits, {misses} AS misses, {needs_dates} AS dated, "
            f"{self._more_columns()} FROM search_row r WHERE {where}"
        )

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
        value, join, which = _LINKS[name]
        return value, join.format(id="m.id"), which + (f" AND m.kind = {_MEETING}" if name == "type" else "")

    def _counts_in(self, name: str) -> str:
        return f"m.misses IN ({','.join(str(bit) for bit, missed in self._misses.items() if missed in ('', name))})"

    # --- the answer ---

    def take(self, row: Row) -> None:
        """Notes one row of the answer."""
        if row.part == ALIKE:
            for traits in map(int, (row.value or "").split()):
                self._traits[self._misses[traits >> _MISSES]].append(traits)
        elif row.part == DATED:
            self._dated[row.id] = row
        elif row.part == SEEN:
            self.version = row.id
        else:
            self._found[self._linked[row.part - LINKED]][row.value] += row.n

    def _missed(self, row: Row) -> str:
        """The facet that one listing misses, "" for none."""
        return self._misses[row.traits >> _MISSES]

    def _decided(self, row: Row, table: Timetable) -> None:
        """Notes one of these."""
        self._traits[self._missed(row)].append(row.traits)

    async def decide(self) -> None:
        """Counts those whose times need dates and that answer what is asked of the time."""
        tables = await dated.matching(list(self._dated), self.wanted)
        matching = [self._dated[id] for id in tables]
        for row in matching:
            self._decided(row, tables[row.id])
        for name in self._linked:
            ids = [row.id for row in matching if self._missed(row) in ("", name)]
            if ids:
                await self._decide(
                    name, [id for id in ids if name != "type" or _kind(self._dated[id].traits) == _MEETING]
                )

    async def _decide(self, name: str, ids: Sequence[int]) -> None:
        statement = Statement(replace(self.wanted, point=None), {})
        sql = statement.sql
        if name == OPENINGS:
            text = f"SELECT '1' AS value FROM ({statement.openings()}) o WHERE o.listing_id IN ({sql.list(ids)})"
        else:
            value, join, which = _LINKS[name]
            text = (
                f"SELECT CAST({value} AS TEXT) AS value FROM search_row r JOIN {join.format(id='r.id')} "
                f"WHERE r.id IN ({sql.list(ids) or 'NULL'}){which}"
            )
        self._found[name].update(row["value"] for row in await db.rows(text, sql.values))

    async def result(self) -> Counts:
        """All counts by facet."""
        self._add_chosen()
        types = await memory().once("meeting types", meeting_types) if self._found.get("type") else {}
        return {name: tuple(self._values(name, types)) for name in self.only}

    def _add_chosen(self) -> None:
        """What is chosen is told of even where it finds nothing."""
        wanted = self.wanted
        chosen = {
            "language": [tag.lower() for tag in wanted.languages],
            "type": [str(id) for id in wanted.code_ids or ()],
            OPENINGS: ["1"] if wanted.openings else [],
        }
        for name, values in chosen.items():
            for value in values if name in self._found else ():
                self._found[name].setdefault(value, 0)

    def _chosen(self, name: str) -> Sequence[str]:
        wanted = self.wanted
        plain = {"kind": wanted.kinds, "attendance": wanted.attendance, "program": wanted.programs}
        return plain[name] if name in plain else wanted.facets.get(name, ())

    def _values(self, name: str, types: Mapping[int, CodeInfo]) -> Iterator[FacetCount]:
        if name == "type":
            yield from _types(self._found[name], types)
        elif name in self._linked:
            yield from (FacetCount(code, number) for code, number in sorted(self._found[name].items(), key=_most_first))
        else:
            chosen = self._chosen(name)
            for code, number in self._in_order(name):
                if number or code in chosen:
                    yield FacetCount(code, number)

    def _in_order(self, name: str) -> Iterator[tuple[str, int]]:
        """The values of a vocabulary in its order, each with the number of those that have it: of those that miss nothing, and those
        that miss this facet alone."""
        counting = ["", name] if name in self._traits else [""]
        if name in _MASKS:
            columns = [self._columns(missed) for missed in counting]
            yield from ((value, sum(column.having(bits) for column in columns)) for value, bits in _VALUES[name])
            return
        numbers = _KINDS if name == "kind" else _PROGRAMS
        shift, width = (_KIND, 15) if name == "kind" else (_PROGRAM, 31)
        found = Counter([traits >> shift & width for missed in counting for traits in self._traits[missed]])
        yield from ((value, found[number]) for value, number in numbers.items())

    def _columns(self, missed: str) -> _Columns:
        """The numbers of those that miss this facet, "" for none, ready to be counted: made once for all facets."""
        if missed not in self._ready:
            self._ready[missed] = _Columns(self._traits[missed])
        return self._ready[missed]


def is_untold(traits: int) -> bool:
    """Whether a listing says nothing of what it misses."""
    return bool(traits >> _UNTOLD & 1)


def _kind(traits: int) -> int:
    return traits >> _KIND & 15


class _Columns:
    """Numbers beside each other as one long number: so a bit of all of them is counted at once, and not one by one."""

    def __init__(self, numbers: list[int]) -> None:
        self._long = int.from_bytes(array("q", numbers).tobytes(), sys.byteorder)
        self._ones = int.from_bytes((1).to_bytes(_WIDE, sys.byteorder) * len(numbers), sys.byteorder)

    def having(self, bits: int) -> int:
        """How many of the numbers have all of these bits."""
        found = self._ones
        while bits:
            lowest = bits & -bits
            found &= self._long >> (lowest.bit_length() - 1)
            bits -= lowest
        return found.bit_count()


def _types(found: Counter[str], infos: Mapping[int, CodeInfo]) -> Iterator[FacetCount]:
    """The types of meetings; the editions of a code are one type."""
    numbers: Counter[str] = Counter()
    by_code: dict[str, CodeInfo] = {}
    for id, number in found.items():
        if (info := infos.get(int(id))) is None:
            continue  # one that is chosen and of no meeting
        code = f"{info.code.system}:{info.code.code}"
        numbers[code] += number
        by_code[code] = info
    for code, number in sorted(numbers.items(), key=_most_first):
        yield FacetCount(code, number, by_code[code])


def _most_first(item: tuple[str, int]) -> tuple[int, str]:
    return -item[1], item[0]
