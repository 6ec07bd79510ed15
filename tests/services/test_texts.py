"""Texts that an operator can replace: every one is there in both languages, and a file of one's own takes the place of ours."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from directory.resources import folder
from directory.services import texts
from directory.settings import BadSettings

pytestmark = pytest.mark.may_block("the file of an operator is read when a process starts")
NEEDED = {"part2-short", "part2-long", "patient-notice", "priority-statement", "messages-advice", "records-refused"}


@pytest.fixture(autouse=True)
def ours_again() -> Iterator[None]:
    yield
    texts.use("")


def own(place: Path, words: str) -> str:
    path = place / "notices.toml"
    path.write_text(words, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_text_that_the_law_asks_for_is_there(language: str) -> None:
    codes = tomllib.loads((folder("seeds") / "notices.toml").read_text(encoding="utf-8"))
    assert set(codes) >= NEEDED
    found = [texts.text_of(code, language) for code in codes]
    assert all(text.words and text.version for text in found)
    assert all(len(text.stamp) <= 40 for text in found)


def test_the_short_statement_is_that_of_42_cfr_2_32_a_2() -> None:
    """42 CFR 2.32(a)(2); WAITLIST 1.5."""
    said = texts.text_of("part2-short", "en").words
    assert said == "42 CFR part 2 prohibits unauthorized use or disclosure of these records."


def test_the_long_statement_names_what_it_protects_from() -> None:
    """42 CFR 2.32(a)(1); WAITLIST 1.5."""
    first, second, third = texts.text_of("part2-long", "en").paragraphs
    assert first.startswith("This record which has been disclosed to you is protected by Federal confidentiality rules")
    assert "at least one of the following applies" in second
    assert "NOT sufficient" in third


def test_the_order_of_45_cfr_96_131_a_is_told_in_words() -> None:
    """45 CFR 96.131(a),(b); WAITLIST 1.2."""
    said = texts.text_of("priority-statement", "en").words
    order = ["pregnant women who inject", "then pregnant women", "other people who inject", "everybody else"]
    places = [said.index(words) for words in order]
    assert places == sorted(places)


def test_an_operators_words_take_the_place_of_ours_with_a_version_of_their_own(tmp_path: Path) -> None:
    texts.use(own(tmp_path, '[part2-short]\nversion = "county 3"\nen = "Kept by law."\n'))
    found = texts.text_of("part2-short", "es")
    assert (found.words, found.stamp) == ("Kept by law.", "part2-short county 3")
    assert "admitted" in texts.text_of("priority-statement", "en").words


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("[part2-short]\nversion = 1\nen = 'x'", "hold texts alone"),
        ("[part2-short]\nen = 'x'", "needs version and en"),
        ("[part2-short]\nversion = '1'\nen = 'x'\nfr = 'y'", "knows es beside them"),
        ("[moon]\nversion = '1'\nen = 'x'", "there is no text moon"),
        (f"[part2-short]\nversion = '{'v' * 21}'\nen = 'x'", "longer than 20"),
        ("[part2-short", "cannot be read"),
        ("part2-short = 'x'", "hold texts alone"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_one_line(tmp_path: Path, words: str, said: str) -> None:
    with pytest.raises(BadSettings, match=said) as refused:
        texts.use(own(tmp_path, words))
    assert str(refused.value).startswith("DIRECTORY_NOTICES: ")
    assert "\n" not in str(refused.value)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="cannot be read"):
        texts.use(str(tmp_path / "none.toml"))


def test_a_text_that_only_an_operator_can_bring_is_there_once_they_have(tmp_path: Path) -> None:
    assert texts.text_brought("recovery-capital", "en") is None
    paragraphs = "\n\n".join(f"Paragraph {number}." for number in range(13))
    texts.use(own(tmp_path, f'[recovery-capital]\nversion = "1"\nen = """{paragraphs}"""'))
    found = texts.text_brought("recovery-capital", "es")
    assert found is not None
    assert found.paragraphs[12] == "Paragraph 12."


def test_a_text_that_an_operator_brings_in_part_stops_the_start_with_a_reason(tmp_path: Path) -> None:
    paragraphs = "\n\n".join("One." for _ in range(13))
    with pytest.raises(BadSettings, match=r"\[recovery-capital\] needs 13 paragraphs in es"):
        texts.use(own(tmp_path, f'[recovery-capital]\nversion = "1"\nen = """{paragraphs}"""\nes = "Uno."'))
