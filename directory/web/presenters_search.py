"""A search as plain values for its page: the question, the list, what is elsewhere, and the ways out of an empty answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from directory import labels
from directory.domain.errors import Problem
from directory.domain.results import Card, SearchResult
from directory.domain.search import Query
from directory.i18n import a_number, gettext
from directory.services.widening import Widened, Wider
from directory.web.kept import Kept, Shown
from directory.web.presenters import CardView, Link, card_views, line_views
from directory.web.presenters_form import Form, form, with_counts
from directory.web.presenters_list import TakeView, take_view
from directory.web.presenters_map import MapView
from directory.web.presenters_notices import (
    Notice,
    beyond_notices,
    last_page,
    problem_notices,
    spelled_notices,
    unknown_notices,
)
from directory.web.presenters_question import (
    Sort,
    chips,
    day_name,
    is_blank,
    language_name,
    miles_words,
    place_words,
    search_url,
    sorts,
    title_words,
    type_names,
)

_ = gettext

BESIDE = 3
"""The level of the headings of cards that stand beside the list."""
SHOWN_ELSEWHERE = 4
"""Of what serves a place from afar so many stand on the page at once, the others behind a tap."""
Cards = tuple[CardView, ...] | Markup
"""A list of cards, or the same as it stands on the page."""


@dataclass(frozen=True, slots=True)
class ElsewhereView:
    """What serves the place without being near it. `total` in words; `online_url` leads to all that is online.

    `more` are the cards that come after SHOWN_ELSEWHERE, `more_count` of them.
    """

    cards: Cards
    total: str
    online_url: str
    more: Cards = ()
    more_count: int = 0


@dataclass(frozen=True, slots=True)
class WiderView:
    """One way out of an empty answer; `count` is what it finds."""

    text: str
    count: str
    url: str


@dataclass(frozen=True, slots=True)
class SearchView:
    """All that the search page says. Where there is `kept`, its lists and groups stand ready, and the template has more from there."""

    title: str
    form: Form
    take: TakeView
    notices: tuple[Notice, ...]
    chips: tuple[Link, ...] = ()
    sorts: tuple[Sort, ...] = ()
    cards: Cards = ()
    first: int = 1
    position: str = ""
    previous_url: str = ""
    next_url: str = ""
    asks_first: bool = False
    is_empty: bool = False
    asks_time: bool = False
    wider: tuple[WiderView, ...] = ()
    further: Cards = ()
    further_title: str = ""
    elsewhere: ElsewhereView | None = None
    lines: tuple[CardView, ...] | Markup = ()
    map: MapView | None = None
    kept: Kept | None = None


def asking_view(
    query: Query, problems: Sequence[Problem], notices: Sequence[Notice], lines: Sequence[Card], now: datetime
) -> SearchView:
    """The page for a question that cannot be answered yet: the form comes first, as it was."""
    return SearchView(
        title=_("What do you need, and where?") if is_blank(query) else _("Where shall we look?"),
        form=form(query),
        take=take_view(query),
        notices=(*notices, *problem_notices(problems)),
        asks_first=True,
        lines=line_views(lines, now),
    )


def result_view(
    result: SearchResult,
    problems: Sequence[Problem],
    notices: Sequence[Notice] = (),
    lines: Sequence[Card] = (),
    widened: Widened | None = None,
    kept: Kept | None = None,
) -> SearchView:
    """The page for an answered question. `notices` are what the visitor should know of it before all else; `lines` and `widened`
    are for an empty answer; from `kept` come pieces that are ready.
    """
    query = result.query
    beyond = beyond_notices(query, result.total)
    widened = widened or Widened()
    elsewhere = result.elsewhere.cards if query.page == 1 else ()
    seen = {card.id for card in (*result.cards, *elsewhere)}
    return SearchView(
        title=title_words(query, result.total, place_words(result)),
        form=form(query, result.facets, kept.group if kept else with_counts),
        take=take_view(query, result.total),
        notices=(
            *notices,
            *problem_notices((*problems, *result.problems)),
            *spelled_notices(query, result.spelled),
            *beyond,
            *unknown_notices(result),
        ),
        chips=chips(query, result.facets),
        sorts=sorts(query) if result.total > 1 else (),
        cards=_cards(result, result.cards, kept),
        first=query.offset + 1,
        position=_position(result),
        previous_url=search_url(query, page=query.page - 1) if query.page > 1 and not beyond else "",
        next_url=search_url(query, page=query.page + 1) if result.has_next else "",
        is_empty=not result.total,
        asks_time=query.time_filter.is_set,
        wider=wider_views(result, widened.options),
        further=_cards(result, [card for card in widened.cards if card.id not in seen], kept, BESIDE),
        further_title=_("Nearest beyond %(miles)s") % {"miles": miles_words(query.within)},
        elsewhere=elsewhere_view(result, kept),
        lines=_lines([card for card in lines if card.id not in seen], result.now, kept),
        kept=kept,
    )


def _lines(cards: Sequence[Card], now: datetime, kept: Kept | None) -> tuple[CardView, ...] | Markup:
    if kept and cards and all(card.stamp for card in cards):
        return kept.lines(cards, now)
    return line_views(cards, now)


def _cards(result: SearchResult, cards: Sequence[Card], kept: Kept | None, level: int = 2) -> Cards:
    query = result.query
    program = query.programs[0] if len(query.programs) == 1 else ""
    if kept:
        return kept.cards(cards, Shown(result.now, query.time_filter, program, level, query.taken))
    return card_views(cards, result.now, query.time_filter, program)


def elsewhere_view(result: SearchResult, kept: Kept | None = None) -> ElsewhereView | None:
    """What serves the place from afar, on the first page alone; None where that is nothing."""
    query, found = result.query, result.elsewhere
    if not found.total or query.page > 1:
        return None
    is_online = any(card.attendance == "online" for card in found.cards)
    url = search_url(query, attendance=("online",)) if is_online else ""
    first, more = found.cards[:SHOWN_ELSEWHERE], found.cards[SHOWN_ELSEWHERE:]
    return ElsewhereView(
        cards=_cards(result, first, kept, BESIDE),
        total=labels.count("", found.total, a_number(found.total)),
        online_url=url,
        more=_cards(result, more, kept, BESIDE),
        more_count=len(more),
    )


def wider_views(result: SearchResult, options: Sequence[Wider]) -> tuple[WiderView, ...]:
    """The ways out of an empty answer, each with what it finds."""
    if not options:
        return ()
    types = type_names(result.facets.get("type", ()))
    return tuple(
        WiderView(_wider_words(way, types), a_number(way.total), search_url(result.query, **way.changes))
        for way in options
    )


def _wider_words(way: Wider, types: Mapping[str, str]) -> str:
    if way.what == "within":
        return _("Within %(miles)s") % {"miles": miles_words(float(way.value))}
    if way.what == "online":
        return labels.label("attendance", "online")
    if way.what == "only" and not way.value:
        return _("Without these filters")
    text = _("Only “%(filter)s”") if way.what == "only" else _("Without “%(filter)s”")
    return text % {"filter": _filter_words(way.field, way.value, types)}


def _filter_words(field: str, value: str, types: Mapping[str, str]) -> str:
    """The words for a filter with one value, the filter's name where it has several."""
    if not value or field in ("open", "openings"):
        return labels.facet_name(field)
    if field == "day":
        return day_name(value).capitalize()
    if field == "language":
        return language_name(value)
    return types.get(value, value) if field == "type" else labels.label(field, value)


def _position(result: SearchResult) -> str:
    pages = last_page(result.query, result.total)
    if pages < 2:
        return ""
    return _("Page %(page)s of %(pages)s") % {"page": a_number(result.query.page), "pages": a_number(pages)}
