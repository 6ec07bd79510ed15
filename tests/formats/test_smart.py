"""SMART Recovery's list: what a meeting becomes, on whose clock its time is, and that nobody's name or number comes with it."""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from io import BytesIO
from pathlib import Path

import pytest

from directory.domain.errors import UnreadableFile
from directory.domain.listings import ListingDraft, Status
from directory.domain.schedule import LAST, Window
from directory.formats import smart
from directory.formats.rows import Rejected, Row
from directory.gateways.zones import zone_at
from tests.formats.books import BOOK
from tests.formats.golden import FIXTURES, expected, told

EAST = {"latitude": "42.3", "longitude": "-71.2"}
WEST = {"latitude": "37.35", "longitude": "-121.95"}


def details(notes: str = "", **labels: str) -> str:
    given = {
        "Cost": "Free",
        "Program": "4-Point",
        "Specific audiences": "All Welcome",
        "Languages spoken": "English",
    } | labels
    lines = "\n\n".join(f"{name}: {text}" for name, text in given.items())
    return (
        f"Details\n\n{lines}\n\n\nFacilitators: Robin T.\n802-555-0142\n\n\nNotes\n\nMeeting #: 77\n\xa0\n{notes}\n\n\n"
    )


def read(*meetings: object) -> list[Row | Rejected]:
    return list(smart.read(BytesIO(json.dumps(list(meetings)).encode()), BOOK, zone_at))


def draft_of(notes: str = "", labels: dict[str, str] | None = None, **fields: object) -> ListingDraft:
    plain = {"days": ["tuesdays"], "times": ["7:00 pm"], "address": "12 Heron Street, Cedar Falls, MA 02302", **EAST}
    [row] = read({**plain, "details": details(notes, **(labels or {})), **fields})
    assert isinstance(row, Row)
    return row.draft


def test_the_golden_list_is_read_as_it_should_be() -> None:
    with (FIXTURES / "smart.json").open("rb") as stream:
        assert told(smart.read(stream, BOOK, zone_at)) == expected("smart.golden.json")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"{}", "not-a-list"),
        (b"[", "not-json"),
        (b"\xff\xff\0", "not-text"),
        (b"[" * 99_999, "not-json"),
    ],
)
def test_a_file_that_is_no_list_is_refused_at_once(content: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFile) as caught:
        smart.read(BytesIO(content), BOOK)
    assert caught.value.reason == reason


def test_nothing_of_those_who_lead_a_meeting_is_kept_anywhere() -> None:
    with (FIXTURES / "smart.json").open("rb") as stream:
        rows = list(smart.read(stream, BOOK, zone_at))
    kept = repr(rows)
    assert [word for word in ("Robin", "Sam S", "802-555", "example.org", "Call ") if word in kept] == []
    assert "Side door" in kept


@pytest.mark.parametrize(
    ("place", "time", "day", "start", "zone"),
    [
        (EAST, "7:00 pm", 2, 19 * 60, "America/New_York"),
        (WEST, "10:00 pm", 2, 19 * 60, "America/Los_Angeles"),
        (WEST, "1:00 am", 1, 22 * 60, "America/Los_Angeles"),
        ({"latitude": "33.4", "longitude": "-111.9"}, "10:00 pm", 2, 19 * 60, "America/Phoenix"),
        ({"latitude": "44.65", "longitude": "-63.6"}, "11:30 pm", 3, 30, "America/Halifax"),
    ],
)
def test_the_list_tells_times_on_the_eastern_clock_and_we_on_that_of_the_place(
    place: dict[str, str], time: str, day: int, start: int, zone: str
) -> None:
    draft = draft_of(times=[time], **place)
    assert draft.windows == (Window("meeting", day, start, 60),)
    assert draft.address.timezone == zone


def test_without_a_place_the_clock_stays_the_eastern_one() -> None:
    draft = draft_of(times=["10:00 pm"], latitude="", longitude="")
    assert (draft.address.timezone, draft.windows[0].start) == ("America/New_York", 22 * 60)


@pytest.mark.parametrize(
    ("notes", "weeks"),
    [
        ("Meets the 2nd and 4th Tuesday of the month.", [2, 4]),
        ("This meeting is ONLY HELD ON THE THIRD TUESDAY OF THE MONTH", [3]),
        ("First and last TUESDAYS of each month", [1, LAST]),
        ("Every Tuesday except the last Tuesday of the month.", [None]),
        ("1st and 3rd Tuesdays in person, else online.", [None]),
        ("1st Tuesday of month film night.", [None]),
        ("Meets the 2nd Friday too.", [None]),
        ("", [None]),
    ],
)
def test_weeks_of_the_month_count_only_where_the_notes_say_so_of_the_meeting_itself(
    notes: str, weeks: list[int | None]
) -> None:
    assert sorted(window.week or 0 for window in draft_of(notes).windows) == sorted(week or 0 for week in weeks)


def test_what_is_not_every_week_and_cannot_be_written_down_stays_text() -> None:
    draft = draft_of("We meet every other Tuesday.")
    assert (draft.windows, draft.hours_text) == ((), "We meet every other Tuesday.")


@pytest.mark.parametrize(
    "sign", ["\n", " ", "a", "x ", "now ", "every ", "1st ", "Notes\n", "Facilitators\n", "zoom id ", "https://", "("]
)
def test_no_notes_take_long_to_read(sign: str) -> None:
    started = time.process_time()
    draft_of(sign * (40_000 // len(sign)))
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    ("notes", "address", "attendance", "status"),
    [
        ("", "12 Heron Street, Cedar Falls, MA", "in-person", Status.ACTIVE),
        ("Also on Zoom.", "12 Heron Street, Cedar Falls, MA", "hybrid", Status.ACTIVE),
        ("Moved online.", "12 Heron Street, Cedar Falls, MA", "online", Status.ACTIVE),
        ("Moved online. RESUMED IN PERSON", "12 Heron Street, Cedar Falls, MA", "hybrid", Status.ACTIVE),
        ("No longer online.", "12 Heron Street, Cedar Falls, MA", "in-person", Status.ACTIVE),
        ("In person only, not on Zoom.", "12 Heron Street, Cedar Falls, MA", "in-person", Status.ACTIVE),
        ("On Zoom.", "Cedar Falls, Massachusetts, United States", "online", Status.ACTIVE),
        ("", "Cedar Falls, Massachusetts, United States", "in-person", Status.INACTIVE),
        ("On hiatus.", "12 Heron Street, Cedar Falls, MA", "in-person", Status.TEMPORARILY_CLOSED),
    ],
)
def test_how_one_takes_part_follows_from_the_notes_and_the_address(
    notes: str, address: str, attendance: str, status: Status
) -> None:
    draft = draft_of(notes, address=address)
    assert (draft.attendance, draft.status) == (attendance, status)


def test_the_way_in_is_that_of_a_known_provider_alone() -> None:
    notes = "Sign up at https://heron.example.org/form, join https://heron.zoom.us/j/5550142Meeting ID: 555 014 2014 Passcode: larks"
    draft = draft_of(notes)
    assert draft.conference_url == "https://heron.zoom.us/j/5550142"
    assert draft.conference_notes == "Meeting ID: 555 014 2014, Passcode: larks"
    assert draft.description is None


@pytest.mark.parametrize(
    ("labels", "people", "languages", "pay"),
    [
        ({"Specific audiences": "LGBTQIA+, Men (read it first)"}, ("men", "lgbtq"), ("en",), ("free",)),
        ({"Languages spoken": "English, Español"}, None, ("en", "es"), ("free",)),
        ({"Languages spoken": "Français"}, None, ("fr",), ("free",)),
        ({"Cost": "$5"}, None, ("en",), None),
    ],
)
def test_the_labels_lead_to_facets(
    labels: dict[str, str], people: tuple[str, ...] | None, languages: tuple[str, ...], pay: tuple[str, ...] | None
) -> None:
    draft = draft_of(labels=labels)
    assert (draft.people, draft.languages, draft.pay) == (people, languages, pay)


@pytest.mark.parametrize(
    ("address", "city", "state", "country"),
    [
        ("12 Heron Street, Cedar Falls, VT, 05641, US", "Cedar Falls", "VT", "US"),
        ("12 Heron St W, Oldtown, Ontario N2H 3Z1, CA", "Oldtown", "ON", "CA"),
        ("12 Heron Street, Oldtown, MB, R0B2J0, CA", "Oldtown", "MB", "CA"),
        ("12 Heron Street, Oldtown, CA", "Oldtown", "CA", "US"),
    ],
)
def test_a_country_in_two_letters_is_told_from_a_state(address: str, city: str, state: str, country: str) -> None:
    found = draft_of(address=address).address
    assert (found.city, found.state, found.country) == (city, state, country)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"days": ["the"], "times": ["wednesday, july"]}, "no weekday and time: the wednesday, july"),
        ({"days": [], "times": None}, "no weekday and time: "),
        ({"address": ["here"]}, "no address"),
    ],
)
def test_a_meeting_without_a_time_or_a_place_is_turned_away(fields: dict[str, object], reason: str) -> None:
    plain = {"days": ["tuesdays"], "times": ["7:00 pm"], "address": "12 Heron Street", "details": details()}
    assert read({**plain, **fields}) == [Rejected(1, reason)]


def test_every_meeting_of_the_real_list_is_told_and_nobody_is_named(sample_data: Path) -> None:
    content = (sample_data / "smart-recovery" / "SMART.json").read_bytes()
    given = json.loads(content)
    rows = list(smart.read(BytesIO(content), BOOK, zone_at))
    weekly = [
        one
        for one in given
        if one["days"][0] in ("sundays", *(f"{day}days" for day in "mon tues wednes thurs fri satur".split()))
    ]
    drafts = [row.draft for row in rows if isinstance(row, Row)]
    assert (len(rows), len(drafts)) == (len(given), len(weekly)) == (1041, 1028)
    numbers = Counter(re.search(r"Meeting #: (\d+)", one["details"])[1] for one in weekly)
    assert Counter(draft.key for draft in drafts) == numbers
    assert Counter("FF" in {code.code for code in draft.codes} for draft in drafts) == Counter(
        "Program: Family and Friends" in one["details"] for one in weekly
    )
    kept = " ".join(f"{draft.description} {draft.conference_notes}" for draft in drafts)
    assert re.findall(r"(?i)facilitat|\bcall\b|@|removed\]|\(\d{3}\)|\d{3}-\d{3}-\d{4}", kept) == []
    early = [draft for draft in drafts if draft.windows and not 6 * 60 <= draft.windows[0].start <= 21 * 60 + 45]
    assert len(early) < 10
