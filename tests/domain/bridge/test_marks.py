"""What holds of a suggested listing, worked out from what was said of it in order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from directory.domain.bridge.marks import MARKS, UNDO, Mark, Standing, after, changes, standings

AT = datetime(2026, 3, 2, 17, tzinfo=UTC)


def standing(*said: str) -> Standing:
    marks = [Mark(1, what, AT + timedelta(hours=number)) for number, what in enumerate(said)]
    return standings([*marks, Mark(2, "removed", AT)])[1]


@pytest.mark.parametrize(
    ("said", "pinned", "away", "hours"),
    [
        (("pinned",), True, "", None),
        (("pinned", "unpinned"), False, "", None),
        (("pinned", "removed"), False, "removed", None),
        (("removed", "pinned"), True, "", None),
        (("not-for-me", "back"), False, "", None),
        (("closed",), False, "closed", None),
        (("pinned", "went"), True, "", 1),
        (("went", "went", "removed"), False, "removed", 1),
        (("removed", "went"), False, "", 1),
        (("pinned", "back"), True, "", None),
        (("went", "not-went"), False, "", None),
        (("went", "went", "not-went"), False, "", 0),
    ],
)
def test_the_last_word_counts(said: tuple[str, ...], pinned: bool, away: str, hours: int | None) -> None:
    went = AT + timedelta(hours=hours) if hours is not None else None
    assert standing(*said) == Standing(pinned, away, went)


@pytest.mark.parametrize("what", [what for what in MARKS if what not in ("went", "not-went", "unpinned", "back")])
def test_a_second_tap_changes_nothing(what: str) -> None:
    assert changes(Standing(), what, AT, went_today=False)
    assert not changes(standing(what), what, AT, went_today=False)


@pytest.mark.parametrize(("what", "undo"), UNDO.items())
def test_what_was_said_can_be_taken_back(what: str, undo: str) -> None:
    before = standing("pinned") if what == "unpinned" else standing("back")
    said = after(before, what, AT)
    assert said != before
    assert after(said, undo, AT) == before


def test_going_there_counts_once_a_day() -> None:
    assert not changes(standing("went"), "went", AT + timedelta(hours=2), went_today=True)
    assert changes(standing("went"), "went", AT + timedelta(days=1), went_today=False)
    assert not changes(Standing(), "unpinned", AT, went_today=False)
    assert not changes(Standing(), "back", AT, went_today=False)
