"""What to ask the directory for somebody who waits: for each need the very searches that a visitor could make, and the parts of a day or
two that they are about. Nothing is looked up here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from directory.domain.bridge.plans import Plan
from directory.domain.search import DEFAULT_WITHIN, Query

MEETINGS, ONLINE, HARM, HOUSING, FOOD, WORK = "meetings", "online", "harm-reduction", "housing", "food", "work"
LEGAL, FAMILY, RIDES, PRENATAL, MEDICATION = "legal", "family", "transport", "prenatal", "medication"
HEALTH, SUPPORT = "health", "support"
NEEDS = (
    MEETINGS, ONLINE, HARM, PRENATAL, MEDICATION, HOUSING, FOOD, RIDES, LEGAL, FAMILY, WORK, HEALTH, SUPPORT,
)  # fmt: skip
"""What may be needed, in the order of the page: what keeps somebody alive and well tonight before what takes weeks."""
KIND_OF = {
    MEETINGS: "meeting",
    ONLINE: "meeting",
    HARM: "harm-reduction",
    HOUSING: "housing",
    FOOD: "food",
    RIDES: "transport",
    LEGAL: "legal",
    FAMILY: "family",
    WORK: "employment",
    HEALTH: "health",
    SUPPORT: "recovery-support",
}
"""The kind of listing by which somebody says in their plan that they want such a thing, or do not."""
OF_BARRIER: Mapping[str, tuple[str, ...]] = {
    "housing": (HOUSING,),
    "food": (FOOD,),
    "unemployment": (WORK,),
    "money": (FOOD, WORK),
    "court": (LEGAL,),
    "custody": (FAMILY, LEGAL),
    "childcare": (FAMILY,),
    "transport": (RIDES,),
    "documents": (LEGAL, SUPPORT),
    "phone": (SUPPORT,),
    "health": (HEALTH,),
    "language": (SUPPORT,),
}
"""What helps with each barrier. Papers and a telephone: recovery centers have peers, computers and telephones."""
OF_FACT: Mapping[str, tuple[str, ...]] = {
    "pregnant": (PRENATAL,),
    "medication": (MEDICATION,),
    "injecting-30d": (MEDICATION,),
    "overdose-risk": (MEDICATION,),
    "child-protection": (FAMILY, LEGAL),
}
"""What a known fact asks for: care before a birth, and medication that bridges the wait (WAITLIST 1.3)."""
BRIDGE = ("buprenorphine", "methadone")
"""Medication that bridges a wait."""

NOW, TODAY, TOMORROW = "now", "today", "tomorrow"
WHENS = (NOW, TODAY, TOMORROW)
"""What can be asked instead of the usual coming 48 hours."""
AHEAD = timedelta(hours=48)
MOST = 100
"""Answers of one search that are looked at: as many as the search gives on one page."""
MOST_ONLINE = 50


@dataclass(frozen=True, slots=True)
class Question:
    """One search for one need. `name` tells apart those of one need. `afar`: what serves the place without being near it counts too.

    `if_cut` questions are asked only where the first one of the same need had more answers than were looked at.
    """

    need: str
    name: str
    query: Query
    afar: bool = False
    if_cut: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """The time that is asked about, as aware moments; the end is exclusive."""

    start: datetime
    end: datetime


def span_of(when: str, now: datetime, zone: str) -> Span:
    """The time that one of WHENS means, or with "" the coming 48 hours. A day is that of the zone, and ends at its midnight."""
    if when == NOW:
        return Span(now, now + timedelta(hours=1))
    if when not in (TODAY, TOMORROW):
        return Span(now, now + AHEAD)
    today = now.astimezone(ZoneInfo(zone)).date()
    if when == TODAY:
        return Span(now, _midnight(today + timedelta(days=1), zone))
    return Span(_midnight(today + timedelta(days=1), zone), _midnight(today + timedelta(days=2), zone))


def _midnight(day: date, zone: str) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))


def needs_of(plan: Plan, yes: Iterable[str]) -> tuple[str, ...]:
    """What somebody needs by their plan and by the facts that are known to be so, in the order of NEEDS. What they do not want is left out."""
    asked = {MEETINGS, HARM}
    asked.update(need for barrier in plan.barriers for need in OF_BARRIER.get(barrier, ()))
    asked.update(need for fact in yes for need in OF_FACT.get(fact, ()))
    asked.update(need for need, kind in KIND_OF.items() if kind in plan.wanted)
    if MEETINGS in asked:
        asked = asked - {MEETINGS, ONLINE} | set(_ways_to_meet(plan))
    return tuple(need for need in NEEDS if need in asked and KIND_OF.get(need) not in plan.unwanted)


def _ways_to_meet(plan: Plan) -> Iterator[str]:
    """In person and online, unless they said that only one of the two suits them."""
    ways = plan.attendance
    if not ways or "in-person" in ways or "hybrid" in ways:
        yield MEETINGS
    if not ways or "online" in ways or "hybrid" in ways:
        yield ONLINE


def questions(plan: Plan, yes: Iterable[str], *, when: str = "", zone: str = "UTC") -> tuple[Question, ...]:
    """The searches for somebody, need by need. `yes` are the codes of facts that are known to be so, `when` is one of WHENS or "".

    Without a place only what can be joined from anywhere is asked for, told on the clock of `zone`.
    """
    needs = needs_of(plan, yes)
    near = Query(near=plan.where, within=float(plan.miles or DEFAULT_WITHIN), per_page=MOST)
    if not plan.where:
        return tuple(_online(replace(near, tz=zone), when) for need in needs if need == ONLINE)
    return tuple(question for need in needs for question in _of_need(need, near, plan, when))


def _of_need(need: str, near: Query, plan: Plan, when: str) -> Iterator[Question]:
    if need == MEETINGS:
        yield from _meetings(near, plan, when)
    elif need == ONLINE:
        yield _online(near, when)
    else:
        timed = replace(near, open_now=when == NOW, day=when if when in (TODAY, TOMORROW) else "")
        yield from _services(need, timed)


def _meetings(near: Query, plan: Plan, when: str) -> Iterator[Question]:
    """The soonest around; in a city, where those are too many to look at, the nearest of today and tomorrow and the programs they like."""
    soonest = replace(near, kinds=("meeting",), sort="time")
    if when:
        yield Question(MEETINGS, "asked", _timed(soonest, when))
        return
    yield Question(MEETINGS, "soonest", soonest)
    for day in (TODAY, TOMORROW):
        yield Question(MEETINGS, day, replace(soonest, day=day, sort=None), if_cut=True)
    if plan.likes:
        yield Question(MEETINGS, "liked", replace(soonest, programs=plan.likes), if_cut=True)


def _online(near: Query, when: str) -> Question:
    query = replace(near, kinds=("meeting",), attendance=("online",), sort="time", per_page=MOST_ONLINE)
    return Question(ONLINE, "online", _timed(query, when))


def _timed(query: Query, when: str) -> Query:
    """Meetings that are about to begin, or those of a day."""
    return replace(query, time=when) if when == NOW else replace(query, day=when)


def _services(need: str, near: Query) -> Iterator[Question]:
    facets: dict[str, tuple[str, ...]]
    if need == PRENATAL:
        facets = {"people": ("pregnant",)}
        yield Question(need, "pregnant", replace(near, kinds=("health", "family"), facets=facets))
        yield Question(need, "words", replace(near, kinds=("health",), text="pregnancy", words=("pregnancy",)))
    elif need == MEDICATION:
        facets = {"medication": BRIDGE}
        yield Question(need, need, replace(near, kinds=("treatment", "health"), facets=facets))
    else:
        afar = need in (RIDES, SUPPORT)
        yield Question(need, need, replace(near, kinds=(KIND_OF[need],)), afar=afar)
    if need == HOUSING:
        facets = {"care": ("recovery-housing",)}
        kinds = ("treatment", "recovery-support")
        yield Question(need, "recovery-housing", replace(near, kinds=kinds, facets=facets))
