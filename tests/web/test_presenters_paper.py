"""What a list says of one listing: words that a person can follow on paper, tomorrow and without a phone."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from directory.domain.geo import Point
from directory.domain.listings import Phone, Status, Visibility
from directory.domain.results import Card, Detail, FoundPlace
from directory.domain.schedule import LAST, WEEK, Change, Window
from directory.web.presenters_paper import FROM_A_PLACE, Entry, distance_from, entry, hours_lines, next_time
from tests.web.made import NEW_YORK, NOW, card, detail, meeting, times

PLACE = FoundPlace(Point(40.75, -74.0), "Saltmarsh, NY 10001", None, NEW_YORK)


def hours(day: int, start: int = 540, minutes: int = 480, **more: object) -> Window:
    return Window("hours", day, start, minutes, **more)  # type: ignore[arg-type]


def told(*windows: Window, **more: object) -> list[str]:
    return list(hours_lines(card(timetable=times(*windows), **more), NOW))


def rows(listing: Detail, place: FoundPlace | None = None) -> dict[str, tuple[str, ...]]:
    found = entry(listing, "/listings/x", NOW, place).rows
    assert len({row.name for row in found}) == len(found)
    return {row.name: row.lines for row in found}


# --- how far, and which way ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lat", "lon", "way"),
    [
        (40.85, -74.0, "north"),
        (40.85, -73.87, "north-east"),
        (40.75, -73.9, "east"),
        (40.65, -73.87, "south-east"),
        (40.65, -74.0, "south"),
        (40.65, -74.13, "south-west"),
        (40.75, -74.1, "west"),
        (40.85, -74.13, "north-west"),
    ],
)
def test_a_distance_comes_with_the_way_to_set_out(lat: float, lon: float, way: str) -> None:
    found = card(search_point=Point(lat, lon), distance_miles=6.94)
    words = distance_from(found, PLACE)
    assert words == f"6.9 miles {way} of Saltmarsh, NY\N{NO-BREAK SPACE}10001"
    assert way in FROM_A_PLACE


def test_a_point_without_a_name_is_the_readers_own_place() -> None:
    here = FoundPlace(Point(40.7, -73.99), None, None, NEW_YORK)
    assert distance_from(card(distance_miles=3.46), here) == "3.5 miles north of your location"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"distance_miles": 0.04}, "under 0.1 miles from Saltmarsh, NY\N{NO-BREAK SPACE}10001"),
        (
            {"distance_miles": 0.6, "approximate": True},
            "about 1 mile or less from Saltmarsh, NY\N{NO-BREAK SPACE}10001",
        ),
        (
            {"distance_miles": 6.6, "approximate": True, "search_point": Point(40.85, -74.0)},
            "about 7 miles north of Saltmarsh, NY\N{NO-BREAK SPACE}10001",
        ),
        (
            {"distance_miles": 6.6, "approximate": True, "visibility": Visibility.HIDDEN},
            "about 7 miles from Saltmarsh, NY\N{NO-BREAK SPACE}10001",
        ),
        ({"distance_miles": None}, ""),
    ],
)
def test_no_way_is_told_where_it_would_mislead_or_tell_too_much(changes: dict[str, object], words: str) -> None:
    assert distance_from(card(**changes), PLACE) == words


def test_without_a_place_there_is_no_distance() -> None:
    assert distance_from(card(distance_miles=1.0), None) == ""


# --- the week in words -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("windows", "lines"),
    [
        ([hours(day) for day in (1, 2, 3, 4, 5)], ["Monday to Friday, 9 am to 5 pm"]),
        ([hours(day) for day in range(7)], ["Every day, 9 am to 5 pm"]),
        ([hours(6), hours(0)], ["Saturday and Sunday, 9 am to 5 pm"]),
        ([hours(3, 540, 180), hours(3, 780, 240)], ["Wednesday, 9 am to noon and 1 pm to 5 pm"]),
        ([hours(3, 0, 1440)], ["Wednesday, all day"]),
        ([hours(5, 1080, 840)], ["Friday, 6 pm to 8 am"]),
        ([meeting(2, "18:00", week=2)], ["Second Tuesday of the month, 6 pm to 7 pm"]),
        (
            [hours(1), meeting(5, "18:00", week=LAST)],
            ["Monday, 9 am to 5 pm", "Last Friday of the month, 6 pm to 7 pm"],
        ),
        (
            [meeting(1, "19:00", valid_from=date(2026, 6, 1), valid_to=date(2026, 8, 31))],
            ["Monday, 7 pm to 8 pm (Jun 1, 2026 to Aug 31, 2026)"],
        ),
        ([meeting(1, "19:00", valid_from=date(2026, 6, 1))], ["Monday, 7 pm to 8 pm (from Jun 1, 2026 on)"]),
        ([meeting(1, "19:00", valid_to=date(2026, 8, 31))], ["Monday, 7 pm to 8 pm (until Aug 31, 2026)"]),
        ([meeting(1, "19:00", valid_to=date(2026, 3, 1))], []),
    ],
)
def test_the_week_is_told_by_the_names_of_its_days(windows: list[Window], lines: list[str]) -> None:
    assert told(*windows) == lines


def test_what_never_closes_needs_no_days() -> None:
    assert told(Window("hours", 0, 0, WEEK), always_open=True) == ["Open 24 hours, every day."]


def test_hours_in_the_source_s_own_words_are_told_as_they_are() -> None:
    assert told(hours_text="By appointment") == ["By appointment"]
    assert told() == []


def test_a_clock_that_is_not_the_readers_is_named() -> None:
    assert told(meeting(1, "19:00"), attendance="online") == ["Monday, 7 pm to 8 pm", "Times are in Eastern Time."]


def test_the_next_meeting_is_a_date_and_never_today() -> None:
    start = datetime(2026, 3, 2, 19, 0, tzinfo=ZoneInfo(NEW_YORK))
    soon = {"next_start": start, "next_end": start.replace(hour=20, minute=30)}
    assert next_time(card(**soon), NOW) == "Mon 2 Mar, 7 pm to 8:30 pm"
    assert next_time(card(**soon, timetable=times(hours(1))), NOW) == ""
    assert next_time(card(**soon, attendance="online", shown_zone=NEW_YORK), NOW).endswith("8:30 pm (Eastern Time)")


# --- one listing -----------------------------------------------------------------------------------------------------


def test_every_fact_stands_under_its_own_name_in_one_order() -> None:
    listing = detail(
        kind="treatment",
        eligibility="Adults.",
        fees="By income.",
        required_documents="A card with a name.",
        application_process="Call first.",
        place_notes="Blue door.",
        phones=(Phone("555-555-0100", description="Intake"), Phone("55501", type="text")),
        people=(),
        distance_miles=0.5,
    )
    found = rows(listing, PLACE)
    assert list(found) == [
        "Where",
        "Distance",
        "Phone",
        "When",
        "Who it is for",
        "What it costs",
        "What to bring",
        "How to apply",
        "Languages",
    ]
    assert found["Where"] == ("Heron Hall, 12 Heron Lane, Saltmarsh, NY\N{NO-BREAK SPACE}10001", "Blue door.")
    assert found["Phone"] == ("555-555-0100: Intake", "55501: Text")
    assert found["What to bring"] == ("A card with a name.",)


def test_a_meeting_without_a_phone_says_nothing_of_phones_and_a_clinic_does() -> None:
    assert "Phone" not in rows(detail(phones=()))
    assert rows(detail(phones=(), kind="treatment"))["Phone"] == ()


def test_days_that_are_different_are_told_as_far_as_they_are_near() -> None:
    holidays = ("christmas", "thanksgiving", "labor-day", "memorial-day", "juneteenth")
    changes = tuple(Change(holiday=name) for name in holidays)
    lines = rows(detail(timetable=times(hours(1), changes=changes)))["Days that are different"]
    assert [line.partition(",")[0] for line in lines] == ["Memorial Day", "Juneteenth", "Labor Day"]
    assert all(line.endswith(": closed") for line in lines)


def test_what_is_closed_for_now_tells_no_times_and_offers_no_way_there() -> None:
    found: Entry = entry(detail(status=Status.TEMPORARILY_CLOSED), "/listings/x", NOW, None)
    assert found.inactive.startswith("Not meeting now.")
    assert not {"When", "Next time", "Openings"} & {row.name for row in found.rows}
    assert [action.sort for action in found.actions] == ["call"]


def test_a_way_to_join_is_written_out_for_paper_with_a_word_of_care() -> None:
    listing = detail(
        attendance="online", conference_url="https://video.example.org/j/5", conference_phone="555-555-0199"
    )
    url, phone, care = rows(listing)["Online or by phone"]
    assert (url, phone) == ("https://video.example.org/j/5", "555-555-0199")
    assert care.startswith("Anyone with this link or number can join.")


def test_the_line_that_is_true_now_is_kept_apart_from_what_holds_on_paper() -> None:
    start = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
    found = entry(detail(next_start=start, next_end=start), "/listings/x", NOW, None)
    assert found.mark.text.startswith(("starts in", "today"))
    assert all("today" not in line and "starts in" not in line for row in found.rows for line in row.lines)


def test_a_card_of_a_place_that_is_only_roughly_known_still_says_where() -> None:
    found: Card = card(approximate=True, street=None, place_name=None, distance_miles=6.6)
    assert "street not known" in rows(detail(approximate=True, street=None, place_name=None))["Where"][0]
    assert distance_from(found, PLACE).startswith("about 7 miles")
