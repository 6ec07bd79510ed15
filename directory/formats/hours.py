"""Opening hours and times of meetings as people write them, read only where nothing has to be guessed.

A text is understood whole or not at all: what is left over might be the very thing that matters ("by appointment", "closed
on holidays"), so the reader then keeps the text and adds no times. Morning or evening is never guessed where it is unclear.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from directory.domain.schedule import DAY, LAST, Sort, Window

DAY_NAMES = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
WEEKS = {
    "1st": 1,
    "first": 1,
    "2nd": 2,
    "second": 2,
    "3rd": 3,
    "third": 3,
    "4th": 4,
    "fourth": 4,
    "5th": 5,
    "last": LAST,
}
"""The weeks of the month as people write them."""
EVERY_DAY = tuple(range(7))
NOON = 12 * 60
LONGEST = 400
"""Characters of a text that are tried: a longer one is prose."""

_NAMED = re.compile(r"(?:12(?:[:.]00)?\s*)?(?:(?P<noon>noon|midday)|midnight)")
_TIME = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?(?::\d{2}(?:\.\d+)?)?\s*(?:([ap])\.?\s*m?\.?)?", re.IGNORECASE)


def minute_of(text: str) -> int | None:
    """Minutes after midnight of "19:00", "19:30:00", "7:00 PM", "7 pm", "noon"; None for what is no time.

    A time with a colon and no half of the day is taken by the clock of 24 hours: for fields that are specified so.
    """
    text = text.strip().lower()
    if named := _NAMED.fullmatch(text):
        return NOON if named["noon"] else 0
    found = _TIME.fullmatch(text)
    if not found or (found[2] is None and found[3] is None):
        return None
    hour, minute, half = int(found[1]), int(found[2] or 0), found[3]
    if half and 1 <= hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    elif half == "a" and hour > 12:
        return None
    return hour * 60 + minute if hour < 24 and minute < 60 else None


def minute_of_number(text: str) -> int | None:
    """Minutes after midnight of a time written as one number: "900" is 9:00, "0" midnight, "2359" the end of the day."""
    if not re.fullmatch(r"\d{1,4}", text.strip()):
        return None
    hour, minute = divmod(int(text), 100)
    if (hour, minute) == (23, 59):
        return DAY
    return hour * 60 + minute if minute < 60 and (hour < 24 or (hour, minute) == (24, 0)) else None


def clear_minute_of(text: str) -> int | None:
    """Like `minute_of`, but None for "7:00", which may be either half of the day: "07:00", "19:00" and "7 pm" are clear."""
    text = text.strip()
    is_bare = re.fullmatch(r"([1-9]|1[0-2])([:.]\d{2}){0,2}", text)
    return None if is_bare else minute_of(text)


def minutes_of(text: str) -> int | None:
    """A length in minutes of "1hr 30mins", "90 minutes", "1:30", "90", "01:30:00"; None for what is none."""
    text = text.strip().lower()
    if found := re.fullmatch(r"(\d{1,2}):(\d{2})(?::\d{2})?", text):
        total = int(found[1]) * 60 + int(found[2])
    elif found := re.fullmatch(
        r"(?:(\d{1,2})\s*h(?:(?:ou)?rs?)?\.?)?\s*(?:(\d{1,3})\s*(?:m(?:in(?:ute)?s?)?\.?)?)?", text
    ):
        total = int(found[1] or 0) * 60 + int(found[2] or 0)
    else:
        return None
    return total if 0 < total <= DAY else None


def day_of(text: str) -> int | None:
    """0 (Sunday) to 6 of an English name, short or long, in any case, with or without its plural; None for all else."""
    word = text.strip().lower().rstrip(".").removesuffix("s")
    return next((day for day, name in enumerate(DAY_NAMES) if len(word) >= 3 and name.startswith(word)), None)


def read_days(text: str) -> tuple[int, ...] | None:
    """The weekdays of a text such as "Mon, Wed", "M-F", "MWF", "weekdays", in the order of the week; None unless all is a day."""
    if len(text) > LONGEST:
        return None
    try:
        tokens = list(_tokens(text, by_day=True))
    except _Unclear:
        return None
    days = [token for token in tokens if isinstance(token, _Days)]
    if not days or len(days) != len(tokens) or any(token.week for token in days):
        return None
    return tuple(sorted({day for token in days for day in token.days}))


def read_hours(text: str, *, sort: Sort = "hours", by_day: bool = True) -> tuple[Window, ...] | None:
    """The weekly times of a text such as "Mon-Fri 8:30am-5pm; Sat 10-2", "9-5 M-F", "24/7"; None unless all of it is understood.

    "9-5" without am or pm is nine to five only for what is open `by_day`: in a list of night shelters it may mean the night.
    "5-9", "7-7" and times without a day are never read. An end at or before its start lies on the next day.
    """
    if len(text) > LONGEST:
        return None
    try:
        found = [pair for clause in re.split(r"[;|\n]+", text) for pair in _clause(clause, by_day)]
    except _Unclear:
        return None
    if any(
        span is None and days.week for days, span in found
    ):  # "closed 1st Mon" cannot be told apart from every Monday
        return None
    closed = {day for days, span in found for day in days.days if span is None}
    windows = (
        Window(sort, day, span.start, span.minutes, days.week)
        for days, span in found
        for day in days.days
        if span and day not in closed
    )
    return (
        tuple(sorted(dict.fromkeys(windows), key=lambda window: (window.day, window.start, window.week or 0))) or None
    )


class _Unclear(Exception):
    """Something in the text is not understood, or may mean two things."""


@dataclass(frozen=True, slots=True)
class _Days:
    """Some weekdays, every week or in one week of the month."""

    days: tuple[int, ...]
    week: int | None = None


@dataclass(frozen=True, slots=True)
class _Span:
    """A time of day and how long, in minutes."""

    start: int
    minutes: int


@dataclass(frozen=True, slots=True)
class _Closed:
    """The word for it."""


_Token = _Days | _Span | _Closed

_DAY = (
    r"sunday|monday|tuesday|wednesday|thursday|friday|saturday|sun|mon|tues?|weds?|thur?s?|fri|sat|"
    r"mo|tu|we|th|fr|sa|su|m|t|w|f"
)
_SHORT = {"su": 0, "m": 1, "mo": 1, "t": 2, "tu": 2, "w": 3, "we": 3, "th": 4, "f": 5, "fr": 5, "sa": 6}
_WEEK = "|".join(WEEKS)
_CLOCK = r"\d{1,2}(?!\d)(?:[:.]\d{2})?\s*(?:[ap]\.?\s?m\b\.?|[ap]\b)?|\d{3,4}(?![\d:])|noon|midnight"
_TO = r"\s*(?:-+|to|until|till|til|through|thru)\s*"
_A_WEEK = r"(?:7|seven)\s*days(?:\s*(?:a|per)\s*week)?"
_PATTERN = re.compile(
    rf"(?P<always>24\s*/\s*7|24\s*(?:hours|hrs|hr|h)\b(?:\s*(?:a|per)\s*day)?)"
    rf"|(?P<daily>{_A_WEEK}\b|daily\b|every\s*day\b)"
    r"|(?P<some>weekdays?\b|weekends?\b)"
    r"|(?P<closed>closed\b)"
    rf"|(?P<weeks>(?:{_WEEK})(?:\s*(?:,|&|/|and)\s*(?:{_WEEK}))*)\s+(?P<monthly>{_DAY})s?\b(?:\s*of\s*(?:the|each|every)\s*month)?"
    rf"|(?P<first>{_DAY})s?\b\.?(?:{_TO}(?P<last>{_DAY})s?\b\.?)?"
    r"|(?P<run>(?:m|tu|th|t|w|f|sa|su){2,7}\b)"
    rf"|(?P<start>{_CLOCK}){_TO}(?P<end>{_CLOCK})"
    r"|(?P<nothing>[\s:.(),&/]+|(?:hours|hrs|open|from|on|at|and|between)\b)",
)


def _plain(text: str) -> str:
    """Lower case, with one kind of dash, and noon and midnight as one word each."""
    text = re.sub(r"[\u2010-\u2015\u2212~]", "-", text.lower())
    text = re.sub(r"\b12(?:[:.]00)?\s*(?:noon|midday)\b|\bmidday\b|\b12(?:[:.]00)?\s*n\b", "noon", text)
    return re.sub(r"\b12(?:[:.]00)?\s*midnight\b", "midnight", text)


def _tokens(text: str, by_day: bool) -> Iterator[_Token]:
    text, at = _plain(text), 0
    while at < len(text):
        found = _PATTERN.match(text, at)
        if not found:
            raise _Unclear
        at = found.end()
        yield from _token(found, by_day)


def _token(found: re.Match[str], by_day: bool) -> Iterator[_Token]:
    if found["always"]:
        yield _Span(0, DAY)
    elif found["daily"]:
        yield _Days(EVERY_DAY)
    elif found["some"]:
        yield _Days((1, 2, 3, 4, 5) if found["some"].startswith("weekd") else (0, 6))
    elif found["closed"]:
        yield _Closed()
    elif found["weeks"]:
        yield from (_Days((_day(found["monthly"]),), WEEKS[word]) for word in re.findall(_WEEK, found["weeks"]))
    elif found["first"]:
        yield _stretch(_day(found["first"]), _day(found["last"] or found["first"]))
    elif found["run"]:
        yield _run(found["run"])
    elif found["start"]:
        yield _span(_clock(found["start"]), _clock(found["end"], is_end=True), by_day)


def _day(word: str) -> int:
    day = _SHORT.get(word, day_of(word))
    if day is None:
        raise _Unclear
    return day


def _stretch(first: int, last: int) -> _Days:
    return _Days(tuple((first + offset) % 7 for offset in range((last - first) % 7 + 1)))


def _run(word: str) -> _Days:
    """Days written as one word, "mwf" or "tth". "mtwtf" has T for two of them and is clear all the same; "mt" may be a time zone."""
    days = [_SHORT[letters] for letters in re.findall("tu|th|sa|su|m|t|w|f", "mtwthf" if word == "mtwtf" else word)]
    ordered = sorted(days, key=lambda day: day or 7)
    if word == "mt" or ordered != days or len(set(days)) != len(days):
        raise _Unclear
    return _Days(tuple(days))


def _clause(text: str, by_day: bool) -> Iterator[tuple[_Days, _Span | None]]:
    """Each day of a clause with each of its times, None where it is closed: days and times in turn, whichever comes first."""
    groups: list[list[_Token]] = []
    for token in _tokens(text, by_day):
        if groups and type(groups[-1][0]) is type(token):
            groups[-1].append(token)
        else:
            groups.append([token])
    if groups == [[_Span(0, DAY)]]:
        groups.append([_Days(EVERY_DAY)])
    if len(groups) % 2:
        raise _Unclear
    for one, other in zip(groups[::2], groups[1::2], strict=True):
        days, times = (one, other) if isinstance(one[0], _Days) else (other, one)
        for day in days:
            for time in times:
                if not isinstance(day, _Days) or isinstance(time, _Days):
                    raise _Unclear
                yield day, time if isinstance(time, _Span) else None


@dataclass(frozen=True, slots=True)
class _Clock:
    """One written time. `half` is "a" or "p" where it says so, "24" where it is of the clock of 24 hours, "" where it may be either."""

    minute: int
    half: str

    @property
    def readings(self) -> tuple[int, ...]:
        return (self.minute,) if self.half else (self.minute, self.minute + NOON)


def _clock(text: str, *, is_end: bool = False) -> _Clock:
    text = text.strip()
    if text in ("noon", "midnight"):
        return _Clock(NOON, "p") if text == "noon" else _Clock(0, "a")
    if re.fullmatch(r"\d{3,4}", text):
        text = f"{text[:-2]}:{text[-2:]}"
    found = _TIME.fullmatch(text)
    if not found or int(found[2] or 0) > 59:
        raise _Unclear
    hour, minute, half = int(found[1]), int(found[2] or 0), (found[3] or "").lower()
    if half:
        value = minute_of(text)
        if value is None:
            raise _Unclear
        return _Clock(DAY if is_end and value == DAY - 1 else value, half)
    value = hour * 60 + minute
    if value > DAY:
        raise _Unclear
    if hour > 12 or text.startswith("0"):
        return _Clock(DAY if is_end and value == DAY - 1 else value, "24")
    return _Clock(value % NOON, "")


def _span(one: _Clock, other: _Clock, by_day: bool) -> _Span:
    """The one time that both ends can mean; raises _Unclear where there are two, or none."""
    spans = [
        (first, last) for first in one.readings for last in other.readings if _fits(first, last, one, other, by_day)
    ]
    if len(spans) != 1 or spans[0][0] == DAY:
        raise _Unclear
    first, last = spans[0]
    return _Span(first, (last - first) % DAY or DAY)


def _fits(first: int, last: int, one: _Clock, other: _Clock, by_day: bool) -> bool:
    """Whether a start and an end may belong together, given how each was written."""
    length = (last - first) % DAY
    if one.half and other.half:  # "08:00-05:00" by the clock of 24 hours is more likely a slip
        return "24" not in (one.half, other.half) or last > first or length <= NOON
    if one.half or other.half:
        return first < last if "24" in (one.half, other.half) else 0 < length < NOON
    return by_day and first < NOON <= last and length < NOON
