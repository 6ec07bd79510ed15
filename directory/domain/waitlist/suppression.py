"""Small numbers in tables about people: cells of 1 to 10 are not told, nor as many others as it takes that nobody can work them out.

After the practice of the federal agencies for health data (CMS: no cell of 1 to 10, and none by which it could be derived). It holds within
one table with its totals; who subtracts the tables of different periods from each other is not stopped by it.
"""

from __future__ import annotations

from collections.abc import Sequence

SMALL = 10
Cell = int | None
"""A number that is told, or None for one that is not."""
_Place = tuple[int, int]


def column(values: Sequence[int]) -> tuple[tuple[Cell, ...], Cell]:
    """A list of numbers and its total, as far as they are told.

    Whether the total is told depends on the total alone, so that two lists of the same people by different things agree on it. Beside a
    small number the next smallest is hidden, until those that are hidden come to more than 10 together.
    """
    hidden = {place for place, value in enumerate(values) if is_small(value)}
    total = sum(values)
    if not is_small(total):
        left = sorted(
            (place for place in range(len(values)) if place not in hidden), key=lambda each: _cost(values[each])
        )
        while hidden and left and (len(hidden) < 2 or sum(values[each] for each in hidden) <= SMALL):
            hidden.add(left.pop(0))
    told = tuple(None if place in hidden else value for place, value in enumerate(values))
    return told, None if is_small(total) else total


def _cost(value: int) -> tuple[bool, int]:
    """What is hidden first: the smallest, and a nought after all others, since it protects nothing."""
    return value == 0, value


def is_small(value: int) -> bool:
    """Whether a number points at people. Nought points at nobody."""
    return 0 < value <= SMALL


def table(rows: Sequence[Sequence[int]]) -> tuple[tuple[Cell, ...], ...]:
    """A table of numbers with a total at the end of each row and a row of totals beneath, as far as they are told.

    Seen as a graph with the rows and columns as nodes and the hidden cells as edges, a cell can be worked out from those that are told
    exactly if its edge is a bridge (Gusfield 1988, "A graph theoretic approach to statistical data security"): more are hidden until none is.
    """
    whole = _with_totals(rows)
    height, width = len(whole), len(whole[0]) if whole else 0
    hidden = {(y, x) for y in range(height) for x in range(width) if is_small(whole[y][x])}
    while (weak := _weak(whole, hidden)) is not None:
        hidden.add(_next(whole, hidden, weak))
    return tuple(tuple(None if (y, x) in hidden else whole[y][x] for x in range(width)) for y in range(height))


def _with_totals(rows: Sequence[Sequence[int]]) -> list[list[int]]:
    if not rows:
        return []
    whole = [[*row, sum(row)] for row in rows]
    return [*whole, [sum(values) for values in zip(*whole, strict=True)]]


def _weak(whole: Sequence[Sequence[int]], hidden: set[_Place]) -> _Place | None:
    """A hidden cell that can be worked out, or that stands in a line whose hidden cells come to 10 at the most; None where there is none."""
    for place in sorted(hidden):
        if len(hidden) < len(whole) * len(whole[0]) and (_is_bridge(place, hidden) or _is_thin(whole, hidden, place)):
            return place
    return None


def _is_bridge(place: _Place, hidden: set[_Place]) -> bool:
    """Whether nothing but this cell connects its row with its column."""
    row, column = ("row", place[0]), ("column", place[1])
    reached, left = {row}, hidden - {place}
    while True:
        more = {("column", x) for y, x in left if ("row", y) in reached}
        more |= {("row", y) for y, x in left if ("column", x) in reached}
        if more <= reached:
            return column not in reached
        reached |= more


def _is_thin(whole: Sequence[Sequence[int]], hidden: set[_Place], place: _Place) -> bool:
    """Whether the hidden cells of a line whose total is told come to so few together that each of them is known to be small."""
    y, x = place
    last_row, last_column = len(whole) - 1, len(whole[0]) - 1
    row = [each for each in hidden if each[0] == y and each[1] != last_column]
    column = [each for each in hidden if each[1] == x and each[0] != last_row]
    told_row, told_column = (y, last_column) not in hidden, (last_row, x) not in hidden
    return (told_row and bool(row) and sum(whole[a][b] for a, b in row) <= SMALL) or (
        told_column and bool(column) and sum(whole[a][b] for a, b in column) <= SMALL
    )


def _next(whole: Sequence[Sequence[int]], hidden: set[_Place], weak: _Place) -> _Place:
    """What is hidden for the sake of a cell: one that closes a way around it, else one of its row or column; of those the smallest number, a
    nought last, and a total only where there is nothing else."""
    places = [(y, x) for y in range(len(whole)) for x in range(len(whole[0])) if (y, x) not in hidden]
    near = [place for place in places if place[0] == weak[0] or place[1] == weak[1]]
    closing = [place for place in places if not _is_bridge(weak, hidden | {place})] if _is_bridge(weak, hidden) else []

    def cost(place: _Place) -> tuple[bool, tuple[bool, int], _Place]:
        is_total = place[0] == len(whole) - 1 or place[1] == len(whole[0]) - 1
        return is_total, _cost(whole[place[0]][place[1]]), place

    return min(closing or near or places, key=cost)
