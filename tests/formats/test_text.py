"""Text as importers keep it: without markup, without stray signs, without anybody's own number."""

from __future__ import annotations

import time

import pytest

from directory.formats.text import LONGEST, as_text, cut, is_odd, mask, mask_emails, one_line, plain


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Side door<br>Ring twice", "Side door\nRing twice"),
        ("<p>One</p><p>Two</p>", "One\nTwo"),
        ('<a href="https://example.org">Map</a> &amp; more', "Map & more"),
        ("Robin&#8217;s room &amp;amp; hall", "Robin’s room & hall"),
        ("&lt;b&gt;Masks&lt;/b&gt;", "Masks"),
        ("<script>alert(1)</script>Welcome", "Welcome"),
        ("fewer than 5 &lt; 6, I <3 tea", "fewer than 5 < 6, I <3 tea"),
        ("Arts&centre, Q&A", "Arts&centre, Q&A"),
        ("\t\tPark \u00a0 hall\r\n\r\n\r\n\r\nLevel 2  ", "Park hall\n\nLevel 2"),
        ("zero\u200bwidth\x00 \ud800half", "zerowidth half"),
    ],
)
def test_markup_becomes_plain_text(given: str, kept: str) -> None:
    assert plain(given) == kept


def test_a_name_is_one_line() -> None:
    assert one_line("Cedar<br>Group\n at  noon") == "Cedar Group at noon"


@pytest.mark.parametrize(
    ("value", "text"),
    [("a", "a"), (7, "7"), (19094.0, "19094"), (1.5, "1.5"), (10**40, ""), (float("nan"), ""), (True, ""), ([], "")],
)
def test_only_texts_and_numbers_pass_for_a_field(value: object, text: str) -> None:
    assert as_text(value) == text


@pytest.mark.parametrize(
    ("value", "odd"), [(None, False), ("", False), (0, False), ({}, True), ([1], True), (True, True)]
)
def test_an_object_where_a_text_should_be_is_odd_and_nothing_is_not(value: object, odd: bool) -> None:
    assert is_odd(value) is odd


def test_a_long_text_is_cut_to_its_length_with_an_ellipsis() -> None:
    assert cut("abc def", 7) == "abc def"
    assert cut("abc def ghi", 8) == "abc def…"
    assert len(cut("x" * 900, 255)) == 255


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Call Robin 215-555-0142.", "Call Robin [number left out]."),
        ("(215) 555-0142 or 215.555.0143", "[number left out] or [number left out]"),
        ("text 2155550142", "text [number left out]"),
        ("Tel:1-215-555-0142x5", "Tel:[number left out]x5"),
        ("ask 555-0142", "ask [number left out]"),
        ("call 020 7946 0142 or (01632) 960142", "call [number left out] or [number left out]"),
        ("from abroad +44 20 7946 0142", "from abroad [number left out]"),
        ("write to robin.t@mail.example.org!", "write to [e-mail left out]!"),
        ("mailto:robin@example.org", "mailto:[e-mail left out]"),
        ("for the passcode 215-555-0142", "for the passcode [number left out]"),
        ("https://example.org/?to=robin@example.org", "https://example.org/?to=[e-mail left out]"),
    ],
)
def test_what_belongs_to_a_person_is_left_out(given: str, kept: str) -> None:
    assert mask(given) == kept


@pytest.mark.parametrize(
    "text",
    [
        "Meeting ID: 800 555 0142 Passcode: 555-0142",
        "Zoom ID 8005550142",
        "ID- 550 548 716   PC- 006485",
        "https://us02web.zoom.us/j/8005550142?pwd=2155550142",
        "Dial-In Phone No.: 301-555-0142",
        "+13015550142,,876406386#,,1#",
        "Meeting ID: 020 7946 0142, open 0900-1700",
        "Room 332, 6:30-7:30, GSO #112235, 2022-2023",
    ],
)
def test_the_numbers_of_a_meeting_stay(text: str) -> None:
    assert mask(text) == text


def test_an_e_mail_address_is_left_out_where_numbers_are_wanted() -> None:
    assert mask_emails("802-555-0142 robin@example.org") == "802-555-0142 [e-mail left out]"


@pytest.mark.parametrize("sign", ["<", "<a", "a@", "1", "1 ", "a", "&a", "+1 ", "(123) ", "a.@a.", "\n \n", "http://"])
def test_no_text_takes_long_to_read(sign: str) -> None:
    """A pattern that tries every start against every end would need minutes for these."""
    started = time.perf_counter()
    mask(plain(sign * (LONGEST // len(sign))))
    assert time.perf_counter() - started < 5
