"""Pieces of HTML that are the same for every question, made once by the templates: most of a card, and the choices of the form.

What depends on the hour, the place or the question (distance, times, openings, numbers) is spliced in at each request. A card is
known by its listing's version and by the language, a choice by its words; no place and no word that was searched is among them.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Generic, TypeVar

from jinja2 import Environment
from markupsafe import Markup

from directory.domain.results import Card
from directory.domain.schedule import TimeFilter
from directory.i18n import language
from directory.web.presenters import CardParts, CardView, card_view, marks
from directory.web.presenters_form import Choice, Form, Group
from directory.web.presenters_time import ANY_TIME

MOST = 4000
"""Pieces of each sort that are kept: some ten megabytes."""
LEVELS = (2, 3)
"""A card's title is a heading of the second or the third level."""
NUMBER = "\ue000"
"""Stands for a number in a piece that is kept: a sign that no label and no number has."""

Piece = TypeVar("Piece")


class _Store(Generic[Piece]):
    """The pieces that were used last."""

    def __init__(self) -> None:
        self._pieces: OrderedDict[Hashable, Piece] = OrderedDict()

    def once(self, key: Hashable, make: Callable[[], Piece]) -> Piece:
        """The piece with this key, made where there is none."""
        if key in self._pieces:
            self._pieces.move_to_end(key)
            return self._pieces[key]
        piece = self._pieces[key] = make()
        if len(self._pieces) > MOST:
            self._pieces.popitem(last=False)
        return piece


class Kept:
    """The pieces that one site has made so far."""

    def __init__(self, templates: Environment) -> None:
        self._card_macros = templates.get_template("macros/cards.html").module
        self._form_macros = templates.get_template("macros/forms.html").module
        self._cards: _Store[CardView] = _Store()
        self._choices: _Store[str] = _Store()

    def card_views(
        self, cards: Sequence[Card], now: datetime, asked: TimeFilter = ANY_TIME, program: str = ""
    ) -> tuple[CardView, ...]:
        """`presenters.card_views`, with the parts of each card that stay the same ready for the page."""
        return tuple(self._card(card, now, asked, program) for card in cards)

    def _card(self, card: Card, now: datetime, asked: TimeFilter, program: str) -> CardView:
        if not card.stamp:
            return card_view(card, now, asked, program)
        key = card.stamp, language(), card.program if card.program == program else ""
        still = self._cards.once(key, lambda: self._with_parts(card_view(card, now, asked, program)))
        return replace(still, marks=marks(card, now, asked))

    def _with_parts(self, view: CardView) -> CardView:
        macros = self._card_macros
        heads = tuple(Markup(macros.head(view, level)) for level in LEVELS)  # type: ignore[attr-defined]
        rest, ways = Markup(macros.rest(view)), Markup(macros.ways(view.actions, view.title))  # type: ignore[attr-defined]
        return replace(view, parts=CardParts(heads, rest, ways))

    def form(self, form: Form) -> Form:
        """The form with the choices of its groups ready for the page."""
        return replace(form, groups=tuple(replace(group, ready=self._group(group)) for group in form.groups))

    def _group(self, group: Group) -> Markup:
        if group.sort == "one":
            return Markup(self._choices.once((language(), group), lambda: str(self._form_macros.options(group))))  # type: ignore[attr-defined]
        return Markup("".join(self._check(group.name, choice) for choice in group.choices))

    def _check(self, name: str, choice: Choice) -> str:
        """One checkbox. None and one place are said in words of their own; any other number is put in."""
        is_many = choice.count not in ("", "0", "1")
        known = replace(choice, count=NUMBER) if is_many else choice
        html = self._choices.once((language(), name, known), lambda: str(self._form_macros.check(name, [known])))  # type: ignore[attr-defined]
        return html.replace(NUMBER, choice.count) if is_many else html
