"""Somebody's own waiting list, as a CSV file or a spreadsheet: one row for each person in one line.

It only reads what stands there. What is missing or cannot be read turns a row away, with its line and why, and never with its words:
those are about a person.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time
from typing import BinaryIO

from directory.domain.errors import UnreadableFile
from directory.domain.waitlist.names import is_whole_phone
from directory.formats.columns import Header, read_header
from directory.formats.lines import CsvRecord, csv_records
from directory.formats.rows import Rejected
from directory.formats.waitlist_map import FIELDS, LineMap
from directory.formats.workbook import is_workbook, sheets

MOST_ROWS = 20_000
LONGEST: dict[str, int] = {
    "called": 80,
    "name": 120,
    "phone": 60,
    "email": 254,
    "note": 500,
    "line": 120,
    "language": 20,
}
"""Characters of each field; what is longer belongs to another column."""
_DAY = re.compile(r"(\d{1,4})[./-](\d{1,2})[./-](\d{1,4})(?:[ T](\d{1,2}):(\d{2})(?::\d{2})?(?:\s*([ap])\.?m\.?)?)?", re.IGNORECASE)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody who waits, as their row says it. `line` is the physical line, `pool` the name of the line they wait in, "" for the usual one.

    `requested_on` is the day of the request, `requested_time` its time where one stands there; both are local to that line.
    """

    line: int
    called: str
    name: str
    born: date | None
    phone: str
    email: str
    requested_on: date
    requested_time: time | None
    pool: str
    language: str
    note: str
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Turned:
    """A row that was turned away: why, and what stood in it, which is for sealing and for nothing else."""

    rejected: Rejected
    cells: tuple[tuple[str, str], ...] = ()


def read_waiting(stream: BinaryIO, layout: LineMap, *, all_columns: bool) -> Iterator[Waiting | Turned]:
    """The rows of a CSV file or of the first sheet of a workbook.

    `all_columns`: every column that the layout names has to be there, else only the day of the request and one for a name. Raises
    UnreadableFile for a file that is none of these, has no such header, or too many rows.
    """
    records = iter(_records(stream, layout))
    header = _header(records, layout, all_columns=all_columns)
    for number, record in enumerate(records, 1):
        if number > MOST_ROWS:
            raise UnreadableFile("too-large", f"more than {MOST_ROWS} rows")
        padded = CsvRecord(record.line, record.lines, _padded(record.cells, header.width), record.broken)
        cells = header.cells(padded)
        if isinstance(cells, str):
            yield Turned(Rejected(record.line, cells), tuple((str(n), text) for n, text in enumerate(record.cells, 1)))
        elif any(cells.values()):
            yield _row(record.line, cells, layout)


def _records(stream: BinaryIO, layout: LineMap) -> Iterator[CsvRecord]:
    if not is_workbook(stream):
        return csv_records(stream, layout.delimiter)
    found = sheets(stream)
    if not found:
        raise UnreadableFile("empty")
    return found[0]


def _padded(cells: list[str], width: int) -> list[str]:
    """A spreadsheet leaves out what is blank at the end of a row."""
    return cells + [""] * (width - len(cells))


def _header(records: Iterator[CsvRecord], layout: LineMap, *, all_columns: bool) -> Header:
    if all_columns:
        return read_header(records, layout.named)
    header = read_header(records, ["requested"], layout.named)
    if not {"called", "name"} & set(header.places):
        raise UnreadableFile("no-header", "missing: called or name")
    return header


def _row(line: int, cells: dict[str, str], layout: LineMap) -> Waiting | Turned:
    """What a row says, or what of it cannot be taken."""
    given = {name: _joined(cells, layout.columns.get(name, ())) for name in FIELDS}
    requested, born = read_day(given["requested"], layout.dates), read_day(given["born"], layout.dates)
    reason = _wrong(given, requested, born)
    if reason or requested is None:
        return Turned(Rejected(line, reason), tuple(cells.items()))
    told = {code: layout.fact_of(code, cells.get(column, "")) for code, column in layout.facts.items()}
    return Waiting(
        line=line,
        called=given["called"] or given["name"].split(" ")[0],
        name=given["name"],
        born=born[0] if born else None,
        phone=given["phone"],
        email=given["email"],
        requested_on=requested[0],
        requested_time=requested[1],
        pool=_line_of(given["line"], layout),
        language=given["language"].casefold(),
        note=given["note"],
        facts=tuple((code, value) for code, value in told.items() if value),
    )


def _joined(cells: dict[str, str], columns: tuple[str, ...]) -> str:
    return " ".join(" ".join(cells[name].split()) for name in columns if cells.get(name))


def _line_of(cell: str, layout: LineMap) -> str:
    return layout.lines.get(" ".join(cell.casefold().split()), cell)


Day = tuple[date, time | None]


def _wrong(given: dict[str, str], requested: Day | None, born: Day | None) -> str:
    """Why a row is turned away; "" where it is not."""
    long = [name for name, most in LONGEST.items() if len(given[name]) > most]
    reasons = {
        "no name": not given["called"] and not given["name"],
        "no day of the request": not given["requested"],
        "the day of the request is no date": bool(given["requested"]) and requested is None,
        "the birth date is no date": bool(given["born"]) and born is None,
        "the telephone number lacks its area code": bool(given["phone"]) and not is_whole_phone(given["phone"]),
        "the e-mail address is none": bool(given["email"]) and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", given["email"]),
        f"too long: {', '.join(long)}": bool(long),
    }  # fmt: skip
    return "; ".join(reason for reason, is_so in reasons.items() if is_so)


def read_day(text: str, dates: str) -> Day | None:
    """A day, with its time where one stands there, in the order of the layout; None for what is no date. "2026-03-02" is always read so."""
    found = _DAY.fullmatch(text.strip())
    if found is None:
        return None
    one, two, three = found[1], found[2], found[3]
    if len(one) == 4:
        year, month, day = one, two, three
    elif dates == "iso" or len(three) not in (2, 4):
        return None
    else:
        month, day, year = (one, two, three) if dates == "mdy" else (two, one, three)
    try:
        return date(_year(year), int(month), int(day)), _time(found)
    except ValueError:
        return None


def _year(text: str) -> int:
    """Of two figures those up to 49 are of this century: births before 1950 are written out."""
    return int(text) + (0 if len(text) == 4 else 2000 if int(text) < 50 else 1900)


def _time(found: re.Match[str]) -> time | None:
    if found[4] is None:
        return None
    hour = int(found[4])
    if half := found[6]:
        hour = hour % 12 + (12 if half.lower() == "p" else 0)
    return time(hour, int(found[5]))
