"""One page of answers around a place and the counts by facet, out of tiles: what storage/pages.py asks the database, worked out over arrays.

Both say the same of every question (tests/storage/test_near.py, tests/services/test_search.py). Words, types, names in order and circles of many
degrees are the database's alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from directory.domain.geo import chord2, vector
from directory.domain.results import STALE_HOURS
from directory.domain.schedule import DAY, GRACE_MINUTES, SOON_MINUTES, WEEK, TimeRange
from directory.domain.taxonomy import FACETS, KINDS
from directory.storage import dated, masks
from directory.storage.search import Found, Match, minutes_of, needs_dates
from directory.storage.search_sql import NEVER, OPENINGS, Wanted, clock_of
from directory.storage.tallies import KIND_NUMBERS, MEETING, NAMES, PROGRAM_NUMBERS, VALUES, Counted, Tally
from directory.storage.tiles import Bools, Floats, Ints, Latest, Links, Tile, Tiles, micros, parts_of

ROUNDED = 1e-9
"""More than the product of two unit vectors can be off."""
_BYTES = 8
"""Of a mask."""
_PLACES = {
    name: [(value, bits, bits.bit_length() - 1 if bits.bit_count() == 1 else None) for value, bits in values]
    for name, values in VALUES.items()
}
"""For each value of a vocabulary what a listing of it has, and in which place where that is one bit."""
_NO_INTS: Ints = np.empty(0, np.int64)
_NO_FLOATS: Floats = np.empty(0)


def answers(wanted: Wanted) -> bool:
    """Whether a question is of those that tiles can answer."""
    is_near = wanted.point is not None and wanted.areas is None
    return is_near and wanted.order != "name" and not wanted.terms and wanted.code_ids is None


async def find(
    wanted: Wanted, zone_names: Mapping[int, str], known: Tiles, around: Sequence[Tile]
) -> tuple[Found, Counted]:
    """What `pages.find` gives, from these tiles."""
    version = known.version
    near = await _decided(wanted, zone_names, known, around)
    near.count_links()
    return near.page(version), Counted(await near.result(), version)


async def find_only(
    wanted: Wanted, zone_names: Mapping[int, str], known: Tiles, around: Sequence[Tile], circles: Sequence[float]
) -> Found:
    """What `search.find` gives, from these tiles."""
    version = known.version
    return (await _decided(wanted, zone_names, known, around)).page(version, [chord2(miles) for miles in circles])


async def _decided(wanted: Wanted, zone_names: Mapping[int, str], known: Tiles, around: Sequence[Tile]) -> _Near:
    near = _Near(wanted, zone_names, Area(wanted, around), known.tags)
    await near.decide(known.timetables)
    return near


class Area:
    """The rows of all tiles that lie near enough, one after the other; `chords` are the squared chords to the place. `parts` are the tiles, each with
    its own rows."""

    def __init__(self, wanted: Wanted, tiles: Sequence[Tile]) -> None:
        """What of these tiles lies in the circle of a question."""
        assert wanted.point is not None
        centre, limit = vector(wanted.point), chord2(wanted.within)
        middle = np.array([centre.x, centre.y, centre.z])
        parts, chords = [], [_NO_FLOATS]
        for tile in tiles:
            # One product first, a little too wide: it leaves out most rows, for a fifth of what the distance costs.
            rows = (np.einsum("i,ij->j", middle, tile.points) >= 1 - limit / 2 - ROUNDED).nonzero()[0]
            squares = (tile.points[:, rows] - middle[:, np.newaxis]) ** 2
            # In the order in which the database adds, so that both are the same to the last bit.
            found = squares[0] + squares[1] + squares[2]
            near = found <= limit
            parts.append((tile, rows[near]))
            chords.append(found[near])
        self.parts: tuple[tuple[Tile, Ints], ...] = tuple(parts)
        self.chords: Floats = np.concatenate(chords)
        self.masks = self._joined(lambda tile: tile.masks)
        self.kinds = self._joined(lambda tile: tile.kinds)
        self.programs = self._joined(lambda tile: tile.programs)

    def __len__(self) -> int:
        return len(self.chords)

    @cached_property
    def zones(self) -> Ints:
        """The number of each row's time zone."""
        return self._joined(lambda tile: tile.zones)

    def _joined(self, column: Callable[[Tile], NDArray[Any]]) -> Ints:
        return np.concatenate([_NO_INTS, *(column(tile)[rows] for tile, rows in self.parts)])

    def after(self, reports: Callable[[Tile], Latest], moment: int) -> Bools:
        """Of which rows something was reported after a moment in microseconds."""
        start, found = 0, np.zeros(len(self), bool)
        for tile, rows in self.parts:
            recent = reports(tile).after(moment)
            if len(recent) and len(rows):
                places = rows.searchsorted(recent).clip(max=len(rows) - 1)
                found[start + places[rows[places] == recent]] = True
            start += len(rows)
        return found

    def linked(self, links: Callable[[Tile], Links], chosen: Ints) -> tuple[Ints, Ints]:
        """The values of the chosen rows, which are in order, each with its row."""
        start, of, values = 0, [_NO_INTS], [_NO_INTS]
        for tile, rows in self.parts:
            first, last = chosen.searchsorted((start, start + len(rows))).tolist()
            if first < last:
                those = chosen[first:last]
                place, value = links(tile).at(rows[those - start])
                of.append(those[place])
                values.append(value)
            start += len(rows)
        return np.concatenate(of), np.concatenate(values)

    def tile_row(self, row: int) -> tuple[Tile, int]:
        """The tile of a row, and its number there."""
        for tile, rows in self.parts:
            if row < len(rows):
                return tile, int(rows[row])
            row -= len(rows)
        raise IndexError(row)

    def id_of(self, row: int) -> int:
        """The listing of a row."""
        tile, number = self.tile_row(row)
        return int(tile.ids[number])


class _Near(Tally):
    """One question over one area. A row misses conditions; who misses none is found, and who misses one alone counts in that facet."""

    def __init__(self, wanted: Wanted, zone_names: Mapping[int, str], area: Area, tags: Mapping[str, int]) -> None:
        super().__init__(wanted, NAMES)
        self._area = area
        self._tags = tags
        self._minutes = {number: clock_of(name, wanted).minute for number, name in zone_names.items()}
        self._young = micros(wanted.now) - STALE_HOURS * 3_600_000_000
        self._known = self._facets()
        self._conditions = self._plain() | {name: has for name, (has, _unknown) in self._known.items()}
        misses = np.zeros(len(area), np.int64)
        for has in self._conditions.values():
            misses += ~has
        self._fits, self._may = misses == 0, misses <= 1
        self._hours = 0
        self._sure = self._may
        self._keys: Floats | Ints = area.chords
        self._rows: dict[str, Ints] = {}
        self._bits: dict[str, list[int]] = {}

    # --- what is asked for ---

    def _plain(self) -> dict[str, Bools]:
        """For each facet of which something is known of every listing, which rows have a value that is asked for."""
        wanted, area, found = self.wanted, self._area, {}
        if wanted.kinds:
            found["kind"] = _is_one_of(area.kinds, [KINDS.index(kind) for kind in wanted.kinds])
        if wanted.attendance:
            bits, all_needed = masks.of_attendance(wanted.attendance)
            found["attendance"] = (area.masks & bits) == bits if all_needed else self._has(bits)
        if wanted.programs:
            numbers = [masks.program_number(program) for program in wanted.programs]
            found["program"] = _is_one_of(area.programs, numbers)
        return found

    def _facets(self) -> dict[str, tuple[Bools, Bools]]:
        """For each facet of which a listing may say nothing, which rows have a value that is asked for, and which say nothing."""
        wanted, area, found = self.wanted, self._area, {}
        for facet in FACETS:
            if values := wanted.facets.get(facet):
                found[facet] = self._has(masks.of_values(facet, values)), ~self._has(masks.known(facet))
        if wanted.languages:
            tags = {tag.lower() for tag in wanted.languages}
            numbers = [number for tag, number in self._tags.items() if tag in tags]
            rows, spoken = area.linked(lambda tile: tile.languages, np.arange(len(area)))
            found["language"] = self._any(rows[np.isin(spoken, numbers)]), ~self._has(masks.known("language"))
        if wanted.openings:
            found[OPENINGS] = self._opening, ~area.after(lambda tile: tile.told, self._young)
        return found

    @cached_property
    def _opening(self) -> Bools:
        """Which rows have an opening to count on."""
        return self._area.after(lambda tile: tile.opening, self._young)

    def _has(self, bits: int) -> Bools:
        found: Bools = (self._area.masks & bits) != 0
        return found

    def _any(self, rows: Ints) -> Bools:
        """Which rows are among these."""
        found = np.zeros(len(self._area), bool)
        found[rows] = True
        return found

    # --- time ---

    async def decide(self, read: dated.Read) -> None:
        """Leaves what answers what is asked of the time; rows whose times need dates are asked of their timetables."""
        wanted, is_asked = self.wanted, self.wanted.time.is_set
        if not needs_dates(wanted):
            return
        by_time = wanted.order == "time"
        is_dated, is_silent = self._has(masks.DATED), np.zeros(len(self._fits), bool)
        timely = self._may
        if is_asked:
            is_silent = self._fits & ~self._has(masks.HOURS_KNOWN)
            timely = self._may & ~is_silent
            timely = timely & (self._weekly(timely) | self._has(masks.OTHER_TIMES))
        self._hours = int(np.count_nonzero(is_silent))
        self._sure = timely & ~is_dated
        if by_time:
            self._keys = self._next_minutes(self._sure)
        rows = {self._area.id_of(row): row for row in np.flatnonzero(timely & is_dated).tolist()}
        for id, table in (await dated.matching(list(rows), wanted, read)).items():
            self._sure[rows[id]] = True
            if by_time:
                self._keys[rows[id]] = minutes_of(table, wanted)

    @cached_property
    def _clocks(self) -> Ints:
        """The minute of the week on the clock of each zone, by its number."""
        # A zone that has come in since the zones were read has no clock here yet: that is no reason to fail.
        most = max(max(self._minutes, default=0), int(self._area.zones.max(initial=0)))
        found = np.zeros(most + 1, np.int64)
        for number, minute in self._minutes.items():
            found[number] = minute
        return found

    def _times(self, rows: Bools) -> tuple[Ints, Ints, Ints, Bools, Ints]:
        """The weekly times of these rows: whose they are, from which minute of the week and for how long, whether they are meetings, and the minute
        of the week on their clock."""
        of, times = self._area.linked(lambda tile: tile.times, np.flatnonzero(rows))
        return of, *parts_of(times), self._clocks[self._area.zones[of]]

    def _weekly(self, rows: Bools) -> Bools:
        """Which of these rows answer by their weekly times: see `Statement.times`, condition by condition."""
        asked = self.wanted.time
        of, starts, minutes, is_meeting, now = self._times(rows)
        is_on = (now + WEEK - starts) % WEEK < minutes
        found = np.ones(len(rows), bool)
        if asked.open_now:
            found &= self._any(of[is_on])
        if asked.now:
            soon = (starts + WEEK + GRACE_MINUTES - now) % WEEK <= GRACE_MINUTES + SOON_MINUTES
            found &= self._any(of[is_on | soon])
        if asked.day is not None or asked.date_offset is not None or asked.within:
            that = np.ones(len(of), bool)
            if asked.date_offset is not None:
                that &= starts // DAY == (now // DAY + asked.date_offset) % 7
            elif asked.day is not None:
                that &= starts // DAY == asked.day
            if asked.within:
                that &= self._within(starts % DAY, minutes, is_meeting, asked.within)
            found &= self._any(of[that])
        return found

    def _within(self, start: Ints, minutes: Ints, is_meeting: Bools, within: TimeRange) -> Bools:
        """Whether weekly times answer a range of the day: see `schedule.overlaps`."""
        asked = self.wanted.time
        on_one_day = asked.day is not None or asked.date_offset is not None
        meeting, hours = np.zeros(len(start), bool), np.zeros(len(start), bool)
        for a, b in within.pieces():
            meeting |= (start >= a) & (start < b)
            for days in (0,) if on_one_day else (0, 1):
                hours |= (start < b + days * DAY) & (start + minutes > a + days * DAY)
        if not on_one_day:
            hours |= minutes >= DAY
        return np.where(is_meeting, meeting, hours)

    def _next_minutes(self, rows: Bools) -> Floats:
        """What the sort by time sorts by; see `Statement.next_minutes`."""
        of, starts, minutes, is_meeting, now = self._times(rows)
        is_on = ~is_meeting & ((now + WEEK - starts) % WEEK < minutes)
        waits = np.where(is_on, GRACE_MINUTES, (starts + WEEK + GRACE_MINUTES - now) % WEEK)
        found = np.full(len(rows), float(NEVER))
        np.minimum.at(found, of, waits.astype(float))
        return found

    # --- the answer ---

    def page(self, version: int, limits: Sequence[float] = ()) -> Found:
        """One page in order, what is unknown, and how many lie within each of these squared chords."""
        rows = self._rows_of("")
        unknown = {name: self._untold(name, says_nothing) for name, (_has, says_nothing) in self._known.items()}
        if self.wanted.time.is_set:
            unknown["open" if self.wanted.time.open_now else "time"] = self._hours
        within = tuple(int(np.count_nonzero(self._area.chords[rows] <= limit)) for limit in limits)
        return Found(tuple(self._first(rows)), len(rows), unknown, version, within)

    def _first(self, rows: Ints) -> list[Match]:
        """The matches of the page. Names decide between equal ones, and are read of those alone that may stand on it."""
        first, count = self.wanted.offset, self.wanted.offset + self.wanted.limit
        keys = self._keys[rows]
        if first >= len(rows):
            return []
        if count < len(rows):
            rows = rows[keys <= np.partition(keys, count - 1)[count - 1]]
        found = []
        for row in rows.tolist():
            tile, number = self._area.tile_row(row)
            found.append(Match(self._keys[row].item(), tile.names[number], int(tile.ids[number])))
        return sorted(found)[first:count]

    def _rows_of(self, missed: str) -> Ints:
        """The rows that miss this condition alone, or nothing where it is ""."""
        if missed not in self._rows:
            which = self._fits if not missed else ~self._fits & ~self._conditions[missed]
            self._rows[missed] = np.flatnonzero(which & self._sure)
        return self._rows[missed]

    def _untold(self, name: str, says_nothing: Bools) -> int:
        """How many answer all but this facet, of which they say nothing."""
        return int(np.count_nonzero(says_nothing[self._rows_of(name)]))

    def _counted_in(self, name: str) -> tuple[str, ...]:
        """What rows may miss that count in a facet."""
        return ("", name) if name in self._conditions else ("",)

    def count_links(self) -> None:
        """Fills the counts of facets of links."""
        area = self._area
        links: dict[str, Callable[[Tile], Links]] = {
            "language": lambda tile: tile.languages,
            "type": lambda tile: tile.codes,
        }
        # Of most rows it is known without a look that they have none.
        has = {"language": self._has(masks.known("language")), "type": area.kinds == MEETING}
        tags = list(self._tags)
        for name, of in links.items():
            parts = [rows[has[name][rows]] for rows in map(self._rows_of, self._counted_in(name))]
            values = area.linked(of, parts[0] if len(parts) == 1 else np.sort(np.concatenate(parts)))[1]
            counts = np.bincount(values)
            for number in counts.nonzero()[0].tolist():
                self.links[name][str(number) if name == "type" else tags[number]] = int(counts[number])
        is_open = self._opening
        if times := sum(int(np.count_nonzero(is_open[self._rows_of(part)])) for part in self._counted_in(OPENINGS)):
            self.links[OPENINGS]["1"] = times

    def in_order(self, name: str) -> Iterator[tuple[str, int]]:
        """See `Tally`."""
        parts = self._counted_in(name)
        if name in VALUES:
            bits = [self._bits_of(part) for part in parts]
            for value, needed, place in _PLACES[name]:
                number = (
                    sum(self._having(part, needed) for part in parts)
                    if place is None
                    else sum(each[place] for each in bits)
                )
                yield value, number
            return
        numbers, column = (KIND_NUMBERS, self._area.kinds) if name == "kind" else (PROGRAM_NUMBERS, self._area.programs)
        rows = np.concatenate([self._rows_of(part) for part in parts])
        found = np.bincount(column[rows], minlength=max(numbers.values()) + 1).tolist()
        yield from ((value, found[number]) for value, number in numbers.items())

    def _bits_of(self, missed: str) -> list[int]:
        """For each bit how many of the rows that miss this have it."""
        if missed not in self._bits:
            numbers = self._area.masks[self._rows_of(missed)]
            planes = np.unpackbits(numbers.astype("<i8").view(np.uint8).reshape(-1, _BYTES), axis=1, bitorder="little")
            self._bits[missed] = planes.sum(axis=0, dtype=np.int64).tolist()
        return self._bits[missed]

    def _having(self, missed: str, bits: int) -> int:
        """How many of the rows that miss this have all of these bits."""
        return int(np.count_nonzero((self._area.masks[self._rows_of(missed)] & bits) == bits))


def _is_one_of(column: Ints, numbers: Sequence[int]) -> Bools:
    """Which have one of these numbers, of which there are few: `np.isin` is made for many."""
    found: Bools = column == numbers[0]
    for number in numbers[1:]:
        found |= column == number
    return found
