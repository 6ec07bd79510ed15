"""One listing as plain values for its page: how to get in, the week, where, and how sure each of it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from directory import labels
from directory.domain.listings import Phone, Visibility
from directory.domain.results import Card, Detail
from directory.domain.schedule import Change, Timetable, Window, aware, occurrences
from directory.i18n import a_date, a_weekday, gettext, language
from directory.web.presenters import (
    Action,
    Fact,
    Link,
    Mark,
    actions,
    directions_url,
    listing_url,
    marks,
    what_words,
    where_words,
)
from directory.web.wording import (
    clock_words,
    day_words,
    languages_words,
    moment_words,
    phone_url,
    phone_words,
    span_words,
    values_words,
    zone_words,
)

_ = gettext


@dataclass(frozen=True, slots=True)
class Day:
    """One row of the week. `times` is empty on a closed day."""

    name: str
    times: tuple[str, ...]
    is_today: bool


@dataclass(frozen=True, slots=True)
class Number:
    """A number to call, text or fax. `url` is empty for a fax."""

    text: str
    url: str
    what: str


@dataclass(frozen=True, slots=True)
class Codes:
    """The source's own words of one category."""

    category: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListingView:
    """All that a listing's page says."""

    title: str
    organization: str
    what: str
    description: tuple[str, ...]
    marks: tuple[Mark, ...]
    actions: tuple[Action, ...]
    way_in: tuple[Fact, ...]
    always_open: bool
    week: tuple[Day, ...]
    monthly: tuple[str, ...]
    special: tuple[Fact, ...]
    hours_text: str
    has_no_hours: bool
    zone: str
    next_times: tuple[str, ...]
    calendar_url: str
    where: str
    where_notes: str
    precision: str
    directions_url: str
    numbers: tuple[Number, ...]
    links: tuple[Link, ...]
    join_url: str
    join_phone: Number | None
    join_notes: str
    is_private_link: bool
    good_to_know: tuple[Fact, ...]
    codes: tuple[Codes, ...]
    source: str
    source_licence: str
    source_url: str
    checked: str
    confirmed: str
    is_demo: bool


def listing_view(detail: Detail, now: datetime) -> ListingView:
    """The page of a listing at this moment."""
    card = detail.card
    zone = card.shown_zone or card.timezone
    is_online = card.attendance == "online"
    windows = card.timetable.windows
    return ListingView(
        title=card.name,
        organization=card.organization if card.organization and card.organization != card.name else "",
        what=what_words(card),
        description=tuple(part.strip() for part in (detail.description or "").split("\n") if part.strip()),
        marks=marks(card, now),
        actions=actions(card),
        way_in=tuple(_way_in(detail)),
        always_open=card.always_open,
        week=() if card.always_open else tuple(_week(card.timetable, zone, now)),
        monthly=tuple(_monthly(window) for window in windows if window.week is not None),
        special=tuple(_special(card.timetable, now)),
        hours_text=card.hours_text or "",
        has_no_hours=not windows and not card.hours_text,
        zone=zone_words(zone, now) if is_online or zone != card.timezone else "",
        next_times=() if _has_hours(card.timetable) else tuple(_next_words(*both, now) for both in detail.next_times),
        calendar_url=f"{listing_url(card.slug)}.ics" if card.timetable.windows else "",
        where="" if is_online else where_words(card, detail.street_2),
        where_notes=detail.place_notes or "",
        precision=_precision(detail),
        directions_url=directions_url(card) or "",
        numbers=tuple(_number(phone) for phone in card.phones),
        links=tuple(Link(link.label or _bare(link.url), link.url) for link in detail.urls),
        join_url=detail.conference_url or "",
        join_phone=_number(Phone(detail.conference_phone)) if detail.conference_phone else None,
        join_notes=detail.conference_notes or "",
        is_private_link=bool(detail.conference_url or detail.conference_phone),
        good_to_know=tuple(_good_to_know(card)),
        codes=_codes(detail),
        source=detail.source_title or card.source_name,
        source_licence=detail.source_licence or "",
        source_url=detail.source_url or "",
        checked=a_date(detail.source_checked_at.date()),
        confirmed=a_date(card.verified_on) if card.verified_on else "",
        is_demo=card.is_demo,
    )


def _way_in(detail: Detail) -> Iterator[Fact]:
    """Eligibility, cost, papers, how to apply: in this order, and said when not known."""
    card = detail.card
    who = [part for part in (detail.eligibility, _ages(detail), values_words("people", card.people or ())) if part]
    pay = [part for part in (detail.fees, values_words("pay", card.pay or ())) if part]
    for name, value in (
        (_("Who it is for"), _sentences(who)),
        (_("What it costs"), _sentences(pay)),
        (_("What to bring"), detail.required_documents or ""),
        (_("How to apply"), detail.application_process or ""),
    ):
        if value or card.kind != "meeting":
            yield Fact(name, value)


def _sentences(parts: Sequence[str]) -> str:
    return ". ".join([*(part.rstrip(". ") for part in parts[:-1]), *parts[-1:]])


def _ages(detail: Detail) -> str:
    low, high = detail.minimum_age, detail.maximum_age
    if low is not None and high is not None:
        return _("Ages %(low)s to %(high)s") % {"low": low, "high": high}
    if low is not None:
        return _("Age %(low)s and older") % {"low": low}
    return _("Up to age %(high)s") % {"high": high} if high is not None else ""


def _week(timetable: Timetable, zone: str, now: datetime) -> Iterator[Day]:
    """Seven days from today on, on the clock of `zone`; of a meeting only the days on which it is held."""
    if not timetable.windows:
        return
    has_hours = _has_hours(timetable)
    today = now.astimezone(ZoneInfo(zone)).date()
    times: dict[date, list[str]] = defaultdict(list)
    # A day either side: a time of the listing's day can fall on another day of the visitor's.
    for found in occurrences(timetable, today - timedelta(days=1), 9):
        shown = [aware(wall, timetable.zone).astimezone(ZoneInfo(zone)) for wall in (found.start, found.end)]
        all_day = found.end - found.start == timedelta(days=1) and found.start.hour == found.start.minute == 0
        times[shown[0].date()].append(_("all day") if all_day else span_words(*shown))
    for offset in range(7):
        day = today + timedelta(days=offset)
        if times[day] or has_hours:
            yield Day(day_words(day), tuple(times[day]), offset == 0)


def _has_hours(timetable: Timetable) -> bool:
    return any(window.sort == "hours" for window in timetable.windows)


def _monthly(window: Window) -> str:
    """Such as "Second Tuesday of the month, 6 pm to 7 pm", in the listing's own time."""
    day = _(labels.WEEK_OF_MONTH[window.week or 1]) % {"day": a_weekday(window.day)}
    return f"{day}, {_minutes_words(window.start, window.minutes)}"


def _minutes_words(start: int, minutes: int) -> str:
    end = (start + minutes) % (24 * 60)
    return span_words(time(start // 60, start % 60), time(end // 60, end % 60))


def _special(timetable: Timetable, now: datetime) -> Iterator[Fact]:
    """The days unlike the others that are still to come."""
    today = now.date()
    for change in timetable.changes:
        if change.on is None or change.on >= today:
            yield Fact(
                _change_name(change), ", ".join(_minutes_words(*window) for window in change.windows) or _("closed")
            )


def _change_name(change: Change) -> str:
    if change.on:
        return day_words(change.on)
    return _(labels.HOLIDAY.get(change.holiday or "", change.holiday or ""))


def _next_words(start: datetime, end: datetime, now: datetime) -> str:
    return _("%(start)s to %(end)s") % {"start": moment_words(start, now), "end": clock_words(end)}


def _precision(detail: Detail) -> str:
    if not detail.card.approximate or detail.card.visibility is Visibility.HIDDEN or detail.card.attendance == "online":
        return ""
    if detail.card.visibility is Visibility.PARTIAL:
        return _("The exact place is kept private, so distances are measured from the middle of its ZIP code.")
    precision = detail.geocode.precision if detail.geocode else None
    return _(labels.PRECISION[precision]) if precision in labels.PRECISION else _("Distances are about right only.")


def _number(phone: Phone) -> Number:
    sorts = {"text": _("Text"), "fax": _("Fax"), "textphone": _("Text telephone (TTY)")}
    what = phone.description or sorts.get(phone.type, "")
    return Number(phone_words(phone), "" if phone.type == "fax" else phone_url(phone), what)


def _bare(url: str) -> str:
    """An address as people write it."""
    return url.removeprefix("https://").removeprefix("http://").removeprefix("www.").rstrip("/")


def _good_to_know(card: Card) -> Iterator[Fact]:
    """Facets that are not about getting in. Treatment says when they are not known."""
    if card.kind == "treatment":
        yield Fact(_("Type of care"), values_words("care", card.care or ()))
        yield Fact(_("Medication"), values_words("medication", card.medication or ()))
    yield Fact(_("Languages"), languages_words(card.languages) if card.languages else "")
    if card.attendance != "online":
        yield Fact(_("Access"), values_words("access", card.access or ()))


def _codes(detail: Detail) -> tuple[Codes, ...]:
    """Every code by its category, in the order in which they come."""
    found: dict[str, list[str]] = {}
    for info in detail.codes:
        label = info.label(language())
        if label not in (words := found.setdefault(info.category, [])):
            words.append(label)
    return tuple(Codes(labels.category(name), tuple(words)) for name, words in found.items())
