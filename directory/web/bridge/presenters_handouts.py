"""A hand-out in words: its listings under days or in their order, the same for the page and for paper."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextvars import copy_context
from dataclasses import dataclass
from datetime import datetime, time
from math import inf
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from directory import i18n
from directory.domain.bridge.handouts import DAY, DISTANCE, Paper, PaperEntry, PaperSection
from directory.domain.results import Card, Detail
from directory.domain.schedule import DAY as MINUTES_OF_A_DAY
from directory.domain.schedule import wall_time, weekday
from directory.domain.weekly import MONDAY_FIRST, Stretch, unlike_others, weekly
from directory.i18n import a_list, a_moment, a_number, a_weekday, gettext, ngettext
from directory.services.bridge.handouts import Shown
from directory.services.lists import GoneListing
from directory.web.presenters import Action, listing_url, openings_mark, where_fact
from directory.web.presenters_listing import ListingView, listing_view
from directory.web.presenters_paper import hours_lines
from directory.web.presenters_time import shown_zone
from directory.web.wording import date_words, distance_words, span_words, zone_words

_ = gettext

ALSO_TODAY, SEVERAL_DAYS, CALL_FIRST = 7, 8, 9
"""Beside the days of the week, 0 to 6: what is there on several of them, today too or not, and what has no times that anybody knows."""
MOST = 4
"""On so many days a week or more a listing is told once, and not under each of them; on fewer where its times are not the same."""
SPECIAL_DAYS = 2
"""Days unlike the others that are told: what is further off changes before it comes."""


@dataclass(frozen=True, slots=True)
class Place:
    """A listing of a hand-out: when, where, its numbers, then the rest, line by line. `openings` are true at this moment alone, and not printed."""

    name: str
    organization: str
    url: str
    lines: tuple[str, ...]
    openings: str
    actions: tuple[Action, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Listings under a heading, "" where there is but one group."""

    heading: str
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class HandoutView:
    """The page of a hand-out. `scan` stands beside the code on paper; `gone` are listings that their source has taken out."""

    summary: str
    until: str
    scan: str
    groups: tuple[Group, ...]
    gone: tuple[GoneListing, ...]


def handout_view(shown: Shown, now: datetime) -> HandoutView:
    """The hand-out as it is now, on the clock of its places."""
    until = _("You can open this page until %(day)s.") % {"day": day_of(shown.row.expires_at, shown.zone, now)}
    return HandoutView(_summary(shown, now), until, _scan(shown, now), tuple(_groups(shown, now)), shown.gone)


def paper_view(shown: Shown, address: str, now: datetime) -> Paper:
    """The hand-out for paper, in its own language whatever the reader's is."""
    return copy_context().run(_paper, shown, address, now)


def _paper(shown: Shown, address: str, now: datetime) -> Paper:
    i18n.use(shown.row.language)
    groups = [PaperSection(each.heading, tuple(map(_paper_entry, each.places))) for each in _groups(shown, now)]
    if shown.gone:
        words = _("This listing is gone.")
        groups.append(PaperSection("", tuple(PaperEntry(each.name, (words,)) for each in shown.gone)))
    return Paper(
        language=shown.row.language,
        title=_("List"),
        lead=_summary(shown, now),
        scan=_scan(shown, now),
        urgent=(_("In crisis: call or text 988, day and night."), _("In danger: call 911.")),
        sections=tuple(groups),
        address=address,
        short=typed_address(address),
        page=_("Page %(page)s of %(pages)s"),
        unshown=_("▯ stands for letters that cannot be printed here. The list behind the code has them."),
    )


def _paper_entry(place: Place) -> PaperEntry:
    return PaperEntry(place.name, tuple(line for line in (*place.lines, place.organization) if line))


def _summary(shown: Shown, now: datetime) -> str:
    n = len(shown.details)
    places = ngettext("%(n)s place", "%(n)s places", n) % {"n": a_number(n)}
    words = _("%(places)s, as of %(when)s. Things change: call before you go.")
    said = words % {"places": places, "when": a_moment(now.astimezone(ZoneInfo(shown.zone)))}
    is_demo = any(each.card.is_demo for each in shown.details)
    return " ".join((said, _("Demonstration: these places are made up."))) if is_demo else said


def _scan(shown: Shown, now: datetime) -> str:
    until = day_of(shown.row.expires_at, shown.zone, now)
    return _("Scan this for the list as it is now. It can be opened until %(day)s.") % {"day": until}


def typed_address(address: str) -> str:
    """An address as people type it, without its scheme."""
    return "".join(urlsplit(address)[1:3])


def day_of(moment: datetime, zone: str, now: datetime) -> str:
    """The day of a moment on the clock of a zone, in words."""
    own = ZoneInfo(zone)
    return date_words(moment.astimezone(own).date(), now.astimezone(own).date())


# --- groups ----------------------------------------------------------------------------------------------------------


def _groups(shown: Shown, now: datetime) -> Iterator[Group]:
    if shown.row.sort == DAY:
        yield from _by_day(shown, now.astimezone(ZoneInfo(shown.zone)))
    elif shown.details:
        yield Group("", tuple(_place(each, hours_lines(each.card, now), shown, now) for each in _in_order(shown)))


def _in_order(shown: Shown) -> Sequence[Detail]:
    if shown.row.sort != DISTANCE:
        return shown.details
    return sorted(shown.details, key=lambda each: shown.miles.get(each.card.slug, inf))


def _by_day(shown: Shown, now: datetime) -> Iterator[Group]:
    """From today on, each day with the listings that one can go to then, the earliest first. `now` is on the clock of the hand-out."""
    today = weekday(now.date())
    found: dict[int, list[tuple[int, Place]]] = {}
    for detail in shown.details:
        for day, start, lines in _days(detail.card, now, today):
            found.setdefault(day, []).append((start, _place(detail, lines, shown, now)))
    for day in (today, ALSO_TODAY, *((today + ahead) % 7 for ahead in range(1, 7)), SEVERAL_DAYS, CALL_FIRST):
        if day in found:
            places = sorted(found[day], key=lambda each: each[0])
            yield Group(_heading(day, today), tuple(place for _start, place in places))


def _heading(day: int, today: int) -> str:
    if day == ALSO_TODAY:
        return _("On several days, also on %(day)s") % {"day": a_weekday(today)}
    if day == SEVERAL_DAYS:
        return _("On several days")
    return _("Times not known: call first") if day == CALL_FIRST else _sentence(a_weekday(day))


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def _days(card: Card, now: datetime, today: int) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """The days of a listing, each with its first minute and its times in words. What is not every week is told whole."""
    table = card.timetable
    times = {day: stretch.times for stretch in weekly(table.windows) for day in _covered(stretch)}
    others = unlike_others(table.windows, wall_time(now, table.zone).date())
    days = {*times, *(window.day for window in others)}
    if card.always_open or _is_told_once(days, times) or (others and len(days) > 1):
        is_today = card.always_open or today in times
        yield ALSO_TODAY if is_today else SEVERAL_DAYS, _turn(times.get(today, ()), now), hours_lines(card, now)
    elif others:
        yield others[0].day, others[0].start, hours_lines(card, now)
    elif times:
        for day, found in times.items():
            yield day, _turn(found, now) if day == today else found[0][0], (_times(found, card, now),)
    else:
        yield CALL_FIRST, 0, hours_lines(card, now)


def _is_told_once(days: set[int], times: Mapping[int, Sequence[tuple[int, int]]]) -> bool:
    """Whether it is there on many days, or on several of them at the same hours."""
    return len(days) >= MOST or (len(days) > 1 and len({tuple(each) for each in times.values()}) == 1)


def _turn(times: Sequence[tuple[int, int]], now: datetime) -> int:
    """The minute by which something stands among what is on today: what is over by now comes last."""
    minute = now.hour * 60 + now.minute
    coming = [start for start, minutes in times if start + minutes > minute]
    return min(coming) if coming else MINUTES_OF_A_DAY if times else 0


def _covered(stretch: Stretch) -> tuple[int, ...]:
    return MONDAY_FIRST[MONDAY_FIRST.index(stretch.first) :][: stretch.days]


def _times(times: Iterable[tuple[int, int]], card: Card, now: datetime) -> str:
    """Such as "9 am to noon and 1 pm to 5 pm", with the zone where that is not the reader's."""
    spans = a_list([span_words(_clock(start), _clock(start + minutes)) for start, minutes in times])
    is_elsewhere = card.attendance == "online" or shown_zone(card) != card.timezone
    return f"{spans} ({zone_words(card.timetable.zone, now)})" if is_elsewhere else spans


def _clock(minute: int) -> time:
    return time(minute % MINUTES_OF_A_DAY // 60, minute % 60)


# --- one listing -----------------------------------------------------------------------------------------------------


def _place(detail: Detail, when: Sequence[str], shown: Shown, now: datetime) -> Place:
    view, card = listing_view(detail, now), detail.card
    opening = openings_mark(card.openings, now) if not view.inactive else None
    return Place(
        name=view.title,
        organization=view.organization,
        url=listing_url(card.slug),
        lines=tuple(line for line in _lines(detail, view, when, shown.miles.get(card.slug)) if line),
        openings=_sentence(opening.text) if opening else "",
        actions=view.actions,
    )


def _lines(detail: Detail, view: ListingView, when: Sequence[str], miles: int | None) -> Iterator[str]:
    """When, where and the numbers, one line each, which is all that a small card has room for; then what else helps to get there."""
    where = where_fact(detail.card, detail.street_2)
    yield view.inactive or _sentence("; ".join(when)) or _("Times not known: call first")
    yield where.value if where else ""
    yield ", ".join(f"{each.text} ({each.what})" if each.what else each.text for each in view.numbers)
    if miles is not None:
        yield _distance_words(miles, is_rough=detail.card.approximate)
    yield view.where_notes
    if view.is_private_link:
        yield detail.conference_url or ""
        yield detail.conference_phone or ""
        yield _("Anyone with this link or number can join. Please do not post it in public.")
    yield view.join_notes
    if not view.inactive:
        yield from (f"{fact.name}: {fact.value}" for fact in view.special[:SPECIAL_DAYS])


def _distance_words(miles: int, *, is_rough: bool) -> str:
    """Such as "about 3 miles". The middle of a place that is only roughly known may be nearer than the place itself."""
    return distance_words(miles, approximate=True) if miles or is_rough else _("under 1 mile")
