"""The times of public groups as an iCalendar file (RFC 5545): one repeating event for each group, with the days that differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from icalendar import Event

from directory.domain.bridge.groups import FORTNIGHTLY, FULL, MONTHLY, ONCE, GroupValues, Other, Series, series_days
from directory.domain.schedule import weekday
from directory.formats.calendar import DAYS, begun

A_YEAR = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class GroupEvents:
    """A group with its number, how often it was changed, and the meetings that are not as its series has them."""

    id: int
    version: int
    values: GroupValues
    others: tuple[Other, ...] = ()


def write_groups(groups: Sequence[GroupEvents], *, now: datetime, base_url: str) -> bytes:
    """The file, in UTF-8 with CRLF line ends. `base_url` is the address of the site.

    The words are the name of the group and how to get there, no more, and of both only what everybody sees.
    """
    series = [each.values.series for each in groups]
    since = min((each.starts_on.year for each in series), default=None)
    calendar = begun((each.timezone for each in series), now.year, since)
    for each in groups:
        for event in _events(each, now, base_url.rstrip("/")):
            calendar.add_component(event)
    return bytes(calendar.to_ical())


def _events(group: GroupEvents, now: datetime, base: str) -> Iterator[Event]:
    series = group.values.series
    days = series_days(series, series.starts_on, series.starts_on + A_YEAR)
    if not days:
        return
    start = datetime.combine(days[0], time()) + timedelta(minutes=series.minute)
    other = {each.day: each.at for each in group.others}
    if series.every == ONCE:
        at = other.get(days[0], start)
        event = _event(group, now, base, at or start)
        if at is None:
            event.add("status", "CANCELLED")
        yield event
        return
    event = _event(group, now, base, start)
    event.add("rrule", _rule(series))
    for each in group.others:
        if each.at is None:
            event.add("exdate", _regular(series, each))
    yield event
    for each in group.others:
        if each.at is not None:
            moved = _event(group, now, base, each.at)
            moved.add("recurrence-id", _regular(series, each))
            yield moved


def _regular(series: Series, other: Other) -> datetime:
    """When a meeting would begin were it not moved or called off."""
    wall = datetime.combine(other.day, time()) + timedelta(minutes=series.minute)
    return wall.replace(tzinfo=ZoneInfo(series.timezone))


def _event(group: GroupEvents, now: datetime, base: str, start: datetime) -> Event:
    """One event that begins at this wall time."""
    values = group.values
    event = Event()
    event.add("uid", f"group-{group.id}@{urlsplit(base).hostname}")
    event.add("dtstamp", now.astimezone(UTC))
    event.add("sequence", group.version)
    event.add("dtstart", start.replace(tzinfo=ZoneInfo(values.series.timezone)))
    event.add("duration", timedelta(minutes=values.series.minutes))
    event.add("summary", values.name)
    if location := _location(values):
        event.add("location", location)
    if values.url and values.is_url_shown:
        event.add("description", values.url)
    event.add("url", f"{base}/groups/{group.id}")
    event.add("class", "PRIVATE")
    event.add("transp", "TRANSPARENT")  # it can be gone to, and the time is not taken
    return event


def _location(values: GroupValues) -> str:
    """The address on one line, if everybody may see all of it."""
    where = values.where
    if where.visibility != FULL or values.attendance == "online":
        return ""
    region = " ".join(part for part in (where.state, where.postal_code) if part)
    return ", ".join(part for part in (where.place, where.street, where.city, region) if part)


def _rule(series: Series) -> dict[str, object]:
    """The repetition (RFC 5545, 3.3.10). It ends in UTC, as the start has a zone."""
    day = DAYS[weekday(series.starts_on)]
    rule: dict[str, object] = {"freq": "weekly", "byday": day}
    if series.every == FORTNIGHTLY:
        rule["interval"] = 2
    elif series.every == MONTHLY:
        rule = {"freq": "monthly", "byday": f"{series.week}{day}"}
    if series.until:
        rule["until"] = datetime.combine(series.until, time(23, 59, 59), ZoneInfo(series.timezone)).astimezone(UTC)
    return rule
