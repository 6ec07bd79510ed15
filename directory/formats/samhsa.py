"""Reads SAMHSA's National Directory as CSV: the substance-use and the mental-health list, apart or in one file (FORMATS d.1).

One row is one facility in one of the two lists. Coordinates and hours are not in it. A code that is missing was not
reported, which is not "no", so what the codes do not say stays unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from directory.domain.errors import UnreadableFile
from directory.domain.listings import Address, ListingDraft, Phone, fold
from directory.domain.taxonomy import PEOPLE, Code, CodeBook
from directory.formats.addresses import state_code, us_zip
from directory.formats.lines import CsvRecord, csv_records
from directory.formats.rows import Rejected, Row, Rows
from directory.formats.text import cut, one_line, read_phone

SYSTEM, EDITION = "samhsa", "2024"
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
SUBSTANCE_CARE = frozenset({"SA", "DT", "SUMH"})
"""The types of care that make a row of the mental-health list treatment (DESIGN 4.1)."""

_CONTINUES = re.compile(r"(?:\b(?:and|at|by|for|from|in|of|on|the|to|with)|[&,/-])$", re.IGNORECASE)
_CONTINUED = re.compile(r"(?:and|for|of)\b|&", re.IGNORECASE)


def read(stream: BinaryIO, codes: CodeBook) -> Rows:
    """The rows of a directory file, one after the other; `line` is the line where a record starts, the header being 1.

    Without a column `directory_type`, as in SAMHSA's own two workbooks, a row with the code MH belongs to the mental-health
    list and any other to the substance-use list: all of the one carry it and none of the other (FORMATS d.4).
    Raises UnreadableFile at once with "empty", "not-text" or "no-header" (its detail names what is missing).
    """
    records = csv_records(stream)
    header = _header(records)
    return (_row(record, header, codes) for record in records)


def _header(records: Iterator[CsvRecord]) -> list[str]:
    first = next(records, None)
    if first is None:
        raise UnreadableFile("empty")
    header = [cell.strip().lower().replace(" ", "_") for cell in first.cells]
    missing = [name for name in REQUIRED if name not in header]
    if missing:
        raise UnreadableFile("no-header", f"missing: {', '.join(missing)}")
    return header


def _row(record: CsvRecord, header: list[str], codes: CodeBook) -> Row | Rejected:
    cells = _cells(record, header)
    if isinstance(cells, str):
        return Rejected(record.line, cells)
    missing = _missing(cells)
    if missing:
        return Rejected(record.line, f"no {missing}")
    zip_code = us_zip(cells["zip"])
    if zip_code is None:
        return Rejected(record.line, f"unreadable ZIP: {cut(cells['zip'], 20)}")
    warnings: list[str] = []
    known = _codes(cells["service_code_info"], codes, warnings)
    if not known:
        return Rejected(record.line, "no service code of the key")
    directory = _directory(cells, known)
    if directory is None:
        return Rejected(record.line, f"unknown directory type: {cut(cells['directory_type'], 20) or 'blank'}")
    draft = _draft(cells, directory, zip_code, known, codes, warnings)
    return Row(record.line, draft, dict(cells), tuple(warnings))


def _cells(record: CsvRecord, header: list[str]) -> dict[str, str] | str:
    """The cells of the known columns by name, or why the record has none."""
    if record.broken:
        return record.broken
    if len(record.cells) < len(header) or any(cell.strip() for cell in record.cells[len(header) :]):
        spans = f" over {record.lines} lines, a quote may not be closed" if record.lines > 1 else ""
        return f"{len(record.cells)} columns instead of {len(header)}{spans}"
    cells: dict[str, str] = {}
    for name, cell in zip(header, record.cells, strict=False):
        if name in COLUMNS:
            cells.setdefault(name, one_line(cell))
    return cells


def _missing(cells: dict[str, str]) -> str:
    names = {
        "name": cells["name1"] or cells.get("name2"),
        "city": cells["city"],
        "state": cells["state"],
        "ZIP": cells["zip"],
    }
    absent = [name for name, value in names.items() if not value]
    return " and ".join(filter(None, (", ".join(absent[:-1]), *absent[-1:])))


def _codes(text: str, book: CodeBook, warnings: list[str]) -> tuple[Code, ...]:
    """The codes as a set in the order of the file: the groups between " * " are categories without a fixed position.

    Codes are upper case; in another case "at" would be activity therapy in a line of prose that has slipped into the table.
    """
    found: dict[Code, None] = {}
    for word in dict.fromkeys(text.replace("*", " ").split()):
        info = book.find(SYSTEM, word, EDITION)
        if info and info.code.code == word:
            found[info.code] = None
        else:
            warnings.append(f"unknown-code: {cut(word, 40)}")
    return tuple(found)


def _directory(cells: dict[str, str], known: tuple[Code, ...]) -> str | None:
    """Which list the row belongs to: "substance" or "mental"."""
    if "directory_type" not in cells:
        return "mental" if any(code.code == "MH" for code in known) else "substance"
    word = cells["directory_type"].lower()
    return next((name for name in ("substance", "mental") if word == name or word.startswith(name + " ")), None)


def _draft(
    cells: dict[str, str], directory: str, zip_code: str, known: tuple[Code, ...], book: CodeBook, warnings: list[str]
) -> ListingDraft:
    organization, name = _names(cells["name1"], cells.get("name2", ""))
    names = {code.code for code in known}
    facets = book.crosswalk(known)
    is_treatment = directory == "substance" or not SUBSTANCE_CARE.isdisjoint(names)
    return ListingDraft(
        key=_key(directory, cells, zip_code),
        kind="treatment" if is_treatment else "health",
        name=cut(name, 255),
        organization=cut(organization, 255),
        address=_address(cells, zip_code, warnings),
        attendance="hybrid" if "TELE" in names else "in-person",
        codes=known,
        phones=_phones(cells),
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
    )


def _phones(cells: dict[str, str]) -> tuple[Phone, ...]:
    """The main line, then those for intake; one number with one extension comes once."""
    found: dict[tuple[str, str | None], Phone] = {}
    for name in ("phone", "intake1", "intake1a", "intake2", "intake2a"):
        phone = read_phone(cells.get(name, ""), None if name == "phone" else "intake")
        if phone:
            found.setdefault((phone.number, phone.extension), phone)
    return tuple(found.values())


def _people(people: tuple[str, ...] | None, names: set[str]) -> tuple[str, ...] | None:
    """Whom it serves; a place that takes women alone, or men alone, is theirs even without a program of that name."""
    if len(names & {"FEM", "MALE"}) != 1:
        return people
    alone = {"women"} if "FEM" in names else {"men"}
    return tuple(group for group in PEOPLE if group in alone.union(people or ()))
