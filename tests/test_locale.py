"""Every text in every language: none missing, none left over, none that would lose a value on the way."""

from __future__ import annotations

import re
from contextvars import copy_context
from datetime import time

import pytest
from babel.messages.catalog import Catalog, Message

from directory import i18n
from directory.i18n import LANGUAGES
from tests import catalogues

TRANSLATED = [language for language in LANGUAGES if language != "en"]
PLACEHOLDER = re.compile(r"%\(\w+\)s|%")


MARKED_INSIDE = re.compile(r"""\{n?gettext\(["']|\{_\(["']""")


@pytest.fixture(scope="module")
def texts() -> Catalog:
    return catalogues.collected()


def test_no_text_is_marked_within_another_string_where_the_collector_does_not_see_it() -> None:
    hidden = [
        path.name
        for path in catalogues.catalogues().parent.rglob("*.py")
        if MARKED_INSIDE.search(path.read_text("utf-8"))
    ]
    assert hidden == []


@pytest.mark.parametrize("hour", [7, 19])
def test_a_time_of_day_ends_in_no_full_stop_so_that_no_sentence_ends_in_two(hour: int) -> None:
    def said(language: str) -> str:
        i18n.use(language)
        return i18n.a_time(time(hour))

    assert {copy_context().run(said, each)[-1] for each in LANGUAGES} == {"m"}


def names(catalogue: Catalog) -> set[tuple[str, str | None]]:
    """The texts of a catalogue by their English singular and context."""
    return {(_forms(message.id)[0], message.context) for message in catalogue if message.id}


def _forms(text: object) -> tuple[str, ...]:
    return tuple(text) if isinstance(text, list | tuple) else (str(text),)


def test_the_texts_of_code_and_templates_are_found(texts: Catalog) -> None:
    found = names(texts)
    assert ("noon", None) in found  # in code
    assert ("Skip to the content", None) in found  # in a template
    assert ("%(n)s meeting", None) in found  # in a table, with a plural


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_has_a_translation_and_none_is_left_over(texts: Catalog, language: str) -> None:
    catalogue = catalogues.read(language)
    assert names(texts) - names(catalogue) == set(), (
        "missing: run python -m tests.catalogues, then translate what is new"
    )
    assert names(catalogue) - names(texts) == set(), "left over: run python -m tests.catalogues"
    assert list(catalogue.obsolete) == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_translation_is_empty_or_a_guess(language: str) -> None:
    catalogue = catalogues.read(language)
    assert [message.id for message in catalogue if message.id and not all(_forms(message.string))] == []
    assert [message.id for message in catalogue if message.id and message.fuzzy] == []
    assert catalogue.num_plurals == 2


@pytest.mark.parametrize("language", TRANSLATED)
def test_translations_keep_every_value(language: str) -> None:
    def values(text: str) -> list[str]:
        return sorted(PLACEHOLDER.findall(text))

    def differs(message: Message) -> bool:
        return any(values(form) != values(_forms(message.id)[-1]) for form in _forms(message.string))

    assert [message.id for message in catalogues.read(language) if message.id and differs(message)] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_plural_stays_a_plural(texts: Catalog, language: str) -> None:
    plural = {_forms(message.id)[0] for message in texts if len(_forms(message.id)) == 2}
    catalogue = catalogues.read(language)
    assert {name for name in plural if len(_forms(catalogue[name].string)) != 2} == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_stays_nothing_and_is_not_the_header_of_the_catalogue(language: str) -> None:
    copy_context().run(_says_nothing, language)


def _says_nothing(language: str) -> None:
    i18n.use(language)
    assert i18n.gettext("") == ""


def test_spanish_speaks_to_the_reader_as_usted() -> None:
    informal = re.compile(r"\b(tú|tu|tus|ti|contigo|vos|puedes|tienes|quieres|necesitas)\b", re.IGNORECASE)
    said = [form for message in catalogues.read("es") if message.id for form in _forms(message.string)]
    assert [form for form in said if informal.search(form)] == []
