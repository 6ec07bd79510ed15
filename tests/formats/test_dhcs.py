"""California's list of licences: what a row becomes, and that a licence for beds is never an opening."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import datetime
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from directory.domain.errors import UnreadableFile
from directory.domain.listings import Capacity, Status
from directory.formats import dhcs
from directory.formats.dhcs import NEEDED
from directory.formats.rows import Rejected, Row
from tests.formats.books import BOOK
from tests.formats.golden import FIXTURES, expected, told

FACILITY = {
    "license_number": "990001AN",
    "facility_name": "HERON HOUSE",
    "city": "OLDTOWN",
    "state": "CA",
    "zip": "94609",
    "setting_code": "RES",
    "license_expiration": "2027-10-31",
    "license_expired": "false",
}
LAPSED = FACILITY | {"license_number": "990002AN", "license_expiration": "2026-03-31", "license_expired": "true"}


def read(*rows: dict[str, str]) -> list[Row | Rejected]:
    columns = list(dict.fromkeys(name for row in (dict.fromkeys(NEEDED, ""), *rows) for name in row))
    lines = [",".join(columns), *(",".join(row.get(name, "") for name in columns) for row in rows)]
    return list(dhcs.read(BytesIO("\n".join(lines).encode()), BOOK))


def row_of(*others: dict[str, str], **fields: str) -> Row:
    row = read(FACILITY | fields, *others)[0]
    assert isinstance(row, Row)
    return row


def test_the_golden_list_is_read_as_it_should_be() -> None:
    with (FIXTURES / "dhcs.csv").open("rb") as stream:
        assert told(dhcs.read(stream, BOOK)) == expected("dhcs.golden.json")


def test_a_file_without_the_columns_is_refused_naming_them() -> None:
    with pytest.raises(UnreadableFile) as caught:
        dhcs.read(BytesIO(b"license_number,city,state\n1,A,CA\n"), BOOK)
    assert caught.value.reason == "no-header"
    assert caught.value.detail == "missing: facility_name, zip, setting_code, license_expiration, license_expired"


def test_beds_are_how_many_there_are_and_never_how_many_are_free() -> None:
    [capacity] = row_of(LAPSED, treatment_capacity="20", total_capacity="24").draft.capacities
    as_of = datetime(2026, 4, 1, tzinfo=ZoneInfo("America/Los_Angeles"))
    assert capacity == Capacity("licensed bed", available=None, maximum=20, as_of=as_of, care="residential")


def test_without_an_ended_licence_nothing_says_how_old_the_beds_are_so_none_are_told() -> None:
    row = row_of(treatment_capacity="20")
    assert (row.draft.capacities, row.warnings) == ((), ("capacity-without-date",))


@pytest.mark.parametrize(
    ("text", "warnings"),
    [("", ()), ("0", ()), ("many", ("unknown-capacity: many",)), ("-4", ("unknown-capacity: -4",))],
)
def test_a_zero_and_a_word_are_no_beds(text: str, warnings: tuple[str, ...]) -> None:
    row = row_of(LAPSED, treatment_capacity=text)
    assert (row.draft.capacities, row.warnings) == ((), warnings)


@pytest.mark.parametrize(
    ("setting", "detox", "care"),
    [
        ("RES", "false", ("residential",)),
        ("RES", "true", ("detox", "residential")),
        ("NON", "false", ("outpatient",)),
        ("NON", "true", ("detox", "outpatient")),
        ("DSS", "false", None),
        ("DPH", "true", ("detox",)),
    ],
)
def test_the_setting_leads_to_the_level_of_care_where_it_says_one(
    setting: str, detox: str, care: tuple[str, ...] | None
) -> None:
    assert row_of(setting_code=setting, offers_detox=detox).draft.care == care


@pytest.mark.parametrize(
    ("population", "waiver", "people"),
    [
        ("CO-ED", "false", None),
        ("", "false", None),
        ("MEN ONLY", "false", ("men",)),
        ("WOMEN/CHILD/DUAL", "false", ("women", "parents", "co-occurring")),
        ("YOUTH/ADOLESCENT", "false", ("youth",)),
        ("CO-ED", "true", ("youth",)),
        ("FAMILIES", "false", ("parents",)),
    ],
)
def test_the_population_says_for_whom_it_is(population: str, waiver: str, people: tuple[str, ...] | None) -> None:
    assert row_of(target_population=population, adolescent_waiver=waiver).draft.people == people


def test_an_ended_licence_is_not_active() -> None:
    assert [row.draft.status for row in read(FACILITY, LAPSED) if isinstance(row, Row)] == [
        Status.ACTIVE,
        Status.INACTIVE,
    ]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"city": "", "zip": ""}, "no city and zip"),
        ({"license_number": " "}, "no license_number"),
        ({"zip": "CA"}, "unreadable ZIP: CA"),
        ({"zip": "9460"}, "unreadable ZIP: 9460"),
    ],
)
def test_a_row_without_what_it_takes_is_turned_away(fields: dict[str, str], reason: str) -> None:
    assert read(FACILITY, FACILITY | fields)[1] == Rejected(3, reason)


def test_every_row_of_the_real_list_is_accounted_for(sample_data: Path) -> None:
    path = sample_data / "ca-dhcs-sud-licenses" / "facilities.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        given = list(csv.DictReader(stream))
    with path.open("rb") as stream:
        rows = list(dhcs.read(stream, BOOK))
    drafts = [row.draft for row in rows if isinstance(row, Row)]
    whole = [row for row in given if row["city"] and row["zip"]]
    assert (len(rows), len(drafts)) == (len(given), len(whole)) == (2266, 2265)
    assert [row.reason for row in rows if isinstance(row, Rejected)] == ["no city and zip"]
    assert sum(capacity.maximum or 0 for draft in drafts for capacity in draft.capacities) == sum(
        int(row["treatment_capacity"]) for row in whole
    )
    assert {capacity.available for draft in drafts for capacity in draft.capacities} == {None}
    assert {f"{capacity.as_of:%Y-%m-%d}" for draft in drafts for capacity in draft.capacities} == {"2026-08-01"}
    assert Counter(draft.status is Status.INACTIVE for draft in drafts)[True] == sum(
        row["license_expired"] == "true" for row in whole
    )
    assert sum("detox" in (draft.care or ()) for draft in drafts) == sum(row["offers_detox"] == "true" for row in whole)
    assert [row.warnings for row in rows if isinstance(row, Row) and row.warnings] == []
