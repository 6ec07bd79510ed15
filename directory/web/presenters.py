"""Listings as plain values for a template: what a card says and in which order. Every sentence is finished here, none in a template."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from directory import labels
from directory.domain.listings import Phone, Status, Visibility
from directory.domain.results import Card, Openings
from directory.domain.schedule import HORIZON_DAYS, TimeFilter, aware, occurrences, weekday
from directory.domain.taxonomy import CodeInfo
from directory.i18n import an_age, gettext, language, ngettext
from directory.web.wording import (
    clock_words,
    distance_words,
    languages_words,
    moment_words,
    phone_url,
    phone_words,
    values_words,
    zone_words,
)

_ = gettext

SOON = timedelta(minutes=60)
LONG = timedelta(hours=20)
"""An end further away than this needs its day beside the time."""
DAYS_OF_A_WEEK = 10
"""What answers for every weekday where all weeks are alike: a week, and a day or two on either side for other time zones."""
ANY_TIME = TimeFilter()
TYPES_ON_A_CARD = 6
TOLD_ELSEWHERE = ("language", "access", "status")
"""Categories of codes that have a fact of their own."""
EXPECTED = {
    "treatment": ("care", "people", "pay"),
    "housing": ("people", "pay"),
    "recovery-support": ("people", "pay"),
    "health": ("people", "pay"),
    "employment": ("pay",),
    "legal": ("pay",),
    "family": ("pay",),
}
"""The facets that decide for a kind: where one is not known the card says so. A meeting asks for no pay."""


@dataclass(frozen=True, slots=True)
class Link:
    """Where a link leads and what it says."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A part of the line that decides. `tone`: now, openings, quiet or plain; it never carries meaning alone."""

    text: str
    tone: str = "plain"


@dataclass(frozen=True, slots=True)
class Fact:
    """One named fact."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Action:
    """A thing to do now: call, text or directions. `hint` is the number, or whose place it leads to."""

    sort: str
    text: str
    url: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class CardView:
    """One listing in a list."""

    title: str
    url: str
    kind: str
    organization: str
    marks: tuple[Mark, ...]
    facts: tuple[Fact, ...]
    unknown: str
    actions: tuple[Action, ...]
    is_demo: bool


def listing_url(slug: str) -> str:
    """The page of a listing."""
    return f"/listings/{quote(slug)}"


def can_ring(phones: Sequence[Phone]) -> bool:
    """Whether there is a number to call."""
    return any(phone.type not in ("fax", "text") for phone in phones)


def time_mark(card: Card, now: datetime, asked: TimeFilter = ANY_TIME) -> Mark:
    """Open or not and until when, or when it starts; said as not known where it is not known.

    Where a day or a time of day is asked for, it is the time that answers it.
    """
    if card.status is Status.TEMPORARILY_CLOSED and card.attendance not in ("online", "hybrid"):
        return Mark(_("closed for now"), "quiet")
    if card.always_open:
        return Mark(_("open 24 hours"), "now")
    is_meeting = any(window.sort == "meeting" for window in card.timetable.windows)
    if answer := asked_mark(card, now, asked):
        return answer
    if card.is_open:
        return Mark(_open_words(card, now, is_meeting) + _zone_part(card, now), "now")
    if card.next_start is None:
        return Mark(_unknown_hours(card), "quiet")
    until = card.next_start - now
    if timedelta() < until <= SOON:
        minutes = max(1, round(until / timedelta(minutes=1)))
        if is_meeting:
            text = ngettext("starts in %(n)s minute", "starts in %(n)s minutes", minutes)
        else:
            text = ngettext("opens in %(n)s minute", "opens in %(n)s minutes", minutes)
        return Mark(text % {"n": minutes}, "now")
    when = moment_words(card.next_start, now) + _zone_part(card, now)
    return Mark(when) if is_meeting else Mark(_("closed now, opens %(when)s") % {"when": when})


def asked_mark(card: Card, now: datetime, asked: TimeFilter) -> Mark | None:
    """The next time on the day, or in the part of the day, that was asked for; None where the usual words say it."""
    if asked.day is None and asked.date_offset is None and asked.within is None:
        return None
    zone = ZoneInfo(card.shown_zone or card.timezone)
    today = now.astimezone(zone).date()
    days = DAYS_OF_A_WEEK if card.timetable.is_plain else HORIZON_DAYS
    for found in occurrences(card.timetable, today - timedelta(days=1), days):
        start, end = (aware(wall, card.timetable.zone).astimezone(zone) for wall in (found.start, found.end))
        if end <= now or not _answers(start, today, asked, is_meeting=found.sort == "meeting"):
            continue
        if start <= now:
            return None
        when = moment_words(start, now) + _zone_part(card, now)
        return Mark(
            when if found.sort == "meeting" else _("%(start)s to %(end)s") % {"start": when, "end": clock_words(end)}
        )
    if asked.date_offset == 0 and card.next_start and not card.is_open:
        when = moment_words(card.next_start, now) + _zone_part(card, now)
        return Mark(_("over for today, next %(when)s") % {"when": when}, "quiet")
    return None


def _answers(start: datetime, today: date, asked: TimeFilter, *, is_meeting: bool) -> bool:
    if asked.date_offset is not None and start.date() != today + timedelta(days=asked.date_offset):
        return False
    if asked.date_offset is None and asked.day is not None and weekday(start.date()) != asked.day:
        return False
    return not (asked.within and is_meeting) or asked.within.holds(start.hour * 60 + start.minute)


def _open_words(card: Card, now: datetime, is_meeting: bool) -> str:
    until = card.open_until
    if until is None:
        return _("going on now") if is_meeting else _("open now")
    when = clock_words(until) if until - now < LONG else moment_words(until, now)
    text = _("going on now, until %(when)s") if is_meeting else _("open until %(when)s")
    return text % {"when": when}


def _zone_part(card: Card, now: datetime) -> str:
    """What happens online is told on the visitor's clock, so the clock has to be named."""
    if card.attendance != "online" and card.shown_zone in ("", card.timezone):
        return ""
    return f" ({zone_words(card.shown_zone or card.timezone, now)})"


def _unknown_hours(card: Card) -> str:
    if card.timetable.windows:
        return _("no time in the next two months")
    if card.hours_text:
        return _("see hours below")
    return _("hours not known: call") if can_ring(card.phones) else _("hours not known")


def openings_mark(openings: Openings | None, now: datetime) -> Mark | None:
    """How many openings and how old that report is. An old report gives no number; an unasked one says nothing."""
    if openings is None:
        return None
    age = an_age(openings.as_of, now)
    if openings.freshness == "old" or openings.available is None:
        return Mark(_("openings last reported %(age)s; call first") % {"age": age}, "quiet")
    what = labels.openings(openings.unit, openings.available)
    text = (
        _("%(openings)s, reported %(age)s")
        if openings.freshness == "fresh"
        else _("%(openings)s, reported %(age)s; call first")
    )
    return Mark(text % {"openings": what, "age": age}, "openings" if openings.available else "quiet")


def marks(card: Card, now: datetime, asked: TimeFilter = ANY_TIME) -> tuple[Mark, ...]:
    """The line that decides: distance, time, openings."""
    found = []
    if card.distance_miles is not None:
        found.append(Mark(distance_words(card.distance_miles, card.approximate), "strong"))
    found.append(time_mark(card, now, asked))
    opening = openings_mark(card.openings, now)
    return (*found, opening) if opening else tuple(found)


def where_words(card: Card, street_2: str | None = None) -> str:
    """The address as far as it may be known."""
    town = " ".join(part for part in (", ".join(p for p in (card.city, card.state) if p), card.postal_code) if part)
    if card.visibility is Visibility.HIDDEN:
        return _("Address is not public: call to ask")
    if card.visibility is Visibility.PARTIAL:
        return (
            _("%(town)s (exact address is not public)") % {"town": town}
            if town
            else _("Address is not public: call to ask")
        )
    parts = [part for part in (card.place_name, card.street, street_2, town) if part]
    if parts and not card.street:
        return _("%(town)s (street not known)") % {"town": ", ".join(parts)}
    return ", ".join(parts)


def where_fact(card: Card, street_2: str | None = None) -> Fact | None:
    """Where it is, or where it serves. What is only online is nowhere."""
    if card.coverage == "nationwide":
        return Fact(_("Where"), _("The whole United States"))
    if card.attendance == "online":
        return Fact(_("Where"), labels.label("attendance", "online"))
    where = where_words(card, street_2) or card.coverage
    return Fact(_("Where"), where) if where else Fact(_("Where"), _("not known"))


def _is_told_elsewhere(info: CodeInfo) -> bool:
    return info.category in TOLD_ELSEWHERE or any(facet == "attendance" for facet, _value in info.facets)


def what_words(card: Card) -> str:
    """The kind, or the meeting's program, how to attend and its types."""
    first = labels.label("program", card.program) if card.program else _(labels.KIND_OF_ONE.get(card.kind, card.kind))
    parts = [first]
    if card.attendance == "hybrid":
        parts.append(labels.label("attendance", "hybrid"))
    parts += [info.label(language()) for info in card.types if not _is_told_elsewhere(info)][:TYPES_ON_A_CARD]
    return " · ".join(dict.fromkeys(parts))


def directions_url(card: Card) -> str | None:
    """A route to the public point or address; None where it may not be shown or is only roughly known."""
    if card.visibility is not Visibility.FULL or card.attendance == "online":
        return None
    if card.point and not card.approximate:
        target = f"{card.point.lat:.5f},{card.point.lon:.5f}"
    elif card.street and card.city:
        target = ", ".join(part for part in (card.street, card.city, card.state, card.postal_code) if part)
    else:
        return None
    return f"https://www.openstreetmap.org/directions?{urlencode({'to': target})}"


def phone_actions(phones: Sequence[Phone]) -> tuple[Action, ...]:
    """Call and text, one of each."""
    found: dict[str, Action] = {}
    for phone in phones:
        if phone.type == "text":
            found.setdefault("text", Action("text", _("Text"), phone_url(phone), phone_words(phone)))
        elif phone.type != "fax":
            found.setdefault("call", Action("call", _("Call"), phone_url(phone), phone_words(phone)))
    return tuple(found.values())


def actions(card: Card) -> tuple[Action, ...]:
    """Call, then directions: the same order everywhere."""
    route = directions_url(card)
    found = phone_actions(card.phones)
    return (*found, Action("directions", _("Directions"), route)) if route else found


def facts(card: Card) -> tuple[Fact, ...]:
    """What is known, in the one order of all cards."""
    found = [Fact(_("What"), what_words(card)), where_fact(card)]
    if card.hours_text and not card.timetable.windows:
        found.append(Fact(_("Hours"), card.hours_text))
    for facet in ("care", "medication", "people", "pay", "access"):
        values: tuple[str, ...] | None = getattr(card, facet)
        if values:
            found.append(Fact(labels.facet_name(facet), values_words(facet, values)))
    if card.languages and card.languages != ("en",):
        found.append(Fact(_("Languages"), languages_words(card.languages)))
    return tuple(fact for fact in found if fact)


def unknown_words(card: Card) -> str:
    """Names what would decide and is not known, so that nobody takes silence for a no."""
    missing = [labels.facet_name(facet) for facet in EXPECTED.get(card.kind, ()) if getattr(card, facet) is None]
    return _("Not known: %(what)s") % {"what": ", ".join(missing)} if missing else ""


def card_view(card: Card, now: datetime, asked: TimeFilter = ANY_TIME) -> CardView:
    """A listing as it stands in a list, answering what was asked of the time."""
    return CardView(
        title=card.name,
        url=listing_url(card.slug),
        kind=card.kind,
        organization=card.organization if card.organization and card.organization != card.name else "",
        marks=marks(card, now, asked),
        facts=facts(card),
        unknown=unknown_words(card),
        actions=actions(card),
        is_demo=card.is_demo,
    )


def card_views(cards: Sequence[Card], now: datetime, asked: TimeFilter = ANY_TIME) -> tuple[CardView, ...]:
    """The same for many."""
    return tuple(card_view(card, now, asked) for card in cards)
