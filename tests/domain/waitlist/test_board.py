"""What stands on a board and why: one table for each reason, from just before its moment to just after."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from directory.domain.bridge.check_ins import Check
from directory.domain.waitlist.board import NOT_DUE, TO_CALL, Fact, Held, Line, Person, Place, Why, lines_of
from directory.domain.waitlist.clocks import INTERIM
from directory.domain.waitlist.states import Entry, Offer

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
TODAY = date(2026, 3, 2)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SECOND = timedelta(seconds=1)
TALKED = NOW - DAY


def place(**changes: Any) -> Place:
    """Somebody of no tier of their own, who asked ten days ago."""
    asked = changes.pop("asked", NOW - 10 * DAY)
    usual = Place(1, "Detox", "UTC", Entry.WAITING, 9, asked, asked.date(), TODAY, 30)
    return replace(usual, **changes)


def person(*places: Place, **changes: Any) -> Person:
    """Somebody with whom all is well: a consent, and a talk yesterday."""
    usual = Person(1, NOW - 10 * DAY, TODAY, places=places, reached_at=TALKED, talked_at=TALKED, has_consent=True)
    return replace(usual, **changes)


def lines(*places: Place, **changes: Any) -> tuple[Line, ...]:
    return lines_of(person(*places, **changes), NOW)


def only(*places: Place, **changes: Any) -> Line:
    (line,) = lines(*places, **changes)
    return line


def offered(at: datetime) -> tuple[tuple[str, datetime], ...]:
    return tuple((item, at) for item in INTERIM)


def test_nothing_is_due_for_somebody_with_a_consent_who_was_talked_to() -> None:
    assert lines(place()) == ()


@pytest.mark.parametrize(("ago", "is_late"), [(48 * HOUR, False), (48 * HOUR + SECOND, True)])
def test_whoever_is_in_no_line_yet_is_to_be_taken_on_to_the_end(ago: timedelta, is_late: bool) -> None:
    line = only(created_at=NOW - ago)
    assert (line.why, line.is_late) == (Why.TAKING_ON, is_late)


def test_whoever_has_waited_before_is_there_for_danger_alone() -> None:
    assert lines(has_waited=True) == ()
    assert only(has_waited=True, check=Check(crisis=1, crisis_at=NOW)).why is Why.CRISIS


# --- what the law asks for (WAITLIST 1.1, 1.2) ---


@pytest.mark.parametrize("tier", [1, 2])
def test_a_pregnant_woman_who_waits_stands_there_at_once(tier: int) -> None:
    """45 CFR 96.131; WAITLIST 1.2: there is no time in which she could wait."""
    asked = NOW - HOUR
    line = lines(place(tier=tier, asked=asked), offered=offered(asked), facts=(Fact("pregnant", "no", TODAY),))[0]
    assert (line.why, line.at, line.is_late) == (Why.PREGNANT, asked, False)
    assert lines(place(tier=tier, asked=NOW - 3 * DAY))[0].is_late


@pytest.mark.parametrize(("ago", "is_late"), [(DAY, False), (DAY + SECOND, True)])
def test_whoever_was_right_to_appeal_stands_there_until_it_is_put_right(ago: timedelta, is_late: bool) -> None:
    line = only(place(), to_right_at=NOW - ago)
    assert (line.why, line.at, line.is_late, line.is_due) == (Why.PUT_RIGHT, NOW - ago, is_late, True)


def test_a_pregnant_woman_with_an_offer_stands_there_for_the_offer() -> None:
    held = Held(7, Offer.PENDING, NOW + HOUR)
    found = lines(place(tier=2, status=Entry.OFFERED, offer=held), offered=offered(NOW - 9 * DAY))
    assert [line.why for line in found] == [Why.OFFER]


@pytest.mark.parametrize(
    ("since", "is_late"), [(HOUR, False), (48 * HOUR, False), (48 * HOUR + SECOND, True), (30 * DAY, True)]
)
@pytest.mark.parametrize("tier", [1, 2, 3])
def test_services_for_the_wait_are_due_48_hours_after_the_request(tier: int, since: timedelta, is_late: bool) -> None:
    """45 CFR 96.126(b)(2), 96.131(d); WAITLIST 1.1: as time passes, and not as clocks show."""
    found = {line.why: line for line in lines(place(tier=tier, asked=NOW - since))}
    assert found[Why.INTERIM].at == NOW - since + 48 * HOUR
    assert found[Why.INTERIM].is_late is is_late


def test_services_for_the_wait_are_due_to_nobody_else() -> None:
    assert Why.INTERIM not in {line.why for line in lines(place(tier=4))}


def test_services_that_were_offered_are_not_due_again() -> None:
    asked = NOW - DAY
    found = {line.why for line in lines(place(tier=3, asked=asked), offered=offered(asked + HOUR))}
    assert Why.INTERIM not in found


def test_services_that_were_offered_for_an_earlier_request_do_not_count_for_this_one() -> None:
    """45 CFR 96.126(d): whoever asks again has a new clock."""
    asked = NOW - DAY
    found = {line.why for line in lines(place(tier=3, asked=asked), offered=offered(asked - 60 * DAY))}
    assert Why.INTERIM in found


def test_of_a_pregnant_woman_the_two_more_services_have_to_be_offered_too() -> None:
    """45 CFR 96.121; WAITLIST 1.3."""
    asked = NOW - DAY
    facts = (Fact("pregnant", "yes", TODAY),)
    found = {line.why for line in lines(place(tier=2, asked=asked), offered=offered(asked), facts=facts)}
    assert Why.INTERIM in found


def test_there_is_one_line_for_services_however_many_lines_somebody_waits_in() -> None:
    early, late = place(tier=3, asked=NOW - 2 * DAY), place(entry=2, tier=3, asked=NOW - DAY)
    found = [line for line in lines(late, early) if line.why is Why.INTERIM]
    assert [line.at for line in found] == [early.requested_at + 48 * HOUR]


@pytest.mark.parametrize(
    ("since", "why", "is_late"),
    [
        (7 * DAY - SECOND, Why.ADMIT_LATER, False),
        (7 * DAY, Why.ADMIT_BY, False),
        (14 * DAY, Why.ADMIT_BY, False),
        (14 * DAY + SECOND, Why.ADMIT_BY, True),
    ],
)
def test_whoever_injects_is_to_be_admitted_within_14_days(since: timedelta, why: Why, is_late: bool) -> None:
    """45 CFR 96.126(b)(1); WAITLIST 1.1."""
    asked = NOW - since
    line = next(each for each in lines(place(tier=3, asked=asked)) if each.why in (Why.ADMIT_BY, Why.ADMIT_LATER))
    assert (line.why, line.at, line.is_late) == (why, asked + 14 * DAY, is_late)
    assert line.codes == ("14-days", "no-capacity", "interim")


def test_with_both_facts_it_is_120_days() -> None:
    """45 CFR 96.126(b)(2); WAITLIST 1.1: no room on the day itself, and services within 48 hours."""
    asked = NOW - 20 * DAY
    waiting = place(tier=3, asked=asked, no_capacity_on=asked.date())
    line = only(waiting, offered=offered(asked + 47 * HOUR))
    assert (line.why, line.at, line.codes) == (Why.ADMIT_LATER, asked + 120 * DAY, ("120-days",))


def test_with_one_of_the_facts_alone_it_stays_14_days_and_says_which_is_missing() -> None:
    """45 CFR 96.126(b)(2); WAITLIST 1.1."""
    asked = NOW - 10 * DAY
    waiting = place(tier=3, asked=asked, no_capacity_on=asked.date())
    line = only(waiting, offered=offered(asked + 49 * HOUR))
    assert (line.why, line.codes) == (Why.ADMIT_BY, ("14-days", "interim"))


@pytest.mark.parametrize(
    ("tier", "hours", "codes", "days"),
    [
        (4, 72, ("own", "72"), 3),
        (4, None, None, 0),
        (3, 14 * 24, ("14-days", "no-capacity", "interim"), 14),
        (3, 48, ("own", "48"), 2),
        (9, None, None, 0),
    ],
)
def test_a_state_or_an_operator_may_want_somebody_admitted_sooner(
    tier: int, hours: int | None, codes: tuple[str, ...] | None, days: int
) -> None:
    """WAITLIST 1.4: such as 72 hours for a high risk of an overdose."""
    found = [line for line in lines(place(tier=tier, target_hours=hours)) if line.why is Why.ADMIT_BY]
    assert [(line.codes, line.at) for line in found] == ([(codes, NOW - 10 * DAY + days * DAY)] if codes else [])


def test_the_14_days_that_stand_with_the_federal_tier_do_not_shorten_the_120() -> None:
    """45 CFR 96.126(b)(2); WAITLIST 1.1."""
    asked = NOW - 20 * DAY
    waiting = place(tier=3, asked=asked, no_capacity_on=asked.date(), target_hours=14 * 24)
    assert only(waiting, offered=offered(asked)).codes == ("120-days",)


# --- offers ---


@pytest.mark.parametrize(("left", "is_late"), [(SECOND, False), (timedelta(0), True)])
def test_an_offer_stands_there_until_it_ends(left: timedelta, is_late: bool) -> None:
    line = only(place(status=Entry.OFFERED, offer=Held(7, Offer.PENDING, NOW + left)))
    assert (line.why, line.at, line.is_late) == (Why.OFFER, NOW + left, is_late)


@pytest.mark.parametrize(
    ("free_on", "said_yes", "why", "is_late"),
    [
        (TODAY + DAY, NOW - 3 * DAY, Why.TO_ARRIVE, False),
        (TODAY, NOW - HOUR, Why.ARRIVAL, False),
        (TODAY - DAY, NOW - 3 * DAY, Why.ARRIVAL, True),
        (None, NOW - 23 * HOUR, Why.TO_ARRIVE, False),
        (None, NOW - 24 * HOUR, Why.ARRIVAL, False),
        (None, NOW - 49 * HOUR, Why.ARRIVAL, True),
    ],
)
def test_whoever_said_yes_is_asked_after_on_the_day_itself(
    free_on: date | None, said_yes: datetime, why: Why, is_late: bool
) -> None:
    held = Held(7, Offer.ACCEPTED, NOW - 5 * DAY, said_yes, free_on)
    line = only(place(status=Entry.ACCEPTED, offer=held))
    assert (line.why, line.is_late) == (why, is_late)


@pytest.mark.parametrize(
    ("declined", "talked", "is_due"),
    [
        ((NOW - 2 * DAY,), None, False),
        ((NOW - 3 * DAY, NOW - 2 * DAY), None, True),
        ((NOW - 3 * DAY, NOW - 2 * DAY), NOW - DAY, False),
        ((NOW - 3 * DAY, NOW - HOUR), NOW - DAY, True),
    ],
)
def test_after_two_offers_that_were_declined_a_talk_is_due(
    declined: tuple[datetime, ...], talked: datetime | None, is_due: bool
) -> None:
    """WAITLIST 3.2: a conversation, and not removal."""
    found = [line.why for line in lines(place(declined=declined), talked_at=talked)]
    assert (found == [Why.TALK]) is is_due


# --- contacts and papers ---


@pytest.mark.parametrize(
    ("asked", "talked", "is_due"),
    [(NOW - HOUR, None, True), (NOW - HOUR, TALKED, True), (NOW - 2 * DAY, TALKED, False)],
)
def test_whoever_asked_to_be_called_stands_there_until_somebody_has_talked_to_them(
    asked: datetime, talked: datetime | None, is_due: bool
) -> None:
    found = [line.why for line in lines(place(), asked_at=asked, talked_at=talked)]
    assert (found == [Why.CALL_ME]) is is_due


@pytest.mark.parametrize(
    ("days", "reached", "is_due"),
    [(30, 30 * DAY - SECOND, False), (30, 30 * DAY, True), (7, 7 * DAY, True), (60, 30 * DAY, False)],
)
def test_a_contact_is_due_after_the_days_that_the_line_allows(days: int, reached: timedelta, is_due: bool) -> None:
    """WAITLIST 1.4: contact at least every so many days, as a line says."""
    found = [line.why for line in lines(place(contact_days=days), reached_at=NOW - reached)]
    assert (found == [Why.CONTACT]) is is_due


def test_the_strictest_of_several_lines_says_when_a_contact_is_due() -> None:
    found = only(place(contact_days=60), place(entry=2, contact_days=5), reached_at=NOW - 6 * DAY)
    assert (found.why, found.at) == (Why.CONTACT, NOW - DAY)


def test_whoever_came_in_from_an_old_list_is_not_overdue_on_the_first_day() -> None:
    asked = NOW - 300 * DAY
    assert lines(place(asked=asked), created_at=NOW - HOUR, reached_at=None, talked_at=None) == ()


def test_an_offer_that_nobody_answered_asks_for_a_contact_until_there_is_a_talk() -> None:
    """WAITLIST 3.3: expiry opens a contact task."""
    line = only(place(missed_at=NOW - HOUR))
    assert (line.why, line.at, line.codes) == (Why.CONTACT, NOW - HOUR, ("missed",))
    assert lines(place(missed_at=NOW - 2 * DAY)) == ()


@pytest.mark.parametrize(("review", "is_due", "is_late"), [(1, False, False), (0, True, False), (-1, True, True)])
def test_a_pause_is_looked_at_on_its_day(review: int, is_due: bool, is_late: bool) -> None:
    """WAITLIST 3.2: overdue holds are a work list."""
    found = lines(place(status=Entry.ON_HOLD, review_on=TODAY + review * DAY))
    assert [(line.why, line.is_late) for line in found] == ([(Why.HOLD, is_late)] if is_due else [])


@pytest.mark.parametrize(
    ("fact", "is_due"),
    [
        (Fact("injecting-30d", "yes", TODAY - 30 * DAY), False),
        (Fact("injecting-30d", "yes", TODAY - 31 * DAY), True),
        (Fact("injecting-30d", "no", TODAY - 300 * DAY), False),
        (Fact("pregnant", "yes", TODAY - 100 * DAY, TODAY - DAY), True),
        (Fact("pregnant", "yes", TODAY - 100 * DAY, TODAY), False),
        (Fact("veteran", "yes", TODAY - 900 * DAY), False),
    ],
)
def test_a_fact_that_has_run_out_is_asked_again(fact: Fact, is_due: bool) -> None:
    """WAITLIST 3.5: it never drops somebody's tier by itself."""
    found = [(line.why, line.codes) for line in lines(place(), facts=(fact,))]
    assert found == ([(Why.ASK_AGAIN, (fact.code,))] if is_due else [])


@pytest.mark.parametrize(
    ("has", "until", "codes"),
    [
        (False, None, ("none",)),
        (True, None, None),
        (True, TODAY + 15 * DAY, None),
        (True, TODAY + 14 * DAY, ("ends",)),
        (True, TODAY, ("ends",)),
        (True, TODAY - DAY, ("ended",)),
    ],
)
def test_a_consent_that_is_missing_or_about_to_end_is_told(
    has: bool, until: date | None, codes: tuple[str, ...] | None
) -> None:
    """42 CFR 2.31(c); WAITLIST 1.5: nothing is told on one that has ended."""
    found = [line.codes for line in lines(place(), has_consent=has, consent_until=until)]
    assert found == ([codes] if codes else [])


# --- the order ---


def test_what_is_most_urgent_comes_first_whatever_the_order_of_the_rules() -> None:
    held = Held(7, Offer.PENDING, NOW + HOUR)
    found = lines(
        place(tier=3, asked=NOW - 12 * DAY),
        place(entry=2, status=Entry.OFFERED, offer=held),
        asked_at=NOW - HOUR,
        has_consent=False,
    )
    assert [line.why for line in found] == [Why.CALL_ME, Why.INTERIM, Why.ADMIT_BY, Why.OFFER, Why.CONSENT]


def test_of_one_kind_the_earlier_moment_comes_first() -> None:
    first, second = (Held(number, Offer.PENDING, NOW + number * HOUR) for number in (1, 2))
    found = lines(place(status=Entry.OFFERED, offer=second), place(entry=2, status=Entry.OFFERED, offer=first))
    assert [line.at for line in found] == [NOW + HOUR, NOW + 2 * HOUR]


def test_what_is_only_told_is_not_due_and_nobody_is_called_for_it() -> None:
    assert not {Line(why).is_due for why in NOT_DUE} - {False}
    assert not NOT_DUE & TO_CALL


# --- check-ins ---


@pytest.mark.parametrize(
    ("check", "codes", "is_late"),
    [
        (Check(NOW + 24 * HOUR), None, False),
        (Check(NOW + 23 * HOUR), (), False),
        (Check(NOW), (), False),
        (Check(NOW - 24 * HOUR + SECOND), (), False),
        (Check(NOW - 24 * HOUR), (), True),
        (Check(NOW - 30 * HOUR, step=1), ("second-way",), True),
        (Check(NOW - 80 * HOUR, step=2), ("coordinator",), True),
        (Check(text_at=NOW - HOUR), ("text",), False),
        (Check(text_at=NOW - 25 * HOUR), ("text",), True),
        (Check(NOW + 24 * HOUR, text_at=NOW - 25 * HOUR, now_at=NOW), None, False),
    ],
)
def test_a_check_in_stands_there_on_its_day_and_says_how_far_a_missed_one_went(
    check: Check, codes: tuple[str, ...] | None, is_late: bool
) -> None:
    found = lines(place(), check=check, zone="Asia/Tokyo", today=date(2026, 3, 3))
    assert [(line.why, line.codes, line.is_late) for line in found if line.why is not Why.TEXT_NOW] == (
        [] if codes is None else [(Why.CHECK_IN, codes, is_late)]
    )


@pytest.mark.parametrize(("ago", "is_late"), [(DAY, False), (DAY + SECOND, True)])
def test_whoever_says_that_they_wait_no_more_stands_there_while_they_have_a_place(
    ago: timedelta, is_late: bool
) -> None:
    line = only(place(), check=Check(over_at=NOW - ago))
    assert (line.why, line.at, line.is_late, line.is_due) == (Why.OVER, NOW - ago, is_late, True)


@pytest.mark.parametrize(("ago", "is_late"), [(15 * HOUR, False), (16 * HOUR, True)])
def test_what_was_said_in_danger_comes_before_all_else_until_somebody_has_seen_to_it(
    ago: timedelta, is_late: bool
) -> None:
    found = lines(place(tier=1), check=Check(crisis_at=NOW - ago, crisis=7))
    assert (found[0].why, found[0].codes, found[0].is_late) == (Why.CRISIS, ("7",), is_late)


@pytest.mark.parametrize(("ago", "is_late"), [(15 * HOUR, False), (16 * HOUR, True)])
def test_a_text_to_read_now_comes_before_all_else_but_danger(ago: timedelta, is_late: bool) -> None:
    text = Check(text_at=NOW - ago, now_at=NOW - ago)
    first = lines(place(tier=1), check=text)[0]
    assert (first.why, first.is_late) == (Why.TEXT_NOW, is_late)
    both = lines(place(tier=1), check=replace(text, crisis_at=NOW, crisis=7))
    assert [line.why for line in both][:2] == [Why.CRISIS, Why.TEXT_NOW]


def test_danger_and_a_wish_to_be_called_stand_there_also_without_a_place_in_line() -> None:
    said = {"check": Check(crisis_at=NOW, crisis=7), "asked_at": NOW - HOUR}
    assert [line.why for line in lines(**said)] == [Why.CRISIS, Why.CALL_ME, Why.TAKING_ON]


@pytest.mark.parametrize(("ends", "first"), [(HOUR, Why.OFFER), (39 * HOUR, Why.INTERIM), (-HOUR, Why.INTERIM)])
def test_an_offer_that_ends_before_services_are_due_comes_first(ends: timedelta, first: Why) -> None:
    """The services are due in 38 hours here. An offer that is over can wait."""
    held = Held(1, Offer.PENDING, NOW + ends)
    found = lines(place(tier=3, asked=NOW - 10 * HOUR, offer=held, status=Entry.OFFERED))
    assert found[0].why is first
