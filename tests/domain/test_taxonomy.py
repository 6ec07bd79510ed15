from __future__ import annotations

from directory.domain import taxonomy
from directory.domain.taxonomy import Code, CodeBook, CodeInfo, Crosswalk

OPEN = CodeInfo(Code("aa", "", "O"), "attendance", {"en": "Open", "es": "Abierta"})
SPANISH = CodeInfo(Code("aa", "", "S"), "language", {"en": "Spanish"}, (("language", "es"),))
ENGLISH = CodeInfo(Code("aa", "", "EN"), "language", {"en": "English"}, (("language", "en"),))
DETOX_2024 = CodeInfo(Code("samhsa", "2024", "DT"), "care", {"en": "Detoxification"}, (("care", "detox"),))
DETOX_2025 = CodeInfo(Code("samhsa", "2025", "DT"), "care", {"en": "Withdrawal"}, (("care", "detox"),))
RESIDENTIAL = CodeInfo(
    Code("samhsa", "2024", "RES"), "care", {"en": "Residential"}, (("care", "residential"), ("people", "women"))
)
BOOK = CodeBook.of([RESIDENTIAL, OPEN, SPANISH, ENGLISH, DETOX_2024, DETOX_2025])


def test_a_code_is_found_by_system_and_edition_in_any_case() -> None:
    assert BOOK.find("aa", " o ") is OPEN
    assert BOOK.find("samhsa", "dt", "2024") is DETOX_2024
    assert BOOK.find("samhsa", "dt", "2025") is DETOX_2025
    assert BOOK.find("samhsa", "DT") is None
    assert BOOK.find("na", "O") is None


def test_a_code_is_found_by_its_english_name() -> None:
    assert BOOK.find_by_name("aa", " SPANISH ") is SPANISH
    assert BOOK.find_by_name("samhsa", "detoxification", "2024") is DETOX_2024
    assert BOOK.find_by_name("samhsa", "detoxification", "2025") is None


def test_a_label_missing_in_a_language_is_the_english_one() -> None:
    assert (OPEN.label("es"), SPANISH.label("es"), OPEN.label("fr")) == ("Abierta", "Spanish", "Open")


def test_codes_become_facets_in_the_order_of_the_vocabulary_each_once() -> None:
    codes = [RESIDENTIAL.code, DETOX_2024.code, DETOX_2025.code, SPANISH.code, ENGLISH.code]
    assert BOOK.crosswalk(codes) == Crosswalk(care=("detox", "residential"), people=("women",), languages=("en", "es"))


def test_codes_that_say_nothing_leave_a_facet_unknown() -> None:
    assert BOOK.crosswalk([OPEN.code, Code("aa", "", "NEW")]) == Crosswalk()


def test_the_book_lists_every_code_once() -> None:
    assert [info.code for info in BOOK] == [
        RESIDENTIAL.code, OPEN.code, SPANISH.code, ENGLISH.code, DETOX_2024.code, DETOX_2025.code,
    ]  # fmt: skip


def test_no_vocabulary_names_a_value_twice() -> None:
    for values in (taxonomy.KINDS, taxonomy.PROGRAMS, taxonomy.ATTENDANCE, *taxonomy.FACETS.values()):
        assert len(set(values)) == len(values)
