"""The conditions of a search as SQL over the narrow search table: one text for both engines."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from operator import attrgetter

from directory.domain.geo import Point, box, chord2, miles_of_chord2, vector
from directory.domain.openings import NO_CAPACITY
from directory.domain.results import STALE_HOURS
from directory.domain.schedule import (
    DAY,
    GRACE_MINUTES,
    SOON_MINUTES,
    WEEK,
    TimeFilter,
    TimeRange,
    wall_time,
    week_minute,
    weekday,
    zone_shift,
)
from directory.domain.taxonomy import FACETS, KINDS
from directory.storage import db, masks, texts
from directory.storage.encoding import to_column
from directory.storage.openings import REPLACED
from directory.storage.texts import Term

OPENINGS = "openings"
VERSION = "(SELECT s.number FROM state s WHERE s.name = 'data-version')"
"""The version of the data that a statement saw."""
SMALL = 50.0
"""Miles: in a circle up to this size lie some thousands of listings at the most, which can be looked at one by one."""
NEVER = 10**9
"""Sorts what has no known time behind everything that has."""

_NO_TIME = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A query in which everything has been looked up. `point` None searches everywhere; `code_ids` None means any type.

    With `areas` what serves one of these areas is wanted, but for what is near the point; with none of them (), what is only online
    and serves every area.
    """

    terms: tuple[Term, ...] = ()
    point: Point | None = None
    within: float = 0.0
    areas: tuple[str, ...] | None = None
    kinds: tuple[str, ...] = ()
    attendance: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    languages: tuple[str, ...] = ()
    code_ids: tuple[int, ...] | None = None
    openings: bool = False
    time: TimeFilter = TimeFilter()
    now: datetime = _NO_TIME
    zone: str = "UTC"
    order: str = "name"
    offset: int = 0
    limit: int = 25


_PARTS = (field.name for field in fields(Wanted) if field.name not in ("facets", "now", "zone", "within"))
_parts = attrgetter(*_PARTS)


def key_of(wanted: Wanted) -> Hashable:
    """The same for questions that have the same answer: a search knows no seconds, most ask nothing of the time, and without a
    place there is no circle."""
    depends = wanted.time.is_set or wanted.openings or wanted.order == "time"
    moment = (wanted.now.replace(second=0, microsecond=0), wanted.zone) if depends else ()
    return _parts(wanted), tuple(wanted.facets.items()), moment, wanted.within if wanted.point else 0.0


@dataclass(frozen=True, slots=True)
class Clock:
    """What a zone's clocks show: the minute of the week, and how far a visitor's clock is from it."""

    minute: int
    shift: int


@lru_cache(maxsize=1024)
def _clock(zone: str, seen_from: str, minute: datetime) -> Clock:
    """The clocks of a zone in this minute. One search asks for some thirty zones, and the next for the same."""
    return Clock(week_minute(wall_time(minute, zone)), zone_shift(minute, zone, seen_from))


def clock_of(zone: str, wanted: Wanted) -> Clock:
    """What the clocks of a zone show when something is asked."""
    return _clock(zone, wanted.zone, wanted.now.replace(second=0, microsecond=0))


class Statement:
    """The conditions of a search over `search_row r`, and the values that go with them.

    Each text may stand in the statement more than once. `chord2` is that of the distance to the place searched, "" without one;
    `limit2` (a squared chord) narrows the area further.
    """

    def __init__(self, wanted: Wanted, zone_names: Mapping[int, str], *, limit2: float | None = None) -> None:
        self.sql = db.Sql()
        self.wanted = wanted
        self._clocks = {number: clock_of(name, wanted) for number, name in zone_names.items()}
        self._limit2 = chord2(wanted.within) if limit2 is None else limit2
        self.chord2 = self._chord2(wanted.point) if wanted.point else ""

    @property
    def is_near(self) -> bool:
        """Whether what is found lies around the place searched: then none of it is only online."""
        return self.wanted.point is not None and self.wanted.areas is None

    def area(self) -> str:
        """What a listing must be in any case, quick to tell: all conditions but the exact distance, the time and the facets that
        may be unknown."""
        plain = list(self.plain().values())
        return all_of([*plain[:1], self.where(), *plain[1:], self.words()])

    def where(self) -> str:
        """The condition of the place."""
        wanted = self.wanted
        if wanted.areas is None:
            return self._place(wanted.point) if wanted.point else ""
        if not wanted.areas:
            ways = masks.IN_PERSON | masks.ONLINE
            online = f"(r.mask & {self.sql(ways)}) = {self.sql(masks.ONLINE)}"
            bound = "EXISTS (SELECT 1 FROM coverage_area c WHERE c.listing_id = r.id)"
            return f"r.latband IS NULL AND {online} AND NOT {bound}"
        serving = f"r.id IN (SELECT c.listing_id FROM coverage_area c WHERE c.area IN ({self.sql.list(wanted.areas)}))"
        far = f"(r.x IS NULL OR {self.chord2} > {self.sql(self._limit2)})" if self.chord2 else ""
        return all_of([serving, far])

    def words(self) -> str:
        """That all the words stand in it, "" where none are asked for."""
        near = self.is_near and self.wanted.within <= SMALL
        return texts.condition(self.sql, self.wanted.terms, near=near) if self.wanted.terms else ""

    def plain(self) -> dict[str, str]:
        """For each facet that is asked for, of which something is known of every listing, that it has one of the values."""
        wanted, sql = self.wanted, self.sql
        found = {}
        if wanted.kinds:
            found["kind"] = f"r.kind IN ({sql.list(KINDS.index(kind) for kind in wanted.kinds)})"
        if wanted.attendance:
            bits, all_needed = masks.of_attendance(wanted.attendance)
            found["attendance"] = f"(r.mask & {sql(bits)}) = {sql(bits)}" if all_needed else self.has(bits)
        if wanted.programs:
            numbers = sql.list(masks.program_number(program) for program in wanted.programs)
            found["program"] = f"r.program IN ({numbers})"
        if wanted.code_ids is not None:
            found["type"] = (
                "EXISTS (SELECT 1 FROM listing_code lc WHERE lc.listing_id = r.id "
                f"AND lc.code_id IN ({sql.list(wanted.code_ids) or 'NULL'}))"
            )
        return found

    def answers(self) -> dict[str, str]:
        """How a listing may answer the facets asked for, as conditions that exclude each other.

        Under "": it has a value of each. Under the name of a facet: it has one of all the others, and of this one nothing is known.
        """
        has = self.facets()
        unknown = {facet: self.unknown(facet) for facet in has}
        found = {"": all_of(has.values())}
        for facet in has:
            found[facet] = all_of([unknown[facet], *(condition for other, condition in has.items() if other != facet)])
        return found

    def facets(self) -> dict[str, str]:
        """The same for those of which a listing may say nothing."""
        wanted = {facet: self.wanted.facets[facet] for facet in FACETS if self.wanted.facets.get(facet)}
        has = {facet: self.has(masks.of_values(facet, values)) for facet, values in wanted.items()}
        if self.wanted.languages:
            has["language"] = self._languages()
        if self.wanted.openings:
            has[OPENINGS] = f"r.id IN ({self.openings()})"
        return has

    def unknown(self, facet: str) -> str:
        """That a listing says nothing of a facet; of openings, that nobody has reported any number in time."""
        if facet != OPENINGS:
            return self.lacks(masks.known(facet))
        return f"r.id NOT IN (SELECT c.listing_id FROM capacity_report c WHERE {self._age()} AND {told_since()})"

    def openings(self) -> str:
        """A SELECT of `listing_id`: of whom the latest report of something is of an opening, and young enough to count."""
        return f"SELECT DISTINCT c.listing_id FROM capacity_report c WHERE {self.opening()}"

    def opening(self) -> str:
        """That `capacity_report c` is such a report."""
        return f"{self._age()} AND {accepting_since()}"

    def _age(self) -> str:
        """That a report is young enough to count."""
        return f"c.as_of > {self.sql(to_column(self.wanted.now - timedelta(hours=STALE_HOURS)))}"

    def has(self, bits: int) -> str:
        """Whether any of these bits is set."""
        return f"(r.mask & {self.sql(bits)}) <> 0"

    def lacks(self, bits: int) -> str:
        """Whether none of these bits is set."""
        return f"(r.mask & {self.sql(bits)}) = 0"

    def reach(self) -> str:
        """That a listing is near enough, "" without a place. It comes late: for most rows a look at their bits decides before."""
        return f"{self.chord2} <= {self.sql(self._limit2)}" if self.chord2 else ""

    def _place(self, point: Point) -> str:
        sql = self.sql
        around = box(point, min(self.wanted.within, miles_of_chord2(self._limit2)))
        ranges = " OR ".join(f"r.lon BETWEEN {sql(west)} AND {sql(east)}" for west, east in around.longitudes)
        return f"r.latband IN ({sql.list(around.bands)}) AND ({ranges})"

    def _chord2(self, point: Point) -> str:
        """The squared chord to the place searched."""
        centre = vector(point)
        sides = [f"(r.{axis} - {self.sql(at)})" for axis, at in (("x", centre.x), ("y", centre.y), ("z", centre.z))]
        return "(" + " + ".join(f"{side} * {side}" for side in sides) + ")"

    def _languages(self) -> str:
        tags = self.sql.list(tag.lower() for tag in self.wanted.languages)
        return f"EXISTS (SELECT 1 FROM listing_language ll WHERE ll.listing_id = r.id AND ll.language IN ({tags}))"

    # --- time: weekly rows only ---

    def per_zone(self, value: Callable[[Clock], int]) -> str:
        """A number that differs from zone to zone; most zones share it with others. The visitor's own comes first."""
        zones: dict[int, list[int]] = {}
        for number, clock in sorted(self._clocks.items(), key=lambda item: item[1].shift != 0):
            zones.setdefault(value(clock), []).append(number)
        *others, last = zones.items() or [(0, [])]
        cases = " ".join(f"WHEN r.zone IN ({self.sql.list(numbers)}) THEN {self._number(at)}" for at, numbers in others)
        return f"(CASE {cases} ELSE {self._number(last[0])} END)" if cases else self._number(last[0])

    def _number(self, value: int) -> str:
        """A number whose type PostgreSQL could not tell from where it stands."""
        return f"CAST({self.sql(value)} AS INTEGER)"

    def times(self) -> str:
        """The condition about time, "" for any: for each thing asked an EXISTS over the weekly times of a row.

        Before each stands what the bits of the row's weekdays tell at once: in most rows nothing happens on that day.
        """
        asked = self.wanted.time
        found = [self.has(bits) for bits in self._weekdays()]
        if asked.open_now:
            found.append(self._any(f"{self._since()} < s.minutes"))
        if asked.now:
            soon = f"{self._until()} <= {self.sql(GRACE_MINUTES + SOON_MINUTES)}"
            found.append(self._any(f"({self._since()} < s.minutes OR {soon})"))
        if asked.day is not None or asked.date_offset is not None or asked.within:
            found.append(self._any(self._occurs()))
        return all_of(found) if found else ""

    def may_be_timely(self) -> str:
        """What is so of every row that answers what is asked of the time, or may, or says nothing of its hours: "" where that is any.

        It belongs before the distance: most rows are out by a look at their bits.
        """
        bits = next(self._weekdays(), 0)
        return any_of([self.has(bits | masks.OTHER_TIMES), self.lacks(masks.HOURS_KNOWN)]) if bits else ""

    def _weekdays(self) -> Iterator[int]:
        """For what is asked of the time the bits of weekdays of which one must be set."""
        asked = self.wanted.time
        if asked.open_now:
            yield self._busy(0)
        if asked.now:
            yield self._busy(-GRACE_MINUTES, 0, SOON_MINUTES)
        if not self.is_near:
            return  # the day may be the visitor's, which the bits do not know
        if asked.date_offset is not None:
            yield self._busy(asked.date_offset * DAY)
        elif asked.day is not None:
            yield masks.of_weekdays([asked.day])

    def _busy(self, *offsets: int) -> int:
        """Something happens on the weekday that it is, so many minutes from now, on any of the clocks."""
        days = {(clock.minute + offset) % WEEK // DAY for clock in self._clocks.values() for offset in offsets}
        return masks.of_weekdays(days)

    def _any(self, condition: str) -> str:
        return f"EXISTS (SELECT 1 FROM schedule s WHERE s.listing_id = r.id AND {condition})"

    def _since(self) -> str:
        return f"(({self.per_zone(lambda clock: clock.minute + WEEK)} - s.starts) % {self.sql(WEEK)})"

    def _until(self) -> str:
        now = self.per_zone(lambda clock: WEEK + GRACE_MINUTES - clock.minute)
        return f"((s.starts + {now}) % {self.sql(WEEK)})"

    def _occurs(self) -> str:
        asked, sql = self.wanted.time, self.sql
        starts = self._starts()
        parts = []
        if asked.date_offset is not None:
            parts.append(f"{starts} / {sql(DAY)} = {self._weekday(asked.date_offset)}")
        elif asked.day is not None:
            parts.append(f"{starts} / {sql(DAY)} = {sql(asked.day)}")
        if asked.within:
            parts.append(self._within(f"({starts} % {sql(DAY)})", asked.within))
        return " AND ".join(parts)

    def _starts(self) -> str:
        """The minute of the week on the listing's clock, for what is only online on the visitor's: that is never near a place."""
        if self.is_near:
            return "s.starts"
        shift = self._for_online(self.per_zone(lambda clock: clock.shift + WEEK), self.sql(WEEK))
        return f"((s.starts + {shift}) % {self.sql(WEEK)})"

    def _weekday(self, offset: int) -> str:
        """The weekday of today (or tomorrow) on the same clock."""
        there = self.per_zone(lambda clock: (clock.minute // DAY + offset) % 7)
        if self.is_near:
            return there
        here = (weekday(wall_time(self.wanted.now, self.wanted.zone).date()) + offset) % 7
        return self._for_online(self.sql(here), there)

    def _for_online(self, online: str, other: str) -> str:
        """One value for what is only online, another for all else."""
        bits = masks.IN_PERSON | masks.ONLINE
        return f"(CASE WHEN (r.mask & {self.sql(bits)}) = {self.sql(masks.ONLINE)} THEN {online} ELSE {other} END)"

    def _within(self, start: str, within: TimeRange) -> str:
        """Whether a weekly time answers a range of the day; see `schedule.overlaps`."""
        asked, sql = self.wanted.time, self.sql
        on_one_day = asked.day is not None or asked.date_offset is not None
        meeting = [f"({start} >= {sql(a)} AND {start} < {sql(b)})" for a, b in within.pieces()]
        hours = [
            f"({start} < {sql(b + days * DAY)} AND {start} + s.minutes > {sql(a + days * DAY)})"
            for a, b in within.pieces()
            for days in ((0,) if on_one_day else (0, 1))
        ]
        hours += [] if on_one_day else [f"s.minutes >= {sql(DAY)}"]
        return f"CASE WHEN s.sort = 'meeting' THEN {any_of(meeting)} ELSE {any_of(hours)} END"

    def next_minutes(self) -> str:
        """What the sort by time sorts by; see `schedule.minutes_until_worth_going`."""
        open_now = f"s.sort = 'hours' AND {self._since()} < s.minutes"
        case = f"CASE WHEN {open_now} THEN {self.sql(GRACE_MINUTES)} ELSE {self._until()} END"
        return f"COALESCE((SELECT MIN({case}) FROM schedule s WHERE s.listing_id = r.id), {self.sql(NEVER)})"


def accepting_since() -> str:
    """That `capacity_report c` is the latest report of its thing, and of an opening: it counts as long as it is young enough."""
    later = (
        "SELECT 1 FROM capacity_report n WHERE n.listing_id = c.listing_id "
        "AND (n.as_of > c.as_of OR (n.as_of = c.as_of AND n.id > c.id)) AND COALESCE(n.level_id, 0) = COALESCE(c.level_id, 0) "
        "AND (c.level_id IS NOT NULL OR (n.unit = c.unit AND COALESCE(n.care, '') = COALESCE(c.care, '')))"
    )
    taken = f"c.available > 0 AND COALESCE(c.accepting, '') <> '{NO_CAPACITY}'"
    return f"{_STANDS} AND {taken} AND NOT EXISTS ({later})"


def told_since() -> str:
    """That `capacity_report c` tells a number, or that there is no room: it counts as long as it is young enough."""
    return f"{_STANDS} AND (c.available IS NOT NULL OR c.accepting = '{NO_CAPACITY}')"


_CLOSED = (
    "SELECT v.id FROM program_level v JOIN program p ON p.id = v.program_id "
    "WHERE v.closed_at IS NOT NULL OR p.closed_at IS NOT NULL"
)
_STANDS = f"(c.level_id IS NULL OR c.level_id NOT IN ({_CLOSED})) AND NOT {REPLACED}"
"""SQL: a report is of no level that has been closed since, and not replaced by one of people."""


def all_of(conditions: Iterable[str]) -> str:
    """All of these conditions, those left out that are empty."""
    return " AND ".join(filter(None, conditions)) or "1 = 1"


def any_of(conditions: Iterable[str]) -> str:
    """Any of these conditions, in parentheses."""
    return f"({' OR '.join(conditions)})"
