"""A plan as a value: what fits into it, how it lies sealed and in its form, and how two of them become one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from directory.domain.bridge.plan_fields import fields_of, plan_of
from directory.domain.bridge.plans import (
    LONGEST_LINE,
    LONGEST_SHORT,
    LONGEST_WORDS,
    MOST_LINES,
    MOST_PEOPLE,
    Helper,
    Plan,
    from_json,
    merged,
    plan_problems,
    tidied,
    to_json,
)

AUNT = Helper("Aunt Fern", "215-555-0142", "Talks me down")
FULL = Plan(
    matters="My girl.\nMy own door.",
    helps="Walking by the river",
    bad_night=("Drink water", "Call Aunt Fern"),
    people=(AUNT, Helper("Wren")),
    barriers=("housing", "court"),
    likes=("na", "smart"),
    dislikes=("aa",),
    wanted=("food",),
    unwanted=("legal",),
    attendance=("in-person",),
    times=("evening",),
    where="19199",
    miles=5,
    shown=("bad-night", "people"),
)


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, []),
        ({"matters": "x" * LONGEST_WORDS}, []),
        ({"matters": "x" * (LONGEST_WORDS + 1)}, [("matters", "too-long")]),
        ({"helps": "x" * (LONGEST_WORDS + 1)}, [("helps", "too-long")]),
        ({"bad_night": ("x" * LONGEST_LINE,) * MOST_LINES}, []),
        ({"bad_night": ("x" * (LONGEST_LINE + 1),)}, [("bad_night", "too-long")]),
        ({"bad_night": ("x",) * (MOST_LINES + 1)}, [("bad_night", "too-many-lines")]),
        ({"people": (AUNT,) * MOST_PEOPLE}, []),
        ({"people": (AUNT,) * (MOST_PEOPLE + 1)}, [("people-8-name", "too-many-people")]),
        ({"people": (AUNT, Helper("", "555-0100"))}, [("people-2-name", "missing")]),
        ({"people": (Helper("x", "x" * (LONGEST_SHORT + 1)),)}, [("people-1-reach", "too-long")]),
        ({"where": "x" * (LONGEST_SHORT + 1)}, [("where", "too-long")]),
        ({"miles": 0}, [("miles", "not-within")]),
        ({"miles": 101}, [("miles", "not-within")]),
        ({"barriers": ("weather",)}, [("barriers", "choose")]),
        ({"likes": ("aa",), "dislikes": ("aa",)}, [("likes", "choose")]),
        ({"wanted": ("food",), "unwanted": ("food",)}, [("wanted", "choose")]),
        ({"wanted": ("treatment",)}, [("wanted", "choose")]),
    ],
)
def test_what_does_not_fit_is_named_by_its_field(changes: dict[str, object], found: list[tuple[str, str]]) -> None:
    plan = replace(FULL, **changes)  # type: ignore[arg-type]
    assert [(each.field, each.code) for each in plan_problems(plan)] == found


def test_an_empty_plan_fits() -> None:
    assert plan_problems(Plan()) == []
    assert not Plan().is_by_code


def test_blanks_empty_lines_and_people_without_a_word_are_left_out() -> None:
    plan = Plan(
        matters="  My girl.\r\nMy own door. ",
        bad_night=("  Drink   water ", " ", ""),
        people=(Helper(" "), Helper(" Wren ", " at  the corner ")),
        barriers=("court", "housing", "court", "weather"),
        where=" 19199 ",
    )
    assert tidied(plan) == Plan(
        matters="My girl.\nMy own door.",
        bad_night=("Drink water",),
        people=(Helper("Wren", "at the corner"),),
        barriers=("housing", "court"),
        where="19199",
    )


@pytest.mark.parametrize("plan", [Plan(), FULL])
def test_a_plan_comes_back_whole_from_where_it_lies_sealed_and_from_its_form(plan: Plan) -> None:
    assert from_json(to_json(plan)) == plan
    assert tidied(plan_of(fields_of(plan))) == plan


def test_what_was_cleared_is_an_empty_plan_and_codes_that_are_gone_are_left_out() -> None:
    assert from_json({}) == Plan()
    assert from_json({"barriers": ["housing", "weather"], "shown": ["all"]}) == Plan(barriers=("housing",))


@pytest.mark.parametrize(("typed", "miles"), [("", None), ("5", 5), ("five", 0), ("99999", 0), ("-1", 0), ("²", 0)])
def test_miles_that_are_no_number_fit_no_plan(typed: str, miles: int | None) -> None:
    assert plan_of({"miles": typed}).miles == miles


def test_two_plans_of_one_person_keep_every_word_with_its_day_and_what_the_one_who_stays_chose() -> None:
    kept = Plan(matters="My girl", bad_night=("Drink water",), likes=("na",), where="19199", miles=5, shown=("people",))
    gone = Plan(
        matters="My own door",
        helps="The river",
        bad_night=("Drink water", "Call Wren"),
        people=(AUNT,),
        barriers=("court",),
        where="19101",
        shown=("bad-night",),
    )
    both = merged(kept, gone, date(2026, 2, 1))
    assert both == replace(
        kept,
        matters="My girl\n\n2026-02-01:\nMy own door",
        helps="2026-02-01:\nThe river",
        bad_night=("Drink water", "Call Wren"),
        people=(AUNT,),
        barriers=("court",),
    )
    assert merged(both, both, date(2026, 2, 1)) == both


@pytest.mark.parametrize(
    ("kept", "gone", "miles"),
    [
        (Plan(where="19199"), Plan(where="19101", miles=5), None),
        (Plan(miles=10), Plan(where="19101", miles=5), 5),
        (Plan(miles=10), Plan(where="19101"), 10),
        (Plan(miles=10), Plan(matters="My own door"), 10),
        (Plan(), Plan(miles=5), 5),
    ],
)
def test_how_far_they_can_go_goes_with_the_place_and_is_not_lost_without_one(
    kept: Plan, gone: Plan, miles: int | None
) -> None:
    assert merged(kept, gone, date(2026, 2, 1)).miles == miles


def test_a_plan_with_more_people_than_fit_keeps_them_all_in_its_form_until_somebody_takes_one_out() -> None:
    many = Plan(people=tuple(Helper(f"Wren {n}") for n in range(3 * MOST_PEOPLE)))
    assert plan_of(fields_of(many)).people == many.people
