"""Groups, workshops and activities of a peer agency: setting them up, and seeing them. Their meetings and their listing follow."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from directory.domain.access import SITE, Action, Actor, demand, reach_of
from directory.domain.agencies import Overtaken
from directory.domain.bridge.groups import (
    CAME,
    MONTHLY,
    ONCE,
    PLACED,
    WAITING,
    GroupValues,
    Where,
    group_fields,
    group_problems,
    week_of,
)
from directory.domain.errors import NotFound, Problem
from directory.domain.people import UnfitFields
from directory.services.bridge.group_access import group_allowed
from directory.services.bridge.group_listings import listing_follow
from directory.services.bridge.meetings import meetings_end, meetings_follow, meetings_plan
from directory.services.clock import local_day
from directory.services.links import form_take
from directory.services.waitlist.plumbing import chain_of, demand_near
from directory.settings import Settings
from directory.storage import agencies as homes
from directory.storage import cards, db, records
from directory.storage.bridge import groups as storage
from directory.storage.bridge import seats as seats_stored
from directory.storage.bridge.groups import GroupNow, MeetingNow
from directory.storage.waitlist import person as person_stored

__all__ = [
    "GroupCard",
    "GroupNow",
    "GroupPage",
    "Home",
    "MeetingNow",
    "group_add",
    "group_allowed",
    "group_change",
    "group_end",
    "group_homes",
    "group_leaders",
    "group_page",
    "group_show",
    "groups_list",
]

SHOWN_BEFORE = 20


@dataclass(frozen=True, slots=True)
class Home:
    """An agency in which somebody keeps groups, with its time zone."""

    id: int
    name: str
    zone: str


@dataclass(frozen=True, slots=True)
class GroupCard:
    """A group in a list with its next meeting; None where there is none to come."""

    group: GroupNow
    meeting: MeetingNow | None


@dataclass(frozen=True, slots=True)
class GroupPage:
    """A group with its meetings to come and those that were, how many wait for a seat, and how many came, by meeting.

    `slug` is that of its listing, "" for none.
    """

    group: GroupNow
    coming: tuple[MeetingNow, ...]
    before: tuple[MeetingNow, ...]
    waiting: dict[int, int]
    came: dict[int, int]
    slug: str = ""


# --- seeing them -----------------------------------------------------------------------------------------------------


async def groups_list(*, by: Actor, now: datetime) -> tuple[GroupCard, ...]:
    """The groups of one's own agencies by name, those that have ended last. Raises Denied."""
    demand(by, Action.KEEP_GROUPS, SITE, now=now)
    found = await storage.groups_of(reach_of(by, Action.KEEP_GROUPS) or ())
    coming = await storage.next_of([each.id for each in found], now)
    return tuple(GroupCard(each, coming.get(each.id)) for each in found)


async def group_show(*, id: int, by: Actor, now: datetime) -> GroupPage:
    """A group for whoever keeps it. Raises NotFound, Denied."""
    group = await group_allowed(id=id, by=by, now=now)
    return await group_page(group=group, now=now)


async def group_page(*, group: GroupNow, now: datetime) -> GroupPage:
    """A group with its meetings. Whoever asks has found out that it may be seen."""
    coming = await storage.meetings_of(group.id, now)
    before = await storage.meetings_before(group.id, now, SHOWN_BEFORE)
    waiting = await seats_stored.counted([each.id for each in coming], WAITING)
    came = await seats_stored.counted([each.id for each in before], CAME)
    is_shown = group.listing is not None and group.values.is_public
    slug = str(await cards.slug_of(group.listing)) if is_shown and group.listing is not None else ""
    return GroupPage(group, tuple(coming), tuple(before), waiting, came, slug)


async def group_homes(*, by: Actor, now: datetime) -> tuple[Home, ...]:
    """The peer agencies in which somebody keeps groups. Raises Denied."""
    demand(by, Action.KEEP_GROUPS, SITE, now=now)
    found = [await homes.agency(id) for id in reach_of(by, Action.KEEP_GROUPS) or ()]
    return tuple(
        Home(each.id, each.values.name, each.values.timezone)
        for each in found
        if each and each.closed_at is None and each.values.kind == "peer"
    )


# --- setting them up -------------------------------------------------------------------------------------------------


async def group_add(
    *, agency: int, values: GroupValues, form: str, by: Actor, now: datetime, settings: Settings
) -> int | None:
    """The id of a new group with its meetings; None for a form that was taken before. Raises NotFound, Denied, UnfitFields."""
    demand_near(by, Action.KEEP_GROUPS, agency, now=now)
    home = await homes.agency(agency)
    if home is None or home.closed_at is not None or home.values.kind != "peer":
        raise NotFound(agency=agency)
    tidy = tidied(values)
    await _fit(agency, tidy, now, zone=home.values.timezone, is_new=True)
    async with db.transaction():
        if not await form_take(token=form, now=now):
            return None
        id = await storage.group_put(agency, tidy, by=by.label, now=now)
        await _settled(id, "group-added", by, now, settings)
    return id


async def group_change(
    *, id: int, version: int, values: GroupValues, by: Actor, now: datetime, settings: Settings
) -> None:
    """Sets what can be set of a group; its meetings to come follow, and who has a seat is told.

    Raises NotFound, Denied, UnfitFields, and Overtaken where somebody else has saved it since `version`.
    """
    before = await group_allowed(id=id, by=by, now=now)
    tidy = tidied(values)
    await _fit(before.agency, tidy, now, zone=before.values.series.timezone, is_new=False)
    if before.ended_at is not None:
        raise NotFound(group=id)
    async with db.transaction():
        if not await storage.group_set(id, version, **storage.columns_of(tidy)):
            latest = await storage.group(id)
            assert latest is not None
            raise Overtaken(group_fields(latest.values), latest.version)
        after = await storage.group(id)
        assert after is not None
        await meetings_follow(before=before, after=after, now=now, settings=settings)
        await _settled(id, "group-changed", by, now, settings)


async def group_end(*, id: int, version: int, by: Actor, now: datetime, settings: Settings) -> bool:
    """Ends a group: it meets no more, and who had a seat is told. Whether nobody had changed it since `version`. Raises NotFound, Denied."""
    group = await group_allowed(id=id, by=by, now=now)
    async with db.transaction():
        if group.ended_at is not None or not await storage.group_set(id, version, ended_at=now):
            return False
        await meetings_end(group=group, now=now, settings=settings)
        await _settled(id, "group-ended", by, now, settings)
    return True


async def _settled(id: int, action: str, by: Actor, now: datetime, settings: Settings) -> None:
    """What every change of a group ends with: meetings planned, the listing put right, and the audit trail, last."""
    group = await storage.group(id)
    assert group is not None
    planned = await meetings_plan(group=group, now=now)
    await listing_follow(group=group, by=by.label, now=now, settings=settings)
    series = group.values.series
    details = {"every": series.every, "sort": group.values.sort, "public": group.values.is_public, "planned": planned}
    chain = chain_of(group.agency)
    await records.audit(at=now, by=by.label, action=action, subject=f"group {id}", details=details, chain=chain)


async def group_leaders(*, agency: int, by: Actor, now: datetime) -> list[tuple[int, str]]:
    """The people of an agency who can lead a group, with their names. Raises NotFound, Denied."""
    demand_near(by, Action.KEEP_GROUPS, agency, now=now)
    return await person_stored.peers_of(agency)


async def _fit(agency: int, values: GroupValues, now: datetime, *, zone: str, is_new: bool) -> None:
    """Raises UnfitFields for what is no group; a new one that meets once has not met yet."""
    problems = group_problems(values, zone=zone)
    series = values.series
    if not problems and is_new and series.every == ONCE and series.starts_on < await local_day(series.timezone, now):
        problems = [Problem("starts_on", "over", series.starts_on.isoformat())]
    if values.leader is not None and values.leader not in dict(await person_stored.peers_of(agency)):
        problems.append(Problem("leader", "choose", str(values.leader)))
    if problems:
        raise UnfitFields(problems)


def tidied(values: GroupValues) -> GroupValues:
    """The values without blanks around them; the week of the month is that of the first day, unless it is the last."""
    where = Where(
        **{name: " ".join(getattr(values.where, name).split()) for name in PLACED},
        visibility=values.where.visibility,
    )
    if len(where.state) == 2:
        where = replace(where, state=where.state.upper())
    series = values.series
    week = (series.week or week_of(series.starts_on)) if series.every == MONTHLY else None
    return replace(
        values,
        name=" ".join(values.name.split()),
        words=values.words.strip(),
        url=values.url.strip(),
        where=where,
        series=replace(series, week=week),
    )
