"""Names of languages, in English and in themselves."""

from __future__ import annotations

import pytest

from directory.formats.languages import language_code, language_codes


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Spanish", "es"),
        ("español", "es"),
        ("ASL", "ase"),
        ("Haitian  Creole", "ht"),
        ("fr", "fr"),
        ("Larkish", None),
        ("", None),
    ],
)
def test_a_language_is_known_by_any_of_its_names(name: str, code: str | None) -> None:
    assert language_code(name) == code


@pytest.mark.parametrize(
    ("text", "codes", "unknown"),
    [
        ("English, Español", ("en", "es"), ()),
        ("Chinese (Mandarin)", ("zh",), ()),
        ("Spanish; Spanish / Larkish", ("es",), ("Larkish",)),
        ("English and American Sign Language", ("en", "ase"), ()),
        ("", (), ()),
    ],
)
def test_several_languages_come_once_each_and_unknown_ones_are_told(
    text: str, codes: tuple[str, ...], unknown: tuple[str, ...]
) -> None:
    assert language_codes(text) == (codes, unknown)
