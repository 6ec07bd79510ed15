"""What people are found by: the same person written in several ways comes to the same."""

from __future__ import annotations

from datetime import date

import pytest

from directory.domain.waitlist.names import name_born, name_words, phone_digits


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Ana Reed", ("ana", "reed")),
        ("  REED,  Ana ", ("ana", "reed")),
        ("Ana-María O'Neil", ("ana", "maria", "oneil")),
        ("Ñandú Müller", ("muller", "nandu")),
        ("Ana Ana", ("ana",)),
        ("José", ("jose",)),
        (" - ' ", ()),
        ("", ()),
    ],
)
def test_the_words_of_a_name_do_without_accents_capitals_and_signs(text: str, words: tuple[str, ...]) -> None:
    assert name_words(text) == words


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("(215) 555-0100", "2155550100"),
        ("+1 215.555.0100", "2155550100"),
        ("555-0100", "5550100"),
        ("٥٥٥٠١٠٠", ""),
        ("911", ""),
        ("at the shelter", ""),
    ],
)
def test_a_telephone_number_comes_to_its_digits(text: str, digits: str) -> None:
    assert phone_digits(text) == digits


def test_a_name_with_a_birth_date_does_not_mind_the_order_of_the_words() -> None:
    born = date(1990, 4, 7)
    assert name_born("Reed, Ana", born) == name_born("ana reed", born) == "ana reed 1990-04-07"
    assert name_born("", born) == ""
