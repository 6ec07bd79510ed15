"""The words of checks, reports and figures: none is missing, and no share is rounder than it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from directory.domain.checks import CALL_OUTCOMES, OUTCOMES
from directory.domain.corrections import OUTCOMES as SETTLED
from directory.domain.geo import Point, Precision
from directory.domain.listings import Status
from directory.services.geocode_review import Doubt
from directory.web import presenters_checks, presenters_reports
from directory.web.presenters import line_marks, marks, stale_mark
from directory.web.presenters_places import doubt_card
from directory.web.quality import share_words
from tests.web.made import NOW, card

STALE = card(kind="treatment", verified_on=(NOW - timedelta(days=91)).date())


def test_every_outcome_has_its_words() -> None:
    assert set(presenters_checks.WAS) == set(OUTCOMES)
    assert set(presenters_checks.OUTCOME) == set(CALL_OUTCOMES)
    assert set(presenters_reports.OUTCOME) == set(SETTLED)
    assert set(presenters_reports.WAS) == {"new", *SETTLED}


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [(0, 0, "none"), (0, 9, "0%"), (1, 1000, "under 1%"), (1, 3, "33%"), (999, 1000, "over 99%"), (9, 9, "100%")],
)
def test_a_share_is_never_rounder_than_it_is(part: int, whole: int, said: str) -> None:
    assert share_words(part, whole) == said


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (STALE, "not checked since Dec 1, 2025"),
        (replace(STALE, kind="meeting"), None),
        (replace(STALE, confirmed_on=NOW.date()), None),
        (replace(STALE, status=Status.TEMPORARILY_CLOSED), None),
        (card(verified_on=None, since=date(2025, 1, 1)), "never checked by us"),
        (card(verified_on=None, since=NOW.date()), None),
    ],
)
def test_what_is_overdue_says_since_when_as_a_quiet_line(made: object, said: str | None) -> None:
    mark = stale_mark(made, NOW)  # type: ignore[arg-type]
    assert (mark and mark.text) == said
    assert mark is None or mark.tone == "quiet"


def test_a_national_number_says_only_whether_somebody_answers() -> None:
    assert marks(STALE, NOW)[-1].text.startswith("not checked since")
    assert not [mark for mark in line_marks(STALE, NOW) if mark.text.startswith("not checked since")]


@pytest.mark.parametrize(
    ("provider", "label", "error", "said"),
    [
        ("gazetteer", "Saltmarsh, PA 19199", "photon answered 12 Oak Street, Saltmarsh", "12 Oak Street, Saltmarsh"),
        ("photon", "999 Heron Lane, Saltmarsh", None, "999 Heron Lane, Saltmarsh"),
        ("gazetteer", "Saltmarsh, PA 19199", "no answer in time", ""),
        ("gazetteer", None, None, ""),  # as of an address that is not public, of which nothing else is told
    ],
)
def test_a_doubtful_place_says_which_street_was_found(
    provider: str, label: str | None, error: str | None, said: str
) -> None:
    place = (Point(40.0, -75.0), Precision.STREET, provider, label, "full", error, NOW)
    doubt = Doubt("lamp", "Quiet Lamp Group", "meeting", "street", "12 Heron Lane, Saltmarsh, PA", *place)
    assert doubt_card(doubt).found == said
