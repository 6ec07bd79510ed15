"""One listing as it stands on a list to take along: all that is needed to get there, in words that still hold on paper tomorrow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time

from directory.domain.compass import direction
from directory.domain.listings import Visibility
from directory.domain.results import Card, Detail, FoundPlace
from directory.domain.schedule import DAY, Timetable, Window, wall_time
from directory.domain.weekly import Stretch, unlike_others, weekly
from directory.i18n import N_, a_date, a_list, a_weekday, gettext
from directory.web.presenters import Action, Fact, openings_mark, where_fact
from directory.web.presenters_listing import ListingView, Number, listing_view
from directory.web.presenters_time import Mark, shown_zone, time_mark
from directory.web.presenters_week import has_meetings, usual_words
from directory.web.wording import day_words, distance_words, span_words, whole_words, zone_words

_ = gettext

FROM_A_PLACE = {
    "": N_("%(distance)s from %(place)s"),
    "north": N_("%(distance)s north of %(place)s"),
    "north-east": N_("%(distance)s north-east of %(place)s"),
    "east": N_("%(distance)s east of %(place)s"),
    "south-east": N_("%(distance)s south-east of %(place)s"),
    "south": N_("%(distance)s south of %(place)s"),
    "south-west": N_("%(distance)s south-west of %(place)s"),
    "west": N_("%(distance)s west of %(place)s"),
    "north-west": N_("%(distance)s north-west of %(place)s"),
}
DIFFERENT_DAYS = 3
"""Days unlike the others that are told: what is further off changes before it comes."""
NEAREST_TOLD = 0.1
"""Miles. Nearer than this there is no direction to set out in."""


@dataclass(frozen=True, slots=True)
class Row:
    """One named fact in one or several lines; none where it is not known."""

    name: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One listing of the list. `mark` is true at this moment alone and not printed."""

    slug: str
    title: str
    url: str
    organization: str
    what: str
    inactive: str
    mark: Mark
    rows: tuple[Row, ...]
    actions: tuple[Action, ...]


def entry(detail: Detail, url: str, now: datetime, place: FoundPlace | None) -> Entry:
    """A listing of the list, seen from the place that was searched. `url` is its page."""
    view, card = listing_view(detail, now), detail.card
    return Entry(
        slug=card.slug,
        title=view.title,
        url=url,
        organization=view.organization,
        what=view.what,
        inactive=view.inactive,
        mark=time_mark(card, now),
        rows=tuple(_rows(detail, view, now, place)),
        actions=view.actions,
    )


def _rows(detail: Detail, view: ListingView, now: datetime, place: FoundPlace | None) -> Iterator[Row]:
    """Where, how to reach it, when, how to get in: the same order for all."""
    card = detail.card
    if where := where_fact(card, detail.street_2):
        yield Row(where.name, _lines(where.value, view.where_notes))
    if far := distance_from(card, place):
        yield Row(_("Distance"), (far,))
    if view.numbers or card.kind != "meeting":
        yield Row(_("Phone"), tuple(_number_words(each) for each in view.numbers))
    if view.is_private_link or view.join_notes:
        yield Row(_("Online or by phone"), _join_lines(detail, view))
    if not view.inactive:
        yield Row(_("When"), hours_lines(card, now))
        if changes := view.special[:DIFFERENT_DAYS]:
            yield Row(_("Days that are different"), tuple(f"{fact.name}: {fact.value}" for fact in changes))
    if coming := next_time(card, now):
        yield Row(_("Next time"), (coming,))
    if opening := openings_mark(card.openings, now) if not view.inactive else None:
        yield Row(_("Openings"), (_sentence(opening.text),))
    yield from _facts(view.way_in)
    yield from _facts(fact for fact in view.good_to_know if fact.value)


def _facts(facts: Iterable[Fact]) -> Iterator[Row]:
    yield from (Row(fact.name, _lines(fact.value)) for fact in facts)


def _lines(*texts: str) -> tuple[str, ...]:
    return tuple(text for text in texts if text)


def _number_words(number: Number) -> str:
    return f"{number.text}: {number.what}" if number.what else number.text


def _join_lines(detail: Detail, view: ListingView) -> tuple[str, ...]:
    if not view.is_private_link:
        return _lines(view.join_notes)
    care = _("Anyone with this link or number can join. Please do not post it in public.")
    return _lines(detail.conference_url or "", detail.conference_phone or "", view.join_notes, care)


def distance_from(card: Card, place: FoundPlace | None) -> str:
    """Such as "0.8 miles north-east of Saltmarsh, PA 19199"; "" where no place is known, or nobody has to go anywhere."""
    if place is None or card.distance_miles is None:
        return ""
    label = whole_words(place.label) if place.label else _("your location")
    words = distance_words(card.distance_miles, card.approximate)
    return gettext(FROM_A_PLACE[_direction(card, place)]) % {"distance": words, "place": label}


def _direction(card: Card, place: FoundPlace) -> str:
    """ "" where it is too near for one, only roughly known and near, or not to be found by it."""
    nearest = 1.0 if card.approximate else NEAREST_TOLD
    if card.visibility is Visibility.HIDDEN or not card.search_point or (card.distance_miles or 0) < nearest:
        return ""
    return direction(place.point, card.search_point)


# --- times -----------------------------------------------------------------------------------------------------------


def hours_lines(card: Card, now: datetime) -> tuple[str, ...]:
    """The week in words, such as "Monday to Friday, 9 am to 5 pm", then what is not every week; none where it is not known."""
    if card.always_open:
        return (_("Open 24 hours, every day."),)
    table = card.timetable
    if not table.windows:
        return _lines(card.hours_text or "")
    today = wall_time(now, table.zone).date()
    found = [stretch_words(stretch) for stretch in weekly(table.windows)]
    found += [_dated_words(window, table) for window in unlike_others(table.windows, today)]
    is_elsewhere = card.attendance == "online" or shown_zone(card) != card.timezone
    zone = _("Times are in %(zone)s.") % {"zone": zone_words(table.zone, now)} if is_elsewhere else ""
    return _lines(*found, zone)


def stretch_words(stretch: Stretch) -> str:
    """Such as "Monday to Friday, 9 am to noon and 1 pm to 5 pm"."""
    spans = a_list([span_words(_clock(start), _clock(start + minutes)) for start, minutes in stretch.times])
    return _sentence(f"{_days_words(stretch)}, {spans}")


def _days_words(stretch: Stretch) -> str:
    if stretch.days == 7:
        return _("every day")
    if stretch.days == 1:
        return a_weekday(stretch.first)
    if stretch.days == 2:
        return a_list([a_weekday(stretch.first), a_weekday(stretch.last)])
    return _("%(first)s to %(last)s") % {"first": a_weekday(stretch.first), "last": a_weekday(stretch.last)}


def _dated_words(window: Window, table: Timetable) -> str:
    """Such as "Second Tuesday of the month, 6 pm to 7 pm (until Aug 31, 2026)"."""
    (words,) = usual_words(Timetable((window,), table.zone))
    dates = _dates_words(window.valid_from, window.valid_to)
    return _sentence(f"{words} ({dates})" if dates else words)


def _dates_words(first: date | None, last: date | None) -> str:
    if first and last:
        return _("%(first)s to %(last)s") % {"first": a_date(first), "last": a_date(last)}
    if first:
        return _("from %(day)s on") % {"day": a_date(first)}
    return _("until %(day)s") % {"day": a_date(last)} if last else ""


def next_time(card: Card, now: datetime) -> str:
    """The date and time of the next meeting, such as "Tue 10 Mar, 7 pm to 8 pm"; "" for open hours, whose week says it."""
    if not card.next_start or not card.next_end or not has_meetings(card.timetable):
        return ""
    words = f"{day_words(card.next_start.date())}, {span_words(card.next_start, card.next_end)}"
    return f"{words} ({zone_words(shown_zone(card), now)})" if card.attendance == "online" else words


def _clock(minute: int) -> time:
    return time(minute % DAY // 60, minute % 60)


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]
