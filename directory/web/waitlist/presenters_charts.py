"""Pictures of columns of numbers: a bar for each row, labelled directly, with what others counted marked on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from directory.domain.waitlist.reports import Value

WIDEST = 240.0
ROW, LABEL, BAR = 38, 14, 19
"""Heights in the picture: of a row, of the line of a label's letters, of where its bar begins."""
WHOLE = 100.0
"""What the bars of percents are parts of."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A row that is to be drawn. `figure` is its value in words; `is_elsewhere`: others counted it; `beside`: what others counted of the same,
    which is marked on its bar."""

    label: str
    value: Value
    figure: str
    is_elsewhere: bool = False
    beside: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a chart: its length, its places and its marks in units of the picture, with its label and its figure."""

    label: str
    figure: str
    length: float
    label_at: int
    bar_at: int
    is_elsewhere: bool = False
    marks: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture of one column, labelled directly. What is kept back has a label and no bar."""

    id: str
    title: str
    height: int
    bars: tuple[Bar, ...]


def chart(id: str, title: str, rows: Sequence[Drawn], *, is_percent: bool) -> Chart | None:
    """The bars of some rows, of the largest one or, where they are percents, of 100; None where there is nothing to compare."""
    numbers = [row.value for row in rows if isinstance(row.value, (int, float)) and not row.is_elsewhere]
    if len(rows) < 2 or not any(numbers):
        return None
    most = WHOLE if is_percent else max(numbers)
    bars = tuple(_bar(place, row, most) for place, row in enumerate(rows))
    return Chart(id, title, ROW * len(bars), bars)


def _bar(place: int, row: Drawn, most: float) -> Bar:
    length = _length(row.value, most) if isinstance(row.value, (int, float)) else 0.0
    marks = tuple(_length(each, most) for each in row.beside) if length else ()
    return Bar(row.label, row.figure, length, ROW * place + LABEL, ROW * place + BAR, row.is_elsewhere, marks)


def _length(value: float, most: float) -> float:
    return round(WIDEST * value / most, 1)
