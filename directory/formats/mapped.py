"""Reads any CSV file whose columns a map explains (`column_map.py`). Columns that the map does not name are never looked at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import BinaryIO

from directory.domain.listings import ListingDraft, Status, natural_key
from directory.domain.taxonomy import FACETS, Code, CodeBook
from directory.formats.column_map import ColumnMap, MapError, load_map
from directory.formats.columns import Header, read_header
from directory.formats.languages import language_codes
from directory.formats.lines import CsvRecord, csv_records
from directory.formats.mapped_fields import (
    ages,
    capacities,
    links,
    phones,
    read_address,
    read_times,
    verified_on,
)
from directory.formats.mapped_record import Cells
from directory.formats.rows import LONGEST_KEY, Rejected, Row, Rows
from directory.formats.text import cut

__all__ = ["ColumnMap", "MapError", "load_map", "read"]


def read(stream: BinaryIO, codes: CodeBook, column_map: ColumnMap) -> Rows:
    """The rows of a file, `line` being the line where a record starts, the header being 1.

    A row that the map says to leave out is rejected with that reason, so that every row of the file is accounted for. Raises
    UnreadableFile at once with "empty", "not-text" or "no-header", which names the columns that the map needs and are not there.
    """
    records = csv_records(stream, column_map.delimiter)
    header = read_header(records, column_map.needed, column_map.columns)
    return (_row(record, header, codes, column_map) for record in records)


def _row(record: CsvRecord, header: Header, codes: CodeBook, column_map: ColumnMap) -> Row | Rejected:
    given = header.cells(record)
    if isinstance(given, str):
        return Rejected(record.line, given)
    cells = Cells(given, column_map)
    if reason := cells.left_out():
        return Rejected(record.line, reason, is_meant=True)
    if cells.kind is None:
        return Rejected(record.line, f"no kind for: {cut(cells.line('kind'), 60) or 'a blank cell'}")
    if not cells.line("name"):
        return Rejected(record.line, "no name")
    draft = _draft(cells, cells.kind, codes)
    key = _key(cells) if column_map.key else natural_key(draft)
    if not key:
        return Rejected(record.line, f"no key: {', '.join(column_map.key)}")
    if len(key) > LONGEST_KEY:
        return Rejected(record.line, f"key longer than {LONGEST_KEY} characters")
    return Row(record.line, replace(draft, key=key), cells.raw(), tuple(cells.warnings))


def _key(cells: Cells) -> str:
    parts = [" ".join(cells.given(column).casefold().split()) for column in cells.map.key]
    return "|".join(parts) if any(parts) else ""


def _draft(cells: Cells, kind: str, book: CodeBook) -> ListingDraft:
    program = cells.choice("program")
    codes = _codes(cells, program, book)
    walk = book.crosswalk(codes)
    address = read_address(cells)
    windows, hours_text = read_times(cells, kind)
    url = links(cells, "conference_url", cells.line("place") or None)
    youngest, oldest = ages(cells)
    return ListingDraft(
        key="",
        kind=kind,
        name=cells.line("name"),
        address=address,
        organization=cells.line("organization") or None,
        description=cells.notes("description") or None,
        status=Status(cells.choice("status") or Status.ACTIVE),
        attendance=cells.choice("attendance") or _attendance(kind, bool(url), bool(address.street)),
        program=program,
        codes=codes,
        windows=windows,
        hours_text=hours_text,
        phones=phones(cells, address.country),
        urls=links(cells, "website"),
        conference_url=url[0].url if url else None,
        conference_phone=cells.line("conference_phone", 80) or None,
        conference_notes=cells.notes("conference_notes") or None,
        languages=_languages(cells) or walk.languages,
        care=_facet(cells, "care", walk.care),
        pay=_facet(cells, "pay", walk.pay),
        people=_facet(cells, "people", walk.people),
        medication=_facet(cells, "medication", walk.medication),
        access=_facet(cells, "access", walk.access),
        minimum_age=youngest,
        maximum_age=oldest,
        eligibility=cells.notes("eligibility") or None,
        application_process=cells.notes("how_to_apply") or None,
        fees=cells.notes("fees") or None,
        required_documents=cells.notes("documents") or None,
        coverage=cells.line("coverage", 120) or None,
        capacities=capacities(cells, address.timezone),
        verified_on=verified_on(cells),
        source_url=next((link.url for link in links(cells, "source_url")), None),
    )


def _attendance(kind: str, online: bool, has_street: bool) -> str | None:
    if online:
        return "hybrid" if has_street else "online"
    return "in-person" if kind == "meeting" else None


def _codes(cells: Cells, program: str | None, book: CodeBook) -> tuple[Code, ...]:
    """Codes of the program by code or English name. A tick stands for many programs, so one that lacks its code is no fault."""
    found: dict[Code, None] = {}
    for name, is_ticked in (
        *((name, False) for name in cells.words("types")),
        *((name, True) for name in cells.ticked("type")),
    ):
        info = book.find(program or "", name) or book.find_by_name(program or "", name)
        if info:
            found[info.code] = None
        elif not is_ticked:
            cells.warn("unknown-type", name)
    return tuple(found)


def _facet(cells: Cells, facet: str, derived: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """The values of a facet in the order of its vocabulary: of its columns, its ticks and the codes; None where nothing says any."""
    found = {*cells.several(facet), *cells.ticked(facet), *(derived or ())}
    return _ordered(FACETS[facet], found)


def _ordered(vocabulary: Iterable[str], found: set[str]) -> tuple[str, ...] | None:
    return tuple(value for value in vocabulary if value in found) or None


def _languages(cells: Cells) -> tuple[str, ...] | None:
    found: dict[str, None] = {}
    for text in cells.words("languages"):
        known, unknown = language_codes(text)
        found.update(dict.fromkeys(known))
        for name in unknown:
            cells.warn("unknown-language", name)
    return tuple(found) or None
