"""Which formats can be read, and by what: the one list that commands, feeds and pages choose from."""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import BinaryIO

from directory.domain.taxonomy import CodeBook
from directory.formats import dhcs, mapped, meeting_guide, samhsa, smart
from directory.formats.column_map import ColumnMap
from directory.formats.rows import Reader, Row, Rows
from directory.gateways.zones import zone_at

FORMATS = ("meeting-guide", "samhsa", "smart", "dhcs", "csv")
SPEC_FELLOWSHIP = "aa"
"""Whose code table Meeting Guide itself defines."""
TITLES = {
    "samhsa": "SAMHSA, National Directory of Drug and Alcohol Use and of Mental Health Treatment Facilities",
    "meeting-guide": "Meeting list of its service office",
    "smart": "SMART Recovery, meeting finder",
    "dhcs": "California DHCS, licensed and certified substance use disorder facilities",
}
"""What a source of a format is called where nobody has named it."""


def reader_of(format: str, *, fellowship: str | None = None, column_map: ColumnMap | None = None) -> Reader:
    """The reader of a format. Raises ValueError for a format that there is none for, and for `csv` without its map.

    A meeting list whose fellowship nobody has named is read by the code table of Meeting Guide itself; whose meetings they
    are stays unknown.
    """
    if format == "meeting-guide":
        return functools.partial(_meetings, fellowship=fellowship)
    if format == "csv":
        if column_map is None:
            raise ValueError("csv needs a map of its columns")
        return functools.partial(mapped.read, column_map=column_map)
    if format == "smart":
        return functools.partial(smart.read, zone_of=zone_at)
    plain: dict[str, Reader] = {"samhsa": samhsa.read, "dhcs": dhcs.read}
    if format not in plain:
        raise ValueError(format)
    return plain[format]


def _meetings(stream: BinaryIO, codes: CodeBook, *, fellowship: str | None) -> Rows:
    rows = meeting_guide.read(stream, codes, fellowship or SPEC_FELLOWSHIP)
    if fellowship:
        return rows
    return (replace(row, draft=replace(row.draft, program=None)) if isinstance(row, Row) else row for row in rows)
