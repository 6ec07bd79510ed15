"""A peer's board: the people of one's agency with what is due for each, and the list of whom to call today.

What is due is the domain's to say (domain/waitlist/board.py). Names are opened for those alone who are shown, and that somebody
looked stands in the access log.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from directory.domain.access import Action, Actor, Role, demand, reach_of
from directory.domain.waitlist.board import TO_CALL, Line, Person, Place, Why, lines_of
from directory.domain.waitlist.states import Offer
from directory.domain.waitlist.windows import is_live
from directory.services.bridge.covers import stood_in_for
from directory.services.names import names_for
from directory.services.sealing import opened
from directory.services.waitlist.board_people import people_of
from directory.services.waitlist.clients import called
from directory.services.waitlist.offers import offer_expire
from directory.settings import Settings
from directory.storage import records
from directory.storage.waitlist import board as storage
from directory.storage.waitlist import pools
from directory.storage.waitlist.board import ClientRow, RouteRow

PAGE = 60
"""People on one page of the board, or on one list of calls."""
MINE, ALL = "mine", "all"


@dataclass(frozen=True, slots=True)
class Filters:
    """What of the board is asked for. `whose` is MINE, ALL, or "" for one's own people where there are any; `pool` one line; `page` from 1."""

    whose: str = ""
    why: Why | None = None
    pool: int | None = None
    page: int = 1


@dataclass(frozen=True, slots=True)
class Card:
    """Somebody on the board: what they want to be called, and why they are on it, the most urgent line first. `stands_in_for` is the peer who is
    away, where the reader stands in for them."""

    upi: str
    called: str
    is_mine: bool
    lines: tuple[Line, ...]
    places: tuple[Place, ...]
    zone: str
    stands_in_for: str = ""


@dataclass(frozen=True, slots=True)
class Board:
    """One page of a board, on which those count as one's own too for whose peer one stands in. `whose` is what is shown; `people` counts all it would show, `due` those of them with something to do now, `counts` people by
    reason. `is_cut`: not all of the agency was looked at. `words` and `callers` are second words and callers that wait for the reader,
    `debriefs` how often they are asked how they are themselves.
    """

    cards: tuple[Card, ...]
    whose: str
    people: int
    due: int
    counts: Mapping[Why, int]
    pools: tuple[tuple[int, str], ...]
    is_cut: bool
    words: int
    callers: int
    debriefs: int = 0


@dataclass(frozen=True, slots=True)
class Shown:
    """Somebody before their name is opened."""

    row: ClientRow
    person: Person
    lines: tuple[Line, ...]
    is_mine: bool

    @property
    def order(self) -> tuple[int, tuple[int, str], int]:
        """One's own people first, then what is most urgent; nothing due comes last."""
        return (not self.is_mine, self.lines[0].order if self.lines else (len(Why), ""), self.row.id)


@dataclass(frozen=True, slots=True)
class Found:
    """Everybody a board is made of, in order, before one reason or one page is picked."""

    everybody: tuple[Shown, ...]
    whose: str
    is_cut: bool


async def board_show(*, filters: Filters, by: Actor, now: datetime, settings: Settings) -> Board:
    """The board of somebody who keeps people's places. Offers whose time is over end here first. Raises Denied."""
    agencies = _agencies(by, now)
    found = await _found(filters, agencies, by, now, settings)
    picked = [each for each in found.everybody if filters.why is None or filters.why in _reasons(each)]
    start = (max(filters.page, 1) - 1) * PAGE
    cards = await _cards(picked[start : start + PAGE], by, settings)
    is_coordinator = Role.COORDINATOR in by.roles
    words, callers, debriefs = await storage.beside(
        agencies, by=by.label, person=by.person, is_coordinator=is_coordinator
    )
    lines = await pools.pools_of(agencies, is_open=True)
    await records.access_log(
        at=now, by=by.label, action="see-board", subject="clients", details={"shown": len(cards), "whose": found.whose}
    )
    return Board(
        cards,
        found.whose,
        len(picked),
        sum(_is_due(each) for each in found.everybody),
        _counts(found.everybody),
        tuple((line.id, line.name) for line in lines),
        found.is_cut,
        words,
        callers,
        debriefs,
    )


async def board_waiting(*, by: Actor, now: datetime) -> int:
    """How many people of one's own (of the agency, for who goes with nobody) something is to be done for now."""
    found = await _gathered(Filters(), _agencies(by, now), by, now)
    return sum(_is_due(each) for each in found.everybody)


def _agencies(by: Actor, now: datetime) -> tuple[int, ...]:
    demand(by, Action.KEEP_CLIENTS, now=now)
    return reach_of(by, Action.KEEP_CLIENTS) or ()


async def _found(filters: Filters, agencies: Sequence[int], by: Actor, now: datetime, settings: Settings) -> Found:
    """Everybody, once offers that are over have ended."""
    found = await _gathered(filters, agencies, by, now)
    over = [
        place.offer.id
        for each in found.everybody
        for place in each.person.places
        if place.offer and place.offer.status is Offer.PENDING and not is_live(place.offer.expires_at, now)
    ]
    if not over:
        return found
    for offer in over:
        await offer_expire(offer=offer, now=now, settings=settings)
    return await _gathered(filters, agencies, by, now)


async def _gathered(filters: Filters, agencies: Sequence[int], by: Actor, now: datetime) -> Found:
    own = frozenset({by.person or 0}) | await stood_in_for(by=by, within=tuple(agencies), now=now)
    peers = None if filters.whose == ALL else own
    rows = await storage.clients(agencies, now, peers=peers, pool=filters.pool)
    whose = ALL if peers is None else MINE
    if not rows and not filters.whose:
        rows, whose = await storage.clients(agencies, now, pool=filters.pool), ALL
    is_cut = sum(max(len(row.entries), 1) for row in rows) >= storage.MOST
    people = await people_of(rows, now)
    shown = [
        Shown(row, person, lines_of(person, now), row.peer in own) for row, person in zip(rows, people, strict=True)
    ]
    return Found(tuple(sorted(shown, key=lambda each: each.order)), whose, is_cut)


def _reasons(shown: Shown) -> set[Why]:
    return {line.why for line in shown.lines}


def _is_due(shown: Shown) -> bool:
    return any(line.is_due for line in shown.lines)


def _counts(everybody: Sequence[Shown]) -> dict[Why, int]:
    counted = [why for each in everybody for why in _reasons(each)]
    return {why: counted.count(why) for why in Why if why in counted}


async def _cards(shown: Sequence[Shown], by: Actor, settings: Settings) -> tuple[Card, ...]:
    sealed = await storage.sealed_of(each.row.id for each in shown)
    away = {f"person {each.row.peer}" for each in shown if each.is_mine and each.row.peer != by.person}
    names = await names_for(labels=away, by=by)
    return tuple(
        Card(
            each.row.upi,
            called(sealed[each.row.id], settings),
            each.is_mine,
            each.lines,
            each.person.places,
            each.person.zone,
            names.get(f"person {each.row.peer}", ""),
        )
        for each in shown
    )


# --- calls -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Telephone:
    """A number with what is safe: `times`, a `note`, whether word may be left, whether others answer it, whether it is for texts alone."""

    number: str
    times: str
    note: str
    may_leave_word: bool
    is_shared: bool
    is_text: bool


@dataclass(frozen=True, slots=True)
class Call:
    """Somebody to be called today. Why is not said: the list is paper, and lies about."""

    upi: str
    called: str
    telephones: tuple[Telephone, ...] = field(default=())


async def calls_show(*, whose: str, by: Actor, now: datetime, settings: Settings) -> tuple[Call, ...]:
    """Whom to call today, the most urgent first, 60 at the most. Who was on the list stands in the access log by number. Raises Denied."""
    found = await _found(Filters(whose=whose), _agencies(by, now), by, now, settings)
    shown = [each for each in found.everybody if _reasons(each) & TO_CALL][:PAGE]
    sealed = await storage.sealed_of(each.row.id for each in shown)
    phones = await storage.telephones(each.row.id for each in shown)
    await records.access_log(
        at=now, by=by.label, action="see-calls", subject="clients", details={"people": [each.row.upi for each in shown]}
    )
    return tuple(
        Call(
            each.row.upi,
            called(sealed[each.row.id], settings),
            tuple(_telephone(row, settings) for row in phones.get(each.row.id, ())),
        )
        for each in shown
    )


def _telephone(row: RouteRow, settings: Settings) -> Telephone:
    known = opened(row.sealed, settings)
    number, times, note = (str(known.get(name) or "") for name in ("to", "times", "note"))
    return Telephone(number, times, note, row.may_leave_word, row.is_shared, row.channel == "text")
