"""Times, distances, numbers and lists in words, for the presenters. What cards say again and again is worked out once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time
from functools import lru_cache

from directory import labels
from directory.domain.listings import Phone
from directory.i18n import a_day, a_distance, a_language, a_list, a_time, a_zone, gettext, language

_ = gettext

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


def moment_words(moment: datetime, now: datetime) -> str:
    """Such as "today, 7 pm", "tomorrow, noon", "Tue 24 Nov, 7 pm"."""
    day = moment.date()
    days = (day - now.astimezone(moment.tzinfo).date()).days
    name = {0: _("today"), 1: _("tomorrow")}.get(days) or day_words(day)
    return f"{name}, {clock_words(moment)}"


def span_words(start: datetime | time, end: datetime | time) -> str:
    """Such as "7 pm to 8:30 pm"."""
    return _("%(start)s to %(end)s") % {"start": clock_words(start), "end": clock_words(end)}


def distance_words(miles: float, approximate: bool) -> str:
    """Such as "0.8 miles" or "about 3 miles"."""
    tenths = round(miles * 10)
    return _distance_words(language(), tenths, approximate) if tenths or approximate else _("under 0.1 miles")


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


def languages_words(tags: Sequence[str]) -> str:
    """The languages by name."""
    words = a_list([a_language(tag) for tag in tags])
    return words[:1].upper() + words[1:]
