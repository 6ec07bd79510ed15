"""The days on which the whole country keeps other hours, for listings that say "closed on Thanksgiving"."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache

US_HOLIDAYS = (
    "new-years-day",
    "martin-luther-king-day",
    "washingtons-birthday",
    "memorial-day",
    "juneteenth",
    "independence-day",
    "labor-day",
    "columbus-day",
    "veterans-day",
    "thanksgiving",
    "christmas",
)
"""The federal holidays of 5 U.S.C. 6103(a), on their own dates (offices may also close on the Friday or Monday beside)."""


@lru_cache(maxsize=64)
def holidays_of(year: int) -> dict[date, tuple[str, ...]]:
    """The federal holidays of a year by date."""
    found: dict[date, tuple[str, ...]] = {}
    for name, day in zip(US_HOLIDAYS, _holiday_dates(year), strict=True):
        found[day] = (*found.get(day, ()), name)
    return found


def _holiday_dates(year: int) -> Iterable[date]:
    def nth(month: int, isoweekday: int, number: int) -> date:
        first = date(year, month, 1)
        return first + timedelta(days=(isoweekday - first.isoweekday()) % 7 + 7 * (number - 1))

    last_monday_of_may = nth(5, 1, 5) if nth(5, 1, 5).month == 5 else nth(5, 1, 4)
    return (
        date(year, 1, 1),
        nth(1, 1, 3),
        nth(2, 1, 3),
        last_monday_of_may,
        date(year, 6, 19),
        date(year, 7, 4),
        nth(9, 1, 1),
        nth(10, 1, 2),
        date(year, 11, 11),
        nth(11, 4, 4),
        date(year, 12, 25),
    )
