"""The search of peers for openings in words: the form, what was asked, each place with the phone first, and one's watches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from directory import labels
from directory.domain.openings import Watch
from directory.domain.search import DEFAULT_WITHIN, Query
from directory.domain.taxonomy import FACETS
from directory.i18n import a_date, gettext
from directory.services.opening_search import Fitting, OpeningFound
from directory.services.opening_watches import question
from directory.web.fields import Field
from directory.web.presenters import Action, distance_mark, listing_url, phone_actions, where_words
from directory.web.presenters_form import Choice
from directory.web.presenters_openings import OpeningView, opening_view
from directory.web.presenters_question import miles_words
from directory.web.presenters_time import Mark

_ = gettext

ASKED = ("care", "people", "pay")
MILES = (5, 10, 25, 50, 100, 500)


@dataclass(frozen=True, slots=True)
class FittingView:
    """One opening of a place. `ask` names what was asked for and nobody has said."""

    opening: OpeningView
    ask: str


@dataclass(frozen=True, slots=True)
class PlaceView:
    """A place with openings that fit: whom to call, then where, then what is open."""

    title: str
    url: str
    organization: str
    actions: tuple[Action, ...]
    distance: Mark | None
    where: str
    openings: tuple[FittingView, ...]


@dataclass(frozen=True, slots=True)
class WatchView:
    """One's own watch in words."""

    id: int
    words: str
    url: str
    ends: str


def fields_of(query: Query) -> tuple[Field, ...]:
    """The fields of the form with what is asked; of a facet with several values the first is shown."""
    facets = tuple(_facet_field(name, query) for name in ASKED)
    near = Field("near", labels.facet_name("near"), value=query.near, hint=_("A ZIP code, or a town and its state"))
    within = Field("within", labels.facet_name("within"), choices=_miles(query.within))
    return (*facets, near, within)


def _facet_field(name: str, query: Query) -> Field:
    chosen = query.facets.get(name, ("",))[0]
    values = [Choice(value, labels.label(name, value), value == chosen) for value in FACETS[name]]
    return Field(name, labels.facet_name(name), choices=(Choice("", _("Any"), not chosen), *values))


def _miles(within: float) -> tuple[Choice, ...]:
    those = sorted({*MILES, within})
    return tuple(Choice(f"{miles:g}", miles_words(miles), miles == within) for miles in those)


def question_words(query: Query) -> str:
    """Such as "Detox (withdrawal care), Women, Medicaid, within 25 miles of 19199"."""
    parts = [labels.label(name, value) for name in ASKED for value in query.facets.get(name, ())]
    if query.near:
        miles = miles_words(query.within or DEFAULT_WITHIN)
        parts.append(_("within %(miles)s of %(place)s") % {"miles": miles, "place": query.near})
    return ", ".join(parts) or _("Any opening, anywhere")


def place_view(found: OpeningFound, now: datetime) -> PlaceView:
    """One place."""
    card = found.card
    return PlaceView(
        title=card.name,
        url=listing_url(card.slug),
        organization=card.organization if card.organization and card.organization != card.name else "",
        actions=phone_actions(card.phones),
        distance=distance_mark(card),
        where=where_words(card),
        openings=tuple(_fitting(each, now) for each in found.fitting),
    )


def _fitting(fitting: Fitting, now: datetime) -> FittingView:
    asked = [labels.facet_name(name) for name in fitting.unknown]
    ask = _("Ask when you call, nobody has said: %(what)s") % {"what": ", ".join(asked)} if asked else ""
    return FittingView(opening_view(fitting.openings, now), ask)


def watch_views(watches: Sequence[Watch], zone: str) -> tuple[WatchView, ...]:
    """One's own watches."""
    return tuple(
        WatchView(
            watch.id,
            question_words(question(watch)),
            f"/openings?{watch.query}" if watch.query else "/openings",
            a_date(watch.ends_at.astimezone(ZoneInfo(zone)).date()),
        )
        for watch in watches
    )
