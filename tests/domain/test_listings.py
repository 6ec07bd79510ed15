from __future__ import annotations

import re

import pytest

from directory.domain.listings import fold, slug_for, squeeze


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Château  d'Été!", "chateau d ete"),
        ("  St. John's—Hall ", "st john s hall"),
        ("ÑANDÚ #5", "nandu 5"),
        ("Straße", "strasse"),
        ("12-Step", "12 step"),
        ("日本語 – ПРИВЕТ", "日本語 привет"),
        ("", ""),
    ],
)
def test_words_are_compared_without_case_accents_and_signs(text: str, expected: str) -> None:
    assert fold(text) == expected


def test_names_are_keyed_without_blanks() -> None:
    assert squeeze("O'Fallon") == squeeze("O Fallon") == squeeze("OFALLON") == "ofallon"


def test_a_slug_reads_as_name_and_city_and_ends_in_what_its_key_makes() -> None:
    slug = slug_for("world", "lamp", "Quiet Lamp Group", "Saltmarsh")
    assert re.fullmatch(r"quiet-lamp-group-saltmarsh-[a-z2-7]{8}", slug)
    assert slug_for("world", "lamp", "Quiet Lamp Group", None) == slug.replace("-saltmarsh", "")


def test_a_slug_is_the_same_at_every_import_and_differs_by_source_and_key() -> None:
    assert slug_for("a", "k", "Name") == slug_for("a", "k", "Name")
    assert len({slug_for(source, key, "Name") for source in ("a", "b") for key in ("k", "l")}) == 4


@pytest.mark.parametrize("name", ["日本語", "!!!", "", "x" * 300, "-" * 70 + "a", "a " * 200])
def test_any_name_makes_a_slug_that_fits_an_address(name: str) -> None:
    slug = slug_for("world", "lamp", name)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug)
    assert len(slug) <= 100


def test_letters_of_other_scripts_are_kept_as_words_but_not_in_addresses() -> None:
    assert fold("Группа «Надежда», Öst") == "группа надежда ost"
    assert slug_for("feed", "1", "Группа Hope") == slug_for("feed", "1", "Hope")
