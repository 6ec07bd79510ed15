"""Listings as a table for other programs: what stands in which column, and that no cell is taken for a formula."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from typing import Any

import pytest

from directory.domain.exports import Published
from directory.domain.listings import Link, Phone, Visibility
from directory.domain.results import Openings
from directory.domain.schedule import LAST, WEEK, Change, Window
from directory.domain.taxonomy import Code, CodeInfo
from directory.formats.csv_out import COLUMNS, CsvOut
from tests.web.made import detail, meeting, times

SITE = "https://help.example.org"
AS_OF = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


def rows(*listings: Published) -> list[dict[str, str]]:
    out = CsvOut(SITE)
    content = b"".join([out.start(), *map(out.add, listings), out.end()])
    assert content.startswith(b"\xef\xbb\xbfslug,kind,name,")
    assert content.count(b"\r\n") == 1 + len(listings)
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def cell(column: str, **given: Any) -> str:
    (row,) = rows(Published(detail(**given), "US"))
    return row[column]


def test_a_listing_is_one_row_with_all_that_its_page_shows() -> None:
    codes = tuple(CodeInfo(Code("samhsa", "2024", code), "Type of Care", {"en": code}) for code in ("SA", "DT"))
    listing = detail(
        organization="Marsh Health", description="Beds by the sea.", street_2="Floor 2", place_notes="Ring twice.", codes=codes,
        urls=(Link("https://a.example.org"), Link("https://b.example.org")), phones=(Phone("555-555-0100", "7"), Phone("555-555-0101", type="fax", description="Desk")),
        conference_url="https://zoom.us/j/5550100", conference_phone="+15555550100", conference_notes="Word: heron", hours_text="Call first",
        care=("detox",), pay=(), medication=("methadone",), access=None, minimum_age=18, maximum_age=99, eligibility="Adults",
        application_process="Walk in", fees="None", required_documents="Card", coverage="county:Marsh", verified_on=date(2026, 2, 20),
        timetable=times(meeting(2, "19:00"), changes=(Change(on=date(2026, 12, 25)), Change(holiday="thanksgiving", windows=((600, 120),)))),
        reports=(Openings("bed", 1, 4, AS_OF.replace(day=1, month=1), "old"), Openings("bed", 3, 8, AS_OF, "old")),
        source_title="A list", source_licence="CC0", source_url="https://list.example.org/1",
    )  # fmt: skip
    (row,) = rows(Published(listing, "US"))
    assert list(row) == COLUMNS
    assert list(row.values()) == [
        "quiet-lamp-group-abc23456", "meeting", "Quiet Lamp Group", "Marsh Health", "aa", "in-person", "Beds by the sea.", "Heron Hall",
        "12 Heron Lane", "Floor 2", "Saltmarsh", "NY", "10001", "US", "40.75", "-73.99", "no", "full", "Ring twice.", "America/New_York",
        "county:Marsh", "Tue 19:00-20:00", "2026-12-25 closed; thanksgiving 10:00-12:00", "Call first",
        "555-555-0100 x7; 555-555-0101 (fax, Desk)", "https://a.example.org; https://b.example.org", "https://zoom.us/j/5550100",
        "'+15555550100", "Word: heron", "detox", "none", "women", "methadone", "", "en", "samhsa:DT; samhsa:SA", "18", "99", "Adults",
        "Walk in", "None", "Card", "3", "8", "bed", "2026-03-01T08:00:00+00:00", "2026-02-20", "demo", "A list", "CC0", "quiet-lamp",
        "https://list.example.org/1", "https://help.example.org/listings/quiet-lamp-group-abc23456",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tcmd", " =1+1", "\r=1"])
@pytest.mark.parametrize("column", ["name", "description", "hours_text", "source_key"])
def test_a_cell_that_begins_like_a_formula_is_defused(text: str, column: str) -> None:
    assert cell(column, **{column: text}) == f"'{text}"


def test_figures_of_our_own_stay_figures() -> None:
    assert cell("longitude") == "-73.99"
    assert cell("minimum_age", minimum_age=0) == "0"


def test_what_is_not_known_is_empty() -> None:
    for column in ("organization", "hours_text", "openings", "openings_as_of", "minimum_age", "verified_on", "care"):
        assert cell(column) == ""


@pytest.mark.parametrize(
    ("window", "told"),
    [
        (meeting(1, "22:00", 480), "Mon 22:00-06:00"),
        (meeting(1, "00:00", 1440), "Mon 00:00-24:00"),
        (meeting(1, "19:00", 1440), "Mon 19:00-19:00"),
        (meeting(1, "23:00", 60), "Mon 23:00-24:00"),
        (meeting(2, "18:00", week=2), "2nd Tue 18:00-19:00"),
        (meeting(5, "18:00", week=LAST), "last Fri 18:00-19:00"),
        (meeting(0, "18:00", valid_from=date(2026, 5, 1)), "Sun 18:00-19:00 (2026-05-01 to ...)"),
        (Window("hours", 0, 0, WEEK), "Sun 00:00-Sat 24:00"),
        (Window("hours", 5, 18 * 60, 2 * 1440), "Fri 18:00-Sun 18:00"),
    ],
)
def test_times_are_plain_english(window: Window, told: str) -> None:
    assert cell("times", timetable=times(window)) == told


def test_times_stand_in_their_own_order_however_they_come() -> None:
    windows = [meeting(3, "19:00"), meeting(1, "20:00"), meeting(1, "08:00", week=2), meeting(1, "08:00")]
    assert cell("times", timetable=times(*windows)) == cell("times", timetable=times(*reversed(windows)))


def test_a_key_that_may_be_made_from_the_address_goes_with_it() -> None:
    assert cell("source_key", visibility=Visibility.PARTIAL) == cell("source_key", visibility=Visibility.HIDDEN) == ""
