"""Setting up agencies: make one, name it, close it and open it again. Programs and claims have modules of their own."""

from __future__ import annotations

from datetime import datetime

from directory.domain.access import SITE, Action, Actor, Allowed, Denied, Thing, demand, may
from directory.domain.agencies import AgencyValues, Overtaken, SetAgency, agency_problems
from directory.domain.errors import NotFound, Problem
from directory.domain.people import UnfitFields
from directory.services.links import form_take
from directory.services.programs import programs_leave
from directory.settings import Settings
from directory.storage import agencies, claims, db, programs, records

PER_PAGE = 50


async def agency_list(*, by: Actor, page: int = 1, now: datetime) -> tuple[tuple[SetAgency, ...], bool]:
    """A page of agencies with their people and listings counted, by name, closed ones last; and whether more follow. Raises Denied."""
    demand(by, Action.SET_UP, SITE, now=now)
    found = await agencies.agencies(PER_PAGE + 1, (page - 1) * PER_PAGE)
    return tuple(found[:PER_PAGE]), len(found) > PER_PAGE


async def agency_show(*, by: Actor, id: int, now: datetime) -> SetAgency:
    """One agency. Raises NotFound or Denied."""
    demand(by, Action.SET_UP, SITE, now=now)
    return await _agency(id)


async def agency_make(
    *, by: Actor, values: AgencyValues, form: str, settings: Settings, now: datetime
) -> SetAgency | None:
    """Makes an agency; None where this `form` was taken before. Raises UnfitFields or Denied."""
    demand(by, Action.SET_UP, SITE, now=now)
    values = _fit(values, settings.timezone)
    async with db.staging():
        if not await form_take(token=form, now=now):
            return None
        id = await agencies.add(values, now)
        if id is None:
            raise UnfitFields([_taken(values.name)])
        details = {"name": values.name, "kind": values.kind}
        await records.audit(at=now, by=by.label, action="agency-add", subject=f"agency {id}", details=details)
    return await _agency(id)


async def agency_change(*, by: Actor, id: int, version: int, values: AgencyValues, now: datetime) -> None:
    """Sets name, kind and time zone of an agency that still has this version. Raises UnfitFields, Overtaken, NotFound or Denied."""
    demand(by, Action.SET_UP, SITE, now=now)
    before = await _agency(id)
    values = _fit(values, before.values.timezone)
    columns = agency_fields(values)
    async with db.staging():
        if await agencies.is_taken(values.name, but=id):
            raise UnfitFields([_taken(values.name)])
        if not await agencies.versioned_set("agency", id, version, **columns):
            after = await _agency(id)
            raise Overtaken(agency_fields(after.values), after.version)
        await records.audit(at=now, by=by.label, action="agency-change", subject=f"agency {id}", details=columns)


def agency_fields(values: AgencyValues) -> dict[str, str]:
    """The values of an agency by the names of its form, which are those of its columns."""
    return {"name": values.name, "kind": values.kind, "timezone": values.timezone}


def may_close(*, by: Actor, agency: SetAgency, now: datetime) -> bool:
    """Whether somebody may be offered to close this agency: never one's own, since that would end one's own work in the middle of it."""
    is_own = any(grant.agency == agency.id for grant in by.grants)
    return not is_own and isinstance(may(by, Action.SET_UP, now=now), Allowed)


async def agency_close(*, by: Actor, id: int, is_closed: bool, now: datetime) -> None:
    """Closes an agency, so that nobody works for it and no listing is its own, or opens it again, without listings and programs.

    Its roles rest with it and come back with it: so all of them must be the asker's to take or give. Raises NotFound or Denied.
    """
    demand(by, Action.SET_UP, SITE, now=now)
    agency = await _agency(id)
    if not may_close(by=by, agency=agency, now=now):
        raise Denied("not-yours")
    async with db.transaction():
        held = Thing(grants=await agencies.grants_of(id))
        demand(by, Action.END_ROLE if is_closed else Action.GRANT_ROLE, held, now=now)
        if is_closed is bool((await _agency(id)).closed_at):
            return
        await agencies.close(id, now if is_closed else None)
        action, details = "agency-close" if is_closed else "agency-open", {}
        if is_closed:
            details = {"claims": await claims.end_all(id, by=by.label, now=now)}
            await programs_leave(by=by, closed=await programs.close_all(id, now), now=now)
        await records.audit(at=now, by=by.label, action=action, subject=f"agency {id}", details=details)


async def _agency(id: int) -> SetAgency:
    found = await agencies.agency(id)
    if found is None:
        raise NotFound()
    return found


def _fit(values: AgencyValues, zone: str) -> AgencyValues:
    """The values without blanks around the name. Raises UnfitFields."""
    if problems := agency_problems(values, zone=zone):
        raise UnfitFields(problems)
    return AgencyValues(values.name.strip(), values.kind, values.timezone)


def _taken(name: str) -> Problem:
    return Problem("name", "name-taken", name)
