"""SAMHSA's two workbooks as they are published, its older layouts, and workbooks that are none or are meant to do harm."""

from __future__ import annotations

import csv
import zipfile
from collections import Counter
from datetime import date, datetime
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from directory.domain.errors import UnreadableFile
from directory.domain.geo import Point
from directory.domain.listings import Link, Phone
from directory.formats import samhsa, workbook
from directory.formats.rows import Rejected, Row
from directory.formats.samhsa_layouts import COLUMNS
from tests.formats.books import BOOK, FACILITY
from tests.formats.golden import FIXTURES, expected, told

PUBLISHED = COLUMNS[2:]
"""The header of the first sheet, to the letter (FORMATS d.1)."""
SUBSTANCE_KEY = [
    ["category_code", "service_code", "service_name"],
    ["TC", "DT", "Detoxification"],
    ["TC", "HH", "House"],
]
MENTAL_KEY = [["category_code", "service_code", "service_name"], ["TC", "MH", "Mental health treatment"]]


def book(*sheets: list[list[object]]) -> bytes:
    made = openpyxl.Workbook(write_only=True)
    for number, rows in enumerate(sheets):
        sheet = made.create_sheet(f"Sheet {number}")
        for row in rows:
            sheet.append(row)
    content = BytesIO()
    made.save(content)
    return content.getvalue()


def facilities(*rows: dict[str, object], columns: tuple[str, ...] = PUBLISHED) -> list[list[object]]:
    return [list(columns), *([row.get(column) for column in columns] for row in rows)]


def read(content: bytes) -> list[Row | Rejected]:
    return list(samhsa.read(BytesIO(content), BOOK))


def refusal(content: bytes) -> tuple[str, str]:
    with pytest.raises(UnreadableFile) as caught:
        read(content)
    return caught.value.reason, caught.value.detail


def keys(rows: list[Row | Rejected]) -> list[str]:
    return [row.draft.key for row in rows if isinstance(row, Row)]


def as_csv(columns: tuple[str, ...], *rows: dict[str, str]) -> bytes:
    return "\n".join(
        ",".join(cells) for cells in [columns, *([row.get(name, "") for name in columns] for row in rows)]
    ).encode()


def test_a_workbook_gives_what_the_same_rows_give_as_csv() -> None:
    golden = [row for row in expected("samhsa.golden.json") if "key" in row and str(row["key"]).startswith("substance")]
    with (FIXTURES / "samhsa.csv").open(encoding="utf-8", newline="") as stream:
        given = [row for row in csv.DictReader(stream) if f"{row['name1']}".casefold() in str(golden).casefold()]
    rows = told(read(book(facilities(*given), SUBSTANCE_KEY)))
    found = {row["key"]: row for row in rows if "key" in row}
    assert golden
    for row in golden:
        assert {**found[row["key"]], "line": 0} == {**row, "line": 0}


@pytest.mark.parametrize(
    ("key_sheet", "services", "directory"),
    [
        (SUBSTANCE_KEY, "SA * OP", "substance"),
        (MENTAL_KEY, "MH * OP", "mental"),
        (MENTAL_KEY, "SUMH * OP", "mental"),
        ([["nothing"]], "MH * OP", "mental"),
        ([["nothing"]], "SA * OP", "substance"),
    ],
)
def test_the_key_of_codes_tells_the_two_books_apart_and_else_the_codes_do(
    key_sheet: list[list[object]], services: str, directory: str
) -> None:
    [key] = keys(read(book(facilities({**FACILITY, "service_code_info": services}), key_sheet)))
    assert key == f"{directory}|juniper house||14 second street|05641"


def test_the_sheet_with_the_facilities_may_be_any() -> None:
    assert len(keys(read(book([["Read me first"]], [], facilities(FACILITY), SUBSTANCE_KEY)))) == 1


def test_the_row_of_the_sheet_is_the_line() -> None:
    rows = read(book(facilities(FACILITY, {}, {**FACILITY, "zip": None}, {**FACILITY, "name1": "Elm House"})))
    assert [(row.line, type(row)) for row in rows] == [(2, Row), (4, Rejected), (5, Row)]


def test_cells_with_numbers_are_read_as_the_texts_they_stand_for() -> None:
    [row] = read(
        book(facilities({**FACILITY, "zip": 5641, "phone": 8025550111, "street1": 14.0, "name2": date(2024, 5, 1)}))
    )
    assert isinstance(row, Row)
    assert (row.draft.address.postal_code, row.draft.address.street) == ("05641", "14")
    assert row.draft.phones == (Phone("802-555-0111"),)
    assert row.draft.name == "Juniper House – 2024-05-01"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (19801.0, "19801"),
        (True, "true"),
        (datetime(2024, 5, 1, 9, 30), "2024-05-01 09:30"),
        ("#N/A", None),
        ("=1/0", None),
    ],
)
def test_every_sort_of_cell_is_a_text(value: object, text: str | None) -> None:
    [row] = workbook.sheets(BytesIO(book([["first", value, "last"]])))[0]
    assert row.cells[1] == (text or "")


def test_a_row_that_ends_early_has_blank_cells() -> None:
    columns = ("name1", "city", "state", "zip", "service_code_info", "phone")
    [row] = read(book(facilities(FACILITY | {"phone": None}, columns=columns)))
    assert isinstance(row, Row)
    assert row.draft.phones == ()


@pytest.mark.parametrize(
    ("content", "reason", "detail"),
    [
        (b"PK\x03\x04 and no more", "not-a-workbook", "a broken archive"),
        (book([["Program", "Place"], ["A", "B"]]), "no-header", "missing: name1, city, state, zip, service_code_info"),
        (book([["name1", "city"], ["A", "B"]]), "no-header", "missing: state, zip, service_code_info"),
        (book([]), "empty", ""),
    ],
    ids=["broken", "another", "columns-missing", "empty"],
)
def test_a_workbook_that_is_no_directory_is_refused(content: bytes, reason: str, detail: str) -> None:
    assert refusal(content) == (reason, detail)


def test_an_archive_of_something_else_is_refused() -> None:
    content = BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("letter.txt", "Dear reader")
    assert refusal(content.getvalue())[0] == "not-a-workbook"


def test_a_workbook_that_breaks_off_in_the_middle_is_refused() -> None:
    whole = book(facilities(*[FACILITY] * 50))
    with zipfile.ZipFile(BytesIO(whole)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = next(name for name in parts if "worksheets" in name)
    parts[sheet] = parts[sheet][: len(parts[sheet]) // 2]
    content = BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    assert refusal(content.getvalue())[0] == "not-a-workbook"


def test_an_archive_that_would_unfold_to_too_much_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MOST_BYTES", 1_000_000)
    content = BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 2_000_000)
    assert len(content.getvalue()) < 10_000
    assert refusal(content.getvalue())[0] == "too-large"


def test_a_sheet_with_more_rows_than_any_list_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MOST_ROWS", 3)
    assert refusal(book(facilities(*[FACILITY] * 9)))[0] == "too-large"


OLDER = "name1 name2 street1 street2 city state zip zip4 county phone intake_prompt intake1 intake2 website latitude longitude".split()


def older(**fields: str) -> Row:
    columns = (*OLDER, "type_facility", "sa", "dt", "op", "md", "mh", "zztop", "remarks_of_ours")
    plain = {
        **FACILITY,
        "zip": "5641",
        "type_facility": "SA",
        "latitude": "44.2",
        "longitude": "-72.5",
        "sa": "1",
        "op": "1",
    }
    [row] = read(as_csv(columns, plain | fields))
    assert isinstance(row, Row)
    return row


def test_the_older_export_has_a_column_for_each_code() -> None:
    row = older(dt="0", md="1.0", website="www.example.org")
    assert [code.code for code in row.draft.codes] == ["SA", "OP", "MD"]
    assert (row.draft.kind, row.draft.care, row.draft.pay) == ("treatment", ("outpatient",), ("medicaid",))
    assert row.draft.address.point == Point(44.2, -72.5)
    assert row.draft.urls == (Link("https://www.example.org"),)
    assert row.draft.key == "substance|juniper house||14 second street|05641"
    assert row.warnings == ()


def test_the_older_export_may_be_a_workbook_too() -> None:
    columns = (*OLDER, "type_facility", "sa", "op")
    [row] = read(book(facilities(FACILITY | {"type_facility": "SA", "sa": 1, "op": 1}, columns=columns)))
    assert isinstance(row, Row)
    assert [code.code for code in row.draft.codes] == ["SA", "OP"]


@pytest.mark.parametrize(
    ("fields", "kind", "directory"),
    [
        ({"type_facility": "MH", "sa": "", "mh": "1"}, "health", "mental"),
        ({"type_facility": "MH", "mh": "1"}, "treatment", "mental"),
        ({"type_facility": "", "sa": "", "mh": "1"}, "health", "mental"),
        ({"type_facility": "SA", "sa": "", "op": ""}, "treatment", "substance"),
    ],
)
def test_the_older_export_says_itself_which_list_a_row_is_of(fields: dict[str, str], kind: str, directory: str) -> None:
    draft = older(**fields).draft
    assert (draft.kind, draft.key.split("|")[0]) == (kind, directory)


def test_a_code_that_the_key_lacks_and_a_web_address_that_is_none_are_told() -> None:
    assert older(zztop="1", website="ask at the desk").warnings == ("unknown-code: ZZTOP", "unusable-url: website")


@pytest.mark.parametrize(
    ("columns", "row"),
    [
        (
            (
                "Program Name",
                "Street",
                "City",
                "State",
                "Zip",
                "Phone",
                "Certification",
                "First Full Certification Date",
            ),
            ("Larkspur Methadone", "3 Elm Street", "Oldtown", "MA", "2302", "508-555-0114", "Certified", "5/1/2009"),
        ),
        (
            ("ID", "ADDRESS", "CITY", "STATE", "POSTAL", "Latitude", "Longitude"),
            ("Larkspur Methadone", "3 Elm Street", "Oldtown", "MA", "2302", "42.1", "-71.0"),
        ),
    ],
)
def test_both_lists_of_opioid_treatment_programs_are_known_by_their_header(
    columns: tuple[str, ...], row: tuple[str, ...]
) -> None:
    [found] = read(as_csv(columns, dict(zip(columns, row, strict=True))))
    assert isinstance(found, Row)
    assert (found.draft.key, found.draft.kind) == ("otp|larkspur methadone||3 elm street|02302", "treatment")
    assert found.draft.phones == (() if "POSTAL" in columns else (Phone("508-555-0114"),))
    assert (found.draft.address.point is None) is ("POSTAL" not in columns)


def test_every_opioid_treatment_program_of_the_real_list_is_read(sample_data: Path) -> None:
    path = sample_data / "samhsa-otp-geocoded" / "OpioidTreatmentProgram_Geocoded.csv"
    with path.open(encoding="cp1252", newline="") as stream:
        given = list(csv.DictReader(stream))
    rows = read(path.read_bytes())
    states = Counter(row.draft.address.state for row in rows if isinstance(row, Row))
    assert len(rows) == len(given) == 1831
    assert states == Counter(row["STATE"] for row in given)
    assert all(isinstance(row, Row) and row.draft.address.point for row in rows)


@pytest.mark.parametrize("state", ["VT", "DE", "RI", "DC"])
def test_a_real_state_in_a_workbook_is_the_state_as_csv(state: str, sample_data: Path) -> None:
    path = sample_data / "samhsa-national-directory" / f"sample_{state}.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        given = [row for row in csv.DictReader(stream) if row["directory_type"] == "substance"]
    expected_rows = [
        row for row in read(path.read_bytes()) if isinstance(row, Row) and row.draft.key.startswith("substance")
    ]
    found = [row for row in read(book(facilities(*given), SUBSTANCE_KEY)) if isinstance(row, Row)]
    assert found
    assert [row.draft for row in found] == [row.draft for row in expected_rows]
