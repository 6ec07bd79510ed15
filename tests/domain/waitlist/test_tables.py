"""The daily tables: growing both ways, no farther than anybody stands, and the same for the same day."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from directory.domain.estimate import WaitRange
from directory.domain.waitlist.tables import GRID, History, Table, fingerprint, table_of, tables

BUSY = History(90, 40, 55, 6, 3000.0, 1.4, {1: 3, 3: 8, 9: 20})
MOST = {1: 2, 3: 14, 9: 38}
SEED = "7 2026-03-02"


def test_a_table_grows_with_the_people_ahead_and_down_the_classes() -> None:
    """WAITLIST 2.4, 3."""
    built = tables(BUSY, MOST, SEED, draws=60)
    for table in built.values():
        for (_, less), (_, more) in pairwise(table.rows):
            assert less.q10 <= more.q10
            assert less.q50 <= more.q50
            assert less.q90 <= more.q90
            assert less.share_beyond <= more.share_beyond
    for above, below in pairwise(built.values()):
        for ahead, row in below.rows:
            top = above.at(ahead)
            assert top is not None
            assert top.q10 <= row.q10 + 1e-9
            assert top.q50 <= row.q50 + 1e-9
            assert top.q90 <= row.q90 + 1e-9


def test_a_day_of_a_line_has_one_answer_and_more_people_change_none_of_its_rows() -> None:
    """WAITLIST 2.4, 6: the seed is the line and the day."""
    built = tables(BUSY, MOST, SEED, draws=40)
    assert tables(BUSY, MOST, SEED, draws=40) == built
    longer = tables(BUSY, {**MOST, 9: 80}, SEED, draws=40)
    assert longer[9].rows[: len(built[9].rows)] == built[9].rows
    assert tables(BUSY, MOST, "7 2026-03-03", draws=40) != built


def test_a_table_reaches_as_far_as_people_stand_and_a_little_farther() -> None:
    built = tables(BUSY, MOST, SEED, draws=20)
    assert [table.rows[-1][0] for table in built.values()] == [5, 18, 40]
    assert all(ahead in GRID for ahead, _ in built[9].rows)


def test_with_too_few_placements_the_tables_are_empty() -> None:
    built = tables(replace(BUSY, placed=4, window=365), MOST, SEED, draws=20)
    assert [table.at(3) for table in built.values()] == [None, None, None]


def test_where_nearly_all_wait_over_a_year_nothing_longer_is_simulated() -> None:
    stuck = replace(BUSY, placed=5, offers=5, dropped=0, window=365)
    (table,) = tables(stuck, {9: 400}, SEED, draws=30).values()
    assert table.rows[-1][0] < 400
    assert table.rows[-1][1].share_beyond > 0.9


def test_between_two_rows_the_range_lies_between_theirs() -> None:
    table = Table(((0, WaitRange(1, 2, 3, 0)), (10, WaitRange(11, 22, 33, 0.1))))
    assert table.at(5) == WaitRange(6, 12, 18, 0.05)
    assert table.at(0) == WaitRange(1, 2, 3, 0)
    assert table.at(500) == WaitRange(11, 22, 33, 0.1)
    assert Table(()).at(0) is None


def test_a_tier_without_a_table_has_that_of_the_next_one_after_it() -> None:
    first, last = Table(((0, WaitRange(1, 1, 1, 0)),)), Table(((0, WaitRange(2, 2, 2, 0)),))
    assert table_of({3: first, 9: last}, 3) == first
    assert table_of({3: first, 9: last}, 5) == last
    assert table_of({3: first}, 9) == first
    assert table_of({}, 9) == Table(())


def test_before_the_first_tier_nobody_comes_and_before_others_all_of_those() -> None:
    assert BUSY.arrivals_above(1, MOST) is None
    assert BUSY.arrivals_above(3, MOST) == 3
    assert BUSY.arrivals_above(9, MOST) == 11


@pytest.mark.parametrize(
    ("changed", "is_same"),
    [
        ({"exposure": 3010.0}, True),
        ({"exposure": 3900.0}, False),
        ({"placed": 41}, False),
        ({"offers": 56}, False),
        ({"dropped": 7}, False),
        ({"arrivals": {1: 4, 3: 8, 9: 20}}, False),
        ({"window": 180}, False),
        ({"phi": 1.6}, False),
    ],
)
def test_a_line_is_simulated_again_when_its_history_has_changed(changed: dict[str, object], is_same: bool) -> None:
    other = replace(BUSY, **changed)  # type: ignore[arg-type]
    assert (fingerprint(other, MOST) == fingerprint(BUSY, MOST)) is is_same
    assert fingerprint(BUSY, {**MOST, 9: 39}) == fingerprint(BUSY, MOST), "no other grid"
    assert fingerprint(BUSY, {**MOST, 9: 60}) != fingerprint(BUSY, MOST)
