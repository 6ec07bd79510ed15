"""The status code: readable, forgiving, and sure to notice a slip."""

from __future__ import annotations

from random import Random

import pytest

from directory.domain.tokens import LETTERS
from directory.domain.waitlist.codes import BITS, check_letter, code_of, fingerprint, normal, spelled

CODE = code_of(0x1_2345_6789_ABCD_EF01)


def test_a_code_is_printed_in_groups_and_is_read_back_however_it_is_typed() -> None:
    printed = spelled(CODE)
    assert [len(part) for part in printed.split("-")] == [4, 4, 4, 2]
    for typed in (printed, printed.lower(), printed.replace("-", " "), f" {CODE}\n", printed.replace("-", "\u2013")):
        assert normal(typed) == CODE


def test_letters_that_look_like_digits_are_taken_for_them() -> None:
    zeros_and_ones = code_of(int("0000100001" * 6, 2))
    assert {"0", "1"} <= set(zeros_and_ones)
    for typed in ("O", "o"):
        assert normal(zeros_and_ones.replace("0", typed)) == zeros_and_ones
    for typed in ("I", "l"):
        assert normal(zeros_and_ones.replace("1", typed)) == zeros_and_ones


@pytest.mark.parametrize("number", [0, 1, 2**BITS - 1, *(Random(seed).getrandbits(BITS) for seed in range(40))])
def test_each_wrong_character_and_each_swap_of_neighbours_is_noticed(number: int) -> None:
    code = code_of(number)
    assert normal(code) == code
    for place, right in enumerate(code):
        others = (code[:place] + wrong + code[place + 1 :] for wrong in LETTERS if wrong != right)
        assert [other for other in others if normal(other)] == []
        swapped = code[:place] + code[place : place + 2][::-1] + code[place + 2 :]
        assert swapped == code or normal(swapped) is None


@pytest.mark.parametrize("typed", ["", "1234", CODE + "0", CODE[:-1], "U" * 14, "😀" * 14, CODE.replace(CODE[3], "%")])
def test_what_can_be_no_code_of_ours_is_none(typed: str) -> None:
    assert normal(typed) is None


def test_numbers_and_codes_are_one_to_one() -> None:
    numbers = [Random(seed).getrandbits(BITS) for seed in range(500)]
    assert len({code_of(number) for number in numbers}) == len(numbers)
    assert all(code_of(number)[-1] == check_letter(code_of(number)[:-1]) for number in numbers)


def test_what_is_kept_of_a_code_needs_the_key_that_is_elsewhere() -> None:
    assert fingerprint(CODE, b"a" * 32) == fingerprint(CODE, b"a" * 32)
    assert fingerprint(CODE, b"a" * 32) != fingerprint(CODE, b"b" * 32)
    assert fingerprint(CODE, b"a" * 32) != fingerprint(code_of(7), b"a" * 32)
