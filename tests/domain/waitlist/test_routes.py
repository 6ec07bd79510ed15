"""Ways to reach somebody: nothing goes by itself where a telephone is shared, and only what was agreed."""

from __future__ import annotations

import pytest

from directory.domain.waitlist.routes import CALL, EMAIL, MAIL, TEXT, VISIT, Way, way_problems


def wrong(way: Way) -> list[tuple[str, str]]:
    return [(each.field, each.code) for each in way_problems(way)]


@pytest.mark.parametrize(
    "way",
    [
        Way(CALL, "775-555-0100", may_leave_word=True),
        Way(CALL, "775-555-0100", is_shared=True),
        Way(TEXT, "775-555-0100", is_agreed=True, asks_agreed=True),
        Way(EMAIL, "reader@example.org", is_agreed=True),
        Way(MAIL, "12 Heron Lane"),
        Way(VISIT, "under the bridge"),
    ],
)
def test_a_way_that_fits_is_taken(way: Way) -> None:
    assert wrong(way) == []


@pytest.mark.parametrize(
    ("way", "problem"),
    [
        (Way("pigeon", "775-555-0100"), ("channel", "choose")),
        (Way(CALL, ""), ("to", "missing")),
        (Way(CALL, "ask Ana"), ("to", "not-a-phone")),
        (Way(CALL, "555-0100"), ("to", "not-a-phone")),
        (Way(EMAIL, "reader"), ("to", "not-an-email")),
        (Way(MAIL, "x" * 400), ("to", "too-long")),
    ],
)
def test_one_that_leads_nowhere_is_not(way: Way, problem: tuple[str, str]) -> None:
    assert wrong(way) == [problem]


def test_no_message_is_agreed_for_a_shared_phone_and_each_one_only_for_its_own_way() -> None:
    """45 CFR 164.522(b)(1); WAITLIST 1.6: a shared phone is for calls alone, and each message is agreed by itself."""
    assert wrong(Way(TEXT, "775-555-0100", is_shared=True, is_agreed=True, asks_agreed=True)) == [
        ("is_agreed", "shared-phone"),
        ("asks_agreed", "shared-phone"),
    ]
    assert wrong(Way(CALL, "775-555-0100", is_agreed=True)) == [("is_agreed", "not-this-way")]
    assert wrong(Way(EMAIL, "reader@example.org", asks_agreed=True)) == [("asks_agreed", "not-this-way")]
