"""Openings as an agency reports them for one level of a program: the numbers and whom it takes, and the rules for taking such a report.

Nothing is ever inferred from silence: a number or a restriction that nobody has given is None, and every rule here says what that means.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from directory.domain.errors import FootbridgeError, Problem
from directory.domain.taxonomy import PAY

CAPACITY, WAITLIST, NO_CAPACITY, ASSESS = "capacity", "waitlist", "no-capacity", "assess"
ACCEPTING = (CAPACITY, WAITLIST, ASSESS, NO_CAPACITY)
"""Whether somebody can come: now, onto the waiting list, to be seen first, or not at all."""
WEB, LINK, PHONE, IMPORT = "web", "link", "phone", "import"
"""How a report came: from the agency's own page, by the link of a letter, by a call of a peer, from a file."""
ALL, WOMEN, MEN = "all", "women", "men"
SEXES = (ALL, WOMEN, MEN)
NUMBERS = ("licensed", "staffed", "occupied", "held", "available", "expected")
MOST = 10_000
"""The largest number that is taken: beyond it somebody has typed something else."""
OLDEST = 120
LONGEST_NOTE = 500
EARLY = timedelta(minutes=5)
"""How far a clerk's clock may be ahead of ours."""

MARKS = (20, 68)
"""After so many hours the agency is asked for new numbers: 4 hours before the report is no longer fresh, and before it no longer counts."""
ASKED_UNTIL = timedelta(days=7)
"""An older report is asked about no more. It is shorter than messages are kept, by which it is known who was asked (domain/notices.py)."""

FULL_TENTHS = 9
"""45 CFR 96.126(a): a program that reaches 90 percent of its capacity to admit has to say so."""
NOTICE_DAYS = 7
"""45 CFR 96.126(a): within 7 days of reaching it."""

LONGEST_SENT_TO = 254

WATCH_DAYS = 30
MOST_WATCHES = 20
WATCH_PAUSE = timedelta(hours=1)
"""At most one letter in this time for each watch."""


@dataclass(frozen=True, slots=True)
class Restrictions:
    """Whom a level takes. `sex` is one of SEXES, `ages` from and to; `moud`: people who take medication for opioid use disorder;
    `children`: together with their parents. None is not known, and an empty list is known to be none."""

    sex: str | None = None
    youngest: int | None = None
    oldest: int | None = None
    moud: bool | None = None
    pay: tuple[str, ...] | None = None
    wheelchair: bool | None = None
    children: bool | None = None
    languages: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Numbers:
    """What a report says. `licensed` is the most there may be, `staffed` what can be used today, `held` is promised to somebody,
    `expected` come free within 7 days."""

    licensed: int | None = None
    staffed: int | None = None
    occupied: int | None = None
    held: int | None = None
    available: int | None = None
    expected: int | None = None
    accepting: str | None = None
    restrictions: Restrictions = field(default_factory=Restrictions)
    note: str | None = None


def is_opening(available: int | None, accepting: str | None) -> bool:
    """Whether somebody could come: a number that is not known is no opening, and neither is one where nobody is taken."""
    return bool(available) and accepting != NO_CAPACITY


@dataclass(frozen=True, slots=True)
class Report:
    """One report as it is kept. Moments are aware; `by` names who it came from as the audit trail does."""

    id: int
    numbers: Numbers
    as_of: datetime
    by: str
    via: str


@dataclass(frozen=True, slots=True)
class Level:
    """A level of care of a program whose openings are counted, with the latest report of it, None where there never was one.

    `agency` is the program's own and `keeper` the one that the listing belongs to, which is another once the listing was given away; `zone`
    is that of the place; `is_closed`: nothing is reported of it any more.
    """

    id: int
    name: str
    care: str
    unit: str
    licensed: int | None
    program: str
    is_funded: bool
    agency: int
    agency_name: str
    keeper: int
    listing: int
    slug: str
    listing_name: str
    zone: str
    is_closed: bool
    latest: Report | None

    @property
    def seen(self) -> int:
        """The number of the report that a form with these values was made from; 0 for none."""
        return self.latest.id if self.latest else 0

    @property
    def start(self) -> Numbers:
        """What a form begins with: what was said last, else the most that the program has told of itself."""
        return self.latest.numbers if self.latest else Numbers(licensed=self.licensed)


class ReportedSince(FootbridgeError):
    """Somebody else has reported the same level since this form was made. `level` has what they said."""

    code = "reported-since"
    status = 409

    def __init__(self, level: Level) -> None:
        super().__init__(level=level.id)
        self.level = level


# --- whether a report can be taken -----------------------------------------------------------------------------------


def report_problems(numbers: Numbers) -> list[Problem]:
    """What has to be put right before these numbers can be taken, field by field."""
    found = [
        Problem(name, "number", str(value), (str(MOST),))
        for name in NUMBERS
        if (value := getattr(numbers, name)) is not None and not 0 <= value <= MOST
    ]
    if most_available(numbers) is not None and not found:
        found += _too_many(numbers)
    if numbers.accepting is not None and numbers.accepting not in ACCEPTING:
        found.append(Problem("accepting", "choice", numbers.accepting, ACCEPTING))
    found += _says_nothing(numbers)
    if len(numbers.note or "") > LONGEST_NOTE:
        found.append(Problem("note", "too-long", "", (str(LONGEST_NOTE),)))
    return found + _unfit(numbers.restrictions)


def _says_nothing(numbers: Numbers) -> list[Problem]:
    """That nobody could tell from a report whether somebody can come: it would be taken for fresh, and say less than none."""
    if numbers.accepting is None and numbers.available is None:
        return [Problem("accepting", "nothing", "")]
    if numbers.accepting == CAPACITY and numbers.available == 0:
        return [Problem("available", "which", "0")]
    return []


def most_available(numbers: Numbers) -> int | None:
    """How many can be open at the most: staffed less occupied and held (WAITLIST.md 3.4), and never under none where more are there than
    were meant to be. A number that is not known takes nothing away, so that what is refused is wrong whatever it is."""
    if numbers.staffed is None:
        return None
    return max(0, numbers.staffed - (numbers.occupied or 0) - (numbers.held or 0))


def _too_many(numbers: Numbers) -> list[Problem]:
    most = most_available(numbers)
    if numbers.available is None or most is None or numbers.available <= most:
        return []
    parts = (numbers.staffed, numbers.occupied or 0, numbers.held or 0, most)
    return [Problem("available", "sum", str(numbers.available), tuple(map(str, parts)))]


def _unfit(given: Restrictions) -> list[Problem]:
    found = []
    if given.sex is not None and given.sex not in SEXES:
        found.append(Problem("sex", "choice", given.sex, SEXES))
    found += [Problem("pay", "choice", value, PAY) for value in given.pay or () if value not in PAY]
    for name in ("youngest", "oldest"):
        value = getattr(given, name)
        if value is not None and not 0 <= value <= OLDEST:
            found.append(Problem(name, "number", str(value), (str(OLDEST),)))
    if given.youngest is not None and given.oldest is not None and given.youngest > given.oldest:
        found.append(Problem("oldest", "ages", str(given.oldest), (str(given.youngest),)))
    return found


def moment_problems(as_of: datetime, latest: datetime | None, now: datetime) -> list[Problem]:
    """What is wrong with when a report was true: not yet, or before one that we have already (WAITLIST.md 4.1)."""
    if as_of > now + EARLY:
        return [Problem("as_of", "future", as_of.isoformat())]
    if latest is not None and as_of < latest:
        return [Problem("as_of", "older", as_of.isoformat(), (latest.isoformat(),))]
    return []


# --- when to ask again -----------------------------------------------------------------------------------------------


def mark_due(as_of: datetime, now: datetime) -> int | None:
    """The latest of MARKS that a report of this moment has passed, in hours gone by whatever the clocks did meanwhile; None before the
    first, and once it is older than ASKED_UNTIL."""
    age = now - as_of
    if age >= ASKED_UNTIL:
        return None
    return max((mark for mark in MARKS if age >= timedelta(hours=mark)), default=None)


# --- the notice at 90 percent ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Notice:
    """That a level came to 90 percent: `share` in percent, `taken` (occupied and held) of `staffed`. Moments are aware; `zone` is that of
    the place. `closed_at`: since when it is below again."""

    id: int
    level: str
    program: str
    agency: int
    agency_name: str
    zone: str
    share: int
    staffed: int | None
    taken: int
    reached_at: datetime
    due_at: datetime
    sent_at: datetime | None
    sent_to: str
    closed_at: datetime | None

    def is_overdue(self, now: datetime) -> bool:
        """Whether it should have been sent by now."""
        return self.sent_at is None and self.due_at <= now


def is_full(numbers: Numbers) -> bool | None:
    """Whether a level is at 90 percent of its capacity or more: occupied and held of what is staffed. None where that cannot be told;
    with one of the two not known it is told only where the other is enough."""
    if not numbers.staffed or (numbers.occupied is None and numbers.held is None):
        return None
    is_over = 10 * ((numbers.occupied or 0) + (numbers.held or 0)) >= FULL_TENTHS * numbers.staffed
    if not is_over and (numbers.occupied is None or numbers.held is None):
        return None
    return is_over


def share(numbers: Numbers) -> int:
    """The part that is taken, in whole percent, cut and not rounded, so that 89.9 is not 90. Needs `staffed`."""
    assert numbers.staffed
    return 100 * ((numbers.occupied or 0) + (numbers.held or 0)) // numbers.staffed


# --- telling of openings ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Watch:
    """That somebody is told of openings which this search (its canonical query) finds. `seen` is the last report that was looked at."""

    id: int
    person: int
    query: str
    created_at: datetime
    ends_at: datetime
    seen: int
    told_at: datetime | None


# --- whom it takes ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Fit:
    """Whether what is asked for is taken: `is_out` where it is known not to be; `unknown` are the facets that nobody has said."""

    is_out: bool = False
    unknown: tuple[str, ...] = ()


def fit(
    asked: Sequence[tuple[str, Sequence[str]]],
    restrictions: Restrictions,
    known: Sequence[tuple[str, Sequence[str] | None]],
) -> Fit:
    """Whether a report takes who pays or is as `asked`, by facet. What it says of itself goes before what is `known` of its listing; what
    neither says is not a no."""
    listed, unknown = dict(known), []
    for facet, values in asked:
        taken = _takes(facet, values, restrictions, listed.get(facet)) if values else True
        if taken is False:
            return Fit(is_out=True)
        if taken is None:
            unknown.append(facet)
    return Fit(unknown=tuple(unknown))


def _takes(facet: str, values: Sequence[str], given: Restrictions, listed: Sequence[str] | None) -> bool | None:
    if facet == "people":
        return _takes_people({*values}, given.sex, None if listed is None else {*listed})
    taken = given.pay if given.pay is not None else listed
    return None if taken is None else not {*values}.isdisjoint(taken)


def _takes_people(asked: set[str], sex: str | None, listed: set[str] | None) -> bool | None:
    sexes = asked & {WOMEN, MEN}
    if sexes and sex is not None:
        return sex == ALL or sex in sexes or bool((asked - sexes) & (listed or set()))
    if listed is None or (sexes and not listed & (asked | {WOMEN, MEN})):
        return None  # a place that names no sex may take both
    return bool(asked & listed)
