"""The audit trail in words: whatever our own code writes into it has some, and what it does not know is shown as it is stored."""

from __future__ import annotations

import ast
from datetime import UTC, datetime, timedelta
from typing import TypeGuard
from urllib.parse import parse_qs, urlsplit

import pytest

from directory.domain.audit import Anchor
from directory.domain.notices import TEMPLATES
from directory.domain.trail import CHANGES, READING, Asked, Line
from directory.services.desk import QUEUES
from directory.services.trail import Checked, State, Trail
from directory.web import presenters_home
from directory.web.presenters_audit import ACTIONS, SUBJECTS, WHOLES, entries, health, older_url, subject_words, url
from directory.web.presenters_messages import KINDS
from tests.sources import expressions_given, values_given

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
WRITERS = ("audit", "access_log")


def test_every_action_that_our_code_writes_has_words_and_no_words_are_for_nothing() -> None:
    found = set[object]().union(*(values_given(writer, "action") for writer in WRITERS))
    assert found == set(ACTIONS)


def test_every_subject_that_our_code_writes_has_words() -> None:
    given = [each for writer in WRITERS for each in expressions_given(writer, "subject")]
    wholes = {each.value for each in given if isinstance(each, ast.Constant)}
    starts = {
        str(each.values[0].value) for each in given if isinstance(each, ast.JoinedStr) and _is_text(each.values[0])
    }
    assert len(wholes) > 5
    assert len(starts) > 15
    assert wholes <= set(WHOLES)
    assert {start.strip() for start in starts} <= set(SUBJECTS)


def _is_text(value: ast.expr) -> TypeGuard[ast.Constant]:
    return isinstance(value, ast.Constant) and isinstance(value.value, str)


def test_every_message_and_every_queue_has_a_name() -> None:
    assert set(KINDS) == set(TEMPLATES)
    assert set(presenters_home.QUEUES) == set(QUEUES)


def line(**given: object) -> Line:
    made = {"id": 3, "at": NOW, "by": "person 7", "action": "sign-in", "subject": "person 7", "details": {}, "seq": 2}
    return Line(**made | given)  # type: ignore[arg-type]


def test_an_entry_that_nobody_knows_is_shown_as_it_is_stored() -> None:
    unknown = line(by="robot", action="beep", subject="heron 3", details={"of": ["reed"]}, seq=None)
    (entry,) = entries(Trail((unknown,), {}, None), CHANGES, UTC, NOW)
    assert (entry.title, entry.by, entry.subject, entry.number) == ("beep", "robot", "heron 3", "")
    assert '"of"' in entry.details


def test_what_somebody_does_about_themselves_is_said_once() -> None:
    (entry,) = entries(Trail((line(),), {"person 7": "Wren Sedge"}, None), CHANGES, UTC, NOW + timedelta(days=1))
    assert (entry.title, entry.by, entry.subject) == ("Signed in", "Wren Sedge (Person 7)", "")
    assert (entry.when, entry.age) == ("Mon 2 Mar, 3 pm", "1 day ago")


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        ("listing lamp-3", "Listing lamp-3"),
        ("person 9", "Person 9"),
        ("second word 4", "Second person’s word 4"),
        ("intake", "Those who asked for a call"),
        ("intake 5", "Wish for a call 5"),
        ("herons", "herons"),
        ("listing ", "listing "),
    ],
)
def test_a_thing_is_named_by_its_sort(subject: str, words: str) -> None:
    assert subject_words(subject, {}) == words


def test_the_next_page_asks_the_same_question() -> None:
    asked = Asked(log=READING, by="person 7")
    found = parse_qs(urlsplit(older_url(asked, {"by": "7", "action": ""}, 40)).query)
    assert found == {"log": [READING], "by": ["7"], "before": ["40"]}
    assert older_url(asked, {"by": "7"}, None) == ""
    assert url(CHANGES) == "/audit"


@pytest.mark.parametrize(
    ("checked", "says", "is_trouble"),
    [
        (None, "Nobody has checked yet whether the trail is whole.", True),
        (Checked(NOW, True, {}), "The trail is whole. Last checked: just now.", False),
        (
            Checked(NOW - timedelta(hours=2), False, {"directory": 1200}),
            "The trail is NOT whole. Last checked: 2 hours ago. It cannot be believed from these entries on: directory 1,200.",
            True,
        ),
    ],
)
def test_the_state_of_the_trail_is_one_sentence(checked: Checked | None, says: str, is_trouble: bool) -> None:
    found = health(State((Anchor("directory", 17, "ab" * 32),), checked), NOW)
    assert (found.text, found.is_trouble) == (says, is_trouble)
    assert found.heads == (f"17:{'ab' * 32}",)
