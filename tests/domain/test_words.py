from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from directory.domain.listings import Visibility
from directory.domain.taxonomy import ACCESS, CARE, FACETS, KINDS, MEDICATION, PAY, PEOPLE, PROGRAMS
from directory.domain.words import FORM, LONGEST, VALUES, also_called, names_in, plain, words_of
from directory.domain.words import KINDS as KIND_NAMES
from tests.factories import CODES, draft

SAMPLES = (
    draft("lamp", organization="Marsh House Trust", description="Ring  twice, Été!"),
    draft("all", kind="treatment", program=None, care=CARE, pay=PAY, people=PEOPLE, medication=MEDICATION, access=ACCESS),
    draft("scripts", name="हिन्दी 日本の会 Кириллица ΟΔΟΣ", organization="Brand™ ½ Straße", kind="housing", program=None),
    *(draft(kind, kind=kind) for kind in KINDS),
    *(draft(program, program=program) for program in PROGRAMS),
)  # fmt: skip


def test_the_words_of_a_listing_are_its_fields_in_their_order_each_apart_and_the_description_last() -> None:
    one = draft(name="Quiet Lamp", organization="Marsh House", program=None, description="Ring twice.")
    one = replace(one, address=replace(one.address, name="Heron Hall"))
    assert words_of(one, CODES[:1]).text == (
        " quiet lamp  marsh house  saltmarsh  heron hall  meeting  reunion  open  abierta   ring twice "
    )


def test_the_same_words_stand_there_once() -> None:
    one = draft(name="Open", organization="Open", program=None)
    assert words_of(one, [*CODES[:2], CODES[3]]).text == " open  saltmarsh  meeting  reunion  abierta  closed  cerrada "


@pytest.mark.parametrize(
    ("visibility", "shown"),
    [(Visibility.FULL, "saltmarsh  heron hall  "), (Visibility.PARTIAL, "saltmarsh  "), (Visibility.HIDDEN, "")],
)
def test_what_is_not_shown_of_an_address_is_not_among_the_words(visibility: Visibility, shown: str) -> None:
    one = draft(name="Lamp", program=None, visibility=visibility)
    one = replace(one, address=replace(one.address, name="Heron Hall"))
    assert words_of(one, ()).text == f" lamp  {shown}meeting  reunion "


def test_a_slip_is_forgiven_in_names_and_labels_and_not_in_descriptions_numbers_and_the_shortest_words() -> None:
    words = words_of(draft(name="An Old Lamp 2026", program="aa", description="Elephants"), CODES[:1])
    expected = {
        "old",
        "lamp",
        "saltmarsh",
        "open",
        "abierta",
        "meeting",
        "reunion",
        "alcoholics",
        "anonymous",
        "alcoholicos",
    }
    expected |= {"anonimos", "step", "twelve", "pasos", "doce"}
    assert names_in(words.names) == names_in([words.text]) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  Été — à la CARTE! ", "ete a la carte"),
        ("O’Fallon, D'Ete", "o fallon d ete"),
        ("Straße ﬁx Brand™ №5", "strasse fix brandtm no5"),
        ("a_b%c*d", "a b c d"),
        ("", ""),
        ("\x00¶—", ""),
        ("x" * 500 + " y", "x" * LONGEST + " y"),
    ],
)
def test_words_are_compared_in_lower_case_without_accents_and_signs(text: str, expected: str) -> None:
    assert plain(text) == expected
    assert plain(expected) == expected


def test_every_kind_and_every_value_of_a_facet_has_names() -> None:
    assert tuple(KIND_NAMES) == KINDS
    assert {facet: tuple(names) for facet, names in VALUES.items()} == FACETS


def test_only_the_programs_of_twelve_steps_are_found_by_them() -> None:
    by_steps = {program for program in PROGRAMS if "12 step" in also_called(draft(program=program))}
    assert {"aa", "na", "al-anon"} <= by_steps
    assert not {"smart", "rd", "rr"} & by_steps
    assert "12 step" not in also_called(draft(program=None))


def test_whoever_changes_the_words_of_a_listing_gives_their_form_a_new_name() -> None:
    """Databases have the words of all listings stored: by the name of the form they know when to make them anew."""
    text = "\n".join(words_of(sample, CODES).text for sample in SAMPLES)
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    assert (FORM, digest) == ("2", "b53fb8e0f599")
