"""“Call me”: anybody may ask to be called about a place in line, for themselves or for somebody else; a peer takes it up and calls.

Nobody who asks learns anything about anybody. What they wrote is sealed, and forgotten when it is settled.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from directory.domain.access import SITE, Action, Actor, Allowed, demand, may
from directory.domain.errors import FootbridgeError, NotFound, Problem, Settled
from directory.domain.people import UnfitFields
from directory.domain.sign_in import Pace, prefix_of
from directory.domain.waitlist.names import is_whole_phone
from directory.i18n import LANGUAGES
from directory.services.links import form_take
from directory.services.sealing import opened, seal
from directory.services.tasks import task_clear, task_open
from directory.services.throttle import slow_down
from directory.settings import Settings
from directory.storage import db, records
from directory.storage.waitlist import intake as storage
from directory.storage.waitlist.intake import NOTHING_WANTED, IntakeNow

OF_CALLS = Pace(5, timedelta(minutes=10))
"""From one part of the network: a shelter may send several, a program has to wait."""
MOST_OPEN = 500
"""More than people can call are not kept, so that nobody fills the queue for everybody else."""
FULL = "call-me-full"
"""The task that asks for a look where no more are kept."""
BACK_AFTER = timedelta(days=1)
"""Whoever takes one up settles it within this time, or it waits for everybody again."""
SHOWN = 50
SELF, OTHER = "self", "other"
LONGEST_NAME, LONGEST_PHONE, LONGEST_TIMES = 120, 40, 200


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody writes who wants to be called. `for_whom` is SELF or OTHER; `language` the one to speak."""

    name: str
    phone: str
    times: str
    language: str
    for_whom: str


@dataclass(frozen=True, slots=True)
class Call:
    """A wish as the people see it who call. `is_again`: somebody has tried and reached nobody."""

    id: int
    wish: Wish
    at: datetime
    is_again: bool


@dataclass(frozen=True, slots=True)
class Calls:
    """Those that wait, the oldest first, how many there are in all, and those that one has taken up oneself."""

    waiting: tuple[Call, ...]
    total: int
    own: tuple[Call, ...]


class CallsFull(FootbridgeError):
    """So many wait for a call that no more are kept."""

    code = "calls-full"
    status = 503


async def call_ask(*, wish: Wish, form: str, network: str, now: datetime, settings: Settings) -> None:
    """Asks to be called. The same form a second time is taken in silence: the answer is the same.

    `network` is where the form came from: a keyed hash of its coarse part is kept for a day, to slow down who sends much. Raises
    UnfitFields, TooSoon, and CallsFull where no more are kept, which somebody is asked to look at.
    """
    if problems := wish_problems(wish):
        raise UnfitFields(problems)
    if part := prefix_of(network):
        await slow_down({f"call-me {part}": OF_CALLS}, settings=settings, now=now)
    words = {"name": wish.name.strip(), "phone": wish.phone.strip(), "times": wish.times.strip()}
    sealed = seal({**words, "for_whom": wish.for_whom}, settings)
    try:
        async with db.staging():
            if not await form_take(token=form, now=now):
                return
            if await storage.count_open() >= MOST_OPEN:
                raise CallsFull()  # which takes the form back too: it may be sent again later
            await storage.add(sealed=sealed, language=wish.language, now=now)
    except CallsFull:
        await _tell_full(now)
        raise


async def _tell_full(now: datetime) -> None:
    """Asks for a look, once for as long as it lasts."""
    async with db.staging():
        if await task_open(kind=FULL, key=FULL, words={}, address="/intake", now=now):
            await records.audit(at=now, by="system", action=FULL, subject="intake", details={"open": MOST_OPEN})


def wish_problems(wish: Wish) -> list[Problem]:
    """What keeps somebody from being called, field by field."""
    problems = [] if wish.name.strip() else [Problem("name", "missing", "")]
    if not is_whole_phone(wish.phone):
        problems.append(Problem("phone", "not-a-phone" if wish.phone.strip() else "missing", ""))
    lengths = (
        ("name", wish.name, LONGEST_NAME),
        ("phone", wish.phone, LONGEST_PHONE),
        ("times", wish.times, LONGEST_TIMES),
    )
    problems += [Problem(field, "too-long", "", (str(most),)) for field, text, most in lengths if len(text) > most]
    if wish.for_whom not in (SELF, OTHER):
        problems.append(Problem("for_whom", "choose", ""))
    if wish.language not in LANGUAGES:
        problems.append(Problem("language", "choose", ""))
    return problems


# --- the queue -------------------------------------------------------------------------------------------------------


async def intake_list(*, by: Actor, now: datetime, settings: Settings) -> Calls:
    """Who waits for a call. That somebody looked is in the access log. Raises Denied."""
    demand(by, Action.TAKE_INTAKE, SITE, now=now)
    waiting, own = await storage.waiting(SHOWN), await storage.taken(by.label)
    details: dict[str, object] = {"waiting": len(waiting), "own": len(own)}
    await records.access_log(at=now, by=by.label, action="see", subject="intake", details=details)
    total = await storage.count_waiting()
    return Calls(_calls(waiting, settings), total, _calls(own, settings))


async def intake_waiting(*, by: Actor, now: datetime) -> int:
    """How many wait for a call, and how many one has taken up oneself; 0 for whoever calls nobody."""
    if not isinstance(may(by, Action.TAKE_INTAKE, SITE, now=now), Allowed):
        return 0
    return await storage.count_waiting() + len(await storage.taken(by.label))


async def intake_own(*, id: int, by: Actor, now: datetime, settings: Settings) -> Call:
    """One that this person has taken up, to take them on with it. Raises NotFound for any other, Denied."""
    demand(by, Action.TAKE_INTAKE, SITE, now=now)
    found = await storage.intake(id)
    if found is None or found.status != storage.TAKEN or found.taken_by != by.label:
        raise NotFound(intake=id)
    await records.access_log(at=now, by=by.label, action="see", subject=f"intake {id}", details={})
    return _call(found, settings)


async def intake_take(*, id: int, by: Actor, now: datetime) -> None:
    """Takes one up, so that nobody else calls too. Raises Settled where somebody else was quicker, Denied, NotFound."""
    demand(by, Action.TAKE_INTAKE, SITE, now=now)
    async with db.staging():
        if await storage.take(id, by=by.label, now=now):
            await _note(id, "intake-take", by, now)
            return
    await _refuse_unless(id, lambda found: found.status == storage.TAKEN and found.taken_by == by.label)


async def intake_again(*, id: int, by: Actor, now: datetime) -> None:
    """Nobody was reached: it goes back to the others and waits. Once more does no harm. Raises Settled, Denied, NotFound."""
    demand(by, Action.TAKE_INTAKE, SITE, now=now)
    async with db.staging():
        if await storage.give_back(id, by=by.label):
            await _note(id, "intake-again", by, now)
            return
    await _refuse_unless(id, lambda found: (found.status, found.outcome) == (storage.WAITING, storage.NOT_REACHED))


async def intake_end(*, id: int, by: Actor, now: datetime) -> None:
    """Somebody was reached and wants nothing; what they wrote is forgotten. Once more does no harm. Raises Settled, Denied, NotFound."""
    demand(by, Action.TAKE_INTAKE, SITE, now=now)
    async with db.staging():
        if await storage.settle(id, by=by.label, outcome=NOTHING_WANTED, now=now):
            await _note(id, "intake-end", by, now)
            return
    await _refuse_unless(id, lambda found: found.outcome == NOTHING_WANTED and found.taken_by == by.label)


async def intake_tidy(*, now: datetime) -> int:
    """Puts those back that somebody took up a day ago and never settled, as where they have left; says how many that were."""
    async with db.staging():
        if await storage.count_open() < MOST_OPEN:
            await task_clear(key=FULL, now=now)
        back = await storage.left(now - BACK_AFTER)
        for id in back:
            await records.audit(at=now, by="system", action="intake-back", subject=f"intake {id}", details={})
    return len(back)


async def _refuse_unless(id: int, is_done: Callable[[IntakeNow], bool]) -> None:
    """A second tap by whoever has done it already changes nothing and is no mistake."""
    found = await storage.intake(id)
    if found is None:
        raise NotFound(intake=id)
    if not is_done(found):
        raise Settled(intake=id)


async def _note(id: int, action: str, by: Actor, now: datetime) -> None:
    await records.audit(at=now, by=by.label, action=action, subject=f"intake {id}", details={})


def _calls(rows: list[IntakeNow], settings: Settings) -> tuple[Call, ...]:
    return tuple(_call(row, settings) for row in rows)


def _call(row: IntakeNow, settings: Settings) -> Call:
    known = opened(row.sealed, settings)
    name, phone, times, for_whom = (str(known.get(each) or "") for each in ("name", "phone", "times", "for_whom"))
    wish = Wish(name, phone, times, row.language, for_whom or SELF)
    return Call(row.id, wish, row.at, row.outcome == storage.NOT_REACHED)
