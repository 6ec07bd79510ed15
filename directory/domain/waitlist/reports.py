"""The figures that oversight sees, made of plain rows: what is counted, what is late, how long things took. Small numbers are not told.

What is asked for stands in 45 CFR 96.126(a), (c), (f) and 96.131, in the words of WAITLIST 1.9. A sheet holds codes and numbers; the words
are elsewhere, and the file for a spreadsheet holds the codes themselves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from math import ceil

from directory.domain.waitlist.calibration import Coverage
from directory.domain.waitlist.clocks import (
    ADMIT_WITHIN,
    ADMIT_WITHIN_EXTENDED,
    PREGNANT,
    Clock,
    Limit,
    Tier,
    admit_by,
    interim_first,
    interim_offered_at,
)
from directory.domain.waitlist.suppression import SMALL, Cell, column, is_small, table

REPORTS = (
    "exceptions",
    "contact",
    "capacity",
    "demand",
    "order",
    "times",
    "disclosures",
    "load",
    "estimate",
    "outcomes",
)
"""All there are: what has gone wrong comes first."""
PRIORITY = (int(Tier.PREGNANT_INJECTING), int(Tier.PREGNANT), int(Tier.INJECTING))
ALL = "all"


class Told(Enum):
    """That a number is not told because it is small, or would tell one that is."""

    HIDDEN = "suppressed"


Value = str | int | float | date | datetime | Told | None
"""A cell: a code or a number; None is what is not known."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table. `columns` are codes; `chart` names the columns of numbers that are also drawn, one picture each. `people`: its rows are people,
    by their numbers. `is_folded`: its rows are of several things, which stand in the first column; the last row of each is about all."""

    code: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    chart: tuple[str, ...] = ()
    people: bool = False
    is_folded: bool = False


def told(value: Cell) -> Value:
    """A number as a cell."""
    return Told.HIDDEN if value is None else value


# --- demand ----------------------------------------------------------------------------------------------------------

COUNTS = ("requested", "listed", "admitted")


def demand_sheets(
    by_tier: Mapping[str, Mapping[int, int]],
    removed: Mapping[tuple[str, int], int],
    others: Mapping[str, Mapping[str, Mapping[str, int]]],
) -> list[Sheet]:
    """How many asked, stood in line at the end, were admitted and left otherwise, and why.

    `by_tier` holds the COUNTS of each tier, `removed` how many left by reason and tier, `others` by the name of a key, such as "care", the
    COUNTS and "removed" of each value of it. Who left is told of each tier as it is told beneath their reasons, or the two would tell more
    together than each alone.
    """
    tiers = sorted({*(each for counts in by_tier.values() for each in counts), *(tier for _, tier in removed)})
    reasons = sorted({reason for reason, _ in removed})
    cells = table([[removed.get((reason, tier), 0) for tier in tiers] for reason in reasons])
    gone = (cells[-1][:-1], cells[-1][-1]) if cells else column([0] * len(tiers))
    columns = [*(column([by_tier.get(name, {}).get(tier, 0) for tier in tiers]) for name in COUNTS), gone]
    sheets = [_demand("demand-tier", "tier", tiers, columns), _removed(reasons, tiers, cells)]
    for key, counted in others.items():
        values = sorted({each for counts in counted.values() for each in counts})
        columns = [column([counted.get(name, {}).get(each, 0) for each in values]) for name in (*COUNTS, "removed")]
        sheets.append(_demand(f"demand-{key}", key, values, columns))
    return sheets


def _demand(code: str, key: str, keys: Sequence[int | str], columns: Sequence[tuple[tuple[Cell, ...], Cell]]) -> Sheet:
    rows = [(each, *(told(cells[place]) for cells, _ in columns)) for place, each in enumerate(keys)]
    total = (ALL, *(told(whole) for _, whole in columns))
    return Sheet(code, (key, *COUNTS, "removed"), (*rows, total), chart=("requested", "admitted"))


def _removed(reasons: Sequence[str], tiers: Sequence[int], cells: Sequence[Sequence[Cell]]) -> Sheet:
    names = (*reasons, ALL) if reasons else ()
    rows = tuple((name, *map(told, row)) for name, row in zip(names, cells, strict=True))
    return Sheet("removed", ("reason", *(f"tier-{tier}" for tier in tiers), ALL), rows, chart=(ALL,))


# --- exceptions ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Priority:
    """The place of somebody whom the federal order puts first. `ended_at` is when they were placed or left; `requested_on` a local day of the
    line; `offered` the interim services of the client by item and moment."""

    upi: str
    line: str
    tier: int
    requested_at: datetime
    requested_on: date
    no_capacity_on: date | None
    ended_at: datetime | None
    status: str
    offered: tuple[tuple[str, datetime], ...] = ()

    @property
    def interim_at(self) -> datetime | None:
        """When the last of the interim services that were due was offered for this request."""
        facts = {PREGNANT} if self.tier < Tier.INJECTING else set()
        return interim_offered_at(interim_first(self.offered, self.requested_at), facts)

    @property
    def clock(self) -> Clock:
        """What its limits follow from."""
        return Clock(self.requested_at, self.requested_on, self.no_capacity_on, self.interim_at)


@dataclass(frozen=True, slots=True)
class Exceeded:
    """A limit that was passed: `kind` is interim, 14-days or 120-days, from `since` to `until` (None: still)."""

    place: Priority
    kind: str
    since: datetime
    until: datetime | None
    missing: tuple[str, ...] = ()


def exceeded(place: Priority, now: datetime) -> tuple[Exceeded, ...]:
    """The limits that this place passed: 48 hours without interim services, 14 days without what makes them 120, and 120 days.

    45 CFR 96.126(b), 96.131(d). For pregnant women nothing makes 14 days longer.
    """
    due = admit_by(place.tier, place.clock)
    limits = [Exceeded(place, "interim", place.clock.interim_due_at, _first(place.interim_at, place.ended_at))]
    if due.limit is not Limit.DAYS_120:
        limits.append(Exceeded(place, "14-days", place.requested_at + ADMIT_WITHIN, place.ended_at, due.missing))
    limits.append(Exceeded(place, "120-days", place.requested_at + ADMIT_WITHIN_EXTENDED, place.ended_at))
    return tuple(each for each in limits if each.since < (each.until or now))


def _first(*moments: datetime | None) -> datetime | None:
    return min((each for each in moments if each is not None), default=None)


def exceptions_sheets(places: Iterable[Priority], *, since: datetime, until: datetime, now: datetime) -> list[Sheet]:
    """Each limit that was passed at any time between two moments, the longest first. They are not counted beside it: whoever sees the list
    can count, and a number that is kept back there would only look as if it were."""
    found = [
        each
        for place in places
        for each in exceeded(place, now)
        if each.since < until and (each.until is None or each.until > since)
    ]
    found.sort(key=lambda each: (each.until is not None, each.since))
    columns = ("kind", "upi", "line", "tier", "requested", "since", "until", "days-over", "missing")
    rows = tuple(
        (
            each.kind,
            each.place.upi,
            each.place.line,
            each.place.tier,
            each.place.requested_at,
            each.since,
            each.until,
            ceil(((each.until or now) - each.since) / timedelta(days=1)),
            ",".join(each.missing),
        )
        for each in found
    )
    return [Sheet("exceptions", columns, rows, people=True)]


# --- contacts --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Silence:
    """An open place, and when somebody was last reached, or asked where they never were."""

    upi: str
    line: str
    tier: int
    status: str
    contact_days: int
    last_at: datetime


def contact_sheet(places: Iterable[Silence], now: datetime) -> Sheet:
    """Who has not been reached for longer than their line allows, the longest first (45 CFR 96.126(c): a mechanism for maintaining contact)."""
    late = [each for each in places if now - each.last_at > timedelta(days=each.contact_days)]
    late.sort(key=lambda each: each.last_at)
    rows = tuple(
        (each.upi, each.line, each.tier, each.status, each.last_at, each.contact_days, (now - each.last_at).days)
        for each in late
    )
    columns = ("upi", "line", "tier", "status", "last-contact", "allowed-days", "days-without")
    return Sheet("contact", columns, rows, people=True)


# --- order -----------------------------------------------------------------------------------------------------------


def order_sheets(offers: int, reasons: Counter[str], passed: Counter[str]) -> list[Sheet]:
    """How many offers were made, how many of them out of the order and why, and why people before the chosen one were not offered it."""
    in_order = offers - sum(reasons.values())
    return [
        _listed("out-of-order", Counter({"in-order": in_order, **reasons})),
        _listed("passed-over", passed),
    ]


def _listed(code: str, counts: Counter[str]) -> Sheet:
    keys = [key for key, _ in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))]
    cells, total = column([counts[key] for key in keys])
    rows = (*((key, told(cell)) for key, cell in zip(keys, cells, strict=True)), (ALL, told(total)))
    return Sheet(code, ("reason", "number"), rows, chart=("number",))


# --- times -----------------------------------------------------------------------------------------------------------


def percentile(values: Sequence[float], share: float) -> float | None:
    """The value that so many of them do not exceed (the nearest rank); None of none."""
    return sorted(values)[max(ceil(share * len(values)), 1) - 1] if values else None


def times_sheet(
    taken: Mapping[tuple[str, int | str], Sequence[float]], steps: Sequence[str], by: str = "tier"
) -> Sheet:
    """How many days each step took, of each tier (or line, as `by` says) and of all: half took so long at the most, and 9 in 10. Nothing is
    told of 10 people or fewer."""
    keys = sorted({key for _, key in taken}, key=lambda key: (str(type(key)), key))
    rows: list[tuple[Value, ...]] = []
    for step in steps:
        numbers, total = column([len(taken.get((step, key), ())) for key in keys])
        for key, number in zip(keys, numbers, strict=True):
            rows.append((step, key, *_figures(taken.get((step, key), ()), number)))
        rows.append((step, ALL, *_figures([each for key in keys for each in taken.get((step, key), ())], total)))
    code = "times" if by == "tier" else f"times-{by}"
    return Sheet(code, ("step", by, "number", "median-days", "p90-days"), tuple(rows))


def _figures(values: Sequence[float], number: Cell) -> tuple[Value, Value, Value]:
    if is_small(len(values)):
        return Told.HIDDEN, Told.HIDDEN, Told.HIDDEN
    median, most = (percentile(values, share) for share in (0.5, 0.9))
    return told(number), _rounded(median), _rounded(most)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


# --- load ------------------------------------------------------------------------------------------------------------

TARGET_WEEKS = ADMIT_WITHIN / timedelta(weeks=1)
FACTOR = 4
"""A line whose usual wait is a quarter of the target keeps nearly all below the target (NHSRwaitinglist, `target_queue_size`)."""
SPECIAL_MEASURES = 2.0
"""A line that is longer than twice its target size does not come back by itself."""


@dataclass(frozen=True, slots=True)
class Flow:
    """What came to a line in so many weeks, what left it by a placement or otherwise, and who stands in it now."""

    line: str
    weeks: float
    requests: int
    placed: int
    removed: int
    waiting: int

    @property
    def load(self) -> float | None:
        """Demand by capacity, where the capacity is what leaves the line: above 1 it grows without limit. None where nothing left it."""
        gone = self.placed + self.removed
        return self.requests / gone if gone else None

    @property
    def queue_ratio(self) -> float | None:
        """The line by its target size: demand in a week, times the target wait in weeks, by 4. None without any demand."""
        target = self.requests / self.weeks * TARGET_WEEKS / FACTOR
        return self.waiting / target if target else None


def load_sheet(flows: Iterable[Flow]) -> Sheet:
    """The load and the queue ratio of each line (NHSRwaitinglist). A ratio tells no number of people, but of a few nothing is told at all."""
    rows = []
    for flow in flows:
        few = is_small(flow.requests) or is_small(flow.placed + flow.removed)
        load, ratio = (None if value is None else round(value, 2) for value in (flow.load, flow.queue_ratio))
        hidden = Told.HIDDEN if few else None
        counts = tuple(told(None if is_small(number) else number) for number in (flow.requests, flow.waiting))
        rows.append((flow.line, *counts, hidden or load, hidden or ratio, _state(load, ratio) if not few else "few"))
    return Sheet("load", ("line", "requested", "waiting", "load", "queue-ratio", "state"), tuple(rows), chart=("load",))


def _state(load: float | None, ratio: float | None) -> str:
    if load is None or ratio is None:
        return "few"
    return "special-measures" if ratio > SPECIAL_MEASURES else "growing" if load > 1 else "steady"


# --- the estimate ----------------------------------------------------------------------------------------------------


def coverage_sheet(lines: Mapping[str, Coverage], whole: Coverage) -> Sheet:
    """How often the ranges that people were told came true, in percent, with the interval of that share; nothing of 10 people or fewer."""
    rows = [_coverage(name, found) for name, found in lines.items()]
    columns = ("line", "placed", "left", "inside", "inside-from", "inside-to", "early", "late", "state")
    return Sheet("estimate", columns, (*rows, _coverage(ALL, whole)), chart=("inside",))


def _coverage(name: str, found: Coverage) -> tuple[Value, ...]:
    counts = tuple(told(None if is_small(number) else number) for number in (found.placed, found.left))
    shares = (found.inside, found.low, found.high, found.early, found.late)
    if found.placed <= SMALL:
        return (name, *counts, *(None for _ in shares), "few")
    return (name, *counts, *(round(100 * share) for share in shares), "too-low" if found.is_too_low else "sound")
