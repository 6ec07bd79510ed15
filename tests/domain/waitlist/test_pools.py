"""What can be set of a line, and hours as they are typed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from directory.domain.waitlist.pools import PoolValues, hours_read, hours_text, pool_problems, usual_minutes

FIT = PoolValues("Marsh beds", "residential", "America/New_York", 24 * 60, area=("Vermont", "Delaware County, PA"))


@pytest.mark.parametrize(
    ("wrong", "field", "code"),
    [
        ({"name": " "}, "name", "missing"),
        ({"care": "spa"}, "care", "choose"),
        ({"timezone": "Mars/Base"}, "timezone", "choose"),
        ({"asam": "9", "edition": "4"}, "asam", "choose"),
        ({"area": ("Nowhere land",)}, "area", "not-an-area"),
        ({"area": ("VT",) * 21}, "area", "too-many-areas"),
        ({"minutes": 0}, "window", "not-within"),
        ({"contact_days": 400}, "contact_days", "not-within"),
        ({"hold_days": 0}, "hold_days", "not-within"),
        ({"working": ((1, 540, 0),)}, "hours-1", "not-times"),
    ],
)
def test_a_line_is_refused_field_by_field(wrong: dict[str, object], field: str, code: str) -> None:
    (problem,) = pool_problems(replace(FIT, **wrong))  # type: ignore[arg-type]
    assert (problem.field, problem.code) == (field, code)


def test_a_whole_line_is_fit_and_the_rules_may_ask_for_more_contact() -> None:
    """WAITLIST 1.4: a State may ask for contact at least every 30 days."""
    assert pool_problems(FIT) == []
    assert [each.field for each in pool_problems(replace(FIT, contact_days=31), most_contact_days=30)] == [
        "contact_days"
    ]


@pytest.mark.parametrize(
    ("text", "hours"),
    [("9:00-17:00", (1, 540, 480)), ("9-17", (1, 540, 480)), (" 22:30 - 6 ", (1, 1350, 450)), ("0-24", (1, 0, 1440))],
)
def test_hours_are_read_as_people_write_them(text: str, hours: tuple[int, int, int]) -> None:
    assert hours_read({1: text, 2: " "}) == (hours,)


@pytest.mark.parametrize("text", ["nine to five", "9", "25-26", "9:70-17", "24-24"])
def test_what_is_no_time_is_found_out(text: str) -> None:
    assert [each.code for each in pool_problems(replace(FIT, working=hours_read({3: text})))] == ["not-times"]


def test_hours_come_back_as_they_can_be_typed_again() -> None:
    working = hours_read({0: "0-24", 1: "9-17:30", 5: "22-6"})
    assert [hours_text(working, day) for day in range(7)] == ["0:00-24:00", "9:00-17:30", "", "", "", "22:00-6:00", ""]


def test_an_offer_holds_as_long_as_is_usual_for_its_level() -> None:
    """WAITLIST 3.3: detox 4 h, residential 24 h, outpatient 72 h."""
    assert [usual_minutes(care) // 60 for care in ("detox", "residential", "outpatient", "recovery-housing")] == [
        4,
        24,
        72,
        24,
    ]
