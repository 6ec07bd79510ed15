"""A hand-out on paper: what stands on it, that nothing is cut off, and that the file tells nothing of itself."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from directory.domain.bridge.handouts import MOST, Paper, PaperEntry, PaperSection, Size
from directory.formats.handout_pdf import write
from directory.formats.paper_text import BOLD, UNSHOWN, shown, wrapped
from tests import pdf

MM = 72 / 25.4
ADDRESS = "https://directory.example.org/h/ABCD-EFGH-JKMN-PQRS"
LINES = ("7 pm to 8 pm", "Heron Hall, 12 Heron Lane, Saltmarsh, PA 19199", "(555) 555-0100")
SIZES = {
    Size.A5: (148 * MM, 210 * MM),
    Size.HALF_LETTER: (5.5 * 72, 8.5 * 72),
    Size.WALLET: (85.6 * MM, 54 * MM),
}


def paper(*names: str, lines: tuple[str, ...] = LINES) -> Paper:
    """A hand-out of listings with these names."""
    return Paper(
        language="en",
        title="List",
        lead="3 places, as of Mon 2 Mar, noon. Things change: call before you go.",
        scan="Scan this for the list as it is now. It can be opened until Apr 1, 2026.",
        urgent=("In crisis: call or text 988, day and night.", "In danger: call 911."),
        sections=(PaperSection("Monday", tuple(PaperEntry(name, lines) for name in names)),),
        address=ADDRESS,
        short="directory.example.org/h/ABCD-EFGH-JKMN-PQRS",
        page="Page %(page)s of %(pages)s",
        unshown=f"{UNSHOWN} stands for letters that cannot be printed here.",
    )


@pytest.mark.parametrize("size", Size)
def test_pages_have_the_size_that_was_asked_for(size: Size) -> None:
    for sheet in pdf.sheets(write(paper("Quiet Lamp Group"), size)):
        assert sheet.size == pytest.approx(SIZES[size], abs=0.1)


@pytest.mark.parametrize("size", Size)
def test_all_of_forty_listings_is_there_and_nothing_reaches_over_the_edge(size: Size) -> None:
    names = [f"Quiet Lamp Group number {number} of the {'very ' * (number % 9)}long name" for number in range(MOST)]
    found = pdf.sheets(write(paper(*names), size))
    text = " ".join(sheet.text for sheet in found)
    assert [name for name in names if name not in text] == []
    assert text.count("12 Heron Lane, Saltmarsh, PA 19199") == text.count("(555) 555-0100") == MOST
    assert all(sheet.is_whole for sheet in found)
    assert [sheet.text.count(f"Page {number} of {len(found)}") for number, sheet in enumerate(found, 1)] == [1] * len(
        found
    )


def test_two_places_of_two_days_find_room_on_one_card_for_a_wallet() -> None:
    lines = ("7 pm to 8 pm", "The Great Hall of the Herons, 1200 Heron Lane, Saltmarsh, PA 19199", "(555) 555-0100")
    days = [PaperSection(day, (PaperEntry(f"{day} Lamp Group", lines),)) for day in ("Monday", "Tuesday", "Friday")]
    _head, *cards = pdf.sheets(write(replace(paper(), sections=tuple(days)), Size.WALLET))
    assert [sheet.text.count("Lamp Group") for sheet in cards] == [2, 1]
    assert all(sheet.is_whole for sheet in cards)


def test_an_address_that_is_too_long_for_a_line_breaks_before_its_code() -> None:
    short = "the-directory-of-all-the-marshes.example.org/h/ABCD-EFGH-JKMN-PQRS"
    (first, *_others) = pdf.sheets(write(replace(paper("Safe Reeds"), short=short), Size.WALLET))
    assert "the-directory-of-all-the-marshes.example.org/h/ ABCD-EFGH-JKMN-PQRS" in first.text


@pytest.mark.parametrize("size", Size)
def test_the_code_leads_to_the_address_that_is_printed_beneath_it(size: Size) -> None:
    first, *others = pdf.sheets(write(paper("Quiet Lamp Group", "Safe Reeds"), size))
    assert first.codes == (ADDRESS,)
    assert "directory.example.org/h/ABCD-EFGH-JKMN-PQRS" in first.text
    assert "988" in first.text
    assert "911" in first.text
    assert [sheet.codes for sheet in others] == [()] * len(others)


@pytest.mark.parametrize("size", [Size.A5, Size.HALF_LETTER])
def test_all_but_the_number_of_the_page_is_in_large_type(size: Size) -> None:
    (sheet,) = pdf.sheets(write(paper("Quiet Lamp Group"), size))
    assert [letters for letters in sheet.letters if letters < 14] == [10]


def test_a_card_has_the_name_the_time_the_street_and_the_number_alone() -> None:
    text = pdf.words(write(paper("Quiet Lamp Group", lines=(*LINES, "Ring twice at the blue door.")), Size.WALLET))
    assert [line for line in ("Quiet Lamp Group", *LINES) if line not in text] == []
    assert "Ring twice" not in text


def test_a_listing_stays_together_on_one_page() -> None:
    found = pdf.sheets(write(paper(*(f"Group {number}." for number in range(MOST))), Size.A5))
    for number in range(MOST):
        (page,) = [sheet.text for sheet in found if f"Group {number}." in sheet.text]
        after = page.partition(f"Group {number}.")[2]
        assert after.strip().startswith(" ".join(LINES))


def test_a_heading_is_never_the_last_of_a_page() -> None:
    one = paper().sections[0]
    entry = PaperEntry("Quiet Lamp Group", LINES)
    sections = tuple(replace(one, heading=f"Day {number}!", entries=(entry,)) for number in range(30))
    for sheet in pdf.sheets(write(replace(paper(), sections=sections), Size.HALF_LETTER)):
        assert sheet.text.rpartition("!")[2].strip().startswith("Quiet Lamp Group")


def test_the_file_says_of_itself_nothing_but_list_and_is_the_same_each_time() -> None:
    content = write(paper("Quiet Lamp Group"), Size.A5)
    told = pdf.told(content)
    assert told.pop("Title") == "List"
    assert {value[:6] for value in told.values()} == {"D:2000"}  # no moment of ours
    assert b"/Lang (en)" in content
    assert write(paper("Quiet Lamp Group"), Size.A5) == content


def test_spanish_and_many_other_letters_are_printed_as_they_are_written() -> None:
    names = ("Señal de la mañana: ¿qué tal, Ñandú?", "Đặng Thị Ước", "Ωμέγα", "Надежда")
    text = pdf.words(write(paper(*names), Size.A5))
    assert [name for name in names if name not in text] == []
    assert UNSHOWN not in text


@pytest.mark.parametrize("name", ["中文小组", "קבוצה", "مجموعة", "समूह", "\N{PARTY POPPER}"])
def test_letters_that_cannot_be_printed_are_marked_and_said_to_be_behind_the_code(name: str) -> None:
    assert shown(f"Heron {name} Hall") == f"Heron {UNSHOWN} Hall"
    text = pdf.words(write(paper(f"Heron {name} Hall"), Size.A5))
    assert text.count("stands for letters that cannot be printed here.") == 1


def test_a_word_that_is_too_long_for_a_line_is_cut_and_nothing_of_it_is_lost() -> None:
    word = "W" * 200
    lines = wrapped(word, BOLD, 15, 300)
    assert len(lines) > 1
    assert "".join(lines) == word


@settings(max_examples=25, deadline=None)
@given(name=st.text(max_size=120), line=st.text(max_size=200), size=st.sampled_from(list(Size)))
def test_no_text_breaks_the_file_or_reaches_over_the_edge(name: str, line: str, size: Size) -> None:
    found = pdf.sheets(write(paper(name, "Safe Reeds", lines=(line,)), size))
    assert found[0].codes == (ADDRESS,)
    assert all(sheet.is_whole for sheet in found)
    assert "Safe Reeds" in " ".join(sheet.text for sheet in found)
