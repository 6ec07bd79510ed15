"""Who is next for an opening: everybody in a line in their order, with the reason for each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from directory.domain.access import Action, Actor, demand, of_agency
from directory.domain.errors import NotFound
from directory.domain.waitlist.ranking import Candidate, Ranked, ranked, turns_before
from directory.domain.waitlist.states import Entry, Offer
from directory.domain.waitlist.tiers import FIRST_OWN
from directory.services.clock import local_day
from directory.storage.waitlist import lines, pools
from directory.storage.waitlist import offers as stored
from directory.storage.waitlist.lines import Stands
from directory.storage.waitlist.offers import SlotNow


@dataclass(frozen=True, slots=True)
class Line:
    """The order of a pool for one opening, with the rules that it was made by."""

    pool: int
    rules_sha256: str | None
    order: tuple[Ranked, ...]


async def line_rank(*, pool: int, slot: int, by: Actor, now: datetime) -> Line:
    """Everybody in a line in their order for an opening, with the reason for each. Raises NotFound, Denied."""
    found, opening = await pools.pool(pool), await stored.slot(slot)
    if found is None or opening is None:
        raise NotFound(pool=pool)
    demand(by, Action.MAKE_OFFERS, of_agency(found.agency), now=now)
    return await ordered(found, opening, now)


async def ordered(pool: pools.Pool, slot: SlotNow, now: datetime) -> Line:
    """The order of a line for an opening, as it is at this moment. Who asks has been looked at."""
    today = await local_day(pool.timezone, now)
    candidates = await line_candidates(pool.id, slot, today=today, now=now)
    return Line(pool.id, pool.rules_sha256, ranked(candidates, slot.restrictions))


async def sooner(line: Line, own: Ranked, slot: SlotNow, now: datetime) -> tuple[Ranked, ...]:
    """All whose turn it is, or may be, before somebody's: in their line, and by the federal order in every other line that the opening goes to."""
    there = await federal_elsewhere(line.pool, slot, own.candidate.tier, now)
    return (*turns_before(line.order, own), *(each for each in there if each.comes_before(own)))


async def federal_elsewhere(pool: int, slot: SlotNow, tier: int, now: datetime) -> list[Ranked]:
    """Those of a better federal tier in the other lines, of whatever agency, that an opening goes to, if it can or may go to them.

    45 CFR 96.131(a) orders the people whom a program admits, not those of one line. The best tier comes first.
    """
    found: list[Ranked] = []
    below = min(tier, FIRST_OWN)
    for id in await lines.sooner_lines(slot.level, pool, below) if below > 1 else ():
        other = await pools.pool(id)
        assert other is not None
        today = await local_day(other.timezone, now)
        there = await line_candidates(id, slot, today=today, now=now, below=below)
        found += [each for each in ranked(there, slot.restrictions) if each.may_be_theirs]
    return sorted(found, key=lambda each: each.candidate.order)


async def line_candidates(
    pool: int, slot: SlotNow, *, today: date, now: datetime, below: int | None = None
) -> list[Candidate]:
    """Everybody in a line, or those of the tiers before `below`, as far as its order for this opening goes. Of their facts those alone are
    read that the opening asks for."""
    facts = await lines.facts_in(pool, today, [each.rule for each in slot.restrictions])
    had = await lines.had_of(slot.id)
    found = []
    for each in await lines.line_for(pool, agency=slot.agency, today=today, now=now, below=below):
        before = had.get(each.entry, "")
        known = facts.get(each.client, {})
        barrier = _barrier(each, before)
        found.append(Candidate(each.entry, each.tier, each.requested_at, each.tie, known, barrier, before))
    return found


def _barrier(each: Stands, before: str) -> str:
    if each.status == Entry.ON_HOLD:
        return "on-hold"
    if each.has_offer:
        return "live-offer"
    if before == Offer.REJECTED:  # the agency has turned them down for this opening
        return "agency-refused"
    return "" if each.is_told else "no-consent"
