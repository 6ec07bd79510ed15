"""What is said of openings, to visitors and to those who report them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from directory.domain.errors import Problem
from directory.domain.openings import Notice, Restrictions
from directory.domain.results import Openings
from directory.web.presenters import openings_mark
from directory.web.presenters_capacity import notice_card
from directory.web.presenters_openings import (
    opening_views,
    problem_words,
    restriction_facts,
    unknown_restrictions,
)
from tests.web.made import NEW_YORK, NOW

REPORT = Openings("bed", 2, 10, NOW - timedelta(hours=3), "fresh", care="detox", level=1, name="Women's wing")


@pytest.mark.parametrize(
    ("available", "accepting", "text", "tone"),
    [
        (2, "capacity", "2 beds open, reported 3 hours ago", "openings"),
        (2, "waitlist", "2 beds open, reported 3 hours ago", "openings"),
        (0, "waitlist", "waiting list open, reported 3 hours ago", "quiet"),
        (None, "assess", "seeing people first, reported 3 hours ago", "quiet"),
        (2, "no-capacity", "no beds open, reported 3 hours ago", "quiet"),
        (None, "no-capacity", "no beds open, reported 3 hours ago", "quiet"),
        (0, None, "no beds open, reported 3 hours ago", "quiet"),
        (None, "capacity", "taking people, reported 3 hours ago", "quiet"),
    ],
)
def test_what_can_be_done_is_said_in_words(available: int | None, accepting: str | None, text: str, tone: str) -> None:
    mark = openings_mark(replace(REPORT, available=available, accepting=accepting), NOW)
    assert mark is not None
    assert (mark.text, mark.tone) == (text, tone)


def test_where_nothing_is_said_nothing_is_shown() -> None:
    assert openings_mark(replace(REPORT, available=None), NOW) is None


@pytest.mark.parametrize("seconds", [0, 59, -240])
def test_a_report_of_this_minute_is_just_now_even_on_a_clock_that_is_ahead(seconds: int) -> None:
    mark = openings_mark(replace(REPORT, as_of=NOW - timedelta(seconds=seconds)), NOW)
    assert mark is not None
    assert mark.text == "2 beds open, reported just now"


def test_a_listing_tells_whom_each_level_takes_and_what_nobody_has_said() -> None:
    whom = Restrictions(sex="women", youngest=18, moud=True, pay=("medicaid", "free"))
    said = replace(REPORT, accepting="assess", expected=3, restrictions=whom)
    view, beside = opening_views([said, replace(REPORT, level=None, name="", care=None)], NOW)
    assert opening_views([replace(REPORT, level=None)], NOW) == ()
    assert (beside.title, beside.facts, beside.unknown) == ("Level of care not known", (), "")
    assert view.title == "Women's wing"
    assert [(fact.name, fact.value) for fact in view.facts] == [
        ("Now", "Seeing people first, to find out what fits"),
        ("Coming free within 7 days", "3"),
        ("Women or men", "Women only"),
        ("Ages", "Age 18 and older"),
        ("Ways to pay", "Medicaid, Free or help with cost"),
        ("Medication", "Takes people on methadone or buprenorphine"),
    ]
    assert view.unknown == "Not known: Wheelchair, Children, Languages"


def test_what_is_too_old_to_count_says_no_more_than_its_age() -> None:
    old = replace(REPORT, as_of=NOW - timedelta(hours=72), freshness="old", restrictions=Restrictions(sex="men"))
    (view,) = opening_views([old], NOW)
    assert view.mark is not None
    assert (view.mark.text, view.facts, view.unknown) == ("openings last reported 3 days ago; call first", (), "")


@pytest.mark.parametrize("known", [True, False])
def test_what_is_known_to_be_no_is_said_and_is_not_unknown(known: bool) -> None:
    whom = Restrictions("all", 18, 64, known, ("free",), known, known, ("en",))
    assert unknown_restrictions(whom) == ""
    said = {fact.name: fact.value for fact in restriction_facts(whom)}
    assert said["Medication"].startswith("Takes" if known else "Does not take")
    assert said["Wheelchair"].startswith("Can be" if known else "Cannot be")
    assert said["Children"].startswith("Children can " if known else "Children cannot")


@pytest.mark.parametrize(
    ("problem", "sentence"),
    [
        (
            Problem("available", "sum", "4", ("10", "7", "1", "2")),
            "4 cannot be open: 10 staffed less 7 occupied and 1 held leaves 2.",
        ),
        (
            Problem("as_of", "older", "", ("2026-03-08T07:30:00+00:00",)),  # half an hour after the clocks went forward
            "We have a newer report, of Sun 8 Mar, 3:30 am. One of an earlier moment is not taken.",
        ),
        (Problem("oldest", "ages", "17", ("18",)), "This is younger than the youngest age, 18."),
    ],
)
def test_what_is_wrong_is_said_with_what_would_be_right(problem: Problem, sentence: str) -> None:
    assert problem_words(problem, NEW_YORK) == sentence


@pytest.mark.parametrize(
    ("given", "state", "is_overdue"),
    [
        ({}, "Due by Mon 9 Mar, 1 pm", False),
        ({"due_at": NOW}, "Overdue since Mon 2 Mar, noon", True),
        ({"due_at": NOW, "sent_at": NOW, "sent_to": "State office"}, "Sent Mon 2 Mar, noon to State office", False),
    ],
)
def test_a_notice_says_what_is_due_when(given: dict[str, Any], state: str, is_overdue: bool) -> None:
    reached = NOW
    made = {
        "id": 1, "level": "Women's wing", "program": "Reed House", "agency": 1, "agency_name": "Marsh",
        "zone": NEW_YORK, "share": 90, "staffed": 10, "taken": 9, "reached_at": reached,
        "due_at": reached + timedelta(days=7), "sent_at": None, "sent_to": "", "closed_at": None,
    }  # fmt: skip
    card = notice_card(Notice(**made | given), NOW)
    assert (card.state, card.is_overdue, card.url) == (state, is_overdue, "/notices/1")
    assert "Taken then: 9 of 10 (90 percent)" in " ".join(card.text)
