"""The code by which a client sees their place in line: 65 bits of chance that can be read aloud, and one letter that catches a slip."""

from __future__ import annotations

from directory.domain.tokens import LETTERS, in_fours, keyed_hash, letters_of, letters_read

LENGTH = 13
"""Letters of chance, 5 bits each. At 2,000 guesses a day against 2,000 codes one in a thousand million years is right."""
BITS = 5 * LENGTH


def code_of(number: int) -> str:
    """The code of a number of 65 random bits, with its check letter: 14 letters."""
    body = letters_of(number, LENGTH)
    return body + check_letter(body)


def check_letter(body: str) -> str:
    """The 14th letter: it differs whenever one letter is wrong, and whenever two neighbours are swapped.

    The sum of each letter times its place's power of 2 in the field of 32 elements (x^5 + x^2 + 1).
    """
    total = 0
    for letter in body:
        total = _doubled(total) ^ LETTERS.index(letter)
    return LETTERS[_doubled(total)]


def _doubled(element: int) -> int:
    twice = element << 1
    return twice ^ 0b100101 if twice & 32 else twice


def spelled(code: str) -> str:
    """The code as it is printed: in fours, with dashes between."""
    return in_fours(code)


def normal(text: str) -> str | None:
    """The code that somebody typed, whatever the case, blanks and dashes; None for what can be none of ours."""
    found = letters_read(text, LENGTH + 1)
    return found if found and check_letter(found[:-1]) == found[-1] else None


def fingerprint(code: str, pepper: bytes) -> str:
    """What is kept of a code: a hash under a key that is not in the database."""
    return keyed_hash(pepper, code)
