"""What the directory has for somebody who waits: the site's own search, asked for each need and put in the order of what suits them.

Nothing of it is stored but the marks; what was asked stands in no log.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from directory.domain.access import Actor
from directory.domain.bridge.fitting import Who, who_of
from directory.domain.bridge.marks import Standing, standings
from directory.domain.bridge.plans import Plan
from directory.domain.bridge.questions import ONLINE, WHENS, Question, Span, questions, span_of
from directory.domain.bridge.suggestions import Suggestion, is_from_afar, ranked, suggestion
from directory.domain.errors import PlaceNotFound, Problem
from directory.domain.people import UnfitFields
from directory.domain.results import Card, FoundPlace, SearchResult
from directory.domain.search import Query
from directory.services.bridge.plans import plan_show
from directory.services.geocoding import area_name, place_find
from directory.services.search import cards_show, search_run
from directory.services.waitlist.clients import Somebody, today_of
from directory.settings import Settings
from directory.storage import agencies
from directory.storage.bridge import marks
from directory.storage.waitlist import facts
from directory.storage.waitlist.clients import ClientNow
from directory.storage.waitlist.facts import FactNow


@dataclass(frozen=True, slots=True)
class Asked:
    """A search that was made, and how many it found."""

    query: Query
    total: int


@dataclass(frozen=True, slots=True)
class Group:
    """What there is for one need, best first, and the searches that found it: each listing here is an answer to one of them."""

    need: str
    suggestions: tuple[Suggestion, ...]
    asked: tuple[Asked, ...]


@dataclass(frozen=True, slots=True)
class Pinned:
    """A listing that was pinned; `is_found`: a search for this person returns it now."""

    suggestion: Suggestion
    is_found: bool


@dataclass(frozen=True, slots=True)
class Suggestions:
    """All suggestions for somebody at one moment. `away` are listings that were put away, with the word that did it, the last first.

    `where` is what was searched from, "" where nobody said; `place` None then, and where the gazetteer no longer knows it.
    """

    groups: tuple[Group, ...]
    pinned: tuple[Pinned, ...]
    away: tuple[tuple[Card, str], ...]
    where: str
    when: str
    place: FoundPlace | None
    zone: str


@dataclass(frozen=True, slots=True)
class _Asker:
    """Who it is for, from where and when, looked up once for all searches."""

    plan: Plan
    who: Who
    when: str
    place: FoundPlace | None
    zone: str
    now: datetime
    settings: Settings

    @property
    def span(self) -> Span:
        """The time that is asked about."""
        return span_of(self.when, self.now, self.zone)


async def suggestions_show(
    *,
    upi: str,
    by: Actor,
    now: datetime,
    settings: Settings,
    where: str = "",
    when: str = "",
) -> tuple[Somebody, Suggestions]:
    """Somebody with their suggestions; that they were opened stands in the access log. `where` ("": that of the plan) and `when` (one of WHENS) are
    for this once and kept nowhere.

    Raises UnfitFields for a place that nobody knows, and what `plan_allowed` raises.
    """
    who, kept = await plan_show(upi=upi, by=by, now=now, settings=settings, part="suggestions")
    plan = replace(kept.plan, where=await _area(where)) if where.strip() else kept.plan
    if when not in ("", *WHENS):
        raise UnfitFields([Problem("when", "choose", when)])
    return who, await suggestions_of(who=who, plan=plan, now=now, settings=settings, when=when)


async def suggestions_of(
    *, who: Somebody, plan: Plan, now: datetime, settings: Settings, when: str = ""
) -> Suggestions:
    """The suggestions for a client by their plan. Whoever calls has found out that the plan may be read."""
    asker = await _asker(who.row, plan, when, now, settings)
    standing = standings(await marks.of_client(who.row.id))
    groups = await _groups(asker, standing)
    pinned = await _pinned(asker, standing, {each.card.id for group in groups for each in group.suggestions})
    pinned_ids = {each.suggestion.card.id for each in pinned}
    return Suggestions(
        groups=tuple(_without(group, pinned_ids) for group in groups),
        pinned=pinned,
        away=await _away(asker, standing),
        where=plan.where,
        when=when,
        place=asker.place,
        zone=asker.zone,
    )


async def said_last(*, who: Somebody, now: datetime, settings: Settings) -> tuple[Card, str] | None:
    """The listing of which something was said last for a client, and the word. Whoever calls has found out that the plan may be read."""
    said = await marks.of_client(who.row.id)
    cards = await cards_show(ids=[said[-1].listing], now=now, zone=settings.timezone, place=None) if said else ()
    return (cards[0], said[-1].what) if cards else None


# --- who asks --------------------------------------------------------------------------------------------------------


async def _area(text: str) -> str:
    try:
        return await area_name(text=text)
    except PlaceNotFound:
        raise UnfitFields([Problem("where", "not-a-place", "")]) from None


async def _asker(row: ClientNow, plan: Plan, when: str, now: datetime, settings: Settings) -> _Asker:
    home = await agencies.agency(row.agency)
    place = await _place(plan.where, settings)
    zone = place.timezone if place else home.values.timezone if home else settings.timezone
    today = await today_of(row.agency, now)
    who = who_of(_counting(await facts.of_client(row.id), today), row.language, today)
    plan = plan if place else replace(plan, where="")
    return _Asker(plan, who, when, place, zone, now, settings)


async def _place(where: str, settings: Settings) -> FoundPlace | None:
    try:
        return await place_find(text=where, settings=settings) if where else None
    except PlaceNotFound:
        return None


def _counting(known: Mapping[str, FactNow], today: date) -> dict[str, str]:
    """The facts that still count: one that has run out is not known until somebody asks again."""
    return {code: each.value for code, each in known.items() if each.expires_on is None or each.expires_on >= today}


# --- asking ----------------------------------------------------------------------------------------------------------


async def _groups(asker: _Asker, standing: Mapping[int, Standing]) -> list[Group]:
    answers: dict[str, list[SearchResult]] = {}
    cards: dict[str, list[Card]] = {}
    for question in questions(asker.plan, asker.who.yes, when=asker.when, zone=asker.zone):
        before = answers.setdefault(question.need, [])
        if question.if_cut and not (before and before[0].has_next):
            continue
        result = await _ask(question, asker)
        before.append(result)
        afar = result.elsewhere.cards if question.afar else ()
        cards.setdefault(question.need, []).extend([*result.cards, *afar])
    return [_group(need, found, answers[need], asker, standing) for need, found in cards.items()]


async def _ask(question: Question, asker: _Asker) -> SearchResult:
    """The very answer of the search. Counts by facet are made only where what lies elsewhere comes with them."""
    return await search_run(
        query=question.query, now=asker.now, settings=asker.settings, counts=question.afar, place=asker.place
    )


def _group(
    need: str,
    cards: Sequence[Card],
    answers: Sequence[SearchResult],
    asker: _Asker,
    standing: Mapping[int, Standing],
) -> Group:
    here = [card for card in cards if card.id not in standing or not standing[card.id].away]
    if need == ONLINE:  # what is near stands among the meetings to go to
        here = [card for card in here if is_from_afar(card, asker.plan)]
    found = ranked(here, asker.plan, asker.who, _went(standing), asker.span, asker.now)
    return Group(need, found, tuple(Asked(answer.query, answer.total) for answer in answers))


def _without(group: Group, ids: Collection[int]) -> Group:
    return replace(group, suggestions=tuple(each for each in group.suggestions if each.card.id not in ids))


# --- what was said before --------------------------------------------------------------------------------------------


def _went(standing: Mapping[int, Standing]) -> dict[int, datetime]:
    return {id: each.went for id, each in standing.items() if each.went}


async def _pinned(asker: _Asker, standing: Mapping[int, Standing], found: Collection[int]) -> tuple[Pinned, ...]:
    """What was pinned, whether a search returns it now or not."""
    went = _went(standing)
    cards = await _cards([id for id, each in standing.items() if each.pinned], asker)
    return tuple(
        Pinned(suggestion(card, asker.plan, asker.who, went, asker.span, asker.now), card.id in found) for card in cards
    )


async def _away(asker: _Asker, standing: Mapping[int, Standing]) -> tuple[tuple[Card, str], ...]:
    ids = [id for id, each in standing.items() if each.away]
    return tuple((card, standing[card.id].away) for card in await _cards(ids[::-1], asker))


async def _cards(ids: Sequence[int], asker: _Asker) -> tuple[Card, ...]:
    return await cards_show(ids=ids, now=asker.now, zone=asker.zone, place=asker.place) if ids else ()
