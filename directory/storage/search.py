"""Finds listings: one SQL statement for the few things that decide, over the narrow search table.

The database answers for times that are the same every week. Rows whose times need dates (a monthly meeting, a
holiday) come back undecided and are asked of domain/schedule.py, so both give one answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from directory.domain import schedule
from directory.domain.geo import chord2
from directory.domain.schedule import Timetable
from directory.storage import dated, db, masks
from directory.storage.memory import memory
from directory.storage.places import zones
from directory.storage.search_sql import NEVER, VERSION, Statement, Wanted, all_of, any_of

FIRST, DATED, COUNTS = 0, 1, 2
"""The parts of the one answer: the first matches in order, those that need dates, and how many of all others there are."""


class Match(NamedTuple):
    """What was found, and what it is sorted by: distance, minutes or nothing, then its name key."""

    key: float
    name: str
    id: int

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Match:
        return cls(row["k"], row["name_key"], row["id"])


@dataclass(frozen=True, slots=True)
class Found:
    """One page in order, how many match in all, how many might but do not say, by filter, and of which version of the data.

    `circles` is how many match within each of the circles that were asked for.
    """

    matches: tuple[Match, ...]
    total: int
    unknown: dict[str, int]
    version: int
    circles: tuple[int, ...] = ()

    @property
    def ids(self) -> tuple[int, ...]:
        """The ids of the page in order."""
        return tuple(match.id for match in self.matches)


async def find(wanted: Wanted, circles: Sequence[float] = ()) -> Found:
    """One page of what is wanted. `circles` are radii in miles around its point, for an answer by distance."""
    limits = [chord2(miles) for miles in circles]
    search = _Search(wanted, await zones_of(wanted), limits)
    parts: dict[int, list[dict[str, Any]]] = {FIRST: [], DATED: [], COUNTS: []}
    for row in await db.rows(search.text(), search.sql.values):
        parts[row["part"]].append(row)
    numbers = [parts[COUNTS][0][f"n{number}"] for number in range(search.numbers)]
    totals = dict(zip(search.counted, numbers, strict=False))
    decided = await search.decided(parts[DATED])
    for answer, matches in decided.items():
        totals[answer] += len(matches)
    first = await completed([Match.of(row) for row in parts[FIRST]], wanted, search.zone_names)
    page = sorted([*first, *decided[""]])[wanted.offset : wanted.offset + wanted.limit]
    within = (
        number + sum(match.key <= limit for match in decided[""])
        for limit, number in zip(limits, numbers[len(search.counted) :], strict=True)
    )
    return Found(tuple(page), totals.pop(""), totals, parts[COUNTS][0]["id"], tuple(within))


class _Search:
    """One search as one statement, since each way to the database and back costs more than most searches.

    It goes through the area once and keeps what may match as `m`: id, `k` (what is sorted by), `answer` (the number in
    `counted` of what the listing answers) and whether it is `dated`. From that it reads the three parts.
    """

    def __init__(self, wanted: Wanted, zone_names: Mapping[int, str], limits: Sequence[float] = ()) -> None:
        self.wanted = wanted
        self.zone_names = zone_names
        self._limits = limits
        self._has_dated = needs_dates(wanted)
        self._statement = Statement(wanted, zone_names)
        self.sql = self._statement.sql
        self._answers = self._statement.answers()
        near = self._statement.reach() if self._statement.is_near else ""
        quick = self._statement.may_be_timely()
        self._area = all_of([self._statement.area(), any_of(self._answers.values()), quick, near])
        self._times = self._statement.times()

        self._is_by_distance = wanted.order == "distance"
        # The indexes of places do not hold the name: by distance it is read only for what is shown.
        self._name = "n.name_key" if self._is_by_distance else "t.name_key"
        self._names = " JOIN search_row n ON n.id = t.id" if self._is_by_distance else ""

    @property
    def counted(self) -> list[str]:
        """What n0, n1 and so on of the statement are the numbers of."""
        return [*self._answers, *([self._hours] if self._hours else [])]

    @property
    def numbers(self) -> int:
        """How many numbers the statement counts: those, and one for each circle."""
        return len(self.counted) + len(self._limits)

    @property
    def _hours(self) -> str:
        """The name under which listings are counted whose hours nobody knows, "" where nothing is asked of the time."""
        asked = self.wanted.time
        return "open" if asked.open_now else "time" if asked.is_set else ""

    def text(self) -> str:
        """The statement. Every part has the columns part, id, k, name_key, n0, n1, and so on."""
        parts = [self._first(), *([self._dated()] if self._has_dated else []), self._counts()]
        # By name there is an index to follow, and no need to have them all before the first can be told.
        kept = "NOT MATERIALIZED" if self.wanted.order == "name" else "MATERIALIZED"
        return f"WITH m AS {kept} ({self._candidates()}) {' UNION ALL '.join(parts)}"

    def _candidates(self) -> str:
        """All that match, or say too little to tell, or may match when dates are asked: those with a time that would do if it
        came every week, and those of which some days have other times."""
        statement, cases = self._statement, []
        may = [self._times, statement.has(masks.OTHER_TIMES)] if self._times else []
        if self._hours:
            unknown = all_of([statement.lacks(masks.HOURS_KNOWN), self._answers[""]])
            may.append(unknown)
            cases.append(f"WHEN {unknown} THEN {len(self._answers)}")
        cases += [f"WHEN {answer} THEN {number}" for number, answer in enumerate(self._answers.values())]
        needs_dates = f"CASE WHEN {statement.has(masks.DATED)} THEN 1 ELSE 0 END" if self._has_dated else "0"
        name = "" if self._is_by_distance else ", r.name_key"
        columns = (
            f"r.id, {sort_key(statement)} AS k, CASE {' '.join(cases)} END AS answer, {needs_dates} AS dated{name}"
        )
        return f"SELECT {columns} FROM search_row r WHERE {all_of([self._area, any_of(may) if may else ''])}"

    def _first(self) -> str:
        first = first_of("answer = 0 AND dated = 0", self.wanted)
        numbers = ", ".join(f"0 AS n{number}" for number in range(self.numbers))
        return f"SELECT {FIRST} AS part, t.id, t.k, {self._name}, {numbers} FROM {first} t{self._names}"

    def _dated(self) -> str:
        zeros = ", 0" * (self.numbers - 1)
        where = f"t.dated = 1 AND t.answer < {len(self._answers)}"
        return f"SELECT {DATED}, t.id, t.k, {self._name}, t.answer{zeros} FROM m t{self._names} WHERE {where}"

    def _counts(self) -> str:
        numbers = [f"COUNT(*) FILTER (WHERE answer = {number} AND dated = 0)" for number in range(len(self._answers))]
        if self._hours:
            numbers.append(f"COUNT(*) FILTER (WHERE answer = {len(self._answers)})")
        within = (f"answer = 0 AND dated = 0 AND k <= {self.sql(limit)}" for limit in self._limits)
        numbers += [f"COUNT(*) FILTER (WHERE {condition})" for condition in within]
        return f"SELECT {COUNTS}, {VERSION}, 0, '', {', '.join(numbers)} FROM m"

    async def decided(self, rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Match]]:
        """Those of the rows that need dates which answer what is asked of the time, by what they answer of the facets."""
        answers = list(self._answers)
        found: dict[str, list[Match]] = {answer: [] for answer in answers}
        tables = await dated.matching([row["id"] for row in rows], self.wanted)
        for row in rows:
            if table := tables.get(row["id"]):
                key = minutes_of(table, self.wanted) if self.wanted.order == "time" else row["k"]
                found[answers[row["n0"]]].append(Match(key, row["name_key"], row["id"]))
        return found


# --- what the search page needs too (storage/pages.py) ---------------------------------------------------------------


def needs_dates(wanted: Wanted) -> bool:
    """Whether rows whose times need dates have to be asked one by one."""
    return wanted.time.is_set or wanted.order == "time"


async def zones_of(wanted: Wanted) -> Mapping[int, str]:
    """The time zones in use, where something is asked of the time."""
    return await memory().once("zones", zones) if needs_dates(wanted) else {}


def sort_key(statement: Statement) -> str:
    """What is sorted by."""
    order = statement.wanted.order
    return statement.chord2 if order == "distance" else statement.next_minutes() if order == "time" else "0"


def first_of(condition: str, wanted: Wanted) -> str:
    """The first in order; by distance one more than is wanted, which tells whether names decide who is the last."""
    by_name = "name_key" if db.is_sqlite() else 'name_key COLLATE "C"'
    order = {"distance": "k", "time": f"k, {by_name}", "name": by_name}[wanted.order]
    limit = wanted.offset + wanted.limit + (wanted.order == "distance")
    return f"(SELECT * FROM m WHERE {condition} ORDER BY {order} LIMIT {limit})"


async def completed(first: list[Match], wanted: Wanted, zone_names: Mapping[int, str]) -> list[Match]:
    """The first matches, as many as are wanted. Where the last of them and the next tie, their names decide."""
    first.sort()
    count = wanted.offset + wanted.limit
    if len(first) <= count or first[count - 1].key < first[count].key:
        return first[:count]
    statement = Statement(wanted, zone_names, limit2=first[count].key)
    plain = [statement.lacks(masks.DATED)] if needs_dates(wanted) else []
    where = all_of([statement.area(), *statement.facets().values(), *plain, statement.reach(), statement.times()])
    text = f"SELECT r.id, {statement.chord2} AS k, r.name_key FROM search_row r WHERE {where}"
    found = sorted(Match.of(row) for row in await db.rows(text, statement.sql.values))[:count]
    # Fewer than before: the data have changed in between. Then those of before are the answer, which is of one moment.
    return found if len(found) == count else first[:count]


def minutes_of(table: Timetable, wanted: Wanted) -> float:
    """What the sort by time sorts by, of a timetable."""
    minutes = schedule.minutes_until_worth_going(table, wanted.now)
    return NEVER if minutes is None else minutes
