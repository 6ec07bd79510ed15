"""When whom has to be told that something about people came to where it should not have (42 CFR 2.16; 45 CFR 164.404, 164.406, 164.408)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

WITHIN = timedelta(days=60)
"""From the day on which it was found; at once is better, and the law says "without unreasonable delay"."""
MANY = 500
"""From so many people on the Department is told as early as they are, and the media are told too."""


@dataclass(frozen=True, slots=True)
class Due:
    """The last days on which somebody may be told; `media` is None where they need not be told at all."""

    people: date
    department: date
    media: date | None


def due_days(found_on: date, people: int) -> Due:
    """By when the people, the Department and the media are told of what was found on this day and touches so many people.

    Of fewer than 500 the Department is told once a year, within 60 days of its end (164.408(c)).
    """
    soon = found_on + WITHIN
    if people >= MANY:
        return Due(soon, soon, soon)
    return Due(soon, date(found_on.year, 12, 31) + WITHIN, None)
