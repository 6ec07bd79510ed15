"""Pieces of HTML that are the same for every question, made once by the templates: most of a card, the frame of the page, the form and
its choices.

What depends on the hour, the place or the question (distance, times, openings, numbers) is spliced in at each request. A card is
known by its listing's version and by the language, what is said of its times by these and the minute, a group of choices by its words;
no place and no word that was searched is among them.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter
from typing import Any, cast

from jinja2 import Environment, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from directory.domain.results import Card, Openings
from directory.domain.schedule import TimeFilter, Timetable
from directory.i18n import LANGUAGES, a_number, language
from directory.web.pieces import HOLE, Store, filled
from directory.web.presenters import (
    CardView,
    card_view,
    distance_mark,
    line_views,
    marked_view,
    moment_marks,
)
from directory.web.presenters_form import Choice, Form, Group, Number, ReadyGroup
from directory.web.presenters_list import TakeView
from directory.web.presenters_map import MapView
from directory.web.presenters_time import ANY_TIME, Mark, can_ring, is_active

MOST = 4000
"""Pieces of each sort that are kept, but for cards: some ten megabytes."""
MOST_CARDS = 20_000
"""Cards that are kept, as many as listings are remembered: some thirty megabytes."""
MOST_CUT = 200
"""Frames, forms and places for a map that are kept: one for each language, but for what is ticked and how much has to be sent on."""
MANY_ORDERS = ("type",)
"""Groups of which too many differ to keep each whole: a dozen of some sixty choices, the most frequent around the place first."""
OF_PAGE = ("path", "has_demo")
FRAME = (*OF_PAGE, "lang", "languages", "site_name", "base_url", "exit_url")
"""What the frame around the search page is told, beside its title and the way back: only OF_PAGE is not the same for a whole site."""

_of_marks = attrgetter(
    *"shown_zone timezone status kind attendance hours_text openings confirmed_on verified_on since".split()
)
"""All that the marks of a moment are made of, beside the moment, the timetable and a number to call: many listings share it."""
_of_moment = attrgetter("stamp", "shown_zone", "is_open", "open_until", "next_start", "openings")

Moment = tuple[Hashable, str, Openings | None]
"""All that decides what a listing says of the moment: when and what is asked in which language, on whose clock, and its openings."""


@dataclass(slots=True)
class _Around:
    """What stands before the marks of a card and after them; and what was said between them last, and of what moment."""

    before: str
    after: str
    said_of: Moment | None = None
    said: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """How a list is shown: at what moment, what was asked of the time, the program that all share ("" for none), the level of the
    headings, and what is on the reader's own list.
    """

    now: datetime
    asked: TimeFilter = ANY_TIME
    program: str = ""
    level: int = 2
    taken: tuple[str, ...] = ()


class Kept:
    """The pieces that one site has made so far."""

    def __init__(self, templates: Environment) -> None:
        self._card_macros = cast(Any, templates.get_template("macros/cards.html").module)
        self._form_macros = cast(Any, templates.get_template("macros/forms.html").module)
        self._map_macros = cast(Any, templates.get_template("macros/map.html").module)
        self._frame = templates.get_template("search/frame.html")
        self._cards: Store[_Around] = Store(MOST_CARDS)
        self._moments: Store[tuple[Timetable, str]] = Store(MOST)
        self._distances: Store[str] = Store(MOST)
        self._lines: Store[Markup] = Store(MOST)
        self._lists: Store[ReadyGroup] = Store(MOST)
        self._choices: Store[list[str]] = Store(MOST)
        self._each: Store[list[str]] = Store(MOST)
        self._found: Store[Markup] = Store(MOST)
        self._cut: Store[list[str]] = Store(MOST_CUT)
        self._numbers = {name: _Numbers(self._form_macros.found) for name in LANGUAGES}

    # --- cards ---

    def cards(self, cards: Sequence[Card], shown: Shown) -> Markup:
        """The cards of a list as they stand on the page."""
        spoken, asked = language(), shown.asked
        # Of what is asked of the time only these change what a card says (presenters_time.py `asked_mark`).
        when = spoken, shown.now.timestamp() // 60, asked.day, asked.date_offset, asked.within
        html: list[str] = []
        for card in cards:
            if card.stamp:
                html += self._parts(card, shown, spoken, when)
            else:
                view = card_view(card, shown.now, shown.asked, shown.program)
                html.append(self._html(view, shown.level, is_taken=card.slug in shown.taken))
        return Markup("".join(html))

    def _parts(self, card: Card, shown: Shown, spoken: str, when: Hashable) -> tuple[str, str, str, str]:
        """A card in pieces: what depends on the listing alone stands before and after its distance and its moment."""
        is_taken = card.slug in shown.taken
        key = card.stamp, spoken, card.program == shown.program, shown.level, is_taken
        around = self._cards.get(key) or self._cards.put(key, self._around_marks(card, shown, is_taken=is_taken))
        # Most cards are seen again while they say the same: then it is known without a look at all that it is made of.
        of = when, card.shown_zone, card.openings
        if around.said_of != of:
            around.said_of, around.said = of, self._moment(card, shown, when)
        return around.before, self._distance(card, spoken), around.said, around.after

    def _moment(self, card: Card, shown: Shown, when: Hashable) -> str:
        # The timetable by its address, which nothing else can have while it stands beside the piece: to hash one takes too long.
        _table, moment = self._moments.once(
            (id(card.timetable), _of_marks(card), can_ring(card.phones), when),
            lambda: (card.timetable, self._marks(moment_marks(card, shown.now, shown.asked))),
        )
        return moment

    def _around_marks(self, card: Card, shown: Shown, *, is_taken: bool) -> _Around:
        hole = Mark(HOLE)
        view = marked_view(card, (hole,), shown.program)
        before, _, after = self._html(view, shown.level, is_taken=is_taken).partition(self._marks((hole,)))
        return _Around(before, after)

    def _html(self, view: CardView, level: int, *, is_taken: bool) -> str:
        return str(self._card_macros.card(view, level, TakeView((view.slug,) if is_taken else (), (), "")))

    def _marks(self, found: Sequence[Mark]) -> str:
        return "".join(self._card_macros.mark(mark) for mark in found)

    def _distance(self, card: Card, spoken: str) -> str:
        miles = card.distance_miles
        if miles is None or not is_active(card):
            return ""
        # All that its words are made of (wording.py `distance_words`).
        key = spoken, round(miles * 10), miles < 1, card.approximate
        return self._distances.once(key, lambda: str(self._card_macros.mark(distance_mark(card))))

    def lines(self, cards: Sequence[Card], now: datetime) -> Markup:
        """The national numbers as they stand below an empty answer: the same for everybody in this minute."""
        key = language(), now.timestamp() // 60, tuple(map(_of_moment, cards))
        return self._lines.once(key, lambda: Markup(self._card_macros.lines(line_views(cards, now))))

    # --- the form ---

    def group(self, group: Group, counts: Sequence[Number]) -> ReadyGroup:
        """A group of the form ready for the page, each choice with its number."""
        if group.sort == "one":
            return self._lists.once(group, lambda: ReadyGroup(group.sort, Markup(self._form_macros.select(group))))
        if group.name in MANY_ORDERS:
            before, *after = self._around_each(group)
        else:
            before, *after = self._choices.once(group, lambda: self._around_numbers(group))
        found = map(self._numbers[language()].__getitem__, counts)
        ready = (f"{number}{choice}" for number, choice in zip(found, after, strict=True))
        return ReadyGroup(group.sort, Markup(before + "".join(ready)))

    def form(self, form: Form, title: str) -> Markup:
        """The form as it stands on the page, its groups made by `group`."""
        ready = cast(tuple[ReadyGroup, ...], (form.within, *form.groups))
        ones, many = ([each.ready for each in ready if each.sort == sort] for sort in ("one", "many"))
        key = "form", language(), title, len(form.kept), form.by_point, form.open_now, form.openings.chosen
        pieces = self._cut.once(key, lambda: self._around_fields(form, title))
        sent_on = [text for pair in form.kept for text in pair]
        where = form.elsewhere_url if form.by_point else form.near
        number = self._found.once((language(), form.openings.count), lambda: self._number(form.openings.count))
        # In the order in which the form has them.
        return filled(
            pieces,
            *sent_on,
            form.text,
            where,
            ones[0],
            Markup("".join(ones[1:])),
            number,
            Markup("\n".join(many)),
            form.again_url,
        )

    def _number(self, count: str) -> Markup:
        return Markup(f" {self._form_macros.found(count)}" if count else "")

    def _around_fields(self, form: Form, title: str) -> list[str]:
        """What stands around all in a form that is somebody's own, or a number."""
        one, many = (ReadyGroup(sort, Markup(HOLE)) for sort in ("one", "many"))
        openings, kept = replace(form.openings, count=HOLE), ((HOLE, HOLE),) * len(form.kept)
        bare = replace(form, within=one, groups=(one, many), openings=openings, kept=kept)
        bare = replace(bare, text=HOLE, near=HOLE, elsewhere_url=HOLE, again_url=HOLE)
        html = str(self._form_macros.search(bare, title))
        return html.replace(f" {self._form_macros.found(HOLE)}", HOLE).split(HOLE)

    def _around_numbers(self, group: Group) -> list[str]:
        """What stands before, between and after the numbers of a group."""
        choices = [replace(choice, count=HOLE) for choice in group.choices]
        html = str(self._form_macros.checks(replace(group, choices=tuple(choices))))
        return html.split(f" {self._form_macros.found(HOLE)}")

    def _around_each(self, group: Group) -> list[str]:
        """The same, put together from what is kept of each choice."""
        spoken = language()
        key = "group", spoken, group.name, group.chosen, group.is_open
        before, after = self._cut.once(key, lambda: self._around_choices(group))
        pieces = [before]
        for choice in group.choices:
            made = self._each.get((spoken, group.name, choice)) or self._each.put(
                (spoken, group.name, choice), self._around_number(group.name, choice)
            )
            pieces[-1] += made[0]
            pieces.append(made[1])
        pieces[-1] += after
        return pieces

    def _around_choices(self, group: Group) -> list[str]:
        html = str(self._form_macros.checks(replace(group, choices=(Choice(HOLE, "", False),))))
        return html.split(str(self._form_macros.check(group.name, [Choice(HOLE, "", False)])))

    def _around_number(self, name: str, choice: Choice) -> list[str]:
        html = str(self._form_macros.check(name, [replace(choice, count=HOLE)]))
        return html.split(f" {self._form_macros.found(HOLE)}")

    # --- the page ---

    def map(self, view: MapView) -> Markup:
        """Where the map of the results goes."""
        tiles = {"tile_url": view.tile_url, "tile_credit": view.tile_credit}
        bare = dict.fromkeys(("lat", "lon", "place", "ring_words"), HOLE) | tiles
        pieces = self._cut.once(
            ("map", language(), *tiles.values()), lambda: str(self._map_macros.holder(bare)).split(HOLE)
        )
        return filled(pieces, view.lat, view.lon, view.place, view.ring_words, view.place)

    @pass_context
    def frame(self, context: Context) -> tuple[Markup, Markup]:
        """What stands before the main part of the search page and after it (layout.html)."""
        shared = {name: context[name] for name in FRAME}
        pieces = self._cut.once(
            ("frame", language(), *(shared[name] for name in OF_PAGE)), lambda: self._around_main(shared)
        )
        return filled(pieces[:-1], context["title"], context["back"]), Markup(pieces[-1])

    def _around_main(self, shared: dict[str, Any]) -> list[str]:
        html = self._frame.render({**shared, "here": shared["path"], "title": HOLE, "back": HOLE, "main": HOLE})
        return html.split(HOLE)


class _Numbers(dict[Number, str]):
    """The numbers of choices in one language as they stand behind them: some sixty on each page."""

    def __init__(self, macro: Callable[[str], str]) -> None:
        super().__init__({None: ""})
        self._macro = macro

    def __missing__(self, count: Number) -> str:
        if count is None or len(self) > MOST:
            self.clear()
            self[None] = ""
        if count is not None:
            self[count] = f" {self._macro(a_number(count))}"
        return self[count]
