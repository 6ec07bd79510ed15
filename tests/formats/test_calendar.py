"""The calendar file of a listing, read back as a phone would read it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar, Event, Timezone

from directory.domain.listings import Status, Visibility
from directory.domain.results import Detail
from directory.domain.schedule import LAST, Change, Window
from directory.formats import calendar
from tests.web.made import NEW_YORK, NOW, detail, meeting, times

SITE = "https://help.example.org"


def file(listing: Detail, now: datetime = NOW) -> Calendar:
    return Calendar.from_ical(calendar.write(listing, now=now, base_url=SITE))


def events(listing: Detail, now: datetime = NOW) -> list[Event]:
    return list(file(listing, now).walk("VEVENT"))


def only(listing: Detail, now: datetime = NOW) -> Event:
    (event,) = events(listing, now)
    return event


def rule(event: Event) -> str:
    return str(event["rrule"].to_ical().decode())


def left_out(event: Event) -> list[datetime]:
    found = event.get("exdate", [])
    return [each.dt for part in (found if isinstance(found, list) else [found]) for each in part.dts]


def test_a_weekly_meeting_repeats_from_its_next_start() -> None:
    event = only(detail())
    assert event["dtstart"].dt == datetime(2026, 3, 3, 19, 0, tzinfo=ZoneInfo(NEW_YORK))
    assert event["dtstart"].params["TZID"] == NEW_YORK
    assert event["duration"].dt == timedelta(hours=1)
    assert rule(event) == "FREQ=WEEKLY;BYDAY=TU"


def test_a_start_earlier_today_waits_for_next_week() -> None:
    assert only(detail(timetable=times(meeting(1, "11:59"))))["dtstart"].dt.date() == date(2026, 3, 9)
    assert only(detail(timetable=times(meeting(1, "12:00"))))["dtstart"].dt.date() == date(2026, 3, 2)


@pytest.mark.parametrize(
    ("week", "byday", "first"),
    [
        (2, "2TU", date(2026, 3, 10)),
        (LAST, "-1TU", date(2026, 3, 31)),
        (1, "1TU", date(2026, 3, 3)),
        (5, "5TU", date(2026, 3, 31)),
    ],
)
def test_a_monthly_meeting_repeats_in_its_week_of_the_month(week: int, byday: str, first: date) -> None:
    event = only(detail(timetable=times(meeting(2, "19:00", week=week))))
    assert rule(event) == f"FREQ=MONTHLY;BYDAY={byday}"
    assert event["dtstart"].dt.date() == first


def test_each_window_is_an_event_with_its_own_lasting_name() -> None:
    listing = detail(timetable=times(meeting(2, "19:00"), meeting(4, "07:30")))
    names = {str(event["uid"]) for event in events(listing)}
    assert len(names) == 2
    assert all(name.startswith("quiet-lamp-group-abc23456-") and name.endswith("@help.example.org") for name in names)
    assert {str(event["uid"]) for event in events(listing, NOW + timedelta(days=40))} == names


def test_a_meeting_past_midnight_begins_on_its_own_day() -> None:
    event = only(detail(timetable=times(meeting(6, "23:50", 90))))
    assert event["dtstart"].dt.replace(tzinfo=None) == datetime(2026, 3, 7, 23, 50)
    assert event["duration"].dt == timedelta(minutes=90)


def test_a_meeting_that_ends_for_good_says_until_when() -> None:
    listing = detail(timetable=times(meeting(2, "19:00", valid_to=date(2026, 6, 30))))
    assert "UNTIL=20260701T035959Z" in rule(only(listing))


def test_a_meeting_that_is_over_for_good_has_no_event() -> None:
    assert events(detail(timetable=times(meeting(2, "19:00", valid_to=date(2026, 3, 2))))) == []


def test_a_meeting_that_has_yet_to_begin_starts_on_its_first_date() -> None:
    listing = detail(timetable=times(meeting(2, "19:00", valid_from=date(2027, 1, 1))))
    assert only(listing)["dtstart"].dt.date() == date(2027, 1, 5)


def test_a_closed_date_is_taken_out() -> None:
    closed = Change(on=date(2026, 3, 17))
    event = only(detail(timetable=times(meeting(2, "19:00"), changes=(closed,))))
    assert left_out(event) == [datetime(2026, 3, 17, 19, 0, tzinfo=ZoneInfo(NEW_YORK))]


def test_a_closed_first_date_moves_the_start_instead() -> None:
    event = only(detail(timetable=times(meeting(2, "19:00"), changes=(Change(on=date(2026, 3, 3)),))))
    assert event["dtstart"].dt.date() == date(2026, 3, 10)
    assert left_out(event) == []


def test_a_holiday_is_taken_out_on_its_date() -> None:
    event = only(detail(timetable=times(meeting(4, "19:00"), changes=(Change(holiday="thanksgiving"),))))
    assert [moment.date() for moment in left_out(event)] == [date(2026, 11, 26)]


def test_other_times_on_a_day_are_an_event_that_does_not_repeat() -> None:
    shorter = Change(on=date(2026, 3, 17), windows=((17 * 60, 30),))
    regular, other = events(detail(timetable=times(meeting(2, "19:00"), changes=(shorter,))))
    assert [moment.date() for moment in left_out(regular)] == [date(2026, 3, 17)]
    assert other["dtstart"].dt == datetime(2026, 3, 17, 17, 0, tzinfo=ZoneInfo(NEW_YORK))
    assert other["duration"].dt == timedelta(minutes=30)
    assert "rrule" not in other


def test_opening_hours_are_events_too() -> None:
    event = only(detail(timetable=times(Window("hours", 1, 9 * 60, 8 * 60))))
    assert event["dtstart"].dt.date() == date(2026, 3, 9)
    assert rule(event) == "FREQ=WEEKLY;BYDAY=MO"


def test_the_address_is_the_location() -> None:
    event = only(detail(street_2="Room 4"))
    assert event["location"] == "Heron Hall, 12 Heron Lane, Room 4, Saltmarsh, NY 10001"


@pytest.mark.parametrize("visibility", [Visibility.PARTIAL, Visibility.HIDDEN])
def test_an_address_that_may_not_be_shown_is_nowhere_in_the_file(visibility: Visibility) -> None:
    written = calendar.write(detail(visibility=visibility), now=NOW, base_url=SITE)
    assert b"LOCATION" not in written
    assert b"Heron" not in written


def test_an_online_meeting_says_how_to_join_and_not_where() -> None:
    event = only(detail(attendance="online", conference_url="https://meet.example.org/1", conference_phone="555-0123"))
    assert "location" not in event
    assert event["description"] == "https://meet.example.org/1\n555-0123"


def test_the_page_of_the_listing_is_one_tap_away() -> None:
    event = only(detail())
    assert event["url"] == "https://help.example.org/listings/quiet-lamp-group-abc23456"
    assert event["class"] == "PRIVATE"


def test_signs_that_mean_something_in_the_format_are_escaped() -> None:
    name = "Bread; Soup, and \\ More\nBEGIN:VALARM"
    written = calendar.write(detail(name=name), now=NOW, base_url=SITE)
    assert b"\r\nBEGIN:VALARM" not in written
    assert Calendar.from_ical(written).walk("VEVENT")[0]["summary"] == name


def test_lines_end_with_crlf_and_are_at_most_75_bytes() -> None:
    written = calendar.write(detail(name="Grupo Ñandú " * 12), now=NOW, base_url=SITE)
    lines = written.split(b"\r\n")
    assert lines[-1] == b""
    assert all(len(line) <= 75 and b"\n" not in line and b"\r" not in line for line in lines)


@pytest.mark.parametrize("name", [NEW_YORK, "America/Phoenix", "Pacific/Honolulu", "Pacific/Apia", "Europe/London"])
def test_a_calendar_that_has_only_the_file_knows_every_hour_of_the_zone(name: str) -> None:
    (zone,) = file(detail(timetable=times(meeting(2, "19:00"), zone=name))).walk("VTIMEZONE")
    told, true = told_offsets(zone), ZoneInfo(name)
    for hour in range(3 * 365 * 24):
        moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hour)
        assert max(each for each in told if each[0] <= moment)[1] == moment.astimezone(true).utcoffset(), moment


def told_offsets(zone: Timezone) -> list[tuple[datetime, timedelta]]:
    """(moment, offset from then on) as RFC 5545 reads a zone: an onset is told by the clock that was right until then."""
    found = []
    for part in (*zone.standard, *zone.daylight):
        more = part.get("rdate", [])
        dates = [
            part["dtstart"].dt,
            *(each.dt for dates in (more if isinstance(more, list) else [more]) for each in dates.dts),
        ]
        found += [((date - part["tzoffsetfrom"].td).replace(tzinfo=UTC), part["tzoffsetto"].td) for date in dates]
    return found


def test_the_zone_has_the_names_of_its_two_halves() -> None:
    (zone,) = file(detail()).walk("VTIMEZONE")
    assert {str(part["tzname"]) for part in zone.standard} == {"EST"}
    assert {str(part["tzname"]) for part in zone.daylight} == {"EDT"}


def test_the_wall_time_stays_when_the_clocks_change() -> None:
    before, after = only(detail()), only(detail(), NOW + timedelta(days=7))
    assert before["dtstart"].dt.hour == after["dtstart"].dt.hour == 19
    assert before["dtstart"].dt.utcoffset() != after["dtstart"].dt.utcoffset()


@pytest.mark.parametrize("listing", [detail(status=Status.TEMPORARILY_CLOSED), detail(timetable=times())])
def test_what_does_not_take_place_has_no_events(listing: Detail) -> None:
    read = file(listing)
    assert read.walk("VEVENT") == []
    assert len(read.walk("VTIMEZONE")) == 1


def test_the_moment_of_the_file_is_in_utc() -> None:
    assert only(detail())["dtstamp"].dt == NOW.astimezone(UTC)


# --- many listings in one file ---------------------------------------------------------------------------------------


def file_of(*listings: Detail, **more: bool) -> Calendar:
    return Calendar.from_ical(calendar.write_many(listings, now=NOW, base_url=SITE, **more))


def test_many_listings_are_one_file_with_each_zone_once() -> None:
    here, also_here = detail(slug="one-abc23456"), detail(slug="two-abc23457")
    there = detail(slug="three-abc23458", timetable=times(meeting(3, "08:00"), zone="America/Phoenix"))
    read = file_of(here, also_here, there)
    assert [str(zone["tzid"]) for zone in read.walk("VTIMEZONE")] == [NEW_YORK, "America/Phoenix"]
    assert [str(event["uid"]).partition("-")[0] for event in read.walk("VEVENT")] == ["one", "two", "three"]


def test_an_event_is_the_same_in_a_file_of_many_as_in_the_listing_s_own() -> None:
    listing = detail(conference_url="https://meet.example.org/1")
    (alone,), together = events(listing), file_of(detail(slug="two-abc23457"), listing).walk("VEVENT")
    assert alone.to_ical() in [event.to_ical() for event in together]


def test_a_file_of_everything_holds_no_way_to_join_online() -> None:
    listing = detail(conference_url="https://meet.example.org/1", conference_phone="555-0123")
    (event,) = file_of(listing, with_links=False).walk("VEVENT")
    assert "description" not in event
    assert b"meet.example.org" not in event.to_ical()


def test_what_is_not_active_has_no_events_among_others() -> None:
    read = file_of(detail(status=Status.TEMPORARILY_CLOSED), detail(slug="two-abc23457"))
    assert [str(event["uid"])[:3] for event in read.walk("VEVENT")] == ["two"]


def test_no_listings_at_all_are_still_a_calendar_with_a_component_in_it() -> None:
    read = file_of()
    assert [part.name for part in read.walk()][:2] == ["VCALENDAR", "VTIMEZONE"]
    assert read.walk("VEVENT") == []


def test_a_day_that_differs_is_left_out_of_every_week_it_falls_in() -> None:
    closed = tuple(Change(on=date(2026, 3, 17) + timedelta(days=7 * week)) for week in (0, 4, 60))
    event = only(detail(timetable=times(meeting(2, "19:00"), changes=closed)))
    assert [moment.date() for moment in left_out(event)] == [date(2026, 3, 17), date(2026, 4, 14)]
