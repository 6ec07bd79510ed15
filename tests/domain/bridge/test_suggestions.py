"""What is asked for somebody, what is left out, what comes first, and why: rules over listings made by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from directory.domain.bridge.fitting import Who, is_against, who_of
from directory.domain.bridge.plans import BARRIERS, Plan
from directory.domain.bridge.questions import KIND_OF, NEEDS, OF_BARRIER, needs_of, questions, span_of
from directory.domain.bridge.suggestions import Because, Suggestion, first_of, ranked
from directory.domain.listings import Status
from directory.domain.results import Card
from directory.domain.schedule import Window
from directory.domain.search import parse
from directory.domain.taxonomy import Code, CodeInfo
from directory.services.search import card_at
from tests.web import made
from tests.web.made import NEW_YORK, NOW, meeting, times

PLAN = Plan(where="19107", miles=10)
ANYBODY, WOMAN, MAN = Who(), Who(sex="female"), Who(sex="male")


def listing(now: datetime = NOW, **changes: Any) -> Card:
    """A listing two miles away as the search shows it at this moment: a meeting tomorrow at seven in the evening, for anybody."""
    given: dict[str, Any] = {"people": None, "languages": None, "access": None, "distance_miles": 2.0}
    return replace(card_at(made.card(**given | changes), now, NEW_YORK, None), **{"distance_miles": 2.0} | _of(changes))


def _of(changes: dict[str, Any]) -> dict[str, Any]:
    return {name: changes[name] for name in ("distance_miles",) if name in changes}


def place(kind: str, *windows: Window, **changes: Any) -> Card:
    return listing(**{"kind": kind, "program": None, "timetable": times(*windows)} | changes)


def open_from(start: str, minutes: int) -> tuple[Window, ...]:
    """Open every day."""
    return tuple(replace(meeting(day, start, minutes), sort="hours") for day in range(7))


def told(
    *cards: Card, plan: Plan = PLAN, who: Who = ANYBODY, now: datetime = NOW, when: str = "", went: Any = None
) -> tuple[Suggestion, ...]:
    return ranked(cards, plan, who, went or {}, span_of(when, now, NEW_YORK), now)


def reasons(card: Card, **given: Any) -> dict[str, object]:
    (found,) = told(card, **given)
    return {each.code: each.value for each in found.because}


def names(found: Sequence[Suggestion]) -> list[str]:
    return [each.card.name for each in found]


def test_the_next_meeting_of_today_is_always_among_the_first() -> None:
    """Today is Monday; those of tomorrow are nearer."""
    tomorrow = times(meeting(2, "19:00"))
    near = [listing(id=n, name=f"Near {n}", distance_miles=float(n), timetable=tomorrow) for n in (1, 2, 3)]
    tonight = listing(id=4, name="Tonight", distance_miles=9.0, timetable=times(meeting(1, "21:30")))
    found = told(*near, tonight)
    assert names(found) == ["Near 1", "Near 2", "Near 3", "Tonight"]
    assert names(first_of(found, 3, NOW)) == ["Tonight", "Near 1", "Near 2"]
    assert names(first_of(found, 4, NOW)) == names(found)
    assert names(first_of(told(*near), 3, NOW)) == names(told(*near))


# --- what is asked ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("barrier", BARRIERS)
def test_each_barrier_has_something_that_helps(barrier: str) -> None:
    assert OF_BARRIER[barrier]
    assert set(OF_BARRIER[barrier]) <= set(needs_of(Plan(barriers=(barrier,)), ()))


def test_meetings_and_safer_use_are_for_everybody_but_who_does_not_want_them() -> None:
    assert needs_of(Plan(), ()) == ("meetings", "online", "harm-reduction")
    assert needs_of(Plan(unwanted=("meeting", "harm-reduction")), ()) == ()
    assert needs_of(Plan(barriers=("food",), unwanted=("meeting", "harm-reduction", "food")), ()) == ()


@pytest.mark.parametrize(
    ("ways", "needs"),
    [
        ((), {"meetings", "online"}),
        (("in-person",), {"meetings"}),
        (("online",), {"online"}),
        (("hybrid",), {"meetings", "online"}),
    ],
)
def test_meetings_are_looked_for_in_the_ways_that_suit(ways: tuple[str, ...], needs: set[str]) -> None:
    assert set(needs_of(Plan(attendance=ways), ())) - {"harm-reduction"} == needs


@pytest.mark.parametrize(
    ("fact", "need"),
    [
        ("pregnant", "prenatal"),
        ("medication", "medication"),
        ("injecting-30d", "medication"),
        ("child-protection", "family"),
    ],
)
def test_a_known_fact_asks_for_what_goes_with_it(fact: str, need: str) -> None:
    assert need in needs_of(Plan(), [fact])
    assert need not in needs_of(Plan(), ["veteran"])


def test_every_question_is_one_that_an_address_of_the_search_asks() -> None:
    """No second search: what is asked here can be asked by any visitor, word for word."""
    plan = Plan(barriers=BARRIERS, wanted=tuple(KIND_OF.values()), where="19107", miles=5, likes=("na", "smart"))
    for when in ("", "now", "today", "tomorrow"):
        asked = questions(plan, ["pregnant", "medication"], when=when)
        assert {question.need for question in asked} == set(NEEDS)
        for question in asked:
            assert parse(question.query.params()) == (question.query, [])


def test_without_a_place_only_what_can_be_joined_from_anywhere_is_asked_for() -> None:
    (asked,) = questions(Plan(barriers=BARRIERS), [], zone="America/Chicago")
    assert (asked.need, asked.query.attendance, asked.query.tz) == ("online", ("online",), "America/Chicago")


# --- what is left out ------------------------------------------------------------------------------------------------

SPANISH, BOTH = Who(languages=("es",)), Who(languages=("en", "es"))
FAMILIES = (CodeInfo(Code("smart", "", "FFO"), "attendance", {"en": "Family and Friends Only"}),)


@pytest.mark.parametrize(
    ("changes", "plan", "who", "against"),
    [
        ({}, {}, Who(), False),
        ({"people": ("men",)}, {}, WOMAN, True),
        ({"people": ("men",)}, {}, MAN, False),
        ({"people": ("men",)}, {}, Who(), False),
        ({"people": ("men",)}, {}, Who(sex="other"), False),
        ({"people": ("men", "young-adults")}, {}, WOMAN, True),
        ({"people": ("women", "men")}, {}, WOMAN, False),
        ({"kind": "housing", "people": ("women",)}, {}, MAN, True),
        ({"kind": "treatment", "people": ("men",)}, {}, WOMAN, False),
        ({"kind": "family", "people": ("women", "parents")}, {}, MAN, False),
        ({"kind": "housing", "people": ("parents", "pregnant")}, {}, Who(no=frozenset({"dependents", "children", "pregnant"})), True),
        ({"kind": "housing", "people": ("parents", "pregnant")}, {}, Who(no=frozenset({"dependents", "pregnant"})), False),
        ({"people": ("veterans",)}, {}, Who(no=frozenset({"veteran"})), True),
        ({"people": ("youth",)}, {}, Who(age=40), True),
        ({"people": ("young-adults",)}, {}, Who(age=60), False),
        ({"people": ("lgbtq",)}, {}, WOMAN, False),
        ({"program": "aa"}, {"dislikes": ("aa",)}, Who(), True),
        ({"program": None}, {"dislikes": ("aa",)}, Who(), False),
        ({"program": "al-anon"}, {}, Who(), True),
        ({"program": "al-anon"}, {"likes": ("al-anon",)}, Who(), False),
        ({"program": "smart", "types": FAMILIES}, {}, Who(), True),
        ({"program": "smart"}, {}, Who(), False),
        ({"kind": "food", "program": None}, {"unwanted": ("food",)}, Who(), True),
        ({"attendance": "online"}, {"attendance": ("in-person",)}, Who(), True),
        ({"attendance": "hybrid"}, {"attendance": ("in-person",)}, Who(), False),
        ({"attendance": None}, {"attendance": ("in-person",)}, Who(), False),
        ({"languages": ("en",)}, {}, SPANISH, True),
        ({"languages": ("es-MX",)}, {}, SPANISH, False),
        ({"languages": ("es",)}, {}, Who(languages=("en",)), True),
        ({"languages": ("es",)}, {}, BOTH, False),
        ({"languages": ("es",)}, {}, Who(), False),
        ({"languages": None}, {}, SPANISH, False),
        ({"languages": ("ase",)}, {}, Who(languages=("en",)), False),
        ({"kind": "health", "languages": ("pt",)}, {}, Who(languages=("en",)), False),
        ({"kind": "health", "languages": ("pt",)}, {}, SPANISH, True),
        ({"status": Status.TEMPORARILY_CLOSED}, {}, Who(), True),
    ],
)  # fmt: skip
def test_only_what_is_known_to_be_against_somebody_is_left_out(
    changes: dict[str, Any], plan: dict[str, Any], who: Who, against: bool
) -> None:
    assert is_against(listing(**changes), replace(PLAN, **plan), who) is against


@pytest.mark.parametrize(
    ("code", "card", "who"),
    [
        ("unknown-wheelchair", {}, Who(yes=frozenset({"wheelchair"}))),
        ("unknown-wheelchair", {"access": ("childcare",)}, Who(yes=frozenset({"wheelchair"}))),
        ("unknown-language", {}, SPANISH),
        ("for-others", {"people": ("women",)}, Who()),
        ("for-others", {"people": ("lgbtq",)}, WOMAN),
        ("unknown-pay", {"kind": "health", "pay": None}, Who(payers=("medicaid",))),
        ("other-pay", {"kind": "health", "pay": ("private",)}, Who(payers=("medicaid",))),
    ],
)
def test_what_is_not_said_is_asked_and_stands_lower(code: str, card: dict[str, Any], who: Who) -> None:
    doubtful = listing(id=1, name="A", **card)
    sure = listing(
        id=2, name="B", access=("wheelchair",), languages=("es",), kind=doubtful.kind, pay=("medicaid",), people=None
    )
    first, last = told(doubtful, sure, who=who)
    assert [first.card.id, last.card.id] == [2, 1]
    assert code in [each.code for each in last.because if each.is_caution]
    assert not [each for each in first.because if each.is_caution and each.code == code]


# --- why -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "plan", "who", "because"),
    [
        ({}, {}, Who(), Because("distance", 2.0)),
        ({"program": "na"}, {"likes": ("na",)}, Who(), Because("liked", "na")),
        ({}, {"times": ("evening",)}, Who(), Because("suits-time", "evening")),
        ({"people": ("women",)}, {}, WOMAN, Because("for", "women")),
        ({"people": ("veterans",)}, {}, Who(yes=frozenset({"veteran"})), Because("for", "veterans")),
        ({"people": ("justice",)}, {"barriers": ("court",)}, Who(), Because("for", "justice")),
        ({"access": ("wheelchair",)}, {}, Who(yes=frozenset({"wheelchair"})), Because("wheelchair")),
        ({"access": ("childcare",)}, {}, Who(yes=frozenset({"dependents"})), Because("childcare")),
        ({"access": ("childcare",)}, {"barriers": ("childcare",)}, Who(), Because("childcare")),
        ({"access": ("sign-language",)}, {}, Who(languages=("ase",)), Because("sign-language")),
        ({"languages": ("en", "es-MX")}, {}, SPANISH, Because("language", "es-MX")),
        ({"attendance": "hybrid"}, {}, Who(), Because("hybrid")),
        ({"attendance": "online", "distance_miles": None}, {}, Who(), Because("online")),
        ({"attendance": "hybrid", "distance_miles": 300.0}, {}, Who(), Because("online")),
        ({"kind": "health", "pay": ("medicaid", "free")}, {}, Who(payers=("medicaid",)), Because("takes", "medicaid")),
        ({"kind": "food", "pay": ("free",)}, {}, Who(payers=("medicaid",)), Because("free")),
        ({"kind": "health", "medication": ("methadone",)}, {}, Who(yes=frozenset({"medication"})), Because("medication", "methadone")),
    ],
)  # fmt: skip
def test_what_speaks_for_a_listing_is_said_and_moves_it_up(
    changes: dict[str, Any], plan: dict[str, Any], who: Who, because: Because
) -> None:
    (found,) = told(listing(**changes), plan=replace(PLAN, **plan), who=who)
    assert because in found.because
    assert not because.is_caution


def test_nobody_who_needs_no_ramp_and_speaks_english_is_told_of_either() -> None:
    found = reasons(listing(access=("wheelchair", "childcare"), languages=("en",)), who=Who(languages=("en",)))
    assert set(found) == {"distance", "starts"}


def test_the_nearest_of_two_alike_comes_first_and_the_order_does_not_depend_on_what_comes_in_when() -> None:
    near, far = listing(id=1, distance_miles=0.8), listing(id=2, distance_miles=6.0)
    liked = listing(id=3, distance_miles=6.0, program="na")
    plan = replace(PLAN, likes=("na",))
    orders = {
        tuple(each.card.id for each in told(*cards, plan=plan)) for cards in ((near, far, liked), (liked, far, near))
    }
    assert orders == {(3, 1, 2)}
    assert [each.card.id for each in told(near, near)] == [1]


def test_where_somebody_went_stands_lower_and_says_when() -> None:
    went = NOW - timedelta(days=3)
    first, last = told(listing(id=1, distance_miles=0.5), listing(id=2, distance_miles=9.0), went={1: went})
    assert [first.card.id, last.card.id] == [2, 1]
    assert Because("went", went) in last.because


# --- when ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "start", "found"),
    [
        (1, "12:00", "2026-03-02 12:00"),  # now
        (1, "11:51", "2026-03-02 11:51"),  # nine minutes ago: still worth going
        (1, "11:49", None),
        (3, "11:59", "2026-03-04 11:59"),
        (3, "12:00", None),  # in 48 hours: not within them
        (4, "09:00", None),
    ],
)
def test_a_meeting_counts_if_it_begins_in_the_coming_48_hours(day: int, start: str, found: str | None) -> None:
    made_of = told(listing(timetable=times(meeting(day, start))))
    assert [f"{each.at:%Y-%m-%d %H:%M}" for each in made_of if each.at] == ([found] if found else [])


def test_of_several_times_the_one_that_suits_is_told() -> None:
    card = listing(timetable=times(meeting(1, "13:00"), meeting(2, "08:00"), meeting(2, "19:30")))
    assert f"{reasons(card)['starts']:%a %H:%M}" == "Mon 13:00"
    assert f"{reasons(card, plan=replace(PLAN, times=('evening',)))['starts']:%a %H:%M}" == "Tue 19:30"
    assert f"{reasons(card, plan=replace(PLAN, times=('night',)))['starts']:%a %H:%M}" == "Mon 13:00"


@pytest.mark.parametrize(
    ("now", "start"),
    [
        (datetime(2026, 3, 7, 12, tzinfo=ZoneInfo(NEW_YORK)), "2026-03-08 19:00-0400"),  # the night that has 23 hours
        (datetime(2026, 10, 31, 12, tzinfo=ZoneInfo(NEW_YORK)), "2026-11-01 19:00-0500"),  # the one that has 25
    ],
)
def test_a_meeting_stays_at_seven_when_the_clocks_change(now: datetime, start: str) -> None:
    found = reasons(listing(now.astimezone(UTC), timetable=times(meeting(0, "19:00"))), now=now.astimezone(UTC))
    assert f"{found['starts']:%Y-%m-%d %H:%M%z}" == start


def test_48_hours_are_hours_and_not_days_when_the_clocks_change() -> None:
    """From noon on the Saturday before, 48 hours end at one in the afternoon on Monday."""
    now = datetime(2026, 3, 7, 12, tzinfo=ZoneInfo(NEW_YORK)).astimezone(UTC)
    assert told(listing(now, timetable=times(meeting(1, "12:59"))), now=now)
    assert not told(listing(now, timetable=times(meeting(1, "13:00"))), now=now)


@pytest.mark.parametrize(
    ("when", "found"),
    [("now", ["Mon 12:30"]), ("today", ["Mon 12:30"]), ("tomorrow", ["Tue 19:00"]), ("", ["Mon 12:30"])],
)
def test_another_time_can_be_asked_for(when: str, found: list[str]) -> None:
    card = listing(timetable=times(meeting(1, "12:30"), meeting(2, "19:00")))
    assert [f"{each.at:%a %H:%M}" for each in told(card, when=when) if each.at] == found


def test_what_began_before_midnight_is_no_meeting_of_tomorrow() -> None:
    assert not told(listing(timetable=times(meeting(1, "23:55"))), when="tomorrow")


def test_a_meeting_over_the_internet_is_told_on_the_clock_of_whoever_joins() -> None:
    far = made.card(
        attendance="online",
        people=None,
        languages=None,
        timetable=times(meeting(1, "19:00"), zone="America/Los_Angeles"),
    )
    found = reasons(card_at(far, NOW, NEW_YORK, None))
    assert f"{found['starts']:%a %H:%M}" == "Mon 22:00"
    assert "distance" not in found


@pytest.mark.parametrize(
    ("card", "code", "value"),
    [
        (place("food", *open_from("09:00", 12 * 60)), "open", "2026-03-02 21:00"),
        (place("food", *open_from("18:00", 60)), "opens", "2026-03-02 18:00"),
        (place("recovery-support", meeting(1, "18:00")), "starts", "2026-03-02 18:00"),
        (place("food", *open_from("00:00", 24 * 60)), "always-open", None),
        (place("food"), "unknown-hours", None),
    ],
)
def test_a_place_says_whether_it_is_open_or_when_it_opens(card: Card, code: str, value: str | None) -> None:
    found = reasons(card)
    assert (f"{found[code]:%Y-%m-%d %H:%M}" if value else found[code]) == value


def test_a_place_that_is_open_comes_before_one_that_opens_in_weeks() -> None:
    weeks = times(replace(meeting(6, "10:00"), sort="hours", week=-1))
    late = listing(id=1, kind="legal", timetable=weeks, distance_miles=0.1)
    open_now = listing(id=2, kind="legal", timetable=times(*open_from("09:00", 600)), distance_miles=1.0)
    assert [each.card.id for each in told(late, open_now)] == [2, 1]


# --- who -------------------------------------------------------------------------------------------------------------


def test_somebody_is_what_their_facts_say_and_nothing_else() -> None:
    facts = {
        "sex": "female",
        "pregnant": "yes",
        "veteran": "no",
        "language": "es,EN",
        "payer": "medicaid,free",
        "birth-month": "1991-03",
    }
    who = who_of(facts, "en", NOW.date())
    assert who == Who(frozenset({"pregnant"}), frozenset({"veteran"}), "female", ("es", "en"), ("medicaid", "free"), 34)
    assert who_of({}, "es", NOW.date()) == Who(languages=("es",))
    assert who_of({"birth-month": "1991-02"}, "en", NOW.date()).age == 35
