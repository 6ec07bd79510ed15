"""What can be set of a line: its level of care, the area that it serves, how long its offers hold, and when somebody can be called."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from directory.domain.agencies import ZONES
from directory.domain.coverage import areas_of
from directory.domain.errors import Problem
from directory.domain.levels import asam_level, choice_problems, named_problems
from directory.domain.schedule import DAY
from directory.domain.taxonomy import CARE
from directory.domain.waitlist.windows import ELSE, USUAL

MOST_HOURS = 24 * 14
"""For which an offer may hold."""
MOST_CONTACT_DAYS, MOST_HOLD_DAYS = 365, 90
MOST_AREAS, LONGEST_AREA = 20, 80
Working = tuple[tuple[int, int, int], ...]
"""Hours of the week as (day, start, minutes): Sunday is 0, the start in minutes after midnight."""
_HOURS = re.compile(r"(\d{1,2})(?::(\d\d))?\s*[-\u2013]\s*(\d{1,2})(?::(\d\d))?")


@dataclass(frozen=True, slots=True)
class PoolValues:
    """What can be set of a line. `care` is a code of the search, `asam` and `edition` are "" where it has no such level.

    `area` are areas in words (domain/coverage.py), none for everywhere. `minutes` is how long an offer holds, and `working` when it may end,
    empty for at any time. `is_funded`: by the block grant, so that 45 CFR 96 applies. `exact_numbers`: clients see a number where the
    line is long enough for one. Somebody is to be reached every `contact_days`; a hold is looked at again after `hold_days`.
    """

    name: str
    care: str
    timezone: str
    minutes: int
    asam: str = ""
    edition: str = ""
    area: tuple[str, ...] = ()
    is_funded: bool = True
    working: Working = ()
    exact_numbers: bool = True
    contact_days: int = 30
    hold_days: int = 14


@dataclass(frozen=True, slots=True)
class Figures:
    """How many stand in a line, by what they do there; `oldest` is how long the longest has waited, None where nobody does."""

    waiting: int = 0
    on_hold: int = 0
    offered: int = 0
    accepted: int = 0
    oldest: timedelta | None = None


def usual_minutes(care: str) -> int:
    """How long an offer of this level of care holds where a line says nothing of its own."""
    return int(USUAL.get(care, ELSE).total_seconds() // 60)


def pool_problems(values: PoolValues, *, zone: str = "", most_contact_days: int | None = None) -> list[Problem]:
    """What keeps these from being the values of a line. `zone` may be chosen beside ZONES; the rules may say `most_contact_days`."""
    found = named_problems(values.name) + choice_problems("care", values.care, CARE)
    found += choice_problems("timezone", values.timezone, (*ZONES, zone))
    if (values.asam or values.edition) and asam_level(values.edition, values.asam) is None:
        found.append(Problem("asam", "choose", values.asam))
    found += _area_problems(values.area)
    contact = min(MOST_CONTACT_DAYS, most_contact_days or MOST_CONTACT_DAYS)
    found += _number_problems("window", values.minutes, 60 * MOST_HOURS, MOST_HOURS)
    found += _number_problems("contact_days", values.contact_days, contact, contact)
    found += _number_problems("hold_days", values.hold_days, MOST_HOLD_DAYS, MOST_HOLD_DAYS)
    found += [Problem(f"hours-{day}", "not-times", "") for day, start, minutes in values.working if not _is_day(start, minutes)]  # fmt: skip
    return found


def _is_day(start: int, minutes: int) -> bool:
    return 0 <= start < DAY and 0 < minutes <= DAY


def _area_problems(areas: Sequence[str]) -> list[Problem]:
    if len(areas) > MOST_AREAS:
        return [Problem("area", "too-many-areas", str(len(areas)), (str(MOST_AREAS),))]
    wrong = [area for area in areas if len(area) > LONGEST_AREA or not areas_of(area)]
    return [Problem("area", "not-an-area", wrong[0])] if wrong else []


def _number_problems(field: str, value: int, most: int, shown: int) -> list[Problem]:
    return [] if 1 <= value <= most else [Problem(field, "not-within", str(value), (str(shown),))]


# --- hours as they are typed -----------------------------------------------------------------------------------------


def hours_read(texts: Mapping[int, str]) -> Working:
    """The hours of a week from one text for each day, such as "9:00-17:00" or "9-17"; a day without text has none.

    What is no time comes back with a length of 0, which is none of a line's (`pool_problems`).
    """
    return tuple((day, *_hours(text)) for day, text in sorted(texts.items()) if text.strip())


def _hours(text: str) -> tuple[int, int]:
    found = _HOURS.fullmatch(text.strip())
    if not found:
        return 0, 0
    start, end = (60 * int(found[hour]) + int(found[hour + 1] or 0) for hour in (1, 3))
    if any(int(found[minute] or 0) > 59 for minute in (2, 4)) or not 0 <= start < DAY or not 0 < end <= DAY:
        return 0, 0
    return start, (end - start) % DAY or DAY


def hours_text(working: Working, day: int) -> str:
    """The hours of a day as they are typed; "" where there are none."""
    return next(
        (f"{_clock(start)}-{_clock((start + minutes) % DAY or DAY)}" for own, start, minutes in working if own == day),
        "",
    )


def _clock(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02}"
