"""SAMHSA's directory: what a row becomes, which rows are turned away and by which line, and files in every shape of CSV."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from io import BytesIO, StringIO
from pathlib import Path

import pytest

from directory.domain.errors import UnreadableFile
from directory.domain.listings import ListingDraft, Phone
from directory.domain.taxonomy import CodeBook
from directory.formats import codes, samhsa
from directory.formats.lines import CHUNK
from directory.formats.rows import Rejected, Row
from directory.formats.samhsa import COLUMNS
from tests.formats.books import BOOK
from tests.formats.books import FACILITY as PUBLISHED
from tests.formats.golden import FIXTURES, expected, told

FACILITY = {"directory_type": "substance", **PUBLISHED}


def table(*rows: dict[str, str], columns: tuple[str, ...] = COLUMNS) -> str:
    text = StringIO()
    writer = csv.DictWriter(text, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def read(text: str | bytes) -> list[Row | Rejected]:
    return list(samhsa.read(BytesIO(text.encode() if isinstance(text, str) else text), BOOK))


def row_of(**fields: str) -> Row:
    [row] = read(table({**FACILITY, **fields}))
    assert isinstance(row, Row)
    return row


def draft_of(**fields: str) -> ListingDraft:
    return row_of(**fields).draft


def test_the_golden_table_is_read_as_it_should_be() -> None:
    with (FIXTURES / "samhsa.csv").open("rb") as stream:
        assert told(samhsa.read(stream, BOOK)) == expected("samhsa.golden.json")


@pytest.mark.parametrize(
    ("content", "reason", "detail"),
    [
        ("", "empty", ""),
        ("\n\n", "empty", ""),
        ("name1,city,state\nA,B,VT\n", "no-header", "missing: zip, service_code_info"),
        ("Program Name,Street\nA,B\n", "no-header", "missing: name1, city, state, zip, service_code_info"),
        (b"PK\x03\x04\x14\x00\x06\x00", "not-a-workbook", "a broken archive"),
        (table(FACILITY).encode("utf-16-le"), "not-text", "line 1"),
    ],
)
def test_a_file_that_is_no_directory_is_refused_before_the_first_row(
    content: str | bytes, reason: str, detail: str
) -> None:
    stream = BytesIO(content.encode() if isinstance(content, str) else content)
    with pytest.raises(UnreadableFile) as caught:
        samhsa.read(stream, BOOK)
    assert (caught.value.reason, caught.value.detail) == (reason, detail)


def test_a_header_alone_is_a_directory_without_rows() -> None:
    assert read(table()) == []


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_every_line_end_and_encoding_gives_the_same_rows(end: str, encoding: str) -> None:
    text = table({**FACILITY, "name1": "Casa José"}, FACILITY).replace("\n", end)
    rows = read(text.encode(encoding))
    assert [(row.line, row.draft.name) for row in rows if isinstance(row, Row)] == [
        (2, "Casa José"),
        (3, "Juniper House"),
    ]


def test_columns_may_come_in_any_order_and_case_with_others_beside_them() -> None:
    columns = ("Service_Code_Info", "ZIP", "County", "STATE", "city", "name1")
    row = dict(zip(columns, ("SA", "5641", "Cedar", "VT", "Cedar Falls", "A"), strict=True))
    [found] = read(table(row, columns=columns))
    assert isinstance(found, Row)
    assert found.draft.address.postal_code == "05641"
    assert found.raw == {"service_code_info": "SA", "zip": "5641", "state": "VT", "city": "Cedar Falls", "name1": "A"}


def test_a_record_over_several_lines_is_named_by_its_first() -> None:
    text = table({**FACILITY, "name2": "First\nand second\nfloor"}, {**FACILITY, "zip": ""}, FACILITY)
    assert [row.line for row in read(text)] == [2, 5, 6]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"city": "", "state": "", "zip": ""}, "no city, state and ZIP"),
        ({"city": " ", "zip": ""}, "no city and ZIP"),
        ({"zip": ""}, "no ZIP"),
        ({"name1": ""}, "no name"),
        ({"zip": "ABCDE"}, "unreadable ZIP: ABCDE"),
        ({"name1": "Juniper " * 100}, "name and street longer than 500 characters"),
        ({"zip": "1960", "state": "PA"}, "unreadable ZIP: 1960"),
        ({"service_code_info": ""}, "no service code of the key"),
        ({"service_code_info": "Outpatient treatment at night"}, "no service code of the key"),
        ({"directory_type": "bakery"}, "unknown directory type: bakery"),
        ({"directory_type": ""}, "unknown directory type: blank"),
    ],
)
def test_a_row_is_turned_away_with_its_line_and_the_reason(fields: dict[str, str], reason: str) -> None:
    assert read(table(FACILITY, {**FACILITY, **fields}))[1] == Rejected(3, reason)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("x1,substance,Short Row,,Elm Street", "5 columns instead of 15"),
        ("," * 16 + "surplus", "17 columns instead of 15"),
        (
            'x1,substance,"Open quote,,Elm Street\nx2,substance\n',
            "3 columns instead of 15 over 2 lines, a quote may not be closed",
        ),
    ],
)
def test_a_row_of_another_length_is_turned_away(line: str, reason: str) -> None:
    assert read(table(FACILITY) + line)[1] == Rejected(3, reason)


def test_empty_cells_beyond_the_last_column_do_no_harm() -> None:
    rows = read(table(FACILITY).rstrip("\n") + ",,\n")
    assert [type(row) for row in rows] == [Row]


def test_the_key_folds_case_and_blanks_and_keeps_the_two_lists_apart() -> None:
    plain = draft_of(name2="North").key
    assert plain == "substance|juniper house|north|14 second street|05641"
    assert draft_of(name1=" JUNIPER  House", name2="north ", zip="5641", phone="802-555-0119").key == plain
    assert draft_of(name2="North", zip="05641-1234").key == plain
    assert draft_of(name2="North", directory_type="mental").key == "mental|juniper house|north|14 second street|05641"


@pytest.mark.parametrize(
    ("name1", "name2", "organization", "name"),
    [
        ("Juniper House", "", "Juniper House", "Juniper House"),
        ("Juniper House", "North", "Juniper House", "Juniper House – North"),
        ("Juniper House", "JUNIPER HOUSE", "Juniper House", "Juniper House"),
        ("", "North", "North", "North"),
        ("United Services of", "Cedar County", "United Services of Cedar County", "United Services of Cedar County"),
        ("Cedar Counseling and", "Support", "Cedar Counseling and Support", "Cedar Counseling and Support"),
        ("Cedar &", "Sons", "Cedar & Sons", "Cedar & Sons"),
        ("Center", "for Calm", "Center for Calm", "Center for Calm"),
        ("Brand", "North", "Brand", "Brand – North"),
        ("Inland", "Forward House", "Inland", "Inland – Forward House"),
    ],
)
def test_two_names_are_organization_and_site_or_one_name_on_two_lines(
    name1: str, name2: str, organization: str, name: str
) -> None:
    draft = draft_of(name1=name1, name2=name2)
    assert (draft.organization, draft.name) == (organization, name)


def test_telephones_are_the_main_line_and_those_for_intake_once_each() -> None:
    draft = draft_of(
        phone="802-555-0111 x315",
        intake1="802-555-0111",
        intake2="(802) 555-0112",
        intake1a="802.555.0112",
        intake2a="none",
    )
    assert draft.phones == (
        Phone("802-555-0111", "315"),
        Phone("802-555-0111", description="intake"),
        Phone("802-555-0112", description="intake"),
    )


@pytest.mark.parametrize(
    ("directory", "services", "kind"),
    [
        ("substance", "OP", "treatment"),
        ("Substance", "SA * OP", "treatment"),
        ("mental", "MH * OP", "health"),
        ("mental", "MH SA * OP", "treatment"),
        ("mental", "MH DT * OP", "treatment"),
        ("mental", "MH SUMH * OP", "treatment"),
    ],
)
def test_the_mental_health_list_is_treatment_only_where_it_treats_substance_use(
    directory: str, services: str, kind: str
) -> None:
    assert draft_of(directory_type=directory, service_code_info=services).kind == kind


@pytest.mark.parametrize(("services", "directory"), [("SA * OP", "substance"), ("MH * OP", "mental")])
def test_without_the_column_the_codes_tell_which_list_it_is(services: str, directory: str) -> None:
    columns = tuple(column for column in COLUMNS if column not in ("facility_id", "directory_type"))
    [row] = read(table({**FACILITY, "service_code_info": services}, columns=columns))
    assert isinstance(row, Row)
    assert row.draft.key.split("|")[0] == directory


def test_codes_are_a_set_over_all_groups() -> None:
    row = row_of(service_code_info="OP SA*RES * OP  ZZTOP * zz")
    assert [(code.system, code.edition, code.code) for code in row.draft.codes] == [
        ("samhsa", "2024", "OP"),
        ("samhsa", "2024", "SA"),
        ("samhsa", "2024", "RES"),
    ]
    assert row.warnings == ("unknown-code: ZZTOP", "unknown-code: zz")


def test_codes_lead_to_facets_and_what_no_code_says_is_not_known() -> None:
    full = draft_of(service_code_info="SA DT * OP RES * BU * MD * SS * VET * SP * TELE")
    assert (full.care, full.pay, full.people) == (
        ("detox", "outpatient", "residential"),
        ("medicaid", "sliding-fee"),
        ("veterans",),
    )
    assert (full.medication, full.languages, full.access) == (("buprenorphine",), ("es",), None)
    bare = draft_of(service_code_info="SA")
    assert (bare.care, bare.pay, bare.people, bare.medication, bare.languages) == (None, None, None, None, None)
    assert (full.minimum_age, full.maximum_age, full.eligibility, full.verified_on) == (None, None, None, None)


@pytest.mark.parametrize(("services", "attendance"), [("SA * TELE", "hybrid"), ("SA", "in-person")])
def test_telehealth_makes_it_hybrid(services: str, attendance: str) -> None:
    assert draft_of(service_code_info=services).attendance == attendance


@pytest.mark.parametrize(
    ("services", "people"),
    [
        ("SA * FEM", ("women",)),
        ("SA * MALE", ("men",)),
        ("SA * FEM MALE", None),
        ("SA * PW VET * FEM", ("women", "pregnant", "veterans")),
    ],
)
def test_a_place_for_one_sex_alone_serves_that_group(services: str, people: tuple[str, ...] | None) -> None:
    assert draft_of(service_code_info=services).people == people


def test_an_address_is_kept_as_given_with_its_zeros_back() -> None:
    address = draft_of(street1="P.O.  Box 12", street2="Suite 2", state="Vermont", zip="5641").address
    assert (address.street, address.street_2, address.city) == ("P.O. Box 12", "Suite 2", "Cedar Falls")
    assert (address.state, address.postal_code, address.country, address.point) == ("VT", "05641", "US", None)


def test_a_state_that_is_none_is_kept_and_said() -> None:
    row = row_of(state="XX")
    assert (row.draft.address.state, row.warnings) == ("XX", ("unknown-state: XX",))


def test_a_large_file_is_read_as_the_rows_are_asked_for() -> None:
    stream = BytesIO(table(*[FACILITY] * 5000).encode())
    rows = samhsa.read(stream, BOOK)
    next(rows)
    assert stream.tell() == CHUNK
    assert len(list(rows)) == 4999


@pytest.fixture(scope="module")
def seeded() -> CodeBook:
    def infos() -> Iterator[codes.CodeInfo]:
        with (Path(__file__).parents[2] / "seeds" / "codes" / "samhsa.csv").open("rb") as stream:
            yield from codes.read(stream)

    return CodeBook.of(infos())


@pytest.mark.parametrize(
    ("state", "treatment", "health", "hybrid"),
    [("VT", 86, 2, 77), ("DE", 59, 6, 49), ("RI", 81, 2, 66), ("DC", 37, 0, 32)],
)
def test_every_row_of_a_real_state_is_read_with_all_its_codes(
    state: str, treatment: int, health: int, hybrid: int, sample_data: Path, seeded: CodeBook
) -> None:
    with (sample_data / "samhsa-national-directory" / f"sample_{state}.csv").open("rb") as stream:
        rows = list(samhsa.read(stream, seeded))
    drafts = [row.draft for row in rows if isinstance(row, Row)]
    assert (len(rows), len(drafts)) == (treatment + health, treatment + health)
    assert Counter(draft.kind for draft in drafts) == Counter({"treatment": treatment, "health": health})
    assert sum(draft.attendance == "hybrid" for draft in drafts) == hybrid
    assert len({draft.key for draft in drafts}) == len(drafts)
    assert {draft.address.state for draft in drafts} == {state}
    assert all(len(draft.address.postal_code or "") == 5 and draft.phones for draft in drafts)
    assert [row.warnings for row in rows if isinstance(row, Row) and row.warnings] == []


def test_rows_of_a_real_file_fall_into_the_same_list_without_the_column(sample_data: Path, seeded: CodeBook) -> None:
    with (sample_data / "samhsa-national-directory" / "sample_VT.csv").open(encoding="utf-8", newline="") as stream:
        given = list(csv.DictReader(stream))
    columns = tuple(column for column in COLUMNS if column not in ("facility_id", "directory_type"))
    rows = samhsa.read(BytesIO(table(*given, columns=columns).encode()), seeded)
    assert [row.draft.key.split("|")[0] for row in rows if isinstance(row, Row)] == [
        row["directory_type"] for row in given
    ]
