"""What people, numbers and addresses are called in one form, so that the same is written the same: what somebody is found by."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

FEWEST_DIGITS = 7
WHOLE_DIGITS = 10
"""With the area code: who calls from elsewhere cannot guess it."""


def name_words(text: str) -> tuple[str, ...]:
    """The words of a name without accents, capitals and signs, each once, in the order of the alphabet: "Ana-María O'Neil" is ana, maria, oneil."""
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    words = re.split(r"[\s\-‐‑–/,]+", bare.casefold())
    return tuple(sorted({kept for word in words if (kept := re.sub(r"[\W_]", "", word))}))


def phone_digits(text: str) -> str:
    """The digits of a telephone number, without the 1 before an American one; "" where there are too few to be one."""
    digits = "".join(sign for sign in unicodedata.normalize("NFKC", text) if sign.isascii() and sign.isdigit())
    digits = digits[1:] if len(digits) == 11 and digits.startswith("1") else digits
    return digits if len(digits) >= FEWEST_DIGITS else ""


def is_whole_phone(text: str) -> bool:
    """Whether a telephone number can be called from anywhere, as it has its area code, or its country."""
    return len(phone_digits(text)) >= WHOLE_DIGITS


def name_born(name: str, born: date) -> str:
    """A whole name with a birth date; "" without a name."""
    words = " ".join(name_words(name))
    return f"{words} {born.isoformat()}" if words else ""
