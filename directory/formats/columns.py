"""A table with a header: its columns by name, whatever their case and blanks, and its records as cells by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from directory.domain.errors import UnreadableFile
from directory.domain.listings import squeeze
from directory.formats.lines import CsvRecord
from directory.formats.text import scrub


@dataclass(frozen=True, slots=True)
class Header:
    """Where each wanted column stands, and how many there are in all."""

    places: dict[str, int]
    width: int

    def cells(self, record: CsvRecord) -> dict[str, str] | str:
        """The wanted cells by name, as they stand but for stray signs and blanks round them; or why the record has none."""
        if record.broken:
            return record.broken
        if len(record.cells) < self.width or any(cell.strip() for cell in record.cells[self.width :]):
            spans = f" over {record.lines} lines, a quote may not be closed" if record.lines > 1 else ""
            return f"{len(record.cells)} columns instead of {self.width}{spans}"
        return {name: scrub(record.cells[place]).strip() for name, place in self.places.items()}


def read_header(records: Iterator[CsvRecord], needed: Iterable[str], wanted: Iterable[str] = ()) -> Header:
    """The header of a table, taken from its first record. Of two columns of one name the first counts.

    Raises UnreadableFile with "empty", or "no-header" naming every column of `needed` that is not there.
    """
    first = next(records, None)
    if first is None:
        raise UnreadableFile("empty")
    found: dict[str, int] = {}
    for place, cell in enumerate(first.cells):
        found.setdefault(squeeze(scrub(cell)), place)
    needed = list(needed)
    missing = [name for name in needed if squeeze(name) not in found]
    if missing:
        raise UnreadableFile("no-header", f"missing: {', '.join(missing)}")
    places = {name: found[squeeze(name)] for name in (*needed, *wanted) if squeeze(name) in found}
    return Header(places, len(first.cells))
