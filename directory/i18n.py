"""The reader's language: which one, and the wording of dates, times, distances and lists in it.

Catalogues are the .po files in `locale/`, read when the program starts; nothing has to be compiled.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextvars import ContextVar
from datetime import date, datetime, time
from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations

from babel import Locale
from babel.dates import format_date, format_time, format_timedelta, get_timezone_name
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from directory.resources import catalogues

LANGUAGES = ("en", "es")
NAMES = {"en": "English", "es": "Español"}
COOKIE = "language"

_language: ContextVar[str] = ContextVar("language", default="en")


def N_(message: str) -> str:
    """Marks a text for the catalogue where it is written down, to be translated where it is shown."""
    return message


@cache
def catalogue(language: str) -> NullTranslations:
    """The messages of a language; English is the source and needs none."""
    path = catalogues() / language / "LC_MESSAGES" / "messages.po"
    if language == "en" or not path.exists():
        return NullTranslations()
    compiled = io.BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)


def choose(cookie: str | None, accept_language: str) -> str:
    """The language to answer in: the visitor's own choice, else the best of what the browser asks for, else English."""
    if cookie in LANGUAGES:
        return cookie
    wishes = []
    for position, part in enumerate(accept_language.split(",")[:20]):
        tag, _, quality = part.strip().partition(";q=")
        try:
            weight = float(quality) if quality else 1.0
        except ValueError:
            weight = 0.0
        wishes.append((-weight, position, tag.split("-")[0].lower()))
    for weight, _, tag in sorted(wishes):
        if weight < 0 and tag in LANGUAGES:
            return tag
    return "en"


def use(language: str) -> None:
    """Speaks this language for the rest of the request."""
    _language.set(language)


def language() -> str:
    """The language in use."""
    return _language.get()


def gettext(message: str) -> str:
    """The text in the language in use; "" for "", where a catalogue would give its own header."""
    return catalogue(language()).gettext(message) if message else ""


def ngettext(singular: str, plural: str, number: int) -> str:
    """The text for a number of things in the language in use."""
    return catalogue(language()).ngettext(singular, plural, number)


def pgettext(context: str, message: str) -> str:
    """The text where one English word needs several translations; `context` says which is meant."""
    return catalogue(language()).pgettext(context, message)


_ = gettext


def _locale() -> Locale:
    return _locale_of(language())


@cache
def _locale_of(language: str) -> Locale:
    return Locale.parse("en_US" if language == "en" else "es_US")


def a_day(day: date) -> str:
    """Such as "Tue 24 Nov"."""
    return format_date(day, format="EEE d MMM", locale=_locale())


def a_long_day(day: date) -> str:
    """Such as "Tuesday, November 24, 2026"."""
    return format_date(day, format="full", locale=_locale())


def a_date(day: date) -> str:
    """Such as "Nov 24, 2026"."""
    return format_date(day, format="medium", locale=_locale())


def a_time(moment: datetime | time) -> str:
    """Such as "7 pm" or "7:30 pm"; noon and midnight in words. Without full stops ("p.m."), or a sentence that ends in it has two."""
    clock = moment.time() if isinstance(moment, datetime) else moment
    if (clock.hour, clock.minute) == (12, 0):
        return _("noon")
    if (clock.hour, clock.minute) == (0, 0):
        return _("midnight")
    said = format_time(clock, format="h:mm a" if clock.minute else "h a", locale=_locale())
    return said.lower().replace(".", "")


def a_zone(moment: datetime, zone: str) -> str:
    """The name of a time zone at a moment, such as "Eastern Time"."""
    if zone in ("UTC", "Etc/UTC"):  # which Babel calls a region that it does not know
        return "UTC"
    return get_timezone_name(zone, width="long", zone_variant="generic", locale=_locale())


def a_moment(moment: datetime) -> str:
    """Such as "Tue 24 Nov, 7 pm"."""
    return f"{a_day(moment.date())}, {a_time(moment)}"


def an_age(moment: datetime, now: datetime) -> str:
    """How long ago, such as "3 days ago"."""
    return format_timedelta(moment - now, add_direction=True, granularity="minute", locale=_locale())


def a_number(value: float, digits: int = 0) -> str:
    """A number with this many decimals at most."""
    return _number(language(), round(value, digits))


@lru_cache(maxsize=4096)
def _number(language: str, rounded: float) -> str:
    return format_decimal(rounded, locale=_locale_of(language))


def a_distance(miles: float, approximate: bool) -> str:
    """Such as "0.8 miles", or "about 3 miles" from a point that is only roughly known."""
    if approximate:
        whole = max(1, round(miles))
        return ngettext("about %(n)s mile", "about %(n)s miles", whole) % {"n": a_number(whole)}
    return _("%(n)s miles") % {"n": format_decimal(round(miles, 1), format="#,##0.0", locale=_locale())}


def a_weekday(day: int) -> str:
    """The name of a weekday counted from Sunday = 0."""
    names = _locale().days["stand-alone"]["wide"]
    return str(names[(day - 1) % 7])


def a_list(items: Sequence[str]) -> str:
    """Such as "a, b and c"."""
    return format_list(list(items), locale=_locale())


def a_language(tag: str) -> str:
    """The name of a language in the language in use; the tag itself where it has none."""
    if tag.split("-")[0] == "ase":
        return _("American Sign Language")
    name = _locale().languages.get(tag.replace("-", "_")) or _locale().languages.get(tag.split("-")[0])
    return str(name or tag)
