"""What somebody is shown of their place, and of a time."""

from __future__ import annotations

import pytest

from directory.domain.waitlist.ranking import Place
from directory.domain.waitlist.shown import Span, place_shown, span


@pytest.mark.parametrize(
    ("ahead", "waiting", "place"),
    [
        (0, 1, Place(band="next")),
        (1, 5, Place(band="fewer-than-5")),
        (4, 10, Place(band="fewer-than-5")),
        (5, 10, Place(band="5-to-9")),
        (9, 10, Place(band="5-to-9")),
        (0, 11, Place(number=1, of=11)),
        (10, 10, Place(number=11, of=11)),
        (11, 31, Place(number=12, of=31)),
    ],
)
def test_a_number_stands_only_in_a_line_of_11_or_more(ahead: int, waiting: int, place: Place) -> None:
    """WAITLIST 2.3: in a shorter one it would point at people."""
    assert place_shown(ahead=ahead, waiting=waiting, exact=True) == place


@pytest.mark.parametrize("ahead", [0, 3, 8, 40])
def test_a_line_that_tells_no_numbers_never_does(ahead: int) -> None:
    shown = place_shown(ahead=ahead, waiting=100, exact=False)
    assert shown.number is None
    assert shown.band


@pytest.mark.parametrize(
    ("days", "begin", "end"),
    [
        (0, Span("days", 0), Span("days", 0)),
        (10, Span("days", 10), Span("days", 10)),
        (14, Span("weeks", 2), Span("weeks", 2)),
        (42, Span("weeks", 6), Span("weeks", 6)),
        (84, Span("months", 2), Span("months", 3)),
        (112, Span("months", 3), Span("months", 4)),
        (168, Span("months", 5), Span("months", 6)),
        (365, Span("months", 12), Span("months", 12)),
    ],
)
def test_a_range_is_rounded_apart_and_told_in_the_unit_that_fits(days: int, begin: Span, end: Span) -> None:
    """WAITLIST 2.2: the low end down, the high end up."""
    assert (span(days, is_end=False), span(days, is_end=True)) == (begin, end)
