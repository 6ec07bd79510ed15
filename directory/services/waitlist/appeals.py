"""Appeals: a client does not agree with a decision, a peer writes their words down, and a coordinator who did not decide it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from directory.domain.access import SITE, Action, Actor, Allowed, demand, may, reach_of
from directory.domain.errors import FootbridgeError, NotFound, Problem, Settled
from directory.domain.people import UnfitFields
from directory.domain.waitlist.states import Entry, NoSuchMove
from directory.services.links import form_take
from directory.services.sealing import opened, seal
from directory.services.waitlist.clients import client_audit, client_open
from directory.services.waitlist.entries import InLine, entry_allowed, entry_reinstate
from directory.services.waitlist.messages import update_queue
from directory.services.waitlist.plumbing import demand_near
from directory.settings import Settings
from directory.storage import db, records
from directory.storage.waitlist import appeals as storage
from directory.storage.waitlist import clients
from directory.storage.waitlist import entries as places
from directory.storage.waitlist.appeals import AppealNow

CLOSED, OUT_OF_ORDER, NOT_OFFERED, TIER = "closed", "out-of-order", "not-offered", "tier"
ABOUT = (CLOSED, OUT_OF_ORDER, NOT_OFFERED, TIER)
"""What somebody may appeal against: that their place was closed, that somebody else went first, that an opening was not offered, their group."""
OPEN, UPHELD, OVERTURNED, WITHDRAWN, PUT_RIGHT = "open", "upheld", "overturned", "withdrawn", "put-right"
"""Upheld is the decision; overturned is in the client's favour, and put right once a peer has done what follows from it."""
LONGEST = 2000
PER_PAGE = 25
_EVENTS: Mapping[str, tuple[str, ...]] = {CLOSED: ("closed",), TIER: ("tier-lowered", "tier-raised", "joined")}
"""The step of an entry that was the decision; of tiers the latest of them."""


class OwnDecision(FootbridgeError):
    """Whoever has made a decision does not answer the appeal against it."""

    code = "own-decision"
    status = 409


@dataclass(frozen=True, slots=True)
class Appeal:
    """An appeal with the client's words and the answer. `is_own`: the reader has made the decision, and so does not answer."""

    row: AppealNow
    words: str
    answer: str
    is_own: bool


async def appeal_make(
    *,
    entry: int,
    upi: str,
    about: str,
    words: str,
    form: str,
    by: Actor,
    now: datetime,
    settings: Settings,
    offer: int | None = None,
) -> int | None:
    """The id of a new appeal in the client's own words; None for a form that was taken before, or where one about the same is open.

    Raises UnfitFields, NotFound, Denied.
    """
    found = await entry_allowed(entry=entry, upi=upi, by=by, now=now)
    said = words.strip()
    problems = [] if about in ABOUT else [Problem("about", "choose", about)]
    problems += [] if said else [Problem("words", "missing", "")]
    problems += [Problem("words", "too-long", "", (str(LONGEST),))] if len(said) > LONGEST else []
    if about == CLOSED and found.status is not Entry.CLOSED:
        problems.append(Problem("about", "not-closed", about))
    if problems:
        raise UnfitFields(problems)
    async with db.staging():
        await client_open(client=found.client)
        if not await form_take(token=form, now=now):
            return None
        sealed = seal({"words": said, "answer": ""}, settings)
        id = await storage.appeal_add(entry=entry, about=about, offer=offer, sealed=sealed, by=by.label, now=now)
        if id is None:
            return None
        await _noted(found.client, "appeal-made", {"appeal": id, "about": about, "entry": entry}, by, now)
    return id


# --- reading ---------------------------------------------------------------------------------------------------------


async def appeals_of(*, client: int, by: Actor, settings: Settings) -> tuple[Appeal, ...]:
    """All appeals of a client, the latest first. Whoever calls has found out that the reader may see the client."""
    return tuple([await _appeal(row, by, settings) for row in await storage.appeals_of(client)])


async def appeal_list(
    *, by: Actor, page: int = 1, is_open: bool = True, now: datetime, settings: Settings
) -> tuple[tuple[Appeal, ...], bool]:
    """One page of the appeals that wait for an answer, the oldest first, or of those that have one; and whether more follow. Raises Denied."""
    demand(by, Action.SETTLE_APPEALS, SITE, now=now)
    status = (OPEN,) if is_open else (UPHELD, OVERTURNED, PUT_RIGHT, WITHDRAWN)
    found = await storage.appeals_in(
        reach_of(by, Action.SETTLE_APPEALS),
        status,
        limit=PER_PAGE + 1,
        offset=(max(page, 1) - 1) * PER_PAGE,
        latest_first=not is_open,
    )
    shown = [await _appeal(row, by, settings) for row in found[:PER_PAGE]]
    people = sorted({each.row.upi for each in shown})
    await records.access_log(at=now, by=by.label, action="see-appeals", subject="clients", details={"people": people})
    return tuple(shown), len(found) > PER_PAGE


async def appeals_waiting(*, by: Actor, now: datetime) -> int:
    """How many appeals wait for an answer in the agencies of this person; 0 for who answers none."""
    if not isinstance(may(by, Action.SETTLE_APPEALS, SITE, now=now), Allowed):
        return 0
    return await storage.appeals_open(reach_of(by, Action.SETTLE_APPEALS))


async def _appeal(row: AppealNow, by: Actor, settings: Settings) -> Appeal:
    known = opened(row.sealed, settings)
    is_own = row.status == OPEN and by.label in await _deciders(row)
    return Appeal(row, str(known.get("words", "")), str(known.get("answer", "")), is_own)


async def _deciders(row: AppealNow) -> frozenset[str]:
    """Who made the decision, by their labels in the audit trail: those who did it, asked for it, and agreed to it."""
    found: set[str] = set()
    if row.about in (OUT_OF_ORDER, NOT_OFFERED):
        for pair in await storage.deciders_of_offers(row.entry, row.offer):
            found |= set(pair)
    steps = [await places.last_event(row.entry, what) for what in _EVENTS.get(row.about, ())]
    taken = [step for step in steps if step is not None]
    if taken:
        last = max(taken, key=lambda step: step.id)
        found |= {last.by, str(last.details.get("asked_by", ""))}
    return frozenset(found - {""})


# --- answering -------------------------------------------------------------------------------------------------------


async def appeal_settle(
    *, id: int, overturned: bool, answer: str, by: Actor, now: datetime, settings: Settings
) -> AppealNow:
    """Answers an appeal in words. Overturned: a place that was closed is given back with its old clock; for all else it stays on the client's
    page until a peer has put it right. Gives the appeal as it was.

    Raises UnfitFields, OwnDecision, Settled, NotFound, Denied.
    """
    await _found(id, Action.SETTLE_APPEALS, by, now)
    said = answer.strip()
    if not said or len(said) > LONGEST:
        code = "too-long" if said else "missing"
        raise UnfitFields([Problem("answer", code, "", (str(LONGEST),) if said else ())])
    async with db.staging():
        found = await _found(id, Action.SETTLE_APPEALS, by, now)
        if found.status != OPEN:
            raise Settled(appeal=id)
        if by.label in await _deciders(found):
            raise OwnDecision()
        status = OVERTURNED if overturned else UPHELD
        if overturned and found.about == CLOSED:
            status = await _given_back(found.entry, by, now)
        await _settled(found, status, said, by, now, settings)
        await update_queue(client=found.client, key=f"appeal {id}", now=now, settings=settings)
        await _noted(found.client, f"appeal-{status}", {"appeal": id, "entry": found.entry}, by, now)
    return found


async def _given_back(entry: int, by: Actor, now: datetime) -> str:
    """Gives a place back with its old clock. Who has asked anew meanwhile stands there already, or the line is closed: a peer puts that right."""
    found = await places.entry(entry)
    if found is not None and await places.zone_of_open(found.pool) is None:
        return OVERTURNED
    try:
        await entry_reinstate(entry=entry, silence=None, reason="appeal", by=by, now=now, is_owed=True)
    except (InLine, NoSuchMove):
        return OVERTURNED
    return PUT_RIGHT


async def appeal_withdraw(*, id: int, upi: str, by: Actor, now: datetime, settings: Settings) -> None:
    """The client takes an appeal back. Raises Settled, NotFound, Denied."""
    found = await _of_client(id, upi, by, now)
    async with db.staging():
        await _settled(found, WITHDRAWN, "", by, now, settings)
        await _noted(found.client, "appeal-withdrawn", {"appeal": id, "entry": found.entry}, by, now)


async def appeal_put_right(*, id: int, upi: str, by: Actor, now: datetime) -> None:
    """A peer has done what follows from an appeal that was overturned. Once more does no harm. Raises NotFound, Denied."""
    found = await _of_client(id, upi, by, now)
    async with db.staging():
        if await storage.put_right(id):
            await _noted(found.client, "appeal-put-right", {"appeal": id, "entry": found.entry}, by, now)


async def _of_client(id: int, upi: str, by: Actor, now: datetime) -> AppealNow:
    found = await _found(id, Action.KEEP_CLIENTS, by, now)
    if found.upi != upi:
        raise NotFound(appeal=id)
    return found


async def _found(id: int, action: Action, by: Actor, now: datetime) -> AppealNow:
    found = await storage.appeal(id)
    if found is None:
        raise NotFound(appeal=id)
    demand_near(by, action, found.agency, now=now)
    return found


async def _settled(found: AppealNow, status: str, answer: str, by: Actor, now: datetime, settings: Settings) -> None:
    known = {**opened(found.sealed, settings), "answer": answer}
    if not await storage.appeal_settle(found.id, status, sealed=seal(known, settings), by=by.label, now=now):
        raise Settled(appeal=found.id)


async def _noted(client: int, action: str, details: Mapping[str, object], by: Actor, now: datetime) -> None:
    row = await clients.by_id(client)
    assert row is not None
    await client_audit(row, action, details, by=by.label, now=now)
