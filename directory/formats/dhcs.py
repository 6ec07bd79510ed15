"""Reads California's list of licensed and certified treatment facilities (DHCS), the one source that states beds (FORMATS f).

What the licensing office wrote down is a licence, not an opening: how many places there are, never how many are free.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import BinaryIO
from zoneinfo import ZoneInfo

from directory.domain.listings import Address, Capacity, ListingDraft, Status
from directory.domain.taxonomy import CARE, PEOPLE, CodeBook
from directory.formats.addresses import state_code, us_zip
from directory.formats.columns import Header, read_header
from directory.formats.lines import CsvRecord, csv_records
from directory.formats.phones import read_phones
from directory.formats.places import read_point
from directory.formats.rows import Rejected, Row, Rows
from directory.formats.text import cut, one_line

NEEDED = (
    "license_number",
    "facility_name",
    "city",
    "state",
    "zip",
    "setting_code",
    "license_expiration",
    "license_expired",
)
WANTED = (
    "legal_entity",
    "address_line1",
    "address_line2",
    "additional_locations",
    "county",
    "phone",
    "offers_detox",
    "is_licensed",
    "is_certified",
    "treatment_capacity",
    "total_capacity",
    "target_population",
    "incidental_medical_services",
    "adolescent_waiver",
    "latitude",
    "longitude",
)
CARE_OF_SETTING = {"RES": "residential", "NON": "outpatient"}
"""Licensed homes are residential, certified programs outpatient. DSS and DPH name another office's licence, not a setting."""
PEOPLE_OF_POPULATION = {
    "MEN": "men",
    "MEN ONLY": "men",
    "WOMEN": "women",
    "WOMEN ONLY": "women",
    "CHILDREN": "parents",
    "CHILD": "parents",
    "FAMILIES": "parents",
    "YOUTH": "youth",
    "ADOLESCENT": "youth",
    "DUAL": "co-occurring",
    "DUAL DIAGNOSIS": "co-occurring",
}
"""Parts of "WOMEN/CHILD/DUAL"; co-ed says nothing that the search asks for."""
UNIT = "licensed bed"
"""Not "bed": what an agency reports of its beds must never be hidden by what its licence says."""
ZONE = ZoneInfo("America/Los_Angeles")


def read(stream: BinaryIO, codes: CodeBook) -> Rows:
    """The rows of the list, `line` being the line where a record starts, the header being 1. The file is read twice.

    `codes` is not used: the list has no codes of ours. Raises UnreadableFile at once with "empty", "not-text" or "no-header".
    """
    start = stream.tell()
    as_of = _made_after(stream)
    stream.seek(start)
    records = csv_records(stream)
    header = read_header(records, NEEDED, WANTED)
    return (_row(record, header, as_of) for record in records)


def _made_after(stream: BinaryIO) -> datetime | None:
    """A moment at which the list certainly was not older: the day after the last licence that it calls expired.

    The list has no date of its own, but a licence is called expired where it ended before the list was made. None where no
    licence has: then nothing says how old the figures are.
    """
    records = csv_records(stream)
    header = read_header(records, NEEDED)
    ends = [end for record in records if (end := _ended(header.cells(record)))]
    return datetime.combine(max(ends) + timedelta(days=1), time(), ZONE) if ends else None


def _ended(cells: dict[str, str] | str) -> date | None:
    if isinstance(cells, str) or not _is_true(cells["license_expired"]):
        return None
    end = _date(cells["license_expiration"])
    return end if end and end < date.max else None


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def _is_true(text: str) -> bool:
    return text.lower() in ("true", "t", "yes", "y", "1")


def _row(record: CsvRecord, header: Header, as_of: datetime | None) -> Row | Rejected:
    cells = header.cells(record)
    if isinstance(cells, str):
        return Rejected(record.line, cells)
    cells = dict.fromkeys(WANTED, "") | {name: one_line(cell) for name, cell in cells.items()}
    missing = [name for name in ("license_number", "facility_name", "city", "zip") if not cells[name]]
    if missing:
        return Rejected(record.line, f"no {' and '.join(missing)}")
    if len(cells["license_number"]) > 60:
        return Rejected(record.line, "no license_number: too long")
    zip_code = us_zip(cells["zip"], state_code(cells["state"]))
    if zip_code is None:
        return Rejected(record.line, f"unreadable ZIP: {cut(cells['zip'], 20)}")
    warnings: list[str] = []
    draft = _draft(cells, zip_code, as_of, warnings)
    return Row(record.line, draft, {name: cells[name] for name in (*NEEDED, *WANTED)}, tuple(warnings))


def _draft(cells: dict[str, str], zip_code: str, as_of: datetime | None, warnings: list[str]) -> ListingDraft:
    name, owner = cut(cells["facility_name"], 255), cut(cells["legal_entity"], 255)
    phone = read_phones(cells["phone"])
    if cells["phone"] and not phone:
        warnings.append("unknown-phone")
    return ListingDraft(
        key=cells["license_number"].casefold(),
        kind="treatment",
        name=name,
        organization=owner or None,
        address=_address(cells, zip_code),
        status=Status.INACTIVE if _is_true(cells["license_expired"]) else Status.ACTIVE,
        attendance="in-person",
        phones=phone,
        care=_care(cells),
        people=_people(cells, warnings),
        capacities=_capacities(cells, as_of, warnings),
    )


def _address(cells: dict[str, str], zip_code: str) -> Address:
    return Address(
        street=cut(cells["address_line1"], 255) or None,
        street_2=cut(cells["address_line2"], 255) or None,
        city=cut(cells["city"].rstrip(","), 120),
        state=state_code(cells["state"]) or cut(cells["state"], 40) or None,
        postal_code=zip_code,
        notes=cut(cells["additional_locations"], 2000) or None,
        point=read_point(cells["latitude"], cells["longitude"]),
    )


def _care(cells: dict[str, str]) -> tuple[str, ...] | None:
    found = {CARE_OF_SETTING.get(cells["setting_code"].upper(), "")}
    if _is_true(cells["offers_detox"]):
        found.add("detox")
    return _ordered(CARE, found)


def _people(cells: dict[str, str], warnings: list[str]) -> tuple[str, ...] | None:
    found = set()
    for part in filter(None, (part.strip() for part in cells["target_population"].upper().split("/"))):
        if part in PEOPLE_OF_POPULATION:
            found.add(PEOPLE_OF_POPULATION[part])
        elif part != "CO-ED":
            warnings.append(f"unknown-population: {cut(part, 40)}")
    if _is_true(cells["adolescent_waiver"]):
        found.add("youth")
    return _ordered(PEOPLE, found)


def _ordered(vocabulary: Iterable[str], found: set[str]) -> tuple[str, ...] | None:
    return tuple(value for value in vocabulary if value in found) or None


def _capacities(cells: dict[str, str], as_of: datetime | None, warnings: list[str]) -> tuple[Capacity, ...]:
    """The beds of the licence for those in treatment. A zero stands for a program without beds, and is no report."""
    text = cells["treatment_capacity"]
    if text in ("", "0"):
        return ()
    if not (text.isascii() and text.isdigit() and len(text) <= 5):
        warnings.append(f"unknown-capacity: {cut(text, 20)}")
        return ()
    if as_of is None:
        warnings.append("capacity-without-date")
        return ()
    care = CARE_OF_SETTING.get(cells["setting_code"].upper())
    return (Capacity(UNIT, available=None, maximum=int(text), as_of=as_of, care=care),)
