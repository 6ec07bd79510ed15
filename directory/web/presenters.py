"""Listings as plain values for a template: what a card says and in which order. Every sentence is finished here, none in a template."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlencode

from directory import labels
from directory.domain.checks import is_overdue
from directory.domain.geo import Point
from directory.domain.listings import Phone, Visibility
from directory.domain.openings import ASSESS, CAPACITY, NO_CAPACITY, WAITLIST
from directory.domain.results import Card, Openings
from directory.domain.schedule import TimeFilter
from directory.domain.taxonomy import CodeInfo
from directory.i18n import a_date, gettext, language
from directory.web.presenters_time import ANY_TIME, Mark, is_active, time_mark
from directory.web.wording import (
    age_words,
    distance_words,
    languages_words,
    phone_url,
    phone_words,
    values_words,
    whole_words,
)

_ = gettext

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
class Fact:
    """One named fact."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Action:
    """A thing to do now: join, dial, call, text or directions. `hint` is the number, or whose place it leads to."""

    sort: str
    text: str
    url: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class CardView:
    """One listing in a list. Only `marks` depend on the hour, the place or the question; all else is the listing's own.

    `lat` and `lon` are where a map may show it, None where it may not; `approximate`: somewhere around there.
    """

    slug: str
    title: str
    url: str
    kind: str
    organization: str
    marks: tuple[Mark, ...]
    facts: tuple[Fact, ...]
    unknown: str
    actions: tuple[Action, ...]
    is_demo: bool
    lat: float | None = None
    lon: float | None = None
    approximate: bool = False


def listing_url(slug: str) -> str:
    """The page of a listing."""
    return f"/listings/{quote(slug)}"


def openings_mark(openings: Openings | None, now: datetime) -> Mark | None:
    """What is open and how old that report is. An old report gives no number; one that tells only how many beds there are, nothing."""
    what = openings_words(openings) if openings else ""
    if openings is None or not what:
        return None
    age = age_words(openings.as_of, now)
    if openings.freshness == "old":
        return Mark(_("openings last reported %(age)s; call first") % {"age": age}, "quiet")
    text = (
        _("%(openings)s, reported %(age)s")
        if openings.freshness == "fresh"
        else _("%(openings)s, reported %(age)s; call first")
    )
    return Mark(text % {"openings": what, "age": age}, "openings" if openings.counts else "quiet")


def openings_words(openings: Openings) -> str:
    """Such as "2 beds open", or what can be done where none is; "" where nothing is said. A number that is not known stays unknown."""
    if openings.accepting == NO_CAPACITY:
        return labels.openings(openings.unit, 0)
    if not openings.available and openings.accepting in (WAITLIST, ASSESS):
        return _("waiting list open") if openings.accepting == WAITLIST else _("seeing people first")
    if openings.available is None:
        return _("taking people") if openings.accepting == CAPACITY else ""
    return labels.openings(openings.unit, openings.available)


def marks(card: Card, now: datetime, asked: TimeFilter = ANY_TIME) -> tuple[Mark, ...]:
    """The line that decides: distance, time, openings. What is closed for now has neither a way there nor openings."""
    distance, moment = distance_mark(card), moment_marks(card, now, asked)
    return (distance, *moment) if distance else moment


def distance_mark(card: Card) -> Mark | None:
    """How far it is; None where nobody knows, or nobody should go."""
    if card.distance_miles is None or not is_active(card):
        return None
    return Mark(distance_words(card.distance_miles, card.approximate), "strong")


def moment_marks(card: Card, now: datetime, asked: TimeFilter = ANY_TIME) -> tuple[Mark, ...]:
    """What depends on the minute, and neither on the place nor on who asks."""
    stale = stale_mark(card, now)
    return (*_now_marks(card, now, asked), stale) if stale else _now_marks(card, now, asked)


def _now_marks(card: Card, now: datetime, asked: TimeFilter = ANY_TIME) -> tuple[Mark, ...]:
    if not is_active(card):
        return (time_mark(card, now),)
    opening = openings_mark(card.openings, now)
    when = time_mark(card, now, asked)
    return (when, opening) if opening else (when,)


def stale_mark(card: Card, now: datetime) -> Mark | None:
    """That nobody has said for too long that it is right; None where that is not so, or where nobody should go anyway."""
    if not is_active(card) or not is_overdue(card.kind, card.checked_on, card.since, now.date()):
        return None
    if card.checked_on is None:
        return Mark(_("never checked by us"), "quiet")
    return Mark(_("not checked since %(day)s") % {"day": a_date(card.checked_on)}, "quiet")


def where_words(card: Card, street_2: str | None = None) -> str:
    """The address as far as it may be known."""
    town = " ".join(part for part in (", ".join(p for p in (card.city, card.state) if p), card.postal_code) if part)
    town = whole_words(town)
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
        online = labels.label("attendance", "online")
        return Fact(_("Where"), f"{online} ({card.coverage})" if card.coverage else online)
    where = where_words(card, street_2) or card.coverage
    return Fact(_("Where"), where) if where else Fact(_("Where"), _("not known"))


def _is_told_elsewhere(info: CodeInfo) -> bool:
    return info.category in TOLD_ELSEWHERE or any(facet == "attendance" for facet, _value in info.facets)


def what_words(card: Card, *, is_short: bool = False) -> str:
    """The kind, or the meeting's program (`is_short`: as "AA"), how to attend and its types."""
    named = labels.short_program if is_short else labels.program
    first = named(card.program) if card.program else _(labels.KIND_OF_ONE.get(card.kind, card.kind))
    parts = [first]
    if card.attendance == "hybrid":
        parts.append(labels.label("attendance", "hybrid"))
    parts += [info.label(language()) for info in card.types if not _is_told_elsewhere(info)][:TYPES_ON_A_CARD]
    return " · ".join(dict.fromkeys(parts))


def directions_url(card: Card) -> str | None:
    """A route to the public point or address; None where it may not be shown, is only roughly known, or nobody is there."""
    if card.visibility is not Visibility.FULL or card.attendance == "online" or not is_active(card):
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


def facts(card: Card, program: str = "") -> tuple[Fact, ...]:
    """What is known, in the one order of all cards. Where all are of one `program` its long name is not said again."""
    is_short = bool(program) and card.program == program
    found = [Fact(_("What"), what_words(card, is_short=is_short)), where_fact(card)]
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


def map_point(card: Card) -> Point | None:
    """Where a map may show it: its own point, or what its ZIP code or town tells anyway; None where that would say too much."""
    if card.attendance == "online" or card.visibility is Visibility.HIDDEN or not is_active(card):
        return None
    if not _is_roughly_known(card):
        return card.point
    middle = card.search_point
    return Point(round(middle.lat, 2), round(middle.lon, 2)) if middle else None


def _is_roughly_known(card: Card) -> bool:
    return card.approximate or card.visibility is not Visibility.FULL


def card_view(card: Card, now: datetime, asked: TimeFilter = ANY_TIME, program: str = "") -> CardView:
    """A listing as it stands in a list, answering what was asked of the time. `program` is the one that all in it share."""
    return marked_view(card, marks(card, now, asked), program)


def marked_view(card: Card, marks: tuple[Mark, ...], program: str = "") -> CardView:
    """A listing as it stands in a list, with these marks."""
    point = map_point(card)
    return CardView(
        slug=card.slug,
        title=card.name,
        url=listing_url(card.slug),
        kind=card.kind,
        organization=card.organization if card.organization and card.organization != card.name else "",
        marks=marks,
        facts=facts(card, program),
        unknown=unknown_words(card),
        actions=actions(card),
        is_demo=card.is_demo,
        lat=point.lat if point else None,
        lon=point.lon if point else None,
        approximate=_is_roughly_known(card),
    )


def card_views(
    cards: Sequence[Card], now: datetime, asked: TimeFilter = ANY_TIME, program: str = ""
) -> tuple[CardView, ...]:
    """The same for many."""
    return tuple(card_view(card, now, asked, program) for card in cards)


def line_views(cards: Sequence[Card], now: datetime) -> tuple[CardView, ...]:
    """National numbers: nothing stands below such a line, so hours that are only words are said in its marks or not at all."""
    return tuple(marked_view(card, line_marks(card, now)) for card in cards)


def line_marks(card: Card, now: datetime) -> tuple[Mark, ...]:
    """Whether somebody answers now."""
    if card.hours_text and not card.timetable.windows:
        return (Mark(_("hours differ by area"), "quiet"),)
    return _now_marks(card, now)
