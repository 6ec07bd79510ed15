"""Setting up programs of agencies and their levels of care, whose openings are counted (services of openings)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from directory.domain.access import Action, Actor, demand, of_agency
from directory.domain.agencies import Overtaken
from directory.domain.errors import NotFound, Problem
from directory.domain.levels import (
    CareLevel,
    LevelValues,
    Program,
    ProgramValues,
    level_problems,
    named_problems,
)
from directory.domain.people import UnfitFields
from directory.services.links import form_take
from directory.services.waitlist.leaving import openings_leave
from directory.storage import agencies, db, openings, programs, records, stewards
from directory.storage.waitlist import rules


async def program_list(*, by: Actor, agency: int, now: datetime) -> tuple[Program, ...]:
    """The programs of an agency with their levels, by name, closed ones last. Raises Denied."""
    demand(by, Action.SET_UP, of_agency(agency), now=now)
    return tuple(await programs.programs(agency=agency))


async def program_show(*, by: Actor, id: int, now: datetime) -> Program:
    """One program with its levels. Raises NotFound or Denied."""
    demand(by, Action.SET_UP, now=now)
    return await _program(id)


async def listing_options(*, by: Actor, agency: int, now: datetime) -> tuple[tuple[str, str], ...]:
    """Slug and name of the listings as which an agency's program can be shown. Raises NotFound or Denied."""
    demand(by, Action.SET_UP, of_agency(agency), now=now)
    if not await agencies.agency(agency):
        raise NotFound()
    return tuple(await stewards.listing_names(agency))


async def program_make(
    *, by: Actor, agency: int, slug: str, values: ProgramValues, form: str, now: datetime
) -> Program | None:
    """Makes a program of an agency, shown as one of its listings; None where this `form` was taken before.

    Raises UnfitFields, NotFound or Denied.
    """
    demand(by, Action.SET_UP, of_agency(agency), now=now)
    problems = named_problems(values.name)
    if await stewards.agency_of(slug) != agency:
        problems.append(Problem("listing", "choose", slug))
    if problems:
        raise UnfitFields(problems)
    values = replace(values, name=values.name.strip())
    async with db.staging():
        if not await form_take(token=form, now=now):
            return None
        id = await programs.program_add(agency, slug, values, now)
        if id is None:
            raise UnfitFields([Problem("name", "name-taken", values.name)])
        details = {"agency": agency, "listing": slug, **program_fields(values)}
        await records.audit(at=now, by=by.label, action="program-add", subject=f"program {id}", details=details)
    return await _program(id)


async def program_change(
    *, by: Actor, id: int, version: int, values: ProgramValues, is_closed: bool, now: datetime
) -> None:
    """Sets a program that still has this version, closes it, or opens it again while its listing is its agency's.

    Openings of its levels close with it. Raises UnfitFields, also where one of them is held for somebody, or where the block grant is to pay
    for it and a line that it feeds leaves out the federal order (45 CFR 96.131(a)); Overtaken, NotFound or Denied.
    """
    demand(by, Action.SET_UP, now=now)
    before = await _program(id)
    problems = named_problems(values.name)
    if before.closed_at and not is_closed and await stewards.agency_of(before.slug) != before.agency:
        problems.append(Problem("state", "not-its-listing", ""))
    if problems:
        raise UnfitFields(problems)
    values = replace(values, name=values.name.strip())
    columns = {"name": values.name, "is_funded": values.is_funded}
    async with db.transaction():
        if await programs.is_taken("program", "listing_id", id, values.name):
            raise UnfitFields([Problem("name", "name-taken", values.name)])
        closed_at = (before.closed_at or now) if is_closed else None
        if not await agencies.versioned_set("program", id, version, **columns, closed_at=closed_at):
            after = await _program(id)
            raise Overtaken(program_fields(after.values, is_closed=bool(after.closed_at)), after.version)
        if values.is_funded and any(not each.is_federal for each in await rules.rules_fed(id)):
            raise UnfitFields([Problem("funded", "lines-not-federal", "")])
        await openings.touch(await programs.listing_of(id))
        if is_closed:
            await _openings_leave([level.id for level in before.levels], by, now)
        details = program_fields(values, is_closed=is_closed)
        await records.audit(at=now, by=by.label, action="program-change", subject=f"program {id}", details=details)


async def programs_leave(*, by: Actor, closed: Sequence[tuple[int, int]], now: datetime) -> None:
    """Writes down that these programs (with their listings) were closed, because the listing is not their agency's any more.

    Their openings close too; one that is held for somebody once that offer has ended. Needs a transaction of the data, of which this and other audit
    entries are the end.
    """
    for _, listing in closed:
        await openings.touch(listing)
    levels = [level.id for id, _ in closed for level in (await _program(id)).levels]
    await openings_leave(levels=levels, by=by, now=now)
    for id, _ in closed:
        details = {"state": "closed"}
        await records.audit(at=now, by=by.label, action="program-change", subject=f"program {id}", details=details)


def program_fields(values: ProgramValues, *, is_closed: bool = False) -> dict[str, str]:
    """A program by the names of its form."""
    return {"name": values.name, "funded": _yes(values.is_funded), "state": "closed" if is_closed else "open"}


async def _program(id: int) -> Program:
    found = await programs.programs(id=id)
    if not found:
        raise NotFound()
    return found[0]


# --- levels of care --------------------------------------------------------------------------------------------------


async def level_show(*, by: Actor, id: int, now: datetime) -> tuple[Program, CareLevel]:
    """One level of care with its program. Raises NotFound or Denied."""
    demand(by, Action.SET_UP, now=now)
    level = await _level(id)
    return await _program(level.program), level


async def level_make(*, by: Actor, program: int, values: LevelValues, form: str, now: datetime) -> CareLevel | None:
    """Adds a level of care to a program; None where this `form` was taken before. Raises UnfitFields, NotFound or Denied."""
    demand(by, Action.SET_UP, now=now)
    await _program(program)
    values = _fit(values)
    async with db.staging():
        if not await form_take(token=form, now=now):
            return None
        id = await programs.level_add(program, values, now)
        if id is None:
            raise UnfitFields([Problem("name", "name-taken", values.name)])
        details = {"program": program, **level_fields(values)}
        await records.audit(at=now, by=by.label, action="level-add", subject=f"level {id}", details=details)
    return await _level(id)


async def level_change(
    *, by: Actor, id: int, version: int, values: LevelValues, is_closed: bool, now: datetime
) -> None:
    """Sets a level of care that still has this version, or closes it, and its openings with it.

    Raises UnfitFields, also where an opening is held for somebody, Overtaken, NotFound or Denied.
    """
    demand(by, Action.SET_UP, now=now)
    before, values = await _level(id), _fit(values)
    async with db.transaction():
        if await programs.is_taken("program_level", "program_id", id, values.name):
            raise UnfitFields([Problem("name", "name-taken", values.name)])
        columns = {**programs.level_columns(values), "closed_at": (before.closed_at or now) if is_closed else None}
        if not await agencies.versioned_set("program_level", id, version, **columns):
            after = await _level(id)
            raise Overtaken(level_fields(after.values, is_closed=bool(after.closed_at)), after.version)
        await openings.touch(await programs.listing_of(before.program))
        if is_closed:
            await _openings_leave([id], by, now)
        details = level_fields(values, is_closed=is_closed)
        await records.audit(at=now, by=by.label, action="level-change", subject=f"level {id}", details=details)


async def _openings_leave(levels: Sequence[int], by: Actor, now: datetime) -> None:
    if held := await openings_leave(levels=levels, by=by, now=now):
        raise UnfitFields([Problem("state", "held-openings", "", (str(held),))])


def level_fields(values: LevelValues, *, is_closed: bool = False) -> dict[str, str]:
    """A level of care by the names of its form."""
    return {
        "name": values.name,
        "care": values.care,
        "asam": f"{values.edition}:{values.asam}" if values.asam else "",
        "unit": values.unit,
        "licensed": "" if values.licensed is None else str(values.licensed),
        "reminders": _yes(values.reminders),
        "state": "closed" if is_closed else "open",
    }


def _yes(value: bool) -> str:
    return "yes" if value else ""


async def _level(id: int) -> CareLevel:
    found = await programs.level(id)
    if found is None:
        raise NotFound()
    return found


def _fit(values: LevelValues) -> LevelValues:
    """The values without blanks around the name. Raises UnfitFields."""
    if problems := level_problems(values):
        raise UnfitFields(problems)
    return replace(values, name=values.name.strip())
