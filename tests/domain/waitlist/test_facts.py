"""Facts: what each may say, how long it counts, and when it is asked again."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from directory.domain.waitlist.clocks import INJECTING, PREGNANT
from directory.domain.waitlist.facts import CLIENT, CODES, Fact, due_of, fact_problems, joined, to_ask

TODAY = date(2026, 3, 2)
DAY = timedelta(days=1)


def fact(code: str, value: str, **more: object) -> Fact:
    return Fact(**{"code": code, "value": value, "source": CLIENT, "on": TODAY, **more})  # type: ignore[arg-type]


def wrong(given: Fact) -> list[tuple[str, str]]:
    return [(each.field, each.code) for each in fact_problems(given, today=TODAY)]


@pytest.mark.parametrize(
    ("code", "value"),
    [
        (INJECTING, "yes"),
        ("veteran", "no"),
        ("sex", "other"),
        ("birth-month", "1990-04"),
        ("payer", "medicaid,self-pay"),
        ("language", "en,es,ase"),
        ("level", "detox,residential"),
        (PREGNANT, "no"),
    ],
)
def test_a_fact_says_what_its_code_may_say(code: str, value: str) -> None:
    assert wrong(fact(code, value)) == []


@pytest.mark.parametrize(
    ("code", "value"),
    [
        (INJECTING, "maybe"),
        ("sex", "yes"),
        ("birth-month", "1990-13"),
        ("birth-month", "2026-04"),
        ("birth-month", "1890-01"),
        ("payer", "medicaid,gold"),
        ("language", "english please"),
        ("level", ""),
        ("shoe-size", "9"),
    ],
)
def test_it_says_nothing_else(code: str, value: str) -> None:
    assert wrong(fact(code, value)) == [("value", "choose")]


def test_every_fact_has_somebody_who_says_so_and_a_day_that_has_come() -> None:
    """WAITLIST 1.8: self-reported by the client or documented by a clinician, with source and date."""
    assert wrong(fact("veteran", "yes", source="peer")) == [("source", "choose")]
    assert wrong(fact("veteran", "yes", on=TODAY + DAY)) == [("on", "to-come")]
    assert wrong(fact("veteran", "yes", on=TODAY - 400 * DAY)) == [("on", "too-old")]


def test_a_pregnancy_counts_until_a_year_after_the_due_day() -> None:
    """WAITLIST 3.5."""
    due = TODAY + 100 * DAY
    assert fact(PREGNANT, "yes", due=due).expires_on == due + 365 * DAY
    assert due_of(PREGNANT, TODAY, due + 365 * DAY) == due
    assert wrong(fact(PREGNANT, "yes", due=TODAY + 400 * DAY)) == [("due", "not-a-due-day")]
    assert wrong(fact(PREGNANT, "yes", due=TODAY - 400 * DAY)) == [("due", "not-a-due-day")]


def test_a_pregnancy_is_noted_before_anybody_knows_the_due_day_and_asked_about_again_in_3_months() -> None:
    told = fact(PREGNANT, "yes", on=TODAY)
    assert wrong(told) == []
    assert told.expires_on == TODAY + 90 * DAY
    assert due_of(PREGNANT, TODAY, told.expires_on) is None


def test_injecting_counts_for_30_days_and_a_no_has_no_end() -> None:
    assert fact(INJECTING, "yes").expires_on == TODAY + 30 * DAY
    assert fact(INJECTING, "no").expires_on is None
    assert fact("veteran", "yes").expires_on is None


def test_injecting_is_asked_at_each_contact_and_all_else_once_it_has_run_out() -> None:
    """WAITLIST 3.5."""
    known = {INJECTING: TODAY + DAY, PREGNANT: TODAY - DAY, "veteran": None}
    assert to_ask(known, at_contact=True, today=TODAY) == (PREGNANT, INJECTING)
    assert to_ask(known, at_contact=False, today=TODAY) == (PREGNANT,)
    assert to_ask({PREGNANT: TODAY}, at_contact=True, today=TODAY) == ()


def test_several_values_are_kept_once_each_and_all_of_them_have_room() -> None:
    from directory.domain.taxonomy import CARE

    assert joined(["en", "es", "en"]) == "en,es"
    assert wrong(fact("level", joined(CARE))) == []
    assert len(set(CODES)) == len(CODES)


@pytest.mark.parametrize("given", [fact(PREGNANT, "yes", due=date.max), fact(INJECTING, "yes", on=date.max)])
def test_the_last_day_of_the_calendar_is_turned_away_like_any_other_that_cannot_be(given: Fact) -> None:
    assert given.expires_on == date.max
    assert wrong(given) in ([("due", "not-a-due-day")], [("on", "to-come")])
