"""Openings as the agency that has them keeps them: telling of new ones, saying that one is still there, beside what was last reported."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from directory.domain.access import SITE, Action, Actor, Allowed, demand, may, reach_of
from directory.domain.errors import NotFound
from directory.domain.openings import Level, Restrictions
from directory.domain.people import UnfitFields
from directory.domain.results import freshness
from directory.domain.waitlist.agency import AgencySlot
from directory.domain.waitlist.states import NoSuchMove, Slot
from directory.domain.waitlist.whom import ASK_AFTER, opening_problems, restrictions_of, whom_of
from directory.services.clock import local_day
from directory.services.links import form_take
from directory.services.waitlist import plumbing
from directory.services.waitlist.slots import slot_open
from directory.storage import db
from directory.storage import openings as reports
from directory.storage.waitlist import agency_offers as storage


@dataclass(frozen=True, slots=True)
class AgencyLevel:
    """A level of one's own agency with its openings. `whom` is what the next one begins with, `was_told`: an earlier one was for the same.
    `is_in_line`: there is a line that takes from it. `today` is the day at the place."""

    level: Level
    slots: tuple[AgencySlot, ...]
    whom: Restrictions
    was_told: bool
    is_in_line: bool
    today: date

    def too_many(self, now: datetime) -> int | None:
        """How many openings the last report knows of, where fewer than stand here; None where they agree, or nothing that counts is known."""
        latest = self.level.latest
        if latest is None or latest.numbers.available is None or freshness(latest.as_of, now) == "old":
            return None
        return latest.numbers.available if len(self.slots) > latest.numbers.available else None


def is_old(slot: AgencySlot, now: datetime) -> bool:
    """Whether an agency is to be asked if an opening is still there."""
    return slot.status is Slot.OPEN and now - slot.said_at >= ASK_AFTER


async def agency_levels(*, by: Actor, now: datetime) -> tuple[AgencyLevel, ...]:
    """The levels of the agencies in which somebody is an editor, with their openings. Raises Denied."""
    demand(by, Action.ANSWER_OFFERS, SITE, now=now)
    own = _own(by)
    levels = await reports.levels(own) if own else []
    in_line = await storage.levels_in_line([each.id for each in levels])
    slots = await storage.slots(own)
    return tuple([await _level(each, slots, each.id in in_line, now) for each in levels])


async def agency_level(*, id: int, by: Actor, now: datetime) -> AgencyLevel:
    """One of these levels. Raises NotFound, also for one that is closed or whose listing is another agency's by now, and Denied."""
    demand(by, Action.ANSWER_OFFERS, SITE, now=now)
    found = await reports.level(id)
    if found is None or found.is_closed or found.agency not in _own(by) or found.keeper != found.agency:
        raise NotFound(level=id)
    in_line = await storage.levels_in_line([id])
    return await _level(found, await storage.slots([found.agency]), id in in_line, now)


async def _level(level: Level, slots: list[AgencySlot], is_in_line: bool, now: datetime) -> AgencyLevel:
    last = await storage.last_restrictions(level.id)
    whom = whom_of(last) if last is not None else level.start.restrictions
    own = tuple(each for each in slots if each.level == level.id)
    return AgencyLevel(level, own, whom, last is not None, is_in_line, await local_day(level.zone, now))


async def agency_slots_waiting(*, by: Actor, now: datetime) -> int:
    """How many openings somebody's agency is to be asked about; 0 for who has none."""
    if not isinstance(may(by, Action.ANSWER_OFFERS, SITE, now=now), Allowed):
        return 0
    return await storage.slots_old(_own(by), now - ASK_AFTER)


async def slot_of_agency(id: int, by: Actor, now: datetime) -> AgencySlot:
    """An opening of one's own agency, in whatever state; any other is not there. Raises NotFound, Denied."""
    demand(by, Action.ANSWER_OFFERS, SITE, now=now)
    found = await storage.slot(id)
    if found is None or found.agency not in _own(by):
        raise NotFound(slot=id)
    return found


def _own(by: Actor) -> tuple[int, ...]:
    return reach_of(by, Action.ANSWER_OFFERS) or ()


async def openings_tell(
    *, level: int, count: int, whom: Restrictions | None, free_on: date | None, form: str, by: Actor, now: datetime
) -> int:
    """Puts so many new openings of a level up, all for the same people, and says how many: 0 for a form that was taken before.

    `whom` None is whoever the last one was for. `free_on` None is now. Raises UnfitFields, NotFound, Denied.
    """
    found = await agency_level(id=level, by=by, now=now)
    whom = whom or found.whom
    if problems := opening_problems(whom, count=count, free_on=free_on, today=found.today):
        raise UnfitFields(problems)
    asked = [(each.rule, each.allowed) for each in restrictions_of(whom)]
    async with db.staging():
        if not await form_take(token=form, now=now):
            return 0
        for _ in range(count):
            await slot_open(level=level, restrictions=asked, free_on=free_on, by=by, now=now)
    return count


async def opening_still(*, slot: int, by: Actor, now: datetime) -> bool:
    """Says that an opening is still there; whether that was news. Raises NoSuchMove for one that is offered or gone, NotFound, Denied."""
    found = await slot_of_agency(slot, by, now)
    if found.status is not Slot.OPEN:
        raise NoSuchMove(found.status, Slot.OPEN)
    async with db.staging():
        is_news = await storage.slot_confirm(slot, now)
        if is_news:
            await plumbing.note_slot(slot, found.agency, "slot-confirmed", by=by.label, now=now)
    return is_news
