"""What a search found, in the order of what suits somebody, each with its reasons. The same goes in, the same comes out.

A reason is a code with its value, true of the card itself. What is against somebody has been left out; what a listing does not say puts
it lower, with a word of caution.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf
from zoneinfo import ZoneInfo

from directory.domain.bridge.fitting import DOOR_KINDS, SIGNED, Who, base_of, belongs, is_against, speaks
from directory.domain.bridge.plans import Plan
from directory.domain.bridge.questions import AHEAD, BRIDGE, MEDICATION, OF_FACT, Span
from directory.domain.results import Card
from directory.domain.schedule import GRACE_MINUTES, aware, occurrences, wall_time
from directory.domain.search import DEFAULT_WITHIN, TIMES_OF_DAY

Value = str | float | datetime | None

SOON = timedelta(hours=2)
GRACE = timedelta(minutes=GRACE_MINUTES)
BRIDGED = tuple(fact for fact, needs in OF_FACT.items() if MEDICATION in needs)
"""Facts by which medication may carry somebody through the wait."""
PAYING_KINDS = ("treatment", "health", "housing")
"""Kinds that may cost so much that it has to be known who pays."""
SPECIAL = ("pregnant", "parents", "veterans", "justice", "deaf", "young-adults", "seniors", "women", "men", "youth")
"""People for whom a place has something of its own, in the order in which that is told."""
CAUTIONS = (
    "unknown-hours", "unknown-wheelchair", "unknown-language", "unknown-pay", "other-pay", "for-others",
)  # fmt: skip
"""Reasons to call first."""

WEIGHTS = {
    "distance": 3.0,  # at the door; nothing at the end of the reach
    "liked": 3.0,
    "language": 2.0,
    "suits-time": 1.5,
    "for": 1.5,
    "open": 1.5,
    "always-open": 1.5,
    "soon": 1.0,
    "later": -2.0,
    "wheelchair": 1.0,
    "sign-language": 1.0,
    "childcare": 1.0,
    "takes": 1.0,
    "free": 1.0,
    "openings": 1.0,
    "medication": 0.5,
    "unknown-pay": -0.5,
    "unknown-hours": -1.0,
    "other-pay": -1.0,
    "unknown-wheelchair": -2.0,
    "unknown-language": -2.0,
    "for-others": -2.0,
    "went": -4.0,
}
"""How much each reason counts, in points, once; `soon` and `later` are of when it starts or opens. They order a list for one person's evening and are never shown, stored or compared between people."""


@dataclass(frozen=True, slots=True)
class Because:
    """One reason: a code of WEIGHTS or of where and when, and its value: miles, a moment, a program, a language, a group of people."""

    code: str
    value: Value = None

    @property
    def is_caution(self) -> bool:
        """Whether it is a reason to call first."""
        return self.code in CAUTIONS


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A listing for somebody, with its reasons in the order in which they are told. `at` is when it starts or opens next, as far as that counts."""

    card: Card
    because: tuple[Because, ...]
    points: float
    at: datetime | None = None


def ranked(
    cards: Iterable[Card], plan: Plan, who: Who, went: dict[int, datetime], span: Span, now: datetime
) -> tuple[Suggestion, ...]:
    """What suits somebody, best first; each listing once. `went` is when they went to which listing, by its id.

    A meeting that does not begin within the span is left out, and so is what is known not to be for them.
    """
    known = {card.id: card for card in cards if not is_against(card, plan, who)}
    found = [suggestion(card, plan, who, went, span, now) for card in known.values()]
    return tuple(sorted((each for each in found if each.card.kind != "meeting" or each.at), key=_order))


def first_of(found: Sequence[Suggestion], most: int, now: datetime) -> tuple[Suggestion, ...]:
    """The first of what was ranked, and among them in any case the next one that is on today: tonight cannot be put off."""
    shown, today = tuple(found[:most]), [each for each in found if each.at and each.at >= now and _is_today(each, now)]
    coming = min(today, key=lambda each: each.at or now, default=None)
    return shown if coming is None or coming in shown else (coming, *shown[:-1])


def _is_today(each: Suggestion, now: datetime) -> bool:
    zone = ZoneInfo(each.card.shown_zone or each.card.timezone)
    return each.at is not None and each.at.astimezone(zone).date() == now.astimezone(zone).date()


def _order(each: Suggestion) -> tuple[float, float, float, str, str]:
    """Best first; among equals the nearest, then the soonest, then by name."""
    miles = inf if each.card.distance_miles is None else each.card.distance_miles
    return -each.points, miles, each.at.timestamp() if each.at else inf, each.card.name, each.card.slug


def suggestion(card: Card, plan: Plan, who: Who, went: dict[int, datetime], span: Span, now: datetime) -> Suggestion:
    """One listing with its reasons, whether it suits them or not."""
    at, times = _times(card, plan, span, now)
    because = (*_where(card, plan), *times, *_fit(card, plan, who), *_money(card, who))
    if card.id in went:
        because = (*because, Because("went", went[card.id]))
    points = sum(_points(each, plan) for each in {each.code: each for each in because}.values())
    if at:
        points += WEIGHTS["soon"] if at - now <= SOON else WEIGHTS["later"] if at - now > AHEAD else 0.0
    return Suggestion(card, because, round(points, 6), at)


def _points(each: Because, plan: Plan) -> float:
    if each.code != "distance":
        return WEIGHTS.get(each.code, 0.0)
    assert isinstance(each.value, float)
    return WEIGHTS["distance"] * max(0.0, 1 - each.value / reach_of(plan))


def reach_of(plan: Plan) -> float:
    """How far they can go, in miles; where nobody said, as far as a search usually goes."""
    return float(plan.miles or DEFAULT_WITHIN)


# --- where and when --------------------------------------------------------------------------------------------------


def is_from_afar(card: Card, plan: Plan) -> bool:
    """Whether it is joined or called from where they are: it is nowhere, or too far to go."""
    return card.attendance == "online" or card.distance_miles is None or card.distance_miles > reach_of(plan)


def _where(card: Card, plan: Plan) -> Iterator[Because]:
    if is_from_afar(card, plan):
        yield from [Because("online")] if card.attendance in ("online", "hybrid") else []
        return
    yield Because("distance", card.distance_miles)
    if card.attendance == "hybrid":
        yield Because("hybrid")


def _times(card: Card, plan: Plan, span: Span, now: datetime) -> tuple[datetime | None, tuple[Because, ...]]:
    """When it is worth going, and what is told of that."""
    if card.kind == "meeting":
        start = _start(card, plan, span, now)
        if start is None:
            return None, ()
        part = next((part for part in plan.times if _is_in(part, start)), "")
        return start, (Because("starts", start), *([Because("suits-time", part)] if part else []))
    if card.always_open:
        return now, (Because("always-open"),)
    if card.is_open:
        return now, (Because("open", card.open_until),)
    if card.next_start:
        return card.next_start, (Because("starts" if _is_meeting_next(card) else "opens", card.next_start),)
    return None, (Because("unknown-hours"),)


def _start(card: Card, plan: Plan, span: Span, now: datetime) -> datetime | None:
    """When it next starts within the span, on the clock that is shown: in a part of the day that suits them, else at any time.

    What began a few minutes ago is still worth going to.
    """
    zone = ZoneInfo(card.shown_zone or card.timezone)
    earliest = span.start if span.start > now else now - GRACE
    first = wall_time(earliest, card.timetable.zone).date()
    days = (wall_time(span.end, card.timetable.zone).date() - first).days + 1
    starts = [
        aware(each.start, card.timetable.zone).astimezone(zone) for each in occurrences(card.timetable, first, days)
    ]
    coming = sorted(start for start in starts if earliest <= start < span.end)
    suiting = [start for start in coming if any(_is_in(part, start) for part in plan.times)]
    return next(iter(suiting or coming), None)


def _is_in(part: str, start: datetime) -> bool:
    return TIMES_OF_DAY[part].holds(start.hour * 60 + start.minute)


def _is_meeting_next(card: Card) -> bool:
    """Whether what comes next at a place with hours is a meeting."""
    assert card.next_start
    start = card.next_start.astimezone(ZoneInfo(card.timetable.zone)).replace(tzinfo=None)
    return any(each.start == start and each.sort == "meeting" for each in occurrences(card.timetable, start.date(), 1))


# --- for whom, and at what cost --------------------------------------------------------------------------------------


def _fit(card: Card, plan: Plan, who: Who) -> Iterator[Because]:
    if card.program and card.program in plan.likes:
        yield Because("liked", card.program)
    yield from _people(card, plan, who)
    yield from _languages(card, who)
    yield from _access(card, plan, who)
    if who.yes.intersection(BRIDGED):
        yield from (Because("medication", each) for each in card.medication or () if each in BRIDGE)


def _people(card: Card, plan: Plan, who: Who) -> Iterator[Because]:
    """For which people it is, where they are one of them; else, where that decides at the door, for whom it may be alone."""
    groups = [group for group in SPECIAL if group in (card.people or ())]
    theirs = [group for group in groups if belongs(group, plan, who)]
    yield from (Because("for", group) for group in theirs)
    if not theirs and card.kind in DOOR_KINDS:
        others = groups or list(card.people or ())
        yield from (Because("for-others", group) for group in others if belongs(group, plan, who) is None)


def _languages(card: Card, who: Who) -> Iterator[Because]:
    """Nothing is said to somebody who speaks English of a place where English is spoken: nearly everywhere it is."""
    if not who.languages or "en" in who.languages:
        return
    theirs = set(map(base_of, who.languages))
    shared = [tag for tag in card.languages or () if base_of(tag) in theirs]
    yield from (Because("language", tag) for tag in shared[:1])
    if speaks(card, who) is None:
        yield Because("unknown-language", who.languages[0])


def _access(card: Card, plan: Plan, who: Who) -> Iterator[Because]:
    access = card.access or ()
    if "wheelchair" in who.yes and not is_from_afar(card, plan):
        yield Because("wheelchair" if "wheelchair" in access else "unknown-wheelchair")
    if SIGNED in who.languages and "sign-language" in access:
        yield Because("sign-language")
    if "childcare" in access and (who.has_children or "childcare" in plan.barriers):
        yield Because("childcare")


def _money(card: Card, who: Who) -> Iterator[Because]:
    if card.kind == "meeting":
        return  # they are free everywhere
    if card.openings and card.openings.counts:
        yield Because("openings")
    pays: Sequence[str] = card.pay or ()
    taken = [payer for payer in who.payers if payer in pays]
    if taken:
        yield Because("takes", taken[0])
    elif "free" in pays or "sliding-fee" in pays:
        yield Because("free" if "free" in pays else "sliding-fee")
    elif who.payers and card.kind in PAYING_KINDS:
        yield Because("other-pay" if pays else "unknown-pay", who.payers[0])
