"""The one page of somebody's wait: the plan, and beside it what stands elsewhere, such as goals, the next check-in and services for the wait."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from directory.domain.access import Actor
from directory.domain.bridge.groups import SEAT, WAITING
from directory.domain.waitlist.facts import YES
from directory.domain.waitlist.states import OPEN_ENTRIES
from directory.services.bridge.goals import Goals, goals_of
from directory.services.bridge.plans import Kept, plan_show
from directory.services.clock import local_day
from directory.services.names import names_for
from directory.services.waitlist.clients import Somebody, zone_of
from directory.services.waitlist.interim import Interim, interim_of
from directory.settings import Settings
from directory.storage.bridge import check_ins, seats
from directory.storage.bridge.seats import Sitting
from directory.storage.waitlist import entries, facts

__all__ = ["CheckIn", "PlanPage", "Sitting", "check_in_next", "plan_page"]

HELD = (SEAT, WAITING)


@dataclass(frozen=True, slots=True)
class CheckIn:
    """When somebody is asked next how they are; `paused_until` is the last local day of a pause that goes on, else None."""

    due_at: datetime
    paused_until: date | None


@dataclass(frozen=True, slots=True)
class PlanPage:
    """All of the page. `zone` is that of the agency, `check_in` None for who has no rhythm yet; `seats` are those in meetings that are to come,
    or that they wait for; `names` are those of who offered services."""

    who: Somebody
    kept: Kept
    zone: str
    goals: Goals
    check_in: CheckIn | None
    seats: tuple[Sitting, ...]
    interim: Interim
    names: Mapping[str, str]


async def plan_page(*, upi: str, by: Actor, now: datetime, settings: Settings, part: str = "plan") -> PlanPage:
    """The page of somebody's plan; that `part` of it was opened stands in the access log. Raises what `plans.plan_allowed` raises."""
    who, kept = await plan_show(upi=upi, by=by, now=now, settings=settings, part=part)
    client, zone = who.row.id, await zone_of(who.row.agency)
    interim = await _interim(client)
    return PlanPage(
        who=who,
        kept=kept,
        zone=zone,
        goals=await goals_of(client=client, settings=settings),
        check_in=await check_in_next(client=client, zone=zone, now=now),
        seats=await _seats(client, now),
        interim=interim,
        names=await names_for(labels={each.by for each in interim.latest.values()}, by=by),
    )


async def check_in_next(*, client: int, zone: str, now: datetime) -> CheckIn | None:
    """When a client is asked next; None for who has no rhythm yet. Whoever calls has found out that it may be told."""
    rhythm = await check_ins.rhythm(client)
    if rhythm is None:
        return None
    until = rhythm.paused_until
    return CheckIn(rhythm.due_at, until if until and until >= await local_day(zone, now) else None)


async def _seats(client: int, now: datetime) -> tuple[Sitting, ...]:
    """What a client has in meetings that are not over, the next first."""
    sittings = reversed(await seats.sittings_of(client))
    return tuple(each for each in sittings if each.seat and each.seat.status in HELD and each.meeting.ends_at > now)


async def _interim(client: int) -> Interim:
    known = {code for code, fact in (await facts.of_client(client)).items() if fact.value == YES}
    open_ones = [each for each in await entries.entries_of(client) if each.status in OPEN_ENTRIES]
    return await interim_of(client, known, [each.requested_at for each in open_ones])
