"""Telephone numbers as people write them: one shape, extensions, letters, several in a cell, numbers from abroad."""

from __future__ import annotations

import time

import pytest

from directory.domain.listings import Phone
from directory.formats.phones import read_phone, read_phones


@pytest.mark.parametrize(
    ("given", "phone"),
    [
        ("802-555-0142", Phone("802-555-0142")),
        ("802-555-0142 x315", Phone("802-555-0142", "315")),
        ("(802) 555-0142, ext. 4", Phone("802-555-0142", "4")),
        ("+1-802-555-0142", Phone("802-555-0142")),
        ("18025550142", Phone("802-555-0142")),
        ("802-555-0142 / 802-555-0143", Phone("802-555-0142")),
        ("+44 20 7946 0142", Phone("+44 20 7946 0142")),
        ("+353 123 456 7890", Phone("+353 123 456 7890")),
        ("555-0142", Phone("555-0142")),
        ("n/a", None),
        ("", None),
    ],
)
def test_a_telephone_number_has_one_shape(given: str, phone: Phone | None) -> None:
    assert read_phone(given) == phone


def test_a_line_says_what_it_is_for() -> None:
    assert read_phone("802-555-0142", "intake") == Phone("802-555-0142", description="intake")


@pytest.mark.parametrize(
    ("given", "extension"),
    [
        ("802-555-0142 x5", "5"),
        ("802-555-0142X5", "5"),
        ("802-555-0142 ext. 5", "5"),
        ("802-555-0142, extension 5", "5"),
        ("802-555-0142 #5", "5"),
        ("802-555-0142 press 5", "5"),
        ("802-555-0142 (option 5)", "5"),
        ("802-555-0142, then press 5", "5"),
        ("802-555-0142 5 days a week", None),
    ],
)
def test_what_is_to_be_pressed_is_the_extension(given: str, extension: str | None) -> None:
    assert read_phone(given) == Phone("802-555-0142", extension)


@pytest.mark.parametrize("given", ["1-802-555-HELP", "(802) 555-HELP", "802.555.HELP", "1 802 555 HELP (4357)"])
def test_letters_are_what_one_presses_and_stay_to_be_read(given: str) -> None:
    phone = read_phone(given)
    assert phone is not None
    assert phone.number == "802-555-4357"
    assert "HELP" in (phone.description or "")


@pytest.mark.parametrize(
    ("given", "numbers"),
    [
        ("802-555-0142 / 802-555-0143", ["802-555-0142", "802-555-0143"]),
        ("802-555-0142 or 802-555-0143", ["802-555-0142", "802-555-0143"]),
        ("802-555-0142, 802-555-0143", ["802-555-0142", "802-555-0143"]),
        ("802-555-0142; 802-555-0142", ["802-555-0142"]),
        ("office 802-555-0142 and desk 802-555-0143", ["802-555-0142", "802-555-0143"]),
        ("802-555-0142\n802-555-0143", ["802-555-0142", "802-555-0143"]),
        ("dial 2-1-1", ["211"]),
        ("call 988", ["988"]),
        ("at the desk", []),
        ("room 12", []),
    ],
)
def test_every_number_of_a_cell_counts_once(given: str, numbers: list[str]) -> None:
    assert [phone.number for phone in read_phones(given)] == numbers


def test_what_stands_before_a_number_says_what_the_line_is() -> None:
    found = read_phones("802-555-0142; fax: 802-555-0143; TTY 802-555-0144; text 802-555-0145")
    assert [phone.type for phone in found] == ["voice", "fax", "textphone", "text"]


@pytest.mark.parametrize(
    ("given", "country", "shown"),
    [
        ("020 7946 0142", "GB", "+44 20 7946 0142"),
        ("+44 20 7946 0142", "GB", "+44 20 7946 0142"),
        ("020 79", "GB", None),
        ("no number 12345678901234567", "GB", "no number 12345678901234567"),
        ("(416) 555-0142", "CA", "416-555-0142"),
    ],
)
def test_a_number_is_read_as_it_is_dialled_in_its_country(given: str, country: str, shown: str | None) -> None:
    phone = read_phone(given, country=country)
    assert (phone and phone.number) == shown


@pytest.mark.parametrize("sign", ["1", "1-", "(123) ", "a", "A", "x", "+1 ", "802-555-0142 ", "802-555-HE", "&", ", "])
def test_no_cell_takes_long_to_read(sign: str) -> None:
    started = time.process_time()
    read_phones(sign * (50_000 // len(sign)))
    assert time.process_time() - started < 2
