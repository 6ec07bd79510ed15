"""Who may keep a group: the one way in which its services look one up."""

from __future__ import annotations

from datetime import datetime

from directory.domain.access import SITE, Action, Actor, demand
from directory.domain.errors import NotFound
from directory.services.waitlist.plumbing import demand_near
from directory.storage.bridge import groups as storage
from directory.storage.bridge.groups import GroupNow


async def group_allowed(*, id: int, by: Actor, now: datetime) -> GroupNow:
    """The group for whoever keeps it. Raises NotFound, also for one of another agency, and Denied."""
    group = await storage.group(id)
    if group is None:
        demand(by, Action.KEEP_GROUPS, SITE, now=now)
        raise NotFound(group=id)
    demand_near(by, Action.KEEP_GROUPS, group.agency, now=now)
    return group
