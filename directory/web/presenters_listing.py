"""One listing as plain values for its page: how to get in, the week, where, and how sure each of it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from directory import labels
from directory.domain.links import host_of
from directory.domain.listings import Phone, Visibility
from directory.domain.results import Card, Detail
from directory.i18n import a_date, gettext, language
from directory.web.presenters import (
    Action,
    Fact,
    Link,
    actions,
    directions_url,
    listing_url,
    marks,
    what_words,
    where_words,
)
from directory.web.presenters_openings import OpeningView, opening_views
from directory.web.presenters_time import Mark, inactive_words, is_active, shown_zone
from directory.web.presenters_week import Day, has_meetings, monthly_words, next_words, special, usual_words, week
from directory.web.wording import ages_words, languages_words, phone_url, phone_words, values_words, zone_words

_ = gettext


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
    inactive: str
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
    openings: tuple[OpeningView, ...]
    numbers: tuple[Number, ...]
    links: tuple[Link, ...]
    join_notes: str
    is_private_link: bool
    is_unlisted: bool
    good_to_know: tuple[Fact, ...]
    codes: tuple[Codes, ...]
    source: str
    source_licence: str
    source_url: str
    checked: str
    confirmed: str
    corrected: str
    asked: str
    report_url: str
    is_demo: bool


def report_url(slug: str) -> str:
    """Where to say that something is wrong with a listing."""
    return f"{listing_url(slug)}/report"


def listing_view(detail: Detail, now: datetime) -> ListingView:
    """The page of a listing at this moment."""
    card = detail.card
    zone = shown_zone(card)
    is_online, is_there = card.attendance == "online", is_active(card)
    table = card.timetable
    return ListingView(
        title=card.name,
        organization=card.organization if card.organization and card.organization != card.name else "",
        what=what_words(card),
        description=tuple(part.strip() for part in (detail.description or "").split("\n") if part.strip()),
        marks=marks(card, now),
        actions=(*_ways_to_join(detail), *actions(card)),
        way_in=tuple(_way_in(detail)),
        inactive="" if is_there else _inactive(card),
        always_open=card.always_open,
        week=tuple(week(table, zone, now)) if is_there and not card.always_open else (),
        monthly=monthly_words(table) if is_there else (),
        special=tuple(special(table, now)) if is_there else (),
        hours_text=card.hours_text or "" if is_there else "",
        has_no_hours=is_there and not table.windows and not card.hours_text,
        zone=zone_words(zone, now) if is_online or zone != card.timezone else "",
        next_times=next_words(table, zone, now) if is_there else (),
        calendar_url=f"{listing_url(card.slug)}.ics" if is_there and has_meetings(table) else "",
        where="" if is_online else where_words(card, detail.street_2),
        where_notes=detail.place_notes or "",
        precision=_precision(detail),
        directions_url=directions_url(card) or "",
        openings=opening_views(card.reports, now) if is_there else (),
        numbers=tuple(_number(phone) for phone in card.phones),
        links=tuple(Link(link.label or _bare(link.url), link.url) for link in detail.urls if host_of(link.url)),
        join_notes=detail.conference_notes or "" if is_there else "",
        is_private_link=is_there and bool(detail.conference_url or detail.conference_phone),
        is_unlisted=_is_unlisted(detail),
        good_to_know=tuple(_good_to_know(card)),
        codes=_codes(detail),
        source=detail.source_title or card.source_name,
        source_licence=detail.source_licence or "",
        source_url=detail.source_url or "",
        checked=a_date(detail.source_checked_at.astimezone(ZoneInfo(card.timezone)).date()),
        confirmed=a_date(card.verified_on) if card.verified_on else "",
        corrected=a_date(detail.set_at.astimezone(ZoneInfo(card.timezone)).date()) if detail.set_at else "",
        asked=a_date(card.confirmed_on) if card.confirmed_on else "",
        report_url=report_url(card.slug),
        is_demo=card.is_demo,
    )


def _inactive(card: Card) -> str:
    """One sentence for whoever would set out now; what it used to be is no time to go by."""
    words = inactive_words(card)
    what = _("Not meeting now.") if card.kind == "meeting" else f"{words[:1].upper()}{words[1:]}."
    usual = usual_words(card.timetable)
    if not usual:
        return what
    text = _("It used to meet: %(times)s.") if card.kind == "meeting" else _("It used to be open: %(times)s.")
    return f"{what} {text % {'times': '; '.join(usual)}}"


def _ways_to_join(detail: Detail) -> Iterator[Action]:
    """Into a meeting online or by phone; none while it does not meet."""
    if not is_active(detail.card):
        return
    if detail.conference_url and host_of(detail.conference_url):  # anything else a browser might run
        yield Action("join", _("Join online"), detail.conference_url)
    if detail.conference_phone:
        phone = Phone(detail.conference_phone)
        yield Action("dial", _("Join by phone"), phone_url(phone), phone_words(phone))


def _is_unlisted(detail: Detail) -> bool:
    """Whether search engines are to leave it: the notes of any meeting can hold a number and a word to get in."""
    joins = detail.conference_url or detail.conference_phone or detail.conference_notes
    return detail.card.kind == "meeting" or has_meetings(detail.card.timetable) or bool(joins)


def _way_in(detail: Detail) -> Iterator[Fact]:
    """Eligibility, cost, papers, how to apply: in this order, and said when not known."""
    card = detail.card
    ages = ages_words(detail.minimum_age, detail.maximum_age)
    who = [part for part in (detail.eligibility, ages, values_words("people", card.people or ())) if part]
    pay = [part for part in (detail.fees, values_words("pay", _pay_not_said(detail))) if part]
    for name, value in (
        (_("Who it is for"), _sentences(who)),
        (_("What it costs"), _sentences(pay)),
        (_("What to bring"), detail.required_documents or ""),
        (_("How to apply"), detail.application_process or ""),
    ):
        if value or card.kind != "meeting":
            yield Fact(name, value)


def _pay_not_said(detail: Detail) -> tuple[str, ...]:
    """The ways to pay that the source's own words on fees do not name already."""
    said = (detail.fees or "").casefold()
    return tuple(way for way in detail.card.pay or () if not re.search(rf"\b{_first_word(labels.PAY[way])}\b", said))


def _first_word(text: str) -> str:
    return re.escape(text.split()[0].casefold())


def _sentences(parts: Sequence[str]) -> str:
    return ". ".join([*(part.rstrip(". ") for part in parts[:-1]), *parts[-1:]])


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
