from __future__ import annotations

import pytest

from directory.domain.corrections import LONGEST, REASONS, Remark, fingerprint, parse


@pytest.mark.parametrize("reason", [reason for reason in REASONS if reason != "other"])
def test_a_reason_is_enough(reason: str) -> None:
    assert parse(reason, " \n ") == (Remark(reason, ""), ())


def test_words_are_kept_as_they_were_typed_but_for_the_blanks_around_them() -> None:
    assert parse("other", "  The door is\nround the back. ")[0] == Remark("other", "The door is\nround the back.")


@pytest.mark.parametrize(
    ("reason", "words", "wrong"),
    [
        ("", "", [("reason", "missing")]),
        ("moon", "It is full.", [("reason", "missing")]),
        ("other", "", [("words", "missing")]),
        ("other", " ?!… ", [("words", "missing")]),
        ("hours", "x" * (LONGEST + 1), [("words", "too-long")]),
        ("other", "x" * (LONGEST + 1), [("words", "too-long")]),
        ("", "x" * (LONGEST + 1), [("reason", "missing"), ("words", "too-long")]),
    ],
)
def test_what_cannot_be_taken_is_named_field_by_field(reason: str, words: str, wrong: list[tuple[str, str]]) -> None:
    remark, problems = parse(reason, words)
    assert remark is None
    assert [(problem.field, problem.code) for problem in problems] == wrong


def test_the_longest_words_are_taken() -> None:
    assert parse("hours", "é" * LONGEST)[1] == ()


@pytest.mark.parametrize("same", ["They close at 5.", "they close at 5", " THEY  close\nat 5!", "Théy close at 5"])
def test_the_same_words_have_one_fingerprint_however_they_are_written(same: str) -> None:
    assert fingerprint(same) == fingerprint("They close at 5.")
    assert fingerprint(same) != fingerprint("They close at 6.")
