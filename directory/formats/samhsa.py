"""Reads SAMHSA's lists of facilities: the two workbooks of the National Directory, the same as CSV, and the older layouts (FORMATS d).

One row is one facility in one of the lists; the layouts themselves are in `samhsa_layouts.py`. A code that is missing was
not reported, which is not "no", so what the codes do not say stays unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain
from typing import BinaryIO

from directory.domain.errors import UnreadableFile
from directory.domain.listings import Address, Link, ListingDraft, Phone, fold
from directory.domain.taxonomy import PEOPLE, Code, CodeBook
from directory.formats.addresses import state_code, us_zip
from directory.formats.lines import CsvRecord, csv_records
from directory.formats.phones import read_phones
from directory.formats.places import read_point
from directory.formats.rows import LONGEST_KEY, Rejected, Row, Rows
from directory.formats.samhsa_layouts import COLUMNS, REQUIRED, Layout, layout_of
from directory.formats.text import cut
from directory.formats.urls import web_address
from directory.formats.workbook import is_workbook, sheets

__all__ = ["COLUMNS", "REQUIRED", "read"]

SYSTEM, EDITION = "samhsa", "2024"
SUBSTANCE_CARE = frozenset({"SA", "DT", "SUMH"})
"""The types of care that make a row of the mental-health list treatment (DESIGN 4.1)."""
KEY_SHEET_ROWS = 500

_CONTINUES = re.compile(r"(?:\b(?:and|at|by|for|from|in|of|on|the|to|with)|[&,/-])$", re.IGNORECASE)
_CONTINUED = re.compile(r"(?:and|for|of)\b|&", re.IGNORECASE)


def read(stream: BinaryIO, codes: CodeBook) -> Rows:
    """The rows of a file, one after the other; `line` is the line or the row of the sheet, the header being 1.

    A row without a column `directory_type` belongs to the list that the workbook's key of codes is of; else, with the code MH,
    to the mental-health list, and any other to the substance-use list: all of the one carry it and none of the other (d.4).
    Raises UnreadableFile at once with "empty", "not-text", "not-a-workbook", "too-large" or "no-header" (its detail names what
    is missing).
    """
    if is_workbook(stream):
        records, layout = _of_workbook(stream)
        return (_row(record, layout, codes, may_be_short=True) for record in records)
    records = csv_records(stream)
    first = next(records, None)
    if first is None:
        raise UnreadableFile("empty")
    layout = layout_of(first.cells)
    return (_row(record, layout, codes) for record in records)


def _of_workbook(stream: BinaryIO) -> tuple[Iterator[CsvRecord], Layout]:
    """The records of the first sheet that lists facilities, with the list that the other sheets' key of codes is of."""
    found: tuple[Iterator[CsvRecord], Layout] | None = None
    refused: UnreadableFile | None = None
    words: set[str] = set()
    for records in sheets(stream):
        if (first := next(records, None)) is None:
            continue
        try:
            found = found or (records, layout_of(first.cells))
        except UnreadableFile as error:
            refused = refused or error
        if found is None or found[0] is not records:
            words.update(cell.strip() for record in _some(first, records) for cell in record.cells)
    if found is None:
        raise refused or UnreadableFile("empty")
    # Transitional housing and detoxification are asked of the one list alone, the code MH is of the other (d.4).
    directory = "substance" if {"HH", "DT"} & words else "mental" if "MH" in words else None
    return found[0], replace(found[1], directory=directory)


def _some(first: CsvRecord, records: Iterator[CsvRecord]) -> Iterable[CsvRecord]:
    return chain((first,), (record for record, _ in zip(records, range(KEY_SHEET_ROWS), strict=False)))


def _row(record: CsvRecord, layout: Layout, codes: CodeBook, *, may_be_short: bool = False) -> Row | Rejected:
    cells = layout.cells(record, may_be_short=may_be_short)
    if isinstance(cells, str):
        return Rejected(record.line, cells)
    missing = _missing(cells)
    if missing:
        return Rejected(record.line, f"no {missing}")
    zip_code = us_zip(cells["zip"], state_code(cells["state"]))
    if zip_code is None:
        return Rejected(record.line, f"unreadable ZIP: {cut(cells['zip'], 20)}")
    warnings: list[str] = []
    words = ["OTP"] if layout.of_opioid_programs else layout.ticked(record)
    known = _codes(chain(cells.get("service_code_info", "").replace("*", " ").split(), words), codes, warnings)
    if not known and "service_code_info" in cells:
        return Rejected(record.line, "no service code of the key")
    directory = _directory(cells, known, layout)
    if directory is None:
        return Rejected(record.line, f"unknown directory type: {cut(cells['directory_type'], 20) or 'blank'}")
    draft = _draft(cells, directory, zip_code, known, codes, warnings)
    if len(draft.key) > LONGEST_KEY:
        return Rejected(record.line, f"name and street longer than {LONGEST_KEY} characters")
    raw = {**cells, "codes": " ".join(words)} if words else cells
    return Row(record.line, draft, dict(raw), tuple(warnings))


def _missing(cells: dict[str, str]) -> str:
    names = {
        "name": cells["name1"] or cells.get("name2"),
        "city": cells["city"],
        "state": cells["state"],
        "ZIP": cells["zip"],
    }
    absent = [name for name, value in names.items() if not value]
    return " and ".join(filter(None, (", ".join(absent[:-1]), *absent[-1:])))


def _codes(words: Iterable[str], book: CodeBook, warnings: list[str]) -> tuple[Code, ...]:
    """The codes as a set in the order of the file: the groups between " * " are categories without a fixed position.

    Codes are upper case; in another case "at" would be activity therapy in a line of prose that has slipped into the table.
    """
    found: dict[Code, None] = {}
    for word in dict.fromkeys(words):
        info = book.find(SYSTEM, word, EDITION)
        if info and info.code.code == word:
            found[info.code] = None
        else:
            warnings.append(f"unknown-code: {cut(word, 40)}")
    return tuple(found)


def _directory(cells: dict[str, str], known: tuple[Code, ...], layout: Layout) -> str | None:
    """Which list the row belongs to: "substance", "mental" or "otp"; None for a word that is none of them."""
    if layout.of_opioid_programs:
        return "otp"
    if "directory_type" in cells:
        word = cells["directory_type"].lower()
        return next((name for name in ("substance", "mental") if word == name or word.startswith(name + " ")), None)
    if sort := {"SA": "substance", "MH": "mental"}.get(cells.get("type_facility", "").upper()):
        return sort
    return layout.directory or ("mental" if any(code.code == "MH" for code in known) else "substance")


def _draft(
    cells: dict[str, str], directory: str, zip_code: str, known: tuple[Code, ...], book: CodeBook, warnings: list[str]
) -> ListingDraft:
    organization, name = _names(cells["name1"], cells.get("name2", ""))
    names = {code.code for code in known}
    facets = book.crosswalk(known)
    is_treatment = directory != "mental" or not SUBSTANCE_CARE.isdisjoint(names)
    return ListingDraft(
        key=_key(directory, cells, zip_code),
        kind="treatment" if is_treatment else "health",
        name=cut(name, 255),
        organization=cut(organization, 255),
        address=_address(cells, zip_code, warnings),
        attendance="hybrid" if "TELE" in names else "in-person",
        codes=known,
        phones=_phones(cells),
        urls=_urls(cells, warnings),
        languages=facets.languages,
        care=facets.care,
        pay=facets.pay,
        people=_people(facets.people, names),
        medication=facets.medication,
        access=facets.access,
    )


def _key(directory: str, cells: dict[str, str], zip_code: str) -> str:
    parts = (directory, cells["name1"], cells.get("name2", ""), cells.get("street1", ""), zip_code)
    return "|".join(part.casefold() for part in parts)


def _names(name1: str, name2: str) -> tuple[str, str]:
    """Who runs it, and what it is called: "Organization – Site", or one name that was cut over two columns."""
    if not name1 or not name2 or fold(name1) == fold(name2):
        return name1 or name2, name1 or name2
    if _CONTINUES.search(name1) or _CONTINUED.match(name2):
        return f"{name1} {name2}", f"{name1} {name2}"
    return name1, f"{name1} – {name2}"


def _address(cells: dict[str, str], zip_code: str, warnings: list[str]) -> Address:
    state = state_code(cells["state"])
    if state is None:
        warnings.append(f"unknown-state: {cut(cells['state'], 40)}")
    return Address(
        street=cut(cells.get("street1", ""), 255) or None,
        street_2=cut(cells.get("street2", ""), 255) or None,
        city=cut(cells["city"], 120),
        state=state or cut(cells["state"], 40),
        postal_code=zip_code,
        point=read_point(cells.get("latitude", ""), cells.get("longitude", "")),
    )


def _urls(cells: dict[str, str], warnings: list[str]) -> tuple[Link, ...]:
    text = cells.get("website", "")
    url = web_address(text)
    if text and url is None:
        warnings.append("unusable-url: website")
    return (Link(url),) if url else ()


def _phones(cells: dict[str, str]) -> tuple[Phone, ...]:
    """The main line, then those for intake; one number with one extension comes once."""
    found: dict[tuple[str, str | None], Phone] = {}
    for name in ("phone", "intake1", "intake1a", "intake2", "intake2a"):
        for phone in read_phones(cells.get(name, ""), None if name == "phone" else "intake"):
            found.setdefault((phone.number, phone.extension), phone)
    return tuple(found.values())


def _people(people: tuple[str, ...] | None, names: set[str]) -> tuple[str, ...] | None:
    """Whom it serves; a place that takes women alone, or men alone, is theirs even without a program of that name."""
    if len(names & {"FEM", "MALE"}) != 1:
        return people
    alone = {"women"} if "FEM" in names else {"men"}
    return tuple(group for group in PEOPLE if group in alone.union(people or ()))
