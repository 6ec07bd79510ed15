"""Reads the reference tables of outside codes (`seeds/codes/*.csv`), which hold the one crosswalk from codes to our facets.

Strict, because these files are ours: whatever is not understood stops the reading and names its line.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from io import TextIOWrapper
from typing import BinaryIO

from directory.domain.taxonomy import ATTENDANCE, FACETS, Code, CodeInfo

COLUMNS = ("system", "edition", "code", "category", "en", "es", "facets")

ALLOWED: dict[str, tuple[str, ...]] = {**FACETS, "status": ("closed",), "attendance": ATTENDANCE}
"""The facets whose values are a fixed list."""

SHAPES = {
    "language": re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*"),
    "format": re.compile(r"[a-z0-9]+(-[a-z0-9]+)*"),
}
"""The facets whose values are open: BCP 47 languages, and forms of a meeting."""


def read(stream: BinaryIO) -> Iterator[CodeInfo]:
    """Every code of one table, in its order. UTF-8 CSV with the header `system,edition,code,category,en,es,facets`.

    Raises ValueError naming the line for another header, a missing value, an unknown facet or value, and a code that comes
    twice (case is ignored, as it is when codes are looked up).
    """
    text = TextIOWrapper(stream, encoding="utf-8", newline="")
    rows = csv.reader(text, strict=True)
    try:
        yield from _codes(rows)
    except csv.Error as error:
        raise ValueError(f"line {rows.line_num}: {error}") from error
    finally:
        text.detach()


def _codes(rows: Iterator[list[str]]) -> Iterator[CodeInfo]:
    if tuple(next(rows, ())) != COLUMNS:
        raise ValueError(f"line 1: the columns must be {','.join(COLUMNS)}")
    first_seen: dict[Code, int] = {}
    for number, cells in enumerate(rows, start=2):
        info = _code(number, cells)
        folded = Code(info.code.system, info.code.edition, info.code.code.casefold())
        earlier = first_seen.setdefault(folded, number)
        if earlier != number:
            raise ValueError(f"line {number}: {info.code.system} {info.code.code} is on line {earlier} already")
        yield info


def _code(number: int, cells: list[str]) -> CodeInfo:
    if len(cells) != len(COLUMNS):
        raise ValueError(f"line {number}: {len(cells)} values instead of {len(COLUMNS)}")
    if any(line_break in cell for cell in cells for line_break in "\r\n"):
        raise ValueError(f"line {number}: a line break inside a value")
    row = dict(zip(COLUMNS, cells, strict=True))
    for column in ("system", "code", "category", "en", "es"):
        if not row[column].strip() or row[column] != row[column].strip():
            raise ValueError(f"line {number}: {column} is blank or has blanks round it")
    facets = tuple(_facet(number, pair) for pair in row["facets"].split())
    if len(set(facets)) != len(facets):
        raise ValueError(f"line {number}: a facet comes twice")
    return CodeInfo(
        code=Code(row["system"], row["edition"], row["code"]),
        category=row["category"],
        labels={"en": row["en"], "es": row["es"]},
        facets=facets,
    )


def _facet(number: int, pair: str) -> tuple[str, str]:
    facet, _, value = pair.partition(":")
    if facet in SHAPES:
        known = SHAPES[facet].fullmatch(value) is not None
    elif facet in ALLOWED:
        known = value in ALLOWED[facet]
    else:
        raise ValueError(f"line {number}: unknown facet {facet}")
    if not known:
        raise ValueError(f"line {number}: unknown value {pair}")
    return facet, value
