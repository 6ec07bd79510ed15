"""The words of a card and of a listing's page, one table for each rule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from directory import i18n
from directory.domain.geo import Point, Precision
from directory.domain.listings import Geocode, Phone, Status, Visibility
from directory.domain.results import Openings
from directory.domain.schedule import LAST, WEEK, Change, TimeFilter, Window
from directory.domain.search import parse
from directory.domain.taxonomy import Code, CodeInfo
from directory.services.search import card_at
from directory.web.presenters import card_view, directions_url, line_views, openings_mark, what_words, where_words
from directory.web.presenters_listing import listing_view
from directory.web.presenters_time import ANY_TIME, time_mark
from directory.web.wording import distance_words, moment_words, phone_url, phone_words, whole_words, zone_words
from tests.web.made import NEW_YORK, NOW, card, detail, meeting, times

HERE = ZoneInfo(NEW_YORK)
NO_BREAK = "\N{NO-BREAK SPACE}"


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    i18n.use("en")
    yield
    i18n.use("en")


def office(day: int, start: int, end: int) -> Window:
    """Open hours on a weekday, in whole hours."""
    return Window("hours", day, start * 60, (end - start) * 60)


def said(asked: TimeFilter = ANY_TIME, **changes: object) -> tuple[str, str]:
    """What is said of the time of a card, worked out as the search does, and in which tone."""
    mark = time_mark(card_at(card(**changes), NOW, NEW_YORK, None), NOW, asked)
    return mark.text, mark.tone


# --- the line that decides: Monday, noon in New York -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("windows", "words"),
    [
        ((meeting(2, "19:00"),), ("tomorrow, 7 pm", "plain")),
        ((meeting(1, "19:30"),), ("today, 7:30 pm", "plain")),
        ((meeting(3, "12:00"),), ("Wed 4 Mar, noon", "plain")),
        ((meeting(1, "12:40"),), ("starts in 40 minutes", "now")),
        ((meeting(1, "12:01"),), ("starts in 1 minute", "now")),
        ((meeting(1, "11:30"),), ("going on now, until 12:30 pm", "now")),
        ((office(1, 9, 17),), ("open until 5 pm", "now")),
        ((office(1, 13, 17),), ("opens in 60 minutes", "now")),
        ((office(2, 9, 17),), ("closed now, opens tomorrow, 9 am", "plain")),
        ((Window("hours", 1, 0, 2 * 24 * 60),), ("open until Wed 4 Mar, midnight", "now")),
        ((Window("hours", 0, 0, WEEK),), ("open 24 hours", "now")),
    ],
)
def test_the_time_is_said_so_that_it_decides(windows: tuple[Window, ...], words: tuple[str, str]) -> None:
    assert said(timetable=times(*windows)) == words


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"timetable": times()}, "hours not known: call"),
        ({"timetable": times(), "phones": ()}, "hours not known"),
        ({"timetable": times(), "phones": (Phone("555-0100", type="fax"),)}, "hours not known"),
        ({"timetable": times(), "hours_text": "By appointment"}, "see hours below"),
        ({"status": Status.TEMPORARILY_CLOSED}, "closed for now"),
        ({"timetable": times(meeting(1, "19:00", valid_to=date(2026, 2, 1)))}, "no time in the next 4 months"),
    ],
)
def test_hours_that_are_not_known_are_said_to_be_not_known(changes: dict[str, object], words: str) -> None:
    assert said(**changes) == (words, "quiet")


@pytest.mark.parametrize(
    ("asked", "windows", "words"),
    [
        (TimeFilter(day=4), (meeting(1, "19:00"), meeting(4, "19:00")), "Thu 5 Mar, 7 pm"),
        (TimeFilter(date_offset=1), (meeting(1, "19:00"), meeting(2, "8:00")), "tomorrow, 8 am"),
        (
            TimeFilter(date_offset=0),
            (meeting(1, "8:00"), meeting(3, "8:00")),
            "today’s 8 am is over, next Wed 4 Mar, 8 am",
        ),
        (TimeFilter(date_offset=0), (office(1, 9, 17),), "open until 5 pm"),
        (TimeFilter(day=3), (office(1, 9, 17), office(3, 10, 12)), "Wed 4 Mar, 10 am to noon"),
        (
            TimeFilter(within=parse([("time", "evening")])[0].time_filter.within),
            (meeting(1, "15:00"), meeting(2, "18:00")),
            "tomorrow, 6 pm",
        ),
    ],
)
def test_where_a_time_was_asked_for_it_is_the_one_that_is_said(
    asked: TimeFilter, windows: tuple[Window, ...], words: str
) -> None:
    assert said(asked, timetable=times(*windows))[0] == words


def test_a_place_with_hours_and_a_meeting_speaks_of_what_is_on_or_next() -> None:
    evening = meeting(1, "12:30")
    assert said(timetable=times(office(1, 9, 21), meeting(5, "19:00"))) == ("open until 9 pm", "now")
    assert said(timetable=times(office(1, 9, 21), meeting(1, "11:30"))) == ("open until 9 pm", "now")
    assert said(timetable=times(office(2, 9, 21), meeting(1, "11:30"))) == ("going on now, until 12:30 pm", "now")
    assert said(timetable=times(office(2, 9, 21), meeting(5, "19:00")))[0] == "closed now, opens tomorrow, 9 am"
    assert said(timetable=times(office(2, 9, 21), evening)) == ("starts in 30 minutes", "now")


MORNING = parse([("day", "today"), ("time", "morning")])[0].time_filter
LATER = parse([("day", "tomorrow"), ("time", "evening")])[0].time_filter


@pytest.mark.parametrize(
    ("asked", "windows", "words"),
    [
        (MORNING, (office(1, 7, 9), office(1, 17, 18)), "today’s 7 am to 9 am is over, next today, 5 pm"),
        (LATER, (office(2, 7, 9), office(2, 17, 18)), "tomorrow, 5 pm to 6 pm"),
        (LATER, (office(2, 7, 18),), "tomorrow, 7 am to 6 pm"),
        (TimeFilter(day=3), (Window("hours", 3, 0, 1440),), "Wed 4 Mar, all day"),
    ],
)
def test_open_hours_that_answer_a_part_of_the_day_are_the_ones_that_are_said(
    asked: TimeFilter, windows: tuple[Window, ...], words: str
) -> None:
    assert said(asked, timetable=times(*windows))[0] == words


def test_an_online_meeting_names_the_clock_it_is_told_on() -> None:
    seen = card_at(card(attendance="online"), NOW, "America/Los_Angeles", None)
    assert time_mark(seen, NOW).text == "tomorrow, 4 pm (Pacific Time)"


@pytest.mark.parametrize(
    ("available", "hours", "freshness", "words", "tone"),
    [
        (2, 3, "fresh", "2 beds open, reported 3 hours ago", "openings"),
        (1, 3, "fresh", "1 bed open, reported 3 hours ago", "openings"),
        (0, 3, "fresh", "no beds open, reported 3 hours ago", "quiet"),
        (2, 48, "ask-first", "2 beds open, reported 2 days ago; call first", "openings"),
        (2, 200, "old", "openings last reported 1 week ago; call first", "quiet"),
    ],
)
def test_openings_are_said_with_their_age(
    available: int | None, hours: int, freshness: str, words: str, tone: str
) -> None:
    mark = openings_mark(Openings("bed", available, 10, NOW - timedelta(hours=hours), freshness), NOW)
    assert mark
    assert (mark.text, mark.tone) == (words, tone)


def test_where_nobody_reports_openings_nothing_is_said_of_them() -> None:
    assert openings_mark(None, NOW) is None


def test_a_report_of_how_many_beds_there_are_says_nothing_of_openings() -> None:
    licensed = Openings("licensed bed", None, 20, NOW - timedelta(hours=3), "fresh")
    assert openings_mark(licensed, NOW) is None


@pytest.mark.parametrize(
    ("miles", "approximate", "words"),
    [
        (0.84, False, "0.8 miles"),
        (3.2, True, "about 3 miles"),
        (1.2, True, "about 1 mile"),
        (0.2, True, "about 1 mile or less"),
        (0.0, True, "about 1 mile or less"),
        (0.04, False, "under 0.1 miles"),
        (0.0, False, "under 0.1 miles"),
        (1234.56, False, "1,234.6 miles"),
    ],
)
def test_distances_are_as_exact_as_they_are_known(miles: float, approximate: bool, words: str) -> None:
    assert distance_words(miles, approximate) == words


def test_a_clock_that_is_nobodys_own_is_called_by_its_name() -> None:
    assert zone_words("UTC", NOW) == "UTC"


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (datetime(2026, 3, 2, 0, 0, tzinfo=HERE), "today, midnight"),
        (datetime(2026, 3, 3, 12, 0, tzinfo=HERE), "tomorrow, noon"),
        (datetime(2026, 3, 8, 19, 0, tzinfo=HERE), "Sun 8 Mar, 7 pm"),
        (datetime(2025, 3, 9, 19, 0, tzinfo=HERE), "Mar 9, 2025, 7 pm"),
    ],
)
def test_a_day_is_named_from_where_the_reader_stands(moment: datetime, words: str) -> None:
    assert moment_words(moment, NOW) == words


# --- what nobody should set out for ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "mark", "sentence"),
    [
        (
            {"status": Status.TEMPORARILY_CLOSED},
            "closed for now",
            "Not meeting now. It used to meet: Tuesday, 7 pm to 8 pm.",
        ),
        ({"status": Status.INACTIVE, "timetable": times()}, "not meeting now", "Not meeting now."),
        (
            {"status": Status.TEMPORARILY_CLOSED, "kind": "food", "timetable": times(office(1, 9, 17))},
            "closed for now",
            "Closed for now. It used to be open: Monday, 9 am to 5 pm.",
        ),
        (
            {"status": Status.INACTIVE, "kind": "food", "attendance": "hybrid", "timetable": times()},
            "not in the search for now",
            "Not in the search for now.",
        ),
    ],
)
def test_what_is_closed_for_now_says_so_once_and_sends_nobody_there(
    changes: dict[str, object], mark: str, sentence: str
) -> None:
    openings = Openings("bed", 2, 10, NOW, "fresh")
    made = detail(openings=openings, distance_miles=2.0, conference_url="https://video.example.org/j/555", **changes)
    view = listing_view(replace(made, card=card_at(made.card, NOW, NEW_YORK, None)), NOW)
    assert ([each.text for each in view.marks], view.inactive) == ([mark], sentence)
    assert [action.sort for action in view.actions] == ["call"]
    assert (view.week, view.monthly, view.special, view.next_times) == ((), (), (), ())
    assert (view.calendar_url, view.directions_url, view.is_private_link, view.has_no_hours) == ("", "", False, False)
    on_card = card_view(made.card, NOW)
    assert [each.text for each in on_card.marks] == [mark]
    assert [action.sort for action in on_card.actions] == ["call"]


def test_a_number_whose_hours_are_only_words_points_to_nothing_below_it() -> None:
    (line,) = line_views([card(timetable=times(), hours_text="In most places day and night.")], NOW)
    assert [mark.text for mark in line.marks] == ["hours differ by area"]


# --- where, whom to call, how to get there -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "Heron Hall, 12 Heron Lane, Saltmarsh, NY 10001"),
        ({"street": None, "place_name": None}, "Saltmarsh, NY 10001 (street not known)"),
        (
            {"visibility": Visibility.PARTIAL, "street": None, "place_name": None},
            "Saltmarsh, NY 10001 (exact address is not public)",
        ),
        ({"visibility": Visibility.HIDDEN}, "Address is not public: call to ask"),
    ],
)
def test_an_address_is_said_as_far_as_it_may_be_known(changes: dict[str, object], words: str) -> None:
    assert where_words(card(**changes)).replace(NO_BREAK, " ") == words


def test_a_state_and_its_zip_code_stay_on_one_line() -> None:
    assert where_words(card()).endswith(f"NY{NO_BREAK}10001")
    assert whole_words("Burlington, VT 05401") == f"Burlington, VT{NO_BREAK}05401"


@pytest.mark.parametrize(
    ("changes", "target"),
    [
        ({}, "to=40.75000%2C-73.99000"),
        ({"approximate": True}, "to=12+Heron+Lane%2C+Saltmarsh%2C+NY%2C+10001"),
        ({"point": None}, "to=12+Heron+Lane%2C+Saltmarsh%2C+NY%2C+10001"),
    ],
)
def test_directions_lead_to_the_public_place(changes: dict[str, object], target: str) -> None:
    assert directions_url(card(**changes)) == f"https://www.openstreetmap.org/directions?{target}"


@pytest.mark.parametrize(
    "changes",
    [
        {"visibility": Visibility.HIDDEN},
        {"visibility": Visibility.PARTIAL},
        {"attendance": "online"},
        {"street": None, "approximate": True},
        {"street": None, "point": None},
    ],
)
def test_there_are_no_directions_to_what_is_private_or_only_roughly_known(changes: dict[str, object]) -> None:
    assert directions_url(card(**changes)) is None


@pytest.mark.parametrize(
    ("phone", "url", "words"),
    [
        (Phone("(215) 555-0101"), "tel:+12155550101", "(215) 555-0101"),
        (Phone("1-800-555-HELP"), "tel:+18005554357", "1-800-555-HELP"),
        (Phone("215-555-0101", "12"), "tel:+12155550101;ext=12", "215-555-0101 ext. 12"),
        (Phone("988", "1"), "tel:988;ext=1", "988, then press 1"),
        (Phone("+44 20 5555 0101"), "tel:+442055550101", "+44 20 5555 0101"),
        (Phone("741741", type="text"), "sms:741741", "741741"),
    ],
)
def test_a_number_can_be_tapped(phone: Phone, url: str, words: str) -> None:
    assert (phone_url(phone), phone_words(phone)) == (url, words)


def test_actions_come_in_one_order_and_a_fax_is_none() -> None:
    phones = (Phone("555-0109", type="fax"), Phone("555-555-0101"), Phone("555-555-0102"), Phone("55501", type="text"))
    assert [(action.sort, action.hint) for action in card_view(card(phones=phones), NOW).actions] == [
        ("call", "555-555-0101"),
        ("text", "55501"),
        ("directions", ""),
    ]


# --- facts -------------------------------------------------------------------------------------------------------------


def test_facts_come_in_one_order_whatever_is_known() -> None:
    full = card(
        kind="treatment", program=None, care=("detox",), medication=("methadone",), people=("women",), pay=("free",),
        access=("wheelchair",), languages=("en", "es"), timetable=times(), hours_text="By appointment",
    )  # fmt: skip
    names = [
        "What",
        "Where",
        "Hours",
        "Type of care",
        "Medication",
        "Who it is for",
        "Ways to pay",
        "Access",
        "Languages",
    ]
    assert [fact.name for fact in card_view(full, NOW).facts] == names


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("treatment", "Not known: Type of care, Who it is for, Ways to pay"),
        ("housing", "Not known: Who it is for, Ways to pay"),
        ("legal", "Not known: Ways to pay"),
        ("meeting", ""),
    ],
)
def test_what_would_decide_and_is_not_known_is_named(kind: str, words: str) -> None:
    assert card_view(card(kind=kind, care=None, people=None, pay=None), NOW).unknown == words


def test_an_empty_facet_is_known_and_so_is_not_called_unknown() -> None:
    assert card_view(card(kind="legal", pay=()), NOW).unknown == ""


def test_a_meeting_says_its_program_and_types_but_no_type_twice() -> None:
    types = (
        CodeInfo(Code("aa", "", "O"), "attendance", {"en": "Open"}),
        CodeInfo(Code("aa", "", "ONL"), "attendance", {"en": "Online"}, (("attendance", "online"),)),
        CodeInfo(Code("aa", "", "S"), "language", {"en": "Spanish"}, (("language", "es"),)),
        CodeInfo(Code("aa", "", "OO"), "format", {"en": "Open"}),
    )
    assert (
        what_words(card(types=types, attendance="hybrid")) == "Alcoholics Anonymous (AA) · In person and online · Open"
    )


def test_a_list_of_one_program_does_not_spell_its_name_again_and_again() -> None:
    assert card_view(card(), NOW, ANY_TIME, "aa").facts[0].value == "AA"
    assert card_view(card(program="smart"), NOW, ANY_TIME, "smart").facts[0].value == "SMART Recovery"
    assert card_view(card(), NOW).facts[0].value == "Alcoholics Anonymous (AA)"


# --- a listing's page --------------------------------------------------------------------------------------------------


def test_open_hours_show_every_day_and_a_meeting_only_its_own() -> None:
    hours = listing_view(detail(timetable=times(office(1, 9, 17), office(3, 9, 12))), NOW)
    held = listing_view(detail(timetable=times(meeting(1, "19:00"), meeting(3, "7:00"))), NOW)
    assert [(day.name, day.times, day.is_today) for day in hours.week][:3] == [
        ("Mon 2 Mar", ("9 am to 5 pm",), True),
        ("Tue 3 Mar", (), False),
        ("Wed 4 Mar", ("9 am to noon",), False),
    ]
    assert len(hours.week) == 7
    assert [day.name for day in held.week] == ["Mon 2 Mar", "Wed 4 Mar"]


@pytest.mark.parametrize(
    ("window", "words"),
    [
        (meeting(2, "18:00", week=2), "Second Tuesday of the month, 6 pm to 7 pm"),
        (meeting(5, "23:30", week=LAST), "Last Friday of the month, 11:30 pm to 12:30 am"),
    ],
)
def test_what_is_monthly_is_said_in_words(window: Window, words: str) -> None:
    assert listing_view(detail(timetable=times(window)), NOW).monthly == (words,)


def test_days_that_differ_are_listed_until_they_are_over() -> None:
    changes = (
        Change(on=date(2026, 3, 1)),
        Change(on=date(2026, 3, 9), windows=((600, 120),)),
        Change(holiday="thanksgiving"),
    )
    view = listing_view(detail(timetable=times(office(1, 9, 17), changes=changes)), NOW)
    assert [(fact.name.replace(NO_BREAK, " "), fact.value) for fact in view.special] == [
        ("Mon 9 Mar", "10 am to noon"),
        ("Thanksgiving, Thu 26 Nov", "closed"),
    ]


def test_days_that_differ_stand_in_the_order_in_which_they_come() -> None:
    changes = (
        Change(holiday="christmas"),
        Change(holiday="memorial-day"),
        Change(on=date(2026, 4, 1)),
        Change(holiday="new-years-day"),
    )
    view = listing_view(detail(timetable=times(office(1, 9, 17), changes=changes)), NOW)
    assert [fact.name.replace(NO_BREAK, " ") for fact in view.special] == [
        "Wed 1 Apr",
        "Memorial Day, Mon 25 May",
        "Christmas Day, Fri 25 Dec",
        "New Year's Day, Fri 1 Jan",
    ]


def test_the_week_says_why_a_day_differs() -> None:
    before = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
    shut, short = Change(holiday="thanksgiving"), Change(holiday="thanksgiving", windows=((600, 360),))
    open_daily = tuple(office(day, 9, 17) for day in range(7))
    rows = [
        listing_view(detail(timetable=times(*windows, changes=(change,))), before).week
        for windows, change in ((open_daily, shut), (open_daily, short), ((meeting(4, "19:00"),), shut))
    ]
    assert [next((day.times, day.note) for day in week if day.name == "Thu 26 Nov") for week in rows] == [
        ((), "Thanksgiving"),
        (("10 am to 4 pm",), "Thanksgiving"),
        ((), "Thanksgiving"),
    ]
    assert {day.note for day in rows[0] if day.name != "Thu 26 Nov"} == {""}


def test_hours_from_midnight_to_midnight_read_all_day_on_each_of_their_days() -> None:
    view = listing_view(
        detail(
            timetable=times(
                Window("hours", 1, 0, 2 * 1440), changes=(Change(on=date(2026, 3, 5), windows=((0, 1440),)),)
            )
        ),
        NOW,
    )
    assert [day.times for day in view.week][:4] == [("all day",), ("all day",), (), ("all day",)]
    assert [fact.value for fact in view.special] == ["all day"]


def test_a_place_with_hours_and_meetings_still_names_the_next_three_meetings() -> None:
    view = listing_view(detail(timetable=times(office(1, 9, 17), office(2, 9, 17), meeting(5, "19:00"))), NOW)
    assert view.next_times == ("Fri 6 Mar, 7 pm to 8 pm", "Fri 13 Mar, 7 pm to 8 pm", "Fri 20 Mar, 7 pm to 8 pm")
    assert view.calendar_url.endswith(".ics")


def test_what_has_only_hours_is_no_entry_for_a_calendar() -> None:
    assert listing_view(detail(timetable=times(office(1, 9, 17))), NOW).calendar_url == ""
    assert listing_view(detail(timetable=times(Window("hours", 0, 0, WEEK))), NOW).calendar_url == ""


def test_a_meeting_that_is_over_is_not_pointed_out_as_todays() -> None:
    over = listing_view(detail(timetable=times(meeting(1, "8:00"))), NOW).week
    ahead = listing_view(detail(timetable=times(meeting(1, "8:00"), meeting(1, "20:00"))), NOW).week
    place = listing_view(detail(timetable=times(office(1, 8, 9))), NOW).week
    assert [(day.is_today, day.is_over) for day in over] == [(True, True)]
    assert [(day.is_today, day.is_over) for day in ahead] == [(True, False)]
    assert (place[0].is_today, place[0].is_over) == (True, False)


@pytest.mark.parametrize(
    ("fees", "pay", "words"),
    [
        ("Free.", ("free",), "Free."),
        ("Medicaid and a fee by income.", ("medicaid", "private"), "Medicaid and a fee by income. Private insurance"),
        (None, ("free",), "Free or help with cost"),
        ("No one is turned away.", (), "No one is turned away."),
    ],
)
def test_what_it_costs_is_not_said_twice(fees: str | None, pay: tuple[str, ...], words: str) -> None:
    view = listing_view(detail(kind="health", fees=fees, pay=pay), NOW)
    assert next(fact.value for fact in view.way_in if fact.name == "What it costs") == words


def test_the_last_check_is_dated_where_the_listing_is() -> None:
    evening = datetime(2026, 3, 3, 3, 0, tzinfo=UTC)
    assert listing_view(detail(source_checked_at=evening), NOW).checked == "Mar 2, 2026"


def test_the_ways_to_join_come_before_all_other_actions() -> None:
    made = detail(
        attendance="online", conference_url="https://video.example.org/j/555", conference_phone="555-555-0120"
    )
    actions = [(action.sort, action.text, action.hint) for action in listing_view(made, NOW).actions]
    assert actions == [
        ("join", "Join online", ""),
        ("dial", "Join by phone", "555-555-0120"),
        ("call", "Call", "(555) 555-0100"),
    ]


def test_only_an_address_on_the_web_is_a_way_to_join() -> None:
    made = detail(attendance="online", conference_url="javascript:alert(1)")
    assert [action.sort for action in listing_view(made, NOW).actions] == ["call"]


def test_the_week_of_an_online_meeting_is_on_the_clock_that_is_named() -> None:
    view = listing_view(
        detail(timetable=times(meeting(2, "1:00")), attendance="online", shown_zone="America/Los_Angeles"), NOW
    )
    assert [(day.name, day.times) for day in view.week] == [("Mon 2 Mar", ("10 pm to 11 pm",))]
    assert view.zone == "Pacific Time"


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [(18, None, "Age 18 and older"), (None, 17, "Up to age 17"), (12, 17, "Ages 12 to 17"), (0, 5, "Ages 0 to 5")],
)
def test_ages_are_said(low: int | None, high: int | None, words: str) -> None:
    view = listing_view(detail(kind="health", people=None, minimum_age=low, maximum_age=high), NOW)
    assert view.way_in[0].value == words


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, ""),
        (
            {"approximate": True, "geocode": Geocode("gazetteer", Precision.POSTCODE, Point(1, 1), "x")},
            "only its ZIP code",
        ),
        ({"approximate": True, "geocode": Geocode("gazetteer", Precision.LOCALITY, Point(1, 1), "x")}, "only its town"),
        ({"approximate": True, "visibility": Visibility.PARTIAL}, "kept private"),
        ({"approximate": True, "visibility": Visibility.HIDDEN}, ""),
    ],
)
def test_how_exactly_the_place_is_known_is_said_in_words(changes: dict[str, object], words: str) -> None:
    precision = listing_view(detail(**changes), NOW).precision
    assert words in precision if words else precision == ""


def test_codes_are_grouped_by_category_in_the_readers_language() -> None:
    i18n.use("es")
    info = CodeInfo(Code("samhsa", "2024", "DT"), "Type of Care", {"en": "Detoxification", "es": "Desintoxicación"})
    groups = listing_view(detail(codes=(info, info)), NOW).codes
    assert [(group.category, group.labels) for group in groups] == [("Tipo de atención", ("Desintoxicación",))]
