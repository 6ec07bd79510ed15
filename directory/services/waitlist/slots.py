"""Openings of an agency: opening one, taking it back, and showing it to those whose lines it goes to, with the line in its order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from directory.domain.access import SITE, Action, Actor, demand, of_agency, reach_of
from directory.domain.errors import NotFound
from directory.domain.waitlist.ranking import Ranked, first, leads, to_ask
from directory.domain.waitlist.slots import OfferSeen, SlotSeen
from directory.domain.waitlist.states import NoSuchMove, Slot
from directory.domain.waitlist.tiers import FIRST_OWN, Rules
from directory.services.clock import local_day
from directory.services.waitlist import plumbing
from directory.services.waitlist.clients import called
from directory.services.waitlist.offers import offers_expire
from directory.services.waitlist.ranking import Line, federal_elsewhere, ordered
from directory.services.waitlist.second_words import OUT_OF_ORDER
from directory.settings import Settings
from directory.storage import db, records
from directory.storage.waitlist import offers as stored
from directory.storage.waitlist import pools, rules, second_words
from directory.storage.waitlist import slots as storage
from directory.storage.waitlist.lines import had_of
from directory.storage.waitlist.offers import SlotNow
from directory.storage.waitlist.slots import Waits

PAGE = 10
"""Openings on a page: for each of them a line is put in its order."""
SHOWN = 50
"""People of a line on a page."""
ENDED_SHOWN = timedelta(days=14)
"""How long an opening stays in the list that was filled or closed, counted from when it was reported."""


async def slot_open(
    *,
    level: int,
    restrictions: Sequence[tuple[str, Sequence[str]]],
    by: Actor,
    now: datetime,
    free_on: date | None = None,
) -> int:
    """The id of a new opening of a program's level. Raises NotFound, Denied."""
    agency = await pools.agency_of_level(level)
    if agency is None:
        raise NotFound(level=level)
    demand(by, Action.ANSWER_OFFERS, of_agency(agency), now=now)
    async with db.staging():
        slot = await stored.slot_add(level=level, restrictions=restrictions, free_on=free_on, by=by.label, now=now)
        await plumbing.note_slot(slot, agency, "slot-opened", by=by.label, now=now)
    return slot


async def slot_close(*, slot: int, reason: str, by: Actor, now: datetime) -> None:
    """Takes an opening back that is offered to nobody. Raises NoSuchMove where it is held: the offer is withdrawn first. NotFound, Denied."""
    found = await stored.slot(slot)
    if found is None:
        raise NotFound(slot=slot)
    demand(by, Action.ANSWER_OFFERS, of_agency(found.agency), now=now)
    async with db.staging():
        if not await stored.slot_move(slot, (Slot.OPEN,), Slot.CLOSED, closed_reason=reason):
            raise NoSuchMove(found.status, Slot.CLOSED)
        await plumbing.note_slot(slot, found.agency, "slot-closed", by=by.label, now=now, details={"reason": reason})


# --- for those who keep the lines ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in a line as the people of their own peer agency see them. `offer` is their live offer, whatever it is for."""

    upi: str
    called: str
    offer: int | None


@dataclass(frozen=True, slots=True)
class NextUp:
    """A line that an opening goes to, and whose turn it is in it; `turn` is None where nobody can be offered it now.

    With `must_ask` the `person` has to be asked first: it cannot be told whether it fits them.
    """

    pool: int
    name: str
    turn: Ranked | None
    person: Person | None
    must_ask: bool = False


@dataclass(frozen=True, slots=True)
class SlotCard:
    """An opening in the list. `lines` are empty where it is not to be offered now, and `offer` is who it is held for by one of ours."""

    slot: SlotSeen
    lines: tuple[NextUp, ...]
    offer: OfferSeen | None


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the order with the person behind it. `is_behind`: it is, or may be, the turn of somebody before them, in whatever line."""

    ranked: Ranked
    person: Person
    is_behind: bool


@dataclass(frozen=True, slots=True)
class SlotPage:
    """An opening with one line in its order: `rows` are those of this page, `lines` all that it can go to, `considered` how many stand in
    the line. `offers` are those made of it to people of these agencies. `asked`: a second person is asked about it, by the entry. `is_elsewhere`: somebody in
    another line, of whatever agency, goes before the next one of this line by law."""

    slot: SlotSeen
    lines: tuple[NextUp, ...]
    chosen: NextUp
    zone: str
    rules: Rules
    today: date
    rows: tuple[Row, ...]
    considered: int
    is_more: bool
    offers: tuple[OfferSeen, ...]
    asked: frozenset[int]
    is_elsewhere: bool


async def slots_list(
    *, by: Actor, now: datetime, settings: Settings, page: int = 1
) -> tuple[tuple[SlotCard, ...], bool]:
    """The openings that the lines of somebody's agency can use, the open ones first, with who is next; and whether there are more.

    Raises Denied.
    """
    own = _own(by, now)
    await offers_expire(now=now, settings=settings)
    found = await storage.slots_for(
        own, ended_since=now - ENDED_SHOWN, limit=PAGE + 1, offset=(max(page, 1) - 1) * PAGE
    )
    known: Known = {}
    cards = [await _card(each, own, now, settings, known) for each in found[:PAGE]]
    await records.access_log(at=now, by=by.label, action="see-openings", subject="slots", details={"count": len(cards)})
    return tuple(cards), len(found) > PAGE


async def slots_waiting(*, by: Actor, now: datetime) -> int:
    """How many openings somebody can offer to people in their lines."""
    return await storage.open_slots(reach_of(by, Action.MAKE_OFFERS) or ())


async def _card(slot: SlotSeen, own: Sequence[int], now: datetime, settings: Settings, known: Known) -> SlotCard:
    if slot.status is Slot.OPEN:
        lines = [_next_up(each, people) for each, people in await _ranked_lines(slot, own, now, settings, known)]
        return SlotCard(slot, tuple(lines), None)
    offers = await storage.offers_of_slot(slot.id, own) if slot.status is not Slot.CLOSED else []
    return SlotCard(slot, (), offers[0] if offers else None)


def _own(by: Actor, now: datetime) -> Sequence[int]:
    demand(by, Action.MAKE_OFFERS, SITE, now=now)
    return reach_of(by, Action.MAKE_OFFERS) or ()


@dataclass(frozen=True, slots=True)
class _Ordered:
    pool: pools.Pool
    line: Line


Known = dict[tuple[object, ...], _Ordered]
"""Lines that were put in their order before for an opening that differs in nothing which goes into it."""


async def _ranked_lines(
    slot: SlotSeen, own: Sequence[int], now: datetime, settings: Settings, known: Known
) -> list[tuple[_Ordered, dict[int, Person]]]:
    """The lines that an opening goes to, each in its order; the one whose next person stands first by the order of all comes first."""
    found = [await _in_order(id, slot, now, known) for id in await storage.pools_for(slot.level, own)]
    turns = [turn.candidate.entry for each in found if (turn := _turn(each))]
    people = await _people(turns, settings)
    return [(each, people) for each in sorted(found, key=_rank)]


def _rank(each: _Ordered) -> tuple[object, ...]:
    turn = _turn(each)
    return (0, *turn.candidate.order) if turn else (1,)


def _turn(each: _Ordered) -> Ranked | None:
    return first(each.line.order) or to_ask(each.line.order)


async def _in_order(pool: int, slot: SlotSeen, now: datetime, known: Known) -> _Ordered:
    had = await had_of(slot.id)
    same = (pool, slot.agency, slot.restrictions, tuple(sorted(had.items())))
    if same not in known:
        found = await pools.pool(pool)
        assert found is not None
        known[same] = _Ordered(found, await ordered(found, _now(slot), now))
    return known[same]


def _now(slot: SlotSeen) -> SlotNow:
    return SlotNow(slot.id, slot.level, slot.agency, slot.status, slot.restrictions)


def _next_up(each: _Ordered, people: dict[int, Person]) -> NextUp:
    turn = _turn(each)
    person = people[turn.candidate.entry] if turn else None
    must_ask = turn is not None and not turn.may_be_offered
    return NextUp(each.pool.id, each.pool.name, None if must_ask else turn, person, must_ask)


async def _people(entries: Sequence[int], settings: Settings) -> dict[int, Person]:
    return {id: person_of(each, settings) for id, each in (await storage.people_of(entries)).items()}


def person_of(each: Waits | OfferSeen, settings: Settings) -> Person:
    """What somebody wants to be called, unsealed. Whoever asks has found out that it may be read."""
    live = each.live if isinstance(each, Waits) else None
    return Person(each.upi, called(each.sealed, settings), live)


async def slot_show(
    *, slot: int, by: Actor, now: datetime, settings: Settings, pool: int | None = None, page: int = 1
) -> SlotPage:
    """An opening with a line in its order: that of `pool`, or else the one whose next person goes first. Raises NotFound, Denied."""
    own = _own(by, now)
    await offers_expire(now=now, settings=settings)
    found = await storage.slot_seen(slot)
    lines = await _ranked_lines(found, own, now, settings, {}) if found else []
    shown = next((each for each in lines if pool in (None, each[0].pool.id)), None)
    if found is None or shown is None:
        raise NotFound(slot=slot)
    start = (max(page, 1) - 1) * SHOWN
    here = shown[0].line.order[start : start + SHOWN]
    people = await _people([each.candidate.entry for each in here], settings)
    there = (
        leads(await federal_elsewhere(shown[0].pool.id, _now(found), FIRST_OWN, now))
        if found.status is Slot.OPEN
        else ()
    )
    chosen, next_one, ahead = _next_up(*shown), _turn(shown[0]), leads(shown[0].line.order)
    zone, considered = shown[0].pool.timezone, len(shown[0].line.order)
    details = {"pool": shown[0].pool.id, "shown": len(here)}
    await records.access_log(at=now, by=by.label, action="see-line", subject=f"slot {slot}", details=details)
    return SlotPage(
        slot=found,
        lines=tuple(_next_up(*each) for each in lines),
        chosen=chosen,
        zone=zone,
        rules=(await rules.rules_now(shown[0].pool.id)).rules,
        today=await local_day(zone, now),
        rows=tuple(
            Row(each, people[each.candidate.entry], _is_behind(each, ahead, there))
            for each in here
            if each.candidate.entry in people
        ),
        considered=considered,
        is_more=considered > start + SHOWN,
        offers=tuple(await storage.offers_of_slot(slot, own)),
        asked=frozenset(await second_words.entries_asked(OUT_OF_ORDER, slot)),
        is_elsewhere=bool(there) and (next_one is None or _is_behind(next_one, (), there)),
    )


def _is_behind(own: Ranked, here: Sequence[Ranked], there: Sequence[Ranked]) -> bool:
    """Whether one of those who stand first in this line, or by law in the others, comes before somebody."""
    before = [each for each in here if each.place < own.place]
    before += [each for each in there if each.candidate.tier < own.candidate.tier]
    return any(each.comes_before(own) for each in before)


async def slot_line(*, slot: int, upi: str, by: Actor, now: datetime) -> tuple[SlotSeen, pools.Pool, Line, int]:
    """The line of one client in its order for an opening, with the client's entry. NotFound where they stand in none that it goes to."""
    own = _own(by, now)
    found, client = await storage.slot_seen(slot), await storage.client_in(upi, own)
    if found is None or client is None:
        raise NotFound(slot=slot)
    for entry, pool in await storage.entry_in(client, await storage.pools_for(found.level, own)):
        each = await _in_order(pool, found, now, {})
        return found, each.pool, each.line, entry
    raise NotFound(slot=slot)
