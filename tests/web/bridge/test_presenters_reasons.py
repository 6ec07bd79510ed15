"""The reasons of a suggestion in words: each code has its own, and what is not known is asked first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from directory import i18n
from directory.domain.bridge.questions import NEEDS, WHENS
from directory.domain.bridge.suggestions import CAUTIONS, SPECIAL, WEIGHTS, Because, Suggestion
from directory.domain.taxonomy import PEOPLE
from directory.web.bridge import presenters_words
from directory.web.bridge.presenters_reasons import asks_words, reason_marks, went_words
from tests.web.made import NEW_YORK, NOW, card

LOCAL = NOW.astimezone(ZoneInfo(NEW_YORK))
SOON, LATE = LOCAL + timedelta(minutes=40), LOCAL + timedelta(hours=7)


@pytest.fixture(params=["en", "es"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    i18n.use(request.param)
    yield request.param
    i18n.use("en")


def suggestion(*because: Because, **changes: Any) -> Suggestion:
    return Suggestion(replace(card(), **changes), because, 0.0)


def told(*because: Because, **changes: Any) -> list[str]:
    return [mark.text for mark in reason_marks(suggestion(*because, **changes), NOW) if "checked" not in mark.text]


@pytest.mark.parametrize(
    ("because", "changes", "words"),
    [
        (Because("distance", 0.8123), {}, "0.8 miles"),
        (Because("distance", 3.1), {"approximate": True}, "about 3 miles"),
        (Because("starts", SOON), {}, "starts in 40 minutes"),
        (Because("starts", LATE), {}, "today, 7 pm"),
        (Because("opens", SOON), {}, "opens in 40 minutes"),
        (Because("opens", LATE), {}, "closed now, opens today, 7 pm"),
        (Because("open", LATE), {}, "open until 7 pm"),
        (Because("open"), {}, "open now"),
        (Because("always-open"), {}, "open 24 hours"),
        (Because("for", "women"), {}, "women only"),
        (Because("for", "women"), {"kind": "housing"}, "for women"),
        (Because("wheelchair"), {}, "wheelchair access"),
        (Because("language", "es"), {}, "in Spanish"),
        (Because("takes", "medicaid"), {}, "takes Medicaid"),
        (Because("liked", "na"), {}, "they like NA"),
        (Because("suits-time", "evening"), {}, "at a time that suits them"),
        (Because("medication", "methadone"), {}, "Methadone"),
    ],
)
def test_each_reason_is_said_in_a_few_words(because: Because, changes: dict[str, Any], words: str) -> None:
    assert told(because, **changes) == [words]


def test_what_is_not_said_is_asked_first_in_one_sentence() -> None:
    asks = (Because("unknown-wheelchair"), Because("unknown-pay", "medicaid"), Because("for-others", "parents"))
    said = (
        "it does not say whether a wheelchair gets in, it does not say whether it takes Medicaid, and it is for parents"
    )
    assert asks_words(suggestion(*asks, Because("distance", 0.8))) == f"Call first: {said}."
    assert asks_words(suggestion(*asks, phones=())) == f"Ask first: {said}."
    assert asks_words(suggestion(Because("distance", 0.8))) == ""
    assert told(*asks) == []


def test_the_day_on_which_they_went_is_that_of_the_place() -> None:
    """Half past one at night in UTC is the evening before in New York."""
    went = Because("went", NOW.replace(hour=1, minute=30))
    assert went_words(suggestion(went), NOW) == "They went on Sun 1 Mar."
    assert went_words(suggestion(), NOW) == ""


def test_what_is_joined_from_afar_names_the_clock() -> None:
    assert told(Because("online"), Because("starts", LATE)) == ["online or by phone", "today, 7 pm (Eastern Time)"]


def test_no_code_is_without_words(language: str) -> None:
    assert set(presenters_words.NEEDS) == set(NEEDS)
    assert set(presenters_words.WHENS) == {"", *WHENS}
    assert set(presenters_words.FOR_PEOPLE) == set(PEOPLE) >= set(SPECIAL)
    assert set(presenters_words.CAUTIONS) == set(CAUTIONS) - {"for-others"}
    values: dict[str, Any] = {
        "distance": 1.0,
        "starts": SOON,
        "opens": LATE,
        "liked": "na",
        "language": "es",
        "takes": "free",
    }
    values |= {"for": "parents", "medication": "methadone", "suits-time": "night"}
    others = set(WEIGHTS) - set(CAUTIONS) - {"soon", "later", "went", "openings"}
    for code in {*others, "starts", "opens", "online", "hybrid", "sliding-fee"}:
        assert next(reason_marks(suggestion(Because(code, values.get(code))), NOW)).text
