"""What a card says of the time: what is on, until when, or what is next; and when it answers the day or hour that was asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from directory.domain.listings import Phone, Status
from directory.domain.results import Card
from directory.domain.schedule import (
    HORIZON_DAYS,
    Occurrence,
    TimeFilter,
    aware,
    next_occurrences,
    occurrences,
    overlaps,
    wall_time,
    weekday,
)
from directory.i18n import gettext, ngettext
from directory.web.wording import clock_words, day_span_words, moment_words, span_words, zone_words

_ = gettext

SOON = timedelta(minutes=60)
LONG = timedelta(hours=20)
"""An end further away than this needs its day beside the time."""
DAYS_OF_A_WEEK = 10
"""What answers for every weekday where all weeks are alike: a week, and a day or two on either side for other time zones."""
DAYS_BACK = 8
"""How far back something may have begun that is still going on: hours can last a week."""
ANY_TIME = TimeFilter()


@dataclass(frozen=True, slots=True)
class Mark:
    """A part of the line that decides. `tone`: now, openings, quiet or plain; it never carries meaning alone."""

    text: str
    tone: str = "plain"


def is_active(card: Card) -> bool:
    """Whether one can go there at all; what is not active is closed for now, or no longer held."""
    return card.status is Status.ACTIVE


def can_ring(phones: Sequence[Phone]) -> bool:
    """Whether there is a number to call."""
    return any(phone.type not in ("fax", "text") for phone in phones)


def shown_zone(card: Card) -> str:
    """The zone on whose clock its times are told."""
    return card.shown_zone or card.timezone


def time_mark(card: Card, now: datetime, asked: TimeFilter = ANY_TIME) -> Mark:
    """Open or not and until when, or when it starts; said as not known where it is not known.

    Where a day or a time of day is asked for, it is the time that answers it.
    """
    if not is_active(card):
        return Mark(inactive_words(card), "quiet")
    if card.always_open:
        return Mark(_("open 24 hours"), "now")
    if answer := asked_mark(card, now, asked):
        return answer
    if card.is_open:
        return Mark(_open_words(card, now) + _zone_part(card, now), "now")
    if card.next_start is None:
        return Mark(_unknown_hours(card), "quiet")
    return _next_mark(card, card.next_start, now)


def inactive_words(card: Card) -> str:
    """Why nobody should set out: such as "not meeting now"."""
    if card.status is Status.TEMPORARILY_CLOSED:
        return _("closed for now")
    return _("not meeting now") if card.kind == "meeting" else _("not in the search for now")


def _next_mark(card: Card, start: datetime, now: datetime) -> Mark:
    """When it next starts, or opens: that depends on which of its times comes next, not on which it has."""
    coming = next_occurrences(card.timetable, now, 1)
    is_meeting = bool(coming) and coming[0].sort == "meeting"
    until = start - now
    if timedelta() < until <= SOON:
        minutes = max(1, round(until / timedelta(minutes=1)))
        if is_meeting:
            text = ngettext("starts in %(n)s minute", "starts in %(n)s minutes", minutes)
        else:
            text = ngettext("opens in %(n)s minute", "opens in %(n)s minutes", minutes)
        return Mark(text % {"n": minutes}, "now")
    when = moment_words(start, now) + _zone_part(card, now)
    return Mark(when) if is_meeting else Mark(_("closed now, opens %(when)s") % {"when": when})


def _open_words(card: Card, now: datetime) -> str:
    is_meeting = _is_only_meeting(card, now)
    until = card.open_until
    if until is None:
        return _("going on now") if is_meeting else _("open now")
    when = clock_words(until) if until - now < LONG else moment_words(until, now)
    text = _("going on now, until %(when)s") if is_meeting else _("open until %(when)s")
    return text % {"when": when}


def _is_only_meeting(card: Card, now: datetime) -> bool:
    """Whether what is on now is a meeting, in a place that is not open at this hour anyway."""
    wall = wall_time(now, card.timetable.zone)
    around = occurrences(card.timetable, wall.date() - timedelta(days=DAYS_BACK), DAYS_BACK + 1)
    return {found.sort for found in around if found.holds(wall)} == {"meeting"}


def asked_mark(card: Card, now: datetime, asked: TimeFilter) -> Mark | None:
    """The next time on the day, or in the part of the day, that was asked for; None where the usual words say it."""
    if asked.day is None and asked.date_offset is None and asked.within is None:
        return None
    over = ""
    for found, start, end in _answers(card, now, asked):
        words = clock_words(start) if found.sort == "meeting" else span_words(start, end)
        if end <= now:
            over = words
        elif start <= now:
            return None
        else:
            when = moment_words(start, now) if found.sort == "meeting" else day_span_words(start, end, now)
            return Mark(when + _zone_part(card, now))
    if asked.date_offset == 0 and card.next_start and not card.is_open:
        when = moment_words(card.next_start, now) + _zone_part(card, now)
        text = _("today’s %(times)s is over, next %(when)s") if over else _("over for today, next %(when)s")
        return Mark(text % {"times": over, "when": when}, "quiet")
    return None


def _answers(card: Card, now: datetime, asked: TimeFilter) -> Iterator[tuple[Occurrence, datetime, datetime]]:
    """What answers the question, from yesterday on: each with its start and end on the clock that is shown."""
    zone = ZoneInfo(shown_zone(card))
    today = now.astimezone(zone).date()
    days = DAYS_OF_A_WEEK if card.timetable.is_plain else HORIZON_DAYS
    for found in occurrences(card.timetable, today - timedelta(days=1), days):
        start, end = (aware(wall, card.timetable.zone).astimezone(zone) for wall in (found.start, found.end))
        if _is_on_day(start, today, asked) and _is_within(found, start, asked):
            yield found, start, end


def _is_on_day(start: datetime, today: date, asked: TimeFilter) -> bool:
    if asked.date_offset is not None:
        return start.date() == today + timedelta(days=asked.date_offset)
    return asked.day is None or weekday(start.date()) == asked.day


def _is_within(found: Occurrence, start: datetime, asked: TimeFilter) -> bool:
    """A meeting answers with its start, open hours with any minute of them: the rule of the search itself."""
    if asked.within is None:
        return True
    minute = start.hour * 60 + start.minute
    if found.sort == "meeting":
        return asked.within.holds(minute)
    minutes = int((found.end - found.start).total_seconds() // 60)
    on_one_day = asked.day is not None or asked.date_offset is not None
    return overlaps(minute, minutes, asked.within, on_one_day=on_one_day)


def _zone_part(card: Card, now: datetime) -> str:
    """What happens online is told on the visitor's clock, so the clock has to be named."""
    if card.attendance != "online" and card.shown_zone in ("", card.timezone):
        return ""
    return f" ({zone_words(shown_zone(card), now)})"


def _unknown_hours(card: Card) -> str:
    if card.timetable.windows:
        return _("no time in the next 4 months")
    if card.hours_text:
        return _("see hours below")
    return _("hours not known: call") if can_ring(card.phones) else _("hours not known")
