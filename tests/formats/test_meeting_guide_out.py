"""Meetings as a Meeting Guide feed: what is said how, what is left out and why, and that what is written keeps to the rules."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from directory.domain.exports import Published
from directory.domain.listings import Link, Phone, Visibility
from directory.domain.schedule import LAST, Window
from directory.domain.taxonomy import Code, CodeInfo
from directory.formats.meeting_guide_out import MeetingGuideOut
from tests.formats.feed_rules import problems
from tests.web.made import detail, meeting, times

SITE = "https://help.example.org/"
ZOOM = "https://us02web.zoom.us/j/5550100"
TYPES = ("O", "C", "X", "TC", "ONL", "12x12")


def types(*codes: str, system: str = "aa") -> tuple[CodeInfo, ...]:
    return tuple(CodeInfo(Code(system, "", code), "format", {"en": code}) for code in codes)


def listing(country: str | None = "US", **given: Any) -> Published:
    return Published(detail(**{"phones": (), **given}), country)


def written(*listings: Published, fellowship: str | None = None) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """The objects, which keep to the rules, and what was left out."""
    out = MeetingGuideOut(SITE, fellowship)
    content = b"".join([out.start(), *map(out.add, listings), out.end()])
    assert problems(content, TYPES) == []
    return json.loads(content), out.left_out


def one(**given: Any) -> dict[str, Any]:
    (found,), left_out = written(listing(**given))
    assert left_out == {}
    return found


def reason(**given: Any) -> str:
    found, left_out = written(listing(**given))
    assert found == []
    ((why, count),) = left_out.items()
    assert count == 1
    return why


def test_a_meeting_is_one_object_with_all_that_its_page_shows() -> None:
    found = one(
        types=types("O", "12x12"), description="Bring a cup.", place_notes="By the pier.", street_2="Room 4",
        organization="Marsh Intergroup", phones=(Phone("555-555-0100"),),
        urls=(Link("https://marsh.example.org", "Marsh Intergroup"), Link("https://lamp.example.org")),
    )  # fmt: skip
    assert list(found.items()) == [
        ("slug", "quiet-lamp-group-abc23456"),
        ("day", 2),
        ("time", "19:00"),
        ("end_time", "20:00"),
        ("name", "Quiet Lamp Group"),
        ("timezone", "America/New_York"),
        ("location", "Heron Hall"),
        ("formatted_address", "12 Heron Lane, Room 4, Saltmarsh, NY 10001, USA"),
        ("address", "12 Heron Lane"),
        ("city", "Saltmarsh"),
        ("state", "NY"),
        ("postal_code", "10001"),
        ("country", "US"),
        ("latitude", 40.75),
        ("longitude", -73.99),
        ("approximate", "no"),
        ("location_notes", "By the pier."),
        ("attendance_option", "in_person"),
        ("types", ["12x12", "O"]),
        ("notes", "Bring a cup."),
        ("url", "https://help.example.org/listings/quiet-lamp-group-abc23456"),
        ("website", "https://lamp.example.org"),
        ("entity", "Marsh Intergroup"),
        ("entity_phone", "+1-555-555-0100"),
        ("entity_website_url", "https://marsh.example.org"),
    ]


# --- times -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("windows", "told"),
    [
        ([meeting(0, "00:00")], [(0, "00:00", "01:00")]),
        ([meeting(6, "23:30", 90)], [(6, "23:30", "01:00")]),
        ([meeting(3, "23:00")], [(3, "23:00", "00:00")]),
        ([meeting(day, "07:00", 30) for day in (5, 1, 3)], [([1, 3, 5], "07:00", "07:30")]),
        ([meeting(3, "19:00"), meeting(1, "20:00"), meeting(5, "20:00")], [([1, 5], "20:00", "21:00"), (3, "19:00", "20:00")]),
        ([meeting(1, "19:00"), meeting(1, "19:00", 90)], [(1, "19:00", "20:00"), (1, "19:00", "20:30")]),
    ],
)  # fmt: skip
def test_days_with_the_same_time_are_one_object_and_other_times_are_others(
    windows: Sequence[Window], told: list[tuple[Any, str, str]]
) -> None:
    found, left_out = written(listing(timetable=times(*windows)))
    assert [(each["day"], each["time"], each["end_time"]) for each in found] == told
    assert left_out == {}
    assert found[0]["slug"] == "quiet-lamp-group-abc23456"
    assert {each["name"] for each in found} == {"Quiet Lamp Group"}


def test_the_objects_of_one_meeting_have_slugs_that_stay_when_another_time_comes() -> None:
    monday, friday = meeting(1, "19:00"), meeting(5, "20:15", 90)
    before = written(listing(timetable=times(monday, friday)))[0]
    after = written(listing(timetable=times(monday, meeting(3, "12:00"), friday)))[0]
    assert [each["slug"] for each in before] == ["quiet-lamp-group-abc23456", "quiet-lamp-group-abc23456-2015-90"]
    assert {each["slug"] for each in before} < {each["slug"] for each in after}


def test_a_meeting_without_times_is_by_appointment() -> None:
    assert not {"day", "time", "end_time"} & set(one(timetable=times()))


@pytest.mark.parametrize("length", [60, 64, 65, 91])
def test_a_slug_is_no_longer_than_the_format_allows_and_stays_unique(length: int) -> None:
    slugs = [
        f"{'a-quiet-lamp-by-the-sea-' * 5}"[: length - 9].rstrip("-") + tail for tail in ("-abc23456", "-xyz77777")
    ]
    windows = times(meeting(1, "19:00"), meeting(2, "20:00"))
    found, _ = written(*(listing(slug=slug, timetable=windows) for slug in slugs))
    assert [each["slug"].split("-")[-1] for each in found[::2]] == ["abc23456", "xyz77777"]
    assert len({each["slug"] for each in found}) == 4
    assert found[0]["slug"] == slugs[0] or length > 64


# --- what cannot be said ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"kind": "treatment"}, "no meetings"),
        ({"timetable": times(meeting(1, "19:00", week=2))}, "not weekly"),
        ({"timetable": times(meeting(1, "19:00", week=LAST), meeting(1, "19:00", valid_to=date(2026, 5, 1)))}, "not weekly"),
        ({"timetable": times(meeting(1, "00:00", 1440))}, "longer than a day"),
        ({"street": None, "point": None}, "in person, without a street that may be shown"),
        ({"attendance": None, "street": None}, "in person, without a street that may be shown"),
        ({"attendance": "online"}, "online, without an address or a number that the format knows"),
        ({"attendance": "online", "conference_url": "https://evilzoom.us/1"}, "online, without an address or a number that the format knows"),
        ({"attendance": "online", "conference_url": ZOOM, "city": None, "state": None}, "online, without a town"),
    ],
)  # fmt: skip
def test_what_the_format_cannot_say_is_left_out_with_its_reason(given: dict[str, Any], why: str) -> None:
    assert reason(**given) == why


def test_of_a_meeting_that_is_also_monthly_only_the_weekly_times_are_given() -> None:
    found, left_out = written(listing(timetable=times(meeting(1, "19:00"), meeting(2, "12:00", week=1))))
    assert [each["day"] for each in found] == [1]
    assert list(left_out.values()) == [1]


def test_types_are_those_of_its_own_fellowship_and_one_fellowship_can_be_asked_for() -> None:
    aa, na = (
        listing(types=types("O") + types("BT", system="na")),
        listing(slug="b", program="na", types=types("X", system="na")),
    )
    out = MeetingGuideOut(SITE)
    first = json.loads(b"[" + out.add(aa) + b"]")[0]
    assert first["types"] == ["O"]
    out.add(na)
    assert out.fellowships == {"aa", "na"}
    assert written(aa, na, fellowship="aa")[1] == {"of another fellowship": 1}
    assert one(program=None, types=types("C"))["types"] == ["C"]


# --- where and how ---------------------------------------------------------------------------------------------------


def test_an_online_meeting_is_given_by_its_town_and_the_way_in() -> None:
    found = one(
        attendance="online",
        conference_url=ZOOM,
        conference_phone="+1 (555) 555-0100,,5550#",
        conference_notes="Word: heron",
    )
    assert not {"address", "latitude", "longitude", "formatted_address"} & set(found)
    assert (found["city"], found["approximate"], found["attendance_option"]) == ("Saltmarsh", "yes", "online")
    assert (found["conference_url"], found["conference_phone"]) == (ZOOM, "+15555550100,,5550#")
    assert found["conference_url_notes"] == "Word: heron"
    only_phone = one(attendance="online", conference_phone="555-555-0100", conference_notes="Word: heron")
    assert only_phone["conference_phone_notes"] == "Word: heron"


def test_a_meeting_that_is_closed_in_person_for_now_keeps_its_street_and_says_so() -> None:
    found = one(attendance="online", conference_url=ZOOM, types=types("TC"))
    assert (found["address"], found["types"], found["attendance_option"]) == ("12 Heron Lane", ["TC"], "online")


def test_a_hybrid_meeting_has_both_and_one_without_a_way_in_is_in_person() -> None:
    both = one(attendance="hybrid", conference_url=ZOOM)
    assert (both["attendance_option"], both["address"], both["conference_url"]) == ("hybrid", "12 Heron Lane", ZOOM)
    assert one(attendance="hybrid")["attendance_option"] == "in_person"


def test_a_way_in_is_not_given_where_one_comes_in_person() -> None:
    assert "conference_url" not in one(attendance="in-person", conference_url=ZOOM)


def test_a_point_that_is_only_about_right_is_not_given() -> None:
    assert not {"latitude", "longitude"} & set(one(approximate=True))


@pytest.mark.parametrize("visibility", [Visibility.PARTIAL, Visibility.HIDDEN])
def test_what_is_hidden_is_given_by_its_way_in_alone(visibility: Visibility) -> None:
    hidden: dict[str, Any] = {
        "visibility": visibility, "street": None, "postal_code": None, "place_name": None, "point": None, "approximate": True,
    }  # fmt: skip
    assert reason(**hidden) == "in person, without a street that may be shown"
    assert reason(**hidden, attendance="hybrid") == "in person, without a street that may be shown"
    found = one(**hidden, attendance="hybrid", conference_url=ZOOM)
    assert (found["attendance_option"], found["approximate"]) == ("online", "yes")


def test_a_country_that_is_not_known_is_not_given() -> None:
    assert "country" not in written(listing(country="ZZ"))[0][0]
    assert written(listing(country="CA", street_2="Unit 1"))[0][0]["formatted_address"].endswith(", Canada")


@pytest.mark.parametrize(
    "phones",
    [(Phone("555-555-0100", "7"),), (Phone("555-555-0100", type="fax"),), (Phone("+44 20 7946 0100"),), ()],
)
def test_a_number_that_the_format_cannot_write_is_not_given(phones: tuple[Phone, ...]) -> None:
    assert "entity_phone" not in one(organization="Marsh Intergroup", phones=phones)
    assert "entity_phone" not in one(phones=(Phone("555-555-0100"),))


def test_no_meetings_are_an_empty_list() -> None:
    assert written() == ([], {})
    out = MeetingGuideOut(SITE)
    assert out.start() + out.end() == b"[]\n"
