"""A spreadsheet file (XLSX) as records like those of a CSV file, read row by row with limits on what it may unfold to.

Which sheet is wanted and what its columns mean is the caller's to know.
"""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from itertools import islice
from typing import Any, BinaryIO

from directory.domain.errors import UnreadableFile
from directory.formats.lines import CsvRecord
from directory.formats.text import as_text

MOST_BYTES = 64 * 1024 * 1024
"""What a file may unfold to; the largest that is published, of some 20,000 rows, has less than a third of it."""
MOST_PARTS, MOST_SHEETS, MOST_ROWS, MOST_COLUMNS = 500, 20, 200_000, 400
BATCH = 500
_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"})


def is_workbook(stream: BinaryIO) -> bool:
    """Whether the file is an archive, as a workbook is. Leaves the stream where it was."""
    start = stream.tell()
    head = stream.read(4)
    stream.seek(start)
    return head in (b"PK\x03\x04", b"PK\x05\x06")


def sheets(stream: BinaryIO) -> list[Iterator[CsvRecord]]:
    """The sheets in their order, each as records whose `line` is the row in the sheet; blank rows are left out.

    Raises UnreadableFile, also while a sheet is read: "not-a-workbook", or "too-large" for what would unfold to too much.
    """
    import openpyxl  # a tenth of a second and ten megabytes, which only a process that reads such a file needs

    _check_size(stream)
    try:
        with warnings.catch_warnings():  # remarks on styles and extensions, which are none of ours
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(stream, read_only=True, data_only=True, keep_links=False)
        found = book.worksheets[:MOST_SHEETS]
        return [_records(sheet) for sheet in found if hasattr(sheet, "reset_dimensions")]
    except UnreadableFile:
        raise
    except Exception as error:  # a broken archive makes the parsers raise nearly anything
        raise UnreadableFile("not-a-workbook", type(error).__name__) from error


def _check_size(stream: BinaryIO) -> None:
    """Looks at what the archive says of itself, which its reader holds it to."""
    try:
        with zipfile.ZipFile(stream) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, EOFError, NotImplementedError) as error:
        raise UnreadableFile("not-a-workbook", "a broken archive") from error
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_BYTES:
        raise UnreadableFile("too-large", f"it would unfold to more than {MOST_BYTES // 1024 // 1024} MB")


def _records(sheet: Any) -> Iterator[CsvRecord]:
    sheet.reset_dimensions()  # some programs write a wrong size, and the rest would be left out
    rows = sheet.iter_rows(max_col=MOST_COLUMNS, max_row=MOST_ROWS + 1, values_only=True)
    line = 0
    while batch := _next(rows):
        for values in batch:
            line += 1
            width = next((column for column in range(len(values), 0, -1) if values[column - 1] is not None), 0)
            cells = [_text(value) for value in values[:width]]
            while cells and not cells[-1]:
                cells.pop()
            if cells:
                yield CsvRecord(line, 1, cells)
        if line > MOST_ROWS:
            raise UnreadableFile("too-large", f"a sheet of more than {MOST_ROWS} rows")


def _next(rows: Iterator[tuple[object, ...]]) -> list[tuple[object, ...]]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return list(islice(rows, BATCH))
    except Exception as error:
        raise UnreadableFile("not-a-workbook", f"a broken sheet: {type(error).__name__}") from error


def _text(value: object) -> str:
    """A cell as text: 19801.0 is "19801", a date "2024-05-01", an error of a formula nothing."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat("minutes")
    text = as_text(value)
    return "" if text in _ERRORS else text
