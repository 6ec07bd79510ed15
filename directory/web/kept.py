"""Pieces of HTML that are the same for every question, made once by the templates: most of a card, and the choices of the form.

What depends on the hour, the place or the question (distance, times, openings, numbers) is spliced in at each request. A card is
known by its listing's version and by the language, its times by the minute, a group of choices by its words; no place and no word
that was searched is among them.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter
from typing import Any, Generic, TypeVar, cast

from jinja2 import Environment
from markupsafe import Markup

from directory.domain.results import Card
from directory.domain.schedule import TimeFilter
from directory.i18n import LANGUAGES, a_number, language
from directory.web.presenters import CardView, ReadyCard, card_view, distance_mark, line_views, moment_marks
from directory.web.presenters_form import Group, Number, ReadyGroup
from directory.web.presenters_list import TakeView
from directory.web.presenters_time import ANY_TIME, Mark

MOST = 4000
"""Pieces of each sort that are kept, but for cards: some ten megabytes."""
MOST_CARDS = 10_000
"""Cards that are kept, as many as listings are remembered: some sixteen megabytes."""
HOLE = "\ue000"
"""Stands in a piece for what is put in later: a sign that no label, no name and no number has."""

Piece = TypeVar("Piece")

_of_moment = attrgetter("stamp", "shown_zone", "is_open", "open_until", "next_start", "openings")


class _Store(Generic[Piece]):
    """The pieces that were used last."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._pieces: OrderedDict[Hashable, Piece] = OrderedDict()

    def once(self, key: Hashable, make: Callable[[], Piece]) -> Piece:
        """The piece with this key, made where there is none."""
        if key in self._pieces:
            self._pieces.move_to_end(key)
            return self._pieces[key]
        piece = self._pieces[key] = make()
        if len(self._pieces) > self._most:
            self._pieces.popitem(last=False)
        return piece


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
        self._cards: _Store[tuple[str, str]] = _Store(MOST_CARDS)
        self._moments: _Store[str] = _Store(MOST)
        self._distances: _Store[str] = _Store(MOST)
        self._lines: _Store[Markup] = _Store(MOST)
        self._lists: _Store[ReadyGroup] = _Store(MOST)
        self._choices: _Store[list[str]] = _Store(MOST)
        self._numbers = {name: _Numbers(self._form_macros.found) for name in LANGUAGES}

    # --- cards ---

    def cards(self, cards: Sequence[Card], shown: Shown) -> tuple[ReadyCard, ...]:
        """The cards of a list as they stand on the page."""
        # One text for all cards of the list: to look up by what was asked of the time itself would take longer than the card.
        when = f"{language()} {shown.now.timestamp() // 60} {shown.asked}"
        return tuple([ReadyCard(Markup(self._card(card, shown, language(), when))) for card in cards])

    def _card(self, card: Card, shown: Shown, spoken: str, when: str) -> str:
        is_taken = card.slug in shown.taken
        if not card.stamp:
            view = card_view(card, shown.now, shown.asked, shown.program)
            return self._html(view, shown.level, is_taken=is_taken)
        key = card.stamp, spoken, card.program if card.program == shown.program else "", shown.level, is_taken
        before, after = self._cards.once(key, lambda: self._around_marks(card, shown, is_taken=is_taken))
        moment = self._moments.once(
            (card.stamp, card.shown_zone, when), lambda: self._marks(moment_marks(card, shown.now, shown.asked))
        )
        return f"{before}{self._distance(card)}{moment}{after}"

    def _around_marks(self, card: Card, shown: Shown, *, is_taken: bool) -> tuple[str, str]:
        """What stands before the marks of a card and after them."""
        hole = Mark(HOLE)
        view = replace(card_view(card, shown.now, shown.asked, shown.program), marks=(hole,))
        before, _, after = self._html(view, shown.level, is_taken=is_taken).partition(self._marks((hole,)))
        return before, after

    def _html(self, view: CardView, level: int, *, is_taken: bool) -> str:
        return str(self._card_macros.card(view, level, TakeView((view.slug,) if is_taken else (), (), "")))

    def _marks(self, found: Sequence[Mark]) -> str:
        return "".join(self._card_macros.mark(mark) for mark in found)

    def _distance(self, card: Card) -> str:
        mark = distance_mark(card)
        return self._distances.once(mark.text, lambda: self._marks((mark,))) if mark else ""

    def lines(self, cards: Sequence[Card], now: datetime) -> Markup:
        """The national numbers as they stand below an empty answer: the same for everybody in this minute."""
        key = language(), now.timestamp() // 60, tuple(map(_of_moment, cards))
        return self._lines.once(key, lambda: Markup(self._card_macros.lines(line_views(cards, now))))

    # --- the form ---

    def group(self, group: Group, counts: Sequence[Number]) -> ReadyGroup:
        """A group of the form ready for the page, each choice with its number."""
        if group.sort == "one":
            return self._lists.once(group, lambda: ReadyGroup(group.sort, Markup(self._form_macros.select(group))))
        before, *after = self._choices.once(group, lambda: self._around_numbers(group))
        found = map(self._numbers[language()].__getitem__, counts)
        return ReadyGroup(group.sort, Markup(before + "".join(map(str.__add__, found, after))))

    def _around_numbers(self, group: Group) -> list[str]:
        """What stands before, between and after the numbers of a group."""
        choices = [replace(choice, count=HOLE) for choice in group.choices]
        html = str(self._form_macros.checks(replace(group, choices=tuple(choices))))
        return html.split(f" {self._form_macros.found(HOLE)}")


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
