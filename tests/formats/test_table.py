"""Listings as a spreadsheet: what stands in which column, what is left empty, and that no cell is taken for a formula."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date, timedelta

import pytest

from directory.domain.listings import Link, Phone, Status, Visibility
from directory.domain.results import Detail, Openings
from directory.domain.schedule import LAST, WEEK, Window
from directory.formats import table
from tests.web.made import NOW, detail, meeting, times

SITE = "https://help.example.org/"
SLUG = "quiet-lamp-group-abc23456"


def rows(*details: Detail, removed: tuple[tuple[str, str], ...] = ()) -> list[dict[str, str]]:
    content = table.write(details, now=NOW, base_url=SITE, removed=removed)
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def cell(name: str, listing: Detail) -> str:
    (row,) = rows(listing)
    return row[name]


def test_a_listing_is_one_row_under_plain_names() -> None:
    listing = detail(
        organization="Marsh Intergroup",
        street_2="Room 4",
        distance_miles=0.849,
        people=("women", "parents"),
        pay=("free",),
        medication=("methadone",),
        care=("detox",),
        access=("wheelchair",),
        languages=("en", "es"),
        next_start=NOW,
        openings=Openings("bed", 2, 10, NOW - timedelta(hours=3), "fresh"),
        urls=(Link("https://lamp.example.org"), Link("https://other.example.org")),
        source_title="An invented world",
        verified_on=date(2026, 2, 20),
    )
    assert rows(listing) == [
        {
            "name": "Quiet Lamp Group",
            "organization": "Marsh Intergroup",
            "kind": "meeting",
            "status": "active",
            "program": "aa",
            "address": "Heron Hall, 12 Heron Lane, Room 4",
            "city": "Saltmarsh",
            "state": "NY",
            "postal_code": "10001",
            "distance_miles": "0.8",
            "phone": "(555) 555-0100",
            "hours": "Tue 19:00-20:00",
            "next_start": "2026-03-02T17:00+00:00",
            "care": "detox",
            "pay": "free",
            "people": "women; parents",
            "medication": "methadone",
            "access": "wheelchair",
            "languages": "en; es",
            "openings": "2",
            "openings_as_of": "2026-03-02T09:00-05:00",
            "website": "https://lamp.example.org",
            "slug": SLUG,
            "url": f"https://help.example.org/listings/{SLUG}",
            "source": "An invented world",
            "verified_on": "2026-02-20",
        }
    ]


def test_the_file_is_what_spreadsheets_expect() -> None:
    content = table.write([detail(name="Grupo Ñandú")], now=NOW, base_url=SITE)
    assert content.startswith(b"\xef\xbb\xbfname,organization,kind,")
    assert content.count(b"\r\n") == content.count(b"\n") == 2
    assert "Grupo Ñandú".encode() in content


def test_no_listings_are_a_file_with_its_header_alone() -> None:
    assert table.write([], now=NOW, base_url=SITE).decode("utf-8-sig").split(",") == [
        *table.COLUMNS[:-1],
        "verified_on\r\n",
    ]


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\tcmd", " =1+1", "\r=1"])
def test_a_cell_that_begins_like_a_formula_is_defused(name: str) -> None:
    assert cell("name", detail(name=name)) == f"'{name}"


def test_signs_inside_a_cell_stay_as_they_are() -> None:
    assert cell("name", detail(name='Rise = "Shine", 7-8')) == 'Rise = "Shine", 7-8'


@pytest.mark.parametrize(
    ("phones", "shown"),
    [
        ((Phone("(555) 555-0100", "7"),), "(555) 555-0100 x7"),
        ((Phone("+1 555-555-0100"),), "1 555-555-0100"),
        ((Phone("+44 20 7946 0100"),), "011 44 20 7946 0100"),
        ((Phone("555-555-0100"), Phone("55501", type="text")), "555-555-0100; 55501 (text)"),
        ((Phone("555-555-0101", type="fax"),), ""),
    ],
)
def test_a_phone_number_can_be_read_and_dialled(phones: tuple[Phone, ...], shown: str) -> None:
    assert cell("phone", detail(phones=phones)) == shown


@pytest.mark.parametrize(
    ("windows", "shown"),
    [
        ([Window("hours", day, 540, 480) for day in (1, 2, 3, 4, 5)], "Mon-Fri 09:00-17:00"),
        ([Window("hours", 6, 540, 180), Window("hours", 6, 780, 240)], "Sat 09:00-12:00, 13:00-17:00"),
        ([Window("hours", 2, 0, 1440)], "Tue 00:00-24:00"),
        ([meeting(6, "23:50", 40)], "Sat 23:50-00:30"),
        ([meeting(2, "18:00", week=2), meeting(5, "18:00", week=LAST)], "2nd Tue 18:00-19:00; last Fri 18:00-19:00"),
        (
            [meeting(1, "19:00", valid_from=date(2026, 6, 1), valid_to=date(2026, 8, 31))],
            "Mon 19:00-20:00 (2026-06-01 to 2026-08-31)",
        ),
        ([meeting(1, "19:00", valid_to=date(2026, 1, 31))], ""),
    ],
)
def test_hours_are_told_by_day(windows: list[Window], shown: str) -> None:
    assert cell("hours", detail(timetable=times(*windows))) == shown


def test_what_never_closes_says_so() -> None:
    assert cell("hours", detail(timetable=times(Window("hours", 0, 0, WEEK)), always_open=True)) == "24 hours"


def test_hours_that_are_only_words_stay_words() -> None:
    assert cell("hours", detail(timetable=times(), hours_text="By appointment")) == "By appointment"


def test_not_known_is_empty_and_known_to_be_nothing_is_none() -> None:
    (row,) = rows(detail(pay=None, people=(), languages=None, phones=(), timetable=times()))
    assert (row["pay"], row["people"], row["languages"], row["phone"], row["hours"]) == ("", "none", "", "", "")
    assert (row["openings"], row["openings_as_of"], row["distance_miles"], row["next_start"]) == ("", "", "", "")


def test_openings_too_old_to_count_give_their_age_and_no_number() -> None:
    (row,) = rows(detail(openings=Openings("bed", 2, 10, NOW - timedelta(days=9), "old")))
    assert row["openings"] == ""
    assert row["openings_as_of"].startswith("2026-02-21")


def test_no_openings_are_a_nought() -> None:
    assert cell("openings", detail(openings=Openings("bed", 0, 10, NOW, "fresh"))) == "0"


def test_a_distance_that_is_only_roughly_known_is_a_whole_number() -> None:
    assert cell("distance_miles", detail(distance_miles=3.4, approximate=True)) == "3"
    assert cell("distance_miles", detail(distance_miles=0.2, approximate=True)) == "1"


@pytest.mark.parametrize("visibility", [Visibility.PARTIAL, Visibility.HIDDEN])
def test_a_card_that_holds_no_street_gives_none(visibility: Visibility) -> None:
    listing = detail(visibility=visibility, street=None, place_name=None, postal_code=None, point=None)
    assert cell("address", listing) == ""


def test_ways_to_join_online_are_left_out() -> None:
    listing = detail(
        attendance="online",
        conference_url="https://video.example.org/j/555",
        conference_phone="555-555-0199",
        conference_notes="The word is heron.",
    )
    written = table.write([listing], now=NOW, base_url=SITE).decode()
    assert [secret for secret in ("video.example.org", "0199", "heron") if secret in written] == []
    assert cell("address", listing) == "online"


def test_a_listing_that_is_gone_is_named_as_such() -> None:
    kept, gone = rows(detail(), removed=(("old-lamp-abc23457", "Old Lamp"),))
    assert kept["status"] == "active"
    assert {name: value for name, value in gone.items() if value} == {
        "name": "Old Lamp",
        "status": "removed",
        "slug": "old-lamp-abc23457",
        "url": "https://help.example.org/listings/old-lamp-abc23457",
    }


def test_a_listing_that_is_closed_for_now_says_so() -> None:
    listing = detail()
    assert cell("status", replace(listing, card=replace(listing.card, status=Status.TEMPORARILY_CLOSED))) == (
        "temporarily closed"
    )
