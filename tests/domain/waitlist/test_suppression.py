"""Small numbers: not told, and not to be worked out from what is told, by whoever knows the rule as well."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import pytest

from directory.domain.waitlist.suppression import Cell, column, table


@pytest.mark.parametrize(
    ("values", "told", "total"),
    [
        ((20, 30, 15), (20, 30, 15), 65),
        ((0, 30, 15), (0, 30, 15), 45),
        ((4, 30, 15), (None, 30, None), 49),
        ((1, 1, 15, 40), (None, None, None, 40), 57),
        ((4, 8, 40), (None, None, 40), 52),
        ((4, 0, 3), (None, 0, None), None),
        ((4, 0, 30), (None, 0, None), 34),
        ((0, 0), (0, 0), 0),
        ((11,), (11,), 11),
        ((), (), 0),
    ],
)
def test_beside_a_small_number_another_one_is_hidden(
    values: tuple[int, ...], told: tuple[Cell, ...], total: Cell
) -> None:
    assert column(values) == (told, total)


def test_the_total_of_the_same_people_is_told_or_not_in_every_list_of_them() -> None:
    for values in ((3, 4), (7,), (0, 7)):
        assert column(values)[1] is None
    for values in ((3, 9), (12,), (1, 1, 10)):
        assert column(values)[1] == 12


def test_a_table_without_small_numbers_is_told_whole() -> None:
    assert table([[20, 30], [40, 0]]) == ((20, 30, 50), (40, 0, 40), (60, 30, 90))
    assert table([]) == ()


def test_one_small_number_hides_three_others_that_would_tell_it() -> None:
    told = table([[4, 30, 60], [50, 20, 70], [80, 40, 90]])
    assert told[0][0] is None
    assert sum(cell is None for row in told[:3] for cell in row[:3]) == 4
    assert all(cell is not None for cell in (*told[3], told[0][3], told[1][3], told[2][3])), "the totals stay"


def test_a_small_total_is_hidden_like_any_other_number() -> None:
    told = table([[0, 5], [40, 60]])
    assert told[0] == (0, None, None) or told[0][2] is None
    assert told[0][1] is None


def _known(rows: list[list[int]], told: tuple[tuple[Cell, ...], ...]) -> set[tuple[int, int]]:
    """The hidden cells that follow from those that are told: Gauss on the sums of all rows and columns."""
    height, width = len(told), len(told[0])
    unknown = [(y, x) for y in range(height) for x in range(width) if told[y][x] is None]
    lines = [[(y, x) for x in range(width)] for y in range(height)]
    lines += [[(y, x) for y in range(height)] for x in range(width)]
    matrix = []
    for line in lines:
        signs = dict.fromkeys(line[:-1], 1) | {line[-1]: -1}
        matrix.append([Fraction(signs.get(place, 0)) for place in unknown])
    _reduce(matrix)
    return {unknown[row.index(1)] for row in matrix if sum(value != 0 for value in row) == 1}


def _reduce(matrix: list[list[Fraction]]) -> None:
    done = 0
    for x in range(len(matrix[0]) if matrix else 0):
        pivot = next((y for y in range(done, len(matrix)) if matrix[y][x]), None)
        if pivot is None:
            continue
        matrix[done], matrix[pivot] = matrix[pivot], matrix[done]
        matrix[done] = [value / matrix[done][x] for value in matrix[done]]
        for y, row in enumerate(matrix):
            if y != done and row[x]:
                matrix[y] = [a - row[x] * b for a, b in zip(row, matrix[done], strict=True)]
        done += 1


@pytest.mark.parametrize("seed", range(40))
def test_no_hidden_number_of_a_table_can_be_worked_out_from_the_others(seed: int) -> None:
    rng = Random(seed)
    rows = [
        [rng.choice((0, 0, 1, 3, 9, 12, 25, 80)) for _ in range(rng.randrange(2, 5))]
        for _ in range(rng.randrange(2, 6))
    ]
    rows = [row[: len(rows[0])] + [0] * (len(rows[0]) - len(row)) for row in rows]
    told = table(rows)
    assert _known(rows, told) == set()
    shown = [cell for row in told for cell in row if cell is not None]
    assert all(cell == 0 or cell > 10 for cell in shown)
    for row, given in zip(told, rows, strict=False):
        hidden = [value for cell, value in zip(row[:-1], given, strict=True) if cell is None]
        assert not hidden or row[-1] is None or sum(hidden) > 10


def test_that_a_number_can_be_worked_out_would_be_noticed() -> None:
    assert _known([[4, 30], [50, 20]], ((None, 30, 34), (50, 20, 70), (54, 50, 104))) == {(0, 0)}
