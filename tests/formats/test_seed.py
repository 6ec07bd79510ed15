"""Listings written in TOML: what the layout means, and that all the seed files of the project hold what they promise."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest

from directory.domain.errors import UnreadableFile
from directory.domain.geo import Point, distance_miles
from directory.domain.listings import ListingDraft, Phone, Status, Visibility
from directory.domain.schedule import DAY, LAST, Change, Timetable, Window, is_always_open, is_open
from directory.domain.taxonomy import KINDS, Code, CodeBook, CodeInfo
from directory.formats import codes, seed
from directory.formats.rows import Rejected, Row

SEEDS = Path(__file__).parents[2] / "seeds"
DEMO = sorted(path for path in (SEEDS / "demo").glob("*.toml") if path.name != "places.toml")
NOW = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
SEAT = Point(41.60, -117.90)
ZONE = "America/Los_Angeles"
BOOK = CodeBook.of(
    [
        CodeInfo(Code("aa", "", "O"), "attendance", {"en": "Open"}),
        CodeInfo(Code("aa", "", "S"), "language", {"en": "Spanish"}, (("language", "es"),)),
        CodeInfo(Code("aa", "", "W"), "community", {"en": "Women"}, (("people", "women"),)),
        CodeInfo(Code("samhsa", "2024", "DT"), "Type of Care", {"en": "Detoxification"}, (("care", "detox"),)),
    ]
)
LEAST = 'key = "k"\nkind = "meeting"\nname = "N"\n'


def rows_of(text: str) -> list[Row | Rejected]:
    return list(seed.read(BytesIO(text.encode()), NOW, BOOK))


def row(fields: str) -> Row:
    (found,) = rows_of(f"[[listing]]\n{LEAST}{fields}")
    assert isinstance(found, Row), found
    return found


def draft(fields: str) -> ListingDraft:
    return row(fields).draft


def reason(fields: str, least: str = LEAST) -> str:
    (found,) = rows_of(f"[[listing]]\n{least}{fields}")
    assert isinstance(found, Rejected), found
    return found.reason


@pytest.fixture(scope="module")
def book() -> CodeBook:
    infos: list[CodeInfo] = []
    for path in (SEEDS / "codes").glob("*.csv"):
        with path.open("rb") as stream:
            infos += codes.read(stream)
    return CodeBook.of(infos)


def drafts(book: CodeBook, *paths: Path) -> list[ListingDraft]:
    found = []
    for path in paths:
        with path.open("rb") as stream:
            for item in seed.read(stream, NOW, book):
                assert isinstance(item, Row), f"{path.name}: {item}"
                assert item.warnings == (), f"{path.name}, element {item.line}"
                found.append(item.draft)
    return found


def texts_of(listing: ListingDraft) -> list[str]:
    texts = (listing.name, listing.organization, listing.description, listing.eligibility, listing.application_process)
    more = (
        listing.fees,
        listing.required_documents,
        listing.hours_text,
        listing.conference_notes,
        listing.address.notes,
    )
    return [text for text in (*texts, *more, *(phone.description for phone in listing.phones)) if text]


@pytest.fixture(scope="module")
def demo(book: CodeBook) -> list[ListingDraft]:
    return drafts(book, *DEMO)


@pytest.fixture(scope="module")
def national(book: CodeBook) -> list[ListingDraft]:
    return drafts(book, SEEDS / "national.toml")


# The layout


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("tue 19:00-20:30", [Window("meeting", 2, 1140, 90)]),
        ("tue 19:00", [Window("meeting", 2, 1140, 60)]),
        ("fri sat 23:00-00:30", [Window("meeting", 5, 1380, 90), Window("meeting", 6, 1380, 90)]),
        ("2nd tue 19:00-20:30", [Window("meeting", 2, 1140, 90, week=2)]),
        ("last fri 18:00-19:30", [Window("meeting", 5, 1080, 90, week=LAST)]),
        ("1st 3rd sat 09:00-11:00", [Window("meeting", 6, 540, 120, week=1), Window("meeting", 6, 540, 120, week=3)]),
        ("sat-mon 08:00-09:00", [Window("meeting", day, 480, 60) for day in (6, 0, 1)]),
        ("wed 09:00-12:00 13:00-17:00", [Window("meeting", 3, 540, 180), Window("meeting", 3, 780, 240)]),
        ("sun 00:00-24:00", [Window("meeting", 0, 0, DAY)]),
    ],
)
def test_a_line_of_times_becomes_windows(line: str, expected: list[Window]) -> None:
    assert seed.windows(line, "meeting") == expected


def test_always_is_every_minute_of_the_week() -> None:
    assert is_always_open(Timetable(tuple(seed.windows("always", "hours")), ZONE))


@pytest.mark.parametrize(
    "line",
    ["", "mon", "09:00-10:00", "mon 9:00-10:00", "mon 10:00-10:00", "mon 20:00-24:30", "6th mon 09:00-10:00"],
)
def test_a_line_of_times_that_cannot_be_read_turns_the_listing_away(line: str) -> None:
    assert reason(f'hours = ["{line}"]')


def test_a_day_unlike_the_others_is_a_holiday_or_a_date() -> None:
    found = draft('closed = ["christmas", "2026-12-31"]\nspecial_hours = ["thanksgiving 12:00-15:00"]')
    assert found.changes == (
        Change(holiday="christmas"),
        Change(on=date(2026, 12, 31)),
        Change(holiday="thanksgiving", windows=((720, 180),)),
    )


def test_facets_follow_from_the_codes_unless_they_are_given() -> None:
    derived = draft('program = "aa"\ntypes = ["o", "S", "W"]\nsamhsa = ["DT"]')
    assert [(code.system, code.edition, code.code) for code in derived.codes[2:]] == [
        ("aa", "", "W"),
        ("samhsa", "2024", "DT"),
    ]
    assert (derived.languages, derived.people, derived.care, derived.pay) == (("es",), ("women",), ("detox",), None)
    given = draft('program = "aa"\ntypes = ["S", "W"]\nlanguages = ["en", "es"]\npeople = ["veterans", "women"]')
    assert (given.languages, given.people) == (("en", "es"), ("women", "veterans"))


def test_a_code_that_no_table_has_is_a_warning() -> None:
    found = row('program = "aa"\ntypes = ["O", "QQ"]')
    assert found.warnings == ("unknown-type: QQ",)
    assert found.draft.codes == (Code("aa", "", "O"),)


@pytest.mark.parametrize(
    ("fields", "attendance"),
    [
        ("", "in-person"),
        ('online = { url = "https://example.org/meet" }', "online"),
        ('online = { url = "https://example.org/meet" }\naddress = { street = "1 Elm Street" }', "hybrid"),
        ('online = { phone = "775-555-0199" }\nattendance = "in-person"', "in-person"),
    ],
)
def test_how_a_meeting_is_attended_follows_from_its_place_and_its_room_online(fields: str, attendance: str) -> None:
    assert draft(fields).attendance == attendance


def test_ages_of_facts_are_counted_back_from_now_on_the_calendar_of_the_place() -> None:
    fields = f"""verified_days_ago = 1
        address = {{ timezone = "{ZONE}" }}
        capacity = [{{ unit = "bed", available = 2, maximum = 12, care = "detox", as_of_hours_ago = 3 }}]"""
    late = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
    (found,) = seed.read(BytesIO(f"[[listing]]\n{LEAST}{fields}".encode()), late, BOOK)
    assert isinstance(found, Row)
    assert found.draft.verified_on == date(2026, 11, 21)
    assert [(item.available, item.care, item.as_of) for item in found.draft.capacities] == [
        (2, "detox", late - timedelta(hours=3))
    ]


def test_phones_and_links_are_a_text_or_a_table() -> None:
    found = draft(
        'phones = ["775-555-0100", { number = "775-555-0101", extension = "2", type = "text", for = "Intake" }]\n'
        'urls = ["https://example.org", { url = "https://example.org/form", label = "Form" }]'
    )
    assert found.phones == (Phone("775-555-0100"), Phone("775-555-0101", "2", "text", "Intake"))
    assert [(link.url, link.label) for link in found.urls] == [
        ("https://example.org", None),
        ("https://example.org/form", "Form"),
    ]


def test_defaults_hold_for_every_listing_and_an_address_is_put_together_field_by_field() -> None:
    text = """
        [defaults]
        kind = "food"
        address = { state = "ZZ", timezone = "America/Los_Angeles" }
        [[listing]]
        key = "a"
        name = "A"
        [[listing]]
        key = "b"
        name = "B"
        kind = "legal"
        address = { city = "Saltgrass", timezone = "America/Denver" }
    """
    first, second = (item.draft for item in rows_of(text) if isinstance(item, Row))
    assert (first.kind, first.address.state, first.address.timezone) == ("food", "ZZ", ZONE)
    assert (second.kind, second.address.state, second.address.timezone) == ("legal", "ZZ", "America/Denver")


def test_a_text_over_several_lines_is_one_line_in_the_listing() -> None:
    assert draft('description = """\nCome in.\n   Sit down.\n"""').description == "Come in. Sit down."


def test_what_is_left_out_is_not_known() -> None:
    found = draft("")
    assert (found.care, found.pay, found.people, found.languages, found.access, found.verified_on) == (None,) * 6
    assert found.windows == ()


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ('hours = ["mon 09:00"]', "cannot read the time 09:00"),
        ("colour = 1", "unknown field: colour"),
        ('address = { county = "Larkspur" }', "unknown field: county"),
        ('online = { host = "x" }', "unknown field: host"),
        ('program = "xx"', "unknown program: xx"),
        ('types = ["O"]', "types need a program"),
        ('pay = ["cash"]', "unknown pay: cash"),
        ('languages = ["Spanish"]', "unknown language: Spanish"),
        ('status = "open"', "unknown status: open"),
        ('hours = ["mo 09:00-10:00"]', "unknown day: mo"),
        ('closed = ["easter"]', "neither a date nor a holiday: easter"),
        ('special_hours = ["christmas"]', "special_hours: no times in christmas"),
        ("address = { lat = 41.6 }", "lat and lon must be a point"),
        ("address = { lat = nan, lon = 1 }", "lat and lon must be a point"),
        ('address = { timezone = "America/Larkspur" }', "unknown time zone: America/Larkspur"),
        ("minimum_age = true", "minimum_age must be of type int"),
        ('meets = "tue 19:00"', "meets must be of type list"),
        ("meets = [1]", "meets must be a list of texts"),
        ('phones = [{ number = "775-555-0100", type = "pigeon" }]', "unknown type: pigeon"),
        ('capacity = [{ unit = "bed" }]', "capacity has no as_of_hours_ago"),
        ("verified_days_ago = 99999999999", "verified_days_ago must be from 0 to 9999"),
    ],
)
def test_a_listing_that_breaks_a_rule_is_turned_away_with_the_reason(fields: str, expected: str) -> None:
    assert reason(fields) == expected


@pytest.mark.parametrize("missing", ["key", "kind", "name"])
def test_a_listing_needs_a_key_a_kind_and_a_name(missing: str) -> None:
    least = "\n".join(line for line in LEAST.splitlines() if not line.startswith(missing)) + "\n"
    assert reason("", least) == f"no {missing}"


def test_the_second_listing_with_a_key_is_turned_away_and_names_the_first() -> None:
    first, second = rows_of(f"[[listing]]\n{LEAST}\n[[listing]]\n{LEAST}")
    assert (first.line, second) == (1, Rejected(2, "same key as element 1: k"))


def test_a_rejected_listing_does_not_stop_those_after_it() -> None:
    found = rows_of(f'[[listing]]\nkey = "x"\n\n[[listing]]\n{LEAST}')
    assert [(type(item), item.line) for item in found] == [(Rejected, 1), (Row, 2)]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"[[listing]", "not-toml"),
        (b"\xff\xfe", "not-toml"),
        (b"", "unknown-layout"),
        (b"[[place]]\nname = 'x'", "unknown-layout"),
        (b"listing = 3", "unknown-layout"),
        (b"listing = [1]", "unknown-layout"),
        (b"defaults = 1\n[[listing]]\nkey = 'x'", "unknown-layout"),
    ],
)
def test_a_file_of_another_sort_is_unreadable(content: bytes, code: str) -> None:
    with pytest.raises(UnreadableFile) as caught:
        list(seed.read(BytesIO(content), NOW, BOOK))
    assert caught.value.reason == code


@pytest.mark.parametrize("lost", ["name", "zip", "lat", "timezone"])
def test_a_place_that_lacks_something_is_named_by_its_number(lost: str) -> None:
    whole = {"name": '"A"', "state": '"ZZ"', "zip": '"00101"', "lat": "41.6", "lon": "-117.9", "timezone": f'"{ZONE}"'}
    good = "\n".join(f"{name} = {value}" for name, value in whole.items())
    bad = "\n".join(f"{name} = {value}" for name, value in whole.items() if name != lost)
    with pytest.raises(ValueError, match=r"^place 2: "):
        list(seed.read_places(BytesIO(f"[[place]]\n{good}\n[[place]]\n{bad}".encode())))


# What the seed files hold


def test_the_county_has_six_towns_in_one_zone() -> None:
    with (SEEDS / "demo" / "places.toml").open("rb") as stream:
        places = list(seed.read_places(stream))
    assert [place.postal_code for place in places] == [f"0010{number}" for number in range(1, 7)]
    assert {(place.state, place.timezone) for place in places} == {("ZZ", ZONE)}
    assert len({place.name for place in places}) == 6
    spread = max(distance_miles(Point(a.lat, a.lon), Point(b.lat, b.lon)) for a in places for b in places)
    assert 30 < spread < 45


def test_every_kind_has_a_demonstration_listing(demo: list[ListingDraft]) -> None:
    assert {listing.kind for listing in demo} == set(KINDS)
    assert 55 <= len(demo) <= 75


def test_no_two_listings_have_the_same_key(demo: list[ListingDraft], national: list[ListingDraft]) -> None:
    assert [key for key, times in Counter(listing.key for listing in demo + national).items() if times > 1] == []


def test_demonstration_addresses_are_in_the_county_and_near_their_town(demo: list[ListingDraft]) -> None:
    with (SEEDS / "demo" / "places.toml").open("rb") as stream:
        towns = {place.postal_code: place for place in seed.read_places(stream)}
    for listing in demo:
        town = towns[listing.address.postal_code or ""]
        assert listing.address.state == "ZZ"
        assert listing.address.city in (town.name, None)
        assert (listing.address.point is not None) == (listing.address.street is not None)
        if listing.address.point:
            assert distance_miles(listing.address.point, SEAT) < 40
            assert distance_miles(listing.address.point, Point(town.lat, town.lon)) < 4, listing.key


def test_demonstration_phones_and_links_reach_nobody(demo: list[ListingDraft]) -> None:
    for listing in demo:
        numbers = [phone.number for phone in listing.phones] + [listing.conference_phone or "775-555-0100"]
        assert [number for number in numbers if not re.fullmatch(r"775-555-01\d\d", number)] == []
        urls = [link.url for link in listing.urls] + [listing.conference_url or "https://example.org/"]
        assert [url for url in urls if not url.startswith("https://example.org/")] == []


def test_texts_are_person_first(demo: list[ListingDraft], national: list[ListingDraft]) -> None:
    never = re.compile(r"addict|\babus|\bclean|\bdirty|relaps|non-?complian|\bfailed|[<>]|  ", re.IGNORECASE)
    assert [text for listing in demo + national for text in texts_of(listing) if never.search(text)] == []


def test_the_demonstration_shows_each_thing_that_a_search_must_handle(demo: list[ListingDraft]) -> None:
    by_key = {listing.key: listing for listing in demo}
    meetings = [listing for listing in demo if listing.kind == "meeting"]
    assert {listing.attendance for listing in meetings} == {"in-person", "hybrid", "online"}
    assert {listing.program for listing in meetings} == {"aa", "na", "smart", "al-anon", "rd"}
    assert any(window.start + window.minutes > DAY for window in by_key["aa-late-lantern"].windows)
    assert [(window.day, window.start) for window in by_key["aa-last-light"].windows] == [(6, 23 * 60 + 45)]
    assert [window.week for window in by_key["na-second-tuesday-steps"].windows] == [2]
    assert by_key["aa-quarry-flat"].status is Status.TEMPORARILY_CLOSED
    assert by_key["aa-grupo-nuevo-puente"].languages == ("es",)
    assert is_always_open(Timetable(by_key["the-porch"].windows, ZONE))
    assert {window.week for window in by_key["saltgrass-food-pantry"].windows} == {1, 3}
    assert by_key["high-desert-homestead"].pay is None
    assert {listing.address.visibility for listing in demo} == set(Visibility)


def test_the_hidden_address_gives_nothing_but_a_zip_code(demo: list[ListingDraft]) -> None:
    (hidden,) = [listing.address for listing in demo if listing.address.visibility is Visibility.HIDDEN]
    assert (hidden.street, hidden.city, hidden.point, hidden.postal_code) == (None, None, None, "00103")


def test_the_methadone_clinic_opens_before_work_and_keeps_short_hours_on_thanksgiving(demo: list[ListingDraft]) -> None:
    (clinic,) = [listing for listing in demo if listing.key == "sunup-opioid-treatment"]
    hours = Timetable(clinic.windows, ZONE, clinic.changes)
    assert clinic.medication == ("buprenorphine", "methadone")
    assert is_open(hours, datetime(2026, 11, 23, 13, 30, tzinfo=UTC))  # Monday, 5:30 am there
    assert not is_open(hours, datetime(2026, 11, 26, 17, 0, tzinfo=UTC))  # Thanksgiving, 9 am there


def test_openings_are_of_several_ages_and_one_number_is_not_known(demo: list[ListingDraft]) -> None:
    reports = [report for listing in demo for report in listing.capacities]
    ages = [(NOW - report.as_of) / timedelta(hours=1) for report in reports]
    assert min(ages) <= 3
    assert max(ages) > 240
    assert any(age > 72 for age in ages)
    assert {report.available is None for report in reports} == {True, False}
    assert any(report.available == 0 for report in reports)


def test_national_numbers_are_reached_from_anywhere_and_name_their_source(book: CodeBook) -> None:
    with (SEEDS / "national.toml").open("rb") as stream:
        found = [item for item in seed.read(stream, NOW, book) if isinstance(item, Row)]
    for item in found:
        listing = item.draft
        assert listing.coverage == "nationwide"
        assert (listing.address.street, listing.address.city, listing.address.point) == (None, None, None)
        assert listing.phones
        assert listing.source_url
        assert listing.source_url.startswith("https://")
        assert item.raw["source"]
    numbers = {item.draft.key: [phone.number for phone in item.draft.phones] for item in found}
    assert numbers["988-lifeline"] == ["988", "988"]
    assert numbers["samhsa-national-helpline"] == ["1-800-662-4357", "1-800-487-4889"]
    assert numbers["national-domestic-violence-hotline"][0] == "1-800-799-7233"
