"""What can be asked of the search: the parameters of the contract, parsed into one value, and put back into an address."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from directory.domain.errors import Problem
from directory.domain.geo import Point
from directory.domain.listings import fold
from directory.domain.schedule import TimeFilter, TimeRange
from directory.domain.taxonomy import ATTENDANCE, FACETS, KINDS, PROGRAMS

DEFAULT_WITHIN = 25.0
MAX_WITHIN = 500.0
DEFAULT_PER_PAGE = 25
MAX_PER_PAGE = 100
MAX_TEXT = 200
MAX_TAKEN = 30
"""Listings that a person can take along: more would make an address too long to send."""
SORTS = ("distance", "time", "name")
DAY_WORDS = ("0", "1", "2", "3", "4", "5", "6", "today", "tomorrow")

TIMES_OF_DAY = {
    "morning": TimeRange(4 * 60, 11 * 60),
    "midday": TimeRange(11 * 60, 17 * 60),
    "evening": TimeRange(17 * 60, 21 * 60),
    "night": TimeRange(21 * 60, 4 * 60),
}
"""The parts of the day by the contract (ends exclusive)."""


@dataclass(frozen=True, slots=True)
class Query:
    """One search. Everything is as the visitor gave it, checked; nothing is looked up yet.

    Each of `words` may be the beginning of a word, `phrases` (from quotes) are whole words in their order; `text` is what was typed.
    `facets` maps a facet to the values of which any will do. `types` are (system, code) pairs. `at` is naive when it is
    local to the place searched. `sort` None means the default for what is asked. `taken` are the slugs of a list that a person
    takes along: it asks for nothing, and goes from page to page in their addresses, so that nothing has to be stored.
    """

    words: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    text: str = ""
    near: str = ""
    point: Point | None = None
    within: float = DEFAULT_WITHIN
    kinds: tuple[str, ...] = ()
    day: str = ""
    time: str = ""
    open_now: bool = False
    at: datetime | None = None
    tz: str = ""
    attendance: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    languages: tuple[str, ...] = ()
    types: tuple[tuple[str, str], ...] = ()
    openings: bool = False
    sort: str | None = None
    page: int = 1
    per_page: int = DEFAULT_PER_PAGE
    taken: tuple[str, ...] = ()
    _parts: dict[str, str] = field(default_factory=dict, init=False, repr=False, compare=False)
    """Each field as it stands in an address ("" where it is as usual), in their order; empty until the first address is written."""

    @property
    def has_place(self) -> bool:
        """Whether a place is given, in words or as coordinates."""
        return self.point is not None or bool(self.near)

    @property
    def online_only(self) -> bool:
        """Whether only what can be joined from anywhere is asked for: then there is no radius."""
        return self.attendance == ("online",)

    @property
    def order(self) -> str:
        """The sort that applies: distance with a place, time for meetings without one, else name."""
        located = self.has_place and not self.online_only
        return "distance" if located and self.sort in (None, "distance") else self.order_without_place

    @property
    def order_without_place(self) -> str:
        """The sort of what is not near any place."""
        if self.sort and self.sort != "distance":
            return self.sort
        return "time" if self.kinds == ("meeting",) else "name"

    @property
    def offset(self) -> int:
        """How many results come before this page."""
        return (self.page - 1) * self.per_page

    @property
    def time_filter(self) -> TimeFilter:
        """The part of the question that is about time."""
        return TimeFilter(
            day=int(self.day) if self.day.isdigit() else None,
            date_offset={"today": 0, "tomorrow": 1}.get(self.day),
            within=TIMES_OF_DAY.get(self.time) or _range(self.time),
            now=self.time == "now",
            open_now=self.open_now,
        )

    def params(self) -> list[tuple[str, str]]:
        """The question as parameters in one fixed order, without defaults: the canonical form."""
        return [pair for name in _WRITTEN for pair in _params_of(name, getattr(self, name))]

    def url_query(self, **changes: object) -> str:
        """The canonical query string, with fields of this class replaced; the page starts again at 1 unless it is given."""
        # A page writes a dozen addresses that differ in one field each: the others are put into words once.
        if not self._parts:
            self._parts.update((name, _part(name, getattr(self, name))) for name in _WRITTEN)
        changed = {name: _part(name, value) for name, value in changes.items() if name in _WRITTEN}
        parts = {**self._parts, "page": "", **changed}
        return "&".join(filter(None, parts.values()))


def _one(name: str, words: Callable[[Any], str] = str) -> Callable[[Any], list[tuple[str, str]]]:
    return lambda value: [(name, words(value))]


def _each(name: str, words: Callable[[Any], str] = str) -> Callable[[Any], list[tuple[str, str]]]:
    return lambda values: [(name, words(value)) for value in values]


def _point_params(point: Point) -> list[tuple[str, str]]:
    return [("lat", _number(point.lat)), ("lon", _number(point.lon))]


def _facet_params(facets: Mapping[str, tuple[str, ...]]) -> list[tuple[str, str]]:
    return [(facet, value) for facet in FACETS for value in facets.get(facet, ())]


def _number(value: float) -> str:
    if abs(value) < 1e-4:  # otherwise it would read "1e-05", which no parameter takes
        return f"{value:.15f}".rstrip("0").rstrip(".")
    return f"{value:g}" if value == round(value, 3) else repr(value)


_WRITTEN: dict[str, tuple[object, Callable[[Any], list[tuple[str, str]]]]] = {
    "text": ("", _one("q")),
    "near": ("", _one("near")),
    "point": (None, _point_params),
    "within": (DEFAULT_WITHIN, _one("within", _number)),
    "kinds": ((), _each("kind")),
    "day": ("", _one("day")),
    "time": ("", _one("time")),
    "open_now": (False, lambda _: [("open", "now")]),
    "at": (None, _one("at", datetime.isoformat)),
    "tz": ("", _one("tz")),
    "attendance": ((), _each("attendance")),
    "programs": ((), _each("program")),
    "facets": ({}, _facet_params),
    "languages": ((), _each("language")),
    "types": ((), _each("type", ":".join)),
    "openings": (False, lambda _: [("openings", "1")]),
    "sort": (None, _one("sort")),
    "page": (1, _one("page")),
    "per_page": (DEFAULT_PER_PAGE, _one("per_page")),
    "taken": ((), _each("take")),
}
"""The fields of a Query in the order of an address, each with what it is when nobody has asked, and how it is written."""


def _params_of(name: str, value: Any) -> list[tuple[str, str]]:
    """A field as parameters: none where it is as usual."""
    usual, written = _WRITTEN[name]
    return written(value) if value != usual else []


def _part(name: str, value: Any) -> str:
    """A field as it stands in an address."""
    params = _params_of(name, value)
    return urlencode(params) if params else ""


def _range(text: str) -> TimeRange | None:
    found = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)-([01]?\d|2[0-4]):([0-5]\d)", text)
    if not found:
        return None
    start, end = int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])
    return TimeRange(start, end) if start != end and end <= 24 * 60 else None


def parse(params: Iterable[tuple[str, str]]) -> tuple[Query, list[Problem]]:
    """The query that these parameters ask, and what was wrong with them.

    What is wrong is left out of the query, so that a page can answer the rest; an interface refuses the whole. Unknown names
    are ignored. A name that can stand only once counts with its last value; blank values count as absent.
    """
    given: dict[str, list[str]] = {}
    for name, value in params:
        if value.strip():
            given.setdefault(name, []).append(value.strip())
    reader = _Reader(given)
    text = reader.words("q")
    words, phrases = _terms(text)
    types = tuple(
        (system.lower(), code)
        for system, _, code in (value.partition(":") for value in reader.shaped("type", r"[\w-]+:[^\s:\0-\x1f]{1,40}"))
    )
    query = Query(
        words=words,
        phrases=phrases,
        text=text,
        near=reader.text("near"),
        point=reader.point(),
        within=reader.number("within", DEFAULT_WITHIN, 1, MAX_WITHIN),
        kinds=reader.choices("kind", KINDS),
        day=reader.choice("day", DAY_WORDS) or "",
        time=reader.time(),
        open_now=reader.choice("open", ("now",)) is not None,
        at=reader.moment(),
        tz=reader.zone(),
        attendance=reader.choices("attendance", ATTENDANCE),
        programs=reader.choices("program", PROGRAMS),
        facets={name: values for name in FACETS if (values := reader.choices(name, FACETS[name]))},
        languages=tuple(value.lower() for value in reader.shaped("language", r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")),
        types=types,
        openings=reader.choice("openings", ("1",)) is not None,
        sort=reader.choice("sort", SORTS),
        page=int(reader.number("page", 1, 1, 100_000, whole=True)),
        per_page=int(reader.number("per_page", DEFAULT_PER_PAGE, 1, MAX_PER_PAGE, whole=True)),
        taken=tuple(
            value for value in dict.fromkeys(given.get("take", ())) if re.fullmatch(r"[0-9a-z-]{1,100}", value)
        )[:MAX_TAKEN],
    )
    return query, reader.problems


QUOTED = re.compile(r'["“”„«]([^"“”„«»]*)["“”»]')
"""Words that stand in quotes, of whatever kind a telephone makes."""


def _terms(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The single words of a text, and the phrases that stand in quotes, all folded; a quote that nothing closes is passed over."""
    phrases = dict.fromkeys(fold(phrase) for phrase in QUOTED.findall(text))
    words = dict.fromkeys(fold(QUOTED.sub(" ", text)).split())
    return tuple(words), tuple(phrase for phrase in phrases if phrase)


class _Reader:
    """Takes values out of the parameters and notes what is wrong with them."""

    def __init__(self, given: dict[str, list[str]]) -> None:
        self.given = given
        self.problems: list[Problem] = []

    def wrong(self, name: str, code: str, value: str, allowed: Sequence[str] = ()) -> None:
        self.problems.append(Problem(name, code, value, tuple(allowed)))

    def last(self, name: str) -> str:
        return self.given.get(name, [""])[-1]

    def text(self, name: str) -> str:
        value = self.last(name)
        if len(value) > MAX_TEXT:
            self.wrong(name, "too-long", value[:40], (str(MAX_TEXT),))
            return ""
        return value

    def words(self, name: str) -> str:
        """A text in which there is something that can be compared: signs alone would match everything."""
        value = self.text(name)
        if value and not fold(value):
            self.wrong(name, "bad-shape", value[:40])
            return ""
        return value

    def choices(self, name: str, allowed: Sequence[str]) -> tuple[str, ...]:
        chosen = {value.lower() for value in self.given.get(name, ())}
        for value in sorted(chosen.difference(allowed)):
            self.wrong(name, "unknown-value", value, allowed)
        return tuple(value for value in allowed if value in chosen)

    def choice(self, name: str, allowed: Sequence[str]) -> str | None:
        value = self.last(name).lower()
        if value and value not in allowed:
            self.wrong(name, "unknown-value", value, allowed)
            return None
        return value or None

    def shaped(self, name: str, pattern: str) -> tuple[str, ...]:
        good = []
        for value in dict.fromkeys(self.given.get(name, ())):
            if re.fullmatch(pattern, value):
                good.append(value)
            else:
                self.wrong(name, "bad-shape", value[:40])
        return tuple(good)

    def number(self, name: str, default: float, low: float, high: float, *, whole: bool = False) -> float:
        value = self.last(name)
        if not value:
            return default
        pattern = r"\d{1,9}" if whole else r"\d{1,9}(\.\d{1,9})?"
        if not re.fullmatch(pattern, value) or not low <= float(value) <= high:
            self.wrong(name, "out-of-range", value[:40], (f"{low:g}", f"{high:g}"))
            return default
        return float(value)

    def point(self) -> Point | None:
        lat, lon = self.last("lat"), self.last("lon")
        if not lat and not lon:
            return None
        if not lat or not lon:
            missing = "lon" if lat else "lat"
            self.wrong(missing, "missing", "")
            return None
        for name, value, most in (("lat", lat, 90), ("lon", lon, 180)):
            if not re.fullmatch(r"-?\d{1,3}(\.\d{1,15})?", value) or abs(float(value)) > most:
                self.wrong(name, "out-of-range", value[:40], (str(-most), str(most)))
                return None
        return Point(float(lat), float(lon))

    def time(self) -> str:
        value = self.last("time").lower()
        if not value or value in TIMES_OF_DAY or value == "now" or _range(value):
            return value
        self.wrong("time", "unknown-value", value[:40], (*TIMES_OF_DAY, "now", "HH:MM-HH:MM"))
        return ""

    def moment(self) -> datetime | None:
        value = self.last("at")
        if not value:
            return None
        try:
            # A plus sign that was not escaped in an address arrives as a blank.
            moment = datetime.fromisoformat(re.sub(r" (?=\d\d:\d\d$)", "+", value) if "T" in value else value)
        except ValueError:
            self.wrong("at", "bad-time", value[:40])
            return None
        if not 1970 <= moment.year <= 2200:
            self.wrong("at", "bad-time", value[:40])
            return None
        return moment

    def zone(self) -> str:
        value = self.last("tz")
        if not value:
            return ""
        try:
            # "localtime" and its like would make the answer depend on the machine that gives it.
            if "/" not in value and value != "UTC":
                raise ValueError(value)
            ZoneInfo(value)
        except (ValueError, KeyError, OSError):
            self.wrong("tz", "unknown-value", value[:40])
            return ""
        return value
