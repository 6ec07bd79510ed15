"""Counts what each value of each facet would find, in one statement that goes through the area once.

Whoever misses no condition counts in every facet, whoever misses that of one facet alone counts in that one: so each facet leaves
its own selection aside and all others apply. Rows whose times need dates come one by one and are asked of their timetables.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from directory.domain.results import FacetCount
from directory.domain.schedule import Timetable
from directory.domain.taxonomy import ATTENDANCE, FACETS, KINDS, PROGRAMS, CodeInfo
from directory.storage import dated, db, masks
from directory.storage.codes import meeting_types
from directory.storage.memory import memory
from directory.storage.places import zones
from directory.storage.search_sql import OPENINGS, VERSION, Statement, Wanted, all_of, any_of, key_of

NAMES = ("kind", "attendance", "program", *FACETS, "language", "type", OPENINGS)
GROUPS, DATED, SEEN, FIRST, SILENT, LINKED = range(6)
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
_MEETING = KINDS.index("meeting")

TRAITS = "m.misses, m.kind, m.program, m.bits, m.silent"
SURE = "m.dated = 0 AND m.hours = 0"
"""What needs no look at dates, and says its hours where they are asked for."""

Counts = dict[str, tuple[FacetCount, ...]]


class Row(NamedTuple):
    """One row of the answer of the database: a group of listings that are alike, or one listing."""

    part: int
    id: int
    misses: int
    kind: int
    program: int
    bits: int
    silent: int
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
    """One count: its statement, and what has been counted so far by facet and value (or bits of the mask)."""

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
        self._by_column = [name for name in only if name not in self._linked]
        self._dated: dict[int, Row] = {}
        self._found: dict[str, Counter[Any]] = {name: Counter() for name in only}
        self._columns = {name: [name] if name in self._by_column else [] for name in self._misses.values()}
        self._columns[""] = self._by_column
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
        yield (
            f"SELECT {GROUPS} AS part, 0 AS id, {TRAITS}, '' AS value, COUNT(*) AS n, 0 AS k "
            f"FROM m WHERE {SURE} GROUP BY {TRAITS}"
        )
        yield f"SELECT {SEEN}, {VERSION}, 0, 0, 0, 0, 0, '', 0, 0"
        if self._has_dated:
            yield self._dated_rows()
        for number, name in enumerate(self._linked, LINKED):
            value, join, which = self._link(name)
            where = f"{SURE} AND {self._counts_in(name)}{which}"
            group = "m.misses" if name == OPENINGS else f"m.misses, {value}"
            value = f"CAST({value} AS TEXT)"
            # A listing may have several openings, but is of each language or type once.
            count = "COUNT(DISTINCT m.id)" if name == OPENINGS else "COUNT(*)"
            columns = f"{number}, 0, m.misses, 0, 0, 0, 0, {value}, {count}, 0"
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
        return (
            f"SELECT r.id, r.kind, r.program, r.mask & {self.sql(_BITS)} AS bits, {misses} AS misses, {needs_dates} AS dated, "
            f"{self._more_columns()} FROM search_row r WHERE {where}"
        )

    def _may(self) -> list[str]:
        """What may answer what is asked of the time."""
        return [self._times, self._statement.has(masks.OTHER_TIMES)]

    def _more_columns(self) -> str:
        """Whether a listing says nothing of what it misses, or of its hours: nobody asks that of a mere count."""
        return "0 AS silent, 0 AS hours"

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
        if row.part == GROUPS:
            self._spread(row)
        elif row.part == DATED:
            self._dated[row.id] = row
        elif row.part == SEEN:
            self.version = row.id
        else:
            self._found[self._linked[row.part - LINKED]][row.value] += row.n

    def _decided(self, row: Row, table: Timetable) -> None:
        """Notes one of these."""
        self._spread(row)

    def _spread(self, row: Row) -> None:
        """Counts a group in the facets whose values are columns or bits."""
        bits, number = row.bits, row.n
        for name in self._columns[self._misses[row.misses]]:
            if name not in _MASKS:
                self._found[name][row.kind if name == "kind" else row.program] += number
            elif field := bits & _MASKS[name]:
                self._found[name][field] += number

    async def decide(self) -> None:
        """Counts those whose times need dates and that answer what is asked of the time."""
        tables = await dated.matching(list(self._dated), self.wanted)
        matching = [self._dated[id] for id in tables]
        for row in matching:
            self._decided(row, tables[row.id])
        for name in self._linked:
            ids = [row.id for row in matching if self._misses[row.misses] in ("", name)]
            if ids:
                await self._decide(name, [id for id in ids if name != "type" or self._dated[id].kind == _MEETING])

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
        found = self._found[name]
        if name == "type":
            yield from _types(found, types)
        elif name in self._linked:
            yield from (FacetCount(code, number) for code, number in sorted(found.items(), key=_most_first))
        else:
            chosen = self._chosen(name)
            for code, number in _in_order(name, found):
                if number or code in chosen:
                    yield FacetCount(code, number)


def _in_order(name: str, found: Counter[int]) -> Iterator[tuple[str, int]]:
    """The values of a vocabulary in its order, each with its number."""
    if name == "kind":
        yield from ((kind, found[number]) for number, kind in enumerate(KINDS))
    elif name == "program":
        yield from ((program, found[masks.program_number(program)]) for program in PROGRAMS)
    else:
        for value, bits in _VALUES[name]:
            yield value, sum([number for field, number in found.items() if field & bits == bits])


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
