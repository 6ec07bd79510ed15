"""Times, distances, numbers and lists in words, for the presenters. What cards say again and again is worked out once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from directory import labels
from directory.domain.listings import Phone
from directory.i18n import a_date, a_day, a_distance, a_language, a_list, a_time, a_zone, an_age, gettext, language

_ = gettext

_STATE_AND_ZIP = re.compile(r"\b([A-Z]{2}) (?=\d{5}\b)")
_KEYPAD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999")


@lru_cache(maxsize=4096)
def _clock_words(_language: str, hour: int, minute: int) -> str:
    return a_time(time(hour, minute))


@lru_cache(maxsize=1024)
def _day_words(_language: str, day: date) -> str:
    return a_day(day)


@lru_cache(maxsize=4096)
def _distance_words(_language: str, tenths: int, approximate: bool) -> str:
    return a_distance(tenths / 10, approximate)


@lru_cache(maxsize=256)
def _zone_words(_language: str, zone: str, moment: datetime) -> str:
    return a_zone(moment, zone)


def clock_words(moment: datetime | time) -> str:
    """Such as "7 pm"."""
    return _clock_words(language(), moment.hour, moment.minute)


def day_words(day: date) -> str:
    """Such as "Tue 24 Nov"."""
    return _day_words(language(), day)


def zone_words(zone: str, now: datetime) -> str:
    """Such as "Eastern Time"."""
    return _zone_words(language(), zone, now.replace(minute=0, second=0, microsecond=0))


LONG_AGO = 180
"""From so many days away a day is told with its year, as its weekday could be that of another one."""


def moment_words(moment: datetime, now: datetime) -> str:
    """Such as "today, 7 pm", "tomorrow, noon", "Tue 24 Nov, 7 pm", "Nov 24, 2025, 7 pm"."""
    return f"{_near_day_words(moment, now)}, {clock_words(moment)}"


def _near_day_words(moment: datetime, now: datetime) -> str:
    today = now.astimezone(moment.tzinfo).date()
    days = (moment.date() - today).days
    return {0: _("today"), 1: _("tomorrow")}.get(days) or date_words(moment.date(), today)


def date_words(day: date, today: date) -> str:
    """Such as "Tue 24 Nov", and "Nov 24, 2025" for one that is far from today."""
    return a_date(day) if abs((day - today).days) > LONG_AGO else day_words(day)


def day_span_words(start: datetime, end: datetime, now: datetime) -> str:
    """Such as "today, 7 pm to 8:30 pm" or "Tue 24 Nov, all day"."""
    if _is_whole_day(start, end):
        return f"{_near_day_words(start, now)}, {span_words(start, end)}"
    return _("%(start)s to %(end)s") % {"start": moment_words(start, now), "end": clock_words(end)}


def _is_whole_day(start: datetime | time, end: datetime | time) -> bool:
    if (start.hour, start.minute, end.hour, end.minute) != (0, 0, 0, 0):
        return False
    return not (isinstance(start, datetime) and isinstance(end, datetime)) or (end.date() - start.date()).days == 1


def span_words(start: datetime | time, end: datetime | time) -> str:
    """Such as "7 pm to 8:30 pm", or "all day" from midnight to midnight."""
    if _is_whole_day(start, end):
        return _("all day")
    return _("%(start)s to %(end)s") % {"start": clock_words(start), "end": clock_words(end)}


def distance_words(miles: float, approximate: bool) -> str:
    """Such as "0.8 miles" or "about 3 miles". What is known roughly and near may as well be round the corner, and says so."""
    if approximate and miles < 1:
        return _("about 1 mile or less")
    tenths = round(miles * 10)
    return _distance_words(language(), tenths, approximate) if tenths or approximate else _("under 0.1 miles")


def whole_words(place: str) -> str:
    """A place whose state and ZIP code stay on one line."""
    return _STATE_AND_ZIP.sub("\\1\N{NO-BREAK SPACE}", place)


def phone_words(phone: Phone) -> str:
    """The number with its extension, or with the key to press after a short number."""
    if not phone.extension:
        return phone.number
    text = _("%(number)s, then press %(extension)s") if len(phone.number) < 5 else _("%(number)s ext. %(extension)s")
    return text % {"number": phone.number, "extension": phone.extension}


def phone_url(phone: Phone) -> str:
    """A tel: address (RFC 3966), or sms: for a line that takes texts."""
    digits = re.sub(r"\D", "", phone.number.upper().translate(_KEYPAD))
    if len(digits) == 10:
        digits = f"+1{digits}"
    elif (len(digits) == 11 and digits.startswith("1")) or phone.number.strip().startswith("+"):
        digits = f"+{digits}"
    if phone.type == "text":
        return f"sms:{digits}"
    extension = re.sub(r"\D", "", phone.extension or "")
    return f"tel:{digits};ext={extension}" if extension else f"tel:{digits}"


def values_words(facet: str, values: Sequence[str]) -> str:
    """Such as "Medicaid, Medicare"."""
    return ", ".join(labels.label(facet, value) for value in values)


def age_words(moment: datetime, now: datetime) -> str:
    """How long ago, such as "3 days ago"; "just now" under a minute, and for a clock that is a little ahead."""
    return an_age(moment, now) if now - moment >= timedelta(minutes=1) else _("just now")


def ages_words(low: int | None, high: int | None) -> str:
    """Such as "Ages 18 to 64"; "" where neither is known."""
    if low is not None and high is not None:
        return _("Ages %(low)s to %(high)s") % {"low": low, "high": high}
    if low is not None:
        return _("Age %(low)s and older") % {"low": low}
    return _("Up to age %(high)s") % {"high": high} if high is not None else ""


def languages_words(tags: Sequence[str]) -> str:
    """The languages by name."""
    words = a_list([a_language(tag) for tag in tags])
    return words[:1].upper() + words[1:]
