"""When two clients may be one person, and since when somebody has waited who was on the list twice (WAITLIST 3.6)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from directory.domain.waitlist.pairs import Spell, is_within_reach, reasons, waiting_since

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("shared", "words", "is_same_month", "found"),
    [
        ({"phone": 1}, (2, 2), False, ("phone",)),
        ({"email": 1, "phone": 2}, (2, 2), False, ("phone", "email")),
        ({"name-born": 1, "name": 2}, (2, 2), True, ("name-born",)),
        ({"name": 2}, (2, 2), True, ("name",)),
        ({"name": 2}, (2, 3), True, ("name",)),
        ({"name": 1}, (2, 3), True, ()),
        ({"name": 2}, (2, 2), False, ()),
        ({}, (0, 0), True, ()),
    ],
)
def test_a_number_an_address_or_a_name_with_its_birthday_is_enough_and_a_name_alone_is_not(
    shared: dict[str, int], words: tuple[int, int], is_same_month: bool, found: tuple[str, ...]
) -> None:
    assert reasons(shared, own_words=words[0], other_words=words[1], is_same_month=is_same_month) == found


@pytest.mark.parametrize(
    ("one", "other", "by_one", "by_other", "is_near"),
    [
        (1, 1, set(), set(), True),
        (1, 2, {2}, {1}, True),
        (1, 2, {2}, set(), False),
        (1, 2, set(), {1}, False),
        (1, 2, {1}, {2}, False),
    ],
)
def test_two_agencies_are_compared_only_where_both_people_have_named_the_other_one(
    one: int, other: int, by_one: set[int], by_other: set[int], is_near: bool
) -> None:
    """42 CFR 2.13(c): nothing may tell that an identified person is on a list."""
    assert is_within_reach(one, other, by_one, by_other) is is_near


@pytest.mark.parametrize(
    ("others", "days_ago"),
    [
        ([], 10),
        ([(30, None, None)], 30),
        ([(30, 20, "cannot-locate")], 10),
        ([(30, 5, "cannot-locate")], 30),
        ([(30, 10, "in-error")], 30),
        ([(30, 5, "withdrew")], 10),
        ([(60, 25, "merged"), (30, 5, "in-error")], 60),
        ([(60, 40, "merged"), (30, 5, "in-error")], 30),
        ([(4, None, None)], 10),
    ],
)
def test_the_earliest_request_counts_from_which_somebody_has_waited_without_a_break(
    others: list[tuple[int, int | None, str | None]], days_ago: int
) -> None:
    spells = [Spell(NOW - since * DAY, None if end is None else NOW - end * DAY, why) for since, end, why in others]
    assert waiting_since(Spell(NOW - 10 * DAY), spells) == NOW - days_ago * DAY
