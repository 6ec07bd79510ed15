"""The layouts in which SAMHSA's lists of facilities are published, told apart by their header (FORMATS d.1 to d.3).

All come out under the names of the yearly directory. What the rows mean is said in `samhsa.py`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from directory.domain.errors import UnreadableFile
from directory.formats.lines import CsvRecord
from directory.formats.text import one_line

REQUIRED = ("name1", "city", "state", "zip", "service_code_info")
COLUMNS = (
    "facility_id",
    "directory_type",
    "name1",
    "name2",
    "street1",
    "street2",
    "city",
    "state",
    "zip",
    "phone",
    "intake1",
    "intake2",
    "intake1a",
    "intake2a",
    "service_code_info",
)
"""The yearly directory; the workbooks as published are without the first two (d.1)."""
OLDER = ("name1", "city", "state", "zip", "type_facility")
OLDER_COLUMNS = (*COLUMNS, "zip4", "county", "intake_prompt", "website", "latitude", "longitude", "type_facility")
"""The locator's own export: no codes in one cell, but a column for each (d.2)."""

_OPIOID_DIRECTORY = {
    "program_name": "name1",
    "street": "street1",
    "city": "city",
    "state": "state",
    "zip": "zip",
    "phone": "phone",
    "certification": "",
}
"""The directory of opioid treatment programs (d.3)."""
_OPIOID_POINTS = {
    "id": "name1",
    "address": "street1",
    "city": "city",
    "state": "state",
    "postal": "zip",
    "latitude": "latitude",
    "longitude": "longitude",
}
"""The same programs with coordinates, as GeoDa's Opioid Environment Policy Scan publishes them: ID is the name."""
_CODE = re.compile(r"[a-z][a-z0-9]{1,7}")


@dataclass(frozen=True, slots=True)
class Layout:
    """What each column is: `names` has one name a column, "" for one that is not read; `codes` the service codes by column.

    `of_opioid_programs`: every row is such a program. `directory` is the list that the whole file belongs to, where it says so.
    """

    names: tuple[str, ...]
    codes: Mapping[int, str] = field(default_factory=dict)
    of_opioid_programs: bool = False
    directory: str | None = None

    def cells(self, record: CsvRecord, *, may_be_short: bool = False) -> dict[str, str] | str:
        """The cells of a record by name, or why it has none. A sheet leaves out the blank cells at the end of a row."""
        if record.broken:
            return record.broken
        given, wanted = record.cells, len(self.names)
        if (len(given) < wanted and not may_be_short) or any(cell.strip() for cell in given[wanted:]):
            spans = f" over {record.lines} lines, a quote may not be closed" if record.lines > 1 else ""
            return f"{len(given)} columns instead of {wanted}{spans}"
        found = dict.fromkeys(filter(None, self.names), "")
        for name, cell in reversed(
            list(zip(self.names, given, strict=False))
        ):  # of two columns of one name the first counts
            if name:
                found[name] = one_line(cell)
        return found

    def ticked(self, record: CsvRecord) -> list[str]:
        """The codes whose columns are ticked in a record."""
        return [
            code
            for column, code in self.codes.items()
            if column < len(record.cells)
            and record.cells[column].strip().lower() in ("1", "1.0", "y", "yes", "true", "x")
        ]


def layout_of(cells: list[str]) -> Layout:
    """The layout that a header has. Raises UnreadableFile "no-header" naming what the yearly directory would need."""
    header = [cell.strip().lower().replace(" ", "_") for cell in cells]
    for columns in (_OPIOID_DIRECTORY, _OPIOID_POINTS):
        if set(columns) <= set(header):
            return Layout(tuple(columns.get(name, "") for name in header), of_opioid_programs=True)
    if "service_code_info" not in header and set(OLDER) <= set(header):
        first = header.index("type_facility") + 1
        codes = {
            column: name.upper()
            for column, name in enumerate(header)
            if column >= first and _CODE.fullmatch(name) and name not in OLDER_COLUMNS
        }
        return Layout(tuple(name if name in OLDER_COLUMNS else "" for name in header), codes)
    missing = [name for name in REQUIRED if name not in header]
    if missing:
        raise UnreadableFile("no-header", f"missing: {', '.join(missing)}")
    return Layout(tuple(name if name in COLUMNS else "" for name in header))
