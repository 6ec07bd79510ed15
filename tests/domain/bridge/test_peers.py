"""Who may stand in for whom, and when a certificate is to be renewed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from directory.domain.bridge.peers import Span, cover_refused, reminders_due

TODAY = date(2026, 3, 2)
ANA, BEN, CARA = 1, 2, 3


def span(away: int, stand_in: int, begin: int, end: int) -> Span:
    return Span(away, stand_in, TODAY + timedelta(days=begin), TODAY + timedelta(days=end))


@pytest.mark.parametrize(
    ("wish", "others", "refused"),
    [
        (span(ANA, BEN, 0, 7), [], None),
        (span(ANA, BEN, -3, 0), [], None),
        (span(ANA, ANA, 0, 7), [], ("stand_in", "stands-in-for-self")),
        (span(ANA, BEN, 7, 0), [], ("until", "ends-before")),
        (span(ANA, BEN, -9, -1), [], ("until", "over")),
        (span(ANA, BEN, 0, 91), [], ("until", "too-long-away")),
        (span(ANA, BEN, 0, 7), [span(ANA, CARA, 7, 9)], ("from", "covered-already")),
        (span(ANA, BEN, 0, 7), [span(ANA, CARA, 8, 9)], None),
        (span(ANA, BEN, 0, 7), [span(BEN, ANA, 3, 4)], ("stand_in", "stand-in-is-away")),
        (span(ANA, BEN, 0, 7), [span(BEN, CARA, 3, 4)], ("stand_in", "stand-in-is-away")),
        (span(ANA, BEN, 0, 7), [span(CARA, ANA, 3, 4)], ("from", "stands-in-then")),
        (span(ANA, BEN, 0, 7), [span(CARA, BEN, 3, 4)], None),
    ],
)
def test_whoever_stands_in_is_there_themselves(wish: Span, others: list[Span], refused: tuple[str, str] | None) -> None:
    assert cover_refused(wish, others, TODAY) == refused


@pytest.mark.parametrize(("left", "reminders"), [(61, 0), (60, 1), (31, 1), (30, 2), (8, 2), (7, 3), (0, 3), (-1, 0)])
def test_a_certificate_is_reminded_of_three_times_before_it_ends(left: int, reminders: int) -> None:
    assert reminders_due(TODAY + timedelta(days=left), TODAY) == reminders
