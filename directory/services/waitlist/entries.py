"""Somebody's place in a line: taking it, pausing it, giving it up, and getting it back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from directory.domain.access import Action, Actor, demand, of_agency
from directory.domain.errors import FootbridgeError, NotFound
from directory.domain.waitlist.clocks import HOLD_REVIEW, INJECTING, PREGNANT, federal_tier, keeps_clock
from directory.domain.waitlist.states import CLOSE_REASONS, Entry, NoSuchMove, Offer
from directory.services.waitlist import plumbing
from directory.storage import db
from directory.storage.waitlist import entries as places
from directory.storage.waitlist import lines
from directory.storage.waitlist import offers as stored
from directory.storage.waitlist.entries import EntryNow

HOLDS = ("client-asked", "hospital", "custody", "other-program", "paperwork")
SECOND_LOOK = ("cannot-locate",)
"""Reasons for which a coordinator closes an entry, after its conditions are met, and nobody else."""


class InLine(FootbridgeError):
    """Somebody stands in this line already."""

    code = "in-line-already"
    status = 409


class UnfitReason(FootbridgeError):
    """A reason that there is none of, or that needs something else first."""

    code = "unfit-reason"
    status = 422


async def entry_join(
    *, client: int, pool: int, tie: int, by: Actor, now: datetime, requested_at: datetime | None = None
) -> int:
    """The id of a new place at the end of a line; the clock starts now.

    `requested_at` back-dates the request, which a coordinator alone may do. `tie` was drawn by chance. Raises InLine, NotFound, Denied.
    """
    agency = await places.agency_of_client(client)
    if agency is None or not await places.pool_is_open(pool):
        raise NotFound(client=client)
    action = Action.KEEP_CLIENTS if requested_at is None else Action.BACKDATE
    demand(by, action, of_agency(agency), now=now)
    async with db.staging():
        tier = tier_of(await lines.facts_of(client))
        asked_at = requested_at or now
        entry = await places.entry_add(
            client=client, pool=pool, tier=tier, requested_at=asked_at, tie=tie, by=by.label, now=now
        )
        if entry is None:
            raise InLine()
        found = await _found(entry)
        details: dict[str, object] = {"requested_at": asked_at.isoformat(), "tier": tier}
        await plumbing.note(found, "joined", by=by.label, now=now, after=Entry.WAITING, details=details)
    return entry


def tier_of(facts: Mapping[str, str]) -> int:
    """The federal tier that these facts come to: yes is known, all else is not."""
    return int(federal_tier({code for code in (PREGNANT, INJECTING) if facts.get(code) == "yes"}))


async def entry_hold(*, entry: int, reason: str, review_on: date, by: Actor, today: date, now: datetime) -> None:
    """Pauses a place, which is kept with its clock. It is looked at again by `review_on`, 14 days from `today` at the most.

    Raises UnfitReason, NoSuchMove, NotFound, Denied.
    """
    if reason not in HOLDS or not today <= review_on <= today + HOLD_REVIEW:
        raise UnfitReason(reason=reason)
    found = await _allowed(entry, Action.KEEP_CLIENTS, by, now)
    columns: dict[str, object] = {"hold_reason": reason, "review_on": review_on}
    await _move(found, (Entry.WAITING,), Entry.ON_HOLD, "held", by, now, columns, {"reason": reason})


async def entry_resume(*, entry: int, by: Actor, now: datetime) -> None:
    """Takes a place up again where it was. Raises NoSuchMove, NotFound, Denied."""
    found = await _allowed(entry, Action.KEEP_CLIENTS, by, now)
    columns: dict[str, object] = {"hold_reason": None, "review_on": None}
    await _move(found, (Entry.ON_HOLD,), Entry.WAITING, "resumed", by, now, columns, {})


async def entry_close(*, entry: int, reason: str, by: Actor, now: datetime) -> None:
    """Takes somebody off a line. A live offer ends with it, cancelled where it was accepted and else declined, and its opening is free again.

    `reason` is one of CLOSE_REASONS. Raises UnfitReason, NoSuchMove, NotFound, Denied.
    """
    if reason not in CLOSE_REASONS:
        raise UnfitReason(reason=reason)
    action = Action.CLOSE_UNLOCATED if reason in SECOND_LOOK else Action.KEEP_CLIENTS
    found = await _allowed(entry, action, by, now)
    async with db.staging():
        for offer in await stored.live_offers(entry=entry):
            ended = Offer.CANCELLED if offer.status is Offer.ACCEPTED else Offer.DECLINED
            await plumbing.end_offer(offer, ended, by=by.label, now=now, reason=reason)
        await _close(found, reason, by, now)


async def _close(found: EntryNow, reason: str, by: Actor, now: datetime) -> None:
    columns: dict[str, object] = {"closed_at": now, "close_reason": reason, "hold_reason": None, "review_on": None}
    if not await places.entry_move(found.id, (Entry.WAITING, Entry.ON_HOLD), Entry.CLOSED, **columns):
        raise NoSuchMove(found.status, Entry.CLOSED)
    details: dict[str, object] = {"reason": reason, "attribution": CLOSE_REASONS[reason].value}
    await plumbing.note(found, "closed", by=by.label, now=now, before=found.status, after=Entry.CLOSED, details=details)


async def entry_reinstate(*, entry: int, silence: str | None, reason: str, by: Actor, now: datetime) -> None:
    """Gives a place back that was closed, with its old clock where that is due (45 CFR 96.126(d); compare 24 CFR 982.204(c)(2)), else with
    one that starts now. `silence` is why nobody was reached. Raises InLine, NoSuchMove, NotFound, Denied.
    """
    found = await _allowed(entry, Action.KEEP_CLIENTS, by, now)
    if found.closed_at is None:
        raise NoSuchMove(found.status, Entry.WAITING)
    is_kept = found.close_reason == "in-error" or keeps_clock(closed_at=found.closed_at, now=now, silence=silence)
    columns: dict[str, object] = {"closed_at": None, "close_reason": None}
    if not is_kept:
        columns["requested_at"] = now
    details: dict[str, object] = {"reason": reason, "clock": "kept" if is_kept else "new"}
    if await places.has_open_entry(found.client, found.pool):
        raise InLine()
    await _move(found, (Entry.CLOSED,), Entry.WAITING, "reinstated", by, now, columns, details)


async def _found(entry: int) -> EntryNow:
    found = await places.entry(entry)
    if found is None:
        raise NotFound(entry=entry)
    return found


async def _allowed(entry: int, action: Action, by: Actor, now: datetime) -> EntryNow:
    found = await _found(entry)
    demand(by, action, of_agency(found.agency), now=now)
    return found


async def _move(
    found: EntryNow,
    before: tuple[Entry, ...],
    after: Entry,
    what: str,
    by: Actor,
    now: datetime,
    columns: Mapping[str, object],
    details: Mapping[str, object],
) -> None:
    async with db.staging():
        if not await places.entry_move(found.id, before, after, **columns):
            raise NoSuchMove(found.status, after)
        await plumbing.note(found, what, by=by.label, now=now, before=found.status, after=after, details=details)
