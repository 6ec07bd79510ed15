"""The time that a report is about: a month, a quarter or a year of the calendar, by a code such as 2026-03, 2026-Q1 or 2026."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

_CODE = re.compile(r"(\d{4})(?:-(?:Q([1-4])|(0[1-9]|1[0-2])))?", re.ASCII)
FIRST_YEAR = 2000
MONTHS, QUARTERS, YEARS = 12, 4, 2
"""How many of each are offered, the running one with them."""


@dataclass(frozen=True, slots=True)
class Period:
    """From `first` to before `end`, local days. `code` is how it is asked for."""

    code: str
    first: date
    end: date

    @property
    def kind(self) -> str:
        """month, quarter or year."""
        return "year" if len(self.code) == 4 else "quarter" if "Q" in self.code else "month"

    @property
    def quarter(self) -> int:
        """Which quarter of the year it begins in, from 1."""
        return (self.first.month - 1) // 3 + 1


def period_of(code: str) -> Period | None:
    """The period of this code; None for what is none."""
    found = _CODE.fullmatch(code)
    if found is None or int(found[1]) < FIRST_YEAR:
        return None
    year, quarter, month = int(found[1]), found[2], found[3]
    if quarter:
        return _from(code, year, 3 * int(quarter) - 2, 3)
    return _from(code, year, int(month), 1) if month else _from(code, year, 1, 12)


def _from(code: str, year: int, month: int, length: int) -> Period:
    return Period(code, date(year, month, 1), _month(year, month + length))


def _month(year: int, month: int) -> date:
    """The first day of a month, counted on over the years and back."""
    return date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)


def month_code(day: date) -> str:
    """The code of the month of a day."""
    return f"{day:%Y-%m}"


def periods(today: date) -> tuple[Period, ...]:
    """The periods that are offered: months, quarters and years, each from the running one back."""
    months = [month_code(_month(today.year, today.month - back)) for back in range(MONTHS)]
    begin = 3 * ((today.month - 1) // 3) + 1
    firsts = [_month(today.year, begin - 3 * back) for back in range(QUARTERS)]
    quarters = [f"{first.year}-Q{(first.month - 1) // 3 + 1}" for first in firsts]
    years = [str(today.year - back) for back in range(YEARS)]
    found = [period_of(code) for code in (*months, *quarters, *years)]
    return tuple(each for each in found if each is not None)
