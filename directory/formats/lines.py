"""A text file as physical lines, and a CSV file as records that know the line on which they start. Memory stays flat.

For every format that is a table: the same file may come from a database, from a spreadsheet on Windows or from an old Mac.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import BinaryIO

from directory.domain.errors import UnreadableFile

CHUNK = 64 * 1024
LONGEST_LINE = 1024 * 1024
"""Bytes. A line that is longer belongs to a picture or an archive, not to a table."""


@dataclass(frozen=True, slots=True)
class CsvRecord:
    """One record: the line where it starts (the first is 1), how many lines it spans, its cells.

    `broken` says why it could not be read as a record; then there are no cells.
    """

    line: int
    lines: int
    cells: list[str]
    broken: str = ""


def text_lines(stream: BinaryIO) -> Iterator[str]:
    """The lines with their ends, which may be LF, CRLF or CR. UTF-8, with or without a mark; a line that is not is Windows-1252.

    Decided line by line, so that one letter from another program spoils no other line. UTF-16 is known by its mark. Raises
    UnreadableFile with "not-text" for an archive, a picture or UTF-16 without a mark.
    """
    for number, line in enumerate(_byte_lines(_chunks(stream)), start=1):
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        if b"\0" in line:
            raise UnreadableFile("not-text", f"line {number}")
        try:
            yield line.decode("utf-8")
        except UnicodeDecodeError:
            yield line.decode("cp1252", errors="replace")


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    """The bytes of the file as they are read; those of UTF-16 turned into UTF-8."""
    head = stream.read(CHUNK)
    while len(head) == 1 and (more := stream.read(CHUNK)):
        head += more
    rest = iter(lambda: stream.read(CHUNK), b"")
    if head[:2] not in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        yield head
        yield from rest
        return
    decoder = codecs.getincrementaldecoder("utf-16")(errors="replace")
    yield from (decoder.decode(chunk).encode() for chunk in chain((head,), rest))
    yield decoder.decode(b"", final=True).encode()


def _byte_lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    rest, number = b"", 0
    for chunk in chunks:
        lines = (rest + chunk).splitlines(keepends=True)
        # The last line may go on in the next chunk, and a CR at its end may be the first half of a CRLF.
        rest = lines.pop() if lines and not lines[-1].endswith(b"\n") else b""
        number += len(lines)
        yield from lines
        if len(rest) > LONGEST_LINE:
            raise UnreadableFile("not-text", f"line {number + 1} is longer than {LONGEST_LINE} bytes")
    if rest:
        yield rest


def csv_records(stream: BinaryIO, delimiter: str = ",") -> Iterator[CsvRecord]:
    """The records of a CSV file, blank lines left out. A record that cannot be read is given as broken and reading goes on."""
    rows = csv.reader(text_lines(stream), delimiter=delimiter)
    while True:
        line = rows.line_num + 1
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield CsvRecord(line, rows.line_num - line + 1, [], str(error))
            continue
        if cells:
            yield CsvRecord(line, rows.line_num - line + 1, cells)
