"""Somebody's place in a line: taking it, pausing it, giving it up, getting it back, and dating the request back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from directory.domain.access import Action, Actor
from directory.domain.errors import FootbridgeError, NotFound, Problem
from directory.domain.people import UnfitFields
from directory.domain.waitlist.clocks import REINSTATE_WITHIN, keeps_clock, may_date_back
from directory.domain.waitlist.states import CLOSE_REASONS, Attribution, Entry, NoSuchMove, Offer
from directory.services.waitlist import plumbing
from directory.services.waitlist.clients import client_open
from directory.services.waitlist.estimates import standing_first
from directory.services.waitlist.messages import update_queue
from directory.services.waitlist.plumbing import demand_near
from directory.services.waitlist.second_words import BACK_DATE, word_ask
from directory.services.waitlist.tiers import tier_now
from directory.settings import Settings
from directory.storage import db
from directory.storage.waitlist import entries as places
from directory.storage.waitlist import intake
from directory.storage.waitlist import offers as stored
from directory.storage.waitlist.entries import EntryNow
from directory.storage.waitlist.second_words import Word

__all__ = [
    "HOLDS",
    "NOT_CHOSEN",
    "RETURNS",
    "SILENCES",
    "WHY_BACK",
    "EntryNow",
    "InLine",
    "UnfitReason",
    "clock_is_kept",
    "entry_allowed",
    "entry_backdate",
    "entry_backdate_ask",
    "entry_close",
    "entry_hold",
    "entry_join",
    "entry_reinstate",
    "entry_resume",
    "place_end",
]

HOLDS = ("client-asked", "hospital", "custody", "disability", "other-program", "paperwork")
SILENCES = ("hospital", "custody", "disability", "other")
"""Why nobody was reached, as somebody who comes back tells it."""
RETURNS = ("came-back", "asked-again", "closed-by-mistake")
NOT_CHOSEN = ("cannot-locate", "merged")
"""Reasons that nobody chooses by hand: the one comes after its conditions and a second word, the other with a merge."""
NOT_THEIRS = (Attribution.PROCESS, Attribution.PROGRAM)
"""On whose side a closing lies of which the client has to hear, where they agreed to be told: they may appeal."""
TAKING_ON = timedelta(days=7)
"""For so long after somebody was taken on the lines that they choose belong to that: when they asked to be called is when they asked."""
WHY_BACK = ("asked-elsewhere", "asked-by-phone", "was-not-written-down", "old-list")
"""Why a request is older than it says."""


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
    """The id of a place at the end of a line; the clock starts now, or when somebody who was just taken on had asked to be called.

    Whoever left that line within the last 30 days has the old place again, with the old clock (WAITLIST 3.2). `requested_at` back-dates the
    request, for a coordinator alone and where a second person has agreed already, as to an old list. `tie` was drawn by chance. Raises
    InLine, NotFound, Denied, UnfitReason.
    """
    agency = await places.agency_of_client(client)
    if agency is None:
        raise NotFound(client=client)
    action = Action.KEEP_CLIENTS if requested_at is None else Action.BACKDATE
    demand_near(by, action, agency, now=now)
    if requested_at is not None and requested_at > now:
        raise UnfitReason(reason="to-come")
    async with db.staging():
        await client_open(client=client)
        if (zone := await places.zone_of_open(pool)) is None:
            raise NotFound(pool=pool)
        call = await intake.call_of(client, now - TAKING_ON) if requested_at is None else None
        asked_at = requested_at or (call.at if call else now)
        if (before := await places.left(client, pool, now - REINSTATE_WITHIN, asked_at)) is not None:
            await _given_back(await _found(before), by, now, is_kept=True, reason="asked-again")
            return before
        tier = await tier_now(client=client, pool=pool, zone=zone, now=now)
        entry = await places.entry_add(
            client=client, pool=pool, tier=tier, requested_at=asked_at, tie=tie, by=by.label, now=now
        )
        if entry is None:
            raise InLine()
        found = await _found(entry)
        await standing_first(entry=entry, now=now)
        details: dict[str, object] = {"requested_at": asked_at.isoformat(), "tier": tier}
        details |= {"call": call.id} if call else {}
        await plumbing.note(found, "joined", by=by.label, now=now, after=Entry.WAITING, details=details)
    return entry


# --- pausing ---------------------------------------------------------------------------------------------------------


async def entry_hold(*, entry: int, reason: str, review_on: date, by: Actor, today: date, now: datetime) -> None:
    """Pauses a place, which is kept with its clock. It is looked at again by `review_on`, so many days from `today` at the most as the line says.

    Raises UnfitFields, NoSuchMove, NotFound, Denied.
    """
    async with db.staging():
        found = await _allowed(entry, Action.KEEP_CLIENTS, by, now)
        problems = [] if reason in HOLDS else [Problem("reason", "choose", reason)]
        if not today <= review_on <= today + timedelta(days=found.hold_days):
            problems.append(Problem("review_on", "not-a-review-day", review_on.isoformat(), (str(found.hold_days),)))
        if problems:
            raise UnfitFields(problems)
        columns: dict[str, object] = {"hold_reason": reason, "review_on": review_on}
        await _move(found, (Entry.WAITING,), Entry.ON_HOLD, "held", by, now, columns, {"reason": reason})


async def entry_resume(*, entry: int, by: Actor, now: datetime) -> None:
    """Takes a place up again where it was. Raises NoSuchMove, NotFound, Denied."""
    async with db.staging():
        found = await _allowed(entry, Action.KEEP_CLIENTS, by, now)
        columns: dict[str, object] = {"hold_reason": None, "review_on": None}
        await _move(found, (Entry.ON_HOLD,), Entry.WAITING, "resumed", by, now, columns, {})


# --- leaving ---------------------------------------------------------------------------------------------------------


async def entry_close(*, entry: int, reason: str, by: Actor, now: datetime, settings: Settings) -> None:
    """Takes somebody off a line. A live offer ends with it, cancelled where it was accepted and else declined, and its opening is free again.

    `reason` is one of CLOSE_REASONS, but none of NOT_CHOSEN; that somebody declined an offer is none. Raises UnfitReason, NoSuchMove,
    NotFound, Denied.
    """
    if reason not in CLOSE_REASONS or reason in NOT_CHOSEN:
        raise UnfitReason(reason=reason)
    async with db.staging():
        await place_end(await _allowed(entry, Action.KEEP_CLIENTS, by, now), reason, by=by, now=now, settings=settings)


async def place_end(
    found: EntryNow,
    reason: str,
    *,
    by: Actor,
    now: datetime,
    settings: Settings,
    details: Mapping[str, object] | None = None,
) -> None:
    """The same for whoever has made sure that it may be. Needs a transaction. Raises NoSuchMove."""
    for offer in await stored.live_offers(entry=found.id):
        ended = Offer.CANCELLED if offer.status is Offer.ACCEPTED else Offer.DECLINED
        await plumbing.end_offer(offer, ended, by=by.label, now=now, reason=reason)
    found = await _found(found.id)
    columns: dict[str, object] = {"closed_at": now, "close_reason": reason, "hold_reason": None, "review_on": None}
    told = {"reason": reason, "attribution": CLOSE_REASONS[reason].value, **(details or {})}
    if CLOSE_REASONS[reason] in NOT_THEIRS:
        await update_queue(client=found.client, key=f"entry {found.id} closed", now=now, settings=settings)
    await _move(found, (Entry.WAITING, Entry.ON_HOLD), Entry.CLOSED, "closed", by, now, columns, told)


async def entry_reinstate(
    *, entry: int, silence: str | None, reason: str, by: Actor, now: datetime, is_owed: bool = False
) -> bool:
    """Gives a place back that was closed, with its old clock where that is due (45 CFR 96.126(d); compare 24 CFR 982.204(c)(2)), else with
    one that starts now; whether it was the old one.

    `silence` is why nobody was reached; `is_owed`: it should not have been closed. A tier is never worse than it was with an old clock.
    Raises InLine, NoSuchMove, NotFound, Denied.
    """
    async with db.staging():
        found = await _allowed(entry, Action.KEEP_CLIENTS, by, now)
        if found.closed_at is None:
            raise NoSuchMove(found.status, Entry.WAITING)
        await client_open(client=found.client)
        if await places.zone_of_open(found.pool) is None:
            raise NotFound(pool=found.pool)
        if await places.has_open_entry(found.client, found.pool):
            raise InLine()
        is_kept = is_owed or clock_is_kept(found, silence, now)
        await _given_back(found, by, now, is_kept=is_kept, reason=reason)
    return is_kept


async def _given_back(found: EntryNow, by: Actor, now: datetime, *, is_kept: bool, reason: str) -> None:
    """Has a closed place wait again, with the old clock or one that starts now. Needs a transaction. Raises NoSuchMove."""
    tier = await tier_now(client=found.client, pool=found.pool, zone=found.timezone, now=now)
    columns: dict[str, object] = {"closed_at": None, "close_reason": None}
    columns |= {"tier": min(tier, found.tier)} if is_kept else {"tier": tier, "requested_at": now}
    asked_at = found.requested_at if is_kept else now
    details: dict[str, object] = {"reason": reason, "clock": "kept" if is_kept else "new"}
    details |= {"requested_at": asked_at.astimezone(UTC).isoformat(), "tier": columns["tier"]}
    await _move(found, (Entry.CLOSED,), Entry.WAITING, "reinstated", by, now, columns, details)


def clock_is_kept(found: EntryNow, silence: str | None, now: datetime) -> bool:
    """Whether somebody whose place was closed would get it back with the old request today."""
    if found.closed_at is None or found.close_reason == "in-error":
        return True
    return keeps_clock(closed_at=found.closed_at, now=now, silence=silence)


# --- a request that is older than it says ----------------------------------------------------------------------------


async def entry_backdate_ask(
    *, entry: int, to: datetime, reason: str, note: str, by: Actor, now: datetime, settings: Settings
) -> int:
    """Asks that a request be dated back, which a second person agrees to; the number of that question.

    `to` is never later than now nor than the request, and never over a year ago. Raises UnfitFields, NotFound, Denied.
    """
    async with db.staging():
        found = await _allowed(entry, Action.KEEP_CLIENTS, by, now)
        problems = [] if reason in WHY_BACK else [Problem("reason", "choose", reason)]
        if not may_date_back(requested_at=found.requested_at, to=to, now=now):
            problems.append(Problem("to", "not-a-day-before", to.date().isoformat()))
        if problems:
            raise UnfitFields(problems)
        return await word_ask(
            kind=BACK_DATE,
            agency=found.agency,
            reason=reason,
            by=by,
            now=now,
            client=found.client,
            entry=entry,
            details={"requested_at": to.astimezone(UTC).isoformat()},
            note=note.strip(),
            settings=settings,
        )


async def entry_backdate(*, word: Word, by: Actor, now: datetime, settings: Settings) -> None:
    """Dates a request back as a second person has agreed. Needs the transaction of that word. Raises NoSuchMove, UnfitReason, NotFound, Denied."""
    found = await _allowed(word.entry or 0, Action.BACKDATE, by, now)
    to = datetime.fromisoformat(str(word.details["requested_at"]))
    if not may_date_back(requested_at=found.requested_at, to=to, now=now):
        raise UnfitReason(reason="back-date")
    if not await places.entry_set(found.id, found.version, requested_at=to):
        raise NoSuchMove(found.status, found.status)
    await standing_first(entry=found.id, now=now)
    details: dict[str, object] = {"reason": word.reason, "before": found.requested_at.astimezone(UTC).isoformat()}
    details |= {"requested_at": to.astimezone(UTC).isoformat(), "asked_by": word.by}
    await plumbing.note(found, "back-dated", by=by.label, now=now, details=details)


# --- what they share -------------------------------------------------------------------------------------------------


async def entry_allowed(*, entry: int, upi: str, by: Actor, now: datetime) -> EntryNow:
    """The entry of this client, for whoever keeps their place. Raises NotFound, Denied."""
    found = await _allowed(entry, Action.KEEP_CLIENTS, by, now)
    if found.upi != upi:
        raise NotFound(entry=entry)
    return found


async def _found(entry: int) -> EntryNow:
    found = await places.entry(entry)
    if found is None:
        raise NotFound(entry=entry)
    return found


async def _allowed(entry: int, action: Action, by: Actor, now: datetime) -> EntryNow:
    found = await _found(entry)
    demand_near(by, action, found.agency, now=now)
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
    """Moves an entry that was read in this transaction."""
    if not await places.entry_move(found.id, before, after, **columns):
        raise NoSuchMove(found.status, after)
    if after in (Entry.WAITING, Entry.ON_HOLD):
        await standing_first(entry=found.id, now=now)
    await plumbing.note(found, what, by=by.label, now=now, before=found.status, after=after, details=details)
