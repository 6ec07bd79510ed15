"""The clocks of the law, each test with the section that it holds to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from directory.domain.waitlist.clocks import (
    INJECTING,
    INTERIM,
    INTERIM_PREGNANT,
    PREGNANT,
    Attempt,
    Clock,
    Limit,
    Tier,
    admit_by,
    attempts_of,
    cannot_locate_lacks,
    federal_tier,
    interim_first,
    interim_items,
    interim_offered_at,
    keeps_clock,
    may_date_back,
    notices_left,
)

ASKED = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
DAY = date(2026, 3, 2)
HOUR = timedelta(hours=1)
BARE = Clock(ASKED, DAY)


@pytest.mark.parametrize(
    ("facts", "tier"),
    [
        ({PREGNANT, INJECTING}, Tier.PREGNANT_INJECTING),
        ({PREGNANT}, Tier.PREGNANT),
        ({INJECTING}, Tier.INJECTING),
        (set(), Tier.OTHERS),
        ({"veteran"}, Tier.OTHERS),
    ],
)
def test_the_federal_order_is_that_of_45_cfr_96_131_a(facts: set[str], tier: Tier) -> None:
    assert federal_tier(facts) is tier
    assert sorted(Tier) == [Tier.PREGNANT_INJECTING, Tier.PREGNANT, Tier.INJECTING, Tier.OTHERS]


@pytest.mark.parametrize("tier", [Tier.PREGNANT_INJECTING, Tier.PREGNANT])
def test_a_pregnant_woman_is_due_at_once_whatever_else_is_so(tier: Tier) -> None:
    """45 CFR 96.131(c), (d): no 14 or 120 days there."""
    with_all = replace(BARE, no_capacity_on=DAY, interim_at=ASKED + HOUR)
    for clock in (BARE, with_all):
        assert (admit_by(tier, clock).limit, admit_by(tier, clock).at) == (Limit.AT_ONCE, ASKED)


@pytest.mark.parametrize(
    ("no_capacity_on", "interim_at", "days", "missing"),
    [
        (None, None, 14, ("no-capacity", "interim")),
        (DAY, None, 14, ("interim",)),
        (None, ASKED + HOUR, 14, ("no-capacity",)),
        (DAY, ASKED + 48 * HOUR, 120, ()),
        (DAY, ASKED + 48 * HOUR + timedelta(seconds=1), 14, ("interim",)),
        (DAY + timedelta(days=1), ASKED + HOUR, 14, ("no-capacity",)),
    ],
)
def test_somebody_who_injects_is_due_in_14_days_unless_both_facts_are_there(
    no_capacity_on: date | None, interim_at: datetime | None, days: int, missing: tuple[str, ...]
) -> None:
    """45 CFR 96.126(b)(1), (2)."""
    due = admit_by(Tier.INJECTING, replace(BARE, no_capacity_on=no_capacity_on, interim_at=interim_at))
    assert (due.at, due.missing) == (ASKED + timedelta(days=days), missing)


def test_for_others_no_law_says_when() -> None:
    assert admit_by(Tier.OTHERS, BARE).limit is Limit.NONE
    assert admit_by(5, BARE).at is None


def test_48_hours_are_48_hours_when_the_clocks_change() -> None:
    """45 CFR 96.126(b)(2); the night of 8 March 2026 has 23 hours in New York."""
    zone = ZoneInfo("America/New_York")
    asked = datetime(2026, 3, 7, 12, 0, tzinfo=zone).astimezone(UTC)
    clock = Clock(asked, date(2026, 3, 7))
    assert clock.interim_due_at - asked == timedelta(hours=48)
    assert clock.interim_due_at.astimezone(zone).hour == 13


def test_interim_services_are_five_and_two_more_for_pregnant_women() -> None:
    """45 CFR 96.121."""
    assert interim_items({INJECTING}) == INTERIM
    assert interim_items({PREGNANT}) == INTERIM + INTERIM_PREGNANT
    assert (len(INTERIM), len(INTERIM_PREGNANT)) == (5, 2)


def test_interim_services_are_offered_when_the_last_of_them_is() -> None:
    offered = {item: ASKED + number * HOUR for number, item in enumerate(INTERIM)}
    assert interim_offered_at(offered, {INJECTING}) == ASKED + 4 * HOUR
    assert interim_offered_at(offered, {PREGNANT}) is None
    assert interim_offered_at({}, set()) is None


def test_services_count_from_the_day_before_the_request_and_by_their_first_offer() -> None:
    """45 CFR 96.126(d): who asks again gets interim services anew."""
    told = [
        ("naloxone", ASKED + 5 * HOUR),
        ("naloxone", ASKED + HOUR),
        ("988", ASKED - 23 * HOUR),
        ("old", ASKED - 25 * HOUR),
    ]
    assert interim_first(told, ASKED) == {"naloxone": ASKED + HOUR, "988": ASKED - 23 * HOUR}


@pytest.mark.parametrize(("days", "may"), [(-1, False), (0, False), (1, True), (365, True), (366, False)])
def test_a_request_is_dated_back_by_a_year_at_the_most_and_never_forward(days: int, may: bool) -> None:
    """WAITLIST 3.2."""
    assert may_date_back(requested_at=ASKED, to=ASKED - timedelta(days=days), now=ASKED) is may


def test_a_request_is_never_dated_into_the_time_to_come() -> None:
    assert not may_date_back(requested_at=ASKED + 9 * HOUR, to=ASKED + HOUR, now=ASKED)


# --- who cannot be found ---------------------------------------------------------------------------------------------

NOW = ASKED + timedelta(days=20)
TRIES = tuple(
    Attempt(NOW - timedelta(days=days), route, False) for days, route in ((9, "call"), (5, "text"), (1, "call"))
)
ROUTES = frozenset({"call", "text"})


def lacks(
    attempts: tuple[Attempt, ...] = TRIES,
    hold: str | None = None,
    left: frozenset[str] = ROUTES,
    routes: frozenset[str] = ROUTES,
) -> tuple[str, ...]:
    return cannot_locate_lacks(attempts, now=NOW, hold=hold, notices_left=left, routes=routes)


def test_somebody_cannot_be_located_only_after_all_that_is_asked_for() -> None:
    """45 CFR 96.126(d): a ground for taking somebody off the line, so it is made hard to reach."""
    assert lacks() == ()
    assert lacks(()) == ("attempts", "routes", "days", "recent")
    assert lacks(TRIES[:2]) == ("attempts", "days", "recent")
    assert lacks(tuple(replace(each, route="call") for each in TRIES)) == ("routes",)
    assert lacks(tuple(replace(each, at=NOW - HOUR) for each in TRIES)) == ("days",)
    assert lacks(tuple(replace(each, at=each.at - timedelta(days=4)) for each in TRIES)) == ("recent",)
    assert lacks(hold="hospital") == lacks(hold="custody") == ("hold",)
    assert lacks(left=frozenset({"call"})) == ("notices",)


def test_an_answer_begins_the_count_anew() -> None:
    answered = (*TRIES, Attempt(NOW - timedelta(hours=3), "call", True))
    assert "attempts" in lacks(answered)


def test_where_one_route_is_all_there_is_one_is_enough() -> None:
    tries = tuple(replace(each, route="call") for each in TRIES)
    assert lacks(tries, left=frozenset({"call"}), routes=frozenset({"call"})) == ()


def test_a_text_that_bounced_or_was_answered_with_stop_is_no_try_and_a_sign_of_their_own_is_an_answer() -> None:
    """WAITLIST 3.2."""
    noted = [(NOW, "text", "bounced"), (NOW, "text", "stopped"), (NOW, "call", "wrong-number")]
    assert attempts_of(noted) == ()
    assert [each.answered for each in attempts_of([(NOW, "call", "no-answer"), (NOW, "status", "still-waiting")])] == [
        False,
        True,
    ]


def test_word_that_was_left_before_an_answer_is_no_notice() -> None:
    noted = [
        (NOW - 3 * HOUR, "call", "word-left"),
        (NOW - 2 * HOUR, "visit", "came"),
        (NOW - HOUR, "text", "word-left"),
    ]
    assert notices_left(noted) == {"text"}
    assert notices_left(noted[:1]) == {"call"}
    assert notices_left(()) == frozenset()


@pytest.mark.parametrize(
    ("days", "silence", "kept"),
    [(30, None, True), (31, None, False), (400, "hospital", True), (400, "custody", True), (400, "phone", False)],
)
def test_who_comes_back_keeps_the_old_clock_within_30_days_or_with_good_reason(
    days: int, silence: str | None, kept: bool
) -> None:
    assert keeps_clock(closed_at=ASKED, now=ASKED + timedelta(days=days), silence=silence) is kept
