"""Groups, workshops and sober activities: what can be set of one, on which days it meets, and what can become of a seat.

Days and times are local to the group, so a group at 7 pm stays at 7 pm when the clocks change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from directory.domain.agencies import ZONES
from directory.domain.errors import Problem
from directory.domain.levels import choice_problems, named_problems
from directory.domain.links import host_of
from directory.domain.schedule import DAY, LAST, Change, Window, aware, weekday
from directory.domain.taxonomy import ACCESS, ATTENDANCE, PEOPLE

SORTS = ("group", "workshop", "activity")
ONCE, WEEKLY, FORTNIGHTLY, MONTHLY = "once", "weekly", "fortnightly", "monthly"
EVERY = (ONCE, WEEKLY, FORTNIGHTLY, MONTHLY)
LAST_WEEK = "monthly-last"
"""In a form: every month, on the last such day."""
FULL, PARTIAL = "full", "partial"
"""Whether everybody sees the whole address, or its town alone."""
LANGUAGES = ("en", "es", "ar", "fr", "ht", "ko", "pt", "ru", "vi", "zh")
PLANNED, HELD, CANCELLED = "planned", "held", "cancelled"
SEAT, WAITING, LEFT, CAME, ABSENT = "seat", "waiting", "left", "came", "absent"
TAKEN = (SEAT, CAME, ABSENT)
"""What of a seat counts as taken."""
AHEAD = timedelta(days=56)
"""So far ahead meetings are planned: eight weeks."""
LONGEST = 720
"""Minutes that a meeting may last."""
MOST_SEATS, MOST_OTHERS = 1000, 1000
TEXTS = {
    "words": 1000,
    "place": 255,
    "street": 255,
    "city": 120,
    "state": 40,
    "postal_code": 20,
    "notes": 500,
    "url": 2000,
}
_FORTNIGHT = 14


@dataclass(frozen=True, slots=True)
class Series:
    """The times at which something meets, on the clock of `timezone`: from `starts_on` to `until`, `minute` counts from midnight.

    `week` is that of the month for what is monthly, -1 the last one, and None for all else.
    """

    starts_on: date
    minute: int
    minutes: int
    timezone: str
    every: str = WEEKLY
    week: int | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Where:
    """The place, as with a listing; "" for what is not said. `visibility` is full or partial (the town alone)."""

    place: str = ""
    street: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""
    notes: str = ""
    visibility: str = FULL


@dataclass(frozen=True, slots=True)
class GroupValues:
    """What can be set of a group. `capacity` is None where everybody finds a seat; `people` and `access` None where that is not known.

    `url` is where one joins online; everybody sees it where `is_url_shown`, else only whoever has a seat. `leader` is one of the agency's
    people, by id, whose name its people alone see.
    """

    name: str
    sort: str
    attendance: str
    series: Series
    where: Where = Where()
    words: str = ""
    url: str = ""
    is_url_shown: bool = False
    capacity: int | None = None
    language: str = "en"
    people: tuple[str, ...] | None = None
    access: tuple[str, ...] | None = None
    is_public: bool = False
    leader: int | None = None


# --- what can be set -------------------------------------------------------------------------------------------------


def group_problems(values: GroupValues, *, zone: str = "") -> list[Problem]:
    """What keeps these from being the values of a group; `zone` may be chosen beside those of agencies."""
    return [
        *named_problems(values.name),
        *choice_problems("sort", values.sort, SORTS),
        *choice_problems("attendance", values.attendance, ATTENDANCE),
        *choice_problems("language", values.language, LANGUAGES),
        *_series_problems(values.series, zone),
        *_text_problems(values),
        *_where_problems(values),
        *_many_problems(values),
        *_number_problems("capacity", values.capacity, MOST_SEATS),
    ]


def _series_problems(series: Series, zone: str) -> list[Problem]:
    found = choice_problems("every", series.every, EVERY)
    found += choice_problems("timezone", series.timezone, (*ZONES, zone))
    if not 0 <= series.minute < DAY:
        found.append(Problem("time", "not-a-time", ""))
    found += _number_problems("minutes", series.minutes, LONGEST)
    if series.until is not None and series.until < series.starts_on:
        found.append(Problem("until", "ends-before", series.until.isoformat()))
    return found


def _text_problems(values: GroupValues) -> list[Problem]:
    said = {"words": values.words, "url": values.url} | {name: getattr(values.where, name) for name in PLACED}
    return [
        Problem(name, "too-long", "", (str(TEXTS[name]),)) for name, text in said.items() if len(text) > TEXTS[name]
    ]


PLACED = ("place", "street", "city", "state", "postal_code", "notes")


def _where_problems(values: GroupValues) -> list[Problem]:
    """Who comes in person needs a town at least, who comes online a way in that a browser can open."""
    found = choice_problems("visibility", values.where.visibility, (FULL, PARTIAL))
    if values.attendance != "online" and not values.where.city:
        found.append(Problem("city", "missing", ""))
    if values.attendance != "in-person" and not values.url:
        found.append(Problem("url", "missing", ""))
    if values.url and host_of(values.url) is None:
        found.append(Problem("url", "not-a-link", values.url))
    return found


def _many_problems(values: GroupValues) -> list[Problem]:
    lists: Mapping[str, tuple[tuple[str, ...] | None, Sequence[str]]] = {
        "people": (values.people, PEOPLE),
        "access": (values.access, ACCESS),
    }
    return [
        Problem(field, "choose", code)
        for field, (given, known) in lists.items()
        for code in given or ()
        if code not in known
    ]


def _number_problems(field: str, number: int | None, most: int) -> list[Problem]:
    if number is None or 1 <= number <= most:
        return []
    return [Problem(field, "not-within", str(number), (str(most),))]


def group_fields(values: GroupValues) -> dict[str, str]:
    """What can be written in the form of a group, by field; of what can be ticked several times nothing."""
    series, where = values.series, values.where
    return {
        "name": values.name,
        "sort": values.sort,
        "words": values.words,
        "attendance": values.attendance,
        **{name: getattr(where, name) for name in (*PLACED, "visibility")},
        "url": values.url,
        "url_shown": "yes" if values.is_url_shown else "",
        "starts_on": series.starts_on.isoformat(),
        "time": f"{series.minute // 60:02}:{series.minute % 60:02}",
        "minutes": str(series.minutes),
        "every": LAST_WEEK if series.every == MONTHLY and series.week == LAST else series.every,
        "until": series.until.isoformat() if series.until else "",
        "timezone": series.timezone,
        "capacity": "" if values.capacity is None else str(values.capacity),
        "language": values.language,
        "public": "yes" if values.is_public else "",
        "leader": str(values.leader or ""),
    }


# --- when it meets ---------------------------------------------------------------------------------------------------


def week_of(day: date) -> int:
    """In which week of its month a day lies, for "every month in the same week"; a fifth one is the last."""
    number = (day.day - 1) // 7 + 1
    return LAST if number > 4 else number


def series_days(series: Series, first: date, last: date) -> list[date]:
    """The local days between these two, both included, on which it meets, in order."""
    begin, end = max(first, series.starts_on), min(last, series.until or last)
    if series.every == ONCE:
        return [series.starts_on] if begin <= series.starts_on <= end else []
    step = _FORTNIGHT if series.every == FORTNIGHTLY else 7
    ahead = -(begin - series.starts_on).days % step
    found = [begin + timedelta(days=number) for number in range(ahead, (end - begin).days + 1, step)]
    return [day for day in found if series.every != MONTHLY or _is_in_week(day, series.week)]


def _is_in_week(day: date, week: int | None) -> bool:
    if week == LAST:
        return (day + timedelta(days=7)).month != day.month
    return (day.day - 1) // 7 + 1 == week


def meets_at(series: Series, day: date, minute: int | None = None) -> tuple[datetime, datetime]:
    """When it begins and ends on this day, or at another `minute` of it: aware, in its zone. A length is time that goes by."""
    wall = datetime.combine(day, time()) + timedelta(minutes=series.minute if minute is None else minute)
    start = aware(wall, series.timezone)
    return start, (start.astimezone(UTC) + timedelta(minutes=series.minutes)).astimezone(start.tzinfo)


@dataclass(frozen=True, slots=True)
class Other:
    """A meeting that is not as its series has it: `at` is its own local beginning, None where it is cancelled."""

    day: date
    at: datetime | None


def windows_of(series: Series, planned: Sequence[date], today: date) -> tuple[Window, ...]:
    """The times as a listing has them. What no weekly or monthly window can say (once, every two weeks) are single days: those that are planned."""
    if series.every in (ONCE, FORTNIGHTLY):
        return tuple(_window(series, day, None, day, day) for day in planned)
    first = series.starts_on if series.starts_on > today else None  # without one it is found faster
    return (_window(series, series.starts_on, series.week, first, series.until),)


def _window(series: Series, day: date, week: int | None, first: date | None, last: date | None) -> Window:
    return Window("meeting", weekday(day), series.minute, series.minutes, week, first, last)


def changes_of(series: Series, others: Sequence[Other]) -> tuple[Change, ...]:
    """The days on which a listing has other times than its windows say: none where it is cancelled or moved to another day."""
    days: dict[date, list[tuple[int, int]]] = {other.day: [] for other in others}
    for at in (other.at for other in others if other.at is not None):
        on = at.date()
        if on not in days:
            # A moved one may fall on a day on which the series meets as well.
            own = series_days(series, on, on)
            days[on] = [(series.minute, series.minutes)] if own else []
        days[on].append((at.hour * 60 + at.minute, series.minutes))
    return tuple(Change(on=day, windows=tuple(sorted(times))) for day, times in sorted(days.items()))


# --- a listing of it -------------------------------------------------------------------------------------------------


def source_of(agency: int) -> str:
    """The source of the listings of an agency's groups."""
    return f"agency-{agency}-groups"


def is_of_groups(source: str) -> bool:
    """Whether the listings of a source are groups."""
    return source.startswith("agency-") and source.endswith("-groups")
