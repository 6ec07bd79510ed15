"""By when whom is told of a breach."""

from __future__ import annotations

from datetime import date

import pytest

from directory.domain.waitlist.breaches import Due, due_days


@pytest.mark.parametrize(
    ("found_on", "people", "due"),
    [
        (date(2026, 3, 2), 1, Due(date(2026, 5, 1), date(2027, 3, 1), None)),
        (date(2026, 3, 2), 499, Due(date(2026, 5, 1), date(2027, 3, 1), None)),
        (date(2026, 3, 2), 500, Due(date(2026, 5, 1), date(2026, 5, 1), date(2026, 5, 1))),
        (date(2027, 12, 31), 2, Due(date(2028, 2, 29), date(2028, 2, 29), None)),
    ],
)
def test_the_people_are_told_within_60_days_and_from_500_on_the_media_and_the_department_too(
    found_on: date, people: int, due: Due
) -> None:
    """42 CFR 2.16; 45 CFR 164.404(b), 164.406, 164.408; WAITLIST 1.5."""
    assert due_days(found_on, people) == due
