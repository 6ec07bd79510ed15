"""The times of listings as an iCalendar file (RFC 5545), for a phone's own calendar."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from icalendar import Calendar, Component, Event, Timezone, TimezoneDaylight, TimezoneStandard

from directory.domain.listings import Status, Visibility
from directory.domain.results import Detail
from directory.domain.schedule import LAST, Occurrence, Timetable, Window, aware, occurrences, wall_time, weekday

PRODUCT = "-//Footbridge//Calendar 1.0//EN"
DAYS = ("SU", "MO", "TU", "WE", "TH", "FR", "SA")
AHEAD_DAYS = 400
"""How far ahead a first time and the days that differ are looked for: a bit over a year, so every holiday comes once."""
ZONE_YEARS = 10
"""For how many years the file says when the clocks change."""


def write(detail: Detail, *, now: datetime, base_url: str) -> bytes:
    """The file of one listing; see `write_many`."""
    return write_many([detail], now=now, base_url=base_url)


def write_many(details: Sequence[Detail], *, now: datetime, base_url: str, with_links: bool = True) -> bytes:
    """The file, in UTF-8 with CRLF line ends. It has no events for a listing that has no times or is not active.

    Each window is one repeating event from its next start on; a day that differs is taken out of it, and its other times are
    events of their own. The words are the listing's name and how to get there, no more: a calendar is seen over a shoulder.
    `base_url` is the address of the site. Without `with_links` the ways to join online are left out: they are for those who have
    looked at a listing, not for a file of everything.
    """
    calendar = begun((detail.card.timetable.zone for detail in details), now.year)
    for detail in details:
        if detail.card.status is Status.ACTIVE:
            shown = detail if with_links else replace(detail, conference_url=None, conference_phone=None)
            for event in _events(shown, now, base_url.rstrip("/")):
                calendar.add_component(event)
    return bytes(calendar.to_ical())


def begun(zones: Iterable[str], year: int, since: int | None = None) -> Calendar:
    """A file without events yet, that says when the clocks change in these zones, from the year `since` on, in which its first event begins:
    before the first change that a file has, a calendar knows no offset."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    # A file has to hold something even when nothing is on a list (RFC 5545, 3.6): a zone says no more than an empty file would.
    for zone in dict.fromkeys(zones) or ("UTC",):
        calendar.add_component(_zone(zone, min(since or year, year), year + ZONE_YEARS))
    return calendar


def _events(detail: Detail, now: datetime, base: str) -> Iterator[Event]:
    timetable = detail.card.timetable
    seen: set[str] = set()
    for window in timetable.windows:
        name = _window_name(window)
        starts = list(_starts(timetable, window, now))
        regular = [start for start in starts if not _is_changed(timetable, start.date())]
        if name in seen or not regular:
            continue
        seen.add(name)
        event = _event(detail, now, base, name, regular[0], window.minutes)
        event.add("rrule", _rule(window, timetable.zone))
        for start in starts:
            if start > regular[0] and start not in regular:
                event.add("exdate", aware(start, timetable.zone))
        yield event
    for other in _other_times(timetable, now):
        yield _event(detail, now, base, f"{other.start:%Y%m%dT%H%M}", other.start, _minutes(other))


def _event(detail: Detail, now: datetime, base: str, name: str, start: datetime, minutes: int) -> Event:
    """One event that begins at this wall time."""
    card = detail.card
    address = f"{base}/listings/{quote(card.slug)}"
    event = Event()
    event.add("uid", f"{card.slug}-{name}@{urlsplit(base).hostname}")
    event.add("dtstamp", now.astimezone(UTC))
    event.add("dtstart", start.replace(tzinfo=ZoneInfo(card.timetable.zone)))
    event.add("duration", timedelta(minutes=minutes))
    event.add("summary", card.name)
    if location := _location(detail):
        event.add("location", location)
    if ways := [way for way in (detail.conference_url, detail.conference_phone) if way]:
        event.add("description", "\n".join(ways))
    event.add("url", address)
    event.add("class", "PRIVATE")
    event.add("transp", "TRANSPARENT")  # it can be gone to; the time is not taken
    return event


def _location(detail: Detail) -> str | None:
    """The address on one line, if it may be shown."""
    card = detail.card
    if card.visibility is not Visibility.FULL or not card.street or card.attendance == "online":
        return None
    region = " ".join(part for part in (card.state, card.postal_code) if part)
    return ", ".join(part for part in (card.place_name, card.street, detail.street_2, card.city, region) if part)


def _starts(timetable: Timetable, window: Window, now: datetime) -> Iterator[datetime]:
    """The wall times at which a window starts from now on, as if no day were changed."""
    wall = wall_time(now, timetable.zone)
    first = max(wall.date(), window.valid_from or date.min)
    days = 8 if window.is_plain and not timetable.changes else AHEAD_DAYS
    for offset in range((window.day - weekday(first)) % 7, days, 7):
        day = first + timedelta(days=offset)
        start = datetime.combine(day, time()) + timedelta(minutes=window.start)
        if start >= wall and window.falls_on(day):
            yield start


def _is_changed(timetable: Timetable, day: date) -> bool:
    return any(change.covers(day) for change in timetable.changes)


def _other_times(timetable: Timetable, now: datetime) -> list[Occurrence]:
    """What happens on days that differ, from now on."""
    if not any(change.windows for change in timetable.changes):
        return []
    wall = wall_time(now, timetable.zone)
    coming = occurrences(timetable, wall.date(), AHEAD_DAYS)
    return [found for found in coming if found.start >= wall and _is_changed(timetable, found.start.date())]


def _rule(window: Window, zone: str) -> dict[str, object]:
    """The repetition (RFC 5545, 3.3.10): every week, or in one week of the month counted from its start or its end."""
    if window.week is None:
        rule: dict[str, object] = {"freq": "weekly", "byday": DAYS[window.day]}
    else:
        rule = {"freq": "monthly", "byday": f"{-1 if window.week == LAST else window.week}{DAYS[window.day]}"}
    if window.valid_to:
        last = datetime.combine(window.valid_to, time(23, 59, 59), ZoneInfo(zone))
        rule["until"] = last.astimezone(UTC)  # UTC, as the start has a zone
    return rule


def _window_name(window: Window) -> str:
    """The same at every download, so that a calendar updates what it has instead of adding it again."""
    week = "" if window.week is None else f"w{window.week}" if window.week != LAST else "wlast"
    since = f"-{window.valid_from:%Y%m%d}" if window.valid_from else ""
    return f"{window.day}-{window.start:04}-{window.minutes}{week}{since}"


def _minutes(found: Occurrence) -> int:
    return int((found.end - found.start).total_seconds() // 60)


@lru_cache(maxsize=64)
def _zone(zone: str, year: int, end: int) -> Timezone:
    """When the clocks change, for calendars that do not know the zone by name (RFC 5545, 3.6.5).

    Written here because the library's own gives the moment of a change by the clock after it; the format wants the one before.
    """
    made = Timezone()
    made.add("tzid", zone)
    first = datetime(year, 1, 1, tzinfo=UTC)
    groups: dict[tuple[timedelta, timedelta, str, bool], list[datetime]] = {}
    for moment in (first, *_clock_changes(ZoneInfo(zone), first, end - year)):
        before = (moment - timedelta(seconds=1)).astimezone(ZoneInfo(zone))
        after = moment.astimezone(ZoneInfo(zone))
        old, new = before.utcoffset() or timedelta(), after.utcoffset() or timedelta()
        key = (old, new, after.tzname() or zone, bool(after.dst()))
        groups.setdefault(key, []).append((moment + old).replace(tzinfo=None))
    for key, starts in groups.items():
        made.add_component(_observance(*key, starts))
    return made


def _observance(old: timedelta, new: timedelta, name: str, is_dst: bool, starts: list[datetime]) -> Component:
    part: Component = TimezoneDaylight() if is_dst else TimezoneStandard()
    part.add("dtstart", starts[0])
    part.add("tzoffsetfrom", old)
    part.add("tzoffsetto", new)
    part.add("tzname", name)
    if starts[1:]:
        part.add("rdate", starts[1:])
    return part


def _clock_changes(zone: ZoneInfo, first: datetime, years: int) -> Iterator[datetime]:
    """The moments, in UTC and to the second, at which the zone's offset changes within so many years."""

    def offset(moment: datetime) -> timedelta | None:
        return moment.astimezone(zone).utcoffset()

    for number in range(years * 366):
        low = first + timedelta(days=number)
        high = low + timedelta(days=1)
        if offset(low) == offset(high):
            continue
        while high - low > timedelta(seconds=1):
            middle = low + (high - low) // 2
            middle = middle.replace(microsecond=0)
            low, high = (middle, high) if offset(middle) == offset(low) else (low, middle)
        yield high
