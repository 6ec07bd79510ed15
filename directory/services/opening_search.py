"""The search of peers for openings: what the public search finds with an opening, less whom a report is known not to take.

What nobody has said of sex or payer is no reason to leave a place out: it is kept, and said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from directory.domain.access import Action, Actor, Thing, demand
from directory.domain.openings import fit
from directory.domain.results import Card, FoundPlace, Openings, freshness
from directory.domain.search import MAX_PER_PAGE, Query
from directory.services.search import search_run
from directory.settings import Settings

GIVE_ANY_CARE = ("treatment", "health")
GIVE_SOME = {"housing": "recovery-housing"}
"""The kinds of listings that may give a level of care of which they say nothing: what gives meals is no answer to who asks for detox."""
DECIDED_HERE = ("care", "people", "pay")
"""The facets that a report may answer for itself, whatever its listing says."""
MOST_PAGES = 5
"""So many pages of the public search are looked through: the nearest 500 places with an opening."""


@dataclass(frozen=True, slots=True)
class Fitting:
    """One opening that fits, and the facets of which nobody has said whether they do."""

    openings: Openings
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OpeningFound:
    """A listing with those of its openings that fit."""

    card: Card
    fitting: tuple[Fitting, ...]


@dataclass(frozen=True, slots=True)
class OpeningsFound:
    """What is found: the nearest first, and without a place what was reported last. `place` is where was looked, None for everywhere."""

    place: FoundPlace | None
    found: tuple[OpeningFound, ...]


async def openings_search(*, by: Actor, query: Query, now: datetime, settings: Settings) -> OpeningsFound:
    """The openings that a peer looks for. Raises Denied, and PlaceNotFound for a place that is not known."""
    demand(by, Action.WATCH_OPENINGS, Thing(person=by.person), now=now)
    return await openings_find(query=query, now=now, settings=settings)


async def openings_find(*, query: Query, now: datetime, settings: Settings) -> OpeningsFound:
    """The same for a watch of somebody, who may have it (services/opening_watches.py)."""
    facets = {name: values for name, values in query.facets.items() if name not in DECIDED_HERE}
    asked = replace(query, openings=True, facets=facets, per_page=MAX_PER_PAGE)
    place, found = None, []
    for page in range(1, MOST_PAGES + 1):
        result = await search_run(
            query=replace(asked, page=page), now=now, settings=settings, counts=False, place=place
        )
        place = result.place
        found += [each for card in result.cards if (each := _fitting(query, card, result.now)).fitting]
        if not result.has_next:
            break
    return OpeningsFound(place, tuple(found if place else sorted(found, key=_reported_at, reverse=True)))


def _reported_at(found: OpeningFound) -> datetime:
    return max(each.openings.as_of for each in found.fitting)


def _fitting(query: Query, card: Card, now: datetime) -> OpeningFound:
    reports = [replace(each, freshness=freshness(each.as_of, now)) for each in card.reports]
    return OpeningFound(card, tuple(_those_that_fit(query, card, [each for each in reports if each.counts])))


def _those_that_fit(query: Query, card: Card, reports: Sequence[Openings]) -> list[Fitting]:
    asked = [(name, query.facets.get(name, ())) for name in ("people", "pay")]
    known = (("people", card.people), ("pay", card.pay))
    found = []
    for report in reports:
        answer, care = fit(asked, report.restrictions, known), _care(query, card, report)
        if care is not False and not answer.is_out:
            found.append(Fitting(report, answer.unknown if care else ("care", *answer.unknown)))
    return found


def _care(query: Query, card: Card, report: Openings) -> bool | None:
    """Whether an opening is of a level of care that is asked for; None where neither the report nor the listing says and its kind may give it."""
    asked = query.facets.get("care", ())
    of_it = card.care if report.care is None else (report.care,)
    if not asked:
        return True
    if of_it is None:
        return None if card.kind in GIVE_ANY_CARE or GIVE_SOME.get(card.kind) in asked else False
    return not set(asked).isdisjoint(of_it)
