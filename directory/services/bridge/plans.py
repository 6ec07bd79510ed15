"""Somebody's plan for the wait: who may read it, what stands in it, and how two of them become one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from directory.domain.access import Action, Actor, Allowed, Thing, may
from directory.domain.agencies import Overtaken
from directory.domain.bridge.plan_fields import fields_of
from directory.domain.bridge.plans import (
    BAD_NIGHT,
    PEOPLE,
    Plan,
    from_json,
    merged,
    plan_problems,
    tidied,
    to_json,
)
from directory.domain.errors import FootbridgeError, NotFound, PlaceNotFound, Problem, Settled
from directory.domain.people import UnfitFields
from directory.services.geocoding import area_name
from directory.services.names import names_for
from directory.services.sealing import opened, seal
from directory.services.waitlist.clients import Somebody, client_audit, client_found, client_open, today_of
from directory.settings import Settings
from directory.storage import db, records
from directory.storage.bridge import covers
from directory.storage.bridge import plans as storage
from directory.storage.bridge.plans import PlanRow
from directory.storage.waitlist.clients import ClientNow


class NotTheirPeer(FootbridgeError):
    """A peer of the agency, but not the one who goes with them, nor who stands in for that one today."""

    code = "not-their-peer"
    status = 403


@dataclass(frozen=True, slots=True)
class Kept:
    """A plan as it was saved last. `by` is the name of who saved it; `version` 0 for one that is not made yet, which is empty."""

    plan: Plan
    by: str
    at: datetime | None
    version: int


# --- who may read it -------------------------------------------------------------------------------------------------


async def plan_allowed(*, upi: str, by: Actor, now: datetime, settings: Settings, part: str) -> Somebody:
    """The client with this number, for who may read what they said in words: their own peer, who stands in for that peer today, and a
    coordinator of the agency. That `part` (a code) was opened stands in the access log.

    Raises NotTheirPeer for other peers of the agency; NotFound elsewhere, and for who was merged or cleared; Denied.
    """
    who = await plan_client(upi=upi, by=by, now=now, settings=settings)
    await records.access_log(at=now, by=by.label, action="see", subject=f"client {upi}", details={"part": part})
    return who


async def plan_client(*, upi: str, by: Actor, now: datetime, settings: Settings) -> Somebody:
    """The same for what is sent and not looked at, without a line in the access log."""
    who = await client_found(upi=upi, by=by, now=now, settings=settings)
    if who.row.merged_into is not None or who.row.cleared_at is not None:
        raise NotFound(client=upi)
    if not await plan_is_open(row=who.row, by=by, now=now):
        raise NotTheirPeer(client=upi)
    return who


async def plan_is_open(*, row: ClientNow, by: Actor, now: datetime) -> bool:
    """Whether this actor reads the plan of a client whom their agency keeps. Writes nothing into the access log."""
    if by.person is None:
        return False
    covered = await covers.stands_in(by.person, row.agency, await today_of(row.agency, now))
    near = by.person if row.peer in covered else row.peer
    return isinstance(may(by, Action.KEEP_PLANS, Thing(person=near, agency=row.agency), now=now), Allowed)


# --- reading and saving ----------------------------------------------------------------------------------------------


async def plan_show(
    *, upi: str, by: Actor, now: datetime, settings: Settings, part: str = "plan"
) -> tuple[Somebody, Kept]:
    """Somebody with their plan, for who may read it. Raises what `plan_allowed` raises."""
    who = await plan_allowed(upi=upi, by=by, now=now, settings=settings, part=part)
    return who, await plan_of(client=who.row.id, by=by, settings=settings)


async def plan_of(*, client: int, by: Actor, settings: Settings) -> Kept:
    """The plan of a client. Whoever calls has found out that `by` may read it."""
    row = await storage.plan(client)
    if row is None:
        return Kept(Plan(), "", None, 0)
    names = await names_for(labels={row.by}, by=by)
    return Kept(_opened(row, settings), names.get(row.by, row.by), row.at, row.version)


async def plan_save(*, upi: str, plan: Plan, version: int, by: Actor, now: datetime, settings: Settings) -> None:
    """Saves a plan over the one of this `version` (0: none yet), tidied, its place as the gazetteer has it.

    Raises UnfitFields, Overtaken where somebody has saved in between, and what `plan_allowed` raises.
    """
    row = (await plan_client(upi=upi, by=by, now=now, settings=settings)).row
    plan = await _fit(tidied(plan))
    sealed = seal(to_json(plan), settings)
    async with db.staging():
        await client_open(client=row.id)
        if not await storage.put(row.id, version, sealed, is_by_code=plan.is_by_code, by=by.label, now=now):
            await _overtaken(row.id, plan, settings)
            return
        details = {"version": version + 1, "by_code": plan.is_by_code}
        await client_audit(row, "plan-saved", details, by=by.label, now=now)


async def _fit(plan: Plan) -> Plan:
    """The plan with its place as it is kept. Raises UnfitFields."""
    problems = plan_problems(plan)
    try:
        plan = replace(plan, where=await area_name(text=plan.where)) if plan.where else plan
    except PlaceNotFound:
        problems.append(Problem("where", "not-a-place", ""))
    if problems:
        raise UnfitFields(problems)
    return plan


async def _overtaken(client: int, plan: Plan, settings: Settings) -> None:
    """Raises Overtaken with what stands now, but for the same form once more."""
    row = await storage.plan(client)
    standing = _opened(row, settings) if row else Plan()
    if row is None or standing != plan:
        raise Overtaken(fields_of(standing), row.version if row else 0)


def _opened(row: PlanRow, settings: Settings) -> Plan:
    return from_json(opened(row.sealed, settings))


async def shown_by_code(*, client: int, settings: Settings) -> Plan:
    """What a client chose to read with the code on their card, and nothing else of their plan; empty where they chose nothing.

    What helpers are for is left out: it may tell what is waited for. Whoever calls has been shown the code.
    """
    row = await storage.plan(client)
    if row is None or not row.is_by_code:
        return Plan()
    plan = _opened(row, settings)
    return Plan(
        bad_night=plan.bad_night if BAD_NIGHT in plan.shown else (),
        people=tuple(replace(each, what="") for each in plan.people) if PEOPLE in plan.shown else (),
        shown=plan.shown,
    )


# --- two clients who are one person ----------------------------------------------------------------------------------


async def plans_merge(*, kept: ClientNow, gone: ClientNow, settings: Settings) -> None:
    """Makes one of the plans of two clients: that of the one who stays, with the words of the other beneath. Needs the transaction.

    Raises Settled where somebody saves the plan in the very moment.
    """
    own, other = await storage.plan(kept.id), await storage.plan(gone.id)
    if other is None:
        return
    if own is None:
        await storage.move(gone.id, kept.id)
        return
    plan = merged(_opened(own, settings), _opened(other, settings), await today_of(kept.agency, other.at))
    sealed = seal(to_json(plan), settings)
    if not await storage.put(kept.id, own.version, sealed, is_by_code=plan.is_by_code, by=own.by, now=own.at):
        raise Settled()
    await storage.drop(gone.id)
