"""Groups as everybody sees them: those of peer agencies that are public, one of them, and their times for a calendar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from directory.domain.bridge.groups import Other
from directory.domain.errors import NotFound
from directory.services.bridge.group_listings import others_of
from directory.services.bridge.groups import GroupCard, GroupPage, group_page
from directory.storage.bridge import groups as storage
from directory.storage.bridge.groups import GroupNow

PAGE = 25
"""Groups on one page."""
MOST = 500
"""Groups in one file for a calendar."""


@dataclass(frozen=True, slots=True)
class GroupTimes:
    """A group with the meetings to come that are not as its series has them."""

    group: GroupNow
    others: tuple[Other, ...]


async def public_groups(*, now: datetime, page: int = 1, limit: int = PAGE) -> tuple[tuple[GroupCard, ...], bool]:
    """The groups that meet again, by their next meeting; and whether there are more pages."""
    found = await storage.public_groups(now, limit + 1, (max(page, 1) - 1) * limit)
    return tuple(GroupCard(*each) for each in found[:limit]), len(found) > limit


async def public_group(*, id: int, now: datetime) -> GroupPage:
    """One group. Raises NotFound, whether there is none or it is not public."""
    return await group_page(group=await _public(id), now=now)


async def public_times(*, now: datetime) -> tuple[GroupTimes, ...]:
    """The times of all groups that meet again, by their next meeting."""
    return await _times([group for group, _next in await storage.public_groups(now, MOST)], now)


async def public_times_of(*, id: int, now: datetime) -> GroupTimes:
    """The times of one group. Raises NotFound as `public_group` does."""
    (found,) = await _times([await _public(id)], now)
    return found


async def group_of_listing(*, listing: int) -> int | None:
    """The number of the group of which a listing is, where everybody may see it."""
    return await storage.public_of_listing(listing)


async def _public(id: int) -> GroupNow:
    group = await storage.public_group(id)
    if group is None:
        raise NotFound(group=id)
    return group


async def _times(groups: Sequence[GroupNow], now: datetime) -> tuple[GroupTimes, ...]:
    coming = await storage.meetings_by_group([each.id for each in groups], now)
    return tuple(GroupTimes(each, tuple(others_of(each, coming.get(each.id, [])))) for each in groups)
