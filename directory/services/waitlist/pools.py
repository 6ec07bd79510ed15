"""The lines of a peer agency: setting them up, whose openings go to them, and who stands where in one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from directory.domain.access import SITE, Action, Actor, Allowed, demand, may, of_agency, reach_of
from directory.domain.agencies import Overtaken
from directory.domain.errors import NotFound, Problem
from directory.domain.people import UnfitFields
from directory.domain.waitlist.pools import Figures, PoolValues, hours_text, pool_problems
from directory.domain.waitlist.tiers import USUAL, fingerprint, rules_text
from directory.services.links import form_take
from directory.services.waitlist import plumbing
from directory.services.waitlist.clients import called
from directory.settings import Settings
from directory.storage import agencies, db, records
from directory.storage.waitlist import line_pages, pools
from directory.storage.waitlist import rules as rule_rows
from directory.storage.waitlist.line_pages import Placed
from directory.storage.waitlist.pools import LevelOption, Pool

__all__ = [
    "SHOWN",
    "Home",
    "InLine",
    "LevelOption",
    "LineNow",
    "line_change",
    "line_fields",
    "line_found",
    "line_homes",
    "line_levels",
    "line_levels_set",
    "line_make",
    "line_order",
    "line_show",
    "line_to_set",
    "lines_list",
    "may_set_up",
]

SHOWN = 50
"""People on one page of a line."""


@dataclass(frozen=True, slots=True)
class LineNow:
    """A line with its figures; `may_set` is whether the reader sets it up."""

    pool: Pool
    figures: Figures
    may_set: bool


@dataclass(frozen=True, slots=True)
class InLine:
    """Somebody in a line. `upi` and `called` are "" for those of another agency, of whom nothing is told but that they stand there."""

    placed: Placed
    upi: str
    called: str


async def lines_list(*, by: Actor, now: datetime) -> tuple[LineNow, ...]:
    """The lines of one's own agencies by name, closed ones last, each with its figures. Raises Denied."""
    demand(by, Action.KEEP_CLIENTS, SITE, now=now)
    found = await pools.pools_of(reach_of(by, Action.KEEP_CLIENTS) or ())
    counted = await line_pages.figures([each.id for each in found], now)
    return tuple(LineNow(each, counted.get(each.id, Figures()), _may_set(each, by, now)) for each in found)


def _may_set(pool: Pool, by: Actor, now: datetime) -> bool:
    return isinstance(may(by, Action.KEEP_POOLS, of_agency(pool.agency), now=now), Allowed)


@dataclass(frozen=True, slots=True)
class Home:
    """An agency in which somebody sets up lines, with its time zone."""

    id: int
    name: str
    zone: str


def may_set_up(*, by: Actor, now: datetime) -> bool:
    """Whether somebody sets up lines at all."""
    return isinstance(may(by, Action.KEEP_POOLS, SITE, now=now), Allowed)


async def line_homes(*, by: Actor, now: datetime) -> tuple[Home, ...]:
    """The agencies in which somebody can set up lines. Raises Denied."""
    demand(by, Action.KEEP_POOLS, SITE, now=now)
    found = [await agencies.agency(id) for id in reach_of(by, Action.KEEP_POOLS) or ()]
    return tuple(Home(each.id, each.values.name, each.values.timezone) for each in found if each)


async def line_found(*, id: int, by: Actor, now: datetime, action: Action = Action.KEEP_CLIENTS) -> Pool:
    """The line with this id, for whoever may do this with it. NotFound for one of another agency; raises Denied."""
    demand(by, action, SITE, now=now)
    found = await pools.pool(id)
    if found is None:
        raise NotFound(pool=id)
    plumbing.demand_near(by, action, found.agency, now=now)
    return found


async def line_show(*, id: int, by: Actor, now: datetime) -> LineNow:
    """One line with its figures. Raises NotFound, Denied."""
    found = await line_found(id=id, by=by, now=now)
    counted = await line_pages.figures([id], now)
    return LineNow(found, counted.get(id, Figures()), _may_set(found, by, now))


async def line_to_set(*, id: int, by: Actor, now: datetime) -> LineNow:
    """The same for whoever sets it up. Raises NotFound, Denied."""
    return LineNow(await line_found(id=id, by=by, now=now, action=Action.KEEP_POOLS), Figures(), may_set=True)


async def line_order(
    *, id: int, by: Actor, now: datetime, settings: Settings, page: int = 1
) -> tuple[tuple[InLine, ...], bool]:
    """Who stands in a line in their order, one page of them, and whether there are more; that somebody looked is written down.

    Raises NotFound, Denied.
    """
    pool = await line_found(id=id, by=by, now=now)
    rows = await line_pages.order(id, skip=(max(page, 1) - 1) * SHOWN, limit=SHOWN + 1)
    shown = tuple(_in_line(row, pool, settings) for row in rows[:SHOWN])
    details = {"page": page, "shown": len(shown)}
    await records.access_log(at=now, by=by.label, action="see-line", subject=f"pool {id}", details=details)
    return shown, len(rows) > SHOWN


def _in_line(row: Placed, pool: Pool, settings: Settings) -> InLine:
    if row.agency != pool.agency:
        return InLine(row, "", "")
    return InLine(row, row.upi, called(row.sealed, settings))


# --- setting up ------------------------------------------------------------------------------------------------------


async def line_make(*, agency: int, values: PoolValues, form: str, by: Actor, now: datetime) -> int | None:
    """The id of a new line, in which the usual rules are in force; None where this `form` was taken before.

    Raises UnfitFields, Denied.
    """
    plumbing.demand_near(by, Action.KEEP_POOLS, agency, now=now)
    values = _fit(values, await _zone(agency))
    async with db.staging():
        if not await form_take(token=form, now=now):
            return None
        if await pools.is_taken(agency, values.name):
            raise UnfitFields([Problem("name", "name-taken", values.name)])
        id = await pools.pool_put(agency, values, now)
        text = rules_text(USUAL)
        version = await rule_rows.version_add(id, text, fingerprint(text), by=by.label, now=now)
        await rule_rows.version_use(id, version, None, None)
        await _audit(id, agency, "line-add", values, by, now)
    return id


async def line_change(*, id: int, version: int, values: PoolValues, is_closed: bool, by: Actor, now: datetime) -> None:
    """Sets a line that still has this version, closes it where nobody stands in it, or opens it again.

    Raises UnfitFields, Overtaken, NotFound, Denied.
    """
    before = await line_found(id=id, by=by, now=now, action=Action.KEEP_POOLS)
    rules = (await rule_rows.rules_now(id)).rules
    values = _fit(values, before.timezone, rules.contact_days)
    async with db.staging():
        if await pools.is_taken(before.agency, values.name, id):
            raise UnfitFields([Problem("name", "name-taken", values.name)])
        closed_at = (before.closed_at or now) if is_closed else None
        columns = pools.pool_columns(values) | _since_when(before, values, now)
        if not await agencies.versioned_set("pool", id, version, **columns, closed_at=closed_at):
            after = await pools.pool(id)
            assert after is not None
            raise Overtaken(line_fields(after.values, is_closed=bool(after.closed_at)), after.version)
        if (values.is_funded or not is_closed) and await _lacks_order(id):
            raise UnfitFields([Problem("funded", "not-federal", "")])
        if is_closed and await pools.has_people(id):
            raise UnfitFields([Problem("state", "people-wait", "")])
        await _audit(id, before.agency, "line-change", values, by, now, is_closed=is_closed)


async def _lacks_order(id: int) -> bool:
    """Whether the rules of a line leave out the federal order though the block grant pays for it, or for a program that feeds it.

    45 CFR 96.131(a). Needs the transaction that would make it so: rules are published and programs changed at the same time.
    """
    return await pools.grant_hold(id) and not (await rule_rows.rules_now(id)).rules.is_federal


def _since_when(before: Pool, values: PoolValues, now: datetime) -> dict[str, object]:
    """Since when the grant pays for a line no more: what the federal order owed until then stays in the reports."""
    if before.is_funded == values.is_funded:
        return {}
    return {"unfunded_at": None if values.is_funded else now}


async def _zone(agency: int) -> str:
    found = await agencies.agency(agency)
    if found is None:
        raise NotFound(agency=agency)
    return found.values.timezone


def _fit(values: PoolValues, zone: str, most_contact_days: int | None = None) -> PoolValues:
    if problems := pool_problems(values, zone=zone, most_contact_days=most_contact_days):
        raise UnfitFields(problems)
    return replace(values, name=values.name.strip())


async def _audit(
    id: int, agency: int, action: str, values: PoolValues, by: Actor, now: datetime, *, is_closed: bool = False
) -> None:
    details = line_fields(values, is_closed=is_closed)
    chain = plumbing.chain_of(agency)
    await records.audit(at=now, by=by.label, action=action, subject=f"pool {id}", details=details, chain=chain)


def line_fields(values: PoolValues, *, is_closed: bool = False) -> dict[str, str]:
    """A line by the names of its form."""
    return {
        "name": values.name,
        "care": values.care,
        "asam": f"{values.edition}:{values.asam}" if values.asam else "",
        "area": "\n".join(values.area),
        "timezone": values.timezone,
        "funded": _yes(values.is_funded),
        "window": f"{values.minutes / 60:g}",
        **{f"hours-{day}": hours_text(values.working, day) for day in range(7)},
        "exact": _yes(values.exact_numbers),
        "contact_days": str(values.contact_days),
        "hold_days": str(values.hold_days),
        "state": "closed" if is_closed else "open",
    }


def _yes(value: bool) -> str:
    return "yes" if value else ""


# --- whose openings --------------------------------------------------------------------------------------------------


async def line_levels(*, id: int, by: Actor, now: datetime) -> tuple[Pool, tuple[LevelOption, ...]]:
    """A line with the levels of care whose openings can go to it, of every agency. Raises NotFound, Denied."""
    pool = await line_found(id=id, by=by, now=now, action=Action.KEEP_POOLS)
    return pool, tuple(await pools.level_options(id))


async def line_levels_set(*, id: int, levels: Iterable[int], by: Actor, now: datetime) -> None:
    """Has openings of these levels go to a line, and of no others. What was offered before stays.

    Raises UnfitFields where a program comes in that the block grant pays for, and the rules leave out the federal order; NotFound, Denied.
    """
    pool = await line_found(id=id, by=by, now=now, action=Action.KEEP_POOLS)
    wanted = set(levels)
    async with db.staging():
        known = {each.id: each.is_chosen for each in await pools.level_options(id)}
        if not wanted <= set(known):
            raise NotFound(pool=id)
        joined = sorted(level for level in wanted if not known[level])
        left = sorted(level for level, is_chosen in known.items() if is_chosen and level not in wanted)
        for level in joined:
            await pools.level_join(id, level)
        for level in left:
            await pools.level_leave(id, level)
        if joined and await _lacks_order(id):
            raise UnfitFields([Problem("level", "not-federal", "")])
        if joined or left:
            details = {"joined": joined, "left": left}
            chain = plumbing.chain_of(pool.agency)
            await records.audit(
                at=now, by=by.label, action="line-levels", subject=f"pool {id}", details=details, chain=chain
            )
