"""Meeting Guide feeds in every dialect seen: what a row becomes, what is turned away, and what never gets in."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest

from directory.domain.errors import UnreadableFile
from directory.domain.geo import Point
from directory.domain.links import host_of
from directory.domain.listings import Link, ListingDraft, Phone, Status
from directory.domain.taxonomy import CodeBook
from directory.formats import codes, meeting_guide
from directory.formats.hours import minute_of
from directory.formats.meeting_guide_fields import day_of
from directory.formats.meeting_guide_record import PUBLIC
from directory.formats.rows import Rejected, Row
from directory.formats.urls import is_provider
from tests.formats.books import BOOK
from tests.formats.golden import FIXTURES, expected, told

PLACE = {
    "slug": "a",
    "name": "A",
    "day": 1,
    "time": "19:00",
    "formatted_address": "3 Elm Street, Oldtown, MA 02302, USA",
}
ROOM = {"conference_url": "https://zoom.us/j/8005550103"}


def read(*meetings: object, fellowship: str = "aa") -> list[Row | Rejected]:
    return list(meeting_guide.read(BytesIO(json.dumps(meetings).encode()), BOOK, fellowship))


def row_of(**fields: object) -> Row:
    [row] = read({**PLACE, **fields})
    assert isinstance(row, Row)
    return row


def draft_of(**fields: object) -> ListingDraft:
    return row_of(**fields).draft


def test_the_golden_feed_is_read_as_it_should_be() -> None:
    with (FIXTURES / "meeting_guide.json").open("rb") as stream:
        assert told(meeting_guide.read(stream, BOOK, "aa")) == expected("meeting_guide.golden.json")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"<!doctype html>", "not-json"),
        (b"[{}], more", "not-json"),
        (b'[{"slug": ' + b"9" * 5000 + b"}]", "not-json"),
        (b"[" * 200_000, "not-json"),
        (b'{"meetings": []}', "not-a-list"),
        (b'"text"', "not-a-list"),
        ('[{"name": "Café"}]'.encode("utf-16-le"), "not-text"),
        (b"\x89PNG\0\0", "not-text"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_that_is_no_feed_is_refused_before_the_first_row(content: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFile) as caught:
        meeting_guide.read(BytesIO(content), BOOK, "aa")
    assert caught.value.reason == reason


def test_a_mark_of_byte_order_is_no_part_of_the_feed() -> None:
    [row] = meeting_guide.read(BytesIO(b"\xef\xbb\xbf" + json.dumps([PLACE]).encode()), BOOK, "aa")
    assert isinstance(row, Row)
    assert row.draft.name == "A"


@pytest.mark.parametrize(
    ("value", "day"),
    [
        (0, 0),
        (6, 6),
        ("1", 1),
        (2.0, 2),
        ("Sunday", 0),
        ("tuesday", 2),
        ("Thurs.", 4),
        ("Fridays", 5),
        (7, None),
        ("7", None),
        (-1, None),
        (1.5, None),
        (True, None),
        ("su", None),
        ({"day": 1}, None),
    ],
)
def test_a_day_is_a_number_or_a_name(value: object, day: int | None) -> None:
    assert day_of(value) == day


@pytest.mark.parametrize(
    ("text", "minute"),
    [
        ("00:00", 0),
        ("07:05", 425),
        ("7:00 PM", 1140),
        ("7:00 p.m.", 1140),
        ("11:00 AM", 660),
        ("12:01 PM", 721),
        ("12:00 am", 0),
        ("19:30:00", 1170),
        ("7pm", 1140),
        ("19:00 PM", 1140),
        ("noon", 720),
        ("Midnight", 0),
        ("24:00", None),
        ("25:10", None),
        ("19:60", None),
        ("13:00 AM", None),
        ("7", None),
        ("soon", None),
        ("", None),
    ],
)
def test_a_time_is_read_from_either_clock(text: str, minute: int | None) -> None:
    assert minute_of(text) == minute


@pytest.mark.parametrize(
    ("given", "days"),
    [(3, [3]), ("3", [3]), ([6], [6]), ([6, 3, 3], [3, 6]), (["Monday", "2"], [1, 2]), ("Monday, Friday", [1, 5])],
)
def test_a_row_with_several_days_is_one_listing_with_several_windows(given: object, days: list[int]) -> None:
    windows = draft_of(day=given, time="19:00").windows
    assert [(window.sort, window.day, window.start, window.minutes) for window in windows] == [
        ("meeting", day, 1140, 60) for day in days
    ]


@pytest.mark.parametrize("fields", [{"day": None}, {"day": ""}, {"day": []}, {"time": ""}, {"time": None}])
def test_without_day_or_time_it_is_by_appointment(fields: dict[str, object]) -> None:
    row = row_of(**fields)
    assert (row.draft.windows, row.draft.hours_text, row.warnings) == ((), None, ())


@pytest.mark.parametrize(
    ("fields", "warning"),
    [
        ({"day": "7"}, "unknown-day: 7"),
        ({"day": {"a": 1}}, "unknown-day: dict"),
        ({"day": [[1]]}, "unknown-day: list"),
        ({"time": "soon"}, "unknown-time: time soon"),
    ],
)
def test_a_day_or_time_that_cannot_be_read_is_no_guess_but_a_warning(fields: dict[str, object], warning: str) -> None:
    row = row_of(**fields)
    assert (row.draft.windows, row.warnings) == ((), (warning,))


@pytest.mark.parametrize(
    ("time", "end", "minutes", "warnings"),
    [
        ("19:00", "20:30", 90, ()),
        ("19:00", None, 60, ()),
        ("19:00", "", 60, ()),
        ("19:00", "19:00", 60, ()),
        ("23:00", "00:30", 90, ()),
        ("23:00", "24:00", 60, ()),
        ("08:00", "21:00", 780, ("long-meeting: 780 minutes",)),
        ("19:00", "18:00", 1380, ("long-meeting: 1380 minutes",)),
        ("19:00", "late", 60, ("unknown-time: end_time late",)),
    ],
)
def test_a_meeting_lasts_until_its_end_or_an_hour(
    time: str, end: str | None, minutes: int, warnings: tuple[str, ...]
) -> None:
    row = row_of(time=time, end_time=end)
    assert ([window.minutes for window in row.draft.windows], row.warnings) == ([minutes], warnings)


@pytest.mark.parametrize(
    ("given", "kept", "warnings"),
    [
        (["O", "D"], "O D", ()),
        (["o", "x"], "O X", ()),
        (["Open", "discussion"], "O D", ()),
        ("[open]", "O", ()),
        ("O,D", "O D", ()),
        ("['O', 'D']", "O D", ()),
        ("[open], Babysitting Available", "O BA", ()),
        ("Steps 1, 2, and 3", "S123", ()),
        (["12 Steps &amp; 12 Traditions", 11], "12x12 11", ()),
        (["O", "C"], "C", ()),
        (["D", "D", "d"], "D", ()),
        ("", "", ()),
        ([""], "", ()),
        (None, "", ()),
        (["ASBI", "asbi", "D"], "D", ("unknown-type: ASBI", "unknown-type: asbi")),
        ([{"code": "O"}, "D"], "D", ("ignored: a type is a dict",)),
        ({"O": 1}, "", ("ignored: a type is a dict",)),
    ],
)
def test_types_are_codes_of_their_fellowship(given: object, kept: str, warnings: tuple[str, ...]) -> None:
    row = row_of(types=given)
    assert " ".join(code.code for code in row.draft.codes) == kept
    assert {code.system for code in row.draft.codes} <= {"aa"}
    assert row.warnings == warnings


def test_the_same_letter_is_another_code_in_another_fellowship() -> None:
    [row] = read({**PLACE, "types": ["O", "D"]}, fellowship="Al-Anon")
    assert isinstance(row, Row)
    assert [(code.system, code.edition, code.code) for code in row.draft.codes] == [("al-anon", "", "O")]
    assert row.draft.program == "al-anon"
    assert row.warnings == ("unknown-type: D",)


def test_types_lead_to_facets_and_a_facet_that_nothing_names_is_not_known() -> None:
    draft = draft_of(types=["S", "ASL", "W", "X"])
    assert (draft.languages, draft.people, draft.access) == (("ase", "es"), ("women",), ("wheelchair", "sign-language"))
    assert (draft_of().languages, draft_of().people, draft_of().access) == (None, None, None)


def test_online_only_what_needs_a_room_means_nothing() -> None:
    draft = draft_of(attendance_option="online", types=["O", "X", "WA", "BA", "OUT", "ASL"], **ROOM)
    assert [code.code for code in draft.codes] == ["O", "ASL"]
    assert draft.access == ("sign-language",)


APPROXIMATE = {"formatted_address": "Oldtown, MA, USA"}


@pytest.mark.parametrize(
    ("fields", "attendance", "status"),
    [
        ({}, "in-person", Status.ACTIVE),
        (ROOM, "hybrid", Status.ACTIVE),
        ({"types": ["ONL"]}, "hybrid", Status.ACTIVE),
        ({"conference_phone": "+13015550106,,800555#"}, "hybrid", Status.ACTIVE),
        ({"types": ["onl"], **APPROXIMATE}, "online", Status.ACTIVE),
        ({**ROOM, **APPROXIMATE}, "online", Status.ACTIVE),
        ({"types": ["TC", "ONL"]}, "online", Status.ACTIVE),
        ({"types": ["TC"], **ROOM}, "online", Status.ACTIVE),
        ({"types": ["TC"]}, "in-person", Status.TEMPORARILY_CLOSED),
        (APPROXIMATE, "in-person", Status.INACTIVE),
        ({"attendance_option": "in_person", **ROOM}, "in-person", Status.ACTIVE),
        ({"attendance_option": "in_person", **APPROXIMATE}, "in-person", Status.ACTIVE),
        ({"attendance_option": "in_person", "types": ["TC"]}, "in-person", Status.TEMPORARILY_CLOSED),
        ({"attendance_option": "online"}, "online", Status.ACTIVE),
        ({"attendance_option": "hybrid"}, "hybrid", Status.ACTIVE),
        ({"attendance_option": "hybrid", "types": ["TC"]}, "online", Status.ACTIVE),
        ({"attendance_option": "hybrid", "formatted_address": ""}, "online", Status.ACTIVE),
        ({"attendance_option": "inactive"}, "in-person", Status.INACTIVE),
        ({"attendance_option": "inactive", "types": ["TC"]}, "in-person", Status.TEMPORARILY_CLOSED),
        ({"attendance_option": "by pigeon", **ROOM}, "hybrid", Status.ACTIVE),
    ],
)
def test_how_one_takes_part_follows_from_place_and_room(
    fields: dict[str, object], attendance: str, status: Status
) -> None:
    draft = draft_of(**fields)
    assert (draft.attendance, draft.status) == (attendance, status)


def test_closed_and_online_need_no_entry_in_the_book() -> None:
    [row] = read({**PLACE, "types": ["TC", "ONL"]}, fellowship="al-anon")
    assert isinstance(row, Row)
    assert (row.draft.attendance, row.draft.codes, row.warnings) == ("online", (), ())


@pytest.mark.parametrize(
    ("fields", "approximate"),
    [
        ({}, False),
        ({"formatted_address": "Oldtown, MA 02302, USA"}, True),
        ({"formatted_address": "Fairmont, Alberta, T6E 4E8, Canada"}, True),
        ({"formatted_address": "3 Elm Street, Oldtown, MA"}, False),
        ({"formatted_address": "Elm Street, Oldtown, MA"}, True),
        ({"formatted_address": "Elm St & Oak St, Oldtown, MA 02302, USA"}, False),
        ({"approximate": "yes"}, True),
        ({"approximate": True}, True),
        ({"approximate": "no", "formatted_address": "Oldtown, MA 02302, USA"}, False),
        ({"approximate": "", "formatted_address": "Oldtown, MA 02302, USA"}, True),
        ({"coordinates": "42.1,-71.1"}, False),
        ({"coordinates": "42.1,-71.1,42.0,-71.0"}, True),
        ({"formatted_address": "", "address": "", "city": "Oldtown", "state": "MA"}, True),
        ({"formatted_address": "", "address": "3 Elm Street", "city": "Oldtown"}, False),
    ],
)
def test_a_place_without_a_street_is_only_about_right(fields: dict[str, object], approximate: bool) -> None:
    assert draft_of(**fields).address.approximate is approximate


@pytest.mark.parametrize(
    ("fields", "point", "warnings"),
    [
        ({"latitude": "42.1", "longitude": "-71.1"}, Point(42.1, -71.1), ()),
        ({"latitude": 42.1, "longitude": -71.1}, Point(42.1, -71.1), ()),
        ({"coordinates": "42.1, -71.1"}, Point(42.1, -71.1), ()),
        ({"coordinates": "42.0,-71.0,42.5,-71.5"}, Point(42.25, -71.25), ()),
        ({"latitude": None, "longitude": None}, None, ()),
        ({"latitude": "", "longitude": ""}, None, ()),
        ({"latitude": 0, "longitude": 0}, None, ("no-point: 0, 0",)),
        ({"latitude": "91", "longitude": "0"}, None, ("no-point: 91, 0",)),
        ({"latitude": "42.1"}, None, ("no-point: 42.1,",)),
        ({"latitude": "north", "longitude": "inf"}, None, ("no-point: north, inf",)),
        ({"coordinates": "1,2,3"}, None, ("no-point: 1, 2, 3",)),
    ],
)
def test_a_point_is_kept_only_where_it_can_be_one(
    fields: dict[str, object], point: Point | None, warnings: tuple[str, ...]
) -> None:
    row = row_of(**fields)
    assert (row.draft.address.point, row.warnings) == (point, warnings)


@pytest.mark.parametrize(
    ("fields", "parts"),
    [
        ({}, ("3 Elm Street", "Oldtown", "MA", "02302", "US")),
        (
            {
                "address": "205 E.  9TH ST.",
                "city": "Kestrel City",
                "state": "Missouri",
                "postal_code": 2302,
                "country": "USA",
            },
            ("205 E. 9TH ST.", "Kestrel City", "MO", "02302", "US"),
        ),
        (
            {"address": "3 Elm St @ back", "city": "Oldtown", "zip": "02302-1234"},
            ("3 Elm St", "Oldtown", None, "02302", "US"),
        ),
        ({"address": "3 Elm St, Oldtown, MA 02302", "city": "Oldtown"}, ("3 Elm St", "Oldtown", "MA", "02302", "US")),
        ({"address": "8 Oak St, Fairmont, Alberta, T6E4E8, Canada"}, ("8 Oak St", "Fairmont", "AB", "T6E 4E8", "CA")),
        ({"address": "8 Oak St", "city": "Fairmont", "state": "AB"}, ("8 Oak St", "Fairmont", "AB", None, "CA")),
        (
            {"address": "8 Oak St", "city": "Fairmont", "postal_code": "t6e4e8"},
            ("8 Oak St", "Fairmont", None, "T6E 4E8", "CA"),
        ),
        (
            {"address": "1 High St", "city": "Leeds", "postal_code": "LS1 1AA", "country": "UK"},
            ("1 High St", "Leeds", None, "LS1 1AA", "GB"),
        ),
        ({"address": "1 Way", "city": "Faraway", "country": "Freedonia"}, ("1 Way", "Faraway", None, None, "ZZ")),
    ],
)
def test_an_address_is_read_in_either_form(fields: dict[str, object], parts: tuple[str | None, ...]) -> None:
    address = draft_of(**({"formatted_address": ""} if fields else {}), **fields).address
    assert (address.street, address.city, address.state, address.postal_code, address.country) == parts


def test_the_two_forms_complete_each_other() -> None:
    address = draft_of(
        address="3 Elm Street", formatted_address="Lantern House, 3 Elm Street, Oldtown, MA 02302, USA"
    ).address
    assert (address.name, address.street, address.city) == ("Lantern House", "3 Elm Street", "Oldtown")


@pytest.mark.parametrize(
    ("address", "street"),
    [
        ("Village Green", "Village Green"),
        ("3 Elm Street, Oldtown, MA 02302", "3 Elm Street"),
        ("Elm Street entrance", "Elm Street entrance"),
    ],
)
def test_the_street_is_the_sources_own_where_both_forms_are_given(address: str, street: str) -> None:
    found = draft_of(address=address, formatted_address="9 Oak Street, Oldtown, MA 02302, USA").address
    assert (found.street, found.city, found.postal_code) == (street, "Oldtown", "02302")


def test_a_building_in_the_address_is_not_lost_beside_the_locations_own_name() -> None:
    fields = {"formatted_address": "Pine Park, 3 Elm Street, Oldtown, MA 02302, USA", "location_notes": "Room 2"}
    assert draft_of(location="Lantern House", **fields).address.notes == "Pine Park\nRoom 2"
    assert draft_of(location="Pine Park", **fields).address.notes == "Room 2"


@pytest.mark.parametrize(
    ("name", "zone", "warnings"),
    [
        ("America/New_York", "America/New_York", ()),
        ("", None, ()),
        ("Eastern", None, ("unknown-timezone: Eastern",)),
        ("America", None, ("unknown-timezone: America",)),
        ("../../etc/passwd", None, ("unknown-timezone: ../../etc/passwd",)),
    ],
)
def test_a_time_zone_is_one_of_the_database(name: str, zone: str | None, warnings: tuple[str, ...]) -> None:
    row = row_of(timezone=name)
    assert (row.draft.address.timezone, row.warnings) == (zone, warnings)


@pytest.mark.parametrize(
    ("fields", "url", "warnings"),
    [
        ({"conference_url": "https://us02web.zoom.us/j/1?pwd=a&amp;b=c"}, "https://us02web.zoom.us/j/1?pwd=a&b=c", ()),
        ({"conference_url": "http://zoom.us/j/1"}, "http://zoom.us/j/1", ()),
        ({"conference_url": "zoom.us/j/1"}, "https://zoom.us/j/1", ()),
        ({"conference_url": "https://evilzoom.us/j/1"}, None, ("unknown-conference-provider: evilzoom.us",)),
        (
            {"conference_url": "https://rooms.example.org/a", "types": ["ONL"]},
            "https://rooms.example.org/a",
            ("unknown-conference-provider: rooms.example.org",),
        ),
        (
            {"conference_url": "http://rooms.example.org/a", "types": ["ONL"]},
            None,
            ("unknown-conference-provider: rooms.example.org",),
        ),
        ({"conference_url": "https://zoom.us@rooms.example.org/"}, None, ("unusable-url: conference_url",)),
        ({"conference_url": "javascript:alert(1)"}, None, ("unusable-url: conference_url",)),
        ({"conference_url": "https://[zoom.us/j/1"}, None, ("unusable-url: conference_url",)),
        ({"conference_url": ["https://zoom.us/j/1"]}, None, ("ignored: conference_url is a list",)),
    ],
)
def test_an_online_room_is_with_a_known_provider(
    fields: dict[str, object], url: str | None, warnings: tuple[str, ...]
) -> None:
    row = row_of(**fields)
    assert (row.draft.conference_url, row.warnings) == (url, warnings)


def test_providers_are_compared_on_whole_labels() -> None:
    assert is_provider("zoom.us")
    assert is_provider("us02web.zoom.us")
    assert not is_provider("evilzoom.us")
    assert not is_provider("zoom.us.example.org")
    assert host_of("https://Meet.Google.com/abc") == "meet.google.com"


@pytest.mark.parametrize(
    ("given", "phone", "warnings"),
    [
        ("+13015550106,,800555#,,#", "+13015550106,,800555#,,#", ()),
        ("+1 (301) 555-0106,,800-555#", "+13015550106,,800555#", ()),
        ("+13015550106,,800555#,,#,,Word&Word1#", "+13015550106,,800555#,,#", ("conference-phone-cut",)),
        ("+11", None, ("unusable-conference-phone: +11",)),
        ("", None, ()),
        ({}, None, ("ignored: conference_phone is a dict",)),
    ],
)
def test_a_dial_string_holds_what_a_telephone_can_dial(
    given: object, phone: str | None, warnings: tuple[str, ...]
) -> None:
    row = row_of(conference_phone=given)
    assert (row.draft.conference_phone, row.warnings) == (phone, warnings)


def test_notes_on_the_online_room_need_the_room() -> None:
    notes = {"conference_url_notes": "Passcode: lamp", "conference_phone_notes": "Press 1"}
    assert draft_of(**ROOM, **notes).conference_notes == "Passcode: lamp"
    assert draft_of(**notes).conference_notes is None


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        ({"slug": "lamp-1"}, "lamp-1"),
        ({"slug": 254}, "254"),
        ({"slug": 254.0}, "254"),
        ({"slug": "", "id": 41}, "41"),
        ({"slug": {"a": 1}, "ID": 41}, "41"),
        ({"slug": None, "name": "Late  Lamp", "day": [5, 1], "time": "11:00 PM"}, "late-lamp-1,5-23:00"),
        ({"slug": None, "name": "夜の灯", "time": None}, "夜の灯-1"),
    ],
)
def test_the_key_is_the_slug_or_what_stays_the_same_without_one(fields: dict[str, object], key: str) -> None:
    assert draft_of(**fields).key == key


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"name": "Late &amp; Lamp "}, "Late & Lamp"),
        ({"name": 24}, "24"),
        ({"name": None, "meeting": "Lamp"}, "Lamp"),
        (
            {"name": "", "location_name": "Juniper Hall", "start_time": "7:00 PM", "time": None},
            "Juniper Hall Monday 19:00",
        ),
        ({"name": "", "group": "Cedar Group", "day": None}, "Cedar Group 19:00"),
        ({"name": "x" * 300}, "x" * 254 + "…"),
    ],
)
def test_a_name_is_found_or_made_from_place_day_and_time(fields: dict[str, object], name: str) -> None:
    assert draft_of(**fields).name == name


@pytest.mark.parametrize(
    ("meeting", "reason"),
    [
        ("text", "not an object"),
        (None, "not an object"),
        ([PLACE], "not an object"),
        ({}, "no name"),
        ({**PLACE, "name": {"en": "A"}}, "no name"),
        ({**PLACE, "formatted_address": ""}, "no address and not online"),
        ({**PLACE, "formatted_address": "USA", "location": "Juniper Hall"}, "no address and not online"),
        ({**PLACE, "formatted_address": None, "attendance_option": "inactive", **ROOM}, "no address and not online"),
        ({**PLACE, "slug": "s" * 501}, "slug longer than 500 characters"),
    ],
)
def test_a_row_is_turned_away_with_its_place_in_the_list_and_the_reason(meeting: object, reason: str) -> None:
    assert read(PLACE, meeting)[1] == Rejected(2, reason)


def test_without_an_address_an_online_meeting_stays() -> None:
    draft = draft_of(formatted_address="", **ROOM)
    assert (draft.attendance, draft.status, draft.address.city) == ("online", Status.ACTIVE, None)


@pytest.mark.parametrize(
    ("group", "described"),
    [
        ("Cedar Group", "Cedar Group\n\nSide door\n\nBring a cup"),
        ("a", "Side door\n\nBring a cup"),
        ("D54 / GSO #000123", "Side door\n\nBring a cup"),
        ("District 25", "Side door\n\nBring a cup"),
        ("", "Side door\n\nBring a cup"),
    ],
)
def test_the_description_holds_the_notes_and_a_group_that_says_more_than_the_name(group: str, described: str) -> None:
    assert draft_of(group=group, notes="Side door", group_notes="Bring a cup").description == described


def test_the_service_body_is_the_organization_with_its_own_line_and_site() -> None:
    draft = draft_of(
        entity="Cedar Intergroup",
        entity_phone="+1-508-555-0107",
        entity_website_url="https://cedar.example.org",
        website="https://group.example.org",
        website_2="javascript:alert(1)",
        url="https://feed.example.org/a",
    )
    assert draft.organization == "Cedar Intergroup"
    assert draft.phones == (Phone("508-555-0107", description="Cedar Intergroup"),)
    assert draft.urls == (Link("https://group.example.org"), Link("https://cedar.example.org", "Cedar Intergroup"))
    assert draft.source_url == "https://feed.example.org/a"
    assert draft.verified_on is None


PRIVATE = {
    **{
        f"contact_{number}_{part}": f"secret {part} {number}"
        for number in (1, 2, 3)
        for part in ("name", "email", "phone")
    },
    **{
        name: f"secret {name}"
        for name in (
            "email phone mailing_address edit_url author last_contact venmo square paypal homegroup_online feedback_emails "
            "feedback_url entity_email district district_id sub_district something_new"
        ).split()
    },
    "Contact 1 Name": "secret in a header",
}


def test_private_and_unknown_fields_are_gone_before_anything_is_kept() -> None:
    assert "secret" not in repr(row_of(**PRIVATE))


def test_personal_numbers_are_left_out_of_every_text_of_the_row_and_said_once() -> None:
    personal = "Robin: 508-555-0108, robin@example.org"
    texts = (
        "notes",
        "group_notes",
        "location_notes",
        "conference_url_notes",
        "group",
        "location",
        "entity",
        "region",
        "day",
    )
    row = row_of(**ROOM, **dict.fromkeys(texts, personal))
    assert "0108" not in repr(row)
    assert "robin@" not in repr(row)
    assert row.warnings.count("contact-left-out") == 1


def test_the_raw_row_can_be_written_as_json_whatever_stood_there() -> None:
    odd = {
        "latitude": float("nan"),
        "day": [[1], {"a": 1}, 2],
        "id": 10**25,
        "region": "half \ud800",
        "notes": {"a": 1},
    }
    raw = row_of(**odd).raw
    assert json.loads(json.dumps(raw, allow_nan=False)) == raw
    assert (raw["day"], raw["id"], raw["region"]) == ([2], str(10**25), "half")
    assert "notes" not in raw


ODD = [None, True, [], {}, [[]], {"a": {}}, 10**30, -1, 1e308, "\x00", "<", ",", "@", "²", "٣", "&#0;", "x" * 9000]


@pytest.mark.parametrize("field", sorted(PUBLIC))
def test_no_odd_value_stops_the_reading_or_outgrows_its_column(field: str) -> None:
    rows = read(*({**PLACE, field: value} for value in ODD), PLACE)
    assert [row.line for row in rows] == list(range(1, len(ODD) + 2))
    for row in rows:
        if isinstance(row, Row):
            address = row.draft.address
            lines = (
                row.draft.name,
                row.draft.organization,
                address.name,
                address.street,
                address.street_2,
                address.city,
            )
            assert max(len(line or "") for line in lines) <= 255
            assert len(address.country) == 2
    assert isinstance(rows[-1], Row)


@pytest.fixture(scope="module")
def seeded() -> CodeBook:
    def infos() -> Iterator[codes.CodeInfo]:
        with (Path(__file__).parents[2] / "seeds" / "codes" / "meeting_guide.csv").open("rb") as stream:
            yield from codes.read(stream)

    return CodeBook.of(infos())


@pytest.mark.parametrize(
    ("name", "fellowship", "attendance", "closed", "unknown"),
    [
        ("aasepia", "aa", {"in-person": 1428, "online": 305, "hybrid": 305}, 134, {"ASBI": 26}),
        ("aasepia-2021", "aa", {"in-person": 1426, "online": 324, "hybrid": 348}, 212, {"ASBI": 22}),
        ("al-anon", "al-anon", {"in-person": 187, "online": 113, "hybrid": 60}, 31, {}),
        ("edmonton", "aa", {"in-person": 241, "online": 44, "hybrid": 30}, 21, {}),
        ("kansas-city", "aa", {"in-person": 125, "online": 33, "hybrid": 48}, 9, {}),
        ("sussex", "aa", {"in-person": 94, "online": 28, "hybrid": 1}, 0, {}),
        ("times", "aa", {"in-person": 1, "hybrid": 8}, 0, {"NA": 1}),
    ],
)
def test_every_row_of_a_real_feed_is_read(
    name: str,
    fellowship: str,
    attendance: dict[str, int],
    closed: int,
    unknown: dict[str, int],
    sample_data: Path,
    seeded: CodeBook,
) -> None:
    with (sample_data / "meeting-guide-feeds" / f"{name}.json").open("rb") as stream:
        rows = list(meeting_guide.read(stream, seeded, fellowship))
    read_rows = [row for row in rows if isinstance(row, Row)]
    assert (len(read_rows), len(rows) - len(read_rows)) == (sum(attendance.values()), 0)
    assert len({row.draft.key for row in read_rows}) == len(rows)
    assert Counter(row.draft.attendance for row in read_rows) == attendance
    assert sum(row.draft.status is Status.TEMPORARILY_CLOSED for row in read_rows) == closed
    warned = Counter(warning for row in read_rows for warning in row.warnings)
    assert {text.split(": ")[1]: n for text, n in warned.items() if text.startswith("unknown-type")} == unknown


def test_real_points_places_and_midnights_are_kept(sample_data: Path, seeded: CodeBook) -> None:
    def drafts(name: str, fellowship: str = "aa") -> list[ListingDraft]:
        with (sample_data / "meeting-guide-feeds" / f"{name}.json").open("rb") as stream:
            return [row.draft for row in meeting_guide.read(stream, seeded, fellowship) if isinstance(row, Row)]

    philadelphia, alberta = drafts("aasepia"), drafts("edmonton")
    assert all(draft.address.point for draft in philadelphia)
    assert not any(draft.address.point for draft in alberta)
    assert {(draft.address.state, draft.address.country) for draft in philadelphia} == {("PA", "US")}
    assert {(draft.address.state, draft.address.country) for draft in alberta} == {("AB", "CA")}
    assert all(draft.address.city for draft in [*philadelphia, *alberta])
    late = [window for draft in philadelphia for window in draft.windows if window.start + window.minutes >= 24 * 60]
    assert len(late) == 8
    assert all(len(draft.windows) == 1 for draft in alberta)


def test_a_real_broken_feed_is_refused(sample_data: Path) -> None:
    content = (sample_data / "meeting-guide-feeds" / "invalid.json.txt").read_bytes()
    with pytest.raises(UnreadableFile) as caught:
        meeting_guide.read(BytesIO(content), BOOK, "aa")
    assert caught.value.reason == "not-json"
