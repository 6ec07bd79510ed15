"""The code by which a client sees their place in line: 65 bits of chance that can be read aloud, and one character that catches a slip."""

from __future__ import annotations

import hashlib
import hmac

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U, so that nothing looks like something else and no word comes of it."""
LENGTH = 13
"""Characters of chance, 5 bits each. At 2,000 guesses a day against 2,000 codes one in a thousand million years is right."""
BITS = 5 * LENGTH
_ALIKE = str.maketrans({"O": "0", "I": "1", "L": "1"})


def code_of(number: int) -> str:
    """The code of a number of 65 random bits, with its check character: 14 characters."""
    body = "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(LENGTH)))
    return body + check_character(body)


def check_character(body: str) -> str:
    """The 14th character: it differs whenever one character is wrong, and whenever two neighbours are swapped.

    The sum of each character times its place's power of 2 in the field of 32 elements (x^5 + x^2 + 1), as a Hamming code does it.
    """
    total = 0
    for character in body:
        total = _doubled(total) ^ ALPHABET.index(character)
    return ALPHABET[_doubled(total)]


def _doubled(element: int) -> int:
    twice = element << 1
    return twice ^ 0b100101 if twice & 32 else twice


def spelled(code: str) -> str:
    """The code as it is printed: XXXX-XXXX-XXXX-XX."""
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))


def normal(text: str) -> str | None:
    """The code that somebody typed, whatever the case, blanks and dashes; None for what can be none of ours."""
    found = "".join(sign for sign in text.upper() if sign not in " -–—.\t\r\n\u00a0").translate(_ALIKE)
    if len(found) != LENGTH + 1 or any(sign not in ALPHABET for sign in found):
        return None
    return found if check_character(found[:-1]) == found[-1] else None


def fingerprint(code: str, pepper: bytes) -> str:
    """What is kept of a code: HMAC-SHA256 under a key that is not in the database, in hex."""
    return hmac.new(pepper, f"status code\n{code}".encode(), hashlib.sha256).hexdigest()
