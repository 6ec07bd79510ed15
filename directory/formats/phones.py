"""Telephone numbers as people write them: one shape for what is shown, extensions, several in a cell, letters on the keypad.

The usual American forms are read by a pattern of our own, which is quick; everything else by `phonenumbers`. Numbers of
fiction (555-01xx) count, so a number is asked to be possible, not to be given out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat

from directory.domain.listings import Phone
from directory.formats.text import cut, one_line

LONGEST = 300
"""Characters of a cell that are looked at; longer ones are prose."""
FEWEST_DIGITS = 7

_AMERICAN = r"(?<!\d)(?:\+?1[\s.-]{0,3})?\(?(\d{3})\)?[\s./-]{0,3}(\d{3})[\s.-]{0,3}(\d{4})(?!\d)"
_NUMBER = re.compile(_AMERICAN)
_EXTENSION = re.compile(
    r"\s*,?\s*\(?(?:x|ext\b\.?|ext\.?|extension|#|(?:then\s+)?(?:press|dial|option|opt\.?))\s*[.:#]?\s*(\d{1,8})(?!\d)\)?",
    re.IGNORECASE,
)
_LETTERS = re.compile(
    r"(?<![\w+])(?:\+?1[\s.-]?)?\(?(\d{3})\)?[\s./-]{0,3}(?=[\dA-Z-]{0,4}[-. ]?[\dA-Z]*[A-Z]{3})"
    r"([\dA-Z]{1,4}[-. ]?(?!EXT)[\dA-Z]{3,11})(?!\w)"
)
_SHORT = re.compile(r"(?<!\d)(?:([2-9])[-.]?1[-.]?1|988)(?!\d)(?![-.\s]?\d)")
_SORTS = (("fax", "fax"), ("tty", "textphone"), ("tdd", "textphone"), ("text", "text"), ("sms", "text"))
_APART = re.compile(
    r"\s*(?:[;|\n]|\bor\b|\band\b|&|,(?=\s*(?:[a-z]+[.:]?\s*)?[+(]?\d{3})|(?<=\d{4})\s*/\s*)\s*", re.IGNORECASE
)


def read_phone(text: str, description: str | None = None, country: str = "US") -> Phone | None:
    """The first telephone number of a text: "802-555-0142" with its extension; from abroad as it stands. None without one.

    `country` (ISO 3166) is where a number without a country code is dialled.
    """
    text = one_line(text[:LONGEST])
    if country in ("US", "CA") and not re.match(r"\+(?!1)", text):
        if found := _NUMBER.search(text):
            extension = _EXTENSION.match(text, found.end())
            return Phone("-".join(found.groups()), extension[1] if extension else None, description=description)
        if found := _LETTERS.search(text):
            pressed = phonenumbers.convert_alpha_characters_in_number(re.sub("[^0-9A-Z]", "", found[1] + found[2]))
            if len(pressed) >= 10:
                number = f"{pressed[:3]}-{pressed[3:6]}-{pressed[6:10]}"
                return Phone(number, description=description or found[0].strip())
    return _elsewhere(text, description, country) if sum(sign.isdigit() for sign in text) >= FEWEST_DIGITS else None


def _elsewhere(text: str, description: str | None, country: str) -> Phone:
    """A number of another country in its international form, and what cannot be told as it stands."""
    number = _parsed(text, country)
    if number is None or not phonenumbers.is_possible_number(number) or country in ("US", "CA"):
        return Phone(cut(text, 40), description=description)
    shown = phonenumbers.format_number(
        PhoneNumber(
            country_code=number.country_code,
            national_number=number.national_number,
            italian_leading_zero=number.italian_leading_zero,
        ),
        PhoneNumberFormat.INTERNATIONAL,
    )
    return Phone(shown, number.extension, description=description)


def _parsed(text: str, country: str) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None


def read_phones(text: str, description: str | None = None, country: str = "US") -> tuple[Phone, ...]:
    """Every telephone number of a cell, once each: "802-555-0142 or 802-555-0143; fax 802-555-0144", "dial 211".

    What stands before a number tells a fax, a text and a textphone line apart from a voice line.
    """
    if not text:
        return ()
    found: dict[tuple[str, str | None], Phone] = {}
    for part in _APART.split(text[:LONGEST]):
        for phone in _of_part(part, description, country):
            found.setdefault((phone.number, phone.extension), phone)
    return tuple(found.values())


def _of_part(part: str, description: str | None, country: str) -> Iterator[Phone]:
    phone = read_phone(part, description, country)
    if phone is None:
        if short := _SHORT.search(part):
            yield Phone(re.sub(r"\D", "", short[0]), type=_sort(part), description=description)
        return
    yield Phone(phone.number, phone.extension, _sort(part), phone.description)


def _sort(part: str) -> str:
    words = set(re.findall("[a-z]+", part.lower()))
    return next((sort for word, sort in _SORTS if word in words), "voice")
