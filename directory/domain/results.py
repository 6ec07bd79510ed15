"""What a search and a listing's page answer with: plain values, in which distance and time are already worked out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields, replace
from datetime import date, datetime, timedelta

from directory.domain.errors import Problem
from directory.domain.geo import Point, Precision
from directory.domain.listings import Geocode, Link, Phone, Status, Visibility
from directory.domain.openings import Restrictions, is_opening
from directory.domain.schedule import Timetable
from directory.domain.search import Query
from directory.domain.taxonomy import CodeInfo

FRESH_HOURS = 24
STALE_HOURS = 72


@dataclass(frozen=True, slots=True)
class Openings:
    """The latest report of openings. `freshness`: fresh (under 24 h), ask-first (to 72 h), old (not counted).

    What follows is of reports by people (domain/openings.py): `level` and `name` are those of the program's level.
    """

    unit: str
    available: int | None
    maximum: int | None
    as_of: datetime
    freshness: str
    care: str | None = None
    level: int | None = None
    name: str = ""
    expected: int | None = None
    accepting: str | None = None
    restrictions: Restrictions = Restrictions()

    @property
    def counts(self) -> bool:
        """Whether it is an opening to count on: the rule of `openings=1`."""
        return is_opening(self.available, self.accepting) and self.freshness != "old"


def freshness(as_of: datetime, now: datetime) -> str:
    """Under a day a report is fresh, to three days one should ask first, then it is too old to count."""
    if now - as_of < timedelta(hours=FRESH_HOURS):
        return "fresh"
    return "ask-first" if now - as_of < timedelta(hours=STALE_HOURS) else "old"


def openings_at(reports: Sequence[Openings], now: datetime) -> Openings | None:
    """What to tell of these reports, in the order of their age, at this moment: the latest of an opening that counts, else the
    latest of all."""
    seen = [replace(report, freshness=freshness(report.as_of, now)) for report in reports]
    return next((report for report in reversed(seen) if report.counts), seen[-1] if seen else None)


@dataclass(frozen=True)
class Card:
    """One result. What the public may not see is not in it: `point`, `street` and `source_key` (which may be
    made from the street) are None unless they may be shown.

    `search_point` is what distances are measured from: for an address that is not public the middle of its ZIP code.

    `distance_miles` is unrounded, None without a place. `is_open` None means that the hours are not known.
    `verified_on` is what its source says, `confirmed_on` when one of ours last asked and it was right, `since` when it came here (days, UTC).
    `reports` are the latest of each thing that is reported, the oldest first, of which `openings` is the one to tell.
    `stamp` is the same for as long as nothing of the listing changes, "" where nobody has looked.
    Times are aware, in `timezone` for what is in person and in the visitor's zone for what is online.
    """

    id: int
    slug: str
    version: int
    kind: str
    name: str
    organization: str | None
    status: Status
    street: str | None
    city: str | None
    state: str | None
    postal_code: str | None
    place_name: str | None
    visibility: Visibility
    point: Point | None
    search_point: Point | None
    approximate: bool
    timezone: str
    attendance: str | None
    program: str | None
    types: tuple[CodeInfo, ...]
    timetable: Timetable
    hours_text: str | None
    phones: tuple[Phone, ...]
    care: tuple[str, ...] | None
    pay: tuple[str, ...] | None
    people: tuple[str, ...] | None
    medication: tuple[str, ...] | None
    access: tuple[str, ...] | None
    languages: tuple[str, ...] | None
    coverage: str | None
    openings: Openings | None
    verified_on: date | None
    source_name: str
    source_key: str | None
    is_demo: bool
    reports: tuple[Openings, ...] = ()
    stamp: str = ""
    distance_miles: float | None = None
    is_open: bool | None = None
    always_open: bool = False
    open_until: datetime | None = None
    next_start: datetime | None = None
    next_end: datetime | None = None
    shown_zone: str = ""
    confirmed_on: date | None = None
    since: date | None = None

    @property
    def checked_on(self) -> date | None:
        """The day on which somebody last said that it is right: one of ours, or its source."""
        return max((day for day in (self.confirmed_on, self.verified_on) if day), default=None)

    def spare(self) -> Card:
        """The same card in half the room: a field that holds its default has it from the class. For cards that are kept by the thousand."""
        spare = object.__new__(Card)
        own = {
            name: value for name, value in self.__dict__.items() if name not in _DEFAULTS or value != _DEFAULTS[name]
        }
        spare.__dict__.update(own)
        return spare

    def seen(self, *changes: Mapping[str, object]) -> Card:
        """The card with these fields changed. `replace` would take ten times as long, and a page shows dozens."""
        seen = object.__new__(Card)
        seen.__dict__.update(self.__dict__)
        for changed in changes:
            seen.__dict__.update(changed)
        return seen


_DEFAULTS = {each.name: each.default for each in fields(Card) if each.default is not MISSING}


@dataclass(frozen=True, slots=True)
class Detail:
    """All that is public about one listing."""

    card: Card
    description: str | None
    place_notes: str | None
    street_2: str | None
    urls: tuple[Link, ...]
    conference_url: str | None
    conference_phone: str | None
    conference_notes: str | None
    minimum_age: int | None
    maximum_age: int | None
    eligibility: str | None
    application_process: str | None
    fees: str | None
    required_documents: str | None
    codes: tuple[CodeInfo, ...]
    geocode: Geocode | None
    source_title: str | None
    source_licence: str | None
    source_url: str | None
    source_checked_at: datetime
    next_times: tuple[tuple[datetime, datetime], ...] = ()
    set_at: datetime | None = None
    """When people last set something of it by hand that still stands."""
    hidden: str = ""
    """What was known when it was hidden after review (domain/checks.py `hidden_for`); "" where it is not hidden."""


@dataclass(frozen=True, slots=True)
class FoundPlace:
    """The place that a search is about. `label` None for coordinates; precision None then too.

    `areas` are the keys of the areas that it lies in (domain/coverage.py).
    """

    point: Point
    label: str | None
    precision: Precision | None
    timezone: str
    areas: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FacetCount:
    """How many listings one more filter, or another one, would leave: `code` as its parameter takes it.

    `info` is the code's own entry where the facet is `type`.
    """

    code: str
    count: int
    info: CodeInfo | None = None


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What serves a place without being near it: online, nationwide, or for its county or state. At most 10 of `total`."""

    total: int = 0
    cards: tuple[Card, ...] = ()


@dataclass(frozen=True, slots=True)
class SearchResult:
    """One page of answers.

    `unknown` counts, for a filter, the listings that may answer it but do not say (`{"open": 4}`; "time" where a day or a
    time is asked). `facets` counts for each facet what each of its values would find: its own selection is left aside, all else
    applies; values that find nothing are left out unless they are chosen. `spelled` says for a word that found nothing which
    words were looked for as well. `problems` are parts of the question that only the data could show to be wrong; they were left out.
    """

    query: Query
    place: FoundPlace | None
    now: datetime
    zone: str
    total: int
    cards: tuple[Card, ...]
    unknown: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    facets: Mapping[str, tuple[FacetCount, ...]] = field(default_factory=dict)
    elsewhere: Elsewhere = Elsewhere()
    spelled: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def has_next(self) -> bool:
        """Whether there is a page after this one."""
        return self.query.offset + len(self.cards) < self.total
